//! Messages in wire form as the answers to the questions of an inquiry: each is read as one from a
//! server, the inquiry ends, and what was truncated or contradicts itself proves nothing.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mailsrv::answer::{Answer, Failure, Outcome, Question};
use mailsrv::audit::{Policy, Verdict, inquire, judge};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::inquiry::MAX_QUESTIONS;
use mailsrv::message::{Response, read};
use mailsrv::plan::{RecordPlan, plan};

static PLAN: LazyLock<RecordPlan> = LazyLock::new(|| {
    let domain = "d.test".parse().expect("it is a mail domain");
    plan(&domain, &Hosting::documented(), &Columns::default())
        .expect("the documented profile is planned")
});

fuzz_target!(|octets: &[u8]| {
    let messages = messages(octets);
    let mut inquiry = inquire(&PLAN);
    let mut questions = 0;
    let mut failed = false;
    while let Some(ticket) = inquiry.poll() {
        let message = messages.get(questions % messages.len().max(1)).copied();
        questions += 1;
        let answer = answer(&inquiry.question(ticket), message.unwrap_or_default());
        failed |= matches!(answer.outcome, Outcome::Failed(_));
        inquiry.answer(ticket, answer);
    }
    assert!(inquiry.is_finished());
    assert!(questions <= MAX_QUESTIONS, "{questions} questions");
    let audit = judge(&PLAN, &inquiry.into_observed(), &Policy::default());
    assert!(failed || audit.unanswered.is_empty());
    let passes = matches!(audit.verdict, Verdict::Pass | Verdict::Warn);
    assert!(audit.unanswered.is_empty() || !passes);
});

/// Messages as TCP has them, each after its length; of the last, what there is.
fn messages(mut octets: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let Some((&length, rest)) = octets.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(length)).min(rest.len());
        let (message, after) = rest.split_at(length);
        messages.push(message);
        octets = after;
    }
    messages
}

/// What a message answers. It is made one about the question that is asked, which is the least that a
/// server does and what a fuzzer would hardly guess.
fn answer(question: &Question, message: &[u8]) -> Answer {
    let unreadable = || Answer::plain(Outcome::Failed(Failure::Malformed));
    let Some((head, body)) = message.split_at_checked(12) else { return unreadable() };
    let mut asked = head.to_vec();
    asked[4..6].copy_from_slice(&[0, 1]);
    for label in question.name.iter() {
        asked.push(u8::try_from(label.len()).expect("a label has 63 octets at most"));
        asked.extend(label);
    }
    asked.push(0);
    asked.extend(u16::from(question.rtype).to_be_bytes());
    asked.extend([0, 1]);
    asked.extend(body);
    Response::decode(&asked).map_or_else(unreadable, |response| read(question, &response))
}
