//! The arguments of `audit` as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hickory_proto::rr::Name;

use super::ask_args::{AskArgs, WHO};
use super::choice::{Choice, columns};
use super::events::Told;
use super::looks::When;
use super::manners_args::PATIENCE;
use super::patience::{Until, parse_patience};
use super::subject_args::SubjectArgs;
use super::visit_args::VisitArgs;
use super::zone_args::ZONE_DATA;
use crate::audit::{Code, Severity, Verdict, parse_setting};
use crate::dns_host::{DnsHost, UnknownDnsHost};
use crate::name::parse_typed;
use crate::report::{Evidence, Forms, Rows, Selection};
use crate::words::listed;
use crate::{render, report};

/// The groups of an audit's options.
const REPORT: &str = "Report";
const PROBE: &str = "Mail servers";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv audit example.com
  mailsrv audit example.com --resolver 127.0.0.1:5300
  mailsrv audit example.com --resolver tls://9.9.9.9#dns.quad9.net
  mailsrv audit example.com --resolver https://dns.example --ca-file our-ca.pem
  mailsrv audit example.com --authoritative
  mailsrv audit example.com --compare --resolver 192.0.2.1 --resolver 192.0.2.2
  mailsrv audit example.com --validate --trust-anchor root.key
  mailsrv audit example.com --probe
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
  mailsrv audit --input customers.csv --shard 3/16 -f json -o shard-3.jsonl
  mailsrv audit --input customers.csv -f json -o audit.jsonl --resume
  mailsrv audit example.com --wait 15m --until warn
  mailsrv audit example.com --forecast --documents www
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
    #[command(flatten)]
    pub(super) ask: AskArgs,
    /// Connect to the mail servers that the records lead to, too, fetch the documents that clients look
    /// for, and judge both
    ///
    /// Nobody logs in and no mail is sent. Each host and port is visited once a run, however many mail
    /// domains share it. With --forecast clients are foretold by what is seen. --ca-file names whose certificates are believed there, as well. With --replay
    /// nobody is connected to: what was seen stands in the recording.
    #[arg(help_heading = PROBE, long)]
    pub(super) probe: bool,
    #[command(flatten, next_help_heading = PROBE)]
    pub(super) visits: VisitArgs,
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
    /// Go on with the report of -o FILE that an earlier run did not end
    ///
    /// A report of many domains with -f json or -f csv stands as FILE.partial until it is whole, with
    /// FILE.journal beside it. After Ctrl-C, kill -9 or a full disk, the same command with this option
    /// asks about the domains that are not in it, and the report, the summary and the exit code are
    /// those of one run. Where nothing is to be gone on with, it begins. How fast and how patiently
    /// servers are asked may change; another profile, list or option is refused.
    #[arg(help_heading = REPORT, long, conflicts_with_all = ["fix", "wait", "record"])]
    pub(super) resume: bool,
    /// Foretell what mail clients will conclude, and at each finding for which of them its remedy changes
    /// that
    ///
    /// What clients ask beyond an audit is asked, too. A finding without records to publish or delete is
    /// not weighed. Text, JSON and HTML tell it; `mailsrv forecast` has the words for clients.
    #[arg(help_heading = REPORT, long, conflicts_with_all = ["fix", "wait", "compare"])]
    pub(super) forecast: bool,
    /// What the web serves, for --forecast, as a folder: DIR/HOST/PATH (see mailsrv forecast --help)
    #[arg(help_heading = REPORT, long, value_name = "DIR", requires = "forecast", conflicts_with = "probe")]
    pub(super) documents: Option<PathBuf>,
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
    /// Ask only for what can be an error: records under wrong names, which are warnings at most, are
    /// not looked for
    ///
    /// A healthy domain costs a question less, and one that lacks some of its records many.
    #[arg(help_heading = WHO, long)]
    pub(super) quick: bool,
    /// Ask for every name below `_tcp` also where `_tcp` does not exist
    ///
    /// Of a list, one name below it is asked for there, since nothing stands below a name that does not
    /// exist (RFC 8020), and one domain in a hundred is asked about in full. The first server that denies
    /// a name with others below it ends that for the run.
    #[arg(help_heading = WHO, long)]
    pub(super) every_name: bool,
    /// Keep all questions and answers of this run in a file
    #[arg(help_heading = WHO, long, value_name = "FILE", conflicts_with = "replay")]
    pub(super) record: Option<PathBuf>,
    /// Threads that ask and judge [default: one for each processor that may be used]
    ///
    /// The report is the same, whatever their number, and servers are asked no more and no faster.
    /// They are for -f json without --baseline, --wait and --record: for zone data of which no domain is
    /// named and beside which no server is asked, and for lists that resolvers alone are asked about by
    /// UDP, without --compare and --validate, where each thread has 10,000 questions a second to ask by
    /// --rate, and 32 domains at the same time by --concurrency. All else is done by one.
    #[arg(help_heading = PATIENCE, short, long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(super) jobs: Option<u32>,
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
    /// Exit with 0 whatever was found or not judged: the report tells; trouble is 2 nevertheless
    ///
    /// For those who run a job again that fails: a shard is done when its report is whole, and merge
    /// has the exit code of all.
    #[arg(help_heading = REPORT, long)]
    pub(super) exit_zero: bool,
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

/// What `audit --only` names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only {
    Verdict(Verdict),
    Code(Code),
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

/// Verdicts are words, and codes have a hyphen.
pub(super) fn parse_only(text: &str) -> Result<Only, String> {
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

/// The domains that are to be shown.
pub(super) fn selection(only: &[Only]) -> Selection {
    let mut selection = Selection::default();
    for only in only {
        match only {
            Only::Verdict(verdict) => selection.add_verdict(*verdict),
            Only::Code(code) => selection.add_code(*code),
        }
    }
    selection
}
