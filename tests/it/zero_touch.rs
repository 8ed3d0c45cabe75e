//! What sets customers up without a record of their own, and what each further record adds.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::forecast::World;
use crate::program::{mailsrv, text};

/// The steps of a profile.
fn steps(profile: &str) -> Vec<Value> {
    let output = mailsrv(["forecast", "--provider", "-p", profile, "-f", "json"]);
    let lines = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|word| word.as_str().expect("a word")).collect()
}

#[test]
fn mail_exchanges_alone_set_some_clients_up_and_each_step_adds_others() {
    let steps = steps("zones/groupware.yaml");
    let adds: Vec<_> = steps.iter().map(|step| words(&step["adds"])).collect();
    let alone = ["thunderbird", "thunderbird-android", "gnome-online-accounts", "fairemail"];
    assert_eq!(adds[0], alone);
    let records: Vec<_> = steps.iter().map(|step| words(&step["records"])).collect();
    assert_eq!(records[1], ["autoconfig.customer.example. 3600 IN CNAME mail.provider.example."]);
    // Neither record of these adds anybody without the other.
    assert_eq!((records[2].len(), &adds[2][..]), (2, &["balsa", "horde"][..]));
    for two in steps.windows(2) {
        let mut works = words(&two[0]["works"]);
        works.retain(|client| !words(&two[1]["loses"]).contains(client));
        works.extend(words(&two[1]["adds"]));
        let mut now = words(&two[1]["works"]);
        assert!(now.len() > words(&two[0]["works"]).len());
        works.sort_unstable();
        now.sort_unstable();
        assert_eq!(works, now);
    }
}

#[test]
fn each_step_is_what_zones_and_documents_of_the_program_foretell() {
    let profile = "zones/groupware.yaml";
    let world = World::new("");
    let made = |args: &[&str]| {
        let (code, page, said) = world.plain(&[args, &["-p", profile]].concat());
        assert_eq!(code, Some(0), "{said}");
        page
    };
    made(&["documents", "--provider", "-o", "%provider"]);
    made(&["documents", "customer.example", "-o", "%customer"]);
    fs::create_dir(world.path("www")).expect("it is writable");
    for (host, site) in [
        ("autoconfig.provider.example", "provider"),
        ("mail.provider.example", "provider"),
        ("autoconfig.customer.example", "customer"),
        ("autodiscover.customer.example", "customer"),
        ("ua-auto-config.customer.example", "customer"),
    ] {
        symlink(world.path(site), world.path("www").join(host)).expect("it is writable");
    }
    let soa = |apex: &str| format!("$TTL 60\n{apex}. SOA ns.example. h.example. 1 2 3 4 5\n");
    let provider = soa("provider.example") + &made(&["generate", "--provider"]);
    world.write("provider.zone", &provider);
    let mut zone = soa("customer.example");
    for step in steps(profile) {
        for record in words(&step["records"]) {
            zone.extend([record, "\n"]);
        }
        world.write("customer.zone", &zone);
        let lines = world.plain(&[
            "forecast",
            "customer.example",
            "-p",
            profile,
            "--zone",
            "%customer.zone",
            "--zone",
            "%provider.zone",
            "--documents",
            "%www",
            "-f",
            "json",
        ]);
        let lines = lines.1.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
        let works = lines.filter(|line| line["works"] == Value::Bool(true));
        let works: Vec<String> =
            works.map(|line| line["client"].as_str().expect("a name").to_owned()).collect();
        assert_eq!(works, words(&step["works"]), "{zone}");
    }
}

#[test]
fn people_are_told_what_each_record_adds_and_why_the_others_fail() {
    let output = mailsrv(["forecast", "--provider", "-p", "zones/several-servers.yaml"]);
    let (page, said) = (text(&output.stdout), text(&output.stderr));
    assert!(said.starts_with("note: the profile has no `mx`"), "{said}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let plain = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "clients: Thunderbird, Thunderbird for Android, GNOME Online Accounts and FairEmail",
        "customer.example. MX 10 mail.provider.example. 4 of ",
        "+ _pop3s._tcp.customer.example. SRV 20 1 995 pop.provider.example.",
        "; new: Claws Mail (POP3)",
        "No more clients by ",
        "Apple Mail: it finds no incoming server",
    ] {
        assert!(plain.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_profile_whose_hosts_are_those_of_customers_has_no_such_customer() {
    let world = World::new("");
    let rest = "imap: true\nsubmission: true\nautoconfig: true\n";
    let elsewhere = "host: mail.provider.example\nmx: { host: mx.filter.example }\n";
    world.write("elsewhere", &[elsewhere, rest].concat());
    world.write("below", &["host: \"{domain}.customers.provider.example\"\n", rest].concat());
    for (options, said) in [
        (&["-p", "zones/hosting.yaml"][..], "the hosts of the profile depend on the mail domain"),
        (
            &["-p", "zones/server-hostname.yaml"],
            "depends on `server`, which each customer has its own of\nhint: give them a value by --set",
        ),
        (&["-p", "zones/groupware.yaml", "example.com"], "cannot be used with"),
        (&["-p", "zones/groupware.yaml", "--rate", "5"], "cannot be used with"),
        (&["-p", "zones/groupware.yaml", "--probe-private"], "cannot be used with"),
        (
            &["-p", "%elsewhere"],
            "the provider's own zone: there is nothing to publish in provider.example",
        ),
        (&["-p", "%below"], "the hosts of the profile depend on the mail domain"),
        (&["-p", "zones/groupware.yaml", "--zone", "zone"], "cannot be used with"),
    ] {
        let options: Vec<String> = options
            .iter()
            .map(|option| {
                option
                    .strip_prefix('%')
                    .map_or_else(|| (*option).to_owned(), |it| world.path(it).display().to_string())
            })
            .collect();
        let first = ["forecast", "--provider"].map(str::to_owned);
        let output = mailsrv(first.into_iter().chain(options));
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), stderr.contains(said)), (Some(2), true), "{stderr}");
    }
    let one = ["--set", "server=srv7.provider.example", "-p", "zones/server-hostname.yaml"];
    let output = mailsrv([&["forecast", "--provider"], &one[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
