//! What is behind a SERVFAIL: a loop of aliases, data that do not validate, or nobody who answers.
//!
//! A resolver says the same of all three (RFC 1034 §3.6.2, RFC 4035 §5.5). It tells them apart when it
//! is asked for the aliases one by one, and without validation.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::rr::rdata::CNAME;
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::time::sleep;

use super::exchange::Flags;
use crate::answer::{Answer, Dnssec, Failure, Outcome, Question, is_bogus};
use crate::message::extend_chain;

/// How long to wait until a resolver tries anew what it failed at (RFC 9520 §3.2): Unbound keeps such a
/// failure for 5 seconds (`NORR_TTL`), BIND for one (`servfail-ttl`). What does not validate stays so.
pub(super) const RETRIED: Duration = Duration::from_secs(6);

/// Asks the resolver that answered SERVFAIL for its reason, where it gave none.
///
/// That takes one question more where nobody answers, and three where data do not validate; of
/// aliases it is one for each, and one more than [`MAX_CHAIN`](crate::answer::MAX_CHAIN) at most.
pub(super) async fn look_behind<A>(
    question: &Question,
    failed: Answer,
    by: &str,
    pause: Duration,
    ask: A,
) -> Answer
where
    A: AsyncFn(&Question, Flags) -> Answer,
{
    if failed.outcome != Outcome::Failed(Failure::ServFail) || failed.extended.iter().any(is_bogus)
    {
        return failed;
    }
    if question.rtype != RecordType::CNAME {
        let mut chain = Vec::new();
        match follow(&question.name, &mut chain, &ask).await {
            End::Endless => {
                let outcome = Outcome::Failed(Failure::ChainTooLong);
                return Answer { chain, outcome, ..failed };
            }
            End::Nobody => return failed,
            End::Name => {}
        }
    }
    if is_failed(&ask(question, Flags::UNCHECKED).await) {
        return failed;
    }
    // Whoever did not answer before may do so since then, and the resolver remembers that he did not.
    sleep(pause).await;
    let again = ask(question, Flags::STUB).await;
    if again.outcome == Outcome::Failed(Failure::ServFail) {
        Answer { dnssec: Dnssec::Bogus, dnssec_by: Some(Arc::from(by)), ..failed }
    } else if is_failed(&again) {
        failed
    } else {
        again
    }
}

/// Where a chain of aliases ends.
enum End {
    /// It loops, or is too long.
    Endless,
    /// At a name that is no alias.
    Name,
    /// At a name that nobody answers for.
    Nobody,
}

/// Asks for alias after alias, whether it validates or not.
async fn follow<A>(start: &Name, chain: &mut Vec<Name>, ask: &A) -> End
where
    A: AsyncFn(&Question, Flags) -> Answer,
{
    loop {
        let name = chain.last().unwrap_or(start).clone();
        let question = Question { name, rtype: RecordType::CNAME };
        let data = match ask(&question, Flags::UNCHECKED).await.outcome {
            Outcome::Records { data, .. } => data,
            Outcome::NoData | Outcome::NxDomain => return End::Name,
            Outcome::Failed(_) => return End::Nobody,
        };
        let Some(RData::CNAME(CNAME(canonical))) = data.into_iter().next() else {
            return End::Name;
        };
        if extend_chain(chain, start, canonical).is_err() {
            return End::Endless;
        }
    }
}

fn is_failed(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Failed(_))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use hickory_proto::rr::rdata::A;

    use super::*;
    use crate::answer::MAX_CHAIN;
    use crate::lookup::responder::name;

    /// Answers a question that is checked, or not.
    type Script = fn(&Question, bool) -> Outcome;

    /// Asks about `n0.test.` and returns the answer, with the questions: `!` stands for those that are
    /// not checked.
    fn look(script: Script, extended: &[u16]) -> (Answer, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let ask = async |question: &Question, flags: Flags| {
            let mark = if flags.checking_disabled { "!" } else { "" };
            asked.borrow_mut().push(format!("{}{} {}", mark, question.name, question.rtype));
            Answer::plain(script(question, !flags.checking_disabled))
        };
        let question = Question { name: name("n0.test."), rtype: RecordType::A };
        let failed = Answer {
            extended: extended.to_vec(),
            ..Answer::plain(Outcome::Failed(Failure::ServFail))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let looked = look_behind(&question, failed, "192.0.2.1", Duration::ZERO, ask);
        let answer = runtime.block_on(looked);
        (answer, asked.into_inner())
    }

    const SERVFAIL: Outcome = Outcome::Failed(Failure::ServFail);

    fn alias(to: &str) -> Outcome {
        Outcome::Records { ttl: 1, data: vec![RData::CNAME(CNAME(name(to)))] }
    }

    fn address() -> Outcome {
        Outcome::Records { ttl: 1, data: vec![RData::A(A::new(192, 0, 2, 1))] }
    }

    #[test]
    fn a_zone_that_nobody_answers_for_costs_one_question() {
        let (answer, asked) = look(|_, _| SERVFAIL, &[22]);
        assert_eq!(answer.outcome, SERVFAIL);
        assert_eq!(
            (answer.dnssec, asked.as_slice()),
            (Dnssec::Unknown, &["!n0.test. CNAME".to_owned()][..])
        );
    }

    #[test]
    fn what_answers_unchecked_alone_is_bogus() {
        let (answer, asked) = look(
            |question, checked| match question.rtype {
                _ if checked => SERVFAIL,
                RecordType::CNAME => Outcome::NoData,
                _ => address(),
            },
            &[],
        );
        assert_eq!(answer.outcome, SERVFAIL);
        assert_eq!(
            (answer.dnssec, answer.dnssec_by.as_deref()),
            (Dnssec::Bogus, Some("192.0.2.1"))
        );
        assert_eq!(asked, ["!n0.test. CNAME", "!n0.test. A", "n0.test. A"]);
    }

    #[test]
    fn what_answers_after_all_is_not_bogus() {
        let (answer, _) = look(
            |question, _| match question.rtype {
                RecordType::CNAME => Outcome::NoData,
                _ => address(),
            },
            &[],
        );
        assert_eq!((answer.outcome, answer.dnssec), (address(), Dnssec::Unknown));
    }

    #[test]
    fn a_reason_that_the_resolver_gave_is_not_asked_for() {
        let (answer, asked) = look(|_, _| address(), &[22, 7]);
        assert_eq!((answer.outcome, asked.len()), (SERVFAIL, 0));
    }

    #[test]
    fn a_loop_is_followed_alias_by_alias() {
        let (answer, asked) = look(
            |question, _| match (question.rtype, question.name.to_ascii().as_str()) {
                (RecordType::CNAME, "n0.test.") => alias("n1.test."),
                (RecordType::CNAME, "n1.test.") => alias("n0.test."),
                _ => SERVFAIL,
            },
            &[],
        );
        assert_eq!(answer.outcome, Outcome::Failed(Failure::ChainTooLong));
        assert_eq!(answer.chain, [name("n1.test."), name("n0.test.")]);
        assert_eq!(asked, ["!n0.test. CNAME", "!n1.test. CNAME"]);
    }

    #[test]
    fn a_chain_without_end_ends() {
        let (answer, asked) = look(
            |question, _| {
                let number = question.name.to_ascii()[1..].replace(".test.", "");
                alias(&format!("n{}.test.", number.parse::<u32>().unwrap() + 1))
            },
            &[],
        );
        assert_eq!(answer.outcome, Outcome::Failed(Failure::ChainTooLong));
        assert_eq!((answer.chain.len(), asked.len()), (MAX_CHAIN, MAX_CHAIN + 1));
    }

    #[test]
    fn an_alias_whose_end_nobody_answers_for_stays_a_failure() {
        let (answer, asked) = look(
            |question, _| match question.name.to_ascii().as_str() {
                "n0.test." => alias("n1.test."),
                _ => SERVFAIL,
            },
            &[],
        );
        assert_eq!((answer.outcome, answer.chain.len(), asked.len()), (SERVFAIL, 0, 2));
    }
}
