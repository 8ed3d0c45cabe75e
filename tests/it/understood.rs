//! What `generate` prints is read by the real tool of each format, which must understand what
//! `generate -f json` says. The readers are in `tests/tools`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, iter};

use mailsrv::render::Format;
use serde_json::Value;
use tempfile::TempDir;

use crate::loads::profiles;
use crate::program::{field, printed, text};

/// An output format whose tool is asked what it understands.
struct Row {
    format: &'static str,
    /// More arguments of `generate`, which the tool needs.
    args: &'static [&'static str],
    /// What the tool understands of a record: it may not keep the TTL, or have no place for the
    /// record at all.
    keeps: fn(Record) -> Option<Record>,
    /// Whether the output for several domains of one zone is one file.
    several: bool,
    /// Whether the output names no zone, so that the tool is to be told the mail domain.
    zoneless: bool,
}

/// A record in presentation format, as readers print it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    owner: String,
    ttl: u32,
    rtype: String,
    data: String,
}

/// A format whose tool keeps everything, in files for any number of domains.
const fn row(format: &'static str) -> Row {
    Row { format, args: &[], keeps: Some, several: true, zoneless: false }
}

fn none_of_tlsa(record: Record) -> Option<Record> {
    (record.rtype != "TLSA").then_some(record)
}

/// A template has no way to say that a service is not there (the target `.`) either.
fn of_templates(record: Record) -> Option<Record> {
    let nowhere = record.rtype == "SRV" && record.data.ends_with(" .");
    none_of_tlsa(record).filter(|_| !nowhere)
}

/// A format whose file holds one domain.
const fn one_each(format: &'static str) -> Row {
    Row { several: false, ..row(format) }
}

/// dnsmasq keeps the TTL of aliases and addresses alone; that of all else is an option, which the
/// reader sets to the TTL that plans have by default.
fn of_dnsmasq(record: Record) -> Option<Record> {
    let is_kept = matches!(record.rtype.as_str(), "CNAME" | "A" | "AAAA");
    Some(if is_kept { record } else { Record { ttl: 3600, ..record } })
}

/// A template made for one customer has no digest of PACC, which may be another one for the next.
fn of_one_customer(record: Record) -> Option<Record> {
    of_templates(record).filter(|record| !record.data.contains("v=UAAC1"))
}

const ROWS: &[Row] = &[
    row("zone"),
    row("nsupdate"),
    one_each("azure"),
    Row { keeps: of_dnsmasq, ..row("dnsmasq") },
    row("knotc"),
    row("pdnsutil"),
    one_each("powerdns"),
    row("tinydns"),
    row("unbound"),
    row("windows"),
    one_each("cloudflare"),
    row("csv"),
    // A zone may be declared once.
    one_each("dnscontrol"),
    row("external-dns"),
    one_each("gcloud"),
    one_each("octodns"),
    one_each("route53"),
    row("yaml"),
    Row { keeps: of_one_customer, several: false, zoneless: true, ..row("domain-connect") },
    row("terraform-aws"),
    Row { keeps: none_of_tlsa, ..row("terraform-azure") },
    row("terraform-cloudflare"),
    Row { keeps: none_of_tlsa, ..row("terraform-dns") },
    row("terraform-google"),
];

/// Formats without a reader, and why.
const UNREAD: [(&str, &str); 4] = [
    ("json", "it is what the others are compared with"),
    ("form", "a person types from it"),
    ("handout", "a person reads it"),
    ("handout-html", "a person reads it"),
];

/// The samples that are written by hand, and what their tools understand of them.
const SAMPLES: &[Row] = &[
    row("zone"),
    row("nsupdate"),
    row("knotc"),
    row("pdnsutil"),
    row("powerdns"),
    row("tinydns"),
    row("unbound"),
    row("dnsmasq"),
    row("azure"),
    row("cloudflare"),
    row("csv"),
    row("dnscontrol"),
    Row { keeps: of_templates, ..row("domain-connect") },
    row("external-dns"),
    row("gcloud"),
    row("octodns"),
    row("route53"),
    row("terraform-aws"),
    Row { keeps: none_of_tlsa, ..row("terraform-azure") },
    row("terraform-cloudflare"),
    Row { keeps: none_of_tlsa, ..row("terraform-dns") },
    row("terraform-google"),
    row("windows"),
    row("yaml"),
];

#[test]
#[ignore = "needs what tests/tools/install brings"]
fn every_tool_understands_what_is_meant() {
    let tools = Tools::find();
    let dir = TempDir::new().expect("there is a place for temporary files");
    let cases = cases(dir.path());
    let faults: Vec<String> =
        ROWS.iter().flat_map(|row| tools.misunderstandings(row, &cases, dir.path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_format_has_a_reader_or_a_reason() {
    let offered: BTreeSet<&str> = Format::ALL.iter().map(|format| format.text()).collect();
    let known: BTreeSet<&str> =
        ROWS.iter().map(|row| row.format).chain(UNREAD.map(|(format, _)| format)).collect();
    assert_eq!(
        offered, known,
        "a new format needs a row in ROWS, and a reader in tests/tools/readers"
    );
}

#[test]
#[ignore = "needs what tests/tools/install brings"]
fn every_reader_reads_every_type_of_record() {
    let tools = Tools::find();
    let folder = folder().join("samples");
    let every: Vec<Record> = records(&read_file(&folder.join("records")));
    for row in SAMPLES {
        let expected: Vec<Record> = every.iter().cloned().filter_map(row.keeps).collect();
        let file = folder.join(row.format);
        let files = [(file, "example.com".to_owned())];
        let output = tools.read(row.format, &files);
        assert!(output.status.success(), "{}: {}", row.format, text(&output.stderr));
        assert_eq!(records(&text(&output.stdout)), expected, "{}", row.format);
    }
}

#[test]
#[ignore = "needs what tests/tools/install brings"]
fn every_reader_refuses_what_its_tool_refuses() {
    let tools = Tools::find();
    let dir = TempDir::new().expect("there is a place for temporary files");
    let file = dir.path().join("nonsense");
    fs::write(&file, "nonsense of no format\n").expect("the temporary directory is writable");
    let formats: BTreeSet<_> = ROWS.iter().chain(SAMPLES).map(|row| row.format).collect();
    for format in formats {
        let files = [(file.clone(), "example.com".to_owned())];
        let output = tools.read(format, &files);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{format}: {said}");
        assert!(said.contains("nonsense: "), "{format}: {said}");
        assert!(!said.contains("Traceback"), "{format}: {said}");
        assert_eq!(text(&output.stdout), "", "{format}");
    }
}

/// A profile with every kind of record.
const EVERYTHING: &str = "\
host: mail.provider.example
ttl: 300
imap: { tls: 993, starttls: 143 }
pop3: { tls: 995 }
submission:
  tls: 465
  servers: [{ host: a.provider.example, weight: 3 }, { host: b.provider.example, weight: 1 }]
deny: true
jmap: true
sieve: true
caldav: { path: /dav/calendars; }
carddav: true
mx:
  servers: [{ host: mx1.provider.example }, { host: mx2.provider.example, preference: 20 }]
autoconfig: { addresses: [192.0.2.1, 192.0.2.2, '2001:db8::1'] }
autodiscover: { alias: true, srv: true }
pacc: true
";

/// Arguments of `generate`, the mail domain, and the apex of the zone that the records go into.
struct Case {
    what: String,
    args: Vec<String>,
    domain: String,
    apex: String,
    several: bool,
}

fn case(what: &str, args: &[&str], apex: &str) -> Case {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    let (domain, apex) = (apex.to_owned(), apex.to_owned());
    Case { what: what.to_owned(), args, domain, apex, several: false }
}

fn cases(dir: &Path) -> Vec<Case> {
    let below = ["a.example.com", "b.example.com", "--zone-apex", "example.com"];
    let mut cases = vec![
        case("the default profile", &["example.com"], "example.com"),
        case(
            "the server's own host name",
            &["example.com", "--host", "server1.provider.example"],
            "example.com",
        ),
        Case {
            domain: "dept.example.com".to_owned(),
            ..case(
                "a mail domain below the apex",
                &["dept.example.com", "--zone-apex", "example.com"],
                "example.com",
            )
        },
        case("an internationalised domain", &["b\u{fc}cher.example"], "xn--bcher-kva.example"),
        Case { several: true, ..case("several domains of one zone", &below, "example.com") },
    ];
    let everything = dir.join("everything.yaml");
    fs::write(&everything, EVERYTHING).expect("the temporary directory is writable");
    let everything = everything.display().to_string();
    let args = ["-p", &everything, "example.com"];
    cases.push(case("a profile with every kind of record", &args, "example.com"));
    let certificate = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificate.pem");
    let certificate = certificate.display().to_string();
    let args = ["-p", &everything, "--provider", "--signed", "--certificate", &certificate];
    cases.push(case("the provider's own zone", &args, "provider.example"));
    // The columns that the profiles need, with the first of the customers.
    let customers = read_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/customers.csv"));
    let lines: Vec<&str> =
        customers.lines().filter(|line| !line.starts_with('#')).take(2).collect();
    let (domain, _) = lines[1].split_once(',').expect("the domain is the first column");
    let input = dir.join("input.csv");
    fs::write(&input, lines.join("\n")).expect("the temporary directory is writable");
    let input = input.display().to_string();
    // Those that say what the others do not; BIND, Knot and NSD load every one (loads.rs).
    for name in ["server-hostname", "several-servers"] {
        let profile = profiles().into_iter().find(|path| path.file_stem() == Some(name.as_ref()));
        let profile = profile.expect("the profile is shipped").display().to_string();
        let listed = case(&profile, &["-p", &profile, "--input", &input], domain);
        cases.push(listed);
    }
    cases
}

/// The Python that has what the readers need.
struct Tools {
    python: PathBuf,
}

impl Tools {
    /// Those that `tests/tools/install` installed.
    fn find() -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a build folder");
        let python = target.join("tools/venv/bin/python");
        assert!(python.is_file(), "{} is missing", python.display());
        Self { python }
    }

    /// Has the reader of a format read files, each for the zone of an apex.
    fn read(&self, format: &str, files: &[(PathBuf, String)]) -> Output {
        let mut command = Command::new(&self.python);
        command.arg(folder().join("read.py")).arg(format);
        for (file, apex) in files {
            command.arg(file).arg(apex);
        }
        command.output().expect("Python was found")
    }

    /// Says of every case where the tool understands something else than what is meant.
    fn misunderstandings(&self, row: &Row, cases: &[Case], dir: &Path) -> Vec<String> {
        let Row { format, .. } = row;
        let fits = |case: &&Case| {
            let is_provider = case.args.iter().any(|arg| arg == "--provider");
            (row.several || !case.several) && !(row.zoneless && is_provider)
        };
        let cases: Vec<&Case> = cases.iter().filter(fits).collect();
        let files: Vec<(PathBuf, String)> = cases
            .iter()
            .enumerate()
            .map(|(number, case)| {
                let file = dir.join(format!("{format}-{number}"));
                if row.several || !case.args.iter().any(|arg| arg == "--input") {
                    let output = generate(format, row.args, case);
                    fs::write(&file, output).expect("the temporary directory is writable");
                } else {
                    alone(row, case, &file);
                }
                (file, if row.zoneless { &case.domain } else { &case.apex }.clone())
            })
            .collect();
        let output = self.read(format, &files);
        if !output.status.success() {
            return vec![format!("{format}: {}", text(&output.stderr))];
        }
        let understood = sections(&text(&output.stdout));
        iter::zip(cases, files)
            .filter_map(|(case, (file, _))| {
                let expected = expected(row, case);
                let understood = understood.get(&file).cloned().unwrap_or_default();
                (expected != understood).then(|| {
                    let (what, file) = (&case.what, read_file(&file));
                    let lacking = without(&expected, &understood);
                    let besides = without(&understood, &expected);
                    format!("{format}: {what}: not read:{lacking}\nread besides:{besides}\n{file}")
                })
            })
            .collect()
    }
}

fn generate(format: &str, args: &[&str], case: &Case) -> String {
    let arguments =
        ["generate", "-q", "-f", format].into_iter().chain(args.iter().copied()).map(str::to_owned);
    printed(arguments.chain(case.args.iter().cloned()))
}

/// Has the one domain of an input written into a file of its own.
fn alone(row: &Row, case: &Case, file: &Path) {
    let folder = file.with_extension("folder");
    let into = ["--output-dir", folder.to_str().expect("temporary paths are UTF-8")];
    let args: Vec<&str> = row.args.iter().copied().chain(into).collect();
    assert_eq!(generate(row.format, &args, case), "");
    let mut written = fs::read_dir(&folder).expect("the folder was made");
    let only = written.next().expect("a file was written").expect("the folder is readable");
    assert!(written.next().is_none(), "{}", case.what);
    fs::rename(only.path(), file).expect("the temporary directory is writable");
}

/// What the tool is to understand, by what the program says in JSON.
fn expected(row: &Row, case: &Case) -> Vec<Record> {
    let json = generate("json", row.args, case);
    let mut records: Vec<Record> = json
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("every line is JSON"))
        .flat_map(|domain| domain["records"].as_array().expect("records are an array").clone())
        .map(|record| Record {
            owner: field(&record, "owner").to_owned(),
            ttl: record["ttl"].as_u64().and_then(|ttl| ttl.try_into().ok()).expect("a TTL"),
            rtype: field(&record, "type").to_owned(),
            data: field(&record, "data").to_owned(),
        })
        // Readers write hexadecimal digits small.
        .map(|record| match record.rtype.as_str() {
            "TLSA" => Record { data: record.data.to_ascii_lowercase(), ..record },
            _ => record,
        })
        .filter_map(row.keeps)
        .collect();
    assert!(!records.is_empty(), "{}", case.what);
    records.sort();
    records
}

/// The records of several files; `; FILE` stands before those of each.
fn sections(output: &str) -> BTreeMap<PathBuf, Vec<Record>> {
    let mut sections = BTreeMap::new();
    let mut file = None;
    for line in output.lines() {
        if let Some(next) = line.strip_prefix("; ") {
            file = Some(PathBuf::from(next));
        } else {
            let file = file.clone().expect("a file stands before its records");
            sections.entry(file).or_insert_with(Vec::new).push(record(line));
        }
    }
    sections.values_mut().for_each(|records| records.sort());
    sections
}

#[track_caller]
fn records(lines: &str) -> Vec<Record> {
    let mut records: Vec<Record> = lines.lines().map(record).collect();
    records.sort();
    records
}

#[track_caller]
fn record(line: &str) -> Record {
    let fields: Vec<&str> = line.splitn(5, ' ').collect();
    let [owner, ttl, "IN", rtype, data] = fields[..] else { panic!("no record: {line}") };
    Record {
        owner: owner.to_owned(),
        ttl: ttl.parse().unwrap_or_else(|error| panic!("{line}: {error}")),
        rtype: rtype.to_owned(),
        data: data.to_owned(),
    }
}

/// The lines of some records that others lack.
fn without(records: &[Record], others: &[Record]) -> String {
    let lacking = records.iter().filter(|record| !others.contains(record));
    lacking
        .map(|Record { owner, ttl, rtype, data }| format!("\n  {owner} {ttl} IN {rtype} {data}"))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

#[track_caller]
fn read_file(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
