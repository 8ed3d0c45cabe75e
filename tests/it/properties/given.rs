//! Random profiles, domains and answers.

pub(super) mod deviation;

use std::collections::BTreeMap;
use std::fmt;

use hickory_proto::rr::rdata::{A, AAAA, CAA, MX, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData};
use mailsrv::answer::{Answer, Dnssec, Failure, Outcome};
use mailsrv::hosting::{Certificate, Columns, Hosting, file};
use mailsrv::name::{MailDomain, parse_typed};
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::service::{Service, TlsMode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

const HOSTS: [&str; 9] = [
    "mail.{domain}",
    "mail-{domain}",
    "{domain}",
    "{server}",
    "imap.{server}",
    "mail.{server}.com",
    "s1.provider.example",
    "S2.Provider.example.",
    "bücher.example",
];

/// Hosts that have addresses; octoDNS takes the first two for the same number.
const PROVIDER_HOSTS: [&str; 5] = [
    "s1.provider.example",
    "s01.provider.example",
    "autoconfig.provider.example",
    "provider.example",
    "bücher.example",
];

/// A profile in YAML, the domain it is for, and the plan of the two.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) profile: String,
    pub(super) domain: MailDomain,
    pub(super) plan: RecordPlan,
}

impl fmt::Debug for Case {
    /// The plan follows from the other two, and fills pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.domain, self.profile)
    }
}

impl Case {
    /// Reads the profile again, from the text on.
    pub(super) fn plan_again(&self) -> RecordPlan {
        plan_of(&self.profile, &self.domain).expect("it was planned before")
    }
}

fn plan_of(profile: &str, domain: &MailDomain) -> Option<RecordPlan> {
    let columns = Columns::new([("server".to_owned(), "s1.provider.example".to_owned())]);
    plan(domain, &hosting_of(profile), &columns).ok()
}

/// A profile as read, with TLSA records for some of its hosts.
pub(crate) fn hosting_of(profile: &str) -> Hosting {
    let pem = include_bytes!("../../certificate.pem");
    let certificate = Certificate::from_pem(pem).expect("it is a certificate");
    let hosting = file::parse(profile, "profile").expect("the profile is sound");
    hosting.with_certificates(vec![certificate])
}

/// Every profile here is sound; where its hosts contradict each other there is no plan.
pub(super) fn case() -> impl Strategy<Value = Case> {
    (profile(), domain()).prop_filter_map("the plan is refused", |(profile, domain)| {
        let plan = plan_of(&profile, &domain)?;
        Some(Case { profile, domain, plan })
    })
}

pub(super) fn domain() -> impl Strategy<Value = MailDomain> {
    let plain = vec("[a-z0-9]{1,3}(-[a-z0-9]{1,8})?", 2..6).prop_map(|labels| labels.join("."));
    let domain = prop_oneof![
        4 => plain,
        1 => select(vec!["bücher.example", "例え.テスト", "provider.example", "a.provider.example"])
            .prop_map(str::to_owned),
    ];
    domain.prop_filter_map("no mail domain", |text| text.parse().ok())
}

pub(super) fn profile() -> impl Strategy<Value = String> {
    let services = Service::ALL.map(|service| option::weighted(0.7, offer(service)));
    let family = select(vec![["imap", "pop3"], ["pop3", "imap"]]);
    let common = (select(&HOSTS[..]), 0..=i32::MAX, any::<(bool, bool)>(), family);
    let documents = (option::of(lead()), option::of(lead()), option::of(alias()));
    let given = (services, common, documents, beside());
    given.prop_filter_map("nothing offered", |(services, common, documents, beside)| {
        let (host, ttl, (deny, starttls), prefer) = common;
        let mut profile =
            json!({ "host": host, "ttl": ttl, "deny": deny, "starttls": starttls, "prefer": prefer });
        // Without STARTTLS, a service with nothing else is refused.
        let left = |offer: &Value| starttls || offer.get("tls").is_some();
        if !services.iter().flatten().all(left) || services.iter().all(Option::is_none) {
            return None;
        }
        for (service, offer) in Service::ALL.into_iter().zip(services) {
            profile[service.key()] = offer.unwrap_or(json!(false));
        }
        let (autoconfig, alias, srv) = documents;
        profile["autoconfig"] = autoconfig.unwrap_or(json!(false));
        profile["autodiscover"] = match (alias, srv) {
            (None, None) => json!(false),
            (lead, srv) => {
                let mut fields = lead.unwrap_or_else(|| json!({}));
                if let Some(srv) = srv {
                    fields["srv"] = srv;
                }
                fields
            }
        };
        // What PACC has nothing to say of is refused.
        let is_named = |key: &str| beside.iter().any(|(known, _)| *known == key);
        let is_named = ["jmap", "caldav", "carddav"].into_iter().any(is_named);
        for (key, given) in beside {
            if key != "pacc" || is_named {
                profile[key] = given;
            }
        }
        Some(profile.to_string())
    })
}

fn alias() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(true)),
        Just(json!("{host}")),
        Just(json!("autodiscover.{domain}")),
        select(&HOSTS[..]).prop_map(|host| json!(host)),
    ]
}

/// Where a name with a document behind it leads.
fn lead() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => alias().prop_map(|host| json!({ "alias": host })),
        1 => addresses().prop_map(|list| json!({ "addresses": list })),
    ]
}

fn addresses() -> impl Strategy<Value = Vec<String>> {
    vec(any::<(bool, u16)>(), 1..4).prop_map(|addresses| {
        let text = |(is_v4, at): (bool, u16)| match is_v4 {
            true => format!("192.0.2.{}", at % 256),
            false => format!("2001:db8::{at:x}"),
        };
        addresses.into_iter().map(text).collect()
    })
}

/// The keys beside the mail services, some of them left out.
fn beside() -> BoxedStrategy<Vec<(&'static str, Value)>> {
    let port = prop_oneof![Just(443u16), 1..=u16::MAX];
    let service =
        (select(&HOSTS[..]), port).prop_map(|(host, port)| json!({ "host": host, "port": port }));
    // Every character of a path (RFC 3986 section 3.3).
    let path = "/[a-zA-Z0-9._~!$&'()*+,;=:@/%-]{0,199}";
    let dav = || {
        (select(&HOSTS[..]), path).prop_map(|(host, path)| json!({ "host": host, "path": path }))
    };
    let several = subsequence(HOSTS.to_vec(), 1..=4)
        .prop_flat_map(|hosts| (vec(any::<u16>(), hosts.len()), Just(hosts)))
        .prop_map(|(preferences, hosts)| {
            let server = |(host, at)| json!({ "host": host, "preference": at });
            json!({ "servers": hosts.into_iter().zip(preferences).map(server).collect::<Vec<_>>() })
        });
    let digests = vec("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", 0..4);
    let pacc = (lead(), digests).prop_map(|(mut lead, digests)| {
        lead["digests"] = json!(digests);
        lead
    });
    let provider = ("[!-~\u{c0}-\u{2ff}][ -~]{0,59}", "[!-~][ -~]{0,19}", any::<bool>()).prop_map(
        |(name, short, has_issuer)| match has_issuer {
            true => json!({ "name": name, "short-name": short, "issuer": "ca.test" }),
            false => json!({ "name": name, "short-name": short }),
        },
    );
    let hosts = subsequence(PROVIDER_HOSTS.to_vec(), 1..=4)
        .prop_flat_map(|hosts| (vec(addresses(), hosts.len()), Just(hosts)))
        .prop_map(|(lists, hosts)| hosts.into_iter().zip(lists).collect::<BTreeMap<_, _>>())
        .prop_map(|hosts| json!(hosts));
    (
        option::of(service.clone()),
        option::of(service),
        option::of(dav()),
        option::of(dav()),
        option::of(prop_oneof![Just(json!(true)), several]),
        option::of(pacc),
        option::of(provider),
        option::of(hosts),
    )
        .prop_map(|(jmap, sieve, caldav, carddav, mx, pacc, provider, addresses)| {
            let keys =
                ["jmap", "sieve", "caldav", "carddav", "mx", "pacc", "provider", "addresses"];
            let given = [jmap, sieve, caldav, carddav, mx, pacc, provider, addresses];
            let pairs = keys.into_iter().zip(given);
            pairs.filter_map(|(key, given)| Some((key, given?))).collect()
        })
        .boxed()
}

fn offer(service: Service) -> impl Strategy<Value = Value> {
    let endpoint = |mode: TlsMode| {
        let label = service.label(mode);
        let foreign = label.sibling().default_port();
        let port = prop_oneof![
            2 => Just(json!(true)),
            1 => (1..=u16::MAX)
                .prop_filter("the port of the other mode", move |port| *port != foreign)
                .prop_map(|port| json!(port)),
        ];
        (port, option::of(any::<u16>()))
    };
    let tls = option::weighted(0.8, endpoint(TlsMode::Implicit));
    let starttls = option::weighted(0.8, endpoint(TlsMode::StartTls));
    let own = vec(option::of((any::<bool>(), 2000..3000_u16)), 4);
    (tls, starttls, servers(), own).prop_filter_map("no mode", |(tls, starttls, servers, own)| {
        if tls.is_none() && starttls.is_none() {
            return None;
        }
        let mut offer = servers;
        for (key, endpoint) in [("tls", tls), ("starttls", starttls)] {
            let Some((port, priority)) = endpoint else { continue };
            offer[key] = port;
            if let Some(priority) = priority {
                offer[format!("{key}-priority")] = json!(priority);
            }
            // The first server keeps every mode offered.
            let servers = offer.get_mut("servers").and_then(Value::as_array_mut);
            for (server, own) in servers.into_iter().flatten().zip(&own).skip(1) {
                match own {
                    Some((true, port)) => server[key] = json!(port),
                    Some((false, port)) if port % 2 == 0 => server[key] = json!(false),
                    _ => {}
                }
            }
        }
        Some(offer)
    })
}

/// The part of a service that says where it is.
fn servers() -> impl Strategy<Value = Value> {
    let several = subsequence(HOSTS.to_vec(), 1..=4)
        .prop_flat_map(|hosts| (vec(any::<u16>(), hosts.len()), Just(hosts)))
        .prop_map(|(weights, hosts)| {
            let server = |(host, weight)| json!({ "host": host, "weight": weight });
            json!({ "servers": hosts.into_iter().zip(weights).map(server).collect::<Vec<_>>() })
        });
    prop_oneof![
        Just(json!({})),
        (select(&HOSTS[..]), any::<u16>())
            .prop_map(|(host, weight)| json!({ "host": host, "weight": weight })),
        several,
    ]
}

/// A name that turns up in an answer, often one that means something to the documented profile.
fn name() -> impl Strategy<Value = Name> {
    let known = select(vec![
        "mail.example.com",
        "example.com",
        "autoconfig.example.com",
        "autodiscover.example.com",
        "mail.example.com.example.com",
        "imap.previous.example",
    ]);
    let known = known.prop_map(|text| host(text).expect("the list is sound"));
    let other = "[a-z0-9]{1,2}(\\.[a-z]{1,2}){0,3}".prop_filter_map("no name", |text| host(&text));
    prop_oneof![6 => known, 3 => other, 1 => Just(Name::root())]
}

fn host(text: &str) -> Option<Name> {
    parse_typed(text).ok()
}

pub(super) fn srv() -> impl Strategy<Value = SRV> {
    let port = prop_oneof![select(vec![0, 25, 110, 143, 443, 465, 587, 993, 995]), any::<u16>()];
    (0..30u16, 0..3u16, port, name())
        .prop_map(|(priority, weight, port, target)| SRV::new(priority, weight, port, target))
}

fn data() -> impl Strategy<Value = Vec<RData>> {
    let srvs = vec(srv().prop_map(RData::SRV), 1..4);
    let crowd = (srv(), 2..400u16).prop_map(|(srv, count)| {
        let target = |at| host(&format!("t{at}.previous.example")).expect("it is a host name");
        let member = |at| SRV::new(at, srv.weight, srv.port, target(at));
        (0..count).map(|at| RData::SRV(member(at))).collect()
    });
    let mx = (any::<u16>(), name()).prop_map(|(at, name)| RData::MX(MX::new(at, name)));
    let v4 = any::<[u8; 4]>().prop_map(|[a, b, c, d]| RData::A(A::new(a, b, c, d)));
    let v6 = any::<u16>().prop_map(|at| RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, at)));
    let soa = (any::<u32>(), name()).prop_map(|(minimum, name)| {
        RData::SOA(SOA::new(name.clone(), name, 1, 7_200, 3_600, 1_209_600, minimum))
    });
    let caa = (any::<bool>(), option::of(name()))
        .prop_map(|(critical, name)| RData::CAA(CAA::new_issue(critical, name, Vec::new())));
    // A record of each type has something to say to every question.
    let every = (srv().prop_map(RData::SRV), mx, v4, v6, soa, caa, text(), tlsa())
        .prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h]);
    let mixed = vec(every, 1..3).prop_map(|records| records.concat());
    prop_oneof![8 => srvs, 12 => mixed, 1 => crowd]
}

/// Texts that mean something to a plan, and any others.
fn text() -> impl Strategy<Value = RData> {
    let known = vec(
        select(vec![
            "path=/",
            "path=",
            "PATH=x",
            "v=UAAC1",
            "v=UAAC1; a=sha256; d=",
            ";",
            "v=spf1 -all",
        ]),
        1..3,
    );
    let known = known.prop_map(|strings| strings.into_iter().map(|it| it.as_bytes().to_vec()));
    let other = vec(vec(any::<u8>(), 0..20), 1..3);
    prop_oneof![known.prop_map(Iterator::collect::<Vec<_>>), other].prop_map(|strings| {
        RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect()))
    })
}

fn tlsa() -> impl Strategy<Value = RData> {
    (any::<[u8; 3]>(), vec(any::<u8>(), 0..40)).prop_map(|([usage, selector, matching], data)| {
        RData::TLSA(TLSA::new(usage.into(), selector.into(), matching.into(), data))
    })
}

/// Anything that a lookup could make of what servers send, and more.
pub(super) fn answer() -> impl Strategy<Value = Answer> {
    let failure = select(Failure::ALL.to_vec());
    let outcome = prop_oneof![
        6 => (any::<u32>(), data()).prop_map(|(ttl, data)| Outcome::Records { ttl, data }),
        2 => Just(Outcome::NoData),
        2 => Just(Outcome::NxDomain),
        1 => failure.prop_map(Outcome::Failed),
    ];
    let chain = prop_oneof![3 => Just(Vec::new()), 1 => vec(name(), 1..12)];
    let vouched = (select(Dnssec::ALL.to_vec()), any::<bool>());
    (chain, outcome, vouched).prop_map(|(chain, outcome, (dnssec, authoritative))| Answer {
        chain,
        dnssec,
        authoritative,
        ..Answer::plain(outcome)
    })
}
