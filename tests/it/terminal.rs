//! What a person sees on a terminal: results as they come, the summary after them, pages that fit.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::process::Command;
use std::rc::Rc;

use hickory_proto::op::ResponseCode;
use mailsrv::cli::{self, Env};
use mailsrv::interrupt::Interrupt;
use tempfile::TempDir;

use crate::hostile::scripted::{Reply, Scripted, refuse};
use crate::program::{mailsrv, text};

const ZONE: &str = "tests/readme/example.com.zone";

/// A terminal that both streams go to.
#[derive(Default, Clone)]
struct Terminal(Rc<RefCell<Vec<u8>>>);

impl Write for Terminal {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the program at a terminal of so many columns; what is seen, without what moves the cursor.
fn seen(columns: usize, args: &[&str], stdin: &str) -> String {
    let terminal = Terminal::default();
    // Data wait in a buffer, as those of the program do.
    let stdout = io::BufWriter::with_capacity(1 << 16, terminal.clone());
    cli::run(Env {
        args: std::iter::once("mailsrv").chain(args.iter().copied()).map(Into::into).collect(),
        stdin: Box::new(stdin.as_bytes()),
        stdout: Box::new(stdout),
        stderr: Box::new(terminal.clone()),
        stdin_is_terminal: false,
        stdout_is_terminal: true,
        stderr_is_terminal: true,
        stdout_columns: columns,
        stderr_columns: Some(columns),
        no_color: true,
        interrupt: Interrupt::default(),
    });
    let shown = text(&terminal.0.borrow());
    // The line of progress is taken away before anything else is written, and ends no line.
    shown.split("\r\u{1b}[K").filter(|part| part.ends_with('\n')).collect()
}

/// Lines that are too long for the terminal.
fn too_long(page: &str, columns: usize) -> Vec<&str> {
    page.lines().filter(|line| line.chars().count() > columns).collect()
}

#[test]
fn the_summary_comes_after_the_results() {
    let list = "example.com\nsales.example.com\nb_b.example\n";
    let page = seen(80, &["audit", "-", "--zone", ZONE], list);
    let places =
        ["example.com: ", "sales.example.com: ", "b_b.example (line 3): broken", "3 domains: "]
            .map(|part| page.find(part).unwrap_or_else(|| panic!("no {part:?} in {page}")));
    assert!(places.is_sorted(), "{places:?} in {page}");
    assert!(page.ends_with("\n3 domains: 1 fail, 2 broken; 2 to publish, 2 to delete\n"), "{page}");
}

#[test]
fn one_domain_is_one_domain() {
    let page = seen(80, &["audit", "-", "--zone", ZONE], "example.com\n");
    assert!(page.ends_with("\n1 domain: 1 fail; 2 to publish, 2 to delete\n"), "{page}");
}

#[test]
fn pages_fit_the_terminal() {
    let long = "-p zones/groupware.yaml a-rather-long-name-for-a-company.example";
    for columns in [60, 80, 120, 200] {
        for command in [
            format!("audit example.com --zone {ZONE} -v"),
            format!("audit {long} --zone {ZONE} --strict -v"),
            format!("audit {long} --replay /dev/null -v"),
            format!("audit example.com --zone {ZONE} --for ionos"),
            format!("audit example.com --zone {ZONE} --for plesk"),
            format!("audit b_b.example --zone {ZONE}"),
            "audit example.com --severity target-allias=off".to_owned(),
            "audit example.com --only nothing-at-all".to_owned(),
            "explain target-doubled-suffix alias-wrong".to_owned(),
            "explain --list".to_owned(),
            "services".to_owned(),
        ] {
            let page = seen(columns, &command.split(' ').collect::<Vec<_>>(), "");
            assert!(page.len() > 20, "{command}: {page}");
            let long = too_long(&page, columns);
            // A name or a record that is longer than a line stays whole, to be copied.
            let is_whole = |line: &&str| line.contains(" IN ") || !line.trim().contains(' ');
            let long: Vec<_> = long.into_iter().filter(|line| !is_whole(line)).collect();
            assert_eq!(long, [""; 0], "{command} at {columns} columns");
        }
    }
}

/// Examples are to be copied, and paragraphs fill their lines.
#[test]
fn what_stands_below_the_options_of_a_help_page_is_not_torn_at_80_columns() {
    for command in
        [&["--help"][..], &["audit", "--help"], &["generate", "--help"], &["documents", "--help"]]
    {
        let output =
            Command::new(env!("CARGO_BIN_EXE_mailsrv")).args(command).env("COLUMNS", "80").output();
        let page = text(&output.expect("the program runs").stdout);
        let (_, below) = page.split_once("\nExamples:\n").expect("there are examples");
        let (examples, paragraphs) = below.split_once("\n\n").expect("exit codes follow them");
        let is_whole = |line: &str| line.starts_with("  mailsrv ") && line.len() <= 80;
        assert!(examples.lines().all(is_whole), "{command:?}: {examples}");
        for pair in paragraphs.lines().collect::<Vec<_>>().windows(2) {
            let next = pair[1].split(' ').next().unwrap_or_default();
            let is_full = pair[0].len() + 1 + next.len() > 80;
            assert!(pair[0].is_empty() || next.is_empty() || is_full, "{command:?}: {paragraphs}");
        }
    }
}

#[test]
fn boxes_that_are_wider_than_the_terminal_have_a_line_each() {
    let audit = ["audit", "example.com", "--zone", ZONE, "--for", "plesk"];
    let wide = seen(100, &audit, "");
    let row = "      submissions   tcp            0         (empty)  1       465          mail.example.com\n";
    assert!(wide.contains(row), "{wide}");
    let page = seen(80, &audit, "");
    let boxes = "    + publish  1 SRV record
      Service name   submissions
      Protocol name  tcp
      Priority       0
      Domain         (empty)
      Weight         1
      Target Port    465
      Target host    mail.example.com
";
    assert!(page.contains(boxes), "{page}");
}

#[test]
fn a_table_that_fits_stands_side_by_side_and_another_is_stacked() {
    let audit = ["audit", "example.com", "--zone", ZONE];
    let wide = seen(120, &audit, "");
    assert!(
        wide.contains("  name                expected                    observed\n"),
        "{wide}"
    );
    let page = seen(80, &audit, "");
    let row = "  _submissions._tcp   differs  expected  0 1 465 mail.example.com.\n                               observed  0 1 465 mail.example.com.example.com.\n";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("  _imaps._tcp         ok       0 1 993 mail.example.com.\n"), "{page}");
    assert!(page.contains("\n  2 to publish, 2 to delete\n"), "{page}");
    let narrow = seen(50, &audit, "");
    assert!(narrow.contains("  _imaps._tcp\n    ok       0 1 993 mail.example.com.\n"), "{narrow}");
}

#[test]
fn a_part_of_the_domains_is_shown_and_all_are_counted() {
    let check = |only: &[&str], shown: [bool; 3], part: &str, hidden: &str| {
        let list = ["example.com", "sales.example.com", "-"];
        let args = [&["audit"], &list[..], &["--zone", ZONE], only].concat();
        let page = seen(100, &args, "b_b.example\n");
        let found = ["\nexample.com: ", "\nsales.example.com: ", "\nb_b.example (line 1): "]
            .map(|heading| format!("\n{page}").contains(heading));
        assert_eq!(found, shown, "{only:?}: {page}");
        let total = "3 domains: 1 fail, 2 broken; 2 to publish, 2 to delete\n";
        assert!(page.contains(total), "{only:?}: {page}");
        assert!(page.contains(part), "{only:?}: no {part:?} in {page}");
        assert!(hidden.is_empty() || !page.contains(hidden), "{only:?}: {hidden:?} in {page}");
    };
    check(&[], [true; 3], "  name ", "");
    check(&["--only", "fail"], [true, false, false], "  name ", "");
    check(&["--only", "broken"], [false, true, true], "b_b.example", "  name ");
    check(&["--only", "pass,warn"], [false; 3], "3 domains", "  name ");
    check(
        &["--only", "alias-wrong"],
        [true, false, false],
        "warning alias-wrong",
        "error target-doubled",
    );
    check(&["--only", "alias-wrong", "-v"], [true, false, false], "error target-doubled", "");
    let both = ["--only", "alias-wrong", "--only", "broken"];
    check(&both, [true; 3], "1 to publish, 1 to delete", "  name ");
    let output = mailsrv(["audit", "example.com", "--zone", ZONE, "--only", "fial"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("give a verdict (pass, warn, fail, unknown and broken)"), "{said}");
}

#[test]
fn columns_can_be_named_and_are_eighty_in_a_pipe() {
    let page = |columns: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.args(["audit", "example.com", "--zone", ZONE]).env_remove("COLUMNS");
        command.envs(columns.map(|columns| ("COLUMNS", columns)));
        text(&command.output().expect("the program was built for this test").stdout)
    };
    assert_eq!(page(None), seen(80, &["audit", "example.com", "--zone", ZONE], ""));
    for senseless in ["0", "wide", "-1", "99999999999999999999999"] {
        assert_eq!(page(Some(senseless)), page(None), "{senseless}");
    }
    assert!(
        page(Some("120")).contains("expected                    observed\n"),
        "{}",
        page(Some("120"))
    );
}

/// Runs the program at a real terminal of so many columns.
const AT_A_TERMINAL: &str = "
import fcntl, os, pty, struct, subprocess, sys, termios
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
run = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs, stderr=theirs)
os.close(theirs)
seen = b''
try:
    while part := os.read(ours, 65536):
        seen += part
except OSError:
    pass
run.wait()
sys.stdout.buffer.write(seen.replace(b'\\r\\n', b'\\n'))
";

#[test]
#[ignore = "needs python3"]
fn a_real_terminal_says_how_wide_it_is() {
    for columns in ["60", "120"] {
        let mut command = Command::new("python3");
        command.args(["-c", AT_A_TERMINAL, columns, env!("CARGO_BIN_EXE_mailsrv")]);
        command.args(["audit", "example.com", "sales.example.com", "--zone", ZONE]);
        command.env_remove("COLUMNS").env("NO_COLOR", "1");
        let output = command.output().expect("python3 is there");
        let page = text(&output.stdout).replace("\r\u{1b}[K", "");
        let args = ["audit", "example.com", "sales.example.com", "--zone", ZONE];
        let expected = seen(columns.parse().expect("it is a number"), &args, "");
        assert_eq!(page, expected, "{}", text(&output.stderr));
    }
}

/// A list that takes a while at a server: so many questions a second, and there are more.
fn slow() -> (Scripted, TempDir, Vec<String>) {
    let server =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::NoError)));
    let folder = TempDir::new().expect("there is a place for temporary files");
    let list = folder.path().join("list");
    let domains = (0..30).map(|number| format!("d{number}.example\n"));
    fs::write(&list, domains.collect::<String>()).expect("the folder is writable");
    let (list, address) = (list.display().to_string(), server.address.to_string());
    let args = ["audit", "--input", &list, "--resolver", &address, "--rate", "200"];
    let args = args.map(str::to_owned).to_vec();
    (server, folder, args)
}

#[test]
#[ignore = "needs python3"]
fn a_long_run_says_how_far_it_is_in_a_line_that_goes_away() {
    let (_server, folder, args) = slow();
    for (columns, more, shown) in [
        ("60", &[][..], true),
        ("120", &[], true),
        ("80", &["-q"], false),
        ("80", &["--progress", "never"], false),
    ] {
        let report = folder.path().join("report").display().to_string();
        let mut command = Command::new("python3");
        command.args(["-c", AT_A_TERMINAL, columns, env!("CARGO_BIN_EXE_mailsrv")]);
        command.args(&args).args(["-f", "json", "-o", &report]).args(more);
        command.env_remove("COLUMNS").env("NO_COLOR", "1");
        let page = text(&command.output().expect("python3 is there").stdout);
        let parts: Vec<&str> = page.split("\r\u{1b}[K").collect();
        let (last, lines) = parts.split_last().expect("there is one part at least");
        let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
        assert_eq!(!lines.is_empty(), shown, "{page:?}");
        let width: usize = columns.parse().expect("it is a number");
        // Each is one line of the terminal, and has neither colours nor anything else that moves.
        let is_one =
            |line: &&str| line.chars().count() < width && !line.contains(['\u{1b}', '\n', '\r']);
        assert!(lines.iter().all(is_one), "{page:?}");
        if shown {
            let line = lines.last().expect("there is one");
            assert!(line.contains(" %: ") && line.contains(" queries/s, 0 lost"), "{page:?}");
            assert_eq!(line.starts_with('['), width >= 100, "{page:?}");
        }
        let summed = if more == ["-q"] { "" } else { "30 domains: 30 fail" };
        assert!(last.starts_with(summed), "{page:?}");
    }
}

#[test]
fn scripts_are_told_the_same_numbers() {
    let (_server, _folder, mut args) = slow();
    args.extend(["-f", "json", "--progress", "json"].map(str::to_owned));
    let output = mailsrv(args);
    let told = text(&output.stderr);
    let events = told.lines().map(|line| serde_json::from_str(line).expect("it is JSON"));
    let events: Vec<serde_json::Value> = events.collect();
    let progress: Vec<_> = events.iter().filter(|event| event["event"] == "progress").collect();
    let last = progress.last().unwrap_or_else(|| panic!("no progress in {told}"));
    let number = |name: &str| last[name].as_u64().unwrap_or_else(|| panic!("no {name} in {last}"));
    assert!(number("queries") > number("done") && number("seconds") > 0, "{last}");
    assert!((1..=100).contains(&number("percent")) && number("lost") == 0, "{last}");
    assert_eq!(last["verdicts"]["fail"], last["done"], "{last}");
    assert!(last["left"].is_null() || number("left") < 60, "{last}");
}
