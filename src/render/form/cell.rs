//! What is typed into one box.

use hickory_proto::rr::rdata::{SRV, TLSA};
use hickory_proto::rr::{Name, RData};

use super::style::{Column, Content, EMPTY, Style};
use crate::name::{plain_text, relative_text, text};
use crate::zonefile;

/// A record that is to be typed into boxes.
pub(super) struct Typed<'a> {
    pub(super) style: &'a Style,
    /// The boxes of its table: what one of them holds may depend on whether another is there.
    pub(super) columns: &'a [Column],
    /// The zone, which the form adds to what is typed as a host.
    pub(super) origin: &'a Name,
    pub(super) owner: &'a Name,
    /// In seconds.
    pub(super) ttl: u32,
    pub(super) data: &'a RData,
}

impl Typed<'_> {
    /// The text of a box; none where the record has nothing for it.
    pub(super) fn cell(&self, content: Content) -> String {
        match content {
            Content::Owner if self.style.absolute => text(self.owner),
            Content::Owner => self.relative(&relative_text(self.owner, self.origin)),
            Content::Service(spelling) => spelling.of(&self.labels().0),
            Content::Protocol(spelling) => {
                let (_, protocol, rest) = self.labels();
                let mut out = spelling.of(&protocol);
                if !rest.is_empty() && !self.columns.iter().any(|(_, it)| *it == Content::Name) {
                    out.push('.');
                    out.push_str(&rest);
                }
                out
            }
            Content::Name => self.relative(&self.labels().2),
            Content::Ttl => self.ttl.to_string(),
            Content::Priority => match self.data {
                RData::SRV(srv) => srv.priority.to_string(),
                RData::MX(mx) => mx.preference.to_string(),
                _ => String::new(),
            },
            Content::Weight => self.srv(|srv| srv.weight.to_string()),
            Content::Port => self.srv(|srv| srv.port.to_string()),
            Content::Target => match self.data {
                RData::SRV(srv) => self.name(&srv.target),
                RData::MX(mx) => self.name(&mx.exchange),
                RData::CNAME(canonical) => self.name(&canonical.0),
                _ => String::new(),
            },
            Content::WeightPortTarget => {
                self.srv(|srv| format!("{} {} {}", srv.weight, srv.port, self.name(&srv.target)))
            }
            Content::Whole => match self.data {
                RData::SRV(srv) => {
                    let SRV { priority, weight, port, .. } = srv;
                    format!("{priority} {weight} {port} {}", self.name(&srv.target))
                }
                RData::MX(mx) => format!("{} {}", mx.preference, self.name(&mx.exchange)),
                _ => String::new(),
            },
            Content::Quoted => zonefile::rdata(self.data),
            Content::Text => verbatim(self.data).unwrap_or_else(|| zonefile::rdata(self.data)),
            Content::Bits => zonefile::rdata(self.data),
            Content::Usage => self.tlsa(|tlsa| u8::from(tlsa.cert_usage).to_string()),
            Content::Selector => self.tlsa(|tlsa| u8::from(tlsa.selector).to_string()),
            Content::Matching => self.tlsa(|tlsa| u8::from(tlsa.matching).to_string()),
            Content::Certificate => self
                .tlsa(|tlsa| tlsa.cert_data.iter().map(|octet| format!("{octet:02x}")).collect()),
        }
    }

    /// Service, protocol and the rest of the owner name; the rest is empty for the zone itself.
    fn labels(&self) -> (String, String, String) {
        let relative = relative_text(self.owner, self.origin);
        let mut parts = relative.splitn(3, '.').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        (next(), next(), next())
    }

    /// A host as it is typed; the zone itself has a word of its own.
    fn relative(&self, relative: &str) -> String {
        if matches!(relative, "" | "@") { self.style.apex } else { relative }.to_owned()
    }

    /// A name in the data, with a final dot where the form would complete it otherwise.
    fn name(&self, name: &Name) -> String {
        if self.style.dot { text(name) } else { plain_text(name) }
    }

    /// A part of SRV data.
    fn srv(&self, part: impl Fn(&SRV) -> String) -> String {
        let RData::SRV(srv) = self.data else { return String::new() };
        part(srv)
    }

    /// A part of TLSA data.
    fn tlsa(&self, part: impl Fn(&TLSA) -> String) -> String {
        let RData::TLSA(tlsa) = self.data else { return String::new() };
        part(tlsa)
    }
}

/// A text that can be typed as it is: one string of ASCII that does not look like a quoted one.
fn verbatim(data: &RData) -> Option<String> {
    let RData::TXT(txt) = data else { return None };
    let [string] = txt.txt_data.as_ref() else { return None };
    let text = std::str::from_utf8(string).ok()?;
    let plain = text.bytes().all(|octet| matches!(octet, b' '..=b'~'))
        && text.trim() == text
        && !text.is_empty()
        && !text.starts_with('"')
        && text != EMPTY;
    plain.then(|| text.to_owned())
}
