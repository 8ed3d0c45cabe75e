//! A response message, section by section.
//!
//! The codec refuses a whole message for one bad record anywhere. Here the answer section is read
//! whole or not at all, while of the other two sections only the bounds of the records must be
//! sound: an EDNS option or an additional record that is broken hides no answer.

use std::net::IpAddr;
use std::sync::OnceLock;

use hickory_proto::op::{Header, HeaderCounts, MessageType, Metadata, OpCode, Query};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::beside::Found;
use crate::answer::{MAX_EXTENDED, Question};

/// The number of OPT, the record of EDNS (RFC 6891 §6.1.1).
pub(super) const OPT: u16 = 41;

/// The octets of a header (RFC 1035 §4.1.1).
pub(super) const HEADER: usize = 12;

/// The numbers of the address types (RFC 1035 §3.2.2, RFC 3596 §2.1).
const A: u16 = 1;
pub(super) const AAAA: u16 = 28;

/// The EDNS option of an extended DNS error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// A DNS message as a server sent it.
#[derive(Debug, Clone)]
pub struct Response {
    pub(crate) metadata: Metadata,
    /// As it came.
    pub(crate) octets: Vec<u8>,
    /// With its extended part, as far as the message could be read.
    pub(crate) rcode: u16,
    /// How many questions the header announces.
    pub(crate) questions: u16,
    /// The first of them.
    pub(crate) question: Option<Query>,
    pub(crate) answers: Vec<Record>,
    /// Where the other sections begin, and how many records each has; None where the answer section
    /// was not read to its end.
    rest: Option<Rest>,
    /// What stands there, once somebody wanted to know: few who have an answer do.
    aside: OnceLock<Box<Aside>>,
    /// The INFO-CODEs of extended errors, in order (RFC 8914 §2).
    pub(super) extended: Vec<u16>,
    /// Whether the counts of the header fit the octets, and the answer section could be read.
    pub(crate) sound: bool,
}

/// What a message says besides its answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aside {
    /// The owners of the SOA records in the authority section.
    pub(crate) apexes: Vec<Name>,
    /// The owners of the NS records in the authority section.
    pub(super) delegations: Vec<Name>,
    /// How long it is remembered that nothing is there, by the first SOA record in the authority
    /// section: the smaller of its TTL and of its last number (RFC 2308 §5).
    pub(super) negative_ttl: Option<u32>,
    /// Those of the NS records whose data could be read: owner and server.
    pub(crate) name_servers: Vec<(Name, Name)>,
    /// The addresses in the additional section: glue, where the message is a referral.
    pub(crate) glue: Vec<(Name, IpAddr)>,
}

/// Where the authority section begins, and how many records it and the additional section have.
#[derive(Debug, Clone, Copy)]
struct Rest {
    begin: u16,
    authorities: u16,
    additionals: u16,
}

impl Response {
    /// Reads a message, as far as it can be read; None where that is not even header and question.
    ///
    /// A truncated message may be cut off anywhere (RFC 2181 §9), so its header is enough.
    pub fn decode(octets: &[u8]) -> Option<Self> {
        // A message is no longer over TCP (RFC 1035 §4.2.2), and the codec counts on that.
        u16::try_from(octets.len()).ok()?;
        let mut decoder = BinDecoder::new(octets);
        let Header { metadata, counts } = Header::read(&mut decoder).ok()?;
        let mut response = Self {
            metadata,
            octets: octets.to_vec(),
            rcode: u16::from(octets.get(3)? & 0x0f),
            questions: counts.queries,
            question: None,
            answers: Vec::new(),
            rest: None,
            aside: OnceLock::new(),
            extended: Vec::new(),
            sound: false,
        };
        if counts.queries > 0 {
            match Query::read(&mut decoder) {
                Ok(question) => response.question = Some(question),
                Err(_cut_off) if metadata.truncation => {}
                Err(_) => return None,
            }
        }
        // What is cut off is asked for again, and says nothing else.
        if !metadata.truncation && counts.queries <= 1 {
            response.sound = response.read_sections(&mut decoder, counts).is_some();
        }
        Some(response)
    }

    /// Whether this is a response to a query at all (RFC 1035 §4.1.1).
    pub(crate) fn is_response(&self) -> bool {
        self.metadata.message_type == MessageType::Response
            && self.metadata.op_code == OpCode::Query
    }

    /// Whether the message repeats this question and no other.
    pub(crate) fn is_about(&self, question: &Question) -> bool {
        self.questions == 1
            && self.question.as_ref().is_some_and(|asked| {
                asked.query_type == question.rtype
                    && asked.query_class == DNSClass::IN
                    && asked.name == question.name
            })
    }

    /// Whether the message repeats this question as it was sent, octet for octet, and no other.
    pub(crate) fn repeats(&self, question: &[u8]) -> bool {
        self.questions == 1 && self.octets[HEADER..].starts_with(question)
    }

    /// None where the message does not end with the last record that is announced, or earlier where
    /// it cannot be read on.
    fn read_sections(&mut self, decoder: &mut BinDecoder<'_>, counts: HeaderCounts) -> Option<()> {
        for _ in 0..counts.answers {
            if self.is_passed_over(decoder) {
                Frame::read(decoder)?;
                continue;
            }
            let record = Record::read(decoder).ok()?;
            // A record without RDATA exists in updates alone (RFC 2136 §2.4.1).
            if is_meta(record.record_type()) || matches!(record.data, RData::Update0(_)) {
                return None;
            }
            self.answers.push(record);
        }
        self.rest = Some(Rest {
            begin: u16::try_from(decoder.index()).ok()?,
            authorities: counts.authorities,
            additionals: counts.additionals,
        });
        for _ in 0..counts.authorities {
            Frame::read(decoder)?;
        }
        let mut edns = false;
        for _ in 0..counts.additionals {
            let frame = Frame::read(decoder)?;
            if frame.rtype == OPT {
                // Two of them contradict each other (RFC 6891 §6.1.1).
                if std::mem::replace(&mut edns, true) {
                    return None;
                }
                self.note_edns(&frame);
            }
        }
        decoder.is_empty().then_some(())
    }

    /// What it says besides its answers, as far as the other sections can be read.
    pub(crate) fn aside(&self) -> &Aside {
        self.aside.get_or_init(|| {
            let mut aside = Box::<Aside>::default();
            if let Some(rest) = self.rest {
                let _whole = aside.read(&self.octets, rest);
            }
            aside
        })
    }

    /// The AAAA records in the additional section whose owners have a place, as far as it can be read.
    pub(super) fn beside(&self, place: impl Fn(&Name) -> Option<usize>) -> Vec<Found> {
        let mut found = Vec::new();
        let Some(rest) = self.rest else { return found };
        let mut decoder = BinDecoder::new(&self.octets).clone(rest.begin);
        for nth in 0..u32::from(rest.authorities) + u32::from(rest.additionals) {
            let start = u16::try_from(decoder.index()).ok();
            let Some((start, frame)) = start.zip(Frame::read(&mut decoder)) else { break };
            if nth < u32::from(rest.authorities)
                || frame.rtype != AAAA
                || frame.class != u16::from(DNSClass::IN)
            {
                continue;
            }
            let owner = Name::read(&mut decoder.clone(start)).ok();
            if let Some(host) = owner.and_then(|owner| place(&owner)) {
                found.push(Found::new(host, frame.ttl, frame.rdata));
            }
        }
        found
    }

    /// Whether the next record proves others, and is not asked for: whatever a signature of tomorrow
    /// looks like, it hides no answer.
    fn is_passed_over(&self, decoder: &BinDecoder<'_>) -> bool {
        let next = u16::try_from(decoder.index()).ok();
        let next = next.and_then(|at| Frame::read(&mut decoder.clone(at)));
        let Some(rtype) = next.map(|frame| RecordType::from(frame.rtype)) else { return false };
        let is_asked_for = self.question.as_ref().is_some_and(|asked| asked.query_type == rtype);
        matches!(rtype, RecordType::RRSIG | RecordType::NSEC | RecordType::NSEC3) && !is_asked_for
    }

    /// The fixed part of OPT stands in its TTL (RFC 6891 §6.1.3); options are read up to the first
    /// that does not fit.
    fn note_edns(&mut self, frame: &Frame<'_>) {
        self.rcode |= u16::from(frame.ttl.to_be_bytes()[0]) << 4;
        let mut rest = frame.rdata;
        while let Some((&[a, b, c, d], after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes([c, d]));
            let Some((option, after)) = after.split_at_checked(length) else { return };
            if u16::from_be_bytes([a, b]) == EXTENDED_ERROR
                && let Some(code) = option.first_chunk()
                && self.extended.len() < MAX_EXTENDED
            {
                self.extended.push(u16::from_be_bytes(*code));
            }
            rest = after;
        }
    }
}

impl Aside {
    /// None where it cannot be read on.
    fn read(&mut self, octets: &[u8], rest: Rest) -> Option<()> {
        let mut decoder = BinDecoder::new(octets).clone(rest.begin);
        for _ in 0..rest.authorities {
            let start = u16::try_from(decoder.index()).ok()?;
            let frame = Frame::read(&mut decoder)?;
            self.note_authority(&mut decoder.clone(start), &frame);
        }
        for _ in 0..rest.additionals {
            let start = u16::try_from(decoder.index()).ok()?;
            if let A | AAAA = Frame::read(&mut decoder)?.rtype {
                self.note_glue(&mut decoder.clone(start));
            }
        }
        Some(())
    }

    /// What cannot be read is no evidence, and no harm.
    fn note_authority(&mut self, decoder: &mut BinDecoder<'_>, frame: &Frame<'_>) {
        if frame.class != u16::from(DNSClass::IN) {
            return;
        }
        match RecordType::from(frame.rtype) {
            RecordType::SOA => {
                if let Ok(Record { name, data: RData::SOA(soa), ttl, .. }) = Record::read(decoder) {
                    self.apexes.push(name);
                    let ttl = ttl.min(soa.minimum);
                    self.negative_ttl.get_or_insert(ttl);
                }
            }
            RecordType::NS => {
                let Ok(owner) = Name::read(decoder) else { return };
                // Behind the owner stand type, class, TTL and the length of the data (RFC 1035
                // §4.1.3).
                if decoder.read_slice(10).is_ok()
                    && let Ok(server) = Name::read(decoder)
                {
                    self.name_servers.push((owner.clone(), server));
                }
                self.delegations.push(owner);
            }
            _ => {}
        }
    }

    /// Whether an address is believed is for the one who was referred to say.
    fn note_glue(&mut self, decoder: &mut BinDecoder<'_>) {
        let Ok(Record { name, data, dns_class: DNSClass::IN, .. }) = Record::read(decoder) else {
            return;
        };
        match data {
            RData::A(address) => self.glue.push((name, address.0.into())),
            RData::AAAA(address) => self.glue.push((name, address.0.into())),
            _ => {}
        }
    }
}

/// OPT, and the types of transactions and queries (RFC 6895 §3.1).
fn is_meta(rtype: RecordType) -> bool {
    let code = u16::from(rtype);
    code == OPT || (128..=255).contains(&code)
}

/// A record of which the bounds alone are known to be sound.
pub(crate) struct Frame<'a> {
    /// By its number: what it is need not be known.
    pub(crate) rtype: u16,
    pub(crate) class: u16,
    pub(crate) ttl: u32,
    pub(crate) rdata: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads up to the end of the RDATA, whatever that holds.
    pub(crate) fn read(decoder: &mut BinDecoder<'a>) -> Option<Self> {
        skip_name(decoder)?;
        let rtype = decoder.read_u16().ok()?.unverified();
        let class = decoder.read_u16().ok()?.unverified();
        let ttl = decoder.read_u32().ok()?.unverified();
        let length = decoder.read_u16().ok()?.unverified();
        let rdata = decoder.read_slice(length.into()).ok()?.unverified();
        Some(Self { rtype, class, ttl, rdata })
    }
}

/// Goes behind a name without following its pointer (RFC 1035 §4.1.4).
fn skip_name(decoder: &mut BinDecoder<'_>) -> Option<()> {
    loop {
        match decoder.pop().ok()?.unverified() {
            0 => return Some(()),
            length @ 1..=63 => drop(decoder.read_slice(length.into()).ok()?),
            0xc0.. => return decoder.pop().ok().map(drop),
            _ => return None,
        }
    }
}
