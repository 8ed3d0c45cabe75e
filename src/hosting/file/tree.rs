//! YAML as a tree of nodes, each with its place in the source.
//!
//! The bounds are checked while the events come in, so that nothing large is ever built.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

#[cfg(test)]
use super::super::cost;
use super::diagnose::{Fault, Problem, line};
use super::span::Span;
use super::{MAX_DEPTH, MAX_OCTETS};

/// A value of the source.
#[derive(Debug)]
pub(super) struct Node {
    /// The place to point at: that of a scalar, and that of the key for all else.
    pub(super) span: Span,
    pub(super) value: Value,
}

/// What stands at a node; of a text it counts whether it was written without quotes, because `true`
/// is then no text.
#[derive(Debug)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// The key of a map entry.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Node {
    /// The entries of a map; none for all else.
    pub(super) fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar { .. } | Value::List(_) => &[],
        }
    }

    /// The items of a list; none for all else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar { .. } | Value::Map(_) => &[],
        }
    }

    /// The entry of a map with the given key.
    pub(super) fn entry(&self, key: &str) -> Option<&(Key, Self)> {
        self.entries().iter().find(|(own, _)| {
            #[cfg(test)]
            cost::spend(1);
            own.text == key
        })
    }
}

/// Reads the one document of a text; an empty text is an empty map.
pub(super) fn read(text: &str) -> Result<Node, Fault> {
    if text.len() > MAX_OCTETS {
        let problem = Problem::TooLarge { octets: text.len() };
        return Err(Fault::new(Span::START, "", problem));
    }
    refuse_characters(text)?;
    let mut reader = Reader { text, events: Parser::new_from_str(text), path: Vec::new() };
    let mut root = None;
    while let Some(next) = reader.next()? {
        match next {
            (Event::DocumentStart(_), span) if root.is_some() => {
                return Err(Fault::new(span.into(), "", Problem::SecondDocument)
                    .hint("keep one profile per file"));
            }
            (Event::DocumentStart(_), _) => root = Some(reader.node(Span::START)?),
            _ => {}
        }
    }
    match root {
        Some(root) if !root.is_empty() => Ok(root),
        _ => Ok(Node { span: Span::START, value: Value::Map(Vec::new()) }),
    }
}

impl Node {
    /// Whether there is nothing but comments, or an explicit null.
    fn is_empty(&self) -> bool {
        let Value::Scalar { text, plain: true } = &self.value else { return false };
        matches!(text.as_str(), "" | "~" | "null")
    }
}

/// Refuses what YAML 1.2.2 §5.1 does not allow; the parser would take NUL for the end of the text.
fn refuse_characters(text: &str) -> Result<(), Fault> {
    let refused = |character: char| {
        character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}')
            || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    let Some((at, character)) = text.char_indices().find(|&(_, character)| refused(character))
    else {
        return Ok(());
    };
    let before = text[..at].replace("\r\n", "\n").replace('\r', "\n");
    let line = before.split('\n').count();
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    let span = Span { line, column, length: 1 };
    Err(Fault::new(span, "", Problem::Character { character }))
}

/// Whether a line has braces around a word or the name of a column, which YAML takes for a map.
fn holds_placeholder(line: &str) -> bool {
    line.split('{').skip(1).any(|rest| {
        rest.split_once('}')
            .is_some_and(|(word, _)| !word.trim().is_empty() && !word.contains([':', ',', '"']))
    })
}

/// Takes the events of the parser and refuses what profiles do not need.
struct Reader<'a> {
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
    /// The keys and indices that lead to the node being read.
    path: Vec<String>,
}

impl<'a> Reader<'a> {
    /// The next event; what is no YAML is an error with the words of the parser.
    fn next(&mut self) -> Result<Option<(Event<'a>, saphyr_parser::Span)>, Fault> {
        #[cfg(test)]
        cost::spend(1);
        self.events.next_event().transpose().map_err(|error| self.syntax(&error))
    }

    /// Finds the slips that people make most: a placeholder or a sign at the front without quotes.
    fn syntax(&self, error: &ScanError) -> Fault {
        let marker = error.marker();
        let span = Span { line: marker.line().max(1), column: marker.col() + 1, length: 1 };
        let fault = self.fault(span, Problem::Syntax { message: error.info().to_owned() });
        let line = line(self.text, span.line);
        if holds_placeholder(line) {
            return fault.hint("quote a text with a placeholder in it, as in \"mail.{domain}\"");
        }
        match line.chars().nth(span.column - 1) {
            Some(start @ ('*' | '&' | '%' | '@' | '!' | '`')) => {
                fault.hint(format!("quote a text that begins with `{start}`"))
            }
            _ => fault,
        }
    }

    /// A problem below the keys that lead here.
    fn fault(&self, span: Span, problem: Problem) -> Fault {
        let fault = Fault::new(span, "", problem);
        self.path.iter().rev().fold(fault, |fault, step| fault.inside(step))
    }

    /// Reads a value; `parent` is where one that is left out is said to be.
    fn node(&mut self, parent: Span) -> Result<Node, Fault> {
        let Some((event, span)) = self.next()? else {
            return Err(self.fault(parent, Problem::Syntax { message: "cut short".to_owned() }));
        };
        self.node_of(event, span.into(), parent)
    }

    /// Reads the value that begins with an event.
    fn node_of(&mut self, event: Event<'a>, span: Span, parent: Span) -> Result<Node, Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                let plain = style == ScalarStyle::Plain;
                // The parser gives an absent value the place of whatever comes next.
                let span = if plain && text.is_empty() { parent } else { span };
                Ok(Node { span, value: Value::Scalar { text: text.into_owned(), plain } })
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                Ok(Node { span: parent, value: Value::List(self.list()?) })
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                Ok(Node { span: parent, value: Value::Map(self.map()?) })
            }
            Event::Alias(_) => Err(self.fault(span, Problem::Anchor)),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => {
                Err(self.fault(span, Problem::Syntax { message: "a value is missing".to_owned() }))
            }
        }
    }

    /// Refuses depth, anchors and tags, before anything is built of them.
    fn refuse_extras(&self, span: Span, anchor: usize, tagged: bool) -> Result<(), Fault> {
        if self.path.len() > MAX_DEPTH {
            return Err(self.fault(span, Problem::TooDeep));
        }
        if anchor != 0 {
            return Err(self
                .fault(span, Problem::Anchor)
                .hint("write the value out where it is used"));
        }
        if tagged {
            return Err(self.fault(span, Problem::Tag).hint("quote a text that begins with `!`"));
        }
        Ok(())
    }

    /// Reads items up to the end of the list.
    fn list(&mut self) -> Result<Vec<Node>, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                None | Some((Event::SequenceEnd, _)) => return Ok(items),
                Some((event, span)) => {
                    self.path.push(format!("[{}]", items.len()));
                    let place = Span { length: 1, ..span.into() };
                    items.push(self.node_of(event, span.into(), place)?);
                    self.path.pop();
                }
            }
        }
    }

    /// Reads entries up to the end of the map; a key that stands twice would hide one of the two.
    fn map(&mut self) -> Result<Vec<(Key, Node)>, Fault> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let (event, span) = match self.next()? {
                None | Some((Event::MappingEnd, _)) => return Ok(entries),
                Some((event, span)) => (event, Span::from(span)),
            };
            let key = self.key(event, span)?;
            self.path.push(key.text.clone());
            if !seen.insert(key.text.clone()) {
                let problem = Problem::DuplicateField { field: key.text };
                return Err(self.fault(span, problem).hint("keep one of the two"));
            }
            let value = self.node(span)?;
            self.path.pop();
            entries.push((key, value));
        }
    }

    /// Reads a key, which is a text.
    fn key(&self, event: Event<'a>, span: Span) -> Result<Key, Fault> {
        let found = match event {
            Event::Scalar(text, _, anchor, tag) => {
                self.refuse_extras(span, anchor, tag.is_some())?;
                return Ok(Key { span, text: text.into_owned() });
            }
            Event::SequenceStart(..) => "a list",
            _ => "a map",
        };
        let problem =
            Problem::Value { expected: "the name of a field".to_owned(), found: found.to_owned() };
        Err(self.fault(span, problem).hint("quote a text that begins with `{` or `[`"))
    }
}
