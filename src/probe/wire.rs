//! Lines over a stream, and what came over it first.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::speech::{Ask, Speech};
use crate::endpoint::Unseen;

/// The longest line that is read, in octets; IMAP allows 8,192 of commands (RFC 7162 §4).
const MAX_LINE: usize = 16 << 10;

/// The most lines of one answer.
const MAX_LINES: usize = 256;

/// How many of the first octets are kept by a [`Tap`].
const MAX_TAPPED: usize = 512;

/// A stream that is read line by line.
pub(super) struct Wire<S> {
    stream: S,
    /// What was read and not taken.
    buffer: Vec<u8>,
    patience: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Nothing is read yet; each answer may take so long.
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, buffer: Vec::new(), patience }
    }

    /// The stream; what was read and not taken is lost.
    pub(super) fn into_stream(self) -> S {
        self.stream
    }

    /// Sends text.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Unseen> {
        let patience = self.patience;
        let say = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.flush().await
        };
        match timeout(patience, say).await {
            Ok(said) => said.map_err(|error| unseen(&error)),
            Err(_elapsed) => Err(Unseen::Timeout),
        }
    }

    /// Reads the answer to what was asked.
    pub(super) async fn answer(
        &mut self,
        speech: Speech,
        ask: Ask,
    ) -> Result<Vec<String>, (Vec<String>, Unseen)> {
        let (mut lines, patience) = (Vec::new(), self.patience);
        let read = async {
            while lines.len() < MAX_LINES {
                let line = self.line().await?;
                let is_last = speech.is_last(ask, &lines, &line);
                lines.push(line);
                if is_last {
                    return Ok(());
                }
            }
            Err(Unseen::Closed)
        };
        match timeout(patience, read).await {
            Ok(Ok(())) => Ok(lines),
            Ok(Err(why)) => Err((lines, why)),
            Err(_elapsed) => Err((lines, Unseen::Timeout)),
        }
    }

    /// Reads what still comes until the server closes, or says nothing for as long as an answer may
    /// take.
    pub(super) async fn rest(&mut self) -> Vec<String> {
        let (mut lines, patience) = (Vec::new(), self.patience);
        let read = async {
            while lines.len() < MAX_LINES {
                match self.line().await {
                    Ok(line) => lines.push(line),
                    Err(_over) => break,
                }
            }
        };
        let _over = timeout(patience, read).await;
        lines
    }

    /// The next line without its end; what is no UTF-8 is replaced.
    async fn line(&mut self) -> Result<String, Unseen> {
        loop {
            if let Some(end) = self.buffer.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.buffer.len() > MAX_LINE {
                return Err(Unseen::Closed);
            }
            let read = self.stream.read_buf(&mut self.buffer).await;
            if read.map_err(|error| unseen(&error))? == 0 {
                return Err(Unseen::Closed);
            }
        }
    }
}

/// What an error of a connection says.
pub(super) fn unseen(error: &io::Error) -> Unseen {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Unseen::Refused,
        io::ErrorKind::TimedOut => Unseen::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Unseen::Closed,
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => Unseen::NoWay,
        // No descriptor is left, of the process or the system (EMFILE, ENFILE).
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => Unseen::NoWay,
        _ => Unseen::Unreachable,
    }
}

/// The first octets that came.
#[derive(Debug, Clone, Default)]
pub(super) struct Tapped(Arc<Mutex<Vec<u8>>>);

impl Tapped {
    /// The first line of text in the clear; None where what came is none.
    pub(super) fn text(&self) -> Option<String> {
        let octets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = octets.split(|octet| matches!(octet, b'\r' | b'\n')).next()?;
        let is_text = |octet: &u8| matches!(octet, b'\t' | b' '..=b'~' | 0x80..);
        // A record of TLS begins with a number below 32 (RFC 8446 §5.1).
        let is_line = first.first().is_some_and(u8::is_ascii_graphic) && first.iter().all(is_text);
        is_line.then(|| String::from_utf8_lossy(first).into_owned())
    }

    /// Whether nothing came.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A stream of which the first octets are written down.
pub(super) struct Tap<S> {
    stream: S,
    tapped: Tapped,
}

impl<S> Tap<S> {
    /// The stream, and where its first octets will be.
    pub(super) fn new(stream: S) -> (Self, Tapped) {
        let tapped = Tapped::default();
        (Self { stream, tapped: tapped.clone() }, tapped)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        let mut tapped = self.tapped.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_TAPPED.saturating_sub(tapped.len());
        tapped.extend(buffer.filled().iter().skip(before).take(room));
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
