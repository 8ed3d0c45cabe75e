//! `merge`: the reports of shards are the report of the run.

use std::fs;

use mailsrv::name::{MailDomain, Shard};
use mailsrv::report::Format;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::shards::run;

/// What a mail domain of a list is like.
const KINDS: [&str; 5] = ["healthy", "a wrong port", "a missing record", "no zone", "no domain"];

/// A zone file with the records of mail domains, and the list of them.
struct Place(TempDir);

impl Place {
    fn new(domains: &[(String, usize)]) -> Self {
        let place = Self(TempDir::new().expect("there is a place for temporary files"));
        let mut zone = String::from("$TTL 60\n");
        for (domain, kind) in domains {
            let (_, snippet, _) = run(&["generate", "-q", domain], b"");
            let hosts = "@ MX 10 mail\nmail A 192.0.2.2\nmail AAAA 2001:db8::2\n";
            let kept = |line: &&str| *kind != 2 || !line.starts_with("_imaps._tcp");
            let snippet: Vec<&str> = snippet.lines().filter(kept).collect();
            let snippet = snippet.join("\n");
            let snippet = match kind {
                0 | 2 => snippet,
                1 => snippet.replace(" 993 ", " 143 "),
                _ => continue,
            };
            zone.extend(["$ORIGIN ", domain, ".\n", hosts, &snippet, "\n"]);
        }
        place.write("zone", &zone);
        let list: Vec<&str> = domains.iter().map(|(domain, _)| domain.as_str()).collect();
        place.write("list", &list.join("\n"));
        place
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Audits the list: exit code, stdout, stderr.
    fn audit(&self, args: &[&str]) -> (u8, String, String) {
        let (list, zone) = (self.path("list"), self.path("zone"));
        let common = ["audit", "--input", &list, "--zone", &zone, "--observed", "always"];
        run(&[&common[..], args].concat(), b"")
    }

    /// Audits each shard into a file, and names the files, in another order than that of the shards.
    fn shards(&self, count: u32) -> Vec<String> {
        let shards = (1..=count).rev().map(|number| {
            let (shard, path) =
                (format!("{number}/{count}"), self.path(&format!("{number}.jsonl")));
            let args = ["--shard", &shard, "-f", "json", "-o", &path, "--exit-zero"];
            let (code, _, said) = self.audit(&args);
            assert_eq!(code, 0, "{said}");
            assert!(said.starts_with(&format!("shard {shard}: ")), "{said}");
            path
        });
        shards.collect()
    }
}

/// Merges reports: exit code, stdout, stderr.
fn merge(reports: &[String], args: &[&str]) -> (u8, String, String) {
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    run(&[&["merge"], args, &reports].concat(), b"")
}

/// The number of the shard that a line of a list belongs to.
fn number(typed: &str, count: u32) -> u32 {
    let holds = |shard: Shard| match typed.parse::<MailDomain>() {
        Ok(domain) => shard.holds(&domain),
        Err(_) => shard.holds_text(typed),
    };
    (1..=count).find(|it| holds(Shard::new(*it, count).expect("it is one"))).expect("one has it")
}

#[test]
fn every_format_of_merged_shards_is_that_of_one_run_octet_for_octet() {
    let domains = prop::collection::btree_map(0..200_u32, 0..KINDS.len(), 1..14);
    let options = prop::sample::select(vec![
        &["--only", "fail"][..],
        &["-v"],
        &["--fail-on", "warning"],
        &["--only", "srv-missing,broken"],
    ]);
    let config = ProptestConfig::with_cases(6);
    proptest!(config, |(domains in domains, count in 1..6_u32, options in options)| {
        let name = |number: u32, kind: usize| match KINDS[kind] {
            "no domain" => format!("b_d{number}.example"),
            _ if number.is_multiple_of(7) => format!("xn--bcher{number}-kva.example"),
            _ => format!("kunde{number}.example"),
        };
        let mut list: Vec<(String, usize)> =
            domains.into_iter().map(|(number, kind)| (name(number, kind), kind)).collect();
        // A zone without anything of a list is refused.
        list.push(("kunde999.example".to_owned(), 0));
        // So a run has the order in which shards are told.
        list.sort_by_key(|(typed, _)| number(typed, count));
        let place = Place::new(&list);
        let shards = place.shards(count);
        for format in Format::ALL {
            let args = [&["-f", format.text()], options].concat();
            let merged = merge(&shards, &args);
            prop_assert_eq!(&place.audit(&args), &merged, "{}", format.text());
        }
        let args = ["-f", "csv", "--per", "domain"];
        prop_assert_eq!(place.audit(&args), merge(&shards, &args));
    });
}

/// Three shards of a list of nine, each with some of it.
fn thirds() -> (Place, Vec<String>) {
    let kind = |at: usize| if at == 4 { 1 } else { 0 };
    let list: Vec<(String, usize)> =
        (0..9).map(|at| (format!("kunde{at}.example"), kind(at))).collect();
    let place = Place::new(&list);
    let mut shards = place.shards(3);
    shards.reverse();
    (place, shards)
}

#[test]
fn what_is_not_whole_is_refused_and_told_where_a_part_is_wanted() {
    let (place, shards) = thirds();
    let [first, second, third] = shards.as_slice() else { panic!("{shards:?}") };
    let report = place.read("2.jsonl");
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines.len() > 2, "{report}");
    let end = report.len() - lines[lines.len() - 1].len() - 1;
    let cut = place.path("cut.jsonl");
    let missing = "shard 2 of 3 is missing";
    for (left, said) in [
        (None, vec![missing.to_owned()]),
        (
            Some(""),
            vec![
                missing.to_owned(),
                format!(
                    "{cut}: it does not end as a shard does: it was cut, or made without --shard"
                ),
            ],
        ),
        (
            Some(&report[..end]),
            vec![
                missing.to_owned(),
                format!(
                    "{cut}: it does not end as a shard does: it was cut, or made without --shard"
                ),
            ],
        ),
        (
            Some(&report[..end - 1]),
            vec![format!("{cut}: it was cut in line {}", lines.len() - 1), missing.to_owned()],
        ),
        (
            Some(&report[..report.len() - 1]),
            vec![format!("{cut}: it was cut in line {}", lines.len()), missing.to_owned()],
        ),
        (
            Some(&report.replace("\"whole\":true", "\"whole\":false")),
            vec![format!("{cut}: the run of shard 2/3 ended early")],
        ),
    ] {
        let mut reports = vec![first.clone(), third.clone()];
        if let Some(left) = left {
            place.write("cut.jsonl", left);
            reports.push(cut.clone());
        }
        let errors: String = said.iter().map(|it| format!("error: {it}\n")).collect();
        let hint = "hint: run the audit of it again; --partial takes what there is\n";
        assert_eq!(merge(&reports, &[]), (2, String::new(), errors + hint));
        let (code, out, told) = merge(&reports, &["--partial"]);
        let notes: String = said.iter().map(|it| format!("note: {it}\n")).collect();
        assert!(told.starts_with(&notes), "{told}");
        assert!(out.lines().last().is_some_and(|it| it.contains("; ended early")), "{out}");
        // Without a finding it is open.
        assert_eq!(code, if out.contains(": fail") { 1 } else { 3 }, "{out}");
    }
    assert_eq!(merge(&[second.clone(), third.clone(), first.clone()], &[]).0, 1);
}

#[test]
fn what_does_not_belong_together_is_refused_with_its_names() {
    let (place, shards) = thirds();
    let [first, second, third] = shards.as_slice() else { panic!("{shards:?}") };
    let other = place.path("other.jsonl");
    let write = |text: &str| place.write("other.jsonl", text);
    #[track_caller]
    fn check(reports: &[&String], said: &str) {
        let reports: Vec<String> = reports.iter().map(|it| (*it).clone()).collect();
        let (code, out, told) = merge(&reports, &["--partial"]);
        assert_eq!((code, out.as_str()), (2, ""), "{told}");
        assert!(told.starts_with(&format!("error: {said}")), "{told}");
    }
    let double = "kunde4.example";
    write(&place.read("2.jsonl"));
    let line = place.read("2.jsonl").lines().next().unwrap_or_default().to_owned();
    let domain = line.split('"').nth(5).unwrap_or(double).to_owned();
    let said = format!("{other}: line 1: {domain} is in {second}, line 1, too");
    check(&[first, second, third, &other], &said);
    check(
        &[second, first, second],
        &format!("{second}: line 1: {domain} is in {second}, line 1, too"),
    );

    let empty = |shard: &str, profile: &str| {
        let counts = "\"domains\":0,\"all\":true,\"whole\":true";
        format!("{{\"schema\":1,\"shard\":{{{shard},{counts},\"profile\":\"{profile}\"}}}}\n")
    };
    let known = place.read("1.jsonl");
    let profile = known.rsplit('"').nth(1).unwrap_or_default().to_owned();
    write(&empty("\"number\":2,\"count\":4", &profile));
    check(&[first, &other], &format!("{other}: shard 2/4 is of another run than 1/3 in {first}"));
    write(&empty("\"number\":2,\"count\":3", "another"));
    check(
        &[first, &other],
        &format!("{other}: shard 2/3 was judged by another profile than 1/3 in {first}"),
    );
    write(&empty("\"number\":1,\"count\":3", &profile));
    check(&[first, &other], &format!("shard 1/3 is in {first}, and in {other}"));
    write(&empty("\"number\":4,\"count\":3", &profile));
    check(&[&other], &format!("{other}: line 1: shards are counted from 1 to 3, and 4 is beyond"));

    let lines = known.lines().count() as u64 - 1;
    let without: String = known.lines().skip(1).map(|it| format!("{it}\n")).collect();
    write(&without);
    let said = format!(
        "{other}: line {lines}: shard 1/3 has {lines} domains, and {} stand before its end",
        lines - 1
    );
    check(&[&other], &said);
    let path = place.path("only.jsonl");
    place.audit(&["--shard", "1/3", "-f", "json", "--only", "warn", "-o", &path]);
    check(
        &[&path],
        &format!(
            "{path}: line 1: shard 1/3 does not tell all of its domains; audit it without --only"
        ),
    );
    check(&[&place.path("none")], "cannot read");
    check(
        &[&place.path("list")],
        &format!("{}: line 1: not an object of audit -f json", place.path("list")),
    );
}

#[test]
fn another_profile_is_known_by_its_digest_and_other_domains_are_not() {
    let (place, _) = thirds();
    let digest = |args: &[&str]| {
        let args = [&["--shard", "1/1", "-f", "json"], args].concat();
        let (_, report, said) = place.audit(&args);
        let digest = report.trim_end().rsplit('"').nth(1).unwrap_or_default().to_owned();
        assert_eq!(digest.len(), 16, "{report}{said}");
        digest
    };
    let known = digest(&[]);
    assert_eq!(digest(&["--fail-on", "info", "--concurrency", "1"]), known);
    for args in
        [&["--host", "mx.provider.example"][..], &["--severity", "srv-missing=off"], &["--strict"]]
    {
        assert_ne!(digest(args), known, "{args:?}");
    }
}

#[test]
fn reports_of_several_runs_are_joined_in_their_order_and_from_a_pipe() {
    let (place, shards) = thirds();
    let all: String =
        shards.iter().map(|path| fs::read_to_string(path).expect("it is there")).collect();
    let whole = merge(&shards, &["-f", "csv"]);
    assert_eq!(run(&["merge", "-", "-f", "csv"], all.as_bytes()), whole);
    let unclosed: Vec<&str> = all.lines().filter(|it| !it.contains("\"shard\"")).collect();
    place.write("a", &(unclosed[..4].join("\n") + "\n"));
    place.write("b", &(unclosed[4..].join("\n") + "\n"));
    let (code, out, said) = merge(&[place.path("b"), place.path("a")], &["-f", "json"]);
    let turned: Vec<&str> = unclosed[4..].iter().chain(&unclosed[..4]).copied().collect();
    assert_eq!((code, out), (whole.0, turned.join("\n") + "\n"));
    let note =
        "note: the reports were made without --shard, and do not say whether they are whole\n";
    assert!(said.starts_with(note), "{said}");
}

#[test]
fn what_reports_do_not_hold_is_not_made_up() {
    let (place, _) = thirds();
    let (list, zone, path) = (place.path("list"), place.path("zone"), place.path("narrow"));
    let args =
        ["audit", "--input", &list, "--zone", &zone, "--shard", "1/1", "-f", "json", "-o", &path];
    run(&args, b"");
    let reports = [path.clone()];
    for args in [&["-f", "junit"][..], &["-v"], &["-v", "-f", "html"]] {
        let (code, out, said) = merge(&reports, args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(
            said.contains("such as kunde0.example\nhint: give the audits --observed always\n"),
            "{said}"
        );
    }
    let (_, out, said) = merge(&reports, &["-f", "csv", "--per", "domain"]);
    assert!(said.starts_with("note: the reports do not say where 8 domains stand that pass; audits with --observed always do\n"), "{said}");
    assert_eq!(out.lines().count(), 10);
    // A healthy domain is a short line nevertheless.
    let longest =
        place.read("narrow").lines().filter(|it| it.contains("\"pass\"")).map(str::len).max();
    assert!(longest < Some(120), "{longest:?}");
}
