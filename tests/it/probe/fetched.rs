//! Pages fetched from web servers by a script.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mailsrv::page::{Content, MAX_BODY, Method, Page, Request, Unfetched};
use mailsrv::probe::{Fetcher, Terms, Trust};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde::Deserialize;

use super::certificates::{Authority, Kind};

/// A server, a request, and what comes of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Scenario {
    name: String,
    #[serde(default = "https")]
    scheme: String,
    #[serde(default = "root")]
    path: String,
    #[serde(default = "get")]
    method: String,
    user: Option<String>,
    says: String,
    #[serde(default)]
    certificate: Kind,
    /// It is asked for by its address of IPv6.
    #[serde(default)]
    literal: bool,
    /// It does not speak TLS.
    #[serde(default)]
    clear: bool,
    /// It keeps the connection once it has said that.
    #[serde(default)]
    hangs: bool,
    /// What the request must contain.
    #[serde(default)]
    asked: String,
    page: BTreeMap<String, String>,
}

fn https() -> String {
    "https".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

fn get() -> String {
    "get".to_owned()
}

/// Where the server of a scenario listens.
fn own(scenario: &Scenario) -> IpAddr {
    if scenario.literal { Ipv6Addr::LOCALHOST.into() } else { LOOPBACK }
}

/// A server at work; it ends with the test.
struct Server {
    address: SocketAddr,
    /// How often it was connected to.
    visits: Arc<AtomicUsize>,
    /// What it was asked last.
    heard: Arc<Mutex<String>>,
}

fn serve(scenario: &Scenario, config: &Arc<ServerConfig>) -> Server {
    let listener = TcpListener::bind((own(scenario), 0)).expect("loopback has ports");
    let address = listener.local_addr().expect("a listener has an address");
    let (head, body) = match scenario.says.split_once("\n\n") {
        Some((head, body)) => (format!("{head}\n\n"), body),
        None => (scenario.says.clone(), ""),
    };
    let says = head.replace('\n', "\r\n") + body;
    let says = says.replace("{port}", &address.port().to_string());
    let says = says.replace("{repeat}", &"x".repeat(2 * MAX_BODY));
    let is_clear = scenario.clear || scenario.scheme == "http";
    let (hangs, config) = (scenario.hangs, Arc::clone(config));
    let server = Server { address, visits: Arc::default(), heard: Arc::default() };
    let (visits, heard) = (Arc::clone(&server.visits), Arc::clone(&server.heard));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            visits.fetch_add(1, Ordering::SeqCst);
            // Whoever goes away in the middle is no trouble.
            let _gone = match is_clear {
                true => answer(stream, &says, hangs, &heard),
                false => ServerConnection::new(Arc::clone(&config))
                    .map_err(io::Error::other)
                    .and_then(|tls| answer(StreamOwned::new(tls, stream), &says, hangs, &heard)),
            };
        }
    });
    server
}

/// Reads a request, and says what there is to say.
fn answer<S: Read + Write>(
    mut stream: S,
    says: &str,
    hangs: bool,
    heard: &Mutex<String>,
) -> io::Result<()> {
    let mut read = Vec::new();
    let mut octets = [0; 4096];
    let is_whole = |read: &[u8]| {
        // Whoever does not speak TLS does not wait for the end of what it cannot read.
        if read.first() == Some(&22) {
            return true;
        }
        let text = String::from_utf8_lossy(read).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        length.is_none_or(|length| length.parse().is_ok_and(|length: usize| body.len() >= length))
    };
    while !is_whole(&read) {
        match stream.read(&mut octets)? {
            0 => return Ok(()),
            count => read.extend_from_slice(&octets[..count]),
        }
    }
    *heard.lock().expect("nobody panics with it") = String::from_utf8_lossy(&read).into_owned();
    stream.write_all(says.as_bytes())?;
    stream.flush()?;
    while hangs && stream.read(&mut octets)? > 0 {}
    Ok(())
}

/// What stands in a page, as the scenarios write it.
fn told(page: &Page) -> BTreeMap<String, String> {
    let content = match &page.content {
        Ok(content) => content,
        Err(why) => return [("none".to_owned(), why.code().to_owned())].into(),
    };
    let Content { status, media_type, encoding, hsts, location, fault, body } = content;
    let hsts = hsts.map(|it| {
        let with = if it.include_subdomains { " with subdomains" } else { "" };
        format!("{}{with}", it.max_age)
    });
    let body = String::from_utf8_lossy(body).into_owned();
    [
        ("status", Some(status.to_string())),
        ("media-type", media_type.clone()),
        ("encoding", encoding.clone()),
        ("hsts", hsts),
        ("location", location.as_ref().map(ToString::to_string)),
        ("fault", fault.map(|fault| fault.code().to_owned())),
        ("body", Some(body).filter(|body| !body.is_empty())),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.to_owned(), value?)))
    .collect()
}

#[expect(clippy::disallowed_methods, reason = "certificates are valid for a time")]
fn terms(trust: &Trust, timeout: Duration) -> Terms {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
    Terms { timeout, allow_private: true, trust: trust.clone(), now, at_once: 4 }
}

/// How long a page may take that comes.
const PATIENCE: Duration = Duration::from_secs(60);

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("there is a runtime").block_on(future)
}

fn request(scenario: &Scenario, port: u16) -> Request {
    let host = if scenario.literal { "[::1]" } else { "localhost" };
    let url = format!("{}://{host}:{port}{}", scenario.scheme, scenario.path);
    let method = if scenario.method == "post" { Method::Post } else { Method::Get };
    let url = url.parse().expect("it is an address");
    Request { method, url, user: scenario.user.clone() }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn scenarios() -> Vec<Scenario> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages.yaml");
    let read = fs::read_to_string(path).expect("the file is there");
    serde_yaml::from_str(&read).expect("the scenarios are of this form")
}

#[test]
fn a_page_says_what_the_server_said() {
    let authority = Authority::new("authority of the tests");
    let trust = Trust::of_pem(authority.pem().as_bytes()).expect("it is one");
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let server = serve(&scenario, &authority.server(scenario.certificate));
        let port = server.address.port();
        let is_awaited = scenario.page.get("none").is_some_and(|why| why == "timeout");
        let patience = if is_awaited { Duration::from_millis(500) } else { PATIENCE };
        let fetcher = Fetcher::new(terms(&trust, patience));
        let page = run(fetcher.fetch(&request(&scenario, port), &[own(&scenario)]));
        let told = told(&page);
        let expected: BTreeMap<String, String> = scenario
            .page
            .iter()
            .map(|(key, value)| (key.clone(), value.replace("{port}", &port.to_string())))
            .collect();
        let heard = server.heard.lock().expect("nobody panics with it").clone();
        let asked = scenario.asked.replace("{port}", &port.to_string());
        if told != expected || !heard.contains(&asked) {
            wrong.push(format!("{}: {told:?}, asked {heard:?}", scenario.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn plain() -> (Server, Request) {
    let scenarios = scenarios();
    let scenario = scenarios.iter().find(|it| it.name == "in the clear").expect("there is one");
    let config = Authority::new("nobody").server(Kind::Good);
    let server = serve(scenario, &config);
    let request = request(scenario, server.address.port());
    (server, request)
}

#[test]
fn a_page_is_fetched_once_whoever_asks_for_it() {
    let (server, request) = plain();
    let fetcher = Fetcher::new(terms(&Trust::public(), PATIENCE));
    let fetch = || fetcher.fetch(&request, &[LOOPBACK]);
    let pages = run(async { futures_util::join!(fetch(), fetch(), fetch()) });
    assert_eq!((&pages.0, &pages.0), (&pages.1, &pages.2));
    assert!(pages.0.content.is_ok_and(|content| content.status == 200));
    assert_eq!(server.visits.load(Ordering::SeqCst), 1);
    let other = request.clone().about("user@example.test");
    let _page = run(fetcher.fetch(&other, &[LOOPBACK]));
    assert_eq!(server.visits.load(Ordering::SeqCst), 2);
}

#[test]
fn large_pages_are_remembered_up_to_so_many_octets() {
    const MANY: usize = 160;
    let mut scenario = scenarios().into_iter().find(|it| it.name == "in the clear");
    let scenario = scenario.as_mut().expect("there is one");
    let body = "x".repeat(MAX_BODY);
    scenario.says = format!("HTTP/1.1 200 OK\nContent-Length: {MAX_BODY}\n\n{body}");
    let server = serve(scenario, &Authority::new("nobody").server(Kind::Good));
    let fetcher = Fetcher::new(terms(&Trust::public(), PATIENCE));
    let fetch = |number: usize| {
        let path = format!("/{number}");
        let request = request(&Scenario { path, ..scenario.clone() }, server.address.port());
        let page = run(fetcher.fetch(&request, &[LOOPBACK]));
        assert!(page.content.is_ok_and(|content| content.body.len() == MAX_BODY), "{number}");
        server.visits.load(Ordering::SeqCst)
    };
    // 32 MiB are 128 of them, and half of these are remembered at least.
    let visits: Vec<usize> = (0..MANY).map(&fetch).collect();
    assert_eq!(visits, (1..=MANY).collect::<Vec<_>>());
    assert!((MANY - 64..MANY).map(&fetch).all(|visits| visits == MANY));
    assert_eq!(fetch(0), MANY + 1);
}

#[test]
fn an_address_that_refuses_is_passed_over_for_the_next() {
    let (_server, request) = plain();
    let fetcher = Fetcher::new(terms(&Trust::public(), PATIENCE));
    let elsewhere = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77));
    let page = run(fetcher.fetch(&request, &[elsewhere, LOOPBACK]));
    assert!(page.content.is_ok_and(|content| content.status == 200));
    let fetcher = Fetcher::new(terms(&Trust::public(), PATIENCE));
    let page = run(fetcher.fetch(&request, &[elsewhere]));
    assert_eq!(page.content, Err(Unfetched::Refused));
    let page = run(fetcher.fetch(&request.about("nobody@example.test"), &[]));
    assert_eq!(page.content, Err(Unfetched::NoHost));
}

/// An address at which no connection comes about: whoever listens there takes none, and has no room
/// for more of them to wait.
struct Dead {
    _listener: socket2::Socket,
    _waiting: Vec<socket2::Socket>,
}

impl Dead {
    fn at(address: SocketAddr) -> Self {
        let socket = || {
            let made = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
            made.expect("there are sockets")
        };
        let listener = socket();
        listener.bind(&address.into()).expect("nobody else is there");
        listener.listen(0).expect("it is bound");
        let connect = || {
            let one = socket();
            one.set_nonblocking(true).expect("it can wait");
            // It is under way, or never ends.
            let _pending = one.connect(&address.into());
            one
        };
        Self { _waiting: (0..4).map(|_| connect()).collect(), _listener: listener }
    }
}

#[test]
fn each_address_has_a_time_of_its_own_however_many_were_waited_for() {
    let (_server, request) = plain();
    let port = request.url.reached_port();
    let dead = [[127, 0, 0, 71], [127, 0, 0, 72], [127, 0, 0, 73]].map(IpAddr::from);
    let _listeners = dead.map(|address| Dead::at(SocketAddr::new(address, port)));
    let terms = || terms(&Trust::public(), Duration::from_millis(400));
    let [first, second, third] = dead;
    let addresses = [first, second, third, LOOPBACK];
    let page = run(Fetcher::new(terms()).fetch(&request, &addresses));
    assert!(page.content.is_ok_and(|content| content.status == 200));
    let page = run(Fetcher::new(terms()).fetch(&request, &dead));
    assert_eq!(page.content, Err(Unfetched::Timeout));
}

#[test]
fn nothing_is_fetched_from_private_addresses_unless_that_is_asked_for() {
    let (server, request) = plain();
    let terms = Terms { allow_private: false, ..terms(&Trust::public(), PATIENCE) };
    let page = run(Fetcher::new(terms.clone()).fetch(&request, &[LOOPBACK]));
    assert_eq!(page.content, Err(Unfetched::Guarded));
    // Whoever points to an address says no more than whoever names it.
    for pointed in ["//[::1]/", "//[::ffff:127.0.0.1]/", "//127.0.0.1/"] {
        let url = request.url.join(pointed).expect("it is an address");
        let address = url.host().parse().expect("it is one");
        let page = run(Fetcher::new(terms.clone()).fetch(&Request::get(url), &[address]));
        assert_eq!(page.content, Err(Unfetched::Guarded), "{pointed}");
    }
    assert_eq!(server.visits.load(Ordering::SeqCst), 0);
}
