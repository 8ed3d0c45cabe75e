//! What holds for every profile, every domain and every answer.

mod given;
mod judged;
mod layouts;
mod lists;
mod series;

use std::net::IpAddr;

use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, RecordType};
use mailsrv::answer::{Answer, Outcome, Question, Sight, Vantage};
use mailsrv::audit::{Audit, Code, Policy, Verdict, inquire, judge, judge_views};
use mailsrv::dns_host::DnsHost;
use mailsrv::document::{Kind, Options, documents};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::inquiry::{MAX_QUESTIONS, Observed, Views};
use mailsrv::name::HostName;
use mailsrv::plan::{RecordPlan, plan, plan_provider};
use mailsrv::reading::{Config, Pacc};
use mailsrv::render::{Format, Sheet, Template};
use mailsrv::report::{self, Item, Looks};
use mailsrv::rrset::ResourceRecord;
use mailsrv::service::{Label, Service, TlsMode};
use mailsrv::zonefile::Scanner;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;

pub(super) use self::given::hosting_of;
use self::given::{answer, case, profile, srv};
use crate::healthy::{self, Step};
use crate::readers::{self, READERS};

fn ask(plan: &RecordPlan, mut answer: impl FnMut(&Question) -> Answer) -> Observed {
    let mut inquiry = inquire(plan);
    while let Some(ticket) = inquiry.poll() {
        let answer = answer(&inquiry.question(ticket));
        inquiry.answer(ticket, answer);
    }
    assert!(inquiry.is_finished());
    inquiry.into_observed()
}

/// What three servers say alike is judged as what one says; that they do not answer is told besides.
fn several_who_say_the_same_are_one(
    plan: &RecordPlan,
    observed: &Observed,
    one: &Audit,
) -> Result<(), TestCaseError> {
    let vantage = |octet: u8| Vantage::Server {
        name: plan.host().name().clone(),
        address: IpAddr::from([192, 0, 2, octet]),
    };
    let sight = Sight {
        zone: plan.domain().name().clone(),
        parent: None,
        vantages: (1..=3).map(vantage).collect(),
        homeless: Vec::new(),
    };
    let views = Views::of(sight, vec![observed.clone(); 3]).expect("there are three");
    let mut many = judge_views(plan, &views, &Policy::default());
    let count = many.findings.len();
    many.findings.retain(|finding| finding.code != Code::ServerLame);
    prop_assert_eq!(&many.findings, &one.findings);
    prop_assert_eq!(&many.standings, &one.standings);
    prop_assert_eq!(&many.unanswered, &one.unanswered);
    prop_assert_eq!(&many.not_judged, &one.not_judged);
    // A warning that nobody answers makes no more of what is open.
    if many.findings.len() == count || !one.unanswered.is_empty() {
        prop_assert_eq!(many.verdict, one.verdict);
    }
    Ok(())
}

fn audit(plan: &RecordPlan, observed: &Observed) -> Audit {
    judge(plan, observed, &Policy::default())
}

fn healthy_answer(plan: &RecordPlan, question: &Question) -> Answer {
    healthy::resolve(question, |at| {
        healthy::step(plan, at).unwrap_or_else(|| Step::End(Answer::plain(Outcome::NoData)))
    })
}

fn documented() -> RecordPlan {
    let domain = "example.com".parse().expect("it is a domain");
    plan(&domain, &Hosting::documented(), &Columns::default()).expect("it is planned by default")
}

fn render(plan: &RecordPlan, apex: Option<&Name>, format: Format) -> String {
    let mut out = Vec::new();
    let sheet = Sheet::new(plan, apex).expect("the apex holds the domain");
    sheet.write(format, &mut out).expect("memory holds it");
    String::from_utf8(out).expect("every format is UTF-8")
}

/// The zones that may hold the domain: none named, the domain itself, and each above it.
fn apexes(plan: &RecordPlan) -> Vec<Option<Name>> {
    let domain = plan.domain().name();
    let above = (1..=usize::from(domain.num_labels())).map(|labels| Some(domain.trim_to(labels)));
    above.chain([None]).collect()
}

fn scan(text: &str) -> Vec<ResourceRecord> {
    Scanner::new(text.as_bytes(), "snippet", None)
        .map(|entry| entry.map_or_else(|error| panic!("{error}\n{text}"), |entry| entry.record))
        .collect()
}

fn for_host(sheet: Sheet<'_>, host: Option<DnsHost>) -> Sheet<'_> {
    match host {
        Some(host) => sheet.for_host(host),
        None => sheet,
    }
}

/// A template with the columns in the places of its variables.
fn applied(template: &str, columns: &Columns) -> String {
    columns.names().fold(template.to_owned(), |text, name| {
        let value = columns.value(name).unwrap_or_default();
        // A column has another name where its own means something else to a template.
        text.replace(&format!("%{name}%"), value).replace(&format!("%mail-{name}%"), value)
    })
}

/// Prints a report in both formats, which must not fail whatever was heard.
fn print(plan: &RecordPlan, observed: &Observed, audit: &Audit) {
    let looks = Looks { colour: true, full: true, width: 80 };
    for &format in report::Format::ALL {
        let item =
            Item::Judged { plan: Some(plan), observed: Some(observed), audit, outlook: None };
        report::write(format, item, looks, &mut Vec::new()).expect("memory holds it");
    }
}

/// The servers that an XML document names: type, host, port and mode.
fn named(text: &str) -> Vec<(Service, String, u16, TlsMode)> {
    let document = roxmltree::Document::parse(text).expect("the document is well-formed");
    let is_mail = |tag: &str| ["incomingServer", "outgoingServer"].contains(&tag);
    let servers = document.descendants().filter(|node| is_mail(node.tag_name().name()));
    servers
        .map(|server| {
            let field = |name| {
                let child = server.children().find(|child| child.has_tag_name(name));
                child.and_then(|child| child.text()).expect("a server has all fields")
            };
            let service = match server.attribute("type") {
                Some("imap") => Service::Imap,
                Some("pop3") => Service::Pop3,
                other => {
                    assert_eq!(other, Some("smtp"));
                    Service::Submission
                }
            };
            let mode = match field("socketType") {
                "SSL" => TlsMode::Implicit,
                other => {
                    assert_eq!(other, "STARTTLS");
                    TlsMode::StartTls
                }
            };
            let port = field("port").parse().expect("a port is a number");
            (service, field("hostname").to_owned(), port, mode)
        })
        .collect()
}

fn offered(plan: &RecordPlan, service: Service) -> Vec<(Name, u16, TlsMode)> {
    let of_mode = |mode| {
        let records = plan.label(service.label(mode)).offered();
        records.map(move |srv| (srv.target.clone(), srv.port, mode))
    };
    TlsMode::ALL.into_iter().flat_map(of_mode).collect()
}

fn shuffled() -> impl Strategy<Value = (Label, Vec<SRV>, Vec<SRV>)> {
    (0..Label::ALL.len(), vec(srv(), 2..9)).prop_flat_map(|(label, records)| {
        (Just(Label::ALL[label]), Just(records.clone()), Just(records).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn the_answers_of_a_plan_are_judged_without_a_finding(case in case()) {
        let observed = ask(&case.plan, |question| healthy_answer(&case.plan, question));
        let audit = audit(&case.plan, &observed);
        prop_assert_eq!((audit.verdict, audit.findings, audit.unanswered),
            (Verdict::Pass, vec![], vec![]));
    }

    #[test]
    fn the_same_input_gives_the_same_octets(case in case(), apex in any::<Index>()) {
        let again = case.plan_again();
        let apexes = apexes(&case.plan);
        let apex = apex.get(&apexes).as_ref();
        for &format in Format::ALL {
            prop_assert_eq!(render(&case.plan, apex, format), render(&again, apex, format));
        }
    }

    #[test]
    fn every_text_reads_back_as_the_plan(
        case in case(),
        apex in any::<Index>(),
        host in option::of(select(DnsHost::ALL)),
    ) {
        let apexes = apexes(&case.plan);
        let (apex, domain) = (apex.get(&apexes).as_ref(), case.plan.domain().name());
        for reader in READERS {
            let format = reader.format();
            let sheet = Sheet::new(&case.plan, apex).expect("the apex holds the domain");
            let sheet = for_host(sheet, host).fitted(format);
            // What is the same for every zone names none.
            let origin = apex.filter(|_| !format.is_template()).unwrap_or(domain);
            let (text, left_out) = (readers::print(&sheet, format), sheet.left_out());
            let judged = reader.judge(&text, origin, case.plan.published(), (left_out, domain));
            prop_assert_eq!(judged, Ok(()));
            // Only certificates stand at hosts outside the mail domain.
            let whole = left_out.iter().all(|it| it.rtype == RecordType::TLSA);
            prop_assert!(whole || host.is_some() || format != Format::ZONE);
        }
    }

    #[test]
    fn every_template_reads_back_once_it_is_applied(profile in profile()) {
        let hosting = hosting_of(&profile);
        let template = Template::of(&hosting);
        let plan = plan(template.domain(), &hosting, template.columns());
        for reader in READERS.iter().filter(|reader| reader.format().is_template()) {
            let (Ok(plan), format) = (&plan, reader.format()) else { continue };
            let sheet = Sheet::new(plan, None).expect("the domain is its own apex");
            let sheet = sheet.into_template(&template).fitted(format);
            let text = applied(&readers::print(&sheet, format), template.columns());
            let (name, left_out) = (plan.domain().name(), sheet.left_out());
            let judged = reader.judge(&text, name, plan.published(), (left_out, name));
            prop_assert_eq!(judged, Ok(()));
        }
    }

    #[test]
    fn the_zone_of_the_provider_reads_back_in_every_format(
        profile in profile(),
        apex in select(vec!["", "provider.example.", "s1.provider.example.", "example.", "xn--bcher-kva.example."]),
        host in option::of(select(DnsHost::ALL)),
    ) {
        let apex = (!apex.is_empty()).then(|| Name::from_ascii(apex).expect("the list is sound"));
        if let Ok(plan) = plan_provider(&hosting_of(&profile), apex.as_ref()) {
            for reader in READERS {
                let format = reader.format();
                let sheet = for_host(Sheet::provider(&plan), host).fitted(format);
                let (text, left_out) = (readers::print(&sheet, format), sheet.left_out());
                let judged = reader.judge(&text, plan.zone(), plan.published(), (left_out, plan.zone()));
                prop_assert_eq!(judged, Ok(()));
            }
        }
    }

    #[test]
    fn documents_name_the_servers_of_the_records(case in case(), alternatives in any::<bool>()) {
        let hosting = hosting_of(&case.profile);
        let options = Options { user: None, alternatives };
        let documents = documents(&case.plan, &hosting, &options);
        let has = |service| !offered(&case.plan, service).is_empty();
        let whole = has(Service::Submission) && (has(Service::Imap) || has(Service::Pop3));
        let config = documents.made.iter().find(|document| document.kind == Kind::Autoconfig);
        prop_assert_eq!(config.is_some(), whole);
        let read = config.and_then(|it| Config::read(it.text.as_bytes()));
        prop_assert_eq!(read.as_ref().and_then(Config::slip), None, "strict readers take it");
        if let Some(pacc) = documents.made.iter().find(|document| document.kind == Kind::Pacc) {
            let read = Pacc::read(pacc.text.as_bytes()).expect("it can be read");
            prop_assert_eq!(read.gap(), None, "its readers take it");
            let sets = case.plan.pacc().into_iter().flat_map(|plan| plan.published());
            let mut records = sets.flat_map(|(_, set)| set.rdatas());
            prop_assert!(records.any(|data| read.is_named(data)), "a record names it");
        }
        for (service, host, port, mode) in config.map(|it| named(&it.text)).unwrap_or_default() {
            let host: HostName = host.parse().expect("it is a host name");
            let known = offered(&case.plan, service);
            prop_assert!(known.contains(&(host.name().clone(), port, mode)));
            let tls = known.iter().any(|(_, _, mode)| *mode == TlsMode::Implicit);
            prop_assert!(alternatives || mode == TlsMode::Implicit || !tls);
        }
    }

    #[test]
    fn the_order_of_records_does_not_matter((label, one, two) in shuffled()) {
        let plan = documented();
        let owner = plan.domain().prefixed(&label.prefix());
        let [one, two] = [one, two].map(|records| {
            let data: Vec<RData> = records.into_iter().map(RData::SRV).collect();
            let observed = ask(&plan, |question| match question.name == owner {
                true => Answer::plain(Outcome::Records { ttl: 60, data: data.clone() }),
                false => healthy_answer(&plan, question),
            });
            audit(&plan, &observed)
        });
        prop_assert_eq!(one, two);
    }

    #[test]
    fn no_answer_upsets_the_judge(
        plan in prop_oneof![Just(documented()), case().prop_map(|case| case.plan)].boxed(),
        answers in vec(answer(), 1..20).boxed(),
        healthy in any::<u8>(),
    ) {
        let mut count = 0;
        let observed = ask(&plan, |question| {
            count += 1;
            // Some runs are healthy but for a few answers, so that rules of detail have their turn.
            match count % 8 <= usize::from(healthy % 8) {
                true => healthy_answer(&plan, question),
                false => answers[count % answers.len()].clone(),
            }
        });
        prop_assert!(count <= MAX_QUESTIONS, "{count} questions");
        let audit = audit(&plan, &observed);
        // What was not answered may hide anything; what is proven wrong stays wrong.
        let passes = matches!(audit.verdict, Verdict::Pass | Verdict::Warn);
        prop_assert!(audit.unanswered.is_empty() || !passes);
        print(&plan, &observed, &audit);
        several_who_say_the_same_are_one(&plan, &observed, &audit)?;
        if audit.verdict != Verdict::Broken {
            judged::agree(&plan, &observed, &audit)?;
        }
    }
}
