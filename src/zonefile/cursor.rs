//! The tokens of one record's RDATA, taken one after the other.

use super::error::ScanErrorKind;
use super::lex::{Fault, Spot, Token};
use super::presentation::{self, Origin, shown};
use super::types::code_name;

/// Walks over the tokens of one record's RDATA.
///
/// Its errors name the field and the type, and point at the token that was taken last.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    /// The octets of the entry.
    pub(super) text: &'a [u8],
    pub(super) tokens: &'a [Token],
    /// The token to take next.
    pub(super) next: usize,
    /// The type of the record, by its number.
    pub(super) code: u16,
    pub(super) origin: &'a Origin,
}

impl<'a> Cursor<'a> {
    /// Takes the next token; a quoted one is refused.
    pub(super) fn word(&mut self, field: &'static str) -> Result<&'a [u8], Fault> {
        let (token, text) = self.token(field)?;
        if token.quoted {
            return Err(self.bad(field, "a token without quotes"));
        }
        Ok(text)
    }

    /// Takes the next token, quoted or not.
    pub(super) fn string(&mut self, field: &'static str) -> Result<&'a [u8], Fault> {
        self.token(field).map(|(_, text)| text)
    }

    /// Takes the next token where there is one that is not quoted.
    pub(super) fn optional_word(&mut self) -> Option<&'a [u8]> {
        let token = self.peek().filter(|token| !token.quoted)?;
        self.next += 1;
        Some(token.text(self.text))
    }

    /// Looks at the next token.
    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.next).copied()
    }

    /// Refuses the token taken last.
    pub(super) fn bad(&self, field: &'static str, wanted: &'static str) -> Fault {
        let typed = shown(self.last().map_or(&[], |token| token.text(self.text)));
        self.fail(ScanErrorKind::BadField { typed, rtype: code_name(self.code), field, wanted })
    }

    /// Blames the token taken last.
    pub(super) fn fail(&self, kind: ScanErrorKind) -> Fault {
        Fault { at: self.last().map_or(Spot { line: 0, column: 1 }, |token| token.at), kind }
    }

    /// Reads a number up to a limit.
    pub(super) fn number(&mut self, field: &'static str, limit: u32) -> Result<u32, Fault> {
        let text = self.word(field)?;
        let value = presentation::number(text).ok_or_else(|| self.bad(field, "a number"))?;
        self.limited(value, text, field, limit)
    }

    /// Refuses a number over a limit.
    pub(super) fn limited(
        &self,
        value: u64,
        text: &[u8],
        field: &'static str,
        limit: u32,
    ) -> Result<u32, Fault> {
        u32::try_from(value).ok().filter(|value| *value <= limit).ok_or_else(|| {
            let (typed, rtype) = (shown(text), code_name(self.code));
            self.fail(ScanErrorKind::NumberTooLarge { typed, rtype, field, limit })
        })
    }

    /// Takes a token of any kind; what is missing is blamed on the end of the entry.
    fn token(&mut self, field: &'static str) -> Result<(Token, &'a [u8]), Fault> {
        let Some(token) = self.peek() else {
            let at = self.tokens.last().map_or(Spot { line: 0, column: 1 }, |last| last.past());
            let rtype = code_name(self.code);
            return Err(Fault { at, kind: ScanErrorKind::MissingField { rtype, field } });
        };
        self.next += 1;
        Ok((token, token.text(self.text)))
    }

    /// The token taken last, to blame.
    fn last(&self) -> Option<Token> {
        self.tokens.get(self.next.checked_sub(1)?).copied()
    }
}
