//! The case of the letters in a question: more that whoever forges an answer must guess.
//!
//! A server repeats the question as it was sent, and names are the same in any case (RFC 4343), so a
//! case that is drawn says of whom the answer is (draft-vixie-dnsext-dns0x20-00). Few servers repeat it
//! in a case of their own; these are asked by TCP, where nobody answers who does not see the question.

use crate::message::Response;

/// In which case the letters of a question are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Letters {
    /// In lower case.
    #[default]
    Lower,
    /// In a case that is drawn for each, where the question goes by UDP.
    Drawn,
}

impl Letters {
    /// Puts the letters of a question into their case.
    pub(super) fn draw(self, question: &mut [u8]) {
        match self {
            Self::Lower => {}
            Self::Drawn => draw(question, rand::random),
        }
    }

    /// What is to be made of a message that repeats a question of which the case was drawn in another
    /// one: nothing that it says, but that TCP is to be asked. None of all others.
    pub(super) fn folded(self, question: &[u8], message: &[u8]) -> Option<Response> {
        match self {
            Self::Lower => None,
            Self::Drawn => folded(question, message),
        }
    }
}

/// The octets of a question behind its name: type and class (RFC 1035 §4.1.2).
const TYPE_AND_CLASS: usize = 4;

/// Draws the case of each letter in the name of a question. A length is no letter: it is 63 at most.
fn draw(question: &mut [u8], mut random: impl FnMut() -> u64) {
    let name = question.len().saturating_sub(TYPE_AND_CLASS);
    let mut bits = (0, 0);
    for octet in question[..name].iter_mut().filter(|octet| octet.is_ascii_alphabetic()) {
        if bits.1 == 0 {
            bits = (random(), u64::BITS);
        }
        *octet ^= ((bits.0 & 1) as u8) << 5;
        bits = (bits.0 >> 1, bits.1 - 1);
    }
}

fn folded(question: &[u8], message: &[u8]) -> Option<Response> {
    const HEADER: usize = 12;
    const TRUNCATED: u8 = 0x02;
    let end = HEADER + question.len();
    let (name, rest) = question.split_at_checked(question.len().checked_sub(TYPE_AND_CLASS)?)?;
    let repeated = message.get(HEADER..end)?;
    let is_folded = repeated != question
        && repeated[..name.len()].eq_ignore_ascii_case(name)
        && repeated.ends_with(rest);
    if !is_folded {
        return None;
    }
    let mut octets = message[..end].to_vec();
    octets[2] |= TRUNCATED;
    // NOERROR, and one question with nothing behind it.
    octets[3] &= 0xf0;
    octets[4..HEADER].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
    Response::decode(&octets).filter(Response::is_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &[u8] = b"\x05_imap\x01d\x04test\0\x00\x41\x00\x01";

    fn drawn(bits: u64) -> Vec<u8> {
        let mut question = QUESTION.to_vec();
        draw(&mut question, || bits);
        question
    }

    #[test]
    fn letters_of_the_name_alone_change_their_case() {
        assert_eq!(drawn(0), QUESTION);
        assert_eq!(drawn(u64::MAX), b"\x05_IMAP\x01D\x04TEST\0\x00\x41\x00\x01");
        assert_eq!(drawn(0b1_0000_0010), b"\x05_iMap\x01d\x04tesT\0\x00\x41\x00\x01");
        let mut long = [&[60][..], &[b'a'; 60], &[60], &[b'b'; 60], &[0, 0, 1, 0, 1]].concat();
        let mut numbers = [0, u64::MAX].into_iter();
        draw(&mut long, || numbers.next().unwrap());
        assert!(long[62..66].is_ascii() && long[61..].starts_with(&[60, b'b', b'b', b'b', b'b']));
        assert_eq!(long[62 + 4..][..4], *b"BBBB");
        let mut none = [0, 1];
        draw(&mut none, || 1);
        assert_eq!(none, [0, 1]);
    }

    #[test]
    fn what_repeats_the_question_in_another_case_says_that_tcp_is_to_be_asked() {
        let header = b"\x12\x34\x84\x03\x00\x01\x00\x01\x00\x00\x00\x00";
        let message = |question: &[u8]| [header, question, b"whatever"].concat();
        let sent = drawn(0b1_0110_0101);
        let response = folded(&sent, &message(QUESTION)).unwrap();
        assert!(response.metadata.truncation && response.metadata.id == 0x1234);
        assert!(response.answers.is_empty() && response.rcode == 0);
        let mut other_type = QUESTION.to_vec();
        other_type[14] = b'a';
        let mut other_name = QUESTION.to_vec();
        other_name[2] = b'j';
        for (sent, repeated) in [
            (&sent[..], &sent[..]),
            (&sent, &other_type),
            (&sent, &other_name),
            (&sent, &QUESTION[..5]),
            (b"", QUESTION),
        ] {
            assert!(folded(sent, &message(repeated)).is_none(), "{sent:?} {repeated:?}");
        }
    }
}
