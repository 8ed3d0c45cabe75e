//! The arguments that say who answers the questions of a run, and how patiently.

use std::path::PathBuf;

use clap::Args;

use super::manners_args::MannersArgs;
use super::zone_args::{SERVERS, ZONE_DATA, ZoneArgs};
use crate::lookup::authority::PORT;

/// The group of these options.
pub(super) const WHO: &str = "Who is asked";

/// Who answers: a recording, zone data, servers.
#[derive(Debug, Args)]
pub(super) struct AskArgs {
    /// Ask this server: IP, IP:PORT, or a URL with tcp://, tls://, https:// or quic:// (can be
    /// repeated; the next one is asked when one fails, or has no room) [default: the system's]
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
    /// Ask by UDP in letters of a case that is drawn, and believe no answer that repeats the question in
    /// another
    ///
    /// Whoever forges an answer must guess the case of every letter, too. Nearly all servers repeat a
    /// question as it was sent; one that does not is asked again by TCP, question by question.
    #[arg(help_heading = WHO, long = "0x20", conflicts_with = "replay")]
    pub(super) random_case: bool,
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
    /// Judge a recorded run again, without asking anybody
    #[arg(help_heading = WHO, long, value_name = "FILE")]
    pub(super) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(super) manners: MannersArgs,
}
