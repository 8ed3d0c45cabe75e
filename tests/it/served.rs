//! Real servers serve what `generate` prints, and `audit` says that it is as it should be.

use std::net::SocketAddr;

use tempfile::TempDir;

use crate::program::{Source, audit, audit_args, mailsrv, printed, text};
use crate::servers::{Daemon, Zone, knot, nsd};

/// Everything the mail domain needs besides what `generate` prints.
const REST: &str = "@ IN MX 10 mail\nmail IN A 192.0.2.1\nmail IN AAAA 2001:db8::1\n";

fn generated(domain: &str, args: &[&str]) -> Zone {
    let snippet = printed([&["generate", domain], args].concat());
    let apex = snippet.lines().find_map(|line| line.strip_prefix("$ORIGIN "));
    let apex = apex.expect("a snippet names its origin");
    Zone::new(apex, &format!("{REST}{snippet}"))
}

#[test]
#[ignore = "needs Knot DNS"]
fn knot_serves_the_snippet_and_the_audit_passes() {
    check(knot::serve);
}

#[test]
#[ignore = "needs NSD"]
fn nsd_serves_the_snippet_and_the_audit_passes() {
    check(nsd::serve);
}

/// Serves two domains, one at its own host and one at the provider's, and audits both.
#[track_caller]
fn check(serve: impl Fn(&[Zone]) -> Daemon) {
    let provider =
        Zone::new("provider.example", "server1 IN A 192.0.2.11\nserver1 IN AAAA 2001:db8::11\n");
    let host = ["--host", "server1.provider.example"];
    let zones = [generated("own.example", &[]), generated("hosted.example", &host), provider];
    let server = serve(&zones);
    passes("own.example", server.address, &zones, &[]);
    passes("hosted.example", server.address, &zones, &["--host", "server1.provider.example"]);
}

#[track_caller]
fn passes(domain: &str, server: SocketAddr, zones: &[Zone], options: &[&str]) {
    let servers = [server];
    let live = audit(domain, &Source::Servers(&servers), options);
    assert_eq!((live.verdict.as_str(), live.exit), ("pass", 0), "{live:?}");
    assert_eq!(live.findings, [serde_json::Value::Null; 0]);

    let output = mailsrv(audit_args(domain, &Source::Servers(&servers), options));
    let report = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}{}", text(&output.stderr));
    assert!(report.contains(domain) && report.contains("pass"), "{report}");

    let dir = TempDir::new().expect("there is a place for temporary files");
    let files: Vec<_> = zones.iter().map(|zone| zone.write(dir.path())).collect();
    let files: Vec<_> = files.iter().map(|file| file.as_path()).collect();
    let offline = audit(domain, &Source::Zones(&files), options);
    assert_eq!((offline.verdict, offline.findings), (live.verdict, live.findings));
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_domain_that_the_server_does_not_hold_stays_unknown() {
    let server = knot::serve(&[generated("own.example", &[])]);
    let audited = audit("other.example", &Source::Servers(&[server.address]), &[]);
    let told = (audited.verdict.as_str(), audited.exit, audited.findings.len());
    assert_eq!(told, ("unknown", 3, 0), "{audited:?}");
}

#[test]
#[ignore = "needs Knot DNS"]
fn mail_domains_below_the_apex_and_in_other_scripts_pass_too() {
    let below = printed(["generate", "dept.own.example", "--zone-apex", "own.example"]);
    let own = Zone::new(
        "own.example",
        &format!("dept IN MX 10 mail.dept\nmail.dept IN A 192.0.2.1\n{below}"),
    );
    let other = generated("b\u{fc}cher.example", &[]);
    let server = knot::serve(&[own, other]);
    for (typed, domain) in
        [("dept.own.example", "dept.own.example"), ("B\u{dc}CHER.example", "xn--bcher-kva.example")]
    {
        let args = audit_args(typed, &Source::Servers(&[server.address]), &["-f", "json"]);
        let report = printed(args);
        assert!(report.contains(&format!("\"domain\":\"{domain}\"")), "{report}");
        assert!(report.contains("\"verdict\":\"pass\""), "{report}");
    }
}

#[test]
#[ignore = "needs Knot DNS"]
fn a_recorded_audit_is_judged_alike_when_replayed() {
    let zones = [generated("own.example", &[])];
    let server = knot::serve(&zones);
    let dir = TempDir::new().expect("there is a place for temporary files");
    let file = dir.path().join("recording");
    let file = file.to_str().expect("temporary paths are UTF-8");
    let live = audit("own.example", &Source::Servers(&[server.address]), &["--record", file]);
    drop(server);
    let replayed = audit("own.example", &Source::Servers(&[]), &["--replay", file]);
    assert_eq!((replayed.verdict, replayed.exit), (live.verdict, live.exit));
    assert_eq!(replayed.findings, live.findings);
}
