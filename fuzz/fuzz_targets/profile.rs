//! A hosting profile: what is accepted is written and read again; its plan is printed in every format,
//! and the snippet reads back.

#![no_main]

use hickory_proto::rr::Name;
use libfuzzer_sys::fuzz_target;
use mailsrv::hosting::{Columns, file};
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::render::{Format, Sheet};
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::Scanner;

fuzz_target!(|text: &str| {
    let hosting = match file::parse(text, "profile.yaml") {
        Ok(hosting) => hosting,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let written = file::write(&hosting);
    // Quotes and escapes can make a profile too large to be read.
    if written.len() <= file::MAX_OCTETS {
        let again = file::parse(&written, "written.yaml").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file::write(&again), written);
    }
    let domain = "shop.example.com".parse().expect("it is a mail domain");
    let columns = Columns::new([("server".to_owned(), "s1.provider.example".to_owned())]);
    match plan(&domain, &hosting, &columns) {
        Ok(plan) => check_plan(&plan),
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
});

fn check_plan(plan: &RecordPlan) {
    let apex: Name = plan.domain().name().base_name();
    for apex in [None, Some(&apex)] {
        let sheet = Sheet::new(plan, apex).expect("the apex holds the domain");
        for &format in Format::ALL {
            sheet.write(format, &mut Vec::new()).expect("memory holds it");
        }
        let mut snippet = Vec::new();
        sheet.write(Format::ZONE, &mut snippet).expect("memory holds it");
        let planned = plan.published().flat_map(|(_, set)| set.records());
        let scanned = Scanner::new(snippet.as_slice(), "snippet", None)
            .map(|entry| entry.expect("a snippet is a master file").record);
        assert_eq!(scanned.collect::<Vec<ResourceRecord>>(), planned.collect::<Vec<_>>());
    }
}
