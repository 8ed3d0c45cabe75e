//! `mailsrv man`: a manual page made of the help.

use super::args::{self, ManArgs};
use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::output::OutputError;

/// The page of a command is called `mailsrv-audit`, as `git-commit` is.
pub(super) fn run(args: &ManArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut command = args::command();
    command.build();
    let described = match &args.command {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| {
                Trouble::usage(
                    format!("`{name}` is no command"),
                    "`mailsrv --help` lists the commands",
                )
            })?;
            found.display_name(format!("mailsrv-{name}"))
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(described).render(&mut page).map_err(OutputError::Stdout)?;
    env.print(&page)?;
    Ok(exit::CLEAN)
}
