//! What the text report of a list ends with.

use mailsrv::report::{Looks, Settings};

use super::{count, run};

/// The lines behind the last domain.
fn closing(width: usize) -> Vec<String> {
    let looks = Looks { width, ..Looks::default() };
    let page = run("text", Settings::from(looks));
    let (_, closing) = page.rsplit_once("\nCommonest findings:\n").expect("it stands there");
    closing.lines().map(str::to_owned).collect()
}

#[test]
fn a_list_ends_with_the_commonest_findings_what_was_not_answered_and_the_verdicts() {
    let lines = closing(100);
    let at = lines.iter().position(|line| line == "Not answered:").expect("it stands there");
    assert_eq!(at, 10, "{lines:#?}");
    let times = |line: &String| -> usize {
        let (_, count) = line.split_once(": ").expect("there is a count");
        count.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("{line}"))
    };
    let counts: Vec<usize> = lines[..at].iter().map(times).collect();
    assert!(counts.is_sorted_by(|one, next| one >= next), "{lines:#?}");
    assert!(lines[0].contains(" times, for example "), "{lines:#?}");
    let failures = &lines[at + 1..lines.len() - 1];
    assert!(
        failures.iter().any(|line| line.contains(" questions, for example for ")),
        "{failures:#?}"
    );
    let last = lines.last().expect("there are lines");
    assert!(last.starts_with(&format!("{} domains: ", count().domains + 1)), "{last}");
}

#[test]
fn the_end_fits_a_narrow_page() {
    for line in closing(60) {
        assert!(line.chars().count() <= 60, "{line}");
    }
}
