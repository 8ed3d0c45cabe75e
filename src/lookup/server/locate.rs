//! The addresses of servers that are given by their names.

use futures_util::future;
use hickory_proto::rr::{Name, RData, RecordType};

use super::super::Lookup;
use super::{Host, Server};
use crate::answer::{Answer, Failure, Outcome, Question};
use crate::name::plain_text;

/// The addresses of one name that are tried at most.
const MAX_ADDRESSES: usize = 16;

/// Says why a server cannot be asked that is given by its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot ask {server}: {}; give its IP address: {}",
    reason(.name, *.failure),
    remedy(.server, .name)
)]
#[non_exhaustive]
pub struct LocateError {
    /// The server.
    pub server: Server,
    /// Its name.
    pub name: Name,
    /// Why no address is known; None where it has none.
    pub failure: Option<Failure>,
}

fn reason(name: &Name, failure: Option<Failure>) -> String {
    let name = plain_text(name);
    match failure {
        Some(failure) => format!("no address of {name} is known: {failure}"),
        None => format!("{name} has no address"),
    }
}

/// The same server with an address in the place of the name.
fn remedy(server: &Server, name: &Name) -> String {
    let (scheme, path) = (server.transport.scheme(), &server.path);
    let certified = server.certified.as_ref().unwrap_or(name);
    format!("{scheme}://192.0.2.1{path}#{}", plain_text(certified))
}

/// Finds the addresses of a server that is given by its name: one server each, IPv4 first.
///
/// A server with an address comes back as it is. The certificate must be for the name in any case.
///
/// # Errors
///
/// The name has no address, or none is known.
pub async fn locate<L: Lookup>(server: &Server, lookup: &L) -> Result<Vec<Server>, LocateError> {
    let Host::Name(name, _) = &server.host else { return Ok(vec![server.clone()]) };
    let question = |rtype| Question { name: name.clone(), rtype };
    let [v4, v6] = [question(RecordType::A), question(RecordType::AAAA)];
    let (v4, v6) = future::join(lookup.ask(&v4), lookup.ask(&v6)).await;
    let mut servers = Vec::new();
    let mut failure = None;
    for Answer { outcome, .. } in [v4, v6] {
        match outcome {
            Outcome::Records { data, .. } => {
                servers.extend(data.iter().filter_map(|data| match data {
                    RData::A(address) => Some(server.at(address.0.into())),
                    RData::AAAA(address) => Some(server.at(address.0.into())),
                    _ => None,
                }));
            }
            Outcome::Failed(why) => failure = failure.or(Some(why)),
            Outcome::NoData | Outcome::NxDomain => {}
        }
    }
    servers.truncate(MAX_ADDRESSES);
    if servers.is_empty() {
        return Err(LocateError { server: server.clone(), name: name.clone(), failure });
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, AAAA};

    use super::*;
    use crate::lookup::responder::{name, srv};
    use crate::lookup::zones::Zones;
    use crate::rrset::ResourceRecord;

    /// What a zone with two names knows.
    fn zone() -> Zones {
        let set = |owner: &str, data| ResourceRecord { owner: name(owner), ttl: 60, data };
        let records = [
            set("dns.example.", RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))),
            set("dns.example.", RData::A(A::new(192, 0, 2, 1))),
            set("dns.example.", RData::A(A::new(192, 0, 2, 2))),
            set("none.example.", srv("a.example.")),
        ];
        let mut zones = Zones::new();
        zones.add_zone(&name("example."), records);
        zones
    }

    async fn located(typed: &str) -> Result<Vec<String>, String> {
        let servers = locate(&typed.parse().unwrap(), &zone()).await;
        let servers = servers.map_err(|error| error.to_string())?;
        Ok(servers.iter().map(Server::to_string).collect())
    }

    #[tokio::test]
    async fn a_name_stands_for_its_addresses_and_stays_that_of_the_certificate() {
        for (typed, servers) in [
            ("192.0.2.9", vec!["192.0.2.9"]),
            (
                "tls://dns.example",
                vec![
                    "tls://192.0.2.1#dns.example",
                    "tls://192.0.2.2#dns.example",
                    "tls://[2001:db8::1]#dns.example",
                ],
            ),
            (
                "https://dns.example:8443/q#cert.example",
                vec![
                    "https://192.0.2.1:8443/q#cert.example",
                    "https://192.0.2.2:8443/q#cert.example",
                    "https://[2001:db8::1]:8443/q#cert.example",
                ],
            ),
        ] {
            let servers = servers.into_iter().map(str::to_owned).collect();
            assert_eq!(located(typed).await, Ok(servers));
        }
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_told_with_the_remedy() {
        for (typed, message) in [
            (
                "quic://none.example:8853",
                "cannot ask quic://none.example:8853: none.example has no address; give its IP \
                 address: quic://192.0.2.1#none.example",
            ),
            (
                "https://dns.elsewhere/q",
                "cannot ask https://dns.elsewhere/q: no address of dns.elsewhere is known: outside \
                 the zones at hand; give its IP address: https://192.0.2.1/q#dns.elsewhere",
            ),
        ] {
            assert_eq!(located(typed).await, Err(message.to_owned()));
        }
    }
}
