//! `mailsrv documents`: what clients fetch under the published names, as a folder to serve.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::DocumentsArgs;
use super::domains::{Domains, Shelf, put_each, refusals};
use super::env::Env;
use super::progress::Progress;
use super::trouble::Trouble;
use super::{exit, meeting, profile};
use crate::document::{
    Fleet, Kind, Options, Reason, SharedRefusal, WebServer, documents, shared_site,
};
use crate::hosting::Hosting;
use crate::name::{path_text, plain_text};
use crate::output::{OutputError, OutputFolder, Spared, Tree, put_tree};
use crate::plan::{RecordPlan, plan};
use crate::words::{counted, enumerate};

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
    let untaken = domains.untaken();
    let (_, drafts) = domains.drafted(Some("nothing was written"), |domain, columns| {
        let plan = plan(domain, &hosting, columns).map_err(|refusal| refusal.to_string())?;
        match goal {
            Goal::Documents(_) => maker.root(&plan),
            Goal::Snippet(server) => maker.snippet(server, plan),
        }
    })?;
    let roots = match goal {
        Goal::Documents(folder) if many => Some(OutputFolder::open(folder)?.sparing(spared(args))),
        Goal::Documents(_) | Goal::Snippet(_) => None,
    };
    let watched = env.stderr_is_terminal && many;
    let mut progress =
        Progress::new(&mut env.stderr, args.subjects.quiet, watched).folding(env.stderr_columns);
    let mut written = Written::to(&maker, roots, &mut env.stdout);
    let refused = put_each(drafts, &env.interrupt, &mut progress, &mut written)?;
    written.put_fleet(&maker)?;
    written.note(&maker, &mut progress);
    untaken.note(&mut progress);
    if refused > 0 {
        progress.note(&refusals(refused));
    }
    Ok(exit::of_refusals(refused))
}

/// The documents that serve all customers, or what serves them under the provider's own names.
fn run_provider(args: &DocumentsArgs, hosting: &Hosting, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let goal = Goal::of(args)?;
    let site = shared_site(hosting).map_err(|refusal| {
        let hint = match &refusal {
            SharedRefusal::Columns(columns) => {
                let settings = columns.iter().map(|column| format!("--set {column}=…"));
                let settings: Vec<String> = settings.collect();
                format!("make them once for each value: {}", settings.join(" "))
            }
            SharedRefusal::Hosts => OWN_HOST.to_owned(),
            _ => "nothing was written".to_owned(),
        };
        Trouble::usage(refusal.to_string(), hint)
    })?;
    let problem = |error: String| Trouble::usage(error, "nothing was written");
    let options = Options { user: None, alternatives: args.alternatives };
    let maker = Maker { args, hosting, goal, options, many: false };
    let made = match goal {
        Goal::Documents(_) => maker.root(&site.plan).map_err(problem)?,
        Goal::Snippet(server) => {
            let snippet = server.shared_snippet(&site, &args.root);
            let snippet = snippet.ok_or_else(|| problem(NO_NAMES.to_owned()))?;
            Made::Snippet { text: snippet, shared: None }
        }
    };
    let mut written = Written::to(&maker, None, &mut env.stdout);
    written.put(made)?;
    let mut progress = Progress::new(&mut env.stderr, args.subjects.quiet, false);
    for note in &site.notes {
        progress.note(note);
    }
    written.note(&maker, &mut progress);
    Ok(exit::CLEAN)
}

/// Said where hosts of the profile are those of customers.
pub(super) const OWN_HOST: &str =
    "name hosts of the provider's own, as in `host: mail.provider.example`";

/// The files that the run reads, which no document root takes with it.
fn spared(args: &DocumentsArgs) -> Vec<Spared> {
    meeting::spared(meeting::read_by(&args.subjects))
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
        /// The target of `_autodiscover._tcp` where it is not the mail domain's own.
        shared: Option<String>,
    },
    /// What one configuration serves together with others.
    Member(Box<RecordPlan>),
}

impl Maker<'_> {
    /// What the web server has to say for the names of a domain.
    fn snippet(&self, server: WebServer, plan: RecordPlan) -> Result<Made, String> {
        let root = &self.args.root;
        let snippet = match self.many {
            true => server.snippet(&plan, &root.of(plan.domain())),
            false => server.snippet(&plan, root),
        };
        let shared = WebServer::shared_target(&plan).map(plain_text);
        let text = snippet.or_else(|| shared.is_some().then(String::new));
        let text = text.ok_or_else(|| NO_NAMES.to_owned())?;
        Ok(match self.many && server.has_fleets() {
            true => Made::Member(Box::new(plan)),
            false => Made::Snippet { text, shared },
        })
    }

    /// How the documents of a target are made that all its customers share.
    fn sharing(&self) -> String {
        let given = self.args.subjects.set.iter();
        let given = given.map(|setting| format!(" --set {}={}", setting.column, setting.value));
        let open = self.hosting.columns().into_iter().map(|column| format!(" --set {column}=…"));
        let settings: String = given.chain(open).collect();
        format!("documents --provider{settings}")
    }

    /// The documents of a domain at all their paths; a domain without any is refused.
    fn root(&self, plan: &RecordPlan) -> Result<Made, String> {
        let documents = documents(plan, self.hosting, &self.options);
        if let Some(reason) = documents.nothing() {
            return Err(reason);
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
    /// What the root of one domain alone does not replace.
    spared: Vec<Spared>,
    stdout: &'a mut dyn Write,
    domains: usize,
    /// Those of them that stood there already.
    unchanged: usize,
    /// The files of one domain alone.
    files: Vec<PathBuf>,
    left_out: BTreeMap<(Kind, Reason), usize>,
    /// Whether a snippet stands in the output.
    snippets: bool,
    /// What one configuration serves for all of them.
    fleet: Fleet,
    /// The targets of `_autodiscover._tcp` that are not their mail domains' own.
    shared: BTreeSet<String>,
}

/// The most targets that are told apart in the end.
const MOST_TARGETS: usize = 1000;

impl Shelf<Made> for Written<'_> {
    fn look(&self, made: &Made) -> Result<(), OutputError> {
        match (made, &self.roots) {
            (Made::Root { name, .. }, Some(roots)) => roots.look_at_tree(OsStr::new(name)),
            (Made::Root { .. } | Made::Snippet { .. } | Made::Member(_), _) => Ok(()),
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
                    None => put_tree(folder, &tree, &self.spared)?,
                };
                if !is_new {
                    self.unchanged += 1;
                } else if self.roots.is_none() {
                    self.files = tree.keys().map(|path| folder.join(path)).collect();
                }
            }
            (Made::Root { .. }, Goal::Snippet(_)) => {}
            (Made::Member(plan), _) => {
                self.share(WebServer::shared_target(&plan).map(plain_text));
                self.fleet.add(&plan);
            }
            (Made::Snippet { text, shared }, _) => {
                let before = if self.snippets && !text.is_empty() { "\n" } else { "" };
                write!(self.stdout, "{before}{text}").map_err(OutputError::Stdout)?;
                self.snippets |= !text.is_empty();
                self.share(shared);
            }
        }
        self.domains += 1;
        Ok(())
    }

    fn so_far(&mut self) -> Option<String> {
        let whose = counted(self.domains, "domain");
        match self.goal {
            // What the one root holds, the error says.
            Goal::Documents(_) if self.roots.is_none() => None,
            _ if self.domains == 0 => Some("nothing was written".to_owned()),
            Goal::Documents(folder) => {
                Some(format!("the document roots of {whose} stand below {}", path_text(folder)))
            }
            Goal::Snippet(_) => Some(format!("the snippets of {whose} are written")),
        }
    }
}

impl<'a> Written<'a> {
    fn to(maker: &Maker<'a>, roots: Option<OutputFolder>, stdout: &'a mut dyn Write) -> Self {
        let (files, left_out) = (Vec::new(), BTreeMap::new());
        Self {
            goal: maker.goal,
            roots,
            spared: spared(maker.args),
            stdout,
            domains: 0,
            unchanged: 0,
            files,
            left_out,
            snippets: false,
            fleet: Fleet::of(maker.hosting),
            shared: BTreeSet::new(),
        }
    }

    /// Remembers a target.
    fn share(&mut self, target: Option<String>) {
        if let Some(target) = target.filter(|_| self.shared.len() < MOST_TARGETS) {
            self.shared.insert(target);
        }
    }

    /// Writes what serves all of a list, where the web server has such a form.
    fn put_fleet(&mut self, maker: &Maker<'_>) -> Result<(), OutputError> {
        let Goal::Snippet(server) = self.goal else { return Ok(()) };
        let snippet = self.fleet.snippet(server, &maker.args.root).unwrap_or_default();
        self.stdout.write_all(snippet.as_bytes()).map_err(OutputError::Stdout)
    }

    /// Says in the end what was written, and once for each kind of document why it was left out.
    fn note(&self, maker: &Maker<'_>, progress: &mut Progress<'_>) {
        for path in &self.files {
            progress.note(&format!("wrote {}", path_text(path)));
        }
        if let Goal::Documents(folder) = maker.goal {
            let (folder, unchanged) = (path_text(folder), self.unchanged);
            if maker.many {
                let new = self.domains - unchanged;
                progress.note(&format!(
                    "document roots below {folder}: {new} written, {unchanged} unchanged"
                ));
            } else if unchanged > 0 {
                progress.note(&format!("{folder} holds these documents already"));
            }
        }
        if let Some(note) = self.of_targets(maker) {
            progress.note(&note);
        }
        if self.fleet.left_out() > 0 {
            progress.note(&format!(
                "left out: the targets of `_autodiscover._tcp` of {}: one configuration serves a few names for all; `--server nginx` has a site for each",
                counted(self.fleet.left_out(), "domain")
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

    /// Says what makes the sites of targets that are not the mail domains' own.
    fn of_targets(&self, maker: &Maker<'_>) -> Option<String> {
        let targets: Vec<String> = self.shared.iter().cloned().collect();
        let are = match targets.len() {
            0 => return None,
            1 => "is the target of `_autodiscover._tcp`, and",
            _ => "are targets of `_autodiscover._tcp`, and each is",
        };
        let make = maker.sharing();
        let done = match self.fleet.serves_hosts() {
            true => {
                format!(
                    "`{make} -o {}` writes its documents, which Caddy serves then",
                    maker.args.root.below("TARGET")
                )
            }
            false => format!("`{make}` makes it"),
        };
        Some(format!("{} {are} one site for all its customers: {done}", enumerate(&targets)))
    }
}
