//! How many questions a domain costs: they are the price of an audit, and the README tells it.

use std::fs;
use std::path::Path;

use mailsrv::answer::{Answer, Failure, Outcome};
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
