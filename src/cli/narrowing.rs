//! The options of `generate` that publish less than the profile or more, and what they cost.

use super::args::GenerateArgs;
use super::profile;
use super::trouble::Trouble;
use crate::forecast::{Left, Loss, losses};
use crate::hosting::{Columns, Hosting};
use crate::name::MailDomain;
use crate::service::{Label, Service};
use crate::words::listed;

/// Applies the options; the lines say which named clients lose what.
pub(super) fn narrow(
    hosting: Hosting,
    args: &GenerateArgs,
) -> Result<(Hosting, Vec<String>), Trouble> {
    let mut now = hosting;
    let mut talk = Vec::new();
    // For one mail domain, the hosts are those that it will have.
    let subjects = &args.subjects;
    let alone = match subjects.domains.as_slice() {
        [typed] if subjects.input.is_none() => typed.parse().ok(),
        _ => None,
    };
    let shown = alone.clone().or_else(|| profile::SAMPLE_DOMAIN.parse().ok());
    if args.compat_smtps {
        let line = match now.endpoint(Label::Submissions) {
            Some(_) => {
                "--compat-smtps: `_smtps` is no assigned name (RFC 8314 section 7.3); only aerc is known to ask for it"
            }
            None => {
                "--compat-smtps: the profile offers no submission with TLS, so nothing is published under `_smtps`"
            }
        };
        talk.push(line.to_owned());
        now = now.with_compat_smtps();
    }
    for (option, chosen, narrowed) in [
        (
            "--implicit-only",
            args.implicit_only,
            Hosting::with_implicit_only as fn(Hosting) -> Hosting,
        ),
        ("--srv-only", args.srv_only, Hosting::with_srv_only),
    ] {
        if !chosen {
            continue;
        }
        let before = now.clone();
        now = narrowed(now);
        let columns = profile::sample_columns(&before);
        let lost = shown.as_ref().and_then(|it| losses(&before, &now, it, &columns).ok());
        // A domain that is refused is told when it is planned.
        let Some(lost) = lost else { continue };
        if lost.is_empty() {
            talk.push(format!("{option}: no client known to mailsrv loses anything"));
        }
        talk.extend(
            lost.iter().map(|loss| format!("{option}: {}", told(loss, &now, alone.as_ref()))),
        );
    }
    if Service::ALL.into_iter().all(|service| now.offer(service).is_none()) {
        return Err(Trouble::usage(
            "the profile offers nothing with TLS from the first octet on, so --implicit-only leaves nothing",
            "leave --implicit-only out, or add `tls: true` to a service",
        ));
    }
    Ok((now, talk))
}

/// Who loses what; of one mail domain, if there is but one.
pub(super) fn told(loss: &Loss, now: &Hosting, domain: Option<&MailDomain>) -> String {
    let (who, what) = (listed(&loss.clients), loss.servers());
    match (loss.left, now.autodiscover_target()) {
        (Left::AutodiscoverTarget, Some(target)) => {
            let host = domain.and_then(|it| target.expand(it, &Columns::default(), None).ok());
            let target = host.map_or_else(|| target.to_string(), |host| host.to_string());
            format!("{who} will find {what} only if {target} serves the Autodiscover document")
        }
        (Left::AutodiscoverTarget | Left::Nothing, _) => format!("{who} will not find {what}"),
    }
}
