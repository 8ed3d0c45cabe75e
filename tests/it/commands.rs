//! The contract of the command line: streams, exit codes, messages.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{Source, audit, mailsrv, printed, text, without_places};

/// Runs the program with a text on standard input: exit code, stdout, stderr.
fn run(args: &[&str], stdin: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailsrv"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    let mut pipe = child.stdin.take().expect("it is piped");
    // A program that fails early closes its end first.
    let _closed = pipe.write_all(stdin.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().expect("the program ends");
    let code = output.status.code().expect("the program was not killed");
    (code, text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn check(args: &[&str], stdin: &str, code: i32, out_part: &str, err_part: &str) {
    let (got, out, err) = run(args, stdin);
    assert_eq!(got, code, "{args:?}\n{out}\n{err}");
    assert!(out.contains(out_part), "{args:?}: no {out_part:?} in {out}");
    assert!(err.contains(err_part), "{args:?}: no {err_part:?} in {err}");
    if code == 2 {
        assert_eq!(out, "", "{args:?}: data was printed before the trouble");
    }
}

#[test]
fn help_and_versions_go_to_stdout_and_mistakes_to_stderr() {
    check(&["--help"], "", 0, "mailsrv audit example.com", "");
    check(&["audit", "--help"], "", 0, "Examples:", "");
    check(&["generate", "-h"], "", 0, "--zone-apex", "");
    check(&["--version"], "", 0, "mailsrv 0.", "");
    check(&[], "", 2, "", "Usage:");
    check(&["generate"], "", 2, "", "required");
    check(&["audit", "a.example", "--replay", "x", "--zone", "y"], "", 2, "", "cannot be used");
    check(&["explain", "target-allias"], "", 2, "", "did you mean `target-alias`?");
    check(&["man", "nonsense"], "", 2, "", "hint: `mailsrv --help` lists the commands");
}

#[test]
fn a_bad_argument_is_trouble_and_prints_no_data() {
    check(&["generate", "a.example", "b..example"], "", 2, "", "`b..example` has an empty label");
    check(&["generate", "joe@a.example"], "", 2, "", "give the domain alone: a.example");
    for typed in ["a.example,", "\"a.example\"", "'a.example';", "\u{201e}a.example\u{201c}"] {
        let said = format!("`{typed}` is more than a name; give the name alone: a.example");
        check(&["generate", typed], "", 2, "", &said);
    }
    for (option, given) in
        [("--allow-empty", &["--allow-empty"][..]), ("--domain-column", &["--domain-column", "x"])]
    {
        for command in ["generate", "documents", "audit"] {
            let said = format!(
                "{option} is about a list, and there is none\nhint: name the list with --input"
            );
            check(&[&[command, "a.example"], given].concat(), "", 2, "", &said);
        }
        check(&[&["generate", "--provider"], given].concat(), "", 2, "", option);
    }
    for folder in ["no/such/", "src"] {
        let said = format!(
            "takes a file, and {folder} names a folder\nhint: --output-dir {folder} writes"
        );
        check(&["generate", "a.example", "-o", folder], "", 2, "", &said);
    }
    check(&["generate", "--provider", "-o", "new/"], "", 2, "", "hint: name a file in it");
    check(&["init", "-o", "new/"], "", 2, "", "the slash at its end");
    check(&["generate", "a.example", "--host", "192.0.2.1"], "", 2, "", "is an IP address");
    check(
        &["generate", "a.example", "--host", "autoconfig.a.example"],
        "",
        2,
        "",
        "alias of itself",
    );
    check(&["generate", "a.example", "--host", "{server}"], "", 2, "", "needs a column `server`");
    check(&["generate", "a.example", "--zone-apex", "b.example"], "", 2, "", "does not lie in");
    check(&["generate", "a.example", "-p", "no/such.yaml"], "", 2, "", "cannot read no/such.yaml");
    check(&["generate", "--input", "no/such.csv"], "", 2, "", "cannot read no/such.csv");
    check(&["audit", "a.example", "--resolver", "dns.example"], "", 2, "", "`dns.example`");
    check(&["audit", "a.example", "--severity", "target-alias"], "", 2, "", "CODE=LEVEL");
    check(
        &["audit", "a.example", "--severity", "target-alias=bad"],
        "",
        2,
        "",
        "`bad` is no severity",
    );
    check(&["audit", "a.example", "--zone", "no/such.zone"], "", 2, "", "cannot read no/such.zone");
    check(&["audit", "a.example", "--record", "x", "-o", "x"], "", 2, "", "name the same file");
    let header = "name,server\nx,y\n";
    let zone = ["--zone", "tests/readme/example.com.zone"];
    check(&["generate", "a.example", "-"], header, 2, "", "the header has no column `domain`");
    check(
        &[&["audit", "example.com", "-"], &zone[..]].concat(),
        header,
        2,
        "",
        "no column `domain`",
    );
}

#[test]
fn a_mistake_in_usage_is_told_before_standard_input_is_waited_for() {
    for line in [
        "documents -",
        "documents --address a@b.example -",
        "generate --host {s} a.example -",
        "audit a.example - --zone /dev/null/none",
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailsrv"))
            .args(line.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program was built for this test");
        // It stays open and silent until the program has ended.
        let pipe = child.stdin.take();
        let status = child.wait().expect("the program ends");
        drop(pipe);
        assert_eq!(status.code(), Some(2), "{line}");
    }
}

#[test]
fn a_bad_line_is_refused_with_its_number_and_the_rest_goes_on() {
    let input = "a.example\n\n# comment\nb_b.example\nc.example\n";
    let (code, out, err) = run(&["generate", "-"], input);
    assert_eq!(code, 3);
    for origin in ["$ORIGIN a.example.\n", "$ORIGIN c.example.\n"] {
        assert_eq!(out.matches(origin).count(), 1, "{origin} in {out}");
    }
    assert_eq!(run(&["generate", "--input", "-"], input), (code, out, err.clone()));
    assert!(err.contains("line 4: b_b.example: `b_b.example` is not a host name"), "{err}");
    assert!(err.contains("1 line was refused"), "{err}");
    assert_eq!(run(&["generate", "-", "-q"], input).2.lines().count(), 1);

    let zone = "tests/readme/example.com.zone";
    let input = "example.com\nb_b.example\n";
    let args = ["audit", "-", "--zone", zone, "-f", "json"];
    let (code, out, err) = run(&args, input);
    assert_eq!(code, 1, "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[1].starts_with(
            r#"{"schema":1,"domain":"b_b.example","verdict":"broken","line":2,"error":"#
        )
    );
    assert!(err.contains("2 domains: 1 fail, 1 broken"), "{err}");
}

#[test]
fn columns_of_the_input_fill_the_placeholders_of_the_profile() {
    let input = "domain,server\na.example,s1.provider.example\n";
    let args = ["generate", "-", "-p", "zones/server-hostname.yaml"];
    check(&args, input, 0, "0 1 993 s1.provider.example.", "");
    check(&args, "domain\na.example\n", 2, "", "needs a column `server`: the input has none");
    check(&args, "a.example\n", 2, "", "hint: --set server=srv7.provider.example gives it to all");
    check(
        &["generate", "-", "--host", "{Mail  Server}"],
        "domain,Mail Server\na.example,s1.provider.example\n",
        0,
        "0 1 993 s1.provider.example.",
        "",
    );
}

#[test]
fn a_host_of_one_label_is_refused_wherever_it_comes_from() {
    let said = "is a single label, and a host name has two at least: ";
    let told = |host: &str| format!("`{host}` {said}{host}.example.com?");
    check(&["generate", "a.example", "--host", "mail"], "", 2, "", &told("mail"));
    let columns = ["generate", "-", "--host", "{server}"];
    let row = "domain,server\na.example,server1\nb.example,s2.provider.example\n";
    let line = format!("line 2: a.example: `{{server}}` gives no host name: {}", told("server1"));
    check(&columns, row, 3, "_imaps._tcp        IN SRV    0 1 993 s2.provider.example.", &line);
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let profile = folder.path().join("profile.yaml");
    fs::write(&profile, "host: imap\nimap: true\n").expect("it is writable");
    let profile = profile.to_str().expect("temporary paths are UTF-8");
    check(&["generate", "a.example", "-p", profile], "", 2, "", &told("imap"));
    let server = |kind: &str, host: &str| {
        let (tag, port) = if kind == "imap" { ("incoming", 993) } else { ("outgoing", 465) };
        format!(
            "<{tag}Server type=\"{kind}\"><hostname>{host}</hostname><port>{port}</port><socketType>SSL</socketType>\
             <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></{tag}Server>"
        )
    };
    let document = format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"a.example\"><domain>a.example</domain>{}{}\
         </emailProvider></clientConfig>",
        server("imap", "imap"),
        server("smtp", "smtp.a.example")
    );
    check(&["import", "-"], &document, 0, "submission:", &told("imap"));
}

#[test]
fn a_placeholder_can_be_set_for_a_whole_run() {
    let profile = ["-p", "zones/server-hostname.yaml"];
    let given = |command: &[&str], more: &[&str]| -> Vec<String> {
        [command, &profile, more].concat().into_iter().map(str::to_owned).collect()
    };
    let check = |command: &[&str], more: &[&str], stdin: &str, code, out: &str, err: &str| {
        let args = given(command, more);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        check(&args, stdin, code, out, err);
    };
    let (one, many) = (["generate", "a.example"], ["generate", "-"]);
    let set = ["--set", "Server=srv7.provider.example"];
    check(&one, &set, "", 0, "0 1 993 srv7.provider.example.", "");
    check(&many, &set, "a.example\n", 0, "0 1 993 srv7.provider.example.", "");
    let csv = "domain,server\na.example,s1.provider.example\n";
    check(&many, &set, csv, 0, "0 1 993 srv7.provider.example.", "");
    check(&["generate"], &["-f", "domain-connect", set[0], set[1]], "", 0, "srv7.provider", "");
    check(
        &["documents", "a.example", "--server", "nginx"],
        &set,
        "",
        0,
        "autoconfig.a.example",
        "",
    );
    check(&["audit", "a.example", "--zone", "no/such"], &set, "", 2, "", "cannot read no/such");
    check(&one, &[], "", 2, "", "needs a column `server`: a domain alone has none");
    check(
        &one,
        &["--set", "serve=x.example"],
        "",
        2,
        "",
        "no placeholder `{serve}`; it has `{server}`",
    );
    let host = ["generate", "a.example", "--host", "mail.{domian}"];
    let said = "a column `domian`: a domain alone has none; did you mean `domain`?";
    self::check(&host, "", 2, "", said);
    check(&one, &["--set", "server=srv7"], "", 2, "", "server=srv7: `srv7` is a single label");
    // A value may hold what --host may hold, and no more.
    check(&one, &["--set", "server=mx.{domain}"], "", 0, "0 1 993 mx.a.example.", "");
    let csv = "domain,cluster\na.example,c1\n";
    let of_cluster = ["--set", "server={Cluster}.provider.example"];
    check(&many, &of_cluster, csv, 0, "0 1 993 c1.provider.example.", "");
    check(&one, &of_cluster, "", 2, "", "needs a column `cluster`");
    check(&one, &["--set", "server={host}"], "", 2, "", "`{host}` stands for the default host");
    check(&one, &["--set", "server=a.{dom"], "", 2, "", "`a.{dom` has an unmatched brace");
    check(&one, &["--set", "server"], "", 2, "", "write NAME=VALUE");
    check(&one, &[set[0], set[1], set[0], set[1]], "", 2, "", "gives `server` two values");
}

#[test]
fn formats_and_hosts_are_read_in_any_case_and_listed_by_kin() {
    check(&["generate", "a.example", "-f", "bind"], "", 0, "$ORIGIN a.example.", "");
    check(&["generate", "a.example", "-f", "PS1"], "", 0, "Add-DnsServerResourceRecord", "");
    check(&["generate", "a.example", "--for", "GoDaddy"], "", 0, "$ORIGIN a.example.", "");
    let (_, _, err) = run(&["generate", "a.example", "-f", "bnd"], "");
    let said = "\
error: invalid value for '--format <FORMAT>': `bnd` is no format

The formats are:
  to paste     zone                  form ";
    assert!(err.starts_with(said), "{err}");
    let row = "\n  data         json                  yaml                  csv\n";
    assert!(err.contains(row), "{err}");
    let (_, help, _) = run(&["generate", "--help"], "");
    for text in [&err, &help] {
        let long = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
        for format in mailsrv::render::Format::ALL {
            assert!(text.contains(format.text()), "{format:?} in {text}");
        }
    }
    check(&["audit", "a.example", "--for", "godady"], "", 2, "", "\n  form known ");
    let (_, _, err) = run(&["generate", "a.example", "--for", "godady"], "");
    assert!(err.contains("known to mailsrv; did you mean `godaddy`?"), "{err}");
    assert!(err.lines().skip(1).all(|line| line.chars().count() <= 80), "{err}");
}

#[test]
fn the_exit_code_of_an_audit_follows_its_findings() {
    let zone = |records: &str| {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let head = "$ORIGIN a.example.\n$TTL 60\n@ IN SOA ns h 1 2 3 4 5\n@ IN NS ns\nns IN A 192.0.2.53\n@ IN MX 10 ns\n";
        fs::write(file.path(), format!("{head}{records}")).expect("it is writable");
        file
    };
    let code = |file: &tempfile::NamedTempFile, options: &[&str]| {
        let path = file.path().to_str().expect("temporary paths are UTF-8");
        run(&[&["audit", "a.example", "--zone", path], options].concat(), "").0
    };
    let records =
        printed(["generate", "a.example"]) + "mail IN A 192.0.2.1\nmail IN AAAA 2001:db8::1\n";
    assert_eq!(code(&zone(&records), &[]), 0);

    let warned = zone(&records.replace("_submissions", "_smtps"));
    assert_eq!(code(&warned, &[]), 0);
    assert_eq!(code(&warned, &["--fail-on", "warning"]), 1);
    assert_eq!(code(&warned, &["--severity", "label-misnomer=error"]), 1);
    let off = ["--fail-on", "warning", "--severity", "label-misnomer=off"];
    assert_eq!(code(&warned, &off), 0);

    // The host is in no zone at hand, which is a question without an answer to a strict user.
    let host = ["--host", "mail.b.example"];
    let elsewhere = printed([&["generate", "a.example"], &host[..]].concat());
    let unanswered = zone(&elsewhere);
    assert_eq!(code(&unanswered, &[&host[..], &["--fail-on", "info"]].concat()), 0);
    let strict = [&host[..], &["--strict", "--fail-on", "info"]].concat();
    assert_eq!(code(&unanswered, &strict), 3);
    let both = zone(&elsewhere.replace("_submissions", "_smtps"));
    assert_eq!(code(&both, &strict), 1);
    assert_eq!(code(&zone("mail IN SRV 0 1 99300 mail\n"), &[]), 2);
    let part = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    fs::write(part.path(), &records).expect("it is writable");
    let whole =
        zone(&format!("$INCLUDE {}\n", part.path().file_name().expect("it has one").display()));
    assert_eq!(code(&whole, &[]), 2);
    assert_eq!(code(&whole, &["--include"]), 0);
    assert_eq!(code(&zone("a IN CNAME b\na IN CNAME c\n"), &[]), 2);
    assert_eq!(code(&zone("a IN CNAME b\na IN TXT c\n"), &[]), 2);
    assert_eq!(code(&zone("@ IN SOA ns h 2 2 3 4 5\n"), &[]), 2);
}

#[test]
fn severities_of_the_profile_are_overridden_by_those_of_the_command_line() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let path = file.path().to_str().expect("temporary paths are UTF-8");
    let profile = fs::read_to_string("zones/hosting.yaml").expect("it is shipped");
    let audit = |severity: &str, options: &[&str]| {
        fs::write(path, format!("{profile}severity: {severity}\n")).expect("it is writable");
        let base = ["audit", "example.com", "--zone", "tests/readme/example.com.zone", "-p", path];
        run(&[&base[..], options].concat(), "")
    };
    assert_eq!(audit("{}", &[]).0, 1);
    assert_eq!(audit("{ target-doubled-suffix: off }", &[]).0, 0);
    let options = ["--severity", "target-doubled-suffix=critical"];
    assert!(audit("{ target-doubled-suffix: off }", &options).1.contains("1 critical"));
    let (code, _, err) = audit("{ no-such-code: off }", &[]);
    assert_eq!(code, 2);
    assert!(err.contains("`no-such-code` is no finding code") && err.contains(":9:13"), "{err}");
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let path = folder.path().join("out.zone");
    let out = path.to_str().expect("temporary paths are UTF-8");
    assert_eq!(run(&["generate", "a.example", "-o", out], ""), (0, String::new(), String::new()));
    let whole = fs::read_to_string(&path).expect("it was written");
    assert_eq!(whole, printed(["generate", "a.example"]));

    check(&["generate", "-", "-o", out], "name,x\n1,2\n", 2, "", "no column `domain`");
    assert_eq!(fs::read_to_string(&path).expect("it was there"), whole);
    let left = fs::read_dir(folder.path()).expect("the folder can be read").count();
    assert_eq!(left, 1, "a draft was left behind");

    let nowhere = Path::new(out).join("below").display().to_string();
    check(&["generate", "a.example", "-o", &nowhere], "", 2, "", "nothing was written there");
    if cfg!(target_os = "linux") {
        let said = "no new file can be made in /proc";
        check(&["generate", "a.example", "-o", "/proc/x.zone"], "", 2, "", said);
    }
}

#[test]
fn a_recording_is_judged_again_with_the_same_result() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let record = folder.path().join("run.jsonl").display().to_string();
    let zone = "tests/readme/example.com.zone";
    let live = audit("example.com", &Source::Zones(&[Path::new(zone)]), &["--record", &record]);
    let again = audit("example.com", &Source::Servers(&[]), &["--replay", &record]);
    assert_eq!((live.verdict.as_str(), live.exit), ("fail", 1));
    assert_eq!((again.verdict.as_str(), again.exit), ("fail", 1));
    // The recording does not say in which line of the file a record stood.
    assert_eq!(without_places(live.findings), again.findings);
    check(&["audit", "other.example", "--replay", &record], "", 3, "not in the recording", "");
    fs::write(&record, "{\"name\": 1}\n").expect("it is writable");
    check(&["audit", "example.com", "--replay", &record], "", 2, "", "run.jsonl:1");
}

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailsrv"))
        .args(["generate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    drop(child.stdout.take());
    let mut pipe = child.stdin.take().expect("it is piped");
    for number in 0..20_000 {
        if writeln!(pipe, "d{number}.example").is_err() {
            break;
        }
    }
    drop(pipe);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn colour_is_written_only_where_it_is_wanted() {
    let zone = "tests/readme/example.com.zone";
    let escape = |options: &[&str]| {
        let args = [&["audit", "example.com", "--zone", zone], options].concat();
        text(&mailsrv(args).stdout).contains('\u{1b}')
    };
    assert!(!escape(&[]));
    assert!(!escape(&["--color", "never"]));
    assert!(escape(&["--color", "always"]));
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let commands =
        ["generate", "documents", "audit", "merge", "services", "explain", "completions", "man"];
    let pages =
        [printed(["completions", "bash"]), printed(["completions", "zsh"]), printed(["man"])];
    for page in pages {
        for command in commands {
            assert!(page.contains(command), "{command} is missing");
        }
    }
    assert!(printed(["man", "audit"]).contains("\\-\\-fail\\-on"));
}

#[test]
fn every_code_is_listed_and_explained() {
    let is_narrow = |page: &str| page.lines().all(|line| line.chars().count() <= 80);
    let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    let list = printed(["explain", "--list"]);
    assert!(is_narrow(&list), "{list}");
    for code in mailsrv::audit::Code::ALL {
        let item = format!("{code} {} {}", code.severity(), code.headline());
        assert!(words(&list).contains(&item), "{item}");
        assert!(list.lines().any(|line| line.split(' ').next() == Some(code.text())), "{code}");
        let page = printed(["explain", code.text()]);
        assert!(is_narrow(&page), "{page}");
        for part in [code.headline(), code.why(), code.remedy(), code.reference()] {
            assert!(words(&page).contains(part), "{code}: {part}");
        }
    }
}

#[test]
fn the_table_of_services_is_printed() {
    let page = printed(["services"]);
    assert_eq!(page.lines().count(), 7);
    assert!(page.contains("submission  TLS       _submissions._tcp    465  RFC 8314"), "{page}");
}
