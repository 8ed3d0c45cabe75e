//! nginx and Caddy serve what `documents` writes, configured as `documents --server` prints.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{AUTODISCOVER, CONFIG, FULL, PACC, succeeded};
use crate::program::{printed, text};
use crate::servers::{PATIENCE, free_address, require};

/// Two domains; the second has names that are too long for nginx's default table.
const DOMAINS: [&str; 2] =
    ["example.com", "department-of-long-names.institute-of-long-names.example"];

/// A running web server, and the document roots that it serves.
struct WebServer {
    child: Child,
    http: SocketAddr,
    https: SocketAddr,
    place: TempDir,
}

impl Drop for WebServer {
    fn drop(&mut self) {
        // A server that is gone already is as good as one that was ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The profile with hosts below the mail domain, so that the target of `_autodiscover._tcp` is one.
fn below_the_domain() -> String {
    FULL.replace("host: mail.provider.example\n", "host: 'mail.{domain}'\n")
}

/// Writes the documents of domains into a folder, and returns the snippet of a server for them.
fn prepare(place: &Path, server: &str, domains: &[&str]) -> String {
    let profile = place.join("profile.yaml");
    fs::write(&profile, below_the_domain()).expect("the temporary directory is writable");
    let (profile, root) = (profile.display().to_string(), place.join("www").display().to_string());
    let base = [&["documents", "-q", "-p", &profile], domains].concat();
    assert_eq!(printed([&base[..], &["-o", &root]].concat()), "");
    printed([&base[..], &["--server", server, "--root", &root]].concat())
}

/// The same for the provider's own names.
fn prepare_provider(place: &Path, server: &str) -> String {
    let profile = place.join("provider.yaml");
    let mx = "mx: { host: mx.in.provider.example }\n";
    fs::write(&profile, format!("{FULL}{mx}")).expect("the temporary directory is writable");
    let root = place.join("provider").display().to_string();
    let profile = profile.display().to_string();
    let base = ["documents", "-q", "-p", &profile, "--provider"];
    assert_eq!(printed([&base[..], &["-o", &root]].concat()), "");
    printed([&base[..], &["--server", server, "--root", &root]].concat())
}

/// Starts a server; `command` writes its configuration for a folder and the two addresses.
#[track_caller]
fn start(command: impl Fn(&Path, SocketAddr, SocketAddr) -> Command) -> WebServer {
    let mut log = String::new();
    // Between finding a port free and using it, it may be taken.
    for _ in 0..5 {
        let place = TempDir::new().expect("there is a place for temporary files");
        let (http, https) = (free_address(), free_address());
        let log_path = place.path().join("log");
        let file = File::create(&log_path).expect("the temporary directory is writable");
        let child = command(place.path(), http, https)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle can be shared"))
            .stderr(file)
            .spawn()
            .expect("the program was found");
        let mut server = WebServer { child, http, https, place };
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if [http, https].iter().all(|address| TcpStream::connect(address).is_ok()) {
                return server;
            }
            if server.child.try_wait().is_ok_and(|status| status.is_some()) {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        log = fs::read_to_string(&log_path).unwrap_or_default();
    }
    panic!("no web server after 5 attempts; the last one said:\n{log}");
}

/// What is asked for and what must come back.
struct Exchange {
    method: &'static str,
    url: String,
    status: u16,
    media_type: &'static str,
    /// The file whose octets must come, or where the answer leads.
    body: Option<PathBuf>,
    leads_to: String,
}

/// What is served, and how: the names, and whether any of them serves all of its domain's documents.
#[derive(Clone, Copy)]
struct Served {
    domains: &'static [&'static str],
    /// One configuration for all domains with a folder.
    is_fleet: bool,
    /// The provider's own names, too.
    has_provider: bool,
}

fn file(method: &'static str, url: String, media_type: &'static str, path: PathBuf) -> Exchange {
    let leads_to = String::new();
    Exchange { method, url, status: 200, media_type, body: Some(path), leads_to }
}

fn status(url: String, status: u16, leads_to: String) -> Exchange {
    Exchange { method: "GET", url, status, media_type: "", body: None, leads_to }
}

fn exchanges(place: &Path, served: Served) -> Vec<Exchange> {
    let mut all = Vec::new();
    for domain in served.domains {
        let www = place.join("www");
        let root = if served.domains.len() > 1 { www.join(domain) } else { www };
        let autoconfig = format!("autoconfig.{domain}");
        for scheme in ["https", "http"] {
            let asked = format!("{scheme}://{autoconfig}/{CONFIG}?emailaddress=joe%40{domain}");
            all.push(file("GET", asked, "text/xml", root.join(CONFIG)));
        }
        for path in [".well-known/autoconfig/mail/config-v1.1.xml", ".well-known/mail-v1.xml"] {
            let url = format!("https://{autoconfig}/{path}");
            all.push(file("GET", url, "text/xml", root.join(path)));
        }
        let apple = format!("mail/{domain}.mobileconfig");
        let aspen = "application/x-apple-aspen-config";
        let url = format!("https://{autoconfig}/{apple}");
        all.push(file("GET", url, aspen, root.join(&apple)));
        // `mail` is the target of `_autodiscover._tcp`.
        for name in ["autodiscover", "mail"] {
            let autodiscover = format!("{name}.{domain}");
            for path in
                [AUTODISCOVER, "Autodiscover/Autodiscover.xml", "AutoDiscover/AutoDiscover.xml"]
            {
                for method in ["POST", "GET"] {
                    let url = format!("https://{autodiscover}/{path}");
                    all.push(file(method, url, "text/xml", root.join(AUTODISCOVER)));
                }
            }
            let url = format!("http://{autodiscover}/{AUTODISCOVER}");
            all.push(status(url, 302, format!("https://{autodiscover}/{AUTODISCOVER}")));
        }
        let pacc = format!("https://ua-auto-config.{domain}/{PACC}");
        all.push(file("GET", pacc, "application/json", root.join(PACC)));
        for path in ["", ".mailsrv.sha256", AUTODISCOVER, "mail/none.xml"] {
            if path != AUTODISCOVER || !served.is_fleet {
                all.push(status(format!("https://{autoconfig}/{path}"), 404, String::new()));
            }
        }
    }
    if served.has_provider {
        let root = place.join("provider");
        for name in ["autoconfig.in.provider.example", "autoconfig.provider.example"] {
            let url = format!("https://{name}/{CONFIG}");
            all.push(file("GET", url, "text/xml", root.join(CONFIG)));
        }
        let url = format!("https://mail.provider.example/{AUTODISCOVER}");
        all.push(file("POST", url, "text/xml", root.join(AUTODISCOVER)));
    }
    all
}

#[track_caller]
fn serves_everything(server: &WebServer, curl: &Path, served: Served) {
    comes(server, curl, &exchanges(server.place.path(), served));
}

/// Asks, and holds what comes back.
#[track_caller]
fn comes(server: &WebServer, curl: &Path, exchanges: &[Exchange]) {
    for exchange in exchanges {
        let Exchange { method, url, status, media_type, body, leads_to } = exchange;
        let got = server.place.path().join("answer");
        let to = |port: u16, address: SocketAddr| format!(":{port}:{address}");
        let mut command = Command::new(curl);
        // An answer that comes before the question was read resets the stream of HTTP/2, which curl
        // may take for an error; Outlook and Thunderbird ask with HTTP/1.1.
        command
            .args(["-q", "--http1.1", "--noproxy", "*", "--silent", "--show-error", "--insecure"])
            .args(["--max-time", "120", "--retry", "3", "--retry-all-errors"])
            .args(["--connect-to", &to(80, server.http), "--connect-to", &to(443, server.https)])
            .args(["--write-out", "%{http_code} %{content_type} %{redirect_url}"])
            .args(["--request", method, "--output"])
            .arg(&got);
        if *method == "POST" {
            let question = "<Autodiscover><Request/></Autodiscover>";
            command.args(["--header", "Content-Type: text/xml; charset=utf-8", "--data", question]);
        }
        let output = command.arg(url).output().expect("curl was found");
        succeeded(&output, url);
        let said = text(&output.stdout);
        let mut parts = said.splitn(3, ' ');
        let mut next = || parts.next().unwrap_or_default();
        assert_eq!(next(), status.to_string(), "{method} {url}");
        let (served, location) = (next(), next());
        assert_eq!(location, leads_to, "{method} {url}");
        if let Some(file) = body {
            assert_eq!(served, *media_type, "{method} {url}");
            let [got, file] = [&got, file].map(|path| fs::read(path).expect("it was written"));
            assert_eq!(text(&got), text(&file), "{method} {url}");
        }
    }
}

#[test]
#[ignore = "needs nginx, curl and openssl"]
fn nginx_serves_the_documents() {
    let [nginx, curl, openssl] = ["nginx", "curl", "openssl"].map(require);
    let server = start(|place, http, https| {
        let (certificate, key) = (place.join("cert.pem"), place.join("key.pem"));
        let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
        let mut command = Command::new(&openssl);
        command.args(request).arg("-keyout").arg(&key).arg("-out").arg(&certificate);
        succeeded(&command.output().expect("openssl was found"), "a certificate");

        let snippet = prepare(place, "nginx", &DOMAINS) + &prepare_provider(place, "nginx");
        // As printed, on a port that anybody may use, before there are certificates.
        let plain: String = snippet
            .lines()
            .filter(|line| !line.contains("listen [::]"))
            .map(|line| format!("{line}\n").replace("listen 80", &format!("listen {http}")))
            .collect();
        let bare = configured(place, "bare.conf", &plain);
        let output = nginx_command(&nginx, place, &bare).arg("-t").output();
        succeeded(&output.expect("nginx was found"), "nginx -t");

        // With the lines that are left to the operator.
        let secure: String = plain
            .lines()
            .map(|line| match line.trim().strip_prefix('#') {
                Some("listen 443 ssl;") => format!("listen {https} ssl;\n"),
                Some(line) if line.starts_with("ssl_certificate ") => {
                    format!("ssl_certificate {};\n", certificate.display())
                }
                Some(line) if line.starts_with("ssl_certificate_key ") => {
                    format!("ssl_certificate_key {};\n", key.display())
                }
                _ => format!("{line}\n"),
            })
            .collect();
        nginx_command(&nginx, place, &configured(place, "nginx.conf", &secure))
    });
    let served = Served { domains: &DOMAINS, is_fleet: false, has_provider: true };
    serves_everything(&server, &curl, served);
}

fn nginx_command(nginx: &Path, place: &Path, configuration: &Path) -> Command {
    let mut command = Command::new(nginx);
    command
        .args(["-e", "stderr", "-g", "daemon off;", "-p"])
        .arg(place)
        .arg("-c")
        .arg(configuration);
    command
}

/// A whole configuration of nginx that keeps to a folder.
fn configured(place: &Path, name: &str, snippet: &str) -> PathBuf {
    assert!(snippet.contains("# Long names need `server_names_hash_bucket_size 128;` in `http`."));
    let (path, place) = (place.join(name), place.display());
    // Master and worker in one, so that ending it ends all of it.
    let text = format!(
        "master_process off;\npid {place}/pid;\nevents {{}}\nhttp {{\n  access_log off;\n  \
         client_body_temp_path {place}/body;\n  proxy_temp_path {place}/proxy;\n  \
         fastcgi_temp_path {place}/fastcgi;\n  uwsgi_temp_path {place}/uwsgi;\n  \
         scgi_temp_path {place}/scgi;\n  server_names_hash_bucket_size 128;\n{snippet}\n}}\n"
    );
    fs::write(&path, text).expect("the temporary directory is writable");
    path
}

/// A run of Caddy in a folder.
fn caddy_command(caddy: &Path, args: &[&str], place: &Path, file: &Path) -> Command {
    let mut command = Command::new(caddy);
    command.args(args).arg("--config").arg(file).args(["--adapter", "caddyfile"]);
    command.env("HOME", place).env("XDG_DATA_HOME", place).env("XDG_CONFIG_HOME", place);
    command
}

/// What is printed is a Caddyfile as Caddy itself would format it.
#[track_caller]
fn is_a_caddyfile(caddy: &Path, place: &Path, snippet: &str) {
    let printed = place.join("printed");
    fs::write(&printed, snippet).expect("the temporary directory is writable");
    for args in [["validate"], ["adapt"]] {
        let output = caddy_command(caddy, &args, place, &printed).output();
        let output = output.expect("caddy was found");
        succeeded(&output, args[0]);
        let said = format!("{}{}", text(&output.stderr), text(&output.stdout));
        assert!(!said.contains("not formatted"), "{said}");
    }
}

/// Certificates of its own make, and ports that anybody may use.
fn caddy_options(http: SocketAddr, https: SocketAddr) -> String {
    format!(
        "\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tdefault_bind {}\n\tlocal_certs\n\t\
         skip_install_trust\n",
        http.port(),
        https.port(),
        http.ip()
    )
}

#[test]
#[ignore = "needs caddy and curl"]
fn caddy_serves_the_documents_of_a_domain_and_of_the_provider() {
    let [caddy, curl] = ["caddy", "curl"].map(require);
    let server = start(|place, http, https| {
        let snippet = prepare(place, "caddy", &DOMAINS[..1]);
        is_a_caddyfile(&caddy, place, &snippet);
        let provider = prepare_provider(place, "caddy");
        is_a_caddyfile(&caddy, place, &provider);
        let options = caddy_options(http, https);
        let file = place.join("Caddyfile");
        fs::write(&file, format!("{{\n{options}}}\n\n{snippet}\n{provider}"))
            .expect("the temporary directory is writable");
        caddy_command(&caddy, &["run"], place, &file)
    });
    let served = Served { domains: &DOMAINS[..1], is_fleet: false, has_provider: true };
    serves_everything(&server, &curl, served);
}

#[test]
#[ignore = "needs caddy and curl"]
fn caddy_serves_every_domain_that_has_a_folder_with_certificates_on_demand() {
    let [caddy, curl] = ["caddy", "curl"].map(require);
    let server = start(|place, http, https| {
        let snippet = prepare(place, "caddy", &DOMAINS);
        run_fleet(&caddy, place, &snippet, http, https)
    });
    let served = Served { domains: &DOMAINS, is_fleet: true, has_provider: false };
    serves_everything(&server, &curl, served);
    // A name of nobody's gets no certificate, and neither does another name of a customer.
    for name in [
        "autoconfig.stranger.example",
        "www.example.com",
        "example.com",
        "autoconfig.example.com.example",
    ] {
        has_no_certificate(&server, &curl, name);
    }
}

#[track_caller]
fn has_no_certificate(server: &WebServer, curl: &Path, name: &str) {
    let to = format!("::{}", server.https);
    let output = Command::new(curl)
        .args(["-q", "--noproxy", "*", "--silent", "--show-error", "--insecure"])
        .args(["--max-time", "20", "--connect-to", &to])
        .arg(format!("https://{name}/{CONFIG}"))
        .output();
    let output = output.expect("curl was found");
    // 35: the TLS handshake failed.
    assert_eq!(output.status.code(), Some(35), "{name}: {}", text(&output.stderr));
}

/// Two lists whose targets of `_autodiscover._tcp` are not one name in front of every mail domain:
/// what is the target, and what is asked with the folder that answers.
const OTHER_TARGETS: [(&str, &[(&str, &str)]); 3] = [
    ("{domain}", &[("a.example", "a.example"), ("autodiscover.b.example", "b.example")]),
    ("{server}.{domain}", &[("s1.a.example", "a.example"), ("s2.b.example", "b.example")]),
    (
        "{server}.provider.example",
        &[("s1.provider.example", "s1.provider.example"), ("autodiscover.a.example", "a.example")],
    ),
];

#[test]
#[ignore = "needs caddy and curl"]
fn caddy_serves_targets_that_are_the_mail_domain_or_depend_on_a_column() {
    let [caddy, curl] = ["caddy", "curl"].map(require);
    for (target, asked) in OTHER_TARGETS {
        let server = start(|place, http, https| {
            let [profile, list, root] = ["profile.yaml", "list.csv", "www"]
                .map(|name| place.join(name).display().to_string());
            let text = format!(
                "host: mail.provider.example\nimap: true\nsubmission: true\nautoconfig: true\n\
                 autodiscover: {{ alias: true, srv: '{target}' }}\n"
            );
            fs::write(&profile, text).expect("the temporary directory is writable");
            fs::write(&list, "domain,server\na.example,s1\nb.example,s2\n").expect("writable");
            let base = ["documents", "-q", "-p", &profile];
            let input = [&base[..], &["--input", &list]].concat();
            printed([&input[..], &["-o", &root]].concat());
            if target.ends_with("provider.example") {
                let folder = format!("{root}/s1.provider.example");
                let more = ["--provider", "--set", "server=s1", "-o", &folder];
                printed([&base[..], &more].concat());
            }
            let snippet = printed([&input[..], &["--server", "caddy", "--root", &root]].concat());
            run_fleet(&caddy, place, &snippet, http, https)
        });
        let all: Vec<Exchange> = asked
            .iter()
            .map(|(name, folder)| {
                let path = server.place.path().join("www").join(folder).join(AUTODISCOVER);
                file("POST", format!("https://{name}/{AUTODISCOVER}"), "text/xml", path)
            })
            .collect();
        comes(&server, &curl, &all);
        for name in ["www.a.example", "s3.b.example", "s3.provider.example", "c.example"] {
            has_no_certificate(&server, &curl, name);
        }
    }
}

/// Runs Caddy with what is printed for a list.
fn run_fleet(
    caddy: &Path,
    place: &Path,
    snippet: &str,
    http: SocketAddr,
    https: SocketAddr,
) -> Command {
    is_a_caddyfile(caddy, place, snippet);
    let (_, rest) = snippet.split_once("{\n").expect("it begins with options");
    let ask = free_address().to_string();
    let options = caddy_options(http, https);
    let text = format!("{{\n{options}{}", rest.replace("127.0.0.1:9180", &ask));
    let file = place.join("Caddyfile");
    fs::write(&file, text).expect("the temporary directory is writable");
    caddy_command(caddy, &["run"], place, &file)
}
