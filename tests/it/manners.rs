//! How much servers are asked, and what becomes of a run when some do not answer, or slowly.

use std::fmt::Write as _;
use std::fs;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::program::{field, mailsrv, text};
use crate::recorded::{Customers, provider};
use crate::servers::{Zone, dnsmasq, nsd};

/// The domains of a report in JSON, with their verdicts.
fn verdicts(report: &str) -> Vec<(String, String)> {
    let domain = |line: &str| {
        let domain: Value = serde_json::from_str(line).expect("a line is an object");
        (field(&domain, "domain").to_owned(), field(&domain, "verdict").to_owned())
    };
    report.lines().map(domain).collect()
}

#[test]
fn a_dead_server_of_two_is_asked_now_and_then_and_the_other_answers_everything() {
    let dead = UdpSocket::bind("127.0.0.1:0").expect("there is a port");
    let address = dead.local_addr().expect("it has one").to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    // It ends with the test.
    thread::spawn(move || {
        while dead.recv(&mut [0; 512]).is_ok() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (server, answered) = provider(|_, _, _| false);
    let alive = server.address.to_string();
    let customers = Customers::new(100);
    let args = ["--resolver", &address, "--resolver", &alive, "--timeout", "1", "--tries", "9"];
    let (code, out, said) = customers.done(&args);
    assert_eq!(code, 0, "{said}");
    assert!(verdicts(&out).iter().all(|(_, verdict)| verdict == "pass"), "{said}");
    let (asked, answered) =
        (asked.load(Ordering::Relaxed), answered.lock().expect("nothing panics").len());
    assert!(asked < 60 && answered > 1000, "{asked} {answered}");
    assert!(said.contains(&format!("{address} answered none of ")), "{said}");
    assert!(said.ends_with(": no answer in time\n100 domains: 100 pass\n"), "{said}");
}

#[test]
fn a_domain_that_takes_too_long_is_unknown_and_what_is_proven_of_it_stands() {
    // Nothing but the label that stands beside the right one is ever answered for the first.
    let silent = |owner: &str, _, _| owner.ends_with("d0.test.") && !owner.starts_with("_imap.");
    let (server, _) = provider(silent);
    let address = server.address.to_string();
    let customers = Customers::new(3);
    let record =
        ["--deadline", "2", "--timeout", "60", "--record", "%/run", "--observed", "always"];
    let (code, out, said) = customers.done(&[&["--resolver", &address], &record[..]].concat());
    assert_eq!(code, 3, "{said}");
    let verdict = |number, verdict: &str| (format!("d{number}.test"), verdict.to_owned());
    assert_eq!(verdicts(&out), [verdict(0, "unknown"), verdict(1, "pass"), verdict(2, "pass")]);
    assert!(out.contains("\"failure\":\"deadline\""), "{out}");
    assert!(out.contains("not answered before the deadline") || !out.contains("no answer in time"));
    let (_, replayed, _) = customers.done(&["--replay", "%/run", "--observed", "always"]);
    assert_eq!(replayed, out);
}

#[test]
fn a_slow_domain_holds_back_no_more_than_may_wait_for_it_unless_the_order_is_to_be_kept() {
    let (server, _) = provider(|owner, _, _| owner.ends_with("d0.test."));
    let address = server.address.to_string();
    let customers = Customers::new(300);
    let args = ["--resolver", &address, "--deadline", "8", "--timeout", "60"];
    for ordered in [&[][..], &["--ordered"]] {
        let (_, out, said) = customers.done(&[&args[..], ordered].concat());
        let order: Vec<_> = verdicts(&out).into_iter().map(|(domain, _)| domain).collect();
        assert_eq!(order.len(), 300, "{said}");
        let at = order.iter().position(|domain| domain == "d0.test");
        assert_eq!(at == Some(0), !ordered.is_empty(), "{at:?}");
        let mut all: Vec<_> = (0..300).map(|number| format!("d{number}.test")).collect();
        all.retain(|domain| domain != "d0.test");
        if !ordered.is_empty() {
            assert_eq!(order[1..], all);
        }
    }
}

#[test]
fn a_rate_and_a_deadline_that_make_no_sense_are_refused() {
    for (option, value, said) in [
        ("--rate", "0", "give questions a second from 1 to 1000000"),
        ("--rate", "fast", "or `unlimited`"),
        ("--deadline", "0", "give between 0.01 and 86400 seconds"),
        ("--deadline", "1m", "give seconds, as in 2 or 0.5"),
    ] {
        let output = mailsrv(["audit", "example.com", option, value]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}

/// What the documented profile publishes for so many domains, in one zone.
fn healthy(domains: usize) -> (Zone, String) {
    let mut records = String::new();
    let mut list = String::new();
    for number in 0..domains {
        let domain = format!("d{number}.customers.test");
        let _infallible = writeln!(list, "{domain}");
        let published = mailsrv(["generate", &domain]);
        records += &text(&published.stdout);
        let _infallible = writeln!(
            records,
            "{domain}. IN MX 10 mail.{domain}.\nmail.{domain}. IN A 192.0.2.1\n\
             mail.{domain}. IN AAAA 2001:db8::1"
        );
    }
    (Zone::new("customers.test", &records), list)
}

#[test]
#[ignore = "needs nsd, dnsmasq"]
fn dnsmasq_answers_everything_that_many_domains_at_one_time_ask() {
    let (zone, list) = healthy(120);
    let upstream = nsd::serve(&[zone]);
    let forwarder = dnsmasq::forward("customers.test", upstream.address);
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let input = folder.path().join("list");
    fs::write(&input, list).expect("it is writable");
    let input = input.to_str().expect("temporary paths are UTF-8");
    let resolver = forwarder.address.to_string();
    for concurrency in ["64", "1000"] {
        let args = ["audit", "-f", "json", "--input", input, "--resolver", &resolver];
        let output = mailsrv([&args[..], &["--concurrency", concurrency]].concat());
        let unknown = verdicts(&text(&output.stdout));
        let unknown = unknown.iter().filter(|(_, verdict)| verdict == "unknown").count();
        assert_eq!(unknown, 0, "{concurrency}: {}", text(&output.stderr));
    }
}
