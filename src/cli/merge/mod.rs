//! `mailsrv merge`: one report of the reports of several runs.

mod roll;
mod source;

use self::roll::Roll;
use self::source::{Found, Source};
use super::audit::exit_code;
use super::audit_args::selection;
use super::env::Env;
use super::exit;
use super::meeting::{self, Named};
use super::merge_args::MergeArgs;
use super::progress::Progress;
use super::trouble::Trouble;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::report::{Format, Looks, Report, Rows, Settings, Status};

/// Reads all reports first, so that nothing is written of what is not whole, and then once more.
pub(super) fn run(args: &MergeArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    if args.per == Rows::Domain && args.format != Format::CSV {
        return Err(Trouble::usage("--per domain is for rows of CSV", "add -f csv"));
    }
    let written: Vec<Named<'_>> = args.output.iter().map(|it| ("--output", it.as_path())).collect();
    let mut reports = Vec::with_capacity(args.reports.len());
    for path in &args.reports {
        reports.extend(source::files(path)?);
    }
    let read = || reports.iter().map(|path| ("a report", path.as_path()));
    meeting::refuse(&written, read())?;
    meeting::refuse_kept(&written, read())?;
    let mut sources = Vec::with_capacity(reports.len());
    for path in &reports {
        sources.push(Source::open(path, &mut env.stdin, &env.interrupt)?);
    }
    let to_terminal = env.stdout_is_terminal && args.output.is_none();
    let watched = env.stderr_is_terminal && !to_terminal;
    let progress = Progress::new(&mut env.stderr, args.quiet, watched);
    let mut progress = progress.folding(env.stderr_columns);
    let roll = Roll::call(&sources, args.partial, &env.interrupt)?;
    refuse_stateless(args, &roll)?;
    let looks = Looks {
        colour: args.color.is_on(to_terminal, env.no_color),
        full: args.verbose,
        width: env.stdout_columns,
    };
    let settings = Settings { rows: args.per, fail_on: args.fail_on, ..Settings::from(looks) };
    let mut output = Output::open(args.output.as_deref(), &mut env.stdout, &env.interrupt)?;
    let report = Report::begin(args.format, settings, &mut output);
    let mut report = report.map_err(|error| output.failed(error))?;
    report.select(selection(&args.only));
    tell(&sources, &roll, &mut report, &mut output, &mut progress, &env.interrupt)?;
    if roll.is_partial() {
        report.end_early();
    }
    report.close(&mut output).map_err(|error| output.failed(error))?;
    progress.clear();
    report.notes().iter().for_each(|note| progress.note(note));
    output.finish()?;
    roll.notes().iter().for_each(|note| progress.note(note));
    if let Some(note) = roll.note_of_places().filter(|_| args.per == Rows::Domain) {
        progress.note(&note);
    }
    let tally = report.tally();
    // The text of a list ends with it, before the same eyes.
    let is_seen = to_terminal && args.format == Format::TEXT && tally.count() > 1;
    if !is_seen {
        progress.note(&tally.to_string());
    }
    if args.exit_zero {
        return Ok(exit::CLEAN);
    }
    if args.format == Format::NAGIOS {
        return Ok(Status::of(tally, args.fail_on).code());
    }
    Ok(exit_code(tally, args.fail_on))
}

/// Tells every domain of every report, shard by shard.
fn tell(
    sources: &[Source],
    roll: &Roll,
    report: &mut Report,
    output: &mut Output<'_>,
    progress: &mut Progress<'_>,
    interrupt: &Interrupt,
) -> Result<(), Trouble> {
    for section in roll.sections() {
        let mut lines = sources[section.source].lines_from(section.begin, interrupt)?;
        for _ in 0..section.lines {
            let Found::Line(line) = lines.next()? else { return Err(lines.changed()) };
            let Some(item) = line.item() else { return Err(lines.changed()) };
            report.item(item, output).map_err(|error| output.failed(error))?;
            report.notes().iter().for_each(|note| progress.note(note));
            progress.step();
            interrupt.check()?;
        }
    }
    Ok(())
}

/// What a report does not hold is not made up.
fn refuse_stateless(args: &MergeArgs, roll: &Roll) -> Result<(), Trouble> {
    let wants = match args.format.text() {
        "junit" => "-f junit tells",
        "text" | "html" if args.verbose => "-v shows",
        _ => return Ok(()),
    };
    let Some(domain) = roll.stateless() else { return Ok(()) };
    let problem = format!(
        "{wants} how every RRset stands, and the reports do not hold it of domains that pass, such as {domain}"
    );
    Err(Trouble::usage(problem, "give the audits --observed always"))
}
