//! Runs that do not come to their end, and runs that go on with their reports.
#![cfg(target_os = "linux")]

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::sleep;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use tempfile::TempDir;

use crate::hostile::scripted::{Reply, Scripted, refuse};
use crate::program::{listening, mailsrv, text};

const ZONE: &str = "tests/readme/example.com.zone";

/// More domains than are begun before the first is reported, for a run that waits for more of them.
static MANY: LazyLock<String> = LazyLock::new(|| {
    (0..300).fold("example.com\n".to_owned(), |list, number| list + &format!("d{number}.example\n"))
});

/// A folder with a list of so many domains, of which some are none, and one is in the zone.
struct Folder(TempDir);

impl Folder {
    fn of(domains: usize) -> Self {
        let folder = Self(TempDir::new().expect("there is a place for temporary files"));
        let line = |number: usize| match number % 17 {
            3 => format!("b_{number}.example\n"),
            5 => format!("D{number}.Example\n# a comment\n"),
            9 => format!("sub{number}.example.com\nd{}.example\n", number - 1),
            _ => format!("d{number}.example\n"),
        };
        let list: String = (0..domains).map(line).collect();
        folder.write("list", format!("example.com\n{list}"));
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the folder is writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it is there")
    }

    fn has(&self, name: &str) -> bool {
        Path::new(&self.path(name)).exists()
    }

    /// The arguments of an audit of the list whose report has this name, `%` in options for the folder.
    fn audit(&self, report: &str, options: &[&str]) -> Vec<String> {
        let options = options.iter().map(|option| option.replace('%', &self.path("")));
        let common = ["audit", "--input", &self.path("list"), "-o", &self.path(report)];
        common.map(str::to_owned).into_iter().chain(options).collect()
    }
}

fn code(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), text(&output.stderr))
}

/// The last line on standard error, which sums up.
fn summary(output: &Output) -> String {
    text(&output.stderr).lines().last().unwrap_or_default().to_owned()
}

/// Begins the same run again and again and kills it at random moments, until it comes to its end.
fn kill_and_resume(args: &[String], longest: u64) -> (Output, Vec<u64>) {
    end_and_resume(args, longest, "KILL")
}

/// The same with another signal.
fn end_and_resume(args: &[String], longest: u64, signal: &str) -> (Output, Vec<u64>) {
    let random = RandomState::new();
    let mut killed = Vec::new();
    loop {
        let mut run = listening();
        run.args(args).arg("--resume").stdout(Stdio::null()).stderr(Stdio::piped());
        let run = run.spawn().expect("the program was built for this test");
        // A machine that is busy gets the longer time, the longer it takes.
        let pause = random.hash_one(killed.len()) % (longest + 200 * killed.len() as u64);
        sleep(Duration::from_millis(pause));
        // A run that has ended does not mind, as long as it is not waited for.
        let kill = format!("kill -s {signal} {}", run.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success()));
        let output = run.wait_with_output().expect("it can be waited for");
        // Before it listens to signals they end it at once.
        if output.status.code().is_some_and(|code| code < 128) {
            return (output, killed);
        }
        killed.push(pause);
        assert!(killed.len() < 1000, "it never ends: {killed:?}");
    }
}

#[test]
fn a_run_that_is_killed_at_random_moments_and_gone_on_with_is_one_run() {
    let folder = Folder::of(400);
    let base = folder.audit("base", &["--zone", ZONE, "-f", "json"]);
    assert_eq!(mailsrv(base).status.code(), Some(1));
    for options in [
        &["-f", "json"][..],
        &["-f", "csv", "--only", "fail,broken"],
        &["-f", "csv", "--per", "domain"],
        &["-f", "json", "--shard", "2/3"],
        &["-f", "json", "--baseline", "%base", "--severity", "srv-missing=critical"],
    ] {
        let options = [&["--zone", ZONE], options].concat();
        let whole = mailsrv(folder.audit("whole", &options));
        let (ended, killed) = kill_and_resume(&folder.audit("parts", &options), 1_500);
        assert_eq!(ended.status.code(), whole.status.code(), "{options:?} {killed:?}");
        assert_eq!(summary(&ended), summary(&whole), "{options:?} {killed:?}");
        assert!(folder.read("parts") == folder.read("whole"), "{options:?} {killed:?}");
        assert!(!folder.has("parts.partial") && !folder.has("parts.journal"));
    }
}

#[test]
fn a_survey_of_servers_that_is_killed_neither_repeats_nor_skips_a_domain() {
    let folder = Folder::of(300);
    let server =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::NoError)));
    let address = server.address.to_string();
    let options = ["--resolver", &address, "--rate", "unlimited", "-f", "json"];
    let whole = mailsrv(folder.audit("whole", &options));
    // How much is asked at one time is no matter of the report.
    let slower = [&options[..], &["--concurrency", "3"]].concat();
    let (ended, killed) = kill_and_resume(&folder.audit("parts", &slower), 1_500);
    assert_eq!(ended.status.code(), whole.status.code(), "{killed:?}");
    assert_eq!(summary(&ended), summary(&whole), "{killed:?}");
    let sorted = |name: &str| {
        let report = folder.read(name);
        let mut lines: Vec<_> = report.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert!(sorted("parts") == sorted("whole"), "{killed:?}");
}

#[test]
fn a_survey_by_several_threads_that_is_ended_neither_repeats_nor_skips_a_domain() {
    let folder = Folder::of(600);
    let server =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::NoError)));
    let address = server.address.to_string();
    let options = ["--resolver", &address, "-f", "json", "--ordered", "--jobs"];
    let whole = mailsrv(folder.audit("whole", &[&options[..], &["1"]].concat()));
    for (jobs, signal) in [("2", "KILL"), ("3", "INT"), ("2", "TERM")] {
        let args = folder.audit("parts", &[&options[..], &[jobs]].concat());
        let (ended, after) = end_and_resume(&args, 1_500, signal);
        assert_eq!(ended.status.code(), whole.status.code(), "{signal} {after:?}");
        assert_eq!(summary(&ended), summary(&whole), "{signal} {after:?}");
        assert!(folder.read("parts") == folder.read("whole"), "{signal} {after:?}");
        fs::remove_file(folder.path("parts")).expect("it is there");
    }
}

/// What a run left that was killed, with so many domains in it at least.
fn left_by_a_killed_run(folder: &Folder, options: &[&str]) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
    run.args(folder.audit("report", options)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = run.spawn().expect("the program was built for this test");
    while !folder.has("report.journal") || folder.read("report.journal").lines().count() < 2 {
        assert!(run.try_wait().expect("it can be waited for").is_none(), "it has ended");
        sleep(Duration::from_millis(5));
    }
    run.kill().expect("it runs");
    run.wait().expect("it can be waited for");
}

#[test]
fn another_run_is_not_gone_on_with_and_what_is_another_is_named() {
    let folder = Folder::of(2_000);
    let same = ["--zone", ZONE, "-f", "json"];
    left_by_a_killed_run(&folder, &same);
    let before = (folder.read("report.partial"), folder.read("report.journal"));
    let check = |options: &[&str], told: &str| {
        let (exit, said) = code(&mailsrv(folder.audit("report", options)));
        assert_eq!(exit, Some(2), "{options:?}: {said}");
        assert!(said.contains(told), "{options:?}: {said}");
        let now = (folder.read("report.partial"), folder.read("report.journal"));
        assert!(now == before, "{options:?}");
    };
    let with = |options: &[&'static str]| [&same[..], &["--resume"], options].concat();
    let of_another = "report.partial is of another run: ";
    check(&with(&["--only", "fail"]), &format!("{of_another}--only was not given, and is `fail`"));
    check(&with(&["--strict"]), &format!("{of_another}--strict was not given, and is given"));
    check(&with(&["-p", "zones/groupware.yaml"]), of_another);
    check(&with(&["--host", "mx.example.net"]), of_another);
    check(&["--zone", ZONE, "-f", "csv", "--resume"], "--format was `json`, and is `csv`");
    let list = folder.read("list");
    folder.write("list", format!("{list}one.more.example\n"));
    check(&with(&[]), &format!("{of_another}the list has changed since"));
    folder.write("list", list);
    // All is as it was but for another version of the program.
    let (_, journal) = &before;
    let version = format!("\"mailsrv\":\"{}\"", env!("CARGO_PKG_VERSION"));
    folder.write("report.journal", journal.replace(&version, "\"mailsrv\":\"0.0.1\""));
    let (exit, said) = code(&mailsrv(folder.audit("report", &with(&[]))));
    assert!(exit == Some(2) && said.contains("mailsrv was `0.0.1`, and is `"), "{said}");
}

#[test]
fn what_cannot_be_gone_on_with_is_refused_with_what_to_do() {
    let folder = Folder::of(3);
    for (options, told) in [
        (&["-f", "text"][..], "a report of -f text is made in one go\nhint: make it with -f json"),
        (&["-f", "prometheus"], "a report of -f prometheus is made in one go"),
        (&["-f", "json", "--wait", "1m", "--resolver", "127.0.0.1"], "cannot be used with '--wait"),
        (&["-f", "json", "--record", "%run"], "cannot be used with '--record"),
        (&["--fix", "zone"], "cannot be used with"),
    ] {
        let options = [&["--resume"], options].concat();
        let (exit, said) = code(&mailsrv(folder.audit("report", &options)));
        assert!(exit == Some(2) && said.contains(told), "{options:?}: {said}");
    }
    let list = folder.path("list");
    let args = ["audit", "--input", &list, "-f", "json", "--resume", "--zone", ZONE];
    let (exit, said) = code(&mailsrv(args));
    assert!(exit == Some(2) && said.contains("hint: name it with -o FILE"), "{said}");
    let (exit, said) = code(&mailsrv(args.iter().chain(&["-o", "/dev/null"])));
    assert!(exit == Some(2) && said.contains("-o names none"), "{said}");
}

#[test]
fn two_runs_do_not_write_one_report() {
    let folder = Folder::of(3);
    let report = folder.path("report");
    let args = ["audit", "-", "--zone", ZONE, "-f", "json", "-o", &report];
    let mut first = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
    first.args(args).stdin(Stdio::piped()).stderr(Stdio::null());
    let mut first = first.spawn().expect("the program was built for this test");
    let mut stdin = first.stdin.take().expect("it is a pipe");
    stdin.write_all(MANY.as_bytes()).expect("it reads");
    while !folder.has("report.journal") || folder.read("report.journal").is_empty() {
        sleep(Duration::from_millis(5));
    }
    for resume in [&[][..], &["--resume"]] {
        let options = [&["--zone", ZONE, "-f", "json"], resume].concat();
        let (exit, said) = code(&mailsrv(folder.audit("report", &options)));
        assert_eq!(exit, Some(2), "{said}");
        assert!(
            said.contains("another run is writing") && said.contains("report.partial"),
            "{said}"
        );
    }
    drop(stdin);
    assert_eq!(first.wait().expect("it can be waited for").code(), Some(1));
    assert_eq!(folder.read("report").lines().count(), MANY.lines().count());
}

#[test]
fn a_signal_lets_what_is_under_way_end_and_says_how_to_go_on() {
    let folder = Folder::of(0);
    folder.write("list", "a.example\nb.example\nc.example\n");
    // The second domain is answered once the signal has come, and the third not at all.
    let (begun, second) = mpsc::channel();
    let (come, signal) = mpsc::channel::<()>();
    let (begun, signal) = (Mutex::new(begun), Arc::new(Mutex::new(Some(signal))));
    let server = Scripted::start(move |request, _| {
        let asks = |domain| request.queries.iter().any(|it| it.name().to_ascii().contains(domain));
        if asks("b.example")
            && let Some(signal) = signal.lock().unwrap().take()
        {
            let _who_listens = begun.lock().unwrap().send(());
            let _come = signal.recv();
        }
        Reply::Message(refuse(request, ResponseCode::NoError))
    });
    let address = server.address.to_string();
    let options = ["--resolver", &address, "-f", "json", "--concurrency", "1", "--timeout", "30"];
    let mut run = listening();
    let args = folder.audit("it's a report", &options);
    let run = run.args(&args).stderr(Stdio::piped()).spawn().expect("it was built");
    second.recv().expect("a question comes");
    let kill = format!("kill -s TERM {}", run.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success()));
    come.send(()).expect("the server waits");
    let (exit, said) = code(&run.wait_with_output().expect("it can be waited for"));
    assert_eq!(exit, Some(143), "{said}");
    assert!(said.contains("2 domains: 2 fail; ended early"), "{said}");
    let partial = folder.read("it's a report.partial");
    assert_eq!(partial.lines().count(), 2, "{partial}");
    // What it says to type goes on with it.
    let command = said.split_once("; to go on:\n  ").and_then(|(_, rest)| rest.lines().next());
    let command = command.unwrap_or_else(|| panic!("no command in {said}"));
    let output = Command::new("sh").args(["-c", command]).output().expect("there is a shell");
    let (exit, said) = code(&output);
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.starts_with("2 domains are reported already, the others follow\n"), "{said}");
    assert_eq!(summary(&output), "3 domains: 3 fail; 27 to publish", "{said}");
    let report = folder.read("it's a report");
    assert!(report.starts_with(&partial) && report.lines().count() == 3, "{report}");
}

#[test]
fn a_full_disk_ends_a_run_that_another_goes_on_with() {
    let folder = Folder::of(100);
    let options = ["--zone", ZONE, "-f", "json", "--shard", "1/1"];
    let whole = mailsrv(folder.audit("whole", &options));
    for blocks in [1, 40, 80] {
        let mut full = Command::new("sh");
        let limit = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
        full.args(["-c", &limit, env!("CARGO_BIN_EXE_mailsrv")]);
        let full = full.args(folder.audit("parts", &options)).arg("--resume");
        let (exit, said) = code(&full.output().expect("there is a shell"));
        assert_eq!(exit, Some(2), "{said}");
        assert!(said.contains("; to go on:\n  "), "{said}");
        let partial = folder.read("parts.partial");
        assert!(partial.is_empty() || partial.ends_with("}\n"), "{said}");
    }
    let ended = mailsrv(folder.audit("parts", &[&options[..], &["--resume"]].concat()));
    assert_eq!(ended.status.code(), whole.status.code());
    assert_eq!(summary(&ended), summary(&whole));
    assert!(folder.read("parts") == folder.read("whole"));
}

#[test]
fn a_list_that_has_a_reported_domain_no_more_is_told_and_nothing_is_put_in_place() {
    let folder = Folder::of(0);
    let report = folder.path("report");
    let mut run = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
    run.args(["audit", "-", "--zone", ZONE, "-f", "json", "-o", &report]);
    run.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut first = run.spawn().expect("the program was built for this test");
    let mut stdin = first.stdin.take().expect("it is a pipe");
    stdin.write_all(MANY.as_bytes()).expect("it reads");
    while !folder.has("report.journal") || folder.read("report.journal").lines().count() < 2 {
        sleep(Duration::from_millis(5));
    }
    first.kill().expect("it runs");
    first.wait().expect("it can be waited for");
    let mut second = run.arg("--resume").spawn().expect("the program was built for this test");
    let mut stdin = second.stdin.take().expect("it is a pipe");
    stdin
        .write_all(MANY.split_once('\n').map_or("", |(_, rest)| rest).as_bytes())
        .expect("it reads");
    drop(stdin);
    let (exit, said) = code(&second.wait_with_output().expect("it can be waited for"));
    assert_eq!(exit, Some(2), "{said}");
    assert!(said.contains("1 domain that is reported is not given any more"), "{said}");
    assert!(!folder.has("report") && folder.has("report.partial"));
}

#[test]
fn what_stands_where_a_report_is_kept_is_not_followed_or_written_to() {
    use std::os::unix::fs::symlink;
    let folder = Folder::of(3);
    folder.write("precious", "precious");
    let options = ["--zone", ZONE, "-f", "json", "--resume"];
    for name in ["report.partial", "report.journal"] {
        let place = folder.path(name);
        symlink(folder.path("precious"), &place).expect("links can be made");
        let (exit, said) = code(&mailsrv(folder.audit("report", &options)));
        assert!(exit == Some(2) && said.contains("it is no regular file"), "{said}");
        fs::remove_file(&place).expect("it is there");
        fs::hard_link(folder.path("precious"), &place).expect("links can be made");
        let (exit, said) = code(&mailsrv(folder.audit("report", &options)));
        assert!(exit == Some(2) && said.contains("it has another name, too"), "{said}");
        fs::remove_file(&place).expect("it is there");
    }
    assert_eq!(folder.read("precious"), "precious");
    // What has no journal is begun anew.
    folder.write("report.partial", "{}\n");
    let (exit, said) = code(&mailsrv(folder.audit("report", &options)));
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.starts_with("note: begins anew, in place of a report that was not whole\n"));
    assert!(folder.read("report").starts_with("{\"schema\""));
}
