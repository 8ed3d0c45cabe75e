//! RRsets: the unit in which DNS data is published, compared and replaced (RFC 2181 §5).
//!
//! ```
//! use hickory_proto::rr::rdata::SRV;
//! use mailsrv::name::parse_text;
//! use mailsrv::rrset::RrSet;
//! use mailsrv::zonefile::rdata;
//!
//! let record = |priority, host| Ok(SRV::new(priority, 1, 993, parse_text(host)?));
//! let records = vec![record(10, "b.example.")?, record(0, "a.example.")?, record(0, "a.example.")?];
//! let set = RrSet::srv(parse_text("_imaps._tcp.example.com.")?, 3600, records);
//! let data: Vec<String> = set.rdatas().iter().map(rdata).collect();
//! assert_eq!(data, ["0 1 993 a.example.", "10 1 993 b.example."]);
//! # Ok::<(), mailsrv::name::NameError>(())
//! ```

use hickory_proto::rr::rdata::{CNAME, SRV};
use hickory_proto::rr::{Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};

/// A resource record of class IN.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRecord {
    /// The owner name.
    pub owner: Name,
    /// The time to live, in seconds.
    pub ttl: u32,
    /// The data; its variant gives the type.
    pub data: RData,
}

/// The records of one owner name and type, which share a TTL (RFC 2181 §5.2).
///
/// RDATA stands in canonical order without duplicates, so two sets that DNS holds equal compare
/// equal: names inside RDATA are compared without regard to case (RFC 4343).
#[derive(Debug, Clone, PartialEq)]
pub struct RrSet {
    owner: Name,
    ttl: u32,
    rtype: RecordType,
    rdatas: Vec<RData>,
}

impl RrSet {
    /// Makes a set of SRV records; the target `.` denies the service (RFC 2782).
    pub fn srv(owner: Name, ttl: u32, mut records: Vec<SRV>) -> Self {
        records.sort_by(|a, b| srv_order(a).cmp(&srv_order(b)));
        records.dedup();
        let rdatas = records.into_iter().map(RData::SRV).collect();
        Self { owner, ttl, rtype: RecordType::SRV, rdatas }
    }

    /// Makes the one record of an alias.
    pub fn cname(owner: Name, ttl: u32, canonical: Name) -> Self {
        let rdatas = vec![RData::CNAME(CNAME(canonical))];
        Self { owner, ttl, rtype: RecordType::CNAME, rdatas }
    }

    /// Makes a set of records of one type other than SRV and CNAME; the type is that of the first.
    ///
    /// None without any record, or where the types differ.
    pub fn of(owner: Name, ttl: u32, mut rdatas: Vec<RData>) -> Option<Self> {
        let rtype = rdatas.first()?.record_type();
        if rdatas.iter().any(|data| data.record_type() != rtype) {
            return None;
        }
        rdatas.sort_by_cached_key(canonical);
        rdatas.dedup();
        Some(Self { owner, ttl, rtype, rdatas })
    }

    /// The owner name.
    pub fn owner(&self) -> &Name {
        &self.owner
    }

    /// The time to live, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The record type.
    pub fn record_type(&self) -> RecordType {
        self.rtype
    }

    /// The data in canonical order.
    pub fn rdatas(&self) -> &[RData] {
        &self.rdatas
    }

    /// The SRV data of the set.
    pub fn srvs(&self) -> impl Iterator<Item = &SRV> {
        self.rdatas.iter().filter_map(|data| match data {
            RData::SRV(srv) => Some(srv),
            _ => None,
        })
    }

    /// The set, record by record.
    pub fn records(&self) -> impl Iterator<Item = ResourceRecord> {
        self.rdatas.iter().map(|data| ResourceRecord {
            owner: self.owner.clone(),
            ttl: self.ttl,
            data: data.clone(),
        })
    }
}

/// The name that a record leads to.
pub(crate) fn target(data: &RData) -> Option<&Name> {
    match data {
        RData::SRV(srv) => Some(&srv.target),
        RData::CNAME(canonical) => Some(&canonical.0),
        RData::MX(mx) => Some(&mx.exchange),
        _ => None,
    }
}

/// Whether data denies a service: an SRV record with the target `.` (RFC 2782).
pub fn is_denial(data: &RData) -> bool {
    matches!(data, RData::SRV(srv) if srv.target.is_root())
}

/// The octets by which DNSSEC orders RDATA (RFC 4034 §6.3).
fn canonical(data: &RData) -> Vec<u8> {
    let mut wire = Vec::new();
    let mut encoder = BinEncoder::new(&mut wire);
    encoder.set_name_encoding(NameEncoding::UncompressedLowercase);
    // What cannot be encoded keeps the octets before it, which orders it well enough.
    let _encoded = data.emit(&mut encoder);
    wire
}

/// Priority first: so the order of the octets is that of clients (RFC 2782).
fn srv_order(srv: &SRV) -> (u16, u16, u16, &Name) {
    (srv.priority, srv.weight, srv.port, &srv.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_case_of_the_input_do_not_matter() {
        let srv =
            |priority, target: &str| SRV::new(priority, 1, 993, Name::from_ascii(target).unwrap());
        let owner = Name::from_ascii("_imaps._tcp.example.com.").unwrap();
        let one = RrSet::srv(owner.clone(), 60, vec![srv(10, "b.test."), srv(0, "A.test.")]);
        let two =
            RrSet::srv(owner, 60, vec![srv(0, "a.test."), srv(10, "B.TEST."), srv(0, "A.TEST.")]);
        assert_eq!(one, two);
        assert_eq!(one.rdatas().len(), 2);
    }
}
