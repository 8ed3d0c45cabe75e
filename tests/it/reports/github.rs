//! `audit -f github`: commands of a workflow, read as GitHub's runner reads them.

use mailsrv::report::Settings;

use super::{count, run};

/// A command with its properties and its message.
struct Command {
    level: String,
    properties: Vec<(String, String)>,
    message: String,
}

/// Undoes the escapes; the percent sign comes last, as it was escaped first.
fn plain(text: &str, is_property: bool) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n");
    let text = if is_property { text.replace("%3A", ":").replace("%2C", ",") } else { text };
    text.replace("%25", "%")
}

/// Reads a line; None of one that is no command.
fn read(line: &str) -> Option<Command> {
    let (command, message) = line.strip_prefix("::")?.split_once("::").expect("a command ends");
    let (level, properties) = command.split_once(' ').expect("it has properties");
    let property = |pair: &str| {
        let (key, value) = pair.split_once('=').expect("a property has a value");
        (key.to_owned(), plain(value, true))
    };
    Some(Command {
        level: level.to_owned(),
        properties: properties.split(',').map(property).collect(),
        message: plain(message, false),
    })
}

#[test]
fn a_finding_is_an_annotation_and_the_summary_is_none() {
    let text = run("github", Settings::default());
    let mut findings = 0;
    for line in text.lines() {
        let Some(Command { level, properties, message }) = read(line) else {
            assert!(line.contains(" domains: ") && line.contains(" broken"), "{line}");
            continue;
        };
        assert!(["error", "warning", "notice"].contains(&level.as_str()), "{line}");
        let [(key, title)] = properties.as_slice() else { panic!("{line}") };
        assert_eq!(key, "title");
        if title.contains('-') {
            findings += 1;
            assert!(message.ends_with(&format!("/docs/findings.md#{title}")), "{line}");
        } else {
            assert!(["unknown", "broken"].contains(&title.as_str()), "{line}");
        }
        assert!(!message.contains('\u{1b}'), "{line}");
    }
    assert_eq!(findings, count().findings);
}

#[test]
fn what_a_user_typed_ends_no_command() {
    let text = run("github", Settings::default());
    let first = read(text.lines().next().expect("there is a line")).expect("it is a command");
    assert!(first.message.contains("&;:%\u{fffd}[31m"), "{}", first.message);
}
