//! Answers written down in one run and read in another: JSON, one line a question.
//!
//! Types, names and data stand in the presentation form of master files; data of a type without a
//! form of its own in that of RFC 3597 §5.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::{Future, ready};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::{self, BufRead, Read, Write};

use hickory_proto::rr::{Name, RData, RecordType};
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::answer::{Answer, Dnssec, Failure, Hidden, MAX_EXTENDED, Outcome, Question};
use crate::name::{MailDomain, NameError, parse_text, text};
use crate::zonefile::{self, Position};

/// The longest line of a recording: more than any DNS message takes, its names without compression
/// and escaped to the utmost.
const MAX_LINE: u64 = 1 << 23;

/// Says where and why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct RecordingError {
    /// The name of the file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub problem: LineError,
}

/// Says why a line is no part of a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The file cannot be read on.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The line does not end within the bound.
    #[error("the line is longer than {MAX_LINE} octets; this is not a recording")]
    TooLong,
    /// No JSON object of the right shape.
    #[error("not a recorded answer: {0}")]
    Shape(#[source] serde_json::Error),
    /// A name that is none.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A type that is none, or of queries alone.
    #[error("`{rtype}` is no record type that a zone holds; write SRV, or TYPE33")]
    Type {
        /// The type as read.
        rtype: String,
    },
    /// Data that is none of its type.
    #[error("`{data}` is not the data of one {rtype} record")]
    Data {
        /// The data as read.
        data: String,
        /// The type it should have.
        rtype: RecordType,
    },
    /// A failure that is unknown.
    #[error("`{code}` is not a failure")]
    Failure {
        /// The word as read.
        code: String,
    },
    /// Fields that the outcome does not have, or lacks.
    #[error(
        "the fields do not fit the outcome: `ttl` and `data` belong to `records`, `failure` to `failed`"
    )]
    Fields,
    /// A state of validation that is unknown.
    #[error("`{word}` is not what a resolver says of DNSSEC; secure, insecure or bogus is")]
    Dnssec {
        /// The word as read.
        word: String,
    },
    /// An RCODE that the outcome tells, or too many extended errors.
    #[error(
        "`rcode` belongs to failures that do not tell it, and `extended` has at most {MAX_EXTENDED} codes"
    )]
    Besides,
    /// The same question with another answer.
    #[error("the question has another answer on an earlier line")]
    Contradiction,
}

/// Answers read from a recording.
///
/// A question that was not recorded has no answer ([`Failure::NotRecorded`]).
/// ```
/// use mailsrv::lookup::recorded::Recording;
/// let error = Recording::read(&b"\nMX\n"[..], "run.jsonl").unwrap_err();
/// assert!(error.to_string().starts_with("run.jsonl:2: not a recorded answer"));
/// ```
#[derive(Debug, Default)]
pub struct Recording {
    answers: HashMap<Question, Answer>,
    /// The owner names of SRV records, in canonical order.
    owners: BTreeSet<Name>,
}

impl Recording {
    /// Reads a recording; `file` is what errors call it. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read, or is no recorded answer.
    pub fn read(mut input: impl BufRead, file: &str) -> Result<Self, RecordingError> {
        let mut recording = Self::default();
        let mut line = Vec::new();
        for number in 1.. {
            let added = match read_line(&mut input, &mut line) {
                Ok(true) => recording.add(&line),
                Ok(false) => break,
                Err(problem) => Err(problem),
            };
            added.map_err(|problem| RecordingError {
                file: file.to_owned(),
                line: number,
                problem,
            })?;
        }
        Ok(recording)
    }

    fn add(&mut self, line: &[u8]) -> Result<(), LineError> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let line: Line = serde_json::from_slice(line).map_err(LineError::Shape)?;
        let (question, answer) = line.try_into()?;
        match self.answers.get(&question) {
            Some(known) if *known != answer => return Err(LineError::Contradiction),
            Some(_) => {}
            None => {
                if question.rtype == RecordType::SRV
                    && matches!(answer.outcome, Outcome::Records { .. })
                {
                    self.owners.insert(question.name.clone());
                }
                self.answers.insert(question, answer);
            }
        }
        Ok(())
    }
}

impl Lookup for Recording {
    fn ask(&self, question: &Question) -> impl Future<Output = Answer> {
        let answer = self.answers.get(question).cloned();
        ready(answer.unwrap_or_else(|| Answer::plain(Outcome::Failed(Failure::NotRecorded))))
    }

    /// Those under which SRV records were recorded: what was known unasked then is known now.
    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        let from = self.owners.range(domain.clone()..);
        from.take_while(|owner| domain.zone_of(owner)).take(limit).cloned().collect()
    }
}

/// A lookup that writes every question with its answer down, each question once.
///
/// An error of the writer does not reach the audit: it is kept for [`Self::finish`].
#[derive(Debug)]
pub struct Recorder<L, W> {
    lookup: L,
    state: RefCell<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    out: W,
    /// Hashes of the questions written; a million domains have too many to keep whole.
    written: HashSet<u64>,
    error: Option<io::Error>,
}

impl<L: Lookup, W: Write> Recorder<L, W> {
    /// Begins a recording of what the lookup answers.
    pub fn new(lookup: L, out: W) -> Self {
        let state = State { out, written: HashSet::new(), error: None };
        Self { lookup, state: RefCell::new(state) }
    }

    /// Ends the recording and returns the writer, flushed.
    ///
    /// # Errors
    ///
    /// The first error of the writer; nothing was written after it.
    pub fn finish(self) -> io::Result<W> {
        let State { mut out, error, .. } = self.state.into_inner();
        match error {
            Some(error) => Err(error),
            None => out.flush().map(|()| out),
        }
    }
}

impl<L: Lookup, W: Write> Lookup for Recorder<L, W> {
    async fn ask(&self, question: &Question) -> Answer {
        let answer = self.lookup.ask(question).await;
        self.state.borrow_mut().write(question, &answer);
        answer
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        let answer = self.lookup.ask_about(domain, question).await;
        self.state.borrow_mut().write(question, &answer);
        answer
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        self.lookup.srv_owners(domain, limit)
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.lookup.position(owner, rtype)
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.lookup.hidden(domain)
    }
}

impl<W: Write> State<W> {
    fn write(&mut self, question: &Question, answer: &Answer) {
        let recorded = zonefile::parse_type(&zonefile::type_name(question.rtype)).is_some();
        if self.error.is_some() || !recorded {
            return;
        }
        if !self.written.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(question)) {
            return;
        }
        let written = serde_json::to_string(&Line::new(question, answer))
            .map_err(io::Error::from)
            .and_then(|line| writeln!(self.out, "{line}"));
        self.error = written.err();
    }
}

/// Reads a line without its end; false at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, LineError> {
    line.clear();
    input.take(MAX_LINE + 1).read_until(b'\n', line).map_err(LineError::Read)?;
    if line.len() as u64 > MAX_LINE {
        return Err(LineError::TooLong);
    }
    Ok(!line.is_empty())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    data: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dnssec: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    authoritative: bool,
    /// Left out where the outcome tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rcode: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extended: Vec<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    uneven_ttls: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Records,
    NoData,
    NxDomain,
    Failed,
}

impl Line {
    fn new(question: &Question, answer: &Answer) -> Self {
        let mut line = Self {
            name: text(&question.name),
            rtype: zonefile::type_name(question.rtype),
            chain: answer.chain.iter().map(text).collect(),
            outcome: Word::NoData,
            ttl: None,
            data: Vec::new(),
            failure: None,
            dnssec: Some(answer.dnssec.code().to_owned())
                .filter(|_| answer.dnssec != Dnssec::Unknown),
            authoritative: answer.authoritative,
            rcode: answer.rcode.filter(|_| answer.outcome.rcode().is_none()),
            extended: answer.extended.clone(),
            uneven_ttls: answer.uneven_ttls,
        };
        match &answer.outcome {
            Outcome::Records { ttl, data } => {
                let asked = data.iter().filter(|data| data.record_type() == question.rtype);
                line.data = asked.map(zonefile::rdata).collect();
                // Nothing of the type asked for is NODATA (RFC 2308 §2.2).
                if !line.data.is_empty() {
                    line.outcome = Word::Records;
                    line.ttl = Some(*ttl);
                }
            }
            Outcome::NoData => {}
            Outcome::NxDomain => line.outcome = Word::NxDomain,
            Outcome::Failed(failure) => {
                line.outcome = Word::Failed;
                line.failure = Some(failure.code());
            }
        }
        line
    }
}

impl TryFrom<Line> for (Question, Answer) {
    type Error = LineError;

    fn try_from(line: Line) -> Result<Self, LineError> {
        let Some(rtype) = zonefile::parse_type(&line.rtype) else {
            return Err(LineError::Type { rtype: line.rtype });
        };
        let name = parse_text(&line.name)?;
        let chain = line.chain.iter().map(|name| parse_text(name)).collect::<Result<_, _>>()?;
        let outcome = match (line.outcome, line.ttl, line.data.as_slice(), line.failure) {
            (Word::Records, Some(ttl), data @ [_, ..], None) => {
                let data =
                    data.iter().map(|data| parse_data(data, rtype)).collect::<Result<_, _>>()?;
                Outcome::Records { ttl, data }
            }
            (Word::NoData, None, [], None) => Outcome::NoData,
            (Word::NxDomain, None, [], None) => Outcome::NxDomain,
            (Word::Failed, None, [], Some(code)) => {
                let failure = Failure::from_code(&code);
                Outcome::Failed(failure.ok_or(LineError::Failure { code })?)
            }
            _ => return Err(LineError::Fields),
        };
        let dnssec = match line.dnssec {
            None => Dnssec::Unknown,
            Some(word) => Dnssec::from_code(&word).ok_or(LineError::Dnssec { word })?,
        };
        let (told, authoritative) = (outcome.rcode(), line.authoritative);
        if (told.is_some() && line.rcode.is_some()) || line.extended.len() > MAX_EXTENDED {
            return Err(LineError::Besides);
        }
        let rcode = line.rcode.or(told);
        let (extended, uneven_ttls) = (line.extended, line.uneven_ttls);
        let answer = Answer { chain, outcome, dnssec, authoritative, rcode, extended, uneven_ttls };
        Ok((Question { name, rtype }, answer))
    }
}

fn parse_data(data: &str, rtype: RecordType) -> Result<RData, LineError> {
    zonefile::parse_rdata(data, rtype)
        .ok_or_else(|| LineError::Data { data: data.to_owned(), rtype })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use hickory_proto::rr::Name;
    use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, SRV, TLSA, TXT};
    use hickory_proto::serialize::binary::{BinDecoder, Restrict};
    use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
    use proptest::test_runner::TestCaseError;

    use super::*;

    /// Answers every question alike.
    struct Constant(Answer);

    impl Lookup for Constant {
        fn ask(&self, _question: &Question) -> impl Future<Output = Answer> {
            ready(self.0.clone())
        }
    }

    fn record(question: &Question, answer: &Answer) -> String {
        let recorder = Recorder::new(Constant(answer.clone()), Vec::new());
        for _ in 0..2 {
            assert_eq!(recorder.ask(question).now_or_never().as_ref(), Some(answer));
        }
        String::from_utf8(recorder.finish().unwrap()).unwrap()
    }

    fn replay(recording: &str, question: &Question) -> Answer {
        let recording = Recording::read(recording.as_bytes(), "test.jsonl").unwrap();
        recording.ask(question).now_or_never().unwrap()
    }

    fn question(name: &str, rtype: RecordType) -> Question {
        Question { name: parse_text(name).unwrap(), rtype }
    }

    #[test]
    fn a_line_reads_as_documented() {
        let asked = question("_imaps._tcp.example.com.", RecordType::SRV);
        let target = parse_text("mail.example.com.").unwrap();
        let data = vec![RData::SRV(SRV::new(0, 1, 993, target))];
        let outcome = Outcome::Records { ttl: 3600, data };
        let alias = parse_text("a\\.b.example.com.").unwrap();
        let answer = Answer {
            chain: vec![alias],
            outcome,
            dnssec: Dnssec::Secure,
            authoritative: true,
            rcode: Some(0),
            extended: vec![3, 29],
            uneven_ttls: false,
        };
        let expected = concat!(
            r#"{"name":"_imaps._tcp.example.com.","type":"SRV","chain":["a\\.b.example.com."],"#,
            r#""outcome":"records","ttl":3600,"data":["0 1 993 mail.example.com."],"#,
            r#""dnssec":"secure","authoritative":true,"extended":[3,29]}"#,
            "\n",
        );
        assert_eq!(record(&asked, &answer), expected);
        assert_eq!(replay(expected, &asked), answer);
        assert_eq!(
            replay(expected, &question("example.com.", RecordType::MX)).outcome,
            Outcome::Failed(Failure::NotRecorded)
        );
        assert_eq!(record(&question("a.", RecordType::ANY), &Answer::plain(Outcome::NoData)), "");
    }

    #[test]
    fn errors_name_the_file_the_line_and_what_is_wrong() {
        let line = |fields: &str| format!(r#"{{"name":"a.test.","type":"A",{fields}}}"#);
        let check = |line: &str, part: &str| {
            let recording = format!("{}\n\n{line}\n", GOOD);
            let error = Recording::read(recording.as_bytes(), "x.jsonl").unwrap_err().to_string();
            assert!(error.starts_with("x.jsonl:3: ") && error.contains(part), "{error}");
        };
        const GOOD: &str = r#"{"name":"a.test.","type":"A","outcome":"nodata"}"#;
        check("{}", "missing field `name`");
        check("nonsense", "not a recorded answer");
        check(&GOOD.replace("nodata", "gone"), "unknown variant `gone`");
        check(&line(r#""outcome":"nodata","authentic":true"#), "unknown field `authentic`");
        check(&line(r#""outcome":"nodata","dnssec":"unsure""#), "`unsure` is not what");
        check(&line(r#""outcome":"nodata","rcode":3"#), "do not tell it");
        check(&line(r#""outcome":"nodata","extended":[1,2,3,4,5,6,7,8,9]"#), "at most 8");
        check(&GOOD.replace("a.test.", "a.test"), "final dot");
        check(&GOOD.replace("\"A\"", "\"ANY\""), "`ANY` is no record type");
        check(&GOOD.replace("nodata", "nxdomain"), "another answer");
        check(&line(r#""outcome":"records""#), "do not fit the outcome");
        check(&line(r#""outcome":"records","ttl":1,"data":[]"#), "do not fit the outcome");
        check(&line(r#""outcome":"nodata","ttl":1"#), "do not fit the outcome");
        check(&line(r#""outcome":"failed""#), "do not fit the outcome");
        check(&line(r#""outcome":"failed","failure":"bad luck""#), "`bad luck` is not a failure");
        for data in ["192.0.2", "192.0.2.1 192.0.2.2", "192.0.2.1\\n", "::1", "", "("] {
            let fields = format!(r#""outcome":"records","ttl":1,"data":["{data}"]"#);
            check(&line(&fields), "is not the data of one A record");
        }
        let mut long = GOOD.to_owned();
        long.push_str(&" ".repeat(1 << 23));
        check(&long, "longer than");
        let twice = format!("{GOOD}\n{GOOD}");
        assert!(Recording::read(twice.as_bytes(), "x.jsonl").is_ok());
    }

    #[test]
    fn owners_of_srv_records_are_known_from_the_recording() {
        let line = |name: &str, rtype: &str, rest: &str| {
            format!("{{\"name\":\"{name}\",\"type\":\"{rtype}\",\"outcome\":{rest}}}\n")
        };
        let srv = r#""records","ttl":60,"data":["0 1 993 mail.d.test."]"#;
        let recording = line("_imaps._tcp.d.test.", "SRV", srv)
            + &line("_pop3s._tcp.e.test.", "SRV", srv)
            + &line("_pop3s._tcp.d.test.", "SRV", r#""nodata""#)
            + &line("mail.d.test.", "A", r#""records","ttl":60,"data":["192.0.2.1"]"#);
        let recording = Recording::read(recording.as_bytes(), "x.jsonl").unwrap();
        let owners = |limit| recording.srv_owners(&parse_text("d.test.").unwrap(), limit);
        assert_eq!(owners(9), [parse_text("_imaps._tcp.d.test.").unwrap()]);
        assert_eq!(owners(0), []);
        let recorder = Recorder::new(recording, Vec::new());
        assert_eq!(recorder.srv_owners(&parse_text("e.test.").unwrap(), 9).len(), 1);
    }

    #[test]
    fn an_error_of_the_writer_is_reported_at_the_end() {
        let answer = Answer::plain(Outcome::NoData);
        let mut room = [0; 70];
        let recorder = Recorder::new(Constant(answer.clone()), room.as_mut_slice());
        for name in ["a.test.", "b.test."] {
            let asked = question(name, RecordType::A);
            assert_eq!(recorder.ask(&asked).now_or_never(), Some(answer.clone()));
        }
        assert_eq!(recorder.finish().unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    fn any_name() -> impl Strategy<Value = Name> {
        let label = prop::collection::vec(any::<u8>(), 1..20);
        prop::collection::vec(label, 0..6)
            .prop_map(|labels| Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap())
    }

    fn any_data() -> impl Strategy<Value = RData> {
        prop_oneof![
            (any::<[u16; 3]>(), any_name())
                .prop_map(|([a, b, c], name)| RData::SRV(SRV::new(a, b, c, name))),
            (any::<u16>(), any_name()).prop_map(|(a, name)| RData::MX(MX::new(a, name))),
            any::<[u8; 4]>().prop_map(|octets| RData::A(A(octets.into()))),
            any::<[u8; 16]>().prop_map(|octets| RData::AAAA(AAAA(octets.into()))),
            any_name().prop_map(|name| RData::CNAME(CNAME(name))),
            any_name().prop_map(|name| RData::NS(NS(name))),
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..256), 1..4).prop_map(
                |strings| RData::TXT(TXT::from_bytes(strings.iter().map(|s| &s[..]).collect()))
            ),
            (any::<[u8; 3]>(), prop::collection::vec(any::<u8>(), 1..65)).prop_map(
                |([a, b, c], data)| RData::TLSA(TLSA::new(a.into(), b.into(), c.into(), data))
            ),
            (any_name(), any_name(), any::<[u32; 2]>(), any::<[i32; 3]>()).prop_map(
                |(server, mailbox, [serial, minimum], [a, b, c])| {
                    RData::SOA(SOA::new(server, mailbox, serial, a, b, c, minimum))
                }
            ),
            any_other_data(),
        ]
    }

    /// CAA, and types without a form of their own.
    fn any_other_data() -> impl Strategy<Value = RData> {
        let caa = (any::<u8>(), "[a-z0-9]{1,15}", prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(flags, tag, value)| {
                let tag = [&[u8::try_from(tag.len()).unwrap()], tag.as_bytes()].concat();
                from_wire(RecordType::CAA, &[&[flags][..], &tag, &value].concat())
            });
        let other = (65_280..65_535u16, prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(code, octets)| from_wire(RecordType::from(code), &octets));
        prop_oneof![caa, other]
    }

    fn from_wire(rtype: RecordType, octets: &[u8]) -> RData {
        let length = Restrict::new(u16::try_from(octets.len()).unwrap());
        RData::read(&mut BinDecoder::new(octets), rtype, length).unwrap()
    }

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            (any::<u32>(), any_data())
                .prop_map(|(ttl, data)| Outcome::Records { ttl, data: vec![data] }),
            Just(Outcome::NoData),
            Just(Outcome::NxDomain),
            any::<u16>().prop_map(|code| Outcome::Failed(Failure::Rcode(code))),
            Just(Outcome::Failed(Failure::Lame)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_recorded_replays(
            name in any_name(),
            chain in prop::collection::vec(any_name(), 0..3),
            outcome in any_outcome(),
            dnssec in prop::sample::select(Dnssec::ALL.to_vec()),
            authoritative in any::<bool>(),
            rcode in any::<Option<u16>>(),
            extended in prop::collection::vec(any::<u16>(), 0..=MAX_EXTENDED),
            uneven_ttls in any::<bool>(),
        ) {
            let rtype = match &outcome {
                Outcome::Records { data, .. } => data[0].record_type(),
                _ => RecordType::AAAA,
            };
            let question = Question { name, rtype };
            let rcode = outcome.rcode().or(rcode);
            let answer =
                Answer { chain, outcome, dnssec, authoritative, rcode, extended, uneven_ttls };
            let recording = record(&question, &answer);
            let replayed = replay(&recording, &question);
            // Names are equal in any case, their text is not.
            if replayed != answer || record(&question, &replayed) != recording {
                return Err(TestCaseError::fail(recording));
            }
        }

        #[test]
        fn no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _may_fail = Recording::read(octets.as_slice(), "noise");
        }
    }
}
