//! A zone of many mail domains of the default profile, each with its host, and how long programs take
//! that are given it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mailsrv::hosting::{Columns, Hosting};
use mailsrv::render::{Format, Press};

/// One of so many domains lacks a record.
pub(crate) const BROKEN: usize = 10;
const ROUNDS: usize = 3;

/// The number of domains that the benchmark is told, else this one.
pub(crate) fn domains(usual: usize) -> usize {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    numbers.next_back().unwrap_or(usual)
}

/// The name of a domain by its number.
pub(crate) fn domain(number: usize) -> String {
    format!("customer{number:07}.many.test")
}

/// Writes the zone; returns its length in octets.
pub(crate) fn write_zone(path: &Path, domains: usize) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "$ORIGIN many.test.\n@ 3600 IN SOA ns hostmaster 1 7200 3600 1209600 300")?;
    writeln!(out, "@ 3600 IN NS ns\nns 3600 IN A 192.0.2.1")?;
    let hosting = Hosting::documented();
    let mut press = Press::new(&hosting, Format::ZONE, None);
    let mut text = String::new();
    for number in 0..domains {
        let name = domain(number);
        text.clear();
        let parsed = name.parse().map_err(io::Error::other)?;
        press.print(&parsed, &Columns::default(), &mut text).map_err(io::Error::other)?;
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

/// The shortest times of a run of ours and of `kzonecheck` that checks the zone, one after the other so many
/// times, with their ratio; the name says what the run is of.
pub(crate) fn race(name: &str, ours: impl Fn() -> Command, zone: &Path) -> io::Result<Duration> {
    let mut times = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        let mut check = Command::new("kzonecheck");
        check.args(["-o", "many.test"]).arg(zone);
        times[0] = times[0].min(time(ours())?.unwrap_or(Duration::MAX));
        times[1] = times[1].min(time(check)?.unwrap_or(Duration::MAX));
    }
    let [own, checked] = times;
    println!("mailsrv {name:9} {:>8.2} s", own.as_secs_f64());
    match checked {
        Duration::MAX => println!("kzonecheck        is not installed"),
        checked => {
            let ratio = own.as_secs_f64() / checked.as_secs_f64();
            println!("kzonecheck        {:>8.2} s", checked.as_secs_f64());
            println!("ratio             {ratio:>8.2}");
        }
    }
    Ok(own)
}
