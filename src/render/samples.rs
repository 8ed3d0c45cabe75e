//! Plans for the tests of formats.

use hickory_proto::rr::{Name, RData, RecordType};

use super::read::master_file;
use super::{Format, LeftOut, Misprint, Sheet};
use crate::hosting::{Columns, Hosting, file};
use crate::plan::{Purpose, plan};
use crate::rrset::{RrSet, is_denial};
use crate::service::Related;

/// A profile whose plans hold every record type but TLSA, two of them at one owner name.
const GROUPWARE: &str = r#"
host: server1.provider.example
imap: true
submission: true
autoconfig: { addresses: [192.0.2.1, "2001:db8::1"] }
autodiscover: true
pacc: true
jmap: true
sieve: true
caldav: { path: /dav/ }
mx: { servers: [{ host: mx1.provider.example }, { host: mx2.provider.example, preference: 20 }] }
"#;

/// A record of each type for the zone `example.com`, with what is hard to quote.
pub(super) const RECORDS: &str = r#"
example.com. 3600 IN MX 10 mx.example.net.
_imap._tcp.example.com. 3600 IN SRV 0 1 143 imap.example.net.
_imap._tcp.example.com. 3600 IN SRV 10 20 993 imap2.example.net.
_pop3._tcp.example.com. 60 IN SRV 0 0 0 .
_caldavs._tcp.example.com. 3600 IN SRV 0 1 443 dav.example.net.
_caldavs._tcp.example.com. 3600 IN TXT "path=/a;b?c='\"$d${e}\\%{f}"
autoconfig.example.com. 3600 IN A 192.0.2.1
autoconfig.example.com. 3600 IN AAAA 2001:db8::1
autodiscover.example.com. 3600 IN CNAME www.example.net.
_143._tcp.imap.example.com. 3600 IN TLSA 3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
"#;

/// The text of every record above in a format.
pub(super) fn printed(format: Format) -> String {
    printed_records(format, RECORDS).expect("what is printed reads back")
}

/// Prints records for the zone `example.com`, and reads them back.
pub(super) fn printed_records(format: Format, records: &str) -> Result<String, Misprint> {
    let mut text = String::new();
    on_sheet(format, records, |sheet| sheet.print(format, &mut text))?;
    Ok(text)
}

/// What a format has no place for of records in the zone `example.com`, and why.
pub(super) fn left_out(format: Format, records: &str) -> Vec<String> {
    let shown = |it: &LeftOut| format!("{} {} {}", it.owner, it.rtype, it.reason);
    on_sheet(format, records, |sheet| sheet.left_out().iter().map(shown).collect())
}

fn on_sheet<T>(format: Format, records: &str, then: impl FnOnce(&Sheet<'_>) -> T) -> T {
    let plan = plan_of(&Hosting::documented(), "example.com");
    let purpose = |set: &RrSet| match set.rdatas().iter().any(is_denial) {
        true => Purpose::RelatedDenial(Related::Jmap),
        false => Purpose::Host,
    };
    let sets: Vec<(Purpose, RrSet)> =
        sets(records).into_iter().map(|set| (purpose(&set), set)).collect();
    let sheet = Sheet::new(&plan, None).expect("a domain lies in itself");
    then(&sheet.with_sets(&sets).fitted(format))
}

/// Prints plans in a format, and panics where one does not read back.
#[track_caller]
pub(super) fn every_plan_reads_back(format: Format) {
    let apex = Name::from_ascii("example.com.").expect("a name");
    let groupware = file::parse(GROUPWARE, "groupware").expect("a profile");
    for hosting in [Hosting::documented(), groupware] {
        for (domain, apex) in [
            ("example.com", None),
            ("sales.example.com", Some(&apex)),
            ("b\u{fc}cher.example", None),
        ] {
            let plan = plan_of(&hosting, domain);
            let mut text = String::new();
            let sheet = Sheet::new(&plan, apex).expect("the domain lies in the zone");
            let printed = sheet.fitted(format).print(format, &mut text);
            assert_eq!(printed, Ok(()), "{domain}");
            assert!(text.ends_with('\n'), "{text}");
        }
    }
}

/// Replaces a part of the printed text, which the reader must then refuse, or take for something
/// else than what was meant.
#[track_caller]
pub(super) fn is_noticed(format: Format, part: &str, other: &str) {
    let text = printed(format);
    let broken = text.replacen(part, other, 1);
    assert_ne!(text, broken, "`{part}` is not in it");
    let origin = Name::from_ascii("example.com.").expect("a name");
    let meant = (format.0.read)(&text, &origin).expect("what is printed reads back");
    if let Ok(read) = (format.0.read)(&broken, &origin) {
        assert_ne!(read, meant, "{broken}");
    }
}

/// Says why a reader refuses a text.
#[track_caller]
pub(super) fn refused(format: Format, text: &str) -> String {
    let origin = Name::from_ascii("example.com.").expect("a name");
    (format.0.read)(text, &origin).expect_err("it is to be refused")
}

fn plan_of(hosting: &Hosting, domain: &str) -> crate::plan::RecordPlan {
    plan(&domain.parse().expect("a domain"), hosting, &Columns::default()).expect("a plan")
}

fn sets(records: &str) -> Vec<RrSet> {
    let mut sets: Vec<(Name, RecordType, u32, Vec<RData>)> = Vec::new();
    for reading in master_file(records, None).expect("records in presentation form") {
        let rtype = reading.data.record_type();
        let known = sets.iter_mut().find(|set| set.0 == reading.owner && set.1 == rtype);
        match known {
            Some(set) => set.3.push(reading.data),
            None => {
                let ttl = reading.ttl.expect("a TTL");
                sets.push((reading.owner, rtype, ttl, vec![reading.data]));
            }
        }
    }
    sets.into_iter()
        .map(|(owner, rtype, ttl, rdatas)| match rdatas.as_slice() {
            [RData::CNAME(name)] => RrSet::cname(owner, ttl, name.0.clone()),
            _ if rtype == RecordType::SRV => {
                let srvs = rdatas.into_iter().map(|data| match data {
                    RData::SRV(srv) => srv,
                    other => panic!("{other:?}"),
                });
                RrSet::srv(owner, ttl, srvs.collect())
            }
            _ => RrSet::of(owner, ttl, rdatas).expect("records of one type"),
        })
        .collect()
}
