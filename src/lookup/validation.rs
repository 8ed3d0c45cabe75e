//! What the word of a resolver on DNSSEC is worth.
//!
//! Anybody can set the AD bit, so it counts from a resolver that is trusted, over a way that is
//! trusted (RFC 6840 §5.8, RFC 4035 §4.9.3): one on this machine, or one that was declared so. From all
//! others it is nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::exchange::Flags;
use super::server::Server;
use crate::answer::{Answer, Dnssec, Failure, Outcome, Question};
use crate::message::{self, Plain, Response};

/// How long a resolver is given to say whether it validates. The answers of the first domains wait for
/// it, and one that does not reach the root may still know what they are about.
const PATIENCE: Duration = Duration::from_secs(2);

/// A resolver, and what is known of how it validates.
#[derive(Debug)]
pub(super) struct Validation {
    by: Arc<str>,
    is_trusted: bool,
    /// Whether it validates at all: where it does not, an answer without AD says nothing.
    validates: OnceCell<bool>,
    /// It was asked whether it does. Where whoever asked had no time to hear it, nobody asks again.
    was_asked: AtomicBool,
}

impl Validation {
    /// One on this machine is trusted.
    pub(super) fn of(server: &Server) -> Self {
        let address = server.address().map(|address| address.ip().to_canonical());
        let is_trusted = address.is_some_and(|address| address.is_loopback());
        Self::new(server.to_string().into(), is_trusted)
    }

    /// The same, declared to be trusted.
    pub(super) fn trusted(&self) -> Self {
        Self::new(Arc::clone(&self.by), true)
    }

    fn new(by: Arc<str>, is_trusted: bool) -> Self {
        let (validates, was_asked) = (OnceCell::new(), AtomicBool::new(false));
        Self { by, is_trusted, validates, was_asked }
    }

    /// How the resolver is named to people.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// Reads a response of the resolver; `ask` asks it something else.
    pub(super) async fn read<A>(&self, question: &Question, response: &Response, ask: A) -> Answer
    where
        A: AsyncFn(&Question, Flags) -> Result<Response, Failure>,
    {
        let answer = message::read(question, response);
        let metadata = &response.metadata;
        let (authentic_data, recursion_available) =
            (metadata.authentic_data, metadata.recursion_available);
        self.prove(Plain { answer, authentic_data, recursion_available }, ask).await
    }

    /// Adds what the resolver says of DNSSEC to an answer of it; `ask` asks it something else.
    pub(super) async fn prove<A>(&self, plain: Plain, ask: A) -> Answer
    where
        A: AsyncFn(&Question, Flags) -> Result<Response, Failure>,
    {
        match self.known(plain) {
            Ok(answer) => answer,
            Err(plain) => {
                let validates = self.validates(ask).await;
                self.signed(plain.answer, insecure_if(validates))
            }
        }
    }

    /// Does what [`Self::prove`] does, if nothing is to be asked for that.
    pub(super) fn known(&self, plain: Plain) -> Result<Answer, Box<Plain>> {
        let Plain { answer, authentic_data, recursion_available } = &plain;
        let is_failed = matches!(answer.outcome, Outcome::Failed(_));
        let state = if answer.dnssec != Dnssec::Unknown || !self.is_trusted || is_failed {
            answer.dnssec
        } else if *authentic_data {
            Dnssec::Secure
        } else if answer.authoritative || !recursion_available {
            // A server does not validate its own zones (RFC 4035 §3.1.6).
            Dnssec::Unknown
        } else if let Some(validates) = self.validates.get() {
            insecure_if(*validates)
        } else {
            return Err(Box::new(plain));
        };
        Ok(self.signed(plain.answer, state))
    }

    fn signed(&self, answer: Answer, dnssec: Dnssec) -> Answer {
        let dnssec_by = (dnssec != Dnssec::Unknown).then(|| Arc::clone(&self.by));
        Answer { dnssec, dnssec_by, ..answer }
    }

    /// Whether the resolver validates what is signed for certain: the root.
    async fn validates<A>(&self, ask: A) -> bool
    where
        A: AsyncFn(&Question, Flags) -> Result<Response, Failure>,
    {
        let first = || async {
            if self.was_asked.swap(true, Ordering::Relaxed) {
                return false;
            }
            let root = Question { name: Name::root(), rtype: RecordType::SOA };
            let response = timeout(PATIENCE, ask(&root, Flags::STUB)).await;
            response.ok().and_then(Result::ok).is_some_and(|response| {
                let outcome = message::read(&root, &response).outcome;
                response.metadata.authentic_data && matches!(outcome, Outcome::Records { .. })
            })
        };
        *self.validates.get_or_init(first).await
    }
}

/// What an answer without AD is.
fn insecure_if(validates: bool) -> Dnssec {
    if validates { Dnssec::Insecure } else { Dnssec::Unknown }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use hickory_proto::op::{Message, Query, ResponseCode};
    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::{A, SOA};

    use super::*;
    use crate::lookup::responder::{name, record, response};

    /// What a resolver sets in its answers, and what of it is believed.
    struct Case {
        server: &'static str,
        declared: bool,
        header: Header,
        /// Whether its answers for the root have AD.
        validates: bool,
    }

    /// AD, AA and RA.
    type Header = [bool; 3];

    const AD: Header = [true, false, true];
    const PLAIN: Header = [false, false, true];
    const OF_THE_ZONE: Header = [false, true, true];
    const NO_RECURSION: Header = [false, false, false];

    fn message(question: &Question, data: RData, header: Header) -> Response {
        let [ad, aa, ra] = header;
        let records = [record(&question.name.to_ascii(), 60, data)];
        let mut message: Message = response(ResponseCode::NoError, &records);
        message.metadata.authentic_data = ad;
        message.metadata.authoritative = aa;
        message.metadata.recursion_available = ra;
        message.add_query(Query::query(question.name.clone(), question.rtype));
        Response::decode(&message.to_vec().unwrap()).unwrap()
    }

    #[track_caller]
    fn check(case: &Case, expected: Dnssec, questions: u32) {
        let mut validation = Validation::of(&case.server.parse().unwrap());
        if case.declared {
            validation = validation.trusted();
        }
        let asked = Cell::new(0);
        let ask = async |question: &Question, _flags| {
            asked.set(asked.get() + 1);
            let soa = SOA::new(Name::root(), Name::root(), 1, 2, 3, 4, 5);
            Ok(message(question, RData::SOA(soa), [case.validates, false, true]))
        };
        let question = Question { name: name("a.test."), rtype: RecordType::A };
        let response = message(&question, RData::A(A::new(192, 0, 2, 1)), case.header);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for _ in 0..2 {
            let answer = runtime.block_on(validation.read(&question, &response, &ask));
            assert_eq!(answer.dnssec, expected);
            let by = (expected != Dnssec::Unknown).then_some(case.server);
            assert_eq!(answer.dnssec_by.as_deref(), by);
        }
        assert_eq!(asked.get(), questions);
    }

    #[test]
    fn ad_counts_from_this_machine_and_from_whom_is_declared_trusted() {
        for (server, declared, expected) in [
            ("127.0.0.1", false, Dnssec::Secure),
            ("127.0.0.53", false, Dnssec::Secure),
            ("::1", false, Dnssec::Secure),
            ("192.0.2.1", false, Dnssec::Unknown),
            ("tls://192.0.2.1", false, Dnssec::Unknown),
            ("https://192.0.2.1/dns-query", false, Dnssec::Unknown),
            ("192.0.2.1", true, Dnssec::Secure),
            ("tls://192.0.2.1", true, Dnssec::Secure),
        ] {
            check(&Case { server, declared, header: AD, validates: true }, expected, 0);
        }
    }

    #[test]
    fn what_a_validating_resolver_does_not_vouch_for_is_insecure() {
        let case =
            |header, validates| Case { server: "127.0.0.1", declared: false, header, validates };
        check(&case(PLAIN, true), Dnssec::Insecure, 1);
        check(&case(PLAIN, false), Dnssec::Unknown, 1);
        check(&case(OF_THE_ZONE, true), Dnssec::Unknown, 0);
        check(&case(NO_RECURSION, true), Dnssec::Unknown, 0);
        let untrusted =
            Case { server: "192.0.2.1", declared: false, header: PLAIN, validates: true };
        check(&untrusted, Dnssec::Unknown, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_resolver_that_does_not_say_whether_it_validates_is_waited_for_once() {
        let question = Question { name: name("a.test."), rtype: RecordType::A };
        let response = message(&question, RData::A(A::new(192, 0, 2, 1)), PLAIN);
        let asked = Cell::new(0);
        let ask = async |_question: &Question, _flags| {
            asked.set(asked.get() + 1);
            std::future::pending::<Result<Response, Failure>>().await
        };
        for time in [PATIENCE / 2, PATIENCE * 2] {
            let validation = Validation::of(&"127.0.0.1".parse().unwrap());
            asked.set(0);
            let mut answers = Vec::new();
            for _ in 0..3 {
                answers.push(timeout(time, validation.read(&question, &response, &ask)).await);
            }
            // The first has no answer where it had no time for it; the others do not wait.
            assert_eq!(answers[0].is_err(), time < PATIENCE);
            for answer in answers.into_iter().flatten() {
                assert_eq!(answer.dnssec, Dnssec::Unknown);
            }
            assert_eq!(asked.get(), 1);
        }
    }
}
