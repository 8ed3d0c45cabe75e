//! The providers that himalaya and io-pim-discovery know by heart: Google and Microsoft, by the mail
//! domain or by its mail exchange (`compose/providers.rs`; the commits are in `pim`).
//!
//! Of such a domain they look at nothing else that it publishes.

use hickory_proto::rr::{RData, RecordType};

use crate::forecast::conclusion::Conclusion;
use crate::forecast::world::{Told, World};
use crate::name::{MailDomain, plain_text};
use crate::reading::{By, Mode, Server};
use crate::service::{Service, TlsMode};

struct Provider {
    title: &'static str,
    /// Its own mail domains.
    domains: &'static [&'static str],
    /// The first labels of its mail domains in many countries; others have such labels, too.
    labels: &'static [&'static str],
    /// The ends of its mail exchanges.
    exchanges: &'static [&'static str],
    /// Where mail is read, with TLS.
    incoming: &'static str,
    /// Where mail is sent.
    outgoing: (&'static str, TlsMode),
}

const PROVIDERS: &[Provider] = &[
    Provider {
        title: "Google",
        domains: &["gmail.com", "googlemail.com"],
        labels: &[],
        exchanges: &[".google.com", ".googlemail.com"],
        incoming: "imap.gmail.com",
        outgoing: ("smtp.gmail.com", TlsMode::Implicit),
    },
    Provider {
        title: "Microsoft",
        domains: &["msn.com"],
        labels: &["outlook", "hotmail", "live"],
        exchanges: &[".protection.outlook.com"],
        incoming: "outlook.office365.com",
        outgoing: ("smtp.office365.com", TlsMode::StartTls),
    },
];

/// What they conclude of a mail domain that they take for one of a provider; None of all others.
pub(super) fn known(world: &World<'_>) -> Told<Option<Conclusion>> {
    let provider = match by_name(world.domain()) {
        Some(provider) => Some(provider),
        None => by_exchange(world)?,
    };
    Ok(provider.map(|provider| provider.conclusion(world)))
}

/// Whether a client may take a mail domain for one of a provider by its name alone.
pub fn is_telling(domain: &MailDomain) -> bool {
    let below = format!(".{domain}");
    let mut exchanges = PROVIDERS.iter().flat_map(|it| it.exchanges);
    by_name(domain.as_str()).is_some() || exchanges.any(|end| below.ends_with(end))
}

fn by_name(domain: &str) -> Option<&'static Provider> {
    let first = domain.split('.').next().unwrap_or_default();
    PROVIDERS.iter().find(|it| it.domains.contains(&domain) || it.labels.contains(&first))
}

/// The provider of the first exchange that is one of theirs, by preference and then by name.
fn by_exchange(world: &World<'_>) -> Told<Option<&'static Provider>> {
    let records = world.records(world.plan().domain().name(), RecordType::MX)?;
    let mut exchanges: Vec<_> = records
        .iter()
        .filter_map(|data| match data {
            RData::MX(mx) => Some((mx.preference, &mx.exchange)),
            _ => None,
        })
        .collect();
    exchanges.sort();
    Ok(exchanges.into_iter().find_map(|(_, exchange)| {
        let exchange = plain_text(exchange).to_ascii_lowercase();
        PROVIDERS.iter().find(|it| it.exchanges.iter().any(|end| exchange.ends_with(end)))
    }))
}

impl Provider {
    fn conclusion(&self, world: &World<'_>) -> Conclusion {
        let server = |service: Service, host: &str, mode: TlsMode| Server {
            service,
            host: host.to_owned(),
            port: service.label(mode).default_port(),
            mode: Mode::Tls(mode),
            login: Some(world.address().to_owned()),
            by: By::Provider(self.title),
        };
        let (outgoing, mode) = self.outgoing;
        Conclusion {
            incoming: Some(server(Service::Imap, self.incoming, TlsMode::Implicit)),
            outgoing: Some(server(Service::Submission, outgoing, mode)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_mail_domains_are_told_by_their_names() {
        for (domain, expected) in [
            ("gmail.com", true),
            ("live.example.test", true),
            ("outlook.com", true),
            ("mail.google.com", true),
            ("google.com", true),
            ("example.test", false),
            ("alive.example.test", false),
            ("www.live.example.test", false),
            ("gmail.com.example.test", false),
        ] {
            assert_eq!(is_telling(&domain.parse().unwrap()), expected, "{domain}");
        }
    }
}
