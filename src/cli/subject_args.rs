//! The arguments that say which mail domains a run is about, and by which profile.

use std::path::PathBuf;

use clap::Args;

use super::setting::{Setting, parse_set};
use crate::hosting::HostPattern;
use crate::name::Shard;

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
    /// Take the domains of one shard of so many alone, as in 3/16; every domain belongs to one
    ///
    /// So several machines share one list: each is given all of it, and a number of its own, from 1.
    /// An index that begins at 0 is written as a sum, 2+1/16. A domain belongs to the shard number
    /// crc32(domain) mod 16 + 1: the CRC-32 of gzip and zlib (RFC 1952) over its A-labels in lower
    /// case; a line that is no domain, by its text. See mailsrv merge.
    #[arg(long, value_name = "NUMBER/COUNT")]
    pub(super) shard: Option<Shard>,
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
