//! DNS over HTTPS (RFC 8484) by HTTP/2: a stream for each question, many at one time.

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Error, Reason, RecvStream};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::uri::Scheme;
use http::{HeaderMap, Request as HttpRequest, StatusCode, Uri};
use tokio::io::{AsyncRead, AsyncWrite};

use super::super::server::Server;
use super::{Fault, Received, Request, Task};
use crate::answer::Failure;
use crate::message::Response;

/// The protocol, as the handshake names it (RFC 9113 §3.2).
pub(super) const PROTOCOL: &[u8] = b"h2";

/// The media type of DNS messages (RFC 8484 §6).
const MESSAGE: &str = "application/dns-message";

/// The octets of a message at most.
const MAX_MESSAGE: usize = u16::MAX as usize;

/// The octets of the headers of a response at most.
const MAX_HEADERS: u32 = 1 << 14;

/// The octets that all responses together may send before they are read.
const WINDOW: u32 = 1 << 20;

/// The ID of every request, so that caches see that they are the same (RFC 8484 §4.1).
const ID: u16 = 0;

/// A connection that carries many requests at one time.
#[derive(Debug)]
pub(super) struct Connection {
    requests: SendRequest<Bytes>,
    uri: Uri,
    task: Task,
}

impl Connection {
    /// Begins to speak HTTP/2; the connection ends when it breaks or is dropped.
    pub(super) async fn new(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        server: &Server,
    ) -> Result<Self, Failure> {
        let uri = Uri::builder().scheme(Scheme::HTTPS);
        let uri = uri.authority(server.authority()).path_and_query(server.path()).build();
        let uri = uri.map_err(|_error| Failure::Malformed)?;
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .max_header_list_size(MAX_HEADERS)
            .initial_connection_window_size(WINDOW);
        let (requests, connection) =
            builder.handshake(stream).await.map_err(|error| failure_of(&error))?;
        let task = Task::spawn(async move {
            // Every request is told of the error.
            let _ended = connection.await;
        });
        Ok(Self { requests, uri, task })
    }

    /// Whether nothing more will come.
    pub(super) fn is_broken(&self) -> bool {
        self.task.is_finished()
    }

    /// Posts a request and waits for the response.
    pub(super) async fn ask(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let message = request.message(ID);
        let posted = HttpRequest::post(self.uri.clone())
            .header(ACCEPT, MESSAGE)
            .header(CONTENT_TYPE, MESSAGE)
            .header(CONTENT_LENGTH, message.len())
            .body(())
            .map_err(|_error| Fault::Failed(Failure::Malformed))?;
        // Waits where the server takes no more streams at one time.
        let mut requests = self.requests.clone().ready().await.map_err(|error| fault_of(&error))?;
        let (response, mut body) =
            requests.send_request(posted, false).map_err(|error| fault_of(&error))?;
        body.send_data(message.into(), true).map_err(|error| fault_of(&error))?;
        let (head, body) = response.await.map_err(|error| fault_of(&error))?.into_parts();
        if head.status != StatusCode::OK {
            return Err(Fault::Failed(Failure::Http(head.status.as_u16())));
        }
        if !is_message(&head.headers) {
            return Err(Fault::Failed(Failure::MediaType));
        }
        let message = read(body).await?;
        match Received::sort(ID, &message, |response| response.is_about(request.question)) {
            Received::Response(response) => Ok(*response),
            Received::Stray | Received::Garbage => Err(Fault::Failed(Failure::Malformed)),
        }
    }
}

/// Whether a response says that it is a DNS message; parameters of the media type say no more.
fn is_message(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(MESSAGE))
}

/// Reads a body that is no longer than a message.
async fn read(mut body: RecvStream) -> Result<Vec<u8>, Fault> {
    let mut message = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.map_err(|error| fault_of(&error))?;
        if message.len() + data.len() > MAX_MESSAGE {
            return Err(Fault::Failed(Failure::Malformed));
        }
        message.extend_from_slice(&data);
        body.flow_control().release_capacity(data.len()).map_err(|error| fault_of(&error))?;
    }
    Ok(message)
}

/// A stream that the server ended is its answer; all else ends the connection.
fn fault_of(error: &Error) -> Fault {
    if error.is_reset() && error.is_remote() && error.reason() != Some(Reason::REFUSED_STREAM) {
        Fault::Failed(Failure::Unreachable)
    } else {
        Fault::Broken(failure_of(error))
    }
}

fn failure_of(error: &Error) -> Failure {
    match error.get_io() {
        Some(error) => super::failure_of(error),
        // What the server sent is no HTTP/2.
        None if !error.is_remote() => Failure::Malformed,
        None => Failure::Unreachable,
    }
}
