//! How many mail domains a second `generate` prints in each format, to a file and to `/dev/null`.
//!
//! Beside each figure stands that of a loop that only copies the octets of one domain's records, in
//! the same run and through the same writer. After the formats stands what a row of CSV costs beside a
//! line of a plain list, with another server in every row, and the figure of octoDNS where it is
//! installed (`tests/tools/install`). An argument sets the number of domains:
//! `cargo bench --bench generate -- 1000000`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its own arguments")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use mailsrv::hosting::{Columns, Hosting, file};
use mailsrv::list::List;
use mailsrv::render::{Format, Press};

const DOMAINS: usize = 100_000;
/// octoDNS takes a minute for as many.
const OCTODNS_ZONES: usize = 10_000;

fn main() -> io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let domains = numbers.next_back().unwrap_or(DOMAINS);
    let folder = tempfile::tempdir()?;
    let hosting = Hosting::documented();
    let input: String = (0..domains).map(name_of).collect();

    println!("{domains} domains, default profile; the ratio is to copying the same octets\n");
    println!("{:<22}{:>10}{:>26}{:>26}", "", "octets", "to /dev/null", "to a file");
    println!(
        "{:<22}{:>10}{:>26}{:>26}",
        "format", "a domain", "domains/s   MB/s  ratio", "domains/s   MB/s  ratio"
    );
    for &format in Format::ALL {
        let one = print_one(&hosting, format);
        let mut row = format!("{:<22}{:>10}", format.text(), one.len());
        for path in [PathBuf::from("/dev/null"), folder.path().join("out")] {
            let printed = time(&path, |out| print_all(&hosting, format, &input, out))?;
            let copied =
                time(&path, |out| (0..domains).try_for_each(|_| out.write_all(one.as_bytes())))?;
            let rate = domains as f64 / printed;
            let megabytes = rate * one.len() as f64 / 1e6;
            write!(row, "{rate:>13.0}{megabytes:>7.0}{:>6.1}", printed / copied)
                .expect("a text takes whatever is written to it");
        }
        println!("{row}");
    }
    rows(&hosting, &input)?;
    octodns(folder.path(), &hosting)
}

fn name_of(number: usize) -> String {
    format!("customer{number:07}.example.com\n")
}

fn print_one(hosting: &Hosting, format: Format) -> String {
    let mut text = String::new();
    let domain = name_of(0).trim_end().parse().expect("it is a mail domain");
    let mut press = Press::new(hosting, format, None);
    press.print(&domain, &Columns::default(), &mut text).expect("it is planned by default");
    text
}

/// Reads the names, prints their records and writes them, as the program does.
fn print_all(
    hosting: &Hosting,
    format: Format,
    input: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut press = Press::new(hosting, format, None);
    let mut text = String::new();
    for listed in List::new(input.as_bytes()) {
        let listed = listed.map_err(io::Error::other)?;
        let (domain, columns) = listed.parsed.map_err(io::Error::other)?;
        text.clear();
        press.print(&domain, &columns, &mut text).map_err(io::Error::other)?;
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// What a server in every row costs: the list as CSV, under a profile that reads it.
fn rows(hosting: &Hosting, input: &str) -> io::Result<()> {
    let profile = "host: \"{server}\"\nimap: true\npop3: true\nsubmission: true\n\
                   autoconfig: true\nautodiscover: true\n";
    let by_row = file::parse(profile, "profile").map_err(io::Error::other)?;
    let csv =
        input.lines().enumerate().fold("domain,server\n".to_owned(), |mut csv, (at, name)| {
            writeln!(csv, "{name},s{at}.provider.example")
                .expect("a text takes what is written to it");
            csv
        });
    let null = Path::new("/dev/null");
    let plain = time(null, |out| print_all(hosting, Format::ZONE, input, out))?;
    let laid = time(null, |out| print_all(&by_row, Format::ZONE, &csv, out))?;
    println!("\na row of CSV with a server costs {:.2} lines of a plain list", laid / plain);
    Ok(())
}

/// The seconds that writing takes, the best of three.
fn time(path: &Path, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(path)?);
        let begun = Instant::now();
        write(&mut out)?;
        out.flush()?;
        best = best.min(begun.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// The same records as zone files, by octoDNS from the files that it takes.
fn octodns(folder: &Path, hosting: &Hosting) -> io::Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let program = Path::new(&target).join("tools/venv/bin/octodns-sync");
    let Some(format) = Format::ALL.iter().find(|format| format.text() == "octodns") else {
        return Ok(());
    };
    if !program.exists() {
        println!("\noctoDNS is not installed: run tests/tools/install to compare with it");
        return Ok(());
    }
    let config = folder.join("config");
    fs::create_dir_all(&config)?;
    let mut press = Press::new(hosting, *format, None);
    let mut manager = String::from(
        "providers:\n  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n  \
         bind: {class: octodns_bind.ZoneFileProvider, directory: ./zones}\nzones:\n",
    );
    for number in 0..OCTODNS_ZONES {
        let name = name_of(number);
        let domain = name.trim_end().parse().map_err(io::Error::other)?;
        let mut text = String::from(format.opening());
        press.print(&domain, &Columns::default(), &mut text).map_err(io::Error::other)?;
        fs::write(config.join(format!("{domain}.yaml")), text)?;
        writeln!(manager, "  {domain}.: {{sources: [config], targets: [bind]}}")
            .expect("a text takes whatever is written to it");
    }
    fs::create_dir_all(folder.join("zones"))?;
    fs::write(folder.join("manager.yaml"), manager)?;
    let begun = Instant::now();
    let status = Command::new(fs::canonicalize(program)?)
        .args(["--config-file", "manager.yaml", "--doit", "--force"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let octodns = begun.elapsed().as_secs_f64();
    let written = fs::read_dir(folder.join("zones"))?.count();
    if !status.success() || written < OCTODNS_ZONES {
        println!("\noctoDNS wrote {written} of {OCTODNS_ZONES} zones ({status})");
        return Ok(());
    }
    let input: String = (0..OCTODNS_ZONES).map(name_of).collect();
    let ours = time(&folder.join("out"), |out| print_all(hosting, Format::ZONE, &input, out))?;
    println!(
        "\n{OCTODNS_ZONES} zones to files: octoDNS {octodns:.1} s ({:.0} zones/s); mailsrv {ours:.3} s; {:.0} times as fast",
        OCTODNS_ZONES as f64 / octodns,
        octodns / ours
    );
    Ok(())
}
