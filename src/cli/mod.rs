//! The command line: arguments, files, terminals and exit codes.
//!
//! `args` is what may be typed, and each command has a file with a `run` that returns its exit
//! code. What ends a run early is a `Trouble`. A command touches nothing of the world but its
//! [`Env`], which a test makes as it likes.

mod answers;
mod args;
mod ask_args;
mod audit;
mod audit_args;
mod beside;
mod choice;
mod completions;
mod cut;
mod desk;
mod documents;
mod domains;
mod engines;
mod env;
mod events;
mod exit;
mod explain;
mod forecast;
mod forecast_args;
mod generate;
mod import;
mod init;
mod judges;
mod looks;
mod man;
mod manners_args;
mod meeting;
mod merge;
mod merge_args;
mod narrowing;
mod omissions;
mod outlooks;
mod pages;
mod patience;
mod plugin;
mod probe;
mod probe_args;
mod profile;
mod profile_args;
mod profile_check;
mod progress;
mod questions;
mod repeats;
mod resume;
mod schema;
mod screen;
mod servers;
mod services;
mod setting;
mod short;
mod silence;
mod sites;
mod subject_args;
mod threads;
mod trouble;
mod untaken;
mod visit_args;
mod wait;
mod web_folder;
mod zero_touch;
mod zone_args;
mod zones;

pub use self::env::Env;
use self::env::folded;
use self::exit::{CLEAN, TROUBLE};

use std::io::{self, Write};

use clap::FromArgMatches;

use self::args::{Cli, Command};
use self::profile_args::ProfileCommand;
use crate::interrupt::Signal;
use crate::output::OutputError;

/// Runs the program in an environment and returns its exit code.
///
/// What goes to stdout has been flushed when it returns. A reader of stdout that goes away (`|
/// head`) ends a run without a message.
pub fn run(mut env: Env<'_>) -> u8 {
    let is_plugin = plugin::is_meant(&env.args);
    let parsed = args::command()
        .try_get_matches_from(&env.args)
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, typed) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if is_plugin && error.use_stderr() => {
            return plugin::give_up(&error.render().to_string(), &mut env);
        }
        Err(error) => return show_clap_error(&error, &mut env),
    };
    let outcome = match cli.command {
        Command::Generate(args) => generate::run(&args, &mut env),
        Command::Documents(args) => documents::run(&args, &mut env),
        Command::Audit(args) => audit::run(&args, typed.subcommand_matches("audit"), &mut env),
        Command::Probe(args) => probe::run(*args, &mut env),
        Command::Forecast(args) => forecast::run(&args, &mut env),
        Command::Merge(args) => merge::run(&args, &mut env),
        Command::Import(args) => import::run(&args, &mut env),
        Command::Init(args) => init::run(&args, &mut env),
        Command::Profile(args) => match args.command {
            ProfileCommand::Check(args) => profile_check::run(&args, &mut env),
        },
        Command::Services => services::run(&mut env),
        Command::Schema(args) => schema::run(&args, &mut env),
        Command::Explain(args) => explain::run(&args, &mut env),
        Command::Completions(args) => completions::run(&args, &mut env),
        Command::Man(args) => man::run(&args, &mut env),
    };
    let outcome = outcome.and_then(|code| {
        env.stdout.flush().map_err(OutputError::Stdout)?;
        Ok(code)
    });
    match outcome {
        Ok(code) => code,
        // The reader of a pipe has read enough, as with `mailsrv … | head`.
        Err(trouble) if trouble.is_broken_pipe() => CLEAN,
        Err(trouble) if is_plugin && env.interrupt.signal().is_none() => {
            plugin::give_up(&trouble.to_string(), &mut env)
        }
        Err(trouble) => {
            env.say(&trouble.to_string());
            env.interrupt.signal().map_or(TROUBLE, Signal::exit_code)
        }
    }
}

/// Help and version go to stdout and are no error; clap knows which is which.
fn show_clap_error(error: &clap::Error, env: &mut Env<'_>) -> u8 {
    let looks = looks::When::Auto;
    let text = error.render();
    let plain = text.to_string();
    // What is folded is plain: escape sequences take no column.
    let columns = env.stderr_columns.filter(|columns| {
        error.use_stderr() && plain.lines().any(|line| line.chars().count() > *columns)
    });
    let (stream, terminal): (&mut dyn Write, bool) = if error.use_stderr() {
        (&mut env.stderr, env.stderr_is_terminal)
    } else {
        (&mut env.stdout, env.stdout_is_terminal)
    };
    let outcome = if columns.is_some() {
        write!(stream, "{}", folded(plain.trim_end(), columns))
    } else if looks.is_on(terminal, env.no_color) {
        write!(stream, "{}", text.ansi())
    } else {
        write!(stream, "{plain}")
    };
    let outcome = outcome.and_then(|()| stream.flush());
    match outcome {
        _ if error.use_stderr() => TROUBLE,
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => TROUBLE,
        Ok(()) | Err(_) => CLEAN,
    }
}
