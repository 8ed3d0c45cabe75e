//! `mailsrv generate`: the records to publish.

use std::io::Write;

use super::args::GenerateArgs;
use super::env::Env;
use super::input::Subject;
use super::output::Output;
use super::progress::Progress;
use super::subjects::{self, Stream};
use super::trouble::Trouble;
use super::{exit, profile};
use crate::hosting::Hosting;
use crate::name::printable;
use crate::plan::plan;
use crate::render::Sheet;

pub(super) fn run(args: &GenerateArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut hosting = profile::read(&args.subjects)?;
    if let Some(ttl) = args.ttl {
        hosting = hosting.with_ttl(ttl);
    }
    // A profile is right for both commands or for none.
    profile::severity_policy(&hosting, &[], args.subjects.profile.as_deref())?;
    let arguments = subjects::arguments(&args.subjects.domains)?;
    let mut writer = Writer { args, hosting: &hosting, written: 0 };
    let mut draft = Vec::new();
    for subject in &arguments {
        // Nothing is printed before every argument is known to be good.
        writer.write(subject, &mut draft).map_err(|failure| match failure {
            Failure::Refused(reason) => {
                Trouble::usage(format!("{}: {reason}", subject.typed), "nothing was written")
            }
            Failure::Io(error) => Trouble::Stdout(error),
        })?;
    }
    let Env { stdin, stdout, stderr, stderr_is_terminal, stdout_is_terminal, .. } = env;
    let mut stream = Stream::open(&args.subjects, stdin)?.peekable();
    // A header that cannot be read is known before anything is written.
    if let Some(Err(trouble)) = stream.next_if(Result::is_err) {
        return Err(trouble);
    }
    let mut output = Output::open(args.subjects.output.as_deref(), stdout)?;
    // Snippets that scroll by on the same terminal are progress enough.
    let watched = *stderr_is_terminal
        && !args.subjects.quiet
        && (args.subjects.output.is_some() || !*stdout_is_terminal);
    let mut progress = Progress::new(stderr, watched);
    output.write_all(&draft).map_err(|error| output.trouble(error))?;
    let mut refused = 0u64;
    for subject in stream {
        let subject = subject?;
        match writer.write(&subject, &mut output) {
            Ok(()) => {}
            Err(Failure::Io(error)) => return Err(output.trouble(error)),
            Err(Failure::Refused(reason)) => {
                refused += 1;
                let line = subject.line.unwrap_or_default();
                progress.say(&printable(&format!("line {line}: {}: {reason}", subject.typed)));
            }
        }
        progress.step();
    }
    progress.clear();
    if refused > 0 && !args.subjects.quiet {
        let lines = if refused == 1 { "line was" } else { "lines were" };
        let rest = match writer.written {
            0 => "nothing was written",
            _ => "the records of the others are written",
        };
        progress.say(&format!("{refused} {lines} refused; {rest}"));
    }
    output.finish()?;
    Ok(if refused > 0 { exit::UNJUDGED } else { exit::CLEAN })
}

/// Writes the records of one domain after the other.
struct Writer<'a> {
    args: &'a GenerateArgs,
    hosting: &'a Hosting,
    written: u64,
}

enum Failure {
    Refused(String),
    Io(std::io::Error),
}

impl Writer<'_> {
    fn write(&mut self, subject: &Subject, out: &mut dyn Write) -> Result<(), Failure> {
        let (domain, columns) =
            subject.parsed.as_ref().map_err(|problem| Failure::Refused(problem.clone()))?;
        let plan = plan(domain, self.hosting, columns)
            .map_err(|refusal| Failure::Refused(refusal.to_string()))?;
        let sheet = Sheet::new(&plan, self.args.zone_apex.as_ref())
            .map_err(|outside| Failure::Refused(outside.to_string()))?;
        if self.written > 0 {
            out.write_all(self.args.format.separator().as_bytes()).map_err(Failure::Io)?;
        }
        self.written += 1;
        sheet.write(self.args.format, out).map_err(Failure::Io)
    }
}
