//! Why a client goes no further with a server that it looks at.

use std::fmt;

use super::{Chain, Handshake, Shown, Sighting};
use crate::service::TlsMode;

/// What makes any client turn away: they expect TLS, and a certificate that is valid, for the host,
/// and of an authority that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing answers.
    Unanswered,
    /// What answers speaks something else, or has nothing to say.
    OtherProtocol,
    /// TLS does not begin.
    NoTls,
    /// The certificate is for somebody else.
    Name,
    /// The certificate is not valid, any more or yet.
    Expired,
    /// Nobody who is believed stands behind the certificate.
    Untrusted,
}

impl Refusal {
    /// Whether there is no server of that kind at all, as to one who guesses.
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::Unanswered | Self::OtherProtocol | Self::NoTls)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unanswered => "nothing answers there",
            Self::OtherProtocol => "what answers there is no such server",
            Self::NoTls => "TLS does not begin there",
            Self::Name => "the certificate there is for other hosts",
            Self::Expired => "the certificate there is not valid at this time",
            Self::Untrusted => "the certificate there is of nobody whom clients believe",
        })
    }
}

impl Sighting {
    /// Why clients turn away; None where they do not, or where nothing was seen for a reason that is
    /// none of the server's.
    pub fn refusal(&self) -> Option<Refusal> {
        match &self.seen {
            Ok(shown) => self.refusal_of(shown),
            Err(why) => why.is_evidence().then_some(Refusal::Unanswered),
        }
    }

    fn refusal_of(&self, shown: &Shown) -> Option<Refusal> {
        if shown.instead.is_some() {
            return Some(Refusal::OtherProtocol);
        }
        let Some(Handshake::Done(tls)) = &shown.handshake else {
            let is_sent_away = self.endpoint.mode == TlsMode::StartTls && shown.before.is_none();
            return Some(if is_sent_away { Refusal::OtherProtocol } else { Refusal::NoTls });
        };
        let certificate = tls.certificate.as_ref();
        if certificate.is_some_and(|it| !it.is_for(&self.endpoint.host)) {
            return Some(Refusal::Name);
        }
        if certificate.is_some_and(|it| !it.validity.holds_at(self.at)) {
            return Some(Refusal::Expired);
        }
        if tls.chain != Chain::Trusted {
            return Some(Refusal::Untrusted);
        }
        // Behind a sound handshake, one that says nothing more serves nobody.
        shown.after.is_none().then_some(Refusal::Unanswered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{
        Endpoint, Instead, Key, Offered, Protocol, Served, StartTls, Tls, Unseen, Validity,
    };

    /// What a client sees at a good server; `change` makes it another one.
    fn sighting(change: impl FnOnce(&mut Shown, &mut Tls)) -> Sighting {
        let (protocol, mode) = (Protocol::Imap, TlsMode::StartTls);
        let endpoint = Endpoint { host: "mail.test".to_owned(), port: 143, protocol, mode };
        let served = Served {
            hosts: vec!["mail.test".to_owned()],
            services: Vec::new(),
            addresses: Vec::new(),
            validity: Validity { begin: 1000, end: 2000 },
            subject: String::new(),
            issuer: String::new(),
            key: Key::Ed25519,
            has_broken_digest: false,
        };
        let mut tls = Tls {
            version: "1.3".to_owned(),
            suite: String::new(),
            certificate: Some(served),
            chain: Chain::Trusted,
            sent: Vec::new(),
        };
        let mut shown = Shown {
            greeting: Some("* OK".to_owned()),
            before: Some(Offered { starttls: true, ..Offered::default() }),
            starttls: Some(StartTls::Begun),
            after: Some(Offered::default()),
            ..Shown::default()
        };
        change(&mut shown, &mut tls);
        if shown.starttls == Some(StartTls::Begun) && shown.handshake.is_none() {
            shown.handshake = Some(Handshake::Done(Box::new(tls)));
        }
        Sighting { endpoint, address: None, at: 1500, seen: Ok(shown) }
    }

    #[test]
    fn clients_turn_away_from_what_they_cannot_believe_and_from_nothing_else() {
        let of = |change: fn(&mut Shown, &mut Tls)| sighting(change).refusal();
        assert_eq!(of(|_, _| {}), None);
        assert_eq!(of(|shown, _| shown.instead = Some(Instead::Tls)), Some(Refusal::OtherProtocol));
        let refused = |shown: &mut Shown, _: &mut Tls| {
            shown.starttls = Some(StartTls::NotOffered);
        };
        assert_eq!(of(refused), Some(Refusal::NoTls));
        let sent_away = |shown: &mut Shown, _: &mut Tls| {
            (shown.before, shown.starttls) = (None, None);
        };
        assert_eq!(of(sent_away), Some(Refusal::OtherProtocol));
        let old = |shown: &mut Shown, _: &mut Tls| shown.handshake = Some(Handshake::NoModernTls);
        assert_eq!(of(old), Some(Refusal::NoTls));
        assert_eq!(of(|_, tls| tls.chain = Chain::SelfSigned), Some(Refusal::Untrusted));
        assert_eq!(of(|shown, _| shown.after = None), Some(Refusal::Unanswered));
        let of_other = |_: &mut Shown, tls: &mut Tls| {
            tls.certificate.iter_mut().for_each(|it| it.hosts = vec!["other.test".to_owned()]);
        };
        assert_eq!(of(of_other), Some(Refusal::Name));
        for (at, refusal) in [
            (999, Some(Refusal::Expired)),
            (1000, None),
            (2000, None),
            (2001, Some(Refusal::Expired)),
        ] {
            assert_eq!(Sighting { at, ..sighting(|_, _| {}) }.refusal(), refusal, "{at}");
        }
        for why in Unseen::ALL {
            let unseen = Sighting { seen: Err(why), ..sighting(|_, _| {}) };
            let expected = why.is_evidence().then_some(Refusal::Unanswered);
            assert_eq!(unseen.refusal(), expected, "{why:?}");
        }
    }
}
