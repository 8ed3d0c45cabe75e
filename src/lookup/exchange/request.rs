//! A question as a message that asks it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hickory_proto::rr::RecordType;

use crate::answer::Question;

/// The UDP payload that a request announces: what passes nearly every path without fragments.
const PAYLOAD: u16 = 1232;

/// What a request asks for beside its question (RFC 1035 §4.1.1, RFC 4035 §3.2, RFC 3225 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lookup) struct Flags {
    /// RD: the server is to ask others.
    pub(in crate::lookup) recursion_desired: bool,
    /// AD: a validating resolver is to tell what it validated (RFC 6840 §5.7).
    pub(in crate::lookup) authentic_data: bool,
    /// CD: what does not validate is wanted too.
    pub(in crate::lookup) checking_disabled: bool,
    /// DO: the records of DNSSEC are wanted too. It goes where EDNS goes.
    pub(in crate::lookup) dnssec_ok: bool,
}

impl Flags {
    /// What a stub resolver that knows of DNSSEC asks a recursive resolver for (RFC 4035 §4.9).
    pub(in crate::lookup) const STUB: Self = Self {
        recursion_desired: true,
        authentic_data: true,
        checking_disabled: false,
        dnssec_ok: true,
    };

    /// The same for data that do not validate, too.
    pub(in crate::lookup) const UNCHECKED: Self = Self { checking_disabled: true, ..Self::STUB };

    /// Writes the message that asks a question so, under the ID 0, with EDNS (RFC 1035 §4.1). The
    /// question is given as it stands there.
    pub(super) fn write(self, question: &[u8], message: &mut Vec<u8>) {
        message.clear();
        message.extend_from_slice(&self.header(0, true));
        message.extend_from_slice(question);
        message.extend_from_slice(&self.opt());
    }

    /// The header: one question, and OPT in the additional section where there is EDNS.
    fn header(self, id: u16, edns: bool) -> [u8; 12] {
        let [a, b] = id.to_be_bytes();
        let ad_and_cd = u8::from(self.authentic_data) << 5 | u8::from(self.checking_disabled) << 4;
        let recursion_desired = u8::from(self.recursion_desired);
        [a, b, recursion_desired, ad_and_cd, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)]
    }

    /// Owner, type, payload, extended RCODE and version, DO, no options (RFC 6891 §6.1.2).
    fn opt(self) -> [u8; 11] {
        let [a, b] = u16::from(RecordType::OPT).to_be_bytes();
        let [c, d] = PAYLOAD.to_be_bytes();
        [0, a, b, c, d, 0, 0, u8::from(self.dnssec_ok) << 7, 0, 0, 0]
    }
}

/// A question, and how it is asked.
pub(super) struct Request<'a> {
    pub(super) question: &'a Question,
    flags: Flags,
    /// Whether it says that it knows EDNS (RFC 6891).
    pub(super) edns: bool,
    /// Whether something came that is no response, though it would be one to this request if it
    /// were.
    pub(super) garbage: Arc<AtomicBool>,
}

impl<'a> Request<'a> {
    /// Asks with EDNS (RFC 6891).
    pub(super) fn new(question: &'a Question, flags: Flags) -> Self {
        Self { question, flags, edns: true, garbage: Arc::default() }
    }

    /// The message as it goes out, with this ID (RFC 1035 §4.1).
    pub(super) fn message(&self, id: u16) -> Vec<u8> {
        let mut message = Vec::with_capacity(12 + self.question.name.len() + 4 + 11);
        message.extend(self.flags.header(id, self.edns));
        self.question.write(&mut message);
        if self.edns {
            message.extend(self.flags.opt());
        }
        message
    }

    /// The message as it goes out, behind its length (RFC 1035 §4.2.2) and with this ID.
    pub(super) fn framed(&self, id: u16) -> Vec<u8> {
        let message = self.message(id);
        // A name has 255 octets at most, and all else has few.
        let length = message.len() as u16;
        [&length.to_be_bytes()[..], &message].concat()
    }
}
