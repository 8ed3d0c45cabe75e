//! One CSV row per record (RFC 4180), for spreadsheets and shell scripts.

use std::fmt::{self, Write};

use hickory_proto::rr::RData;

use super::{COMMON, Kin, Sheet, Spec};
use crate::name::{plain_text, text};
use crate::zonefile;

/// Lines end in CRLF, the header's too (RFC 4180 §2).
pub(super) const SPEC: Spec = Spec {
    word: "csv",
    kin: Kin::Data,
    headline: "one CSV row per record, SRV fields in columns of their own",
    extension: "csv",
    opening: HEADER,
    write,
    ..COMMON
};

const HEADER: &str = "domain,owner,ttl,type,data,purpose,priority,weight,port,target\r\n";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let domain = plain_text(sheet.name());
    for (purpose, set) in sheet.sets() {
        let (owner, rtype) = (text(set.owner()), zonefile::type_name(set.record_type()));
        let (ttl, purpose) = (set.ttl(), purpose.text());
        for data in set.rdatas() {
            let rdata = zonefile::rdata(data);
            write!(
                out,
                "{},{},{ttl},{rtype},{},{purpose}",
                Field(&domain),
                Field(&owner),
                Field(&rdata)
            )?;
            match data {
                RData::SRV(srv) => {
                    let target = text(&srv.target);
                    let (priority, weight, port) = (srv.priority, srv.weight, srv.port);
                    write!(out, ",{priority},{weight},{port},{}", Field(&target))?;
                }
                _ => out.push_str(",,,,"),
            }
            out.push_str("\r\n");
        }
    }
    Ok(())
}

/// A field, in quotation marks where it needs them.
struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(['"', ',', '\r', '\n']) {
            return f.write_str(self.0);
        }
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::printed;
    use crate::render::Format;

    #[test]
    fn every_record_is_a_row_and_srv_fields_stand_apart() {
        let text = Format::CSV.opening().to_owned() + &printed(Format::CSV);
        let rows: Vec<&str> = text.split("\r\n").collect();
        for row in [
            "domain,owner,ttl,type,data,purpose,priority,weight,port,target",
            "example.com,example.com.,3600,MX,10 mx.example.net.,host,,,,",
            "example.com,_imap._tcp.example.com.,3600,SRV,10 20 993 imap2.example.net.,host,10,20,993,imap2.example.net.",
            "example.com,_pop3._tcp.example.com.,60,SRV,0 0 0 .,denial,0,0,0,.",
            r#"example.com,_caldavs._tcp.example.com.,3600,TXT,"""path=/a;b?c='\""$d${e}\\%{f}""",host,,,,"#,
            "example.com,autodiscover.example.com.,3600,CNAME,www.example.net.,host,,,,",
        ] {
            assert!(rows.contains(&row), "{row} is not in {text}");
        }
        assert_eq!(rows.len(), 12, "{text}");
    }
}
