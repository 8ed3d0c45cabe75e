//! How long the audit of a zone file takes, beside `kzonecheck` that checks the same file.
//!
//! The zone holds so many mail domains of the default profile, each with its host, and one in ten of
//! them lacks a record. Both programs run one after the other, three times; the ratio is that of the
//! shortest times. An argument sets the number of domains: `cargo bench --bench audit -- 1000000`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its own arguments")]

mod many;

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use self::many::BROKEN;

const DOMAINS: usize = 100_000;

fn main() -> io::Result<()> {
    let domains = many::domains(DOMAINS);
    let folder = tempfile::tempdir()?;
    let (zone, report) = (folder.path().join("zone"), folder.path().join("report.jsonl"));
    let octets = many::write_zone(&zone, domains)?;
    println!("{domains} domains, a zone of {octets} octets\n");
    let audit = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.arg("audit").arg("--zone").arg(&zone).args(["--max-records", "1000000000"]);
        command.args(["-q", "-f", "json", "-o"]).arg(&report);
        command
    };
    many::race("audit", audit, &zone)?;
    tell(&report, domains)
}

/// Looks whether every domain has the verdict that it was made for.
fn tell(report: &Path, domains: usize) -> io::Result<()> {
    let report = fs::read_to_string(report)?;
    let count = |verdict: &str| {
        let wanted = format!("\"verdict\":\"{verdict}\"");
        report.lines().filter(|line| line.contains(&wanted)).count()
    };
    let broken = domains.div_ceil(BROKEN);
    assert_eq!(
        (count("pass"), count("warn")),
        (domains - broken, broken),
        "the verdicts are wrong"
    );
    Ok(())
}
