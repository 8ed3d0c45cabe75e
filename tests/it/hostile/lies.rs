//! Responses that look like "nothing is there" and are no evidence for it.

use std::net::Ipv4Addr;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::{A, CNAME, NS, NULL, SRV, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};

use super::scripted::{apex, name, nothing, record, soa};

/// What the lie is, and what it makes of the NODATA of a server of the zone.
type Lie<T> = (&'static str, fn(&mut T));

const IN_MESSAGES: &[Lie<Message>] = &[
    ("an empty response", bare),
    ("an empty NXDOMAIN", |lie| {
        bare(lie);
        deny(lie);
    }),
    ("a referral", |lie| {
        bare(lie);
        refer(lie, apex());
    }),
    ("a referral with AA", |lie| {
        lie.authorities.clear();
        refer(lie, apex());
    }),
    ("a referral with RA", |lie| {
        bare(lie);
        lie.metadata.recursion_available = true;
        refer(lie, apex());
    }),
    ("an upward referral", |lie| {
        bare(lie);
        refer(lie, Name::root());
    }),
    ("the SOA of another zone", |lie| lie.authorities[0].name = elsewhere()),
    ("NXDOMAIN with the SOA of another zone", |lie| {
        deny(lie);
        lie.authorities[0].name = elsewhere();
    }),
    ("NXDOMAIN for an apex", |lie| {
        deny(lie);
        lie.authorities[0].name = asked(lie);
    }),
    ("NXDOMAIN with records there", |lie| {
        deny(lie);
        add(lie, RData::TXT(TXT::new(vec!["here".to_owned()])));
    }),
    ("NXDOMAIN with the records", |lie| {
        deny(lie);
        let data = data_asked(lie);
        add(lie, data);
    }),
    ("NXDOMAIN behind an alias, from the wrong zone", |lie| {
        deny(lie);
        add(lie, RData::CNAME(CNAME(elsewhere())));
    }),
    ("an alias beside the records", |lie| {
        let data = data_asked(lie);
        add(lie, data);
        add(lie, RData::CNAME(CNAME(name("other"))));
    }),
    ("two aliases", |lie| {
        for label in ["this", "that"] {
            add(lie, RData::CNAME(CNAME(name(label))));
        }
    }),
    ("a DNAME without its alias", |lie| {
        let rdata = NULL::with(b"\x09elsewhere\0".to_vec());
        let data = RData::Unknown { code: RecordType::DNAME, rdata };
        let above = asked(lie).base_name();
        lie.add_answer(record(above, data));
    }),
    ("records of another class", |lie| {
        let data = data_asked(lie);
        add(lie, data);
        lie.answers[0].dns_class = DNSClass::CH;
    }),
    ("records of another name", |lie| {
        let data = data_asked(lie);
        lie.add_answer(record(elsewhere(), data));
    }),
    ("a wildcard that is not expanded", |lie| {
        let data = data_asked(lie);
        lie.add_answer(record(name("*"), data));
    }),
    ("an alias of another name", |lie| {
        lie.add_answer(record(elsewhere(), RData::CNAME(CNAME(name("other")))));
    }),
    ("OPT among the answers", |lie| lie.answers.push((&Edns::new()).into())),
    ("BADVERS", |lie| {
        lie.metadata.response_code = ResponseCode::BADVERS;
        lie.set_edns(Edns::new());
    }),
    ("a blocked name", |lie| {
        deny(lie);
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(15, vec![0, 15]));
        lie.set_edns(edns);
    }),
    ("truncated, over TCP too", |lie| lie.metadata.truncation = true),
    ("no question", |lie| lie.queries.clear()),
    ("two questions", |lie| lie.queries.push(lie.queries[0].clone())),
    ("a query", |lie| lie.metadata.message_type = MessageType::Query),
    ("another opcode", |lie| lie.metadata.op_code = OpCode::Status),
];

const IN_OCTETS: &[Lie<Vec<u8>>] = &[
    ("an answer promised", |lie| lie[7] += 1),
    ("an additional record promised", |lie| lie[11] += 1),
    ("octets behind the message", |lie| lie.extend([0; 3])),
    ("a record without data", |lie| {
        let name = lie[12..].iter().position(|octet| *octet == 0).map_or(0, |length| length + 1);
        let question = 12 + name + 4;
        let rtype = [lie[question - 4], lie[question - 3]];
        lie.truncate(question);
        lie.extend(b"\xc0\x0c");
        lie.extend(rtype);
        lie.extend(b"\0\x01\0\0\0\x3c\0\0");
        lie[7] = 1;
        lie[9] = 0;
    }),
];

/// Every lie as a server tells it to a request.
pub(super) fn lies() -> impl Iterator<Item = (&'static str, Box<Teller>)> {
    let messages = IN_MESSAGES.iter().map(|(what, lie)| {
        let teller = |request: &Message| {
            let mut message = nothing(request);
            lie(&mut message);
            octets(&message)
        };
        (*what, Box::new(teller) as Box<Teller>)
    });
    let octets = IN_OCTETS.iter().map(|(what, lie)| {
        let teller = |request: &Message| {
            let mut message = octets(&nothing(request));
            lie(&mut message);
            message
        };
        (*what, Box::new(teller) as Box<Teller>)
    });
    messages.chain(octets)
}

pub(super) type Teller = dyn Fn(&Message) -> Vec<u8> + Send + Sync;

fn octets(message: &Message) -> Vec<u8> {
    message.to_vec().expect("the message can be written")
}

fn bare(lie: &mut Message) {
    lie.metadata.authoritative = false;
    lie.authorities.clear();
}

fn deny(lie: &mut Message) {
    lie.metadata.response_code = ResponseCode::NXDomain;
}

fn refer(lie: &mut Message, zone: Name) {
    lie.add_authority(record(zone, RData::NS(NS(elsewhere()))));
}

fn add(lie: &mut Message, data: RData) {
    let owner = asked(lie);
    lie.add_answer(record(owner, data));
}

fn asked(lie: &Message) -> Name {
    lie.queries[0].name().clone()
}

fn elsewhere() -> Name {
    Name::from_ascii("elsewhere.").expect("the name is valid")
}

fn data_asked(lie: &Message) -> RData {
    match lie.queries[0].query_type() {
        RecordType::SRV => RData::SRV(SRV::new(0, 1, 993, name("mail"))),
        RecordType::SOA => soa(),
        RecordType::A => RData::A(A(Ipv4Addr::LOCALHOST)),
        other => RData::Unknown { code: other, rdata: NULL::with(vec![0; 16]) },
    }
}
