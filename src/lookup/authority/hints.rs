//! Where the walk begins: the servers of the root.

use std::io::BufRead;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::{Name, RData};

use crate::zonefile::{ScanError, Scanner};

/// The root servers, `a.root-servers.net` and so on: IANA, <https://www.internic.net/domain/named.root>,
/// as of 2024-04-18.
const IANA: [(u8, [u8; 4], [u16; 8]); 13] = [
    (b'a', [198, 41, 0, 4], [0x2001, 0x503, 0xba3e, 0, 0, 0, 0x2, 0x30]),
    (b'b', [170, 247, 170, 2], [0x2801, 0x1b8, 0x10, 0, 0, 0, 0, 0xb]),
    (b'c', [192, 33, 4, 12], [0x2001, 0x500, 0x2, 0, 0, 0, 0, 0xc]),
    (b'd', [199, 7, 91, 13], [0x2001, 0x500, 0x2d, 0, 0, 0, 0, 0xd]),
    (b'e', [192, 203, 230, 10], [0x2001, 0x500, 0xa8, 0, 0, 0, 0, 0xe]),
    (b'f', [192, 5, 5, 241], [0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf]),
    (b'g', [192, 112, 36, 4], [0x2001, 0x500, 0x12, 0, 0, 0, 0, 0xd0d]),
    (b'h', [198, 97, 190, 53], [0x2001, 0x500, 0x1, 0, 0, 0, 0, 0x53]),
    (b'i', [192, 36, 148, 17], [0x2001, 0x7fe, 0, 0, 0, 0, 0, 0x53]),
    (b'j', [192, 58, 128, 30], [0x2001, 0x503, 0xc27, 0, 0, 0, 0x2, 0x30]),
    (b'k', [193, 0, 14, 129], [0x2001, 0x7fd, 0, 0, 0, 0, 0, 0x1]),
    (b'l', [199, 7, 83, 42], [0x2001, 0x500, 0x9f, 0, 0, 0, 0, 0x42]),
    (b'm', [202, 12, 27, 33], [0x2001, 0xdc3, 0, 0, 0, 0, 0, 0x35]),
];

/// The most records that a file of hints may hold; the root has 39.
const MAX_RECORDS: usize = 1000;

/// The servers of the root and their addresses.
///
/// ```
/// use mailsrv::lookup::authority::Hints;
///
/// let file = ". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1\n";
/// assert!(Hints::read(file.as_bytes(), "root.hints").is_ok());
/// assert!(Hints::read("".as_bytes(), "root.hints").is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Hints {
    pub(super) servers: Vec<Name>,
    pub(super) addresses: Vec<(Name, IpAddr)>,
}

/// Says why a file tells no root servers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HintsError {
    /// A line that is no record.
    #[error("{0}")]
    Record(#[from] ScanError),
    /// No NS record of the root whose server has an address in the file.
    #[error(
        "{file}: no server of the root with its address; write `. 3600 NS a.root.test.` and `a.root.test. 3600 A 192.0.2.1`, as in named.root"
    )]
    NoServer {
        /// The file, as it was named.
        file: String,
    },
    /// More records than the root could have.
    #[error("{file}: more than {MAX_RECORDS} records; this is no file of root hints")]
    TooMany {
        /// The file, as it was named.
        file: String,
    },
}

impl Hints {
    /// The servers of the public root.
    pub fn iana() -> Self {
        let mut hints = Self { servers: Vec::new(), addresses: Vec::new() };
        for (letter, v4, v6) in IANA {
            let labels = [&[letter][..], b"root-servers", b"net"];
            let Ok(name) = Name::from_labels(labels) else { continue };
            hints.addresses.push((name.clone(), Ipv4Addr::from(v4).into()));
            hints.addresses.push((name.clone(), Ipv6Addr::from(v6).into()));
            hints.servers.push(name);
        }
        hints
    }

    /// Reads hints in the form of `named.root`: the NS records of the root, and addresses. `file` is
    /// what errors call it.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read; or no server has an address.
    pub fn read(reader: impl BufRead, file: &str) -> Result<Self, HintsError> {
        let mut hints = Self { servers: Vec::new(), addresses: Vec::new() };
        for (at, entry) in Scanner::new(reader, file, Some(Name::root())).enumerate() {
            if at == MAX_RECORDS {
                return Err(HintsError::TooMany { file: file.to_owned() });
            }
            let record = entry?.record;
            match record.data {
                RData::NS(server) if record.owner.is_root() => hints.servers.push(server.0),
                RData::A(address) => hints.addresses.push((record.owner, address.0.into())),
                RData::AAAA(address) => hints.addresses.push((record.owner, address.0.into())),
                _ => {}
            }
        }
        let is_of_root = |name: &Name| hints.servers.contains(name);
        if hints.addresses.iter().any(|(name, _)| is_of_root(name)) {
            Ok(hints)
        } else {
            Err(HintsError::NoServer { file: file.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = Hints::read(text.as_bytes(), "hints").unwrap_err().to_string();
        assert!(error.contains(part) && error.starts_with("hints:"), "{error}");
    }

    #[test]
    fn the_public_root_has_thirteen_servers_with_an_address_of_each_family() {
        let hints = Hints::iana();
        assert_eq!((hints.servers.len(), hints.addresses.len()), (13, 26));
        let last = &hints.addresses[25];
        assert_eq!(last.0.to_ascii(), "m.root-servers.net.");
        assert_eq!(last.1.to_string(), "2001:dc3::35");
    }

    #[test]
    fn a_file_without_a_server_is_refused() {
        refused("", "no server of the root");
        refused(". 1 NS a.root.test.\n", "no server of the root");
        refused("test. 1 NS a.test.\na.test. 1 A 192.0.2.1\n", "no server of the root");
        refused(". 1 NS\n", "hints:1");
        refused(&". 1 NS a.test.\n".repeat(MAX_RECORDS + 1), "more than 1000 records");
    }

    #[test]
    fn other_records_are_passed_over() {
        let text = ". 1 NS A.root.test.\n. 1 SOA a. b. 1 2 3 4 5\na.root.test. 1 AAAA ::1\n";
        let hints = Hints::read(text.as_bytes(), "hints").unwrap();
        assert_eq!((hints.servers.len(), hints.addresses.len()), (1, 1));
    }
}
