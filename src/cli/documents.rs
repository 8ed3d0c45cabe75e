//! `mailsrv documents`: what clients fetch under the published names, as a folder to serve.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::DocumentsArgs;
use super::domains::{Domains, Shelf, put_each, refusals};
use super::env::Env;
use super::progress::Progress;
use super::trouble::Trouble;
use super::{exit, profile};
use crate::document::{Kind, Options, Reason, WebServer, documents};
use crate::hosting::{Columns, Hosting};
use crate::name::{MailDomain, NameError, plain_text};
use crate::output::{OutputError, OutputFolder, Tree, put_tree};
use crate::plan::{LabelPlan, RecordPlan, plan, plan_provider, registrable};
use crate::words::counted;

/// Writes a document root for each domain, or prints a snippet for the web server.
pub(super) fn run(args: &DocumentsArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let hosting = profile::read(&args.subjects, &env.interrupt)?;
    if args.provider {
        return run_provider(args, &hosting, env);
    }
    // A profile is right for all commands or for none.
    let domains = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
    refuse_another_domain(args, &domains)?;
    let goal = Goal::of(args)?;
    let many = domains.many();
    let user = args.address.as_ref().map(|address| address.user.clone());
    let options = Options { user, alternatives: args.alternatives };
    let maker = Maker { args, hosting: &hosting, goal, options, many };
    let repeats = domains.repeats();
    let (_, drafts) = domains.drafted(Some("nothing was written"), |domain, columns| {
        let plan = plan(domain, &hosting, columns).map_err(|refusal| refusal.to_string())?;
        match goal {
            Goal::Documents(_) => maker.root(&plan),
            Goal::Snippet(server) => maker.snippet(server, &plan),
        }
    })?;
    let roots = match goal {
        Goal::Documents(folder) if many => Some(OutputFolder::open(folder)?),
        Goal::Documents(_) | Goal::Snippet(_) => None,
    };
    let watched = env.stderr_is_terminal && many;
    let mut progress =
        Progress::new(&mut env.stderr, args.subjects.quiet, watched).folding(env.stderr_columns);
    let mut written = Written::to(goal, roots, &mut env.stdout);
    let refused = put_each(drafts, &env.interrupt, &mut progress, &mut written)?;
    if let (Goal::Snippet(server), true) = (goal, written.domains > 0 && many)
        && let Some(snippet) = server.fleet_snippet(&hosting, &args.root)
    {
        written.stdout.write_all(snippet.as_bytes()).map_err(OutputError::Stdout)?;
    }
    written.note(&maker, &mut progress);
    repeats.note(&mut progress);
    if refused > 0 {
        progress.note(&refusals(refused));
    }
    Ok(exit::of_refusals(refused))
}

/// The documents that serve all customers, or what serves them under the provider's own names.
fn run_provider(args: &DocumentsArgs, hosting: &Hosting, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let goal = Goal::of(args)?;
    let target = hosting.autodiscover_target().and_then(|target| target.fixed());
    let zone = match (plan_provider(hosting, None), target) {
        (Ok(plan), _) => Ok(plan),
        (Err(_refusal), Some(target)) => Err(registrable(target.name())),
        (Err(refusal), None) => {
            return Err(Trouble::usage(refusal.to_string(), "nothing was written"));
        }
    };
    let apex = zone.as_ref().map_or_else(Clone::clone, |plan| plan.zone().clone());
    let problem = |error: String| Trouble::usage(error, "nothing was written");
    let domain: MailDomain =
        plain_text(&apex).parse().map_err(|error: NameError| problem(error.to_string()))?;
    let of = |domain: &MailDomain| {
        plan(domain, hosting, &Columns::default()).map_err(|refusal| problem(refusal.to_string()))
    };
    let own = of(&domain)?;
    let customer = of(&"customer.example".parse().expect("it is a mail domain"))?;
    let hosts = |plan: &RecordPlan| -> Vec<_> {
        plan.labels().iter().flat_map(LabelPlan::in_line).map(|srv| srv.target.clone()).collect()
    };
    if hosts(&own) != hosts(&customer) {
        return Err(Trouble::usage(
            "the hosts of the profile depend on the mail domain, and so do its documents",
            "name hosts of the provider's own, as in `host: mail.provider.example`",
        ));
    }
    let options = Options { user: None, alternatives: args.alternatives };
    let maker = Maker { args, hosting, goal, options, many: false };
    let made = match goal {
        Goal::Documents(_) => maker.root(&own).map_err(problem)?,
        Goal::Snippet(server) => {
            let snippet = server.provider_snippet(zone.as_ref().ok(), hosting, &args.root);
            let snippet = snippet.ok_or_else(|| problem(NO_NAMES.to_owned()))?;
            Made::Snippet { text: snippet, outside: None }
        }
    };
    let mut written = Written::to(goal, None, &mut env.stdout);
    written.put(made)?;
    let mut progress = Progress::new(&mut env.stderr, args.subjects.quiet, false);
    written.note(&maker, &mut progress);
    Ok(exit::CLEAN)
}

/// Said where nothing is published that documents stand behind.
const NO_NAMES: &str = "the profile publishes no name for documents; say `autoconfig: true` there";

/// What a run is to write.
#[derive(Clone, Copy)]
enum Goal<'a> {
    /// The folder of the document root, or of those of several domains.
    Documents(&'a Path),
    Snippet(WebServer),
}

impl<'a> Goal<'a> {
    /// Nothing is written where the user has not named a place: documents are many files.
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
fn refuse_another_domain(args: &DocumentsArgs, domains: &Domains<'_>) -> Result<(), Trouble> {
    match &args.address {
        Some(address) if domains.more || domains.arguments() != [&address.domain] => {
            Err(Trouble::usage(
                format!("--address names a user of {} alone", address.domain),
                format!("give that domain and no other: mailsrv documents {}", address.domain),
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// Makes what is written for a domain.
struct Maker<'a> {
    args: &'a DocumentsArgs,
    hosting: &'a Hosting,
    goal: Goal<'a>,
    options: Options,
    /// Whether each domain has a folder of its own.
    many: bool,
}

/// What is written for a domain.
enum Made {
    /// The name of the root is that of the domain.
    Root { name: String, tree: Tree, left_out: Vec<(Kind, Reason)> },
    Snippet {
        text: String,
        /// The target of `_autodiscover._tcp` where it lies outside the mail domain.
        outside: Option<String>,
    },
}

impl Maker<'_> {
    /// What the web server has to say for the names of a domain.
    fn snippet(&self, server: WebServer, plan: &RecordPlan) -> Result<Made, String> {
        let root = &self.args.root;
        let snippet = match self.many {
            true => server.snippet(plan, &root.of(plan.domain())),
            false => server.snippet(plan, root),
        };
        let target = plan.autodiscover().and_then(|set| set.srvs().next());
        let outside = target
            .filter(|srv| !plan.domain().name().zone_of(&srv.target))
            .map(|srv| plain_text(&srv.target));
        // One configuration stands for all of them.
        let is_fleet = self.many && server.fleet_snippet(self.hosting, root).is_some();
        let text = snippet.or_else(|| outside.is_some().then(String::new));
        let text = text.ok_or_else(|| NO_NAMES.to_owned())?;
        Ok(Made::Snippet { text: if is_fleet { String::new() } else { text }, outside })
    }

    /// The documents of a domain at all their paths; a domain without any is refused.
    fn root(&self, plan: &RecordPlan) -> Result<Made, String> {
        let documents = documents(plan, self.hosting, &self.options);
        if documents.made.is_empty() {
            let reasons = documents.left_out.first().map(|(_, reason)| reason.to_string());
            return Err(format!("no document can be made: {}", reasons.unwrap_or_default()));
        }
        let mut tree = Tree::new();
        for document in documents.made {
            for path in document.kind.paths(plan.domain()) {
                tree.insert(path, document.text.clone());
            }
        }
        let name = plan.domain().to_string();
        Ok(Made::Root { name, tree, left_out: documents.left_out })
    }
}

/// Where documents and snippets go, and what is to be said in the end.
struct Written<'a> {
    goal: Goal<'a>,
    /// The folder of the roots, where there are several.
    roots: Option<OutputFolder>,
    stdout: &'a mut dyn Write,
    domains: usize,
    /// Those of them that stood there already.
    unchanged: usize,
    /// The files of one domain alone.
    files: Vec<PathBuf>,
    left_out: BTreeMap<(Kind, Reason), usize>,
    /// Whether a snippet stands in the output.
    snippets: bool,
    /// The first target of `_autodiscover._tcp` outside its mail domain.
    outside: Option<String>,
}

impl Shelf<Made> for Written<'_> {
    fn look(&self, made: &Made) -> Result<(), OutputError> {
        match (made, &self.roots) {
            (Made::Root { name, .. }, Some(roots)) => roots.look_at_tree(OsStr::new(name)),
            (Made::Root { .. } | Made::Snippet { .. }, _) => Ok(()),
        }
    }

    /// Writes what was made for a domain; a root that stands as it should is left untouched.
    fn put(&mut self, made: Made) -> Result<(), OutputError> {
        match (made, self.goal) {
            (Made::Root { name, tree, left_out }, Goal::Documents(folder)) => {
                for left_out in left_out {
                    *self.left_out.entry(left_out).or_default() += 1;
                }
                let is_new = match &self.roots {
                    Some(roots) => roots.put_tree(OsStr::new(&name), &tree)?,
                    None => put_tree(folder, &tree)?,
                };
                if !is_new {
                    self.unchanged += 1;
                } else if self.roots.is_none() {
                    self.files = tree.keys().map(|path| folder.join(path)).collect();
                }
            }
            (Made::Root { .. }, Goal::Snippet(_)) => {}
            (Made::Snippet { text, outside }, _) => {
                let before = if self.snippets && !text.is_empty() { "\n" } else { "" };
                write!(self.stdout, "{before}{text}").map_err(OutputError::Stdout)?;
                self.snippets |= !text.is_empty();
                self.outside = self.outside.take().or(outside);
            }
        }
        self.domains += 1;
        Ok(())
    }

    fn so_far(&self) -> String {
        let whose = counted(self.domains, "domain");
        match self.goal {
            Goal::Documents(folder) => {
                format!("the document roots of {whose} stand below {}", folder.display())
            }
            Goal::Snippet(_) => format!("the snippets of {whose} are written"),
        }
    }
}

impl<'a> Written<'a> {
    fn to(goal: Goal<'a>, roots: Option<OutputFolder>, stdout: &'a mut dyn Write) -> Self {
        let (files, left_out) = (Vec::new(), BTreeMap::new());
        Self {
            goal,
            roots,
            stdout,
            domains: 0,
            unchanged: 0,
            files,
            left_out,
            snippets: false,
            outside: None,
        }
    }

    /// Says in the end what was written, and once for each kind of document why it was left out.
    fn note(&self, maker: &Maker<'_>, progress: &mut Progress<'_>) {
        for path in &self.files {
            progress.note(&format!("wrote {}", path.display()));
        }
        if let Goal::Documents(folder) = maker.goal {
            let (folder, unchanged) = (folder.display(), self.unchanged);
            if maker.many {
                let new = self.domains - unchanged;
                progress.note(&format!(
                    "document roots below {folder}: {new} written, {unchanged} unchanged"
                ));
            } else if unchanged > 0 {
                progress.note(&format!("{folder} holds these documents already"));
            }
        }
        if let Some(target) = &self.outside {
            progress.note(&format!(
                "{target} is the target of `_autodiscover._tcp`, and one site for all its customers: `documents --provider` makes it"
            ));
        }
        for ((kind, reason), count) in &self.left_out {
            let domains = match maker.many {
                false => String::new(),
                true => format!(" ({})", counted(*count, "domain")),
            };
            progress.note(&format!("left out: {}{domains}: {reason}", kind.title()));
        }
        if let Some(address) = &maker.args.address {
            let (user, domain) = (&address.user, &address.domain);
            progress.note(&format!("these documents are for {user}@{domain} alone"));
        }
    }
}
