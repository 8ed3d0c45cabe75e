//! `mailsrv services`: the table of services.

use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::service::Label;

/// The columns that references take at least.
const ROOM: usize = 26;

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
    // Scripts take a line for a row.
    let width = if env.stdout_is_terminal { env.stdout_columns } else { usize::MAX };
    let line = |[service, mode, owner, port, reference]: [String; 5]| {
        let cells = format!("{service:<11} {mode:<9} {owner:<18} {port:>5}");
        if width < cells.len() + ROOM {
            return format!("{cells}\n    {reference}\n");
        }
        // What does not fit follows below, in the same column.
        let between = match cells.len() + 2 + reference.len() <= width {
            true => ", ".to_owned(),
            false => format!(",\n{:1$}", "", cells.len() + 2),
        };
        format!("{cells}  {}\n", reference.replace(", ", &between))
    };
    let page: String = [heading].into_iter().chain(rows).map(line).collect();
    env.print(page.as_bytes())?;
    Ok(exit::CLEAN)
}
