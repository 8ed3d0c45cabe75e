//! `mailsrv services`: the table of services.

use std::io::Write;

use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::service::Label;

pub(super) fn run(env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut page =
        format!("{:<11} {:<9} {:<18} {:>5}  {}\n", "service", "mode", "owner", "port", "reference");
    for label in Label::ALL {
        page.push_str(&format!(
            "{:<11} {:<9} {:<18} {:>5}  {}\n",
            label.service().title(),
            label.mode().title(),
            label.prefix().join("."),
            label.default_port(),
            label.reference()
        ));
    }
    env.stdout.write_all(page.as_bytes()).map_err(Trouble::Stdout)?;
    Ok(exit::CLEAN)
}
