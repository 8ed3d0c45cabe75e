//! DNS hosts: where customers keep their zones, and what these refuse.
//!
//! What is known is a table, a row a host, and stands there only with a source. Of a host without a
//! row nothing is assumed; of a fact that a row leaves out, neither.
//!
//! ```
//! use mailsrv::dns_host::DnsHost;
//!
//! let host: DnsHost = "cloudflare".parse()?;
//! assert_eq!(host.title(), "Cloudflare");
//! assert_eq!(host.ttls(), Some((60, 86400)));
//! assert!(host.take_ttl(30).is_err());
//! assert!(host.refuses().is_empty());
//! # Ok::<(), mailsrv::dns_host::UnknownDnsHost>(())
//! ```

mod table;

use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::{Name, RecordType};

use crate::rrset::{RrSet, is_denial};
use crate::words::{hint, listed, nearest};

/// A company or program that holds zones and has rules of its own for what goes into them.
///
/// It is named by its word (`cloudflare`), and one value is as cheap as a reference.
#[derive(Clone, Copy)]
pub struct DnsHost(&'static Facts);

/// What is known of a DNS host, and from where.
struct Facts {
    /// What a user types, in lower case; where a host has two doors with rules of their own, each
    /// has a word.
    word: &'static str,
    title: &'static str,
    /// In the order of the reasons: the first that holds is the one told.
    refuses: &'static [Refused],
    /// The lowest and the highest TTL in seconds.
    ttls: Option<(u32, u32)>,
    /// Whether the boxes of its form are known, to who prints what is typed into them.
    has_form: bool,
    /// The domains that its name servers lie in, where customers of no other host have them. The
    /// first label may end in `*`, which stands for any letters.
    name_servers: &'static [&'static str],
    /// What to do about the refusals.
    remedy: Option<&'static str>,
    /// Where each fact stands, with the date it was found to hold.
    sources: &'static [&'static str],
}

/// The highest TTL there is, in seconds (RFC 2181 §8).
const MAX_TTL: u32 = 0x7fff_ffff;

/// What most rows have in common.
const COMMON: Facts = Facts {
    word: "",
    title: "",
    refuses: &[],
    ttls: None,
    has_form: false,
    name_servers: &[],
    remedy: None,
    sources: &[],
};

/// Something that a DNS host does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Records of a type.
    Type(RecordType),
    /// SRV records with the target `.`, which say that a service is not offered (RFC 2782).
    NullTarget,
    /// SRV records with port 0, which is the port of those with the target `.`.
    PortZero,
    /// SRV records with a weight that is no multiple of five, or above fifty.
    OddWeight,
}

/// Says that a text is no DNS host.
///
/// The text is kept up to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is no DNS host known to mailsrv{}", hint(.nearest))]
pub struct UnknownDnsHost {
    /// The text as typed.
    pub typed: String,
    /// The word it resembles most.
    pub nearest: Option<&'static str>,
}

/// Says that a DNS host does not take a TTL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{title} takes TTLs from {lowest} to {highest} seconds, not {ttl}")]
pub struct TtlRefused {
    title: &'static str,
    lowest: u32,
    highest: u32,
    ttl: u32,
}

impl DnsHost {
    /// Every DNS host of which something is known, in the order of their words.
    pub const ALL: &'static [Self] = &table::ALL;

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// Its name, as it writes it itself.
    pub const fn title(self) -> &'static str {
        self.0.title
    }

    /// Where the facts stand, each with the date it was found to hold.
    ///
    /// For whoever doubts a fact: a page or a file, and when it said so.
    pub const fn sources(self) -> &'static [&'static str] {
        self.0.sources
    }

    /// What it refuses, in a few words each.
    pub fn refuses(self) -> Vec<String> {
        self.0.refuses.iter().map(|one| one.short()).collect()
    }

    /// The lowest and the highest TTL that it takes, in seconds, where they are known.
    ///
    /// [`Self::take_ttl`] refuses others; where nothing is known, any is taken.
    pub const fn ttls(self) -> Option<(u32, u32)> {
        self.0.ttls
    }

    /// Whether the boxes of its form are known.
    pub const fn has_form(self) -> bool {
        self.0.has_form
    }

    /// The domains that its name servers lie in, where they are known.
    ///
    /// The first label may end in `*`: `awsdns-*.com`.
    pub const fn name_servers(self) -> &'static [&'static str] {
        self.0.name_servers
    }

    /// The DNS host whose name servers these are, all of them.
    ///
    /// Of a zone that two hosts serve, neither is told: what is typed at one may not reach the
    /// other.
    ///
    /// ```
    /// use hickory_proto::rr::Name;
    /// use mailsrv::dns_host::DnsHost;
    ///
    /// let names = ["ns-1.awsdns-00.co.uk.", "ns-2.awsdns-53.com."].map(Name::from_ascii);
    /// let names: Vec<Name> = names.into_iter().collect::<Result<_, _>>()?;
    /// let host = DnsHost::of_name_servers(&names);
    /// assert_eq!(host.map(DnsHost::text), Some("route53"));
    /// assert_eq!(DnsHost::of_name_servers(&[]), None);
    /// # Ok::<(), hickory_proto::ProtoError>(())
    /// ```
    pub fn of_name_servers(names: &[Name]) -> Option<Self> {
        let first = names.first()?;
        let serves = |host: &Self, name: &Name| {
            host.name_servers().iter().any(|domain| lies_below(name, domain))
        };
        let host = Self::ALL.iter().copied().find(|host| serves(host, first))?;
        names.iter().all(|name| serves(&host, name)).then_some(host)
    }

    /// Its name and what is known of it, in a few words.
    pub fn headline(self) -> String {
        let mut facts = Vec::new();
        if !self.0.refuses.is_empty() {
            facts.push(format!("refuses {}", listed(&self.refuses())));
        }
        match self.0.ttls {
            None => {}
            Some((lowest, MAX_TTL)) => facts.push(format!("TTLs from {lowest} on")),
            Some((lowest, highest)) => facts.push(format!("TTLs from {lowest} to {highest}")),
        }
        if self.has_form() {
            facts.push("its form is known".to_owned());
        }
        if facts.is_empty() {
            // Else there would be nothing to keep a row for.
            facts.push("takes the target \".\" by now".to_owned());
        }
        format!("{}; {}", self.0.title, facts.join("; "))
    }

    /// Whether it takes records with a TTL in seconds.
    ///
    /// # Errors
    ///
    /// It is known to take only others.
    pub fn take_ttl(self, ttl: u32) -> Result<(), TtlRefused> {
        match self.0.ttls {
            Some((lowest, highest)) if !(lowest..=highest).contains(&ttl) => {
                Err(TtlRefused { title: self.0.title, lowest, highest, ttl })
            }
            _ => Ok(()),
        }
    }

    /// Why it does not take an RRset, in words that go after the owner name and the type.
    ///
    /// Of several reasons the first of the table is told. What the refusal means for mail clients
    /// is [`Purpose::consequence`](crate::plan::Purpose::consequence).
    pub fn refusal(self, set: &RrSet) -> Option<String> {
        let refused = self.0.refuses.iter().find(|one| one.is_in(set))?;
        let title = self.0.title;
        Some(match refused {
            Refused::Type(_) => format!("has a type that {title} does not take"),
            Refused::NullTarget => format!("has the target \".\", which {title} refuses"),
            Refused::PortZero => format!("has port 0, which {title} refuses"),
            Refused::OddWeight => {
                format!("has a weight other than 0, 5, 10 and so on to 50, which {title} refuses")
            }
        })
    }

    /// What to do about what it refuses, where there is something.
    pub const fn remedy(self) -> Option<&'static str> {
        self.0.remedy
    }
}

/// Whether a name lies below a domain whose first label may end in `*`.
fn lies_below(name: &Name, domain: &str) -> bool {
    let mut labels = name.iter().rev();
    let is_like = |wanted: &str, label: &[u8]| match wanted.strip_suffix('*') {
        Some(begin) => {
            label.len() > begin.len() && label[..begin.len()].eq_ignore_ascii_case(begin.as_bytes())
        }
        None => label.eq_ignore_ascii_case(wanted.as_bytes()),
    };
    let lies = domain.rsplit('.').all(|wanted| labels.next().is_some_and(|it| is_like(wanted, it)));
    lies && labels.next().is_some()
}

impl Refused {
    /// Whether an RRset holds such a record: one is enough, as an RRset is published whole.
    fn is_in(self, set: &RrSet) -> bool {
        match self {
            Self::Type(rtype) => set.record_type() == rtype,
            Self::NullTarget => set.rdatas().iter().any(is_denial),
            Self::PortZero => set.srvs().any(|srv| srv.port == 0),
            Self::OddWeight => set.srvs().any(|srv| srv.weight % 5 != 0 || srv.weight > 50),
        }
    }

    /// For a list of what a host refuses.
    fn short(self) -> String {
        match self {
            Self::Type(rtype) => rtype.to_string(),
            Self::NullTarget => "the target \".\"".to_owned(),
            Self::PortZero => "port 0".to_owned(),
            Self::OddWeight => "weights like 1".to_owned(),
        }
    }
}

impl FromStr for DnsHost {
    type Err = UnknownDnsHost;

    /// Reads its word or its name, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownDnsHost> {
        let is_named = |host: &Self| {
            [host.text(), host.title()].iter().any(|name| name.eq_ignore_ascii_case(text))
        };
        Self::ALL.iter().copied().find(is_named).ok_or_else(|| {
            let words = Self::ALL.iter().map(|host| host.text());
            let nearest = nearest(&text.to_ascii_lowercase(), words, 0.75);
            UnknownDnsHost { typed: text.chars().take(80).collect(), nearest }
        })
    }
}

impl fmt::Debug for DnsHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for DnsHost {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for DnsHost {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_read_back() {
        let words: Vec<_> = DnsHost::ALL.iter().map(|host| host.text()).collect();
        assert!(words.is_sorted_by(|a, b| a < b), "{words:?}");
        for host in DnsHost::ALL {
            assert_eq!(host.text().to_uppercase().parse(), Ok(*host));
            assert_eq!(host.title().parse(), Ok(*host));
        }
    }

    #[test]
    fn every_row_has_a_source_with_its_year_and_a_title_of_its_own() {
        let mut titles: Vec<_> = DnsHost::ALL.iter().map(|host| host.title()).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), DnsHost::ALL.len());
        for host in DnsHost::ALL {
            assert!(!host.sources().is_empty(), "{host:?}");
            for source in host.sources() {
                let (_, date) = source.rsplit_once(", ").unwrap();
                assert!(date.contains("20"), "{host:?}: no date in {source}");
            }
        }
    }

    #[test]
    fn a_host_is_recognised_by_all_of_its_name_servers() {
        #[track_caller]
        fn check(names: &[&str], word: Option<&str>) {
            let names: Vec<Name> = names.iter().map(|it| Name::from_ascii(it).unwrap()).collect();
            assert_eq!(DnsHost::of_name_servers(&names).map(DnsHost::text), word, "{names:?}");
        }
        check(&["dns1.registrar-servers.com.", "DNS2.Registrar-Servers.com."], Some("namecheap"));
        check(&["ns-2047.awsdns-63.co.uk.", "ns-1.awsdns-00.net."], Some("route53"));
        check(&["ns1045.ui-dns.biz.", "ns1045.ui-dns.de."], Some("ionos"));
        check(&["ns1.linode.com.", "dns1.registrar-servers.com."], None);
        check(&["ns1.linode.com.", "ns1.example."], None);
        check(&["linode.com."], None);
        check(&["ns1.notlinode.com."], None);
        check(&["ns-1.awsdns-.com."], None);
        check(&["."], None);
        check(&[], None);
    }

    #[test]
    fn a_domain_of_name_servers_belongs_to_one_host() {
        let all: Vec<_> = DnsHost::ALL.iter().flat_map(|host| host.name_servers()).collect();
        for (at, domain) in all.iter().enumerate() {
            assert_eq!(domain.to_ascii_lowercase(), **domain);
            let below = |other: &&str| domain.ends_with(&format!(".{other}")) || **domain == *other;
            assert!(
                !all.iter().enumerate().any(|(it, other)| it != at && below(other)),
                "{domain}"
            );
        }
    }

    #[test]
    fn a_misspelt_word_gets_a_hint() {
        let hint = "namecheep".parse::<DnsHost>().unwrap_err().to_string();
        assert_eq!(hint, "`namecheep` is no DNS host known to mailsrv; did you mean `namecheap`?");
        let none = "zzz".parse::<DnsHost>().unwrap_err().to_string();
        assert!(!none.contains("did you mean"), "{none}");
    }

    #[test]
    fn a_ttl_out_of_bounds_is_refused() {
        let cloudflare: DnsHost = "cloudflare".parse().unwrap();
        assert_eq!(cloudflare.take_ttl(60), Ok(()));
        assert_eq!(cloudflare.take_ttl(86400), Ok(()));
        assert_eq!(
            cloudflare.take_ttl(30).unwrap_err().to_string(),
            "Cloudflare takes TTLs from 60 to 86400 seconds, not 30"
        );
        assert_eq!("alidns".parse::<DnsHost>().unwrap().take_ttl(0), Ok(()));
    }
}
