//! The judgment: a plan and what DNS said, in; the state of every RRset, findings and a verdict,
//! out. It cannot fail: what DNS did not say is part of the result ([`Audit::unanswered`]), never
//! an error.
//!
//! The order of reading: `seeds` begins the inquiry of a plan ([`inquire`]). `standing` compares
//! every RRset with what was heard, and `meaning` knows which records say the same in other octets.
//! `place` puts beside each SRV owner name what is planned there; `rules` explain the differences,
//! one file a subject; `finding` makes findings of one cause one and holds their remedies;
//! `verdict` concludes. `providers` is a table of known hosts.
//!
//! Where each of several servers or resolvers was asked, each is judged by itself; `views` makes one
//! audit of all, and `compare` says where they disagree ([`judge_views`]). Of many mail domains,
//! `series` plans and judges those by themselves that are like none before ([`Series`]).
//!
//! ```
//! use mailsrv::audit::{Policy, Verdict, inquire, judge};
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::plan::plan;
//!
//! let plan = plan(&"example.com".parse()?, &Hosting::documented(), &Columns::default())?;
//! let inquiry = inquire(&plan);
//! // Here something answers the questions of the inquiry; that nobody did leaves the verdict open.
//! let audit = judge(&plan, &inquiry.into_observed(), &Policy::default());
//! assert_eq!(audit.verdict, Verdict::Unknown);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod associations;
mod change;
mod compare;
mod documents;
mod endpoint;
mod fault;
mod finding;
mod meaning;
mod place;
mod places;
mod providers;
mod rules;
mod seeds;
mod series;
mod standing;
mod unvisited;
mod verdict;
mod views;
mod visited;
mod witnesses;

pub use self::associations::{seek_associations, unheard};
pub use self::change::{Change, changes};
pub use self::documents::{JudgedDocument, judge_documents};
pub use self::endpoint::judge_endpoint;
pub(crate) use self::endpoint::some_of;
pub use self::fault::Fault;
pub use self::finding::{Action, Affects, Finding, Fix, Subject, Told};
pub use self::places::endpoints;
pub use self::seeds::{inquire, inquire_for_errors};
pub use self::series::{Alike, Candidate, Passed, Series};
pub use self::standing::{Standing, State};
pub use self::unvisited::Unvisited;
pub use self::verdict::{Audit, Gone, Policy, Since, Verdict, Witness};
pub use self::views::judge_views;
pub use crate::code::{Code, Severity, UnknownCode, UnknownLevel, parse_setting};

use crate::inquiry::Observed;
use crate::plan::RecordPlan;

/// Judges what was observed of a mail domain against its plan.
///
/// The policy changes severities and drops findings in this one place; no rule asks for it.
///
/// `observed` is what the [`inquire`] of the same plan found out. Of another inquiry the audit
/// would hold what nobody asked to be unanswered. The same arguments give the same audit: nothing
/// here asks for the time or for DNS.
pub fn judge(plan: &RecordPlan, observed: &Observed, policy: &Policy) -> Audit {
    views::conclude(plan, views::Examined::of(plan, observed), policy)
}
