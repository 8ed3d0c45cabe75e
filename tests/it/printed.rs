//! What every format prints, octet for octet: the digests stand in `tests/printed.sums`.
//!
//! A change that is meant to leave the output alone leaves that file alone.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mailsrv::cli::{Env, run};
use mailsrv::dns_host::DnsHost;
use mailsrv::interrupt::Interrupt;
use mailsrv::render::{Format, Scope};
use sha2::{Digest, Sha256};

use crate::loads::profiles;

/// Profiles whose text depends on the mail domain in ways that those of `zones/` do not.
const OTHERS: [(&str, &str); 6] = [
    (
        "mixed-hosts",
        "imap: { tls: true, servers: [{ host: m.provider.example }, { host: \"imap.{domain}\" }] }",
    ),
    (
        "digest-by-domain",
        "imap: true\nsubmission: true\npacc: true\njmap: true\ncaldav: { path: /dav/ }",
    ),
    (
        "host-of-the-domain",
        "host: \"mail-{domain}\"\nimap: true\nmx: { host: \"{domain}.provider.example\" }",
    ),
    (
        "addresses",
        "host: \"{server}\"\nimap: true\nautoconfig: { addresses: [192.0.2.1, \"2001:db8::1\"] }\nautodiscover: { srv: true }",
    ),
    (
        "odd-path",
        "imap: true\nsieve: true\nttl: 300\ncaldav: { path: \"/a;b'$d%{f}\", host: dav.provider.example }\ncarddav: false",
    ),
    (
        "provider",
        "host: imap.provider.example\nimap: true\nsubmission: true\nautoconfig: true\nmx: true\nprovider: { name: Example }\npacc: true\naddresses:\n  imap.provider.example: [192.0.2.1, \"2001:db8::1\"]",
    ),
];

/// A DNS host that refuses the target `.`, and one that refuses SRV records.
const REFUSING: [&str; 2] = ["alidns", "namecheap-api"];

/// The list holds what a layout is used for and what it is not: names like those of the stand-ins,
/// internationalised ones, those of the provider, long ones.
fn list() -> String {
    let long = ["a".repeat(55).as_str(); 4].join(".");
    let domains = [
        "example.com",
        "shop.company.example",
        "b\u{fc}cher.example",
        "provider.example",
        "imap.provider.example",
        "a.example",
        "z9.stand-in-7q4x.mailsrv-layout.invalid",
        long.as_str(),
        "example.net",
        "example.org",
        "b.example",
    ];
    let mut list = String::from("domain,server\n");
    for (at, domain) in domains.iter().enumerate() {
        let _infallible = writeln!(list, "{domain},s{}.provider.example", at % 3);
    }
    list
}

/// Runs the program in this process: what it printed, what it said, and its exit code.
fn printed(args: &[&str], stdin: &str) -> String {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = run(Env {
        args: ["mailsrv", "generate"].iter().chain(args).map(Into::into).collect(),
        stdin: Box::new(stdin.as_bytes()),
        stdout: Box::new(&mut stdout),
        stderr: Box::new(&mut stderr),
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        stdout_columns: 80,
        stderr_columns: None,
        no_color: true,
        interrupt: Interrupt::default(),
    });
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    format!("{}{stdout}\n{stderr}\n{code}\n", args.join(" "))
}

/// Every way to print a profile in a format.
fn all(profile: &str, format: Format, list: &str) -> String {
    let word = format.text();
    let common = ["-p", profile, "-f", word];
    let with = |more: &[&str]| printed(&[&common, more].concat(), list);
    let mut out = with(&["--provider"]) + &with(&["--provider", "--zone-apex", "provider.example"]);
    for (domain, apex) in [
        ("example.com", "example.com"),
        ("sales.example.com", "example.com"),
        ("b\u{fc}cher.example", "example"),
    ] {
        // A column that no argument can give makes this a refusal, which is printed too.
        out += &with(&[domain]);
        out += &with(&[domain, "--zone-apex", apex]);
        out += &with(&[domain, "--host", "{server}", "--input", "-"]);
    }
    if format.is_template() {
        out += &with(&[]);
    }
    // What a DNS host refuses does not depend on the format.
    let every = ["zone", "form"].contains(&format.text());
    let hosts = DnsHost::ALL.iter().map(|host| host.text());
    let hosts = hosts.filter(|host| every || REFUSING.contains(host)).map(Some).chain([None]);
    for host in hosts {
        let host = host.map_or(Vec::new(), |word| vec!["--for", word]);
        let list = [&["-"], host.as_slice()].concat();
        let one = [&["example.com"], host.as_slice()].concat();
        out += &with(if format.scope() == Scope::OneEach { &one } else { &list });
    }
    out
}

#[test]
fn every_format_prints_what_it_printed() {
    let dir = tempfile::TempDir::new().expect("there is a place for temporary files");
    let mut named: Vec<(String, String)> = profiles()
        .into_iter()
        .map(|path| {
            let stem = path.file_stem().expect("a profile has a name").to_string_lossy();
            (stem.into_owned(), path.display().to_string())
        })
        .collect();
    for (name, profile) in OTHERS {
        let path = dir.path().join(name).with_extension("yaml");
        fs::write(&path, profile).expect("the temporary directory is writable");
        named.push((name.to_owned(), path.display().to_string()));
    }
    let list = list();
    let mut sums = String::new();
    for (name, path) in &named {
        for format in Format::ALL {
            // Messages name the file that the profile stands in.
            let text = all(path, *format, &list).replace(path, name);
            let digest = Sha256::digest(text.as_bytes());
            let digest: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
            if let Some(folder) = std::env::var_os("PRINTED") {
                let path = Path::new(&folder).join(format!("{name}.{}", format.text()));
                fs::write(path, text).expect("the folder is writable");
            }
            let _infallible = writeln!(sums, "{digest}  {name} {}", format.text());
        }
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/printed.sums");
    if std::env::var_os("UPDATE").is_some_and(|what| what == "printed") {
        fs::write(&shipped, &sums).expect("the folder is writable");
    }
    let before = fs::read_to_string(&shipped).unwrap_or_default();
    let changed: Vec<_> =
        sums.lines().filter(|line| !before.lines().any(|it| it == *line)).collect();
    assert_eq!(
        changed, [""; 0],
        "UPDATE=printed rewrites the digests, PRINTED=FOLDER writes the texts"
    );
    assert_eq!(before.lines().count(), sums.lines().count());
}
