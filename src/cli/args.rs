//! The arguments as typed, with the help that teaches them.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use hickory_proto::rr::Name;

use super::audit_args::AuditArgs;
use super::choice::{Choice, help};
use super::forecast_args::ForecastArgs;
use super::merge_args::MergeArgs;
use super::probe_args::ProbeArgs;
use super::profile_args::{ImportArgs, InitArgs, ProfileArgs};
use super::subject_args::SubjectArgs;
use super::zone_args::{SERVERS, ZONE_DATA};
use crate::audit::{Code, Severity};
use crate::dns_host::DnsHost;
use crate::document::{LocalPart, LocalPartError, Root, WebServer};
use crate::name::{MailDomain, NameError, parse_typed};
use crate::report::{Evidence, Rows};
use crate::{render, report};

/// The command line as clap knows it, for completions and the manual page.
pub(super) fn command() -> clap::Command {
    // `generate` prints the provider's own zone and templates, too, which are about no mail domain.
    let others: [(&str, &[&str]); 4] = [
        ("audit", &["input", "zone", "transfer"]),
        ("documents", &["input", "provider"]),
        ("probe", &["input"]),
        ("forecast", &["input", "zone", "transfer", "provider"]),
    ];
    let command = others.into_iter().fold(Cli::command(), |command, (name, others)| {
        command.mut_subcommand(name, |command| {
            command.mut_arg("domains", |domains| domains.required_unless_present_any(others))
        })
    });
    let asking = |command: clap::Command| {
        let zone_data = ArgGroup::new(ZONE_DATA).args(["zone", "transfer"]).multiple(true);
        let servers = ArgGroup::new(SERVERS).args(["resolver", "transfer"]).multiple(true);
        command.group(zone_data).group(servers)
    };
    let command = command.mut_subcommand("audit", asking).mut_subcommand("forecast", asking);
    // Who probes visits by these alone; who audits, where that is asked for.
    let command = command.mut_subcommand("audit", |audit| {
        let visits = ["probe_private", "expiry"];
        let audit = audit.mut_group(SERVERS, |servers| servers.arg("probe"));
        visits.into_iter().fold(audit, |audit, it| audit.mut_arg(it, |it| it.requires("probe")))
    });
    let command = command.mut_subcommand("forecast", |forecast| {
        let forecast = forecast.mut_group(SERVERS, |servers| servers.arg("probe"));
        forecast.mut_arg("probe_private", |it| it.requires("probe"))
    });
    let command = command.mut_subcommand("generate", |generate| {
        let listed =
            |option: clap::Arg, help: String| option.hide_possible_values(true).long_help(help);
        generate
            .mut_arg("format", |format| listed(format, help::<render::Format>("Output format")))
            .mut_arg("dns_host", |host| listed(host, help::<DnsHost>(DNS_HOST)))
    });
    let command = command.mut_subcommand("probe", |probe| {
        probe.mut_arg("domains", |it| {
            it.value_name("DOMAIN|HOST:PORT")
                .help("Mail domains, and hosts with a port; `-` reads domains from standard input")
        })
    });
    command.mut_subcommand("documents", |documents| {
        documents.mut_arg("output", |output| {
            output
                .value_name("DIR")
                .help("Write the documents into a folder, whole or not at all")
                .long_help(OUTPUT_OF_DOCUMENTS)
                .conflicts_with("server")
        })
    })
}

const DNS_HOST: &str = "\
DNS host of the customer: what it refuses is left out, with the reason on standard error

The format form names the boxes as this host's form does, where they are known. Any case will do, \
and so does the name of the host as it writes it.";

const OUTPUT_OF_DOCUMENTS: &str = "\
Write the documents into a folder, whole or not at all

For one mail domain among the arguments the folder is the document root; for several, and with \
--input, it holds a document root for each, named like the domain. A document root that an earlier \
run wrote is replaced; one that holds anything else is left as it is, and that is an error.";

/// Publish and audit the DNS records by which mail clients find their servers
#[derive(Debug, Parser)]
#[command(name = "mailsrv", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:
  mailsrv generate example.com          the records to publish
  mailsrv documents example.com -o www  the documents that clients fetch
  mailsrv audit example.com             what is wrong with the records in DNS
  mailsrv forecast example.com          what mail clients will conclude
  mailsrv explain target-alias          what a finding means and what to do

Exit codes: 0 nothing to report, 1 findings, 2 trouble, 3 some domain could not be judged.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the records to publish for mail domains
    Generate(GenerateArgs),
    /// Write the documents that clients fetch under the published names
    Documents(DocumentsArgs),
    /// Judge the records in DNS against the profile
    #[command(visible_alias = "verify")]
    Audit(Box<AuditArgs>),
    /// Look at mail servers: what answers at a host and port, by which certificate, on what terms
    Probe(Box<ProbeArgs>),
    /// Foretell what mail clients will conclude, and whether that works
    Forecast(Box<ForecastArgs>),
    /// Join JSON reports of audit, such as those of shards, into one report of any format
    Merge(MergeArgs),
    /// Make a profile of the document that a provider gives Thunderbird (config-v1.1.xml)
    Import(ImportArgs),
    /// Write a profile to begin with
    Init(InitArgs),
    /// Look at profiles
    Profile(ProfileArgs),
    /// List the services, their labels and ports
    Services,
    /// Say what a finding code means and what to do about it
    Explain(ExplainArgs),
    /// Print the JSON Schema of the profile or of the JSON report
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print a manual page (roff)
    Man(ManArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv generate example.com
  mailsrv generate example.com --host server1.provider.example
  mailsrv generate sales.example.com --zone-apex example.com
  mailsrv generate -p profile.yaml --input customers.csv -o customers.zone
  mailsrv generate -p profile.yaml example.com --set server=srv7.example
  mailsrv generate -f form --for namecheap example.com
  mailsrv generate -f nsupdate example.com | nsupdate -k update.key
  mailsrv generate -f octodns --input customers.csv --output-dir config
  mailsrv generate -p profile.yaml --provider
  mailsrv generate -p profile.yaml -f domain-connect
  mailsrv generate example.com --signed --certificate mail.example.com.pem

Exit codes: 0 all written, 2 trouble (nothing written), 3 some lines of the input were refused.")]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    pub(super) subjects: SubjectArgs,
    /// Output format
    #[arg(short, long, value_parser = Choice::<render::Format>::new(), default_value = "zone")]
    pub(super) format: render::Format,
    /// Apex of the zone that holds the mail domains, where it is not the domain itself
    #[arg(long, value_name = "ZONE", value_parser = parse_typed)]
    pub(super) zone_apex: Option<Name>,
    /// DNS host of the customer: what it refuses is left out, with the reason on standard error
    #[arg(long = "for", value_parser = Choice::<DnsHost>::new(), value_name = "DNS-HOST")]
    pub(super) dns_host: Option<DnsHost>,
    /// TTL of the records in seconds, in place of the profile's
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=0x7fff_ffff))]
    pub(super) ttl: Option<u32>,
    /// Write a file for each mail domain into a folder: DOMAIN.EXTENSION
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub(super) output_dir: Option<PathBuf>,
    /// Print what is published once in the provider's own zone, instead of a mail domain's records
    ///
    /// The zone is that of the profile's hosts; --zone-apex names another one.
    #[arg(long, conflicts_with_all = ["domains", "input", "domain_column", "allow_empty", "shard", "output_dir"])]
    pub(super) provider: bool,
    /// Leave STARTTLS out; says which clients lose what
    #[arg(long)]
    pub(super) implicit_only: bool,
    /// Leave out the names that have documents behind them; says which clients lose what
    #[arg(long)]
    pub(super) srv_only: bool,
    /// Publish submission with TLS under `_smtps` too, for aerc
    #[arg(long)]
    pub(super) compat_smtps: bool,
    /// The zone is signed (DNSSEC), so that TLSA records may be published
    #[arg(long, requires = "certificate")]
    pub(super) signed: bool,
    /// Publish TLSA records for the hosts that this certificate (PEM) covers (can be repeated)
    ///
    /// In an unsigned zone they must not be published (RFC 8314 section 4.5.4), so --signed has to
    /// be given too. Two certificates for one host make two records, for the time of a change.
    #[arg(long, value_name = "FILE", requires = "signed")]
    pub(super) certificate: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv documents example.com -o /var/www/mailsrv
  mailsrv documents example.com --server nginx > /etc/nginx/conf.d/mailsrv.conf
  mailsrv documents -p profile.yaml --input customers.csv -o /var/www/mailsrv
  mailsrv documents -p profile.yaml --input list.csv --server caddy > Caddyfile
  mailsrv documents -p profile.yaml --provider -o /var/www/provider
  mailsrv documents example.com --address joe@example.com -o joe

Exit codes: 0 all written, 2 trouble, 3 some lines of the input were refused.")]
pub(super) struct DocumentsArgs {
    #[command(flatten)]
    pub(super) subjects: SubjectArgs,
    /// Name every server in every TLS mode in config-v1.1.xml, and not only the best of each service
    #[arg(long)]
    pub(super) alternatives: bool,
    /// Make the documents for one user, with address and login name filled in; not to be served
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address, conflicts_with = "server")]
    pub(super) address: Option<Address>,
    /// Print what serves the documents, for the configuration of a web server; writes no documents
    ///
    /// For a list, Caddy gets one configuration that serves every mail domain with a folder.
    #[arg(long, value_enum, ignore_case = true)]
    pub(super) server: Option<WebServer>,
    /// The documents for the provider's own names, which generate --provider publishes, and for the
    /// target of `_autodiscover._tcp`: those that serve all customers
    #[arg(long, conflicts_with_all = ["domains", "input", "domain_column", "allow_empty", "shard", "address"])]
    pub(super) provider: bool,
    /// Folder that the web server finds the documents in
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/var/www/mailsrv",
        requires = "server",
        conflicts_with = "output"
    )]
    pub(super) root: Root,
}

/// The mail address of one user.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) user: LocalPart,
    pub(super) domain: MailDomain,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv explain target-alias
  mailsrv explain --list")]
pub(super) struct ExplainArgs {
    /// Finding codes (can be repeated)
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub(super) codes: Vec<Code>,
    /// List every code with its severity
    #[arg(long, conflicts_with = "codes")]
    pub(super) list: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv schema report > report.schema.json
  mailsrv schema profile > profile.schema.json")]
pub(super) struct SchemaArgs {
    /// What it describes: the profile, or a line of audit -f json
    #[arg(value_enum, ignore_case = true, value_name = "WHAT")]
    pub(super) of: SchemaOf,
}

/// What there is a JSON Schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// A hosting profile
    Profile,
    /// A line of the JSON report of audit
    Report,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv completions bash > /etc/bash_completion.d/mailsrv
  mailsrv completions fish > ~/.config/fish/completions/mailsrv.fish")]
pub(super) struct CompletionsArgs {
    /// Shell to complete for
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv man | man -l -
  mailsrv man audit > mailsrv-audit.1")]
pub(super) struct ManArgs {
    /// Command to describe [default: all of mailsrv]
    pub(super) command: Option<String>,
}

/// The values of an option are those of a table below, with their words and headlines.
macro_rules! values {
    ($($type:ty $(, $headline:ident)?;)*) => {$(
        impl ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &Self::ALL
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(PossibleValue::new(self.text())$(.help(self.$headline()))?)
            }
        }
    )*};
}

values! {
    report::Format, headline;
    Evidence;
    Rows;
    Severity;
    WebServer;
}

/// The domain is behind the last `@`: a quoted local part, which may hold one, is refused.
fn parse_address(text: &str) -> Result<Address, String> {
    let (user, domain) =
        text.rsplit_once('@').ok_or("give a whole mail address, as in joe@example.com")?;
    let user = user.parse().map_err(|error: LocalPartError| error.to_string())?;
    let domain = domain.parse().map_err(|error: NameError| error.to_string())?;
    Ok(Address { user, domain })
}
