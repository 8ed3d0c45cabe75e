//! Audits of every authoritative server, in a delegation tree on loopback.

mod below;
mod many;

use std::collections::BTreeSet;
use std::fs;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use serde_json::Value;

use crate::hostile::scripted::{Reply, refuse};
use crate::program::{field, mailsrv, printed, text};
use crate::servers::tree::{Tree, without_authority};
use crate::servers::{Zone, bind, knot, nsd, powerdns};

const DOMAIN: &str = "victim.test";

/// The host that the customer's records lead to, in a zone of its provider.
const HOST: &str = "mail.provider.test";

/// The provider's zone and what delegates it.
const PROVIDER: &str = "provider NS ns1.provider\nns1.provider A 127.0.0.9\n";
const PROVIDER_ZONE: (&str, &str) = (
    "provider.test",
    "@ NS ns1\nns1 A 127.0.0.9\nns2 A 127.0.0.6\nmail A 192.0.2.1\nmail AAAA 2001:db8::1\n",
);

/// Both servers of the customer by their names in its own zone.
const TWO: &str = "victim NS ns1.victim\nvictim NS ns2.victim\nns1.victim A 127.0.0.4\n\
                   ns2.victim A 127.0.0.5\n";
const TWO_INSIDE: &str = "@ NS ns1\n@ NS ns2\nns1 A 127.0.0.4\nns2 A 127.0.0.5\n";

/// The records that the customer publishes.
fn records() -> String {
    format!("@ MX 10 {HOST}.\n{}", printed(["generate", DOMAIN, "--host", HOST]))
}

/// A zone of the customer that names two servers.
fn zone(changed: impl FnOnce(String) -> String) -> String {
    format!("{TWO_INSIDE}{}", changed(records()))
}

fn healthy() -> String {
    zone(|records| records)
}

/// A tree with the provider and these delegations.
fn tree(delegations: &str) -> Tree {
    let mut tree = Tree::plant(&format!("{PROVIDER}{delegations}"));
    tree.serve(9, &[PROVIDER_ZONE]);
    tree
}

/// What an audit in a tree says.
#[derive(Debug)]
struct Said {
    exit: i32,
    report: Value,
}

impl Said {
    fn verdict(&self) -> &str {
        field(&self.report, "verdict")
    }

    fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().expect("findings are an array")
    }

    fn codes(&self) -> BTreeSet<&str> {
        self.findings().iter().map(|finding| field(finding, "code")).collect()
    }

    #[track_caller]
    fn finding(&self, code: &str) -> &Value {
        let mut all = self.findings().iter().filter(|finding| field(finding, "code") == code);
        match (all.next(), all.next()) {
            (Some(finding), None) => finding,
            (None, _) => panic!("no {code}: {:#?}", self.report),
            (Some(_), Some(_)) => panic!("more than one {code}: {:#?}", self.report),
        }
    }

    #[track_caller]
    fn message(&self, code: &str) -> &str {
        field(self.finding(code), "message")
    }

    /// The last octets of the addresses that were asked.
    fn asked(&self) -> Vec<&str> {
        addresses(&self.report["servers"])
    }
}

/// The last octets of the addresses of some servers.
fn addresses(servers: &Value) -> Vec<&str> {
    let servers = servers.as_array().map_or(&[][..], Vec::as_slice);
    let octet = |server| field(server, "address").rsplit(['.']).next().expect("it has a part");
    servers.iter().map(octet).collect()
}

#[track_caller]
fn audit_with(tree: &Tree, domain: &str, options: &[&str]) -> Said {
    let tree_options = tree.options();
    let mut args = vec!["audit", domain, "--host", HOST, "-f", "json"];
    args.extend(tree_options.iter().map(String::as_str));
    args.extend(options);
    let output = mailsrv(args);
    let stdout = text(&output.stdout);
    let report = serde_json::from_str(&stdout)
        .unwrap_or_else(|error| panic!("{error}: {stdout}{}", text(&output.stderr)));
    Said { exit: output.status.code().expect("it was not killed"), report }
}

/// Audits with patience, for a machine that is busy.
#[track_caller]
fn audit(tree: &Tree) -> Said {
    audit_with(tree, DOMAIN, &["--tries", "10"])
}

/// Audits where some server stays silent.
#[track_caller]
fn audit_hastily(tree: &Tree) -> Said {
    audit_with(tree, DOMAIN, &["--timeout", "1", "--tries", "1"])
}

#[track_caller]
fn told(said: &Said, verdict: &str, codes: &[&str]) {
    let codes: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!((said.verdict(), said.codes()), (verdict, codes), "{:#?}", said.report);
}

#[test]
fn every_server_of_a_healthy_domain_is_asked_and_nothing_is_found() {
    let mut tree = tree(TWO);
    for octet in [4, 5] {
        tree.serve(octet, &[(DOMAIN, &healthy())]);
    }
    let said = audit(&tree);
    told(&said, "pass", &[]);
    assert_eq!((said.exit, said.asked()), (0, vec!["4", "5"]));
    assert_eq!(said.report["servers"][0]["server"], "ns1.victim.test.");
    assert_eq!(said.report["servers"][1]["serial"], 1);
}

#[test]
fn servers_that_disagree_are_told_with_the_answers_of_each() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    let stale = |records: String| {
        records.replace("_imaps._tcp        IN SRV    0 1 993", "_imaps._tcp SRV 0 1 994")
    };
    tree.serve(5, &[(DOMAIN, &zone(stale))]);
    let said = audit(&tree);
    told(&said, "fail", &["servers-disagree", "port-unexpected"]);
    let finding = said.finding("servers-disagree");
    assert_eq!(field(finding, "severity"), "warning");
    assert_eq!(field(finding, "message"), "the servers hold different records at _imaps._tcp SRV");
    let answers: Vec<(Vec<&str>, &str)> = finding["answers"]
        .as_array()
        .expect("answers are an array")
        .iter()
        .map(|told| (addresses(&told["servers"]), told["data"][0].as_str().unwrap_or("-")))
        .collect();
    let expected =
        [(vec!["4"], "0 1 993 mail.provider.test."), (vec!["5"], "0 1 994 mail.provider.test.")];
    assert_eq!(answers, expected);
    // What is wrong at one of them says at which.
    assert_eq!(addresses(&said.finding("port-unexpected")["servers"]), ["5"]);
    let row = said.report["rrsets"].as_array().and_then(|rows| {
        rows.iter().find(|row| field(row, "owner") == "_imaps._tcp.victim.test.").cloned()
    });
    assert_eq!(row.map(|row| row["disputed"].clone()), Some(Value::Bool(true)));
}

#[test]
fn a_change_on_its_way_is_told_from_a_disagreement_by_the_serial_number() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &format!("@ SOA ns hm 2 1800 1 1 1\n{}", healthy()))]);
    let before =
        |records: String| records.replace(&format!("@ MX 10 {HOST}."), "@ MX 10 mx.old.test.");
    tree.serve(5, &[(DOMAIN, &zone(before))]);
    let said = audit(&tree);
    let finding = said.finding("servers-disagree");
    assert_eq!(field(finding, "severity"), "info");
    assert_eq!(
        field(finding, "message"),
        "a change of victim.test MX is on its way to all servers: serial 2 at ns1.victim.test \
         (127.0.0.4) and serial 1 at ns2.victim.test (127.0.0.5); they ask for it every 7200 seconds"
    );
}

#[test]
fn a_server_that_refuses_is_lame_and_the_other_is_judged() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve(5, &[]);
    let said = audit(&tree);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(
        said.message("server-lame"),
        "ns2.victim.test (127.0.0.5) does not answer for victim.test: REFUSED"
    );
    assert_eq!(said.report["servers"][1]["failure"], "refused");
}

#[test]
fn a_server_that_answers_as_a_resolver_does_is_lame() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve_scripted(5, &[], |request| {
        let mut response = without_authority(refuse(request, ResponseCode::NXDomain));
        response.metadata.recursion_available = true;
        Some(Reply::Message(response))
    });
    let said = audit(&tree);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(said.report["servers"][1]["failure"], "lame");
}

#[test]
fn a_server_that_drops_one_type_is_told_from_a_silent_one() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve_scripted(5, &[(DOMAIN, &healthy())], |request| {
        (request.queries[0].query_type() == RecordType::NS).then_some(Reply::Silence)
    });
    let said = audit_with(&tree, DOMAIN, &["--timeout", "2", "--tries", "1"]);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(said.report["servers"][1]["failure"], Value::Null);
}

#[test]
fn a_silent_server_is_lame_and_not_waited_for_at_each_question() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve_scripted(5, &[], |_| Some(Reply::Silence));
    let said = audit_with(&tree, DOMAIN, &["--timeout", "2", "--tries", "1"]);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(said.report["servers"][1]["failure"], "timeout");
}

/// A tree whose second server of the customer has an address of IPv6 alone, where nobody answers for
/// it; `root` says whether the root is served there.
#[track_caller]
fn audit_by_ipv6(root: bool) -> Said {
    let mut tree = tree(TWO);
    let zone = healthy().replace("ns2 A 127.0.0.5", "ns2 AAAA ::1");
    tree.serve(4, &[(DOMAIN, &zone)]);
    let hints = ". 3600 NS a.root.\na.root. 3600 A 127.0.0.2\na.root. 3600 AAAA ::1\n";
    fs::write(tree.hints(), hints).expect("the temporary directory is writable");
    tree.serve_at_ipv6(move |request| match root && request.queries[0].name().is_root() {
        true => Reply::Message(refuse(request, ResponseCode::NoError)),
        false => Reply::Silence,
    });
    audit_hastily(&tree)
}

#[test]
fn where_this_machine_reaches_nobody_by_a_family_no_server_is_called_silent() {
    let said = audit_by_ipv6(false);
    assert_eq!(said.report["servers"][2]["failure"], "no-route", "{:#?}", said.report);
    // What the delegation says of IPv4 is true and served by nobody.
    let lame = said.message("server-lame");
    assert!(!lame.contains("::1"), "{lame}");
    let said = audit_by_ipv6(true);
    assert_eq!(said.report["servers"][2]["failure"], "timeout", "{:#?}", said.report);
}

#[test]
fn where_no_server_answers_the_domain_is_unknown_and_nothing_is_missing() {
    let mut tree = tree(TWO);
    tree.serve(4, &[]);
    tree.serve_scripted(5, &[], |_| Some(Reply::Silence));
    let said = audit_hastily(&tree);
    told(&said, "unknown", &["server-lame"]);
    assert_eq!(said.findings().len(), 2);
}

#[test]
fn a_server_that_denies_a_name_with_children_is_named() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve_scripted(5, &[(DOMAIN, &healthy())], |request| {
        let is_node = request.queries[0].name().to_ascii() == "_tcp.victim.test.";
        is_node.then(|| Reply::Message(refuse(request, ResponseCode::NXDomain)))
    });
    let said = audit(&tree);
    told(&said, "fail", &["empty-non-terminal"]);
    assert_eq!(addresses(&said.finding("empty-non-terminal")["servers"]), ["5"]);
}

#[test]
fn parent_and_zone_that_name_different_servers_are_told_apart() {
    let mut tree = tree(
        "victim NS ns1.victim\nvictim NS ns3.victim\nns1.victim A 127.0.0.4\n\
                         ns3.victim A 127.0.0.6\n",
    );
    for octet in [4, 5, 6] {
        let zone = format!("{}ns3 A 127.0.0.6\n", healthy());
        tree.serve(octet, &[(DOMAIN, &zone)]);
    }
    let said = audit(&tree);
    told(&said, "warn", &["delegation-differs"]);
    assert_eq!(said.asked(), ["4", "5", "6"]);
    assert_eq!(
        said.message("delegation-differs"),
        "victim.test is delegated to ns3.victim.test, and the zone itself names ns2.victim.test in \
         that place"
    );
}

#[test]
fn a_delegation_without_glue_is_walked_and_a_dead_address_is_one_of_two() {
    // The server's name lies in the zone of the provider, and has one address where nobody is.
    let delegation = "victim NS ns2.provider\n";
    let mut tree = Tree::plant(&format!("{PROVIDER}{delegation}"));
    let (name, provider) = PROVIDER_ZONE;
    let provider = format!("{provider}ns2 A 127.0.0.7\n");
    tree.serve(9, &[(name, &provider)]);
    let zone = format!("@ NS ns2.provider.test.\n{}", records());
    tree.serve(6, &[(DOMAIN, &zone)]);
    let said = audit_hastily(&tree);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(said.asked(), ["6", "7"]);
    assert_eq!(
        said.message("server-lame"),
        "ns2.provider.test (127.0.0.7) does not answer for victim.test: server unreachable"
    );
}

#[test]
fn a_server_without_an_address_is_named() {
    let mut tree = tree(&format!("{TWO}victim NS ns9.provider\n"));
    for octet in [4, 5] {
        let zone = format!("{}@ NS ns9.provider.test.\n", healthy());
        tree.serve(octet, &[(DOMAIN, &zone)]);
    }
    let said = audit(&tree);
    told(&said, "warn", &["server-lame"]);
    assert_eq!(
        said.message("server-lame"),
        "ns9.provider.test has no address, and is named as a server of victim.test"
    );
}

#[test]
fn an_alias_into_another_zone_is_followed_there() {
    let mut tree = tree(TWO);
    for octet in [4, 5] {
        // What this server says of a zone that is not its own is not asked for.
        let poison = (HOST, "@ A 192.0.2.66\n");
        tree.serve(octet, &[(DOMAIN, &healthy()), poison]);
    }
    let said = audit_with(&tree, DOMAIN, &["--tries", "10", "--observed", "always"]);
    told(&said, "pass", &[]);
    let observed = said.report["observed"].to_string();
    assert!(observed.contains("192.0.2.1") && !observed.contains("192.0.2.66"), "{observed}");
}

#[test]
fn a_server_of_the_zone_above_that_serves_the_zone_too_is_asked_for_it() {
    const BELOW: &str = "victim.co.test";
    let mut tree = tree("co NS ns.co\nns.co A 127.0.0.4\n");
    let above = "@ NS ns\nns A 127.0.0.4\nvictim NS ns1.victim\nns1.victim A 127.0.0.4\n";
    let records = printed(["generate", BELOW, "--host", HOST]);
    let below = format!("@ NS ns1\nns1 A 127.0.0.4\n@ MX 10 {HOST}.\n{records}");
    tree.serve(4, &[("co.test", above), (BELOW, &below)]);
    let said = audit_with(&tree, BELOW, &["--tries", "10"]);
    told(&said, "pass", &[]);
    assert_eq!(said.report["servers"][0]["server"], "ns1.victim.co.test.");
}

#[test]
fn the_text_says_who_was_asked_and_what_each_holds() {
    let mut tree = tree(TWO);
    tree.serve(4, &[(DOMAIN, &healthy())]);
    tree.serve(5, &[]);
    let mut args =
        vec!["audit".to_owned(), DOMAIN.to_owned(), "--host".to_owned(), HOST.to_owned()];
    args.extend(tree.options());
    let page = text(&mailsrv(args).stdout);
    let asked = "\n  Asked:\n    ns1.victim.test (127.0.0.4): serial 1\n    \
                 ns2.victim.test (127.0.0.5): REFUSED\n";
    assert!(page.contains(asked), "{page}");
}

#[test]
fn delegations_in_a_circle_end() {
    let tree = tree("victim NS ns.other\nother NS ns.victim\n");
    let said = audit_hastily(&tree);
    told(&said, "unknown", &[]);
    let failure = |answer: &Value| answer["failure"].as_str().map(str::to_owned);
    let observed = said.report["observed"].as_array().expect("it is an array");
    assert!(observed.iter().all(|answer| failure(answer).as_deref() == Some("no-server")));
}

#[test]
fn a_domain_that_is_not_delegated_does_not_exist() {
    let said = audit(&tree(""));
    told(&said, "broken", &["domain-nonexistent"]);
    assert_eq!(said.exit, 1);
}

#[test]
fn a_parent_that_does_not_answer_leaves_the_domain_unknown() {
    let mut tree = Tree::plant("gone NS ns1.gone\nns1.gone A 127.0.0.4\n");
    tree.serve_scripted(4, &[], |request| {
        Some(Reply::Message(refuse(request, ResponseCode::ServFail)))
    });
    let said = audit_with(&tree, "victim.gone.test", &["--tries", "1"]);
    assert_eq!((said.verdict(), said.exit), ("unknown", 3), "{:#?}", said.report);
    assert!(!said.codes().contains("domain-nonexistent"));
}

#[test]
fn a_list_is_recorded_and_judged_again_as_it_was() {
    let mut tree = tree(&format!("{TWO}second NS ns1.victim\n"));
    tree.serve(4, &[(DOMAIN, &healthy()), ("second.test", "@ NS ns1.victim.test.\n")]);
    tree.serve(5, &[]);
    let dir = tempfile::TempDir::new().expect("there is a place for temporary files");
    let path = |name: &str| dir.path().join(name).display().to_string();
    fs::write(path("list"), format!("{DOMAIN}\nsecond.test\nabsent.test\n")).expect("writable");
    for format in ["json", "text"] {
        let (input, recording) = (path("list"), path(format));
        let common = ["audit", "--input", &input, "--host", HOST, "-f", format, "-v"];
        let options = tree.options();
        let live: Vec<&str> = common
            .iter()
            .copied()
            .chain(["--tries", "10", "--record", &recording])
            .chain(options.iter().map(String::as_str))
            .collect();
        let live = mailsrv(live);
        let again = mailsrv([&common[..], &["--replay", &recording]].concat());
        assert_eq!(text(&live.stdout), text(&again.stdout));
        assert_eq!((live.status.code(), again.status.code()), (Some(1), Some(1)));
    }
    let recording = fs::read_to_string(path("json")).expect("it was written");
    let is_said = |line: &&str| line.contains("\"from\":{\"server\":\"ns2.victim.test.\"");
    assert!(recording.lines().any(|line| is_said(&line)), "{recording}");
    assert!(recording.contains("{\"seen\":\"victim.test.\",\"zone\":\"victim.test.\""));
}

#[test]
fn no_server_is_asked_for_recursion() {
    let mut tree = tree(TWO);
    let strict = |request: &Message| {
        request
            .metadata
            .recursion_desired
            .then(|| Reply::Message(refuse(request, ResponseCode::ServFail)))
    };
    for octet in [4, 5] {
        tree.serve_scripted(octet, &[(DOMAIN, &healthy())], strict);
    }
    told(&audit(&tree), "pass", &[]);
}

/// The customer's zone is at four servers of different kinds, three of them signed, and the provider's
/// zone at a fifth; what each of them says of referrals, missing names and aliases is read alike.
#[test]
#[ignore = "needs BIND, Knot DNS, NSD and PowerDNS"]
fn servers_of_every_kind_are_read_alike() {
    // BIND listens at addresses that an interface has, and to the others of loopback it does not.
    let servers = [("ns1", 1), ("ns2", 5), ("ns3", 6), ("ns4", 7)];
    let glue: String = servers
        .iter()
        .map(|(name, octet)| format!("victim NS {name}.victim\n{name}.victim A 127.0.0.{octet}\n"))
        .collect();
    let tree = Tree::plant(&format!("{PROVIDER}{glue}"));
    let inside: String = servers
        .iter()
        .map(|(name, octet)| format!("@ NS {name}\n{name} A 127.0.0.{octet}\n"))
        .collect();
    let soa = "@ SOA ns1 hm 1 7200 3600 1209600 300\n";
    let zone = |name: &str, lines: &str| Zone {
        name: name.to_owned(),
        text: format!("$ORIGIN {name}.\n$TTL 3600\n{soa}{lines}"),
    };
    let customer = zone(DOMAIN, &format!("{inside}{}", records()));
    let (provider, lines) = PROVIDER_ZONE;
    let _running = [
        bind::serve_signed_at(tree.address(1), &customer),
        knot::serve_signed_at(tree.address(5), &customer),
        nsd::serve_at(tree.address(6), &customer),
        powerdns::serve_signed_at(tree.address(7), &customer),
        knot::serve_signed_at(tree.address(9), &zone(provider, lines)),
    ];
    let said = audit_with(&tree, DOMAIN, &["--tries", "10", "--observed", "always"]);
    told(&said, "pass", &[]);
    assert_eq!(said.asked(), ["1", "5", "6", "7"]);
}

/// A zone that was loaded into the database and not put in order has no empty non-terminals.
#[test]
#[ignore = "needs NSD and PowerDNS"]
fn a_database_that_was_not_rectified_is_named() {
    let tree = Tree::plant(&format!("{PROVIDER}{TWO}"));
    let customer = Zone {
        name: DOMAIN.to_owned(),
        text: format!(
            "$ORIGIN {DOMAIN}.\n$TTL 3600\n@ SOA ns1 hm 1 7200 3600 1209600 300\n{}",
            healthy()
        ),
    };
    let _running = [
        nsd::serve_at(tree.address(4), &customer),
        powerdns::serve_unordered_at(tree.address(5), &customer),
    ];
    let mut tree = tree;
    tree.serve(9, &[PROVIDER_ZONE]);
    let said = audit(&tree);
    told(&said, "fail", &["empty-non-terminal"]);
    assert_eq!(addresses(&said.finding("empty-non-terminal")["servers"]), ["5"]);
}

#[test]
fn resolvers_are_compared() {
    let mut tree = tree(TWO);
    for (octet, port) in [(4, 993), (5, 994)] {
        let zone = zone(|records| records.replace("993", &port.to_string()));
        tree.serve(octet, &[(DOMAIN, &zone), PROVIDER_ZONE]);
    }
    let resolvers = [4, 5].map(|octet| tree.address(octet).to_string());
    let [one, other] = resolvers.each_ref().map(String::as_str);
    let options =
        ["--host", HOST, "--tries", "10", "--compare", "--resolver", one, "--resolver", other];
    let output = mailsrv([&["audit", DOMAIN, "-f", "json"], &options[..]].concat());
    let report: Value = serde_json::from_str(&text(&output.stdout)).expect("it is JSON");
    let said = Said { exit: output.status.code().expect("it was not killed"), report };
    told(&said, "fail", &["resolvers-disagree", "port-unexpected"]);
    let finding = said.finding("resolvers-disagree");
    assert_eq!(finding["answers"][1]["servers"][0]["resolver"], other);
    assert_eq!(finding["answers"][1]["data"][0], "0 1 994 mail.provider.test.");
    let alone = mailsrv(["audit", DOMAIN, "--compare", "--resolver", one]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("needs two different resolvers"));
    let twice = mailsrv(["audit", DOMAIN, "--compare", "--resolver", one, "--resolver", one]);
    assert_eq!(twice.status.code(), Some(2), "{}", text(&twice.stderr));
}
