//! Mail servers by a script, for what real ones refuse to do wrong.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde::Deserialize;

/// How long a server waits for its client: for ever, about.
const PATIENCE: Duration = Duration::from_secs(120);

/// The answer of a server that goes away.
const CLOSE: &str = "{close}";

/// What a server says; what is not said here is said by a good server of the protocol.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) greeting: Option<String>,
    /// Answers in the clear, by the word of the command.
    #[serde(default)]
    pub(super) clear: BTreeMap<String, String>,
    /// Answers within TLS.
    #[serde(default)]
    pub(super) within: BTreeMap<String, String>,
    /// When TLS begins, where that is not as the client expects.
    pub(super) tls: Option<Begins>,
    /// What becomes of commands that came behind STARTTLS.
    #[serde(default)]
    pub(super) stray: Stray,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Begins {
    AtOnce,
    Asked,
    /// Never, whatever is said of it.
    Never,
    /// When it is asked for, and no handshake ever comes of it.
    Hanging,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stray {
    #[default]
    Discarded,
    Obeyed,
    /// The server closes the connection.
    Punished,
}

/// A server at work; it ends with the test.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// How often it was connected to.
    pub(super) visits: Arc<AtomicUsize>,
}

/// The answers of a good server, in the clear and within TLS, and its greeting.
fn good(protocol: &str) -> (&'static str, [&'static [(&'static str, &'static str)]; 2]) {
    match protocol {
        "imap" => (
            "* OK ready",
            [
                &[
                    ("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\n{tag} OK done"),
                    ("STARTTLS", "{tag} OK begin"),
                    ("NOOP", "{tag} OK nothing"),
                    ("LOGOUT", "* BYE\n{tag} OK"),
                ],
                &[
                    ("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\n{tag} OK done"),
                    ("NOOP", "{tag} OK nothing"),
                    ("LOGOUT", "* BYE\n{tag} OK"),
                ],
            ],
        ),
        "pop3" => (
            "+OK ready",
            [
                &[
                    ("CAPA", "+OK\nUIDL\nSTLS\n."),
                    ("STLS", "+OK begin"),
                    ("NOOP", "-ERR not now"),
                    ("QUIT", "+OK bye"),
                ],
                &[
                    ("CAPA", "+OK\nUIDL\nUSER\nSASL PLAIN LOGIN\n."),
                    ("NOOP", "-ERR not now"),
                    ("QUIT", "+OK bye"),
                ],
            ],
        ),
        "submission" => (
            "220 mail.test ESMTP",
            [
                &[
                    ("EHLO", "250-mail.test\n250-PIPELINING\n250 STARTTLS"),
                    ("STARTTLS", "220 begin"),
                    ("NOOP", "250 nothing"),
                    ("QUIT", "221 bye"),
                ],
                &[
                    ("EHLO", "250-mail.test\n250 AUTH PLAIN LOGIN"),
                    ("NOOP", "250 nothing"),
                    ("QUIT", "221 bye"),
                ],
            ],
        ),
        "sieve" => (
            "\"IMPLEMENTATION\" \"script\"\n\"SASL\" \"\"\n\"STARTTLS\"\nOK \"ready\"",
            [
                &[
                    ("STARTTLS", "OK \"begin\""),
                    ("NOOP", "OK \"nothing\""),
                    ("LOGOUT", "OK \"bye\""),
                ],
                &[
                    ("", "\"IMPLEMENTATION\" \"script\"\n\"SASL\" \"PLAIN\"\nOK \"again\""),
                    ("NOOP", "OK \"nothing\""),
                    ("LOGOUT", "OK \"bye\""),
                ],
            ],
        ),
        other => panic!("{other} is no protocol of these tests"),
    }
}

/// Serves by a script on a port of loopback.
pub(super) fn serve(
    protocol: &str,
    begins: Begins,
    script: &Script,
    config: &Arc<ServerConfig>,
) -> Server {
    serve_at((Ipv4Addr::LOCALHOST, 0).into(), protocol, begins, script, config)
}

/// Serves by a script at an address of loopback.
pub(super) fn serve_at(
    address: SocketAddr,
    protocol: &str,
    begins: Begins,
    script: &Script,
    config: &Arc<ServerConfig>,
) -> Server {
    let (greeting, [clear, within]) = good(protocol);
    let script = Script {
        greeting: Some(script.greeting.clone().unwrap_or_else(|| greeting.to_owned())),
        clear: joined(clear, &script.clear),
        within: joined(within, &script.within),
        tls: Some(script.tls.unwrap_or(begins)),
        stray: script.stray,
    };
    let listener = TcpListener::bind(address).expect("loopback has ports");
    let address = listener.local_addr().expect("a listener has an address");
    let (visits, config) = (Arc::new(AtomicUsize::new(0)), Arc::clone(config));
    let count = Arc::clone(&visits);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let (script, config) = (script.clone(), Arc::clone(&config));
            // Whoever goes away in the middle is no trouble.
            thread::spawn(move || drop(converse(stream, &script, &config)));
        }
    });
    Server { address, visits }
}

fn joined(good: &[(&str, &str)], other: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let owned = |(word, answer): &(&str, &str)| ((*word).to_owned(), (*answer).to_owned());
    let mut all: BTreeMap<_, _> = good.iter().map(owned).collect();
    all.extend(other.clone());
    all
}

fn converse(stream: TcpStream, script: &Script, config: &Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let greeting = script.greeting.as_deref().unwrap_or_default();
    let handshake = || ServerConnection::new(Arc::clone(config)).map_err(io::Error::other);
    if script.tls == Some(Begins::AtOnce) {
        let mut stream = StreamOwned::new(handshake()?, stream);
        say(&mut stream, greeting, "")?;
        // What a server of ManageSieve greets with is what it says again behind STARTTLS.
        return talk(&mut stream, &script.within, Vec::new()).map(|_end| ());
    }
    let mut stream = stream;
    say(&mut stream, greeting, "")?;
    if script.tls == Some(Begins::Never) {
        return io::copy(&mut stream, &mut io::sink()).map(|_count| ());
    }
    let Some(rest) = talk(&mut stream, &script.clear, Vec::new())? else { return Ok(()) };
    let rest = match script.stray {
        Stray::Punished if !rest.is_empty() => return Ok(()),
        Stray::Obeyed => rest,
        Stray::Discarded | Stray::Punished => Vec::new(),
    };
    if script.tls == Some(Begins::Hanging) {
        return io::copy(&mut stream, &mut io::sink()).map(|_count| ());
    }
    let mut stream = StreamOwned::new(handshake()?, stream);
    if let Some(unasked) = script.within.get("") {
        say(&mut stream, unasked, "")?;
    }
    talk(&mut stream, &script.within, rest).map(|_end| ())
}

/// Answers line by line until the end, or until TLS is to begin: then what was read behind that.
fn talk(
    stream: &mut (impl Read + Write),
    answers: &BTreeMap<String, String>,
    mut read: Vec<u8>,
) -> io::Result<Option<Vec<u8>>> {
    loop {
        while let Some(end) = read.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = read.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line).trim_end().to_ascii_uppercase();
            let found = answers.iter().find(|(word, _)| {
                !word.is_empty() && line.split(' ').take(2).any(|it| it == word.as_str())
            });
            let Some((word, answer)) = found else {
                let tag = line.split(' ').next().unwrap_or_default();
                say(stream, "{tag} BAD what", tag)?;
                continue;
            };
            if answer == CLOSE {
                return Ok(None);
            }
            let tag = line.split(' ').next().unwrap_or_default().to_ascii_lowercase();
            say(stream, answer, &tag)?;
            let is_yes = ["OK", "+OK", "220"].iter().any(|yes| {
                answer.trim_start_matches("{tag} ").split([' ', '\n']).next() == Some(yes)
            });
            if is_yes && ["STARTTLS", "STLS"].contains(&word.as_str()) {
                return Ok(Some(read));
            }
            if ["QUIT", "LOGOUT"].contains(&word.as_str()) {
                return Ok(None);
            }
        }
        let mut octets = [0; 4096];
        match stream.read(&mut octets)? {
            0 => return Ok(None),
            count => read.extend_from_slice(&octets[..count]),
        }
    }
}

fn say(stream: &mut impl Write, text: &str, tag: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let text = text.trim_end().replace("{tag}", tag).replace('\n', "\r\n");
    stream.write_all(format!("{text}\r\n").as_bytes())?;
    stream.flush()
}
