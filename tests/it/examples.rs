//! The examples of the library print what their readers are told they print.

#[path = "../../examples/audit_offline.rs"]
#[expect(dead_code, reason = "an example has a main function")]
mod audit_offline;
#[path = "../../examples/generate.rs"]
#[expect(dead_code, reason = "an example has a main function")]
mod generate;
#[path = "../../examples/own_lookup.rs"]
#[expect(dead_code, reason = "an example has a main function")]
mod own_lookup;

use std::error::Error;

type Example = fn(&mut dyn std::io::Write) -> Result<(), Box<dyn Error>>;

#[track_caller]
fn check(example: Example, parts: &[&str]) {
    let mut out = Vec::new();
    example(&mut out).expect("an example succeeds");
    let out = String::from_utf8(out).expect("it prints text");
    for part in parts {
        assert!(out.contains(part), "{part} is not in {out}");
    }
}

#[test]
fn a_profile_of_ones_own_is_printed_for_a_dns_provider() {
    check(generate::run, &["value: {port: 993, priority: 0, target: \"s1.provider.example.\""]);
}

#[test]
fn a_zone_in_memory_is_audited_without_the_network() {
    check(
        audit_offline::run,
        &[
            "example.com: fail\n",
            "error [port-contradicts-label] _imaps has port 143",
            "  Publish _imaps._tcp.example.com. 3600 IN SRV 0 1 993 mail.example.com.\n",
        ],
    );
}

#[test]
fn a_lookup_of_ones_own_is_asked_and_its_failures_are_no_missing_records() {
    check(
        own_lookup::run,
        &[
            "example.com: unknown, 14 questions, 13 of them without an answer\n",
            "_imaps._tcp.example.com. Ok\n_imap._tcp.example.com. Unknown(Timeout)\n",
        ],
    );
}
