//! What a line of a recording says: one question with its answer, or what was known unasked.

use std::io;
use std::net::IpAddr;

use hickory_proto::rr::{Name, RecordType};

use crate::answer::{Answer, Hidden, MAX_EXTENDED, Question, Sight, Vantage};
use crate::endpoint::{Endpoint, Sighting};
use crate::lookup::{Stage, Unfinished};
use crate::name::NameError;
use crate::page::{MAX_BODY, Page, Request};

/// The longest line of a recording: more than any DNS message takes, its names without compression
/// and escaped to the utmost.
pub(super) const MAX_LINE: u64 = 1 << 23;

/// Says why a line is no part of a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The file cannot be read on.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The line does not end within the bound.
    #[error("the line is longer than {MAX_LINE} octets; this is not a recording")]
    TooLong,
    /// No JSON object of the right shape.
    #[error("not a recorded answer: {0}")]
    Shape(#[source] serde_json::Error),
    /// A name that is none.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A type that is none, or of queries alone.
    #[error("`{rtype}` is no record type that a zone holds; write SRV, or TYPE33")]
    Type {
        /// The type as read.
        rtype: String,
    },
    /// Data that is none of its type.
    #[error("`{data}` is not the data of one {rtype} record")]
    Data {
        /// The data as read.
        data: String,
        /// The type it should have.
        rtype: RecordType,
    },
    /// A failure that is unknown.
    #[error("`{code}` is not a failure")]
    Failure {
        /// The word as read.
        code: String,
    },
    /// Fields that the outcome does not have, or lacks.
    #[error(
        "the fields do not fit the outcome: `ttl` and `data` belong to `records`, `failure` to `failed`"
    )]
    Fields,
    /// A state of validation that is unknown.
    #[error("`{word}` is not what a resolver says of DNSSEC; secure, insecure or bogus is")]
    Dnssec {
        /// The word as read.
        word: String,
    },
    /// An RCODE that the outcome tells, or too many extended errors.
    #[error(
        "`rcode` belongs to failures that do not tell it, and `extended` has at most {MAX_EXTENDED} codes"
    )]
    Besides,
    /// Who was asked is neither a server with its address nor a resolver.
    #[error("who was asked is either `server` with its `address`, or `resolver`")]
    Vantage,
    /// A word that is none of its kind.
    #[error("`{word}` is no {kind}")]
    Word {
        /// The word as read.
        word: String,
        /// What it should be.
        kind: &'static str,
    },
    /// A server that showed something and nothing.
    #[error("of a server there is either what it has `shown`, or why it is `unseen`")]
    Seen,
    /// A page that was fetched and was not.
    #[error("of a page there is either the `page`, or why it is `unfetched`")]
    Fetched,
    /// A body that is none, two, or too long.
    #[error("a page has one `body` of {MAX_BODY} octets at most, as text or in `base64`")]
    Body,
    /// Nothing that was given up, or several things.
    #[error("what was given up is one `question`, one `page` or one `server`")]
    Unfinished,
    /// The same question with another answer.
    #[error("the question has another answer on an earlier line")]
    Contradiction,
}

/// What one line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// A question with its answer.
    Answer {
        question: Question,
        /// The mail domain whose inquiry alone was told this; None for what all were told.
        about: Option<Name>,
        /// Who said so, where several were asked.
        from: Option<Vantage>,
        answer: Answer,
    },
    /// From where a mail domain was seen, or a zone below it.
    Seen { domain: Name, sight: Sight, is_below: bool },
    /// What was seen of a server; of it anew, for a mail domain alone.
    Visited { about: Option<Name>, sighting: Box<Sighting> },
    /// What came of a request to these addresses; otherwise, for a mail domain alone.
    Fetched { about: Option<Name>, request: Box<Request>, addresses: Vec<IpAddr>, page: Box<Page> },
    /// What was given up for a mail domain.
    Unfinished { domain: Name, stage: Stage, given: Given },
    /// What was known of a mail domain unasked: owner names of SRV records, and what zone cuts hide.
    Unasked { domain: Name, owners: Vec<Name>, hidden: Vec<Hidden> },
}

/// An [`Unfinished`] that stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Question(Question, Option<Vantage>),
    Page(Box<Request>, Vec<IpAddr>),
    Server(Endpoint),
}

impl Given {
    pub(super) fn of(what: Unfinished<'_>) -> Self {
        match what {
            Unfinished::Question(question, from) => Self::Question(question.clone(), from.cloned()),
            Unfinished::Page(request, addresses) => {
                Self::Page(Box::new(request.clone()), addresses.to_vec())
            }
            Unfinished::Server(endpoint) => Self::Server(endpoint.clone()),
        }
    }

    pub(super) fn what(&self) -> Unfinished<'_> {
        match self {
            Self::Question(question, from) => Unfinished::Question(question, from.as_ref()),
            Self::Page(request, addresses) => Unfinished::Page(request, addresses),
            Self::Server(endpoint) => Unfinished::Server(endpoint),
        }
    }
}

/// What a line is about: by it lines are found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Question {
        question: &'a Question,
        about: Option<&'a Name>,
        from: Option<&'a Vantage>,
    },
    /// A mail domain, and the apex of a zone below it.
    Seen(&'a Name, Option<&'a Name>),
    Unasked(&'a Name),
    /// A server, and the mail domain that alone was told this.
    Visited(&'a Endpoint, Option<&'a Name>),
    /// A request, the addresses that were asked, and the mail domain that alone was told this.
    Fetched(&'a Request, &'a [IpAddr], Option<&'a Name>),
    /// What was given up for a mail domain, and when.
    Unfinished(&'a Name, Stage, Unfinished<'a>),
}

impl Line {
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Self::Answer { question, about, from, .. } => {
                Key::Question { question, about: about.as_ref(), from: from.as_ref() }
            }
            Self::Seen { domain, sight, is_below } => {
                Key::Seen(domain, is_below.then_some(&sight.zone))
            }
            Self::Unasked { domain, .. } => Key::Unasked(domain),
            Self::Visited { about, sighting } => Key::Visited(&sighting.endpoint, about.as_ref()),
            Self::Fetched { about, request, addresses, .. } => {
                Key::Fetched(request, addresses, about.as_ref())
            }
            Self::Unfinished { domain, stage, given } => {
                Key::Unfinished(domain, *stage, given.what())
            }
        }
    }
}
