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

/// Where a list of the name servers of DNS hosts stands.
const SERVERS: &str =
    "jakejarvis/domainstack.io, lib/providers/rules/dns.ts, name servers, 2026-11-26";

/// Where Thunderbird's support keeps the boxes of forms.
const FIELDS: &str = "thunderbird/dns-scripts, records.json and RELEASE_NOTES.md, form, 2026-07-16";

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
        name_servers: &["hichina.com", "alidns.com"],
        sources: &["DNSControl, providers/alidns/auditrecords.go, 2025-12-03", TYPES, SERVERS],
    }
    "autodns" "AutoDNS" {
        refuses: &[TLSA],
        sources: &[TYPES],
    }
    "bunny" "Bunny DNS" {
        // It took no target "." before.
        has_form: true,
        name_servers: &["bunny.net"],
        sources: &[
            "DNSControl, pull request 4003: the target \".\" is taken, 2026-01-23",
            SERVERS,
            FIELDS,
        ],
    }
    "cloudflare" "Cloudflare" {
        ttls: Some((60, 86400)),
        has_form: true,
        name_servers: &["cloudflare.com"],
        sources: &[
            "octoDNS, pull request 668: the target \".\" is taken, 2021-01-30",
            "Cloudflare, DNS, Time to Live, read in 2026",
            "Microsoft 365, Create DNS records at Cloudflare, about 2020",
            SERVERS,
        ],
    }
    "cloudns" "ClouDNS" {
        // It took no target "." before.
        name_servers: &["cloudns.net", "cloudns.uk"],
        sources: &["DNSControl, pull request 3957: the target \".\" is taken, 2026-01-05", SERVERS],
    }
    "cnr" "CentralNic Reseller" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/cnr/auditrecords.go, 2020-12-28"],
    }
    "cpanel" "cPanel" {
        has_form: true,
        sources: &[
            "Microsoft 365, Create DNS records at Hostgator: the Zone Editor of cPanel, 2020-10-21",
            "Hovixa, knowledge base 2, Configure DNS Records via cPanel Zone Editor: Name and Record, read 2026-11-26",
        ],
    }
    "cscglobal" "CSC Global" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/cscglobal/auditrecords.go, 2020-12-28"],
    }
    "digitalocean" "DigitalOcean" {
        // It took no target "." in 2019 (digitalocean/api-v2, issue 176).
        refuses: &[TLSA],
        name_servers: &["digitalocean.com"],
        sources: &[
            "DigitalOcean, API reference, Create a New Domain Record, 2026-10-27",
            "octoDNS, pull request 668: the target \".\" is taken, 2021-01-30",
            SERVERS,
        ],
    }
    "dnsimple" "DNSimple" {
        // The API takes it without a word and keeps a broken record.
        refuses: &[NullTarget],
        name_servers: &["dnsimple.com", "dnsimple-edge.net", "dnsimple-edge.org"],
        sources: &["octoDNS, pull request 668, and octodns-dnsimple 0.0.2, 2021-01-30", SERVERS],
    }
    "dnsmadeeasy" "DNS Made Easy" {
        refuses: &[NullTarget, TLSA],
        has_form: true,
        name_servers: &["dnsmadeeasy.com"],
        sources: &[
            "octoDNS, pull request 668, and octodns-dnsmadeeasy 0.0.2, 2021-01-30",
            TYPES,
            "Microsoft 365, Create DNS records at DNSMadeEasy, about 2020",
            SERVERS,
        ],
    }
    "exoscale" "Exoscale" {
        refuses: &[NullTarget, TLSA],
        name_servers: &["exoscale.com", "exoscale.net", "exoscale.io", "exoscale.ch"],
        sources: &["DNSControl, providers/exoscale/auditrecords.go, 2020-12-28", TYPES, SERVERS],
    }
    "gcore" "Gcore" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/gcore/auditrecords.go, 2026", TYPES],
    }
    "godaddy" "GoDaddy" {
        has_form: true,
        name_servers: &["domaincontrol.com"],
        sources: &["Microsoft 365, Create DNS records at GoDaddy, about 2020", SERVERS],
    }
    "hedns" "Hurricane Electric DNS" {
        refuses: &[TLSA],
        name_servers: &["he.net"],
        sources: &[TYPES, SERVERS],
    }
    "hostingde" "hosting.de" {
        refuses: &[NullTarget],
        sources: &["DNSControl, providers/hostingde/auditrecords.go, 2023-01-19"],
    }
    "hover" "Hover" {
        has_form: true,
        name_servers: &["hover.com"],
        sources: &["Microsoft 365, Create DNS records at Hover, about 2020", SERVERS],
    }
    "inwx" "INWX" {
        // It took no target "." before.
        sources: &["DNSControl, pull request 3377: the target \".\" is taken, 2025-01-15"],
    }
    "ionos" "IONOS" {
        has_form: true,
        name_servers: &["ui-dns.de", "ui-dns.biz", "ui-dns.org", "ui-dns.com"],
        sources: &[
            "Microsoft 365, Connect your DNS records at IONOS, 2024-04-01",
            "IONOS, help, Servidores DNS (ionos.es/ayuda): name servers, read 2026-11-26",
        ],
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
        name_servers: &["linode.com"],
        sources: &[
            "Linode, API, DomainRecordRequest: type, read in 2026",
            "DNSControl, documentation/provider/linode.md: TTLs, 2026",
            "DNSControl, providers/linode/auditrecords.go: the target \".\" is taken, 2026-08-28",
            "Linode, Guides, SRV Records, read in 2026",
            SERVERS,
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
        name_servers: &["registrar-servers.com"],
        sources: &[TYPES, "Microsoft 365, Create DNS records at Namecheap, about 2020", SERVERS],
    }
    "namecheap-api" "the documented API of Namecheap" {
        // A command outside the documentation sets SRV records (DNSControl, pull request 4511).
        refuses: &[SRV, TLSA],
        remedy: Some("type it into the web form (--for namecheap)"),
        sources: &[
            "Namecheap, API, namecheap.domains.dns.setHosts: RecordType, read in 2026",
            TYPES,
        ],
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
        name_servers: &["worldnic.com"],
        sources: &["Microsoft 365, Create DNS records at Network Solutions, about 2020", SERVERS],
    }
    "ovh" "OVHcloud" {
        has_form: true,
        name_servers: &["ovh.net", "anycast.me"],
        sources: &[
            "Microsoft 365, Create DNS records at OVH, about 2020",
            SERVERS,
            "thunderbird/dns-scripts, RELEASE_NOTES.md: name server ns200.anycast.me, 2026-07-16",
        ],
    }
    "plesk" "Plesk" {
        refuses: &[OddWeight],
        has_form: true,
        remedy: Some("give a `weight` of 5 in the profile"),
        sources: &[
            "Fluid Hosting, knowledge base 133, DNS Records Explained: the SRV form, read 2026-11-26",
            "thunderbird-accounts, issue 1163 (the Plesk panel of METANET): weights, 2026-08-01",
        ],
    }
    "porkbun" "Porkbun" {
        ttls: Some((600, MAX_TTL)),
        name_servers: &["porkbun.com"],
        sources: &["DNSControl, providers/porkbun/porkbunProvider.go: minimumTTL, 2025", SERVERS],
    }
    "route53" "Amazon Route 53" {
        has_form: true,
        name_servers: &["awsdns-*.com", "awsdns-*.net", "awsdns-*.org", "awsdns-*.co.uk"],
        sources: &[
            "Amazon Route 53, Developer Guide, Values specific for simple records, read 2026-11-26",
            "Microsoft 365, Create DNS records at AWS: data in one box, with a final dot, about 2020",
            SERVERS,
        ],
    }
    "sakuracloud" "Sakura Cloud" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/sakuracloud/auditrecords.go, 2024-08-09", TYPES],
    }
    "squarespace" "Squarespace" {
        has_form: true,
        name_servers: &["squarespacedns.com"],
        sources: &[
            FIELDS,
            "Squarespace, help, Add custom DNS records (articles/360002101888): @, read 2026-11-26",
            SERVERS,
        ],
    }
    "tencentdns" "Tencent Cloud DNSPod" {
        refuses: &[NullTarget],
        name_servers: &["dnspod.net"],
        sources: &["DNSControl, providers/tencentdns/auditrecords.go, 2026", SERVERS],
    }
    "unifi" "UniFi Network" {
        refuses: &[NullTarget, TLSA],
        sources: &["DNSControl, providers/unifi/auditrecords.go, 2026"],
    }
    "vercel" "Vercel" {
        // It took no target "." in 2018 (vercel/vercel, issue 1549).
        refuses: &[TLSA],
        name_servers: &["vercel-dns.com"],
        sources: &[TYPES, "DNSControl, providers/vercel/auditrecords.go, 2025-11-22", SERVERS],
    }
    "vultr" "Vultr" {
        refuses: &[TLSA],
        name_servers: &["vultr.com"],
        sources: &[TYPES, SERVERS],
    }
    "wix" "Wix" {
        has_form: true,
        name_servers: &["wixdns.net"],
        sources: &["Microsoft 365, Create DNS records at Wix, about 2020", SERVERS],
    }
}
