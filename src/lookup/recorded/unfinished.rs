//! What a run gave up for a mail domain, as JSON has it.

use std::net::IpAddr;

use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use super::fetched::RequestShape;
use super::line::{Given, Line, LineError};
use super::seen::VantageShape;
use super::sighting::EndpointShape;
use crate::answer::{Question, Vantage};
use crate::lookup::Stage;
use crate::name::{parse_text, text};
use crate::zonefile;

/// How a line begins that tells what was given up.
pub(super) const UNFINISHED: &[u8] = br#"{"unfinished":"#;

/// What was given up; the mail domain comes first, as `unfinished`, which tells it from other lines.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnfinishedShape {
    unfinished: String,
    stage: StageShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<QuestionShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<PageShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<EndpointShape>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StageShape {
    Inquiry,
    Visits,
    Forecast,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionShape {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<VantageShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageShape {
    request: RequestShape,
    addresses: Vec<IpAddr>,
}

impl UnfinishedShape {
    pub(super) fn new(domain: &Name, stage: Stage, given: &Given) -> Self {
        let stage = match stage {
            Stage::Inquiry => StageShape::Inquiry,
            Stage::Visits => StageShape::Visits,
            Stage::Forecast => StageShape::Forecast,
        };
        let mut shape =
            Self { unfinished: text(domain), stage, question: None, page: None, server: None };
        match given {
            Given::Question(Question { name, rtype }, from) => {
                let (name, rtype) = (text(name), zonefile::type_name(*rtype));
                let from = from.as_ref().map(VantageShape::new);
                shape.question = Some(QuestionShape { name, rtype, from });
            }
            Given::Page(request, addresses) => {
                let (request, addresses) = (RequestShape::from(&**request), addresses.clone());
                shape.page = Some(PageShape { request, addresses });
            }
            Given::Server(endpoint) => shape.server = Some(EndpointShape::from(endpoint)),
        }
        shape
    }
}

impl TryFrom<UnfinishedShape> for Line {
    type Error = LineError;

    fn try_from(shape: UnfinishedShape) -> Result<Self, LineError> {
        let domain = parse_text(&shape.unfinished)?;
        let stage = match shape.stage {
            StageShape::Inquiry => Stage::Inquiry,
            StageShape::Visits => Stage::Visits,
            StageShape::Forecast => Stage::Forecast,
        };
        let given = match (shape.question, shape.page, shape.server) {
            (Some(QuestionShape { name, rtype, from }), None, None) => {
                let name = parse_text(&name)?;
                let known = zonefile::parse_type(&rtype);
                let rtype = known.ok_or(LineError::Type { rtype })?;
                let from = from.map(Vantage::try_from).transpose()?;
                Given::Question(Question { name, rtype }, from)
            }
            (None, Some(PageShape { request, addresses }), None) => {
                Given::Page(Box::new(request.try_into()?), addresses)
            }
            (None, None, Some(endpoint)) => Given::Server(endpoint.try_into()?),
            _ => return Err(LineError::Unfinished),
        };
        Ok(Self::Unfinished { domain, stage, given })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hickory_proto::rr::RecordType;

    use super::super::{Recorder, Recording};
    use super::*;
    use crate::answer::{Answer, Outcome};
    use crate::endpoint::{Endpoint, Protocol};
    use crate::lookup::Lookup;
    use crate::name::MailDomain;
    use crate::page::Request;
    use crate::service::TlsMode;

    struct Nothing;

    impl Lookup for Nothing {
        async fn ask(&self, _question: &Question) -> Answer {
            Answer::plain(Outcome::NoData)
        }
    }

    /// Something of each kind, with another one that is nearly the same.
    fn all() -> Vec<Given> {
        let name = parse_text("mail.d.test.").unwrap();
        let question = |rtype| Question { name: name.clone(), rtype };
        let from = Vantage::Resolver("192.0.2.53".to_owned());
        let request = Request::get("https://[2001:db8::1]/a?b".parse().unwrap());
        let at = |octet| vec![IpAddr::from([192, 0, 2, octet])];
        let endpoint = |mode| {
            Given::Server(Endpoint {
                host: "mail.d.test".to_owned(),
                port: 1,
                protocol: Protocol::Imap,
                mode,
            })
        };
        vec![
            Given::Question(question(RecordType::A), None),
            Given::Question(question(RecordType::A), Some(from)),
            Given::Question(question(RecordType::Unknown(65_280)), None),
            Given::Page(Box::new(request.clone()), at(1)),
            Given::Page(Box::new(request.clone()), at(2)),
            Given::Page(Box::new(request.about("a@d.test")), at(1)),
            endpoint(TlsMode::Implicit),
            endpoint(TlsMode::StartTls),
        ]
    }

    #[test]
    fn what_was_given_up_is_read_again_for_its_domain_and_its_stage_alone() {
        let [domain, other] = ["d.test", "e.test"].map(|it| it.parse::<MailDomain>().unwrap());
        let all = all();
        for given in &all {
            let recorder = Recorder::new(Nothing, Vec::new());
            for _ in 0..2 {
                recorder.note_unfinished(&domain, Stage::Forecast, given.what());
            }
            let (written, outcome) = recorder.finish();
            outcome.unwrap();
            let text = String::from_utf8(written).unwrap();
            assert_eq!(text.lines().count(), 1, "{text}");
            let recording = Recording::read(Cursor::new(&text), "run").unwrap();
            for asked in &all {
                let was = |domain, stage| recording.was_unfinished(domain, stage, asked.what());
                assert_eq!(was(&domain, Stage::Forecast), asked == given, "{asked:?}: {text}");
                assert!(!was(&domain, Stage::Inquiry) && !was(&other, Stage::Forecast), "{text}");
            }
        }
    }

    #[test]
    fn a_line_that_is_none_is_refused_and_says_why() {
        const QUESTION: &str = r#""question":{"name":"a.test.","type":"A"}"#;
        for (rest, problem) in [
            (r#""stage":"forecast""#.to_owned(), "one `question`, one `page` or one `server`"),
            (format!(r#""stage":"later",{QUESTION}"#), "unknown variant `later`"),
            (QUESTION.to_owned(), "missing field `stage`"),
            (
                format!(
                    r#""stage":"inquiry",{QUESTION},"server":{{"host":"a","port":1,"protocol":"imap","mode":"TLS"}}"#
                ),
                "one `question`, one `page` or one `server`",
            ),
            (
                r#""stage":"inquiry","question":{"name":"a.test.","type":"AXFR"}"#.to_owned(),
                "is no record type",
            ),
            (
                r#""stage":"inquiry","page":{"request":{"method":"GET","url":"a"},"addresses":[]}"#
                    .to_owned(),
                "`a` is no address on the web",
            ),
        ] {
            let line = format!("{{\"unfinished\":\"d.test.\",{rest}}}\n");
            let error = Recording::read(Cursor::new(line), "run").unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
