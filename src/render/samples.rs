//! Plans for the tests of formats.

use hickory_proto::rr::{Name, RData, RecordType};

use super::{Format, LeftOut, Sheet};
use crate::hosting::{Columns, Hosting};
use crate::plan::{Purpose, plan};
use crate::rrset::{RrSet, is_denial};
use crate::service::Related;
use crate::zonefile::Scanner;

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
    printed_records(format, RECORDS)
}

/// Prints records for the zone `example.com`.
pub(super) fn printed_records(format: Format, records: &str) -> String {
    let mut text = String::new();
    on_sheet(format, records, |sheet| sheet.print(format, &mut text));
    text
}

/// What a format has no place for of records in the zone `example.com`, and why.
pub(super) fn left_out(format: Format, records: &str) -> Vec<String> {
    let shown = |it: &LeftOut| format!("{} {} {}", it.owner, it.rtype, it.reason);
    on_sheet(format, records, |sheet| sheet.left_out().iter().map(shown).collect())
}

fn on_sheet<T>(format: Format, records: &str, then: impl FnOnce(&Sheet<'_>) -> T) -> T {
    let domain = "example.com".parse().expect("a domain");
    let plan = plan(&domain, &Hosting::documented(), &Columns::default()).expect("a plan");
    let purpose = |set: &RrSet| match set.rdatas().iter().any(is_denial) {
        true => Purpose::RelatedDenial(Related::Jmap),
        false => Purpose::Host,
    };
    let sets: Vec<(Purpose, RrSet)> =
        sets(records).into_iter().map(|set| (purpose(&set), set)).collect();
    let sheet = Sheet::new(&plan, None).expect("a domain lies in itself");
    then(&sheet.with_sets(&sets).fitted(format))
}

fn sets(records: &str) -> Vec<RrSet> {
    let mut sets: Vec<(Name, RecordType, u32, Vec<RData>)> = Vec::new();
    for entry in Scanner::new(records.as_bytes(), "records", None) {
        let record = entry.expect("records in presentation form").record;
        let rtype = record.data.record_type();
        match sets.iter_mut().find(|set| set.0 == record.owner && set.1 == rtype) {
            Some(set) => set.3.push(record.data),
            None => sets.push((record.owner, rtype, record.ttl, vec![record.data])),
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
