//! What a client concludes: the servers that it would be set up for.

use crate::reading::Server;
use crate::service::Direction;

/// What a client concludes, in each direction that it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conclusion {
    /// The server for reading mail.
    pub incoming: Option<Server>,
    /// The server for sending mail.
    pub outgoing: Option<Server>,
}

impl Conclusion {
    /// The server of a direction.
    pub fn server(&self, direction: Direction) -> Option<&Server> {
        match direction {
            Direction::Incoming => self.incoming.as_ref(),
            Direction::Outgoing => self.outgoing.as_ref(),
        }
    }

    /// The same with another name in the place of one, wherever that stands.
    pub(super) fn renamed(&self, from: &str, to: &str) -> Self {
        let of = |server: &Option<Server>| server.as_ref().map(|it| it.renamed(from, to));
        Self { incoming: of(&self.incoming), outgoing: of(&self.outgoing) }
    }

    /// Both servers, or None where one is missing.
    pub(super) fn both(incoming: Option<Server>, outgoing: Option<Server>) -> Option<Self> {
        (incoming.is_some() && outgoing.is_some()).then_some(Self { incoming, outgoing })
    }
}
