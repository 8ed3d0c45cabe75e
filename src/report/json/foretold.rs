//! What is foretold of a mail client, as a line of a JSON report has it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::outlook::{Concluded, Foretold, Remedied};

/// What is foretold of one mail client.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Forecast")]
pub(super) struct ForetoldShape<S> {
    /// The word that selects it.
    client: S,
    /// The version that is foretold.
    version: S,
    /// How it is known what that does: `measured`, `source` or `reported`.
    basis: S,
    /// What was read, or how it was run.
    source: S,
    /// The server that it would be set up for to read mail; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    incoming: Option<ServerShape<S>>,
    /// The server for sending mail; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    outgoing: Option<ServerShape<S>>,
    /// Whether it concludes something in each direction that it has; left out where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<bool>,
    /// Whether all that it concludes are servers of the profile, with the login name that is
    /// documented; left out where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    works: Option<bool>,
    /// What decides, in a sentence without its end.
    why: S,
    /// The one change that makes it work, where there is one that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<S>,
}

/// A server that a mail client would use.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Server")]
struct ServerShape<S> {
    /// `imap`, `pop3` or `smtp`.
    protocol: S,
    /// Its host, without a final dot.
    host: S,
    /// Its port.
    port: u16,
    /// When TLS begins: `TLS`, `STARTTLS`, or `plain`, which is never.
    mode: S,
    /// The login name that the client enters; left out where that is left to the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<S>,
}

/// What becomes of mail clients where all remedies are done; those that are not named fail.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Remedied")]
pub(super) struct RemediedShape<S> {
    /// The words of those that work then.
    works: Vec<S>,
    /// The words of those of which nobody knows.
    unknown: Vec<S>,
}

impl<'a> RemediedShape<&'a str> {
    pub(super) fn new(remedied: &'a Remedied) -> Self {
        let words = |clients: &'a [String]| clients.iter().map(String::as_str).collect();
        Self { works: words(&remedied.works), unknown: words(&remedied.unknown) }
    }
}

impl From<RemediedShape<String>> for Remedied {
    fn from(RemediedShape { works, unknown }: RemediedShape<String>) -> Self {
        Self { works, unknown }
    }
}

impl<'a> ForetoldShape<&'a str> {
    pub(super) fn new(foretold: &'a Foretold) -> Self {
        let server = |server: &'a Option<Concluded>| {
            let Concluded { protocol, host, port, mode, login } = server.as_ref()?;
            Some(ServerShape {
                protocol: protocol.as_str(),
                host: host.as_str(),
                port: *port,
                mode: mode.as_str(),
                login: login.as_deref(),
            })
        };
        Self {
            client: &foretold.client,
            version: &foretold.version,
            basis: &foretold.basis,
            source: &foretold.source,
            incoming: server(&foretold.incoming),
            outgoing: server(&foretold.outgoing),
            found: foretold.found,
            works: foretold.works,
            why: &foretold.why,
            change: foretold.change.as_deref(),
        }
    }
}

impl From<ForetoldShape<String>> for Foretold {
    fn from(shape: ForetoldShape<String>) -> Self {
        let server = |server: ServerShape<String>| {
            let ServerShape { protocol, host, port, mode, login } = server;
            Concluded { protocol, host, port, mode, login }
        };
        let ForetoldShape { client, version, basis, source, found, works, why, change, .. } = shape;
        let incoming = shape.incoming.map(server);
        let outgoing = shape.outgoing.map(server);
        Self { client, version, basis, source, incoming, outgoing, found, works, why, change }
    }
}
