//! The last line of the report of a shard, by which `merge` knows that all of it is there.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SCHEMA;
use crate::name::{Shard, ShardError};
use crate::report::Tally;

/// Which part of a run a report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The domains of the run that it is about.
    pub shard: Shard,
    /// What stands for the profile and the policy, alike in all shards of a run.
    pub profile: String,
    /// Whether every domain of the shard is told.
    pub all: bool,
}

/// What the last line of the report of a shard says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closing {
    /// Which part it is.
    pub part: Part,
    /// The domains of the shard.
    pub domains: u64,
    /// Whether the run came to its end.
    pub whole: bool,
}

/// The last line of the report of a shard (`--shard`).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Closing")]
pub(super) struct ClosingShape<'a> {
    /// The version of this object.
    #[schemars(extend("const" = SCHEMA))]
    schema: u32,
    /// The shard that ends here.
    shard: ShardShape<'a>,
}

/// A shard of a run.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Shard")]
pub(super) struct ShardShape<'a> {
    /// Its number, from 1.
    number: u32,
    /// How many shards the run has.
    count: u32,
    /// The domains of the shard.
    domains: u64,
    /// Whether each of them has a line, which some have not with `--only` and `--baseline`.
    all: bool,
    /// Whether the run came to its end.
    whole: bool,
    /// What stands for the profile and the policy, alike in all shards of a run.
    profile: Cow<'a, str>,
}

impl<'a> ClosingShape<'a> {
    pub(super) fn new(part: &'a Part, tally: &Tally) -> Self {
        let shard = ShardShape {
            number: part.shard.number(),
            count: part.shard.count(),
            domains: tally.count(),
            all: part.all,
            whole: !tally.is_early(),
            profile: Cow::Borrowed(&part.profile),
        };
        Self { schema: SCHEMA, shard }
    }
}

impl TryFrom<ShardShape<'_>> for Closing {
    type Error = ShardError;

    fn try_from(shape: ShardShape<'_>) -> Result<Self, ShardError> {
        let ShardShape { number, count, domains, all, whole, profile } = shape;
        let shard = Shard::new(number, count)?;
        let part = Part { shard, profile: profile.into_owned(), all };
        Ok(Self { part, domains, whole })
    }
}
