//! The addresses of hosts that are visited.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use crate::answer::{Failure, MAX_CHAIN, Outcome, Question};
use crate::endpoint::Unseen;
use crate::lookup::Lookup;
use crate::name::MailDomain;

/// The most addresses of each family that are tried: others name them, and each may take its time.
const MOST: usize = 4;

/// The addresses of a host, or why there are none.
pub(super) async fn addresses<L: Lookup>(
    lookup: &L,
    domain: Option<&MailDomain>,
    host: &str,
) -> Result<Vec<IpAddr>, Unseen> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let name = Name::from_ascii(format!("{host}.")).map_err(|_error| Unseen::NotLookedUp)?;
    let ask = |rtype| outcome(lookup, domain, name.clone(), rtype);
    let (six, four) = futures_util::join!(ask(RecordType::AAAA), ask(RecordType::A));
    let mut addresses = Vec::new();
    let mut why = None;
    for outcome in [six, four] {
        match outcome {
            Outcome::Records { data, .. } => {
                let found = data.iter().filter_map(|data| match data {
                    RData::A(address) => Some(IpAddr::V4(address.0)),
                    RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                    _ => None,
                });
                addresses.extend(found.take(MOST));
            }
            Outcome::NoData | Outcome::NxDomain => {}
            Outcome::Failed(Failure::OutsideZone) => why = why.or(Some(Unseen::OutsideZone)),
            Outcome::Failed(_) => why = Some(Unseen::NotLookedUp),
        }
    }
    match addresses.is_empty() {
        false => Ok(addresses),
        true => Err(why.unwrap_or(Unseen::NoAddress)),
    }
}

/// What stands at the end of the aliases of a name; zones at hand may know no more than where they lead.
async fn outcome<L: Lookup>(
    lookup: &L,
    domain: Option<&MailDomain>,
    mut name: Name,
    rtype: RecordType,
) -> Outcome {
    for _ in 0..MAX_CHAIN {
        let question = Question { name: name.clone(), rtype };
        let answer = match domain {
            Some(domain) => lookup.ask_about(domain, &question).await,
            None => lookup.ask(&question).await,
        };
        match (answer.outcome, answer.chain.last()) {
            (Outcome::NoData, Some(end)) if *end != name => name = end.clone(),
            (outcome, _) => return outcome,
        }
    }
    Outcome::NoData
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::zones::{ZoneFile, Zones};
    use crate::zonefile::Scanner;

    fn zones(text: &str) -> Zones {
        let mut scanner = Scanner::new(text.as_bytes(), "zone", None);
        Zones::of(vec![ZoneFile::read(&mut scanner).expect("a zone")], None)
    }

    #[tokio::test]
    async fn an_alias_that_ends_outside_is_no_host_without_addresses() {
        let soa = "$ORIGIN d.test.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n";
        let records = "mail A 192.0.2.25\nimap CNAME mail\nfar CNAME mail.provider.example.\n";
        let zones = zones(&[soa, records].concat());
        let domain: MailDomain = "d.test".parse().expect("a mail domain");
        let address = Ok(vec![IpAddr::from([192, 0, 2, 25])]);
        for (host, expected) in [
            ("mail.d.test", address.clone()),
            ("imap.d.test", address),
            ("far.d.test", Err(Unseen::OutsideZone)),
            ("other.d.test", Err(Unseen::NoAddress)),
            ("mail.provider.example", Err(Unseen::OutsideZone)),
            ("192.0.2.7", Ok(vec![IpAddr::from([192, 0, 2, 7])])),
            ("2001:db8::7", Ok(vec!["2001:db8::7".parse().expect("it is one")])),
        ] {
            assert_eq!(addresses(&zones, Some(&domain), host).await, expected, "{host}");
        }
    }

    #[tokio::test]
    async fn loose_records_are_those_of_the_domain_that_is_asked_about() {
        let zones = zones("_imaps._tcp.d.test. 60 SRV 0 1 993 mail.d.test.\n");
        let domain: MailDomain = "d.test".parse().expect("a mail domain");
        let found = addresses(&zones, Some(&domain), "mail.d.test").await;
        assert_eq!(found, Err(Unseen::NoAddress));
    }
}
