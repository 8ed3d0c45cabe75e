//! Audits of folders of zone files, and of zones whose mail domains nobody names.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{field, mailsrv, printed, text};

const SOA: &str = "$TTL 60\n@ SOA ns.provider.example. h 1 2 3 4 5\n@ NS ns.provider.example.\n";

/// A folder `zones` beside other files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("there is a place for temporary files"));
        fs::create_dir(folder.path("zones")).expect("the folder is writable");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it is writable");
        fs::write(path, content).expect("the folder is writable");
        self
    }

    /// A zone whose mail domain is healthy, with its servers at a provider.
    fn customer(&self, name: &str, domain: &str) -> &Self {
        let options = ["generate", "-q", "--host", "mail.provider.example", domain];
        self.write(name, &format!("{SOA}@ MX 10 mail.provider.example.\n{}", printed(options)))
    }

    /// The zone of the provider, which takes no mail itself.
    fn provider(&self, name: &str) -> &Self {
        let hosts = "ns A 192.0.2.1\nmail A 192.0.2.2\nmail AAAA 2001:db8::2\n@ MX 0 .\n";
        self.write(name, &format!("{SOA}{hosts}"))
    }

    /// Runs an audit; a `%` in an argument stands for the folder. What is said leaves it out.
    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let folder = format!("{}/", self.0.path().display());
        let args = args.iter().map(|arg| arg.replace('%', &folder));
        let host = ["audit", "--host", "mail.provider.example"].map(str::to_owned);
        let output = mailsrv(host.into_iter().chain(args));
        let without = |octets: &[u8]| text(octets).replace(&folder, "");
        (output.status.code(), without(&output.stdout), without(&output.stderr))
    }
}

/// Audits the folder, and compares exit code, verdicts (and what is wrong with what is broken), and
/// what is said on stderr but for the closing line.
#[track_caller]
fn check(folder: &Folder, args: &[&str], code: i32, verdicts: &[&str], said: &[&str]) {
    let (exit, report, stderr) = folder.run(&[args, &["-f", "json"]].concat());
    let shown: Vec<String> = report
        .lines()
        .map(|line| {
            let report: Value = serde_json::from_str(line).expect("the report is JSON");
            let error = report["error"].as_str().map(|error| format!(": {error}"));
            let (domain, verdict) = (field(&report, "domain"), field(&report, "verdict"));
            format!("{domain} {verdict}{}", error.unwrap_or_default())
        })
        .collect();
    assert_eq!(shown, verdicts, "{stderr}");
    let is_talk = |line: &&str| line.split(' ').nth(1) != Some("domains:");
    assert_eq!(stderr.lines().filter(is_talk).collect::<Vec<_>>(), said);
    assert_eq!(exit, Some(code), "{stderr}");
}

const NO_MAIL: &str =
    "note: 1 zone takes no mail (null MX, RFC 7505) and is not judged: provider.example";

#[test]
fn every_mail_domain_of_a_folder_is_judged_in_order_across_its_zones() {
    let folder = Folder::new();
    folder
        .customer("zones/b.example.zone", "b.example")
        .customer("zones/db.a.example", "a.example");
    folder.customer("zones/more/c.example.db", "c.example").provider("zones/provider.example");
    let all = ["a.example pass", "b.example pass", "c.example pass"];
    check(&folder, &["--zone", "%zones"], 0, &all, &[NO_MAIL]);
    check(&folder, &["--zone", "%zones", "a.example"], 0, &all[..1], &[]);
    // Without the zone of the provider its names are not judged.
    let files = ["--zone", "%zones/b.example.zone", "--zone", "%zones/more"];
    let guess = "note: zones/b.example.zone: no $ORIGIN says what its names are relative to; they are read below b.example (--origin names another zone)";
    check(&folder, &files, 0, &all[1..], &[guess]);
}

#[test]
fn a_single_zone_brings_its_mail_domains_and_those_below_its_apex() {
    let folder = Folder::new();
    folder.provider("zones/provider.example").write("zones/a.example", &format!("{SOA}@ MX 10 mail.provider.example.\nx.sub MX 10 mail.provider.example.\n_imaps._tcp.srv SRV 0 1 993 mail.provider.example.\nautoconfig.web CNAME mail.provider.example.\n*.w MX 10 mail.provider.example.\n_sip._tcp.voice SRV 0 1 993 mail.provider.example.\nautodiscover.txt TXT x\ncut NS ns.provider.example.\nautoconfig.below.cut A 192.0.2.1\n"));
    let failed =
        ["a.example fail", "srv.a.example fail", "x.sub.a.example fail", "web.a.example warn"];
    check(&folder, &["--zone", "%zones", "-q"], 1, &failed, &[]);
}

#[test]
fn one_file_that_cannot_be_read_is_one_broken_result_and_the_run_goes_on() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").provider("zones/provider.example");
    folder.write("zones/bad.example", &format!("{SOA}x A 1.2.3\ny A 1\n@ MX 10 mail\n"));
    let bad = "zones/bad.example broken: zones/bad.example:4:5: `1.2.3` is not fit to be the address of A; wanted is an IPv4 address of four decimal numbers (and 1 more)";
    check(&folder, &["--zone", "%zones"], 3, &[bad, "a.example pass"], &[NO_MAIL]);
    // A domain that it may be about cannot be judged; another one can.
    let named = ["--zone", "%zones", "www.bad.example", "a.example"];
    let open =
        "www.bad.example broken: it lies in the zone of zones/bad.example, which could not be read";
    check(&folder, &named, 3, &[bad, open, "a.example pass"], &[]);
}

#[test]
fn what_stands_in_a_file_that_was_not_read_is_never_missing() {
    let folder = Folder::new();
    let records = printed(["generate", "-q", "--host", "mail.provider.example", "a.example"]);
    folder.provider("zones/provider.example");
    folder.write("zones/a.example", &format!("{SOA}@ MX 10 mail.provider.example.\n"));
    folder.write("zones/mail.rec", &format!("{records}x A 1.2.3\n"));
    let bad = "zones/mail.rec broken: zones/mail.rec:16:5: `1.2.3` is not fit to be the address of A; wanted is an IPv4 address of four decimal numbers";
    let (_, report, _) = folder.run(&["--zone", "%zones", "-f", "json"]);
    let line = report.lines().next().and_then(|line| line.split("mail.rec:").nth(1)).unwrap_or("");
    let bad = bad.replace("16:5", line.split(": ").next().unwrap_or(""));
    let open = "a.example broken: it lies in the zone of zones/mail.rec, which could not be read";
    check(&folder, &["--zone", "%zones"], 3, &[&bad, open], &[NO_MAIL]);
}

#[test]
fn records_that_exclude_each_other_break_their_zone_and_no_other() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").provider("zones/provider.example");
    folder.write("zones/b.example", &format!("{SOA}www A 192.0.2.1\nwww CNAME b.example.\n"));
    let broken = "zone b.example broken: zones/b.example:4: www.b.example is an alias and holds A data beside it; remove one of the two";
    check(&folder, &["--zone", "%zones"], 3, &[broken, "a.example pass"], &[NO_MAIL]);
}

#[test]
fn the_only_file_that_cannot_be_read_is_trouble_and_so_is_a_folder_without_any() {
    let folder = Folder::new();
    let empty = ["error: zones: there is no zone file in it"];
    check(&folder, &["--zone", "%zones"], 2, &[], &empty);
    folder.write("zones/bad.example", &format!("{SOA}x A 1.2.3\n"));
    let said = "error: zones/bad.example:4:5: `1.2.3` is not fit to be the address of A; wanted is an IPv4 address of four decimal numbers";
    check(&folder, &["--zone", "%zones/bad.example"], 2, &[], &[said]);
    check(&folder, &["--zone", "%zones"], 2, &[], &[said]);
    let gone = "error: cannot read gone: No such file or directory (os error 2)";
    check(&folder, &["--zone", "%zones", "--zone", "%gone"], 2, &[], &[gone]);
    let none = Folder::new();
    none.provider("zones/provider.example");
    let said = [
        "error: there is no mail domain in the zones",
        "hint: name one, as in mailsrv audit example.com",
    ];
    check(&none, &["--zone", "%zones"], 2, &[], &said);
}

#[test]
fn what_stands_beside_zone_files_is_passed_over_with_a_note() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").provider("zones/provider.example");
    folder.write("zones/.git/config", "x").write("zones/a.example.jnl", "x");
    let said =
        "note: zones/.git and zones/a.example.jnl: passed over, no zone files by their names";
    check(&folder, &["--zone", "%zones"], 0, &["a.example pass"], &[said, NO_MAIL]);
    folder.write("zones/a.example~", "x").write("zones/#a.example#", "x");
    let said = "note: 4 names passed over, no zone files by their names, such as zones/#a.example#, zones/.git and zones/a.example.jnl";
    check(&folder, &["--zone", "%zones"], 0, &["a.example pass"], &[said, NO_MAIL]);
    check(&folder, &["--zone", "%zones", "-q"], 0, &["a.example pass"], &[]);
}

#[test]
fn included_files_are_no_zones_of_their_own() {
    let folder = Folder::new();
    folder.provider("zones/provider.example");
    let records = printed(["generate", "-q", "--host", "mail.provider.example", "z.example"]);
    let records: String = records
        .lines()
        .filter(|line| !line.starts_with('$'))
        .fold(String::new(), |all, line| all + line + "\n");
    folder.write("zones/common", &format!("@ MX 10 mail.provider.example.\n{records}"));
    folder.write("zones/z.example", &format!("{SOA}$INCLUDE common\n"));
    let pass = ["z.example pass"];
    check(&folder, &["--zone", "%zones", "--include"], 0, &pass, &[NO_MAIL]);
    // As BIND reads it: relative to one folder, wherever the zone file stands.
    folder.write("zones/z.example", &format!("{SOA}$INCLUDE parts/common\n"));
    let common = fs::read_to_string(folder.path("zones/common")).expect("it was written");
    fs::remove_file(folder.path("zones/common")).expect("it was written");
    folder.write("etc/parts/common", &common);
    let args = ["--zone", "%zones", "--include-dir", "%etc"];
    check(&folder, &args, 0, &pass, &[NO_MAIL]);
    let whole = folder.path("etc/parts/common").canonicalize().expect("it was written");
    folder.write("zones/z.example", &format!("{SOA}$INCLUDE {}\n", whole.display()));
    check(&folder, &args, 0, &pass, &[NO_MAIL]);
}

#[test]
fn nothing_outside_the_folder_of_includes_is_opened() {
    let folder = Folder::new();
    folder.provider("zones/provider.example").write("etc/parts/none", "").write("secret", "x");
    let args = ["--zone", "%zones", "--include-dir", "%etc", "-q"];
    for (typed, why) in [
        ("../secret", "it leads out of the folder"),
        ("/etc/hostname", "it leads out of the folder"),
        ("parts/link", "it is no regular file"),
        ("parts/none/x", "Not a directory (os error 20)"),
        ("parts/gone", "No such file or directory (os error 2)"),
    ] {
        #[cfg(unix)]
        let _there =
            std::os::unix::fs::symlink(folder.path("secret"), folder.path("etc/parts/link"));
        folder.write("zones/z.example", &format!("{SOA}$INCLUDE {typed}\n"));
        let broken = format!(
            "zones/z.example broken: zones/z.example:4:10: $INCLUDE `{typed}` cannot be opened: {why}; only regular files below etc are included"
        );
        check(&folder, &args, 3, &[&broken], &[]);
    }
}

#[test]
fn the_records_of_a_folder_count_together() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").customer("zones/b.example", "b.example");
    let args = ["--zone", "%zones", "--max-records", "20", "-q"];
    let (code, report, _) = folder.run(&[&args[..], &["-f", "json"]].concat());
    let reports: Vec<Value> =
        report.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!((code, reports.len()), (Some(3), 2), "{report}");
    let error = field(&reports[0], "error");
    assert!(error.contains("the zone has more than"), "{error}");
    assert!(
        error.ends_with("; --max-records 200 reads more of it, and takes more memory"),
        "{error}"
    );
    assert_eq!(field(&reports[1], "domain"), "a.example");
}

#[test]
fn a_column_that_no_zone_has_is_asked_for() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example");
    folder.write("profile.yaml", "host: \"{server}\"\nimap: true\npop3: false\nsubmission: true\n");
    let output = mailsrv([
        "audit".to_owned(),
        "--zone".to_owned(),
        folder.path("zones").display().to_string(),
        "-p".to_owned(),
        folder.path("profile.yaml").display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    let start = "error: the profile needs a column `server`: a domain of a zone has none\nhint: --set server=";
    assert!(said.contains(start), "{said}");
}

#[test]
fn the_yaml_of_octodns_is_read_like_a_zone_file() {
    let folder = Folder::new();
    folder.provider("zones/provider.example");
    folder.write(
        "profile.yaml",
        "host: mail.provider.example\nimap: true\npop3: false\nsubmission: true\nmx: true\n",
    );
    let profile = folder.path("profile.yaml").display().to_string();
    let args = ["generate", "-q", "-p", &profile, "-f", "octodns", "a.example"];
    folder.write("zones/a.example.yaml", &printed(args)).write("zones/production.yaml", "x: 1\n");
    let passed = "note: zones/production.yaml: passed over, no zone file by its name";
    let audit = ["--zone", "%zones", "-p", "%profile.yaml"];
    check(&folder, &audit, 0, &["a.example pass"], &[passed, NO_MAIL]);
    // A folder for each zone, and a file for each name.
    folder.write(
        "zones/b.example./$b.example.yaml",
        "'': {type: MX, value: {exchange: mail.provider.example., preference: 10}}\n",
    );
    folder.write("zones/b.example./www.yaml", "www: {type: HTTPS, value: {}}\n");
    let (code, report, said) = folder.run(&[&audit[..], &["-f", "json"]].concat());
    assert_eq!(code, Some(1), "{report}");
    assert!(report.contains("\"domain\":\"b.example\""), "{report}");
    let note =
        "note: zones/b.example./www.yaml: 1 RRset that mail does not need passed over: HTTPS\n";
    assert!(said.contains(note), "{said}");
}

#[test]
fn what_is_wrong_in_yaml_is_told_with_file_and_line() {
    let folder = Folder::new();
    let yaml = "_imaps._tcp:\n  type: SRV\n  value: {port: 143, priority: 0, target: mail.a.example., weight: 1}\nmail: {type: A, value: 192.0.2.1}\n";
    folder.write("zones/a.example.yaml", yaml);
    let (code, report, _) = folder.run(&["--zone", "%zones/a.example.yaml"]);
    assert_eq!(code, Some(1));
    assert!(report.contains("(zones/a.example.yaml:3)"), "{report}");
    folder.write("zones/b.example.yaml", "www:\n  type: A\n  values:\n  - 1.2.3\n");
    let bad =
        "zones/b.example.yaml broken: zones/b.example.yaml:4: `www` A: `1.2.3` is no IPv4 address";
    let (_, report, _) = folder.run(&["--zone", "%zones", "-f", "json"]);
    let first: Value =
        report.lines().next().and_then(|line| serde_json::from_str(line).ok()).expect("it is JSON");
    let said = format!("{} broken: {}", field(&first, "domain"), field(&first, "error"));
    assert_eq!(said, bad);
    let named = "error: zones/x.yaml: the name of the file says no zone, as octoDNS wants it";
    let hint = "hint: name it like the zone, as in example.com.yaml, or give --origin ZONE";
    folder.write("zones/x.yaml", yaml);
    check(&folder, &["--zone", "%zones/x.yaml", "a.example"], 2, &[], &[named, hint]);
    let (code, _, _) = folder.run(&["--zone", "%zones/x.yaml", "--origin", "a.example", "-q"]);
    assert_eq!(code, Some(1));
}

#[test]
fn a_zone_file_that_includes_itself_or_another_zone_does_not_make_one_vanish() {
    let folder = Folder::new();
    folder.provider("zones/provider.example").customer("zones/a.example", "a.example");
    let own = fs::read_to_string(folder.path("zones/a.example")).expect("it was written");
    folder.write("zones/a.example", &format!("{own}$INCLUDE a.example\n"));
    let args = ["--zone", "%zones", "--include"];
    let deep = "zones/a.example broken: a.example:16:10: $INCLUDE `a.example` is refused: files are included more than 8 deep";
    let (code, report, _) = folder.run(&[&args[..], &["-f", "json"]].concat());
    assert_eq!(code, Some(3), "{report}");
    let said = report.contains("zones/a.example") && report.contains("more than 8 deep");
    assert!(said, "{deep}: {report}");
    // A whole zone that another includes is still a zone.
    let part = "z MX 10 mail.provider.example.\n";
    folder.write("zones/a.example", &own).write("zones/part.example", part);
    let include = "$INCLUDE a.example\n$INCLUDE part.example\n";
    folder.write("zones/b.example", &format!("{own}{include}"));
    let (_, report, _) = folder.run(&[&args[..], &["-f", "json"]].concat());
    for (domain, is_judged) in [("a.example", true), ("b.example", true)] {
        let is_there = report.contains(&format!("\"domain\":\"{domain}\""));
        assert_eq!(is_there, is_judged, "{domain}: {report}");
    }
}

#[test]
fn two_files_of_a_folder_that_hold_one_zone_are_one_broken_result() {
    let broken = |first: &str, second: &str| {
        format!(
            "zone a.example broken: zones/{first} and zones/{second} both hold the zone a.example; leave one of them out"
        )
    };
    for (first, second) in
        [("external/a.example.zone", "internal/a.example.zone"), ("a.example.zone", "db.a.example")]
    {
        let folder = Folder::new();
        folder.provider("zones/provider.example").customer("zones/b.example", "b.example");
        folder.customer(&format!("zones/{first}"), "a.example");
        folder.customer(&format!("zones/{second}"), "a.example");
        let all = [&broken(first, second), "b.example pass"];
        check(&folder, &["--zone", "%zones"], 3, &all, &[NO_MAIL]);
    }
    let yaml = "'': {type: MX, value: {exchange: mail.provider.example., preference: 10}}\n";
    for (first, second) in [
        ("external/a.example.yaml", "internal/a.example.yaml"),
        ("a.example.yaml", "a.example.yml"),
        ("x/a.example./w.yaml", "y/a.example./w.yaml"),
    ] {
        let folder = Folder::new();
        folder.provider("zones/provider.example").customer("zones/b.example", "b.example");
        folder.write(&format!("zones/{first}"), yaml).write(&format!("zones/{second}"), yaml);
        let all = [&broken(first, second), "b.example pass"];
        check(&folder, &["--zone", "%zones"], 3, &all, &[NO_MAIL]);
    }
    // The parts that octoDNS keeps of one zone are one.
    let folder = Folder::new();
    folder.provider("zones/provider.example").write("zones/a.example.yaml", yaml);
    folder.write("zones/a.example./w.yaml", "w: {type: A, value: 192.0.2.1}\n");
    folder.write("zones/a.example./v.yaml", "v: {type: A, value: 192.0.2.1}\n");
    let (_, report, _) = folder.run(&["--zone", "%zones", "-f", "json"]);
    assert!(report.contains("\"domain\":\"a.example\"") && !report.contains("broken"), "{report}");
}

#[test]
fn a_backup_beside_a_zone_file_is_passed_over() {
    let folder = Folder::new();
    folder.provider("zones/provider.example").customer("zones/a.example", "a.example");
    folder.write("zones/a.example-old", "x").write("zones/a.example.20240101", "x");
    let said = "note: zones/a.example-old and zones/a.example.20240101: passed over, no zone files by their names";
    check(&folder, &["--zone", "%zones"], 0, &["a.example pass"], &[said, NO_MAIL]);
}

#[test]
fn annotations_stand_in_the_yaml_of_the_zone_and_name_a_broken_file_as_it_is() {
    let folder = Folder::new();
    folder.write("zones/a.example.yaml", "").write("zones/bad.example", "x A 1.2.3\n");
    folder.write("zones/b.example.yaml", "www: {type: A, value: 192.0.2.1}\n");
    let (_, report, _) = folder.run(&["--zone", "%zones", "-f", "github"]);
    for start in
        ["::error file=zones/a.example.yaml,line=1,", "::error file=zones/b.example.yaml,line=1,"]
    {
        assert!(report.lines().any(|line| line.starts_with(start)), "{start}: {report}");
    }
    let bad = "::zones/bad.example: zones/bad.example:1:5: `1.2.3` is not fit";
    assert!(report.contains(bad), "{report}");
    // The lower case of a relative path is kept, too.
    assert!(report.contains("a.example: ") && !report.contains("Zones/"), "{report}");
}

#[cfg(unix)]
#[test]
fn what_is_passed_over_for_what_it_is_is_not_laid_to_its_name() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").provider("zones/provider.example");
    let [link, socket] = ["zones/b.example", "zones/c.example"].map(|name| folder.path(name));
    std::os::unix::fs::symlink("a.example", link).expect("it can be linked");
    std::os::unix::net::UnixListener::bind(socket).expect("it can be bound");
    let said = [
        "note: zones/b.example: passed over, a link; --zone with its own name follows it",
        "note: zones/c.example: passed over, no regular file",
        NO_MAIL,
    ];
    check(&folder, &["--zone", "%zones"], 0, &["a.example pass"], &said);
}

#[test]
fn an_include_dir_that_is_not_there_is_named_once() {
    let folder = Folder::new();
    folder.customer("zones/a.example", "a.example").provider("zones/provider.example");
    let said = ["error: cannot read gone: No such file or directory (os error 2)"];
    check(&folder, &["--zone", "%zones", "--include-dir", "%gone"], 2, &[], &said);
}
