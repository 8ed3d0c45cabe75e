//! What becomes of a run when the network loses, doubles and delays packets.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::program::{mailsrv, text};
use crate::servers::{Zone, nsd};

/// How a network treats packets; of each kind so many of 1,000, either way.
#[derive(Clone, Copy)]
struct Weather {
    lost: u64,
    doubled: u64,
    late: u64,
    /// A copy with another ID goes before it.
    forged: u64,
}

/// For how long a packet is late: longer than a question waits for its answer.
const LATE: Duration = Duration::from_millis(700);

/// What becomes of packets, the same in every run.
struct Chance(Mutex<u64>);

impl Chance {
    /// A number below 1,000 (xorshift64).
    fn next(&self) -> u64 {
        let mut state = self.0.lock().expect("nothing panics here");
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % 1000
    }
}

/// Sends a packet to the other side.
type Sender = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Sends one packet on, or does not.
fn forward(packet: &[u8], weather: Weather, chance: &Chance, send: Sender) {
    if chance.next() < weather.forged {
        let mut forged = packet.to_vec();
        forged[0] ^= 0x55;
        send(&forged);
    }
    if chance.next() < weather.lost {
        return;
    }
    if chance.next() < weather.late {
        let packet = packet.to_vec();
        thread::spawn(move || {
            thread::sleep(LATE);
            send(&packet);
        });
        return;
    }
    send(packet);
    if chance.next() < weather.doubled {
        send(packet);
    }
}

/// A way to a server on which that happens, and how many packets came from the other side. Its threads
/// end with the test.
fn way_to(server: SocketAddr, weather: Weather) -> (SocketAddr, Arc<AtomicUsize>) {
    let front = Arc::new(UdpSocket::bind("127.0.0.1:0").expect("there is a port"));
    let address = front.local_addr().expect("it has one");
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, chance) = (Arc::clone(&asked), Arc::new(Chance(Mutex::new(0x2545_f491))));
    thread::spawn(move || {
        let mut behind: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
        let mut packet = [0; 4096];
        while let Ok((length, client)) = front.recv_from(&mut packet) {
            counter.fetch_add(1, Ordering::Relaxed);
            let socket = behind.entry(client).or_insert_with(|| {
                let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").expect("there is a port"));
                socket.connect(server).expect("it is on this machine");
                back(Arc::clone(&socket), Arc::clone(&front), client, weather, &chance);
                socket
            });
            let socket = Arc::clone(socket);
            let send = Arc::new(move |packet: &[u8]| {
                let _lost = socket.send(packet);
            });
            forward(&packet[..length], weather, &chance, send);
        }
    });
    (address, asked)
}

/// Brings the answers to a client back.
fn back(
    socket: Arc<UdpSocket>,
    front: Arc<UdpSocket>,
    client: SocketAddr,
    weather: Weather,
    chance: &Arc<Chance>,
) {
    let chance = Arc::clone(chance);
    thread::spawn(move || {
        let mut packet = [0; 4096];
        while let Ok(length) = socket.recv(&mut packet) {
            let front = Arc::clone(&front);
            let send = Arc::new(move |packet: &[u8]| {
                let _lost = front.send_to(packet, client);
            });
            forward(&packet[..length], weather, &chance, send);
        }
    });
}

/// So many domains of the documented profile, each third of which has a fault.
fn customers(count: usize) -> (Zone, String) {
    let (mut records, mut list) = (String::new(), String::new());
    for number in 0..count {
        let domain = format!("d{number}.customers.test");
        let _infallible = writeln!(list, "{domain}");
        let published = text(&mailsrv(["generate", &domain]).stdout);
        let lacks = ["_imaps._tcp", "_submissions._tcp", "autoconfig"][number / 3 % 3];
        let is_left = |line: &&str| number % 3 != 0 || !line.starts_with(lacks);
        for line in published.lines().filter(is_left) {
            let _infallible = writeln!(records, "{line}");
        }
        let _infallible = writeln!(
            records,
            "{domain}. IN MX 10 mail.{domain}.\nmail.{domain}. IN A 192.0.2.1\n\
             mail.{domain}. IN AAAA 2001:db8::1"
        );
    }
    (Zone::new("customers.test", &records), list)
}

/// The report of a list in JSON, and what was said.
fn report(input: &str, servers: &[SocketAddr], more: &[&str]) -> (String, String) {
    let servers: Vec<String> = servers.iter().map(SocketAddr::to_string).collect();
    let servers = servers.iter().flat_map(|server| ["--resolver", server.as_str()]);
    let args = ["audit", "-f", "json", "--ordered", "--input", input];
    let args: Vec<&str> = args.into_iter().chain(servers).chain(more.iter().copied()).collect();
    let output = mailsrv(args);
    (text(&output.stdout), text(&output.stderr))
}

#[test]
#[ignore = "needs nsd"]
fn packets_that_are_lost_doubled_late_or_forged_change_no_verdict() {
    let (zone, list) = customers(150);
    let server = nsd::serve(&[zone]);
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let input = folder.path().join("list");
    fs::write(&input, list).expect("it is writable");
    let input = input.to_str().expect("temporary paths are UTF-8");
    let (undisturbed, _) = report(input, &[server.address], &[]);
    assert_eq!(undisturbed.lines().count(), 150);
    let passed = undisturbed.lines().filter(|line| line.contains("\"pass\"")).count();
    assert_eq!(passed, 100, "{undisturbed}");
    let kind = Weather { lost: 10, doubled: 10, late: 0, forged: 10 };
    let rough = Weather { lost: 50, doubled: 50, late: 20, forged: 50 };
    for (weather, patience) in [
        (kind, &["--jobs", "1"][..]),
        (kind, &["--jobs", "2"]),
        (rough, &["--jobs", "1", "--tries", "4"]),
        (rough, &["--jobs", "2", "--tries", "4"]),
    ] {
        let (way, asked) = way_to(server.address, weather);
        let (disturbed, said) = report(input, &[way], patience);
        assert_eq!(disturbed, undisturbed, "{said}");
        assert!(asked.load(Ordering::Relaxed) > 150 * 14);
        // The other of two resolvers is dead.
        let dead = UdpSocket::bind("127.0.0.1:0").expect("there is a port");
        let dead = dead.local_addr().expect("it has one");
        let (disturbed, said) = report(input, &[dead, way], patience);
        assert_eq!(disturbed, undisturbed, "{said}");
    }
}
