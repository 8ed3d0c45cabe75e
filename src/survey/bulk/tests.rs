use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Mutex;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, SRV};
use hickory_proto::rr::{RData, Record, RecordType};

use super::super::{Bounds, run};
use super::*;
use crate::answer::{Failure, Outcome, Question};
use crate::inquiry::Wanted;
use crate::lookup::once::Once;
use crate::lookup::resolver::{Letters, Limits, Network, Options, Resolver, Server, Trust};
use crate::lookup::responder::{name, reply, tcp, udp};
use crate::name::MailDomain;

const LONG: Duration = Duration::from_secs(60);

/// Answers as another lookup does, question by question.
struct Apart<L>(L);

impl<L: Lookup> Lookup for Apart<L> {
    async fn ask(&self, question: &Question) -> Answer {
        self.0.ask(question).await
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        self.0.ask_about(domain, question).await
    }
}

/// How often each question was asked.
type Asked = Arc<Mutex<HashMap<String, usize>>>;

fn good(query: &Message) -> Vec<u8> {
    let owner = query.queries[0].name().clone();
    let target = name("mail.test.");
    let record = Record::from_rdata(owner, 60, RData::SRV(SRV::new(0, 1, 993, target)));
    reply(query, ResponseCode::NoError, &[record])
}

/// What a server says, by the first label of the question: well or ill, and more than it is asked for.
fn script(query: &Message, is_well: bool) -> Vec<Vec<u8>> {
    let asked = query.queries[0].name();
    let only = |code| vec![reply(query, code, &[])];
    let with_octet = |at: usize, octet: u8| {
        let mut octets = good(query);
        octets[at] ^= octet;
        octets
    };
    match asked.iter().next().unwrap_or_default() {
        b"nodata" => only(ResponseCode::NoError),
        b"nxdomain" => only(ResponseCode::NXDomain),
        b"servfail" if !is_well => only(ResponseCode::ServFail),
        b"refused" if !is_well => only(ResponseCode::Refused),
        b"lame" if !is_well => {
            let mut octets = reply(query, ResponseCode::NoError, &[]);
            octets[2] &= !4;
            vec![octets]
        }
        b"broken" => only(ResponseCode::ServFail),
        b"simple" if query.edns.is_some() => only(ResponseCode::FormErr),
        b"large" => vec![with_octet(2, 2)],
        b"strays" => vec![with_octet(1, 1), with_octet(13, 32), good(query), good(query)],
        b"alias" => {
            let alias = RData::CNAME(CNAME(name("good.d1.test.")));
            let alias = Record::from_rdata(asked.clone(), 60, alias);
            vec![reply(query, ResponseCode::NoError, &[alias])]
        }
        _ => vec![good(query)],
    }
}

const LABELS: [&str; 9] =
    ["good", "nodata", "nxdomain", "servfail", "refused", "lame", "broken", "simple", "alias"];

fn begin(domain: &str, labels: &[&str]) -> Inquiry {
    let domain: MailDomain = domain.parse().unwrap();
    let mut inquiry = Inquiry::new(domain.clone());
    let records = [RData::SRV(SRV::new(0, 1, 993, name("mail.test.")))];
    for label in labels {
        let owner = domain.prefixed(&[*label]);
        inquiry.seek(&owner, RecordType::SRV, Wanted::Records(&records));
    }
    inquiry
}

async fn serve(is_well: bool, asked: &Asked) -> Server {
    let count = move |asked: &Asked, query: &Message| {
        let question = &query.queries[0];
        let key = format!("{} {} {is_well}", question.name(), question.query_type());
        *asked.lock().unwrap().entry(key).or_default() += 1;
    };
    let by_udp = Arc::clone(asked);
    let address = udp(move |query| {
        count(&by_udp, query);
        script(query, is_well)
    });
    let address = address.await;
    let by_tcp = Arc::clone(asked);
    let whole = move |query: &Message| {
        count(&by_tcp, query);
        vec![good(query)]
    };
    tcp(address, whole).await;
    address.into()
}

/// All that is observed of so many domains, and how often each question was asked for that.
async fn survey(
    is_together: bool,
    labels: &[&str],
    domains: usize,
) -> (Vec<String>, HashMap<String, usize>) {
    let asked = Asked::default();
    let servers = [serve(false, &asked).await, serve(true, &asked).await];
    let network = Network::new(Limits::in_flight(256), &Trust::public());
    let options = Options { timeout: LONG, tries: 1 };
    let resolver = Once::new(Resolver::among(&network, servers, options));
    let names: Vec<_> = (0..domains).map(|number| format!("d{number}.test")).collect();
    let mut seen = Vec::new();
    let bounds = Bounds { deadline: Some(LONG * 9), ..Bounds::concurrency(64) };
    let begin = |name: &&String| Some(begin(name, labels));
    let sink = |_: &String, views: Option<Views>| {
        let views = views.unwrap();
        seen.extend(views.first().answers().map(|answer| format!("{answer:?}")));
        ControlFlow::<()>::Continue(())
    };
    let _whole = match is_together {
        true => run(&names, bounds, begin, &resolver, sink).await,
        false => run(&names, bounds, begin, &Apart(resolver), sink).await,
    };
    let asked = asked.lock().unwrap().clone();
    (seen, asked)
}

#[tokio::test]
async fn what_is_posted_is_answered_as_what_is_waited_for() {
    // No more at one time than the first server has room for.
    let mut seen = Vec::new();
    for labels in [&LABELS[..], &["strays", "large"]] {
        let (posted, asked) = survey(true, labels, 1).await;
        let (expected, expected_asked) = survey(false, labels, 1).await;
        assert_eq!(posted, expected);
        assert_eq!(asked, expected_asked);
        seen.extend(posted);
    }
    for label in LABELS {
        let fails = label == "broken";
        let own = seen.iter().find(|answer| answer.contains(&format!("Name(\"{label}.d0")));
        assert_eq!(own.is_some_and(|own| own.contains("Failed")), fails, "{label}: {seen:?}");
    }
}

#[tokio::test]
async fn what_repeats_the_letters_that_were_drawn_is_believed_and_else_tcp_is_asked() {
    for (folds, is_together) in [(false, true), (false, false), (true, true), (true, false)] {
        let asked = Asked::default();
        let (by_udp, by_tcp) = (Arc::clone(&asked), Arc::clone(&asked));
        let server = udp(move |query| {
            let owner = query.queries[0].name().to_string();
            let key = format!("{owner} {}", u16::from(query.queries[0].query_type()));
            let is_lower = owner == owner.to_lowercase();
            *by_udp.lock().unwrap().entry(key).or_default() += 1;
            if !folds || is_lower {
                return vec![good(query)];
            }
            let mut forged = reply(query, ResponseCode::NXDomain, &[]);
            forged[12..12 + owner.len()].make_ascii_lowercase();
            vec![forged]
        });
        let server = server.await;
        let whole = move |query: &Message| {
            *by_tcp.lock().unwrap().entry("by TCP".to_owned()).or_default() += 1;
            vec![good(query)]
        };
        tcp(server, whole).await;
        let network = Network::spelling(Letters::Drawn, Limits::in_flight(256), &Trust::public());
        let resolver = Resolver::among(&network, [server], Options { timeout: LONG, tries: 1 });
        let mut answers = Vec::new();
        let begin = |name: &&str| Some(begin(name, &["one", "two", "three"]));
        let sink = |_: &str, views: Option<Views>| {
            answers.extend(views.unwrap().first().answers());
            ControlFlow::<()>::Continue(())
        };
        let (names, bounds) = (["a.test", "b.test"], Bounds::concurrency(2));
        let _whole = match is_together {
            true => run(names, bounds, begin, &resolver, sink).await,
            false => run(names, bounds, begin, &Apart(resolver), sink).await,
        };
        assert!(answers.len() >= 6, "{answers:?}");
        for (question, answer) in &answers {
            let outcome = &answer.outcome;
            let is_forged = *outcome == Outcome::NxDomain;
            assert!(
                !is_forged && !matches!(outcome, Outcome::Failed(_)),
                "{question:?}: {outcome:?}"
            );
        }
        let asked = asked.lock().unwrap();
        let is_drawn = |owner: &String| owner != "by TCP" && *owner != owner.to_lowercase();
        let drawn = || asked.iter().filter(|(owner, _)| is_drawn(owner));
        let by_tcp = asked.get("by TCP").copied().unwrap_or_default();
        assert!(drawn().count() > 0);
        // Two may be drawn alike, and one that takes long is sent once more.
        let folded = drawn().count()..=drawn().map(|(_, times)| times).sum();
        assert!(if folds { folded.contains(&by_tcp) } else { by_tcp == 0 }, "{asked:?}");
    }
}

#[tokio::test]
async fn many_domains_are_answered_together_in_their_order() {
    let (seen, _) = survey(true, &LABELS, 300).await;
    let (expected, _) = survey(false, &LABELS, 300).await;
    for (seen, expected) in seen.iter().zip(&expected) {
        assert_eq!(seen, expected);
    }
    assert_eq!(seen.len(), expected.len());
}

#[tokio::test]
async fn what_nobody_answers_fails_and_the_rest_stands() {
    for (timeout, deadline, failure) in [
        (Duration::from_secs(1), LONG, Failure::Timeout),
        (LONG, Duration::from_secs(1), Failure::Deadline),
    ] {
        let server = udp(|query| match query.queries[0].name().iter().next() {
            Some(b"silent") => Vec::new(),
            _ => vec![good(query)],
        });
        let resolver = Resolver::new([server.await], Options { timeout, tries: 1 });
        let mut failed = Vec::new();
        let bounds = Bounds { deadline: Some(deadline), ..Bounds::concurrency(64) };
        let begin = |name: &&str| Some(begin(name, &["good", "silent"]));
        let sink = |_: &str, views: Option<Views>| {
            failed.extend(views.unwrap().first().unanswered());
            ControlFlow::<()>::Continue(())
        };
        let _whole = run(["a.test", "b.test"], bounds, begin, &resolver, sink).await;
        let silent = |name: &str| Question {
            name: crate::lookup::responder::name(name),
            rtype: RecordType::SRV,
        };
        let expected = ["silent.a.test.", "silent.b.test."].map(|owner| (silent(owner), failure));
        assert_eq!(failed, expected);
    }
}

#[tokio::test]
async fn who_gives_up_leaves_nothing_behind_that_others_hear() {
    let server = udp(|query| vec![good(query)]).await;
    let options = Options { timeout: LONG, tries: 1 };
    let resolver = Resolver::new([server], options);
    for domain in ["a.test", "b.test", "c.test"] {
        let mut bulk = Bulk::new(&resolver);
        bulk.begin(0, domain, Some(begin(domain, &["good"])), None);
        if domain != "c.test" {
            continue;
        }
        let next = std::future::poll_fn(|context| bulk.poll_next(context, false)).await;
        assert_eq!(next, Next::Finished);
        let Some((0, "c.test", Some(views))) = bulk.take() else { panic!("it is not finished") };
        for (question, answer) in views.first().answers() {
            let outcome = &answer.outcome;
            assert!(!matches!(outcome, Outcome::Failed(_)), "{question:?}: {outcome:?}");
        }
    }
}
