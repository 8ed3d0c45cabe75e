//! `mailsrv probe`: what mail servers show to whoever connects to them.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use futures_util::stream;

use super::domains::{Domains, Drafted};
use super::env::Env;
use super::probe_args::{ProbeArgs, ProbeFormat};
use super::servers::{MAX_AUTHORITIES, unresolved};
use super::trouble::Trouble;
use super::{exit, profile};
use crate::audit::{
    Expected, Fault, Policy, Severity, Verdict, endpoints, inquire, judge_endpoint,
};
use crate::endpoint::{Endpoint, Protocol, Sighting};
use crate::interrupt::{Interrupt, Interrupted};
use crate::list::Listed;
use crate::lookup::Lookup;
use crate::lookup::once::Once;
use crate::lookup::resolver::{Limits, Network, Options, Resolver, Server, Trust};
use crate::name::{HostName, path_text};
use crate::output::Output;
use crate::plan::{RecordPlan, plan};
use crate::probe::{Prober, Terms};
use crate::report::{Looks, Visit};
use crate::survey;
use crate::words::counted;

/// How many connections there are at a time.
const AT_ONCE: usize = 64;

/// How many mail domains are asked about at a time.
const DOMAINS_AT_ONCE: usize = 32;

/// How often a DNS server is asked.
const TRIES: u32 = 2;

/// How long an answer of DNS is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// What is visited: an endpoint that was typed, or those of a mail domain.
enum Subject {
    Endpoint(Endpoint),
    Domain(Box<Drafted<RecordPlan>>),
}

/// What came of one: the endpoints with the domain, or why there are none.
struct Visited {
    domain: Option<crate::name::MailDomain>,
    seen: Result<Vec<std::rc::Rc<Sighting>>, String>,
}

/// Reads everything that may be wrong with the arguments first, and visits one after the other.
pub(super) fn run(mut args: ProbeArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let typed = std::mem::take(&mut args.subjects.domains);
    let (hosts, domains): (Vec<_>, Vec<_>) = typed.into_iter().partition(|it| it.contains(':'));
    args.subjects.domains = domains;
    let hosts = hosts.iter().map(|typed| endpoint(typed, &args));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    let hosting = profile::read(&args.subjects, &env.interrupt)?;
    let trust = trust(args.ca_file.as_deref(), &env.interrupt)?;
    let resolver = resolver(&args)?;
    let mut policy = Policy::default();
    for (code, severity) in hosting.severities().iter().chain(&args.severity) {
        policy.set(*code, *severity);
    }
    let is_listed = !args.subjects.domains.is_empty() || args.subjects.input.is_some();
    let works: Box<dyn Iterator<Item = Subject>> = match is_listed {
        false => Box::new(std::iter::empty()),
        true => {
            let listed = Domains::open(&args.subjects, &hosting, &mut env.stdin, &env.interrupt)?;
            let (_, works) = listed.drafted(None, |domain, columns| {
                plan(domain, &hosting, columns).map_err(|refusal| refusal.to_string())
            })?;
            Box::new(works.map(|work| Subject::Domain(Box::new(work))))
        }
    };
    let to_terminal = env.stdout_is_terminal && args.subjects.output.is_none();
    let colour = args.color.is_on(to_terminal, env.no_color);
    let looks = Looks { colour, full: true, width: env.stdout_columns };
    let now = now();
    let terms = Terms {
        timeout: args.timeout,
        allow_private: args.probe_private,
        trust,
        now,
        at_once: AT_ONCE,
    };
    let output = args.subjects.output.as_deref();
    let mut output = Output::open(output, &mut env.stdout, &env.interrupt)?;
    let mut page = Page { args: &args, looks, policy, now, worst: None, open: 0, count: 0 };
    let works = hosts.into_iter().map(Subject::Endpoint).chain(works);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unresolved(&error))?;
    let interrupt = &env.interrupt;
    let ended = runtime.block_on(async {
        let (prober, lookup) = (Prober::new(terms), Once::new(resolver));
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
    match ended {
        Ok(()) => output.finish()?,
        Err(trouble) => {
            let _kept = output.keep();
            return Err(trouble);
        }
    }
    if page.count > 1 && !args.subjects.quiet {
        env.say(&page.summary());
    }
    Ok(page.code())
}

/// Visits what there is of a subject.
async fn visit<L: Lookup>(
    subject: Subject,
    prober: &Prober,
    lookup: &L,
) -> Result<Visited, Trouble> {
    let (domain, endpoints) = match subject {
        Subject::Endpoint(endpoint) => (None, vec![endpoint]),
        Subject::Domain(work) => match (*work)? {
            (_, Ok(plan)) => {
                let observed = survey::conduct(inquire(&plan), lookup).await;
                (Some(plan.domain().clone()), endpoints(&plan, &observed))
            }
            (Listed { typed, .. }, Err(error)) => {
                return Ok(Visited { domain: None, seen: Err(format!("{typed}: {error}")) });
            }
        },
    };
    let visits = endpoints.iter().map(|endpoint| survey::visit(prober, lookup, endpoint));
    Ok(Visited { domain, seen: Ok(futures_util::future::join_all(visits).await) })
}

/// Where results go, and what they come to.
struct Page<'a> {
    args: &'a ProbeArgs,
    looks: Looks,
    policy: Policy,
    now: u64,
    worst: Option<Severity>,
    /// How many could not be visited.
    open: usize,
    count: usize,
}

impl Page<'_> {
    fn show(&mut self, visited: Visited, output: &mut Output<'_>) -> Result<(), Trouble> {
        let Visited { domain, seen } = visited;
        let sightings = match seen {
            Ok(sightings) => sightings,
            Err(error) => {
                self.open += 1;
                self.count += 1;
                return Ok(output.put(&format!("{error}\n"))?);
            }
        };
        let mut text = Vec::new();
        let name = domain.as_ref().map(|domain| domain.as_str());
        if let (Some(name), ProbeFormat::Text) = (name, self.args.format) {
            text.extend_from_slice(format!("{name}\n").as_bytes());
        }
        let expiry = self.args.expiry.as_secs();
        for sighting in &sightings {
            let expected = Expected { domain: domain.as_ref(), now: self.now, expiry };
            let (verdict, faults) = judge_endpoint(sighting, expected, &self.policy);
            self.take(verdict, &faults);
            let visit = Visit { domain: name, sighting, verdict, faults: &faults };
            let written = match self.args.format {
                ProbeFormat::Text => visit.write_text(self.looks, &mut text),
                ProbeFormat::Json => visit.write_json(&mut text),
            };
            written.map_err(|error| output.failed(error))?;
        }
        output.put(&String::from_utf8_lossy(&text))?;
        output.show().map_err(|error| output.failed(error).into())
    }

    fn take(&mut self, verdict: Verdict, faults: &[Fault]) {
        self.count += 1;
        self.open += usize::from(verdict == Verdict::Unknown);
        self.worst = self.worst.max(faults.iter().map(|fault| fault.severity).max());
    }

    fn summary(&self) -> String {
        format!("{}: {} not visited", counted(self.count, "endpoint"), self.open)
    }

    fn code(&self) -> u8 {
        if self.worst >= Some(self.args.fail_on) {
            exit::FINDINGS
        } else if self.open > 0 {
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

/// The authorities of `--ca-file`, or the public ones.
fn trust(path: Option<&Path>, interrupt: &Interrupt) -> Result<Trust, Trouble> {
    let Some(path) = path else { return Ok(Trust::public()) };
    let wrong = |problem: String| Trouble::Input { file: path_text(path), problem };
    let pem = profile::octets(path, MAX_AUTHORITIES, interrupt)?;
    if pem.len() > MAX_AUTHORITIES {
        return Err(wrong(format!("larger than {MAX_AUTHORITIES} octets")));
    }
    Trust::of_pem(&pem).map_err(|error| wrong(error.to_string()))
}

fn resolver(args: &ProbeArgs) -> Result<Resolver, Trouble> {
    let options = Options { timeout: PATIENCE, tries: TRIES };
    let network = Network::new(Limits::in_flight(AT_ONCE), &Trust::public());
    if args.resolver.is_empty() {
        return Resolver::system(&network, options).map_err(|error| unresolved(&error));
    }
    let named = args.resolver.iter().map(|typed| typed.parse::<Server>());
    let named: Vec<_> = named
        .collect::<Result<_, _>>()
        .map_err(|error| Trouble::Usage { problem: error.to_string(), hint: None })?;
    Ok(Resolver::among(&network, named, options))
}

#[expect(clippy::disallowed_methods, reason = "certificates are valid for a time")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
