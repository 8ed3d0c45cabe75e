//! Those who were asked for themselves, and what they say.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Failure, Vantage};
use crate::audit::{Told, Unvisited, Witness};
use crate::endpoint::{Endpoint, Protocol, Unseen};
use crate::name::text;
use crate::page::{Unfetched, UrlError};
use crate::service::TlsMode;
use crate::zonefile;

/// One who was asked: a server of the zone at one of its addresses, or a resolver.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Vantage")]
pub(super) struct VantageShape {
    /// The name of the server, with the final dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    /// The address of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    /// The resolver.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolver: Option<String>,
}

/// One who was asked, with what is known of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Witness")]
pub(super) struct WitnessShape {
    /// The name of the server, with the final dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    /// The address of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    /// The resolver.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolver: Option<String>,
    /// The zone that the server was asked for, where it lies below that of the domain; with the final
    /// dot.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// The serial number of the zone at the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u32>,
    /// Why it answered nothing at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// A server that was not visited.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Unvisited")]
pub(super) struct UnvisitedShape {
    /// The host, without the final dot.
    host: String,
    /// The TCP port.
    port: u16,
    /// What is spoken there.
    protocol: String,
    /// When TLS begins there.
    mode: String,
    /// Why it was not visited.
    reason: String,
}

/// A page that was not fetched.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Unfetched")]
pub(super) struct UnfetchedShape {
    /// Where it is.
    url: String,
    /// Why it was not fetched.
    reason: String,
}

/// What some say alike of one RRset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Told")]
pub(super) struct ToldShape {
    /// The owner name, with the final dot.
    owner: String,
    /// The record type.
    r#type: String,
    /// Who says so.
    servers: Vec<VantageShape>,
    /// The RDATA, in presentation form; empty where they say that there is none.
    data: Vec<String>,
    /// The record type of each of those, where one is not of `type`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    types: Vec<String>,
    /// Why they say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl VantageShape {
    pub(super) fn new(vantage: &Vantage) -> Self {
        match vantage {
            Vantage::Server { name, address } => {
                Self { server: Some(text(name)), address: Some(*address), resolver: None }
            }
            Vantage::Resolver(text) => {
                Self { server: None, address: None, resolver: Some(text.clone()) }
            }
        }
    }
}

impl WitnessShape {
    pub(super) fn new(witness: &Witness) -> Self {
        let VantageShape { server, address, resolver } = VantageShape::new(&witness.vantage);
        let failure = witness.failure.map(Failure::code);
        let zone = witness.zone.as_ref().map(text);
        Self { server, address, resolver, zone, serial: witness.serial, failure }
    }
}

impl UnvisitedShape {
    pub(super) fn of(it: &Unvisited) -> Option<Self> {
        let Unvisited::Server(endpoint, why) = it else { return None };
        Some(Self {
            host: endpoint.host.clone(),
            port: endpoint.port,
            protocol: endpoint.protocol.text().to_owned(),
            mode: endpoint.mode.title().to_owned(),
            reason: why.code().to_owned(),
        })
    }
}

impl UnfetchedShape {
    pub(super) fn of(it: &Unvisited) -> Option<Self> {
        let Unvisited::Page(url, why) = it else { return None };
        Some(Self { url: url.to_string(), reason: why.code().to_owned() })
    }
}

impl TryFrom<UnfetchedShape> for Unvisited {
    /// The word that is none, and what it should be.
    type Error = (String, &'static str);

    fn try_from(shape: UnfetchedShape) -> Result<Self, Self::Error> {
        let UnfetchedShape { url, reason } = shape;
        let why = Unfetched::from_code(&reason).ok_or((reason, "reason"))?;
        let url = url.parse().map_err(|_error: UrlError| (url, "URL"))?;
        Ok(Self::Page(url, why))
    }
}

impl TryFrom<UnvisitedShape> for Unvisited {
    /// The word that is none, and what it should be.
    type Error = (String, &'static str);

    fn try_from(shape: UnvisitedShape) -> Result<Self, Self::Error> {
        let UnvisitedShape { host, port, protocol, mode, reason } = shape;
        let spoken = Protocol::ALL.into_iter().find(|it| it.text() == protocol);
        let begins = TlsMode::ALL.into_iter().find(|it| it.title() == mode);
        let why = Unseen::from_code(&reason).ok_or((reason, "reason"))?;
        let protocol = spoken.ok_or((protocol, "protocol"))?;
        let mode = begins.ok_or((mode, "TLS mode"))?;
        Ok(Self::Server(Endpoint { host, port, protocol, mode }, why))
    }
}

impl ToldShape {
    pub(super) fn new(told: &Told) -> Self {
        Self {
            owner: text(told.subject.owner()),
            r#type: told.subject.kind(),
            servers: told.by.iter().map(VantageShape::new).collect(),
            data: told.data.iter().map(zonefile::rdata).collect(),
            types: super::other_types(&told.data, told.subject.rtype()),
            failure: told.failure.map(Failure::code),
        }
    }
}
