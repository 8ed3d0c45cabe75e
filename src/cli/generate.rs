//! `mailsrv generate`: the records to publish.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::Write;

use super::args::GenerateArgs;
use super::domains::{Domains, Shelf, put_each, refusals};
use super::env::Env;
use super::meeting::Named;
use super::omissions::Omissions;
use super::progress::Progress;
use super::setting::Setting;
use super::trouble::Trouble;
use super::{exit, meeting, narrowing, profile};
use crate::hosting::{Columns, Hosting};
use crate::interrupt::Interrupt;
use crate::name::path_text;
use crate::output::{self, Output, OutputError, OutputFolder};
use crate::plan::{plan, plan_provider};
use crate::render::{Format, Press, Scope, Sheet, Template};
use crate::words::counted;

/// How much is written at one time, in octets.
const AT_ONCE: usize = 1 << 20;

/// What an argument that is refused did to the others.
const NOTHING: &str = "nothing was written";

/// Prints records of mail domains, of the provider, or a template; which one the arguments say.
pub(super) fn run(args: &GenerateArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    refuse_folder(args)?;
    let output = args.subjects.output.as_deref().map(|path| ("--output", path));
    meeting::refuse(output.as_slice(), read(args))?;
    let (hosting, talk) = hosting(args, &env.interrupt)?;
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
        if args.subjects.shard.is_some() {
            let hint = "name the list that is shared with --input FILE";
            return Err(Trouble::usage("a template has no mail domains to share", hint));
        }
        return run_template(args, &hosting, &talk, env);
    }
    refuse_many_in_one(args)?;
    // Snippets that scroll by on the same terminal are progress enough.
    let to_file = args.subjects.output.is_some() || args.output_dir.is_some();
    let watched = env.stderr_is_terminal && (to_file || !env.stdout_is_terminal);
    let domains = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
    let watched = watched && domains.many();
    let mut press =
        Press::new(&hosting, args.format, args.zone_apex.as_ref()).for_host(args.dns_host);
    let mut left_out = Omissions::default();
    // One text after the other is printed into the same memory, behind what is not written yet.
    let spare = Cell::new(String::new());
    let mut is_first = true;
    let untaken = domains.untaken();
    let (row, drafts) = domains.drafted(Some(NOTHING), |domain, columns| {
        let mut text = spare.take();
        let before = text.len();
        match args.output_dir {
            Some(_) => {}
            None if is_first => text.push_str(args.format.opening()),
            None => text.push_str(args.format.separator()),
        }
        if let Err(refused) = press.print(domain, columns, &mut text) {
            text.truncate(before);
            spare.set(text);
            return Err(refused.to_string());
        }
        is_first = false;
        left_out.add(press.left_out());
        // The file of a domain: its A-labels and the ending of the format.
        let name = || format!("{domain}.{}", args.format.extension());
        Ok((args.output_dir.as_ref().map(|_| name()), text))
    })?;
    let idle = row.and_then(|row| idle_columns(&row, &hosting, &args.subjects.set));
    let mut snippets = Snippets::open(args, &spare, &mut env.stdout, &env.interrupt)?;
    let mut progress =
        Progress::new(&mut env.stderr, args.subjects.quiet, watched).folding(env.stderr_columns);
    talk.iter().chain(&idle).for_each(|line| progress.note(line));
    let refused = put_each(drafts, &env.interrupt, &mut progress, &mut snippets)?;
    left_out.say(&mut progress);
    untaken.note(&mut progress);
    if refused > 0 {
        let rest =
            if snippets.written == 0 { NOTHING } else { "the records of the others are written" };
        progress.note(&format!("{}; {rest}", refusals(refused)));
    }
    // An earlier file is not given for one with nothing in it.
    if snippets.written > 0 || refused == 0 {
        snippets.finish()?;
    }
    Ok(exit::of_refusals(refused))
}

/// The files that a run reads.
fn read(args: &GenerateArgs) -> impl Iterator<Item = Named<'_>> {
    let certificates = args.certificate.iter().map(|path| ("--certificate", path.as_path()));
    meeting::read_by(&args.subjects).chain(certificates)
}

/// The profile as the options change it, and what is to be said of that.
fn hosting(args: &GenerateArgs, interrupt: &Interrupt) -> Result<(Hosting, Vec<String>), Trouble> {
    let mut hosting = profile::read(&args.subjects, interrupt)?;
    if let Some(ttl) = args.ttl {
        hosting = hosting.with_ttl(ttl);
    }
    // A profile is right for both commands or for none.
    let (mut hosting, talk) = narrowing::narrow(hosting, args)?;
    // A TTL that the DNS host does not take, or the one that the format is for.
    for host in args.dns_host.into_iter().chain(args.format.dns_host()) {
        host.take_ttl(hosting.ttl())
            .map_err(|refused| Trouble::usage(refused.to_string(), "give another with --ttl"))?;
    }
    if !args.certificate.is_empty() {
        hosting = hosting.with_certificates(profile::certificates(&args.certificate, interrupt)?);
    }
    Ok((hosting, talk))
}

/// Who names a folder means a file for each domain in it.
fn refuse_folder(args: &GenerateArgs) -> Result<(), Trouble> {
    let Some(path) = &args.subjects.output else { return Ok(()) };
    if !output::names_folder(path) {
        return Ok(());
    }
    let path = path_text(path);
    let one_page = args.provider || args.format.is_template();
    let hint = match one_page {
        true => "name a file in it".to_owned(),
        false => format!("--output-dir {path} writes a file for each mail domain into it"),
    };
    Err(Trouble::usage(format!("--output takes a file, and {path} names a folder"), hint))
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
fn idle_columns(row: &Columns, hosting: &Hosting, set: &[Setting]) -> Option<String> {
    let used = hosting.columns();
    let others: Vec<&str> = row
        .names()
        .filter(|name| !name.is_empty() && set.iter().all(|it| it.column != *name))
        .collect();
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
        .map_err(|refusal| Trouble::usage(refusal.to_string(), NOTHING))?;
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
        .map_err(|refusal| Trouble::usage(refusal.to_string(), NOTHING))?;
    let sheet =
        Sheet::new(&plan, None).map_err(|outside| Trouble::usage(outside.to_string(), NOTHING))?;
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
    sheet.print(args.format, &mut text);
    output::write(args.subjects.output.as_deref(), &text, &mut env.stdout, &env.interrupt)?;
    let mut progress =
        Progress::new(&mut env.stderr, args.subjects.quiet, false).folding(env.stderr_columns);
    for note in notes.iter().chain(&sheet.notes(args.format)) {
        progress.note(&format!("note: {note}"));
    }
    let mut left_out = Omissions::default();
    left_out.add(sheet.left_out());
    left_out.say(&mut progress);
    Ok(exit::CLEAN)
}

/// Where the snippets go.
struct Snippets<'a> {
    format: Format,
    to: Goal<'a>,
    /// What is not written yet, and memory for the next text.
    spare: &'a Cell<String>,
    /// How many domains are written.
    written: usize,
}

/// One text, or a file for each domain.
enum Goal<'a> {
    Output(Output<'a>),
    Folder(OutputFolder),
}

impl<'a> Snippets<'a> {
    /// Opens the folder, or the one file.
    fn open(
        args: &GenerateArgs,
        spare: &'a Cell<String>,
        stdout: &'a mut dyn Write,
        interrupt: &Interrupt,
    ) -> Result<Self, OutputError> {
        let file = args.subjects.output.as_deref();
        let to = match &args.output_dir {
            Some(folder) => {
                Goal::Folder(OutputFolder::open(folder)?.sparing(meeting::spared(read(args))))
            }
            None => Goal::Output(Output::open(file, stdout, interrupt)?),
        };
        Ok(Self { format: args.format, to, spare, written: 0 })
    }

    /// Writes what is not written yet.
    fn pass_on(&mut self) -> Result<(), OutputError> {
        let Goal::Output(output) = &mut self.to else { return Ok(()) };
        let mut text = self.spare.take();
        if !text.is_empty() {
            output.put_text(&mut text)?;
        }
        self.spare.set(text);
        Ok(())
    }

    /// Puts the one file in place.
    fn finish(mut self) -> Result<(), OutputError> {
        self.pass_on()?;
        match self.to {
            Goal::Output(output) => output.finish_repeatable(),
            Goal::Folder(_) => Ok(()),
        }
    }
}

/// The name of a file, where each domain has one, and the records.
impl Shelf<(Option<String>, String)> for Snippets<'_> {
    fn look(&self, (name, _): &(Option<String>, String)) -> Result<(), OutputError> {
        match (&self.to, name) {
            (Goal::Folder(folder), Some(name)) => folder.look_at_file(OsStr::new(name)),
            (Goal::Folder(_) | Goal::Output(_), _) => Ok(()),
        }
    }

    /// Takes the records of a domain; those for one text are written once they are long.
    fn put(&mut self, (name, mut text): (Option<String>, String)) -> Result<(), OutputError> {
        match (&mut self.to, name) {
            (Goal::Output(_), _) => {
                // There is something where the text was begun before others were put.
                self.pass_on()?;
                let is_long = text.len() >= AT_ONCE;
                self.spare.set(text);
                if is_long {
                    self.pass_on()?;
                }
            }
            (Goal::Folder(folder), Some(name)) => {
                folder.put_file(OsStr::new(&name), &[self.format.opening(), &text])?;
                text.clear();
                self.spare.set(text);
            }
            (Goal::Folder(_), None) => {}
        }
        self.written += 1;
        Ok(())
    }

    fn so_far(&mut self) -> Option<String> {
        self.pass_on().ok()?;
        let whose = counted(self.written, "domain");
        Some(match &self.to {
            _ if self.written == 0 => NOTHING.to_owned(),
            Goal::Output(Output::File { .. }) => NOTHING.to_owned(),
            Goal::Output(_) => format!("the records of {whose} are written"),
            Goal::Folder(folder) => {
                let folder = path_text(folder.path());
                format!("the records of {whose} are written below {folder}")
            }
        })
    }
}
