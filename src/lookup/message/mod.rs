//! What a response message says to a question.

#[cfg(test)]
mod tests;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::answer::{Answer, Dnssec, Failure, MAX_CHAIN, MAX_EXTENDED, Outcome, Question};

/// Reads the answer to a question out of a response.
///
/// The alias chain is followed by owner name, in whatever order the records stand, and the RCODE
/// speaks of its end (RFC 6604 §2).
pub fn read(question: &Question, response: &Message) -> Answer {
    let metadata = &response.metadata;
    let mut chain = Vec::new();
    let outcome = match metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {
            let loops = follow(question, &response.answers, &mut chain).is_err();
            if loops {
                Outcome::Failed(Failure::ChainTooLong)
            } else {
                end(question, chain.last().unwrap_or(&question.name), response)
            }
        }
        ResponseCode::ServFail => Outcome::Failed(Failure::ServFail),
        ResponseCode::Refused => Outcome::Failed(Failure::Refused),
        other => Outcome::Failed(Failure::Rcode(other.into())),
    };
    let extended = extended(response);
    Answer {
        dnssec: dnssec(&outcome, metadata.authentic_data, &extended),
        authoritative: metadata.authoritative,
        rcode: Some(metadata.response_code.into()),
        chain,
        outcome,
        extended,
    }
}

/// The INFO-CODEs of the extended errors, in order (RFC 8914 §2).
fn extended(response: &Message) -> Vec<u16> {
    const EDE: EdnsCode = EdnsCode::Unknown(15);
    let options = response.edns.iter().flat_map(|edns| edns.options().as_ref());
    let codes = options.filter_map(|(code, option)| match option {
        EdnsOption::Unknown(_, octets) if *code == EDE => {
            octets.first_chunk().map(|code| u16::from_be_bytes(*code))
        }
        _ => None,
    });
    codes.take(MAX_EXTENDED).collect()
}

fn dnssec(outcome: &Outcome, authentic: bool, extended: &[u16]) -> Dnssec {
    match outcome {
        Outcome::Failed(Failure::ServFail) if extended.iter().any(is_bogus) => Dnssec::Bogus,
        Outcome::Failed(_) => Dnssec::Unknown,
        _ if authentic => Dnssec::Secure,
        _ => Dnssec::Unknown,
    }
}

/// Whether an extended error of a SERVFAIL says that the data did not validate (RFC 8914 §4).
///
/// Code 5 does not: "indeterminate" is what a resolver without a trust anchor is (RFC 4033 §5).
fn is_bogus(code: &u16) -> bool {
    matches!(code, 1 | 2 | 6..=12 | 25 | 27)
}

/// The alias chain loops or is too long.
pub(super) struct Endless;

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

fn follow(question: &Question, answers: &[Record], chain: &mut Vec<Name>) -> Result<(), Endless> {
    if question.rtype == RecordType::CNAME {
        return Ok(());
    }
    loop {
        let owner = chain.last().unwrap_or(&question.name);
        let canonical = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(CNAME(canonical)) if is_at(record, owner) => Some(canonical),
            _ => None,
        });
        match canonical {
            Some(canonical) => extend_chain(chain, &question.name, canonical.clone())?,
            None => return Ok(()),
        }
    }
}

fn end(question: &Question, owner: &Name, response: &Message) -> Outcome {
    if response.metadata.response_code == ResponseCode::NXDomain {
        return Outcome::NxDomain;
    }
    let mut ttl = u32::MAX;
    let mut data: Vec<RData> = Vec::new();
    for record in &response.answers {
        // A record without RDATA exists in updates alone (RFC 2136 §2.4.1).
        let empty = matches!(record.data, RData::Update0(_));
        if record.data.record_type() == question.rtype && is_at(record, owner) && !empty {
            ttl = ttl.min(record.ttl);
            data.push(record.data.clone());
        }
    }
    if !data.is_empty() {
        Outcome::Records { ttl, data }
    } else if *owner == question.name && is_referral(question, response) {
        Outcome::Failed(Failure::Lame)
    } else {
        Outcome::NoData
    }
}

/// Whether a server without the zone, and not recursive, points elsewhere: that is no NODATA
/// (RFC 2308 §2.2.1 tells them apart by the SOA).
fn is_referral(question: &Question, response: &Message) -> bool {
    let metadata = &response.metadata;
    if metadata.authoritative || metadata.recursion_available {
        return false;
    }
    let has = |rtype| {
        response
            .authorities
            .iter()
            .any(|record| record.data.record_type() == rtype && record.name.zone_of(&question.name))
    };
    has(RecordType::NS) && !has(RecordType::SOA)
}

fn is_at(record: &Record, owner: &Name) -> bool {
    record.dns_class == DNSClass::IN && record.name == *owner
}
