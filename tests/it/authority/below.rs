//! Zones below the mail domain, whose servers are asked for themselves.

use serde_json::Value;

use super::*;

const SERVICES: &str = "_tcp.victim.test";

/// The records of the customer: those of its zone, and those of the services in a zone of their own.
fn parted() -> (String, String) {
    let records = records();
    let lines = records.lines().filter(|line| !line.starts_with([';', '$']));
    let (services, others): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.contains("._tcp "));
    (others.join("\n"), services.join("\n").replace("._tcp ", " "))
}

/// Both servers of the customer, whose zone delegates the services to these.
fn delegating(servers: &[&str]) -> Tree {
    let mut tree = Tree::plant(&format!("{PROVIDER}{TWO}"));
    let delegation: String = servers.iter().map(|server| format!("_tcp NS {server}\n")).collect();
    let zone = format!("{TWO_INSIDE}{delegation}{}\n", parted().0);
    for octet in [4, 5] {
        tree.serve(octet, &[(DOMAIN, &zone)]);
    }
    tree
}

/// The zone of the services, which names these servers.
fn services(servers: &[&str]) -> String {
    let named: String = servers.iter().map(|server| format!("@ NS {server}\n")).collect();
    format!("{named}{}\n", parted().1)
}

const PROVIDERS: [&str; 2] = ["ns1.provider.test.", "ns2.provider.test."];

#[test]
fn a_delegated_node_of_the_services_is_followed() {
    let mut tree = delegating(&PROVIDERS[..1]);
    // The provider serves it beside its own zone.
    tree.serve(9, &[PROVIDER_ZONE, (SERVICES, &services(&PROVIDERS[..1]))]);
    let said = audit_with(&tree, DOMAIN, &["--tries", "10", "--observed", "always"]);
    told(&said, "pass", &[]);
    assert_eq!(said.asked(), ["4", "5", "9"]);
    assert_eq!(said.report["servers"][1]["zone"], Value::Null);
    assert_eq!(said.report["servers"][2]["zone"], "_tcp.victim.test.");
    let observed = said.report["observed"].as_array().expect("it is an array");
    for answer in observed {
        let from = answer["from"]["address"].as_str();
        let is_below = field(answer, "name").ends_with("_tcp.victim.test.");
        assert_eq!(from, is_below.then_some("127.0.0.9"), "{answer}");
    }
}

#[test]
fn servers_of_a_zone_below_that_disagree_are_told_and_replay_so() {
    let mut tree = delegating(&PROVIDERS);
    let healthy = services(&PROVIDERS);
    tree.serve(9, &[PROVIDER_ZONE, (SERVICES, &healthy)]);
    tree.serve(6, &[(SERVICES, &healthy.replace(" 993 ", " 994 "))]);
    let said = audit(&tree);
    told(&said, "fail", &["servers-disagree", "port-unexpected"]);
    assert_eq!(
        said.message("servers-disagree"),
        "the servers of _tcp.victim.test hold different records at _imaps._tcp SRV"
    );
    let answers = &said.finding("servers-disagree")["answers"];
    let said_by = |at: usize| (addresses(&answers[at]["servers"]), answers[at]["data"][0].as_str());
    assert_eq!(said_by(0), (vec!["9"], Some("0 1 993 mail.provider.test.")));
    assert_eq!(said_by(1), (vec!["6"], Some("0 1 994 mail.provider.test.")));
    assert_eq!(addresses(&said.finding("port-unexpected")["servers"]), ["6"]);
    let dir = tempfile::TempDir::new().expect("there is a place for temporary files");
    for format in ["json", "text"] {
        let recording = dir.path().join(format).display().to_string();
        let common = ["audit", DOMAIN, "--host", HOST, "-f", format, "-v"];
        let options = tree.options();
        let options = options.iter().map(String::as_str);
        let live = ["--tries", "10", "--record", &recording];
        let live = mailsrv(common.iter().copied().chain(live).chain(options).collect::<Vec<_>>());
        let again = mailsrv([&common[..], &["--replay", &recording]].concat());
        assert_eq!(text(&live.stdout), text(&again.stdout));
        assert_eq!((live.status.code(), again.status.code()), (Some(1), Some(1)));
        let asked = "\n  Asked for _tcp.victim.test:\n    ns1.provider.test (127.0.0.9): serial 1\n    \
                     ns2.provider.test (127.0.0.6): serial 1\n";
        assert!(format == "json" || text(&live.stdout).contains(asked), "{}", text(&live.stdout));
    }
}

#[test]
fn what_a_zone_below_does_not_answer_is_laid_to_its_own_servers() {
    let mut tree = delegating(&PROVIDERS[..1]);
    // Nobody serves the zone at the provider's server.
    tree.serve(9, &[PROVIDER_ZONE]);
    let said = audit(&tree);
    told(&said, "unknown", &["server-lame"]);
    assert_eq!(
        said.message("server-lame"),
        "ns1.provider.test (127.0.0.9) does not answer for _tcp.victim.test: REFUSED"
    );
}

#[test]
fn a_server_that_points_to_the_zone_that_it_should_serve_is_lame() {
    let servers = [PROVIDERS[0], "ns2.victim.test."];
    let mut tree = delegating(&servers);
    tree.serve(9, &[PROVIDER_ZONE, (SERVICES, &services(&servers))]);
    let said = audit(&tree);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(said.asked(), ["4", "5", "9", "5"]);
    let failures = [1, 3].map(|at: usize| said.report["servers"][at]["failure"].as_str());
    assert_eq!(failures, [None, Some("lame")]);
}

#[test]
fn a_zone_below_that_names_other_servers_than_its_delegation_is_told() {
    let mut tree = delegating(&PROVIDERS[..1]);
    let zone = services(&PROVIDERS);
    tree.serve(9, &[PROVIDER_ZONE, (SERVICES, &zone)]);
    tree.serve(6, &[(SERVICES, &zone)]);
    let said = audit(&tree);
    told(&said, "warn", &["delegation-differs"]);
    assert_eq!(
        said.message("delegation-differs"),
        "ns2.provider.test serves _tcp.victim.test by the zone itself, and not by its delegation"
    );
}

#[test]
fn a_cut_that_no_server_points_to_is_found_where_they_serve_both_zones() {
    let servers = ["ns1.victim.test.", "ns2.victim.test.", PROVIDERS[1]];
    let mut tree = tree(TWO);
    let delegation: String = servers.iter().map(|server| format!("_tcp NS {server}\n")).collect();
    let zone = format!("{TWO_INSIDE}{delegation}{}\n", parted().0);
    let below = services(&servers);
    for octet in [4, 5] {
        tree.serve(octet, &[(DOMAIN, &zone), (SERVICES, &below)]);
    }
    tree.serve(6, &[(SERVICES, &below.replace(" 993 ", " 994 "))]);
    let said = audit(&tree);
    told(&said, "fail", &["servers-disagree", "port-unexpected"]);
    assert_eq!(addresses(&said.finding("port-unexpected")["servers"]), ["6"]);
}
