//! Has the questions of an audit answered by a lookup of one's own: here a table in memory.
//!
//! `cargo run --no-default-features --features net --example own_lookup`

use std::cell::Cell;
use std::error::Error;
use std::io::{self, Write};

use mailsrv::answer::{Answer, Failure, Outcome, Question};
use mailsrv::audit::{Policy, inquire, judge};
use mailsrv::hickory_proto::rr::RData;
use mailsrv::hickory_proto::rr::rdata::SRV;
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::lookup::Lookup;
use mailsrv::name::text;
use mailsrv::plan::plan;
use mailsrv::survey::conduct;

/// Knows one record, and of everything else that it could not be looked up.
#[derive(Default)]
struct OneRecord {
    asked: Cell<u32>,
}

impl Lookup for OneRecord {
    async fn ask(&self, question: &Question) -> Answer {
        self.asked.set(self.asked.get() + 1);
        Answer::plain(match text(&question.name).as_str() {
            "_imaps._tcp.example.com." => {
                let target = question.name.base_name().base_name();
                let target = target.prepend_label("mail").expect("the name is short");
                let data = vec![RData::SRV(SRV::new(0, 1, 993, target))];
                Outcome::Records { ttl: 3600, data }
            }
            // A failure is an answer; a missing record would be `Outcome::NoData`.
            _ => Outcome::Failed(Failure::Timeout),
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}

pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let plan = plan(&"example.com".parse()?, &Hosting::documented(), &Columns::default())?;
    let lookup = OneRecord::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let observed = runtime.block_on(conduct(inquire(&plan), &lookup));
    let audit = judge(&plan, &observed, &Policy::default());
    writeln!(
        out,
        "{}: {}, {} questions, {} of them without an answer",
        plan.domain(),
        audit.verdict,
        lookup.asked.get(),
        audit.unanswered.len()
    )?;
    for standing in audit.standings.iter().take(2) {
        writeln!(out, "{} {:?}", text(&standing.owner), standing.state)?;
    }
    Ok(())
}
