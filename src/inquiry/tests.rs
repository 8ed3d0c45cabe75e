use hickory_proto::rr::rdata::{A, MX, SRV};

use super::*;
use crate::name::text;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn srv(port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(0, 1, port, name(target)))
}

fn records(data: Vec<RData>) -> Answer {
    Answer::plain(Outcome::Records { ttl: 60, data })
}

/// The questions of an inquiry that is answered from a table, in order.
/// Leads an inquiry to its end; of all that is asked at one time, the last question is answered first
/// where it `is_backwards`.
pub(super) fn finish(
    mut inquiry: Inquiry,
    is_backwards: bool,
    mut answer: impl FnMut(&Question) -> Answer,
) -> Observed {
    loop {
        let mut tickets: Vec<_> = std::iter::from_fn(|| inquiry.poll()).collect();
        if tickets.is_empty() {
            break;
        }
        if is_backwards {
            tickets.reverse();
        }
        for ticket in tickets {
            let question = inquiry.question(ticket);
            inquiry.answer(ticket, answer(&question));
        }
    }
    assert!(inquiry.is_finished());
    inquiry.into_observed()
}

fn asked(inquiry: Inquiry, table: &[(&str, RecordType, Answer)]) -> Vec<String> {
    answered(inquiry, table).0
}

/// Answers every question from a table, else with NXDOMAIN.
fn answered(mut inquiry: Inquiry, table: &[(&str, RecordType, Answer)]) -> (Vec<String>, Observed) {
    let mut questions = Vec::new();
    while let Some(ticket) = inquiry.poll() {
        let question = inquiry.question(ticket);
        let known = table
            .iter()
            .find(|(owner, rtype, _)| name(owner) == question.name && *rtype == question.rtype);
        let answer = known.map_or_else(|| Answer::plain(Outcome::NxDomain), |row| row.2.clone());
        questions.push(format!("{} {}", text(&question.name), question.rtype));
        inquiry.answer(ticket, answer);
    }
    assert!(inquiry.is_finished());
    (questions, inquiry.into_observed())
}

fn seeking(owner: &str, rtype: RecordType, wanted: Wanted<'_>) -> Inquiry {
    let mut inquiry = Inquiry::new("d.test".parse().unwrap());
    inquiry.seek(&name(owner), rtype, wanted);
    inquiry
}

#[test]
fn a_record_as_wanted_raises_its_target_and_no_wildcard_probe() {
    let wanted = [srv(993, "mail.d.test.")];
    let inquiry = seeking("_imaps._tcp.d.test.", RecordType::SRV, Wanted::Records(&wanted));
    let table = [("_imaps._tcp.d.test.", RecordType::SRV, records(wanted.to_vec()))];
    assert_eq!(
        asked(inquiry, &table),
        ["_imaps._tcp.d.test. SRV", "mail.d.test. A", "mail.d.test. AAAA", "_tcp.d.test. A",]
    );
}

#[test]
fn another_record_than_wanted_raises_a_wildcard_probe() {
    let wanted = [srv(993, "mail.d.test.")];
    let inquiry = seeking("_imaps._tcp.d.test.", RecordType::SRV, Wanted::Records(&wanted));
    let other = records(vec![srv(994, "mail.d.test.")]);
    let table = [("_imaps._tcp.d.test.", RecordType::SRV, other)];
    assert!(asked(inquiry, &table).contains(&"mailsrv-wildcard-probe._tcp.d.test. SRV".to_owned()));
}

#[test]
fn a_missing_record_raises_the_wrong_owner_names_where_something_stands() {
    let wanted = [srv(993, "mail.d.test.")];
    let seek = || seeking("_imaps._tcp.d.test.", RecordType::SRV, Wanted::Records(&wanted));
    let nothing = [
        "_imaps._tcp.d.test. SRV",
        "d.test.d.test. A",
        "_tcp.d.test. A",
        "_tcp.mail.d.test. A",
        "_tcp.www.d.test. A",
        "_imaps.d.test. SRV",
    ];
    assert_eq!(asked(seek(), &[]), nothing);
    let there = ["d.test.d.test.", "_tcp.d.test.", "_tcp.mail.d.test.", "_tcp.www.d.test."]
        .map(|owner| (owner, RecordType::A, Answer::plain(Outcome::NoData)));
    let more = asked(seek(), &there);
    for owner in [
        "imaps._tcp.d.test.",
        "_imap4s._tcp.d.test.",
        "_imaps._tcp.mail.d.test.",
        "_imaps._tcp.www.d.test.",
        "_imaps._tcp.d.test.d.test.",
    ] {
        assert!(more.contains(&format!("{owner} SRV")), "{owner}: {more:?}");
    }
    assert_eq!(more.len(), nothing.len() + 5);
}

#[test]
fn a_service_that_is_not_offered_has_no_targets_worth_asking_for() {
    let inquiry = seeking("_pop3._tcp.d.test.", RecordType::SRV, Wanted::Nothing);
    let table = [("_pop3._tcp.d.test.", RecordType::SRV, records(vec![srv(110, "old.test.")]))];
    assert_eq!(
        asked(inquiry, &table),
        ["_pop3._tcp.d.test. SRV", "mailsrv-wildcard-probe._tcp.d.test. SRV"]
    );
}

#[test]
fn an_authoritative_answer_makes_the_soa_worth_asking_for() {
    let inquiry = seeking("d.test.", RecordType::MX, Wanted::Anything);
    let answer = Answer { authoritative: true, ..Answer::plain(Outcome::NxDomain) };
    let table = [("d.test.", RecordType::MX, answer)];
    assert_eq!(asked(inquiry, &table), ["d.test. MX", "d.test. SOA"]);
}

#[test]
fn of_many_targets_the_preferred_ones_are_asked_for() {
    let count = u16::try_from(MAX_TARGETS).unwrap() + 1;
    // The best have the last names.
    let host = |place: u16| name(&format!("t{}.d.test.", count - place));
    let places = 0..count;
    let srv = |place| RData::SRV(SRV::new(place, 1, 993, host(place)));
    let srvs: Vec<RData> = places.clone().map(srv).collect();
    let exchanges = places.map(|place| RData::MX(MX::new(place, host(place)))).collect();
    let mut inquiry = seeking("d.test.", RecordType::MX, Wanted::Anything);
    inquiry.seek(&name("_imaps._tcp.d.test."), RecordType::SRV, Wanted::Records(&srvs));
    let (questions, observed) = answered(
        inquiry,
        &[
            ("d.test.", RecordType::MX, records(exchanges)),
            ("_imaps._tcp.d.test.", RecordType::SRV, records(srvs.clone())),
        ],
    );
    for place in 1..count {
        let host = format!("t{}.d.test.", place + 1);
        for family in ["A", "AAAA"] {
            assert!(questions.contains(&format!("{host} {family}")), "{host}: {questions:?}");
        }
    }
    assert!(!questions.contains(&"t1.d.test. A".to_owned()), "{questions:?}");
    let skipped: Vec<_> = observed.unanswered().collect();
    assert_eq!(skipped.len(), 1);
    assert_eq!((text(&skipped[0].0.name).as_str(), skipped[0].1), ("d.test.", Failure::NotAsked));
}

#[test]
fn a_denial_that_is_missing_is_sought_under_no_other_name() {
    let denial = [RData::SRV(SRV::new(0, 0, 0, Name::root()))];
    let inquiry = seeking("_pop3._tcp.d.test.", RecordType::SRV, Wanted::Records(&denial));
    assert_eq!(asked(inquiry, &[]), ["_pop3._tcp.d.test. SRV"]);
}

#[test]
fn records_beyond_the_limit_leave_a_question_open() {
    for (count, is_partial) in [(MAX_RECORDS, false), (MAX_RECORDS + 1, true)] {
        let address = |last: usize| RData::A(A::new(192, 0, 2, u8::try_from(last).unwrap()));
        let data = (0..count).map(address).collect();
        let inquiry = seeking("a.d.test.", RecordType::A, Wanted::Anything);
        let (_, observed) = answered(inquiry, &[("a.d.test.", RecordType::A, records(data))]);
        let heard = observed.heard(&name("a.d.test."), RecordType::A);
        assert_eq!((heard.rdatas().len(), heard.is_partial()), (MAX_RECORDS, is_partial));
        assert_eq!(observed.unanswered().count(), usize::from(is_partial));
    }
}

#[test]
fn a_second_answer_to_one_question_is_ignored() {
    let mut inquiry = seeking("d.test.", RecordType::TXT, Wanted::Anything);
    let ticket = inquiry.poll().unwrap();
    assert!(!inquiry.is_finished());
    for outcome in [Outcome::NoData, Outcome::NxDomain] {
        inquiry.answer(ticket, Answer::plain(outcome));
    }
    assert!(inquiry.is_finished());
    let observed = inquiry.into_observed();
    assert_eq!(observed.heard(&name("d.test."), RecordType::TXT).said(), Said::NoData);
}

#[test]
fn what_was_answered_is_heard_with_its_aliases() {
    let mut inquiry = seeking("d.test.", RecordType::MX, Wanted::Anything);
    inquiry.seek(&name("a.d.test."), RecordType::A, Wanted::Anything);
    inquiry.seek(&name("b.d.test."), RecordType::A, Wanted::Anything);
    let address = |last: u8| RData::A(A::new(192, 0, 2, last));
    let exchange = RData::MX(MX::new(10, name("mail.d.test.")));
    let behind = |chain: &[&str], data| Answer {
        chain: chain.iter().map(|text| name(text)).collect(),
        ..records(data)
    };
    let table = [
        ("d.test.", RecordType::MX, records(vec![exchange.clone()])),
        ("a.d.test.", RecordType::A, behind(&["x.test.", "y.test."], vec![address(2), address(1)])),
        // No record of the type asked for: the end of the chain is asked for.
        ("b.d.test.", RecordType::A, behind(&["z.test."], vec![exchange.clone()])),
        ("mail.d.test.", RecordType::A, records(vec![exchange.clone()])),
    ];
    let (questions, observed) = answered(inquiry, &table);
    assert!(questions.contains(&"z.test. A".to_owned()), "{questions:?}");
    let check = |owner: &str, rtype, said, chain: &[&str], data: &[RData]| {
        let heard = observed.heard(&name(owner), rtype);
        let names: Vec<String> = heard.chain().iter().map(text).collect();
        assert_eq!((heard.said(), heard.rdatas().as_slice()), (said, data), "{owner}");
        assert_eq!(names, chain, "{owner}");
    };
    check("d.test.", RecordType::MX, Said::Records, &[], &[exchange]);
    let both = [address(1), address(2)];
    check("a.d.test.", RecordType::A, Said::Records, &["x.test.", "y.test."], &both);
    check("b.d.test.", RecordType::A, Said::NxDomain, &["z.test."], &[]);
    check("mail.d.test.", RecordType::A, Said::NoData, &[], &[]);
}

/// Another RRset may have been looked at before an alias leads to it.
#[test]
fn what_was_looked_at_counts_once_an_alias_leads_to_it() {
    let wanted = [srv(993, "mail.d.test.")];
    let mut inquiry = seeking("_imap4._tcp.d.test.", RecordType::SRV, Wanted::Anything);
    inquiry.seek(&name("_imaps._tcp.d.test."), RecordType::SRV, Wanted::Records(&wanted));
    let alias =
        Answer { chain: vec![name("_imap4._tcp.d.test.")], ..Answer::plain(Outcome::NoData) };
    let table = [
        ("_imap4._tcp.d.test.", RecordType::SRV, records(vec![srv(993, "x.test.")])),
        ("_imaps._tcp.d.test.", RecordType::SRV, alias),
    ];
    let questions = asked(inquiry, &table);
    assert!(questions.contains(&"x.test. AAAA".to_owned()), "{questions:?}");
}

/// A lookup that knows all names of a zone shows each of them.
#[test]
fn a_name_is_looked_at_where_it_could_be_meant_for_a_service() {
    let mut inquiry = Inquiry::new("d.test".parse().unwrap());
    for owner in ["_imap4._tcp", "imaps._tcp", "_x._tcp", "_sip._tls", "_xmpp-client._tcp"] {
        inquiry.look_at(&name(&format!("{owner}.d.test.")));
    }
    assert_eq!(asked(inquiry, &[]), ["_imap4._tcp.d.test. SRV", "imaps._tcp.d.test. SRV"]);
}

#[test]
fn an_inquiry_counts_what_it_holds_on_the_stack_and_on_the_heap() {
    let inquiry = seeking("_imaps._tcp.d.test.", RecordType::SRV, Wanted::Nothing);
    let octets = inquiry.size_in_memory();
    assert!((size_of::<Inquiry>() + 1..4096).contains(&octets), "{octets}");
}

#[test]
fn another_address_than_wanted_raises_a_wildcard_probe() {
    let wanted = [RData::A(A::new(192, 0, 2, 1))];
    let is_probed = |answer: Answer| {
        let inquiry = seeking("autoconfig.d.test.", RecordType::A, Wanted::Records(&wanted));
        let questions = asked(inquiry, &[("autoconfig.d.test.", RecordType::A, answer)]);
        questions.iter().any(|question| question.contains("wildcard-probe"))
    };
    assert!(is_probed(records(vec![RData::A(A::new(192, 0, 2, 9))])));
    assert!(!is_probed(records(wanted.to_vec())));
    assert!(!is_probed(Answer::plain(Outcome::NoData)));
}

#[test]
fn a_domain_without_an_mx_takes_mail_at_its_address_unless_an_alias_says_so() {
    let is_asked = |chain: Vec<Name>| {
        let inquiry = seeking("d.test.", RecordType::MX, Wanted::Anything);
        let answer = Answer { chain, ..Answer::plain(Outcome::NoData) };
        asked(inquiry, &[("d.test.", RecordType::MX, answer)]).contains(&"d.test. A".to_owned())
    };
    assert!(is_asked(Vec::new()));
    assert!(!is_asked(vec![name("web.test.")]));
}

/// What a broken server denies is there all the same where a name below it holds records.
#[test]
fn nothing_is_sought_below_tcp_where_it_does_not_exist_and_holds_nothing() {
    let wanted = [srv(993, "mail.d.test.")];
    let is_sought = |below: Answer| {
        let mut inquiry = seeking("_imaps._tcp.d.test.", RecordType::SRV, Wanted::Records(&wanted));
        inquiry.seek(&name("_sip._tcp.d.test."), RecordType::SRV, Wanted::Anything);
        inquiry.seek(&name("d.test."), RecordType::MX, Wanted::Anything);
        let table = [
            ("_sip._tcp.d.test.", RecordType::SRV, below),
            ("d.test.", RecordType::MX, records(vec![RData::MX(MX::new(10, name("mx.test.")))])),
        ];
        asked(inquiry, &table).contains(&"imaps._tcp.d.test. SRV".to_owned())
    };
    assert!(!is_sought(Answer::plain(Outcome::NxDomain)));
    assert!(is_sought(records(vec![srv(5060, "sip.d.test.")])));
}

#[test]
fn the_tlsa_records_of_servers_that_srv_records_name_are_asked_for_where_they_are_visited() {
    let tlsa_of = |owner: &str, wanted: Wanted<'_>, said: Answer, is_visited: bool| {
        let mut inquiry = seeking(owner, RecordType::SRV, wanted);
        if is_visited {
            inquiry.seek_associations();
        }
        let end = records(vec![srv(995, "end.test.")]);
        let asked =
            asked(inquiry, &[(owner, RecordType::SRV, said), ("a.test.", RecordType::SRV, end)]);
        asked.into_iter().filter(|it| it.ends_with(" TLSA")).collect::<Vec<_>>()
    };
    let other = || records(vec![srv(993, "mail.provider.test."), srv(0, "no.test."), srv(1, ".")]);
    let wanted = [srv(993, "mail.d.test.")];
    let expected = ["_993._tcp.mail.provider.test. TLSA"];
    for (owner, wanted) in [
        ("_imaps._tcp.d.test.", Wanted::Records(&wanted)),
        ("_pop3s._tcp.d.test.", Wanted::Nothing),
        ("_sieve._tcp.d.test.", Wanted::Nothing),
    ] {
        assert_eq!(tlsa_of(owner, wanted, other(), true), expected, "{owner}");
        assert_eq!(tlsa_of(owner, wanted, other(), false), [""; 0], "{owner}");
    }
    // Nobody visits a calendar.
    let calendar = tlsa_of("_caldavs._tcp.d.test.", Wanted::Records(&wanted), other(), true);
    assert_eq!(calendar, [""; 0]);
    let alias = Answer { chain: vec![name("a.test.")], ..Answer::plain(Outcome::NoData) };
    let aliased = tlsa_of("_imaps._tcp.d.test.", Wanted::Records(&wanted), alias, true);
    assert_eq!(aliased, ["_995._tcp.end.test. TLSA"]);
    let many = (0..20).map(|port| srv(port + 1, "mail.test.")).collect();
    let many = tlsa_of("_imaps._tcp.d.test.", Wanted::Records(&wanted), records(many), true);
    assert_eq!(many.len(), MAX_TARGETS);
}
