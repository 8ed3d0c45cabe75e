//! Prints the records of a customer's domain, from a profile in YAML, in the format of a DNS provider.
//!
//! `cargo run --no-default-features --example generate`

use std::error::Error;
use std::io::{self, Write};

use mailsrv::hosting::{Columns, file};
use mailsrv::plan::plan;
use mailsrv::render::{Format, Sheet};

const PROFILE: &str = "
host: \"{server}\"
imap:       { tls: 993, starttls: 143 }
submission: { tls: 465 }
autoconfig: { alias: \"{host}\" }
";

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}

pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let hosting = file::parse(PROFILE, "profile.yaml")?;
    let columns = Columns::new([("server".to_owned(), "s1.provider.example".to_owned())]);
    let plan = plan(&"example.com".parse()?, &hosting, &columns)?;
    let format: Format = "octodns".parse()?;
    let sheet = Sheet::new(&plan, None)?.fitted(format);
    for left_out in sheet.left_out() {
        writeln!(out, "# {} {} {}", left_out.owner, left_out.rtype, left_out.reason)?;
    }
    sheet.write(format, out)?;
    Ok(())
}
