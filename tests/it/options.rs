//! The options of `generate` that publish less or more than a mail domain's profile says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::{mailsrv, text};

const PROFILE: &str = r#"
host: mail.provider.example
imap: { tls: true, starttls: true }
pop3: false
submission: { tls: true, starttls: true }
autoconfig: true
autodiscover: true
pacc: { alias: true, digests: [47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=] }
jmap: true
sieve: { host: sieve.provider.example }
caldav: { host: dav.provider.example, path: /dav/ }
mx:
  servers:
    - { host: mx1.provider.example }
    - { host: mx2.in.provider.example, preference: 20 }
addresses:
  mail.provider.example: [192.0.2.1, "2001:db8::1"]
  dav.other.example: [192.0.2.2]
"#;

/// A profile and a certificate for its host and for one of a customer's own.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = TempDir::new().expect("there is a place for temporary files");
        fs::write(folder.path().join("profile.yaml"), PROFILE).expect("the folder is writable");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `generate`; a `%` in an argument stands for the folder.
    #[track_caller]
    fn generate(&self, args: &[&str]) -> (i32, String, String) {
        let folder = self.folder.path().to_str().expect("temporary paths are UTF-8");
        let args = args.iter().map(|arg| arg.replace('%', folder));
        let output = mailsrv(std::iter::once("generate".to_owned()).chain(args));
        let code = output.status.code().expect("the program was not killed");
        (code, text(&output.stdout), text(&output.stderr))
    }

    /// The records that a run prints, one a line, without comments and with single blanks.
    #[track_caller]
    fn records(&self, args: &[&str]) -> (Vec<String>, String) {
        let (code, out, err) = self.generate(args);
        assert_eq!(code, 0, "{args:?}: {err}");
        let records = out.lines().filter(|line| !line.is_empty() && !line.starts_with([';', '$']));
        let tidy = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        (records.map(tidy).collect(), err)
    }
}

/// Makes a certificate for the names.
fn certificate(path: &Path, names: &str) {
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=test", "-addext", names, "-keyout"])
        .arg(path.with_extension("key"))
        .arg("-out")
        .arg(path)
        .output()
        .expect("openssl is there");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// The digest of the public key, as OpenSSL computes it.
fn key_digest(path: &Path) -> String {
    let script = "openssl x509 -in \"$0\" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -r";
    let output = Command::new("sh").args(["-c", script]).arg(path).output().expect("sh is there");
    let line = text(&output.stdout);
    line.split(' ').next().expect("a digest comes first").to_ascii_uppercase()
}

#[test]
fn every_record_of_the_profile_is_published() {
    let files = Files::new();
    let (records, err) = files.records(&["-p", "%/profile.yaml", "example.com"]);
    assert_eq!(err, "");
    for record in [
        "ua-auto-config IN CNAME mail.provider.example.",
        "_jmap._tcp IN SRV 0 1 443 mail.provider.example.",
        "_sieve._tcp IN SRV 0 1 4190 sieve.provider.example.",
        "_caldavs._tcp IN SRV 0 1 443 dav.provider.example.",
        "_caldavs._tcp IN TXT \"path=/dav/\"",
        "_caldav._tcp IN SRV 0 0 0 .",
        "@ IN MX 10 mx1.provider.example.",
        "@ IN MX 20 mx2.in.provider.example.",
        "_ua-auto-config IN TXT \"v=UAAC1; a=sha256; d=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"",
    ] {
        assert!(records.iter().any(|line| line == record), "no {record} in {records:#?}");
    }
    let digests = records.iter().filter(|line| line.starts_with("_ua-auto-config IN TXT")).count();
    assert_eq!(digests, 2, "the new digest stands beside the old one");
}

#[test]
#[ignore = "needs openssl"]
fn tlsa_records_come_from_certificates_and_only_for_a_signed_zone() {
    let files = Files::new();
    let pem = files.path("both.pem");
    certificate(&pem, "subjectAltName=DNS:mail.example.com,DNS:*.provider.example");
    let signed = ["--signed", "--certificate", "%/both.pem"];
    let (records, err) = files.records(&[&["example.com"], &signed[..]].concat());
    let digest = key_digest(&pem);
    for port in [993, 143, 995, 110, 465, 587, 443] {
        let record = format!("_{port}._tcp.mail IN TLSA 3 1 1 {digest}");
        assert!(records.contains(&record), "no {record} in {records:#?}");
    }
    assert_eq!(err, "");

    let (records, err) =
        files.records(&[&["-p", "%/profile.yaml", "example.com"], &signed[..]].concat());
    assert!(!records.iter().any(|line| line.contains("TLSA")), "{records:#?}");
    assert!(
        err.contains("TLSA (and 7 more like it): it stands at a host outside the mail domain"),
        "{err}"
    );
    assert!(err.contains("mx2.in.provider.example. TLSA: it is covered by none"), "{err}");

    // A host that mail domains of one zone share is published once, for all of them.
    let shared = ["a.example.com", "b.example.com", "--zone-apex", "example.com"];
    let shared = [&shared[..], &["--host", "mail.example.com"], &signed[..]];
    let (records, err) = files.records(&shared.concat());
    assert!(!records.iter().any(|line| line.contains("TLSA")), "{records:#?}");
    assert!(err.contains("it stands at a host outside the mail domain"), "{err}");
    let shared = ["--provider", "--zone-apex", "example.com", "--host", "mail.example.com"];
    let (records, _) = files.records(&[&shared[..], &signed[..]].concat());
    assert!(records.contains(&format!("_993._tcp.mail IN TLSA 3 1 1 {digest}")), "{records:#?}");

    let (code, out, err) = files.generate(&["example.com", "--certificate", "%/both.pem"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--signed"), "{err}");
    fs::write(files.path("not.pem"), "nonsense").expect("the folder is writable");
    let (code, _, err) = files.generate(&["example.com", "--signed", "--certificate", "%/not.pem"]);
    assert_eq!(code, 2);
    assert!(err.contains("not.pem: not a certificate in PEM form"), "{err}");

    // While a key is changed, both stand side by side.
    let next = files.path("next.pem");
    certificate(&next, "subjectAltName=DNS:mail.provider.example");
    let provider = ["-p", "%/profile.yaml", "--provider", "--certificate", "%/next.pem"];
    let (records, _) = files.records(&[&provider[..], &signed[..]].concat());
    for digest in [&digest, &key_digest(&next)] {
        let record = format!("_993._tcp.mail IN TLSA 3 1 1 {digest}");
        assert!(records.contains(&record), "no {record} in {records:#?}");
    }
}

#[test]
#[ignore = "needs openssl"]
fn tlsa_records_stand_in_a_list_where_they_stand_alone() {
    let files = Files::new();
    certificate(&files.path("own.pem"), "subjectAltName=DNS:mail.example.com");
    let list = "a.example\nb.example\nc.example\nexample.com\n";
    fs::write(files.path("list"), list).expect("the folder is writable");
    let signed = ["--signed", "--certificate", "%/own.pem"];
    let (alone, _) = files.records(&[&["example.com"], &signed[..]].concat());
    let (listed, _) = files.records(&[&["--input", "%/list"], &signed[..]].concat());
    let tlsa = |records: &[String]| -> Vec<String> {
        records.iter().filter(|line| line.contains(" TLSA ")).cloned().collect()
    };
    assert_eq!(tlsa(&alone).len(), 7);
    assert_eq!(tlsa(&listed), tlsa(&alone));
}

#[test]
fn the_provider_publishes_its_hosts_and_the_names_that_clients_derive_from_the_mx() {
    let files = Files::new();
    let (records, err) = files.records(&["-p", "%/profile.yaml", "--provider"]);
    assert_eq!(
        records,
        [
            "mail IN A 192.0.2.1",
            "mail IN AAAA 2001:db8::1",
            "autoconfig IN CNAME mail.provider.example.",
            "autoconfig.in IN CNAME mail.provider.example.",
        ]
    );
    assert_eq!(
        err,
        "note: dav.other.example A lies outside provider.example; run again with --zone-apex for its zone\n"
    );
    let (records, _) =
        files.records(&["-p", "%/profile.yaml", "--provider", "--zone-apex", "other.example"]);
    assert_eq!(records, ["dav IN A 192.0.2.2"]);
    let elsewhere = ["-p", "%/profile.yaml", "--provider", "--zone-apex", "third.example"];
    let (code, out, err) = files.generate(&elsewhere);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains(
            "nothing to publish in third.example: mail.provider.example A, mail.provider.example \
             AAAA, dav.other.example A, autoconfig.provider.example CNAME and \
             autoconfig.in.provider.example CNAME lie outside it"
        ),
        "{err}"
    );
    let (code, out, err) = files.generate(&["--provider"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("names no host of the provider's own"), "{err}");
}

#[test]
fn the_provider_has_no_alias_beside_addresses_and_none_that_is_a_server() {
    let files = Files::new();
    let profile = "\
host: mail.provider.example
imap: true
submission: true
autoconfig: true
mx: { servers: [{ host: mx.provider.example }, { host: autoconfig.in.provider.example }] }
addresses: { autoconfig.provider.example: [192.0.2.3] }
";
    fs::write(files.path("profile.yaml"), profile).expect("the folder is writable");
    let (records, err) = files.records(&["-p", "%/profile.yaml", "--provider"]);
    assert_eq!(records, ["autoconfig IN A 192.0.2.3"]);
    assert_eq!(
        err,
        "note: autoconfig.in.provider.example is a server of the profile and may not be an alias of mail.provider.example (RFC 2181 section 10.3); list its addresses under `addresses`\n"
    );
}

#[test]
fn what_is_narrowed_says_which_clients_lose_what() {
    let files = Files::new();
    let (records, err) = files.records(&["example.com", "--implicit-only"]);
    assert!(records.contains(&"_submission._tcp IN SRV 0 0 0 .".to_owned()), "{records:#?}");
    assert_eq!(err, "--implicit-only: Claws Mail and aerc will not find the outgoing server\n");

    let (records, err) = files.records(&["example.com", "--srv-only"]);
    assert!(!records.iter().any(|line| line.contains("CNAME")), "{records:#?}");
    let found = "will find the incoming and the outgoing server only if mail.example.com serves";
    assert!(
        err.contains(&format!("--srv-only: Thunderbird and Outlook (classic) {found}")),
        "{err}"
    );
    assert!(err.contains("Android, GNOME Online Accounts, Geary and KMail will not find"), "{err}");

    let profile = "imap: true\njmap: true\npacc: true\nprovider: { name: Example }\n";
    fs::write(files.path("pacc.yaml"), profile).expect("it is writable");
    let (records, _) = files.records(&["-p", "%/pacc.yaml", "example.com"]);
    assert_eq!(records.iter().filter(|line| line.contains("ua-auto-config")).count(), 2);
    let (records, _) = files.records(&["-p", "%/pacc.yaml", "example.com", "--srv-only"]);
    assert!(!records.iter().any(|line| line.contains("ua-auto-config")), "{records:#?}");

    let (records, err) = files.records(&["example.com", "--compat-smtps"]);
    assert!(records.contains(&"_smtps._tcp IN SRV 0 1 465 mail.example.com.".to_owned()));
    assert!(err.contains("no assigned name (RFC 8314 section 7.3); only aerc"), "{err}");
    let profile = "imap: true\nsubmission: { starttls: true }\n";
    fs::write(files.path("late.yaml"), profile).expect("it is writable");
    let late = ["-p", "%/late.yaml", "example.com", "--compat-smtps"];
    let (records, err) = files.records(&late);
    assert!(!records.iter().any(|record| record.contains("_smtps")), "{records:#?}");
    assert!(err.contains("nothing is published under `_smtps`"), "{err}");

    let (_, err) = files.records(&["-q", "example.com", "--implicit-only"]);
    assert_eq!(err, "");
    fs::write(files.path("only.yaml"), "imap: { starttls: true }\n").expect("it is writable");
    let (code, out, err) = files.generate(&["-p", "%/only.yaml", "example.com", "--implicit-only"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("leaves nothing"), "{err}");
}

#[test]
fn a_folder_gets_a_file_for_each_domain() {
    let files = Files::new();
    fs::write(files.path("list"), "a.example\nb..example\nb\u{fc}cher.example\n")
        .expect("writable");
    let (code, out, err) =
        files.generate(&["c.example", "--input", "%/list", "--output-dir", "%/out/deep"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("line 2: b..example"), "{err}");
    let mut names: Vec<_> = fs::read_dir(files.path("out/deep"))
        .expect("the folder was made")
        .map(|file| file.expect("it is readable").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    assert_eq!(names, ["a.example.zone", "c.example.zone", "xn--bcher-kva.example.zone"]);
    // A file that holds one domain, or one of each zone, would lose the others.
    for (args, what) in [
        (["-f", "octodns", "a.example", "b.example"].as_slice(), "octodns holds one domain"),
        (&["-f", "octodns", "--input", "%/list"], "octodns holds one domain"),
        (
            &["-f", "dnscontrol", "a.example", "b.a.example", "--zone-apex", "a.example"],
            "dnscontrol holds one domain of a zone",
        ),
    ] {
        let (code, out, err) = files.generate(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(what) && err.contains("--output-dir DIR"), "{err}");
    }
    assert_eq!(files.generate(&["-f", "dnscontrol", "a.example", "b.example"]).0, 0);
    let alone = files.generate(&["c.example"]).1;
    let written = fs::read_to_string(files.path("out/deep/c.example.zone")).expect("it is there");
    assert_eq!(written, alone);
}

#[test]
fn columns_that_no_host_needs_are_named() {
    let files = Files::new();
    fs::write(files.path("rows.csv"), "domain,server\na.example,s1.provider.example\n")
        .expect("the folder is writable");
    let (records, err) = files.records(&["--input", "%/rows.csv"]);
    assert!(records.contains(&"_imaps._tcp IN SRV 0 1 993 mail.a.example.".to_owned()));
    assert_eq!(
        err,
        "note: the profile reads none of these columns: `server`; it would with --host \"{server}\"\n"
    );
    let (records, err) = files.records(&["--input", "%/rows.csv", "--host", "{server}"]);
    assert!(records.contains(&"_imaps._tcp IN SRV 0 1 993 s1.provider.example.".to_owned()));
    assert_eq!(err, "");
    let (_, err) = files.records(&["-q", "--input", "%/rows.csv"]);
    assert_eq!(err, "");
}

#[cfg(unix)]
#[test]
fn a_folder_of_files_follows_no_link_out_of_it() {
    let files = Files::new();
    fs::create_dir(files.path("out")).expect("the folder is writable");
    fs::write(files.path("precious"), "kept").expect("the folder is writable");
    std::os::unix::fs::symlink(files.path("precious"), files.path("out/a.example.zone"))
        .expect("the folder is writable");
    let (code, _, err) = files.generate(&["a.example", "--output-dir", "%/out"]);
    assert_eq!(code, 2);
    assert!(err.contains("a.example.zone is a symbolic link"), "{err}");
    assert_eq!(fs::read_to_string(files.path("precious")).expect("it is there"), "kept");
}

#[test]
fn a_template_has_variables_for_what_depends_on_the_customer() {
    let files = Files::new();
    fs::write(files.path("column.yaml"), "host: \"{server}\"\nimap: true\nsubmission: true\n")
        .expect("the folder is writable");
    let (code, out, err) = files.generate(&["-f", "domain-connect", "-p", "%/column.yaml"]);
    assert_eq!(code, 0, "{err}");
    let template: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    let records = template["records"].as_array().expect("there is a list");
    assert!(records.iter().all(|record| record["target"] == "%server%"), "{out}");
    assert_eq!(records.len(), 4, "{out}");
    assert!(err.contains("note: `providerId` is example.com"), "{err}");
    assert!(err.contains("left out: _pop3s._tcp SRV (and 1 more like it)"), "{err}");
    let into = ["-f", "domain-connect", "-p", "%/column.yaml", "--output-dir", "%/templates"];
    let (code, out, err) = files.generate(&into);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("name the file with -o FILE"), "{err}");
    let (code, out, err) = files.generate(&["-p", "%/profile.yaml"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("a mail domain is required"), "{err}");
    let provider = ["-f", "domain-connect", "-p", "%/profile.yaml", "--provider"];
    let (code, out, err) = files.generate(&provider);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("a template for customers"), "{err}");
}
