//! Octets as a recording: what is read of it answers an inquiry to its end, shows servers and pages, and
//! can be recorded again.

#![no_main]

use std::future::Future;
use std::io::Cursor;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use mailsrv::answer::Answer;
use mailsrv::audit::{Policy, endpoints, inquire, judge_views};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::inquiry::{Inquiry, MAX_QUESTIONS, Observed, Views};
use mailsrv::lookup::Lookup;
use mailsrv::lookup::recorded::{Recorder, Recording};
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::survey::{Fetching, fetch_documents};

static PLAN: LazyLock<RecordPlan> = LazyLock::new(|| {
    let domain = "example.com".parse().expect("it is a mail domain");
    plan(&domain, &Hosting::documented(), &Columns::default())
        .expect("the documented profile is planned")
});

fuzz_target!(|octets: &[u8]| {
    let recording = match Recording::read(Cursor::new(octets), "run.jsonl") {
        Ok(recording) => recording,
        Err(error) => {
            assert!(error.line >= 1 && error.to_string().starts_with("run.jsonl:"));
            return;
        }
    };
    let recorder = Recorder::new(recording, Vec::new());
    let before = views(&recorder);
    let audit = judge_views(&PLAN, &before, &Policy::default());
    let (again, written) = recorder.finish();
    assert!(written.is_ok());
    // What was recorded again is read, and says the same.
    let again = Recording::read(Cursor::new(again), "again").expect("we wrote it");
    let after = judge_views(&PLAN, &views(&again), &Policy::default());
    assert_eq!(audit.verdict, after.verdict);
    assert_eq!(audit.findings, after.findings);
});

/// What everybody says who is to be asked, and what the servers show that this leads to.
fn views(lookup: &impl Lookup) -> Views {
    let mut views = heard(lookup);
    let seen = endpoints(&PLAN, &views).into_iter();
    let seen: Vec<_> = seen.filter_map(|it| done(lookup.visit(PLAN.domain(), &it))).collect();
    views.add_sightings(seen);
    let web = Fetching::new(lookup, PLAN.domain());
    views.add_documents(done(fetch_documents(&PLAN, (lookup, &web))));
    views
}

fn heard(lookup: &impl Lookup) -> Views {
    let mut inquiry = inquire(&PLAN);
    let Some(sight) = done(lookup.sight(PLAN.domain())) else {
        let ask = |question: &_| done(lookup.ask_about(PLAN.domain(), question));
        return observe(inquiry, ask).into();
    };
    inquiry.seek_zone(&sight);
    let each = sight.vantages.iter().map(|vantage| {
        let ask = |question: &_| done(lookup.ask_from(vantage, PLAN.domain(), question));
        observe(inquiry.clone(), ask)
    });
    let each: Vec<Observed> = each.collect();
    Views::of(sight, each).expect("a recording names somebody who was asked")
}

fn observe(mut inquiry: Inquiry, ask: impl Fn(&mailsrv::answer::Question) -> Answer) -> Observed {
    let mut questions = 0;
    while let Some(ticket) = inquiry.poll() {
        questions += 1;
        let answer = ask(&inquiry.question(ticket));
        inquiry.answer(ticket, answer);
    }
    assert!(inquiry.is_finished());
    assert!(questions <= MAX_QUESTIONS, "{questions} questions");
    inquiry.into_observed()
}

/// A recording waits for nobody.
fn done<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a recording is at hand"),
    }
}
