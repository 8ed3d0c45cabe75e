//! The body of a PATCH request for one zone to the HTTP API of PowerDNS.
//!
//! JSON has no comments, so that the trap is told in the README: an RRset is replaced as a whole.

use std::fmt::{self, Write};

use serde::Serialize;

use super::{COMMON, Kin, Mending, Scope, Sheet, Spec};
use crate::name::text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "powerdns",
    aliases: &["pdns"],
    kin: Kin::Server,
    headline: "body for the HTTP API of PowerDNS; it replaces RRsets",
    extension: "json",
    scope: Scope::OneEach,
    mending: Mending { whole: true, deletes: true, ..Mending::COMMON },
    write,
    ..COMMON
};

/// An RRset as the API has it: what stands there is replaced.
#[derive(Serialize)]
struct Rrset {
    name: String,
    r#type: String,
    ttl: u32,
    changetype: ChangeType,
    records: Vec<Record>,
}

/// What becomes of the RRset that stands there.
#[derive(Serialize)]
enum ChangeType {
    #[serde(rename = "REPLACE")]
    Replace,
    #[serde(rename = "DELETE")]
    Delete,
}

#[derive(Serialize)]
struct Record {
    content: String,
    disabled: bool,
}

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    out.push_str("{\"rrsets\": [");
    // What goes makes room for what comes.
    let gone = sheet.gone().unwrap_or_default().iter().map(|set| (ChangeType::Delete, set));
    let sets = sheet.sets().iter().map(|(_, set)| (ChangeType::Replace, *set));
    for (index, (changetype, set)) in gone.chain(sets).enumerate() {
        let records = match changetype {
            ChangeType::Replace => set.rdatas(),
            ChangeType::Delete => &[],
        };
        let rrset = Rrset {
            name: text(set.owner()),
            r#type: zonefile::type_name(set.record_type()),
            ttl: set.ttl(),
            changetype,
            records: records
                .iter()
                .map(|data| Record { content: zonefile::rdata(data), disabled: false })
                .collect(),
        };
        let text = serde_json::to_string(&rrset).expect("a struct of texts has a JSON form");
        write!(out, "{}{text}", if index == 0 { "\n" } else { ",\n" })?;
    }
    writeln!(out, "\n]}}")
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::printed;

    #[test]
    fn every_rrset_is_replaced() {
        assert_eq!(
            printed(Format::POWERDNS),
            r#"{"rrsets": [
{"name":"example.com.","type":"MX","ttl":3600,"changetype":"REPLACE","records":[{"content":"10 mx.example.net.","disabled":false}]},
{"name":"_imap._tcp.example.com.","type":"SRV","ttl":3600,"changetype":"REPLACE","records":[{"content":"0 1 143 imap.example.net.","disabled":false},{"content":"10 20 993 imap2.example.net.","disabled":false}]},
{"name":"_pop3._tcp.example.com.","type":"SRV","ttl":60,"changetype":"REPLACE","records":[{"content":"0 0 0 .","disabled":false}]},
{"name":"_caldavs._tcp.example.com.","type":"SRV","ttl":3600,"changetype":"REPLACE","records":[{"content":"0 1 443 dav.example.net.","disabled":false}]},
{"name":"_caldavs._tcp.example.com.","type":"TXT","ttl":3600,"changetype":"REPLACE","records":[{"content":"\"path=/a;b?c='\\\"$d${e}\\\\%{f}\"","disabled":false}]},
{"name":"autoconfig.example.com.","type":"A","ttl":3600,"changetype":"REPLACE","records":[{"content":"192.0.2.1","disabled":false}]},
{"name":"autoconfig.example.com.","type":"AAAA","ttl":3600,"changetype":"REPLACE","records":[{"content":"2001:db8::1","disabled":false}]},
{"name":"autodiscover.example.com.","type":"CNAME","ttl":3600,"changetype":"REPLACE","records":[{"content":"www.example.net.","disabled":false}]},
{"name":"_143._tcp.imap.example.com.","type":"TLSA","ttl":3600,"changetype":"REPLACE","records":[{"content":"3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1","disabled":false}]}
]}
"#
        );
    }
}
