//! What `documents` writes is read by schemas, by other languages' parsers and by the rules of real
//! clients, and is served by real web servers.

mod clients;
mod served;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{mailsrv, printed, text};
use crate::servers::require;

/// Everything that documents can name.
const FULL: &str = "
host: mail.provider.example
imap: { tls: true, starttls: true, servers: [{ host: imap1.provider.example }, { host: imap2.provider.example, weight: 3 }] }
pop3: true
submission: true
login: local-part
prefer: [pop3, imap]
autoconfig: true
autodiscover: true
pacc: true
jmap: true
sieve: true
caldav: { host: dav.provider.example, path: /dav/ }
carddav: { host: dav.provider.example, port: 8443 }
provider:
  name: \"Müller & Söhne <Hosting> \\\"GmbH\\\"\"
  short-name: M&S
  documentation: https://provider.example/mail?a=1&b=2
";

const STARTTLS: &str = "imap: { starttls: true }\npop3: { starttls: true }\nsubmission: { starttls: true }\nautoconfig: true\n";
const POP3: &str = "pop3: true\nsubmission: true\nautoconfig: true\n";

/// A document root that the program wrote.
struct Root {
    place: TempDir,
}

impl Root {
    fn path(&self, below: &str) -> PathBuf {
        self.place.path().join("www").join(below)
    }

    #[track_caller]
    fn text(&self, below: &str) -> String {
        let path = self.path(below);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// Writes the documents of a domain; without a profile, the documented one counts.
#[track_caller]
fn written(profile: Option<&str>, domain: &str, options: &[&str]) -> Root {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let (www, file) = (place.path().join("www"), place.path().join("profile.yaml"));
    let mut args: Vec<String> = ["documents", domain, "-q"].map(str::to_owned).into();
    args.extend(options.iter().map(|option| (*option).to_owned()));
    args.extend(["-o".to_owned(), www.display().to_string()]);
    if let Some(profile) = profile {
        fs::write(&file, profile).expect("the temporary directory is writable");
        args.extend(["-p".to_owned(), file.display().to_string()]);
    }
    assert_eq!(printed(args), "", "documents go to files");
    Root { place }
}

const CONFIG: &str = "mail/config-v1.1.xml";
const AUTODISCOVER: &str = "autodiscover/autodiscover.xml";
const PACC: &str = ".well-known/user-agent-configuration.json";

/// What is read in several ways: what it is, its profile, its domain, its options.
const CASES: [(&str, Option<&str>, &str, &[&str]); 7] = [
    ("the documented profile", None, "example.com", &[]),
    ("all alternatives", None, "example.com", &["--alternatives"]),
    ("everything", Some(FULL), "example.com", &["--alternatives"]),
    ("one user", Some(FULL), "example.com", &["--address", "o'neill&sons@example.com"]),
    ("an internationalised domain", Some(FULL), "b\u{fc}cher.example", &[]),
    ("STARTTLS alone", Some(STARTTLS), "example.com", &[]),
    ("POP3 alone", Some(POP3), "example.com", &[]),
];

#[track_caller]
fn succeeded(output: &Output, what: &str) {
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{what}: {said}");
}

/// The file of this folder's schemas and readers.
fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name)
}

#[test]
#[ignore = "needs xmllint"]
fn xml_documents_conform_to_their_schemas() {
    let xmllint = require("xmllint");
    for (what, profile, domain, options) in CASES {
        let root = written(profile, domain, options);
        for (path, schema) in [
            (CONFIG, "autoconfig.rng"),
            (".well-known/autoconfig/mail/config-v1.1.xml", "autoconfig.rng"),
            (".well-known/mail-v1.xml", "autoconfig.rng"),
            (AUTODISCOVER, "autodiscover.rng"),
        ] {
            let mut command = Command::new(&xmllint);
            command.args(["--noout", "--nonet", "--relaxng"]).arg(ours(schema));
            let output = command.arg(root.path(path)).output().expect("xmllint was found");
            succeeded(&output, &format!("{what}: {path}"));
        }
    }
}

#[test]
#[ignore = "needs xmllint"]
fn the_schemas_refuse_what_readers_cannot_take() {
    let xmllint = require("xmllint");
    let root = written(Some(FULL), "example.com", &[]);
    let (config, autodiscover) = (root.text(CONFIG), root.text(AUTODISCOVER));
    for (schema, document, from, to) in [
        ("autoconfig.rng", &config, "<socketType>SSL<", "<socketType>plain<"),
        ("autoconfig.rng", &config, "<socketType>SSL<", "<socketType>TLS<"),
        ("autoconfig.rng", &config, "type=\"imap\"", "type=\"pop\""),
        ("autoconfig.rng", &config, "<domain>example.com</domain>", ""),
        ("autoconfig.rng", &config, "<domain>example.com<", "<domain>b\u{fc}cher.example<"),
        ("autoconfig.rng", &config, "type=\"smtp\"", "type=\"imap\""),
        ("autoconfig.rng", &config, "%EMAILLOCALPART%", "%emaillocalpart%"),
        ("autodiscover.rng", &autodiscover, "<SSL>on<", "<SSL>off<"),
        ("autodiscover.rng", &autodiscover, "<SPA>off</SPA>", ""),
        ("autodiscover.rng", &autodiscover, "<DomainR", "<LoginName></LoginName><DomainR"),
        ("autodiscover.rng", &autodiscover, "responseschema/2006a", "responseschema/2006"),
    ] {
        assert!(document.contains(from), "{from} is not in {document}");
        let path = root.path("changed.xml");
        fs::write(&path, document.replacen(from, to, 1)).expect("the root is writable");
        let mut command = Command::new(&xmllint);
        command.args(["--noout", "--nonet", "--relaxng"]).arg(ours(schema)).arg(&path);
        let output = command.output().expect("xmllint was found");
        assert_eq!(output.status.code(), Some(3), "{to}: {}", text(&output.stderr));
    }
}

#[test]
#[ignore = "needs python3"]
fn python_reads_the_apple_profile() {
    let python = require("python3");
    for (what, profile, domain, options) in CASES {
        let root = written(profile, domain, options);
        let ascii: mailsrv::name::MailDomain = domain.parse().expect("it is a domain");
        let path = root.path(&format!("mail/{ascii}.mobileconfig"));
        let output = Command::new(&python).arg(ours("read.py")).arg(path).output();
        let output = output.expect("python3 was found");
        succeeded(&output, what);
        let list: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
        conforms_to_apple(&list, what, !options.contains(&"--address"));
    }
}

/// The required keys and the kinds of the others (Apple, "Device Management").
#[track_caller]
fn conforms_to_apple(list: &Value, what: &str, for_all: bool) {
    let payloads = list["PayloadContent"].as_array().expect("there are payloads");
    let mut names = Vec::new();
    for payload in payloads.iter().chain([list]) {
        for key in ["PayloadIdentifier", "PayloadUUID", "PayloadType", "PayloadDisplayName"] {
            assert!(payload[key].is_string(), "{what}: no {key} in {payload}");
        }
        assert_eq!(payload["PayloadVersion"], 1, "{what}");
        names.extend(["PayloadIdentifier", "PayloadUUID"].map(|key| payload[key].to_string()));
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{what}: names of payloads repeat");
    assert_eq!(list["PayloadType"], "Configuration");
    assert_eq!(list["PayloadRemovalDisallowed"], false);

    let mail = &payloads[0];
    assert_eq!(mail["PayloadType"], "com.apple.mail.managed", "{what}");
    for side in ["Incoming", "Outgoing"] {
        let key = |rest: &str| format!("{side}MailServer{rest}");
        assert!(mail[key("HostName")].is_string(), "{what}");
        assert_eq!(mail[key("Authentication")], "EmailAuthPassword", "{what}");
        assert!(mail[key("PortNumber")].is_u64(), "{what}");
        assert_eq!(mail[key("UseSSL")], true, "{what}");
        assert_eq!(mail.get(key("Username")).is_none(), for_all, "{what}");
    }
    assert_eq!(mail.get("EmailAddress").is_none(), for_all, "{what}");
    for dav in &payloads[1..] {
        let kind = dav["PayloadType"].as_str().unwrap_or_default();
        let prefix = match kind {
            "com.apple.caldav.account" => "CalDAV",
            "com.apple.carddav.account" => "CardDAV",
            other => panic!("{what}: {other}"),
        };
        assert!(dav[format!("{prefix}HostName")].is_string(), "{what}");
        assert!(dav[format!("{prefix}Port")].is_u64(), "{what}");
        assert_eq!(dav[format!("{prefix}UseSSL")], true, "{what}");
        assert_eq!(dav.get(format!("{prefix}Username")).is_none(), for_all, "{what}");
    }
}

#[test]
#[ignore = "needs openssl"]
fn a_signed_apple_profile_holds_the_same_octets() {
    let openssl = require("openssl");
    let root = written(None, "example.com", &[]);
    let (profile, signed) = (root.path("mail/example.com.mobileconfig"), root.path("signed"));
    let (certificate, key) = (root.path("cert.pem"), root.path("key.pem"));
    let run = |args: &[&str], paths: &[(&str, &Path)]| {
        let mut command = Command::new(&openssl);
        command.args(args);
        for (option, path) in paths {
            command.arg(option).arg(path);
        }
        let output = command.output().expect("openssl was found");
        succeeded(&output, args[0]);
        output.stdout
    };
    let subject = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=example.com"];
    run(&subject, &[("-keyout", &key), ("-out", &certificate)]);
    // As the README says.
    let sign = ["cms", "-sign", "-binary", "-nodetach", "-outform", "der"];
    let places =
        [("-signer", &*certificate), ("-inkey", &key), ("-in", &profile), ("-out", &signed)];
    run(&sign, &places);
    let verify = ["cms", "-verify", "-binary", "-inform", "der"];
    let octets = run(&verify, &[("-CAfile", &certificate), ("-in", &signed)]);
    assert_eq!(octets, fs::read(profile).expect("it was written"));
}

#[test]
fn the_pacc_document_conforms_and_the_record_is_its_digest() {
    let schema = fs::read_to_string(ours("pacc.schema.json")).expect("it is in the repository");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    for (profile, domain) in [
        (FULL, "example.com"),
        (FULL, "b\u{fc}cher.example"),
        ("imap: true\nsubmission: { starttls: true }\npacc: true\n", "a.example"),
    ] {
        let root = written(Some(profile), domain, &[]);
        let document = root.text(PACC);
        let read: Value = serde_json::from_str(&document).expect("it is JSON");
        let wrong: Vec<_> = schema.iter_errors(&read).map(|error| error.to_string()).collect();
        assert_eq!(wrong, [""; 0]);

        let profile = root.place.path().join("profile.yaml").display().to_string();
        let records = printed(["generate", domain, "-p", &profile]);
        let record = records.lines().find(|line| line.starts_with("_ua-auto-config "));
        let record = record.expect("the digest is published");
        let digest = base64(&<sha2::Sha256 as sha2::Digest>::digest(document.as_bytes()));
        assert!(record.contains(&format!("d={digest}")), "{record}: {digest}");
    }
}

/// RFC 4648 §4, bit by bit.
fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> =
        octets.iter().flat_map(|octet| (0..8).rev().map(move |at| octet >> at & 1)).collect();
    let number = |bits: &[u8]| (0..6).fold(0, |n, at| n << 1 | *bits.get(at).unwrap_or(&0));
    let mut text: String =
        bits.chunks(6).map(|bits| LETTERS[usize::from(number(bits))] as char).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn a_list_of_domains_makes_a_document_root_each_and_refuses_by_line() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let path = |name: &str| place.path().join(name).display().to_string();
    fs::write(path("list"), "a.example\nb_b.example\nc.example\nd.example\n").expect("writable");
    fs::create_dir_all(path("www/d.example")).expect("the temporary directory is writable");
    fs::write(path("www/d.example/index.html"), "mine").expect("writable");
    let run = || mailsrv(["documents", "--input", &path("list"), "-o", &path("www")]);
    for counts in ["2 written, 0 unchanged", "0 written, 2 unchanged"] {
        let output = run();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("line 2: b_b.example: `b_b.example` is not a host name"), "{said}");
        assert!(said.contains("index.html was not written by mailsrv"), "{said}");
        assert!(said.contains(&format!("www: {counts}\n")), "{said}");
        assert!(said.contains("left out: PACC (3 domains): the profile does not"), "{said}");
        assert!(said.ends_with("2 lines were refused\n"), "{said}");
    }
    for domain in ["a.example", "c.example"] {
        let own = fs::read_to_string(path(&format!("www/{domain}/{CONFIG}"))).expect("written");
        assert!(own.contains(&format!("<domain>{domain}</domain>")), "{own}");
    }
    assert!(!Path::new(&path("www/d.example/mail")).exists());
    assert_eq!(fs::read_dir(path("www")).expect("it was made").count(), 3, "a draft was left");
}

#[test]
fn a_folder_of_document_roots_is_none_of_one_domain() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let www = place.path().join("www").display().to_string();
    assert_eq!(printed(["documents", "a.example", "b.example", "-q", "-o", &www]), "");
    let output = mailsrv(["documents", "a.example", "-o", &www]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("www holds document roots of several domains"), "{said}");
    assert!(said.contains("name the one of this domain, as in"), "{said}");
}

#[test]
fn a_folder_that_is_not_ours_is_trouble_where_an_argument_names_it() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let www = place.path().display().to_string();
    fs::write(place.path().join("index.html"), "mine").expect("the folder is writable");
    let output = mailsrv(["documents", "a.example", "-o", &www]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: ") && said.contains("index.html was not written"), "{said}");
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 1);
}

#[test]
fn the_root_of_all_folders_is_named_in_snippets() {
    for (server, line) in [("nginx", "    root /;"), ("caddy", "\troot * /")] {
        let base = ["documents", "a.example", "--server", server, "--root", "/"];
        let snippet = printed(base);
        assert!(snippet.lines().any(|own| own == line), "{snippet}");
        let snippet = printed([&base[..], &["b.example"]].concat());
        let below = if server == "caddy" { "/{customer}" } else { "/b.example" };
        let line = line.replace('/', below);
        assert!(snippet.lines().any(|own| own == line), "{snippet}");
    }
}

/// A profile by server, and two customers at two servers.
const BY_SERVER: &str = "host: '{server}'\nimap: true\nsubmission: true\nautoconfig: true\nautodiscover: { srv: true }\n";
const AT_SERVERS: &str =
    "domain,server\na.example,s1.provider.example\nb.example,s2.provider.example\n";

#[test]
fn targets_that_customers_share_are_all_named_with_what_makes_their_sites() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let path = |name: &str| place.path().join(name).display().to_string();
    let (profile, list) = (path("profile.yaml"), path("list.csv"));
    fs::write(&profile, BY_SERVER).expect("the temporary directory is writable");
    fs::write(&list, AT_SERVERS).expect("the temporary directory is writable");
    let said = |args: &[&str]| {
        let output = mailsrv([&["documents", "-p", &profile], args].concat());
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        text(&output.stderr)
    };
    let make = "`documents --provider --set server=…";
    let each = "s1.provider.example and s2.provider.example are targets of `_autodiscover._tcp`, \
                and each is one site for all its customers:";
    assert_eq!(
        said(&["--input", &list, "--server", "caddy", "--root", "/srv/www/"]),
        format!(
            "{each} {make} -o /srv/www/TARGET` writes its documents, which Caddy serves then\n"
        )
    );
    assert_eq!(
        said(&["--input", &list, "--server", "nginx"]),
        format!("{each} {make}` makes it\n")
    );
    let set = ["--set", "server=s1.provider.example"];
    assert_eq!(
        said(&[&["a.example", "--server", "caddy"], &set[..]].concat()),
        "s1.provider.example is the target of `_autodiscover._tcp`, and one site for all its \
         customers: `documents --provider --set server=s1.provider.example` makes it\n"
    );
    assert_eq!(
        said(&[&["--provider", "--server", "caddy"], &set[..]].concat()),
        "the profile names no mail exchange of the provider's own under `mx`, and the names that \
         clients derive from it are not known\n"
    );
}

#[test]
fn what_serves_all_customers_of_a_server_asks_for_the_server() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let profile = place.path().join("profile.yaml").display().to_string();
    for (more, part) in [
        ("", "; give `--set server=…`, or name one, as in"),
        (
            "jmap: { host: jmap.provider.example }\nmx: { host: mx.provider.example }\n\
             addresses: { mx.provider.example: [192.0.2.1] }\n",
            "the documents depend on `{server}`, which differs by customer\n\
             hint: make them once for each value: --set server=…\n",
        ),
    ] {
        fs::write(&profile, format!("{BY_SERVER}{more}")).expect("the folder is writable");
        let output = mailsrv(["documents", "--provider", "-p", &profile, "--server", "nginx"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part) && output.stdout.is_empty(), "no {part:?} in {said}");
    }
}

#[test]
fn mistakes_write_nothing_and_name_the_remedy() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let www = place.path().join("www").display().to_string();
    let profile = place.path().join("profile.yaml").display().to_string();
    fs::write(&profile, "imap: true\n").expect("the temporary directory is writable");
    let address = ["documents", "a.example", "-o", &www, "--address"];
    for (args, part) in [
        (vec!["documents", "a.example"], "hint: name one with -o DIR"),
        (vec!["documents", "-o", &www], "required"),
        (vec!["documents", "a.example", "b..example", "-o", &www], "empty label"),
        (vec!["documents", "a.example", "-o", &www, "-p", &profile], "offers no submission"),
        (vec!["documents", "a.example", "-p", &profile, "--server", "nginx"], "no name for"),
        (vec!["documents", "a.example", "-o", &www, "--server", "caddy"], "cannot be used with"),
        (vec!["documents", "a.example", "--server", "apache"], "possible values: nginx, caddy"),
        (vec!["documents", "a.example", "--server", "nginx", "--root", "x;"], "absolute path"),
        (vec!["documents", "a.example", "-o", &www, "--root", "/srv"], "cannot be used with"),
        ([&address[..], &["joe"]].concat(), "a whole mail address"),
        ([&address[..], &["joe@b.example"]].concat(), "a user of b.example alone"),
        ([&address[..], &["jo e@a.example"]].concat(), "holds ` `"),
        ([&address[..], &["joe@a.example", "b.example"]].concat(), "a user of a.example alone"),
    ] {
        let output = mailsrv(&args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(part), "{args:?}: no {part:?} in {said}");
        assert!(!Path::new(&www).exists() && output.stdout.is_empty(), "{args:?}");
    }
}
