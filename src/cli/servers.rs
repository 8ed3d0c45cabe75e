//! The servers that a run asks: those of `--resolver`, or the system's.

use std::error::Error;
use std::io::{self, BufReader};
use std::path::Path;

use super::ask_args::AskArgs;
use super::profile;
use super::trouble::Trouble;
use crate::interrupt::{Interrupt, Interrupted, Waiting};
use crate::lookup::authority::{Authority, Hints};
use crate::lookup::compared::Compared;
use crate::lookup::once::Once;
use crate::lookup::resolver::{
    Letters, Limits, Network, Options, Resolver, Server, Trust, USUAL_WINDOW,
    is_out_of_descriptors, locate, room,
};
use crate::lookup::validator::Anchors;
use crate::name::path_text;

/// The most questions that are on their way to the resolvers at one time.
const QUESTIONS_IN_FLIGHT: usize = 256;

/// The octets of a file of authorities at most; that of a whole system has a quarter of a MiB.
const MAX_AUTHORITIES: usize = 4 << 20;

/// Whom to ask, and how.
pub(super) struct Servers {
    /// Without any, the system's are asked.
    named: Vec<Server>,
    /// Whether each of these is asked for itself.
    compare: bool,
    network: Network,
    /// Whose certificates are believed.
    trust: Trust,
    /// Whether what they say of DNSSEC is believed wherever they are.
    trust_ad: bool,
    /// The keys by which answers are validated here, too, where they are.
    anchors: Option<Anchors>,
    options: Options,
    interrupt: Interrupt,
}

impl Servers {
    /// Reads what the command line names; whether servers answer, the first question tells.
    ///
    /// Whether others than these are visited, too, for whom `--ca-file` may be.
    pub(super) fn read(
        args: &AskArgs,
        visits_others: bool,
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let named = named(&args.resolver)?;
        let options = Options { timeout: args.manners.timeout, tries: args.manners.tries };
        let limits = Limits {
            in_flight: room(QUESTIONS_IN_FLIGHT, &named),
            at_each: USUAL_WINDOW.max(args.manners.concurrency.unwrap_or_default() as usize),
            rate: args.manners.rate.unwrap_or_default(),
        };
        let named = if args.compare { distinct(named) } else { named };
        if args.compare && named.len() < 2 {
            return Err(Trouble::usage(
                "--compare needs two different resolvers at least",
                "give --resolver once for each",
            ));
        }
        let letters = if args.random_case { Letters::Drawn } else { Letters::Lower };
        let trust = trust(args, &named, visits_others, interrupt)?;
        let network = Network::spelling(letters, limits, &trust);
        let anchors = args.validate.then(|| anchors(args, interrupt)).transpose()?;
        let (compare, trust_ad) = (args.compare, args.trust_ad);
        let interrupt = interrupt.clone();
        Ok(Self { named, compare, network, trust, trust_ad, anchors, options, interrupt })
    }

    /// The keys by which answers are validated here, too; None where they are not.
    pub(super) fn anchors(&self) -> Option<Anchors> {
        self.anchors.clone()
    }

    /// Whose certificates are believed.
    pub(super) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Whether the command line names none.
    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// What is known of all that are asked.
    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// The resolver that asks them in turn. The system's servers are asked for the addresses of
    /// those that are given by their names.
    pub(super) async fn resolver(&self) -> Result<Resolver, Trouble> {
        let resolver = self.untrusted().await?;
        Ok(if self.trust_ad { resolver.trusting_ad() } else { resolver })
    }

    async fn untrusted(&self) -> Result<Resolver, Trouble> {
        if self.is_empty() {
            return self.of_system();
        }
        let mut located = Vec::new();
        for server in &self.named {
            located.extend(self.located(server).await?);
        }
        Ok(Resolver::among(&self.network, located, self.options))
    }

    /// Whether they are to be compared.
    pub(super) fn are_compared(&self) -> bool {
        self.compare
    }

    /// Each of them for itself.
    pub(super) async fn compared(&self) -> Result<Compared<Once<Resolver>>, Trouble> {
        let mut each = Vec::new();
        for server in &self.named {
            let located = self.located(server).await?;
            let resolver = Resolver::among(&self.network, located, self.options);
            let resolver = if self.trust_ad { resolver.trusting_ad() } else { resolver };
            each.push((server.to_string(), Once::new(resolver)));
        }
        Ok(Compared::new(each))
    }

    /// The servers of the zones themselves, where these are to be asked.
    pub(super) fn authority(&self, args: &AskArgs) -> Result<Option<Authority>, Trouble> {
        if !args.authoritative {
            return Ok(None);
        }
        let hints = match &args.root_hints {
            None => Hints::iana(),
            Some(path) => {
                let file = Waiting::open(path, &self.interrupt)
                    .map_err(|source| Trouble::Read { path: path.clone(), source })?;
                Hints::read(BufReader::new(file), &path_text(path))
                    .map_err(|error| Trouble::Profile(format!("error: {error}")))?
            }
        };
        Ok(Some(Authority::new(&self.network, hints, args.port, self.options)))
    }

    async fn located(&self, server: &Server) -> Result<Vec<Server>, Trouble> {
        if server.address().is_some() {
            return Ok(vec![server.clone()]);
        }
        let system = self.of_system()?;
        tokio::select! {
            biased;
            signal = self.interrupt.raised() => Err(Interrupted(signal).into()),
            located = locate(server, &system) => {
                located.map_err(|error| Trouble::Usage { problem: error.to_string(), hint: None })
            }
        }
    }

    fn of_system(&self) -> Result<Resolver, Trouble> {
        Resolver::system(&self.network, self.options).map_err(|error| unresolved(&error))
    }
}

/// Each once: one that is given twice agrees with itself, which tells nothing.
fn distinct(named: Vec<Server>) -> Vec<Server> {
    let mut distinct = Vec::with_capacity(named.len());
    for server in named {
        if !distinct.contains(&server) {
            distinct.push(server);
        }
    }
    distinct
}

/// Why nobody can be asked; a limit of this process is none of the system's resolvers.
pub(super) fn unresolved(error: &(dyn Error + 'static)) -> Trouble {
    let problem = error.to_string();
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let mut causes = causes.filter_map(|cause| cause.downcast_ref::<io::Error>());
    match causes.any(is_out_of_descriptors) {
        true => Trouble::Descriptors { problem },
        false => Trouble::Resolver { problem },
    }
}

/// The authorities of `--ca-file`, or those that are built in.
pub(super) fn trust(
    args: &AskArgs,
    named: &[Server],
    visits_others: bool,
    interrupt: &Interrupt,
) -> Result<Trust, Trouble> {
    let Some(path) = &args.ca_file else { return Ok(Trust::public()) };
    // What is wrong with it is told where it is asked.
    let transfer = args.zones.transfer.as_ref().and_then(|typed| typed.parse::<Server>().ok());
    let is_encrypted = |server: &Server| server.transport().is_encrypted();
    if !visits_others && !named.iter().chain(&transfer).any(is_encrypted) {
        let option = if named.is_empty() { "--transfer" } else { "--resolver" };
        return Err(Trouble::usage(
            format!("--ca-file is for servers with a certificate, and {option} names none"),
            "name one: --resolver tls://192.0.2.1#dns.example",
        ));
    }
    authorities(path, interrupt)
}

/// The authorities of a file, whoever's certificates they are for.
pub(super) fn authorities(path: &Path, interrupt: &Interrupt) -> Result<Trust, Trouble> {
    let wrong = |problem: String| Trouble::Input { file: path_text(path), problem };
    let pem = profile::octets(path, MAX_AUTHORITIES, interrupt)?;
    if pem.len() > MAX_AUTHORITIES {
        return Err(wrong(format!("larger than {MAX_AUTHORITIES} octets")));
    }
    Trust::of_pem(&pem).map_err(|error| wrong(error.to_string()))
}

/// The servers of `--resolver`.
pub(super) fn named(typed: &[String]) -> Result<Vec<Server>, Trouble> {
    let servers = typed.iter().map(|typed| typed.parse::<Server>());
    servers
        .collect::<Result<_, _>>()
        .map_err(|error| Trouble::Usage { problem: error.to_string(), hint: None })
}

/// The keys of `--trust-anchor`, or IANA's.
fn anchors(args: &AskArgs, interrupt: &Interrupt) -> Result<Anchors, Trouble> {
    let Some(path) = &args.trust_anchor else { return Ok(Anchors::iana()) };
    let wrong = |problem: String| Trouble::Input { file: path_text(path), problem };
    let keys = profile::octets(path, MAX_AUTHORITIES, interrupt)?;
    if keys.len() > MAX_AUTHORITIES {
        return Err(wrong(format!("larger than {MAX_AUTHORITIES} octets")));
    }
    let keys = String::from_utf8_lossy(&keys);
    Anchors::read(&keys).map_err(|error| wrong(error.to_string()))
}
