//! Zones of many domains, judged by several threads: nobody can tell by how many.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::program::{mailsrv, text};

/// So many that each thread has several parts of them.
const DOMAINS: usize = 1_300;

/// What is wrong with one of ten domains each, as a line has it and as it is written instead.
const FAULTS: [(&str, &str); 6] = [
    ("1 993 mail", "1 994 mail"),
    ("1 143 mail", "1 143 other"),
    ("autoconfig.@ CNAME mail.@\n", ""),
    ("mail.@ A 192.0.2.#\n", ""),
    ("_imaps._tcp.@ SRV 0 1 993 mail.@\n", ""),
    ("mail.@ A 192.0.2.#\n", "mail.@ CNAME real\n"),
];

pub(crate) fn zone() -> String {
    let mut zone = "$ORIGIN many.test.\n$TTL 3600\n@ SOA ns hm 1 2 3 4 5\n@ NS ns\n\
                    real A 192.0.2.250\nother A 192.0.2.251\n"
        .to_owned();
    let domain = "_imaps._tcp.@ SRV 0 1 993 mail.@\n_imap._tcp.@ SRV 10 1 143 mail.@\n\
                  autoconfig.@ CNAME mail.@\nmail.@ A 192.0.2.#\n@ MX 10 mail.@\n";
    for number in 0..DOMAINS {
        let mut domain = domain.to_owned();
        if let Some((right, wrong)) = FAULTS.get(number * 7 % 23) {
            domain = domain.replace(right, wrong);
        }
        let domain = domain.replace('@', &format!("d{number}"));
        let address = (number % 200 + 1).to_string();
        let _into_memory = write!(zone, "{}", domain.replace('#', &address));
    }
    zone.replace("other.d", "other\n; d")
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("there is a place for temporary files"));
        folder.write("zone", &zone());
        folder.write("profile.yaml", "host: mail.{domain}\nimap: true\nautoconfig: true\n");
        folder
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.path().join(name), content).expect("the folder is writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("it is text")
    }

    fn args(&self, options: &[&str]) -> impl Iterator<Item = String> {
        let at = |name: &str| self.0.path().join(name).display().to_string();
        let common = ["audit".to_owned(), "--zone".to_owned(), at("zone"), "-p".to_owned()];
        let options = options.iter().map(move |option| option.replace('%', &at("")));
        common.into_iter().chain([at("profile.yaml")]).chain(options)
    }

    fn audit(&self, options: &[&str]) -> Output {
        mailsrv(self.args(options))
    }

    /// The same in a shell that does something before; `out` is a file of the folder.
    #[cfg(target_os = "linux")]
    fn audit_behind(&self, before: &str, options: &[&str]) -> Output {
        let script = format!("{before}; exec \"$0\" \"$@\" > out");
        let mut shell = Command::new("sh");
        shell.current_dir(self.0.path()).args(["-c", &script, env!("CARGO_BIN_EXE_mailsrv")]);
        shell.args(self.args(options)).output().expect("there is a shell")
    }
}

/// The number of domains in the line that says what a run came to.
pub(crate) fn counted(said: &str) -> usize {
    let number = said.lines().find_map(|line| {
        let (number, rest) = line.split_once(' ')?;
        let is_count = rest.starts_with("domain: ") || rest.starts_with("domains: ");
        number.parse().ok().filter(|_| is_count)
    });
    number.unwrap_or_else(|| panic!("no count in {said}"))
}

#[test]
fn reports_are_the_same_by_any_number_of_threads() {
    let folder = Folder::new();
    for options in [
        &["-f", "json"][..],
        &["-f", "json", "--observed", "always"],
        &["-f", "json", "--observed", "never", "--only", "srv-missing", "--fail-on", "warning"],
        &["-f", "json", "--shard", "2/3", "--quick"],
        &["-f", "csv", "--per", "domain"],
    ] {
        let one = folder.audit(&[options, &["-j", "1"]].concat());
        assert!(one.stdout.len() > 10_000, "{options:?}: {}", text(&one.stderr));
        for more in [&["--jobs", "2"][..], &["--jobs", "5"]] {
            let other = folder.audit(&[options, more].concat());
            assert!(other == one, "{options:?} {more:?}: {}", text(&other.stderr));
        }
    }
}

#[test]
fn what_is_filled_in_is_what_each_domain_is_told_by_itself() {
    let folder = Folder::new();
    let all = folder.audit(&["-f", "json"]);
    let all = text(&all.stdout);
    for number in [0, 5, 623, 1_034, 1_035, 1_036, 1_037, 1_299] {
        let domain = format!("d{number}.many.test");
        let alone = folder.audit(&[&domain, "-f", "json", "-j", "1"]);
        let alone = text(&alone.stdout);
        let told = format!("\"domain\":\"{domain}\"");
        let line = all.lines().find(|line| line.contains(&told)).expect("it is judged");
        assert_eq!(alone.trim_end(), line, "{domain}");
    }
}

#[test]
fn a_report_in_a_file_is_the_same_too() {
    let folder = Folder::new();
    folder.audit(&["-f", "json", "-o", "%whole", "-j", "1"]);
    folder.audit(&["-f", "json", "-o", "%parted", "-j", "3"]);
    assert!(folder.read("parted") == folder.read("whole"));
}

#[cfg(target_os = "linux")]
#[test]
fn of_a_report_that_cannot_be_written_is_counted_what_was_by_any_number_of_threads() {
    let folder = Folder::new();
    let audit = |before: &str, options: &[&str], jobs| {
        let output = folder.audit_behind(before, &[options, &["-f", "json", "-j", jobs]].concat());
        assert_eq!(output.status.code(), Some(2), "{before}: {}", text(&output.stderr));
        text(&output.stderr)
    };
    for (before, options) in [
        ("ln -sf /dev/full out", &[][..]),
        ("true", &["-o", "/dev/full"]),
        ("rm -f out; ulimit -f 40", &[]),
        ("rm -f out; ulimit -f 300", &[]),
    ] {
        let one = audit(before, options, "1");
        // What was not taken whole is counted, too.
        let written = if options.is_empty() && !before.contains("full") {
            folder.read("out").lines().filter(|line| line.ends_with('}')).count()
        } else {
            0
        };
        assert_eq!(counted(&one), written + 1, "{before}: {one}");
        assert_eq!(audit(before, options, "3"), one, "{before}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_a_full_disk_ends_is_gone_on_with_by_any_number_of_threads() {
    let folder = Folder::new();
    let whole = folder.audit(&["-f", "json", "-o", "%whole", "-j", "1"]);
    let options = ["-f", "json", "-o", "%parts", "--resume", "-j"];
    for (blocks, jobs) in [(40, "3"), (300, "2")] {
        let limit = format!("ulimit -f {blocks}");
        let full = folder.audit_behind(&limit, &[&options[..], &[jobs]].concat());
        let said = text(&full.stderr);
        assert_eq!(full.status.code(), Some(2), "{said}");
        assert!(said.contains("; to go on:\n  "), "{said}");
        assert!(counted(&said) >= folder.read("parts.partial").lines().count(), "{said}");
    }
    let ended = folder.audit(&[&options[..], &["3"]].concat());
    assert_eq!(ended.status.code(), whole.status.code());
    assert_eq!(counted(&text(&ended.stderr)), counted(&text(&whole.stderr)));
    assert!(folder.read("parts") == folder.read("whole"));
}
