//! Thunderbird's configuration documents, read as profiles: `tests/ispdb` has a document for each
//! kind of element, and beside it the profile that `import` makes of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use mailsrv::document::{Kind, Options, documents as documents_of};
use mailsrv::hosting::ispdb::{self, Imported, Reason};
use mailsrv::hosting::{Columns, Login, file};
use mailsrv::name::plain_text;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::service::{Label, Service, TlsMode};

use crate::program::{mailsrv, text};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ispdb")
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder can be read");
    let files = files.map(|file| file.expect("the folder can be read").path());
    let mut documents: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "xml")).collect();
    documents.sort();
    assert!(!documents.is_empty(), "{} has no *.xml", folder.display());
    documents
}

#[track_caller]
fn import(args: &[&str], code: i32) -> Output {
    let output = mailsrv(std::iter::once("import").chain(args.iter().copied()));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
    output
}

#[test]
fn every_sample_is_imported_as_the_profile_beside_it() {
    for document in documents(&samples()) {
        let shown = document.display().to_string();
        let profile = document.with_extension("yaml");
        let output = mailsrv(["import", &shown]);
        let (printed, told) = (text(&output.stdout), text(&output.stderr));
        if std::env::var_os("UPDATE").is_some() && !printed.is_empty() {
            fs::write(&profile, &printed).expect("the folder is writable");
        }
        let shipped = fs::read_to_string(&profile).unwrap_or_default();
        assert_eq!(shipped, printed, "{}: UPDATE=1 rewrites it", profile.display());
        if printed.is_empty() {
            assert_eq!(output.status.code(), Some(2), "{shown}: {told}");
            continue;
        }
        let octets = fs::read(&document).expect("it can be read");
        let imported = ispdb::read(&octets).expect("the program has read it");
        let losses = imported.losses.iter().map(|loss| format!("{shown}: {loss}\n"));
        assert_eq!(told, losses.collect::<String>());
        assert_eq!(file::parse(&printed, &shown).expect("a profile is made"), imported.hosting);
        agree(&document, &imported);
    }
}

#[test]
fn streams_and_exit_codes_of_an_import() {
    let samples = samples();
    let path = |name: &str| samples.join(name).display().to_string();
    let (ordinary, cleartext) = (path("ordinary.xml"), path("cleartext.xml"));
    assert_eq!(text(&import(&["-q", &path("logins.xml")], 0).stderr), "");
    let told = text(&import(&[&cleartext], 2).stderr);
    assert!(told.starts_with(&format!("error: {cleartext}: every server")), "{told}");
    assert!(text(&import(&["no/such.xml"], 2).stderr).contains("cannot read no/such.xml"));
    let told = text(&import(&[&path("")], 2).stderr);
    assert!(told.contains("hint: name a folder for the profiles with -o DIR"), "{told}");
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let profile = place.path().join("profile.yaml").display().to_string();
    assert_eq!(import(&[&ordinary, "-o", &profile], 0).stdout, b"");
    assert_eq!(fs::read(&profile).expect("it is written"), import(&[&ordinary], 0).stdout);
    let told = text(&import(&[&place.path().display().to_string(), "-o", &profile], 2).stderr);
    assert!(told.contains("there is no *.xml in"), "{told}");
}

#[test]
fn a_folder_gives_a_profile_for_each_document_that_has_one() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let to = place.path().join("profiles");
    let args = [samples().display().to_string(), "-o".to_owned(), to.display().to_string()];
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = import(&args, 3);
    let told = text(&output.stderr);
    let documents = documents(&samples());
    let count = documents.len() - 1;
    let whole = documents.iter().filter(|path| {
        let octets = fs::read(path).expect("it can be read");
        ispdb::read(&octets).is_ok_and(|imported| imported.losses.is_empty())
    });
    let partial = count - whole.count();
    let summary = format!("{count} imported, {partial} of them with losses; 1 refused\n");
    assert!(told.ends_with(&summary), "{told}");
    assert!(told.contains("cleartext.xml: every server"), "{told}");
    assert_eq!(text(&import(&[&["-q"], args.as_slice()].concat(), 3).stderr).lines().count(), 1);
    for document in documents.iter().filter(|path| !path.ends_with("cleartext.xml")) {
        let name = document.with_extension("yaml");
        let written = fs::read(to.join(name.file_name().expect("it has a name")));
        assert_eq!(written.expect("it is written"), fs::read(&name).expect("it is shipped"));
    }
    assert!(!to.join("cleartext.yaml").exists());
}

/// A whole collection of documents, such as that of Thunderbird: `MAILSRV_ISPDB=DIR` names it.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are quoted in reviews")]
fn a_corpus_of_ispdb_documents_is_imported_or_refused_with_the_reason() {
    let Some(folder) = std::env::var_os("MAILSRV_ISPDB") else { return };
    let documents = documents(Path::new(&folder));
    let (mut imports, mut lossy, mut kinds) = (0, 0, BTreeMap::new());
    let mut refused = BTreeMap::new();
    for document in &documents {
        let octets = fs::read(document).expect("it can be read");
        match ispdb::read(&octets) {
            Ok(imported) => {
                let written = file::write(&imported.hosting);
                let again = file::parse(&written, "imported").expect("a profile is made");
                assert_eq!(again, imported.hosting);
                agree(document, &imported);
                imports += 1;
                lossy += usize::from(!imported.losses.is_empty());
                for loss in &imported.losses {
                    *kinds.entry(kind(&loss.reason)).or_insert(0) += 1;
                }
            }
            Err(error) => {
                let names: &mut Vec<_> = refused.entry(error.to_string()).or_default();
                names.push(document.file_stem().unwrap_or_default().to_owned());
            }
        }
    }
    println!("{} documents, {imports} imported, {lossy} of them with losses", documents.len());
    kinds.iter().for_each(|(kind, count)| println!("{count:4} {kind}"));
    refused.iter().for_each(|(error, names)| println!("{} refused: {error}", names.len()));
    assert!(imports > 0);
}

/// The name of a reason, without what it quotes.
fn kind(reason: &Reason) -> String {
    let shown = format!("{reason:?}");
    shown.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// A server as a document lists it, read in another way than the program reads it.
#[derive(Debug)]
struct Listed {
    place: String,
    label: Label,
    host: String,
    port: u16,
    user: String,
}

/// The servers of a document that could be offered by themselves.
fn listed(document: &str) -> Vec<Listed> {
    let provider = document.split("</emailProvider>").next().unwrap_or_default();
    let mut listed = Vec::new();
    for element in ["incomingServer", "outgoingServer"] {
        let blocks: Vec<&str> = provider.split(&format!("<{element} ")).skip(1).collect();
        for (index, block) in blocks.iter().enumerate() {
            let block = block.split(&format!("</{element}>")).next().unwrap_or_default();
            let inner = |name: &str| {
                let (_, rest) = block.split_once(&format!("<{name}>"))?;
                Some(rest.split_once(&format!("</{name}>"))?.0.trim())
            };
            let service = match block.split('"').nth(1) {
                Some("imap") => Service::Imap,
                Some("pop3") => Service::Pop3,
                Some("smtp") => Service::Submission,
                _ => continue,
            };
            let mode = match inner("socketType") {
                Some("SSL") => TlsMode::Implicit,
                Some("STARTTLS") => TlsMode::StartTls,
                _ => continue,
            };
            let Some(port) = inner("port").and_then(|port| port.parse().ok()) else { continue };
            let Some(host) = inner("hostname") else { continue };
            let number = if blocks.len() > 1 { format!("[{}]", index + 1) } else { String::new() };
            listed.push(Listed {
                place: format!("{element}{number}"),
                label: service.label(mode),
                host: host.replace("%EMAILDOMAIN%", DOMAIN).to_lowercase(),
                port,
                user: inner("username").unwrap_or_default().to_owned(),
            });
        }
    }
    listed
}

const DOMAIN: &str = "customer.example";

/// Whether a loss is that of a whole server, and not of a detail.
fn takes_server(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Cleartext
            | Reason::SocketType { .. }
            | Reason::Missing { .. }
            | Reason::Host { .. }
            | Reason::Port { .. }
            | Reason::WrongMode { .. }
            | Reason::Repeated
            | Reason::TooManyServers
            | Reason::Type { .. }
    )
}

/// The document that the profile makes lists the same servers: IMAP before POP3, TLS before STARTTLS,
/// and else in the order of the original.
#[track_caller]
fn agree_in_document(path: &Path, plan: &RecordPlan, imported: &Imported, kept: &[Listed]) {
    let options = Options { alternatives: true, ..Options::default() };
    let made = documents_of(plan, &imported.hosting, &options).made;
    let document = made.into_iter().find(|document| document.kind == Kind::Autoconfig);
    let offers = |service: Service| kept.iter().any(|listed| listed.label.service() == service);
    let is_whole = offers(Service::Submission) && (offers(Service::Imap) || offers(Service::Pop3));
    assert_eq!(document.is_some(), is_whole, "{}", path.display());
    let Some(document) = document else { return };
    let servers = |servers: &[Listed]| -> Vec<_> {
        let of_label = |label| servers.iter().filter(move |listed| listed.label == label);
        let servers = Label::ALL.into_iter().flat_map(of_label);
        servers.map(|listed| (listed.label, listed.host.clone(), listed.port)).collect()
    };
    assert_eq!(servers(&listed(&document.text)), servers(kept), "{}", path.display());
}

/// Every server of the document is planned in its order, or told as a loss; nothing else is planned.
#[track_caller]
fn agree(path: &Path, imported: &Imported) {
    let document = fs::read_to_string(path).expect("it is UTF-8");
    let domain = DOMAIN.parse().expect("it is a domain");
    let plan = plan(&domain, &imported.hosting, &Columns::default()).expect("it is planned");
    // The place of a server in a path, such as `emailProvider/incomingServer[2]/port`.
    let server = |path: &str| path.split('/').nth(1).map(str::to_owned);
    let losses = || imported.losses.iter().filter(|loss| loss.path.starts_with("emailProvider"));
    let lost: BTreeSet<String> = losses()
        .filter(|loss| takes_server(&loss.reason))
        .filter_map(|loss| server(&loss.path))
        .collect();
    let kept: Vec<Listed> =
        listed(&document).into_iter().filter(|listed| !lost.contains(&listed.place)).collect();
    for label in Label::ALL {
        let of_label = kept.iter().filter(|listed| listed.label == label);
        let wanted: Vec<_> =
            of_label.map(|listed| (listed.host.as_str().to_owned(), listed.port)).collect();
        let mut offered: Vec<_> = plan.label(label).offered().collect();
        offered.sort_by_key(|srv| (srv.priority, Reverse(srv.weight)));
        let planned: Vec<_> =
            offered.iter().map(|srv| (plain_text(&srv.target).to_lowercase(), srv.port)).collect();
        assert_eq!(planned, wanted, "{}: {label}", path.display());
        let best = plan.label(label).best().map(|srv| plain_text(&srv.target).to_lowercase());
        assert_eq!(best, wanted.first().map(|(host, _)| host.clone()), "{}", path.display());
    }
    agree_in_document(path, &plan, imported, &kept);
    for listed in &kept {
        let wanted = match listed.user.as_str() {
            "%EMAILADDRESS%" => Login::FullAddress,
            "%EMAILLOCALPART%" => Login::LocalPart,
            _ => continue,
        };
        let is_lost = losses().any(|loss| {
            loss.reason == Reason::OtherLogin && server(&loss.path).as_ref() == Some(&listed.place)
        });
        let login = plan.login(listed.label.service());
        assert_eq!(*login == wanted, !is_lost, "{}: {listed:?}", path.display());
    }
}
