//! What is known of DNS hosts. A row stands here only with a source for each fact.
//!
//! To add a host, add a row in the order of the words. What was refused once and is taken by now
//! stays as a comment, because old guides still say it.

use hickory_proto::rr::RecordType;

use super::Refused::{NullTarget, OddWeight, PortZero, Type};
use super::{COMMON, DnsHost, Facts, MAX_TTL};

const SRV: super::Refused = Type(RecordType::SRV);
const TLSA: super::Refused = Type(RecordType::TLSA);
const TXT: super::Refused = Type(RecordType::TXT);
const MX: super::Refused = Type(RecordType::MX);

/// Where DNSControl says which record types its providers cannot hold.
const TYPES: &str = "DNSControl, documentation/provider/index.md, table \"Security\", 2026";

/// A row names the fields that differ from [`COMMON`].
macro_rules! hosts {
    ($($word:literal $title:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        pub(super) const ALL: [DnsHost; [$($word),*].len()] = [$(DnsHost(&Facts {
            word: $word,
            title: $title,
            $($field: $value,)*
            ..COMMON
        })),*];
    };
}

hosts! {
    "123-reg" "123 Reg" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at 123-reg.co.uk, about 2020"],
    }
    "alidns" "Alibaba Cloud DNS" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/alidns/auditrecords.go, 2025-12-03", TYPES],
    }
    "autodns" "AutoDNS" {
        refuses: &[TLSA],
        sources: &[TYPES],
    }
    "bunny" "Bunny DNS" {
        // It took no target "." before.
        sources: &["DNSControl, pull request 4003: the target \".\" is taken, 2026-01-23"],
    }
    "cloudflare" "Cloudflare" {
        ttls: Some((60, 86400)),
        has_form: true,
        sources: &[
            "octoDNS, pull request 668: the target \".\" is taken, 2021-01-30",
            "Cloudflare, DNS, Time to Live, read in 2026",
            "Microsoft 365, Create DNS records at Cloudflare, about 2020",
        ],
    }
    "cloudns" "ClouDNS" {
        // It took no target "." before.
        sources: &["DNSControl, pull request 3957: the target \".\" is taken, 2026-01-05"],
    }
    "cnr" "CentralNic Reseller" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/cnr/auditrecords.go, 2020-12-28"],
    }
    "cscglobal" "CSC Global" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/cscglobal/auditrecords.go, 2020-12-28"],
    }
    "digitalocean" "DigitalOcean" {
        // It took no target "." in 2019 (digitalocean/api-v2, issue 176).
        refuses: &[TLSA],
        sources: &[
            "DigitalOcean, API reference, Create a New Domain Record, 2026-10-27",
            "octoDNS, pull request 668: the target \".\" is taken, 2021-01-30",
        ],
    }
    "dnsimple" "DNSimple" {
        // The API takes it without a word and keeps a broken record.
        refuses: &[NullTarget],
        sources: &["octoDNS, pull request 668, and octodns-dnsimple 0.0.2, 2021-01-30"],
    }
    "dnsmadeeasy" "DNS Made Easy" {
        refuses: &[NullTarget, TLSA],
        has_form: true,
        sources: &[
            "octoDNS, pull request 668, and octodns-dnsmadeeasy 0.0.2, 2021-01-30",
            TYPES,
            "Microsoft 365, Create DNS records at DNSMadeEasy, about 2020",
        ],
    }
    "exoscale" "Exoscale" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/exoscale/auditrecords.go, 2020-12-28", TYPES],
    }
    "gcore" "Gcore" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/gcore/auditrecords.go, 2026", TYPES],
    }
    "godaddy" "GoDaddy" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at GoDaddy, about 2020"],
    }
    "hedns" "Hurricane Electric DNS" {
        refuses: &[TLSA],
        sources: &[TYPES],
    }
    "hostingde" "hosting.de" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/hostingde/auditrecords.go, 2023-01-19"],
    }
    "hover" "Hover" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at Hover, about 2020"],
    }
    "inwx" "INWX" {
        // It took no target "." before.
        sources: &["DNSControl, pull request 3377: the target \".\" is taken, 2025-01-15"],
    }
    "ionos" "IONOS" {
        has_form: true,
        sources: &["Microsoft 365, Connect your DNS records at IONOS, 2024-04-01"],
    }
    "joker" "Joker" {
        refuses: &[PortZero, TLSA],
        sources: &["DNSControl, providers/joker/auditrecords.go, 2026"],
    }
    "linode" "Linode" {
        refuses: &[TLSA],
        // Between these it takes some and rounds the others.
        ttls: Some((30, 2_419_200)),
        has_form: true,
        sources: &[
            "Linode, API, DomainRecordRequest: type, read in 2026",
            "DNSControl, documentation/provider/linode.md: TTLs, 2026",
            "DNSControl, providers/linode/auditrecords.go: the target \".\" is taken, 2026-08-28",
            "Linode, Guides, SRV Records, read in 2026",
        ],
    }
    "loopia" "Loopia" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/loopia/auditrecords.go, 2025-07-24"],
    }
    "metanet" "METANET" {
        refuses: &[OddWeight],
        remedy: Some("give a `weight` of 5 in the profile"),
        sources: &["thunderbird-accounts, issue 1163 (the Plesk panel of METANET), 2026-08-01"],
    }
    "mikrotik" "MikroTik RouterOS" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/mikrotik/auditrecords.go, 2026", TYPES],
    }
    "mittwald" "mittwald mStudio" {
        refuses: &[NullTarget, TLSA],
        ttls: Some((60, 86400)),
        sources: &["DNSControl, providers/mittwald/auditrecords.go, 2026-09-22"],
    }
    "name.com" "name.com" {
        refuses: &[NullTarget],
        has_form: true,
        sources: &[
            "DNSControl, providers/namedotcom/auditrecords.go, 2026-07-21",
            "Microsoft 365, Create DNS records at name.com, about 2020",
        ],
    }
    "namecheap" "Namecheap" {
        refuses: &[TLSA],
        has_form: true,
        sources: &[TYPES, "Microsoft 365, Create DNS records at Namecheap, about 2020"],
    }
    "namecheap-api" "the documented API of Namecheap" {
        // A command outside the documentation sets SRV records (DNSControl, pull request 4511).
        refuses: &[SRV, TLSA],
        remedy: Some("type it into the web form (--for namecheap)"),
        sources: &["Namecheap, API, namecheap.domains.dns.setHosts: RecordType, read in 2026", TYPES],
    }
    "netbird" "NetBird" {
        refuses: &[SRV, TXT, MX, TLSA],
        sources: &["DNSControl, documentation/provider/netbird.md, 2026"],
    }
    "netlify" "Netlify" {
        refuses: &[TLSA],
        sources: &[TYPES],
    }
    "networksolutions" "Network Solutions" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at Network Solutions, about 2020"],
    }
    "ovh" "OVHcloud" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at OVH, about 2020"],
    }
    "porkbun" "Porkbun" {
        ttls: Some((600, MAX_TTL)),
        sources: &["DNSControl, providers/porkbun/porkbunProvider.go: minimumTTL, 2025"],
    }
    "sakuracloud" "Sakura Cloud" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/sakuracloud/auditrecords.go, 2024-08-09", TYPES],
    }
    "tencentdns" "Tencent Cloud DNSPod" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/tencentdns/auditrecords.go, 2026"],
    }
    "unifi" "UniFi Network" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/unifi/auditrecords.go, 2026"],
    }
    "vercel" "Vercel" {
        // It took no target "." in 2018 (vercel/vercel, issue 1549).
        refuses: &[TLSA],
        sources: &[TYPES, "DNSControl, providers/vercel/auditrecords.go, 2025-11-22"],
    }
    "vultr" "Vultr" {
        refuses: &[TLSA],
        sources: &[TYPES],
    }
    "wix" "Wix" {
        has_form: true,
        sources: &["Microsoft 365, Create DNS records at Wix, about 2020"],
    }
}
