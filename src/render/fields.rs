//! RDATA taken apart, for formats that have a place of its own for every field.

use data_encoding::HEXUPPER;
use hickory_proto::rr::{Name, RData};

use super::txt;

/// The fields of one record of a type that plans hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fields {
    /// An A or AAAA record in presentation form.
    Address(String),
    Cname(Name),
    Mx {
        preference: u16,
        exchange: Name,
    },
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: Name,
    },
    /// The digest is hexadecimal.
    Tlsa {
        usage: u8,
        selector: u8,
        matching: u8,
        digest: String,
    },
    /// The character-strings in one; tools that take this cut it into strings of 255 octets.
    Txt(String),
}

impl Fields {
    /// Takes RDATA apart; None where no plan holds its type.
    pub(super) fn of(data: &RData) -> Option<Self> {
        Some(match data {
            RData::A(address) => Self::Address(address.to_string()),
            RData::AAAA(address) => Self::Address(address.to_string()),
            RData::CNAME(canonical) => Self::Cname(canonical.0.clone()),
            RData::MX(mx) => Self::Mx { preference: mx.preference, exchange: mx.exchange.clone() },
            RData::SRV(srv) => Self::Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: srv.target.clone(),
            },
            RData::TLSA(tlsa) => Self::Tlsa {
                usage: tlsa.cert_usage.into(),
                selector: tlsa.selector.into(),
                matching: tlsa.matching.into(),
                digest: HEXUPPER.encode(&tlsa.cert_data),
            },
            // What is no UTF-8 has no text; formats that take a text alone leave it out.
            RData::TXT(txt) => Self::Txt(String::from_utf8_lossy(&txt::joined(txt)).into_owned()),
            _ => return None,
        })
    }
}

/// The name that a record leads to.
pub(super) fn target(data: &RData) -> Option<&Name> {
    match data {
        RData::SRV(srv) => Some(&srv.target),
        RData::CNAME(canonical) => Some(&canonical.0),
        RData::MX(mx) => Some(&mx.exchange),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zonefile::Scanner;

    #[test]
    fn fields_are_named_after_what_they_hold() {
        let name = |text: &str| Name::from_ascii(text).unwrap();
        for (rtype, rdata, fields) in [
            ("A", "192.0.2.1", Fields::Address("192.0.2.1".to_owned())),
            ("AAAA", "2001:db8::1", Fields::Address("2001:db8::1".to_owned())),
            ("CNAME", "a.test.", Fields::Cname(name("a.test."))),
            ("MX", "10 a.test.", Fields::Mx { preference: 10, exchange: name("a.test.") }),
            (
                "SRV",
                "1 2 3 .",
                Fields::Srv { priority: 1, weight: 2, port: 3, target: Name::root() },
            ),
            (
                "TLSA",
                "3 1 2 00FF",
                Fields::Tlsa { usage: 3, selector: 1, matching: 2, digest: "00FF".to_owned() },
            ),
            ("TXT", "\"a\\\"b\\\\;c\"", Fields::Txt("a\"b\\;c".to_owned())),
            ("TXT", "\"\"", Fields::Txt(String::new())),
        ] {
            let line = format!(". 0 IN {rtype} {rdata}\n");
            let entry = Scanner::new(line.as_bytes(), "line", None).next().unwrap().unwrap();
            assert_eq!(Fields::of(&entry.record.data), Some(fields), "{rdata}");
        }
    }
}
