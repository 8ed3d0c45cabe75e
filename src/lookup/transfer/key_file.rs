//! The key of a server in the form of BIND: `key NAME { algorithm …; secret …; };`.
//!
//! What is typed stands in no message: who forgets a word has typed the secret in its place.
//!
//! `tsig-keygen` writes it, and `named`, `nsupdate -k` and `dig -k` read it. It has strings, words,
//! braces, semicolons and the comments of C, C++ and the shell.

use data_encoding::BASE64;

use super::tsig::{Algorithm, Key};
use crate::name::parse_text;

/// Says what is wrong with the file of a key, and never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct KeyFileError {
    /// The line at fault, from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: KeyFileErrorKind,
}

/// Says what is wrong with a line of the file of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are named by the messages that show them")]
pub enum KeyFileErrorKind {
    /// A statement that is no key.
    #[error("`key` has to stand here; the file is to hold one key and nothing else")]
    NoKey,
    /// The file ends before there is a key.
    #[error("there is no key; `tsig-keygen NAME` writes one")]
    Empty,
    /// The file ends within a statement.
    #[error("the file ends where {wanted} has to stand")]
    Cut { wanted: &'static str },
    /// Something else stands there.
    #[error("{wanted} has to stand here")]
    Wanted { wanted: &'static str },
    /// A string or a comment without its end.
    #[error("the {what} is not closed")]
    Unclosed { what: &'static str },
    /// A statement within the key that is neither algorithm nor secret.
    #[error("a key has an `algorithm` and a `secret`, and nothing else")]
    Unknown,
    /// A statement twice.
    #[error("the key has a second {what}; keep one of them")]
    Twice { what: &'static str },
    /// A statement that is missing.
    #[error("the key has no {what}")]
    Missing { what: &'static str },
    /// A second key.
    #[error("the file holds a second key; keep the one that the server knows")]
    SecondKey,
    /// A name that is none.
    #[error("the name of the key is none: {problem}")]
    Name { problem: String },
    /// An algorithm that is none of those that are known.
    #[error("the algorithm is unknown; known are {}", algorithms())]
    Algorithm,
    /// MD5, which no server should take.
    #[error(
        "hmac-md5 is no longer safe and not supported (RFC 8945 section 6); make another key: tsig-keygen -a hmac-sha256 NAME"
    )]
    Md5,
    /// Signatures that are cut.
    #[error("signatures cut to {bits} bits are not supported; write {algorithm}")]
    CutShort { algorithm: &'static str, bits: String },
    /// A secret that is no Base64.
    #[error("the secret is not Base64")]
    Secret,
    /// A secret without octets.
    #[error("the secret is empty")]
    NoSecret,
}

fn algorithms() -> String {
    crate::words::listed(&Algorithm::ALL.map(Algorithm::text))
}

/// A part of the file with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A word or a string.
    Word(String),
    /// One of `{`, `}` and `;`.
    Mark(char),
}

impl Key {
    /// Reads the one key of a file in the form of BIND, which `tsig-keygen` writes.
    ///
    /// ```
    /// use mailsrv::lookup::transfer::Key;
    ///
    /// let key = Key::read("key \"transfer\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n")?;
    /// assert_eq!((key.name().to_ascii().as_str(), key.algorithm().text()), ("transfer.", "hmac-sha256"));
    /// // The secret is shown to nobody.
    /// assert!(!format!("{key:?}").contains("secret"));
    /// # Ok::<(), mailsrv::lookup::transfer::KeyFileError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The line at fault, and what should stand there; never the secret.
    pub fn read(text: &str) -> Result<Self, KeyFileError> {
        read(text)
    }
}

/// Reads the one key of a file.
fn read(text: &str) -> Result<Key, KeyFileError> {
    let mut tokens = Tokens { rest: text, line: 1 };
    let key = match tokens.next()? {
        None => return Err(tokens.fail(KeyFileErrorKind::Empty)),
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("key") => tokens.key()?,
        Some(_) => return Err(tokens.fail(KeyFileErrorKind::NoKey)),
    };
    match tokens.next()? {
        None => Ok(key),
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("key") => {
            Err(tokens.fail(KeyFileErrorKind::SecondKey))
        }
        Some(_) => Err(tokens.fail(KeyFileErrorKind::NoKey)),
    }
}

/// Cuts the text into tokens.
struct Tokens<'a> {
    rest: &'a str,
    line: usize,
}

impl Tokens<'_> {
    fn fail(&self, kind: KeyFileErrorKind) -> KeyFileError {
        KeyFileError { line: self.line, kind }
    }

    /// Goes behind so many octets.
    fn skip(&mut self, octets: usize) {
        let (gone, rest) = self.rest.split_at(octets);
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }

    /// Goes behind blanks and comments.
    fn skip_blank(&mut self) -> Result<(), KeyFileError> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.skip(blank);
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                let end = self.rest.find("*/");
                let end = end.ok_or(KeyFileErrorKind::Unclosed { what: "comment" });
                self.skip(end.map_err(|kind| self.fail(kind))? + 2);
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Option<Token>, KeyFileError> {
        self.skip_blank()?;
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if matches!(first, '{' | '}' | ';') {
            self.skip(first.len_utf8());
            return Ok(Some(Token::Mark(first)));
        }
        let (start, length, behind) = if first == '"' {
            let length = self.rest[1..].find(['"', '\n']);
            let length = length.filter(|length| self.rest[1 + length..].starts_with('"'));
            let length = length.ok_or(KeyFileErrorKind::Unclosed { what: "string" });
            let length = length.map_err(|kind| self.fail(kind))?;
            (1, length, length + 2)
        } else {
            // A slash may be a digit of Base64, and begins a comment in front of a word alone.
            let is_end = |it: char| it.is_whitespace() || matches!(it, '{' | '}' | ';' | '"');
            let length = self.rest.find(is_end).unwrap_or(self.rest.len());
            (0, length, length)
        };
        let word = self.rest[start..start + length].to_owned();
        self.skip(behind);
        Ok(Some(Token::Word(word)))
    }

    fn word(&mut self, wanted: &'static str) -> Result<String, KeyFileError> {
        match self.next()? {
            Some(Token::Word(word)) => Ok(word),
            Some(Token::Mark(_)) => Err(self.fail(KeyFileErrorKind::Wanted { wanted })),
            None => Err(self.fail(KeyFileErrorKind::Cut { wanted })),
        }
    }

    fn mark(&mut self, mark: char, wanted: &'static str) -> Result<(), KeyFileError> {
        match self.next()? {
            Some(Token::Mark(found)) if found == mark => Ok(()),
            Some(_) => Err(self.fail(KeyFileErrorKind::Wanted { wanted })),
            None => Err(self.fail(KeyFileErrorKind::Cut { wanted })),
        }
    }

    /// What follows `key`, to the semicolon behind its brace.
    fn key(&mut self) -> Result<Key, KeyFileError> {
        let typed = self.word("the name of the key")?;
        let absolute = format!("{}.", typed.strip_suffix('.').unwrap_or(&typed));
        let name = parse_text(&absolute)
            .map_err(|error| self.fail(KeyFileErrorKind::Name { problem: error.to_string() }))?;
        self.mark('{', "`{`")?;
        let (mut algorithm, mut secret) = (None, None);
        loop {
            let word = match self.next()? {
                Some(Token::Mark('}')) => break,
                Some(Token::Word(word)) => word,
                Some(Token::Mark(_)) => {
                    return Err(self.fail(KeyFileErrorKind::Wanted { wanted: "`}`" }));
                }
                None => return Err(self.fail(KeyFileErrorKind::Cut { wanted: "`}`" })),
            };
            match word.to_ascii_lowercase().as_str() {
                "algorithm" => self.set(&mut algorithm, "algorithm", algorithm_of)?,
                "secret" => self.set(&mut secret, "secret", secret_of)?,
                _ => return Err(self.fail(KeyFileErrorKind::Unknown)),
            }
        }
        let missing = |what| self.fail(KeyFileErrorKind::Missing { what });
        let algorithm = algorithm.ok_or_else(|| missing("algorithm"))?;
        let secret = secret.ok_or_else(|| missing("secret"))?;
        self.mark(';', "`;` behind the brace")?;
        Ok(Key { name, algorithm, secret })
    }

    /// Reads a statement that may stand once.
    fn set<T>(
        &mut self,
        slot: &mut Option<T>,
        what: &'static str,
        read: impl Fn(&str) -> Result<T, KeyFileErrorKind>,
    ) -> Result<(), KeyFileError> {
        if slot.is_some() {
            return Err(self.fail(KeyFileErrorKind::Twice { what }));
        }
        let value = self.word(what)?;
        *slot = Some(read(&value).map_err(|kind| self.fail(kind))?);
        self.mark(';', "`;`")
    }
}

fn algorithm_of(typed: &str) -> Result<Algorithm, KeyFileErrorKind> {
    if let Some(algorithm) = Algorithm::from_text(typed) {
        return Ok(algorithm);
    }
    let lower = typed.to_ascii_lowercase();
    if lower == "hmac-md5" || lower.starts_with("hmac-md5.") {
        return Err(KeyFileErrorKind::Md5);
    }
    // BIND cuts signatures to so many bits.
    let cut = lower
        .rsplit_once('-')
        .and_then(|(word, bits)| Some((Algorithm::from_text(word)?.text(), bits.to_owned())));
    Err(match cut {
        Some((algorithm, bits)) => KeyFileErrorKind::CutShort { algorithm, bits },
        None => KeyFileErrorKind::Algorithm,
    })
}

fn secret_of(typed: &str) -> Result<Vec<u8>, KeyFileErrorKind> {
    let digits: String = typed.split_whitespace().collect();
    let secret = BASE64.decode(digits.as_bytes()).map_err(|_secret| KeyFileErrorKind::Secret)?;
    if secret.is_empty() { Err(KeyFileErrorKind::NoSecret) } else { Ok(secret) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "c2VjcmV0IG9mIHRoZSB0ZXN0cw==";

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), &str>) {
        let text = text.replace("SECRET", SECRET);
        let read = Key::read(&text);
        let secret = read.as_ref().ok().map(|key| key.secret.as_slice());
        assert!(secret.is_none_or(|secret| secret == b"secret of the tests"), "{text}");
        let error = read.as_ref().err().map(ToString::to_string);
        assert!(!error.as_ref().is_some_and(|error| error.contains("c2Vj")), "{error:?}");
        assert!(
            !format!("{read:?}").contains("c2Vj") && !format!("{read:?}").contains("secret of")
        );
        let read = match &read {
            Ok(key) => Ok((key.name.to_ascii(), key.algorithm.text())),
            Err(error) => Err(error.to_string()),
        };
        let read = read.as_ref().map(|(name, word)| (name.as_str(), *word)).map_err(String::as_str);
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn what_tsig_keygen_writes_is_read() {
        let text = "key \"tsig-key\" {\n\talgorithm hmac-sha256;\n\tsecret \"SECRET\";\n};\n";
        check(text, Ok(("tsig-key.", "hmac-sha256")));
        for algorithm in Algorithm::ALL {
            let text = text.replace("hmac-sha256", algorithm.text());
            check(&text, Ok(("tsig-key.", algorithm.text())));
        }
    }

    #[test]
    fn what_bind_reads_is_read() {
        for text in [
            "key Transfer.example. { algorithm HMAC-SHA512; secret SECRET; };",
            "// for b\n# and c\nkey /* here */ Transfer.example{secret\"SECRET\";\nalgorithm hmac-sha512.;}\n;",
            "KEY \"Transfer.example\" { Algorithm \"hmac-sha512\"; # of 2026\n secret \"SECRET\"; /*\n*/ };//",
        ] {
            check(text, Ok(("Transfer.example.", "hmac-sha512")));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_the_secret() {
        for (text, error) in [
            ("", "line 1: there is no key; `tsig-keygen NAME` writes one"),
            ("# nothing\n\n", "line 3: there is no key; `tsig-keygen NAME` writes one"),
            (
                "options { };",
                "line 1: `key` has to stand here; the file is to hold one key and nothing else",
            ),
            (
                "key k {\n algorithm hmac-sha256;\n secret SECRET;\n}",
                "line 4: the file ends where `;` behind the brace has to stand",
            ),
            (
                "key k {\n algorithm hmac-sha256\n secret SECRET;\n};",
                "line 3: `;` has to stand here",
            ),
            ("key k {\n secret \"SECRET\n;};", "line 2: the string is not closed"),
            ("key k { /* ", "line 1: the comment is not closed"),
            ("key { };", "line 1: the name of the key has to stand here"),
            (
                "key a..b { };",
                "line 1: the name of the key is none: `a..b.` has an empty label (two dots in a row, or one in front)",
            ),
            ("key k { algorithm hmac-sha256; };", "line 1: the key has no secret"),
            ("key k { secret SECRET; };", "line 1: the key has no algorithm"),
            (
                "key k { secret SECRET;\n secret SECRET; };",
                "line 2: the key has a second secret; keep one of them",
            ),
            (
                "key k { algorithm hmac-sha256; secret \"SECRET!\"; };",
                "line 1: the secret is not Base64",
            ),
            ("key k { algorithm hmac-sha256; secret \"\"; };", "line 1: the secret is empty"),
            (
                "key k { port 53; };",
                "line 1: a key has an `algorithm` and a `secret`, and nothing else",
            ),
            (
                "key k { algorithm hmac-md5.sig-alg.reg.int; };",
                "line 1: hmac-md5 is no longer safe and not supported (RFC 8945 section 6); make another key: tsig-keygen -a hmac-sha256 NAME",
            ),
            (
                "key k { algorithm hmac-sha256-128; };",
                "line 1: signatures cut to 128 bits are not supported; write hmac-sha256",
            ),
            (
                "key k { algorithm sha256; };",
                "line 1: the algorithm is unknown; known are hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384 and hmac-sha512",
            ),
            (
                "key k { algorithm hmac-sha256; secret SECRET; };\nkey l { };",
                "line 2: the file holds a second key; keep the one that the server knows",
            ),
        ] {
            check(text, Err(error));
        }
    }
}
