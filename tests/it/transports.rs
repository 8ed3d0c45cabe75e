//! By whatever a server is asked, an audit says the same; and what is wrong with a server, it says.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{mailsrv, printed, text};
use crate::servers::certified::{self, Authority, NAME};
use crate::servers::{Zone, free_address, knot};

/// A domain as it should be, and one that lacks a record and has another wrong.
fn zones() -> [Zone; 2] {
    let snippet = |domain: &str| {
        let printed = printed(["generate", domain]);
        let lines = printed.lines().filter(|line| !line.starts_with(['$', ';']));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let rest = "@ IN MX 10 mail\nmail IN A 192.0.2.1\nmail IN AAAA 2001:db8::1\n";
    let good = Zone::new("good.example", &format!("{rest}{}", snippet("good.example")));
    let bad = snippet("bad.example").replace(" 993 ", " 99 ");
    let bad = bad.lines().filter(|line| !line.starts_with("_pop3s")).collect::<Vec<_>>().join("\n");
    [good, Zone::new("bad.example", &format!("{rest}{bad}\n"))]
}

/// What is said of both domains, with all that was observed.
#[track_caller]
fn audited(resolver: &str, authorities: Option<&Path>, options: &[&str]) -> (i32, String) {
    let mut args: Vec<_> = ["audit", "good.example", "bad.example", "-q", "-f", "json"].into();
    args.extend(["--observed", "always", "--resolver", resolver]);
    if let Some(file) = authorities {
        args.extend(["--ca-file", file.to_str().expect("temporary paths are UTF-8")]);
    }
    if !options.contains(&"--tries") {
        // A busy machine may leave a server without a processor for seconds.
        args.extend(["--tries", "10"]);
    }
    let output = mailsrv(args.iter().chain(options));
    assert_eq!(text(&output.stderr), "", "{resolver}");
    (output.status.code().expect("the program was not killed"), text(&output.stdout))
}

/// Every way says what the first says.
#[track_caller]
fn agree(authority: &Authority, ways: &[String]) {
    let mut said = None;
    for way in ways {
        let file = authority.file();
        let encrypted =
            ["tls://", "https://", "quic://"].iter().any(|scheme| way.starts_with(scheme));
        let file = encrypted.then_some(file.as_path());
        let result = audited(way, file, &[]);
        assert_eq!(result.0, 1, "{way}: {}", result.1);
        let first = said.get_or_insert_with(|| result.clone());
        assert_eq!(*first, result, "{way}");
    }
    let (_, stdout) = said.expect("there is a way");
    let verdicts: Vec<_> = stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|report| report["verdict"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(verdicts, ["pass", "fail"], "{stdout}");
}

#[test]
#[ignore = "needs Unbound and Knot DNS"]
fn unbound_says_the_same_by_every_transport() {
    let (authority, zones) = (Authority::new(), zones());
    let knot = knot::serve(&zones);
    let unbound = certified::unbound(&authority, &zones, knot.address);
    let plain = unbound.daemon.address;
    let quic = certified::quic(&authority, plain);
    agree(
        &authority,
        &[
            plain.to_string(),
            format!("udp://{plain}"),
            format!("tcp://{plain}"),
            format!("tls://{}", unbound.tls),
            format!("tls://{}#{NAME}", unbound.tls),
            format!("https://{}/dns-query", unbound.https),
            format!("https://{}#{NAME}", unbound.https),
            format!("quic://{quic}"),
            format!("quic://{quic}#{NAME}"),
        ],
    );
}

#[test]
#[ignore = "needs BIND"]
fn bind_says_the_same_by_every_transport() {
    let (authority, zones) = (Authority::new(), zones());
    let bind = certified::bind(&authority, &zones);
    let plain = bind.daemon.address;
    agree(
        &authority,
        &[
            plain.to_string(),
            format!("tcp://{plain}"),
            format!("tls://{}", bind.tls),
            format!("https://{}/dns-query#{NAME}", bind.https),
            format!("quic://{}", certified::quic(&authority, plain)),
        ],
    );
}

/// What every question failed with.
#[track_caller]
fn fails(resolver: &str, authorities: Option<&Path>, wanted: &str) {
    let (exit, stdout) = audited(resolver, authorities, &["--tries", "1", "--timeout", "5"]);
    assert_eq!(exit, 3, "{resolver}: {stdout}");
    for line in stdout.lines() {
        let report: Value = serde_json::from_str(line).expect("every line is a report");
        for observed in report["observed"].as_array().into_iter().flatten() {
            assert_eq!(observed["failure"], wanted, "{resolver}");
        }
    }
}

#[test]
#[ignore = "needs Unbound and Knot DNS"]
fn what_is_wrong_with_a_server_is_said() {
    let (authority, zones) = (Authority::new(), zones());
    let knot = knot::serve(&zones);
    let unbound = certified::unbound(&authority, &zones, knot.address);
    let own = authority.file();
    let own = Some(own.as_path());
    let quic = certified::quic(&authority, unbound.daemon.address);
    for (scheme, address) in [("tls", unbound.tls), ("https", unbound.https), ("quic", quic)] {
        fails(&format!("{scheme}://{address}"), None, "tls-unknown-authority");
        fails(&format!("{scheme}://{address}#else.example"), own, "tls-wrong-name");
    }
    let other = Authority::new();
    fails(&format!("tls://{}", unbound.tls), Some(&other.file()), "tls-unknown-authority");
    fails(&format!("https://{}/elsewhere", unbound.https), own, "http-404");
    fails(&format!("tls://{}", free_address()), own, "unreachable");
}

#[test]
#[ignore = "needs Unbound and Knot DNS"]
fn the_next_server_is_asked_where_one_is_not_believed() {
    let (authority, zones) = (Authority::new(), zones());
    let knot = knot::serve(&zones);
    let unbound = certified::unbound(&authority, &zones, knot.address);
    let good = format!("tls://{}", unbound.tls);
    let (_, alone) = audited(&good, Some(&authority.file()), &[]);
    let bad = format!("tls://{}#else.example", unbound.tls);
    let (_, second) = audited(&bad, Some(&authority.file()), &["--resolver", &good]);
    assert_eq!(alone, second);
}

/// A hundred domains by one connection, where there is no room for a second.
#[cfg(unix)]
#[test]
#[ignore = "needs Unbound and Knot DNS"]
fn a_run_by_one_connection_needs_one_descriptor() {
    let (authority, zones) = (Authority::new(), zones());
    let knot = knot::serve(&zones);
    let unbound = certified::unbound(&authority, &zones, knot.address);
    let dir = tempfile::TempDir::new().expect("there is a place for temporary files");
    let list = dir.path().join("list");
    let domains: String = (0..100).map(|number| format!("d{number}.good.example\n")).collect();
    std::fs::write(&list, domains).expect("the temporary directory is writable");
    let run = |resolver: String| {
        let output = Command::new("sh")
            .args([
                "-c",
                "ulimit -n 25; exec \"$0\" \"$@\"",
                env!("CARGO_BIN_EXE_mailsrv"),
                "audit",
            ])
            .args(["-q", "-f", "json", "--tries", "10", "--concurrency", "100", "--input"])
            .arg(&list)
            .args(["--resolver", &resolver, "--ca-file"])
            .arg(authority.file())
            .output();
        let output = output.expect("there is a shell");
        let stdout = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{stdout}{}", text(&output.stderr));
        assert!(!stdout.contains("\"failure\""), "{stdout}");
    };
    run(format!("tls://{}", unbound.tls));
    run(format!("https://{}", unbound.https));
}

/// What is refused before anything is asked.
#[test]
fn a_server_that_cannot_be_asked_ends_the_run() {
    let dir = tempfile::TempDir::new().expect("there is a place for temporary files");
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "no certificate\n").expect("the temporary directory is writable");
    let empty = empty.to_str().expect("temporary paths are UTF-8");
    for (options, parts) in [
        (vec!["--resolver", "doh://dns.example"], vec!["`doh` in ", "write https://dns.example"]),
        (vec!["--resolver", "tls://"], vec!["neither an IP address nor a host name"]),
        (
            vec!["--resolver", "127.0.0.1", "--ca-file", empty],
            vec![
                "--ca-file is for servers with a certificate",
                "hint: name one: --resolver tls://",
            ],
        ),
        (
            vec!["--resolver", "tls://127.0.0.1", "--ca-file", empty],
            vec![empty, "it has no certificate in PEM"],
        ),
        (vec!["--ca-file", empty], vec!["--resolver"]),
        (
            vec!["--resolver", "tls://127.0.0.1", "--ca-file", "/nowhere/ca.pem"],
            vec!["cannot read /nowhere/ca.pem"],
        ),
    ] {
        let output = mailsrv(["audit", "good.example"].into_iter().chain(options.iter().copied()));
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {stderr}");
        assert_eq!(text(&output.stdout), "");
        for part in parts {
            assert!(stderr.contains(part), "{options:?}: {stderr}");
        }
    }
}
