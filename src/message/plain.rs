//! A plain response, read where it stands.
//!
//! Most responses have the records that were asked for, at the name that was asked for or behind one
//! alias, or have the SOA record of the zone to say that nothing is there. These are told by their
//! octets: nothing is built that nobody wants. [`Response`](super::Response) reads all others, and
//! says the same of these.

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use hickory_proto::serialize::binary::{BinDecoder, Restrict};

use super::beside::{Found, MOST_HOSTS, rrsets};
use super::decode::{AAAA, HEADER, OPT};
use super::walk::{POINTER, Walk, pointer};
use super::{MAX_TTL, NOERROR, NXDOMAIN, is_ttl};
use crate::answer::{Answer, Dnssec, Outcome};

/// What a plain response says, and what validation wants to know of its header.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// The answer, of which nobody has said yet what it is to DNSSEC.
    pub answer: Answer,
    /// The AD bit (RFC 4035 §3.2.3).
    pub authentic_data: bool,
    /// The RA bit (RFC 1035 §4.1.1).
    pub recursion_available: bool,
}

/// Reads a message as the answer to a question, which is given as it was sent: name, type and class
/// (RFC 1035 §4.1.2). None where the message is not plain, or repeats another question.
///
/// ```
/// use mailsrv::answer::Outcome;
/// use mailsrv::message::plain;
///
/// let question = b"\x01a\x04test\x00\x00\x01\x00\x01";
/// let header = b"\x00\x07\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00";
/// let record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01";
/// let message = [&header[..], question, record].concat();
/// let answer = plain(question, &message).expect("it has one address").answer;
/// assert!(matches!(answer.outcome, Outcome::Records { ttl: 60, .. }));
/// ```
pub fn plain(question: &[u8], message: &[u8]) -> Option<Plain> {
    u16::try_from(message.len()).ok()?;
    let (header, _) = message.split_first_chunk::<HEADER>()?;
    let [_, _, high, low, questions @ .., a, b, c, d, e, f] = *header;
    let (rtype, is_response) = (type_of(question)?, high & 0xfa == 0x80);
    let rcode = u16::from(low & 0x0f);
    if !is_response
        || questions != [0, 1]
        || !matches!(rcode, NOERROR | NXDOMAIN)
        || !message[HEADER..].starts_with(question)
    {
        return None;
    }
    let (answers, authorities) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let additionals = u16::from_be_bytes([e, f]);
    let at = HEADER + question.len();
    let mut scan = Scan { octets: message, at, targets: Vec::new(), found: Vec::new() };
    let mut chain = Vec::new();
    let (outcome, negative_ttl) = if answers > 0 {
        let records = scan.records(rtype, answers, &mut chain).filter(|_| rcode == NOERROR)?;
        for _ in 0..authorities {
            scan.frame()?;
        }
        (records, None)
    } else {
        let negative_ttl = scan.absence(rcode, authorities)?;
        (if rcode == NXDOMAIN { Outcome::NxDomain } else { Outcome::NoData }, negative_ttl)
    };
    let authoritative = high & 0x04 != 0;
    if !authoritative || !chain.is_empty() || scan.targets.len() > MOST_HOSTS {
        scan.targets.clear();
    }
    scan.additionals(additionals)?;
    let beside = match &outcome {
        Outcome::Records { data, .. } => rrsets(data, &scan.found),
        Outcome::NoData | Outcome::NxDomain | Outcome::Failed(_) => Vec::new(),
    };
    let answer = Answer {
        chain,
        outcome,
        dnssec: Dnssec::Unknown,
        dnssec_by: None,
        validated: None,
        authoritative,
        rcode: Some(rcode),
        extended: Vec::new(),
        uneven_ttls: false,
        negative_ttl,
        beside,
    };
    let (authentic_data, recursion_available) = (low & 0x20 != 0, low & 0x80 != 0);
    (scan.at == message.len()).then_some(Plain { answer, authentic_data, recursion_available })
}

/// The type of a question, where its records have no part in what else a message says.
fn type_of(question: &[u8]) -> Option<RecordType> {
    let (_, [a, b, class @ ..]) = question.split_last_chunk::<4>()?;
    let rtype = RecordType::from(u16::from_be_bytes([*a, *b]));
    let is_plain = matches!(
        rtype,
        RecordType::A
            | RecordType::AAAA
            | RecordType::CAA
            | RecordType::CNAME
            | RecordType::MX
            | RecordType::NS
            | RecordType::SOA
            | RecordType::SRV
            | RecordType::TXT
    );
    (is_plain && *class == u16::from(DNSClass::IN).to_be_bytes()).then_some(rtype)
}

/// A message, and how far it was read.
struct Scan<'a> {
    octets: &'a [u8],
    at: usize,
    /// Where the targets of the SRV records stand that were asked for.
    targets: Vec<usize>,
    /// What stands beside them.
    found: Vec<Found>,
}

/// A record: where its owner and its data stand.
struct Frame {
    owner: usize,
    rtype: u16,
    class: u16,
    ttl: u32,
    data: usize,
    length: u16,
}

impl Scan<'_> {
    /// The records that were asked for, all of one TTL and nothing beside them but one alias before
    /// them.
    fn records(&mut self, rtype: RecordType, count: u16, chain: &mut Vec<Name>) -> Option<Outcome> {
        let mut owner = HEADER;
        let mut lowest = None;
        let mut data = Vec::with_capacity(usize::from(count.min(8)));
        for nth in 0..count {
            let frame = self.frame()?;
            let found = RecordType::from(frame.rtype);
            if frame.class != u16::from(DNSClass::IN)
                || frame.length == 0
                || !self.is_same(frame.owner, owner)
            {
                return None;
            }
            if found == rtype && !(rtype == RecordType::CNAME && nth > 0) {
                if frame.ttl > MAX_TTL || *lowest.get_or_insert(frame.ttl) != frame.ttl {
                    return None;
                }
                data.push(self.data(&frame)?);
                if rtype == RecordType::SRV {
                    // Behind three numbers (RFC 2782).
                    self.targets.push(frame.data + 6);
                }
            } else if found == RecordType::CNAME && nth == 0 {
                let RData::CNAME(CNAME(canonical)) = self.data(&frame)? else { return None };
                owner = frame.data;
                if self.is_same(HEADER, owner) {
                    return None;
                }
                chain.push(canonical);
            } else {
                return None;
            }
        }
        lowest.map(|ttl| Outcome::Records { ttl, data })
    }

    /// That nothing is there, and how long that is remembered: the SOA record of a zone above says so,
    /// alone in the authority section (RFC 2308 §2).
    fn absence(&mut self, rcode: u16, authorities: u16) -> Option<Option<u32>> {
        let frame = self.frame().filter(|_| authorities == 1)?;
        if RecordType::from(frame.rtype) != RecordType::SOA
            || frame.class != u16::from(DNSClass::IN)
            || frame.length == 0
            || !self.encloses(frame.owner, rcode == NXDOMAIN)
        {
            return None;
        }
        Some(Some(frame.ttl.min(self.minimum(&frame)?)).filter(is_ttl))
    }

    /// The last number of an SOA record, which follows two names and four numbers (RFC 1035 §3.3.13).
    fn minimum(&self, soa: &Frame) -> Option<u32> {
        const NUMBERS: usize = 20;
        let numbers = self.end_of_name(self.end_of_name(soa.data)?)?;
        let end = soa.data + usize::from(soa.length);
        let minimum = self.octets.get(numbers..end)?.last_chunk()?;
        (end - numbers == NUMBERS).then(|| u32::from_be_bytes(*minimum))
    }

    /// Where a name ends; None of what is none, or is too long (RFC 1035 §2.3.4).
    fn end_of_name(&self, begin: usize) -> Option<usize> {
        const LONGEST: usize = 255;
        let (mut walk, mut length) = (Walk::from(begin), 1);
        loop {
            match walk.next(self.octets)? {
                [] => break,
                label => length += 1 + label.len(),
            }
        }
        let mut at = begin;
        while let Some(label @ 1..=63) = self.octets.get(at) {
            at += 1 + usize::from(*label);
        }
        let end = if *self.octets.get(at)? == 0 { at + 1 } else { at + 2 };
        (length <= LONGEST).then_some(end)
    }

    /// What is beside the answer: addresses of targets, and anything but EDNS that says more (RFC 6891
    /// §6.1).
    fn additionals(&mut self, count: u16) -> Option<()> {
        let mut edns = false;
        for _ in 0..count {
            let frame = self.frame()?;
            if frame.rtype == OPT {
                let says_more = frame.length > 0 || frame.ttl.to_be_bytes()[0] != 0;
                if std::mem::replace(&mut edns, true) || says_more {
                    return None;
                }
            } else if frame.rtype == AAAA && frame.class == u16::from(DNSClass::IN) {
                self.note_beside(&frame);
            }
        }
        Some(())
    }

    fn note_beside(&mut self, frame: &Frame) {
        let is_owner = |target: &usize| self.is_same(frame.owner, *target);
        if let Some(host) = self.targets.iter().position(is_owner) {
            let rdata = &self.octets[frame.data..frame.data + usize::from(frame.length)];
            self.found.push(Found::new(host, frame.ttl, rdata));
        }
    }

    /// The next record, up to the end of its data.
    fn frame(&mut self) -> Option<Frame> {
        let owner = self.at;
        let mut at = owner;
        loop {
            match *self.octets.get(at)? {
                0 => break at += 1,
                length @ 1..=63 => at += 1 + usize::from(length),
                POINTER.. => break at += 2,
                _ => return None,
            }
        }
        let fixed: &[u8; 10] = self.octets.get(at..)?.first_chunk()?;
        let [a, b, c, d, ttl @ .., e, f] = *fixed;
        let (rtype, class) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let length = u16::from_be_bytes([e, f]);
        let data = at + fixed.len();
        self.at = data + usize::from(length);
        let frame = Frame { owner, rtype, class, ttl: u32::from_be_bytes(ttl), data, length };
        (self.at <= self.octets.len()).then_some(frame)
    }

    /// The codec reads the data, whose names may point anywhere before them.
    fn data(&self, frame: &Frame) -> Option<RData> {
        let mut decoder = BinDecoder::new(self.octets).clone(u16::try_from(frame.data).ok()?);
        RData::read(&mut decoder, RecordType::from(frame.rtype), Restrict::new(frame.length)).ok()
    }

    /// Whether the name at one place is one above the question or, unless it is denied, that itself.
    fn encloses(&self, owner: usize, is_denied: bool) -> bool {
        let mut above = HEADER;
        let mut is_itself = true;
        loop {
            if self.is_same(owner, above) {
                return !(is_itself && is_denied);
            }
            is_itself = false;
            match self.octets.get(above) {
                Some(length @ 1..=63) => above += 1 + usize::from(*length),
                _ => return false,
            }
        }
    }

    /// Whether the names at two places are the same; the second one is known to be a name.
    fn is_same(&self, one: usize, other: usize) -> bool {
        let pointed = pointer(self.octets, one).filter(|_| self.octets[one] >= POINTER);
        if pointed == Some(other) && other < one {
            return true;
        }
        let (mut one, mut other) = (Walk::from(one), Walk::from(other));
        loop {
            match (one.next(self.octets), other.next(self.octets)) {
                (Some([]), Some([])) => return true,
                (Some(one), Some(other)) if one.eq_ignore_ascii_case(other) => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::opt::EdnsOption;
    use hickory_proto::rr::rdata::{A, AAAA, MX, NS, SOA, SRV, TXT};
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::answer::Question;
    use crate::message::{Response, read};

    const TYPES: [RecordType; 8] = [
        RecordType::SRV,
        RecordType::SRV,
        RecordType::A,
        RecordType::AAAA,
        RecordType::CNAME,
        RecordType::MX,
        RecordType::SOA,
        RecordType::TXT,
    ];

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn data(rtype: RecordType, target: &str) -> RData {
        let target = name(target);
        match rtype {
            RecordType::SRV => RData::SRV(SRV::new(0, 1, 993, target)),
            RecordType::A => RData::A(A::new(192, 0, 2, 1)),
            RecordType::AAAA => RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            RecordType::CNAME => RData::CNAME(CNAME(target)),
            RecordType::MX => RData::MX(MX::new(10, target)),
            RecordType::SOA => RData::SOA(SOA::new(target.clone(), target, 1, 2, 3, 4, 300)),
            RecordType::NS => RData::NS(NS(target)),
            _ => RData::TXT(TXT::new(vec!["text".to_owned()])),
        }
    }

    /// A message that repeats the question for `q.d.test.`, and that question as it stands there.
    fn message(rtype: RecordType, code: ResponseCode, sections: [&[Record]; 3]) -> Message {
        let mut message = Message::response(7, OpCode::Query);
        message.add_query(Query::query(name("q.d.test."), rtype));
        message.metadata.response_code = code;
        message.metadata.authoritative = true;
        let [answers, authorities, additionals] = sections.map(<[_]>::to_vec);
        (message.answers, message.authorities) = (answers, authorities);
        message.additionals = additionals;
        message.edns = Some(Edns::new());
        message
    }

    fn question(octets: &[u8]) -> Vec<u8> {
        octets[HEADER..HEADER + name("q.d.test.").len() + 1 + 4].to_vec()
    }

    /// What the reader of all messages says, to the octet; None where it does not take the message for
    /// a response to the question.
    fn read_whole(rtype: RecordType, question: &[u8], octets: &[u8]) -> Option<String> {
        let response = Response::decode(octets)?;
        let asked = Question { name: name("q.d.test."), rtype };
        let answer = read(&asked, &response);
        let bits = (response.metadata.authentic_data, response.metadata.recursion_available);
        (response.is_response() && response.repeats(question))
            .then(|| format!("{answer:?}{bits:?}"))
    }

    fn read_plain(question: &[u8], octets: &[u8]) -> Option<String> {
        plain(question, octets).map(|Plain { answer, authentic_data, recursion_available }| {
            format!("{answer:?}{:?}", (authentic_data, recursion_available))
        })
    }

    #[track_caller]
    fn check(rtype: RecordType, code: ResponseCode, sections: [&[Record]; 3], is_plain: bool) {
        let octets = message(rtype, code, sections).to_vec().unwrap();
        let said = read_plain(&question(&octets), &octets);
        assert_eq!(said.is_some(), is_plain, "{said:?}");
        assert!(said.is_none() || said == read_whole(rtype, &question(&octets), &octets));
    }

    fn record(owner: &str, ttl: u32, rtype: RecordType, target: &str) -> Record {
        Record::from_rdata(name(owner), ttl, data(rtype, target))
    }

    #[test]
    fn what_servers_say_of_healthy_domains_is_plain() {
        use ResponseCode::{NXDomain, NoError};
        let ns = [record("d.test.", 60, RecordType::NS, "ns.d.test.")];
        let glue = [record("ns.d.test.", 60, RecordType::A, "."), ns[0].clone()];
        for rtype in TYPES {
            let own = record("q.d.test.", 60, rtype, "mail.d.test.");
            check(rtype, NoError, [std::slice::from_ref(&own), &ns, &glue], true);
            let alias = record("q.d.test.", 5, RecordType::CNAME, "r.d.test.");
            let behind = record("R.d.test.", 60, rtype, "mail.d.test.");
            let is_other = rtype != RecordType::CNAME;
            check(rtype, NoError, [&[alias.clone(), behind], &ns, &[]], is_other);
            // The alias alone leaves its end to be asked for, and of a loop there is none.
            check(rtype, NoError, [std::slice::from_ref(&alias), &[], &[]], !is_other);
            check(rtype, NXDomain, [std::slice::from_ref(&own), &[], &[]], false);
            for (zone, is_above) in [("d.test.", true), (".", true), ("e.test.", false)] {
                let soa = [record(zone, 600, RecordType::SOA, "ns.d.test.")];
                check(rtype, NoError, [&[], &soa, &[]], is_above);
                check(rtype, NXDomain, [&[], &soa, &[]], is_above);
                check(rtype, ResponseCode::ServFail, [&[], &soa, &[]], false);
            }
            let apex = [record("q.d.test.", 600, RecordType::SOA, "ns.d.test.")];
            check(rtype, NoError, [&[], &apex, &[]], true);
            check(rtype, NXDomain, [&[], &apex, &[]], false);
            check(rtype, NoError, [&[], &ns, &[]], false);
            check(rtype, NoError, [&[], &[], &[]], false);
        }
    }

    /// What both readers see beside an SRV record that leads to `mail.d.test.`: how many addresses.
    #[track_caller]
    fn check_beside(what: &str, change: &dyn Fn(&mut Message), expected: Option<usize>) {
        let own = [record("q.d.test.", 60, RecordType::SRV, "mail.d.test.")];
        let beside = [
            record("ns.d.test.", 60, RecordType::AAAA, "."),
            record("MAIL.d.test.", 60, RecordType::A, "."),
            record("MAIL.d.test.", 60, RecordType::AAAA, "."),
        ];
        let sections = [&own[..], &[], &beside];
        let mut message = message(RecordType::SRV, ResponseCode::NoError, sections);
        change(&mut message);
        let octets = message.to_vec().unwrap();
        let question = question(&octets);
        let Plain { answer, .. } = plain(&question, &octets).expect(what);
        let counts: Vec<usize> = answer.beside.iter().map(|host| host.addresses.len()).collect();
        assert_eq!(counts, expected.into_iter().collect::<Vec<_>>(), "{what}");
        assert_eq!(read_plain(&question, &octets), read_whole(RecordType::SRV, &question, &octets));
    }

    #[test]
    fn the_addresses_of_targets_beside_an_answer_are_read_where_they_are_whole() {
        let mail = |ttl| record("mail.d.test.", ttl, RecordType::AAAA, ".");
        check_beside("one", &|_| {}, Some(1));
        check_beside("two", &|message| message.additionals.push(mail(60)), Some(2));
        check_beside("two TTLs", &|message| message.additionals.push(mail(61)), None);
        check_beside("no TTL", &|message| message.additionals[2].ttl = u32::MAX, None);
        check_beside("another name", &|message| message.additionals.truncate(2), None);
        check_beside("a cache", &|message| message.metadata.authoritative = false, None);
        check_beside(
            "another class",
            &|message| {
                message.additionals[2].dns_class = DNSClass::CH;
            },
            None,
        );
        check_beside(
            "the authority section",
            &|message| {
                message.authorities = vec![message.additionals.pop().unwrap()];
            },
            None,
        );
        check_beside(
            "many targets",
            &|message| {
                let host = |nth: usize| format!("t{nth}.d.test.");
                let srv = |nth| record("q.d.test.", 60, RecordType::SRV, &host(nth));
                message.answers.extend((0..MOST_HOSTS).map(srv));
            },
            None,
        );
        check_beside(
            "a target behind an alias",
            &|message| {
                let alias = record("q.d.test.", 60, RecordType::CNAME, "r.d.test.");
                message.answers[0].name = name("r.d.test.");
                message.answers.insert(0, alias);
            },
            None,
        );
    }

    #[test]
    fn what_says_more_than_its_records_is_not_plain() {
        let own = [record("q.d.test.", 60, RecordType::A, ".")];
        let plain_one = message(RecordType::A, ResponseCode::NoError, [&own, &[], &[]]);
        let check = |what: &str, change: &dyn Fn(&mut Message)| {
            let mut message = plain_one.clone();
            change(&mut message);
            let octets = message.to_vec().unwrap();
            assert_eq!(read_plain(&question(&octets), &octets), None, "{what}");
        };
        check("truncation", &|message| message.metadata.truncation = true);
        check("another operation", &|message| message.metadata.op_code = OpCode::Status);
        check("an extended code", &|message| {
            message.metadata.response_code = ResponseCode::BADVERS;
        });
        check("an extended error", &|message| {
            let option = EdnsOption::Unknown(15, vec![0, 17]);
            message.edns.as_mut().unwrap().options_mut().insert(option);
        });
        check("uneven TTLs", &|message| {
            message.answers.push(record("q.d.test.", 61, RecordType::A, "."));
        });
        let octets = plain_one.to_vec().unwrap();
        for end in 0..octets.len() {
            assert_eq!(read_plain(&question(&octets), &octets[..end]), None, "{end}");
        }
        assert_eq!(read_plain(&question(&octets), &[&octets[..], &[0]].concat()), None);
        let other_case = octets.iter().map(u8::to_ascii_uppercase).collect::<Vec<_>>();
        assert_eq!(read_plain(&question(&octets), &other_case), None);
    }

    fn any_records() -> impl Strategy<Value = Vec<Record>> {
        const NAMES: [&str; 9] = [
            "q.d.test.",
            "q.d.test.",
            "q.d.test.",
            "Q.D.test.",
            "r.d.test.",
            "d.test.",
            "x.q.d.test.",
            "e.",
            ".",
        ];
        let types = TYPES.into_iter().chain([RecordType::NS]).collect::<Vec<_>>();
        let ttls = vec![60, 60, 60, 5, u32::MAX];
        let one = (select(NAMES.to_vec()), select(ttls), select(types), select(NAMES.to_vec()))
            .prop_map(|(owner, ttl, rtype, target)| record(owner, ttl, rtype, target));
        prop::collection::vec(one, 0..3)
    }

    fn any_message() -> impl Strategy<Value = (RecordType, Message)> {
        let codes = vec![ResponseCode::NoError, ResponseCode::NXDomain, ResponseCode::Refused];
        let header = (select(TYPES.to_vec()), select(codes), any::<[bool; 4]>(), 0..4_u8);
        (header, any_records(), any_records(), any_records()).prop_map(
            |((rtype, code, [aa, ra, ad, tc], edns), answers, authorities, additionals)| {
                let mut message = message(rtype, code, [&answers, &authorities, &additionals]);
                let metadata = &mut message.metadata;
                (metadata.authoritative, metadata.recursion_available) = (aa, ra);
                (metadata.authentic_data, metadata.truncation) = (ad, tc && edns == 0);
                if edns == 1 {
                    message.edns = None;
                }
                (rtype, message)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn both_readers_say_the_same_of_every_message(
            (rtype, message) in any_message(),
            flips in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
            cut in prop::option::weighted(0.1, any::<Index>()),
        ) {
            let mut octets = message.to_vec().unwrap();
            let question = question(&octets);
            for (at, octet) in flips {
                let at = at.index(octets.len());
                octets[at] = octet;
            }
            if let Some(cut) = cut {
                octets.truncate(cut.index(octets.len()));
            }
            if let Some(said) = read_plain(&question, &octets) {
                prop_assert_eq!(Some(said), read_whole(rtype, &question, &octets));
            }
        }
    }
}
