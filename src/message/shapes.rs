//! The shapes that responses come in, and what each says to the question for the SRV records of
//! `q.d.test.`: one row a shape.

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{DNSClass, Name, Record, RecordType};

use super::{Response, read};
use crate::answer::{Answer, Outcome, Question};
use crate::zonefile::Scanner;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// What it is; RCODE and flags; answer section; authority section; what it says.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const RECORDS: &[Row] = &[
    ("records need nobody who vouches for them", "NOERROR", "q SRV", "", "records"),
    ("records in another case", "NOERROR", "Q.D.Test. SRV", "", "records"),
    ("records behind an alias", "NOERROR", "q CNAME r\nr SRV", "", "records"),
    ("an alias told twice", "NOERROR", "q CNAME r\nq CNAME R\nr SRV", "", "records"),
    ("a DNAME with its CNAME", "NOERROR", "@ DNAME e.\nq CNAME q.e.\nq.e. SRV", "", "records"),
    ("a DNAME at the name itself", "NOERROR", "q DNAME e.\nq SRV", "", "records"),
    ("records of another name beside them", "NOERROR", "r SRV\nq SRV", "", "records"),
    ("records of another type beside them", "NOERROR", "q A 192.0.2.1\nq SRV", "", "records"),
    ("records of another type above them", "NOERROR", "@ A 192.0.2.1\nq SRV", "", "records"),
    ("records with the servers of the zone", "NOERROR aa", "q SRV", "@ NS", "records"),
    ("records with the SOA of another zone", "NOERROR aa", "q SRV", "e. SOA", "records"),
];

const ABSENCE: &[Row] = &[
    ("NODATA of type 1 (RFC 2308 2.2)", "NOERROR", "", "@ SOA\n@ NS", "nodata"),
    ("NODATA of type 2, of a server of the zone", "NOERROR aa", "", "@ SOA", "nodata"),
    ("NODATA of type 2, of a resolver", "NOERROR ra", "", "@ SOA", "nodata"),
    ("NODATA of type 2, of a cache", "NOERROR", "", "@ SOA", "nodata"),
    ("NODATA of type 3, of a server of the zone", "NOERROR aa", "", "", "nodata"),
    ("NODATA of type 3, of a resolver", "NOERROR ra", "", "", "nodata"),
    ("NODATA at an apex", "NOERROR", "", "q SOA", "nodata"),
    ("NODATA with other types in the answer", "NOERROR aa", "q A 192.0.2.1", "", "nodata"),
    ("NODATA with NS of elsewhere", "NOERROR aa", "", "e. NS", "nodata"),
    ("NXDOMAIN of type 1 (RFC 2308 2.1)", "NXDOMAIN", "", "@ SOA\n@ NS", "nxdomain"),
    ("NXDOMAIN of type 2", "NXDOMAIN", "", "@ SOA", "nxdomain"),
    ("NXDOMAIN of the root", "NXDOMAIN", "", ". SOA", "nxdomain"),
    ("NXDOMAIN of type 3, of a server of the zone", "NXDOMAIN aa", "", "", "nxdomain"),
    ("NXDOMAIN of type 3, of a resolver", "NXDOMAIN ra", "", "", "nxdomain"),
    ("NXDOMAIN of type 4, of a resolver", "NXDOMAIN ra", "", "@ NS", "nxdomain"),
    ("NODATA behind an alias", "NOERROR", "q CNAME r", "@ SOA", "nodata"),
    ("an alias that leads out of the zones", "NOERROR aa", "q CNAME r.e.", "", "nodata"),
    ("the same with a referral", "NOERROR aa", "q CNAME r.e.", "e. NS", "nodata"),
    ("the same with the zone's SOA", "NOERROR aa", "q CNAME r.e.", "@ SOA", "nodata"),
    ("NXDOMAIN behind an alias", "NXDOMAIN", "q CNAME r", "@ SOA", "nxdomain"),
    ("the same, in another zone", "NXDOMAIN aa", "q CNAME r.e.", "e. SOA", "nxdomain"),
    ("the same, of a resolver", "NXDOMAIN ra", "q CNAME r.e.", "", "nxdomain"),
];

const LAME: &[Row] = &[
    ("an empty response", "NOERROR", "", "", "lame"),
    ("an empty NXDOMAIN", "NXDOMAIN", "", "", "lame"),
    ("an empty response with AD", "NOERROR ad", "", "", "lame"),
    ("a referral", "NOERROR", "", "d.test. NS", "lame"),
    ("a referral to the name itself", "NOERROR", "", "q NS", "lame"),
    ("a referral with AA", "NOERROR aa", "", "d.test. NS", "lame"),
    ("a referral with RA", "NOERROR ra", "", "d.test. NS", "lame"),
    ("an upward referral", "NOERROR", "", ". NS", "lame"),
    ("an upward referral with AA", "NOERROR aa", "", ". NS", "lame"),
    ("an upward referral with RA", "NOERROR ra", "", ". NS", "lame"),
    ("NXDOMAIN with a referral", "NXDOMAIN", "", "d.test. NS", "lame"),
    ("a referral with the SOA of another zone", "NOERROR aa", "", "d.test. NS\ne. SOA", "lame"),
    ("NODATA with the SOA of another zone", "NOERROR", "", "e. SOA", "lame"),
    ("the same with AA", "NOERROR aa", "", "e. SOA", "lame"),
    ("the same with RA", "NOERROR ra", "", "e. SOA", "lame"),
    ("NODATA with the SOA of a zone below", "NOERROR aa", "", "x.q SOA", "lame"),
    ("NXDOMAIN with the SOA of another zone", "NXDOMAIN aa", "", "e. SOA", "lame"),
    ("an alias for which nobody vouches", "NOERROR", "q CNAME r", "", "lame"),
    ("an alias with a referral", "NOERROR", "q CNAME r.e.", "e. NS", "lame"),
    ("NXDOMAIN behind an alias, AA alone", "NXDOMAIN aa", "q CNAME r.e.", "", "lame"),
    ("the same with the zone's SOA", "NXDOMAIN aa", "q CNAME r.e.", "@ SOA", "lame"),
    ("the same of a resolver", "NXDOMAIN ra", "q CNAME r.e.", "@ SOA", "lame"),
];

const CONTRADICTIONS: &[Row] = &[
    ("NXDOMAIN with the records", "NXDOMAIN aa", "q SRV", "@ SOA", "malformed"),
    ("NXDOMAIN with other records there", "NXDOMAIN aa", "q TXT a", "@ SOA", "malformed"),
    ("the same behind an alias", "NXDOMAIN aa", "q CNAME r\nr SRV", "@ SOA", "malformed"),
    ("NXDOMAIN for an apex", "NXDOMAIN aa", "", "q SOA", "malformed"),
    ("the same behind an alias", "NXDOMAIN aa", "q CNAME r", "r SOA", "malformed"),
    ("an alias beside the records", "NOERROR aa", "q CNAME r\nq SRV\nr SRV", "", "malformed"),
    ("the same without an end", "NOERROR aa", "q SRV\nq CNAME r", "", "malformed"),
    ("the same further on", "NOERROR aa", "q CNAME r\nr SRV\nr CNAME s", "", "malformed"),
    ("two aliases at a name", "NOERROR aa", "q CNAME r\nq CNAME s\nr SRV", "", "malformed"),
    ("a DNAME without its CNAME", "NOERROR aa", "@ DNAME e.", "", "malformed"),
    ("the same with RA", "NOERROR ra", "@ DNAME e.", "@ SOA", "malformed"),
    ("the same with NXDOMAIN", "NXDOMAIN aa", "@ DNAME e.", "@ SOA", "malformed"),
    ("records below a DNAME", "NOERROR aa", "@ DNAME e.\nq SRV", "", "malformed"),
    ("a DNAME behind an alias", "NOERROR aa", "q CNAME q.e.\ne. DNAME f.", "", "malformed"),
    ("records of another name alone", "NOERROR aa", "r SRV", "@ SOA", "malformed"),
    ("a wildcard that is not expanded", "NOERROR aa", "*.d.test. SRV", "@ SOA", "malformed"),
    ("an alias of another name alone", "NOERROR aa", "r CNAME s", "@ SOA", "malformed"),
    ("an alias that is not gone on with", "NOERROR aa", "q CNAME r\ns SRV", "@ SOA", "malformed"),
    ("the same with NXDOMAIN", "NXDOMAIN ra", "q CNAME r\ns SRV", "@ SOA", "malformed"),
    ("an alias that loops", "NOERROR aa", "q CNAME r\nr CNAME q", "", "chain-too-long"),
    ("an alias of itself, denied", "NXDOMAIN aa", "q CNAME q", "@ SOA", "chain-too-long"),
];

const RCODES: &[Row] = &[
    ("FORMERR", "FORMERR aa", "", "@ SOA", "rcode-1"),
    ("SERVFAIL", "SERVFAIL aa", "", "@ SOA", "servfail"),
    ("SERVFAIL with records", "SERVFAIL", "q SRV", "", "servfail"),
    ("NOTIMP", "NOTIMP", "", "", "rcode-4"),
    ("REFUSED", "REFUSED ra", "", "", "refused"),
    ("YXDOMAIN of a DNAME that gets too long", "YXDOMAIN aa", "@ DNAME e.", "", "rcode-6"),
    ("NOTAUTH", "NOTAUTH aa", "", "@ SOA", "rcode-9"),
    ("truncated records", "NOERROR aa tc", "q SRV", "", "truncated"),
    ("a truncated NODATA", "NOERROR aa tc", "", "@ SOA", "truncated"),
    ("a truncated NXDOMAIN", "NXDOMAIN ra tc", "", "@ SOA", "truncated"),
    ("a truncated SERVFAIL", "SERVFAIL tc", "", "", "truncated"),
];

#[test]
fn a_response_says_what_its_shape_says() {
    for row in [RECORDS, ABSENCE, LAME, CONTRADICTIONS, RCODES].concat() {
        let (what, header, answer, authority, expected) = row;
        check(what, &octets(&message(header, answer, authority)), expected);
    }
}

/// What it is; what becomes of a message; what it says then.
type Bent<T> = (&'static str, fn(&mut T), &'static str);

/// Begins as NODATA of a server of the zone.
const BENT_NODATA: &[Bent<Message>] = &[
    ("no question", |message| message.queries.clear(), "malformed"),
    ("two questions", |message| message.queries.push(message.queries[0].clone()), "malformed"),
    (
        "another name",
        |message| {
            message.queries[0].set_name(name("r.test."));
        },
        "malformed",
    ),
    (
        "another type",
        |message| {
            message.queries[0].set_query_type(RecordType::A);
        },
        "malformed",
    ),
    (
        "another class",
        |message| {
            message.queries[0].set_query_class(DNSClass::CH);
        },
        "malformed",
    ),
    ("another opcode", |message| message.metadata.op_code = OpCode::Status, "malformed"),
    (
        "records of another class",
        |message| {
            message.add_answer(record("q SRV"));
            message.answers[0].dns_class = DNSClass::CH;
        },
        "malformed",
    ),
    (
        "an alias of another class",
        |message| {
            message.add_answer(record("q CNAME r"));
            message.answers[0].dns_class = DNSClass::CH;
        },
        "malformed",
    ),
    (
        "SOA of another class",
        |message| {
            message.metadata.authoritative = false;
            message.authorities[0].dns_class = DNSClass::CH;
        },
        "lame",
    ),
    (
        "OPT in the answer section",
        |message| {
            message.answers.push((&Edns::new()).into());
        },
        "malformed",
    ),
    (
        "OPT in the authority section",
        |message| {
            message.authorities.push((&Edns::new()).into());
        },
        "nodata",
    ),
    (
        "BADVERS",
        |message| {
            message.metadata.response_code = ResponseCode::BADVERS;
            edns(message);
        },
        "rcode-16",
    ),
    (
        "an extended RCODE over NXDOMAIN",
        |message| {
            message.metadata.response_code = ResponseCode::BADMODE;
            edns(message);
        },
        "rcode-19",
    ),
    ("a stale answer", |message| extended(message, 3), "nodata"),
    ("a forged answer", |message| extended(message, 4), "filtered"),
    ("a blocked name", |message| extended(message, 15), "filtered"),
    (
        "a filtered name, denied",
        |message| {
            message.metadata.response_code = ResponseCode::NXDomain;
            extended(message, 17);
        },
        "filtered",
    ),
];

const NODATA_IN_OCTETS: &[Bent<Vec<u8>>] = &[
    ("a query", |octets| octets[2] &= 0x7f, "malformed"),
    ("an answer promised", |octets| octets[7] += 1, "malformed"),
    ("an authority promised", |octets| octets[9] += 1, "malformed"),
    ("an additional record promised", |octets| octets[11] += 1, "malformed"),
    ("records promised without end", |octets| octets[6..12].fill(0xff), "malformed"),
    ("an octet behind the message", |octets| octets.push(0), "malformed"),
    ("a record behind the message", |octets| octets[9] = 0, "malformed"),
    ("an octet too few", |octets| octets.truncate(octets.len() - 1), "malformed"),
    (
        "nothing but a header",
        |octets| {
            octets[4..12].fill(0);
            octets.truncate(12);
        },
        "malformed",
    ),
    ("SOA with a number too few", |octets| shorten(octets, 4), "nodata"),
    (
        "the same without AA",
        |octets| {
            octets[2] &= !0x04;
            shorten(octets, 4);
        },
        "lame",
    ),
    (
        "the same with RA",
        |octets| {
            octets[2] &= !0x04;
            octets[3] |= 0x80;
            shorten(octets, 4);
        },
        "nodata",
    ),
    (
        "truncated behind the header",
        |octets| {
            octets[2] |= 0x02;
            octets.truncate(12);
        },
        "truncated",
    ),
    (
        "truncated in the question",
        |octets| {
            octets[2] |= 0x02;
            octets.truncate(15);
        },
        "truncated",
    ),
    ("cut off in the question", |octets| octets.truncate(15), "unreadable"),
    ("half a header", |octets| octets.truncate(6), "unreadable"),
    ("nothing", Vec::clear, "unreadable"),
    ("more than a message takes", |octets| octets.resize(65_536, 0), "unreadable"),
    (
        "an additional record of a name without end",
        |octets| {
            add(octets, b"\x01a\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\xc0\0\x02\x01");
        },
        "nodata",
    ),
    (
        "a name of a reserved kind",
        |octets| {
            add(octets, b"\x41a\0\0\x01\0\x01\0\0\0\0\0\x04\xc0\0\x02\x01");
        },
        "malformed",
    ),
    (
        "OPT with half an option",
        |octets| {
            add(octets, b"\0\0\x29\x04\xd0\0\0\0\0\0\x04\0\x0f\0\x09");
        },
        "nodata",
    ),
    (
        "BADVERS with half an option",
        |octets| {
            add(octets, b"\0\0\x29\x04\xd0\x01\0\0\0\0\x04\0\x0f\0\x09");
        },
        "rcode-16",
    ),
    (
        "OPT twice",
        |octets| {
            for _ in 0..2 {
                add(octets, b"\0\0\x29\x04\xd0\0\0\0\0\0\0");
            }
        },
        "malformed",
    ),
];

/// Begins as records, without AA.
const RECORDS_IN_OCTETS: &[Bent<Vec<u8>>] = &[
    ("records with a TTL of 2^31", |octets| octets[32] = 0x80, "records"),
    ("an octet behind the message", |octets| octets.push(0), "malformed"),
    ("an answer promised", |octets| octets[7] += 1, "malformed"),
    ("an additional record promised", |octets| octets[11] += 1, "malformed"),
    (
        "records without data",
        |octets| {
            octets[36..38].fill(0);
            octets.truncate(38);
        },
        "malformed",
    ),
    (
        "a type of questions among them",
        |octets| {
            octets[7] += 1;
            octets.extend(b"\0\0\xc8\0\x01\0\0\0\0\0\x01\0");
        },
        "malformed",
    ),
    ("records with half their data", |octets| shorten(octets, 3), "malformed"),
    (
        "an address of three octets beside them",
        |octets| {
            add(octets, b"\0\0\x01\0\x01\0\0\0\0\0\x03\xc0\0\x02");
        },
        "records",
    ),
    (
        "a client subnet of no family",
        |octets| {
            add(octets, b"\0\0\x29\x04\xd0\0\0\0\0\0\x08\0\x08\0\x04\0\x09\0\0");
        },
        "records",
    ),
];

#[test]
fn a_bent_response_is_believed_as_far_as_it_is_sound() {
    let nodata = message("NOERROR aa", "", "@ SOA");
    for (what, bend, expected) in BENT_NODATA {
        let mut message = nodata.clone();
        bend(&mut message);
        check(what, &octets(&message), expected);
    }
    let records = message("NOERROR", "q SRV", "");
    for (base, rows) in [(nodata, NODATA_IN_OCTETS), (records, RECORDS_IN_OCTETS)] {
        for (what, bend, expected) in rows {
            let mut octets = octets(&base);
            bend(&mut octets);
            check(what, &octets, expected);
        }
    }
}

#[test]
fn a_ttl_of_more_than_31_bits_counts_as_0() {
    let most = i32::MAX.unsigned_abs();
    for (told, expected) in [(most, most), (most + 1, 0), (u32::MAX, 0)] {
        let mut octets = octets(&message("NOERROR", "q SRV", ""));
        octets[32..36].copy_from_slice(&told.to_be_bytes());
        let answer = answer(&octets).unwrap();
        assert!(matches!(answer.outcome, Outcome::Records { ttl, .. } if ttl == expected));
    }
}

#[test]
fn the_ttls_of_one_rrset_are_compared() {
    let check = |records: &str, second: u32, expected: bool| {
        let mut message = message("NOERROR", records, "");
        message.answers[1].ttl = second;
        let answer = answer(&octets(&message)).unwrap();
        assert_eq!(
            (code(&answer).as_str(), answer.uneven_ttls),
            ("records", expected),
            "{records}"
        );
    };
    check("q SRV\nq SRV", 60, false);
    check("q SRV\nq SRV", 61, true);
    check("q SRV\nr SRV", 61, false);
    check("q SRV\nq A 192.0.2.1", 61, false);
    check("q CNAME r\nr SRV", 61, false);
}

#[test]
fn an_alias_asked_for_is_data_and_one_at_most() {
    let question = Question { name: name("q.d.test."), rtype: RecordType::CNAME };
    let check = |header: &str, records: &str, expected: &str| {
        let mut message = message(header, records, "");
        message.queries[0].set_query_type(RecordType::CNAME);
        let response = Response::decode(&octets(&message)).unwrap();
        assert_eq!(code(&read(&question, &response)), expected, "{header} {records}");
    };
    check("NOERROR", "q CNAME r", "records");
    check("NOERROR", "q CNAME q", "records");
    check("NOERROR", "q CNAME r\nr CNAME s", "records");
    check("NOERROR", "@ DNAME e.\nq CNAME q.e.", "records");
    check("NOERROR aa", "q CNAME r\nq CNAME s", "malformed");
    check("NOERROR aa", "@ DNAME e.", "malformed");
    check("NOERROR aa", "r CNAME s", "malformed");
    check("NXDOMAIN aa", "q CNAME r", "malformed");
}

#[track_caller]
fn check(what: &str, octets: &[u8], expected: &str) {
    let answer = answer(octets);
    let said = answer.as_ref().map_or_else(|| "unreadable".to_owned(), code);
    assert_eq!(said, expected, "{what}: {octets:02x?}");
    // Of what is not believed no alias is, either.
    let believed = ["records", "nodata", "nxdomain", "chain-too-long"].contains(&expected);
    assert!(believed || answer.is_none_or(|answer| answer.chain.is_empty()), "{what}");
}

fn answer(octets: &[u8]) -> Option<Answer> {
    let question = Question { name: name("q.d.test."), rtype: RecordType::SRV };
    Response::decode(octets).map(|response| read(&question, &response))
}

fn code(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Records { .. } => "records".to_owned(),
        Outcome::NoData => "nodata".to_owned(),
        Outcome::NxDomain => "nxdomain".to_owned(),
        Outcome::Failed(failure) => failure.code(),
    }
}

fn message(header: &str, answer: &str, authority: &str) -> Message {
    let mut message = Message::response(0, OpCode::Query);
    message.add_query(Query::query(name("q.d.test."), RecordType::SRV));
    for word in header.split(' ') {
        let metadata = &mut message.metadata;
        match word {
            "aa" => metadata.authoritative = true,
            "ra" => metadata.recursion_available = true,
            "tc" => metadata.truncation = true,
            "ad" => metadata.authentic_data = true,
            "NOERROR" => metadata.response_code = ResponseCode::NoError,
            "FORMERR" => metadata.response_code = ResponseCode::FormErr,
            "SERVFAIL" => metadata.response_code = ResponseCode::ServFail,
            "NXDOMAIN" => metadata.response_code = ResponseCode::NXDomain,
            "NOTIMP" => metadata.response_code = ResponseCode::NotImp,
            "REFUSED" => metadata.response_code = ResponseCode::Refused,
            "YXDOMAIN" => metadata.response_code = ResponseCode::YXDomain,
            "NOTAUTH" => metadata.response_code = ResponseCode::NotAuth,
            other => panic!("{other}"),
        }
    }
    message.add_answers(answer.lines().map(record));
    message.add_authorities(authority.lines().map(record));
    message
}

/// Reads a record, its names relative to `d.test.`; SRV, SOA and NS come without data.
fn record(line: &str) -> Record {
    let data = match line.rsplit_once(' ') {
        Some((_, "SRV")) => "0 1 993 mail",
        Some((_, "SOA")) => "ns hostmaster 1 7200 3600 1209600 300",
        Some((_, "NS")) => "ns.elsewhere.",
        _ => "",
    };
    let line = format!("$TTL 60\n{line} {data}\n");
    let mut scanner = Scanner::new(line.as_bytes(), "row", Some(name("d.test.")));
    let record = scanner.next().unwrap().unwrap().record;
    Record::from_rdata(record.owner, record.ttl, record.data)
}

fn octets(message: &Message) -> Vec<u8> {
    message.to_vec().unwrap()
}

fn edns(message: &mut Message) -> &mut Edns {
    message.edns.get_or_insert_default()
}

fn extended(message: &mut Message, code: u16) {
    let octets = code.to_be_bytes().to_vec();
    edns(message).options_mut().insert(EdnsOption::Unknown(15, octets));
}

/// Adds a record to the additional section.
fn add(octets: &mut Vec<u8>, record: &[u8]) {
    octets[11] += 1;
    octets.extend(record);
}

/// Takes octets from the data of the last record, which is shorter than 256 octets.
fn shorten(octets: &mut Vec<u8>, by: usize) {
    let message = Message::from_vec(octets).unwrap();
    let last = message.answers.iter().chain(&message.authorities).next_back().unwrap();
    let length = octets.len() - data_start(octets, last);
    octets.truncate(octets.len() - by);
    let at = octets.len() + by - length - 1;
    octets[at] -= u8::try_from(by).unwrap();
}

fn data_start(octets: &[u8], record: &Record) -> usize {
    let mut header = Vec::new();
    header.extend(u16::from(record.data.record_type()).to_be_bytes());
    header.extend([0, 1]);
    header.extend(record.ttl.to_be_bytes());
    octets.windows(8).rposition(|window| window == header).unwrap() + 10
}
