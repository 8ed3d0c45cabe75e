//! The well-known providers of mail, by the hosts that their customers' domains lead to.
//!
//! A suffix is that of hosts: of mail exchanges, of servers that clients connect to, or of what
//! stands behind `autoconfig` and `autodiscover`. They are from Thunderbird's ISPDB, from what
//! providers tell their customers to publish, and from zones that do. Below a few of them lie also
//! servers that customers rent and run themselves; nothing is known about those.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::LazyLock;

use hickory_proto::rr::Name;

use crate::name::MailDomain;

/// A provider of mail known by the hosts that its customers' domains lead to.
///
/// The name is for messages: `leads to mail.example (Provider)` tells a reader at once what was
/// left behind.
pub(crate) struct Provider {
    /// As the provider writes it, and unique in the table.
    pub(crate) name: &'static str,
    /// Lower case, without a final dot; none lies below another of the table.
    suffixes: &'static [&'static str],
    /// The domains below a suffix whose hosts are run by those who rent them.
    rented: &'static [&'static str],
    /// Whether it takes mail in and hands it on to whichever provider has the mailboxes, so that
    /// its mail exchanges say nothing about that one.
    filters: bool,
}

/// The known provider of mailboxes or forwarding that a host belongs to: the host is one of its
/// domains, or lies below it.
pub(crate) fn known(host: &Name) -> Option<&'static str> {
    find(host).filter(|provider| !provider.filters).map(|provider| provider.name)
}

/// The known filter that a mail exchange belongs to; it may stand in front of any provider.
pub(crate) fn filter(host: &Name) -> Option<&'static str> {
    find(host).filter(|provider| provider.filters).map(|provider| provider.name)
}

/// Whether a mail domain lies in a suffix of the table, or a suffix in it: hosts in the domain may then
/// be known ones.
pub(super) fn is_near(domain: &MailDomain) -> bool {
    let mut names = names_above(domain.as_str());
    ABOVE.contains(domain.as_str()) || names.any(|name| SUFFIXES.contains(name))
}

/// A name without its final dot, and every name above it.
fn names_above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1))
}

/// Every suffix, and with it every name above one.
static SUFFIXES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| PROVIDERS.iter().flat_map(|it| it.suffixes).copied().collect());
static ABOVE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| SUFFIXES.iter().flat_map(|suffix| names_above(suffix)).collect());

/// An audit asks for several hosts of every domain, so nothing is allocated here.
///
/// Hosts of those who rent a server say nothing about where mailboxes are.
fn find(host: &Name) -> Option<&'static Provider> {
    let place = SORTED.binary_search_by(|(suffix, _)| order(suffix, host)).ok()?;
    let (_, provider) = SORTED[place];
    let is_rented = provider.rented.iter().any(|suffix| order(suffix, host).is_eq());
    (!is_rented).then_some(provider)
}

/// Every suffix with its provider, by labels from the right.
static SORTED: LazyLock<Vec<(&str, &Provider)>> = LazyLock::new(|| {
    let suffixes = |provider: &'static Provider| {
        provider.suffixes.iter().map(move |suffix| (*suffix, provider))
    };
    let mut sorted: Vec<_> = PROVIDERS.iter().flat_map(suffixes).collect();
    sorted.sort_by(|(left, _), (right, _)| left.rsplit('.').cmp(right.rsplit('.')));
    sorted
});

/// Compares a suffix with as many labels of a host, from the right; they are equal where the host
/// is the suffix or lies below it.
fn order(suffix: &str, host: &Name) -> Ordering {
    let mut labels = host.iter().rev();
    for label in suffix.rsplit('.') {
        let Some(found) = labels.next() else { return Ordering::Greater };
        let order = label.bytes().cmp(found.iter().map(u8::to_ascii_lowercase));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// A provider of mailboxes or of forwarding.
const fn provider(name: &'static str, suffixes: &'static [&'static str]) -> Provider {
    Provider { name, suffixes, rented: &[], filters: false }
}

/// A filter: mail goes through it, and on to a provider that DNS does not show.
const fn in_front(name: &'static str, suffixes: &'static [&'static str]) -> Provider {
    Provider { name, suffixes, rented: &[], filters: true }
}

impl Provider {
    /// Leaves out the domains of rented servers below a suffix.
    const fn but(self, rented: &'static [&'static str]) -> Self {
        Self { rented, ..self }
    }
}

///
/// Grouped by region, for whoever looks one up; searches go through `SORTED`.
#[rustfmt::skip]
static PROVIDERS: &[Provider] = &[
    // Of the whole world.
    provider("Microsoft 365", &[
        "outlook.com", "office365.com", "mx.microsoft", "hotmail.com",
        // The clouds of the United States' government and of China.
        "office365.us", "partner.outlook.cn",
    ]),
    // Other hosts of google.com serve other things to the same domains.
    provider("Google Workspace", &[
        "aspmx.l.google.com", "gmail-smtp-in.l.google.com", "gmr-smtp-in.l.google.com",
        "smtp.google.com", "googlemail.com", "gmail.com",
    ]),
    provider("iCloud Mail", &["mail.icloud.com", "mail.me.com"]),
    // WorkMail takes mail in at the endpoints of SES, in the three regions that have it.
    provider("Amazon WorkMail", &[
        "awsapps.com", "inbound-smtp.us-east-1.amazonaws.com",
        "inbound-smtp.us-west-2.amazonaws.com", "inbound-smtp.eu-west-1.amazonaws.com",
    ]),
    provider("Yahoo Mail", &["biz.mail.yahoo.com", "yahoodns.net"]),
    provider("Zoho Mail", &[
        "zoho.com", "zoho.eu", "zoho.in", "zoho.jp", "zoho.com.au", "zoho.com.cn", "zoho.sa",
        "zoho.uk", "zohocloud.ca", "zohomail.com",
    ]),
    provider("Fastmail", &["messagingengine.com", "fastmail.com"]),
    provider("Pobox", &["pobox.com"]),
    provider("Proton Mail", &["protonmail.ch"]),
    provider("Tuta", &["tutanota.de"]),
    provider("Mailbox.org", &["mailbox.org"]),
    provider("Migadu", &["migadu.com"]),
    provider("MXroute", &["mxroute.com", "mxrouting.net"]),
    provider("Purelymail", &["purelymail.com"]),
    provider("Runbox", &["runbox.com"]),
    provider("Soverin", &["soverin.net"]),
    provider("StartMail", &["startmail.com"]),
    provider("Mailfence", &["mailfence.com"]),
    provider("Kolab Now", &["kolabnow.com", "mykolab.com"]),
    provider("HEY", &["hey.com"]),
    // It ended in 2024; records that lead there are left over by definition.
    provider("Skiff", &["skiff.com"]),
    provider("Titan", &["titan.email"]),
    provider("Rackspace", &["emailsrvr.com"]),
    provider("Intermedia", &["serverdata.net"]),
    provider("OpenSRS", &["hostedemail.com"]),
    provider("Hostopia", &["megamailservers.com"]),
    provider("ResellerClub", &["mailhostbox.com"]),
    provider("OX Cloud", &["appsuite.cloud"]),
    // Every cPanel server hands this name out as the target of `_autodiscover._tcp`.
    provider("cPanel", &["cpanelemaildiscovery.cpanel.net"]),

    // Forwarding, and mail that programs take in.
    provider("Cloudflare Email Routing", &["mx.cloudflare.net"]),
    provider("ImprovMX", &["improvmx.com"]),
    provider("Forward Email", &["forwardemail.net"]),
    provider("SimpleLogin", &["simplelogin.co"]),
    provider("Porkbun", &["fwd1.porkbun.com", "fwd2.porkbun.com"]),
    provider("Mailgun", &["mailgun.org"]),
    provider("SendGrid", &["mx.sendgrid.net"]),
    provider("Postmark", &["inbound.postmarkapp.com"]),

    // Hosting in North America.
    provider("GoDaddy", &["secureserver.net"])
        .but(&["host.secureserver.net", "ip.secureserver.net"]),
    provider("Namecheap", &[
        "privateemail.com", "registrar-servers.com", "jellyfish.systems", "web-hosting.com",
    ]),
    provider("Spacemail", &["spacemail.com"]),
    provider("Network Solutions", &["netsolmail.net"]),
    provider("Bluehost", &["bluehost.com"]),
    provider("HostGator", &["hostgator.com", "websitewelcome.com"]),
    provider("DreamHost", &["dreamhost.com"]),
    provider("Hostinger", &["hostinger.com"]),
    provider("SiteGround", &["mailspamprotection.com"]),
    provider("pair Networks", &["pair.com"]),
    provider("easyDNS", &["easymail.ca"]),
    provider("Nili", &["nili.email"]),

    // Hosting in Germany, Austria and Switzerland.
    provider("IONOS", &[
        "kundenserver.de", "perfora.net", "ionos.com", "ionos.de", "ionos.co.uk", "ionos.fr",
        "ionos.es", "ionos.it", "ionos.at", "ionos.ca", "ionos.mx", "ionos.info", "1und1.de",
        "1and1.com", "1and1.co.uk", "1and1.fr", "1and1.es", "1and1.it", "1and1.info",
    ]),
    provider("Strato", &["rzone.de", "strato.de"]),
    provider("Hetzner", &["your-server.de"]).but(&["clients.your-server.de"]),
    provider("All-Inkl", &["kasserver.com"]),
    provider("united-domains", &["udag.de"]),
    provider("domainFactory", &["ispgateway.de"]),
    provider("Mittwald", &["agenturserver.de"]),
    provider("netcup", &["netcup.net"]),
    provider("hosting.de", &["hosting.de"]),
    provider("Clustermail", &["clustermail.de"]),
    provider("World4You", &["world4you.com"]),
    provider("easyname", &["easyname.com"]),
    // The provider rents out servers as well.
    provider("IPAX", &["mail.ipax.at"]),
    provider("Hostpoint", &["hostpoint.ch"]),
    // Rented servers lie right below infomaniak.ch.
    provider("Infomaniak", &["infomaniak.com", "mta-gw.infomaniak.ch", "mail.infomaniak.ch"]),

    // Hosting in the rest of western Europe.
    // Most hosts of ovh.net are rented, or those of web sites.
    provider("OVHcloud", &[
        "mail.ovh.net", "ssl0.ovh.net", "mailconfig.ovh.net", "redirect.ovh.net", "mxb.ovh.net",
        "mx0.ovh.net", "mx1.ovh.net", "mx2.ovh.net", "mx3.ovh.net", "mx4.ovh.net", "mail.ovh.ca",
    ]),
    provider("Gandi", &["mail.gandi.net"]),
    provider("TransIP", &["transip.email"]),
    provider("Combell", &["mailprotect.be"]),
    provider("one.com", &["one.com"]),
    provider("Simply.com", &["simply.com"]),
    provider("Gigahost", &["gigahost.dk"]),
    provider("Loopia", &["loopia.se"]),
    provider("Domeneshop", &["domeneshop.no"]),
    provider("Webhuset", &["webhuset.no"]),
    provider("DonDominio", &["dondominio.com"]),
    provider("Aruba", &["aruba.it"]).but(&["serverdedicati.aruba.it"]),
    provider("20i", &["stackmail.com"]),
    provider("Fasthosts", &["livemail.co.uk"]),
    provider("123 Reg", &["123-reg.co.uk"]),
    provider("Krystal", &["krystal.uk", "krystal.io"]),

    // Hosting in eastern Europe.
    provider("Seznam", &["seznam.cz"]),
    provider("Active24", &["active24.com", "active24.cz"]),
    provider("WEDOS", &["wedos.net"]),
    provider("Forpsi", &["forpsi.com"]),
    provider("Registrator.cz", &["registrator.cz"]),
    provider("Český hosting", &["cesky-hosting.cz"]),
    provider("WebSupport", &["websupport.sk"]),
    provider("home.pl", &["home.pl"]),
    provider("Yandex 360", &["yandex.net", "yandex.ru", "yandex.com"]),
    provider("VK WorkSpace", &["mail.ru"]),
    provider("Beget", &["beget.com"]),
    provider("Timeweb", &["timeweb.ru"]),
    provider("REG.RU", &["hosting.reg.ru"]),

    // Asia and South America.
    provider("Tencent Exmail", &["mxbiz1.qq.com", "mxbiz2.qq.com", "exmail.qq.com"]),
    provider("NetEase Mail", &["mxmail.netease.com", "qiye.163.com", "ym.163.com"]),
    provider("Alibaba Mail", &["mxhichina.com", "qiye.aliyun.com"]),
    provider("Lark", &["larksuite.com", "feishu.cn"]),
    provider("LINE WORKS", &["worksmobile.com"]),
    provider("Sakura", &["sakura.ne.jp"]).but(&["vs.sakura.ne.jp"]),
    provider("Xserver", &["xserver.jp"]),
    provider("Onamae.com", &["gmoserver.jp"]),
    provider("Lolipop", &["lolipop.jp"]),
    provider("Locaweb", &["locaweb.com.br", "email-ssl.com.br"]),
    // Customers' programs lie right below kinghost.net.
    provider("KingHost", &["imap.kinghost.net", "smtp.kinghost.net"]),

    // Filters.
    in_front("Proofpoint", &["pphosted.com", "ppe-hosted.com"]),
    in_front("Mimecast", &["mimecast.com", "mimecast.co.za"]),
    in_front("Barracuda", &["barracudanetworks.com"]),
    in_front("Cisco Secure Email", &["iphmx.com"]),
    in_front("Symantec Email Security", &["messagelabs.com"]),
    in_front("Hornetsecurity", &["hornetsecurity.com", "antispameurope.com"]),
    in_front("Trend Micro", &["tmes.trendmicro.com", "tmes.trendmicro.eu"]),
    in_front("Sophos", &["hydra.sophos.com", "reflexion.net"]),
    in_front("Forcepoint", &["mailcontrol.com"]),
    in_front("Trellix", &["fireeyecloud.com"]),
    in_front("SpamExperts", &["antispamcloud.com", "spamexperts.com", "spamexperts.eu"]),
    in_front("SpamTitan", &["spamtitan.com"]),
    in_front("SpamHero", &["spamh.com"]),
    in_front("MailGuard", &["mailguard.com.au"]),
    in_front("AppRiver", &["arsmtp.com"]),
    in_front("Cyren", &["ctmail.com", "expurgate.net"]),
    in_front("Cloudflare Email Security", &["cf-emailsecurity.net"]),
    in_front("Cloudmark", &["cloudfilter.net"]),
    in_front("Vade", &["vadesecure.com"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    #[track_caller]
    fn check(host: &str, expected: Option<&str>) {
        assert_eq!(known(&name(host)), expected, "{host}");
    }

    #[test]
    fn a_name_is_near_a_provider_that_it_lies_in_or_that_lies_in_it() {
        for (text, expected) in [
            ("example.com.", false),
            ("mail.example.com.", false),
            ("outlook.com.", true),
            ("a.b.Outlook.com.", true),
            ("outlook.example.com.", false),
            ("google.com.", true),
            ("l.google.com.", true),
            ("other.google.com.", false),
            ("amazonaws.com.", true),
            ("us-east-2.amazonaws.com.", false),
            ("notoutlook.com.", false),
        ] {
            let domain = text.parse().expect("a mail domain");
            assert_eq!(is_near(&domain), expected, "{text}");
        }
    }

    #[test]
    fn a_host_belongs_to_the_provider_whose_domain_it_is_or_lies_below() {
        check("autodiscover.outlook.com.", Some("Microsoft 365"));
        check("example-com.mail.protection.outlook.com.", Some("Microsoft 365"));
        check("example-com.r-v1.mx.microsoft.", Some("Microsoft 365"));
        check("outlook.office365.com.", Some("Microsoft 365"));
        check("ASPMX.L.GOOGLE.COM.", Some("Google Workspace"));
        check("alt4.aspmx.l.google.com.", Some("Google Workspace"));
        check("aspmx2.GoogleMail.com.", Some("Google Workspace"));
        check("smtp.google.com.", Some("Google Workspace"));
        check("cpanelemaildiscovery.cpanel.net.", Some("cPanel"));
        check("autodiscover.mail.us-east-1.awsapps.com.", Some("Amazon WorkMail"));
        check("inbound-smtp.eu-west-1.amazonaws.com.", Some("Amazon WorkMail"));
        check("in1-smtp.messagingengine.com.", Some("Fastmail"));
        check("eforward3.registrar-servers.com.", Some("Namecheap"));
        check("mx00.kundenserver.de.", Some("IONOS"));
        check("adsredir.ionos.info.", Some("IONOS"));
        check("smtpin.rzone.de.", Some("Strato"));
        check("www208.your-server.de.", Some("Hetzner"));
        check("ssl0.ovh.net.", Some("OVHcloud"));
        check("pro1.mail.ovh.net.", Some("OVHcloud"));
        check("spool.mail.gandi.net.", Some("Gandi"));
        check("mx1.pub.mailpod5-cph3.one.com.", Some("one.com"));
        check("autoconfig.mail.hostpoint.ch.", Some("Hostpoint"));
        check("mx.example.cust.a.hostedemail.com.", Some("OpenSRS"));
    }

    #[test]
    fn a_host_that_only_looks_like_a_providers_is_unknown() {
        check(".", None);
        check("com.", None);
        check("notoutlook.com.", None);
        check("outlook.com.example.", None);
        check("outlook.co.", None);
        check("l.google.com.", None);
        check("ghs.google.com.", None);
        check("www.google.com.", None);
        check("cpanel.net.", None);
        check("ec2-192-0-2-1.compute-1.amazonaws.com.", None);
        check("cluster001.hosting.ovh.net.", None);
        check("mail.provider.example.", None);
        check("autodiscover\\.outlook.com.", None);
    }

    #[test]
    fn a_server_that_its_customer_runs_is_not_the_providers() {
        check("static.1.2.0.192.clients.your-server.de.", None);
        check("1.2.0.192.host.secureserver.net.", None);
        check("clients2.your-server.de.", Some("Hetzner"));
        check("imap.secureserver.net.", Some("GoDaddy"));
    }

    #[test]
    fn a_filter_is_no_provider_of_mailboxes() {
        let mx = name("eu-smtp-inbound-1.mimecast.com.");
        assert_eq!((known(&mx), filter(&mx)), (None, Some("Mimecast")));
        let mx = name("mx0a-00000001.pphosted.com.");
        assert_eq!((known(&mx), filter(&mx)), (None, Some("Proofpoint")));
        assert_eq!(filter(&name("aspmx.l.google.com.")), None);
        assert_eq!(filter(&name("mx.provider.example.")), None);
    }

    #[test]
    fn every_suffix_is_found_and_none_lies_below_another() {
        for provider in PROVIDERS {
            for suffix in provider.suffixes {
                let (host, below) = (name(&format!("{suffix}.")), name(&format!("a.{suffix}.")));
                assert!(host.num_labels() >= 2, "{suffix}");
                for host in [host, below] {
                    let found = find(&host).map(|found| found.name);
                    assert_eq!(found, Some(provider.name), "{suffix}");
                }
                let enclosing = SORTED
                    .iter()
                    .filter(|(other, _)| order(other, &name(&format!("{suffix}."))).is_eq());
                let enclosing: Vec<_> = enclosing.map(|(other, _)| *other).collect();
                assert_eq!(enclosing, [*suffix]);
            }
            for rented in provider.rented {
                let inside = |suffix: &&str| order(suffix, &name(&format!("{rented}."))).is_eq();
                assert!(provider.suffixes.iter().any(inside), "{rented}");
            }
        }
    }

    #[test]
    fn the_table_is_written_as_it_is_compared() {
        let mut names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a provider stands twice");
        let all = PROVIDERS.iter().flat_map(|it| it.suffixes.iter().chain(it.rented));
        for suffix in all {
            let host: crate::name::HostName = suffix.parse().expect("a host name");
            assert_eq!(host.to_string(), **suffix);
            assert_eq!(suffix.to_ascii_lowercase(), **suffix);
        }
    }
}
