//! `mailsrv documents`: what clients fetch under the published names, as a folder to serve.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::DocumentsArgs;
use super::env::Env;
use super::progress::Progress;
use super::subjects::{self, Stream};
use super::tree::{self, Files, Outcome};
use super::trouble::Trouble;
use super::{exit, profile};
use crate::document::{Kind, Options, Reason, WebServer, documents};
use crate::hosting::Hosting;
use crate::list::Listed;
use crate::name::{MailDomain, printable};
use crate::plan::{RecordPlan, plan};

pub(super) fn run(args: &DocumentsArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let hosting = profile::read(&args.subjects)?;
    // A profile is right for all commands or for none.
    let arguments = subjects::arguments(&args.subjects.domains)?;
    let Env { stdin, stdout, stderr, stderr_is_terminal, .. } = env;
    let stream = Stream::open(&args.subjects, stdin)?;
    let many = arguments.len() > 1 || !stream.is_empty();
    let mut stream = stream.peekable();
    refuse_another_domain(args, &arguments, many)?;
    let mut run = Run::new(args, &hosting, Goal::of(args)?, many);
    let mut drafts = Vec::new();
    for subject in &arguments {
        // Nothing is written before every argument is known to be good.
        drafts.push(run.draft(subject).map_err(|reason| {
            Trouble::usage(format!("{}: {reason}", subject.typed), "nothing was written")
        })?);
    }
    // A header that cannot be read is known before anything is written.
    if let Some(Err(trouble)) = stream.next_if(Result::is_err) {
        return Err(trouble);
    }
    let watched = *stderr_is_terminal && !args.subjects.quiet;
    let mut progress = Progress::new(stderr, watched);
    run.prepare()?;
    for draft in drafts {
        run.put(&draft, stdout)?;
    }
    let mut refused = 0u64;
    for subject in stream {
        let subject = subject?;
        let reason = match run.draft(&subject).map(|draft| run.put(&draft, stdout)) {
            Ok(Ok(())) => None,
            Ok(Err(foreign @ Trouble::Foreign { .. })) => Some(foreign.to_string()),
            Ok(Err(trouble)) => return Err(trouble),
            Err(reason) => Some(reason),
        };
        if let Some(reason) = reason {
            refused += 1;
            let line = subject.line.unwrap_or_default();
            progress.say(&printable(&format!("line {line}: {}: {reason}", subject.typed)));
        }
        progress.step();
    }
    progress.clear();
    if !args.subjects.quiet {
        run.say(refused, &mut progress);
    }
    Ok(if refused > 0 { exit::UNJUDGED } else { exit::CLEAN })
}

/// What a run is to write.
#[derive(Clone, Copy)]
enum Goal<'a> {
    Documents(&'a Path),
    Snippet(WebServer),
}

impl<'a> Goal<'a> {
    fn of(args: &'a DocumentsArgs) -> Result<Self, Trouble> {
        match (args.server, &args.subjects.output) {
            (Some(server), _) => Ok(Self::Snippet(server)),
            (None, Some(folder)) => Ok(Self::Documents(folder)),
            (None, None) => Err(Trouble::usage(
                "no folder is named for the documents",
                "name one with -o DIR, or print what serves them with --server nginx",
            )),
        }
    }
}

/// The documents for one user are those of one domain.
fn refuse_another_domain(
    args: &DocumentsArgs,
    arguments: &[Listed],
    many: bool,
) -> Result<(), Trouble> {
    let Some(address) = &args.address else { return Ok(()) };
    let given = arguments.first().and_then(|subject| subject.parsed.as_ref().ok());
    match given {
        Some((domain, _)) if *domain == address.domain && !many => Ok(()),
        _ => Err(Trouble::usage(
            format!("--address names a user of {} alone", address.domain),
            format!("give that domain and no other: mailsrv documents {}", address.domain),
        )),
    }
}

/// Makes one domain after the other, and remembers what is to be said in the end.
struct Run<'a> {
    args: &'a DocumentsArgs,
    hosting: &'a Hosting,
    goal: Goal<'a>,
    options: Options,
    /// Whether each domain has a folder of its own.
    many: bool,
    written: u64,
    /// Those of them that stood there already.
    unchanged: u64,
    files: Vec<PathBuf>,
    left_out: BTreeMap<(Kind, Reason), u64>,
}

/// What is written for a domain.
enum Draft {
    Tree { place: PathBuf, files: Files },
    Snippet(String),
}

impl<'a> Run<'a> {
    fn new(args: &'a DocumentsArgs, hosting: &'a Hosting, goal: Goal<'a>, many: bool) -> Self {
        let user = args.address.as_ref().map(|address| address.user.clone());
        let options = Options { user, alternatives: args.alternatives };
        let (files, left_out) = (Vec::new(), BTreeMap::new());
        Self { args, hosting, goal, options, many, written: 0, unchanged: 0, files, left_out }
    }

    fn draft(&mut self, subject: &Listed) -> Result<Draft, String> {
        let (domain, columns) = subject.parsed.as_ref().map_err(Clone::clone)?;
        let plan = plan(domain, self.hosting, columns).map_err(|refusal| refusal.to_string())?;
        match self.goal {
            Goal::Documents(folder) => self.tree(folder, &plan),
            Goal::Snippet(server) => self.snippet(server, &plan),
        }
    }

    fn snippet(&self, server: WebServer, plan: &RecordPlan) -> Result<Draft, String> {
        let root = match self.many {
            true => format!("{}/{}", self.args.root.trim_end_matches('/'), plan.domain()),
            false => self.args.root.clone(),
        };
        let snippet = server.snippet(plan, &root);
        snippet.map(Draft::Snippet).ok_or_else(|| {
            "the profile publishes no name for documents; say `autoconfig: true` there".to_owned()
        })
    }

    fn tree(&mut self, folder: &Path, plan: &RecordPlan) -> Result<Draft, String> {
        let documents = documents(plan, self.hosting, &self.options);
        if documents.made.is_empty() {
            let reasons = documents.left_out.first().map(|(_, reason)| reason.to_string());
            return Err(format!("no document can be made: {}", reasons.unwrap_or_default()));
        }
        for left_out in documents.left_out {
            *self.left_out.entry(left_out).or_default() += 1;
        }
        let mut files = Files::new();
        for document in documents.made {
            for path in document.kind.paths(plan.domain()) {
                files.insert(path, document.text.clone());
            }
        }
        let place = self.place(folder, plan.domain());
        Ok(Draft::Tree { place, files })
    }

    fn place(&self, folder: &Path, domain: &MailDomain) -> PathBuf {
        if self.many { folder.join(domain.to_string()) } else { folder.to_owned() }
    }

    /// Makes the folder of the folders.
    fn prepare(&self) -> Result<(), Trouble> {
        match self.goal {
            Goal::Documents(folder) if self.many => fs::create_dir_all(folder)
                .map_err(|source| Trouble::Write { path: folder.to_owned(), source }),
            Goal::Documents(_) | Goal::Snippet(_) => Ok(()),
        }
    }

    fn put(&mut self, draft: &Draft, stdout: &mut dyn Write) -> Result<(), Trouble> {
        match draft {
            Draft::Tree { place, files } => match tree::put(place, files)? {
                Outcome::Unchanged => self.unchanged += 1,
                Outcome::Written if self.many => {}
                Outcome::Written => {
                    self.files.extend(files.keys().map(|path| place.join(path)));
                }
            },
            Draft::Snippet(snippet) => {
                let before = if self.written > 0 { "\n" } else { "" };
                write!(stdout, "{before}{snippet}").map_err(Trouble::Stdout)?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Says what was written and what was left out.
    fn say(&self, refused: u64, progress: &mut Progress<'_>) {
        for path in &self.files {
            progress.say(&printable(&format!("wrote {}", path.display())));
        }
        if let Goal::Documents(folder) = self.goal {
            let folder = folder.display();
            let text = match (self.many, self.unchanged) {
                (false, 0) => None,
                (false, _) => Some(format!("{folder} holds these documents already")),
                (true, unchanged) => Some(format!(
                    "document roots below {folder}: {} written, {unchanged} unchanged",
                    self.written - unchanged
                )),
            };
            text.iter().for_each(|text| progress.say(&printable(text)));
        }
        for ((kind, reason), count) in &self.left_out {
            let domains = match (self.many, count) {
                (false, _) => String::new(),
                (true, 1) => " (1 domain)".to_owned(),
                (true, count) => format!(" ({count} domains)"),
            };
            progress.say(&format!("left out: {}{domains}: {reason}", kind.title()));
        }
        if let Some(address) = &self.args.address {
            let text = format!("these documents are for {}@{} alone", address.user, address.domain);
            progress.say(&printable(&text));
        }
        if refused > 0 {
            let lines = if refused == 1 { "line was" } else { "lines were" };
            progress.say(&format!("{refused} {lines} refused"));
        }
    }
}
