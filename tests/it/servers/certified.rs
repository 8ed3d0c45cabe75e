//! Servers with a certificate: real ones for DNS over TLS and HTTPS, and one of our own for QUIC, for
//! which Debian has none.

use std::cell::RefCell;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use quinn::crypto::rustls::QuicServerConfig;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

use super::{Daemon, PATIENCE, Zone, free_address, require, start};

/// The name that certificates are for, besides 127.0.0.1.
pub(crate) const NAME: &str = "dns.example";

/// A private authority, and a certificate that it signed, in files.
pub(crate) struct Authority {
    dir: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().expect("there is a place for temporary files");
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let signing = KeyPair::generate().expect("keys can be made");
        let own = authority.self_signed(&signing).expect("the parameters are sound");
        let issuer = Issuer::new(authority, signing);
        let names = [NAME.to_owned(), "127.0.0.1".to_owned()];
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = CertificateParams::new(names)
            .and_then(|params| params.signed_by(&key, &issuer))
            .expect("the parameters are sound");
        let files = [
            ("ca.pem", own.pem()),
            ("cert.pem", certificate.pem()),
            ("key.pem", key.serialize_pem()),
        ];
        for (name, pem) in files {
            fs::write(dir.path().join(name), pem).expect("the temporary directory is writable");
        }
        Self { dir }
    }

    /// The file for `--ca-file`.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }
}

/// A real server that is asked by UDP, TCP, TLS and HTTPS.
pub(crate) struct Certified {
    pub(crate) daemon: Daemon,
    pub(crate) tls: SocketAddr,
    pub(crate) https: SocketAddr,
}

/// Starts a server whose command is made of its directory and the addresses for UDP and TCP, TLS, and
/// HTTPS.
#[track_caller]
fn certified(zone: &str, command: impl Fn(&Path, [SocketAddr; 3]) -> Command) -> Certified {
    let chosen = RefCell::new(None);
    let daemon = start(zone, |dir, plain| {
        let [tls, https] = [free_address(), free_address()];
        chosen.replace(Some((tls, https)));
        command(dir, [plain, tls, https])
    });
    let (tls, https) = chosen.into_inner().expect("the command was made");
    Certified { daemon, tls, https }
}

/// Unbound, which asks a server for what lies in its zones.
pub(crate) fn unbound(authority: &Authority, zones: &[Zone], server: SocketAddr) -> Certified {
    let unbound = require("unbound");
    let first = zones.first().expect("there is a zone to ask for");
    certified(&first.name, |dir, [plain, tls, https]| {
        let at = |address: SocketAddr| format!("{}@{}", address.ip(), address.port());
        let mut text = format!(
            "server:\n  directory: \"{}\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  \
               use-syslog: no\n  module-config: \"iterator\"\n  do-not-query-localhost: no\n  \
               num-threads: 1\n  interface: {}\n  interface: {}\n  interface: {}\n  \
               tls-port: {}\n  https-port: {}\n  tls-service-pem: \"{}\"\n  tls-service-key: \"{}\"\n",
            dir.display(),
            at(plain),
            at(tls),
            at(https),
            tls.port(),
            https.port(),
            authority.certificate().display(),
            authority.key().display(),
        );
        for zone in zones {
            let server = at(server);
            text.extend(["stub-zone:\n  name: ", &zone.name, "\n  stub-addr: ", &server, "\n"]);
        }
        let config = dir.join("unbound.conf");
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(&unbound);
        command.arg("-d").arg("-p").arg("-c").arg(&config);
        command
    })
}

/// BIND, which serves the zones itself.
pub(crate) fn bind(authority: &Authority, zones: &[Zone]) -> Certified {
    let named = require("named");
    let last = zones.last().expect("there is a zone to serve");
    certified(&last.name, |dir, [plain, tls, https]| {
        let mut text = format!(
            "tls own {{ cert-file \"{}\"; key-file \"{}\"; }};\n\
             options {{ directory \"{}\"; pid-file none; session-keyfile none; \
               listen-on port {} {{ 127.0.0.1; }}; \
               listen-on port {} tls own {{ 127.0.0.1; }}; \
               listen-on port {} tls own http default {{ 127.0.0.1; }}; \
               listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify no; }};\n\
             controls {{}};\n",
            authority.certificate().display(),
            authority.key().display(),
            dir.display(),
            plain.port(),
            tls.port(),
            https.port(),
        );
        for zone in zones {
            zone.write(dir);
            let name = &zone.name;
            text.extend(["zone \"", name, "\" { type primary; file \"", name, ".zone\"; };\n"]);
        }
        let config = dir.join("named.conf");
        fs::write(&config, text).expect("the temporary directory is writable");
        let mut command = Command::new(&named);
        command.arg("-g").arg("-n").arg("1").arg("-c").arg(&config);
        command
    })
}

/// Serves DNS over QUIC (RFC 9250) as long as the test runs, by asking a server over UDP.
pub(crate) fn quic(authority: &Authority, server: SocketAddr) -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(authority.certificate());
    let key = PrivateKeyDer::from_pem_file(authority.key());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("there is TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.expect("the certificate was written")],
            key.expect("the key was written"),
        )
        .expect("the key is that of the certificate");
    config.alpn_protocols = vec![b"doq".to_vec()];
    let config = QuicServerConfig::try_from(config).expect("there is TLS 1.3");
    let config = quinn::ServerConfig::with_crypto(Arc::new(config));
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("there is a runtime").block_on(async {
            let local = SocketAddr::from(([127, 0, 0, 1], 0));
            let endpoint = quinn::Endpoint::server(config, local).expect("a port is free");
            sender.send(endpoint.local_addr().expect("it is bound")).expect("the test waits");
            while let Some(incoming) = endpoint.accept().await {
                tokio::spawn(forward(incoming, server));
            }
        });
    });
    receiver.recv().expect("the server runs")
}

/// A stream is a query; who has gone does not want its answer.
async fn forward(incoming: quinn::Incoming, server: SocketAddr) {
    let Ok(connection) = incoming.await else { return };
    while let Ok((mut send, mut receive)) = connection.accept_bi().await {
        let Ok(query) = receive.read_to_end(1 << 16).await else { return };
        let answer = tokio::task::spawn_blocking(move || relay(&query[2..], server)).await;
        let answer = answer.expect("the server answers");
        let length = u16::try_from(answer.len()).expect("a datagram is that short").to_be_bytes();
        let _gone = send.write_all(&[&length[..], &answer].concat()).await;
        let _gone = send.finish();
    }
}

fn relay(query: &[u8], server: SocketAddr) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    socket.set_read_timeout(Some(PATIENCE)).expect("it is longer than 0");
    socket.send_to(query, server).expect("it is on this machine");
    let mut buffer = vec![0; 1 << 16];
    let length = socket.recv(&mut buffer).expect("the server answers");
    buffer.truncate(length);
    buffer
}
