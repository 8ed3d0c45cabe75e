//! Record plans out, one format per file.
//!
//! A format is one file with a pure `write` and a `Spec` that names it, and one row in
//! [`Format::ALL`]. What it would not say as it is meant is left out ([`Sheet::fitted`]); that all
//! else reads back as it was meant is for the tests to show.
//!
//! A library user prints one plan with a [`Sheet`], and many domains under one profile with a
//! [`Press`], which lays the text out once. `sheet` and `press` are the two to read first; `zone`
//! is the format that shows most of what a format may need. `layout` and `template` cut a text
//! where stand-ins stand; `fields`, `markup`, `quoted`, `shell`, `spaced` and `txt` are what
//! several formats share.
//!
//! ```
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::render::{Format, Press, Sheet};
//!
//! let hosting = Hosting::documented();
//! let plan = mailsrv::plan::plan(&"example.com".parse()?, &hosting, &Columns::default())?;
//!
//! let format: Format = "tinydns".parse()?;
//! let mut out = Vec::new();
//! Sheet::new(&plan, None)?.write(format, &mut out)?;
//! assert!(String::from_utf8(out)?.starts_with("# Mail client settings for example.com"));
//!
//! let mut press = Press::new(&hosting, Format::JSON, None);
//! let mut lines = String::new();
//! for domain in ["example.com", "example.org"] {
//!     press.print(&domain.parse()?, &Columns::default(), &mut lines)?;
//! }
//! assert_eq!(lines.lines().count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod azure;
mod cloudflare;
mod csv;
mod dnscontrol;
mod dnsmasq;
mod domain_connect;
mod external_dns;
mod fields;
mod form;
mod gcloud;
mod handout;
mod json;
mod knotc;
mod layout;
mod markup;
mod nsupdate;
mod octodns;
mod pdnsutil;
mod powerdns;
mod press;
mod quoted;
mod route53;
#[cfg(test)]
mod samples;
mod sheet;
mod shell;
mod spaced;
mod template;
mod terraform;
mod tinydns;
mod txt;
mod unbound;
mod windows;
mod yaml;
mod zone;

pub use self::form::{Boxes, form_destination, form_notes};
pub use self::press::{Press, PressError};
pub use self::sheet::{LeftOut, OutsideApex, Remedy, Sheet};
pub use self::template::Template;

use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::RecordType;

use crate::dns_host::DnsHost;
use crate::plan::Purpose;
use crate::rrset::RrSet;
use crate::words::{hint, nearest};

/// An output format of `generate`.
///
/// More may come; [`Format::ALL`] has them all, and each parses from its word.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, what it can hold, and what writes it.
struct Spec {
    /// What a user types to choose it.
    word: &'static str,
    /// What else chooses it: names of the program that takes it, endings of its files.
    aliases: &'static [&'static str],
    /// Beside which others it is listed.
    kin: Kin,
    /// For the help text, without a full stop.
    headline: &'static str,
    /// The ending of a file in this format, without the dot.
    extension: &'static str,
    /// How many mail domains one file holds.
    scope: Scope,
    /// What stands once at the head of a file.
    opening: &'static str,
    /// What stands between the records of two domains.
    separator: &'static str,
    /// The record types that the format has no place for.
    lacks: &'static [RecordType],
    /// Whether it can say that a service is not offered, with the target `.`.
    denials: bool,
    /// Whether it names no zone: owner names are relative to the mail domain, wherever its zone
    /// begins.
    is_zoneless: bool,
    /// The word of the DNS host that it is for, where that takes only some TTLs.
    dns_host: Option<&'static str>,
    /// What it can say of a remedy.
    mending: Mending,
    /// Why an RRset cannot be held, beside its type; in words that go after the owner name and the
    /// type.
    unfit: fn(&Sheet<'_>, Purpose, &RrSet) -> Option<String>,
    /// What is to be done to the text before it is used, one sentence each.
    notes: fn(&Sheet<'_>) -> Vec<String>,
    /// Appends the records of a sheet, without the opening.
    write: fn(&Sheet<'_>, &mut String) -> fmt::Result,
}

/// What most formats have in common.
const COMMON: Spec = Spec {
    word: "",
    aliases: &[],
    kin: Kin::People,
    headline: "",
    extension: "txt",
    scope: Scope::Stream,
    opening: "",
    separator: "",
    lacks: &[],
    denials: true,
    is_zoneless: false,
    dns_host: None,
    mending: Mending::COMMON,
    unfit: |_, _, _| None,
    notes: |_| Vec::new(),
    write: |_, _| Ok(()),
};

/// What a format can say of a remedy: of records to publish beside others, and to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mending {
    /// What stands at the head of a file in place of the opening, where that would not be true.
    opening: Option<&'static str>,
    /// What begins a comment that ends with the line and may stand behind the records.
    comment: Option<&'static str>,
    /// Whether an RRset is put in the place of the one that stands, so that what stays is to be
    /// named, and what is not named goes.
    whole: bool,
    /// Whether it can say that something goes without anything in its place.
    deletes: bool,
}

impl Mending {
    const COMMON: Self = Self { opening: None, comment: None, whole: false, deletes: false };

    /// Of a format that has comments, and no word for what goes.
    const fn with_comment(sign: &'static str) -> Self {
        Self { comment: Some(sign), ..Self::COMMON }
    }

    /// What begins a comment, where the format has them.
    pub const fn comment(self) -> Option<&'static str> {
        self.comment
    }

    /// Whether RRsets are written whole.
    pub const fn is_whole(self) -> bool {
        self.whole
    }

    /// Whether it can delete.
    pub const fn deletes(self) -> bool {
        self.deletes
    }
}

/// Who takes the output of a format; formats are listed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kin {
    /// Whoever pastes or types it.
    People,
    /// Programs of one's own.
    Data,
    /// A DNS server.
    Server,
    /// The interface of a DNS host.
    Host,
    /// A tool that keeps zones at several DNS hosts.
    Tool,
    /// Terraform and `OpenTofu`.
    Terraform,
}

impl Kin {
    /// Every kin, in the order of the list.
    pub const ALL: [Self; 6] =
        [Self::People, Self::Data, Self::Server, Self::Host, Self::Tool, Self::Terraform];

    /// What heads its formats.
    pub const fn title(self) -> &'static str {
        match self {
            Self::People => "to paste",
            Self::Data => "data",
            Self::Server => "DNS servers",
            Self::Host => "DNS hosts",
            Self::Tool => "zone tools",
            Self::Terraform => "Terraform",
        }
    }
}

/// How many mail domains one file of a format holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Any number, one after the other.
    Stream,
    /// Any number, as long as each is in a zone of its own: the tool takes a zone once in a file.
    ZoneOnce,
    /// One; the tool takes a file per zone.
    OneEach,
}

impl Format {
    /// A snippet in master-file syntax (RFC 1035 §5).
    pub const ZONE: Self = Self(&zone::SPEC);
    /// One JSON object per line and domain.
    pub const JSON: Self = Self(&json::SPEC);
    /// A table to type from, box by box, into the form of a DNS host.
    const FORM: Self = Self(&form::SPEC);
    /// One page for a customer, in Markdown.
    const HANDOUT: Self = Self(&handout::MARKDOWN);
    /// One page for a customer, in HTML.
    const HANDOUT_HTML: Self = Self(&handout::HTML);
    /// A script for `nsupdate` (RFC 2136).
    const NSUPDATE: Self = Self(&nsupdate::SPEC);
    /// A zone file for `az network dns zone import` (Azure DNS).
    const AZURE: Self = Self(&azure::SPEC);
    /// Lines for the configuration of dnsmasq.
    const DNSMASQ: Self = Self(&dnsmasq::SPEC);
    /// A shell script of `knotc` commands for a running Knot DNS.
    const KNOTC: Self = Self(&knotc::SPEC);
    /// A shell script of `pdnsutil` commands for the database of PowerDNS.
    const PDNSUTIL: Self = Self(&pdnsutil::SPEC);
    /// The body of a PATCH request for one zone to the HTTP API of PowerDNS.
    const POWERDNS: Self = Self(&powerdns::SPEC);
    /// Lines for the data file of tinydns (djbdns).
    const TINYDNS: Self = Self(&tinydns::SPEC);
    /// A file that the configuration of Unbound includes.
    const UNBOUND: Self = Self(&unbound::SPEC);
    /// A PowerShell script for the DNS server of Windows.
    const WINDOWS: Self = Self(&windows::SPEC);
    /// The body of a batch request to the API of Cloudflare.
    const CLOUDFLARE: Self = Self(&cloudflare::SPEC);
    /// One CSV row per record (RFC 4180).
    const CSV: Self = Self(&csv::SPEC);
    /// A `dnsconfig.js` for `DNSControl`.
    const DNSCONTROL: Self = Self(&dnscontrol::SPEC);
    /// `DNSEndpoint` objects for `ExternalDNS` in Kubernetes.
    const EXTERNAL_DNS: Self = Self(&external_dns::SPEC);
    /// The records file of Google Cloud DNS.
    const GCLOUD: Self = Self(&gcloud::SPEC);
    /// The YAML of one zone for `octoDNS`.
    const OCTODNS: Self = Self(&octodns::SPEC);
    /// A change batch for Amazon Route 53.
    const ROUTE53: Self = Self(&route53::SPEC);
    /// One YAML list of records.
    const YAML: Self = Self(&yaml::SPEC);
    /// A template for DNS hosts that speak Domain Connect.
    const DOMAIN_CONNECT: Self = Self(&domain_connect::SPEC);
    /// Terraform resources for Amazon Route 53.
    const TERRAFORM_AWS: Self = Self(&terraform::AWS);
    /// Terraform resources for Azure DNS.
    const TERRAFORM_AZURE: Self = Self(&terraform::AZURE);
    /// Terraform resources for Cloudflare.
    const TERRAFORM_CLOUDFLARE: Self = Self(&terraform::CLOUDFLARE);
    /// Terraform resources for any server with dynamic updates (RFC 2136).
    const TERRAFORM_DNS: Self = Self(&terraform::DNS);
    /// Terraform resources for Google Cloud DNS.
    const TERRAFORM_GOOGLE: Self = Self(&terraform::GOOGLE);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self::ZONE,
        Self::JSON,
        Self::YAML,
        Self::CSV,
        Self::FORM,
        Self::HANDOUT,
        Self::HANDOUT_HTML,
        Self::NSUPDATE,
        Self::KNOTC,
        Self::PDNSUTIL,
        Self::POWERDNS,
        Self::TINYDNS,
        Self::DNSMASQ,
        Self::UNBOUND,
        Self::WINDOWS,
        Self::AZURE,
        Self::CLOUDFLARE,
        Self::GCLOUD,
        Self::ROUTE53,
        Self::OCTODNS,
        Self::DNSCONTROL,
        Self::EXTERNAL_DNS,
        Self::DOMAIN_CONNECT,
        Self::TERRAFORM_AWS,
        Self::TERRAFORM_AZURE,
        Self::TERRAFORM_CLOUDFLARE,
        Self::TERRAFORM_DNS,
        Self::TERRAFORM_GOOGLE,
    ];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        self.0.word
    }

    /// What else selects it.
    pub const fn aliases(self) -> &'static [&'static str] {
        self.0.aliases
    }

    /// Who takes it.
    pub const fn kin(self) -> Kin {
        self.0.kin
    }

    /// What it is for, in a few words.
    pub const fn headline(self) -> &'static str {
        self.0.headline
    }

    /// The ending of a file in this format, without the dot.
    pub const fn extension(self) -> &'static str {
        self.0.extension
    }

    /// Whether it prints a template for every customer; its sheets are best made
    /// [templates](Sheet::into_template).
    ///
    /// Such a file says `%fqdn%` where another has the mail domain, and is handed in once.
    pub const fn is_template(self) -> bool {
        self.0.is_zoneless
    }

    /// The DNS host that it is for, where that takes only some TTLs.
    pub fn dns_host(self) -> Option<DnsHost> {
        let word = self.0.dns_host?;
        DnsHost::ALL.iter().copied().find(|host| host.text() == word)
    }

    /// How many mail domains one file holds.
    pub const fn scope(self) -> Scope {
        self.0.scope
    }

    /// What stands once at the head of a file.
    ///
    /// A file is the opening, and the records of each domain with the separator between them;
    /// neither `Sheet` nor `Press` writes these two.
    pub const fn opening(self) -> &'static str {
        self.0.opening
    }

    /// What it can say of a remedy.
    pub const fn mending(self) -> Mending {
        self.0.mending
    }

    /// What stands once at the head of a file of remedies.
    pub fn remedy_opening(self) -> &'static str {
        self.0.mending.opening.unwrap_or(self.0.opening)
    }

    /// What stands between the records of two domains.
    pub const fn separator(self) -> &'static str {
        self.0.separator
    }
}

/// Says that a word is no output format of `generate`.
///
/// The text is kept up to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is no format{}", hint(.nearest))]
pub struct UnknownFormat {
    /// The text as typed.
    pub typed: String,
    /// The word it resembles most.
    pub nearest: Option<&'static str>,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Reads its word or another name of it, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let is_named = |format: &Self| {
            std::iter::once(&format.text())
                .chain(format.aliases())
                .any(|word| word.eq_ignore_ascii_case(text))
        };
        Self::ALL.iter().copied().find(is_named).ok_or_else(|| {
            let words = Self::ALL.iter().map(|format| format.text());
            let nearest = nearest(&text.to_ascii_lowercase(), words, 0.75);
            UnknownFormat { typed: text.chars().take(80).collect(), nearest }
        })
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_a_misspelt_one_gets_a_hint() {
        for format in Format::ALL {
            assert_eq!(format.text().parse(), Ok(*format));
        }
        for (typed, word) in [("bind", "zone"), ("PS1", "windows"), ("ZONE", "zone")] {
            assert_eq!(typed.parse::<Format>().map(Format::text), Ok(word));
        }
        let hint = "octo-dns".parse::<Format>().unwrap_err().to_string();
        assert_eq!(hint, "`octo-dns` is no format; did you mean `octodns`?");
    }

    #[test]
    fn no_two_formats_share_a_name_and_none_is_without_kin() {
        let all = || Format::ALL.iter().flat_map(|it| it.aliases().iter().chain([&it.0.word]));
        for (at, word) in all().enumerate() {
            assert_eq!(*word, word.to_ascii_lowercase());
            assert!(!all().take(at).any(|other| other == word), "{word}");
        }
        for format in Format::ALL {
            assert!(Kin::ALL.contains(&format.kin()), "{format:?}");
        }
    }

    #[test]
    fn the_dns_host_of_a_format_is_known() {
        for format in Format::ALL {
            assert_eq!(format.dns_host().map(DnsHost::text), format.0.dns_host, "{format:?}");
        }
    }
}
