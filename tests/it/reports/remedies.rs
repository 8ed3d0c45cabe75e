//! `audit --fix`: what it prints mends the zone, in every way in which a format may say it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{field, mailsrv, printed, text};

/// Records by owner, type and data.
type Zone = BTreeSet<[String; 3]>;

/// What every zone has that is judged, beside the records of the profile.
const FRAME: &str = "\
example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
example.com. 3600 IN MX 10 mail.example.com.
mail.example.com. 3600 IN A 192.0.2.25
mail.example.com. 3600 IN AAAA 2001:db8::25
www.example.com. 3600 IN A 192.0.2.80
";

/// What may be wrong: what stands, and what stands in its place.
const DAMAGES: &[(&str, &str)] = &[
    ("_imaps._tcp.example.com. 3600 IN SRV 0 1 993 mail.example.com.\n", ""),
    (
        "_imap._tcp.example.com. 3600 IN SRV 10 1 143 mail",
        "_imap._tcp.example.com. 3600 IN SRV 10 1 143 www",
    ),
    ("SRV 20 1 995 mail.example.com.", "SRV 20 1 995 mail.example.com.example.com."),
    ("SRV 30 1 110 ", "SRV 30 1 995 "),
    (
        "_submissions._tcp.example.com. 3600 IN SRV 0 1 465 mail.example.com.\n",
        "_submissions._tcp.example.com. 3600 IN SRV 0 0 0 .\n",
    ),
    ("_submission._tcp.example.com. ", "_submission._tcp.www.example.com. "),
    (
        "_submission._tcp.example.com. 3600 IN SRV 10 1 587 mail.example.com.\n",
        "_submission._tcp.example.com. 3600 IN SRV 10 1 587 mail.example.com.\n_submission._tcp.example.com. 3600 IN SRV 0 0 0 .\n",
    ),
    ("autoconfig.example.com. 3600 IN CNAME mail", "autoconfig.example.com. 3600 IN CNAME www"),
    (
        "autodiscover.example.com. 3600 IN CNAME mail.example.com.\n",
        "autodiscover.example.com. 3600 IN A 192.0.2.80\n",
    ),
    (
        "_autodiscover._tcp.example.com. 3600 IN SRV 0 0 443 mail",
        "_autodiscover._tcp.example.com. 3600 IN SRV 0 0 443 www",
    ),
];

/// Whom a script is read by: what is added, and what is deleted.
type Read = fn(&str, &str, &mut Zone);

const FORMATS: &[(&str, Read)] = &[
    ("nsupdate", nsupdate),
    ("powerdns", powerdns),
    ("pdnsutil", pdnsutil),
    ("knotc", knotc),
    ("route53", route53),
    ("json", json),
];

fn triple(owner: &str, rtype: &str, data: &str) -> [String; 3] {
    [owner, rtype, data].map(str::to_owned)
}

fn parse(zone: &str) -> Zone {
    let record = |line: &str| {
        let parts: Vec<&str> = line.splitn(5, ' ').collect();
        triple(parts[0], parts[3], parts[4])
    };
    zone.lines().map(record).collect()
}

/// An alias and other records keep each other out, without an error (RFC 2136 §3.4.2.2).
fn nsupdate(script: &str, _: &str, zone: &mut Zone) {
    let mut gone = Zone::new();
    for line in script.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        match parts.as_slice() {
            ["update", "delete", owner, "IN", rtype, data @ ..] => {
                // What is deleted stands there.
                let record = triple(owner, rtype, &data.join(" "));
                assert!(zone.remove(&record), "{line}");
                gone.insert(record);
            }
            ["update", "add", owner, _, "IN", rtype, data @ ..] => {
                let record = triple(owner, rtype, &data.join(" "));
                let keeps_out = |it: &[String; 3]| {
                    it[0] == record[0] && (it[1] == "CNAME") != (*rtype == "CNAME")
                };
                if !zone.iter().any(keeps_out) {
                    assert!(zone.insert(record), "{line}");
                } else if *rtype != "CNAME" {
                    assert!(gone.contains(&record), "{line}");
                }
            }
            ["prereq", "yxrrset", owner, "IN", rtype, data @ ..] => {
                if !zone.contains(&triple(owner, rtype, &data.join(" "))) {
                    return;
                }
            }
            [""] | ["send"] | [";", ..] => {}
            _ => panic!("{line}"),
        }
    }
}

fn powerdns(script: &str, said: &str, zone: &mut Zone) {
    assert_eq!(said, "");
    let body: Value = serde_json::from_str(script).expect("it is JSON");
    for set in body["rrsets"].as_array().expect("there are RRsets") {
        let (owner, rtype) = (field(set, "name"), field(set, "type"));
        let records = set["records"].as_array().expect("there are records");
        assert_eq!(records.is_empty(), field(set, "changetype") == "DELETE");
        zone.retain(|it| it[0] != owner || it[1] != rtype);
        zone.extend(records.iter().map(|it| triple(owner, rtype, field(it, "content"))));
    }
}

fn pdnsutil(script: &str, said: &str, zone: &mut Zone) {
    assert_eq!(said, "");
    for line in script.lines().filter(|line| line.starts_with("pdnsutil ")) {
        let words: Vec<&str> = line.split('\'').collect();
        let head: Vec<&str> = words[0].trim().split(' ').collect();
        if head[1] == "rectify-zone" {
            continue;
        }
        let ["pdnsutil", command, _, owner, rtype, ..] = head.as_slice() else { panic!("{line}") };
        let owner = format!("{owner}.example.com.");
        zone.retain(|it| it[0] != owner || it[1] != *rtype);
        let data = words[1..].iter().step_by(2);
        if *command == "replace-rrset" {
            zone.extend(data.map(|data| triple(&owner, rtype, data)));
        } else {
            assert_eq!(*command, "delete-rrset");
        }
    }
}

/// A fake of its own would tell nothing of the shell; what the commands mean is in `knotc.rs`.
fn knotc(script: &str, said: &str, zone: &mut Zone) {
    assert_eq!(said, "");
    for line in script.lines() {
        let words: Vec<&str> = line.split('\'').collect();
        let head: Vec<&str> = words[0].trim().split(' ').collect();
        let [command @ ("gone" | "add" | "alone"), owner, _, rtype] = head.as_slice() else {
            assert!(!line.starts_with("beside "), "{line}");
            continue;
        };
        for data in words[1..].iter().step_by(2) {
            let record = triple(owner, rtype, data);
            match *command {
                "gone" => assert!(zone.remove(&record), "{line}"),
                _ => assert!(zone.insert(record), "{line}"),
            }
        }
    }
}

fn route53(script: &str, said: &str, zone: &mut Zone) {
    delete(said, zone);
    let body: Value = serde_json::from_str(script).expect("it is JSON");
    for change in body["Changes"].as_array().expect("there are changes") {
        assert_eq!(field(change, "Action"), "UPSERT");
        let set = &change["ResourceRecordSet"];
        let (owner, rtype) = (field(set, "Name"), field(set, "Type"));
        zone.retain(|it| it[0] != owner || it[1] != rtype);
        let records = set["ResourceRecords"].as_array().expect("there are records");
        zone.extend(records.iter().map(|it| triple(owner, rtype, field(it, "Value"))));
    }
}

fn json(script: &str, said: &str, zone: &mut Zone) {
    delete(said, zone);
    for line in script.lines() {
        let object: Value = serde_json::from_str(line).expect("it is JSON");
        for it in object["records"].as_array().expect("there are records") {
            zone.insert(triple(field(it, "owner"), field(it, "type"), field(it, "data")));
        }
    }
}

/// Deletes what standard error says that the script does not say.
fn delete(said: &str, zone: &mut Zone) {
    for line in said.lines() {
        let (_, record) = line.split_once(" does not say: ").unwrap_or_else(|| panic!("{line}"));
        let parts: Vec<&str> = record.splitn(4, ' ').collect();
        assert!(zone.remove(&triple(parts[0], parts[2], parts[3])), "{line}");
    }
}

/// The zone of the default profile in full, a record a line.
pub(super) fn healthy() -> String {
    let read: Value = serde_json::from_str(&printed(["generate", "example.com", "-f", "json"]))
        .expect("it is JSON");
    let record = |it: &Value| {
        format!("{} 3600 IN {} {}\n", field(it, "owner"), field(it, "type"), field(it, "data"))
    };
    let records = read["records"].as_array().expect("there are records");
    FRAME.to_owned() + &records.iter().map(record).collect::<String>()
}

fn written(zone: &Zone) -> String {
    // The SOA record says which zone it is, and stands first.
    let (soa, rest): (Vec<_>, Vec<_>) = zone.iter().partition(|it| it[1] == "SOA");
    let line = |it: &[String; 3]| format!("{} 3600 IN {} {}\n", it[0], it[1], it[2]);
    soa.into_iter().chain(rest).map(line).collect()
}

/// Audits a zone: exit code, stdout, stderr.
fn audit(zone: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("zone").display().to_string();
    fs::write(&path, zone).expect("the folder is writable");
    let common = ["audit", "example.com", "--zone", &path];
    let output = mailsrv(common.iter().chain(args));
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Mends a damaged zone in every format, and audits it again.
#[track_caller]
fn check(damaged: &str, what: &str) {
    for (format, read) in FORMATS {
        let (_, script, said) = audit(damaged, &["--fix", format]);
        let mut zone = parse(damaged);
        read(&script, &said, &mut zone);
        let (code, report, _) = audit(&written(&zone), &["-f", "json"]);
        let report: Value = serde_json::from_str(&report).expect("it is JSON");
        assert_eq!(code, Some(0), "{what}: {format}\n{script}\n{said}\n{report}");
        assert_eq!(field(&report, "verdict"), "pass", "{what}: {format}\n{script}\n{report}");
    }
}

#[test]
fn every_damage_is_mended_by_every_format() {
    let healthy = healthy();
    for (from, to) in DAMAGES {
        assert!(healthy.contains(from), "{from}");
        check(&healthy.replacen(from, to, 1), to);
    }
}

/// The healthy zone with each third of the damages from one on.
pub(crate) fn with_a_third_damaged(skipped: usize) -> String {
    let damages = DAMAGES.iter().skip(skipped).step_by(3);
    damages.fold(healthy(), |zone, (from, to)| zone.replacen(from, to, 1))
}

#[test]
fn several_damages_are_mended_at_once() {
    for skipped in 0..3 {
        check(&with_a_third_damaged(skipped), &format!("each third from {skipped}"));
    }
    check(FRAME, "nothing is published");
}

#[test]
fn a_healthy_domain_needs_nothing_and_what_cannot_be_is_refused() {
    let (code, script, said) = audit(&healthy(), &["--fix", "nsupdate"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(script.lines().all(|line| line.starts_with(';')), "{script}");
    for (args, told) in [
        (&["--fix", "domain-connect"][..], "a template is the same for all domains"),
        (&["--fix", "powerdns", "www.example.com"], "audit one domain at a time"),
        (&["--fix", "zone", "-f", "json"], "cannot be used with"),
        (&["--fix", "zoen"], "did you mean `zone`?"),
    ] {
        let (code, script, said) = audit(&healthy(), args);
        assert_eq!((code, script.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.contains(told), "{said}");
    }
}

/// A zone with a mail domain below its apex, of which something is missing.
const BELOW: &str = "\
example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
sales.example.com. 3600 IN MX 10 mail.sales.example.com.
mail.sales.example.com. 3600 IN A 192.0.2.25
autoconfig.sales.example.com. 3600 IN CNAME www.example.com.
www.example.com. 3600 IN A 192.0.2.80
";

#[test]
fn remedies_of_a_domain_below_the_apex_go_into_the_zone_that_holds_it() {
    for (format, line) in [
        ("pdnsutil", "pdnsutil replace-rrset example.com _imaps._tcp.sales SRV 3600 "),
        ("knotc", "begin example.com.\n"),
        ("nsupdate", "zone example.com.\n"),
        ("zone", "$ORIGIN example.com.\n"),
        ("terraform-dns", "  name = \"_imaps._tcp.sales\"\n"),
        ("octodns", "\"_imaps._tcp.sales\":\n"),
    ] {
        let (code, script, said) = audit_below(&["--zone-apex", "example.com", "--fix", format]);
        assert!(script.contains(line), "{format}: {script}{said}");
        assert_eq!(code, Some(0), "{said}");
    }
    for (args, code, told) in [
        (&["--zone-apex", "example.com"][..], 2, "--fix <FORMAT>"),
        (&["--zone-apex", "example.net", "--fix", "zone"], 2, "not lie in the zone example.net;"),
        (
            &["--zone-apex", "example.com", "--fix", "dnscontrol", "b.example.com"],
            2,
            "one domain of",
        ),
    ] {
        let (exit, script, said) = audit_below(args);
        assert_eq!((exit, script.as_str()), (Some(code), ""), "{args:?}: {said}");
        assert!(said.contains(told), "{said}");
    }
}

fn audit_below(args: &[&str]) -> (Option<i32>, String, String) {
    let dir = TempDir::new().expect("there is a place for temporary files");
    let path = dir.path().join("zone").display().to_string();
    fs::write(&path, BELOW).expect("the folder is writable");
    let output = mailsrv(["audit", "sales.example.com", "--zone", &path].iter().chain(args));
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_stands_outside_the_mail_domain_is_neither_deleted_nor_published() {
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificate.pem");
    let dir = TempDir::new().expect("there is a place for temporary files");
    let [zone, provider, profile] =
        ["zone", "provider", "profile"].map(|it| dir.path().join(it).display().to_string());
    let host = "mail.provider.example";
    let frame = "other.example. 60 IN SOA ns.other.example. h.other.example. 1 2 3 4 5\n";
    let mail = format!("other.example. 60 IN MX 10 {host}.\n");
    let tlsa = format!("_993._tcp.{host}. 60 IN TLSA 3 1 1 {}\n", "00".repeat(32));
    for (path, content) in [
        (&zone, format!("{frame}{mail}_imaps._tcp.other.example. 60 IN SRV 0 1 993 {host}.\n")),
        (&provider, FRAME.replace("example.com", "provider.example") + &tlsa),
        (&profile, format!("host: {host}\nimap: {{ tls: 993 }}\ndeny: false\n")),
    ] {
        fs::write(path, content).expect("the folder is writable");
    }
    for format in ["nsupdate", "pdnsutil", "knotc", "zone"] {
        let args = ["audit", "other.example", "--zone", &zone, "--zone", &provider, "-p", &profile];
        let more = ["--certificate", certificate, "--only", "tlsa-differs", "--fix", format];
        let output = mailsrv(args.iter().chain(&more));
        let (script, said) = (text(&output.stdout), text(&output.stderr));
        assert!(!script.contains("TLSA") && !script.contains("other.example"), "{script}");
        let told = format!("other.example: left out: _993._tcp.{host}. TLSA: it stands at a host");
        assert!(said.contains(&told), "{said}");
    }
}

#[test]
fn what_no_record_mends_is_said() {
    let zone = healthy().replace("www.example.com. 3600 IN A 192.0.2.80\n", "");
    let zone = zone.replace(
        "mail.example.com. 3600 IN A 192.0.2.25\nmail.example.com. 3600 IN AAAA 2001:db8::25\n",
        "mail.example.com. 3600 IN A 192.0.2.25\n",
    );
    // Of what is good to know nothing is said.
    let (_, script, said) = audit(&zone, &["--fix", "zone"]);
    assert_eq!((script.as_str(), said.as_str()), ("", ""));
    let warned = ["--fix", "zone", "--severity", "target-one-family=warning"];
    let (_, script, said) = audit(&zone, &warned);
    assert_eq!(script, "");
    let told = "no record mends target-one-family; `mailsrv explain CODE` says what does\n";
    assert_eq!(said, told);
}

/// A text that nobody asked for keeps the alias out, and the address stays.
const BESIDE: &str = "\
autoconfig.example.com. 3600 IN A 192.0.2.9
autoconfig.example.com. 3600 IN TXT \"keep\"
";

/// What keeps the alias out in the healthy zone.
pub(crate) fn with_text_beside() -> String {
    healthy().replace("autoconfig.example.com. 3600 IN CNAME mail.example.com.\n", BESIDE)
}

#[test]
fn no_name_is_left_with_nothing_where_an_alias_cannot_stand() {
    let zone = with_text_beside();
    let (_, script, _) = audit(&zone, &["--fix", "nsupdate"]);
    let mut after = parse(&zone);
    nsupdate(&script, "", &mut after);
    assert_eq!(after, parse(&zone), "{script}");
    let end = "send\nprereq yxrrset autoconfig.example.com. IN CNAME mail.example.com.\nsend\n";
    assert!(script.ends_with(end), "{script}");
}

#[test]
fn people_are_told_what_to_delete_where_they_read_what_to_publish() {
    for (format, lines) in [
        ("form", &["A records to delete\n  Host        Address\n  autoconfig  192.0.2.9\n"][..]),
        (
            "handout",
            &[
                "### A records to delete\n\n| Host | Address |\n",
                "| `autoconfig` | `192.0.2.9` |\n",
                "\n2. Delete the records that stand above as records to delete.\n3. Add ",
            ],
        ),
        ("handout-html", &["<h3>A records to delete</h3>\n", "<code>192.0.2.9</code>"]),
        ("gcloud", &["# Delete each RRset below that stands already, "]),
    ] {
        let (_, script, said) = audit(&with_text_beside(), &["--fix", format]);
        for line in lines {
            assert!(script.contains(line), "{format}: {line}\n{script}");
        }
        assert_eq!(said.is_empty(), format != "gcloud", "{said}");
    }
}

#[test]
fn what_makes_way_for_an_alias_comes_back_where_the_alias_is_refused() {
    let (_, script, _) = audit(&with_text_beside(), &["--fix", "pdnsutil"]);
    let end = "pdnsutil delete-rrset example.com autoconfig A\n\
        pdnsutil replace-rrset example.com autoconfig CNAME 3600 'mail.example.com.' || {\n    \
            pdnsutil replace-rrset example.com autoconfig A 3600 '192.0.2.9'\n}\n\
        pdnsutil rectify-zone example.com\n";
    assert!(script.ends_with(end), "{script}");
}

#[test]
fn what_is_to_be_deleted_stands_in_comments_without_standard_error() {
    for (format, sign) in [("zone", ";"), ("tinydns", "#"), ("windows", "#"), ("dnscontrol", "//")]
    {
        let (_, script, said) = audit(&with_text_beside(), &["--fix", format, "-q"]);
        let line = format!("{sign} to be deleted: autoconfig.example.com. IN A 192.0.2.9\n");
        assert!(script.ends_with(&line), "{script}");
        assert_eq!(said, "");
    }
}

#[test]
fn what_could_not_be_judged_is_said_beside_remedies() {
    let (code, script, said) = audit(&healthy(), &["gone.example", "--fix", "zone"]);
    assert_eq!((code, script.as_str()), (Some(3), ""));
    assert!(said.starts_with("gone.example: unknown: outside the zones at hand: "), "{said}");
}
