//! What `forecast --probe` makes of servers from which clients turn away.

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
