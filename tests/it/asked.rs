//! What mail clients ask DNS for, held against what was measured.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mailsrv::forecast::{CLIENTS, Client, Facts, Want, World, foretell};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::lookup::Lookup as _;
use mailsrv::lookup::zones::{ZoneFile, Zones};
use mailsrv::name::MailDomain;
use mailsrv::page::Page;
use mailsrv::plan::plan;
use mailsrv::zonefile::Scanner;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forecast")
}

/// The SRV labels that a client asks for in a scenario where nothing is served on the web.
fn asked(client: &Client, scenario: &str) -> BTreeSet<String> {
    let scenarios = folder().join("scenarios");
    let read = |path: PathBuf| {
        let text = fs::read(&path).expect("it stands there");
        ZoneFile::read(&mut Scanner::new(text.as_slice(), "zone", None)).expect("a zone")
    };
    let zones = [scenarios.join(scenario).join("zone"), scenarios.join("provider.zone")];
    let zones = Zones::of(zones.map(read).into(), None);
    let domain: MailDomain = "example.test".parse().expect("a mail domain");
    let plan = plan(&domain, &Hosting::documented(), &Columns::default()).expect("a plan");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut facts = Facts::of(&plan);
    let mut asked = BTreeSet::new();
    loop {
        let world = World::new(&facts);
        let told = foretell(&world, client, || &[]);
        let wanted = world.wanted();
        if told.is_some() {
            return asked;
        }
        for want in wanted {
            match want {
                Want::Page(request, at) => facts.show(request, &at, Page::missing()),
                Want::Sighting(endpoint) => unreachable!("nobody is visited: {endpoint}"),
                Want::Answer(question) => {
                    let text = question.name.to_string();
                    let label = text.strip_suffix("._tcp.example.test.");
                    asked.extend(label.map(str::to_owned));
                    let answer = runtime.block_on(zones.ask_about(&domain, &question));
                    facts.tell(question, answer);
                }
            }
        }
    }
}

#[test]
fn clients_ask_for_the_labels_they_were_seen_to_ask_for() {
    let rows = fs::read_to_string(folder().join("asked.csv")).expect("it stands beside");
    let scenarios = fs::read_dir(folder().join("scenarios")).expect("a folder");
    let scenarios = scenarios.map(|it| it.expect("it is readable").path());
    let scenarios: Vec<_> = scenarios.filter(|path| path.is_dir()).collect();
    let rows = rows.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let (name, labels) = row.split_once(',').expect(row);
        let client = CLIENTS.iter().find(|client| client.name == name).expect(name);
        let name_of =
            |path: &PathBuf| path.file_name().expect("a name").to_str().expect("plain").to_owned();
        let asked: BTreeSet<_> =
            scenarios.iter().flat_map(|it| asked(client, &name_of(it))).collect();
        let seen: BTreeSet<_> =
            labels.split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        assert_eq!(asked, seen, "{name}");
        count += 1;
    }
    assert_eq!((count, scenarios.len()), (11, 30));
}
