//! As much of JavaScript as a `dnsconfig.js` of this program takes.

use std::fmt::Display;
use std::str::FromStr;

use super::parts::number;

/// The levels of nesting that are read; `D(DnsProvider(DSP))` has two.
const MAX_DEPTH: usize = 4;

/// A part of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Text(String),
    Number(String),
    Word(String),
    Call(String, Vec<Self>),
}

impl Expression {
    pub(super) fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(format!("{other:?} stands where a text is wanted")),
        }
    }

    pub(super) fn word(&self) -> Result<&str, String> {
        match self {
            Self::Word(word) => Ok(word),
            other => Err(format!("{other:?} stands where a word is wanted")),
        }
    }

    pub(super) fn call(&self) -> Result<(&str, &[Self]), String> {
        match self {
            Self::Call(name, arguments) => Ok((name, arguments)),
            other => Err(format!("{other:?} stands where a call is wanted")),
        }
    }

    /// A whole number, written as this program writes it.
    pub(super) fn number<T: FromStr + Display>(&self) -> Result<T, String> {
        let Self::Number(digits) = self else {
            return Err(format!("{self:?} stands where a number is wanted"));
        };
        number(digits)
    }
}

/// Reads statements, each an expression and a semicolon.
pub(super) fn statements(text: &str) -> Result<Vec<Expression>, String> {
    let mut script = Script { rest: text };
    let mut statements = Vec::new();
    while !script.blank().is_empty() {
        statements.push(script.expression(0)?);
        script.expect(';')?;
    }
    Ok(statements)
}

struct Script<'a> {
    rest: &'a str,
}

impl<'a> Script<'a> {
    /// What is left after blanks and comments.
    fn blank(&mut self) -> &'a str {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\n']);
            match self.rest.strip_prefix("//") {
                Some(comment) => {
                    self.rest = comment.find('\n').map_or("", |end| &comment[end..]);
                }
                None => return self.rest,
            }
        }
    }

    fn next_is(&mut self, mark: char) -> bool {
        match self.blank().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.next_is(mark) {
            return Ok(());
        }
        let found: String = self.rest.chars().take(20).collect();
        Err(format!("`{mark}` is wanted where `{found}` stands"))
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MAX_DEPTH {
            return Err(format!("calls are nested deeper than {MAX_DEPTH} levels"));
        }
        if self.blank().starts_with('"') {
            return self.string();
        }
        let of_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let length = self.rest.find(|character| !of_word(character)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        let word = word.to_owned();
        if word.is_empty() {
            let found: String = self.rest.chars().take(20).collect();
            return Err(format!("`{found}` stands where a word is wanted"));
        }
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            return Ok(Expression::Number(word));
        }
        if !self.next_is('(') {
            return Ok(Expression::Word(word));
        }
        let mut arguments = Vec::new();
        if !self.next_is(')') {
            loop {
                arguments.push(self.expression(depth + 1)?);
                if self.next_is(')') {
                    break;
                }
                self.expect(',')?;
            }
        }
        Ok(Expression::Call(word, arguments))
    }

    /// A string with the escapes that JSON knows too.
    fn string(&mut self) -> Result<Expression, String> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        let (end, _) = end.ok_or("a string lacks its closing quotation mark")?;
        let (literal, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        let text = serde_json::from_str(literal);
        text.map(Expression::Text).map_err(|error| format!("{literal}: {error}"))
    }
}

#[test]
fn calls_are_read_with_their_arguments() {
    let text = "// a\nD(\"a\\\"\\\\\", X, 12, F()); // b\nE;\n// c";
    let arguments = vec![
        Expression::Text("a\"\\".to_owned()),
        Expression::Word("X".to_owned()),
        Expression::Number("12".to_owned()),
        Expression::Call("F".to_owned(), Vec::new()),
    ];
    let expected =
        vec![Expression::Call("D".to_owned(), arguments), Expression::Word("E".to_owned())];
    assert_eq!(statements(text), Ok(expected));
    assert_eq!(statements(""), Ok(Vec::new()));
}

#[test]
fn all_else_is_refused() {
    let deep = "F(".repeat(1000);
    for (text, part) in [
        ("D(1,);", "where a word is wanted"),
        ("D(1", "`,` is wanted"),
        ("D(1)", "`;` is wanted"),
        ("D('a');", "where a word is wanted"),
        ("D(\"a);", "closing"),
        ("D(\"a\nb\");", "control character"),
        ("D(\"\\x41\");", "escape"),
        ("D(-1);", "where a word is wanted"),
        ("var a = 1;", "`;` is wanted"),
        ("D(\u{fc});", "where a word is wanted"),
        (deep.as_str(), "nested"),
    ] {
        let error = statements(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    for number in ["01", "1e3", "0x10", "65536"] {
        let read = Expression::Number(number.to_owned()).number::<u16>();
        assert!(read.is_err(), "{number}");
    }
}
