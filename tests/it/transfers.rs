//! Audits of zones that real servers hand out (AXFR), with and without a key (TSIG).

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use hickory_proto::rr::Name;
use mailsrv::lookup::resolver::{Server, Trust};
use mailsrv::lookup::transfer::{Algorithm, Key, Options, transfer};
use mailsrv::zonefile::Limits;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{mailsrv, printed, text, without_places};
use crate::servers::{Daemon, PATIENCE, Zone, bind, knot, nsd};

/// More records than fit a hundred messages.
const HOSTS: usize = 40_000;

/// Those of the zone beside its hosts: SOA and NS with an address, MX with two, and the mail
/// records.
const OTHERS: usize = 6 + 9;

const SECRET: &str = "bWFpbHNydi1tYWlsc3J2LW1haWxzcnYtbWFpbHNydi0=";

/// A zone of a healthy mail domain and many hosts.
fn zone(hosts: usize) -> Zone {
    let mut records = "@ MX 10 mail\nmail A 192.0.2.1\nmail AAAA 2001:db8::1\n".to_owned();
    for host in 0..hosts {
        writeln!(records, "h{host} A 10.0.{}.{}", host / 250, host % 250).expect("it is a String");
    }
    records.push_str(&printed(["generate", "-q", "example.com"]));
    Zone::new("example.com", &records)
}

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("there is a place for temporary files"))
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("the folder is writable");
        path
    }

    fn key(&self, name: &str, algorithm: &str, secret: &str) -> PathBuf {
        let content =
            format!("key \"{name}\" {{\n\talgorithm {algorithm};\n\tsecret \"{secret}\";\n}};\n");
        self.write("key", &content)
    }
}

/// Runs an audit of the zone of a server.
fn audit(server: SocketAddr, options: &[&str]) -> (Option<i32>, String, String) {
    let server = server.to_string();
    let args = ["audit", "--transfer", &server, "--zone-name", "example.com"];
    let output = mailsrv(args.iter().chain(options));
    let said = text(&output.stderr).replace(&server, "SERVER");
    (output.status.code(), text(&output.stdout), said)
}

/// Checks that the zone of a server is judged as its file is.
#[track_caller]
fn check_like_file(server: &Daemon, zone: &Zone, options: &[&str]) {
    let (code, report, said) = audit(server.address, &[options, &["-f", "json"]].concat());
    assert_eq!((code, said.as_str()), (Some(0), ""), "{report}");
    let files = Files::new();
    let path = files.write("example.com.zone", &zone.text);
    let path = path.to_str().expect("temporary paths are UTF-8");
    let by_file = printed(["audit", "--zone", path, "-f", "json"]);
    assert_eq!(plain(&report), plain(&by_file));
    assert!(report.contains("\"verdict\":\"pass\""), "{report}");
}

fn plain(report: &str) -> Vec<Value> {
    let reports = report.lines().map(|line| serde_json::from_str(line).expect("it is JSON"));
    without_places(reports.collect())
}

/// How many records come from a server that is reached through a proxy.
#[expect(clippy::disallowed_methods, reason = "signatures are valid for some minutes")]
fn count(server: SocketAddr, key: Option<&Key>) -> usize {
    let mut records = 0;
    let name = Name::from_ascii("example.com.").expect("it is a name");
    let options = Options {
        key,
        limits: Limits::default(),
        idle: PATIENCE,
        whole: 20 * PATIENCE,
        clock: || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.expect("it is later than 1970").as_secs()
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let ended = runtime.block_on(transfer(
        &Server::from(server),
        &Trust::public(),
        &name,
        options,
        |_record| records += 1,
    ));
    ended.expect("the zone comes whole");
    records
}

/// What a proxy does to the octets of a server.
#[derive(Clone, Copy)]
enum Line {
    /// It hands on few octets at a time.
    Slow,
    /// It closes the connection after so many.
    Cut(usize),
}

/// Stands between one client and a server.
fn proxy(server: SocketAddr, line: Line) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || -> io::Result<()> {
        let (mut client, _) = listener.accept()?;
        let mut server = TcpStream::connect(server)?;
        let mut request = [0; 2000];
        let length = client.read(&mut request)?;
        server.write_all(&request[..length])?;
        let mut left = match line {
            Line::Slow => usize::MAX,
            Line::Cut(octets) => octets,
        };
        let mut buffer = [0; 3001];
        loop {
            let length = server.read(&mut buffer)?.min(left);
            if length == 0 {
                return client.shutdown(Shutdown::Both);
            }
            client.write_all(&buffer[..length])?;
            left -= length;
            if matches!(line, Line::Slow) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    });
    address
}

#[test]
#[ignore = "needs knotd"]
fn knot_hands_out_forty_thousand_records_and_every_one_arrives() {
    let zone = zone(HOSTS);
    let server = knot::serve_transfers(&zone, None);
    assert_eq!(count(server.address, None), HOSTS + OTHERS);
    assert_eq!(count(proxy(server.address, Line::Slow), None), HOSTS + OTHERS);
    check_like_file(&server, &zone, &[]);
}

#[test]
#[ignore = "needs nsd"]
fn nsd_hands_out_forty_thousand_records_and_every_one_arrives() {
    let zone = zone(HOSTS);
    let server = nsd::serve_transfers(&zone, None);
    assert_eq!(count(server.address, None), HOSTS + OTHERS);
    assert_eq!(count(proxy(server.address, Line::Slow), None), HOSTS + OTHERS);
    check_like_file(&server, &zone, &[]);
}

/// A server that hands out forty thousand records to whoever has the key.
#[track_caller]
fn check_signed(serve: fn(&Zone, Option<[&str; 3]>) -> Daemon) {
    let zone = zone(HOSTS);
    let server = serve(&zone, Some(["transfer.test", "hmac-sha256", SECRET]));
    let files = Files::new();
    let path = files.key("transfer.test", "hmac-sha256", SECRET);
    let key = Key::read(&fs::read_to_string(&path).expect("it was written")).expect("it is a key");
    assert_eq!(count(server.address, Some(&key)), HOSTS + OTHERS);
    assert_eq!(count(proxy(server.address, Line::Slow), Some(&key)), HOSTS + OTHERS);
    let path = path.to_str().expect("temporary paths are UTF-8");
    check_like_file(&server, &zone, &["--tsig-key-file", path]);
}

#[test]
#[ignore = "needs knotd"]
fn knot_hands_out_forty_thousand_records_to_the_holder_of_the_key() {
    check_signed(knot::serve_transfers);
}

#[test]
#[ignore = "needs nsd"]
fn nsd_hands_out_forty_thousand_records_to_the_holder_of_the_key() {
    check_signed(nsd::serve_transfers);
}

#[test]
#[ignore = "needs named"]
fn bind_hands_out_forty_thousand_records_to_the_holder_of_its_own_key_file() {
    let zone = zone(HOSTS);
    let server = bind::serve_transfers(&zone);
    let path = bind::key_file(server.dir());
    let path = path.to_str().expect("temporary paths are UTF-8");
    check_like_file(&server, &zone, &["--tsig-key-file", path]);
}

#[test]
#[ignore = "needs knotd"]
fn every_algorithm_is_understood_by_knot() {
    let zone = zone(200);
    let files = Files::new();
    for algorithm in Algorithm::ALL {
        let server = knot::serve_transfers(&zone, Some(["k.test", algorithm.text(), SECRET]));
        let path = files.key("K.test", algorithm.text(), SECRET);
        let key = Key::read(&fs::read_to_string(path).expect("it was written"));
        let records = count(server.address, Some(&key.expect("it is a key")));
        assert_eq!(records, 200 + OTHERS, "{}", algorithm.text());
    }
}

const HINT: &str = "(BIND: allow-transfer, Knot: an acl with action transfer, NSD: provide-xfr)";

#[test]
#[ignore = "needs knotd"]
fn what_a_server_refuses_is_told_with_the_remedy() {
    let server = knot::serve_transfers(&zone(20), Some(["k.test", "hmac-sha256", SECRET]));
    let files = Files::new();
    let other = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb28=";
    for (key, said) in [
        (None, format!(
            "the server answers NOTAUTH\nhint: have the server let this machine transfer the zone {HINT}, or sign the request with --tsig-key-file; and the zone has to be one that it serves\n"
        )),
        (Some(["k.test", "hmac-sha256", other]),
            "the server has another secret for the key k.test. (BADSIG)\nhint: copy the key anew from the server\n".to_owned(),
        ),
        (Some(["l.test", "hmac-sha256", SECRET]),
            "the server does not know the key l.test. with the algorithm hmac-sha256 (BADKEY)\nhint: give the server this key, with the same name and algorithm, or take one that it has\n".to_owned(),
        ),
    ] {
        let path = key.map(|[name, algorithm, secret]| files.key(name, algorithm, secret));
        let path = path.as_ref().map(|path| path.to_str().expect("temporary paths are UTF-8"));
        let options = path.map(|path| ["--tsig-key-file", path]);
        let (code, report, stderr) = audit(server.address, options.as_ref().map_or(&[], |it| it));
        assert_eq!((code, report.as_str()), (Some(2), ""), "{stderr}");
        assert_eq!(stderr, format!("error: transfer of example.com from SERVER: {said}"));
    }
}

#[test]
#[ignore = "needs nsd"]
fn a_transfer_that_is_cut_in_the_middle_is_trouble_and_no_zone() {
    let server = nsd::serve_transfers(&zone(HOSTS), None);
    let near = proxy(server.address, Line::Cut(300_000));
    let (code, report, said) = audit(near, &[]);
    assert_eq!((code, report.as_str()), (Some(2), ""));
    let said = said.strip_prefix("error: transfer of example.com from SERVER: ");
    let said = said.and_then(|said| {
        said.strip_prefix("the server closed the connection before the closing SOA record, after ")
    });
    let (records, hint) = said.and_then(|said| said.split_once(' ')).expect("it is told");
    assert!(
        records.parse::<usize>().is_ok_and(|records| (1..HOSTS).contains(&records)),
        "{records}"
    );
    assert_eq!(hint, "records\nhint: transfer it once more\n");
}

#[test]
#[ignore = "needs nsd"]
fn a_zone_that_is_too_large_is_told_by_the_option_that_reads_more() {
    let server = nsd::serve_transfers(&zone(300), None);
    let (code, _, said) = audit(server.address, &["--max-records", "100"]);
    assert_eq!(code, Some(2));
    assert_eq!(
        said,
        "error: transfer of example.com from SERVER: the zone has more than 100 records\n\
         hint: --max-records 1000 reads more of it, and takes more memory\n"
    );
}

#[test]
#[ignore = "needs nsd"]
fn one_zone_of_several_that_does_not_come_is_one_broken_result() {
    let server = nsd::serve_transfers(&zone(20), None);
    let options = ["--zone-name", "example.org", "example.com", "mail.example.org", "-f", "json"];
    let (code, report, _) = audit(server.address, &options);
    assert_eq!(code, Some(3), "{report}");
    let reports = plain(&report);
    let said = |at: usize, field: &str| reports[at][field].as_str().unwrap_or_default().to_owned();
    assert_eq!(reports.len(), 3);
    assert!(said(0, "domain").starts_with("transfer of example.org from "), "{report}");
    assert!(said(0, "error").contains(": the server answers "), "{report}");
    assert_eq!((said(1, "domain"), said(1, "verdict")), ("example.com".into(), "pass".into()));
    assert_eq!(
        (said(2, "domain"), said(2, "verdict")),
        ("mail.example.org".into(), "broken".into())
    );
    assert!(said(2, "error").starts_with("it lies in the zone of transfer of example.org from "));
}

#[test]
fn nobody_who_listens_is_told_at_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let (code, _, said) = audit(address, &[]);
    assert_eq!(code, Some(2));
    let start =
        "error: transfer of example.com from SERVER: there is no connection: server unreachable";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn a_file_that_holds_no_key_is_told_with_its_line_and_without_the_secret() {
    let files = Files::new();
    let path = files.write("key", "key k {\n  algorithm hmac-md5;\n  secret \"c2VjcmV0\";\n};\n");
    let path = path.to_str().expect("temporary paths are UTF-8");
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let (code, _, said) = audit(nobody, &["--tsig-key-file", path]);
    assert_eq!(code, Some(2));
    let start = format!("error: {path}: line 2: hmac-md5 is no longer safe");
    assert!(said.starts_with(&start) && !said.contains("c2Vj"), "{said}");
}

#[test]
fn what_brings_no_zones_is_refused_before_anybody_is_asked() {
    for server in ["https://127.0.0.1:9/dns-query", "quic://127.0.0.1:9"] {
        let output = mailsrv(["audit", "--transfer", server, "--zone-name", "d.test"]);
        let (scheme, _) = server.split_once(':').expect("it is a URL");
        let said = format!(
            "zones are not transferred by {scheme}://\nhint: name it by its address alone, or with tls://\n"
        );
        let stderr = text(&output.stderr);
        assert!(stderr.ends_with(&said), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
    }
}
