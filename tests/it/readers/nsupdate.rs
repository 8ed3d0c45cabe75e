//! A script for `nsupdate` (RFC 2136).

use hickory_proto::rr::Name;

use super::parts::master_file;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "nsupdate",
    read,
    mistakes: &[
        ("update add", "update ad"),
        ("send", "sent"),
        ("add _imaps._tcp.provider.example. 3600", "add _imaps._tcp.provider.example. 60"),
        ("0 1 993 mail", "0 2 993 mail"),
    ],
    refused: &[("show\n", "`show` is no command"), ("update add a. 60 IN A 192.0.2\n", "192.0.2")],
};

/// The rest of an `update add` is a record in presentation form; some are added twice.
fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let mut added: Vec<&str> = Vec::new();
    for line in text.lines() {
        let keyword = line.split(' ').next().unwrap_or_default();
        if !["", ";", "zone", "prereq", "update", "send"].contains(&keyword) {
            return Err(format!("`{keyword}` is no command of nsupdate"));
        }
        let record = line.strip_prefix("update add ");
        added.extend(record.filter(|record| !added.contains(record)));
    }
    master_file(&(added.join("\n") + "\n"), None)
}
