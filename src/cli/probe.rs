//! `mailsrv probe`: what mail servers show to whoever connects to them.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use futures_util::stream;
use hickory_proto::rr::{RData, RecordType};

use super::domains::{Domains, Drafted};
use super::env::Env;
use super::probe_args::{ProbeArgs, ProbeFormat};
use super::progress::Progress;
use super::servers::{authorities, named, unresolved};
use super::trouble::Trouble;
use super::{exit, meeting, profile};
use crate::answer::{Answer, Failure};
use crate::audit::{
    Fault, Policy, Severity, Verdict, endpoints, inquire, judge_documents, judge_endpoint, unheard,
};
use crate::endpoint::{Endpoint, Protocol, Sighting};
use crate::hosting::Hosting;
use crate::inquiry::{Observed, Said};
use crate::interrupt::Interrupted;
use crate::list::Listed;
use crate::lookup::Lookup;
use crate::lookup::once::Once;
use crate::lookup::resolver::{Limits, Network, Options, Resolver, Server, Trust};
use crate::name::{HostName, MailDomain, path_text};
use crate::output::Output;
use crate::page::Fetched;
use crate::plan::{RecordPlan, plan};
use crate::probe::{Fetcher, Prober};
use crate::report::{BrokenVisit, DocumentVisit, Looks, Visit};
use crate::service::{Label, PACC_DIGEST_LABEL};
use crate::survey;
use crate::words::{counted, listed, push_hanging};

/// How many questions of DNS are under way at a time.
const QUESTIONS_AT_ONCE: usize = 64;

/// How many mail domains are asked about at a time.
const DOMAINS_AT_ONCE: usize = 32;

/// How often a DNS server is asked.
const TRIES: u32 = 2;

/// How long an answer of DNS is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is visited: an endpoint that was typed, or those of a mail domain.
enum Subject {
    Endpoint(Endpoint),
    Domain(Box<Drafted<RecordPlan>>),
}

/// What came of one.
struct Visited {
    domain: Option<MailDomain>,
    /// What was seen of each endpoint, with what DNS says of its TLSA records.
    seen: Vec<(Arc<Sighting>, Option<Answer>)>,
    /// The labels whose SRV records could not be looked up: what they name was not visited.
    unknown: Vec<&'static str>,
    /// What the web serves to the clients of a mail domain.
    documents: Option<Documents>,
    /// What is no mail domain: what was typed, its line in the input, and what is wrong with it.
    broken: Option<(String, Option<u64>, String)>,
}

/// What clients fetch of a mail domain, and what it is held against.
struct Documents {
    plan: Box<RecordPlan>,
    /// The TXT records of the digest of its PACC document.
    digests: Vec<RData>,
    fetched: Vec<Fetched>,
}

/// Reads everything that may be wrong with the arguments first, and visits one after the other.
pub(super) fn run(mut args: ProbeArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    refuse_one_file(&args)?;
    let typed = std::mem::take(&mut args.subjects.domains);
    let (hosts, domains): (Vec<_>, Vec<_>) = typed.into_iter().partition(|it| it.contains(':'));
    args.subjects.domains = domains;
    let hosts = hosts.iter().map(|typed| endpoint(typed, &args));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    let hosting = profile::read(&args.subjects, &env.interrupt)?;
    let trust = match &args.ca_file {
        Some(path) => authorities(path, &env.interrupt)?,
        None => Trust::public(),
    };
    refuse_idle(&args, hosts.is_empty())?;
    let is_listed = !args.subjects.domains.is_empty() || args.subjects.input.is_some();
    let mut untaken = None;
    let works: Box<dyn Iterator<Item = Subject>> = match is_listed {
        false => Box::new(std::iter::empty()),
        true => {
            let listed = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
            untaken = Some(listed.untaken());
            let (_, works) = listed.drafted(None, |domain, columns| {
                plan(domain, &hosting, columns).map_err(|refusal| refusal.to_string())
            })?;
            Box::new(works.map(|work| Subject::Domain(Box::new(work))))
        }
    };
    let to_terminal = env.stdout_is_terminal && args.subjects.output.is_none();
    let colour = args.color.is_on(to_terminal, env.no_color);
    let looks = Looks { colour, full: true, width: env.stdout_columns };
    let terms = args.visits.reach.terms(trust, args.timeout);
    let mut progress = Progress::new(&mut env.stderr, args.subjects.quiet, false);
    let output = args.subjects.output.as_deref();
    let mut output = Output::open(output, &mut env.stdout, &env.interrupt)?;
    let mut page = Page {
        args: &args,
        looks,
        policy: policy(&args, &hosting),
        worst: None,
        open: 0,
        unknown: 0,
        unheard: 0,
        unfetched: 0,
        count: 0,
        broken: 0,
    };
    let is_address = |endpoint: &Endpoint| endpoint.host.parse::<IpAddr>().is_ok();
    let asks_nobody = !is_listed && hosts.iter().all(is_address);
    let resolver = resolver(&args, asks_nobody)?;
    let works = hosts.into_iter().map(Subject::Endpoint).chain(works);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unresolved(&error))?;
    let interrupt = &env.interrupt;
    let ended = runtime.block_on(async {
        let fetcher = Fetcher::new(terms.clone());
        let (prober, lookup) = ((Prober::new(terms), fetcher), Once::new(resolver));
        let visits = stream::iter(works).map(|subject| visit(subject, &prober, &lookup));
        let mut visits = visits.buffered(DOMAINS_AT_ONCE);
        loop {
            tokio::select! {
                biased;
                signal = interrupt.raised() => return Err(Interrupted(signal).into()),
                visited = visits.next() => match visited {
                    Some(visited) => page.show(visited?, &mut output)?,
                    None => return Ok(()),
                },
            }
        }
    });
    end(ended, output, &mut progress)?;
    if let Some(untaken) = untaken {
        untaken.note(&mut progress);
    }
    if page.count > 1 {
        progress.note(&page.summary());
    }
    Ok(page.code())
}

/// What the profile and the command line say about severities.
fn policy(args: &ProbeArgs, hosting: &Hosting) -> Policy {
    let mut policy = Policy::default();
    policy.expiry = args.visits.expiry.as_secs();
    for (code, severity) in hosting.severities().iter().chain(&args.severity) {
        policy.set(*code, *severity);
    }
    policy
}

/// Visits what there is of a subject.
async fn visit<L: Lookup>(
    subject: Subject,
    (prober, fetcher): &(Prober, Fetcher),
    lookup: &L,
) -> Result<Visited, Trouble> {
    let (mut unknown, mut documents) = (Vec::new(), None);
    let (domain, endpoints) = match subject {
        Subject::Endpoint(endpoint) => (None, vec![endpoint]),
        Subject::Domain(work) => match (*work)? {
            (_, Ok(plan)) => {
                let observed = survey::conduct(inquire(&plan), lookup).await;
                unknown = unknown_labels(&plan, &observed);
                let digest = plan.domain().prefixed(&[PACC_DIGEST_LABEL]);
                let digests = observed.heard(&digest, RecordType::TXT).rdatas();
                let fetched = survey::fetch_documents(&plan, (lookup, fetcher)).await;
                let (domain, at) = (plan.domain().clone(), endpoints(&plan, &observed.into()));
                documents = Some(Documents { plan: Box::new(plan), digests, fetched });
                (Some(domain), at)
            }
            (Listed { typed, line, .. }, Err(error)) => {
                let broken = Some((typed, line, error));
                return Ok(Visited { domain: None, seen: Vec::new(), unknown, documents, broken });
            }
        },
    };
    let about = domain.as_ref();
    let visits = endpoints.iter().map(|endpoint| {
        let visit = survey::visit(prober, lookup, about, endpoint);
        join(visit, survey::associations(lookup, about, endpoint))
    });
    let seen = join_all(visits).await;
    Ok(Visited { domain, seen, unknown, documents, broken: None })
}

/// Where results go, and what they come to.
struct Page<'a> {
    args: &'a ProbeArgs,
    looks: Looks,
    policy: Policy,
    worst: Option<Severity>,
    /// How many endpoints could not be visited.
    open: usize,
    /// How many labels could not be looked up.
    unknown: usize,
    /// Of how many endpoints the TLSA records could not be looked up.
    unheard: usize,
    /// How many documents could not be fetched.
    unfetched: usize,
    count: usize,
    /// How many lines were no mail domain.
    broken: usize,
}

impl Page<'_> {
    fn show(&mut self, visited: Visited, output: &mut Output<'_>) -> Result<(), Trouble> {
        let Visited { domain, seen, unknown, documents, broken } = visited;
        let mut text = Vec::new();
        let is_json = self.args.format == ProbeFormat::Json;
        if let Some((typed, line, error)) = broken {
            self.broken += 1;
            let broken = BrokenVisit { typed: &typed, line, error: &error };
            let written = match is_json {
                true => broken.write_json(&mut text),
                false => broken.write_text(&mut text),
            };
            written.map_err(|error| output.failed(error))?;
        }
        let name = domain.as_ref().map(|domain| domain.as_str());
        if let (Some(name), ProbeFormat::Text) = (name, self.args.format) {
            text.extend_from_slice(format!("{name}\n").as_bytes());
        }
        self.unknown += unknown.len();
        if !unknown.is_empty() && !is_json {
            let labels = listed(&unknown);
            let mut page = String::new();
            let line = format!("the SRV records of {labels} could not be looked up");
            push_hanging(&mut page, &line, [2, 4], self.looks.width);
            text.extend_from_slice(page.as_bytes());
        }
        for (sighting, associations) in &seen {
            let associations = associations.as_ref();
            let (verdict, faults) =
                judge_endpoint(sighting, domain.as_ref(), associations, &self.policy);
            let unheard = associations.and_then(|answer| unheard(sighting, answer));
            self.take(verdict, unheard, &faults);
            let visit = Visit { domain: name, sighting, verdict, unheard, faults: &faults };
            let written = match self.args.format {
                ProbeFormat::Text => visit.write_text(self.looks, &mut text),
                ProbeFormat::Json => visit.write_json(&mut text),
            };
            written.map_err(|error| output.failed(error))?;
        }
        if let Some(documents) = &documents {
            self.show_documents(documents, &mut text).map_err(|error| output.failed(error))?;
        }
        output.put(&String::from_utf8_lossy(&text))?;
        output.show().map_err(|error| output.failed(error).into())
    }

    fn show_documents(&mut self, documents: &Documents, text: &mut Vec<u8>) -> io::Result<()> {
        let Documents { plan, digests, fetched } = documents;
        for judged in &judge_documents(plan, digests, fetched, &self.policy) {
            self.unfetched += usize::from(judged.verdict == Verdict::Unknown);
            self.worst = self.worst.max(judged.faults.iter().map(|fault| fault.severity).max());
            let visit = DocumentVisit { domain: plan.domain().as_str(), judged };
            match self.args.format {
                ProbeFormat::Text => visit.write_text(self.looks, text)?,
                ProbeFormat::Json => visit.write_json(text)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, verdict: Verdict, unheard: Option<Failure>, faults: &[Fault]) {
        self.count += 1;
        self.unheard += usize::from(unheard.is_some());
        self.open += usize::from(verdict == Verdict::Unknown && unheard.is_none());
        self.worst = self.worst.max(faults.iter().map(|fault| fault.severity).max());
    }

    fn summary(&self) -> String {
        let mut said =
            vec![format!("{}: {} not visited", counted(self.count, "endpoint"), self.open)];
        for (count, thing, what) in [
            (self.unknown, "SRV RRset", "not looked up"),
            (self.unheard, "TLSA RRset", "not looked up"),
            (self.unfetched, "document", "not fetched"),
            (self.broken, "line", "refused"),
        ] {
            if count > 0 {
                said.push(format!("{} {what}", counted(count, thing)));
            }
        }
        said.join("; ")
    }

    fn code(&self) -> u8 {
        if self.worst >= Some(self.args.fail_on) {
            exit::FINDINGS
        } else if self.open + self.unknown + self.unheard + self.unfetched + self.broken > 0 {
            exit::UNJUDGED
        } else {
            exit::CLEAN
        }
    }
}

/// Reads `HOST:PORT`, an address of IPv6 in brackets.
fn endpoint(typed: &str, args: &ProbeArgs) -> Result<Endpoint, Trouble> {
    const FORM: &str = "write HOST:PORT, as in mail.example.com:993 or [2001:db8::1]:993";
    let wrong = |what: &str| Trouble::usage(format!("`{typed}` {what}"), FORM);
    let (host, port) = typed.rsplit_once(':').ok_or_else(|| wrong("has no port"))?;
    let port = port.parse::<u16>().ok().filter(|port| *port != 0);
    let port = port.ok_or_else(|| wrong("has no port from 1 to 65535 at its end"))?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => {
            let address = address.parse::<std::net::Ipv6Addr>();
            address.map_err(|_error| wrong("has no address of IPv6 in its brackets"))?.to_string()
        }
        None if host.parse::<std::net::Ipv4Addr>().is_ok() => host.to_owned(),
        None => {
            let host = host.parse::<HostName>();
            host.map_err(|error| wrong(&format!("has no host: {error}")))?
                .to_string()
                .to_lowercase()
        }
    };
    let registered = Protocol::at_port(port);
    let protocol =
        args.protocol.map(Protocol::from).or_else(|| registered.map(|(protocol, _)| protocol));
    let mode = args.mode.map(Into::into).or_else(|| registered.map(|(_, mode)| mode));
    let (Some(protocol), Some(mode)) = (protocol, mode) else {
        return Err(Trouble::usage(
            format!("`{typed}`: port {port} is registered for no service of mail"),
            "say what is spoken there: --protocol submission --mode starttls",
        ));
    };
    let host = host.trim_end_matches('.').to_owned();
    Ok(Endpoint { host, port, protocol, mode })
}

/// Ends the output of a run that came to its end, or keeps what it has so far.
fn end(
    ended: Result<(), Trouble>,
    output: Output<'_>,
    progress: &mut Progress<'_>,
) -> Result<(), Trouble> {
    let Err(trouble) = ended else { return Ok(output.finish()?) };
    match output.keep() {
        Ok(Some(path)) => {
            progress.say(&format!("what was seen so far is in {}", path_text(&path)));
        }
        Ok(None) => {}
        Err(error) => progress.say(&Trouble::from(error).to_string()),
    }
    Err(trouble)
}

/// What is written over what is read is lost.
fn refuse_one_file(args: &ProbeArgs) -> Result<(), Trouble> {
    let written = args.subjects.output.as_deref().map(|path| ("--output", path));
    let ca_file = args.ca_file.as_deref().map(|path| ("--ca-file", path));
    let read: Vec<_> = meeting::read_by(&args.subjects).chain(ca_file).collect();
    meeting::refuse(written.as_slice(), read.iter().copied())?;
    meeting::refuse_kept(written.as_slice(), read.into_iter())
}

/// An option that would do nothing was meant otherwise.
fn refuse_idle(args: &ProbeArgs, has_no_hosts: bool) -> Result<(), Trouble> {
    let is_told = args.protocol.is_some() || args.mode.is_some();
    if is_told && has_no_hosts {
        return Err(Trouble::usage(
            "--protocol and --mode are about HOST:PORT, and none is given",
            "of a mail domain, its SRV records and the profile say what is spoken",
        ));
    }
    let is_listed = !args.subjects.domains.is_empty() || args.subjects.input.is_some();
    if args.subjects.shard.is_some() && !is_listed {
        return Err(Trouble::usage(
            "--shard is about mail domains, and none is given",
            "leave it out, or name a list with --input",
        ));
    }
    Ok(())
}

/// The labels of a domain whose SRV records are not known.
fn unknown_labels(plan: &RecordPlan, observed: &Observed) -> Vec<&'static str> {
    let is_unknown = |label: &Label| {
        let owner = plan.domain().prefixed(&label.prefix());
        let said = observed.heard(&owner, RecordType::SRV).said();
        matches!(said, Said::Failed(failure) if failure != Failure::NotAsked)
    };
    Label::ALL.into_iter().filter(is_unknown).map(Label::text).collect()
}

/// Whom to ask; where nobody is asked, it does not matter whether the system names a server.
fn resolver(args: &ProbeArgs, asks_nobody: bool) -> Result<Resolver, Trouble> {
    let options = Options { timeout: PATIENCE, tries: TRIES };
    let network = Network::new(Limits::in_flight(QUESTIONS_AT_ONCE), &Trust::public());
    if asks_nobody {
        return Ok(Resolver::among(&network, Vec::<Server>::new(), options));
    }
    if args.resolver.is_empty() {
        return Resolver::system(&network, options).map_err(|error| unresolved(&error));
    }
    Ok(Resolver::among(&network, named(&args.resolver)?, options))
}
