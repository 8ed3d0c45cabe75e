//! What the web served, as JSON has it.

use std::net::IpAddr;

use data_encoding::BASE64;
use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use super::line::{Line, LineError};
use crate::name::{parse_text, text};
use crate::page::{Content, Hsts, MAX_BODY, Method, Page, Request, Unfetched, Url};

/// How a line begins that tells what the web served.
pub(super) const FETCHED: &[u8] = br#"{"fetched":"#;

/// What came of a request; `fetched` comes first, which tells it from other lines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FetchedShape {
    fetched: RequestShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// Those of the host: what is served depends on who is asked.
    addresses: Vec<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unfetched: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<PageShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestShape {
    method: MethodShape,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum MethodShape {
    Get,
    Post,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageShape {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hsts: Option<HstsShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    /// The body, where it is text in UTF-8.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    body: String,
    /// The body, where it is none (RFC 4648 §4).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    base64: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HstsShape {
    max_age: u64,
    include_subdomains: bool,
}

impl FetchedShape {
    pub(super) fn new(
        (request, addresses): (&Request, &[IpAddr]),
        about: Option<&Name>,
        page: &Page,
    ) -> Self {
        Self {
            fetched: request.into(),
            about: about.map(text),
            addresses: addresses.to_vec(),
            unfetched: page.content.as_ref().err().map(|why| why.code().to_owned()),
            page: page.content.as_ref().ok().map(PageShape::from),
        }
    }
}

impl TryFrom<FetchedShape> for Line {
    type Error = LineError;

    fn try_from(shape: FetchedShape) -> Result<Self, LineError> {
        let about = shape.about.as_deref().map(parse_text).transpose()?;
        let request = Box::new(shape.fetched.try_into()?);
        let content = match (shape.page, shape.unfetched) {
            (Some(page), None) => Ok(Content::try_from(page)?),
            (None, Some(why)) => Err(unfetched(why)?),
            _ => return Err(LineError::Fetched),
        };
        let page = Box::new(Page::of(content));
        Ok(Self::Fetched { about, request, addresses: shape.addresses, page })
    }
}

impl From<&Request> for RequestShape {
    fn from(Request { method, url, user }: &Request) -> Self {
        let method = match method {
            Method::Get => MethodShape::Get,
            Method::Post => MethodShape::Post,
        };
        Self { method, url: url.to_string(), user: user.clone() }
    }
}

impl TryFrom<RequestShape> for Request {
    type Error = LineError;

    fn try_from(RequestShape { method, url, user }: RequestShape) -> Result<Self, LineError> {
        let method = match method {
            MethodShape::Get => Method::Get,
            MethodShape::Post => Method::Post,
        };
        Ok(Self { method, url: address(url)?, user })
    }
}

impl From<&Content> for PageShape {
    fn from(content: &Content) -> Self {
        let (body, base64) = match std::str::from_utf8(&content.body) {
            Ok(text) => (text.to_owned(), String::new()),
            Err(_other) => (String::new(), BASE64.encode(&content.body)),
        };
        let hsts = |Hsts { max_age, include_subdomains }| HstsShape { max_age, include_subdomains };
        Self {
            status: content.status,
            media_type: content.media_type.clone(),
            encoding: content.encoding.clone(),
            hsts: content.hsts.map(hsts),
            location: content.location.as_ref().map(Url::to_string),
            fault: content.fault.map(|why| why.code().to_owned()),
            body,
            base64,
        }
    }
}

impl TryFrom<PageShape> for Content {
    type Error = LineError;

    fn try_from(shape: PageShape) -> Result<Self, LineError> {
        let body = match (shape.body, shape.base64) {
            (text, coded) if coded.is_empty() => text.into_bytes(),
            (text, coded) => {
                let octets = BASE64.decode(coded.as_bytes()).ok().filter(|_| text.is_empty());
                octets.ok_or(LineError::Body)?
            }
        };
        if body.len() > MAX_BODY {
            return Err(LineError::Body);
        }
        let hsts = |HstsShape { max_age, include_subdomains }| Hsts { max_age, include_subdomains };
        Ok(Self {
            status: shape.status,
            media_type: shape.media_type,
            encoding: shape.encoding,
            hsts: shape.hsts.map(hsts),
            location: shape.location.map(address).transpose()?,
            fault: shape.fault.map(unfetched).transpose()?,
            body: body.into(),
        })
    }
}

fn address(word: String) -> Result<Url, LineError> {
    word.parse().map_err(|_error| LineError::Word { word, kind: "address on the web" })
}

fn unfetched(word: String) -> Result<Unfetched, LineError> {
    let known = Unfetched::from_code(&word);
    known.ok_or(LineError::Word { word, kind: "reason why nothing is fetched" })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use futures_util::FutureExt;

    use super::super::{Recorder, Recording};
    use super::*;
    use crate::answer::{Answer, Failure, Outcome, Question};
    use crate::lookup::Lookup;
    use crate::name::MailDomain;

    /// Serves this everywhere, but nothing at one address and for one domain.
    struct Serving(Page);

    impl Lookup for Serving {
        async fn ask(&self, _question: &Question) -> Answer {
            Answer::plain(Outcome::Failed(Failure::Timeout))
        }

        async fn fetch(
            &self,
            domain: &MailDomain,
            _request: &Request,
            addresses: &[IpAddr],
        ) -> Option<Page> {
            let is_other = domain.as_str() == "other.test" || addresses == [address(9)];
            Some(if is_other { Page::of(Err(Unfetched::NoHttp)) } else { self.0.clone() })
        }
    }

    fn address(octet: u8) -> IpAddr {
        [192, 0, 2, octet].into()
    }

    fn request() -> Request {
        Request::get("https://a.test:8443/b?c".parse().unwrap()).about("user@d.test")
    }

    fn fetch(lookup: &impl Lookup, (domain, at): (&str, u8), request: &Request) -> Page {
        let domain = domain.parse().unwrap();
        lookup.fetch(&domain, request, &[address(at)]).now_or_never().unwrap().unwrap()
    }

    /// Whatever can come of a request, in some page or other.
    fn pages() -> Vec<Page> {
        let url = "http://b.test/?a".parse().unwrap();
        let bodies: [&[u8]; 4] = [b"", b"<a/>\r\n\"\0\\", "\u{feff}\u{e9}".as_bytes(), b"\xff\xfe"];
        let bodies = bodies.map(Page::found);
        let whole = Content {
            status: 307,
            media_type: Some("text/xml; charset=\"a\"".to_owned()),
            encoding: Some("gzip".to_owned()),
            hsts: Some(Hsts { max_age: u64::MAX, include_subdomains: true }),
            location: Some(url),
            fault: Some(Unfetched::Untrusted),
            body: vec![0xc3; MAX_BODY].into(),
        };
        let none = Unfetched::ALL.map(|why| Page::of(Err(why)));
        let large = Page::found(vec![0; MAX_BODY]);
        bodies
            .into_iter()
            .chain([large, Page::of(Ok(whole)), Page::missing()])
            .chain(none)
            .collect()
    }

    #[test]
    fn what_was_served_is_read_again_and_what_was_not_asked_for_is_unknown() {
        let asked = [("d.test", 1), ("e.test", 1), ("other.test", 1), ("d.test", 9)];
        for page in pages() {
            let recorder = Recorder::new(Serving(page.clone()), Vec::new());
            for at in asked {
                fetch(&recorder, at, &request());
            }
            let (written, outcome) = recorder.finish();
            outcome.unwrap();
            let text = String::from_utf8(written).unwrap();
            let told_apart = if page == Page::of(Err(Unfetched::NoHttp)) { 2 } else { 3 };
            assert_eq!(text.lines().count(), told_apart, "{text}");
            let recording = Recording::read(Cursor::new(&text), "run").unwrap();
            for at in asked {
                let expected = fetch(&Serving(page.clone()), at, &request());
                assert_eq!(fetch(&recording, at, &request()), expected, "{text}");
            }
            let (posted, other) = (Request { method: Method::Post, ..request() }, ("d.test", 2));
            for (at, request) in [(asked[0], posted), (other, request())] {
                assert_eq!(fetch(&recording, at, &request), Page::of(Err(Unfetched::NotAsked)));
            }
        }
    }

    #[test]
    fn what_no_line_could_say_is_left_out() {
        let recorder = Recorder::new(Serving(Page::missing()), Vec::new());
        let odd = Request::get(Url::new(crate::page::Scheme::Https, "a b.test", "/"));
        assert_eq!(fetch(&recorder, ("d.test", 1), &odd), Page::missing());
        assert!(recorder.is_empty());
    }

    #[test]
    fn a_line_that_is_none_is_refused_and_says_why() {
        let long = format!(r#""page":{{"status":200,"body":"{}"}}"#, "a".repeat(MAX_BODY + 1));
        for (rest, problem) in [
            (r#""unfetched":"sleepy""#, "`sleepy` is no reason why nothing is fetched"),
            (r#""unfetched":"timeout","page":{"status":200}"#, "either the `page`, or why it is"),
            (r#""page":{"status":200,"location":"a"}"#, "`a` is no address on the web"),
            (r#""page":{"status":200,"fault":"a"}"#, "`a` is no reason why"),
            (r#""page":{"status":200,"base64":"a"}"#, "one `body` of 262144 octets at most"),
            (r#""page":{"status":200,"base64":"AAAA","body":"a"}"#, "one `body` of"),
            (&long, "one `body` of"),
            (r#""page":{"status":200,"title":"a"}"#, "unknown field `title`"),
            (r#""page":{"body":"a"}"#, "missing field `status`"),
            (r#""unfetched":"timeout","at":1"#, "unknown field `at`"),
        ] {
            const BEGIN: &str =
                r#"{"fetched":{"method":"GET","url":"https://a.test/"},"addresses":[]"#;
            let line = format!("\n{BEGIN},{rest}}}\n");
            let error = Recording::read(Cursor::new(line), "run").unwrap_err().to_string();
            assert!(error.starts_with("run:2: ") && error.contains(problem), "{error}");
        }
    }
}
