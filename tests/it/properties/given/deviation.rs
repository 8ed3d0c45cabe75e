//! Records that are off a plan, or on it in other words.

use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData};
use mailsrv::plan::RecordPlan;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

use super::host;
use crate::healthy;

/// What is changed, and into what.
#[derive(Clone, Debug)]
pub(in crate::properties) struct Change {
    pub(in crate::properties) set: Index,
    pub(in crate::properties) record: Index,
    field: Index,
    name: Index,
    number: u16,
    text: String,
}

impl Change {
    /// One of several; None where there is none.
    pub(in crate::properties) fn pick(&self, data: &[RData]) -> Option<RData> {
        (!data.is_empty()).then(|| self.field.get(data).clone())
    }
}

pub(in crate::properties) fn change() -> impl Strategy<Value = Change> {
    let number = prop_oneof![
        select(vec![0u16, 1, 10, 20, 25, 110, 143, 443, 465, 587, 993, 995]),
        any::<u16>()
    ];
    let index = any::<Index>;
    (index(), index(), index(), index(), number, "[a-z]{1,9}").prop_map(
        |(set, record, field, name, number, text)| Change {
            set,
            record,
            field,
            name,
            number,
            text,
        },
    )
}

/// A host that is none of the profile's, and has addresses.
pub(in crate::properties) fn foreign() -> Name {
    host("mail.stranger.test").expect("it is a host name")
}

/// A name for a record to lead to, more or less likely.
fn name(plan: &RecordPlan, given: &Change) -> Name {
    let domain = plan.domain().name();
    let mut names = vec![
        foreign(),
        foreign().prepend_label(given.text.as_str()).expect("it is short"),
        Name::root(),
        domain.clone(),
        domain.prepend_label(given.text.as_str()).expect("a mail domain leaves room"),
    ];
    names.extend(healthy::hosts(plan).cloned());
    names.extend(healthy::hosts(plan).filter_map(|host| host.clone().append_name(domain).ok()));
    names.extend(plan.published().map(|(_, set)| set.owner().clone()));
    given.name.get(&names).clone()
}

/// The data with one of its fields changed; for SRV and MX also with all of them changed.
pub(in crate::properties) fn others(plan: &RecordPlan, data: &RData, given: &Change) -> Vec<RData> {
    let number = given.number;
    let mut others = match data {
        RData::SRV(srv) => {
            let (priority, weight, port) = (srv.priority, srv.weight, srv.port);
            let of = |priority, weight, port, target: &Name| {
                RData::SRV(SRV::new(priority, weight, port, target.clone()))
            };
            vec![
                of(number, weight, port, &srv.target),
                of(priority, number, port, &srv.target),
                of(priority, weight, number, &srv.target),
                of(priority, weight, port, &name(plan, given)),
                of(number, number, number, &name(plan, given)),
            ]
        }
        RData::CNAME(_) => vec![RData::CNAME(CNAME(name(plan, given)))],
        RData::MX(mx) => {
            let other = name(plan, given);
            vec![
                RData::MX(MX::new(number, mx.exchange.clone())),
                RData::MX(MX::new(mx.preference, other.clone())),
                RData::MX(MX::new(number, other)),
            ]
        }
        RData::A(_) => vec![RData::A(A::new(192, 0, 2, number.to_be_bytes()[1]))],
        RData::AAAA(_) => vec![RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 1, number))],
        RData::TXT(txt) => texts(&said(txt), &given.text),
        RData::TLSA(tlsa) => tlsas(tlsa, number),
        other => panic!("no plan has {other:?}"),
    };
    others.retain(|other| other != data);
    others
}

fn texts(old: &str, word: &str) -> Vec<RData> {
    let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let path = old.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("path"));
    let new = match path {
        Some((_, path)) => vec![
            format!("path=/{word}"),
            format!("path={word}"),
            format!("path={path}{word}"),
            format!("{word}=/"),
            word.to_owned(),
        ],
        None => vec![
            old.replace("v=UAAC1", "v=UAAC2"),
            old.replace("a=sha256", "a=sha512"),
            old.replace("a=sha256; ", ""),
            format!("v=UAAC1; a=sha256; d={digest}"),
            format!("v=UAAC1; a=sha256; d={word}"),
            format!("v=UAAC1; a=sha256; {word}={digest}"),
            "v=UAAC1".to_owned(),
            word.to_owned(),
        ],
    };
    new.into_iter().map(text).collect()
}

fn text(text: String) -> RData {
    RData::TXT(TXT::new(vec![text]))
}

fn tlsas(old: &TLSA, number: u16) -> Vec<RData> {
    let of = |usage, selector, matching, data: Vec<u8>| {
        RData::TLSA(TLSA::new(usage, selector, matching, data))
    };
    let (usage, selector, matching) = (old.cert_usage, old.selector, old.matching);
    let data = || old.cert_data.clone();
    let mut turned = data();
    turned[usize::from(number) % old.cert_data.len()] ^= 1;
    vec![
        of(CertUsage::DaneTa, selector, matching, data()),
        of(usage, Selector::Full, matching, data()),
        of(usage, selector, Matching::Sha512, data()),
        of(usage, selector, matching, turned),
    ]
}

/// What data mean; None where they mean nothing to a plan, and may stand beside what does.
pub(in crate::properties) fn meaning(planned: &RData, data: &RData) -> Option<RData> {
    let (RData::TXT(planned), RData::TXT(txt)) = (planned, data) else { return Some(data.clone()) };
    let [planned, old] = [planned, txt].map(said);
    if planned.starts_with("path=") {
        let (key, path) = old.split_once('=')?;
        return key.eq_ignore_ascii_case("path").then(|| text(path.to_owned()));
    }
    let tags = old.split(';').map(|tag| match tag.trim().split_once('=') {
        Some((key, value)) if key.eq_ignore_ascii_case("d") => format!("d={value}"),
        _ => tag.trim().to_lowercase(),
    });
    let tags = tags.collect::<Vec<_>>().join(";");
    tags.starts_with("v=uaac1").then(|| text(tags))
}

fn said(txt: &TXT) -> String {
    String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()
}

/// The data in other words.
pub(in crate::properties) fn same(data: &RData) -> Vec<RData> {
    let upper = |name: &Name| Name::from_ascii(name.to_ascii().to_uppercase()).expect("it was one");
    match data {
        RData::SRV(srv) => {
            vec![RData::SRV(SRV::new(srv.priority, srv.weight, srv.port, upper(&srv.target)))]
        }
        RData::MX(mx) => vec![RData::MX(MX::new(mx.preference, upper(&mx.exchange)))],
        RData::CNAME(CNAME(canonical)) => vec![RData::CNAME(CNAME(upper(canonical)))],
        RData::TXT(txt) => {
            let old = said(txt);
            match old.strip_prefix("path=") {
                Some(path) => vec![text(format!("PATH={path}"))],
                None if !old.starts_with("v=UAAC1; ") => Vec::new(),
                None => vec![
                    text(old.replace("; ", ";")),
                    text(old.replace("; ", "  ;  ")),
                    text(old.replace("; d=", ";D=").replace("v=UAAC1", "V=uaac1")),
                    RData::TXT(TXT::new(vec![old[..9].to_owned(), old[9..].to_owned()])),
                ],
            }
        }
        _ => Vec::new(),
    }
}
