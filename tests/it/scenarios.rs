//! Judgments driven by data: each file of `tests/scenarios` is one domain as DNS may show it, and
//! exactly what an audit has to say of it.
//!
//! Names in a scenario are relative to its domain unless they end in a dot.

mod file;
mod mend;
mod seen;

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use mailsrv::answer::Outcome;
use mailsrv::audit::{
    Audit, Code, Finding, Policy, Severity, Verdict, inquire, inquire_for_errors, judge_views,
};
use mailsrv::inquiry::{Inquiry, Observed, Ticket, Views};
use mailsrv::plan::RecordPlan;
use mailsrv::report::{self, Item, Looks};

use self::file::Scenario;
use self::mend::Mend;

/// Whose turn it is among the open questions.
#[derive(Debug, Clone, Copy)]
enum Order {
    Forwards,
    Backwards,
    /// The first and the last in turn.
    Interleaved,
}

impl Order {
    const ALL: [Self; 3] = [Self::Forwards, Self::Backwards, Self::Interleaved];

    fn take(self, open: &mut VecDeque<Ticket>, turn: usize) -> Option<Ticket> {
        match self {
            Self::Forwards => open.pop_front(),
            Self::Backwards => open.pop_back(),
            Self::Interleaved if turn.is_multiple_of(2) => open.pop_front(),
            Self::Interleaved => open.pop_back(),
        }
    }
}

fn ask(scenario: &Scenario, order: Order, mend: &Mend) -> Views {
    ask_after(scenario, order, mend, 0)
}

/// Asks after some seconds, which a TTL in a cache has counted down by then; of several who are to be
/// asked, each.
fn ask_after(scenario: &Scenario, order: Order, mend: &Mend, seconds: u32) -> Views {
    ask_all(scenario, inquire(&scenario.plan), order, mend, seconds)
}

fn ask_all(
    scenario: &Scenario,
    mut inquiry: Inquiry,
    order: Order,
    mend: &Mend,
    seconds: u32,
) -> Views {
    let one = |by, inquiry| ask_one(scenario, by, inquiry, order, mend, seconds);
    for hidden in &scenario.hidden {
        inquiry.note_hidden(hidden.clone());
    }
    let Some(seen) = &scenario.seen else { return one(None, inquiry).into() };
    inquiry.seek_zone(&seen.sight);
    let each = (0..seen.sight.vantages.len()).map(|by| one(Some(by), inquiry.clone()));
    let mut views = Views::of(seen.sight.clone(), each).expect("somebody is asked");
    for (sight, servers) in &seen.below {
        let mut inquiry = inquiry.clone();
        inquiry.seek_zone(sight);
        let each = servers.clone().map(|by| one(Some(by), inquiry.clone()));
        views.add_below(sight.clone(), each.collect());
    }
    views
}

fn ask_one(
    scenario: &Scenario,
    by: Option<usize>,
    mut inquiry: Inquiry,
    order: Order,
    mend: &Mend,
    seconds: u32,
) -> Observed {
    let mut open = VecDeque::new();
    for turn in 0.. {
        while let Some(ticket) = inquiry.poll() {
            open.push_back(ticket);
        }
        let Some(ticket) = order.take(&mut open, turn) else { break };
        let (mut answer, below) = scenario.answer_for(by, &inquiry.question(ticket), mend);
        if let (Outcome::Records { ttl, .. }, false) = (&mut answer.outcome, answer.authoritative) {
            *ttl = ttl.saturating_sub(seconds);
        }
        match below {
            Some(server) => inquiry.answer_from_below(ticket, answer, Some(server)),
            None => inquiry.answer(ticket, answer),
        }
    }
    assert!(inquiry.is_finished(), "{}", scenario.file);
    inquiry.into_observed()
}

fn json(scenario: &Scenario, views: &Views, audit: &Audit) -> String {
    let item = Item::Judged {
        plan: Some(&scenario.plan),
        observed: Some(views.best()),
        audit,
        outlook: None,
    };
    let looks = Looks { colour: false, full: true, width: 80 };
    let mut out = Vec::new();
    report::write(report::Format::JSON, item, looks, &mut out).expect("memory holds it");
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// Every scenario, judged.
pub(crate) static JUDGED: LazyLock<Vec<(RecordPlan, Observed, Audit)>> = LazyLock::new(|| {
    let judged = |scenario: Scenario| {
        let views = ask(&scenario, Order::Forwards, &Mend::NONE);
        let audit = judge_views(&scenario.plan, &views, &scenario.policy);
        (scenario.plan, views.best().clone(), audit)
    };
    scenarios().into_iter().map(judged).collect()
});

/// Everything that is wrong with the judgment of one scenario, to read.
fn faults(scenario: &Scenario) -> String {
    let mut faults = String::new();
    let observed = ask(scenario, Order::Forwards, &Mend::NONE);
    let audit = judge_views(&scenario.plan, &observed, &scenario.policy);
    for (expected, got) in scenario.differences(&audit) {
        let side = |mark: &str, lines: &str| {
            lines.lines().fold(String::new(), |text, line| text + mark + line + "\n")
        };
        faults += &(side("  - ", &expected) + &side("  + ", &got));
    }
    for order in Order::ALL {
        let other =
            judge_views(&scenario.plan, &ask(scenario, order, &Mend::NONE), &scenario.policy);
        if other != audit {
            let _infallible = writeln!(faults, "  answered {order:?}, another audit comes out");
        }
    }
    faults
}

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder stands in the repository")
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| Scenario::read(path)).collect()
}

#[test]
fn every_scenario_is_judged_as_it_says() {
    let scenarios = scenarios();
    let mut failed = 0;
    let mut text = String::new();
    for scenario in &scenarios {
        let faults = faults(scenario);
        if !faults.is_empty() {
            failed += 1;
            text.push_str(&["\n", &scenario.file, ": ", &scenario.title, "\n", &faults].concat());
        }
    }
    let total = scenarios.len();
    assert_eq!(failed, 0, "{failed} of {total} scenarios (- expected, + got):\n{text}");
}

/// Live answers come in any order; a report that shows it could not be compared with another.
#[test]
fn the_order_of_the_answers_does_not_show_in_the_report() {
    let differing: Vec<String> = scenarios()
        .into_iter()
        .filter(|scenario| {
            let reports: BTreeSet<String> = Order::ALL
                .into_iter()
                .map(|order| {
                    let observed = ask(scenario, order, &Mend::NONE);
                    let audit = judge_views(&scenario.plan, &observed, &scenario.policy);
                    json(scenario, &observed, &audit)
                })
                .collect();
            reports.len() > 1
        })
        .map(|scenario| scenario.file)
        .collect();
    assert_eq!(differing, [""; 0]);
}

/// A remedy that takes away what is not there, that contradicts another, or after which something is
/// as wrong as before, is none.
#[test]
fn every_fix_heals() {
    let mut text = String::new();
    // Where several are asked, a remedy is that of one of them, and of no use at the others.
    for scenario in scenarios().into_iter().filter(|scenario| scenario.seen.is_none()) {
        let policy = Policy::default();
        let views = ask(&scenario, Order::Forwards, &Mend::NONE);
        let before = judge_views(&scenario.plan, &views, &policy);
        let observed = views.first();
        let mut faults = mend::faults(observed, &before);
        if before.verdict != Verdict::Broken {
            faults.extend(mend::unnamed(&before));
        }
        let mended = ask(&scenario, Order::Forwards, &Mend::of(&before.findings, observed));
        let after = judge_views(&scenario.plan, &mended, &policy);
        let relapses = mend::relapses(&before, &after);
        match &scenario.unhealed {
            None => faults.extend(relapses),
            Some(why) if relapses.is_empty() => faults.push(format!("all is well, but: {why}")),
            Some(_) => {}
        }
        for fault in faults {
            text.push_str(&["\n", &scenario.file, ": ", &fault].concat());
        }
    }
    assert!(text.is_empty(), "{text}");
}

/// What a resolver hands out counts down, and two audits of one domain give the same octets.
#[test]
fn a_ttl_that_counts_down_does_not_show_in_the_report() {
    let report = |scenario: &Scenario, seconds| {
        let observed = ask_after(scenario, Order::Forwards, &Mend::NONE, seconds);
        let audit = judge_views(&scenario.plan, &observed, &scenario.policy);
        json(scenario, &observed, &audit)
    };
    let differs = |scenario: &Scenario| report(scenario, 0) != report(scenario, 7);
    let differing: Vec<String> =
        scenarios().into_iter().filter(differs).map(|scenario| scenario.file).collect();
    assert_eq!(differing, [""; 0]);
}

#[test]
fn every_code_and_every_verdict_occurs_in_a_scenario() {
    let scenarios = scenarios();
    let set = |codes: &dyn Fn(&Scenario) -> Vec<Code>| -> BTreeSet<Code> {
        scenarios.iter().flat_map(codes).collect()
    };
    let expected = set(&|scenario| scenario.codes().collect());
    let messages = set(&|scenario| scenario.messages().collect());
    let remedies = set(&|scenario| scenario.remedies().collect());
    let near = set(&|scenario| scenario.near().to_vec());
    let mended = set(&|scenario| {
        let observed = ask(scenario, Order::Forwards, &Mend::NONE);
        let findings = judge_views(&scenario.plan, &observed, &scenario.policy).findings;
        findings.iter().filter(|it| !it.fix.is_empty()).map(|it| it.code).collect()
    });
    let mut missing = String::new();
    // What takes a connection to find has scenarios of its own.
    for code in Code::ALL.iter().filter(|code| !code.is_probed()) {
        for (is_there, what) in [
            (expected.contains(code), "expects it"),
            (messages.contains(code), "has its message"),
            (remedies.contains(code) || !mended.contains(code), "has its remedy"),
            (near.contains(code), "is one step away from it"),
        ] {
            if !is_there {
                missing.push_str(&["\n", code.text(), ": no scenario ", what].concat());
            }
        }
    }
    assert!(missing.is_empty(), "{missing}");
    let verdicts: BTreeSet<&str> =
        scenarios.iter().map(|scenario| scenario.verdict.text()).collect();
    for verdict in Verdict::ALL {
        assert!(verdicts.contains(verdict.text()), "no scenario expects the verdict {verdict}");
    }
}

#[test]
fn a_scenario_that_is_near_a_code_does_not_have_it() {
    for scenario in scenarios() {
        for code in scenario.codes() {
            assert!(!scenario.near().contains(&code), "{}: {code}", scenario.file);
        }
    }
}

#[test]
fn whoever_asks_for_errors_alone_finds_each_of_them_and_no_other() {
    let (mut fewer, mut faults) = (0, String::new());
    for scenario in scenarios() {
        let judged = |inquiry| {
            let views = ask_all(&scenario, inquiry, Order::Forwards, &Mend::NONE, 0);
            let asked: usize = views.all().map(|observed| observed.answers().count()).sum();
            (judge_views(&scenario.plan, &views, &Policy::default()), asked)
        };
        let (whole, all) = judged(inquire(&scenario.plan));
        let (quick, some) = judged(inquire_for_errors(&scenario.plan));
        let errors = |audit: &Audit| -> BTreeSet<String> {
            let is_error = |it: &&Finding| it.severity >= Severity::Error;
            let errors = audit.findings.iter().filter(is_error);
            errors.map(|it| format!("{} {:?}", it.code, it.subjects[0])).collect()
        };
        if errors(&whole) != errors(&quick) || some > all {
            let _infallible = writeln!(
                faults,
                "{}: {all} questions, {:?}\n  {some} questions, {:?}",
                scenario.file,
                errors(&whole),
                errors(&quick)
            );
        }
        fewer += usize::from(some < all);
    }
    assert_eq!(faults, "");
    assert!(fewer > 100, "{fewer}");
}
