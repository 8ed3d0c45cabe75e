//! `audit --for`: remedies as what is typed into the form of a DNS host, named or recognised.

use std::fs;

use tempfile::TempDir;

use crate::program::{mailsrv, text};

/// A zone without `_submissions._tcp`, and with `autodiscover` at another provider.
const ZONE: &str = "\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns hostmaster 1 7200 3600 1209600 300
@ IN NS {server}
@ IN MX 10 mail
mail IN A 192.0.2.25
mail IN AAAA 2001:db8::25
_imaps._tcp IN SRV 0 1 993 mail
_imap._tcp IN SRV 0 0 0 .
_pop3s._tcp IN SRV 0 0 0 .
_pop3._tcp IN SRV 0 0 0 .
_submission._tcp IN SRV 10 1 587 mail
autodiscover IN CNAME www
www IN A 192.0.2.80
";

const PROFILE: &str = "imap: { tls: true }\nsubmission: true\nautodiscover: true\n";

/// Audits the zone as of a name server: exit code, stdout, stderr.
fn audit(server: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (zone, profile) = (path("zone"), path("profile.yaml"));
    fs::write(&zone, ZONE.replace("{server}", server))
        .and_then(|()| fs::write(&profile, PROFILE))
        .expect("the temporary directory is writable");
    let common = ["audit", "example.com", "--zone", &zone, "-p", &profile];
    let output = mailsrv(common.iter().chain(args));
    // The place is another one each time.
    let out = text(&output.stdout).replace(&zone, "zone");
    (output.status.code(), out, text(&output.stderr))
}

/// A text however wide it was wrapped.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What Namecheap's form takes.
const BOXES: [&str; 8] = [
    "  To type into the form of Namecheap, in the zone example.com.",
    "    + publish  1 SRV record",
    "      Service       Protocol  Priority  Weight  Port  TTL   Target",
    "      _submissions  _tcp      0         1       465   3600  mail.example.com.",
    "    - delete   1 CNAME record",
    "      Host          Value",
    "      autodiscover  www.example.com.",
    "      autodiscover  3600  mail.example.com.",
];

#[test]
fn remedies_are_what_is_typed_into_the_form_of_the_host() {
    for (server, word) in [
        ("ns", "namecheap"),
        ("ns", "NameCheap"),
        ("dns1.registrar-servers.com.", "auto"),
        // Whoever names the host knows better.
        ("ns1.linode.com.", "namecheap"),
    ] {
        let (code, out, err) = audit(server, &["--for", word]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{word}");
        for line in BOXES {
            assert!(out.lines().any(|it| it == line), "{server} {word}: no `{line}` in\n{out}");
        }
        assert!(!out.contains("IN SRV"), "{out}");
    }
}

#[test]
fn a_host_that_is_not_recognised_changes_nothing_but_a_line() {
    let (_, plain, _) = audit("ns.stranger.example.", &[]);
    let step = "+ publish _submissions._tcp.example.com. 3600 IN SRV";
    assert!(unwrapped(&plain).contains(step), "{plain}");
    let (code, out, err) = audit("ns.stranger.example.", &["--for", "auto"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let more: Vec<&str> = out.lines().filter(|line| !plain.lines().any(|it| it == *line)).collect();
    let said = "No DNS host with a known form has these name servers: ns.stranger.example; name it";
    assert!(unwrapped(&more.join(" ")).starts_with(said), "{more:#?}");
    assert!(plain.lines().all(|line| out.lines().any(|it| it == line)), "{out}");
}

#[test]
fn what_the_host_refuses_is_said_where_it_would_be_typed() {
    let (_, out, _) = audit("ns", &["--for", "plesk"]);
    let said = "_submissions._tcp.example.com has a weight other than 0, 5, 10 and so on to 50";
    assert!(unwrapped(&out).contains(said), "{out}");
}

#[test]
fn the_json_report_has_the_boxes_of_each_step() {
    let (_, out, _) = audit("dns1.registrar-servers.com.", &["--for", "auto", "-f", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(report["dns_host"], "namecheap");
    assert_eq!(report["not_judged"], serde_json::json!([]));
    let findings = report["findings"].as_array().expect("it is an array");
    let missing = findings.iter().find(|it| it["code"] == "srv-missing").expect("it is found");
    let boxes = serde_json::json!([
        ["Service", "_submissions"],
        ["Protocol", "_tcp"],
        ["Priority", "0"],
        ["Weight", "1"],
        ["Port", "465"],
        ["TTL", "3600"],
        ["Target", "mail.example.com."]
    ]);
    assert_eq!(missing["fix"][0]["boxes"], boxes, "{missing}");
    let (_, plain, _) = audit("ns", &["-f", "json"]);
    assert!(!plain.contains("boxes") && !plain.contains("dns_host"), "{plain}");
}

#[test]
fn name_servers_that_nobody_tells_leave_no_verdict_open() {
    // Records alone are no zone: its name servers lie outside.
    let dir = TempDir::new().expect("there is a place for temporary files");
    let zone = dir.path().join("zone").display().to_string();
    let made = mailsrv(["generate", "sales.example.com"]);
    fs::write(&zone, &made.stdout).expect("the temporary directory is writable");
    let audit = |more: &[&str]| {
        let args = ["audit", "sales.example.com", "--zone", &zone, "-f", "json"];
        let output = mailsrv(args.iter().chain(more));
        let report: serde_json::Value =
            serde_json::from_str(&text(&output.stdout)).expect("it is JSON");
        (output.status.code(), report["verdict"].clone(), report["not_judged"].clone())
    };
    assert_eq!(audit(&["--for", "auto"]), audit(&[]));
}

#[test]
fn a_word_that_is_no_host_is_refused() {
    let (code, out, err) = audit("ns", &["--for", "namecheep"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(unwrapped(&err).contains("did you mean `namecheap`?"), "{err}");
}
