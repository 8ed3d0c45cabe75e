//! What a response message says to a question.
//!
//! "Nothing is there" needs evidence: somebody must vouch for it, and nothing in the message may
//! speak against it. What contradicts itself is malformed, and what vouches for nothing is lame.

mod beside;
mod decode;
mod plain;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod tests;
mod walk;

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

pub(crate) use self::decode::Frame;
pub use self::decode::Response;
pub use self::plain::{Plain, plain};
use crate::answer::{Answer, Beside, Dnssec, Failure, MAX_CHAIN, Outcome, Question, is_bogus};

/// RCODEs (RFC 6895 §2.3).
const NOERROR: u16 = 0;
const SERVFAIL: u16 = 2;
const NXDOMAIN: u16 = 3;
const REFUSED: u16 = 5;

/// The largest TTL; more counts as 0 (RFC 2181 §8).
const MAX_TTL: u32 = i32::MAX.unsigned_abs();

/// Reads the answer to a question out of a response.
///
/// The alias chain is followed by owner name, in whatever order the records stand, and the RCODE
/// speaks of its end (RFC 6604 §2). NODATA behind a chain says no more than that the server goes no
/// further: the end may lie outside its zones (RFC 1034 §4.3.2), and must be asked for. Signatures are
/// passed over.
pub fn read(question: &Question, response: &Response) -> Answer {
    let mut chain = Vec::new();
    let outcome = outcome(question, response, &mut chain).unwrap_or_else(Outcome::Failed);
    // What is not believed of its end is not believed of the way there.
    if matches!(outcome, Outcome::Failed(failure) if failure != Failure::ChainTooLong) {
        chain.clear();
    }
    let metadata = &response.metadata;
    let end = chain.last().unwrap_or(&question.name);
    let uneven_ttls = has_uneven_ttls(question.rtype, response, end);
    let beside = beside(question, response, &chain, &outcome);
    let is_absent = matches!(outcome, Outcome::NoData | Outcome::NxDomain);
    Answer {
        dnssec: dnssec(&outcome, &response.extended),
        dnssec_by: None,
        validated: None,
        negative_ttl: is_absent.then(|| response.aside().negative_ttl).flatten().filter(is_ttl),
        authoritative: metadata.authoritative,
        rcode: Some(response.rcode),
        chain,
        outcome,
        extended: response.extended.clone(),
        uneven_ttls,
        beside,
    }
}

/// What a server of the zone put beside the SRV records that stand at the name itself.
fn beside(
    question: &Question,
    response: &Response,
    chain: &[Name],
    outcome: &Outcome,
) -> Vec<Beside> {
    let Outcome::Records { data, .. } = outcome else { return Vec::new() };
    if question.rtype != RecordType::SRV
        || !response.metadata.authoritative
        || !chain.is_empty()
        || data.len() > beside::MOST_HOSTS
    {
        return Vec::new();
    }
    let is_host =
        |data: &RData, owner: &Name| matches!(data, RData::SRV(srv) if srv.target == *owner);
    let found = response.beside(|owner| data.iter().position(|data| is_host(data, owner)));
    beside::rrsets(data, &found)
}

/// Whether records of one RRset have different TTLs (RFC 2181 §5.2).
fn has_uneven_ttls(rtype: RecordType, response: &Response, owner: &Name) -> bool {
    let of_set = |record: &&Record| is_at(record, owner) && is_of(record, rtype);
    let mut ttls = response.answers.iter().filter(of_set).map(|record| record.ttl);
    let first = ttls.next();
    ttls.any(|ttl| Some(ttl) != first)
}

/// Judges in the order in which less and less is believed: header, question, chain, data, absence.
fn outcome(
    question: &Question,
    response: &Response,
    chain: &mut Vec<Name>,
) -> Result<Outcome, Failure> {
    if !response.is_response() {
        return Err(Failure::Malformed);
    }
    if response.metadata.truncation {
        return Err(Failure::Truncated);
    }
    match response.rcode {
        NOERROR | NXDOMAIN => {}
        SERVFAIL => return Err(Failure::ServFail),
        REFUSED => return Err(Failure::Refused),
        other => return Err(Failure::Rcode(other)),
    }
    if !response.sound || !response.is_about(question) {
        return Err(Failure::Malformed);
    }
    if response.extended.iter().any(is_filtered) {
        return Err(Failure::Filtered);
    }
    follow(question, &response.answers, chain)?;
    if let Some(records) = records(question, response, chain)? {
        return Ok(records);
    }
    absence(chain.last().unwrap_or(&question.name), response, !chain.is_empty())
}

/// A SERVFAIL counts for its extended errors. What the AD bit is worth is a matter of who sets it, and
/// not of the message.
fn dnssec(outcome: &Outcome, extended: &[u16]) -> Dnssec {
    match outcome {
        Outcome::Failed(Failure::ServFail) if extended.iter().any(is_bogus) => Dnssec::Bogus,
        _ => Dnssec::Unknown,
    }
}

/// Whether an extended error says that the answer is not what DNS holds: forged, blocked, censored
/// or filtered (RFC 8914 §4.5, §4.16 to §4.18).
fn is_filtered(code: &u16) -> bool {
    matches!(code, 4 | 15..=17)
}

/// The alias chain loops or is too long.
pub(super) struct Endless;

impl From<Endless> for Failure {
    fn from(_: Endless) -> Self {
        Self::ChainTooLong
    }
}

/// Appends a canonical name to a chain that begins at `start`.
pub(super) fn extend_chain(
    chain: &mut Vec<Name>,
    start: &Name,
    canonical: Name,
) -> Result<(), Endless> {
    if chain.len() == MAX_CHAIN {
        return Err(Endless);
    }
    let known = canonical == *start || chain.contains(&canonical);
    chain.push(canonical);
    if known { Err(Endless) } else { Ok(()) }
}

/// Appends the aliases from the name asked for; an alias asked for as such is data.
fn follow(question: &Question, answers: &[Record], chain: &mut Vec<Name>) -> Result<(), Failure> {
    loop {
        let owner = chain.last().unwrap_or(&question.name);
        let Some(canonical) = alias(owner, answers)? else { return Ok(()) };
        if question.rtype == RecordType::CNAME {
            return Ok(());
        }
        // An alias has no other data (RFC 2181 §10.1).
        if answers.iter().any(|record| is_at(record, owner) && is_of(record, question.rtype)) {
            return Err(Failure::Malformed);
        }
        extend_chain(chain, &question.name, canonical.clone())?;
    }
}

/// The canonical name of an owner, if it is an alias; one name has one at most (RFC 2181 §10.1).
fn alias<'a>(owner: &Name, answers: &'a [Record]) -> Result<Option<&'a Name>, Failure> {
    let mut found = None;
    for record in answers {
        let RData::CNAME(CNAME(canonical)) = &record.data else { continue };
        if is_at(record, owner) && *found.get_or_insert(canonical) != canonical {
            return Err(Failure::Malformed);
        }
    }
    // Below a DNAME every name is an alias, and the CNAME is there to say so (RFC 6672 §3.1).
    let is_above = |record: &Record| {
        record.dns_class == DNSClass::IN
            && is_of(record, RecordType::DNAME)
            && record.name != *owner
            && record.name.zone_of(owner)
    };
    if found.is_none() && answers.iter().any(is_above) {
        return Err(Failure::Malformed);
    }
    Ok(found)
}

/// The RRset at the end of the chain, if the answer section holds one and nothing contradicts it.
fn records(
    question: &Question,
    response: &Response,
    chain: &[Name],
) -> Result<Option<Outcome>, Failure> {
    let owner = chain.last().unwrap_or(&question.name);
    let at_end = || response.answers.iter().filter(|record| is_at(record, owner));
    if response.rcode == NXDOMAIN && at_end().next().is_some() {
        return Err(Failure::Malformed);
    }
    let mut lowest = u32::MAX;
    let mut data: Vec<RData> = Vec::new();
    for record in at_end().filter(|record| is_of(record, question.rtype)) {
        lowest = lowest.min(if record.ttl > MAX_TTL { 0 } else { record.ttl });
        data.push(record.data.clone());
    }
    if !data.is_empty() {
        return Ok(Some(Outcome::Records { ttl: lowest, data }));
    }
    // Who answers another question, or in another class, does not say that nothing is here.
    let is_on_the_way = |record: &Record| {
        is_of(record, RecordType::CNAME)
            && std::iter::once(&question.name).chain(chain).any(|name| is_at(record, name))
    };
    let is_astray = |record: &Record| {
        (is_of(record, question.rtype) || is_of(record, RecordType::CNAME))
            && !is_on_the_way(record)
    };
    if response.answers.iter().any(is_astray) { Err(Failure::Malformed) } else { Ok(None) }
}

/// NODATA or NXDOMAIN, where there is evidence for it.
///
/// A server of the zone vouches with AA, a resolver with RA, anybody with the SOA of the zone. AA
/// speaks of the first name of a chain alone (RFC 1035 §4.1.1).
///
/// NS records without SOA are a referral and no NODATA, whatever the other bits say: that is how
/// RFC 2308 §2.2.1 tells them apart, and servers that refer with AA or RA set exist. The NODATA of
/// resolvers without any authority (type 3 of §2.2) has no NS records, and NXDOMAIN with them
/// (type 4 of §2.1) is told by its RCODE.
fn absence(owner: &Name, response: &Response, aliased: bool) -> Result<Outcome, Failure> {
    let is_denied = response.rcode == NXDOMAIN;
    let metadata = &response.metadata;
    let aside = response.aside();
    let encloses = |zones: &[Name]| zones.iter().any(|zone| zone.zone_of(owner));
    let proven = encloses(&aside.apexes);
    let vouched =
        metadata.recursion_available || (metadata.authoritative && !(aliased && is_denied));
    // The SOA of another zone says of which zone the server speaks.
    let elsewhere = !aside.apexes.is_empty() && !proven;
    let referred = !is_denied && !proven && encloses(&aside.delegations);
    // The inquiry asks for the end of a chain, whatever stands here.
    let goes_on = aliased && !is_denied;
    if !(proven || vouched) || (!goes_on && (elsewhere || referred)) {
        return Err(Failure::Lame);
    }
    if !is_denied {
        return Ok(Outcome::NoData);
    }
    // An apex exists: it has the SOA.
    if aside.apexes.contains(owner) { Err(Failure::Malformed) } else { Ok(Outcome::NxDomain) }
}

/// Whether a number is a TTL (RFC 2181 §8).
fn is_ttl(number: &u32) -> bool {
    *number <= MAX_TTL
}

/// Whether a record is of a type.
fn is_of(record: &Record, rtype: RecordType) -> bool {
    record.data.record_type() == rtype
}

/// Whether a record stands at a name, compared without regard to case.
fn is_at(record: &Record, owner: &Name) -> bool {
    record.dns_class == DNSClass::IN && record.name == *owner
}
