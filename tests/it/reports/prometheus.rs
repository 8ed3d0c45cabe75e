//! `audit -f prometheus`: the text exposition format, by a strict reader and by promtool.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use mailsrv::audit::Verdict;
use mailsrv::report::{Item, Report, Selection, Settings};

use super::{Numbered, count, format, run_as};
use crate::program::text;
use crate::scenarios::JUDGED;
use crate::servers::require;

/// A series: metric, labels, value.
type Series = (String, Vec<(String, String)>, u64);

/// Reads the series of a text; metrics have help and type in front, and stand together.
fn read(text: &str) -> Vec<Series> {
    let (mut series, mut known) = (Vec::new(), BTreeSet::new());
    let (mut helped, mut metric) = (String::new(), String::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').expect("there is help").0.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            metric = kind.strip_suffix(" gauge").expect("all are gauges").to_owned();
            assert_eq!(metric, helped, "{line}");
            assert!(known.insert(metric.clone()), "{metric} stands twice");
        } else {
            series.push(read_series(line));
            assert_eq!(series.last().map(|it| it.0.as_str()), Some(metric.as_str()), "{line}");
        }
    }
    let each: BTreeSet<_> = series.iter().map(|(metric, labels, _)| (metric, labels)).collect();
    assert_eq!(each.len(), series.len(), "a series stands twice");
    series
}

fn read_series(line: &str) -> Series {
    let (name, value) = line.rsplit_once(' ').expect("there is a value");
    let value = value.parse().expect("it is a number");
    let Some((name, mut rest)) = name.split_once('{') else {
        return (name.to_owned(), Vec::new(), value);
    };
    let mut labels = Vec::new();
    while rest != "}" {
        let (label, after) = rest.split_once("=\"").expect("a label has a value");
        assert!(label.chars().all(|it| it.is_ascii_lowercase()), "{line}");
        let (mut content, mut letters) = (String::new(), after.char_indices());
        let end = loop {
            match letters.next().expect("a value ends") {
                (at, '"') => break at,
                (_, '\\') => match letters.next().expect("an escape ends").1 {
                    'n' => content.push('\n'),
                    letter @ ('\\' | '"') => content.push(letter),
                    letter => panic!("`{letter}` is no escape: {line}"),
                },
                (_, letter) => content.push(letter),
            }
        };
        labels.push((label.to_owned(), content));
        rest = &after[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (name.to_owned(), labels, value)
}

#[test]
fn every_finding_and_every_verdict_is_counted() {
    let series = read(&run_as("prometheus", Settings::default(), Numbered::Yes));
    let total = |metric: &str| {
        let of = series.iter().filter(|it| it.0 == metric);
        usize::try_from(of.map(|(_, _, value)| value).sum::<u64>()).expect("it is small")
    };
    assert_eq!(total("mailsrv_findings"), count().findings);
    assert_eq!(total("mailsrv_domains"), count().domains + 1);
    assert_eq!(total("mailsrv_domains_untold"), 0);
    let typed = |(_, labels, _): &&Series| labels.iter().any(|it| it.1.starts_with("=cmd|"));
    let (metric, labels, _) = series.iter().find(typed).expect("the broken line is told");
    assert_eq!(metric, "mailsrv_domain_verdict");
    assert!(labels[0].1.contains(",\"<b>"), "{labels:?}");
}

/// Two lines of a list may be wrong in the same way, and a series that stands twice makes the
/// collector refuse the file.
#[test]
fn a_line_that_is_broken_twice_is_one_series() {
    let mut out = Vec::new();
    let report = Report::begin(format("prometheus"), Settings::default(), &mut out);
    let mut report = report.expect("memory holds it");
    for line in [1, 2] {
        let error = "`b_d` is no domain";
        let item = Item::Broken { line: Some(line), place: None, typed: "b_d", error };
        report.item(item, &mut out).expect("memory holds it");
    }
    report.end(&mut out).expect("memory holds it");
    assert_eq!(read(&text(&out)).iter().filter(|it| it.0 == "mailsrv_domain_verdict").count(), 1);
}

#[test]
#[ignore = "needs promtool"]
fn promtool_takes_the_metrics() {
    let mut child = Command::new(require("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool was found");
    let metrics = run_as("prometheus", Settings::default(), Numbered::Yes);
    let mut pipe = child.stdin.take().expect("it is piped");
    pipe.write_all(metrics.as_bytes()).expect("promtool reads");
    drop(pipe);
    let output = child.wait_with_output().expect("promtool ends");
    let told = text(&output.stdout) + &text(&output.stderr);
    assert_eq!((output.status.code(), told.as_str()), (Some(0), ""));
}

/// A report of every scenario, of which those with a verdict are shown.
fn shown(word: &str, verdict: Option<Verdict>) -> String {
    let mut out = Vec::new();
    let mut report =
        Report::begin(format(word), Settings::default(), &mut out).expect("memory holds it");
    let mut selection = Selection::default();
    verdict.into_iter().for_each(|verdict| selection.add_verdict(verdict));
    report.select(selection);
    for (plan, observed, audit) in JUDGED.iter() {
        report
            .item(
                Item::Judged { plan: Some(plan), observed: Some(observed), audit, outlook: None },
                &mut out,
            )
            .expect("memory holds it");
    }
    report.end(&mut out).expect("memory holds it");
    text(&out)
}

#[test]
fn what_is_hidden_counts_among_the_findings_of_all_domains() {
    for (word, start, end) in [
        ("prometheus", "# HELP mailsrv_findings ", "# HELP mailsrv_domains_untold "),
        ("html", "<h2>Commonest findings</h2>", "</table>"),
        ("text", "Commonest findings:", "Not answered:"),
    ] {
        let of = |verdict| {
            let page = shown(word, verdict);
            let (_, rest) = page.split_once(start).expect("it begins");
            rest.split_once(end).expect("it ends").0.to_owned()
        };
        assert_eq!(of(Some(Verdict::Pass)), of(None), "{word}");
    }
}
