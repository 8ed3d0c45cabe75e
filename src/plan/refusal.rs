//! Why a profile gives no records for a domain that could be published.

use hickory_proto::rr::{Name, RData};

use super::RecordPlan;
use crate::hosting::ExpandError;
use crate::name::plain_text;

/// Says why a profile gives no records for a domain that could be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A host of the profile cannot be spelled out.
    #[error(transparent)]
    Expand(#[from] ExpandError),
    /// A target of an SRV or MX record would be an alias of the same plan (RFC 2782, "Target";
    /// RFC 2181 §10.3).
    #[error(
        "the target {target} would itself be an alias (CNAME), which {rule} forbids; name the canonical host in the profile, or leave out the alias"
    )]
    TargetIsAlias {
        /// The target.
        target: String,
        /// The RFC that forbids it.
        rule: &'static str,
    },
    /// An alias would point at itself.
    #[error("{owner} would be an alias of itself; give it another host in the profile")]
    AliasOfItself {
        /// The owner name.
        owner: String,
    },
    /// Aliases of the plan would lead back to each other.
    #[error("{owner} would lead to {target}, which leads back to it; give one of them a real host")]
    AliasLoop {
        /// One owner name.
        owner: String,
        /// What it leads to.
        target: String,
    },
}

pub(super) fn refuse_contradictions(plan: &RecordPlan) -> Result<(), Refusal> {
    let aliases: Vec<(&Name, &Name)> = plan
        .published()
        .flat_map(|(_, set)| set.rdatas().iter().map(move |data| (set.owner(), data)))
        .filter_map(|(owner, data)| match data {
            RData::CNAME(canonical) => Some((owner, &canonical.0)),
            _ => None,
        })
        .collect();
    let next = |name: &Name| {
        aliases.iter().find(|(owner, _)| *owner == name).map(|(_, canonical)| *canonical)
    };
    for (owner, canonical) in &aliases {
        if owner == canonical {
            return Err(Refusal::AliasOfItself { owner: plain_text(owner) });
        }
        let mut at = Some(*canonical);
        for _ in &aliases {
            at = at.and_then(next);
            if at == Some(*owner) {
                let (owner, target) = (plain_text(owner), plain_text(canonical));
                return Err(Refusal::AliasLoop { owner, target });
            }
        }
    }
    for data in plan.published().flat_map(|(_, set)| set.rdatas()) {
        let (target, rule) = match data {
            RData::SRV(srv) => (&srv.target, "RFC 2782"),
            RData::MX(mx) => (&mx.exchange, "RFC 2181 section 10.3"),
            _ => continue,
        };
        if next(target).is_some() {
            return Err(Refusal::TargetIsAlias { target: plain_text(target), rule });
        }
    }
    Ok(())
}
