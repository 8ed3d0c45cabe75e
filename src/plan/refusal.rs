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

/// What is looked at is the whole plan, because each part is right by itself. Aliases that lead out
/// of the plan are somebody else's to end.
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

#[cfg(test)]
mod tests {
    use crate::hosting::{Columns, file};

    #[track_caller]
    fn check(names: [&str; 5], refusal: Option<&str>) {
        let [host, autoconfig, autodiscover, pacc, mx] = names;
        let profile = format!(
            "host: '{host}'\nimap: true\nsubmission: true\nautoconfig: {{ alias: '{autoconfig}' }}\n\
             autodiscover: {{ alias: '{autodiscover}' }}\npacc: {{ alias: '{pacc}' }}\n\
             mx: {{ servers: [{{ host: '{mx}' }}] }}\n"
        );
        let hosting = file::parse(&profile, "profile").unwrap();
        let planned = super::super::plan(&"d.test".parse().unwrap(), &hosting, &Columns::default());
        let refused = planned.err().map(|refusal| refusal.to_string());
        match (&refused, refusal) {
            (Some(refused), Some(part)) => assert!(refused.contains(part), "{refused}"),
            _ => assert_eq!(refused.as_deref(), refusal),
        }
    }

    #[test]
    fn aliases_lead_to_each_other_but_not_back_and_no_server_is_one() {
        const HOST: &str = "mail.d.test";
        let [config, discover, pacc] =
            ["autoconfig.d.test", "autodiscover.d.test", "ua-auto-config.d.test"];
        check([HOST; 5], None);
        check([HOST, discover, pacc, HOST, HOST], None);
        check(
            [HOST, config, HOST, HOST, HOST],
            Some("autoconfig.d.test would be an alias of itself"),
        );
        check(
            [HOST, discover, config, HOST, HOST],
            Some("to autodiscover.d.test, which leads back"),
        );
        check(
            [HOST, discover, pacc, config, HOST],
            Some("to autodiscover.d.test, which leads back"),
        );
        for names in [[discover, HOST, HOST, HOST, HOST], [HOST, HOST, HOST, HOST, discover]] {
            check(names, Some("the target autodiscover.d.test would itself be"));
        }
    }
}
