//! Runs that a signal ends: how they end, and what they leave behind.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use hickory_proto::op::ResponseCode;

use crate::hostile::scripted::{Reply, Scripted, refuse};
use crate::jobs;
use crate::program::{listening, text};

/// How often it is looked whether something has come to pass.
const TICK: Duration = Duration::from_millis(5);

/// A run that waits for something, with an open pipe as its standard input.
struct Run(Child);

impl Run {
    /// Begins a run, and returns once it listens to signals.
    fn begin(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut run = Self(piped.spawn().expect("the program was built for this test"));
        // SIGTERM is the fifteenth bit.
        while run.mask("SigCgt:") >> 14 & 1 == 0 {
            let ended = run.0.try_wait().expect("it can be waited for");
            assert!(ended.is_none(), "it ended before it listened: {ended:?}");
            sleep(TICK);
        }
        run
    }

    /// The signals that it catches or ignores, a bit each.
    fn mask(&self, which: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("it has not been waited for");
        let mask = status.lines().find_map(|line| line.strip_prefix(which));
        mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).expect("it is hexadecimal"))
    }

    fn signal(&self, signal: &str) {
        let kill = format!("kill -s {signal} {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success()));
    }

    /// Takes what it prints while it runs, where that may be more than a pipe holds (64 KiB).
    fn read(&mut self) -> JoinHandle<Vec<u8>> {
        let mut stdout = self.0.stdout.take().expect("nobody has taken it");
        thread::spawn(move || {
            let mut printed = Vec::new();
            stdout.read_to_end(&mut printed).expect("a pipe can be read");
            printed
        })
    }

    /// What it did; it is given no input, and none is taken from it before its end.
    fn end(mut self) -> Output {
        let stdin = self.0.stdin.take();
        let output = self.0.wait_with_output().expect("it can be waited for");
        drop(stdin);
        output
    }
}

fn mailsrv(args: &[&str]) -> Command {
    let mut command = listening();
    command.args(args);
    command
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("it is readable");
    let names = files.map(|file| file.expect("it is readable").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[track_caller]
fn check(args: &[&str], signal: &str, code: i32) {
    let run = Run::begin(&mut mailsrv(args));
    run.signal(signal);
    let output = run.end();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(&format!("interrupted by SIG{signal}\n")), "{args:?}: {said}");
}

#[test]
fn a_signal_ends_the_waiting_for_standard_input_and_leaves_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (file, root) = (place("file"), place("root"));
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        check(&["generate", "-", "-o", &file], signal, code);
    }
    check(&["generate", "example.com", "-", "-o", &file], "INT", 130);
    check(&["documents", "-", "-o", &root], "TERM", 143);
    check(&["audit", "-", "--resolver", "127.0.0.1:9", "-o", &file], "TERM", 143);
    check(&["import", "-", "-o", &file], "INT", 130);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn what_is_done_before_a_signal_stays_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    for (args, done, said) in [
        (
            ["generate", "-", "--output-dir"],
            "example.com.zone",
            "the records of 1 domain are written",
        ),
        (["documents", "-", "-o"], "example.com", "the document roots of 1 domain stand below"),
    ] {
        let mut run = Run::begin(mailsrv(&args).arg(place("out")));
        let stdin = run.0.stdin.as_mut().expect("it is a pipe");
        stdin.write_all(b"example.com\nexample.org").expect("it reads");
        while !folder.path().join("out").join(done).exists() {
            sleep(TICK);
        }
        run.signal("TERM");
        let output = run.end();
        assert_eq!(output.status.code(), Some(143));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
    assert_eq!(names(&folder.path().join("out")), ["example.com", "example.com.zone"]);
}

#[test]
fn a_signal_ends_the_waiting_for_a_pipe_that_nobody_writes_to() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|it| it.success()));
    let pipe = pipe.to_str().unwrap();
    check(&["generate", "--input", pipe], "INT", 130);
    check(&["generate", "-p", pipe, "example.com"], "TERM", 143);
    check(&["generate", "--signed", "--certificate", pipe, "example.com"], "INT", 130);
    check(&["profile", "check", pipe], "INT", 130);
    check(&["import", pipe], "INT", 130);
    check(&["audit", "--replay", pipe, "example.com"], "INT", 130);
    check(&["audit", "--zone", pipe, "example.com"], "INT", 130);
}

#[test]
fn a_signal_ends_the_waiting_for_the_reader_of_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|it| it.success()));
    check(&["generate", "example.com", "-o", pipe.to_str().unwrap()], "TERM", 143);
    // With a reader, it is written to.
    let mut run = mailsrv(&["generate", "example.com", "-o", pipe.to_str().unwrap()]);
    let mut run = run.spawn().unwrap();
    let read = fs::read_to_string(&pipe).unwrap();
    assert!(read.contains("_imaps._tcp"), "{read}");
    assert!(run.wait().unwrap().success());
    assert_eq!(names(folder.path()), ["pipe"]);
}

#[test]
fn a_signal_ends_the_waiting_for_answers_and_leaves_no_draft() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (report, record) = (place("report"), place("record"));
    let mut args = vec!["audit", "example.com", "--resolver", &server, "--timeout", "60"];
    args.extend(["-o", &report, "--record", &record]);
    let run = Run::begin(&mut mailsrv(&args));
    silent.recv(&mut [0; 512]).expect("a question comes");
    run.signal("INT");
    assert_eq!(run.end().status.code(), Some(130));
    let drafts = names(folder.path()).into_iter().filter(|name| name.starts_with(".mailsrv-"));
    assert_eq!(drafts.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_signal_ends_the_waiting_for_a_verdict_with_what_was_seen_last() {
    let server =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::Refused)));
    let server_address = server.address.to_string();
    let mut args = vec!["audit", "example.com", "--resolver", &server_address, "-f", "json"];
    args.extend(["--wait", "1h", "--progress", "json"]);
    let mut run = Run::begin(&mut mailsrv(&args));
    // It waits once it has told of the first try.
    let mut told = BufReader::new(run.0.stderr.take().expect("it is a pipe"));
    let mut line = String::new();
    while !line.contains(r#""event":"try""#) {
        line.clear();
        assert_ne!(told.read_line(&mut line).expect("it can be read"), 0);
    }
    run.signal("INT");
    let ended = run.end();
    assert_eq!(ended.status.code(), Some(130));
    let report = text(&ended.stdout);
    assert!(report.starts_with(r#"{"schema":1,"domain":"example.com","verdict":"unknown""#));
    assert_eq!(report.lines().count(), 1);
}

/// What each report says of a run that was ended, and how it ends itself.
const CUT: [(&str, &str, &str); 9] = [
    ("text", "1 domain: 1 fail; ended early", "\n"),
    ("json", r#""domain":"a.example""#, "}\n"),
    ("html", "<p class=\"unknown\">The run ended early: there are more domains.</p>", "</html>\n"),
    ("csv", "\r\na.example,fail,", "\r\n"),
    ("junit", "message=\"the run ended early: there are more domains\"", "</testsuites>\n"),
    ("sarif", "\"executionSuccessful\":false", "}]}]}\n"),
    ("github", "1 domain: 1 fail; ended early", "\n"),
    ("prometheus", "\nmailsrv_audit_whole 0\n", "\n"),
    ("nagios", "1 domain: 1 fail; ended early: a.example (", "\n"),
];

#[test]
fn a_report_that_a_signal_ends_is_well_formed_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    fs::write(&list, "a.example\nb.example\n").unwrap();
    let list = list.to_str().unwrap();
    for ((format, said, end), (signal, code)) in
        CUT.into_iter().zip([("INT", 130), ("TERM", 143)].into_iter().cycle())
    {
        // The second domain is begun when the first one is reported, and has no answer.
        let (begun, second) = mpsc::channel();
        let server = Scripted::start(move |request, _| {
            if request.queries.iter().any(|query| query.name().to_ascii().contains("b.example")) {
                let _who_listens = begun.send(());
                return Reply::Silence;
            }
            Reply::Message(refuse(request, ResponseCode::NoError))
        });
        let address = server.address.to_string();
        let mut args = vec!["audit", "-f", format, "--input", list, "--resolver", &address];
        args.extend(["--concurrency", "1", "--timeout", "60", "--tries", "1"]);
        let mut run = Run::begin(&mut mailsrv(&args));
        let printed = run.read();
        second.recv().expect("a question comes");
        run.signal(signal);
        let output = run.end();
        let printed = printed.join().expect("it was read");
        let (report, told) = (text(&printed), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{format}: {told}");
        assert!(report.contains(said) && report.ends_with(end), "{format}: {report} {told}");
        assert!(told.contains(&format!("interrupted by SIG{signal}")), "{format}: {told}");
        assert!(told.contains("1 domain: 1 fail; ended early"), "{format}: {told}");
        assert!(!report.contains("b.example"), "{format}: {report}");
        match format {
            "junit" => {
                let document = roxmltree::Document::parse(&report).expect("it is XML");
                let suites = document.descendants().filter(|it| it.has_tag_name("testsuite"));
                assert_eq!(suites.count(), 2);
            }
            "json" | "sarif" => {
                let _log: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
            }
            "html" => assert_eq!(report.matches("<details ").count(), 1),
            "csv" => {
                let rows: Vec<_> = report.split("\r\n").collect();
                assert!(rows.len() > 2 && rows[0].starts_with("domain,"), "{report}");
            }
            _ => {}
        }
    }
}

#[test]
fn a_signal_ends_the_waiting_for_a_reader_that_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (list, pipe, zone) = (place("list"), place("pipe"), place("zone"));
    let domains = (0..1000).map(|number| format!("d{number}.example\n"));
    fs::write(&list, domains.collect::<String>()).unwrap();
    fs::write(&zone, jobs::zone()).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|it| it.success()));
    // Somebody has the pipe open and never reads it.
    let _reader = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let mail = ["--zone", "tests/readme/example.com.zone", "--input", &list];
    for args in [
        &["generate", "--input", &list][..],
        &["generate", "--input", &list, "-o", &pipe],
        &[&["audit", "-f", "json"], &mail[..]].concat(),
        &[&["audit", "-f", "json", "-o", &pipe], &mail[..]].concat(),
        &["audit", "-f", "json", "--zone", &zone, "--jobs", "1"],
        &["audit", "-f", "json", "--zone", &zone, "--jobs", "3"],
    ] {
        let mut run = Run::begin(&mut mailsrv(args));
        // Its pipe is full when it sleeps on; a signal that comes before ends it, too.
        let sleeps = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", run.0.id()));
            stat.is_ok_and(|stat| stat.contains(") S "))
        };
        let mut asleep = 0;
        while asleep < 20 {
            asleep = if sleeps() { asleep + 1 } else { 0 };
            sleep(TICK);
        }
        run.signal("TERM");
        // It ends though nobody reads on: what the test takes in the end comes after that.
        let status = run.0.wait().unwrap();
        let output = run.end();
        let said = text(&output.stderr);
        assert_eq!(status.code(), Some(143), "{args:?}: {said}");
        assert!(said.contains("interrupted by SIGTERM"), "{args:?}: {said}");
        assert!(said.matches("error: ").count() <= 1, "{args:?}: {said}");
        if args.contains(&"--jobs") {
            // The one that was not taken whole is counted, too.
            let taken = output.stdout.iter().filter(|octet| **octet == b'\n').count();
            assert_eq!(jobs::counted(&said), taken + 1, "{args:?}: {said}");
        }
    }
}

#[test]
fn a_second_signal_ends_a_run_that_does_not_look() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    let domains = (0..1000).map(|number| format!("d{number}.example\n"));
    fs::write(&list, domains.collect::<String>()).unwrap();
    // Nobody reads what it prints, and the pipe is full.
    let mut run = Run::begin(&mut mailsrv(&["generate", "--input", list.to_str().unwrap()]));
    let status = loop {
        run.signal("INT");
        sleep(TICK);
        if let Some(status) = run.0.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.signal() == Some(2) || status.code() == Some(130), "{status}");
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_so() {
    let mut command = Command::new("sh");
    let script = "trap '' INT HUP; exec \"$0\" generate -";
    command.args(["-c", script, env!("CARGO_BIN_EXE_mailsrv")]);
    let run = Run::begin(&mut command);
    assert_eq!((run.mask("SigIgn:") & 0b11, run.mask("SigCgt:") & 0b11), (0b11, 0));
    run.signal("INT");
    run.signal("TERM");
    assert_eq!(run.end().status.code(), Some(143));
}
