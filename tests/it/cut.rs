//! Names below `_tcp` that a list is not asked for where `_tcp` does not exist.

use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{SOA, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

use crate::hostile::scripted::{Reply, Scripted, refuse};
use crate::program::{field, mailsrv, text};

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("the name is valid")
}

/// A resolver that knows domains without any record of a service, but for those that `holds` names; it
/// denies all else, names with others below them too. What it was asked.
fn resolver(holds: fn(&str) -> bool) -> (Scripted, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let server = Scripted::start(move |request, _| {
        let query = &request.queries[0];
        let owner = query.name().to_ascii().to_ascii_lowercase();
        seen.lock().expect("nothing panics").push(format!("{owner} {}", query.query_type()));
        Reply::Message(answer(request, &owner, holds(&owner)))
    });
    (server, asked)
}

fn answer(request: &Message, owner: &str, holds: bool) -> Message {
    let query = &request.queries[0];
    let is_apex = owner.trim_end_matches('.').matches('.').count() == 1;
    if holds && query.query_type() == RecordType::SRV {
        let mut response = refuse(request, ResponseCode::NoError);
        let (_, domain) = owner.split_once("._tcp.").expect("it is a service");
        let srv = SRV::new(0, 1, 993, name(&format!("mail.{domain}")));
        response.add_answer(Record::from_rdata(query.name().clone(), 300, RData::SRV(srv)));
        return response;
    }
    let code = if is_apex { ResponseCode::NoError } else { ResponseCode::NXDomain };
    let mut response = refuse(request, code);
    let apex = name("test.");
    let soa = SOA::new(apex.clone(), apex.clone(), 1, 7200, 3600, 1_209_600, 300);
    response.add_authority(Record::from_rdata(apex, 300, RData::SOA(soa)));
    response
}

/// The reports of so many domains that are asked about one by one, and what was said beside them.
fn audit(server: &Scripted, domains: usize, options: &[&str]) -> (Vec<Value>, String) {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let input = folder.path().join("list");
    let mut list = String::new();
    for at in 0..domains {
        let _infallible = writeln!(list, "d{at}.test");
    }
    fs::write(&input, list).expect("it is writable");
    let input = input.to_str().expect("temporary paths are UTF-8");
    let resolver = server.address.to_string();
    let args = ["audit", "-f", "json", "--input", input, "--resolver", &resolver];
    let one_by_one: &[&str] =
        if options.contains(&"--jobs") { &[] } else { &["--concurrency", "1"] };
    let output = mailsrv([&args[..], one_by_one, options].concat());
    let report = |line: &str| serde_json::from_str(line).expect("a line is an object");
    (text(&output.stdout).lines().map(report).collect(), text(&output.stderr))
}

/// How many names below `_tcp` of a domain were asked for.
fn below(asked: &[String], domain: &str) -> usize {
    let end = format!("._tcp.{domain}. SRV");
    asked.iter().filter(|asked| asked.ends_with(&end)).count()
}

/// The names below `_tcp` that a domain is asked for in full.
const ALL: usize = 8;

#[test]
fn of_a_domain_without_tcp_one_name_below_it_is_asked_for_and_of_one_in_a_hundred_all_are() {
    let (server, asked) = resolver(|_| false);
    let (cut, said) = audit(&server, 120, &[]);
    let asked = asked.lock().expect("nothing panics").clone();
    let is_cut = |report: &&Value| !report["cut"].is_null();
    let some = cut.iter().filter(is_cut).count();
    assert!((110..120).contains(&some), "{some}: {said}");
    for report in &cut {
        let domain = field(report, "domain");
        let expected = if is_cut(&report) { 1 } else { ALL };
        assert_eq!(below(&asked, domain), expected, "{domain}");
        if is_cut(&report) {
            assert_eq!(report["cut"], format!("_tcp.{domain}."));
        }
    }
    assert_eq!(said, "120 domains: 120 fail; 1080 to publish\n");
    // Nothing else is said of them than where all is asked for.
    let (whole, _) = audit(&server, 120, &["--every-name"]);
    for (mut one, other) in cut.into_iter().zip(whole) {
        one.as_object_mut().expect("it is an object").remove("cut");
        assert_eq!(one["findings"], other["findings"]);
        assert_eq!((&one["verdict"], &one["rrsets"]), (&other["verdict"], &other["rrsets"]));
    }
}

#[test]
fn a_domain_without_service_records_costs_what_is_told() {
    let (server, asked) = resolver(|_| false);
    let count = |options: &[&str]| {
        asked.lock().expect("nothing panics").clear();
        audit(&server, 2, options);
        let asked = asked.lock().expect("nothing panics");
        asked.iter().filter(|asked| asked.contains("d1.test.")).count()
    };
    assert_eq!((count(&[]), count(&["--every-name"])), (18, 25));
}

#[test]
fn the_first_server_that_denies_what_it_has_names_below_ends_the_cut() {
    let (server, asked) = resolver(|owner| owner == "_imaps._tcp.d2.test.");
    let (reports, said) = audit(&server, 6, &[]);
    let asked = asked.lock().expect("nothing panics").clone();
    let names: Vec<usize> = (0..6).map(|at| below(&asked, &format!("d{at}.test"))).collect();
    assert_eq!(names[..2], [1, 1]);
    assert_eq!(names[3..], [ALL; 3]);
    assert!(reports[2]["findings"].to_string().contains("_tcp.d2.test"), "{:#?}", reports[2]);
    let expected = "_tcp.d2.test is denied by a server that has names below it: from now on every name \
                    below _tcp is asked for, also where that is denied\n\
                    of 2 domains without _tcp one name below it was asked for, and others may stand there \
                    (`cut` in JSON); --every-name asks for all\n";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_one_thread_sees_denied_ends_the_cut_in_all() {
    let (server, asked) = resolver(|owner| owner == "_imaps._tcp.d2.test.");
    let (reports, said) = audit(&server, 600, &["--jobs", "3"]);
    let asked = asked.lock().expect("nothing panics").clone();
    // They begin long after that one was judged.
    for at in 400..600 {
        assert_eq!(below(&asked, &format!("d{at}.test")), ALL, "{at}");
    }
    assert_eq!(said.matches("_tcp.d2.test is denied").count(), 1, "{said}");
    let cut = reports.iter().filter(|report| !report["cut"].is_null()).count();
    assert!((2..400).contains(&cut), "{cut}");
    assert!(said.contains(&format!("\nof {cut} domains without _tcp")), "{cut}: {said}");
}
