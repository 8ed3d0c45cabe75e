//! How a report is written, whatever its format.

use hickory_proto::rr::Name;

use super::json::Part;
use super::{Forms, Looks};
use crate::audit::{Severity, Verdict};
use crate::render;

/// How a report is written; a format minds what it has a place for.
///
/// [`Looks`] alone are settings, too: everything else is then as the program has it by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How it looks to people.
    pub looks: Looks,
    /// Whose form remedies are typed into. [`Forms::ByNameServers`] needs inquiries that
    /// [sought](Forms::seek) them.
    pub forms: Forms,
    /// Which domains come with all answers.
    pub evidence: Evidence,
    /// What a row of a table is about.
    pub rows: Rows,
    /// The lowest severity of a finding that fails a run.
    pub fail_on: Severity,
    /// The format in which the remedies are printed, in place of the report.
    pub fix: Option<render::Format>,
    /// The apex of the zone that remedies go into; without it, the mail domain is taken for it.
    pub zone_apex: Option<Name>,
    /// Which part of a run it is, where that is not all of it: JSON says so at its end.
    pub part: Option<Part>,
}

impl Default for Settings {
    fn default() -> Self {
        Looks::default().into()
    }
}

impl From<Looks> for Settings {
    fn from(looks: Looks) -> Self {
        Self {
            looks,
            forms: Forms::None,
            evidence: Evidence::default(),
            rows: Rows::default(),
            fail_on: Severity::Error,
            fix: None,
            zone_apex: None,
            part: None,
        }
    }
}

/// Which domains come with the states of all RRsets, and with every question and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// Every domain.
    Always,
    /// Those that do not pass.
    #[default]
    Problems,
    /// None; of domains that do not pass the states remain.
    Never,
}

impl Evidence {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Always, Self::Problems, Self::Never];

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Problems => "problems",
            Self::Never => "never",
        }
    }

    /// Whether the states of all RRsets are told of a domain.
    pub(super) fn tells_states(self, verdict: Verdict) -> bool {
        self == Self::Always || verdict != Verdict::Pass
    }

    /// Whether the answers are told of a domain.
    pub(super) fn tells_answers(self, verdict: Verdict) -> bool {
        self != Self::Never && self.tells_states(verdict)
    }
}

/// What a row of a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// A finding, or a domain that could not be judged.
    #[default]
    Finding,
    /// A domain.
    Domain,
}

impl Rows {
    /// Every choice, the default first.
    pub const ALL: [Self; 2] = [Self::Finding, Self::Domain];

    /// The word for it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Domain => "domain",
        }
    }
}
