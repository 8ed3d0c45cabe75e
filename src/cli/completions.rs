//! `mailsrv completions`: a script that completes the command line.

use super::args::{self, CompletionsArgs};
use super::env::Env;
use super::exit;
use super::trouble::Trouble;

/// The script goes to stdout; where it belongs differs from shell to shell.
pub(super) fn run(args: &CompletionsArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "mailsrv", &mut script);
    env.print(&script)?;
    Ok(exit::CLEAN)
}
