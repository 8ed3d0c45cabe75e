//! The arguments of an audit that name zone data.

use std::path::PathBuf;

use clap::Args;
use hickory_proto::rr::Name;

use crate::name::parse_typed;
use crate::zonefile::Limits;

/// The options that name zone data, in one group.
pub(super) const ZONE_DATA: &str = "zone_data";

/// The options that name servers, in one group.
pub(super) const SERVERS: &str = "servers";

/// Zone data that answers the questions of an audit.
#[derive(Debug, Args)]
pub(super) struct ZoneArgs {
    /// Answer the questions from a zone file, or from all of a folder, offline (can be repeated)
    ///
    /// Without mail domains, all of the zones are judged: their apexes, and names below that have
    /// MX records, SRV records of mail services, autoconfig or autodiscover. The addresses of the
    /// profile answer for its hosts. Names outside the zones are not judged, or asked for from
    /// --resolver. A file without an SOA record, such as generate prints, may hold records of many
    /// domains in any order. YAML is read as octoDNS reads it: example.com.yaml is the zone
    /// example.com. One file of several that cannot be read is one broken result.
    #[arg(help_heading = "Zone data", long, value_name = "FILE|DIR", conflicts_with = "replay")]
    pub(super) zone: Vec<PathBuf>,
    /// Answer the questions from zones that this server hands out (AXFR): IP, IP:PORT or a URL with
    /// tls://
    ///
    /// Its certificate is verified as that of a --resolver. One zone of several that does not come whole is one broken result.
    #[arg(
        help_heading = "Zone data",
        long,
        value_name = "SERVER",
        requires = "zone_name",
        conflicts_with = "replay"
    )]
    pub(super) transfer: Option<String>,
    /// Zone to transfer (can be repeated)
    #[arg(help_heading = "Zone data", long, value_name = "ZONE", value_parser = parse_typed, requires = "transfer")]
    pub(super) zone_name: Vec<Name>,
    /// Sign transfers with this key (TSIG), in the form that tsig-keygen writes
    #[arg(help_heading = "Zone data", long, value_name = "FILE", requires = "transfer")]
    pub(super) tsig_key_file: Option<PathBuf>,
    /// Zone of the files that have no SOA record, and origin until they set another with $ORIGIN
    ///
    /// Without it, names are read below the mail domain until a file sets an origin, or of several
    /// mail domains below the one that the others lie in; in a folder, and without mail domains,
    /// below the domain that the name of the file says.
    #[arg(help_heading = "Zone data", long, value_name = "ZONE", value_parser = parse_typed, requires = "zone")]
    pub(super) origin: Option<Name>,
    /// Follow $INCLUDE in zone files, to regular files below the folder of the zone file
    #[arg(help_heading = "Zone data", long, requires = "zone")]
    pub(super) include: bool,
    /// Follow $INCLUDE to regular files below this folder, as BIND does below its `directory`
    #[arg(help_heading = "Zone data", long, value_name = "DIR", requires = "zone")]
    pub(super) include_dir: Option<PathBuf>,
    /// Most records that a zone may hold, or a folder of zone files in all, with those that files
    /// include and generate
    ///
    /// Those of alike domains take some octets of memory each, others what their names and data have.
    /// Text and records may have 512 octets for each, what $GENERATE makes 64, and both 64 MiB at
    /// least.
    #[arg(help_heading = "Zone data", long, value_name = "COUNT", default_value_t = Limits::default().records, requires = ZONE_DATA, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_records: u64,
}
