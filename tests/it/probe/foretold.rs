//! What `forecast --probe` makes of servers from which clients turn away.

use std::sync::Arc;

use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, RecordType};
use mailsrv::answer::{Answer, Outcome};
use mailsrv::endpoint::{Sighting, Unseen};
use mailsrv::forecast::{CLIENTS, Facts, Want, World, foretell};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::page::Page;
use mailsrv::plan::plan;
use serde_json::Value;

use super::certificates::Kind;
use super::plant::Plant;
use super::scripted::Script;
use crate::program::{field, mailsrv, text};

/// Whether a client works that goes by SRV records, and why or why not.
fn foretold(plant: &Plant, options: &[&str]) -> (Value, String) {
    let [zone, list, profile] = ["test.zone", "list.csv", "profile.yaml"].map(|it| plant.path(it));
    let forecast = ["forecast", "--zone", &zone, "--input", &list, "-p", &profile, "-f", "json"];
    let run = mailsrv([&forecast[..], &["--client", "evolution"], options].concat());
    let lines = text(&run.stdout);
    let line: Value = serde_json::from_str(&lines)
        .unwrap_or_else(|error| panic!("{error}: {lines}{}", text(&run.stderr)));
    (line["works"].clone(), field(&line, "why").to_owned())
}

#[test]
fn a_client_works_where_it_is_seen_to_and_by_dns_where_nobody_looks() {
    for (kind, why) in [
        (Kind::Good, None),
        (Kind::EndsSoon, None),
        (Kind::WrongName, Some("the certificate there is for other hosts")),
        (Kind::Expired, Some("the certificate there is not valid at this time")),
        (Kind::SelfSigned, Some("the certificate there is of nobody whom clients believe")),
    ] {
        let plant = Plant::new(1, 1, kind, &Script::default());
        plant.write_zone();
        let (works, by) = foretold(&plant, &[]);
        assert_eq!((works, plant.visits()), (Value::Bool(true), 0), "{by}");
        let ca = plant.path("ca.pem");
        let probe = ["--probe", "--probe-private", "--ca-file", &ca];
        let (works, said) = foretold(&plant, &probe);
        assert_eq!(works, Value::Bool(why.is_none()), "{kind:?}: {said}");
        assert!(said.contains(why.unwrap_or(&by)), "{kind:?}: {said}");
        assert!(plant.visits() > 0, "{kind:?}");
        // What may not be visited is judged by DNS.
        let visits = plant.visits();
        let (works, said) = foretold(&plant, &["--probe"]);
        assert_eq!((works, said, plant.visits()), (Value::Bool(true), by, visits));
    }
}

/// Whether a client works that goes by SRV records, where its servers are not seen for this reason.
fn works_unseen(why: Unseen) -> Option<bool> {
    let plan =
        plan(&"d.test".parse().expect("it is one"), &Hosting::documented(), &Columns::default());
    let plan = plan.expect("it can be planned");
    let evolution = CLIENTS.iter().find(|client| client.name == "evolution").expect("it is known");
    let mut facts = Facts::of(&plan).visiting();
    loop {
        let world = World::new(&facts);
        if let Some(forecast) = foretell(&world, evolution, || &[]) {
            return forecast.works;
        }
        for want in world.wanted() {
            match want {
                Want::Answer(question) => {
                    let planned = plan.published().find(|(_, set)| {
                        (set.owner(), set.record_type()) == (&question.name, question.rtype)
                    });
                    let address = (question.rtype == RecordType::A)
                        .then(|| vec![RData::A(A::new(192, 0, 2, 25))]);
                    let data = planned.map(|(_, set)| set.rdatas().to_vec()).or(address);
                    let outcome =
                        data.map_or(Outcome::NoData, |data| Outcome::Records { ttl: 60, data });
                    facts.tell(question, Answer::plain(outcome));
                }
                Want::Page(request, addresses) => facts.show(request, &addresses, Page::missing()),
                Want::Sighting(endpoint) => {
                    facts.see(Arc::new(Sighting {
                        endpoint,
                        address: None,
                        at: 0,
                        seen: Err(why),
                    }));
                }
            }
        }
    }
}

#[test]
fn a_server_that_nobody_has_got_to_is_unknown_and_one_that_may_not_be_visited_believed() {
    for (why, works) in [
        (Unseen::Timeout, Some(false)),
        (Unseen::Refused, Some(false)),
        (Unseen::NotLookedUp, None),
        (Unseen::NotRecorded, None),
        (Unseen::Guarded, Some(true)),
        (Unseen::OutsideZone, Some(true)),
    ] {
        assert_eq!(works_unseen(why), works, "{why:?}");
    }
}
