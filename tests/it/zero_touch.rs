//! What sets customers up without a record of their own, and what each further record adds.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

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
    let world = World::new("");
    let servers = fs::read_to_string("zones/several-servers.yaml").expect("it is there");
    world.write("profile", &(servers + "mx: { host: mail.provider.example }\n"));
    let (code, page, said) = world.plain(&["forecast", "--provider", "-p", "%profile"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
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
    let own = "host: mail.provider.example\nimap: true\nmx: { host: mx.provider.example }\n";
    world.write(
        "alias",
        &[own, "autoconfig: { alias: 'www.{domain}' }\nautodiscover: { srv: true }\n"].concat(),
    );
    world.write("below", &["host: \"{domain}.customers.provider.example\"\n", rest].concat());
    for (options, said) in [
        (&["-p", "zones/hosting.yaml"][..], "the profile names no host of the provider's own"),
        (
            &["-p", "zones/server-hostname.yaml"],
            "the profile names no host of the provider's own; give `--set server=…`",
        ),
        (&["-p", "zones/groupware.yaml", "example.com"], "cannot be used with"),
        (&["-p", "zones/groupware.yaml", "--rate", "5"], "cannot be used with"),
        (&["-p", "zones/groupware.yaml", "--probe-private"], "cannot be used with"),
        (&["-p", "%elsewhere"], "error: there is nothing to publish in provider.example"),
        (&["-p", "%below"], "the profile names no host of the provider's own; name one"),
        (&["-p", "%alias"], "the hosts of the profile depend on the mail domain, so nothing"),
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

/// What a run of a command over a profile with `--provider` says: its exit code and its first line on
/// standard error.
fn refusal(command: &[&str], profile: &Path) -> (Option<i32>, String) {
    let profile = profile.display().to_string();
    let output = mailsrv([command, &["--provider", "-p", &profile]].concat());
    let said = text(&output.stderr);
    let refused = said.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
    (output.status.code(), refused.to_owned())
}

#[test]
fn a_forecast_counts_on_what_the_provider_can_publish_and_serve_and_on_nothing_else() {
    let world = World::new("");
    let mut profiles: Vec<PathBuf> = Vec::new();
    let files = fs::read_dir("zones").expect("it is a folder");
    for path in files.map(|file| file.expect("it is readable").path()) {
        if path.extension().is_some_and(|it| it == "yaml") {
            // The same with a mail exchange of the provider's own.
            let name = path.file_name().and_then(|it| it.to_str()).expect("a name");
            let text = fs::read_to_string(&path).expect("it is readable");
            if !text.contains("\nmx:") {
                world.write(name, &(text + "\nmx: { host: mx.provider.example }\n"));
                profiles.push(world.path(name));
            }
            profiles.push(path);
        }
    }
    let [mut refused, mut unknown, mut derived] = [0; 3];
    for profile in &profiles {
        let shown = profile.display().to_string();
        let site = world.path("site").display().to_string();
        let served = refusal(&["documents", "-o", &site], profile);
        assert_eq!(refusal(&["forecast"], profile), served, "{shown}");
        if served.0 != Some(0) {
            refused += 1;
            continue;
        }
        let snippet = ["documents", "--provider", "--server", "nginx", "-p", &shown];
        let sites = text(&mailsrv(snippet).stdout);
        let has_names = sites.contains("server_name autoconfig.");
        let alone = steps(&shown).remove(0);
        assert_eq!(words(&alone["works"]).is_empty(), !has_names, "{shown}: {sites}");
        let published = mailsrv(["generate", "--provider", "-p", &shown]);
        if has_names {
            derived += 1;
            let leads = text(&published.stdout).contains("\nautoconfig ");
            let is_host = fs::read_to_string(profile).expect("it is readable");
            assert!(leads || is_host.contains("alias: autoconfig.provider.example"), "{shown}");
        } else {
            unknown += 1;
            assert_eq!(published.status.code(), Some(2), "{shown}");
        }
    }
    assert!(refused > 0 && unknown > 0 && derived > 0, "{refused} {unknown} {derived}");
}

#[test]
fn a_name_that_the_customers_lead_to_is_served_where_clients_derive_it() {
    let world = World::new("");
    let servers = fs::read_to_string("zones/several-servers.yaml").expect("it is there");
    world.write("profile", &(servers.clone() + "mx: { host: mx.provider.example }\n"));
    let snippet = ["documents", "--provider", "-p", "%profile", "--server", "nginx"];
    let (code, sites, said) = world.plain(&snippet);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    for name in ["autoconfig", "autodiscover"] {
        assert!(sites.contains(&format!("server_name {name}.provider.example;")), "{sites}");
    }
    world.write("without", &servers);
    let (_, _, said) = world.plain(&["forecast", "--provider", "-p", "%without"]);
    assert_eq!(
        said,
        "note: the profile has no `mx`, so the mail exchange is taken to be its host\n\
         note: the profile names no mail exchange of the provider's own under `mx`, and the names \
         that clients derive from it are not known\n"
    );
}
