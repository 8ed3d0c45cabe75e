//! `mailsrv services`: the table of services.

use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::service::Label;

/// All of it stands in `service`, the only table of labels and ports.
pub(super) fn run(env: &mut Env<'_>) -> Result<u8, Trouble> {
    let heading = ["service", "mode", "owner", "port", "reference"].map(str::to_owned);
    let rows = Label::ALL.map(|label| {
        [
            label.service().title().to_owned(),
            label.mode().title().to_owned(),
            label.prefix().join("."),
            label.default_port().to_string(),
            label.reference().to_owned(),
        ]
    });
    let line = |[service, mode, owner, port, reference]: [String; 5]| {
        format!("{service:<11} {mode:<9} {owner:<18} {port:>5}  {reference}\n")
    };
    let page: String = [heading].into_iter().chain(rows).map(line).collect();
    env.print(page.as_bytes())?;
    Ok(exit::CLEAN)
}
