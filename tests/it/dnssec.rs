//! DNSSEC as real resolvers tell it, over signed zones of our own.

use std::fs;
use std::net::SocketAddr;

use serde_json::Value;

use crate::program::{Audited, Source, audit, audit_args, field, mailsrv, printed, text};
use crate::servers::signed::{Signed, Time, sign};
use crate::servers::{Daemon, Zone, nsd, validating};

/// What a mail domain needs besides what `generate` prints.
const REST: &str = "@ IN MX 10 mail\nmail IN A 192.0.2.1\nmail IN AAAA 2001:db8::1\n";

const NAMES: [&str; 6] =
    [".", "good.test", "plain.test", "expired.test", "broken.test", "looping.test"];

/// A server of all zones from the root down, and the key of the root.
struct Tree {
    server: Daemon,
    dnskey: String,
}

impl Tree {
    /// `good` validates, `plain` is not signed, the signatures of `expired` are of the past, an SRV
    /// record of `broken` was changed after it was signed, and an alias of `looping` loops.
    fn plant() -> Self {
        let healthy =
            |name: &str| Zone::new(name, &format!("{REST}{}", printed(["generate", name])));
        let good = sign(&healthy("good.test"), Time::Now);
        let expired = sign(&healthy("expired.test"), Time::Past);
        let mut broken = sign(&healthy("broken.test"), Time::Now);
        // The records alone have it: signatures are Base64, times and numbers.
        let changed = broken.zone.text.replacen("0 1 993 mail", "0 1 994 mail", 1);
        assert_ne!(changed, broken.zone.text);
        broken.zone.text = changed;
        let mut looping = healthy("looping.test");
        looping.text = looping.text.replace("autoconfig", ";autoconfig");
        looping.text += "autoconfig.looping.test. 60 IN CNAME a.looping.test.\n\
             a.looping.test. 60 IN CNAME b.looping.test.\n\
             b.looping.test. 60 IN CNAME a.looping.test.\n";
        let delegation = |signed: &Signed| {
            let name = &signed.zone.name;
            format!("{name}. 60 IN NS ns.{name}.\nns.{name}. 60 IN A 127.0.0.1\n{}", signed.ds)
        };
        let unsigned =
            |name: &str| format!("{name}. 60 IN NS ns.{name}.\nns.{name}. 60 IN A 127.0.0.1\n");
        let root = Zone {
            name: ".".to_owned(),
            text: format!(
                "$TTL 60\n. 60 IN SOA ns.root. host.root. 1 7200 3600 1209600 60\n\
                 . 60 IN NS ns.root.\nns.root. 60 IN A 127.0.0.1\n{}{}{}{}{}",
                delegation(&good),
                delegation(&expired),
                delegation(&broken),
                unsigned("plain.test"),
                unsigned("looping.test"),
            ),
        };
        let root = sign(&root, Time::Now);
        let zones =
            [good.zone, expired.zone, broken.zone, healthy("plain.test"), looping, root.zone];
        Self { server: nsd::serve(&zones), dnskey: root.dnskey }
    }

    /// The file of the key, for `--trust-anchor`.
    fn anchor(&self) -> String {
        let path = self.server.dir().join("root.key");
        fs::write(&path, &self.dnskey).expect("the temporary directory is writable");
        path.display().to_string()
    }

    fn unbound(&self, options: &str) -> Daemon {
        validating::unbound(&NAMES, self.server.address, &self.dnskey, options)
    }
}

#[track_caller]
fn audit_at(domain: &str, resolver: SocketAddr) -> Audited {
    audit(domain, &Source::Servers(&[resolver]), &["--tries", "1", "--timeout", "20"])
}

/// What every answer is to DNSSEC, and who says so.
fn states(domain: &str, resolver: SocketAddr) -> Vec<(String, String)> {
    let options = ["-f", "json", "--observed", "always"];
    let output = mailsrv(audit_args(domain, &Source::Servers(&[resolver]), &options));
    let report: Value = serde_json::from_str(&text(&output.stdout)).expect("it is JSON");
    let observed = report["observed"].as_array().expect("it has the answers");
    let states = observed.iter().filter(|answer| answer["dnssec"].is_string());
    let states =
        states.map(|it| (field(it, "dnssec").to_owned(), field(it, "dnssec_by").to_owned()));
    let mut states: Vec<_> = states.collect();
    assert!(states.len() + 1 >= observed.len(), "{observed:?}");
    states.sort();
    states.dedup();
    states
}

/// Whether a finding says of which names what is bogus, and why.
#[track_caller]
fn is_bogus(audited: &Audited, who: &str, resolver: SocketAddr, why: &str) {
    let bogus = audited.findings.iter().find(|finding| field(finding, "code") == "dnssec-bogus");
    let bogus = bogus.unwrap_or_else(|| panic!("not bogus: {audited:?}"));
    let message = field(bogus, "message");
    assert!(message.contains(who), "{message}");
    assert!(message.ends_with(&format!("bogus, says {resolver}{why}")), "{message}");
}

/// What all validating resolvers tell.
#[track_caller]
fn tells(resolver: SocketAddr, expired: &str) {
    let by = resolver.to_string();
    let good = audit_at("good.test", resolver);
    assert_eq!((good.verdict.as_str(), good.findings.len()), ("pass", 0), "{good:?}");
    assert_eq!(states("good.test", resolver), [("secure".to_owned(), by.clone())]);

    let plain = audit_at("plain.test", resolver);
    assert_eq!(plain.verdict, "pass", "{plain:?}");
    assert_eq!(plain.codes().into_iter().collect::<Vec<_>>(), ["domain-unsigned"]);
    let message = field(&plain.findings[0], "message").to_owned();
    assert_eq!(message, format!("plain.test is not signed with DNSSEC, says {by}"));
    assert_eq!(states("plain.test", resolver), [("insecure".to_owned(), by)]);

    is_bogus(&audit_at("expired.test", resolver), "_imaps, _imap", resolver, expired);
    let broken = audit_at("broken.test", resolver);
    assert_eq!(broken.verdict, "fail", "{broken:?}");
    is_bogus(&broken, "_imaps is", resolver, "");

    let looping = audit_at("looping.test", resolver);
    assert!(looping.codes().contains("alias-loop"), "{looping:?}");
}

#[test]
#[ignore = "needs Unbound, NSD and BIND"]
fn what_unbound_says_of_dnssec_is_told() {
    let tree = Tree::plant();
    tells(tree.unbound("").address, "");
}

#[test]
#[ignore = "needs Unbound, NSD and BIND"]
fn the_reasons_that_unbound_gives_are_told() {
    let tree = Tree::plant();
    let unbound = tree.unbound("ede: yes\n  val-log-level: 2");
    let expired = audit_at("expired.test", unbound.address);
    is_bogus(&expired, "_imaps, _imap", unbound.address, ": Signature Expired");
}

#[test]
#[ignore = "needs BIND and NSD"]
fn what_bind_says_of_dnssec_is_told() {
    let tree = Tree::plant();
    tells(validating::bind(tree.server.address, &tree.dnskey).address, "");
}

#[test]
#[ignore = "needs Unbound, NSD and BIND"]
fn a_resolver_that_does_not_validate_says_nothing_of_dnssec() {
    let tree = Tree::plant();
    let unbound = tree.unbound("module-config: \"iterator\"");
    for domain in ["good.test", "plain.test", "expired.test"] {
        let audited = audit_at(domain, unbound.address);
        assert_eq!((audited.verdict.as_str(), audited.findings.len()), ("pass", 0), "{domain}");
    }
}

/// Audits with a second opinion; returns what that says of the answers, too.
#[track_caller]
fn with_opinion(domain: &str, resolver: SocketAddr, anchor: &str) -> (Audited, Vec<String>) {
    let options = ["--validate", "--trust-anchor", anchor, "--tries", "1", "--timeout", "20"];
    let audited = audit(domain, &Source::Servers(&[resolver]), &options);
    let options = [&options[..], &["-f", "json", "--observed", "always"]].concat();
    let output = mailsrv(audit_args(domain, &Source::Servers(&[resolver]), &options));
    let report: Value = serde_json::from_str(&text(&output.stdout)).expect("it is JSON");
    let observed = report["observed"].as_array().expect("it has the answers");
    let mut states: Vec<_> = observed.iter().map(|it| field(it, "validated").to_owned()).collect();
    states.sort();
    states.dedup();
    (audited, states)
}

#[test]
#[ignore = "needs Unbound, NSD and BIND"]
fn the_validator_of_the_program_says_what_unbound_says() {
    let tree = Tree::plant();
    let (unbound, anchor) = (tree.unbound(""), tree.anchor());
    for (domain, state, findings) in
        [("good.test", "secure", 0), ("plain.test", "insecure", 1), ("expired.test", "bogus", 1)]
    {
        let (audited, states) = with_opinion(domain, unbound.address, &anchor);
        assert_eq!(states, [state], "{domain}");
        assert_eq!(audited.findings.len(), findings, "{audited:?}");
        assert!(!audited.codes().contains("dnssec-disputed"), "{audited:?}");
    }
}

#[test]
#[ignore = "needs Unbound, NSD and BIND"]
fn what_the_validator_of_the_program_alone_calls_bogus_passes() {
    let tree = Tree::plant();
    let (unbound, anchor) = (tree.unbound("module-config: \"iterator\""), tree.anchor());
    let (audited, states) = with_opinion("expired.test", unbound.address, &anchor);
    assert_eq!(states, ["bogus"]);
    assert_eq!(audited.verdict, "pass", "{audited:?}");
    assert_eq!(audited.codes().into_iter().collect::<Vec<_>>(), ["dnssec-disputed"]);
    let message = field(&audited.findings[0], "message");
    assert!(
        message.ends_with("are bogus to the experimental validator of this program"),
        "{message}"
    );
}
