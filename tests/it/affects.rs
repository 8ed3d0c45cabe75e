//! Audits with forecasts: what clients make of a domain, and what each remedy does to them.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::forecast::World;
use crate::program::mailsrv;

/// The zone of a domain with a port under the wrong label, a doubled suffix, and records that are missing.
const ZONE: &str = "\
@ SOA ns h 1 2 3 4 5
mail A 192.0.2.25
mail AAAA 2001:db8::25
@ MX 10 mail
_imaps._tcp SRV 0 1 993 mail
_submissions._tcp SRV 0 1 587 mail
_submission._tcp SRV 10 1 587 mail.example.test.example.test.
";

const PROFILE: &str = "host: mail.example.test\nimap: true\nsubmission: true\nautoconfig: true\n";

fn world(zone: &str) -> World {
    let world = World::new(zone);
    world.write("profile.yaml", PROFILE);
    world
}

/// The JSON line of an audit.
fn line(world: &World, args: &[&str]) -> Value {
    let all = [&["example.test", "--forecast", "-f", "json"], args].concat();
    let (_, line, said) = world.run("audit", &all);
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// What remedies do to clients, by the codes of findings: whom they affect, and of whom nobody knows.
fn effects(line: &Value) -> BTreeMap<String, [Vec<String>; 2]> {
    let findings = line["findings"].as_array().expect("findings").iter();
    let weighed = findings.filter(|finding| finding["affects"].is_array());
    let of = |finding: &Value| {
        let code = finding["code"].as_str().expect("a code").to_owned();
        (code, [words(&finding["affects"]), words(&finding["unknown_for"])])
    };
    weighed.map(of).collect()
}

/// A document that clients for which it is meant take.
fn document() -> String {
    let path = "tests/forecast/sources/path-of-gnome/documents/autoconfig.example.test/.well-known/mail-v1.xml";
    fs::read_to_string(path).expect("it is shipped").replace("srv.", "mail.")
}

/// What becomes of each client.
fn outcomes(world: &World) -> Vec<Value> {
    let (_, lines, _) =
        world.forecast(&["example.test", "-f", "json", "--documents", "%documents"]);
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The clients that become something else.
fn changed(with: &[Value], without: &[Value]) -> Vec<String> {
    let outcome = |line: &Value| ["incoming", "outgoing", "works"].map(|field| line[field].clone());
    let both = with.iter().zip(without);
    let changed = both.filter(|(with, without)| outcome(with) != outcome(without));
    changed.map(|(with, _)| with["client"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_finding_names_the_clients_for_which_its_remedy_changes_the_outcome() {
    let world = world(ZONE);
    world.write("documents/web.yaml", "");
    let line = line(&world, &["--documents", "%documents"]);
    let effects = effects(&line);
    let of = |code: &str| effects[code].each_ref().map(|clients| clients.join(" "));
    assert_eq!(of("target-doubled-suffix"), ["claws claws+pop3 aerc aerc-new", ""]);
    let port = "evolution fairemail himalaya pim-discovery msmtp horde";
    assert_eq!(of("port-contradicts-label"), [port, ""]);
    // One prefers STARTTLS, and nothing is served where the alias leads.
    assert_eq!([of("srv-missing"), of("alias-missing")], [["aerc-new", ""], ["", ""]]);
    let codes = effects.keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        codes,
        [
            "alias-missing",
            "denial-missing",
            "port-contradicts-label",
            "srv-missing",
            "target-doubled-suffix"
        ]
    );
    // The outcome of a client is what a world with the remedy done foretells.
    let mended = ZONE.replace("587 mail.example.test.example.test.", "587 mail");
    let mended = World::new(&mended);
    mended.write("profile.yaml", PROFILE);
    mended.write("documents/web.yaml", "");
    let changed = changed(&outcomes(&mended), &outcomes(&world));
    assert_eq!(changed.join(" "), of("target-doubled-suffix")[0]);
}

/// Two services that are found nowhere, with the remedies of some of them done.
fn two_services(is_mended: [bool; 2]) -> World {
    let [imap, submission] = is_mended;
    let imap = if imap { "_imaps._tcp" } else { "_imaps.tcp" };
    let submission = if submission { "0 1 465 mail" } else { "0 0 0 ." };
    let zone = format!(
        "@ SOA ns h 1 2 3 4 5\nmail A 192.0.2.25\n@ MX 10 mail\n{imap} SRV 0 1 993 mail\n_submissions._tcp SRV {submission}\n"
    );
    let world = World::new(&zone);
    let services =
        "imap: { tls: 993, starttls: false }\nsubmission: { tls: 465, starttls: false }\n";
    world.write("profile.yaml", &format!("host: mail.example.test\n{services}pop3: false\n"));
    world.write("documents/web.yaml", "");
    world
}

/// The clients that work, in the words of the report.
fn working(line: &Value) -> Vec<String> {
    let forecast = line["forecast"].as_array().expect("a forecast").iter();
    let works = forecast.filter(|it| it["works"] == true);
    works.map(|it| it["client"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn remedies_that_help_only_together_are_told_apart_from_those_that_change_nothing() {
    let documents = ["--documents", "%documents"];
    let world = two_services([false; 2]);
    let broken = line(&world, &documents);
    let together = |code: &str| {
        let mut findings = broken["findings"].as_array().expect("findings").iter();
        let finding = findings.find(|it| it["code"] == code).expect(code);
        words(&finding["affects_together"])
    };
    // One of them sets up an account for reading alone, and none for sending alone.
    let each: [(&str, &[&str]); 2] =
        [("owner-misplaced", &["fairemail"]), ("service-denied", &["fairemail", "himalaya"])];
    for (code, clients) in each {
        assert_eq!(together(code), clients, "{code}");
        assert!(!effects(&broken)[code][0].iter().any(|it| it == "fairemail"), "{code}");
    }
    assert!(together("denial-missing").is_empty());
    // Each by itself leaves such a client as it was, and both make it what is foretold of all.
    let [first, second, both] = [[true, false], [false, true], [true, true]]
        .map(|is_mended| line(&two_services(is_mended), &documents));
    for one in [&first, &second] {
        assert!(!working(one).iter().any(|it| it == "fairemail"));
    }
    assert_eq!(words(&broken["forecast_remedied"]["works"]), working(&both));
    assert!(working(&both).iter().any(|it| it == "fairemail"));
    let (_, page, _) =
        world.run("audit", &["example.test", "--forecast", documents[0], documents[1]]);
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let sum = format!(
        "{} of 21 clients work; with all remedies {} do.",
        working(&broken).len(),
        working(&both).len()
    );
    assert!(page.contains(&sum), "{page}");
    assert!(page.contains(", and with the other remedies for FairEmail and himalaya."), "{page}");
}

#[test]
fn what_nobody_knows_is_no_lack_of_an_effect() {
    // Nobody fetches what stands where the alias leads.
    let effects = effects(&line(&world(ZONE), &[]));
    let [affected, unknown] = &effects["alias-missing"];
    assert!(affected.is_empty() && unknown.iter().any(|client| client == "thunderbird"));
    assert!(!unknown.iter().any(|client| client == "claws"));
    let (_, page, _) = world(ZONE).run("audit", &["example.test", "--forecast"]);
    let count = unknown.len();
    let said = format!(
        "The remedy changes nothing for the clients that are foretold; unknown for {count}."
    );
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(&said), "{page}");
    assert!(page.contains(
        "The remedy changes the outcome for Claws Mail, Claws Mail (POP3), aerc and aerc (new)."
    ));
}

#[test]
fn a_remedy_that_leads_elsewhere_leads_to_what_is_served_there() {
    let zone = ZONE.to_owned() + "autoconfig CNAME six\nsix AAAA 2001:db8::80\n";
    let world = world(&zone);
    world.write("documents/autoconfig.example.test/mail/config-v1.1.xml", &document());
    world.write("documents/web.yaml", "ipv6: false\n");
    let effects = effects(&line(&world, &["--documents", "%documents"]));
    let [affected, _] = &effects["alias-wrong"];
    for client in ["thunderbird", "geary", "pim-discovery"] {
        assert!(affected.iter().any(|known| known == client), "{client}: {affected:?}");
    }
}

#[test]
fn a_remedy_at_the_end_of_an_alias_counts_on_the_way_there() {
    let zone = ZONE.replace(
        "mail A 192.0.2.25\nmail AAAA 2001:db8::25\n",
        "mail CNAME host\nhost A 192.0.2.25\n",
    );
    let world = world(&zone);
    world.write("documents/web.yaml", "");
    let line = line(&world, &["--documents", "%documents"]);
    // The same addresses under another name: nobody concludes anything else.
    let effects = effects(&line);
    let [affected, unknown] = &effects["target-alias"];
    assert_eq!((affected.len(), unknown.len()), (0, 0), "{line}");
}

/// Zones in which wildcards answer, or seem to, for names that are to be published.
const WILDCARDS: [&str; 5] = [
    // One for all services falls silent with the first of them, also where it said what is planned.
    "* SRV 10 1 587 mail\nautoconfig CNAME mail\n",
    // One that stands nearer goes on.
    "*._tcp SRV 10 1 587 mail\nautoconfig CNAME mail\n",
    // Beside it, what says the same is published already.
    "* SRV 10 1 587 mail\n_submission._tcp SRV 10 1 587 mail\nautoconfig CNAME mail\n",
    // Aliases, and the address of the other family.
    "* CNAME web\nweb A 192.0.2.80\nweb SRV 10 1 587 mail\nautoconfig CNAME mail\n",
    "* A 192.0.2.80\n* AAAA 2001:db8::80\n_submission._tcp SRV 10 1 587 mail\n",
];

fn under_a_wildcard(records: &str, published: &[&str]) -> World {
    let zone = "@ SOA ns h 1 2 3 4 5\n@ MX 10 mail\nmail A 192.0.2.25\n";
    let world = world(&[zone, records, &published.join("\n"), "\n"].concat());
    let services =
        "imap: { tls: true, starttls: false }\nsubmission: { tls: false, starttls: true }\n";
    let profile = format!("host: mail.example.test\n{services}pop3: false\nautoconfig: true\n");
    world.write("profile.yaml", &profile);
    world.write("documents/autoconfig.example.test/mail/config-v1.1.xml", &document());
    world.write("documents/web.yaml", "");
    world
}

#[test]
fn a_remedy_takes_from_clients_what_a_wildcard_told_them() {
    let mut count = 0;
    for records in WILDCARDS {
        let as_it_is = under_a_wildcard(records, &[]);
        let without = outcomes(&as_it_is);
        let report = line(&as_it_is, &["--documents", "%documents"]);
        let findings = report["findings"].as_array().expect("findings").iter();
        let weighed: Vec<_> = findings.filter(|it| it["affects"].is_array()).collect();
        for finding in &weighed {
            let fixes = finding["fix"].as_array().expect("a remedy").iter();
            let published = fixes.map(|fix| {
                assert_eq!(fix["action"], "publish", "{finding}");
                fix["record"].as_str().expect("a record")
            });
            let mended = under_a_wildcard(records, &published.collect::<Vec<_>>());
            assert_eq!(
                words(&finding["affects"]),
                changed(&outcomes(&mended), &without),
                "{finding}"
            );
            assert!(words(&finding["unknown_for"]).is_empty(), "{finding}");
        }
        count += weighed.len();
    }
    assert_eq!(count, 11);
}

#[test]
fn the_forecast_in_a_report_is_that_of_the_command() {
    let world = world(ZONE);
    world.write("documents/web.yaml", "");
    let line = line(&world, &["--documents", "%documents"]);
    let (_, lines, _) =
        world.forecast(&["example.test", "-f", "json", "--documents", "%documents"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    // What is null there is left out in a report, and so is the domain that all are about.
    let known = lines.map(|line| {
        let without = |(name, value): (String, Value)| {
            let value = match value {
                Value::Object(fields) => fields.into_iter().filter(|it| !it.1.is_null()).collect(),
                value => value,
            };
            (!value.is_null() && name != "domain").then_some((name, value))
        };
        let Value::Object(fields) = line else { panic!("{line}") };
        Value::Object(fields.into_iter().filter_map(without).collect())
    });
    assert_eq!(line["forecast"], Value::Array(known.collect()));
    let (_, alone, _) = world.run("audit", &["example.test", "-f", "json"]);
    assert!(!alone.contains("\"affects\"") && !alone.contains("\"forecast\""));
}

#[test]
fn reports_that_are_made_of_a_report_tell_the_same() {
    let world = world(&(ZONE.to_owned() + "sub MX 10 mail\n"));
    world.write("documents/web.yaml", "");
    world.write("list", "example.test\nsub.example.test\nno domain\n");
    let options =
        ["--input", "%list", "--forecast", "--documents", "%documents", "--observed", "always"];
    let of = |format: &str| world.run("audit", &[&options[..], &["-f", format]].concat()).1;
    world.write("report.jsonl", &of("json"));
    for format in ["text", "json", "html"] {
        let (_, merged, said) = world.plain(&["merge", "-f", format, "%report.jsonl"]);
        assert_eq!(merged, of(format), "{format}: {said}");
    }
    let text = of("text");
    let summed = "What would change most for mail clients:\n  nothing-published: 11 outcomes of clients in 1 domain\n";
    assert!(text.contains(summed), "{text}");
    assert!(of("html").contains("The remedy changes the outcome for"));
    // What is known is not told again, and a run that is gone on with has the rest.
    let changed = [&options[..], &["-f", "json", "--baseline", "%report.jsonl"]].concat();
    assert_eq!(world.run("audit", &changed).1, "");
    let (_, _, said) =
        world.run("audit", &[&options[..], &["-f", "json", "-o", "%whole.jsonl"]].concat());
    assert_eq!(
        fs::read_to_string(world.path("whole.jsonl")).expect("it is whole"),
        of("json"),
        "{said}"
    );
}

#[test]
fn a_recorded_run_is_foretold_again() {
    let record = ["example.test", "--forecast", "-f", "json", "--record", "%run.jsonl"];
    let replay = [
        "audit",
        "example.test",
        "-p",
        "%profile.yaml",
        "--forecast",
        "-f",
        "json",
        "--replay",
        "%run.jsonl",
    ];
    // Where records stand in files, a recording does not tell.
    let without_places = |line: &str| {
        let mut line: Value = serde_json::from_str(line).expect(line);
        for finding in line["findings"].as_array_mut().expect("findings") {
            let finding = finding.as_object_mut().expect("an object");
            finding.retain(|name, _| !matches!(name.as_str(), "file" | "line"));
        }
        line.as_object_mut().expect("an object").remove("place");
        line
    };
    for world in [world(ZONE), under_a_wildcard(WILDCARDS[0], &[])] {
        let (_, first, said) = world.run("audit", &record);
        let (_, again, _) = world.plain(&replay);
        assert_eq!(without_places(&again), without_places(&first), "{said}");
    }
}

#[test]
fn what_goes_with_no_forecast_is_refused() {
    let world = world(ZONE);
    for options in [
        &["--documents", "%documents"][..],
        &["--forecast", "--fix", "nsupdate"],
        &["--forecast", "--compare"],
        &["--forecast", "--documents", "%none/documents"],
    ] {
        let (code, _, said) = world.run("audit", &[&["example.test"][..], options].concat());
        assert_eq!((code, said.is_empty()), (Some(2), false), "{options:?}");
    }
}

#[test]
fn records_that_stay_keep_their_order_and_change_nobody() {
    let world = World::new(
        "@ SOA ns h 1 2 3 4 5
@ MX 10 a
a A 192.0.2.1
b A 192.0.2.2
old A 192.0.2.3
_imaps._tcp SRV 0 1 993 b
_imaps._tcp SRV 0 1 993 a
_imaps._tcp SRV 50 1 993 old
_submissions._tcp SRV 0 1 465 a
",
    );
    let imap = "imap: { servers: [{ host: a.example.test }, { host: b.example.test }], tls: 993, starttls: false }\n";
    let submission = "submission: { tls: 465, starttls: false }\n";
    world.write("profile.yaml", &["host: a.example.test\n", imap, submission].concat());
    world.write("documents/web.yaml", "");
    let effects = effects(&line(&world, &["--documents", "%documents"]));
    assert_eq!(effects["extra-record"], [Vec::<String>::new(), Vec::new()], "{effects:?}");
}

#[test]
fn shards_with_forecasts_and_without_are_of_two_runs() {
    let world = world(ZONE);
    world.write("documents/web.yaml", "");
    world.write("list", "example.test\na.example.test\nb.example.test\nc.example.test\n");
    let list = ["--input", "%list", "-f", "json", "-q"];
    let forecast = ["--forecast", "--documents", "%documents"];
    let made = |shard: &str, output: &str, more: &[&str]| {
        world.run("audit", &[&list[..], &["--shard", shard, "-o", output], more].concat());
    };
    made("1/2", "%one", &forecast);
    made("2/2", "%two", &[]);
    made("2/2", "%three", &forecast);
    let merge = |second: &str| {
        let [first, second] = ["one", second].map(|it| world.path(it).display().to_string());
        mailsrv(["merge", &first, &second, "-f", "json"])
    };
    assert_eq!(merge("two").status.code(), Some(2));
    assert_ne!(merge("three").status.code(), Some(2));
}
