//! Reports that have no room for all: what they have is well-formed, and the rest is counted and noted.

use mailsrv::report::{Item, Report, Settings};
use serde_json::Value;

use super::format;
use crate::program::text;
use crate::scenarios::JUDGED;

/// A report of as many domains as make a limit overflow, with what is said beside it.
fn overflowing(word: &str, domains: usize) -> (String, Vec<String>) {
    let mut out = Vec::new();
    let report = Report::begin(format(word), Settings::default(), &mut out);
    let mut report = report.expect("memory holds it");
    let widest = JUDGED.iter().max_by_key(|(_, _, audit)| audit.findings.len());
    let (plan, observed, audit) = widest.expect("there are scenarios");
    let mut audit = audit.clone();
    for number in 0..domains {
        audit.domain = format!("d{number}.example").parse().expect("it is a domain");
        let item = Item::Judged {
            plan: Some(plan),
            observed: Some(observed),
            audit: &audit,
            outlook: None,
        };
        report.item(item, &mut out).expect("memory holds it");
        assert!(report.notes().is_empty());
    }
    report.close(&mut out).expect("memory holds it");
    let notes = report.notes();
    assert!(report.notes().is_empty());
    (text(&out), notes)
}

/// How many findings the widest of the scenarios has.
fn width() -> usize {
    JUDGED.iter().map(|(_, _, audit)| audit.findings.len()).max().expect("there are scenarios")
}

#[test]
fn a_log_has_25_000_results_and_counts_the_others() {
    let domains = 25_000 / width() + 1;
    let more = domains * width() - 25_000;
    let (log, notes) = overflowing("sarif", domains);
    let told =
        format!("{more} more findings than a log takes are not in it; -f json has them all.");
    assert_eq!(notes, [format!("note: {told}")]);
    let log: Value = serde_json::from_str(&log).expect("it is JSON");
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(25_000));
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array();
    let last = notifications.and_then(|all| all.last()).expect("it is told");
    assert_eq!(last["message"]["text"], told);
}

#[test]
fn a_page_has_8_mib_of_domains_and_counts_the_others() {
    let (one, _) = overflowing("html", 1);
    let (two, _) = overflowing("html", 2);
    let domains = (8 << 20) / (two.len() - one.len()) + 3;
    let (page, notes) = overflowing("html", domains);
    let shown = page.matches("<details ").count();
    let more = domains - shown;
    assert!(more > 0 && more < 9 && page.len() < (8 << 20) + one.len(), "{more}");
    let (verb, them) = if more == 1 { ("domain is", "it") } else { ("domains are", "them all") };
    let told = format!("{more} more {verb} counted and not shown; -f json has {them}.");
    assert_eq!(notes, [format!("note: the page has no room for all domains: {told}")]);
    assert!(page.contains(&format!("<p class=\"untold\">{told}</p>")));
    assert!(page.contains(&format!("<li><b>{domains}</b>domains</li>")));
    assert!(page.ends_with("</script>\n</body>\n</html>\n"));
    assert_eq!(page.matches("</details>").count(), shown);
}

#[test]
fn ten_thousand_domains_have_series_and_the_others_are_counted() {
    let mut out = Vec::new();
    let report = Report::begin(format("prometheus"), Settings::default(), &mut out);
    let mut report = report.expect("memory holds it");
    for number in 0..10_002 {
        let typed = format!("d{number}");
        let error = "it has one label";
        let item = Item::Broken { line: None, place: None, typed: &typed, error };
        report.item(item, &mut out).expect("memory holds it");
    }
    report.close(&mut out).expect("memory holds it");
    let told = "note: the first 10000 domains have series of their own, and 2 domains more would; mailsrv_domains_untold counts them";
    assert_eq!(report.notes(), [told]);
    let metrics = text(&out);
    assert_eq!(metrics.matches("\nmailsrv_domain_verdict{").count(), 10_000);
    assert!(metrics.contains("\nmailsrv_domains_untold 2\n"));
    assert!(metrics.contains("\nmailsrv_domains{verdict=\"broken\"} 10002\n"));
}
