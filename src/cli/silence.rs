//! Which servers do not answer, in words: beside the progress of a run, and at its end.

use crate::lookup::resolver::Standing;
use crate::words::counted;

/// The most servers that are told at the end of a run.
const MOST: usize = 5;

/// Of so many questions one must be lost before it is told at the end: any network loses some.
const LOST_OF: u64 = 100;

/// Who does not answer now, or slowly; None where all do.
pub(super) fn now(standings: &[Standing]) -> Option<String> {
    let resting: Vec<_> = standings.iter().filter(|standing| standing.rests).collect();
    let slow: Vec<_> =
        standings.iter().filter(|standing| standing.is_slow && !standing.rests).collect();
    let one_or_many = |standings: &[&Standing], one: &str, many: &str| match standings {
        [] => None,
        [standing] => Some(format!("{} {one}", standing.server)),
        standings => Some(format!("{} {many}", counted(standings.len(), "server"))),
    };
    let resting = one_or_many(&resting, "does not answer", "do not answer");
    let slow = one_or_many(&slow, "is slow", "are slow");
    let told: Vec<_> = [resting, slow].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Who did not answer in the course of a run: a line for each server, those that failed most first.
pub(super) fn notes(standings: &[Standing]) -> Vec<String> {
    let is_told = |standing: &&Standing| {
        standing.unanswered > 0 && standing.unanswered * LOST_OF >= standing.asked
    };
    let mut told: Vec<_> = standings.iter().filter(is_told).collect();
    told.sort_by_key(|standing| std::cmp::Reverse(standing.unanswered));
    let others = told.len().saturating_sub(MOST);
    told.truncate(MOST);
    let mut notes: Vec<_> = told.into_iter().map(note).collect();
    if others > 0 {
        notes.push(format!(
            "{} more did not answer some of their questions",
            counted(others, "server")
        ));
    }
    notes
}

fn note(standing: &Standing) -> String {
    let Standing { server, asked, unanswered, why, .. } = standing;
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    if unanswered == asked {
        let questions = usize::try_from(*asked).unwrap_or(usize::MAX);
        return format!("{server} answered none of {}{why}", counted(questions, "question"));
    }
    let percent = (unanswered * 100).div_ceil(*asked);
    format!("{server} did not answer {unanswered} of {asked} questions ({percent} %){why}")
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use super::*;
    use crate::lookup::resolver::{Limits, Network, Options, Resolver, Server, Trust};

    /// Servers that nobody asked anything, numbered.
    fn standings(count: u8) -> Vec<Standing> {
        let network = Network::new(Limits::in_flight(1), &Trust::public());
        let address = |number| SocketAddr::from((Ipv4Addr::new(192, 0, 2, number), 53));
        let servers = (1..=count).map(|number| Server::from(address(number)));
        let options = Options { timeout: Duration::from_secs(1), tries: 1 };
        let _resolver = Resolver::among(&network, servers, options);
        network.standings()
    }

    #[test]
    fn who_rests_or_is_slow_stands_beside_the_progress() {
        let mut standings = standings(4);
        assert_eq!(now(&standings), None);
        standings[1].rests = true;
        assert_eq!(now(&standings).as_deref(), Some("192.0.2.2 does not answer"));
        standings[2].is_slow = true;
        let both = "192.0.2.2 does not answer, 192.0.2.3 is slow";
        assert_eq!(now(&standings).as_deref(), Some(both));
        standings[0].rests = true;
        let many = "2 servers do not answer, 192.0.2.3 is slow";
        assert_eq!(now(&standings).as_deref(), Some(many));
    }

    #[test]
    fn who_did_not_answer_is_told_at_the_end_the_worst_first() {
        let mut standings = standings(9);
        for (at, (asked, unanswered)) in
            [(0, 0), (1000, 9), (1000, 10), (1, 1), (40, 39)].into_iter().enumerate()
        {
            standings[at].asked = asked;
            standings[at].unanswered = unanswered;
        }
        standings[3].why = Some(crate::answer::Failure::Timeout);
        let expected = [
            "192.0.2.5 did not answer 39 of 40 questions (98 %)",
            "192.0.2.3 did not answer 10 of 1000 questions (1 %)",
            "192.0.2.4 answered none of 1 question: no answer in time",
        ];
        assert_eq!(notes(&standings), expected);
        for standing in &mut standings {
            (standing.asked, standing.unanswered) = (9, 9);
        }
        let all = notes(&standings);
        assert_eq!(
            (all.len(), all[5].as_str()),
            (6, "4 servers more did not answer some of their questions")
        );
    }
}
