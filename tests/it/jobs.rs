//! Zones of many domains, judged by several threads: nobody can tell by how many.

use std::fmt::Write as _;
use std::fs;
use std::process::Output;

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

fn zone() -> String {
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

    fn audit(&self, options: &[&str]) -> Output {
        let at = |name: &str| self.0.path().join(name).display().to_string();
        let common = ["audit".to_owned(), "--zone".to_owned(), at("zone"), "-p".to_owned()];
        let options = options.iter().map(|option| option.replace('%', &at("")));
        mailsrv(common.into_iter().chain([at("profile.yaml")]).chain(options))
    }
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
    let report = |name: &str| fs::read_to_string(folder.0.path().join(name)).expect("a report");
    folder.audit(&["-f", "json", "-o", "%whole", "-j", "1"]);
    let whole = report("whole");
    folder.audit(&["-f", "json", "-o", "%parted", "-j", "3"]);
    assert!(report("parted") == whole);
}
