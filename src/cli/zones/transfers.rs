//! Zones from a server, for an audit without a zone file.

use std::io::Read;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hickory_proto::rr::Name;

use super::super::ask_args::AskArgs;
use super::super::servers::trust;
use super::super::trouble::Trouble;
use super::super::zone_args::ZoneArgs;
use crate::answer::Failure;
use crate::interrupt::{Interrupt, Interrupted, Waiting};
use crate::lookup::resolver::{Server, ServerError};
use crate::lookup::transfer::{Key, LeftOut, Options, TransferError, TsigError, transfer};
use crate::lookup::zones::ZoneFile;
use crate::name::{path_text, plain_text};
use crate::words::counted;
use crate::zonefile::Limits;

/// How long a server may take to be reached, and for each message: one that reads its zone from a
/// disk first answers late.
const IDLE: Duration = Duration::from_secs(30);

/// How long a transfer may take; BIND gives up then, too (`max-transfer-time-in`).
const WHOLE: Duration = Duration::from_secs(2 * 60 * 60);

/// The most octets of the file of a key: its form takes 200.
const KEY_OCTETS: u64 = 64 << 10;

/// A zone from a server, or why there is none.
pub(super) struct Transferred {
    /// What it is called in messages.
    pub(super) source: String,
    pub(super) zone: Name,
    pub(super) file: Result<ZoneFile, Refused>,
    /// What there is to say of it beside that.
    pub(super) note: Option<String>,
}

/// Why a transfer came to nothing, and what helps.
pub(super) struct Refused {
    pub(super) problem: String,
    pub(super) hint: Option<String>,
}

/// Transfers one zone after the other.
///
/// # Errors
///
/// The address of the server or the file of the key is wrong, or a signal ends the run.
pub(super) fn read(audit: &AskArgs, interrupt: &Interrupt) -> Result<Vec<Transferred>, Trouble> {
    let args = &audit.zones;
    let Some(typed) = &args.transfer else { return Ok(Vec::new()) };
    let server: Server = typed
        .parse()
        .map_err(|error: ServerError| Trouble::Usage { problem: error.to_string(), hint: None })?;
    if server.address().is_none() {
        return Err(Trouble::usage(
            format!("--transfer {typed}: the server has to be given by its address"),
            "a name for its certificate follows it: tls://192.0.2.1#dns.example",
        ));
    }
    // Whether the file is of use was asked when the servers were read.
    let trust = trust(audit, &[], true, interrupt)?;
    let key = args.tsig_key_file.as_deref().map(|path| read_key(path, interrupt)).transpose()?;
    let options = Options {
        key: key.as_ref(),
        limits: Limits::of_records(args.max_records),
        idle: IDLE,
        whole: WHOLE,
        clock: seconds,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::Resolver { problem: error.to_string() })?;
    let mut zones: Vec<&Name> = Vec::new();
    zones.extend(&args.zone_name);
    zones.sort_unstable();
    zones.dedup();
    let transferred = zones.into_iter().map(|zone| {
        let mut file = ZoneFile::of_zone(zone.clone());
        let ended = runtime.block_on(async {
            let mut raised = pin!(interrupt.raised());
            let sink = |record| file.insert_unplaced(&record);
            tokio::select! {
                biased;
                signal = &mut raised => Err(Interrupted(signal)),
                ended = transfer(&server, &trust, zone, options, sink) => Ok(ended),
            }
        })?;
        let source = format!("transfer of {} from {server}", plain_text(zone));
        let (file, left_out) = match ended {
            Ok(left_out) => (Ok(file), left_out),
            Err(error) => (Err(refused(&error, args, options.key.is_some())), LeftOut::default()),
        };
        let note = note(&source, left_out);
        Ok(Transferred { source, zone: zone.clone(), file, note })
    });
    transferred.collect()
}

/// The seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "signatures are valid for some minutes")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Reads the file of a key; nothing of it is ever shown.
fn read_key(path: &Path, interrupt: &Interrupt) -> Result<Key, Trouble> {
    let fail = |source| Trouble::Read { path: path.to_owned(), source };
    let mut text = Vec::new();
    let file = Waiting::open(path, interrupt).map_err(fail)?;
    file.take(KEY_OCTETS).read_to_end(&mut text).map_err(fail)?;
    let key = Key::read(&String::from_utf8_lossy(&text));
    key.map_err(|error| Trouble::Profile(format!("error: {}: {error}", path_text(path))))
}

fn note(source: &str, left_out: LeftOut) -> Option<String> {
    let LeftOut { outside, class } = left_out;
    let count = |number: u64| counted(usize::try_from(number).unwrap_or(usize::MAX), "record");
    let said: Vec<_> = [(outside, "outside the zone"), (class, "of a class other than IN")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(number)))
        .collect();
    (!said.is_empty()).then(|| format!("{source}: {} left out", said.join(" and ")))
}

/// What helps against a refusal.
fn refused(error: &TransferError, args: &ZoneArgs, is_signed: bool) -> Refused {
    let hint = match error {
        TransferError::Rcode(5) | TransferError::Rcode(9) if !is_signed => Some(
            "have the server let this machine transfer the zone (BIND: allow-transfer, Knot: an acl with action transfer, NSD: provide-xfr), or sign the request with --tsig-key-file; and the zone has to be one that it serves",
        ),
        TransferError::Rcode(5) | TransferError::Rcode(9) => Some(
            "have the server let this key transfer the zone (BIND: allow-transfer, Knot: an acl with action transfer, NSD: provide-xfr); and the zone has to be one that it serves",
        ),
        TransferError::Rcode(1 | 4) => Some("the server has no zone transfers; name another one"),
        TransferError::Rcode(2) => Some("the server has not loaded the zone; its log says why"),
        TransferError::Tsig(TsigError::UnknownKey { .. }) => Some(
            "give the server this key, with the same name and algorithm, or take one that it has",
        ),
        TransferError::Tsig(TsigError::OtherSecret { .. } | TsigError::Forged { .. }) => {
            Some("copy the key anew from the server")
        }
        TransferError::Tsig(TsigError::Clock { .. }) => {
            Some("set the clocks of both machines by NTP")
        }
        TransferError::Changed | TransferError::CutOff { .. } => Some("transfer it once more"),
        TransferError::TooManyRecords { .. } | TransferError::TooManyOctets { .. } => {
            let more = args.max_records.saturating_mul(10);
            let hint = format!("--max-records {more} reads more of it, and takes more memory");
            return Refused { problem: error.to_string(), hint: Some(hint) };
        }
        TransferError::Unreachable(Failure::UnknownAuthority) => {
            Some("--ca-file names the authority that signed its certificate")
        }
        TransferError::Unreachable(Failure::WrongName) => {
            Some("the name in its certificate follows the address: tls://192.0.2.1#dns.example")
        }
        TransferError::Transport { .. } => Some("name it by its address alone, or with tls://"),
        _ => None,
    };
    Refused { problem: error.to_string(), hint: hint.map(str::to_owned) }
}
