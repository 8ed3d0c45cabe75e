//! One connection to an endpoint, from the greeting to the goodbye.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connect::connect;
use super::speech::{Ask, Speech, greeted_by};
use super::wire::{Tap, Wire};
use super::{Terms, tls};
use crate::endpoint::{
    Endpoint, Handshake, Instead, Offered, Protocol, Shown, Sighting, StartTls, Unseen,
};
use crate::name::{beginning, one_line};
use crate::service::TlsMode;

/// Connects to an endpoint at the first of these addresses that answers, and says what it showed.
///
/// A server that takes a connection and says nothing may be ill at that address alone: clients go on
/// to the next one.
pub(super) async fn visit(endpoint: &Endpoint, addresses: &[IpAddr], terms: &Terms) -> Sighting {
    let mut left = addresses;
    let mut mute = None;
    loop {
        let sighting = visit_first(endpoint, left, terms).await;
        let at = left.iter().position(|it| Some(*it) == sighting.address);
        left = at.and_then(|at| left.get(at + 1..)).unwrap_or_default();
        let is_mute = says_nothing(&sighting);
        if is_mute && !left.is_empty() {
            mute.get_or_insert(sighting);
            continue;
        }
        return match mute {
            Some(before) if is_mute || sighting.seen.is_err() => before,
            _ => sighting,
        };
    }
}

/// Whether a server took the connection, and closed it without a word.
fn says_nothing(sighting: &Sighting) -> bool {
    match &sighting.seen {
        Err(why) => *why == Unseen::Closed,
        Ok(shown) => {
            let is_failed = matches!(shown.handshake, Some(Handshake::Failed(_)));
            let nothing = Shown { handshake: shown.handshake.clone(), ..Shown::default() };
            is_failed && *shown == nothing
        }
    }
}

/// What an endpoint shows at the first address that takes a connection.
async fn visit_first(endpoint: &Endpoint, addresses: &[IpAddr], terms: &Terms) -> Sighting {
    let (address, seen) = match connect(endpoint.port, addresses, terms).await {
        Ok((stream, address)) => {
            let visit = Visit { endpoint, address: SocketAddr::new(address, endpoint.port), terms };
            let seen = match endpoint.mode {
                TlsMode::Implicit => visit.implicit(stream).await,
                TlsMode::StartTls => visit.starttls(stream).await,
            };
            (Some(address), seen)
        }
        Err((address, why)) => (address, Err(why)),
    };
    Sighting { endpoint: endpoint.clone(), address, at: terms.now, seen }
}

/// A visit to an endpoint at one address.
struct Visit<'a> {
    endpoint: &'a Endpoint,
    address: SocketAddr,
    terms: &'a Terms,
}

impl Visit<'_> {
    /// TLS is expected at once.
    async fn implicit(&self, stream: TcpStream) -> Result<Shown, Unseen> {
        let own_address = own_address(&stream);
        let (stream, tapped) = Tap::new(stream);
        let begun = self.begin_tls(stream).await;
        let (stream, handshake) = match begun {
            Ok(Ok((stream, handshake))) => (stream, handshake),
            Ok(Err(handshake)) => {
                let mut shown = Shown::default();
                match tapped.text() {
                    Some(line) => {
                        shown.instead = Some(Instead::Clear(greeted_by(&line)));
                        shown.greeting = Some(words_of(Some(&line)));
                    }
                    None => shown.handshake = Some(handshake),
                }
                return Ok(shown);
            }
            Err(_elapsed) if tapped.is_empty() => return Err(Unseen::Timeout),
            Err(why) => {
                let handshake = Handshake::Failed(NOT_IN_TIME.to_owned());
                return Ok(Shown {
                    handshake: Some(handshake),
                    broken_off: Some(why),
                    ..Shown::default()
                });
            }
        };
        let mut shown = Shown { handshake: Some(handshake), ..Shown::default() };
        let mut wire = Wire::new(stream, self.terms.timeout);
        let speech = Speech { protocol: self.endpoint.protocol, within_tls: true };
        if let Some(greeting) = self.greet(&mut wire, speech, &mut shown).await {
            let heard = match speech.tells_unasked() {
                true => Ok(greeting),
                false => ask(&mut wire, speech, Ask::Capabilities, &own_address).await,
            };
            match heard {
                Ok(lines) => shown.after = offered(speech, &lines, &lines, &mut shown.refusal),
                Err((_, why)) => shown.broken_off = Some(why),
            }
            let _gone = wire.say(&speech.command(Ask::Bye, &own_address)).await;
        }
        Ok(shown)
    }

    /// A greeting in the clear is expected, and TLS when it is asked for.
    async fn starttls(&self, stream: TcpStream) -> Result<Shown, Unseen> {
        let own_address = own_address(&stream);
        let mut shown = Shown::default();
        match self.starttls_once(stream, &own_address, true, &mut shown).await {
            Ok(()) => return Ok(shown),
            Err(Again::AsTls(why)) => {
                let stream = self.connect_again().await.ok_or(why)?;
                return match self.begin_tls(stream).await {
                    Ok(Ok((_stream, handshake))) => Ok(Shown {
                        instead: Some(Instead::Tls),
                        handshake: Some(handshake),
                        ..Shown::default()
                    }),
                    Ok(Err(_)) | Err(_) => Err(why),
                };
            }
            Err(Again::WithoutStray) => {}
            Err(Again::Never(why)) => return Err(why),
        }
        // What was sent behind STARTTLS was not obeyed, but it was not passed over either. A fault of the
        // first visit may be ours alone.
        let stream = self.connect_again().await.ok_or(Unseen::NotAgain)?;
        let mut again = Shown::default();
        match self.starttls_once(stream, &own_address, false, &mut again).await {
            Ok(()) => {
                again.injected = again.after.is_some().then_some(false);
                Ok(again)
            }
            Err(_) => Err(Unseen::NotAgain),
        }
    }

    async fn connect_again(&self) -> Option<TcpStream> {
        let connecting = TcpStream::connect(self.address);
        timeout(self.terms.timeout, connecting).await.ok()?.ok()
    }

    async fn starttls_once(
        &self,
        stream: TcpStream,
        own_address: &str,
        with_stray: bool,
        shown: &mut Shown,
    ) -> Result<(), Again> {
        let mut wire = Wire::new(stream, self.terms.timeout);
        let speech = Speech { protocol: self.endpoint.protocol, within_tls: false };
        let Some(greeting) = self.greet(&mut wire, speech, shown).await else {
            return match (&shown.greeting, shown.broken_off) {
                (None, Some(why @ (Unseen::Timeout | Unseen::Closed))) => Err(Again::AsTls(why)),
                (None, Some(why)) => Err(Again::Never(why)),
                _ => Ok(()),
            };
        };
        let heard = match speech.protocol {
            // They are the greeting.
            Protocol::ManageSieve => Ok(greeting),
            _ => ask(&mut wire, speech, Ask::Capabilities, own_address).await,
        };
        match heard {
            Ok(lines) => shown.before = offered(speech, &lines, &lines, &mut shown.refusal),
            Err((_, why)) => shown.broken_off = Some(why),
        }
        let Some(before) = &shown.before else { return Ok(()) };
        if !before.starttls {
            shown.starttls = Some(StartTls::NotOffered);
            let _gone = wire.say(&speech.command(Ask::Bye, own_address)).await;
            return Ok(());
        }
        let stray = if with_stray { speech.stray() } else { "" };
        let said = wire.say(&(speech.command(Ask::StartTls, own_address) + stray)).await;
        let answered = match said {
            Ok(()) => wire.answer(speech, Ask::StartTls).await,
            Err(why) => Err((Vec::new(), why)),
        };
        let starttls = match answered {
            Ok(lines) if speech.is_yes(Ask::StartTls, &lines) => StartTls::Begun,
            Ok(lines) => StartTls::Refused(words_of(lines.last())),
            Err((_, why)) => StartTls::Unanswered(why),
        };
        let is_begun = starttls == StartTls::Begun;
        shown.starttls = Some(starttls);
        if !is_begun {
            return if with_stray { Err(Again::WithoutStray) } else { Ok(()) };
        }
        match self.begin_tls(wire.into_stream()).await {
            Ok(Ok((stream, handshake))) => {
                shown.handshake = Some(handshake);
                let wire = Wire::new(stream, self.terms.timeout);
                self.within(wire, own_address, with_stray, shown).await;
                let is_over = shown.after.is_none();
                if with_stray && is_over { Err(Again::WithoutStray) } else { Ok(()) }
            }
            Ok(Err(handshake)) => {
                shown.handshake = Some(handshake);
                if with_stray { Err(Again::WithoutStray) } else { Ok(()) }
            }
            Err(why) => {
                shown.handshake = Some(Handshake::Failed(NOT_IN_TIME.to_owned()));
                shown.broken_off = Some(why);
                if with_stray { Err(Again::WithoutStray) } else { Ok(()) }
            }
        }
    }

    /// What is said once TLS has begun behind STARTTLS.
    async fn within<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut wire: Wire<S>,
        own_address: &str,
        with_stray: bool,
        shown: &mut Shown,
    ) {
        let speech = Speech { protocol: self.endpoint.protocol, within_tls: true };
        let mut heard = match speech.tells_unasked() {
            true => wire.answer(speech, Ask::Capabilities).await,
            false => ask(&mut wire, speech, Ask::Capabilities, own_address).await,
        };
        // Servers older than RFC 5804 say nothing unasked.
        let is_silent =
            |(lines, why): &(Vec<String>, Unseen)| lines.is_empty() && *why == Unseen::Timeout;
        if speech.tells_unasked() && heard.as_ref().is_err_and(is_silent) {
            heard = ask(&mut wire, speech, Ask::Capabilities, own_address).await;
        }
        let first = match heard {
            Ok(lines) => lines,
            Err((_, why)) => {
                shown.broken_off = Some(why);
                return;
            }
        };
        let rest = match wire.say(&speech.command(Ask::Bye, own_address)).await {
            Ok(()) => wire.rest().await,
            Err(_gone) => Vec::new(),
        };
        if with_stray {
            shown.injected = Some(speech.obeyed_stray(&first, &rest));
        }
        // Behind an answer to what was sent before stands the one to what was asked for.
        let all: Vec<String> = first.iter().chain(&rest).cloned().collect();
        let asked = if shown.injected == Some(true) { &all } else { &first };
        shown.after = offered(speech, asked, &all, &mut shown.refusal);
    }

    /// Reads the greeting. None where it is not that of the protocol, or sends one away.
    async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        speech: Speech,
        shown: &mut Shown,
    ) -> Option<Vec<String>> {
        let (lines, why) = match wire.answer(speech, Ask::Greeting).await {
            Ok(lines) => (lines, None),
            Err((lines, why)) => (lines, Some(why)),
        };
        let first = lines.first().map_or("", String::as_str);
        shown.greeting = lines.first().map(|line| words_of(Some(line)));
        let spoken = greeted_by(first);
        if !lines.is_empty() && spoken != Some(speech.protocol) {
            shown.instead = Some(Instead::Other(spoken));
            return None;
        }
        shown.broken_off = why;
        (why.is_none() && speech.is_yes(Ask::Greeting, &lines)).then_some(lines)
    }

    async fn begin_tls<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> Result<Result<(tokio_rustls::client::TlsStream<S>, Handshake), Handshake>, Unseen> {
        let Terms { trust, now, .. } = self.terms;
        let begun = tls::begin(stream, &self.endpoint.host, trust, *now);
        timeout(self.terms.timeout, begun).await.map_err(|_elapsed| Unseen::Timeout)
    }
}

/// Why it is tried once more.
enum Again {
    /// Nothing is said in the clear, for this reason: perhaps within TLS.
    AsTls(Unseen),
    /// What is sent behind STARTTLS is not borne.
    WithoutStray,
    /// There is nothing to try.
    Never(Unseen),
}

/// Asks, and reads the answer.
async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    speech: Speech,
    ask: Ask,
    own_address: &str,
) -> Result<Vec<String>, (Vec<String>, Unseen)> {
    let said = wire.say(&speech.command(ask, own_address)).await;
    said.map_err(|why| (Vec::new(), why))?;
    wire.answer(speech, ask).await
}

/// What a server offers that answers so, read from all of what it said; None where it refuses to tell,
/// with the words.
fn offered(
    speech: Speech,
    answer: &[String],
    all: &[String],
    refusal: &mut Option<String>,
) -> Option<Offered> {
    let offered = Offered::read(speech.protocol, all.iter().map(String::as_str));
    let is_yes = speech.is_yes(Ask::Capabilities, answer) || offered != Offered::default();
    match speech.protocol {
        _ if is_yes => Some(offered),
        // CAPA came later than USER, which every server has (RFC 1939 §7).
        Protocol::Pop3 => Some(Offered { login: speech.within_tls, ..offered }),
        Protocol::Imap | Protocol::Submission | Protocol::ManageSieve => {
            *refusal = Some(words_of(answer.last()));
            None
        }
    }
}

/// A line as it may be shown: its beginning, without what could move a cursor.
fn words_of(line: Option<&String>) -> String {
    one_line(&beginning(line.map_or("", String::as_str))).into_owned()
}

/// Why a handshake is given up.
const NOT_IN_TIME: &str = "it did not end in time";

/// How this end is named to SMTP (RFC 5321 §4.1.3).
fn own_address(stream: &TcpStream) -> String {
    match stream.local_addr().map(|address| address.ip()) {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => "[127.0.0.1]".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::Trust;

    /// Greets whoever comes, or closes the connection without a word.
    async fn serve(listener: TcpListener, greets: bool) {
        while let Ok((mut stream, _)) = listener.accept().await {
            if greets {
                let _gone = stream.write_all(b"* OK ready\r\n").await;
            }
        }
    }

    #[tokio::test]
    async fn where_one_address_closes_without_a_word_the_next_one_is_visited() {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let second = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
        let [mute, greets] = ["127.0.0.1", "127.0.0.2"].map(|it| it.parse::<IpAddr>().unwrap());
        let nobody: IpAddr = "127.0.0.3".parse().unwrap();
        let served = async { tokio::join!(serve(first, false), serve(second, true)) };
        let terms = Terms {
            timeout: Duration::from_secs(60),
            allow_private: true,
            trust: Trust::public(),
            now: 0,
            at_once: 1,
        };
        let protocol = Protocol::Imap;
        let visited = async {
            for mode in TlsMode::ALL {
                let endpoint = Endpoint { host: "a.test".to_owned(), port, protocol, mode };
                for (addresses, expected) in [
                    (&[mute, greets][..], greets),
                    (&[greets, mute], greets),
                    (&[mute], mute),
                    (&[mute, nobody], mute),
                    (&[nobody, mute, mute, greets], greets),
                ] {
                    let sighting = visit(&endpoint, addresses, &terms).await;
                    assert_eq!(sighting.address, Some(expected), "{mode:?} {addresses:?}");
                    assert_eq!(says_nothing(&sighting), expected == mute, "{sighting:?}");
                }
            }
        };
        tokio::select! {
            _ = served => {}
            () = visited => {}
        }
    }
}
