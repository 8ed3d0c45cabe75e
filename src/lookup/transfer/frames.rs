//! The messages of a transfer, one after the other, without I/O (RFC 5936 §2.2).
//!
//! A zone is whole when its first SOA record came a second time, and nothing before that is believed:
//! whatever ends earlier, or contradicts itself, is no zone. Records are read by their bounds, so that
//! a type which the codec cannot read is kept as its octets.

use hickory_proto::op::{Header, MessageType, OpCode, Query};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::error::TransferError;
use super::tsig::{Session, Signature, TSIG, TsigError};
use crate::message::Frame;
use crate::rrset::ResourceRecord;
use crate::zonefile::{self, Limits};

/// The number of OPT (RFC 6891 §6.1.1).
const OPT: u16 = 41;

/// The types whose RDATA may hold compressed names (RFC 3597 §4), which the whole message tells.
const COMPRESSED: [u16; 20] =
    [2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 17, 18, 21, 24, 26, 30, 33, 35, 39];

/// The records that a transfer brought and the zone does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Those that stand outside the zone.
    pub outside: u64,
    /// Those of a class other than IN.
    pub class: u64,
}

/// A transfer under way.
pub struct Frames<'k> {
    id: u16,
    zone: Name,
    session: Option<Session<'k>>,
    limits: Limits,
    /// How many messages came.
    messages: u64,
    /// How many records came.
    pub(super) records: u64,
    /// How many octets their messages had.
    octets: u64,
    /// How many octets they take in memory: names in messages are compressed.
    kept: u64,
    /// The record that the zone began with.
    soa: Option<RData>,
    is_complete: bool,
    left_out: LeftOut,
}

impl<'k> Frames<'k> {
    /// Begins to read what a request with this ID is answered with.
    pub(super) fn new(id: u16, zone: Name, session: Option<Session<'k>>, limits: Limits) -> Self {
        Self {
            id,
            zone,
            session,
            limits,
            messages: 0,
            records: 0,
            octets: 0,
            kept: 0,
            soa: None,
            is_complete: false,
            left_out: LeftOut::default(),
        }
    }

    /// Begins to read the transfer of a zone that was asked for without a key.
    pub fn unsigned(id: u16, zone: Name, limits: Limits) -> Self {
        Frames::new(id, zone, None, limits)
    }

    /// Takes the next message and hands its records on; true when the zone is complete.
    ///
    /// # Errors
    ///
    /// Why there will be no zone; nothing that was handed on is to be believed then.
    pub fn take(
        &mut self,
        octets: &[u8],
        now: u64,
        mut sink: impl FnMut(ResourceRecord),
    ) -> Result<bool, TransferError> {
        self.messages += 1;
        self.octets = self.octets.saturating_add(octets.len() as u64);
        self.check_octets()?;
        let message = Message::read(octets).map_err(|problem| self.malformed(problem))?;
        if message.id != self.id || !message.is_response {
            return Err(self.malformed("is no response to the request"));
        }
        self.verify(octets, &message, now)?;
        if message.rcode != 0 {
            return Err(TransferError::Rcode(message.rcode));
        }
        self.check_question(&message)?;
        let mut decoder = BinDecoder::new(octets);
        for (index, start) in message.answers.iter().enumerate() {
            let is_last = index + 1 == message.answers.len();
            let record = read_record(&mut decoder, *start);
            let record =
                record.ok_or_else(|| self.malformed("has a record that cannot be read"))?;
            self.take_record(record, is_last, &mut sink)?;
        }
        // Of a message without records there might be any number.
        self.count(u64::from(message.answers.is_empty()))?;
        if self.messages == 1 && self.soa.is_none() {
            return Err(self.malformed("does not begin with the SOA record of the zone"));
        }
        if self.is_complete
            && let Some(session) = &self.session
        {
            session.settled()?;
        }
        Ok(self.is_complete)
    }

    /// What came and is no part of the zone.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    fn malformed(&self, problem: &'static str) -> TransferError {
        TransferError::Malformed { message: self.messages, problem }
    }

    fn check_octets(&self) -> Result<(), TransferError> {
        let limit = self.limits.octets;
        match self.octets.max(self.kept) > limit {
            true => Err(TransferError::TooManyOctets { limit }),
            false => Ok(()),
        }
    }

    /// Counts records.
    fn count(&mut self, records: u64) -> Result<(), TransferError> {
        self.records = self.records.saturating_add(records);
        let limit = self.limits.records;
        if self.records > limit { Err(TransferError::TooManyRecords { limit }) } else { Ok(()) }
    }

    /// Verifies the signature, if any was asked for. What says that there is none because the request
    /// was refused is told as that refusal.
    fn verify(
        &mut self,
        octets: &[u8],
        message: &Message<'_>,
        now: u64,
    ) -> Result<(), TransferError> {
        let Some(session) = &mut self.session else {
            let is_signed = message.signature.is_some();
            return if is_signed {
                Err(self.malformed("is signed, which nobody asked for"))
            } else {
                Ok(())
            };
        };
        match session.take(octets, message.signature.as_ref(), now) {
            Err(TsigError::Unsigned { .. }) if message.rcode != 0 => {
                Err(TransferError::Rcode(message.rcode))
            }
            verified => Ok(verified?),
        }
    }

    /// The first message repeats the question, the others may (RFC 5936 §2.2.2).
    fn check_question(&self, message: &Message<'_>) -> Result<(), TransferError> {
        let is_ours = |question: &Query| {
            question.query_type == RecordType::AXFR
                && question.query_class == DNSClass::IN
                && question.name == self.zone
        };
        match message.questions.as_slice() {
            [question] if is_ours(question) => Ok(()),
            [] if self.messages > 1 => Ok(()),
            [] => Err(self.malformed("does not repeat the question")),
            _ => Err(self.malformed("is about another question")),
        }
    }

    fn take_record(
        &mut self,
        record: Record,
        is_last: bool,
        sink: &mut impl FnMut(ResourceRecord),
    ) -> Result<(), TransferError> {
        self.count(1)?;
        let Record { name: owner, dns_class, ttl, data, .. } = record;
        let code = u16::from(data.record_type());
        let is_apex_soa =
            code == u16::from(RecordType::SOA) && owner == self.zone && dns_class == DNSClass::IN;
        match (&self.soa, is_apex_soa) {
            (None, true) => self.soa = Some(data.clone()),
            (None, false) => {
                return Err(self.malformed("does not begin with the SOA record of the zone"));
            }
            (Some(first), true) if *first != data => return Err(TransferError::Changed),
            (Some(_), true) if !is_last => {
                return Err(self.malformed("goes on behind the closing SOA record"));
            }
            (Some(_), true) => {
                self.is_complete = true;
                return Ok(());
            }
            (Some(_), false) => {}
        }
        // OPT, and the types of queries and transactions, are in no zone (RFC 6895 §3.1).
        if code == OPT || (128..=255).contains(&code) {
            return Err(self.malformed("has a record of a type that no zone holds"));
        }
        if dns_class != DNSClass::IN {
            self.left_out.class += 1;
        } else if !self.zone.zone_of(&owner) {
            self.left_out.outside += 1;
        } else {
            let rdata = zonefile::wire(&data).map_or(0, |wire| wire.len());
            let kept = zonefile::kept(owner.len() as u64, rdata as u64);
            self.kept = self.kept.saturating_add(kept);
            self.check_octets()?;
            sink(ResourceRecord { owner, ttl, data });
        }
        Ok(())
    }
}

/// A message by its bounds.
struct Message<'a> {
    id: u16,
    is_response: bool,
    rcode: u16,
    questions: Vec<Query>,
    /// Where each record of the answer section begins.
    answers: Vec<u16>,
    /// The last of the additional records, where it is that.
    signature: Option<Signature<'a>>,
}

impl<'a> Message<'a> {
    /// Reads up to the end; what stands in the authority section is nobody's (RFC 5936 §2.2.4).
    fn read(octets: &'a [u8]) -> Result<Self, &'static str> {
        const CUT: &str = "ends within a record";
        let mut decoder = BinDecoder::new(octets);
        let Header { metadata, counts } =
            Header::read(&mut decoder).map_err(|_header| "is no DNS message")?;
        let mut message = Self {
            id: metadata.id,
            is_response: metadata.message_type == MessageType::Response
                && metadata.op_code == OpCode::Query,
            rcode: u16::from(octets.get(3).ok_or(CUT)? & 0x0f),
            questions: Vec::new(),
            answers: Vec::new(),
            signature: None,
        };
        for _ in 0..counts.queries {
            message.questions.push(Query::read(&mut decoder).map_err(|_question| CUT)?);
        }
        for _ in 0..counts.answers {
            message.answers.push(u16::try_from(decoder.index()).map_err(|_longer| CUT)?);
            Frame::read(&mut decoder).ok_or(CUT)?;
        }
        for _ in 0..counts.authorities {
            Frame::read(&mut decoder).ok_or(CUT)?;
        }
        for number in 1..=counts.additionals {
            let start = decoder.index();
            let frame = Frame::read(&mut decoder).ok_or(CUT)?;
            if frame.rtype == OPT {
                message.rcode |= u16::from(frame.ttl.to_be_bytes()[0]) << 4;
            }
            if frame.rtype != TSIG {
                continue;
            }
            // RFC 8945 §5.1
            if number < counts.additionals {
                return Err("has a signature before its end");
            }
            let at = u16::try_from(start).map_err(|_longer| CUT)?;
            let key = Name::read(&mut decoder.clone(at)).map_err(|_name| CUT)?;
            let signature = Signature::read(start, key, frame.rdata);
            message.signature = Some(signature.ok_or("has a signature that cannot be read")?);
        }
        if decoder.is_empty() { Ok(message) } else { Err("goes on behind its last record") }
    }
}

/// Reads the record at an offset; None where its data is not what its type demands.
fn read_record(decoder: &mut BinDecoder<'_>, start: u16) -> Option<Record> {
    let mut at = decoder.clone(start);
    let frame = Frame::read(&mut at)?;
    if COMPRESSED.contains(&frame.rtype) && !frame.rdata.is_empty() {
        return Record::read(&mut decoder.clone(start)).ok();
    }
    let owner = Name::read(&mut decoder.clone(start)).ok()?;
    let data = zonefile::decode(frame.rtype, frame.rdata);
    let is_address = matches!(RecordType::from(frame.rtype), RecordType::A | RecordType::AAAA);
    if is_address && matches!(data, RData::Unknown { .. }) {
        return None;
    }
    let mut record = Record::from_rdata(owner, frame.ttl, data);
    record.dns_class = DNSClass::from(frame.class);
    Some(record)
}
