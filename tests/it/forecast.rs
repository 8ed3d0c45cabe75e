//! Forecasts of what mail clients conclude, held against what was measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{mailsrv, text};

/// The cells that are not as measured: a scenario, a client, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("all", "deltachat", AC),
    ("all", "evolution", AC),
    ("all", "geary", AC),
    ("all", "pim-discovery", AC),
    ("all", "thunderbird", AC),
    ("both", "deltachat", AC),
    ("both", "evolution", AC),
    ("both", "geary", AC),
    ("both", "pim-discovery", AC),
    ("both", "thunderbird", AC),
    ("srv-priority", "aerc", SRV2),
    ("srv-priority", "claws", SRV2),
    ("srv-priority", "claws+pop3", SRV2),
    ("autoconfig-badcert", "deltachat", "it was run so that it takes any certificate"),
];

const AC: &str =
    "the document names a host that served in the measurement and is none of the profile";
const SRV2: &str =
    "a record names a host that served in the measurement and is none of the profile";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forecast")
}

/// What is foretold in a scenario of a folder, by client.
fn forecast(of: &str, scenario: &str) -> BTreeMap<String, Value> {
    let scenarios = folder().join("scenarios");
    let own = folder().join(of).join(scenario);
    let path = |path: PathBuf| path.display().to_string();
    let documents = own.join("documents");
    // A domain of which nothing is served has no folder, and git keeps no empty ones.
    let empty = tempfile::tempdir().expect("there is a place for temporary files");
    let documents = if documents.is_dir() { documents } else { empty.path().to_owned() };
    let zones = [own.join("zone"), own.join("elsewhere.zone"), scenarios.join("provider.zone")];
    let zones = zones.into_iter().filter(|zone| zone.is_file());
    let mut args = ["forecast", "example.test", "-f", "json"].map(str::to_owned).to_vec();
    args.extend(["-p".to_owned(), path(own.join("profile.yaml"))]);
    args.extend(zones.flat_map(|zone| ["--zone".to_owned(), path(zone)]));
    args.extend(["--documents".to_owned(), path(documents)]);
    let output = mailsrv(args);
    assert_eq!(output.status.code(), Some(0), "{scenario}: {}", text(&output.stderr));
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    lines.map(|line| (line["client"].as_str().expect("a name").to_owned(), line)).collect()
}

/// A server as a row of the measurement has it.
fn server(server: &Value) -> String {
    if server.is_null() {
        return ",,,".to_owned();
    }
    let word = |field: &str| server[field].as_str().expect(field).to_owned();
    format!("{},{},{},{}", word("protocol"), word("host"), server["port"], word("mode"))
}

#[test]
#[expect(clippy::print_stdout, reason = "the agreement is quoted in reviews")]
fn clients_conclude_what_they_were_seen_to() {
    let known = fs::read_to_string(folder().join("known.csv")).expect("it stands beside");
    let rows: Vec<&str> = known.lines().filter(|line| !line.starts_with('#')).collect();
    let mut forecasts: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    let mut agreement: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let mut fields = row.splitn(3, ',');
        let mut field = || fields.next().expect(row);
        let (scenario, client) = (field(), field());
        let told = forecasts.entry(scenario).or_insert_with(|| forecast("scenarios", scenario));
        let line = &told[client];
        let said = format!(
            "{scenario},{client},{},{},{},{},{}",
            line["version"].as_str().expect("a version"),
            server(&line["incoming"]),
            server(&line["outgoing"]),
            line["found"],
            line["works"],
        );
        let is_otherwise = OTHERWISE.iter().any(|it| (it.0, it.1) == (scenario, client));
        if (said == *row) == is_otherwise {
            wrong.push(format!("{row}\n  {said}\n  {}", line["why"]));
        }
        let [right, all] = agreement.entry(client).or_default();
        *right += usize::from(said == *row);
        *all += 1;
    }
    // Each is there for a reason.
    assert!(OTHERWISE.iter().all(|(_, _, reason)| !reason.is_empty()));
    for (client, [right, all]) in &agreement {
        println!("{client:14} {right} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((rows.len(), forecasts.len(), agreement.len()), (330, 30, 11));
}

#[test]
fn other_clients_conclude_what_their_sources_say() {
    let rows = fs::read_to_string(folder().join("sources.csv")).expect("it stands beside");
    let rows: Vec<&str> = rows.lines().filter(|line| !line.starts_with('#')).collect();
    let mut forecasts: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut clients = BTreeSet::new();
    for row in &rows {
        let mut fields = row.splitn(3, ',');
        let mut field = || fields.next().expect(row);
        let (scenario, client) = (field(), field());
        let told = forecasts.entry(scenario).or_insert_with(|| forecast("sources", scenario));
        let line = &told[client];
        let [incoming, outgoing] = ["incoming", "outgoing"].map(|field| server(&line[field]));
        let (found, works) = (&line["found"], &line["works"]);
        let said = format!("{scenario},{client},{incoming},{outgoing},{found},{works},");
        assert!(line["source"].as_str().is_some_and(|source| !source.is_empty()), "{line}");
        if !row.starts_with(&said) {
            wrong.push(format!("{row}\n  {said}\n  {}", line["why"]));
        }
        clients.insert(client);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sourced = forecasts["tls-only"].values().filter(|line| line["basis"] != "measured");
    for line in sourced {
        assert!(clients.contains(line["client"].as_str().expect("a name")), "{line}");
    }
}

/// The line of a client in a scenario of the sources.
fn line(scenario: &str, client: &str) -> Value {
    forecast("sources", scenario).remove(client).expect(client)
}

#[test]
fn the_change_that_mends_a_client_is_the_cheapest_that_does() {
    #[track_caller]
    fn check(scenario: &str, client: &str, change: Option<&str>, why: &str) {
        let line = line(scenario, client);
        assert_eq!(line["change"].as_str(), change, "{scenario} {client}");
        assert!(line["why"].as_str().expect("a sentence").contains(why), "{}", line["why"]);
    }
    check(
        "tls-only",
        "claws",
        Some("publish _submission._tcp.example.test. SRV 10 1 587 srv.example.test."),
        "it finds no outgoing server: it reads the SRV records of _imaps, _imap and _submission",
    );
    check(
        "other-port",
        "evolution",
        Some("publish _imaps._tcp.example.test. SRV 0 1 993 srv.example.test."),
        "IMAP srv.example.test:9143 STARTTLS, by the SRV records of _imap._tcp.example.test: the server is at 993 TLS and 143 STARTTLS",
    );
    // Two records are lacking.
    check(
        "web-page",
        "claws",
        Some(
            "publish the SRV records of _imaps._tcp.example.test., _imap._tcp.example.test., _pop3s._tcp.example.test., _pop3._tcp.example.test., _submissions._tcp.example.test. and _submission._tcp.example.test.",
        ),
        "it finds no incoming server",
    );
    check(
        "web-page",
        "geary",
        Some("serve the document at https://autoconfig.example.test/mail/config-v1.1.xml"),
        "config-v1.1.xml: what is served there is not what it reads",
    );
    check(
        "certificate-of-another",
        "deltachat",
        Some("serve the document at https://autoconfig.example.test/mail/config-v1.1.xml"),
        "the certificate is not for that host",
    );
    check(
        "redirected",
        "himalaya",
        Some("serve the document at https://autoconfig.example.test/mail/config-v1.1.xml"),
        "it points to https://web.example.test/config.xml, and redirects are not followed",
    );
    // No record and no document changes that.
    check(
        "certificate-of-another-server",
        "evolution",
        None,
        "the certificate there is for other hosts",
    );
    check(
        "ipv6-alone",
        "himalaya",
        None,
        "it saves nothing: IMAP srv.example.test:993 TLS, by the SRV records of _imaps._tcp.example.test: nothing answers there",
    );
    // The profile plans no name for documents.
    check(
        "tls-only",
        "thunderbird",
        Some(
            "serve the document at https://example.test/.well-known/autoconfig/mail/config-v1.1.xml",
        ),
        "it finds no incoming server",
    );
    check(
        "tls-only",
        "msmtp",
        Some("let users log in as user, too"),
        "it enters the login name user, and the server takes user@example.test",
    );
    check("tls-only", "apple-mail", None, "the configuration profile");
    check("tls-only", "evolution", None, "the SRV records of _imaps._tcp.example.test");
}

/// A folder with a zone and what the web serves.
pub(crate) struct World(tempfile::TempDir);

impl World {
    pub(crate) fn new(zone: &str) -> Self {
        let world = Self(tempfile::tempdir().expect("there is a place for temporary files"));
        world.write("zone", &format!("$ORIGIN example.test.\n$TTL 60\n{zone}"));
        world.write("profile.yaml", "host: mail.example.test\nimap: true\nsubmission: true\n");
        world
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it is writable");
        fs::write(path, content).expect("it is writable");
    }

    /// Runs a forecast; a `%` in an argument stands for the folder. What is said leaves it out.
    pub(crate) fn forecast(&self, args: &[&str]) -> (Option<i32>, String, String) {
        self.run("forecast", args)
    }

    /// Runs a command on the zone.
    pub(crate) fn run(&self, command: &str, args: &[&str]) -> (Option<i32>, String, String) {
        self.plain(&[&[command, "-p", "%profile.yaml", "--zone", "%zone"], args].concat())
    }

    /// Runs a command as it is written.
    pub(crate) fn plain(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let folder = format!("{}/", self.0.path().display());
        let output = mailsrv(args.iter().map(|arg| arg.replace('%', &folder)));
        let said = text(&output.stderr).replace(&folder, "");
        (output.status.code(), text(&output.stdout), said)
    }

    /// Where a file stands.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What is said of one client in JSON.
    fn line(&self, client: &str, args: &[&str]) -> Value {
        let all = [&["example.test", "-f", "json", "--client", client], args].concat();
        let (_, line, said) = self.forecast(&all);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

const SRV: &str = "\
@ SOA ns h 1 2 3 4 5
mail A 192.0.2.25
_imaps._tcp SRV 0 1 993 mail
_submissions._tcp SRV 0 1 465 mail
_submission._tcp SRV 10 1 587 mail
";

#[test]
fn what_nobody_could_find_out_is_unknown_and_not_missing() {
    // The document may stand at a host outside the zone.
    let world = World::new(&format!("{SRV}autoconfig CNAME web.provider.test.\n"));
    world.write("documents/web.yaml", "");
    let line = world.line("thunderbird", &["--documents", "%documents"]);
    assert_eq!([&line["found"], &line["works"]], [&Value::Null, &Value::Null]);
    let why = "it depends on A of web.provider.test: outside the zones at hand";
    assert_eq!(line["why"], why);
    // SRV records are enough for one that reads no other.
    let line = world.line("claws", &["--documents", "%documents"]);
    assert_eq!([&line["found"], &line["works"]], [&Value::from(true), &Value::from(true)]);
    // Nobody fetches anything without being told.
    let world = World::new(&format!("{SRV}autoconfig CNAME mail\n"));
    let line = world.line("thunderbird", &[]);
    assert_eq!([&line["found"], &line["works"]], [&Value::Null, &Value::Null]);
    assert!(line["why"].as_str().expect("a sentence").ends_with("the web was not asked"));
    let (code, ..) = world.forecast(&["example.test", "--client", "thunderbird"]);
    assert_eq!(code, Some(3));
}

#[test]
fn a_server_is_one_of_the_profile_by_an_address_that_both_have() {
    let zone = SRV.replace("993 mail", "993 imap");
    let line = World::new(&format!("{zone}imap A 192.0.2.25\n")).line("claws", &[]);
    assert_eq!(
        (&line["works"], &line["incoming"]["host"]),
        (&true.into(), &"imap.example.test".into())
    );
    let line = World::new(&format!("{zone}imap A 192.0.2.26\n")).line("claws", &[]);
    assert_eq!((&line["works"], &line["found"]), (&false.into(), &true.into()));
}

#[test]
fn mistakes_in_what_says_how_hosts_are_reached_are_pointed_at() {
    let world = World::new(SRV);
    for (settings, said) in [
        ("http: false\n", "unknown field `http`"),
        ("https: 1\n", "web.yaml:1:8"),
        ("redirects:\n  \"https://a.test/\": b.test\n", "web.yaml:2:22"),
    ] {
        world.write("documents/web.yaml", settings);
        let (code, _, stderr) = world.forecast(&["example.test", "--documents", "%documents"]);
        assert_eq!(code, Some(2));
        assert!(stderr.contains(said), "{stderr}");
    }
    let (code, _, stderr) = world.forecast(&["example.test", "--documents", "%none"]);
    let said = "note: none: there is no such folder, so nothing is served\n";
    assert_eq!((code, stderr.as_str()), (Some(0), said));
    // A folder beside it is likely meant; where not even the folder around it is there, none is.
    let (code, _, stderr) = world.forecast(&["example.test", "--documents", "%document"]);
    let said = "so nothing is served; did you mean `documents`?\n";
    assert_eq!((code, stderr.ends_with(said)), (Some(0), true), "{stderr}");
    let (code, _, stderr) = world.forecast(&["example.test", "--documents", "%none/documents"]);
    let said = "error: cannot read none/documents: ";
    assert_eq!((code, stderr.starts_with(said)), (Some(2), true), "{stderr}");
    let (code, _, stderr) = world.forecast(&["example.test", "--documents", "%zone"]);
    assert_eq!((code, stderr.starts_with("error: cannot read zone: ")), (Some(2), true));
}

#[test]
fn hosts_are_reached_as_the_folder_says() {
    let document =
        fs::read_to_string(folder().join(
            "sources/path-of-gnome/documents/autoconfig.example.test/.well-known/mail-v1.xml",
        ));
    let document = document.expect("it is shipped").replace("srv.", "mail.");
    let works = |zone: &str, settings: &str| {
        let world = World::new(&format!("{SRV}{zone}"));
        world.write("documents/autoconfig.example.test/mail/config-v1.1.xml", &document);
        world.write("documents/web.yaml", settings);
        ["geary", "thunderbird"].map(|client| {
            world.line(client, &["--documents", "%documents"])["works"].as_bool().expect("known")
        })
    };
    let v4 = "autoconfig A 192.0.2.80\n";
    assert_eq!(works(v4, ""), [true, true]);
    assert_eq!(works(v4, "https: false\n"), [false, true]);
    assert_eq!(works(v4, "certificate-lacks: [autoconfig.example.test]\n"), [false, true]);
    assert_eq!(works(v4, "certificate-lacks: [example.test]\n"), [true, true]);
    assert_eq!(works("autoconfig AAAA 2001:db8::80\n", ""), [true, true]);
    assert_eq!(works("autoconfig AAAA 2001:db8::80\n", "ipv6: false\n"), [false, false]);
    // Nothing is served by a host that DNS does not know.
    assert_eq!(works("", ""), [false, false]);
    let to =
        |url: &str| format!("redirects: {{ \"https://autoconfig.example.test/\": \"{url}\" }}\n");
    assert_eq!(works(v4, &to("https://none.example.test/")), [false, true]);
    assert_eq!(works(v4, &to("https://autoconfig.example.test/")), [false, true]);
    let there = to("http://autoconfig.example.test/mail/config-v1.1.xml");
    assert_eq!(works(v4, &there), [true, true]);
}

#[test]
fn a_list_is_summed_up() {
    let world = World::new(&format!("{SRV}sub MX 10 mail\n"));
    world.write("list", "example.test\nsub.example.test\nno domain\n");
    let clients = ["--client", "claws", "--client", "msmtp"];
    let (code, page, _) = world.forecast(&[&["--input", "%list"][..], &clients].concat());
    assert_eq!(code, Some(3));
    let lines: Vec<_> = page.lines().map(str::trim_end).collect();
    let part = |line: &str| assert!(lines.contains(&line), "{page}");
    part("2 domains, 1 refused");
    part("  Claws Mail  works for 1 and fails for 1");
    part("  msmtp       fails for 2");
    part("What would help most:");
    part("  let users log in as user, too (1 domain, 1 client in all)");
    assert!(lines.iter().any(|line| line.starts_with("no domain: ")), "{page}");
    let (_, page, _) =
        world.forecast(&[&["--input", "%list", "-f", "json"][..], &clients].concat());
    let lines: Vec<Value> =
        page.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let domains: Vec<_> =
        lines.iter().map(|line| line["domain"].as_str().expect("a name")).collect();
    let [one, two] = ["example.test", "sub.example.test"];
    assert_eq!(domains, [one, one, two, two, "no domain"]);
    assert!(lines[4]["error"].is_string());
}

#[test]
fn what_helps_each_customer_alike_is_one_change_where_each_has_hosts_of_its_own() {
    let profile = "host: '{server}'\nimap: true\nsubmission: true\nautoconfig: { alias: '{web}' }\n\
                   login: '{local-part}'\n";
    let world = World::new("@ SOA ns h 1 2 3 4 5\n");
    world.write("profile.yaml", profile);
    world.write("www/web.yaml", "");
    let mut list = "domain,server,web\n".to_owned();
    for number in 0..12 {
        let zone = format!(
            "$ORIGIN d{number}.test.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ MX 10 mx\nmx A 192.0.2.25\n\
             s{number} A 192.0.2.26\nw{number} A 192.0.2.27\n"
        );
        world.write(&format!("zones/d{number}.test"), &zone);
        let domain = format!("d{number}.test");
        let [server, web] = ["s", "w"].map(|host| format!("{host}{number}.{domain}"));
        list.extend([&domain, ",", &server, ",", &web, "\n"]);
    }
    world.write("list", &list);
    let clients = ["claws", "balsa", "thunderbird", "evolution"];
    let clients = clients.iter().flat_map(|client| ["--client", client]);
    let args = ["--input", "%list", "--zone", "%zones", "--documents", "%www"];
    let (_, page, said) = world.forecast(&args.into_iter().chain(clients).collect::<Vec<_>>());
    assert_eq!(said, "");
    let (_, helps) = page.split_once("What would help most:\n").expect("something helps");
    assert_eq!(
        helps,
        "  publish CNAME autoconfig, and serve /mail/config-v1.1.xml of autoconfig.DOMAIN\n    \
           (12 domains, 24 clients in all)\n  \
         publish the SRV records of _imaps._tcp, _imap._tcp, _submissions._tcp and\n    \
           _submission._tcp (12 domains, 12 clients in all)\n"
    );
}

#[test]
fn a_list_says_of_each_zone_what_is_said_of_it_alone() {
    let world = World::new("@ SOA ns h 1 2 3 4 5\nmx A 192.0.2.26\n");
    world.write("profile.yaml", "imap: true\nsubmission: true\nautoconfig: true\n");
    world.write("documents/autoconfig.d4.test/mail/config-v1.1.xml", "<clientConfig/>");
    let domains: Vec<String> = (0..9).map(|number| format!("d{number}.test")).collect();
    for (number, domain) in domains.iter().enumerate() {
        let more = if number % 3 == 0 { "_submission._tcp SRV 0 1 587 mail\n" } else { "" };
        // One leads to the server of another.
        let host = if number == 7 { "mail.d1.test." } else { "mail" };
        let zone = format!(
            "$ORIGIN {domain}.\n$TTL 60\n@ SOA ns h {number} 2 3 4 5\n@ MX 10 mx.example.test.\n\
             mail A 192.0.2.25\n_imaps._tcp SRV 0 1 993 {host}\nautoconfig CNAME mail\n{more}"
        );
        world.write(&format!("zones/{domain}"), &zone);
    }
    world.write("list", &domains.join("\n"));
    let options = ["-f", "json", "--documents", "%documents", "--zone", "%zones"];
    let (_, all, _) = world.forecast(&[&["--input", "%list"][..], &options].concat());
    let alone =
        domains.iter().map(|domain| world.forecast(&[&[domain.as_str()][..], &options].concat()).1);
    assert_eq!(all, alone.collect::<String>());
}

#[test]
fn a_list_says_of_each_domain_what_is_said_of_it_alone() {
    let of = |name: &str, more: &str| {
        format!("mail.{name} A 192.0.2.25\n_imaps._tcp.{name} SRV 0 1 993 mail.{name}\n{more}")
    };
    let mut zone = "@ SOA ns h 1 2 3 4 5\n".to_owned();
    let names: Vec<String> = (0..12).map(|number| format!("d{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        zone += &match number % 3 {
            0 => of(name, ""),
            1 => of(name, &format!("_submission._tcp.{name} SRV 0 1 587 mail.{name}\n")),
            _ => of(name, &format!("autoconfig.{name} A 192.0.2.80\n{name} MX 10 mx.d1\n")),
        };
    }
    let world = World::new(&zone);
    let document = "<clientConfig/>";
    world.write("documents/autoconfig.d8.example.test/mail/config-v1.1.xml", document);
    world.write("profile.yaml", "imap: true\nsubmission: true\nautoconfig: true\n");
    let domains: Vec<String> = names.iter().map(|name| format!("{name}.example.test")).collect();
    world.write("list", &domains.join("\n"));
    let options = ["-f", "json", "--documents", "%documents"];
    let (_, all, _) = world.forecast(&[&["--input", "%list"][..], &options].concat());
    let alone =
        domains.iter().map(|domain| world.forecast(&[&[domain.as_str()][..], &options].concat()).1);
    assert_eq!(all, alone.collect::<String>());
}
