//! One request over one connection (RFC 9112).

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName,
    LOCATION, STRICT_TRANSPORT_SECURITY, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::super::connect::connect;
use super::super::{Terms, tls};
use super::stream::Stream;
use crate::endpoint::{Chain, Handshake, Tls, Unseen};
use crate::page::{Content, Hsts, MAX_BODY, Method, Request, Scheme, Unfetched, Url};

/// The most octets of the status and the fields of an answer.
const MAX_HEAD: usize = 64 << 10;

/// What is posted to Autodiscover is said to be this, to the letter: some servers want it so.
const POSTED_TYPE: &str = "text/xml; charset=utf-8";

/// How this program names itself.
const AGENT: &str = concat!("mailsrv/", env!("CARGO_PKG_VERSION"));

/// Asks the first of these addresses that answers.
pub(super) async fn exchange(
    request: &Request,
    addresses: &[IpAddr],
    terms: &Terms,
) -> Result<Content, Unfetched> {
    let url = &request.url;
    let connected = connect(url.reached_port(), addresses, terms).await;
    let (stream, _) = connected.map_err(|(_, why)| unfetched(why))?;
    if url.scheme() == Scheme::Http {
        return converse(request, stream, terms).await;
    }
    let handshake = tls::begin(stream, url.host(), &terms.trust, terms.now);
    let begun = timeout(terms.timeout, handshake).await;
    let (stream, handshake) = match begun.map_err(|_elapsed| Unfetched::Timeout)? {
        Ok(begun) => begun,
        Err(Handshake::NoModernTls) => return Err(Unfetched::OldTls),
        Err(_why) => return Err(Unfetched::NoTls),
    };
    let fault = match &handshake {
        Handshake::Done(tls) => fault_of(tls, url.host(), terms.now),
        Handshake::NoModernTls | Handshake::NothingShared | Handshake::Failed(_) => None,
    };
    let mut content = converse(request, stream, terms).await?;
    let is_downgrade = content.location.as_ref().is_some_and(|to| to.scheme() == Scheme::Http);
    let downgrade = || is_downgrade.then_some(Unfetched::Downgrade);
    content.fault = fault.or(content.fault).or_else(downgrade);
    // What is said behind a certificate that is refused is not believed (RFC 6797 §8.1).
    content.hsts = content.hsts.filter(|_| fault.is_none());
    Ok(content)
}

/// What clients refuse a certificate for; what weighs most comes first.
fn fault_of(tls: &Tls, host: &str, now: u64) -> Option<Unfetched> {
    let Some(certificate) = tls.certificate.as_ref().filter(|_| tls.chain == Chain::Trusted) else {
        return Some(Unfetched::Untrusted);
    };
    if !(certificate.validity.begin..=certificate.validity.end).contains(&now) {
        return Some(Unfetched::Expired);
    }
    (!certificate.is_for(host)).then_some(Unfetched::Certificate)
}

/// Why nothing is fetched where nobody was reached.
pub(crate) fn unfetched(why: Unseen) -> Unfetched {
    match why {
        Unseen::NoAddress => Unfetched::NoHost,
        Unseen::OutsideZone => Unfetched::OutsideZone,
        Unseen::NotLookedUp | Unseen::NotRecorded => Unfetched::NotAsked,
        Unseen::Guarded => Unfetched::Guarded,
        Unseen::NoWay | Unseen::NotAgain => Unfetched::NoWay,
        Unseen::Timeout => Unfetched::Timeout,
        Unseen::Deadline => Unfetched::Deadline,
        Unseen::Refused | Unseen::Unreachable | Unseen::Closed => Unfetched::Refused,
    }
}

/// Sends the request, and reads the answer while the connection is driven.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    request: &Request,
    stream: S,
    terms: &Terms,
) -> Result<Content, Unfetched> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD);
    let broken = |_error: hyper::Error| Unfetched::NoHttp;
    let (mut sender, connection) = builder.handshake(Stream::new(stream)).await.map_err(broken)?;
    let message = message(request).ok_or(Unfetched::NoHttp)?;
    let mut exchange = pin!(async {
        let response = sender.send_request(message).await.map_err(broken)?;
        read(response, &request.url).await
    });
    let both = async {
        tokio::select! {
            biased;
            content = &mut exchange => content,
            // What came before its end is still read.
            _end = connection => exchange.await,
        }
    };
    timeout(terms.timeout, both).await.unwrap_or(Err(Unfetched::Timeout))
}

/// The request as it is sent; None where its address cannot stand in one.
fn message(request: &Request) -> Option<http::Request<Full<Bytes>>> {
    let url = &request.url;
    let mut target = url.path().to_owned();
    let user = request.user.as_deref().filter(|_| request.method == Method::Get);
    let user = user.map(|user| format!("emailaddress={}", user.replace('@', "%40")));
    let queries = url.query().map(str::to_owned).into_iter().chain(user);
    for (separator, query) in ["?", "&"].into_iter().zip(queries) {
        target.extend([separator, query.as_str()]);
    }
    let builder = http::Request::builder()
        .uri(target)
        .header(HOST, url.authority())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close");
    let message = match (request.method, &request.user) {
        (Method::Post, Some(user)) => builder
            .method(http::Method::POST)
            .header(CONTENT_TYPE, POSTED_TYPE)
            .body(Full::from(posted(user))),
        (Method::Post, None) => builder.method(http::Method::POST).body(Full::default()),
        (Method::Get, _) => builder.body(Full::default()),
    };
    message.ok()
}

/// The request of Autodiscover about a mail address (MS-OXDSCLI §2.2.3).
fn posted(user: &str) -> String {
    const SCHEMA: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook";
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <Autodiscover xmlns=\"{SCHEMA}/requestschema/2006\"><Request>\
         <EMailAddress>{user}</EMailAddress>\
         <AcceptableResponseSchema>{SCHEMA}/responseschema/2006a</AcceptableResponseSchema>\
         </Request></Autodiscover>\n"
    )
}

/// What an answer says; only the body of a document is read.
async fn read(response: Response<Incoming>, url: &Url) -> Result<Content, Unfetched> {
    let (head, mut body) = response.into_parts();
    let text = |name: HeaderName| text_of(&head.headers, &name);
    let status = head.status.as_u16();
    let is_redirect = (300..400).contains(&status);
    let pointed = head.headers.get(LOCATION).map(HeaderValue::as_bytes);
    let pointed = pointed.filter(|to| is_redirect && to.len() <= MAX_FIELD);
    let location = pointed.map(|to| url.join(to));
    let mut content = Content {
        status,
        media_type: text(CONTENT_TYPE),
        encoding: text(CONTENT_ENCODING),
        hsts: text(STRICT_TRANSPORT_SECURITY)
            .filter(|_| url.scheme() == Scheme::Https)
            .and_then(|text| Hsts::read(&text)),
        fault: matches!(location, Some(Err(_))).then_some(Unfetched::Redirects),
        location: location.and_then(Result::ok),
        ..Content::default()
    };
    if status != 200 {
        return Ok(content);
    }
    let mut octets = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| Unfetched::NoHttp)?;
        octets.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if octets.len() > MAX_BODY {
            return Err(Unfetched::TooLarge);
        }
    }
    content.body = Arc::from(octets);
    Ok(content)
}

/// The longest value of a field that is kept, in octets.
const MAX_FIELD: usize = 2048;

/// A field as text, where it is some.
fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.to_owned()).filter(|text| text.len() <= MAX_FIELD)
}
