//! Who was asked, and from where a mail domain was seen, as JSON has them.

use std::net::IpAddr;

use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use super::line::{Line, LineError};
use crate::answer::{Failure, Sight, Vantage};
use crate::name::{parse_text, text};

/// How a line begins that tells from where a domain was seen.
pub(super) const SEEN: &[u8] = br#"{"seen":"#;

/// One who was asked: a server with its address, or a resolver.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VantageShape {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolver: Option<String>,
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

impl TryFrom<VantageShape> for Vantage {
    type Error = LineError;

    fn try_from(shape: VantageShape) -> Result<Self, LineError> {
        match (shape.server, shape.address, shape.resolver) {
            (Some(server), Some(address), None) => {
                Ok(Self::Server { name: parse_text(&server)?, address })
            }
            (None, None, Some(text)) => Ok(Self::Resolver(text)),
            _ => Err(LineError::Vantage),
        }
    }
}

/// From where a mail domain was seen; `seen` comes first, which tells it from other lines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenShape {
    seen: String,
    /// Whether the zone lies below that of the domain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    below: bool,
    zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Vec<String>>,
    from: Vec<VantageShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    homeless: Vec<HomelessShape>,
}

/// A server without an address.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HomelessShape {
    server: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl SeenShape {
    pub(super) fn new(domain: &Name, sight: &Sight, is_below: bool) -> Self {
        let homeless = sight.homeless.iter().map(|(server, failure)| HomelessShape {
            server: text(server),
            failure: failure.map(Failure::code),
        });
        Self {
            seen: text(domain),
            below: is_below,
            zone: text(&sight.zone),
            parent: sight.parent.as_ref().map(|names| names.iter().map(text).collect()),
            from: sight.vantages.iter().map(VantageShape::new).collect(),
            homeless: homeless.collect(),
        }
    }
}

impl TryFrom<SeenShape> for Line {
    type Error = LineError;

    fn try_from(shape: SeenShape) -> Result<Self, LineError> {
        let parent = shape.parent.as_ref().map(|names| names.iter().map(|name| parse_text(name)));
        let homeless = shape.homeless.into_iter().map(|HomelessShape { server, failure }| {
            let known = |code: String| Failure::from_code(&code).ok_or(LineError::Failure { code });
            Ok((parse_text(&server)?, failure.map(known).transpose()?))
        });
        let sight = Sight {
            zone: parse_text(&shape.zone)?,
            parent: parent.map(Iterator::collect).transpose()?,
            vantages: shape.from.into_iter().map(Vantage::try_from).collect::<Result<_, _>>()?,
            homeless: homeless.collect::<Result<_, LineError>>()?,
        };
        Ok(Self::Seen { domain: parse_text(&shape.seen)?, sight, is_below: shape.below })
    }
}
