//! A list that several machines share: `--shard`.

use std::collections::BTreeMap;

use mailsrv::cli::{self, Env};
use mailsrv::interrupt::Interrupt;
use mailsrv::name::{MailDomain, Shard};
use proptest::prelude::*;

use crate::program::text;

/// A run with standard input: exit code, stdout, stderr.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> (u8, String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = cli::run(Env {
        args: std::iter::once("mailsrv").chain(args.iter().copied()).map(Into::into).collect(),
        stdin: Box::new(stdin),
        stdout: Box::new(&mut stdout),
        stderr: Box::new(&mut stderr),
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        stdout_columns: 80,
        stderr_columns: None,
        no_color: true,
        interrupt: Interrupt::default(),
    });
    (code, text(&stdout), text(&stderr))
}

/// The names of the IMAPS records that are generated, and how many lines are refused.
fn generated(args: &[&str], list: &str) -> (Vec<String>, usize) {
    let (code, out, err) = run(&[&["generate", "-f", "json"], args].concat(), list.as_bytes());
    let refused = err.lines().filter(|line| line.starts_with("line ")).count();
    assert_eq!(code, if refused > 0 { 3 } else { 0 }, "{err}");
    let owner =
        |line: &str| line.split('"').find(|it| it.starts_with("_imaps._tcp.")).map(str::to_owned);
    (out.lines().filter_map(owner).collect(), refused)
}

#[test]
fn every_domain_and_every_bad_line_belongs_to_one_shard_however_a_list_has_it() {
    /// Ways to write one domain of its number; of some, no domain.
    fn spelling(number: u32, way: usize) -> String {
        match way {
            0 => format!("kunde{number}.example"),
            1 => format!("Kunde{number}.EXAMPLE."),
            2 => format!("bücher{number}.example"),
            3 => format!("BÜCHER{number}.example."),
            _ => format!("b_d{number}.example"),
        }
    }
    let lines = prop::collection::vec((0..40_u32, 0..5_usize), 1..60);
    proptest!(ProptestConfig::with_cases(24), |(lines in lines, count in 1..9_u32, turn in any::<bool>())| {
        let mut list: Vec<String> = lines.iter().map(|(number, way)| spelling(*number, *way)).collect();
        let whole = generated(&["-"], &list.join("\n"));
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        let mut refused = 0;
        for number in 1..=count {
            // Each machine may have the list in an order of its own.
            if turn {
                list.reverse();
            }
            let shard = format!("{number}/{count}");
            let (owners, bad) = generated(&["-", "--shard", &shard], &list.join("\n"));
            for owner in owners {
                let domain: MailDomain = owner["_imaps._tcp.".len()..].parse().expect("it is one");
                prop_assert!(shard.parse::<Shard>().expect("it is one").holds(&domain));
                *found.entry(owner).or_default() += 1;
            }
            refused += bad;
        }
        prop_assert!(found.values().all(|times| *times == 1), "{:?}", found);
        let mut owners = whole.0;
        owners.sort();
        prop_assert_eq!((found.into_keys().collect::<Vec<_>>(), refused), (owners, whole.1));
    });
}

/// What is not done, and what is said of it.
#[track_caller]
fn refused(args: &[&str], list: &str, said: &str) {
    let (code, out, err) = run(args, list.as_bytes());
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains(said), "{err}");
}

#[test]
fn a_shard_that_is_none_is_refused_with_what_to_write() {
    let audit = ["audit", "-", "--shard"];
    let with = |shard| [&audit[..], &[shard]].concat();
    refused(&with("0/16"), "", "write a sum, 0+1/16, as in --shard \"$SLURM_ARRAY_TASK_ID+1/16\"");
    refused(&with("17/16"), "", "shards are counted from 1 to 16, and 17 is beyond them");
    refused(&with("3"), "", "write NUMBER/COUNT, as in 3/16");
    let template = ["generate", "-f", "domain-connect", "--shard", "1/2"];
    refused(&template, "", "a template has no mail domains to share");
}

#[test]
fn a_shard_without_domains_is_no_empty_list() {
    for (shard, owners) in [("10/16", 1), ("9+1/16", 1), ("1/16", 0)] {
        let (found, _) = generated(&["-", "--shard", shard], "example.com\n");
        assert_eq!(found.len(), owners, "{shard}");
        let (found, _) = generated(&["example.com", "--shard", shard], "");
        assert_eq!(found.len(), owners, "{shard}");
    }
    refused(&["generate", "-", "--shard", "1/16"], "", "there is no mail domain in it");
}
