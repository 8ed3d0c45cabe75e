//! Audits a domain against a zone file, without a question on the network.
//!
//! `cargo run --no-default-features --features net --example audit_offline`

use std::error::Error;
use std::io::{self, Write};

use mailsrv::audit::{Policy, inquire, judge};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::lookup::zones::Zones;
use mailsrv::plan::plan;
use mailsrv::survey::conduct;
use mailsrv::zonefile::Scanner;

/// The records of IMAP have each other's ports.
const ZONE: &str = "\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 3600
_imaps._tcp SRV 0 1 143 mail
_imap._tcp SRV 10 1 993 mail
_pop3s._tcp SRV 20 1 995 mail
_pop3._tcp SRV 30 1 110 mail
_submissions._tcp SRV 0 1 465 mail
_submission._tcp SRV 10 1 587 mail
_autodiscover._tcp SRV 0 0 443 mail
autoconfig CNAME mail
autodiscover CNAME mail
mail A 192.0.2.1
";

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}

pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let plan = plan(&"example.com".parse()?, &Hosting::documented(), &Columns::default())?;
    let records = Scanner::new(ZONE.as_bytes(), "example.com.zone", None)
        .map(|entry| entry.map(|entry| entry.record))
        .collect::<Result<Vec<_>, _>>()?;
    let mut zones = Zones::new();
    zones.add_zone(plan.domain().name(), records);

    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let observed = runtime.block_on(conduct(inquire(&plan), &zones));
    let audit = judge(&plan, &observed, &Policy::default());

    writeln!(out, "{}: {}", plan.domain(), audit.verdict)?;
    for finding in &audit.findings {
        writeln!(out, "{} [{}] {}", finding.severity, finding.code, finding.message)?;
        for fix in &finding.fix {
            writeln!(out, "  {:?} {}", fix.action, fix.text())?;
        }
    }
    Ok(())
}
