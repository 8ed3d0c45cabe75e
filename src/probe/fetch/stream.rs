//! Streams of tokio as hyper reads and writes them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::ReadBufCursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many octets are read at a time.
const PIECE: usize = 8 << 10;

/// A stream that passes through a buffer of its own.
pub(super) struct Stream<S> {
    stream: S,
    piece: Box<[u8]>,
}

impl<S> Stream<S> {
    /// The stream, of which nothing is read yet.
    pub(super) fn new(stream: S) -> Self {
        Self { stream, piece: vec![0; PIECE].into() }
    }
}

impl<S: AsyncRead + Unpin> hyper::rt::Read for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, piece } = &mut *self;
        let room = cursor.remaining().min(piece.len());
        let mut buffer = ReadBuf::new(piece.get_mut(..room).unwrap_or_default());
        match ready!(Pin::new(stream).poll_read(context, &mut buffer)) {
            // TLS that ends without saying so ends, too: what is cut short, HTTP knows.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            read => read?,
        }
        cursor.put_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for Stream<S> {
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
