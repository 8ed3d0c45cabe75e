use std::cell::Cell;
use std::num::NonZeroU32;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::*;

const LIMITS: Limits = Limits { in_flight: 256, at_each: 100, rate: Rate::Unlimited };

fn manners(limits: Limits) -> Arc<Manners> {
    Arc::new(Manners::new(limits, None))
}

/// A server that counts what comes.
#[derive(Default)]
struct Server {
    asked: Cell<usize>,
    now: Cell<usize>,
    most: Cell<usize>,
}

impl Server {
    /// Takes 10 ms for a question, and says how many it was busy with.
    async fn ask(&self) -> usize {
        self.asked.set(self.asked.get() + 1);
        self.now.set(self.now.get() + 1);
        let now = self.now.get();
        self.most.set(self.most.get().max(now));
        sleep(Duration::from_millis(10)).await;
        self.now.set(self.now.get() - 1);
        now
    }
}

/// Asks until that is not refused for the load; how often it was asked, and what was said last.
async fn ask(manners: &Arc<Manners>, answer: impl AsyncFn() -> Said) -> Result<(u32, Said), Rests> {
    let mut refused_among = None;
    for again in 1.. {
        let leave = match again {
            1 => manners.leave().await?,
            _ => manners.leave_again().await?,
        };
        let among = leave.among();
        let said = answer().await;
        match leave.end(said, refused_among) {
            Some(pause) if again < 6 => sleep(pause).await,
            _ => return Ok((again, said)),
        }
        refused_among.get_or_insert(among);
    }
    Err(Rests)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_bears_little_is_asked_little_and_answers_everything() {
    for bears in [12, 30, 60] {
        let (manners, server) = (manners(LIMITS), Server::default());
        let answer = async || match server.ask().await {
            busy if busy > bears => Said::Refused(busy as u64),
            _ => Said::Answered,
        };
        let said = join_all((0..3000).map(|_| ask(&manners, &answer))).await;
        assert!(said.iter().all(|said| matches!(said, Ok((_, Said::Answered)))), "{bears}");
        assert!(server.asked.get() < 3000 + 600, "{bears}: {}", server.asked.get());
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_are_on_their_way_than_the_ceiling() {
    let (manners, server) = (manners(LIMITS), Server::default());
    let answer = async || {
        server.ask().await;
        Said::Answered
    };
    join_all((0..3000).map(|_| ask(&manners, &answer))).await;
    assert_eq!((server.asked.get(), server.most.get()), (3000, 100));
}

#[tokio::test(start_paused = true)]
async fn names_that_are_refused_or_fail_slow_nothing_down() {
    for bad in [Said::Refused(1), Said::Failed(1)] {
        let (manners, server) = (manners(LIMITS), Server::default());
        let number = Cell::new(0);
        // Every fifteenth, and the second half of them all; a domain has fifteen.
        let answer = async |number: u64| {
            server.ask().await;
            match bad {
                Said::Refused(_) if number.is_multiple_of(15) => Said::Refused(number / 15),
                Said::Failed(_) if (number / 15).is_multiple_of(2) => Said::Failed(number / 15),
                _ => Said::Answered,
            }
        };
        let all = (0..30_000).map(|_| {
            let own = number.replace(number.get() + 1);
            let answer = &answer;
            ask(&manners, async move || answer(own).await)
        });
        let asked_again = join_all(all).await;
        let asked_again = asked_again.iter().filter(|said| !matches!(said, Ok((1, _)))).count();
        assert!(asked_again <= 500, "{bad:?}: {asked_again}");
        assert!(server.most.get() > 90, "{bad:?}: {}", server.most.get());
        assert!(manners.hesitation().is_zero(), "{bad:?}");
        assert!(!manners.is_doubtful(), "{bad:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_at_everything_comes_after_others_and_is_asked_slowly() {
    let (manners, server) = (manners(LIMITS), Server::default());
    let number = Cell::new(0);
    let answer = async || {
        server.ask().await;
        Said::Failed(number.replace(number.get() + 1) / 15)
    };
    join_all((0..60).map(|_| ask(&manners, &answer))).await;
    assert!(manners.is_doubtful() && !manners.rests());
    assert!(!manners.hesitation().is_zero());
    let answered = async || Said::Answered;
    assert_eq!(ask(&manners, &answered).await, Ok((1, Said::Answered)));
    assert!(!manners.is_doubtful() && manners.hesitation().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_gets_a_first_flight_and_single_questions_from_time_to_time() {
    let manners = manners(LIMITS);
    let asked = Cell::new(0);
    let lost = async || {
        asked.set(asked.get() + 1);
        sleep(Duration::from_secs(3)).await;
        Said::Lost(Failure::Timeout)
    };
    let first = join_all((0..500).map(|_| ask(&manners, &lost))).await;
    // So many in each time that a question takes a place.
    let first_asked = asked.get();
    assert!((window::FIRST..=4 * window::FIRST).contains(&first_asked), "{first_asked}");
    assert_eq!(first.iter().filter(|said| said.is_err()).count(), 500 - first_asked);
    for trial in 1..20 {
        manners.awake().await;
        let (one, others) =
            tokio::join!(ask(&manners, &lost), join_all((0..9).map(|_| ask(&manners, &lost))));
        assert!(one.is_ok() && others.iter().all(Result::is_err));
        assert_eq!(asked.get(), first_asked + trial);
    }
    manners.awake().await;
    let back = ask(&manners, async || Said::Answered).await;
    assert_eq!(back, Ok((1, Said::Answered)));
    assert!(!manners.rests());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_server_is_told_when_another_has_found_it_back() {
    let manners = manners(LIMITS);
    let lost = async || Said::Lost(Failure::Timeout);
    for _ in 0..5 {
        ask(&manners, &lost).await.unwrap();
    }
    manners.awake().await;
    let trial = manners.leave().await.unwrap();
    let (waiting, ()) = tokio::join!(
        async {
            manners.awake().await;
            manners.rests()
        },
        async {
            sleep(Duration::from_secs(1)).await;
            trial.end(Said::Answered, None);
        }
    );
    assert!(!waiting);
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_leaves_its_place_and_says_nothing() {
    let manners = manners(Limits { at_each: 1, ..LIMITS });
    for _ in 0..100 {
        let leave = manners.leave().await.unwrap();
        let second = tokio::time::timeout(Duration::from_secs(1), manners.leave()).await;
        assert!(second.is_err());
        drop(leave);
    }
    assert_eq!(manners.in_line.load(Ordering::Relaxed), 0);
    let standing = manners.standing("a".to_owned());
    assert_eq!((standing.asked, standing.unanswered, standing.rests), (100, 0, false));
}

#[tokio::test(start_paused = true)]
async fn questions_leave_at_the_rate_and_in_the_order_in_which_they_came() {
    let rate = NonZeroU32::new(50).unwrap();
    let manners = manners(Limits { rate: Rate::PerSecond(rate), ..LIMITS });
    let begun = now();
    let left = std::cell::RefCell::new(Vec::new());
    join_all((0..200).map(|number| {
        let (manners, left) = (&manners, &left);
        async move {
            let leave = manners.leave().await.unwrap();
            left.borrow_mut().push((number, now() - begun));
            leave.end(Said::Answered, None);
        }
    }))
    .await;
    let left = left.into_inner();
    assert!(left.iter().map(|(number, _)| *number).eq(0..200));
    for second in 1..=3_u64 {
        let within = left.iter().filter(|(_, at)| *at < Duration::from_secs(second)).count();
        let most = 50 * second as usize + 5;
        assert!((most - 5..=most).contains(&within), "{within} in {second} s");
    }
}
