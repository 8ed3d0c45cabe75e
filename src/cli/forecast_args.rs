//! The arguments of `forecast` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ask_args::AskArgs;
use super::subject_args::SubjectArgs;
use super::visit_args::ReachArgs;
use super::zone_args::{SERVERS, ZONE_DATA};
use crate::forecast::{CLIENTS, Client};

/// The help of options that are otherwise here than in an audit.
const ORDERED: &str = "Print domains in the order of the input, which is so anyway";
const CONCURRENCY: &str = "Domains that are asked about at the same time [default: 16]";

#[derive(Debug, Args)]
#[command(mut_arg("compare", |arg| arg.hide(true)))]
#[command(mut_arg("validate", |arg| arg.hide(true)))]
#[command(mut_arg("trust_anchor", |arg| arg.hide(true)))]
#[command(mut_arg("concurrency", |arg| arg.help(CONCURRENCY).long_help(CONCURRENCY)))]
#[command(mut_arg("ordered", |arg| arg.help(ORDERED).long_help(ORDERED)))]
#[command(after_help = "Examples:
  mailsrv forecast example.com
  mailsrv forecast example.com -p profile.yaml --zone example.com.zone --documents www
  mailsrv forecast example.com --client thunderbird --client evolution
  mailsrv forecast example.com --probe
  mailsrv forecast --input customers.csv -p profile.yaml -f json > forecast.jsonl
  mailsrv forecast example.com --replay run.jsonl
  mailsrv forecast -p profile.yaml --provider

Exit codes: 0 all foretold, 2 trouble, 3 some domain was refused, or something could not be found out.

What clients would fetch from the web is looked up in --documents, or fetched with --probe; without \
either, what depends on it is unknown.")]
pub(super) struct ForecastArgs {
    #[command(flatten)]
    pub(super) subjects: SubjectArgs,
    /// Output format
    #[arg(short, long, value_enum, ignore_case = true, default_value = "text")]
    pub(super) format: Format,
    /// What the web serves, as a folder: DIR/HOST/PATH is what HOST serves by http and https
    ///
    /// DIR/web.yaml may say what is otherwise: `https: false`, `ipv6: false`, `certificate-lacks: [HOST]`
    /// for hosts that the certificate is not for, and `redirects: {URL-PREFIX: URL}`. What it says of
    /// IPv6 and of certificates holds for mail servers, too.
    #[arg(long, value_name = "DIR")]
    pub(super) documents: Option<PathBuf>,
    /// Fetch what clients would fetch from the web servers that they would ask, and connect to the mail
    /// servers that they conclude
    ///
    /// Each page is fetched once, whichever clients ask for it. Autodiscover is asked about the mail
    /// address `user@` the mail domain; nobody logs in, and no mail is sent. A server that clients turn away
    /// from does not work; without this option, one of the profile whose host has an address does, unless
    /// web.yaml says otherwise. --ca-file names whose certificates are believed there, as well. With --replay nobody is connected
    /// to: what was seen of servers stands in the recording.
    #[arg(long, conflicts_with = "documents")]
    pub(super) probe: bool,
    #[command(flatten)]
    pub(super) reach: ReachArgs,
    /// Foretell a customer whose zone has nothing but mail exchanges, and what each further record adds
    ///
    /// The provider's zones and site are taken to be as generate --provider and documents --provider make
    /// them. Nobody is asked: it is the profile alone that is looked at.
    #[arg(long, conflicts_with_all = ["domains", "input", "domain_column", "allow_empty", "shard", "documents", "replay", "probe", "AskArgs", "MannersArgs", "ReachArgs", ZONE_DATA, SERVERS])]
    pub(super) provider: bool,
    /// Foretell this client (can be repeated) [default: all]
    #[arg(long, value_name = "NAME", value_parser = client_names(), ignore_case = true)]
    pub(super) client: Vec<String>,
    #[command(flatten)]
    pub(super) ask: AskArgs,
}

/// How a forecast is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: a table, and what is wrong; of a list, what all comes to
    Text,
    /// One JSON object per line, for each domain and client
    Json,
}

fn client_names() -> clap::builder::PossibleValuesParser {
    CLIENTS.iter().map(|client| client.name).collect::<Vec<_>>().into()
}

impl ForecastArgs {
    /// The clients that are foretold, each once, in the order of the table.
    pub(super) fn clients(&self) -> Vec<&'static Client> {
        let is_meant = |client: &&&Client| {
            self.client.is_empty()
                || self.client.iter().any(|name| name.eq_ignore_ascii_case(client.name))
        };
        CLIENTS.iter().filter(is_meant).copied().collect()
    }
}
