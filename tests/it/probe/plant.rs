//! Hosts with a mail server at each port of a profile, and mail domains that are served there.

use std::fs;
use std::net::Ipv4Addr;
use std::process::Output;
use std::sync::atomic::Ordering;

use tempfile::TempDir;

use super::certificates::{Authority, Kind};
use super::scripted::{Begins, Script, Server, serve_at};
use crate::program::{mailsrv, text};
use crate::servers::free_address;

/// What is spoken at the ports, and when TLS begins.
const LISTENERS: [(&str, &str, Begins); 6] = [
    ("imap", "tls", Begins::AtOnce),
    ("imap", "starttls", Begins::Asked),
    ("pop3", "tls", Begins::AtOnce),
    ("pop3", "starttls", Begins::Asked),
    ("submission", "tls", Begins::AtOnce),
    ("submission", "starttls", Begins::Asked),
];

/// The servers, which end with the test, and the files of a run.
pub(super) struct Plant {
    pub(super) dir: TempDir,
    /// The ports, in the order of the listeners.
    pub(super) ports: Vec<u16>,
    /// The records of the hosts, below the zone `test`.
    pub(super) addresses: String,
    servers: Vec<Server>,
}

impl Plant {
    /// So many hosts with a certificate of a kind, and a list of so many domains; the servers of IMAP
    /// with STARTTLS speak by the script.
    pub(super) fn new(hosts: usize, domains: usize, kind: Kind, script: &Script) -> Self {
        let authority = Authority::new("authority of the tests");
        let dir = TempDir::new().expect("there is a place for temporary files");
        let ports: Vec<u16> = LISTENERS.iter().map(|_| free_address().port()).collect();
        let config = authority.server(kind);
        let (mut servers, mut addresses) = (Vec::new(), String::new());
        for host in 1..=hosts {
            let last = u8::try_from(10 + host).expect("hosts are few");
            let ip = Ipv4Addr::new(127, 0, 0, last);
            addresses.extend([format!("h{host}.hosts IN A {ip}\n")]);
            for ((protocol, mode, begins), port) in LISTENERS.iter().zip(&ports) {
                let good = Script::default();
                let script =
                    if (*protocol, *mode) == ("imap", "starttls") { script } else { &good };
                servers.push(serve_at((ip, *port).into(), protocol, *begins, script, &config));
            }
        }
        let mut profile = "host: \"{server}\"\nautoconfig: false\nautodiscover: false\n".to_owned();
        for service in ["imap", "pop3", "submission"] {
            let of = |wanted: &str| {
                let is_it = |it: &(&str, &str, Begins)| (it.0, it.1) == (service, wanted);
                let at = LISTENERS.iter().position(is_it);
                at.map(|at| ports[at]).expect("all are listened for")
            };
            let (tls, starttls) = (of("tls"), of("starttls"));
            profile.extend([format!("{service}: {{ tls: {tls}, starttls: {starttls} }}\n")]);
        }
        let mut list = "domain,server\n".to_owned();
        for domain in 0..domains {
            list.extend([format!("d{domain}.test,h{}.hosts.test\n", domain % hosts + 1)]);
        }
        let plant = Self { dir, ports, addresses, servers };
        plant.write("ca.pem", &authority.pem());
        plant.write("profile.yaml", &profile);
        plant.write("list.csv", &list);
        plant
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join(name), text).expect("the temporary directory is writable");
    }

    /// Writes the zone of all domains as `generate` would have it, with the hosts.
    pub(super) fn write_zone(&self) {
        let (list, profile) = (self.path("list.csv"), self.path("profile.yaml"));
        let generated = mailsrv(["generate", "--input", &list, "-p", &profile]);
        assert!(generated.status.success(), "{}", text(&generated.stderr));
        let soa = "$ORIGIN test.\n$TTL 3600\n@ IN SOA ns.test. root.test. 1 3600 600 86400 300\n";
        let records = text(&generated.stdout);
        self.write("test.zone", &[soa, "@ IN NS ns\n", &self.addresses, &records].concat());
    }

    /// Runs the program for the list, and lets it visit this machine.
    pub(super) fn run(&self, args: &[&str]) -> Output {
        let [list, profile, ca] = ["list.csv", "profile.yaml", "ca.pem"].map(|it| self.path(it));
        let ours = ["--input", &list, "-p", &profile, "--probe-private", "--ca-file", &ca];
        mailsrv([args, &ours].concat())
    }

    /// How often the servers were connected to.
    pub(super) fn visits(&self) -> usize {
        self.servers.iter().map(|server| server.visits.load(Ordering::SeqCst)).sum()
    }
}
