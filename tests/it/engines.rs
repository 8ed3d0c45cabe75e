//! Lists that servers are asked about by several threads: nobody can tell by how many.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::hostile::scripted::{Reply, Scripted};
#[cfg(target_os = "linux")]
use crate::program::listening;
use crate::program::{field, text};
use crate::recorded::respond;

/// So many that each of five threads has some.
const DOMAINS: usize = 700;

/// The hosts that the customers are on.
const HOSTS: usize = 40;

/// The questions that were asked, how often each.
type Asked = Arc<Mutex<BTreeMap<String, usize>>>;

/// The number in the name of a customer.
fn number(owner: &str) -> Option<usize> {
    let domain = owner.strip_suffix(".test.")?.rsplit('.').next()?;
    domain.strip_prefix('d')?.parse().ok()
}

/// A server of customers on several hosts, some of which lack a record, and one of which it says
/// nothing at all.
fn provider(silent: Option<usize>) -> (Scripted, Asked) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let server = Scripted::start(move |request, _| {
        let query = &request.queries[0];
        let owner = query.name().to_ascii().to_ascii_lowercase();
        let question = format!("{owner} {}", query.query_type());
        *heard.lock().expect("nothing panics here").entry(question).or_default() += 1;
        let number = number(&owner);
        if number.is_some() && number == silent {
            return Reply::Silence;
        }
        let number = number.unwrap_or_default();
        let lacks = match (number % 7, number % 5) {
            (3, 2) => "_imaps._tcp.",
            (3, _) => "_pop3s._tcp.",
            (5, 1) => "autoconfig.",
            _ => "nothing.",
        };
        let said_of = if owner.starts_with(lacks) { "nothing.test." } else { &owner };
        let host = format!("server{}.provider.test.", number % HOSTS);
        Reply::Message(respond(request, said_of, &host))
    });
    (server, asked)
}

/// A folder with a list of customers, and what is no domain among them.
struct Customers(TempDir);

impl Customers {
    fn new(count: usize) -> Self {
        let folder = TempDir::new().expect("there is a place for temporary files");
        let mut list = "domain,server\n".to_owned();
        for number in 0..count {
            let host = format!("server{}.provider.test", number % HOSTS);
            let _infallible = match number % 90 {
                17 => writeln!(list, "d_{number}.test,{host}"),
                _ => writeln!(list, "d{number}.test,{host}"),
            };
        }
        fs::write(folder.path().join("list"), list).expect("the folder is writable");
        Self(folder)
    }

    fn audit(&self, server: &Scripted, jobs: usize, options: &[&str]) -> Command {
        #[cfg(target_os = "linux")]
        let mut command = listening();
        #[cfg(not(target_os = "linux"))]
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.args(["audit", "-f", "json", "--host", "{server}", "--input"]);
        command.arg(self.0.path().join("list")).arg("--resolver").arg(server.address.to_string());
        command.args(["--jobs", &jobs.to_string()]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The exit code, the report, and what was said beside it.
    fn done(
        &self,
        server: &Scripted,
        jobs: usize,
        options: &[&str],
    ) -> (Option<i32>, String, String) {
        let output = self.audit(server, jobs, options).output();
        let output = output.expect("the program was built for this test");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }
}

/// The domains of a report, in its order.
fn domains(report: &str) -> Vec<String> {
    let domain = |line: &str| {
        let report: Value = serde_json::from_str(line).expect("a line is an object");
        field(&report, "domain").to_owned()
    };
    report.lines().map(domain).collect()
}

#[test]
fn reports_are_the_same_by_any_number_of_threads() {
    let (server, _) = provider(None);
    let customers = Customers::new(DOMAINS);
    for options in [
        &[][..],
        &["--observed", "always", "--shard", "1/2"],
        &["--only", "srv-missing", "--fail-on", "warning", "--quick"],
    ] {
        let ordered = [options, &["--ordered"]].concat();
        let one = customers.done(&server, 1, &ordered);
        assert!(one.1.len() > 10_000, "{options:?}: {}", one.2);
        for jobs in [2, 5] {
            let more = customers.done(&server, jobs, &ordered);
            assert!(more == one, "{options:?} {jobs}: {}", more.2);
        }
        // Where the order need not be kept the lines are the same.
        let (code, report, said) = customers.done(&server, 3, options);
        let lines = |report: &str| report.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!((code, said), (one.0, one.2), "{options:?}");
        assert!(report.len() == one.1.len() && lines(&report) == lines(&one.1), "{options:?}");
    }
}

#[cfg(unix)]
#[test]
fn few_file_descriptors_are_enough_however_many_threads_are_wanted() {
    let (server, _) = provider(None);
    let customers = Customers::new(DOMAINS);
    let whole = customers.done(&server, 1, &["--ordered"]);
    for limit in [30, 52, 70] {
        let run = customers.audit(&server, 4, &["--ordered"]);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {limit}; exec \"$0\" \"$@\"")]);
        let output = limited.arg(run.get_program()).args(run.get_args()).output();
        let output = output.expect("there is a shell");
        let (report, said) = (text(&output.stdout), text(&output.stderr));
        assert!((output.status.code(), report, said) == whole, "{limit}: {}", text(&output.stderr));
    }
}

#[test]
fn what_many_domains_share_is_asked_for_once_a_run_by_however_many_threads() {
    let customers = Customers::new(DOMAINS);
    for jobs in [1, 4] {
        let (server, asked) = provider(None);
        let (_, report, said) = customers.done(&server, jobs, &[]);
        assert_eq!(report.lines().count(), DOMAINS, "{said}");
        let asked = asked.lock().expect("nothing panics here");
        let shared = || asked.iter().filter(|(question, _)| question.starts_with("server"));
        let (questions, times) =
            (shared().count(), shared().map(|(_, times)| times).sum::<usize>());
        assert_eq!(questions, 2 * HOSTS, "{asked:?}");
        // What is late is sent once more.
        assert!(times <= questions + HOSTS / 2, "{jobs}: {times}");
    }
}

#[test]
fn a_domain_that_nobody_answers_for_holds_back_what_waits_for_its_turn_alone() {
    let (server, _) = provider(Some(100));
    let customers = Customers::new(DOMAINS);
    let patience = ["--deadline", "6", "--timeout", "60"];
    for (jobs, ordered) in [(2, &[][..]), (3, &["--ordered"])] {
        let (code, report, said) =
            customers.done(&server, jobs, &[&patience[..], ordered].concat());
        assert_eq!(code, Some(3), "{said}");
        let order = domains(&report);
        assert_eq!(order.len(), DOMAINS, "{said}");
        let at = order.iter().position(|domain| domain == "d100.test");
        let at = at.expect("it is reported");
        assert_eq!(at == 100, !ordered.is_empty(), "{at}");
        // Those before it waited for nobody, and all others could be judged.
        assert!(order[..100].iter().all(|domain| domain != "d100.test"));
        let unknown = |line: &&str| line.contains("\"verdict\":\"unknown\"");
        assert_eq!(report.lines().filter(unknown).count(), 1, "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_has_as_many_threads_as_are_wanted_and_a_short_one_or_one_by_one_has_one() {
    for (domains, jobs, options, threads) in [
        (DOMAINS, 3, &[][..], 4),
        (DOMAINS, 1, &[], 1),
        (DOMAINS, 9, &["--concurrency", "64"], 3),
        (DOMAINS, 3, &["--concurrency", "1"], 1),
        (DOMAINS, 3, &["--baseline", "/dev/null"], 1),
        (40, 3, &[], 2),
    ] {
        // It answers nothing, so that nothing comes to an end.
        let server = Scripted::start(|_, _| Reply::Silence);
        let customers = Customers::new(domains);
        let mut run = customers.audit(&server, jobs, &[&["--timeout", "60"], options].concat());
        let mut run = run.spawn().expect("the program was built for this test");
        let tasks = format!("/proc/{}/task", run.id());
        let count = || fs::read_dir(&tasks).map_or(0, Iterator::count);
        let mut most = 0;
        // Longer than a run takes to begin, several times over.
        for _ in 0..100 {
            most = most.max(count());
            sleep(Duration::from_millis(10));
            if most > threads {
                break;
            }
        }
        let _ended = run.kill();
        let said = run.wait_with_output().expect("it can be waited for").stderr;
        assert_eq!(most, threads, "{domains} {jobs} {options:?}: {}", text(&said));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_all_threads_and_what_none_of_them_finished_is_counted() {
    for (options, reported, unfinished) in [
        (&[][..], DOMAINS - 1, "1 domain was"),
        // What goes on with a report keeps its order, too.
        (&["--ordered", "-o"], 100, "516 domains were"),
    ] {
        let (server, asked) = provider(Some(100));
        let customers = Customers::new(DOMAINS);
        let file = customers.0.path().join("report").display().to_string();
        let file = options.last().map(|_| file.as_str());
        let options: Vec<&str> = options.iter().copied().chain(file).collect();
        let patience = ["--timeout", "60", "--deadline", "86400"];
        let mut run = customers.audit(&server, 2, &[&patience[..], &options].concat());
        // A pipe that nobody reads would hold it up.
        let printed = customers.0.path().join("printed");
        run.stdout(fs::File::create(&printed).expect("the folder is writable"));
        let run = run.spawn().expect("the program was built for this test");
        // Until all is asked that can be; more than may wait for the one is begun, or not.
        let count = || asked.lock().expect("nothing panics here").values().sum::<usize>();
        let (mut before, mut same) = (0, 0);
        while same < 20 {
            sleep(Duration::from_millis(100));
            let now = count();
            same = if now == before && now > 0 { same + 1 } else { 0 };
            before = now;
        }
        let kill = format!("kill -s TERM {}", run.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success()));
        let output = run.wait_with_output().expect("it can be waited for");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(143), "{said}");
        let kept = file.map(|file| PathBuf::from(format!("{file}.partial"))).unwrap_or(printed);
        let report = fs::read_to_string(kept).expect("it is kept");
        assert_eq!(report.lines().count(), reported, "{said}");
        assert!(said.contains(&format!("{unfinished} begun and not finished")), "{said}");
    }
}

#[test]
fn a_reader_that_has_enough_ends_all_threads() {
    // What nobody answers for is not waited for.
    let (server, _) = provider(Some(200));
    let customers = Customers::new(DOMAINS);
    let mut run = customers.audit(&server, 2, &["--timeout", "60", "--deadline", "86400"]);
    let mut run = run.spawn().expect("the program was built for this test");
    let mut first = String::new();
    let mut reader = BufReader::new(run.stdout.take().expect("it is a pipe"));
    reader.read_line(&mut first).expect("it says something");
    drop(reader);
    let output = run.wait_with_output().expect("it can be waited for");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(first.contains("\"domain\":\"d0.test\""), "{first}");
}
