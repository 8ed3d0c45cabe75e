//! Random answers to the questions of an inquiry: it ends, and the judge has an opinion.

#![no_main]

use std::sync::LazyLock;

use hickory_proto::rr::rdata::{A, AAAA, MX, SRV};
use hickory_proto::rr::{Name, RData};
use libfuzzer_sys::fuzz_target;
use mailsrv::answer::{Answer, Failure, Outcome};
use mailsrv::audit::{Policy, Verdict, inquire, judge};
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::inquiry::{MAX_QUESTIONS, Ticket};
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::report::{self, Item, Looks};

const NAMES: [&str; 9] = [
    ".",
    "mail.example.com.",
    "example.com.",
    "autoconfig.example.com.",
    "autodiscover.example.com.",
    "_imaps._tcp.example.com.",
    "mail.example.com.example.com.",
    "imap.previous.example.",
    "IMAP.Previous.example.",
];

const PORTS: [u16; 10] = [0, 25, 110, 143, 443, 465, 587, 993, 995, 8443];

static PLAN: LazyLock<RecordPlan> = LazyLock::new(|| {
    let domain = "example.com".parse().expect("it is a mail domain");
    plan(&domain, &Hosting::documented(), &Columns::default())
        .expect("the documented profile is planned")
});

fuzz_target!(|input: &[u8]| {
    let plan = &*PLAN;
    let mut dice = Dice(input);
    let mut inquiry = inquire(plan);
    let mut open: Vec<Ticket> = Vec::new();
    let mut questions = 0;
    loop {
        while let Some(ticket) = inquiry.poll() {
            questions += 1;
            open.push(ticket);
        }
        if open.is_empty() {
            break;
        }
        let ticket = open.swap_remove(dice.below(open.len()));
        inquiry.answer(ticket, dice.answer());
    }
    assert!(inquiry.is_finished());
    assert!(questions <= MAX_QUESTIONS, "{questions} questions");
    let observed = inquiry.into_observed();
    let audit = judge(plan, &observed, &Policy::default());
    let passes = matches!(audit.verdict, Verdict::Pass | Verdict::Warn);
    assert!(audit.unanswered.is_empty() || !passes);
    for &format in report::Format::ALL {
        let item = Item::Judged {
            plan: Some(plan),
            observed: Some(&observed),
            audit: &audit,
            outlook: None,
        };
        let looks = Looks { colour: false, full: true, width: 80 };
        report::write(format, item, looks, &mut Vec::new()).expect("memory holds it");
    }
});

/// Octets that decide; when they run out, everything is the first choice.
struct Dice<'a>(&'a [u8]);

impl Dice<'_> {
    fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.octet()) % limit
    }

    fn name(&mut self) -> Name {
        let at = self.octet();
        if at == u8::MAX {
            return Name::from_labels([&b"a\0b. \""[..], b"example"]).expect("it is a name");
        }
        let text = NAMES
            .get(usize::from(at) % 16)
            .map_or_else(|| format!("t{at}.previous.example."), |name| (*name).to_owned());
        Name::from_ascii(text).expect("it is a name")
    }

    fn answer(&mut self) -> Answer {
        let chain = self.octet();
        let length = if chain < 200 { 0 } else { usize::from(chain - 199) % 12 };
        let chain = (0..length).map(|_| self.name()).collect();
        let outcome = match self.octet() % 8 {
            0..=3 => self.records(),
            4 | 5 => Outcome::NoData,
            6 => Outcome::NxDomain,
            _ => Outcome::Failed(Failure::ALL[self.below(Failure::ALL.len())]),
        };
        Answer { chain, ..Answer::plain(outcome) }
    }

    fn records(&mut self) -> Outcome {
        let count = match self.octet() {
            255 => 300,
            few => 1 + usize::from(few % 4),
        };
        Outcome::Records { ttl: 60, data: (0..count).map(|_| self.data()).collect() }
    }

    fn data(&mut self) -> RData {
        let kind = self.octet();
        match kind % 16 {
            0 => RData::A(A::new(192, 0, 2, self.octet())),
            1 => RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(self.octet()))),
            2 => RData::MX(MX::new(u16::from(self.octet() % 2), self.name())),
            _ => {
                let (priority, weight) = (u16::from(kind >> 4), u16::from(self.octet() % 3));
                let port = PORTS[self.below(PORTS.len())];
                RData::SRV(SRV::new(priority, weight, port, self.name()))
            }
        }
    }
}
