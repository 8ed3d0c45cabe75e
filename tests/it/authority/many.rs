//! Many domains at few servers: what is asked of those above them, and of each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use hickory_proto::op::Message;
use serde_json::Value;

use super::{DOMAIN, HOST, PROVIDER, PROVIDER_ZONE, records};
use crate::hostile::scripted::Reply;
use crate::program::{field, mailsrv, text};
use crate::servers::tree::Tree;

/// The registry of the customers' domains, and whoever runs their servers, each at a server of its own.
const ABOVE: &str = "customers NS ns.customers\nns.customers A 127.0.0.7\n\
                     hoster NS ns.hoster\nns.hoster A 127.0.0.8\n\
                     gone NS ns.gone\nns.gone A 127.0.0.10\n";

/// The servers of the customers: two, under names that another zone has.
const HOSTER: &str = "@ NS ns\nns A 127.0.0.8\nns1 A 127.0.0.4\nns2 A 127.0.0.5\n";

/// What was asked of one server.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    /// A script that counts and leaves the answer to the zones.
    fn script(&self) -> impl Fn(&Message) -> Option<Reply> + Send + Sync + 'static {
        let asked = Arc::clone(&self.0);
        move |request| {
            let query = &request.queries[0];
            let name = query.name().to_ascii().to_ascii_lowercase();
            let question = format!("{name} {}", query.query_type());
            asked.lock().expect("nothing panics").push(question);
            None
        }
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("nothing panics").clone()
    }

    /// Each question once: what is answered slowly is sent once more.
    fn distinct(&self) -> BTreeSet<String> {
        self.all().into_iter().collect()
    }
}

/// So many domains, each delegated to servers of these names.
struct Customers {
    domains: Vec<String>,
    tree: Tree,
    registry: Asked,
    hoster: Asked,
    servers: [Asked; 2],
}

impl Customers {
    fn new(count: usize) -> Self {
        let domains: Vec<String> = (0..count).map(|at| format!("d{at}.customers.test")).collect();
        let mut tree = Tree::plant(&format!("{PROVIDER}{ABOVE}"));
        let (registry, hoster, servers) =
            (Asked::default(), Asked::default(), <[Asked; 2]>::default());
        tree.serve(9, &[PROVIDER_ZONE]);
        let mut delegations = "@ NS ns\nns A 127.0.0.7\n".to_owned();
        for at in 0..count {
            let _infallible =
                writeln!(delegations, "d{at} NS ns1.hoster.test.\nd{at} NS ns2.hoster.test.");
        }
        tree.serve_scripted(7, &[("customers.test", &delegations)], registry.script());
        tree.serve_scripted(8, &[("hoster.test", HOSTER)], hoster.script());
        let healthy = records();
        let zone = |domain: &String| {
            let own = healthy.replace(DOMAIN, domain);
            (domain.clone(), format!("@ NS ns1.hoster.test.\n@ NS ns2.hoster.test.\n{own}"))
        };
        let zones: Vec<(String, String)> = domains.iter().map(zone).collect();
        let zones: Vec<(&str, &str)> =
            zones.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        for (octet, asked) in [4, 5].into_iter().zip(&servers) {
            tree.serve_scripted(octet, &zones, asked.script());
        }
        Self { domains, tree, registry, hoster, servers }
    }

    /// Audits all and some more; the verdicts in the order of their reports.
    fn audit(&self, more: &[&str], options: &[&str]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let input = folder.path().join("list");
        let list: Vec<&str> =
            more.iter().copied().chain(self.domains.iter().map(String::as_str)).collect();
        fs::write(&input, list.join("\n")).expect("it is writable");
        let input = input.to_str().expect("temporary paths are UTF-8");
        let tree = self.tree.options();
        let tree: Vec<&str> = tree.iter().map(String::as_str).collect();
        let args = ["audit", "--input", input, "--host", HOST, "-f", "json"];
        let output = mailsrv([&args[..], &tree, options].concat());
        let said = text(&output.stderr);
        let verdict = |line: &str| {
            let report: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {said}"));
            (field(&report, "domain").to_owned(), field(&report, "verdict").to_owned())
        };
        text(&output.stdout).lines().map(verdict).collect()
    }
}

/// A healthy domain costs each of its servers these questions.
const AT_EACH: usize = 14;

#[test]
fn those_above_are_asked_once_for_each_cut_and_each_server_once_for_each_question() {
    let customers = Customers::new(200);
    let verdicts = customers.audit(&[], &["--tries", "10"]);
    assert_eq!(verdicts.len(), 200);
    assert!(verdicts.iter().all(|(_, verdict)| verdict == "pass"), "{verdicts:?}");
    let registry = customers.registry.distinct();
    let cuts = registry.iter().filter(|asked| asked.ends_with(" NS")).count();
    assert_eq!((cuts, registry.len()), (200, 200), "{registry:?}");
    // Of both servers A, AAAA, and whether a zone begins there.
    let hoster = customers.hoster.distinct();
    assert!(hoster.len() <= 6, "{hoster:?}");
    for server in &customers.servers {
        let asked = server.distinct();
        let of_one: Vec<_> = asked.iter().filter(|it| it.contains("d7.customers.test")).collect();
        assert_eq!(asked.len(), 200 * AT_EACH, "{of_one:?}");
        assert!(server.all().len() < 300 * AT_EACH);
    }
}

#[test]
fn a_dead_server_stalls_its_own_domains_alone() {
    let mut customers = Customers::new(40);
    let dead = UdpSocket::bind(customers.tree.address(6)).expect("nobody else has the address");
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    // It ends with the test.
    std::thread::spawn(move || {
        while dead.recv(&mut [0; 512]).is_ok() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut delegations = "@ NS ns\nns A 127.0.0.10\n".to_owned();
    let gone: Vec<String> = (0..40).map(|at| format!("g{at}.gone.test")).collect();
    for at in 0..40 {
        let _infallible = writeln!(delegations, "g{at} NS dead\n");
    }
    delegations += "dead A 127.0.0.6\n";
    customers.tree.serve(10, &[("gone.test", &delegations)]);
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let verdicts =
        customers.audit(&gone, &["--timeout", "1", "--tries", "2", "--concurrency", "80"]);
    assert_eq!(verdicts.len(), 80);
    for (domain, verdict) in &verdicts {
        let expected = if domain.ends_with("gone.test") { "unknown" } else { "pass" };
        assert_eq!(verdict, expected, "{domain}");
    }
    // It is not asked everything of which it answers nothing.
    let heard = heard.load(Ordering::Relaxed);
    assert!(heard < 40 * AT_EACH, "{heard}");
}

#[test]
fn no_address_is_asked_faster_than_its_rate_however_many_domains_it_holds() {
    const RATE: u32 = 200;
    let customers = Customers::new(40);
    let begun = Instant::now();
    let verdicts = customers.audit(&[], &["--tries", "10", "--rate", &RATE.to_string()]);
    // However long it took, and that is not less than the servers saw.
    let seconds = begun.elapsed().as_secs_f64();
    assert!(verdicts.iter().all(|(_, verdict)| verdict == "pass"), "{verdicts:?}");
    for server in &customers.servers {
        let asked = server.all().len();
        assert!(asked >= 40 * AT_EACH, "{asked}");
        let most = f64::from(RATE) * (seconds + 1.0);
        assert!(asked as f64 <= most, "{asked} in {seconds} s");
    }
}
