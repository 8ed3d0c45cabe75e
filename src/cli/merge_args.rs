//! The arguments of `merge` as typed.

use std::path::PathBuf;

use clap::Args;

use super::audit_args::{Only, parse_only};
use super::looks::When;
use crate::audit::Severity;
use crate::report::{self, Rows};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv merge shard-*.jsonl
  mailsrv merge shard-*.jsonl -f json -o report.jsonl
  mailsrv merge shard-*.jsonl -f html --only fail -o report.html
  mailsrv merge --partial shard-*.jsonl
  mailsrv merge shards -f csv --per domain

Exit codes: those of audit, for all domains of the reports; 2 where a shard is missing, a report was \
cut, or a domain is in two of them. With --partial, 3 where there are no findings.")]
pub(super) struct MergeArgs {
    /// Reports of audit -f json: all shards of one run, or whole runs about different domains
    ///
    /// Files and pipes; `-` is standard input, and of a folder it is every *.jsonl in it. A file may
    /// hold several reports, one after the other. Shards are told in the order of their numbers, other
    /// reports in the order given, and the domains of each in its own.
    #[arg(value_name = "REPORT", required = true)]
    pub(super) reports: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, ignore_case = true, default_value = "text")]
    pub(super) format: report::Format,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Take what there is where shards are missing or cut; the report says that it is not all
    #[arg(long)]
    pub(super) partial: bool,
    /// What a row of the CSV report is about
    #[arg(long, value_enum, ignore_case = true, value_name = "WHAT", default_value = "finding")]
    pub(super) per: Rows,
    /// Lowest severity of a finding that makes the exit code 1
    #[arg(long, value_enum, ignore_case = true, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: Severity,
    /// Exit with 0 whatever was found or not judged; trouble, such as a missing shard, is 2 nevertheless
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// Show a part of the domains: those with a verdict, such as fail, or with a finding code (can be
    /// repeated: those with any of them)
    #[arg(long, value_name = "VERDICT|CODE", value_delimiter = ',', value_parser = parse_only)]
    pub(super) only: Vec<Only>,
    /// Show all of every domain: the table of those that pass, too
    ///
    /// A report holds it where the audit was given --observed always.
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Colour the text report
    #[arg(long, value_enum, ignore_case = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}
