//! Record plans out, one format per file.
//!
//! A format is one file with a pure `write`, the `read` that takes its text back, and a `Spec` that
//! names both; and one row in [`Format::ALL`]. Nothing is handed on that did not read back as the
//! records it was written of.

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
mod json;
mod knotc;
mod layout;
mod nsupdate;
mod octodns;
mod pdnsutil;
mod powerdns;
mod press;
mod quoted;
mod read;
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

pub use self::press::{Press, PressError};
pub use self::read::Misprint;
pub use self::sheet::{LeftOut, OutsideApex, Sheet};
pub use self::template::Template;

use std::fmt;

use hickory_proto::rr::{Name, RecordType};

use self::read::Reading;
use crate::dns_host::DnsHost;
use crate::plan::Purpose;
use crate::rrset::RrSet;

/// An output format of `generate`.
#[derive(Clone, Copy)]
pub struct Format(&'static Spec);

/// What a format is called, what it can hold, and what writes and reads it.
struct Spec {
    word: &'static str,
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
    /// Why an RRset cannot be held, beside its type; in words that go after the owner name and the
    /// type.
    unfit: fn(&Sheet<'_>, Purpose, &RrSet) -> Option<String>,
    /// What is to be done to the text before it is used, one sentence each.
    notes: fn(&Sheet<'_>) -> Vec<String>,
    /// Appends the records of a sheet, without the opening.
    write: fn(&Sheet<'_>, &mut String) -> fmt::Result,
    /// Reads what `write` appended; the origin is the one that the sheet was written for.
    read: fn(&str, &Name) -> Result<Vec<Reading>, String>,
}

/// What most formats have in common.
const COMMON: Spec = Spec {
    word: "",
    headline: "",
    extension: "txt",
    scope: Scope::Stream,
    opening: "",
    separator: "",
    lacks: &[],
    denials: true,
    is_zoneless: false,
    dns_host: None,
    unfit: |_, _, _| None,
    notes: |_| Vec::new(),
    write: |_, _| Ok(()),
    read: |_, _| Ok(Vec::new()),
};

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
    pub const FORM: Self = Self(&form::SPEC);
    /// A script for `nsupdate` (RFC 2136).
    pub const NSUPDATE: Self = Self(&nsupdate::SPEC);
    /// A zone file for `az network dns zone import` (Azure DNS).
    pub const AZURE: Self = Self(&azure::SPEC);
    /// Lines for the configuration of dnsmasq.
    pub const DNSMASQ: Self = Self(&dnsmasq::SPEC);
    /// A shell script of `knotc` commands for a running Knot DNS.
    pub const KNOTC: Self = Self(&knotc::SPEC);
    /// A shell script of `pdnsutil` commands for the database of PowerDNS.
    pub const PDNSUTIL: Self = Self(&pdnsutil::SPEC);
    /// The body of a PATCH request for one zone to the HTTP API of PowerDNS.
    pub const POWERDNS: Self = Self(&powerdns::SPEC);
    /// Lines for the data file of tinydns (djbdns).
    pub const TINYDNS: Self = Self(&tinydns::SPEC);
    /// A file that the configuration of Unbound includes.
    pub const UNBOUND: Self = Self(&unbound::SPEC);
    /// A PowerShell script for the DNS server of Windows.
    pub const WINDOWS: Self = Self(&windows::SPEC);
    /// The body of a batch request to the API of Cloudflare.
    pub const CLOUDFLARE: Self = Self(&cloudflare::SPEC);
    /// One CSV row per record (RFC 4180).
    pub const CSV: Self = Self(&csv::SPEC);
    /// A `dnsconfig.js` for `DNSControl`.
    pub const DNSCONTROL: Self = Self(&dnscontrol::SPEC);
    /// `DNSEndpoint` objects for `ExternalDNS` in Kubernetes.
    pub const EXTERNAL_DNS: Self = Self(&external_dns::SPEC);
    /// The records file of Google Cloud DNS.
    pub const GCLOUD: Self = Self(&gcloud::SPEC);
    /// The YAML of one zone for `octoDNS`.
    pub const OCTODNS: Self = Self(&octodns::SPEC);
    /// A change batch for Amazon Route 53.
    pub const ROUTE53: Self = Self(&route53::SPEC);
    /// One YAML list of records.
    pub const YAML: Self = Self(&yaml::SPEC);
    /// A template for DNS hosts that speak Domain Connect.
    pub const DOMAIN_CONNECT: Self = Self(&domain_connect::SPEC);
    /// Terraform resources for Amazon Route 53.
    pub const TERRAFORM_AWS: Self = Self(&terraform::AWS);
    /// Terraform resources for Azure DNS.
    pub const TERRAFORM_AZURE: Self = Self(&terraform::AZURE);
    /// Terraform resources for Cloudflare.
    pub const TERRAFORM_CLOUDFLARE: Self = Self(&terraform::CLOUDFLARE);
    /// Terraform resources for any server with dynamic updates (RFC 2136).
    pub const TERRAFORM_DNS: Self = Self(&terraform::DNS);
    /// Terraform resources for Google Cloud DNS.
    pub const TERRAFORM_GOOGLE: Self = Self(&terraform::GOOGLE);

    /// Every format, the default first.
    pub const ALL: &'static [Self] = &[
        Self::ZONE,
        Self::JSON,
        Self::YAML,
        Self::CSV,
        Self::FORM,
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
    pub const fn opening(self) -> &'static str {
        self.0.opening
    }

    /// What stands between the records of two domains.
    pub const fn separator(self) -> &'static str {
        self.0.separator
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
    fn the_dns_host_of_a_format_is_known() {
        for format in Format::ALL {
            assert_eq!(format.dns_host().map(DnsHost::text), format.0.dns_host, "{format:?}");
        }
    }
}
