//! The arguments of an audit that say how much servers are asked, and how long they are waited for.

use std::time::Duration;

use clap::Args;

use crate::lookup::resolver::Rate;

/// The group of these options, and of those that say how long a run goes on.
pub(super) const PATIENCE: &str = "Patience and manners";

/// How much is asked, and how patiently.
#[derive(Debug, Args)]
pub(super) struct MannersArgs {
    /// Questions a second that each server is asked at most, or `unlimited` [default: 500, and
    /// unlimited for servers on this machine]
    ///
    /// Beside the rate, a server has no more questions at one time than it bears: as many as it
    /// answers, half as many once it loses or refuses some, and 100 at most, or as many as
    /// --concurrency says where that is more. A server that does not answer at all rests, and is
    /// tried again from time to time; others answer meanwhile.
    #[arg(help_heading = PATIENCE, long, value_name = "RATE")]
    pub(super) rate: Option<Rate>,
    /// Seconds to wait for one answer
    ///
    /// They count from when the question leaves: that it waits for its turn is no fault of the server.
    #[arg(help_heading = PATIENCE, long, value_name = "SECONDS", default_value = "3", value_parser = parse_seconds)]
    pub(super) timeout: Duration,
    /// Times that every server is asked before a question counts as unanswered
    ///
    /// Another server is asked before the same is asked again. What is refused because too much is
    /// asked at one time is asked again all the same.
    #[arg(help_heading = PATIENCE, long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(super) tries: u32,
    /// Seconds for all questions about one domain; what is not answered by then counts as unanswered
    /// [default: 60, or --timeout as often as --tries where that is more]
    ///
    /// In an audit with --probe, all that is visited and fetched of the domain has as many once more, and
    /// so has its forecast.
    #[arg(help_heading = PATIENCE, long, value_name = "SECONDS", value_parser = parse_deadline, conflicts_with = "replay")]
    pub(super) deadline: Option<Duration>,
    /// Print results strictly in the order of the input
    ///
    /// Without it, a domain that takes long is printed after others that were done before it: once
    /// 256 of them wait for it. Audits without a network always keep the order.
    #[arg(help_heading = PATIENCE, long)]
    pub(super) ordered: bool,
    /// Domains that are asked about at the same time [default: 256 where a resolver is asked by UDP,
    /// else 16]
    ///
    /// Fewer where the servers do not answer as fast: another domain is begun when its questions need
    /// not only wait. 256 questions are on their way at one time at most, at all servers together.
    #[arg(help_heading = PATIENCE, long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) concurrency: Option<u32>,
}

/// How long all questions about one domain may take where nothing else is said.
const DEADLINE: Duration = Duration::from_secs(60);

impl MannersArgs {
    /// How long all questions about one domain may take.
    pub(super) fn deadline(&self) -> Duration {
        let usual = || DEADLINE.max(self.timeout.saturating_mul(self.tries));
        self.deadline.unwrap_or_else(usual)
    }
}

/// Up to a minute, and in fractions of a second: a server near by answers in a few milliseconds.
pub(super) fn parse_seconds(text: &str) -> Result<Duration, String> {
    seconds(text, 60.0)
}

/// Up to a day.
fn parse_deadline(text: &str) -> Result<Duration, String> {
    seconds(text, 86_400.0)
}

fn seconds(text: &str, most: f64) -> Result<Duration, String> {
    let seconds: f64 =
        text.parse().map_err(|error| format!("{error}; give seconds, as in 2 or 0.5"))?;
    if !(0.01..=most).contains(&seconds) {
        return Err(format!("give between 0.01 and {most} seconds"));
    }
    Ok(Duration::from_secs_f64(seconds))
}
