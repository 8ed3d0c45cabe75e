//! How long the audit of a zone file takes, beside `kzonecheck` that checks the same file.
//!
//! The zone holds so many mail domains of the default profile, each with its host, and one in ten of
//! them lacks a record. Both programs run one after the other, three times; the ratio is that of the
//! shortest times. An argument sets the number of domains: `cargo bench --bench audit -- 1000000`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its own arguments")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mailsrv::hosting::{Columns, Hosting};
use mailsrv::render::{Format, Press};

const DOMAINS: usize = 100_000;
const ROUNDS: usize = 3;
/// One of so many domains lacks a record.
const BROKEN: usize = 10;

fn main() -> io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let domains = numbers.next_back().unwrap_or(DOMAINS);
    let folder = tempfile::tempdir()?;
    let (zone, report) = (folder.path().join("zone"), folder.path().join("report.jsonl"));
    let octets = write_zone(&zone, domains)?;
    println!("{domains} domains, a zone of {octets} octets\n");
    let audit = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.arg("audit").arg("--zone").arg(&zone).args(["--max-records", "1000000000"]);
        command.args(["-q", "-f", "json", "-o"]).arg(&report);
        command
    };
    let check = || {
        let mut command = Command::new("kzonecheck");
        command.args(["-o", "many.test"]).arg(&zone);
        command
    };
    let mut times = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        times[0] = times[0].min(time(audit())?.unwrap_or(Duration::MAX));
        times[1] = times[1].min(time(check())?.unwrap_or(Duration::MAX));
    }
    let [audited, checked] = times;
    tell(&report, domains)?;
    println!("mailsrv audit   {:>8.2} s", audited.as_secs_f64());
    match checked {
        Duration::MAX => println!("kzonecheck      is not installed"),
        checked => {
            let ratio = audited.as_secs_f64() / checked.as_secs_f64();
            println!(
                "kzonecheck      {:>8.2} s\nratio           {ratio:>8.2}",
                checked.as_secs_f64()
            );
        }
    }
    Ok(())
}

/// Writes the zone; returns its length in octets.
fn write_zone(path: &Path, domains: usize) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "$ORIGIN many.test.\n@ 3600 IN SOA ns hostmaster 1 7200 3600 1209600 300")?;
    writeln!(out, "@ 3600 IN NS ns\nns 3600 IN A 192.0.2.1")?;
    let hosting = Hosting::documented();
    let mut press = Press::new(&hosting, Format::ZONE, None);
    let mut text = String::new();
    for number in 0..domains {
        let name = format!("customer{number:07}.many.test");
        text.clear();
        let domain = name.parse().map_err(io::Error::other)?;
        press.print(&domain, &Columns::default(), &mut text).map_err(io::Error::other)?;
        let lacks = if number % BROKEN == 0 { "_imaps._tcp" } else { " " };
        for line in text.lines().filter(|line| !line.starts_with(lacks)) {
            writeln!(out, "{line}")?;
        }
        let host = number.to_be_bytes();
        writeln!(out, "$ORIGIN {name}.\n@ 3600 IN MX 10 mail")?;
        writeln!(out, "mail 3600 IN A 10.{}.{}.{}", host[5], host[6], host[7])?;
        writeln!(out, "mail 3600 IN AAAA 2001:db8::{number:x}")?;
    }
    out.into_inner()?.metadata().map(|file| file.len())
}

/// Runs a program to its end; None where there is none of that name.
fn time(mut command: Command) -> io::Result<Option<Duration>> {
    let begun = Instant::now();
    match command.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(_) => Ok(Some(begun.elapsed())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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
