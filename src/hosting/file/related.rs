//! What stands in a profile beside the mail services: names with documents behind them, related
//! services, mail exchanges, addresses of hosts, and the provider's own name.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::num::NonZeroU16;

use super::super::publication::{MAX_NAME, MAX_SHORT_NAME, check_name, is_digest, is_web_address};
use super::super::related::{MAX_PATH, is_path};
use super::super::{
    Autodiscover, HostAddresses, HostPattern, Lead, MailExchange, Pacc, PatternError, Provider,
    RelatedOffer,
};
use super::diagnose::{Fault, Problem};
use super::place::{At, HOST, ServerEntry, servers};
use super::shape::{
    Autoconfig, AutodiscoverShape, Dav, Mx, MxServer, PaccShape, ProviderShape, RelatedShape,
    Switch,
};
use super::{MAX_ADDRESSES, MAX_SERVERS};
use crate::name::HostName;
use crate::service::{ConfigName, Related};

/// The preference of an exchange, where a profile does not set it.
pub(super) const DEFAULT_PREFERENCE: u16 = 10;

/// Reads where `autoconfig` leads; a map without fields is a slip.
pub(super) fn autoconfig(
    given: Option<Switch<Autoconfig>>,
    at: &At<'_>,
) -> Result<Option<Lead>, Fault> {
    match given {
        None | Some(Switch::Flag(false)) => Ok(None),
        Some(Switch::Flag(true)) => Ok(Some(Lead::Alias(HostPattern::default_host()))),
        Some(Switch::Value(Autoconfig { alias: None, addresses: None })) => {
            Err(nothing(ConfigName::Autoconfig.text(), at))
        }
        Some(Switch::Value(fields)) => lead(fields.alias, fields.addresses, at),
    }
}

/// Reads both ways; the SRV record goes where the alias goes, unless it says otherwise.
pub(super) fn autodiscover(
    given: Option<Switch<AutodiscoverShape>>,
    at: &At<'_>,
) -> Result<Autodiscover, Fault> {
    let fields = match given {
        None | Some(Switch::Flag(false)) => return Ok(Autodiscover { lead: None, srv: None }),
        Some(Switch::Flag(true)) => {
            let host = HostPattern::default_host();
            return Ok(Autodiscover { lead: Some(Lead::Alias(host.clone())), srv: Some(host) });
        }
        Some(Switch::Value(fields)) => fields,
    };
    if fields.alias.is_none() && fields.addresses.is_none() && fields.srv.is_none() {
        return Err(nothing(ConfigName::Autodiscover.text(), at));
    }
    let lead = lead(fields.alias, fields.addresses, at)?;
    let srv = target(fields.srv, "srv", at, || {
        lead.as_ref().and_then(Lead::alias).cloned().unwrap_or_else(HostPattern::default_host)
    })?;
    Ok(Autodiscover { lead, srv })
}

/// Reads where the document stands, and the digests of others during a change.
pub(super) fn pacc(given: Option<Switch<PaccShape>>, at: &At<'_>) -> Result<Option<Pacc>, Fault> {
    let fields = match given {
        None | Some(Switch::Flag(false)) => return Ok(None),
        Some(Switch::Flag(true)) => {
            let lead = Lead::Alias(HostPattern::default_host());
            return Ok(Some(Pacc { lead, other_digests: Vec::new() }));
        }
        Some(Switch::Value(fields)) => fields,
    };
    let lead = lead(fields.alias, fields.addresses, at)?;
    let lead = lead.unwrap_or_else(|| Lead::Alias(HostPattern::default_host()));
    let other_digests = fields.digests.unwrap_or_default();
    let list = at.field("digests");
    if other_digests.len() > MAX_SERVERS {
        return Err(list.value(format!("at most {MAX_SERVERS} digests"), other_digests.len()));
    }
    for (index, digest) in other_digests.iter().enumerate() {
        if !is_digest(digest) {
            let expected = "the base64 form of a SHA-256 digest, 44 characters".to_owned();
            return Err(list.item(index).value(expected, format_args!("`{digest}`")));
        }
    }
    Ok(Some(Pacc { lead, other_digests }))
}

/// Reads an alias or addresses, which exclude each other (RFC 2181 §10.1).
fn lead(
    alias: Option<Switch<String>>,
    addresses: Option<Vec<String>>,
    at: &At<'_>,
) -> Result<Option<Lead>, Fault> {
    const FIELD: &str = "addresses";
    let Some(list) = addresses else {
        return Ok(target(alias, ALIAS, at, HostPattern::default_host)?.map(Lead::Alias));
    };
    if !matches!(alias, None | Some(Switch::Flag(false))) {
        let problem = Problem::Conflict { field: FIELD, other: ALIAS };
        return Err(at
            .key(FIELD)
            .fault(problem)
            .hint("an alias may not stand beside addresses (RFC 2181 section 10.1); keep one"));
    }
    parse_addresses(&list, &at.field(FIELD)).map(|addresses| Some(Lead::Addresses(addresses)))
}

/// Reads a list of addresses, each once.
fn parse_addresses(list: &[String], at: &At<'_>) -> Result<Vec<IpAddr>, Fault> {
    if list.is_empty() || list.len() > MAX_ADDRESSES {
        return Err(at.value(format!("1 to {MAX_ADDRESSES} addresses"), list.len()));
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for (index, text) in list.iter().enumerate() {
        let wrong = || {
            let expected = "an IP address such as 192.0.2.1 or 2001:db8::1".to_owned();
            at.item(index).value(expected, format_args!("`{text}`"))
        };
        let address = text.parse().ok().ok_or_else(wrong)?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// A service without a path is one of those with a path that has none.
pub(super) fn related(
    given: Option<Switch<RelatedShape>>,
    service: Related,
    at: &At<'_>,
) -> Result<Option<RelatedOffer>, Fault> {
    let given = given.map(|given| match given {
        Switch::Flag(flag) => Switch::Flag(flag),
        Switch::Value(RelatedShape { host, port }) => Switch::Value(Dav { host, port, path: None }),
    });
    dav(given, service, at)
}

/// Reads a service beside mail; its path goes into a record and into documents, so that both must
/// be able to hold it.
pub(super) fn dav(
    given: Option<Switch<Dav>>,
    service: Related,
    at: &At<'_>,
) -> Result<Option<RelatedOffer>, Fault> {
    let fields = match given {
        None | Some(Switch::Flag(false)) => return Ok(None),
        Some(Switch::Flag(true)) => Dav { host: None, port: None, path: None },
        Some(Switch::Value(fields)) => fields,
    };
    let host = match fields.host {
        Some(host) => Some(at.field(HOST).pattern(&host, HostPattern::host)?),
        None => None,
    };
    if let Some(path) = &fields.path
        && !is_path(path)
    {
        let expected = format!("a path that begins with `/`, at most {MAX_PATH} octets of a URL");
        return Err(at.field("path").value(expected, format_args!("`{path}`")));
    }
    let port = fields.port.map_or_else(|| service.default_port(), NonZeroU16::get);
    Ok(Some(RelatedOffer { host, port, path: fields.path }))
}

impl ServerEntry for MxServer {
    fn host(&self) -> &str {
        &self.host
    }
}

/// Reads one exchange or a list of them.
pub(super) fn exchanges(
    given: Option<Switch<Mx>>,
    at: &At<'_>,
) -> Result<Vec<MailExchange>, Fault> {
    let preference = |given: Option<u16>| given.unwrap_or(DEFAULT_PREFERENCE);
    let fields = match given {
        None | Some(Switch::Flag(false)) => return Ok(Vec::new()),
        Some(Switch::Flag(true)) => {
            return Ok(vec![MailExchange { host: None, preference: DEFAULT_PREFERENCE }]);
        }
        Some(Switch::Value(fields)) => fields,
    };
    let Some(list) = fields.servers else {
        let host = match fields.host {
            Some(host) => Some(at.field(HOST).pattern(&host, HostPattern::host)?),
            None => None,
        };
        return Ok(vec![MailExchange { host, preference: preference(fields.preference) }]);
    };
    servers(&list, [HOST, "preference"], at, |host, server| MailExchange {
        host: Some(host),
        preference: preference(server.preference),
    })
}

/// Reads the addresses of hosts, in the order of the file; hosts are compared as names, not as they
/// are spelled.
pub(super) fn addresses(
    given: Option<BTreeMap<String, Vec<String>>>,
    at: &At<'_>,
) -> Result<Vec<HostAddresses>, Fault> {
    let mut hosts: Vec<HostAddresses> = Vec::new();
    let mut seen = HashSet::new();
    for (key, behind, text, list) in at.pairs(&given.unwrap_or_default()) {
        let host: HostName =
            text.parse().map_err(|error| key.fault(Problem::Pattern(PatternError::Name(error))))?;
        if !seen.insert(host.clone()) {
            return Err(key.fault(Problem::SameServer { host: text.to_owned() }));
        }
        let addresses = parse_addresses(list, &behind)?;
        hosts.push(HostAddresses { host, addresses });
    }
    Ok(hosts)
}

/// Checks what documents and CAA records must be able to hold.
pub(super) fn provider(given: Option<ProviderShape>, at: &At<'_>) -> Result<Provider, Fault> {
    let Some(fields) = given else { return Ok(Provider::default()) };
    for (key, text, most) in
        [("name", &fields.name, MAX_NAME), ("short-name", &fields.short_name, MAX_SHORT_NAME)]
    {
        let Some(text) = text else { continue };
        check_name(text, most).map_err(|error| at.field(key).value(error.expected, error.found))?;
    }
    if let Some(text) = &fields.documentation
        && !is_web_address(text)
    {
        let expected = "a web address such as https://provider.example/mail".to_owned();
        return Err(at.field("documentation").value(expected, format_args!("`{text}`")));
    }
    let issuer = fields.issuer.map(|text| {
        text.parse::<HostName>()
            .map_err(|error| at.field("issuer").fault(Problem::Pattern(PatternError::Name(error))))
    });
    Ok(Provider {
        name: fields.name,
        short_name: fields.short_name,
        documentation: fields.documentation,
        issuer: issuer.transpose()?,
    })
}

/// The key of the host that a name is an alias of.
pub(super) const ALIAS: &str = "alias";

/// Reads a host that `true` gives a default.
fn target(
    given: Option<Switch<String>>,
    key: &str,
    at: &At<'_>,
    default: impl FnOnce() -> HostPattern,
) -> Result<Option<HostPattern>, Fault> {
    match given {
        None | Some(Switch::Flag(false)) => Ok(None),
        Some(Switch::Flag(true)) => Ok(Some(default())),
        Some(Switch::Value(text)) => at.field(key).pattern(&text, HostPattern::alias).map(Some),
    }
}

/// A map without fields: whoever wrote it may have meant yes or no.
fn nothing(field: &'static str, at: &At<'_>) -> Fault {
    at.fault(Problem::Nothing { field }).hint(format!("write `{field}: true`, or `{field}: false`"))
}
