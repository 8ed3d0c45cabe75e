//! `mailsrv generate`: the records to publish.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::GenerateArgs;
use super::env::Env;
use super::left_out::Tally;
use super::output::Output;
use super::progress::Progress;
use super::subjects::{self, Stream};
use super::trouble::Trouble;
use super::{certificates, exit, narrowing, profile};
use crate::hosting::{Columns, Hosting};
use crate::list::Listed;
use crate::name::printable;
use crate::plan::{plan, plan_provider};
use crate::render::{Press, PressError, Scope, Sheet, Template};

pub(super) fn run(args: &GenerateArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut hosting = profile::read(&args.subjects)?;
    if let Some(ttl) = args.ttl {
        hosting = hosting.with_ttl(ttl);
    }
    // A profile is right for both commands or for none.
    let (mut hosting, talk) = narrowing::narrow(hosting, args)?;
    refuse_ttl(args, hosting.ttl())?;
    if !args.certificate.is_empty() {
        hosting = hosting.with_certificates(certificates::read(&args.certificate)?);
    }
    if args.provider && args.format.is_template() {
        let problem = format!("{} is a template for customers", args.format.text());
        return Err(Trouble::usage(problem, "leave --provider out, or choose another format"));
    }
    if args.provider {
        return run_provider(args, &hosting, env);
    }
    if args.subjects.domains.is_empty() && args.subjects.input.is_none() {
        if !args.format.is_template() {
            let hint = "mailsrv generate example.com, or a list with --input FILE";
            return Err(Trouble::usage("a mail domain is required", hint));
        }
        return run_template(args, &hosting, &talk, env);
    }
    refuse_many_in_one(args)?;
    let arguments = subjects::arguments(&args.subjects.domains)?;
    let mut run = Run::new(args, &hosting);
    let mut drafts = Vec::new();
    for subject in &arguments {
        // Nothing is printed before every argument is known to be good.
        let draft = run.draft(subject).map_err(|failure| match failure {
            Failure::Refused(reason) => {
                Trouble::usage(format!("{}: {reason}", subject.typed), "nothing was written")
            }
            Failure::Trouble(trouble) => trouble,
        })?;
        drafts.push((subject, draft.to_owned()));
    }
    let Env { stdin, stdout, stderr, stderr_is_terminal, stdout_is_terminal, .. } = env;
    let mut stream = Stream::open(&args.subjects, stdin)?.peekable();
    // A header that cannot be read is known before anything is written.
    if let Some(Err(trouble)) = stream.next_if(Result::is_err) {
        return Err(trouble);
    }
    let mut place = Place::open(args, stdout)?;
    // Snippets that scroll by on the same terminal are progress enough.
    let to_file = args.subjects.output.is_some() || args.output_dir.is_some();
    let watched = *stderr_is_terminal && !args.subjects.quiet && (to_file || !*stdout_is_terminal);
    let mut progress = Progress::new(stderr, watched);
    if !args.subjects.quiet {
        talk.iter().for_each(|line| progress.say(line));
    }
    for (subject, draft) in drafts {
        place.put(subject, &draft)?;
    }
    let refused = run.print_stream(stream, &mut place, &mut progress)?;
    progress.clear();
    if !args.subjects.quiet {
        run.left_out.say(&mut progress);
        if refused > 0 {
            progress.say(&refusals(refused, place.written));
        }
    }
    place.finish()?;
    Ok(if refused > 0 { exit::UNJUDGED } else { exit::CLEAN })
}

/// A TTL that the DNS host does not take, or the one that the format is for.
fn refuse_ttl(args: &GenerateArgs, ttl: u32) -> Result<(), Trouble> {
    for host in args.dns_host.into_iter().chain(args.format.dns_host()) {
        host.take_ttl(ttl)
            .map_err(|refused| Trouble::usage(refused.to_string(), "give another with --ttl"))?;
    }
    Ok(())
}

/// Many domains in a file that holds one would be loaded as none, or as the last of them.
fn refuse_many_in_one(args: &GenerateArgs) -> Result<(), Trouble> {
    let streamed =
        args.subjects.input.is_some() || args.subjects.domains.iter().any(|it| it == "-");
    let many = streamed || args.subjects.domains.len() > 1;
    let word = args.format.text();
    let problem = match args.format.scope() {
        Scope::OneEach => format!("a file in the format {word} holds one domain"),
        Scope::ZoneOnce if args.zone_apex.is_some() => {
            format!("a file in the format {word} holds one domain of a zone")
        }
        Scope::ZoneOnce | Scope::Stream => return Ok(()),
    };
    if many && args.output_dir.is_none() {
        return Err(Trouble::usage(problem, "write a file for each with --output-dir DIR"));
    }
    Ok(())
}

/// Says that a profile reads no column of a CSV input, which then hardly is what was meant.
fn idle_columns(row: &Columns, hosting: &Hosting) -> Option<String> {
    let used = hosting.columns();
    let others: Vec<&str> = row.names().filter(|name| *name != "domain").collect();
    if others.is_empty() || others.iter().any(|name| used.iter().any(|it| it == name)) {
        return None;
    }
    let listed: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    // `{host}` is the profile's own, so that a column of that name is never read.
    let usable = others.iter().find(|name| **name != "host").unwrap_or(&"server");
    Some(format!(
        "note: the profile reads none of these columns: {}; it would with --host \"{{{usable}}}\"",
        listed.join(", ")
    ))
}

/// The provider's own zone: one sheet, and notes on what it could not hold.
fn run_provider(args: &GenerateArgs, hosting: &Hosting, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let plan = plan_provider(hosting, args.zone_apex.as_ref())
        .map_err(|refusal| Trouble::usage(refusal.to_string(), "nothing was written"))?;
    run_sheet(args, Sheet::provider(&plan), plan.notes(), env)
}

/// A template for every customer, whom stand-ins stand for.
fn run_template(
    args: &GenerateArgs,
    hosting: &Hosting,
    talk: &[String],
    env: &mut Env<'_>,
) -> Result<u8, Trouble> {
    if args.output_dir.is_some() {
        let problem = "a template is one file, the same for every mail domain";
        return Err(Trouble::usage(problem, "name the file with -o FILE"));
    }
    let template = Template::of(hosting);
    let plan = plan(template.domain(), hosting, template.columns())
        .map_err(|refusal| Trouble::usage(refusal.to_string(), "nothing was written"))?;
    let sheet = Sheet::new(&plan, None)
        .map_err(|outside| Trouble::usage(outside.to_string(), "nothing was written"))?;
    run_sheet(args, sheet.into_template(&template), talk, env)
}

/// Prints one sheet, and says what is to be known of it.
fn run_sheet(
    args: &GenerateArgs,
    sheet: Sheet<'_>,
    notes: &[String],
    env: &mut Env<'_>,
) -> Result<u8, Trouble> {
    let sheet = match args.dns_host {
        Some(host) => sheet.for_host(host),
        None => sheet,
    };
    let sheet = sheet.fitted(args.format);
    let mut text = String::from(args.format.opening());
    sheet.print(args.format, &mut text).map_err(|misprint| Trouble::Bug(misprint.to_string()))?;
    let mut output = Output::open(args.subjects.output.as_deref(), &mut env.stdout)?;
    output.write_all(text.as_bytes()).map_err(|error| output.trouble(error))?;
    output.finish()?;
    if !args.subjects.quiet {
        let mut progress = Progress::new(&mut env.stderr, false);
        for note in notes.iter().chain(&sheet.notes(args.format)) {
            progress.say(&printable(&format!("note: {note}")));
        }
        let mut tally = Tally::default();
        tally.add(sheet.left_out());
        tally.say(&mut progress);
    }
    Ok(exit::CLEAN)
}

/// Prints one domain after the other, and remembers what had to be left out.
struct Run<'a> {
    hosting: &'a Hosting,
    press: Press<'a>,
    left_out: Tally,
    text: String,
}

enum Failure {
    Refused(String),
    Trouble(Trouble),
}

impl<'a> Run<'a> {
    fn new(args: &'a GenerateArgs, hosting: &'a Hosting) -> Self {
        let press =
            Press::new(hosting, args.format, args.zone_apex.as_ref()).for_host(args.dns_host);
        Self { hosting, press, left_out: Tally::default(), text: String::new() }
    }

    /// Prints a list; counts the lines that are refused.
    fn print_stream(
        &mut self,
        stream: impl Iterator<Item = Result<Listed, Trouble>>,
        place: &mut Place<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<u64, Trouble> {
        let mut refused = 0;
        let mut first = true;
        for subject in stream {
            let subject = subject?;
            if std::mem::take(&mut first) && !place.args.subjects.quiet {
                let row = subject.parsed.as_ref().ok().map(|(_, columns)| columns);
                let note = row.and_then(|row| idle_columns(row, self.hosting));
                note.iter().for_each(|note| progress.say(&printable(note)));
            }
            match self.draft(&subject) {
                Ok(draft) => place.put(&subject, draft)?,
                Err(Failure::Trouble(trouble)) => return Err(trouble),
                Err(Failure::Refused(reason)) => {
                    refused += 1;
                    let line = subject.line.unwrap_or_default();
                    progress.say(&printable(&format!("line {line}: {}: {reason}", subject.typed)));
                }
            }
            progress.step();
        }
        Ok(refused)
    }

    /// The text of a domain; nothing where it is refused.
    fn draft(&mut self, subject: &Listed) -> Result<&str, Failure> {
        self.text.clear();
        let (domain, columns) =
            subject.parsed.as_ref().map_err(|problem| Failure::Refused(problem.clone()))?;
        match self.press.print(domain, columns, &mut self.text) {
            Ok(()) => {}
            Err(PressError::Misprint(misprint)) => {
                return Err(Failure::Trouble(Trouble::Bug(misprint.to_string())));
            }
            Err(refused) => return Err(Failure::Refused(refused.to_string())),
        }
        self.left_out.add(self.press.left_out());
        Ok(&self.text)
    }
}

/// Where the texts go.
struct Place<'a> {
    args: &'a GenerateArgs,
    /// None where each domain has a file of its own.
    output: Option<Output<'a>>,
    written: u64,
}

impl<'a> Place<'a> {
    fn open(args: &'a GenerateArgs, stdout: &'a mut dyn Write) -> Result<Self, Trouble> {
        let output = match &args.output_dir {
            Some(folder) => {
                fs::create_dir_all(folder)
                    .map_err(|source| Trouble::Write { path: folder.clone(), source })?;
                None
            }
            None => Some(Output::open(args.subjects.output.as_deref(), stdout)?),
        };
        Ok(Self { args, output, written: 0 })
    }

    fn put(&mut self, subject: &Listed, text: &str) -> Result<(), Trouble> {
        let format = self.args.format;
        match (&mut self.output, &self.args.output_dir) {
            (Some(output), _) => {
                let before = if self.written == 0 { format.opening() } else { format.separator() };
                output
                    .write_all(before.as_bytes())
                    .and_then(|()| output.write_all(text.as_bytes()))
                    .map_err(|error| output.trouble(error))?;
            }
            (None, Some(folder)) => {
                let path = file_of(folder, subject, format.extension());
                // The name was not chosen by the user, nor what it leads to.
                if fs::symlink_metadata(&path).is_ok_and(|known| known.is_symlink()) {
                    let problem = format!("{} is a symbolic link", path.display());
                    return Err(Trouble::usage(problem, "remove it, or name another folder"));
                }
                put_file(&path, format.opening(), text)?;
            }
            (None, None) => {}
        }
        self.written += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), Trouble> {
        self.output.map_or(Ok(()), Output::finish)
    }
}

/// The file of a domain: its A-labels and the ending of the format.
fn file_of(folder: &Path, subject: &Listed, extension: &str) -> PathBuf {
    let name = match &subject.parsed {
        Ok((domain, _)) => domain.to_string(),
        Err(_) => subject.typed.clone(),
    };
    folder.join(format!("{name}.{extension}"))
}

fn put_file(path: &Path, opening: &str, text: &str) -> Result<(), Trouble> {
    let mut nowhere = std::io::sink();
    let mut output = Output::open(Some(path), &mut nowhere)?;
    output
        .write_all(opening.as_bytes())
        .and_then(|()| output.write_all(text.as_bytes()))
        .map_err(|error| output.trouble(error))?;
    output.finish()
}

fn refusals(refused: u64, written: u64) -> String {
    let lines = if refused == 1 { "line was" } else { "lines were" };
    let rest = match written {
        0 => "nothing was written",
        _ => "the records of the others are written",
    };
    format!("{refused} {lines} refused; {rest}")
}
