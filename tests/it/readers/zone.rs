//! Master-file syntax (RFC 1035 §5).

use super::Reader;
use super::parts::master_file;

pub(super) const READER: Reader = Reader {
    word: "zone",
    read: |text, _| master_file(text, None),
    mistakes: &[
        ("$ORIGIN provider", "$ORIGIN customer"),
        ("$TTL 3600", "$TTL 60"),
        ("0  1  993", "0  993  1"),
        ("imap.example.net.", "imap.example.net"),
        ("; Incoming", "Incoming"),
        ("path=/a;b", "path=/a\";b"),
    ],
    refused: &[("a 60 IN A 192.0.2.1\n", "`a`"), ("a. 60 IN A 192.0.2\n", "192.0.2")],
};
