//! What is posted and not sent yet: messages of one length wait for each other.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::flights::Place;
use super::offload::MOST;
use super::socket::Socket;
use crate::lookup::exchange::Parcel;

/// How long messages wait at most for others that may be posted.
const HOLD: Duration = Duration::from_millis(1);

/// The messages that are posted to one server and not sent yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bundles: Vec<Bundle>,
    /// How many there are.
    count: usize,
    /// Since when they wait for others.
    held: Option<Instant>,
    /// Empty ones, of which the room is used again.
    spare: Vec<Bundle>,
}

/// Messages of one length that go by one socket.
#[derive(Debug, Default)]
struct Bundle {
    /// Some, unless it is spare.
    socket: Option<Arc<Socket>>,
    length: usize,
    octets: Vec<u8>,
    places: Vec<Place>,
    until: Option<Instant>,
}

impl Outbox {
    /// Puts a message in, with its question there, to go by a socket that is drawn for those of its length.
    /// Gives the parcel back where there is no room.
    pub(super) fn put<'a>(
        &mut self,
        message: &[u8],
        question: Range<usize>,
        until: Instant,
        mut parcel: Parcel,
        mut drawn: impl Iterator<Item = &'a Arc<Socket>>,
    ) -> Result<(), Parcel> {
        let of_its_length = |bundle: &Bundle| bundle.length == message.len() && !bundle.is_full();
        let begun = self.bundles.iter().position(of_its_length);
        if let Some(at) = begun {
            match self.bundles[at].put(message, question.clone(), until, parcel) {
                Ok(()) => {
                    self.count += 1;
                    return Ok(());
                }
                Err(returned) => parcel = returned,
            }
        }
        let mut bundle = self.spare.pop().unwrap_or_default();
        loop {
            bundle.socket = drawn.next().cloned();
            if bundle.socket.is_none() {
                self.spare.push(bundle);
                return Err(parcel);
            }
            bundle.length = message.len();
            match bundle.put(message, question.clone(), until, parcel) {
                Ok(()) => break,
                Err(returned) => parcel = returned,
            }
        }
        self.count += 1;
        // Its socket is full, so that no more is put in there.
        match begun {
            Some(at) => self.bundles.insert(at, bundle),
            None => self.bundles.push(bundle),
        }
        Ok(())
    }

    /// Until when they wait for others, where fewer wait than are on their way, whose answers make more
    /// to be posted; None where they are to be sent.
    pub(super) fn hold(&mut self, in_flight: usize, now: Instant) -> Option<Instant> {
        if self.count == 0 || self.count >= in_flight.saturating_sub(self.count) {
            return None;
        }
        let then = *self.held.get_or_insert(now) + HOLD;
        (now < then).then_some(then)
    }

    /// Sends all. Says whether some could not be sent now, which are kept.
    pub(super) fn send(&mut self, server: SocketAddr) -> bool {
        for bundle in self.bundles.iter_mut() {
            bundle.send(server);
        }
        self.held = None;
        self.count = self.bundles.iter().map(|bundle| bundle.places.len()).sum();
        let sent = self.bundles.extract_if(.., |bundle| bundle.places.is_empty());
        self.spare.extend(sent.map(|bundle| Bundle { socket: None, ..bundle }));
        !self.bundles.is_empty()
    }
}

impl Bundle {
    fn is_full(&self) -> bool {
        self.places.len() >= MOST
    }

    fn put(
        &mut self,
        message: &[u8],
        question: Range<usize>,
        until: Instant,
        parcel: Parcel,
    ) -> Result<(), Parcel> {
        let Some(socket) = &self.socket else { return Err(parcel) };
        let (place, id) = socket.post(&message[question], until, parcel)?;
        self.octets.extend(id.to_be_bytes());
        self.octets.extend_from_slice(&message[2..]);
        self.places.push(place);
        self.until = Some(self.until.map_or(until, |other| other.min(until)));
        Ok(())
    }

    /// Sends what can be sent now, and keeps the rest.
    fn send(&mut self, server: SocketAddr) {
        let (Some(socket), Some(until)) = (&self.socket, self.until) else { return };
        let (sent, result) = socket.send(server, &self.octets, self.length);
        socket.sent(&self.places[..sent], &self.octets, until);
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.octets.drain(..sent * self.length);
                self.places.drain(..sent);
                return;
            }
            Err(error) => socket.failed_at(&self.places[sent..], &error),
            Ok(()) => {}
        }
        self.octets.clear();
        self.places.clear();
        self.until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wait_while_more_are_on_their_way_and_not_for_long() {
        let now = Instant::now();
        for (count, in_flight, waits) in [
            (0, 100, false),
            (1, 1, false),
            (1, 2, false),
            (1, 3, true),
            (49, 100, true),
            (50, 100, false),
        ] {
            let mut outbox = Outbox { count, ..Outbox::default() };
            let then = outbox.hold(in_flight, now);
            assert_eq!(then, waits.then_some(now + HOLD), "{count} of {in_flight}");
            let before = now + HOLD / 2;
            assert_eq!(outbox.hold(in_flight, before), then);
            assert_eq!(outbox.hold(in_flight, now + HOLD), None);
        }
    }
}
