//! `audit -f html`: one page that needs nothing else, looked at in a browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use mailsrv::report::{Looks, Settings};
use tempfile::TempDir;

use super::{Numbered, count, run_as};
use crate::program::text;
use crate::servers::require;

fn page() -> String {
    let looks = Looks { full: true, ..Looks::default() };
    run_as("html", looks.into(), Numbered::Yes)
}

#[test]
fn the_page_holds_all_it_needs_and_every_finding() {
    let page = page();
    for foreign in ["src=", "url(", "@import", "<link", "<iframe", "<img", "onclick", "fetch("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(page.matches("<section class=\"finding\">").count(), count().findings);
    assert_eq!(page.matches("<details class=\"domain").count(), count().domains + 1);
    // What a user typed is a text and nothing else.
    assert!(
        page.contains("=cmd|&apos; /C calc&apos;!A1,&quot;&lt;b&gt;&amp;;:%\u{fffd}[31m\u{fffd}")
    );
    let ends = ["</html>", "</body>", "</style>", "<script>", "</script>"];
    assert_eq!(ends.map(|end| page.matches(end).count()), [1; 5]);
}

#[test]
fn a_healthy_domain_of_a_list_takes_a_line() {
    let page = run_as("html", Settings::default(), Numbered::Yes);
    let healthy = page.split("<details ").find(|it| {
        it.contains("</b> d") && it.contains("domain is-pass") && !it.contains("finding")
    });
    let healthy = healthy.expect("a scenario is healthy");
    assert!(healthy.len() < 400 && !healthy.contains("<table"), "{healthy}");
}

/// What a browser says of the page after a script, which leaves it in the title.
#[track_caller]
fn ask(browser: &Path, page: &str, width: u32, script: &str) -> String {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("page.html");
    let script = format!("<script>document.title = String({script})</script></body>");
    fs::write(&path, page.replacen("</body>", &script, 1)).expect("the folder is writable");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
        .arg(format!("--window-size={width},900"))
        .arg(&path)
        .output()
        .expect("the browser was found");
    let dom = text(&output.stdout);
    let title = dom.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.unwrap_or_else(|| panic!("{dom}{}", text(&output.stderr))).0.to_owned()
}

/// How many domains are shown.
const SHOWN: &str =
    "[...document.querySelectorAll('details.domain')].filter(it => it.offsetHeight > 0).length";

#[test]
#[ignore = "needs chromium"]
fn nothing_is_wider_than_a_telephone_or_a_desk() {
    let browser = require("chromium-headless-shell");
    let page = page();
    for width in [360, 1280] {
        let open = "(document.querySelectorAll('details').forEach(it => it.open = true), [innerWidth, document.documentElement.scrollWidth - document.documentElement.clientWidth])";
        assert_eq!(ask(&browser, &page, width, open), format!("{width},0"));
    }
}

#[test]
#[ignore = "needs chromium"]
fn domains_are_filtered_searched_and_their_records_copied() {
    let browser = require("chromium-headless-shell");
    let page = page();
    let of =
        |verdict: &str| page.matches(&format!("<details class=\"domain is-{verdict}\"")).count();
    let chosen = |choice: &str| {
        let script = format!("(document.getElementById('show-{choice}').click(), {SHOWN})");
        ask(&browser, &page, 1280, &script)
    };
    assert_eq!(ask(&browser, &page, 1280, SHOWN), (count().domains + 1).to_string());
    assert_eq!(chosen("fail"), of("fail").to_string());
    assert_eq!(chosen("unknown"), (of("unknown") + of("broken")).to_string());
    let search = format!(
        "(search.value = ' D7.EXAMPLE', search.dispatchEvent(new Event('input')), {SHOWN})"
    );
    assert_eq!(ask(&browser, &page, 1280, &search), "1");
    let copy = "(document.querySelectorAll('details').forEach(it => it.open = true), document.querySelector('button.copy').click(), 'clicked')";
    assert_eq!(ask(&browser, &page, 1280, copy), "clicked");
}

/// Without a script all is there, and what needs one is not shown.
#[test]
#[ignore = "needs chromium"]
fn the_page_is_of_use_without_its_script() {
    let browser = require("chromium-headless-shell");
    let whole = page();
    let (head, rest) = whole.split_once("<script>").expect("there is a script");
    let page = format!("{head}{}", rest.split_once("</script>").expect("it ends").1);
    let offered =
        "[...document.querySelectorAll('.needs-script')].filter(it => it.offsetHeight > 0).length";
    assert_eq!(ask(&browser, &page, 1280, offered), "0");
    let script = format!("(document.getElementById('show-pass').click(), {SHOWN})");
    let passing = page.matches("<details class=\"domain is-pass\"").count();
    assert_eq!(ask(&browser, &page, 1280, &script), passing.to_string());
}
