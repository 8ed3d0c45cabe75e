//! How long it takes to foretell every client for the domains of a zone file, beside `kzonecheck` that checks
//! the same file.
//!
//! The zone holds so many mail domains of the default profile, each with its host, and one in ten of them
//! lacks a record; the documents of each lie in a folder, as the web would serve them. Both programs run one
//! after the other, three times; the ratio is that of the shortest times. An argument sets the number of
//! domains: `cargo bench --bench forecast -- 100000`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its own arguments")]

mod many;

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use mailsrv::document::{Kind, Options, documents};
use mailsrv::forecast::CLIENTS;
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::plan::plan;
use mailsrv::service::ConfigName;

use self::many::BROKEN;

const DOMAINS: usize = 10_000;

fn main() -> io::Result<()> {
    let domains = many::domains(DOMAINS);
    let folder = tempfile::tempdir()?;
    let [zone, web, report] = ["zone", "web", "report.jsonl"].map(|it| folder.path().join(it));
    let octets = many::write_zone(&zone, domains)?;
    write_web(&web, domains)?;
    println!("{domains} domains, a zone of {octets} octets\n");
    let forecast = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        command.arg("forecast").arg("--zone").arg(&zone).arg("--documents").arg(&web);
        command.args(["--max-records", "1000000000", "-q", "-f", "json", "-o"]).arg(&report);
        command
    };
    let took = many::race("forecast", forecast, &zone)?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = domains as f64 / took.as_secs_f64();
    println!("\n{rate:.0} domains a second, {} clients each", CLIENTS.len());
    tell(&report, domains)
}

/// Writes the documents that clients fetch of each domain.
fn write_web(web: &Path, domains: usize) -> io::Result<()> {
    let hosting = Hosting::documented();
    for number in 0..domains {
        let domain = many::domain(number).parse().map_err(io::Error::other)?;
        let plan = plan(&domain, &hosting, &Columns::default()).map_err(io::Error::other)?;
        for document in documents(&plan, &hosting, &Options::default()).made {
            let name = match document.kind {
                Kind::Autoconfig => ConfigName::Autoconfig,
                Kind::Autodiscover => ConfigName::Autodiscover,
                Kind::Apple | Kind::Pacc => continue,
            };
            let Some(path) = document.kind.paths(&domain).into_iter().next() else { continue };
            let path = web.join(format!("{}.{domain}", name.text())).join(path);
            path.parent().map(fs::create_dir_all).transpose()?;
            fs::write(path, document.text)?;
        }
    }
    Ok(())
}

/// Looks whether the clients conclude what the domains were made for: where a record is lacking, Claws Mail
/// goes by the next.
fn tell(report: &Path, domains: usize) -> io::Result<()> {
    let report = fs::read_to_string(report)?;
    let count = |client: &str, said: &str| {
        let client = format!("\"client\":\"{client}\"");
        report.lines().filter(|line| line.contains(&client) && line.contains(said)).count()
    };
    let works = |client: &str| count(client, "\"works\":true");
    assert_eq!((works("thunderbird"), works("claws")), (domains, domains), "some do not work");
    let by_starttls = count("claws", "\"port\":143");
    assert_eq!(by_starttls, domains.div_ceil(BROKEN), "the servers are wrong");
    Ok(())
}
