//! Real DNS servers on loopback: started on a free port, asked until they answer, ended on drop.

pub(crate) mod bind;
pub(crate) mod certified;
pub(crate) mod dnsmasq;
pub(crate) mod knot;
pub(crate) mod nsd;
pub(crate) mod powerdns;
pub(crate) mod signed;
pub(crate) mod tree;
pub(crate) mod validating;
mod wire;

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use self::wire::{receive, send, transfer};

/// A zone to serve: its name and the text of its file.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The TTL of what is missing in an ordinary zone, in seconds.
pub(crate) const NEGATIVE_TTL: u32 = 300;

impl Zone {
    /// A zone from its records; the SOA and NS records that every zone needs are put in front.
    pub(crate) fn new(name: &str, records: &str) -> Self {
        Self::with_negative_ttl(name, NEGATIVE_TTL, records)
    }

    /// A zone in which what is missing has this TTL: it is that of the SOA record and the last of its
    /// numbers (RFC 2308 section 3).
    pub(crate) fn with_negative_ttl(name: &str, ttl: u32, records: &str) -> Self {
        let apex = name.trim_end_matches('.');
        let text = format!(
            "$ORIGIN {apex}.\n$TTL 3600\n\
             @ {ttl} IN SOA ns.{apex}. hostmaster.{apex}. 1 7200 3600 1209600 {ttl}\n\
             @ IN NS ns.{apex}.\n\
             ns.{apex}. IN A 127.0.0.1\n\
             {records}"
        );
        Self { name: apex.to_owned(), text }
    }

    /// Writes the zone file into a directory.
    pub(crate) fn write(&self, dir: &Path) -> PathBuf {
        let path = dir.join(format!("{}.zone", self.name));
        fs::write(&path, &self.text).expect("the temporary directory is writable");
        path
    }
}

/// Looks for a program where system administrators keep theirs too; fails where it is missing. The
/// tests that need one say so, and are ignored but where `tests/run` found it.
#[track_caller]
pub(crate) fn require(program: &str) -> PathBuf {
    let mut places: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    places.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    let mut found = places.into_iter().map(|dir| dir.join(program));
    found.find(|path| path.is_file()).unwrap_or_else(|| panic!("{program} is missing"))
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    pub(crate) address: SocketAddr,
    dir: TempDir,
}

impl Daemon {
    /// The directory of its files, gone when the server is.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A server that is gone already is as good as one that was ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How often another port is tried; between finding a port free and using it, it may be taken.
const ATTEMPTS: usize = 5;

/// How long a server that runs may take until it answers: long, for a machine that is busy with other
/// things. One that ended, as most do whose port is taken, is not waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Starts what `command` makes of a directory and an address, until it answers for `zone`.
#[track_caller]
fn start(zone: &str, command: impl Fn(&Path, SocketAddr) -> Command) -> Daemon {
    let mut log = String::new();
    for _ in 0..ATTEMPTS {
        match try_start(zone, free_address(), &command) {
            Ok(daemon) => return daemon,
            Err(said) => log = said,
        }
    }
    panic!("no server for {zone} after {ATTEMPTS} attempts; the last one said:\n{log}");
}

/// Starts it at one address, and at no other.
#[track_caller]
fn start_at(
    zone: &str,
    address: SocketAddr,
    command: impl Fn(&Path, SocketAddr) -> Command,
) -> Daemon {
    try_start(zone, address, &command)
        .unwrap_or_else(|log| panic!("no server for {zone} at {address}; it said:\n{log}"))
}

/// Starts it once; what it said, where it does not answer.
fn try_start(
    zone: &str,
    address: SocketAddr,
    command: &impl Fn(&Path, SocketAddr) -> Command,
) -> Result<Daemon, String> {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let log_path = dir.path().join("log");
    let log_file = File::create(&log_path).expect("the temporary directory is writable");
    let child = command(dir.path(), address)
        .stdin(Stdio::null())
        .stdout(log_file.try_clone().expect("a file handle can be shared"))
        .stderr(log_file)
        .spawn()
        .expect("the program was found");
    let mut daemon = Daemon { child, address, dir };
    if answers_for(zone, &mut daemon) {
        return Ok(daemon);
    }
    drop(daemon.child.kill());
    Err(fs::read_to_string(&log_path).unwrap_or_default())
}

fn answers_for(zone: &str, daemon: &mut Daemon) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if wire::is_served(daemon.address, zone) {
            return true;
        }
        if daemon.child.try_wait().is_ok_and(|status| status.is_some()) {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Where ports are looked for: below those that the system gives to whoever asks for any (from 32768
/// on, on Linux), since the program under test asks for one with each question, and would take the
/// port of a server that is about to start.
const PORTS: std::ops::Range<u32> = 15_000..32_000;

/// A loopback address whose port is free for UDP and TCP alike, and not given to another test.
pub(crate) fn free_address() -> SocketAddr {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Another run of the tests, at the same time, begins elsewhere.
    let begin = std::process::id().wrapping_mul(977);
    for _ in PORTS {
        let next = begin.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + next % (PORTS.end - PORTS.start);
        let port = u16::try_from(port).expect("the range ends below 65536");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port of loopback is free in {PORTS:?}");
}
