//! RDATA taken apart, for formats that have a place of its own for every field.

use data_encoding::HEXUPPER;
use hickory_proto::rr::rdata::{CNAME, MX, SRV};
use hickory_proto::rr::{Name, RData};

use super::read::presented;
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
            // What is no UTF-8 has no text; it then does not read back.
            RData::TXT(txt) => Self::Txt(String::from_utf8_lossy(&txt::joined(txt)).into_owned()),
            _ => return None,
        })
    }

    /// Makes the RDATA of a type; an error where the fields are those of another.
    pub(super) fn rdata(self, rtype: &str) -> Result<RData, String> {
        let presented = |rdata: &str| presented(".", 0, rtype, rdata).map(|reading| reading.data);
        Ok(match (self, rtype) {
            (Self::Address(address), "A" | "AAAA") => presented(&address)?,
            (Self::Cname(canonical), "CNAME") => RData::CNAME(CNAME(canonical)),
            (Self::Mx { preference, exchange }, "MX") => RData::MX(MX::new(preference, exchange)),
            (Self::Srv { priority, weight, port, target }, "SRV") => {
                RData::SRV(SRV::new(priority, weight, port, target))
            }
            (Self::Tlsa { usage, selector, matching, digest }, "TLSA") => {
                presented(&format!("{usage} {selector} {matching} {digest}"))?
            }
            (Self::Txt(text), "TXT") => txt::of_text(text.as_bytes()),
            (other, rtype) => return Err(format!("{other:?} is not of type {rtype}")),
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
    use hickory_proto::rr::rdata::TXT;

    use super::super::read::record;
    use super::*;

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
            let data = record(".", Some(0), rtype, rdata, None).unwrap().data;
            assert_eq!(Fields::of(&data), Some(fields.clone()), "{rdata}");
            assert_eq!(fields.rdata(rtype), Ok(data), "{rdata}");
        }
        let refused = Fields::Address("192.0.2.1 ; a".to_owned()).rdata("A");
        assert!(refused.unwrap_err().contains("means"));
        assert!(Fields::Address("192.0.2.1".to_owned()).rdata("AAAA").is_err());
        assert!(Fields::Cname(Name::root()).rdata("MX").unwrap_err().contains("not of type MX"));
    }

    #[test]
    fn only_strings_that_are_full_are_put_together_again() {
        let kept = |strings: Vec<&[u8]>| {
            let data = RData::TXT(TXT::from_bytes(strings));
            Fields::of(&data).unwrap().rdata("TXT") == Ok(data)
        };
        assert!(kept(vec![&[b'a'; 255], &[b'a'; 255], b"a"]));
        assert!(!kept(vec![b"a", b"a"]));
        assert!(kept(vec!["\u{fc}".as_bytes()]));
        assert!(!kept(vec![b"\xfc"]));
    }
}
