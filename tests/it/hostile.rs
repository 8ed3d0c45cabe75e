//! Servers that fail, lie or stay silent: no answer is never a missing record.

mod lies;
pub(crate) mod scripted;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use self::lies::lies;
use self::scripted::{Reply, Scripted, Transport, healthy, nothing, poisoned, refuse};
use crate::program::{Audited, Source, audit};

const DOMAIN: &str = "victim.test";

/// Options that keep a test of silence short.
const HASTY: [&str; 4] = ["--timeout", "1", "--tries", "1"];

/// Options that pass over a silent server soon, and wait for one that is slow, as on a busy machine.
const PERSISTENT: [&str; 4] = ["--timeout", "1", "--tries", "10"];

/// Audits at a server that answers every question.
fn audit_at(server: &Scripted) -> Audited {
    audit(DOMAIN, &Source::Servers(&[server.address]), &[])
}

/// Audits at servers that leave questions without an answer.
fn audit_hastily_at(servers: &[&Scripted]) -> Audited {
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    audit(DOMAIN, &Source::Servers(&addresses), &HASTY)
}

#[track_caller]
fn is_unknown(audited: &Audited) {
    tells_nothing("", audited);
}

#[track_caller]
fn passes(audited: &Audited) {
    let told = (audited.verdict.as_str(), audited.exit, audited.findings.len());
    assert_eq!(told, ("pass", 0, 0), "{audited:?}");
}

#[test]
fn an_honest_server_passes() {
    passes(&audit_at(&Scripted::start(|request, _| Reply::Message(healthy(request)))));
}

#[test]
fn a_server_that_always_fails_leaves_the_domain_unknown() {
    let codes = [
        ResponseCode::ServFail,
        ResponseCode::Refused,
        ResponseCode::FormErr,
        ResponseCode::NotImp,
        ResponseCode::NotAuth,
    ];
    for code in codes {
        let server = Scripted::start(move |request, _| Reply::Message(refuse(request, code)));
        is_unknown(&audit_at(&server));
    }
}

#[test]
fn a_silent_server_is_asked_everything_at_once_and_nothing_more_often_than_the_tries_say() {
    const TRIES: usize = 2;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let server = Scripted::start(move |request, _| {
        heard.lock().expect("nothing panics here").push(request.queries[0].clone());
        Reply::Silence
    });
    let options = ["--timeout", "1", "--tries", &TRIES.to_string()];
    is_unknown(&audit(DOMAIN, &Source::Servers(&[server.address]), &options));
    // What has come is heard to the end.
    drop(server);
    let asked = asked.lock().expect("nothing panics here");
    let questions: HashSet<_> = asked.iter().collect();
    // A silence raises no further question, so all are known from the start.
    assert!((1..=20).contains(&questions.len()), "{questions:#?}");
    // Once it is known to be silent, a question now and then tries it.
    assert!(asked.len() > questions.len(), "{asked:#?}");
    for question in &questions {
        assert!(asked.iter().filter(|other| other == question).count() <= TRIES, "{question:?}");
    }
    // Asked one after another, each would be tried again before the next.
    let first: HashSet<_> = asked.iter().take(questions.len()).collect();
    assert_eq!(first, questions);
}

#[test]
fn a_port_where_nobody_listens_leaves_the_domain_unknown() {
    let gone = Scripted::start(|_, _| Reply::Silence).address;
    is_unknown(&audit(DOMAIN, &Source::Servers(&[gone]), &HASTY));
}

#[test]
fn one_unanswered_label_is_unknown_and_not_missing() {
    let server = Scripted::start(|request, _| {
        if is(request, "_pop3s._tcp", RecordType::SRV) {
            Reply::Message(refuse(request, ResponseCode::ServFail))
        } else {
            Reply::Message(healthy(request))
        }
    });
    is_unknown(&audit_at(&server));
}

#[test]
fn findings_stand_beside_unanswered_questions() {
    let server = Scripted::start(|request, _| {
        let mut response = healthy(request);
        if is(request, "_pop3s._tcp", RecordType::SRV) {
            response = refuse(request, ResponseCode::ServFail);
        } else if is(request, "_imap._tcp", RecordType::SRV) {
            for record in &mut response.answers {
                if let RData::SRV(srv) = &mut record.data {
                    srv.port = 0;
                }
            }
        }
        Reply::Message(response)
    });
    let audited = audit_at(&server);
    assert_eq!(audited.codes().into_iter().collect::<Vec<_>>(), ["port-zero"]);
    // What is proven beats the unanswered questions, in the verdict and in the exit code.
    assert_eq!((audited.verdict.as_str(), audited.exit), ("fail", 1));
}

#[test]
fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let server = Scripted::start(|request, transport| {
        Reply::Message(match transport {
            Transport::Udp => truncated(request),
            Transport::Tcp => healthy(request),
        })
    });
    passes(&audit_at(&server));
}

#[test]
fn a_truncated_answer_alone_is_no_answer() {
    let server = Scripted::start(|request, transport| match transport {
        Transport::Udp => Reply::Message(truncated(request)),
        Transport::Tcp => Reply::Silence,
    });
    is_unknown(&audit_hastily_at(&[&server]));
}

#[test]
fn nodata_of_a_server_of_the_zone_is_believed() {
    let server = Scripted::start(|request, _| Reply::Message(nothing(request)));
    let audited = audit_at(&server);
    assert_eq!(audited.exit, 1, "{audited:?}");
    assert!(!audited.findings.is_empty());
}

#[test]
fn no_lie_about_every_name_makes_a_record_missing() {
    for (what, tell) in lies() {
        let server = Scripted::start(move |request, _| Reply::Bytes(vec![tell(request)]));
        tells_nothing(what, &audit_hastily_at(&[&server]));
    }
}

#[test]
fn no_lie_about_one_label_makes_its_record_missing() {
    for (what, tell) in lies() {
        let server = Scripted::start(move |request, _| {
            if is(request, "_pop3s._tcp", RecordType::SRV) {
                Reply::Bytes(vec![tell(request)])
            } else {
                Reply::Message(healthy(request))
            }
        });
        tells_nothing(what, &audit_hastily_at(&[&server]));
    }
}

#[track_caller]
fn tells_nothing(what: &str, audited: &Audited) {
    let told = (audited.verdict.as_str(), audited.exit, audited.findings.len());
    assert_eq!(told, ("unknown", 3, 0), "{what}: {audited:?}");
}

#[test]
fn an_answer_that_does_not_belong_to_the_question_is_not_believed() {
    type Forge = fn(&Message) -> Vec<u8>;
    let forgeries: [(&str, Forge); 6] = [
        ("another ID", |request| bytes(&with_other_id(poisoned(request)))),
        ("another name", |request| bytes(&with_other_name(poisoned(request)))),
        ("another type", |request| bytes(&with_other_type(poisoned(request)))),
        ("a query instead of a response", |request| {
            let mut message = bytes(&poisoned(request));
            message[2] &= 0x7f;
            message
        }),
        ("garbage", |_| (0..200).map(|octet: u8| octet.wrapping_mul(37)).collect()),
        ("half a message", |request| {
            let mut message = bytes(&poisoned(request));
            message.truncate(message.len() - 5);
            message
        }),
    ];
    for (what, forge) in forgeries {
        let server = Scripted::start(move |request, _| Reply::Bytes(vec![forge(request)]));
        tells_nothing(what, &audit_hastily_at(&[&server]));
    }
}

#[test]
fn a_forged_answer_before_the_true_one_is_passed_over() {
    let server = Scripted::start(|request, _| {
        Reply::Bytes(vec![
            bytes(&with_other_id(poisoned(request))),
            bytes(&with_other_name(poisoned(request))),
            bytes(&healthy(request)),
        ])
    });
    passes(&audit_at(&server));
}

#[test]
fn records_of_other_names_beside_an_answer_are_not_believed() {
    let server = Scripted::start(|request, _| {
        let mut response = healthy(request);
        // Alone they are one of the lies.
        if !response.answers.is_empty() {
            for mut record in poisoned(request).answers {
                record.name = Name::from_ascii("elsewhere.test.").expect("the name is valid");
                response.add_answer(record);
            }
        }
        Reply::Message(response)
    });
    passes(&audit_at(&server));
}

#[test]
fn a_second_server_answers_where_the_first_does_not() {
    let honest = Scripted::start(|request, _| Reply::Message(healthy(request)));
    let failing =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::ServFail)));
    let refusing =
        Scripted::start(|request, _| Reply::Message(refuse(request, ResponseCode::Refused)));
    let silent = Scripted::start(|_, _| Reply::Silence);
    let garbling = Scripted::start(|_, _| Reply::Bytes(vec![vec![0xff; 40]]));
    for first in [&failing, &refusing, &silent, &garbling] {
        let servers = [first.address, honest.address];
        passes(&audit(DOMAIN, &Source::Servers(&servers), &PERSISTENT));
    }
    let gone: SocketAddr = Scripted::start(|_, _| Reply::Silence).address;
    passes(&audit(DOMAIN, &Source::Servers(&[gone, honest.address]), &PERSISTENT));
}

#[test]
fn an_empty_non_terminal_said_not_to_exist_is_found_and_hides_no_record() {
    let server = Scripted::start(|request, _| {
        if is(request, "_tcp", request.queries[0].query_type()) {
            Reply::Message(refuse(request, ResponseCode::NXDomain))
        } else {
            Reply::Message(healthy(request))
        }
    });
    let audited = audit_at(&server);
    assert_eq!(audited.codes().into_iter().collect::<Vec<_>>(), ["empty-non-terminal"]);
    assert_eq!((audited.verdict.as_str(), audited.exit), ("fail", 1));
}

#[test]
fn an_answer_with_hundreds_of_targets_ends_the_audit_without_verdict() {
    let server = Scripted::start(|request, transport| {
        let mut response = healthy(request);
        if is(request, "_imaps._tcp", RecordType::SRV) {
            for number in 0..500 {
                for record in poisoned(request).answers {
                    response.add_answer(at_host(record, number));
                }
            }
            if transport == Transport::Udp {
                response = truncated(request);
            }
        }
        Reply::Message(response)
    });
    let audited = audit_at(&server);
    assert_eq!(audited.verdict, "unknown", "{audited:?}");
}

fn is(request: &Message, labels: &str, rtype: RecordType) -> bool {
    is_name(request, labels) && request.queries[0].query_type() == rtype
}

fn is_name(request: &Message, labels: &str) -> bool {
    let name = format!("{labels}.{DOMAIN}.");
    request.queries[0].name().to_ascii().eq_ignore_ascii_case(&name)
}

fn truncated(request: &Message) -> Message {
    let mut response = healthy(request);
    response.answers.clear();
    response.metadata.truncation = true;
    response
}

fn bytes(message: &Message) -> Vec<u8> {
    message.to_vec().expect("the message can be written")
}

fn with_other_id(mut message: Message) -> Message {
    message.metadata.id ^= 0x5555;
    message
}

fn with_other_name(mut message: Message) -> Message {
    for query in &mut message.queries {
        query.set_name(Name::from_ascii("elsewhere.test.").expect("the name is valid"));
    }
    message
}

fn with_other_type(mut message: Message) -> Message {
    for query in &mut message.queries {
        query.set_query_type(RecordType::TXT);
    }
    message
}

fn at_host(mut record: Record, number: u16) -> Record {
    if let RData::SRV(srv) = &mut record.data {
        srv.target = Name::from_ascii(format!("host{number}.test.")).expect("the name is valid");
    }
    record
}

#[test]
fn zone_files_come_before_the_servers_which_answer_for_the_rest() {
    // The servers lie about the zone at hand, and know the host that its records lead to.
    let server = Scripted::start(|request, _| {
        let query = &request.queries[0];
        let owner = query.name().clone();
        if owner.to_ascii().to_ascii_lowercase().ends_with(&format!("{DOMAIN}.")) {
            return Reply::Message(poisoned(request));
        }
        let mut response = refuse(request, ResponseCode::NoError);
        if query.query_type() == RecordType::A {
            let data = RData::A("192.0.2.1".parse().expect("an address"));
            response.add_answer(Record::from_rdata(owner, 60, data));
        }
        Reply::Message(response)
    });
    let zone = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let host = ["--host", "mail.elsewhere.test"];
    let printed = crate::program::printed([&["generate", DOMAIN], &host[..]].concat());
    let exchange = "@ IN MX 10 mail.elsewhere.test.\n";
    std::fs::write(zone.path(), printed + exchange).expect("it is writable");
    let address = server.address.to_string();
    let options = [&host[..], &["--resolver", &address]].concat();
    let audited = audit(DOMAIN, &Source::Zones(&[zone.path()]), &options);
    let told = (audited.verdict.as_str(), audited.exit, audited.codes());
    assert_eq!(told, ("pass", 0, std::collections::BTreeSet::from(["target-one-family"])));
    let offline = audit(DOMAIN, &Source::Zones(&[zone.path()]), &host);
    assert_eq!((offline.verdict.as_str(), offline.exit), ("pass", 0));
    let strict = [&host[..], &["--strict"]].concat();
    let offline = audit(DOMAIN, &Source::Zones(&[zone.path()]), &strict);
    assert_eq!((offline.verdict.as_str(), offline.exit), ("unknown", 3));
}
