//! The arguments of an audit that name zone data.

use std::path::PathBuf;

use clap::Args;
use hickory_proto::rr::Name;

use crate::name::parse_typed;
use crate::zonefile::Limits;

/// Zone data that answers the questions of an audit.
#[derive(Debug, Args)]
pub(super) struct ZoneArgs {
    /// Answer the questions from a zone file, offline (can be repeated)
    ///
    /// The addresses of the profile answer for its hosts. Names outside the zone files are not
    /// judged, or asked for from --resolver. A file without an SOA record, such as generate prints,
    /// may hold records of many domains in any order.
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub(super) zone: Vec<PathBuf>,
    /// Zone of the files that have no SOA record, and origin until they set another with $ORIGIN
    ///
    /// Without it, names are read below the mail domain until a file sets an origin, or of several
    /// mail domains below the one that the others lie in.
    #[arg(long, value_name = "ZONE", value_parser = parse_typed, requires = "zone")]
    pub(super) origin: Option<Name>,
    /// Follow $INCLUDE in zone files, to regular files below the folder of the zone file
    #[arg(long, requires = "zone")]
    pub(super) include: bool,
    /// Most records that a zone file may hold, with those that it includes and generates
    ///
    /// They are kept in memory, at 230 octets each or more. Text and records may have 512 octets for
    /// each, what $GENERATE makes 64, and both 64 MiB at least.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().records, requires = "zone", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_records: u64,
}
