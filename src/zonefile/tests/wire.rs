//! Records in wire form, beside the same records read.

use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::BinDecodable;

use super::super::{Scanner, wire};

#[test]
fn a_record_in_wire_form_is_the_one_that_the_iterator_reads() {
    let zone = "$ORIGIN Example.com.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n\
                _imaps._tcp SRV 0 1 993 Mail\n  60 A 192.0.2.1\nbad A 1.2.3\n\
                $GENERATE 1-2 h$ A 192.0.2.$\n  TXT (\n \"x\" ) ; y\nx CAA 0 issue \"a\"\n. TYPE65280 \\# 0\n";
    let entries = Scanner::new(zone.as_bytes(), "z", None);
    let mut in_wire_form = Scanner::new(zone.as_bytes(), "z", None);
    let mut read = 0;
    for entry in entries {
        let written = in_wire_form.next_wire().unwrap();
        match (entry, written) {
            (Ok(entry), Ok(written)) => {
                assert_eq!(written.position(), entry.position);
                assert_eq!(written.ttl, entry.record.ttl);
                assert_eq!(written.code, u16::from(entry.record.data.record_type()));
                assert_eq!(Some(written.rdata.to_vec()), wire(&entry.record.data));
                assert_eq!(Name::from_bytes(written.owner).unwrap(), entry.record.owner);
                read += 1;
            }
            (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
            (one, other) => panic!("{one:?} {other:?}"),
        }
    }
    assert!(in_wire_form.next_wire().is_none());
    assert_eq!(read, 8);
}
