//! How many questions a domain costs: they are the price of an audit, and the README tells it.

use std::fs;
use std::path::Path;

use hickory_proto::rr::{RData, RecordType};
use mailsrv::answer::{Answer, Beside, Failure, Outcome, Question};
use mailsrv::audit::{Policy, Verdict, inquire, inquire_for_errors, judge};
use mailsrv::hosting::{Columns, Hosting, file};
use mailsrv::inquiry::Inquiry;
use mailsrv::name::plain_text;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::report::Forms;

use crate::healthy::{self, Step};

/// The questions that a healthy domain raises, in the order of their asking.
fn questions(hosting: &Hosting, authoritative: bool) -> Vec<String> {
    questions_of(hosting, authoritative, inquire)
}

fn questions_of(
    hosting: &Hosting,
    authoritative: bool,
    begin: fn(&RecordPlan) -> Inquiry,
) -> Vec<String> {
    let domain = "example.com".parse().expect("it is a domain");
    let plan = plan(&domain, hosting, &Columns::default()).expect("the profile fits the domain");
    let mut inquiry = begin(&plan);
    let mut asked = Vec::new();
    while let Some(ticket) = inquiry.poll() {
        let question = inquiry.question(ticket);
        asked.push(format!("{} {}", plain_text(&question.name), question.rtype));
        let answer = healthy::resolve(&question, |at| {
            let nothing = || Step::End(Answer::plain(Outcome::NoData));
            healthy::step(&plan, at).unwrap_or_else(nothing)
        });
        inquiry.answer(ticket, Answer { authoritative, ..answer });
    }
    let verdict = judge(&plan, &inquiry.into_observed(), &Policy::default()).verdict;
    assert_eq!(verdict, Verdict::Pass, "{asked:?}");
    asked
}

#[test]
fn to_recognise_the_dns_host_costs_a_question_for_each_name_that_the_zone_may_begin_at() {
    #[track_caller]
    fn check(domain: &str, names: &[&str]) {
        let plan = plan(
            &domain.parse().expect("it is a domain"),
            &Hosting::documented(),
            &Columns::default(),
        );
        let plan = plan.expect("the profile fits the domain");
        let asked = |forms: Forms| {
            let mut inquiry = inquire(&plan);
            forms.seek(&mut inquiry);
            let mut asked = Vec::new();
            while let Some(ticket) = inquiry.poll() {
                let question = inquiry.question(ticket);
                asked.push(format!("{} {}", plain_text(&question.name), question.rtype));
                inquiry.answer(ticket, Answer::plain(Outcome::Failed(Failure::Timeout)));
            }
            asked
        };
        let plain = asked(Forms::None);
        let more: Vec<String> =
            asked(Forms::ByNameServers).into_iter().filter(|it| !plain.contains(it)).collect();
        assert_eq!(more, names, "{domain}");
    }
    check("example.com", &["example.com NS"]);
    check("a.b.example.co.uk", &["a.b.example.co.uk NS", "b.example.co.uk NS", "example.co.uk NS"]);
}

#[test]
fn a_healthy_domain_costs_what_the_readme_says() {
    let asked = questions(&Hosting::documented(), false);
    assert_eq!(
        asked,
        [
            "_imaps._tcp.example.com SRV",
            "_imap._tcp.example.com SRV",
            "_pop3s._tcp.example.com SRV",
            "_pop3._tcp.example.com SRV",
            "_submissions._tcp.example.com SRV",
            "_submission._tcp.example.com SRV",
            "autoconfig.example.com A",
            "autodiscover.example.com A",
            "_autodiscover._tcp.example.com SRV",
            "example.com MX",
            "_smtps._tcp.example.com SRV",
            "mail.example.com AAAA",
            "_tcp.example.com A",
        ]
    );
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("there is a README");
    let sentence =
        format!("a healthy domain of the default profile costs {} questions", asked.len());
    assert!(readme.contains(&sentence), "README: {sentence}");
}

#[test]
fn whoever_looks_for_errors_alone_asks_a_question_less() {
    let hosting = Hosting::documented();
    let plain = questions(&hosting, false);
    let quick = questions_of(&hosting, false, inquire_for_errors);
    let less: Vec<&String> = plain.iter().filter(|question| !quick.contains(question)).collect();
    assert_eq!(less, ["_smtps._tcp.example.com SRV"]);
    assert_eq!(quick.len(), plain.len() - 1);
}

#[test]
fn the_servers_of_the_zone_are_asked_for_its_soa_record_too() {
    let asked = questions(&Hosting::documented(), true);
    let plain = questions(&Hosting::documented(), false);
    let more: Vec<&String> = asked.iter().filter(|question| !plain.contains(question)).collect();
    assert_eq!(more, ["example.com SOA"]);
    assert_eq!(asked.len(), plain.len() + 1);
}

/// The IPv6 addresses of the targets in an answer.
fn beside(answer: &Answer, plan: &RecordPlan) -> Vec<Beside> {
    let Outcome::Records { data, .. } = &answer.outcome else { return Vec::new() };
    let hosts = data.iter().filter_map(|data| match data {
        RData::SRV(srv) => Some(srv.target.clone()),
        _ => None,
    });
    let rrset = |host: hickory_proto::rr::Name| {
        let question = Question { name: host.clone(), rtype: RecordType::AAAA };
        let Some(Step::End(answer)) = healthy::step(plan, &question) else { return None };
        let Outcome::Records { ttl, data } = answer.outcome else { return None };
        let addresses = data.iter().filter_map(|data| match data {
            RData::AAAA(address) => Some(address.0),
            _ => None,
        });
        Some(Beside { host, ttl, addresses: addresses.collect() })
    };
    hosts.filter_map(rrset).collect()
}

#[test]
fn what_servers_of_the_zone_put_beside_their_answers_is_not_asked_for() {
    let domain = "example.com".parse().expect("it is a domain");
    let plan = plan(&domain, &Hosting::documented(), &Columns::default()).expect("it fits");
    let asked = |carries: bool, is_backwards: bool| {
        let mut inquiry = inquire(&plan);
        let mut asked = Vec::new();
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
                asked.push(format!("{} {}", plain_text(&question.name), question.rtype));
                let mut answer = healthy::resolve(&question, |at| {
                    let nothing = || Step::End(Answer::plain(Outcome::NoData));
                    healthy::step(&plan, at).unwrap_or_else(nothing)
                });
                if carries {
                    answer.beside = beside(&answer, &plan);
                }
                let rcode = answer.outcome.rcode();
                inquiry.answer(ticket, Answer { authoritative: true, rcode, ..answer });
            }
        }
        asked.sort();
        let audit = judge(&plan, &inquiry.into_observed(), &Policy::default());
        assert_eq!(audit.verdict, Verdict::Pass, "{asked:?}");
        (asked, format!("{audit:?}"))
    };
    let (all, audit) = asked(false, false);
    for is_backwards in [false, true] {
        let (fewer, the_same) = asked(true, is_backwards);
        let less: Vec<&String> = all.iter().filter(|asked| !fewer.contains(asked)).collect();
        assert_eq!(less, ["mail.example.com AAAA"]);
        assert_eq!((fewer.len(), &the_same), (13, &audit));
    }
}

#[test]
fn caa_is_asked_for_where_the_profile_names_an_issuer_and_publishes_autoconfig() {
    let asked = |yaml: &str| -> Vec<String> {
        let hosting = file::parse(yaml, "profile.yaml").expect("the profile is sound");
        questions(&hosting, false).into_iter().filter(|asked| asked.ends_with(" CAA")).collect()
    };
    let none = [""; 0];
    let profile = "imap: true\nsubmission: true\n";
    let issuer = "provider: { issuer: letsencrypt.org }\n";
    assert_eq!(asked(&format!("{profile}autoconfig: true\n")), none);
    assert_eq!(asked(&format!("{profile}{issuer}")), none);
    // An alias without CAA records at its end is asked again at the end.
    let expected = ["autoconfig.example.com CAA", "example.com CAA", "mail.example.com CAA"];
    assert_eq!(asked(&format!("{profile}autoconfig: true\n{issuer}")), expected);
}

/// Many thousand inquiries may be open at once.
#[test]
#[cfg(target_pointer_width = "64")]
fn an_inquiry_holds_few_octets() {
    let domain = "customer-0000000.example".parse().expect("it is a domain");
    let hosting = Hosting::documented();
    let plan = plan(&domain, &hosting, &Columns::default()).expect("the profile fits the domain");
    let mut inquiry = inquire(&plan);
    let begun = inquiry.size_in_memory();
    while let Some(ticket) = inquiry.poll() {
        let answer = healthy::resolve(&inquiry.question(ticket), |at| {
            let nothing = || Step::End(Answer::plain(Outcome::NoData));
            healthy::step(&plan, at).unwrap_or_else(nothing)
        });
        inquiry.answer(ticket, answer);
    }
    assert_eq!([begun, inquiry.size_in_memory()], [1136, 1456]);
}
