//! `generate --for`: what a DNS host refuses is left out, said, and the rest typed as it wants it.

use std::fs;
use std::io::Write;
use std::path::Path;

use mailsrv::dns_host::DnsHost;

use crate::program::{mailsrv, text};

/// A profile with services that are not offered.
const PROFILE: &str = "host: mail.provider.example\nimap: { tls: true }\nsubmission: { tls: true }\nautoconfig: { alias: \"{host}\" }\n";

/// Runs `generate` with the profile: exit code, stdout, stderr.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let mut profile = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    profile.write_all(PROFILE.as_bytes()).expect("it is writable");
    let path = profile.path().to_str().expect("temporary paths are UTF-8");
    let output = mailsrv(["generate", "-p", path].iter().chain(args));
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_a_host_refuses_is_left_out_and_said_once() {
    #[track_caller]
    fn check(word: &str, denials: usize, said: &str) {
        let domains = ["a.example", "b.example"];
        let args = [&["--for", word, "-f", "json"], &domains[..]].concat();
        let (code, out, err) = run(&args);
        assert_eq!(code, Some(0), "{word}: {err}");
        assert_eq!(out.matches(r#""purpose":"denial""#).count(), denials, "{word}: {out}");
        assert_eq!(out.matches(r#""purpose":"configuration""#).count(), 2, "{word}: {out}");
        assert_eq!(err, said, "{word}");
        let (_, quiet_out, quiet) = run(&[args.as_slice(), &["-q"]].concat());
        assert_eq!((quiet_out, quiet.as_str()), (out, ""), "{word}");
    }
    let so = "so nothing tells clients that the service is not offered";
    check(
        "alidns",
        0,
        &format!(
            "left out: _imap._tcp SRV (and 7 more like it): it has the target \".\", which Alibaba Cloud DNS refuses, {so}\n"
        ),
    );
    check(
        "joker",
        0,
        &format!(
            "left out: _imap._tcp SRV (and 7 more like it): it has port 0, which Joker refuses, {so}\n"
        ),
    );
    check("bunny", 8, "");
    check("namecheap", 8, "");
    let api = "it has a type that the documented API of Namecheap does not take";
    let form = "type it into the web form (--for namecheap)";
    check(
        "namecheap-api",
        0,
        &format!(
            "left out: _imaps._tcp SRV (and 3 more like it): {api}, so clients that look for the service in DNS do not find it; {form}\nleft out: _imap._tcp SRV (and 7 more like it): {api}, {so}; {form}\n"
        ),
    );
}

#[test]
fn the_form_of_each_host_is_printed() {
    #[track_caller]
    fn check(word: &str, lines: &[&str]) {
        let (code, out, err) = run(&["-f", "form", "--for", word, "example.com"]);
        assert_eq!(code, Some(0), "{word}: {err}");
        for line in lines {
            assert!(out.lines().any(|it| it == *line), "{word}: no `{line}` in\n{out}");
        }
    }
    check(
        "namecheap",
        &[
            "To type into the form of Namecheap, in the zone example.com.",
            "  Service       Protocol  Priority  Weight  Port  TTL   Target",
            "  _imaps        _tcp      0         1       993   3600  mail.provider.example.",
        ],
    );
    check(
        "name.com",
        &[
            "  Service      Weight  TTL   Prio  Protocol  Port  Target",
            "  imaps        1       3600  0     tcp       993   mail.provider.example",
        ],
    );
    check(
        "route53",
        &[
            "  Record name        TTL (seconds)  Value",
            "  _imaps._tcp        3600           0 1 993 mail.provider.example.",
        ],
    );
    check("123-reg", &["  _imaps._tcp        0         3600  1 993 mail.provider.example."]);
    // Without known boxes, a host has the general ones.
    check("inwx", &["  Service       Protocol  Host  TTL   Priority  Weight  Port  Target"]);
}

#[test]
fn a_ttl_or_a_host_that_is_not_taken_is_trouble() {
    for (option, word) in
        [("--for", "cloudflare"), ("-f", "cloudflare"), ("-f", "terraform-cloudflare")]
    {
        let (code, out, err) = run(&[option, word, "--ttl", "30", "example.com"]);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert_eq!(
            err,
            "error: Cloudflare takes TTLs from 60 to 86400 seconds, not 30\nhint: give another with --ttl\n"
        );
    }
    let (code, out, err) = run(&["--for", "namecheep", "example.com"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("did you mean `namecheap`?"), "{err}");
    let (_, help, _) = run(&["--help"]);
    for host in DnsHost::ALL {
        let headline = host.headline();
        let title = headline.split(';').next().expect("a split has a first part");
        assert!(help.contains(title), "{title}");
    }
}

/// The rows that the README has for DNS hosts: what is known of them, and of which.
fn rows() -> String {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |fact: String, host: &DnsHost, more: &str| {
        let word = format!("`{}`{more}", host.text());
        match rows.iter_mut().find(|(known, _)| *known == fact) {
            Some((_, words)) => words.push(word),
            None => rows.push((fact, vec![word])),
        }
    };
    for host in DnsHost::ALL {
        for refused in host.refuses() {
            add(format!("refuses {}", refused.replace("\".\"", "`.`")), host, "");
        }
    }
    for host in DnsHost::ALL {
        if let Some((lowest, highest)) = host.ttls() {
            let bounds = match highest {
                0x7fff_ffff => format!(" (from {lowest})"),
                highest => format!(" ({lowest} to {highest})"),
            };
            add("takes only some TTLs".to_owned(), host, &bounds);
        }
    }
    for host in DnsHost::ALL.iter().filter(|host| host.has_form()) {
        add("the boxes of its form are known".to_owned(), host, "");
    }
    for host in DnsHost::ALL.iter().filter(|host| !host.name_servers().is_empty()) {
        add("is recognised by its name servers".to_owned(), host, "");
    }
    for host in DnsHost::ALL.iter().filter(|host| host.headline().ends_with("by now")) {
        add("takes the target `.` by now".to_owned(), host, "");
    }
    rows.iter().map(|(fact, words)| format!("| {fact} | {} |\n", words.join(", "))).collect()
}

#[test]
fn the_readme_lists_every_dns_host() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).expect("there is a README");
    let rows = rows();
    assert!(readme.contains(&rows), "put these rows into the README:\n{rows}");
}
