//! A recording is the run: what a list came to live it comes to again, and a run that ends early keeps
//! what it had.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, MX, SOA, SRV};
use hickory_proto::rr::{Name, RData, RecordType};
use tempfile::TempDir;

use crate::hostile::scripted::{Reply, Scripted, record, refuse};
#[cfg(target_os = "linux")]
use crate::program::listening;
use crate::program::text;

const HOST: &str = "server1.provider.test.";

/// The owner names and types that were asked for, in order.
pub(crate) type Asked = Arc<Mutex<Vec<(String, RecordType)>>>;

/// A server of customers that are all on one host; it is silent where it is told to be.
pub(crate) fn provider(
    silent: impl Fn(&str, RecordType, usize) -> bool + Send + Sync + 'static,
) -> (Scripted, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let server = Scripted::start(move |request, _| {
        let query = &request.queries[0];
        let owner = query.name().to_ascii().to_ascii_lowercase();
        let mut heard = heard.lock().expect("nothing panics here");
        let question = (owner.clone(), query.query_type());
        let before = heard.iter().filter(|known| **known == question).count();
        heard.push(question);
        match silent(&owner, query.query_type(), before) {
            true => Reply::Silence,
            false => Reply::Message(respond(request, &owner, HOST)),
        }
    });
    (server, asked)
}

/// What is said of a customer whose servers are one host.
pub(crate) fn respond(request: &Message, owner: &str, host: &str) -> Message {
    let mut response = refuse(request, ResponseCode::NoError);
    let query = &request.queries[0];
    let name = |text: &str| Name::from_ascii(text).expect("the name is valid");
    let srv =
        |priority, weight, port| Some(RData::SRV(SRV::new(priority, weight, port, name(host))));
    let address = || Some(RData::A(A(Ipv4Addr::new(192, 0, 2, 1))));
    let (first, _) = owner.split_once('.').unwrap_or_default();
    if matches!(first, "autoconfig" | "autodiscover") {
        response.add_answer(record(query.name().clone(), RData::CNAME(CNAME(name(host)))));
    }
    let data = match (first, query.query_type()) {
        ("_imaps", RecordType::SRV) => srv(0, 1, 993),
        ("_imap", RecordType::SRV) => srv(10, 1, 143),
        ("_pop3s", RecordType::SRV) => srv(20, 1, 995),
        ("_pop3", RecordType::SRV) => srv(30, 1, 110),
        ("_submissions", RecordType::SRV) => srv(0, 1, 465),
        ("_submission", RecordType::SRV) => srv(10, 1, 587),
        ("_autodiscover", RecordType::SRV) => srv(0, 0, 443),
        ("autoconfig" | "autodiscover", RecordType::A) => address(),
        (first, RecordType::A) if first.starts_with("server") => address(),
        (_, RecordType::MX) => Some(RData::MX(MX::new(10, name(host)))),
        _ => None,
    };
    let is_alias = !response.answers.is_empty();
    match data {
        Some(data) if is_alias => response.add_answer(record(name(host), data)),
        Some(data) => response.add_answer(record(query.name().clone(), data)),
        None => {
            let apex = name("test.");
            let soa = SOA::new(apex.clone(), apex.clone(), 1, 7200, 3600, 1_209_600, 300);
            response.add_authority(record(apex, RData::SOA(soa)))
        }
    };
    response
}

/// A folder with a list of so many customers.
pub(crate) struct Customers(TempDir);

impl Customers {
    pub(crate) fn new(count: usize) -> Self {
        let folder = TempDir::new().expect("there is a place for temporary files");
        let mut list = String::new();
        for number in 0..count {
            let _infallible = writeln!(list, "d{number}.test");
        }
        fs::write(folder.path().join("list"), list).expect("the folder is writable");
        Self(folder)
    }

    /// An audit of the list as JSON; a `%/` in an argument begins in the folder.
    fn audit(&self, args: &[&str]) -> Command {
        #[cfg(target_os = "linux")]
        let mut command = listening();
        #[cfg(not(target_os = "linux"))]
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.args(["audit", "-f", "json", "--host", HOST.trim_end_matches('.'), "--input"]);
        command.arg(self.0.path().join("list"));
        let folder = self.0.path().to_str().expect("temporary paths are UTF-8");
        command.args(args.iter().map(|arg| arg.replace("%/", &format!("{folder}/"))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn done(&self, args: &[&str]) -> (i32, String, String) {
        done(&self.audit(args).output().expect("the program was built for this test"))
    }

    fn names(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.path()).expect("it is readable");
        let names = files.map(|file| file.expect("it is readable").file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("it is readable")
    }
}

fn done(output: &Output) -> (i32, String, String) {
    let code = output.status.code().expect("the program was not killed");
    (code, text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_host_of_a_whole_list_is_asked_for_once_and_the_recording_replays_as_the_run() {
    // The first question for the host is lost, and so are its repetitions.
    let lost = |owner: &str, rtype: RecordType, before: usize| {
        owner == HOST && rtype == RecordType::A && before < 3
    };
    let (server, asked) = provider(lost);
    let customers = Customers::new(20);
    let address = server.address.to_string();
    let hasty = ["--resolver", &address, "--timeout", "1", "--tries", "1"];
    let live = customers.done(&[&hasty[..], &["--record", "%/run"]].concat());
    let asked = asked.lock().expect("nothing panics here").clone();
    let of_host = asked.iter().filter(|(owner, _)| owner == HOST).count();
    assert_eq!(of_host, 4, "AAAA once, and A as often as a question is sent: {asked:?}");
    let replayed = customers.done(&["--replay", "%/run"]);
    assert_eq!(live.2, "20 domains: 20 unknown\n");
    assert_eq!(replayed, live);
    assert_eq!(customers.read("run").lines().count(), asked.len() - 2);
}

#[test]
fn a_recording_is_read_out_of_a_pipe_too() {
    let (server, _) = provider(|_, _, _| false);
    let customers = Customers::new(3);
    let address = server.address.to_string();
    let live = customers.done(&["--resolver", &address, "--record", "%/run"]);
    assert_eq!(live.0, 0, "{live:?}");
    let mut command = customers.audit(&["--replay", "/dev/stdin"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program was built");
    let mut pipe = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut pipe, customers.read("run").as_bytes()).expect("it is read");
    drop(pipe);
    assert_eq!(done(&child.wait_with_output().expect("the program ends")), live);
}

/// Begins an audit at a server that falls silent at the fourth customer, and waits for the results
/// of the three before it.
fn begin(customers: &Customers, server: &Scripted, args: &[&str], shown: bool) -> (Child, String) {
    let address = server.address.to_string();
    let common = ["--resolver", &address, "--timeout", "60", "--concurrency", "1"];
    let mut child = customers.audit(&[&common, args].concat()).spawn().expect("it was built");
    let mut results = String::new();
    if shown {
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        for _ in 0..3 {
            stdout.read_line(&mut results).expect("a result is printed when it is known");
        }
        child.stdout = Some(stdout.into_inner());
    }
    (child, results)
}

fn silent_from_the_fourth(owner: &str, _: RecordType, _: usize) -> bool {
    owner.ends_with("d3.test.")
}

/// Waits until the fourth customer is asked about.
fn wait_for_the_fourth(asked: &Asked) {
    let is_asked = || {
        let asked = asked.lock().expect("nothing panics here");
        asked.iter().any(|(owner, _)| owner.ends_with("d3.test."))
    };
    while !is_asked() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn interrupt(child: &Child, signal: &str) {
    let kill = format!("kill -s {signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success()));
}

#[test]
fn an_interrupted_run_says_what_is_done_and_keeps_its_recording() {
    let (server, asked) = provider(silent_from_the_fourth);
    let customers = Customers::new(9);
    let (mut child, results) = begin(&customers, &server, &["--record", "%/run"], true);
    wait_for_the_fourth(&asked);
    interrupt(&child, "INT");
    let mut rest = String::new();
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_to_string(&mut rest).expect("it is UTF-8");
    let (code, _, said) = done(&child.wait_with_output().expect("the program ends"));
    assert_eq!((code, rest.as_str()), (130, ""), "{said}");
    let run = customers.0.path().join("run").display().to_string();
    let expected = format!(
        "the answers so far are in {run}\n3 domains: 3 pass; ended early\n1 domain was begun and not finished\ninterrupted by SIGINT\n"
    );
    assert_eq!(said, expected);
    assert_eq!(customers.names(), ["list", "run"]);
    fs::write(customers.0.path().join("list"), "d0.test\nd1.test\nd2.test\n").expect("writable");
    assert_eq!(customers.done(&["--replay", "%/run"]).1, results);
}

#[test]
fn an_interrupted_run_leaves_what_stood_there_and_keeps_a_part_beside_it() {
    let (server, asked) = provider(silent_from_the_fourth);
    let customers = Customers::new(9);
    for name in ["run", "report"] {
        fs::write(customers.0.path().join(name), "old").expect("the folder is writable");
    }
    let args = ["--record", "%/run", "-o", "%/report"];
    let (child, _) = begin(&customers, &server, &args, false);
    wait_for_the_fourth(&asked);
    interrupt(&child, "TERM");
    let (code, out, said) = done(&child.wait_with_output().expect("the program ends"));
    assert_eq!((code, out.as_str()), (143, ""), "{said}");
    let summary = "3 domains: 3 pass; ended early\n1 domain was begun and not finished\nthe report so far is in ";
    assert!(said.contains(summary), "{said}");
    assert_eq!(customers.names(), ["list", "report", "report.partial", "run", "run.partial"]);
    assert_eq!([customers.read("run"), customers.read("report")], ["old", "old"]);
    fs::write(customers.0.path().join("list"), "d0.test\nd1.test\nd2.test\n").expect("writable");
    let replayed = customers.done(&["--replay", "%/run.partial"]);
    assert_eq!(replayed.1, customers.read("report.partial"));
}

#[test]
fn what_waits_behind_a_slow_domain_is_printed_when_a_signal_ends_the_run() {
    // How long the others take is not known; most often the first wait is enough.
    for milliseconds in [200, 2000, 20_000] {
        let (server, asked) = provider(|owner, _, _| owner.ends_with("d0.test."));
        let customers = Customers::new(4);
        let address = server.address.to_string();
        let args = ["--resolver", &address, "--timeout", "60", "--concurrency", "3"];
        let child = customers.audit(&args).spawn().expect("it was built");
        while asked.lock().expect("nothing panics here").is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        interrupt(&child, "INT");
        let (code, out, said) = done(&child.wait_with_output().expect("the program ends"));
        assert_eq!(code, 130, "{said}");
        let of = |number: u8| format!("\"domain\":\"d{number}.test\"");
        if out.lines().count() < 3 && milliseconds < 20_000 {
            continue;
        }
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines.len(), 3, "{out}");
        for (line, number) in lines.iter().zip(1..) {
            assert!(line.contains(&of(number)), "{out}");
        }
        let expected = "3 domains: 3 pass; ended early\n1 domain was begun and not finished\ninterrupted by SIGINT\n";
        assert_eq!(said, expected);
        return;
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_stops_where_its_recording_cannot_be_written_and_keeps_its_report() {
    let (server, _) = provider(|_, _, _| false);
    let customers = Customers::new(60);
    let address = server.address.to_string();
    let full = ["--resolver", &address, "--concurrency", "1", "--record", "/dev/full"];
    let (code, out, said) = customers.done(&full);
    let results = out.lines().count();
    assert_eq!(code, 2, "{said}");
    assert!((1..60).contains(&results) && out.ends_with("}\n"), "{results}: {said}");
    assert!(said.contains("domains: ") && said.contains("cannot write /dev/full"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_run_asks_no_more_at_one_time_than_it_has_file_descriptors_for() {
    let (server, _) = provider(|_, _, _| false);
    let customers = Customers::new(40);
    let address = server.address.to_string();
    let audit = customers.audit(&["--resolver", &address, "--concurrency", "40"]);
    // The hard limit stays above the soft one, which is raised; then there is no room above.
    for (limit, count) in [("ulimit -S -n 40", 40), ("ulimit -n 30", 40)] {
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("{limit}; exec \"$0\" \"$@\"")]);
        limited.arg(audit.get_program()).args(audit.get_args());
        let (code, _, said) = done(&limited.output().expect("sh is there"));
        assert_eq!((code, said), (0, format!("{count} domains: {count} pass\n")), "{limit}");
    }
}

#[test]
fn a_scope_that_is_no_interface_is_trouble() {
    let customers = Customers::new(1);
    for (server, part) in [
        ("fe80::1%no-such-one", "is no network interface of this machine"),
        ("fe80::1", "say by which interface it is reached, as in fe80::1%eth0"),
    ] {
        let (code, out, said) = customers.done(&["--resolver", server]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(said.contains(part), "{said}");
    }
}
