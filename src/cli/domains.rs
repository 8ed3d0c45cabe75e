//! The mail domains of a run, and the way through them that `generate`, `documents` and `audit` share.
//!
//! Arguments are known to be good, and a header that cannot be read is known, before anything is
//! written. A bad line among many is one refusal.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter;
use std::path::Path;
use std::rc::Rc;

use super::progress::Progress;
use super::repeats::Repeats;
use super::subject_args::SubjectArgs;
use super::trouble::Trouble;
use super::untaken::{Comments, Untaken};
use crate::hosting::{Columns, Hosting, likely_placeholder};
use crate::interrupt::{Interrupt, Waiting};
use crate::list::{List, ListError, Listed};
use crate::lookup::zones::MailDomains;
use crate::name::{MailDomain, Shard, path_text};
use crate::output::OutputError;
use crate::words::{counted, did_you_mean, hint, listed, nearest};

/// The argument that stands for standard input.
pub(super) const STDIN: &str = "-";

/// The mail domains among the arguments, then those of the inputs.
pub(super) struct Domains<'a> {
    arguments: Vec<Listed>,
    /// Those of `--input` and of standard input, read as they are taken.
    inputs: Box<dyn Iterator<Item = Result<Listed, Trouble>> + 'a>,
    /// Whether there is any input besides the arguments.
    pub(super) more: bool,
    /// The columns that the profile reads.
    needed: Vec<String>,
    /// Those of the inputs that have been taken already.
    begun: Vec<Result<Listed, Trouble>>,
    /// How many the zones hold, two where they hold more and nobody asks, where nobody named any.
    found: Option<usize>,
    /// The inputs that have to name a domain at least, in a sentence.
    expected: Option<String>,
    /// How many arguments were left out, because they stand before.
    repeated: u64,
    untaken: Untaken,
    elsewhere: Elsewhere,
}

/// A mail domain with what was made of it, or with the reason why nothing was.
pub(super) type Drafted<T> = Result<(Listed, Result<T, String>), Trouble>;

impl<'a> Domains<'a> {
    /// Reads the arguments, of which a bad one is a mistake in usage, and opens the inputs.
    ///
    /// Nothing is read of them yet: mistakes in usage are told before standard input is waited for.
    pub(super) fn open(
        args: &SubjectArgs,
        hosting: &Hosting,
        stdin: &'a mut (dyn BufRead + '_),
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let needed = hosting.columns();
        let repeats = Repeats::of(&needed);
        let mut arguments = Vec::new();
        for typed in args.domains.iter().filter(|typed| *typed != STDIN) {
            let argument = Listed::alone(typed);
            if let Err(problem) = &argument.parsed {
                return Err(Trouble::Usage { problem: problem.clone(), hint: None });
            }
            if repeats.is_first(&argument) {
                arguments.push(argument);
            }
        }
        if let ([column, ..], [_, ..]) = (needed.as_slice(), arguments.as_slice()) {
            return Err(lacking(column, "a domain alone has none"));
        }
        let mut inputs: Vec<(String, Box<dyn BufRead + 'a>)> = Vec::new();
        let path = args.input.as_ref().filter(|path| path.as_os_str() != STDIN);
        if let Some(path) = path {
            let file = Waiting::open(path, interrupt)
                .map_err(|source| Trouble::Read { path: path.clone(), source })?;
            let reader = BufReader::with_capacity(1 << 16, file);
            inputs.push((path_text(path), Box::new(reader)));
        }
        if path.is_none() && args.input.is_some() || args.domains.iter().any(|it| it == STDIN) {
            inputs.push(("standard input".to_owned(), Box::new(stdin)));
        }
        let more = !inputs.is_empty();
        if let Some(option) = idle_option(args).filter(|_| !more) {
            let problem = format!("{option} is about a list, and there is none");
            return Err(Trouble::usage(
                problem,
                "name the list with --input FILE, or - for standard input",
            ));
        }
        let files: Vec<String> = inputs.iter().map(|(file, _)| file.clone()).collect();
        let expected = (more && !args.allow_empty).then(|| listed(&files));
        let column = args.domain_column.clone();
        let (told, comments) = (repeats.clone(), Comments::default());
        let passed = comments.clone();
        let listed = inputs.into_iter().flat_map(move |(file, reader)| {
            let mut list = match &column {
                Some(column) => List::new(reader).with_domain_column(column),
                None => List::new(reader),
            };
            let hint = if column.is_none() { HEADER } else { "" };
            let passed = passed.clone();
            iter::from_fn(move || {
                let listed = list.next();
                passed.take(&file, list.passed_over());
                Some(listed?.map_err(|error| unreadable(&file, &error, hint)))
            })
        });
        let elsewhere = Elsewhere::of(args.shard);
        let others = elsewhere.clone();
        // What others take need not be known again, so it is left out first.
        let listed = listed.filter(move |listed| {
            listed.as_ref().map_or(true, |it| !others.has_unless_all_count(it) && told.is_first(it))
        });
        Ok(Self {
            arguments,
            inputs: Box::new(listed),
            more,
            needed,
            begun: Vec::new(),
            found: None,
            expected,
            repeated: repeats.count(),
            untaken: Untaken { repeats, comments },
            elsewhere,
        })
    }

    /// The mail domains among the arguments.
    pub(super) fn arguments(&self) -> Vec<&MailDomain> {
        let parsed = self.arguments.iter().filter_map(|argument| argument.parsed.as_ref().ok());
        parsed.map(|(domain, _)| domain).collect()
    }

    /// The only mail domain of the run, which the inputs are begun for; None where there are several.
    /// Those of other shards count.
    pub(super) fn only(&mut self) -> Option<&MailDomain> {
        let missing = 2_usize.saturating_sub(self.arguments.len() + self.begun.len());
        self.elsewhere.all_count.set(true);
        self.begun.extend(self.inputs.by_ref().take(missing));
        self.elsewhere.all_count.set(false);
        let listed = self.begun.iter().map(|listed| listed.as_ref().ok());
        let mut all = self.arguments.iter().map(Some).chain(listed);
        let only = all.next().flatten().filter(|_| all.next().is_none())?;
        only.parsed.as_ref().ok().map(|(domain, _)| domain)
    }

    /// Takes the mail domains of the zones, where none is named; `counted` where it is asked how many
    /// they are.
    pub(super) fn take_found(&mut self, domains: MailDomains, counted: bool) {
        let most = if counted { usize::MAX } else { 2 };
        self.found = Some(domains.iter().take(most).count());
        self.inputs = Box::new(domains.into_iter().map(|domain| {
            let typed = domain.to_string();
            Ok(Listed { line: None, typed, parsed: Ok((domain, Columns::default())) })
        }));
    }

    /// What is given and not taken, known when all domains have been taken.
    pub(super) fn untaken(&self) -> Untaken {
        self.untaken.clone()
    }

    /// How long they are: the lines of the list, or the domains that are named or found. None where
    /// nobody knows.
    pub(super) fn length(&self, list: Option<&Path>) -> Option<u64> {
        let known = self.found.or_else(|| (!self.more).then_some(self.arguments.len()));
        match known {
            Some(count) => Some(count as u64),
            None => list.filter(|list| list.is_file()).and_then(|list| lines(list).ok()),
        }
    }

    /// Whether there may be more than one.
    pub(super) fn many(&self) -> bool {
        self.more || self.found.is_some_and(|count| count > 1) || self.arguments.len() > 1
    }

    /// Makes something of each: of the arguments at once, of the others as they are taken.
    ///
    /// An argument that nothing can be made of is a mistake in usage, with this hint. The header of
    /// the inputs is read then; the columns beside their first mail domain come first.
    pub(super) fn drafted<T>(
        self,
        hint: Option<&'static str>,
        mut draft: impl FnMut(&MailDomain, &Columns) -> Result<T, String>,
    ) -> Result<(Option<Columns>, impl Iterator<Item = Drafted<T>>), Trouble> {
        let mut drafted = move |listed: Listed| {
            let parsed = listed.parsed.as_ref().map_err(Clone::clone);
            let draft = parsed.and_then(|(domain, columns)| draft(domain, columns));
            (listed, draft)
        };
        let mut arguments = Vec::with_capacity(self.arguments.len());
        let elsewhere = self.elsewhere;
        for argument in self.arguments.into_iter().filter(|it| !elsewhere.has(it)) {
            match drafted(argument) {
                (Listed { typed, .. }, Err(reason)) => {
                    let problem = format!("{typed}: {reason}");
                    return Err(Trouble::Usage { problem, hint: hint.map(str::to_owned) });
                }
                good => arguments.push(Ok(good)),
            }
        }
        let others = elsewhere.clone();
        let is_ours = move |listed: &Result<Listed, Trouble>| {
            listed.as_ref().map_or(true, |it| !others.has(it))
        };
        let inputs = self.begun.into_iter().chain(self.inputs);
        let mut inputs = inputs.filter(is_ours).peekable();
        if let Some(Err(trouble)) = inputs.next_if(Result::is_err) {
            return Err(trouble);
        }
        // What was left out because an argument says the same is a mail domain, too, and so is what
        // another shard has.
        let is_empty = inputs.peek().is_none()
            && self.untaken.repeats.count() == self.repeated
            && !elsewhere.any.get();
        if let Some(file) = self.expected.filter(|_| is_empty) {
            let said = self.untaken.comments.said().into_iter();
            let said: String = said.map(|said| format!("\nnote: {said}")).collect();
            let problem =
                format!("there is no mail domain in it{said}\nhint: --allow-empty takes that");
            return Err(Trouble::Input { file, problem });
        }
        let first = inputs.peek().and_then(|listed| listed.as_ref().ok()?.parsed.as_ref().ok());
        let columns = first.map(|(_, columns)| columns.clone());
        if let Some(row) = &columns
            && let Some(lacks) = self.needed.iter().find(|column| row.value(column).is_none())
        {
            let names = row.names().filter(|name| !name.is_empty());
            let meant = nearest(lacks, names, 0.8).map(did_you_mean);
            let meant = meant.map(|meant| format!("; {meant}")).unwrap_or_default();
            let problem = match self.found {
                Some(_) => "a domain of a zone has none".to_owned(),
                None => format!("the input has none of that name{meant}"),
            };
            return Err(lacking(lacks, &problem));
        }
        let inputs = inputs.map(move |listed| Ok(drafted(listed?)));
        Ok((columns, arguments.into_iter().chain(inputs)))
    }
}

/// What of a run belongs to other shards than the one that is taken.
#[derive(Clone)]
struct Elsewhere {
    shard: Option<Shard>,
    /// Whether there was anything.
    any: Rc<Cell<bool>>,
    /// Whether what is read now counts, whatever shard has it.
    all_count: Rc<Cell<bool>>,
}

impl Elsewhere {
    fn of(shard: Option<Shard>) -> Self {
        Self { shard, any: Rc::default(), all_count: Rc::default() }
    }

    /// Whether another shard has it: a mail domain by its name, what is none by its text.
    fn has(&self, listed: &Listed) -> bool {
        let Some(shard) = self.shard else { return false };
        let is_ours = match &listed.parsed {
            Ok((domain, _)) => shard.holds(domain),
            Err(_) => shard.holds_text(&listed.typed),
        };
        self.any.set(self.any.get() || !is_ours);
        !is_ours
    }

    /// The same, where it is not read to see what the whole run has.
    fn has_unless_all_count(&self, listed: &Listed) -> bool {
        !self.all_count.get() && self.has(listed)
    }
}

/// How many lines a file has.
fn lines(path: &Path) -> io::Result<u64> {
    let (mut file, mut block, mut lines) = (File::open(path)?, vec![0; 1 << 16], 0);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(lines),
            taken => {
                lines += block[..taken].iter().filter(|octet| **octet == b'\n').count() as u64;
            }
        }
    }
}

/// What is about a list alone.
fn idle_option(args: &SubjectArgs) -> Option<&'static str> {
    let column = args.domain_column.as_ref().map(|_| "--domain-column");
    column.or_else(|| args.allow_empty.then_some("--allow-empty"))
}

/// What helps where a header does not say which column holds the mail domains.
const HEADER: &str = "\nhint: name the column of the mail domains `domain`, or say which it is: --domain-column NAME";

/// A list that cannot be read; `hint` is what may mend its header.
fn unreadable(file: &str, error: &ListError, hint: &str) -> Trouble {
    let is_safe = |letter: char| letter.is_alphanumeric() || " _-".contains(letter);
    let hint = match error {
        ListError::NoDomainColumn { meant: Some(meant), .. } if meant.chars().all(is_safe) => {
            hint.replace("NAME", &format!("\"{meant}\""))
        }
        ListError::NoDomainColumn { .. } => hint.to_owned(),
        _ => String::new(),
    };
    Trouble::Input { file: file.to_owned(), problem: format!("{error}{hint}") }
}

/// What every domain would lack is no mistake of one of them.
fn lacking(column: &str, problem: &str) -> Trouble {
    let meant = hint(&likely_placeholder(column));
    let quote = if column.contains(' ') { "\"" } else { "" };
    Trouble::usage(
        format!("the profile needs a column `{column}`: {problem}{meant}"),
        format!(
            "--set {quote}{column}=srv7.provider.example{quote} gives it to all domains, a CSV input with that column to each its own"
        ),
    )
}

/// Where drafts belong.
pub(super) trait Shelf<T> {
    /// Whether a draft could be put there, as far as that can be told before.
    fn look(&self, draft: &T) -> Result<(), OutputError>;

    /// Puts a draft there.
    fn put(&mut self, draft: T) -> Result<(), OutputError>;

    /// What a run has written that does not go on; None where nobody can tell.
    fn so_far(&mut self) -> Option<String>;
}

/// Puts one draft after the other where it belongs; counts the lines that are refused.
///
/// Nothing is written where one of the arguments cannot be.
pub(super) fn put_each<T>(
    drafts: impl Iterator<Item = Drafted<T>>,
    interrupt: &Interrupt,
    progress: &mut Progress<'_>,
    shelf: &mut impl Shelf<T>,
) -> Result<usize, Trouble> {
    let put = put_all(drafts, interrupt, progress, shelf);
    if let Err(trouble) = &put
        && !trouble.is_of_stdout()
        && let Some(so_far) = shelf.so_far()
    {
        progress.note(&so_far);
    }
    progress.clear();
    put
}

fn put_all<T>(
    drafts: impl Iterator<Item = Drafted<T>>,
    interrupt: &Interrupt,
    progress: &mut Progress<'_>,
    shelf: &mut impl Shelf<T>,
) -> Result<usize, Trouble> {
    let mut drafts = drafts.peekable();
    let mut arguments = Vec::new();
    let is_argument =
        |drafted: &Drafted<T>| drafted.as_ref().is_ok_and(|(listed, _)| listed.line.is_none());
    while let Some(argument) = drafts.next_if(is_argument) {
        if let Ok((_, Ok(draft))) = &argument {
            shelf.look(draft)?;
        }
        arguments.push(argument);
    }
    let mut refused = 0;
    for drafted in arguments.into_iter().chain(drafts) {
        interrupt.check()?;
        let (Listed { line, typed, .. }, draft) = drafted?;
        let reason = match draft.map(|draft| shelf.put(draft)) {
            Ok(Ok(())) => None,
            Ok(Err(
                foreign @ (OutputError::Foreign { .. }
                | OutputError::Inside { .. }
                | OutputError::Irregular { .. }
                | OutputError::Read { .. }),
            )) if line.is_some() => Some(Trouble::from(foreign).to_string()),
            Ok(Err(error)) => return Err(error.into()),
            Err(reason) => Some(reason),
        };
        if let Some(reason) = reason {
            refused += 1;
            progress.say(&format!("line {}: {typed}: {reason}", line.unwrap_or_default()));
        }
        progress.step();
    }
    Ok(refused)
}

/// The closing note on lines that were refused.
pub(super) fn refusals(refused: usize) -> String {
    format!("{} {} refused", counted(refused, "line"), if refused == 1 { "was" } else { "were" })
}
