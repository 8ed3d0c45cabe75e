//! nginx and Caddy at the registered ports of an address of loopback of their own, and what forecasts say of
//! what they serve.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::{Authority, Kind};
use crate::program::{field, mailsrv, printed, text};
use crate::servers::{Daemon, PATIENCE, Zone, nsd, require};

/// The mail domain, whose hosts the certificates are for.
const DOMAIN: &str = "hosts.test";

/// A web server, which ends with the test, and what it serves.
struct Site {
    server: Child,
    dir: TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A web server: its program, its arguments before its configuration, and that.
struct Kindred {
    program: &'static str,
    args: &'static [&'static str],
    configuration: &'static str,
}

const NGINX: Kindred = Kindred {
    program: "nginx",
    args: &["-e", "stderr", "-c"],
    configuration: include_str!("nginx.conf"),
};

const CADDY: Kindred = Kindred {
    program: "caddy",
    args: &["run", "--adapter", "caddyfile", "--config"],
    configuration: include_str!("Caddyfile"),
};

impl Site {
    /// Serves nothing any more.
    fn stop(&mut self) {
        if let Ok(None) = self.server.try_wait() {
            // It ends its own processes.
            let _ = Command::new("kill").arg(self.server.id().to_string()).status();
            let _ = self.server.wait();
        }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Serves the documents of the domain, and what a configuration says more.
    fn start(
        kindred: &Kindred,
        ip: Ipv4Addr,
        (authority, kind): (&Authority, Kind),
        more: &str,
    ) -> Self {
        let dir = TempDir::new().expect("there is a place for temporary files");
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).expect("the temporary directory is writable");
            path
        };
        let [chain, key] = authority.files(kind);
        write("ca.pem", &authority.pem());
        write("chain.pem", &chain);
        write("key.pem", &key);
        let www = dir.path().join("www").display().to_string();
        let _made = printed(["documents", DOMAIN, "-q", "-o", &www]);
        let hosts = ["", "autoconfig.", "autodiscover.", "ua-auto-config."];
        let records: String = hosts.iter().map(|it| format!("{it}{DOMAIN}. IN A {ip}\n")).collect();
        write("zone", &format!("$ORIGIN {DOMAIN}.\n$TTL 300\nmail IN A {ip}\n{records}"));
        let path = dir.path().display().to_string();
        let configuration = kindred.configuration.replace("{more}", more);
        let configuration = configuration.replace("{dir}", &path).replace("{ip}", &ip.to_string());
        let configuration = write("configuration", &configuration);
        let server = Command::new(require(kindred.program))
            .args(kindred.args)
            .arg(configuration)
            .env("HOME", dir.path())
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.path().join("log")).expect("it is writable"))
            .spawn()
            .expect("the program was found");
        let site = Self { server, dir };
        let end = Instant::now() + PATIENCE;
        for port in [443, 80] {
            while TcpStream::connect((ip, port)).is_err() {
                let log = || fs::read_to_string(site.path("log"));
                assert!(Instant::now() < end, "nothing listens at {ip}, port {port}: {:?}", log());
                thread::sleep(Duration::from_millis(50));
            }
        }
        site
    }

    /// The zone of the domain, served.
    fn name_server(&self) -> Daemon {
        let zone = fs::read_to_string(self.path("zone")).expect("it was written");
        let records: String = zone.lines().skip(2).map(|line| format!("{line}\n")).collect();
        nsd::serve(&[Zone::new(DOMAIN, &records)])
    }

    /// What a probe of the domain says in a format.
    fn probed(&self, format: &str) -> String {
        let server = self.name_server();
        let (resolver, authorities) = (server.address.to_string(), self.path("ca.pem"));
        let args = ["probe", DOMAIN, "--resolver", &resolver, "--probe-private"];
        let more = ["--ca-file", &authorities, "--timeout", "60", "-f", format];
        text(&mailsrv(args.into_iter().chain(more)).stdout)
    }

    /// What a probe of the domain says of what is served, address by address.
    fn probe(&self) -> BTreeMap<String, Value> {
        let lines = self.probed("json");
        let lines = lines.lines().map(|line| serde_json::from_str(line).expect("lines are JSON"));
        let of_web = lines.filter(|line: &Value| line.get("url").is_some());
        let by_url = of_web
            .map(|line| (format!("{} {}", field(&line, "method"), field(&line, "url")), line));
        by_url.collect()
    }

    /// What an audit of the domain says in a format, of which pages are fetched.
    fn audited(&self, format: &str) -> String {
        let (zone, authorities) = (self.path("zone"), self.path("ca.pem"));
        let args = ["audit", DOMAIN, "--zone", &zone, "--probe", "--probe-private"];
        let more = ["--ca-file", &authorities, "-f", format];
        text(&mailsrv(args.into_iter().chain(more)).stdout)
    }

    /// Foretells clients by what is served.
    fn forecast(&self, clients: &[&str]) -> Vec<Value> {
        let (zone, authorities) = (self.path("zone"), self.path("ca.pem"));
        let mut args = vec!["forecast", DOMAIN, "--zone", &zone, "--probe", "--probe-private"];
        args.extend(["--ca-file", &authorities, "-f", "json"]);
        args.extend(clients.iter().flat_map(|client| ["--client", client]));
        let run = mailsrv(args);
        assert_eq!(run.status.code(), Some(0), "{}{}", text(&run.stdout), text(&run.stderr));
        let lines = text(&run.stdout);
        lines.lines().map(|line| serde_json::from_str(line).expect("lines are JSON")).collect()
    }
}

/// Clients that go by what is served alone, and save it without a try.
const READERS: [&str; 3] = ["thunderbird", "geary", "kmail"];

#[test]
#[ignore = "needs nginx"]
fn clients_find_what_nginx_serves() {
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 61);
    let site = Site::start(&NGINX, ip, (&authority, Kind::Intermediate), "");
    for line in site.forecast(&READERS) {
        assert_eq!(line["found"], true, "{line}");
        assert_eq!(line["incoming"]["host"], "mail.hosts.test", "{line}");
    }
    // What it posts to is a file.
    let outlook = site.forecast(&["outlook-classic"]);
    assert!(outlook.iter().all(|line| line["found"] == true), "{outlook:?}");
}

#[test]
#[ignore = "needs caddy"]
fn clients_find_what_caddy_serves() {
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 62);
    let site = Site::start(&CADDY, ip, (&authority, Kind::Intermediate), "");
    for line in site.forecast(&READERS) {
        assert_eq!(line["found"], true, "{line}");
        assert_eq!(line["incoming"]["host"], "mail.hosts.test", "{line}");
    }
}

#[test]
#[ignore = "needs nginx and caddy"]
fn a_certificate_that_is_refused_stops_clients_that_go_by_https_alone() {
    let authority = Authority::new("authority of the tests");
    for (kind, why) in [
        (Kind::Expired, "the certificate is not valid at this time"),
        (Kind::WrongName, "the certificate is not for that host"),
        (Kind::SelfSigned, "the certificate is not trusted"),
        (Kind::Incomplete, "the certificate is not trusted"),
    ] {
        for (server, last) in [(&NGINX, 63), (&CADDY, 64)] {
            let site = Site::start(server, Ipv4Addr::new(127, 0, 0, last), (&authority, kind), "");
            let [geary, kmail, fairemail] = site
                .forecast(&["geary", "kmail", "fairemail"])
                .try_into()
                .expect("three were asked for");
            assert_eq!(geary["found"], false, "{kind:?}: {geary}");
            assert!(geary["why"].as_str().is_some_and(|it| it.contains(why)), "{kind:?}: {geary}");
            // By HTTP, or without looking for whom it is.
            assert_eq!(kmail["found"], true, "{kind:?}: {kmail}");
            assert_eq!(fairemail["found"], true, "{kind:?}: {fairemail}");
        }
    }
}

#[test]
#[ignore = "needs nginx"]
fn clients_follow_redirects_but_not_out_of_https() {
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 65);
    for (location, found) in [
        ("https://hosts.test/.well-known/autoconfig/mail/config-v1.1.xml", true),
        ("http://hosts.test/.well-known/autoconfig/mail/config-v1.1.xml", false),
        ("/mail/config-v1.1.xml", false),
        ("https://none.hosts.test/", false),
    ] {
        let more = format!("location = /mail/config-v1.1.xml {{ return 302 {location}; }}");
        let site = Site::start(&NGINX, ip, (&authority, Kind::Good), &more);
        let lines = site.forecast(&["geary"]);
        let [geary] = lines.as_slice() else { panic!("one was asked for: {lines:?}") };
        assert_eq!(geary["found"], found, "{location}: {geary}");
    }
}

#[test]
#[ignore = "needs nginx"]
fn nothing_private_is_fetched_unless_that_is_asked_for() {
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 66);
    let site = Site::start(&NGINX, ip, (&authority, Kind::Good), "");
    let (zone, authorities) = (site.path("zone"), site.path("ca.pem"));
    let args = ["forecast", DOMAIN, "--zone", &zone, "--probe", "--ca-file", &authorities];
    let run = mailsrv(args.into_iter().chain(["-f", "json", "--client", "geary"]));
    let line: Value = serde_json::from_slice(&run.stdout).expect("a line is JSON");
    assert_eq!((run.status.code(), &line["found"]), (Some(3), &Value::Null), "{line}");
    assert!(line["why"].as_str().is_some_and(|why| why.contains("private")), "{line}");
}

/// The codes of the findings in a line.
fn codes(line: &Value) -> Vec<&str> {
    let findings = line["findings"].as_array().expect("findings are an array");
    findings.iter().map(|finding| field(finding, "code")).collect()
}

#[test]
#[ignore = "needs nginx and nsd"]
fn a_probe_shows_what_is_served_and_what_is_wrong_with_it() {
    const CONFIG: &str = "GET https://autoconfig.hosts.test/mail/config-v1.1.xml";
    const POX: &str = "POST https://autodiscover.hosts.test/autodiscover/autodiscover.xml";
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 67);
    let site = Site::start(&NGINX, ip, (&authority, Kind::Intermediate), "");
    let served = site.probe();
    for url in [CONFIG, POX] {
        let line = &served[url];
        assert_eq!((&line["verdict"], &line["planned"]), (&"pass".into(), &true.into()), "{line}");
        assert_eq!((&line["status"], &line["media_type"]), (&200.into(), &"text/xml".into()));
    }
    // Nobody planned one on the site itself, which has one all the same.
    let on_site = "https://hosts.test/.well-known/autoconfig/mail/config-v1.1.xml";
    let on_site = &served[&format!("GET {on_site}")];
    assert_eq!((&on_site["verdict"], &on_site["planned"]), (&"pass".into(), &false.into()));
    drop(site);

    let more = "location /mail/ { default_type text/html; return 200 '<html>'; }
        location /autodiscover/ { return 302 http://hosts.test/; }";
    let site = Site::start(&NGINX, ip, (&authority, Kind::Good), more);
    let served = site.probe();
    assert_eq!(codes(&served[CONFIG]), ["document-invalid"], "{}", served[CONFIG]);
    assert_eq!(codes(&served[POX]), ["document-unreachable"], "{}", served[POX]);
    let page = site.probed("text");
    let expected = "https://autoconfig.hosts.test/mail/config-v1.1.xml: warn
  status 200, text/xml, 6 octets
  warning document-invalid: is a page of HTML, with the status 200
";
    assert!(page.contains(expected), "{page}");
    // A word that is longer is a name to copy.
    let is_wide = |line: &&str| line.chars().count() > 80 && line.trim().contains(' ');
    assert_eq!(page.lines().find(is_wide), None, "{page}");

    // So says an audit, of the pages as subjects.
    let report: Value = serde_json::from_str(&site.audited("json")).expect("a line is JSON");
    let findings = report["findings"].as_array().expect("they are an array");
    let of = |code| findings.iter().find(|it| it["code"] == code).expect(code);
    let subject = |code| {
        let first = &of(code)["subjects"][0];
        (field(first, "owner").to_owned(), field(first, "type").to_owned())
    };
    let page = ("autoconfig.hosts.test.".to_owned(), "https:/mail/config-v1.1.xml".to_owned());
    assert_eq!(subject("document-invalid"), page);
    assert_eq!(of("document-unreachable")["severity"], "warning");
    let told = site.audited("text");
    let place = "warning document-invalid at https://autoconfig.hosts.test/mail/config-v1.1.xml\n";
    assert!(told.contains(place), "{told}");
    let lines = site.path("report.jsonl");
    fs::write(&lines, site.audited("json")).expect("it is writable");
    let retold = text(&mailsrv(["merge", &lines, "-f", "text", "-v"]).stdout);
    assert!(retold.contains(place), "{retold}");
    drop(site);

    let site = Site::start(&NGINX, ip, (&authority, Kind::WrongName), "");
    let served = site.probe();
    let message = "the certificate is not for that host";
    assert_eq!(served[CONFIG]["findings"][0]["message"], message, "{}", served[CONFIG]);
    assert_eq!(served[CONFIG]["verdict"], "warn", "{}", served[CONFIG]);
}

#[test]
#[ignore = "needs nginx and nsd"]
fn what_was_fetched_is_judged_and_foretold_again_without_a_connection() {
    let authority = Authority::new("authority of the tests");
    let ip = Ipv4Addr::new(127, 0, 0, 68);
    let more = "location /mail/ { default_type text/html; return 200 '<html>'; }
        location /autodiscover/ { return 307 https://hosts.test/none; }";
    let mut site = Site::start(&NGINX, ip, (&authority, Kind::Intermediate), more);
    let server = site.name_server();
    let (address, authorities) = (server.address.to_string(), site.path("ca.pem"));
    let live = ["--resolver", &address, "--probe-private", "--ca-file", &authorities];
    // What is asked of an audit, what it is judged by, and its recording.
    let audits: [&[&str]; 3] = [&["-f", "text"], &["-f", "json"], &["--forecast", "-f", "json"]];
    let run = |args: &[&str], more: &[&str]| {
        let run = mailsrv([args, &[DOMAIN, "--probe"], more].concat());
        assert_ne!(run.status.code(), Some(2), "{}", text(&run.stderr));
        (text(&run.stdout), run.status.code())
    };
    let files = ["text", "json", "forecast"].map(|name| site.path(name));
    let recorded: Vec<_> = std::iter::zip(audits, &files)
        .map(|(args, file)| {
            run(&[&["audit"], args].concat(), &[&live[..], &["--record", file]].concat())
        })
        .collect();
    let forecast = ["forecast", "-f", "json"];
    let foretold = run(&forecast, &live);
    site.stop();
    drop(server);

    for ((args, file), recorded) in std::iter::zip(audits, &files).zip(&recorded) {
        assert!(recorded.0.contains("document-invalid"), "{}", recorded.0);
        let audit = [&["audit"], args].concat();
        assert_eq!(run(&audit, &["--replay", file]), *recorded);
        // What is not in the recording is unknown.
        let lines = fs::read_to_string(file).expect("it was written");
        let kept: String = lines
            .lines()
            .filter(|line| !line.contains("\"fetched\""))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(kept.len() < lines.len());
        let without = site.path("without");
        fs::write(&without, kept).expect("it is writable");
        let (page, _) = run(&audit, &["--replay", &without]);
        assert!(!page.contains("document-invalid"), "{page}");
    }
    assert!(foretold.0.contains("\"found\":true"), "{}", foretold.0);
    assert_eq!(run(&forecast, &["--replay", &files[2]]), foretold);
}
