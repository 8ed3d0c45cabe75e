//! Every host once a run: answers that many mail domains ask for are asked for once.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use hickory_proto::serialize::binary::BinEncodable;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::{Arrival, Letter, Lookup, Posted};
use crate::answer::{Answer, Hidden, Outcome, Question, Sight, Vantage};
use crate::name::MailDomain;
use crate::zonefile::Position;

/// The octets of answers that are kept at most, about: tens of thousands of hosts.
const ROOM: usize = 32 << 20;

/// What an answer takes besides the octets of its names and data: itself, and its question.
const OVERHEAD: usize = 640;

/// How long an answer is kept at least, whatever its TTL: a TTL of nothing would have a host asked for
/// as often as it has customers.
const LEAST: Duration = Duration::from_secs(30);

/// How long an answer behind aliases is kept at most: the TTLs of these are not told.
const BEHIND_ALIASES: Duration = Duration::from_secs(300);

/// How long an absence is kept at most (RFC 2308 §5: one to three hours).
const ABSENT: Duration = Duration::from_secs(3 * 3600);

/// How long records are kept at most, as caches do (RFC 8767 §4: days).
const MOST: Duration = Duration::from_secs(24 * 3600);

/// A lookup that asks once for what lies outside the mail domain that is asked about.
///
/// The server of a thousand customers is one host, and its addresses are one answer, failed or not:
/// the customers must not be judged differently because one question of a thousand was lost. What
/// lies in the domain itself is asked for each inquiry, which asks once.
///
/// Records are kept for their TTL, what is absent for the time that the zone says (RFC 2308 §5), and
/// what failed for 30 seconds (RFC 9520 §3.2: one second to five minutes); nothing for less than 30
/// seconds, nor for more than a day. The 32 MiB of answers that were used last are kept, about fifty
/// thousand hosts; a host that was long not used is asked again.
///
/// It belongs before servers, whose answers depend on the question alone.
#[derive(Debug)]
pub struct Once<L> {
    lookup: L,
    /// Held for a moment each time, and never while an answer is waited for.
    kept: Arc<Mutex<Kept>>,
}

/// Answers by their questions as they stand in messages, in lower case: those used since the last time
/// that half of the room was full, and those used before.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<Vec<u8>, Place>,
    old: HashMap<Vec<u8>, Place>,
    /// The octets of the young.
    octets: usize,
}

/// Where an answer stands, or will.
type Place = Arc<OnceCell<Dated>>;

/// An answer, and when it is no longer one.
#[derive(Debug)]
struct Dated {
    answer: Answer,
    end: Instant,
}

impl<L> Once<L> {
    /// Puts a memory before a lookup.
    pub fn new(lookup: L) -> Self {
        Self { lookup, kept: Arc::default() }
    }

    /// One before the lookup of another thread, with the same memory: what either asks for, both know.
    #[must_use]
    pub fn beside<M>(&self, lookup: M) -> Once<M> {
        Once { lookup, kept: Arc::clone(&self.kept) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Half a change loses an answer at most, which is asked for again.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Lookup> Lookup for Once<L> {
    async fn ask(&self, question: &Question) -> Answer {
        self.lookup.ask(question).await
    }

    async fn ask_about(&self, domain: &MailDomain, question: &Question) -> Answer {
        if domain.name().zone_of(&question.name) {
            return self.lookup.ask_about(domain, question).await;
        }
        let place = self.kept().place(spelled(question), Instant::now());
        let ask = || async {
            let answer = self.lookup.ask_about(domain, question).await;
            // It would be of use to the domain alone that it lies in.
            let answer = Answer { beside: Vec::new(), ..answer };
            self.kept().count(&answer);
            let end = Instant::now() + life(&answer);
            Dated { answer, end }
        };
        place.get_or_init(ask).await.answer.clone()
    }

    fn takes_post(&self) -> bool {
        self.lookup.takes_post()
    }

    /// What is not the domain's own may be known; if not, it is waited for with others.
    fn post(&self, letter: &Letter<'_>) -> Posted {
        if letter.is_own {
            return self.lookup.post(letter);
        }
        let known = self.kept().known(letter.question, letter.now);
        match known {
            Some(answer) => Posted::Known(Box::new(answer)),
            None => Posted::No,
        }
    }

    fn send_posted(&self, now: Instant) -> Option<Instant> {
        self.lookup.send_posted(now)
    }

    fn open(&self, arrival: Arrival) -> Result<Answer, Box<Arrival>> {
        self.lookup.open(arrival)
    }

    fn go_on(&self, question: &Question, arrival: Arrival) -> impl Future<Output = Answer> {
        self.lookup.go_on(question, arrival)
    }

    fn sight(&self, domain: &MailDomain) -> impl Future<Output = Option<Sight>> {
        self.lookup.sight(domain)
    }

    /// Each vantage is asked for itself, every time.
    fn ask_from(
        &self,
        vantage: &Vantage,
        domain: &MailDomain,
        question: &Question,
    ) -> impl Future<Output = Answer> {
        self.lookup.ask_from(vantage, domain, question)
    }

    fn sight_below(&self, domain: &MailDomain, name: &Name) -> impl Future<Output = Option<Sight>> {
        self.lookup.sight_below(domain, name)
    }

    fn forget(&self) {
        *self.kept() = Kept::default();
        self.lookup.forget();
    }

    fn srv_owners(&self, domain: &Name, limit: usize) -> Vec<Name> {
        self.lookup.srv_owners(domain, limit)
    }

    fn has_room(&self) -> bool {
        self.lookup.has_room()
    }

    fn position(&self, owner: &Name, rtype: RecordType) -> Option<Position> {
        self.lookup.position(owner, rtype)
    }

    fn hidden(&self, domain: &Name) -> impl Iterator<Item = Hidden> {
        self.lookup.hidden(domain)
    }
}

impl Kept {
    /// The place of an answer, which whoever comes first fills.
    fn place(&mut self, question: Vec<u8>, now: Instant) -> Place {
        self.use_again(&question, now);
        Arc::clone(self.young.entry(question).or_default())
    }

    /// The answer, if there is one.
    fn known(&mut self, question: &[u8], now: Instant) -> Option<Answer> {
        self.use_again(question, now);
        Some(self.young.get(question)?.get()?.answer.clone())
    }

    /// What is old and used is young again; what is no longer an answer is forgotten.
    fn use_again(&mut self, question: &[u8], now: Instant) {
        let lives = |place: &Place| place.get().is_none_or(|dated| now < dated.end);
        if let Some((question, place)) = self.old.remove_entry(question) {
            if let Some(dated) = place.get() {
                self.count(&dated.answer);
            }
            self.young.insert(question, place);
        }
        if self.young.get(question).is_some_and(|place| !lives(place)) {
            self.young.remove(question);
        }
    }

    /// Counts what an answer takes; makes room where that is half of all.
    fn count(&mut self, answer: &Answer) {
        self.octets += cost(answer);
        if self.octets > ROOM / 2 {
            self.old = std::mem::take(&mut self.young);
            self.octets = 0;
        }
    }
}

/// How long an answer is kept.
fn life(answer: &Answer) -> Duration {
    let (told, most) = match &answer.outcome {
        Outcome::Records { ttl, .. } if answer.chain.is_empty() => (Some(*ttl), MOST),
        Outcome::Records { ttl, .. } => (Some(*ttl), BEHIND_ALIASES),
        Outcome::NoData | Outcome::NxDomain => (answer.negative_ttl, ABSENT),
        Outcome::Failed(_) => (None, LEAST),
    };
    Duration::from_secs(told.unwrap_or(0).into()).clamp(LEAST, most)
}

/// A question as it stands in a message, in lower case.
fn spelled(question: &Question) -> Vec<u8> {
    let question = Question { name: question.name.to_lowercase(), ..*question };
    let mut octets = Vec::with_capacity(question.name.len() + 5);
    question.write(&mut octets);
    octets
}

/// The octets of an answer, about.
fn cost(answer: &Answer) -> usize {
    let names: usize = answer.chain.iter().map(|name| OVERHEAD / 4 + name.len()).sum();
    let data: usize = match &answer.outcome {
        Outcome::Records { data, .. } => data
            .iter()
            .map(|data| OVERHEAD / 2 + data.to_bytes().map_or(0, |octets| octets.len()))
            .sum(),
        Outcome::NoData | Outcome::NxDomain | Outcome::Failed(_) => 0,
    };
    OVERHEAD + names + data
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use futures_util::future::join_all;
    use hickory_proto::rr::RData;
    use hickory_proto::rr::rdata::TXT;

    use super::*;
    use crate::answer::Failure;
    use crate::lookup::responder::name;

    /// Fails the first time and answers with that much text later; counts how often it is asked.
    struct Flaky {
        asked: Cell<usize>,
        octets: usize,
    }

    impl Lookup for Flaky {
        async fn ask(&self, _question: &Question) -> Answer {
            let asked = self.asked.replace(self.asked.get() + 1);
            tokio::task::yield_now().await;
            if asked == 0 {
                return Answer::plain(Outcome::Failed(Failure::Timeout));
            }
            let strings = vec![vec![0; 250]; self.octets / 250];
            let text = TXT::from_bytes(strings.iter().map(Vec::as_slice).collect());
            Answer::plain(Outcome::Records { ttl: 3600, data: vec![RData::TXT(text)] })
        }
    }

    fn question(owner: &str) -> Question {
        Question { name: name(owner), rtype: RecordType::A }
    }

    #[tokio::test]
    async fn a_host_of_many_domains_is_asked_for_once_and_all_get_one_answer() {
        let once = Once::new(Flaky { asked: Cell::new(0), octets: 0 });
        let domains: Vec<MailDomain> =
            (0..20).map(|number| format!("d{number}.test").parse().unwrap()).collect();
        let host = question("Server1.provider.test.");
        let answers = join_all(domains.iter().map(|domain| once.ask_about(domain, &host))).await;
        let failed = Answer::plain(Outcome::Failed(Failure::Timeout));
        assert_eq!(answers, vec![failed; 20]);
        let same = question("server1.PROVIDER.test.");
        assert_eq!(once.ask_about(&domains[0], &same).await, answers[0]);
        assert_eq!(once.lookup.asked.get(), 1);
        // What is the domain's own is its own.
        let own = question("mail.d1.test.");
        assert_ne!(once.ask_about(&domains[1], &own).await, answers[0]);
        assert_ne!(once.ask_about(&domains[1], &own).await, answers[0]);
        assert_eq!(once.lookup.asked.get(), 3);
    }

    /// Gives one answer, and counts how often it is asked.
    struct Same(Answer, Cell<u32>);

    impl Lookup for Same {
        async fn ask(&self, _question: &Question) -> Answer {
            self.1.set(self.1.get() + 1);
            self.0.clone()
        }
    }

    /// An answer is kept for so many seconds, and no longer.
    async fn lives(answer: Answer, seconds: u64) {
        let once = Once::new(Same(answer, Cell::new(0)));
        let (domain, host) = ("d.test".parse().unwrap(), question("server1.provider.test."));
        for (wait, asked) in [(0, 1), (seconds - 1, 1), (2, 2), (seconds - 1, 2), (2, 3)] {
            tokio::time::sleep(Duration::from_secs(wait)).await;
            once.ask_about(&domain, &host).await;
            assert_eq!(once.lookup.1.get(), asked, "{seconds} {wait} {:?}", once.lookup.0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_its_ttl_and_for_some_time_at_least_and_at_most() {
        let records = |ttl| Answer::plain(Outcome::Records { ttl, data: Vec::new() });
        let alias = |ttl| Answer { chain: vec![name("www.provider.test.")], ..records(ttl) };
        let absent = |negative_ttl| Answer { negative_ttl, ..Answer::plain(Outcome::NxDomain) };
        for (answer, seconds) in [
            (records(300), 300),
            (records(0), 30),
            (records(604_800), 86_400),
            (alias(60), 60),
            (alias(3600), 300),
            (absent(Some(900)), 900),
            (absent(Some(86_400)), 10_800),
            (absent(None), 30),
            (Answer::plain(Outcome::Failed(Failure::ServFail)), 30),
        ] {
            lives(answer, seconds).await;
        }
    }

    #[tokio::test]
    async fn what_is_known_is_answered_when_it_is_posted() {
        let once = Once::new(Flaky { asked: Cell::new(1), octets: 0 });
        let domain: MailDomain = "d.test".parse().unwrap();
        let answer = once.ask_about(&domain, &question("Server1.provider.test.")).await;
        once.ask_about(&domain, &question("mail.d.test.")).await;
        let (mailbox, now) = (Arc::default(), Instant::now());
        for (owner, is_own, hours, posted) in [
            ("server1.PROVIDER.test.", false, 0, Posted::Known(Box::new(answer))),
            ("server2.provider.test.", false, 0, Posted::No),
            ("mail.d.test.", true, 0, Posted::No),
            ("server1.provider.test.", false, 2, Posted::No),
        ] {
            let letter = Letter {
                question: &spelled(&question(owner)),
                is_own,
                mailbox: &mailbox,
                number: 0,
                now: now + Duration::from_secs(hours * 3600),
                deadline: None,
            };
            assert_eq!(once.post(&letter), posted, "{owner} {hours}");
        }
    }

    /// Answers when the other thread is about to ask, too; counts how often it is asked.
    struct Met<'a> {
        asked: &'a AtomicUsize,
        both: &'a Barrier,
    }

    impl Lookup for Met<'_> {
        async fn ask(&self, _question: &Question) -> Answer {
            if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
                self.both.wait();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            Answer::plain(Outcome::NoData)
        }
    }

    #[test]
    fn a_host_is_asked_for_once_by_several_threads_that_all_hear_of_it() {
        let (asked, both) = (&AtomicUsize::new(0), &Barrier::new(2));
        let met = || Met { asked, both };
        let first = Once::new(met());
        let second = first.beside(met());
        let ask = |once: &Once<Met<'_>>, is_first: bool| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if !is_first {
                both.wait();
            }
            let (domain, host) = ("d.test".parse().unwrap(), question("server1.provider.test."));
            runtime.unwrap().block_on(once.ask_about(&domain, &host))
        };
        let answers = thread::scope(|scope| {
            let other = scope.spawn(|| ask(&second, false));
            [ask(&first, true), other.join().unwrap()]
        });
        assert_eq!(answers, [Answer::plain(Outcome::NoData), answers[0].clone()]);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_forgotten_is_asked_for_again() {
        let once = Once::new(Flaky { asked: Cell::new(0), octets: 0 });
        let (domain, host) = ("d.test".parse().unwrap(), question("server1.provider.test."));
        let failed = once.ask_about(&domain, &host).await;
        assert_eq!(once.ask_about(&domain, &host).await, failed);
        once.forget();
        assert_ne!(once.ask_about(&domain, &host).await, failed);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_and_what_is_used_stays() {
        let once = Once::new(Flaky { asked: Cell::new(1), octets: 60_000 });
        let domain = "d.test".parse().unwrap();
        let used = question("server1.provider.test.");
        let hosts = 3 * ROOM / 60_000;
        for number in 0..hosts {
            once.ask_about(&domain, &used).await;
            once.ask_about(&domain, &question(&format!("h{number}.provider.test."))).await;
        }
        assert_eq!(once.lookup.asked.get(), 1 + 1 + hosts);
        let kept = {
            let kept = once.kept();
            kept.young.len() + kept.old.len()
        };
        let octets = kept * 60_000;
        assert!((ROOM / 3..=ROOM + 120_000).contains(&octets), "{octets}");
        once.ask_about(&domain, &question("h0.provider.test.")).await;
        assert_eq!(once.lookup.asked.get(), 1 + 1 + hosts + 1);
    }
}
