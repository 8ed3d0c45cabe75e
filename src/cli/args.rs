//! The arguments as typed, with the help that teaches them.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use hickory_proto::rr::Name;

use super::choice::{Choice, columns, help};
use super::events::Told;
use super::looks::When;
use super::manners_args::{MannersArgs, PATIENCE};
use super::patience::{Until, parse_patience};
use super::profile_args::{ImportArgs, InitArgs, ProfileArgs};
use super::setting::{Setting, parse_set};
use super::zone_args::{SERVERS, ZONE_DATA, ZoneArgs};
use crate::audit::{Code, Severity, Verdict, parse_setting};
use crate::dns_host::{DnsHost, UnknownDnsHost};
use crate::document::{LocalPart, LocalPartError, Root, WebServer};
use crate::hosting::HostPattern;
use crate::lookup::authority::PORT;
use crate::name::{MailDomain, NameError, parse_typed};
use crate::report::{Evidence, Forms, Rows};
use crate::words::listed;
use crate::{render, report};

/// The command line as clap knows it, for completions and the manual page.
pub(super) fn command() -> clap::Command {
    // `generate` prints the provider's own zone and templates, too, which are about no mail domain.
    let others: [(&str, &[&str]); 2] =
        [("audit", &["input", "zone", "transfer"]), ("documents", &["input", "provider"])];
    let command = others.into_iter().fold(Cli::command(), |command, (name, others)| {
        command.mut_subcommand(name, |command| {
            command.mut_arg("domains", |domains| domains.required_unless_present_any(others))
        })
    });
    let command = command.mut_subcommand("audit", |audit| {
        let zone_data = ArgGroup::new(ZONE_DATA).args(["zone", "transfer"]).multiple(true);
        let servers = ArgGroup::new(SERVERS).args(["resolver", "transfer"]).multiple(true);
        audit.group(zone_data).group(servers)
    });
    let command = command.mut_subcommand("generate", |generate| {
        let listed =
            |option: clap::Arg, help: String| option.hide_possible_values(true).long_help(help);
        generate
            .mut_arg("format", |format| listed(format, help::<render::Format>("Output format")))
            .mut_arg("dns_host", |host| listed(host, help::<DnsHost>(DNS_HOST)))
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

/// The groups of an audit's options.
const WHO: &str = "Who is asked";
const REPORT: &str = "Report";

/// Where the domains and the profile come from.
#[derive(Debug, Args)]
pub(super) struct SubjectArgs {
    /// Mail domains; `-` reads them from standard input (can be repeated)
    #[arg(value_name = "DOMAIN")]
    pub(super) domains: Vec<String>,
    /// Read more domains from a file: one a line, or CSV with a `domain` column in its header
    ///
    /// The other columns of a CSV file are placeholders of the profile: `{server}` stands for the
    /// column `server`, `{mail server}` for `Mail Server`. Fields are separated by commas, semicolons
    /// or tabs. Blank lines and lines that begin with `#` are skipped.
    #[arg(long, value_name = "FILE")]
    pub(super) input: Option<PathBuf>,
    /// Column of a CSV input that holds the mail domains [default: domain]
    #[arg(long, value_name = "NAME")]
    pub(super) domain_column: Option<String>,
    /// Take an input without any mail domain, which else is trouble
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Hosting profile (YAML) [default: the documented one, zones/hosting.yaml]
    #[arg(short, long, value_name = "FILE")]
    pub(super) profile: Option<PathBuf>,
    /// Host of all services and aliases, in place of the profile's `host`
    ///
    /// May hold the placeholders `{domain}` and `{column}`.
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<HostPattern>,
    /// Value of a placeholder of the profile, for all domains of the run (can be repeated)
    ///
    /// It goes before a column of that name: --set server=srv7.provider.example fills `{server}`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_set)]
    pub(super) set: Vec<Setting>,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
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
    #[arg(long, conflicts_with_all = ["domains", "input", "domain_column", "allow_empty", "output_dir"])]
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
    #[arg(long, conflicts_with_all = ["domains", "input", "domain_column", "allow_empty", "address"])]
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
  mailsrv audit example.com
  mailsrv audit example.com --resolver 127.0.0.1:5300
  mailsrv audit example.com --resolver tls://9.9.9.9#dns.quad9.net
  mailsrv audit example.com --resolver https://dns.example --ca-file our-ca.pem
  mailsrv audit example.com --authoritative
  mailsrv audit example.com --compare --resolver 192.0.2.1 --resolver 192.0.2.2
  mailsrv audit example.com --validate --trust-anchor root.key
  mailsrv audit --input customers.csv -p profile.yaml -f json > audit.jsonl
  mailsrv audit example.com --zone example.com.zone
  mailsrv audit example.com --zone example.com.zone --resolver 127.0.0.1
  mailsrv audit --zone /var/lib/bind/zones -f json > audit.jsonl
  mailsrv audit --transfer 192.0.2.1 --zone-name example.com --tsig-key-file key
  mailsrv audit example.com --record run.jsonl
  mailsrv audit example.com --replay run.jsonl
  mailsrv audit example.com --for auto
  mailsrv audit example.com --fix nsupdate | nsupdate -k update.key
  mailsrv audit example.com --severity target-one-family=off --fail-on warning
  mailsrv audit --input customers.csv --only fail --only target-alias
  mailsrv audit --input customers.csv --baseline yesterday.jsonl
  mailsrv audit example.com --wait 15m --until warn
  mailsrv audit --input customers.csv --resolver 192.0.2.53 --rate 50

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 trouble, 3 no findings, but some domain \
could not be judged. 2 beats 1 beats 3. With -f nagios: 0 OK, 1 WARNING, 2 CRITICAL (at or above \
--fail-on), 3 UNKNOWN (not judged, or trouble). 2 beats 1 beats 3.

Results are printed as they become known, in the order of the input but for domains that take long; \
--ordered keeps it. The text report is as wide as the terminal, 80 columns in a pipe or a file, and \
as wide as COLUMNS says where that is set.")]
pub(super) struct AuditArgs {
    #[command(flatten)]
    pub(super) subjects: SubjectArgs,
    /// Output format
    #[arg(help_heading = REPORT, short, long, value_enum, ignore_case = true, default_value = "text")]
    pub(super) format: report::Format,
    /// Ask this server: IP, IP:PORT, or a URL with tcp://, tls://, https:// or quic:// (can be
    /// repeated; the next one is asked when one fails) [default: the system's]
    ///
    /// Together with --zone or --transfer, for what lies outside the zones. An address alone, or with udp://,
    /// is asked by UDP, and by TCP where an answer is truncated; by all others, one connection serves
    /// the whole run. The ports are 53, for tls:// and quic:// 853, for https:// 443, unless another
    /// follows the address. The certificate of a server must be for the host of the URL, or for the
    /// name that follows #. The addresses of a host name are asked for of the system's servers.
    #[arg(help_heading = WHO, long, value_name = "SERVER", conflicts_with = "replay")]
    pub(super) resolver: Vec<String>,
    /// Believe the certificates of servers that the authorities in this file (PEM) signed, and no
    /// others [default: the public ones that are built in]
    ///
    /// A certificate that a server signed itself can stand in it, too.
    #[arg(help_heading = WHO, long, value_name = "FILE", requires = SERVERS)]
    pub(super) ca_file: Option<PathBuf>,
    /// Believe the AD bit of every resolver asked, and not only of one on this machine
    ///
    /// A validating resolver says by it that an answer is signed and validates. Whoever can change an
    /// answer on its way can set the bit: declare resolvers so that validate, at the end of a way that
    /// is safe, such as a network of your own, or tls://, https:// and quic://. What does not validate
    /// is told without it.
    #[arg(help_heading = WHO, long, conflicts_with = "replay")]
    pub(super) trust_ad: bool,
    /// Ask every --resolver and compare what they say, instead of asking the next when one fails
    #[arg(help_heading = WHO, long, requires = "resolver", conflicts_with = ZONE_DATA)]
    pub(super) compare: bool,
    /// Ask every authoritative server of the domain, found from the root down, and compare them
    ///
    /// Without recursion, so that no cache remembers that a record is missing which is about to be
    /// published. Findings say at which servers they hold; servers that disagree, that do not answer,
    /// or that the delegation does not name, are findings too.
    #[arg(help_heading = WHO, long, conflicts_with_all = ["resolver", ZONE_DATA, "replay"])]
    pub(super) authoritative: bool,
    /// Port that all servers are asked at with --authoritative
    #[arg(help_heading = WHO, long, value_name = "PORT", default_value_t = PORT, requires = "authoritative", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: u16,
    /// Servers of the root to begin at, in the form of named.root [default: those of IANA]
    #[arg(help_heading = WHO, long, value_name = "FILE", requires = "authoritative")]
    pub(super) root_hints: Option<PathBuf>,
    /// Validate the answers here, too: a second opinion on DNSSEC, experimental
    ///
    /// The signatures are asked for of the same resolvers. Where this says otherwise than the resolver,
    /// that is a finding for information, `dnssec-disputed`: alone it makes nothing bogus. It is known
    /// to call sound answers bogus: aliases that dangle, and what wildcards of a zone with NSEC answer.
    /// Each domain costs some questions more, for keys and delegations.
    #[arg(help_heading = WHO, long, conflicts_with_all = ["replay", "compare", "authoritative"])]
    pub(super) validate: bool,
    /// Trust the keys (DNSKEY records) in this file, of the root or of other zones, and no others
    /// [default: those of the root that IANA publishes]
    #[arg(help_heading = WHO, long, value_name = "FILE", requires = "validate")]
    pub(super) trust_anchor: Option<PathBuf>,
    #[command(flatten)]
    pub(super) zones: ZoneArgs,
    /// Expect TLSA records for the hosts that this certificate (PEM) covers, as generate --signed
    /// publishes them (can be repeated)
    #[arg(long, value_name = "FILE")]
    pub(super) certificate: Vec<PathBuf>,
    /// Write remedies as what is typed into the form of this DNS host; `auto` recognises it by the
    /// name servers of the zone
    ///
    /// The words are those of generate --for. `auto` costs a question more, for the name servers;
    /// of a DNS host that it does not recognise, records stand as without the option.
    #[arg(help_heading = REPORT, long = "for", value_name = "DNS-HOST", value_parser = parse_forms)]
    pub(super) forms: Option<Forms>,
    /// Tell what changed since an earlier report of -f json, and nothing else
    ///
    /// New findings make the exit code, and domains that could be judged then. A report that was made
    /// with this option, or with --only, is no baseline: it does not hold all that was found.
    #[arg(help_heading = REPORT, long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Print what mends the domains, in a format of generate, in place of the report
    ///
    /// What is to be published stands in it, and of formats that put whole RRsets in place what stays
    /// beside it. nsupdate, knotc, pdnsutil and powerdns delete, too, and form and handout say what is
    /// to be deleted; of other formats, comments and standard error say that.
    #[arg(help_heading = REPORT, long, value_parser = Choice::<render::Format>::new(), hide_possible_values = true, value_name = "FORMAT", conflicts_with_all = ["format", "forms"])]
    pub(super) fix: Option<render::Format>,
    /// Apex of the zone that the remedies of --fix go into, where it is not the mail domain itself
    #[arg(help_heading = REPORT, long, value_name = "ZONE", value_parser = parse_typed, requires = "fix")]
    pub(super) zone_apex: Option<Name>,
    /// What a row of the CSV report is about
    #[arg(help_heading = REPORT, long, value_enum, ignore_case = true, value_name = "WHAT", default_value = "finding")]
    pub(super) per: Rows,
    /// Which domains have every question with its answer in the JSON report
    #[arg(help_heading = REPORT, long, value_enum, ignore_case = true, value_name = "WHEN", default_value = "problems")]
    pub(super) observed: Evidence,
    /// Keep all questions and answers of this run in a file
    #[arg(help_heading = WHO, long, value_name = "FILE", conflicts_with = "replay")]
    pub(super) record: Option<PathBuf>,
    /// Judge a recorded run again, without asking anybody
    #[arg(help_heading = WHO, long, value_name = "FILE")]
    pub(super) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(super) manners: MannersArgs,
    /// Ask again until the verdict is at least that of --until, for a time such as 90s, 15m or 1h
    ///
    /// The pauses grow from 3 seconds to 5 minutes, and are longer where a resolver remembers for
    /// longer that a record is missing or what was wrong: until then it would say the same. Of a list,
    /// those that are not there yet are asked about again, and every domain is reported once, when
    /// its verdict is final; so is what --record keeps. What is missing between two tries stands on
    /// standard error. The exit code is that of the last verdicts.
    #[arg(help_heading = PATIENCE, long, value_name = "TIME", value_parser = parse_patience, conflicts_with_all = ["replay", ZONE_DATA])]
    pub(super) wait: Option<Duration>,
    /// Verdict that --wait waits for
    #[arg(help_heading = PATIENCE, long,
        value_enum,
        ignore_case = true,
        value_name = "VERDICT",
        default_value = "pass",
        requires = "wait"
    )]
    pub(super) until: Until,
    /// Say how far the run is
    ///
    /// As JSON, every line on standard error is an object with its `event`: started, progress, try,
    /// note, finished. A line that is none is the message of what ended the run.
    #[arg(help_heading = PATIENCE, long, value_enum, ignore_case = true, value_name = "HOW", default_value = "auto")]
    pub(super) progress: Told,
    /// Let a name outside the zone files at hand make the verdict unknown
    ///
    /// Without it such a name is not judged, and the verdict stands on what was.
    #[arg(help_heading = REPORT, long)]
    pub(super) strict: bool,
    /// Lowest severity of a finding that makes the exit code 1
    #[arg(help_heading = REPORT, long, value_enum, ignore_case = true, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: Severity,
    /// Set the severity of a code, or `off` (can be repeated)
    #[arg(help_heading = REPORT, long, value_name = "CODE=LEVEL", value_parser = parse_severity)]
    pub(super) severity: Vec<(Code, Option<Severity>)>,
    /// Show a part of the domains: those with a verdict, such as fail, or with a finding code (can be
    /// repeated: those with any of them)
    ///
    /// For a code only its findings are shown, without the table; -v shows all of such a domain. The
    /// summary and the exit code are those of all domains. JSON objects are whole.
    #[arg(help_heading = REPORT, long, value_name = "VERDICT|CODE", value_delimiter = ',', value_parser = parse_only)]
    pub(super) only: Vec<Only>,
    /// Show all of every domain: the table of those that pass, too
    #[arg(help_heading = REPORT, short, long)]
    pub(super) verbose: bool,
    /// Colour the text report
    #[arg(help_heading = REPORT, long, value_enum, ignore_case = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
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

/// What `audit --only` names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only {
    Verdict(Verdict),
    Code(Code),
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

/// A DNS host, or whichever the name servers are of.
fn parse_forms(text: &str) -> Result<Forms, String> {
    if text.trim().eq_ignore_ascii_case("auto") {
        return Ok(Forms::ByNameServers);
    }
    text.trim().parse().map(Forms::Of).map_err(|error: UnknownDnsHost| {
        format!("{error}\n\n{}\n\n`auto` recognises some of them", columns::<DnsHost>())
    })
}

/// The domain is behind the last `@`: a quoted local part, which may hold one, is refused.
fn parse_address(text: &str) -> Result<Address, String> {
    let (user, domain) =
        text.rsplit_once('@').ok_or("give a whole mail address, as in joe@example.com")?;
    let user = user.parse().map_err(|error: LocalPartError| error.to_string())?;
    let domain = domain.parse().map_err(|error: NameError| error.to_string())?;
    Ok(Address { user, domain })
}

/// Verdicts are words, and codes have a hyphen.
fn parse_only(text: &str) -> Result<Only, String> {
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.text() == text);
    let code = || text.parse().map_err(|error: crate::audit::UnknownCode| error.to_string());
    match verdict {
        Some(verdict) => Ok(Only::Verdict(verdict)),
        None if text.contains('-') => code().map(Only::Code),
        None => Err(format!(
            "give a verdict ({}) or a finding code, as in target-alias",
            listed(&Verdict::ALL.map(Verdict::text))
        )),
    }
}

/// `off` drops the findings of the code.
fn parse_severity(text: &str) -> Result<(Code, Option<Severity>), String> {
    let (code, level) = text
        .split_once('=')
        .ok_or_else(|| "write CODE=LEVEL, as in target-one-family=off".to_owned())?;
    let code = code.parse().map_err(|error: crate::audit::UnknownCode| error.to_string())?;
    Ok((code, parse_setting(level).map_err(|error| error.to_string())?))
}
