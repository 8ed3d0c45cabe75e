//! Dovecot and Postfix on loopback, as Debian has them.

use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::{Authority, Kind};
use crate::program::{mailsrv, text};
use crate::servers::{PATIENCE, free_address, require};

/// Dovecot takes passwords in the clear of whoever comes from its own address, so it has another.
const HOST: &str = "127.0.0.2";

/// Where a server listens: what is spoken there, and in which mode.
type Listener = (&'static str, &'static str, u16);

/// Both servers, which end with the test.
struct Servers {
    dovecot: Child,
    dir: TempDir,
    listeners: Vec<Listener>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        // They end their own processes.
        let _ = Command::new("kill").arg(self.dovecot.id().to_string()).status();
        let _ = self.dovecot.wait();
        let stop =
            Command::new(require("postfix")).args(["-c", &self.path("postfix"), "stop"]).output();
        drop(stop);
    }
}

impl Servers {
    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Starts both with a certificate of a kind.
    fn start(authority: &Authority, kind: Kind) -> Self {
        let dir = TempDir::new().expect("there is a place for temporary files");
        let open = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o755));
        open(dir.path()).expect("the folder is ours");
        let [chain, key] = authority.files(kind);
        let write = |name: &str, text: &str| {
            fs::write(dir.path().join(name), text).expect("the temporary directory is writable");
        };
        for folder in ["run", "state", "postfix", "queue", "data"] {
            fs::create_dir(dir.path().join(folder)).expect("the temporary directory is writable");
        }
        write("ca.pem", &authority.pem());
        write("chain.pem", &chain);
        write("key.pem", &key);
        let ports: Vec<u16> = (0..10).map(|_| free_address().port()).collect();
        let [imap, imaps, pop3, pop3s, submission, submissions, sieve, plain, tls, auth] =
            ports.as_slice()
        else {
            unreachable!("ten ports were taken");
        };
        let path = dir.path().display().to_string();
        let configuration = include_str!("dovecot.conf")
            .replace("{dir}", &path)
            .replace("{host}", HOST)
            .replace("{imap}", &imap.to_string())
            .replace("{imaps}", &imaps.to_string())
            .replace("{pop3}", &pop3.to_string())
            .replace("{pop3s}", &pop3s.to_string())
            .replace("{submission}", &submission.to_string())
            .replace("{submissions}", &submissions.to_string())
            .replace("{sieve}", &sieve.to_string())
            .replace("{auth}", &auth.to_string());
        write("dovecot.conf", &configuration);
        let of_postfix = |text: &str| {
            text.replace("{dir}", &path)
                .replace("{host}", HOST)
                .replace("{plain}", &plain.to_string())
                .replace("{tls}", &tls.to_string())
                .replace("{auth}", &auth.to_string())
        };
        write("postfix/main.cf", &of_postfix(include_str!("main.cf")));
        write("postfix/master.cf", &of_postfix(include_str!("master.cf")));
        let owned = Command::new("chown").arg("postfix").arg(dir.path().join("data")).status();
        assert!(owned.is_ok_and(|status| status.success()), "the tests of Postfix need root");
        let dovecot = Command::new(require("dovecot"))
            .args(["-F", "-c", &dir.path().join("dovecot.conf").display().to_string()])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program was found");
        let listeners = vec![
            ("imap", "starttls", *imap),
            ("imap", "tls", *imaps),
            ("pop3", "starttls", *pop3),
            ("pop3", "tls", *pop3s),
            ("submission", "starttls", *submission),
            ("submission", "tls", *submissions),
            ("sieve", "starttls", *sieve),
            ("submission", "starttls", *plain),
            ("submission", "tls", *tls),
        ];
        let servers = Self { dovecot, dir, listeners };
        let postfix = Command::new(require("postfix"))
            .args(["-c", &servers.path("postfix"), "start"])
            .output()
            .expect("the program was found");
        let log = || fs::read_to_string(servers.path("postfix.log"));
        assert!(postfix.status.success(), "{}{:?}", text(&postfix.stderr), log());
        servers.listeners.iter().for_each(|(_, _, port)| servers.wait_for(*port));
        servers
    }

    fn wait_for(&self, port: u16) {
        let address: SocketAddr = format!("{HOST}:{port}").parse().expect("it is an address");
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            let log = || ["log", "postfix.log"].map(|name| fs::read_to_string(self.path(name)));
            assert!(Instant::now() < end, "nothing listens at {address}: {:?}", log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a probe of each finds.
    fn probe(&self) -> Vec<Value> {
        let probe = |(protocol, mode, port): &Listener| {
            let run = mailsrv([
                "probe",
                &format!("{HOST}:{port}"),
                "--protocol",
                protocol,
                "--mode",
                mode,
                "--probe-private",
                "--ca-file",
                &self.path("ca.pem"),
                "--timeout",
                "60",
                "-f",
                "json",
            ]);
            serde_json::from_slice(&run.stdout)
                .unwrap_or_else(|error| panic!("{error}: {}", text(&run.stderr)))
        };
        self.listeners.iter().map(probe).collect()
    }
}

#[test]
#[ignore = "needs dovecot and postfix"]
fn real_servers_that_are_well_pass() {
    let authority = Authority::new("authority of the tests");
    for line in Servers::start(&authority, Kind::Intermediate).probe() {
        assert_eq!(
            (&line["verdict"], &line["findings"]),
            (&"pass".into(), &Value::Array(vec![])),
            "{line}"
        );
        assert_eq!(line["tls"]["chain"], "trusted", "{line}");
        assert_eq!(line["offered"]["password"], true, "{line}");
    }
}

#[test]
#[ignore = "needs dovecot and postfix"]
fn the_certificates_of_real_servers_are_told_apart() {
    let authority = Authority::new("authority of the tests");
    for (kind, code) in [
        (Kind::Incomplete, "certificate-untrusted"),
        (Kind::Expired, "certificate-expired"),
        (Kind::WrongName, "certificate-name"),
        (Kind::SelfSigned, "certificate-untrusted"),
    ] {
        for line in Servers::start(&authority, kind).probe() {
            let findings = line["findings"].as_array().expect("findings are an array");
            let codes: Vec<_> = findings.iter().map(|it| &it["code"]).collect();
            assert_eq!(codes, [code], "{kind:?}: {line}");
        }
    }
}
