//! Zones signed with BIND's tools.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Zone, require};

/// A signed zone, and what its parent and whoever trusts it hold.
pub(crate) struct Signed {
    pub(crate) zone: Zone,
    /// The DS record (RFC 4034 section 5).
    pub(crate) ds: String,
    /// The DNSKEY record (RFC 4034 section 2).
    pub(crate) dnskey: String,
}

/// When signatures hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Time {
    Now,
    /// In a month of the year 2020.
    Past,
}

/// Signs a zone with a new key.
pub(crate) fn sign(zone: &Zone, time: Time) -> Signed {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let file = zone.write(dir.path());
    let name = if zone.name.is_empty() { "." } else { &zone.name };
    let key = ["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", name];
    let key = run(dir.path(), "dnssec-keygen", &key);
    let key = format!("{}.key", key.trim());
    let ds = run(dir.path(), "dnssec-dsfromkey", &["-2", &key]);
    let dnskey = std::fs::read_to_string(dir.path().join(&key)).expect("there is a key");
    let signed = dir.path().join("signed");
    let (file, out) = (file.display().to_string(), signed.display().to_string());
    let span: &[&str] = match time {
        Time::Now => &[],
        Time::Past => &["-s", "20200101000000", "-e", "20200201000000"],
    };
    let args = [&["-S", "-z", "-P", "-o", name, "-f", &out][..], span, &[&file]].concat();
    run(dir.path(), "dnssec-signzone", &args);
    let text = std::fs::read_to_string(signed).expect("the zone is signed");
    let dnskey = dnskey.lines().filter(|line| !line.starts_with(';')).collect();
    Signed { zone: Zone { name: zone.name.clone(), text }, ds, dnskey }
}

#[track_caller]
fn run(dir: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(require(program)).current_dir(dir).args(args).output();
    let output = output.expect("the program was found");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    String::from_utf8(output.stdout).expect("it prints ASCII")
}
