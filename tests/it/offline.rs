//! Audits against zone files: what is read as which zone, what is not looked at, what is refused.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::program::{Source, audit, mailsrv, printed, text};

/// A profile whose host is the provider's own.
const PROFILE: &str = "\
host: mail.provider.example
imap: true
pop3: false
submission: true
mx: true
addresses:
  mail.provider.example: [192.0.2.1, \"2001:db8::1\"]
";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("there is a place for temporary files"));
        folder.write("profile.yaml", PROFILE);
        folder
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("the folder is writable");
        path
    }

    /// Runs an audit; a `%` in an argument stands for the folder. What is said leaves it out.
    fn audit(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let folder = format!("{}/", self.0.path().display());
        let args = args.iter().map(|arg| arg.replace('%', &folder));
        let output = mailsrv(std::iter::once("audit".to_owned()).chain(args));
        let said = text(&output.stderr).replace(&folder, "");
        (output.status.code(), text(&output.stdout), said)
    }
}

/// Audits against a file and compares what is said on stderr; trouble where that is an error.
#[track_caller]
fn check(zone: &str, args: &[&str], said: &[&str]) {
    let folder = Folder::new();
    folder.write("zone", zone);
    let (code, _, stderr) = folder.audit(&[&["--zone", "%zone"], args].concat());
    assert_eq!(stderr.lines().collect::<Vec<_>>(), said, "{zone}");
    let is_error = said.first().is_some_and(|line| line.starts_with("error: "));
    assert_eq!(code == Some(2), is_error, "{code:?}: {zone}");
}

const SOA: &str = "@ 60 IN SOA ns.example.net. hostmaster.example.net. 1 2 3 4 5\n";
const MISSED: &str =
    "hint: correct the origin or the SOA record, or give the zone file of the mail domain";

#[test]
fn a_file_that_leaves_its_zone_to_the_server_is_read_as_that_of_the_domain() {
    let zone = format!("$TTL 60\n{SOA}  NS ns\nns A 192.0.2.1\n");
    let note = |zone: &str| {
        format!(
            "note: zone: no $ORIGIN says what its names are relative to; they are read below {zone} (--origin names another zone)"
        )
    };
    check(&zone, &["example.com"], &[&note("example.com")]);
    check(&zone, &["example.com", "-q"], &[]);
    check(&zone, &["example.com", "--origin", "example.com"], &[]);
    let absolute = "example.com. 60 IN SOA ns.example.net. h.example.net. 1 2 3 4 5\n";
    check(absolute, &["example.com"], &[]);
    check("$GENERATE 1-2 a$ 60 A 192.0.2.$\n", &["example.com"], &[&note("example.com")]);
    // Of several domains the one that holds the others.
    check(
        &zone,
        &["sales.example.com", "example.com"],
        &[&note("example.com"), "2 domains: 1 fail, 1 broken; 9 to publish"],
    );
    let said = "error: zone:2:1: `@` is the origin, and none is known; add an $ORIGIN line";
    let hint = "hint: the mail domains lie in no one of them, so --origin ZONE has to name the zone of the file";
    check(&zone, &["example.com", "example.org"], &[said, hint]);
    let empty = "error: standard input: there is no mail domain in it";
    check(&zone, &["example.com", "-", "-q"], &[empty, "hint: --allow-empty takes that"]);
}

#[test]
fn two_files_without_an_origin_cannot_both_be_the_zone() {
    let folder = Folder::new();
    for (file, serial) in [("db.example.com", " 1 2"), ("db.provider", " 7 2")] {
        folder.write(file, &format!("$TTL 60\n{}", SOA.replace(" 1 2", serial)));
    }
    let files = ["--zone", "%db.example.com", "--zone", "%db.provider"];
    let (code, _, stderr) = folder.audit(&[&["example.com", "-q"][..], &files].concat());
    assert_eq!(code, Some(2));
    let said = "error: db.provider:2: example.com has a second SOA record; keep one of them\n\
        hint: db.example.com and db.provider have no $ORIGIN and are read as one zone; add an $ORIGIN line to what is another\n";
    assert_eq!(stderr, said);
}

#[test]
fn what_follows_from_an_error_is_not_told_again() {
    let cause = "error: zone:1:9: `a..b.` has an empty label (two dots in a row, or one in front)";
    check("$ORIGIN a..b.\nx 1 A 192.0.2.1\ny 1 A 192.0.2.1\n", &["example.com"], &[cause]);
    let cause =
        "error: zone:2:3: no TTL is known for this record; add one, or a $TTL line above it";
    check(
        "$ORIGIN example.com.\nx A 192.0.2.1\ny A 192.0.2.1\n A 192.0.2\n",
        &["example.com"],
        &[
            cause,
            "error: zone:4:4: `192.0.2` is not fit to be the address of A; wanted is an IPv4 address of four decimal numbers",
        ],
    );
    check(
        "$ORIGIN example.com.\n$INCLUDE ttl\n$INCLUDE more\nx A 192.0.2.1\n",
        &["example.com"],
        &[
            "error: zone:2:10: $INCLUDE `ttl` is refused: including files is switched off for this zone",
            "hint: --include follows it",
        ],
    );
}

#[test]
fn an_soa_record_that_cannot_be_meant_is_refused_at_its_line() {
    let at = |origin: &str, owner: &str| format!("$ORIGIN {origin}\n{}", SOA.replace('@', owner));
    check(
        &at(".", "@"),
        &["example.com"],
        &[
            "error: zone:2: the SOA record stands at the root of DNS (.)",
            "hint: --origin example.com names the zone, or an $ORIGIN line above the record",
        ],
    );
    let doubled = at("example.com.", "example.com");
    let said = [
        "error: zone:2: the SOA record stands at example.com.example.com., the zone doubled",
        "hint: end its owner name with a dot: example.com.",
    ];
    check(&doubled, &["example.com"], &said);
    check(&doubled, &["-", "--origin", "example.com"], &said);
    check(&doubled, &["example.com.example.com"], &[]);
    check(
        &at("example.org.", "@"),
        &["example.com"],
        &[
            "error: zone:2: the zone is example.org. by its SOA record; example.com lies outside",
            MISSED,
        ],
    );
    check(
        &at("example.org.", "@"),
        &["example.com", "example.net"],
        &[
            "error: zone:2: the zone is example.org. by its SOA record; the 2 mail domains lie outside",
            MISSED,
        ],
    );
    check(
        &at("example.org.", "@"),
        &["example.com", "example.org"],
        &["2 domains: 1 fail, 1 unknown; 9 to publish"],
    );
    check(&at("com.", "@"), &["example.com"], &[]);
}

#[test]
fn files_without_soa_that_hold_nothing_of_the_domains_are_refused() {
    let zone = "$ORIGIN exmple.com.\n_imaps._tcp 60 SRV 0 1 993 mail\n";
    let said = "error: zone: no record stands at or below example.com";
    check(zone, &["example.com"], &[said, MISSED]);
    check("", &["example.com"], &[said, MISSED]);
    check("", &["sub.example.com", "--origin", "example.com"], &[]);
    let said = "error: zone: the zone is example.org. by --origin; example.com lies outside";
    check("", &["example.com", "--origin", "example.org"], &[said, MISSED]);
    let said = "error: zone: no record stands at or below any of the 2 mail domains";
    check(zone, &["example.com", "example.net"], &[said, MISSED]);
}

#[test]
fn records_outside_the_zone_are_a_note_and_the_audit_goes_on() {
    let zone = format!(
        "$ORIGIN example.com.\nwww.example.org. 60 A 192.0.2.1\n{SOA}example.net. 60 A 192.0.2.1\n\
         a.example.net. 60 A 192.0.2.1\n"
    );
    let note = "note: zone: 3 records lie outside the zone example.com., the first in line 2; they are not looked at";
    check(&zone, &["example.com"], &[note]);
    check(&zone, &["example.com", "-q"], &[]);
    let one = format!("$ORIGIN example.com.\n{SOA}example.net. 60 A 192.0.2.1\n");
    let note = "note: zone: 1 record lies outside the zone example.com., the first in line 3; it is not looked at";
    check(&one, &["example.com"], &[note]);
}

#[test]
fn records_that_exclude_each_other_are_refused_at_their_line() {
    let zone = format!("$ORIGIN example.com.\n{SOA}a 60 CNAME b\nb 60 TXT x\na 60 TXT x\n");
    let said = "error: zone:5: a.example.com is an alias and holds TXT data beside it; remove one of the two";
    check(&zone, &["example.com"], &[said]);
}

/// What `generate` prints for three domains, a section each.
#[test]
fn a_zone_of_more_records_than_are_wanted_is_refused_with_the_option_that_raises_the_limit() {
    let zone = "$ORIGIN example.com.\n$TTL 60\n$GENERATE 0-9 _imaps._tcp SRV \"0 1 $ mail\"\n";
    let said = "error: zone:3:1: the zone has more than 9 records, with those that it includes and \
                generates";
    let hint = "hint: --max-records 90 reads more of it, and takes more memory";
    check(zone, &["example.com", "--max-records", "9"], &[said, hint]);
    check(zone, &["example.com", "--max-records", "10"], &[]);
}

fn sections(folder: &Folder) -> Vec<String> {
    let profile = folder.0.path().join("profile.yaml").display().to_string();
    let section = |domain: &str| printed(["generate", "-p", &profile, domain]);
    ["a.example", "b.example", "sub.b.example"].map(section).to_vec()
}

#[test]
fn what_generate_prints_for_a_list_passes_in_any_order_with_the_hosts_of_the_profile() {
    let folder = Folder::new();
    let profile = folder.0.path().join("profile.yaml").display().to_string();
    let sections = sections(&folder);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let together: String = order.map(|at| sections[at].as_str()).concat();
        let apart = order.map(|at| folder.write(&format!("zone-{at}"), &sections[at]));
        let together = folder.write("all", &together);
        for files in [vec![&together], apart.iter().collect()] {
            let files: Vec<_> = files.into_iter().map(PathBuf::as_path).collect();
            for domain in ["a.example", "b.example", "sub.b.example"] {
                let audited = audit(domain, &Source::Zones(&files), &["-p", &profile]);
                let told = (audited.verdict.as_str(), audited.exit, audited.codes().len());
                assert_eq!(told, ("pass", 0, 0), "{domain} {order:?}: {audited:?}");
            }
        }
    }
}

#[test]
fn a_missing_record_is_missing_and_a_missing_section_is_not_judged() {
    let folder = Folder::new();
    let profile = folder.0.path().join("profile.yaml").display().to_string();
    let sections = sections(&folder);
    let submissions = |line: &&str| !line.starts_with("_submissions._tcp");
    let part: Vec<_> = sections[0].lines().filter(submissions).collect();
    let zone = format!("{}\n{}", part.join("\n"), sections[1]);
    let zone = folder.write("zone", &zone);
    let zones = Source::Zones(&[&zone]);
    let audited = audit("a.example", &zones, &["-p", &profile]);
    assert!(audited.codes().contains("srv-missing"), "{audited:?}");
    let (code, out, _) = folder.audit(&[
        "a.example",
        "c.example",
        "--zone",
        "%zone",
        "-p",
        "%profile.yaml",
        "-f",
        "json",
    ]);
    let last = out.lines().last().unwrap_or_default();
    assert!(last.contains(r#""domain":"c.example","verdict":"unknown""#), "{last}");
    assert_eq!(code, Some(3));
}

#[test]
fn a_host_of_the_profile_has_the_addresses_listed_and_no_others() {
    let folder = Folder::new();
    let profile = PROFILE.replace(", \"2001:db8::1\"", "");
    let profile = folder.write("one.yaml", &profile).display().to_string();
    let zone = folder.write("zone", &sections(&folder)[0]);
    let audited = audit("a.example", &Source::Zones(&[&zone]), &["-p", &profile]);
    assert_eq!(audited.codes().into_iter().collect::<Vec<_>>(), ["target-one-family"]);
    assert_eq!(audited.verdict, "pass");
}

#[test]
fn tlsa_records_are_judged_by_the_certificate() {
    let folder = Folder::new();
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificate.pem");
    let profile = folder.write("own.yaml", PROFILE);
    let profile = profile.to_str().expect("the path is UTF-8");
    let common = ["-p", profile, "--certificate", certificate];
    let zone = printed([&["generate", "provider.example", "--signed"], &common[..]].concat());
    let zone = zone + "mail 60 IN A 192.0.2.1\nmail 60 IN AAAA 2001:db8::1\n";
    let owner = "_993._tcp.mail";
    assert!(zone.contains(owner), "{zone}");
    let check = |zone: &str, expected: &[&str]| {
        let file = folder.write("zone", zone);
        let audited = audit("provider.example", &Source::Zones(&[&file]), &common);
        assert_eq!(audited.codes().into_iter().collect::<Vec<_>>(), expected, "{zone}");
    };
    check(&zone, &[]);
    let without: String = zone
        .lines()
        .filter(|line| !line.starts_with(owner))
        .fold(String::new(), |text, line| text + line + "\n");
    check(&without, &["tlsa-missing"]);
    check(&zone.replacen("3 1 1", "3 1 2", 1), &["tlsa-differs"]);
}
