//! What stands in `zones/`: every profile has the snippet that `generate` makes of it beside it, and an
//! audit of that snippet finds nothing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use mailsrv::name::MailDomain;
use serde_json::Value;
use tempfile::TempDir;

use crate::loads::profiles;
use crate::program::{field, printed};

/// The profiles whose point is a mail domain of another kind than that of the customers: the domain,
/// and the options of `generate` that show it.
const SUBJECTS: [(&str, &str, &[&str]); 3] = [
    ("below-the-apex", "sales.example.com", &["--zone-apex", "example.com"]),
    ("delegated-subdomain", "shop.company.example", &[]),
    ("international", "b\u{fc}cher.example", &[]),
];

/// The only customer of the shipped table.
const CUSTOMER: &str = "example.com";

/// A profile with what it is shown for.
struct Shown<'a> {
    profile: &'a Path,
    domain: &'static str,
    subjects: Vec<String>,
    options: &'static [&'static str],
}

impl<'a> Shown<'a> {
    fn of(profile: &'a Path) -> Self {
        let own = SUBJECTS.iter().find(|(name, ..)| profile.file_stem() == Some(name.as_ref()));
        if let Some((_, domain, options)) = own {
            return Self { profile, domain, subjects: vec![(*domain).to_owned()], options };
        }
        let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/customers.csv");
        let subjects = vec!["--input".to_owned(), input.display().to_string()];
        Self { profile, domain: CUSTOMER, subjects, options: &[] }
    }

    fn print(&self, command: &[&str], options: &[&str]) -> String {
        let words = command.iter().chain(options).map(OsStr::new);
        let subjects = self.subjects.iter().map(OsStr::new);
        printed(words.chain([OsStr::new("--profile"), self.profile.as_os_str()]).chain(subjects))
    }

    fn generated(&self) -> String {
        self.print(&["generate", "-q"], self.options)
    }
}

#[test]
fn every_snippet_is_what_its_profile_generates() {
    let profiles = profiles();
    for (name, ..) in SUBJECTS {
        let is_there = profiles.iter().any(|profile| profile.file_stem() == Some(name.as_ref()));
        assert!(is_there, "the profile {name} has options of its own and is gone");
    }
    for profile in &profiles {
        let generated = Shown::of(profile).generated();
        let snippet = profile.with_extension("zone");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&snippet, &generated).expect("the folder is writable");
        }
        let shipped = fs::read_to_string(&snippet).unwrap_or_default();
        assert_eq!(shipped, generated, "{}: UPDATE=1 rewrites it", snippet.display());
    }
}

#[test]
fn what_every_profile_generates_passes_with_the_addresses_of_its_hosts() {
    let dir = TempDir::new().expect("there is a place for temporary files");
    for profile in &profiles() {
        let shown = Shown::of(profile);
        let generated = shown.generated();
        let files = [("snippet", &generated), ("rest", &rest(shown.domain, &generated))];
        let options = files.map(|(name, content)| {
            let path = dir.path().join(name);
            fs::write(&path, content).expect("the temporary directory is writable");
            path.display().to_string()
        });
        let options =
            ["--zone", &options[0], "--zone", &options[1], "-f", "json", "--observed", "always"];
        let report = shown.print(&["audit"], &options);
        let report: Value = serde_json::from_str(&report).expect("the report is one JSON object");
        assert_eq!(field(&report, "verdict"), "pass", "{}: {report}", profile.display());
        assert_eq!(report["findings"], Value::Array(Vec::new()), "{}", profile.display());
        let rrsets = report["rrsets"].as_array().expect("the RRsets are an array");
        assert!(rrsets.len() >= 9, "{}: {rrsets:?}", profile.display());
        for rrset in rrsets {
            assert_eq!(field(rrset, "state"), "ok", "{}: {rrset}", profile.display());
        }
    }
}

/// What a snippet leaves to others: the addresses of the hosts that it leads to, and a mail exchange
/// where the profile has none.
fn rest(domain: &str, snippet: &str) -> String {
    let leads = |line: &&str| [" SRV ", " MX ", " CNAME "].iter().any(|rtype| line.contains(rtype));
    let hosts: BTreeSet<_> = snippet
        .lines()
        .filter(leads)
        .filter_map(|line| line.split_whitespace().last())
        .filter(|host| *host != ".")
        .collect();
    let host = hosts.first().expect("every profile has a host");
    let domain: MailDomain = domain.parse().expect("the subjects are mail domains");
    let exchange = format!("{} 60 IN MX 10 {host}\n", domain.name().to_ascii());
    let exchange = if snippet.contains(" MX ") { String::new() } else { exchange };
    let addresses = hosts
        .iter()
        .map(|host| format!("{host} 60 IN A 192.0.2.1\n{host} 60 IN AAAA 2001:db8::1\n"));
    addresses.chain([exchange]).collect()
}
