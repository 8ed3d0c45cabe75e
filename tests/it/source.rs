//! The program's own source, read as tokens: enough of Rust to see paths, macros and braces.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file below `src/`.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// The path below `src/`.
    pub(crate) path: PathBuf,
    pub(crate) lines: usize,
    tokens: Vec<Token>,
}

impl SourceFile {
    /// The room the file belongs to: its first folder, or its own name.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
        first.trim_end_matches(".rs")
    }

    /// Whether the whole file is a test module.
    fn is_test(&self) -> bool {
        self.path.file_stem().is_some_and(|stem| stem == "tests")
            || self.path.iter().any(|part| part == "tests")
    }

    /// How many modules deep below the crate root the file's own code stands.
    pub(crate) fn depth(&self) -> usize {
        let parts = self.path.iter().count();
        if self.path.ends_with("mod.rs") { parts - 1 } else { parts }
    }

    /// The tokens without test modules, which may reach anywhere and hold long tables.
    pub(crate) fn shipped(&self) -> Vec<Token> {
        let mut rest = if self.is_test() { &[] } else { self.tokens.as_slice() };
        let mut kept = Vec::new();
        while let Some((first, after)) = rest.split_first() {
            if starts_with(rest, &["#", "[", "cfg", "(", "test", ")", "]"]) {
                rest = after_item(&rest[7..]);
            } else {
                kept.push(first.clone());
                rest = after;
            }
        }
        kept
    }
}

/// A word or a punctuation mark. `::` and `=>` are one token each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Every source file, in the order of their paths.
pub(crate) fn files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the source is readable") {
            let path = entry.expect("the source is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("the source is UTF-8");
                files.push(SourceFile {
                    path: path.strip_prefix(&root).expect("the path is below src").to_owned(),
                    lines: text.lines().count(),
                    tokens: scan(&text),
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

pub(crate) fn starts_with(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() >= texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.text == *text)
}

/// What follows the item at the start: after its `;`, or after its closing brace.
pub(crate) fn after_item(tokens: &[Token]) -> &[Token] {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" if depth == 1 => return &tokens[index + 1..],
            "}" => depth -= 1,
            ";" if depth == 0 => return &tokens[index + 1..],
            _ => {}
        }
    }
    &[]
}

/// Splits source text into tokens; comments are left out and literals become `""`.
fn scan(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, token) = if let Some(length) = comment(rest) {
            (length, None)
        } else if let Some(length) = literal(rest) {
            (length, Some("\"\""))
        } else if first.is_alphanumeric() || first == '_' {
            let length =
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (length, Some(&rest[..length]))
        } else if rest.starts_with("::") || rest.starts_with("=>") {
            (2, Some(&rest[..2]))
        } else if first.is_whitespace() {
            (first.len_utf8(), None)
        } else {
            (first.len_utf8(), Some(&rest[..first.len_utf8()]))
        };
        tokens.extend(token.map(|text| Token { text: text.to_owned(), line }));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| text.find("*/").map_or(text.len(), |end| end + 2))
}

/// The length of the string, byte string or character literal at the start.
fn literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 1;
            let end = raw[start..].find(&close).map_or(raw.len(), |at| start + at + close.len());
            return Some(prefix + 1 + end);
        }
    }
    let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut characters = body.char_indices().skip(1);
    let mut seen = 0;
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            _ if c == quote => return Some(prefix + at + 1),
            // A lifetime has no closing quote after its first character.
            _ if quote == '\'' && seen == 1 => return None,
            _ => {}
        }
        seen += 1;
    }
    None
}

/// A path such as `crate::name::HostName`, with the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodePath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// Every path of two segments or more; those of a braced `use` are written out.
pub(crate) fn paths(tokens: &[Token]) -> Vec<CodePath> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(&tokens[at]) && tokens.get(at + 1).is_some_and(|next| next.text == "::") {
            at += path(&tokens[at..], &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads the path at the start and returns how many tokens it takes.
fn path(tokens: &[Token], prefix: &[String], found: &mut Vec<CodePath>) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.text == "{" && at > 0 {
            return at + group(&tokens[at..], &segments, found);
        }
        if !is_word(token) {
            break;
        }
        segments.push(token.text.clone());
        at += 1;
        if tokens.get(at).is_none_or(|next| next.text != "::") {
            break;
        }
        at += 1;
    }
    found.push(CodePath { segments, line: tokens[0].line });
    at.max(1)
}

fn group(tokens: &[Token], prefix: &[String], found: &mut Vec<CodePath>) -> usize {
    let mut at = 1;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "}" => return at + 1,
            _ if is_word(token) => at += path(&tokens[at..], prefix, found),
            _ => at += 1,
        }
    }
    at
}

fn is_word(token: &Token) -> bool {
    token.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[test]
fn paths_are_read_out_of_source_text() {
    let text = r#"
        use crate::name::{HostName, text}; // crate::comment
        use std::{fs, net::{TcpStream, UdpSocket}};
        fn f<'a>(x: &'a str) -> char { crate::plan::plan("crate::string", 'x', '\'', b'"') }
    "#;
    let found: Vec<_> = paths(&scan(text)).iter().map(|path| path.segments.join("::")).collect();
    assert_eq!(
        found,
        [
            "crate::name::HostName",
            "crate::name::text",
            "std::fs",
            "std::net::TcpStream",
            "std::net::UdpSocket",
            "crate::plan::plan",
        ]
    );
}
