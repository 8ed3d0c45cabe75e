//! YAML as a tree whose nodes know their lines.
//!
//! Anchors and merge keys are followed, as octoDNS does; a node that stands in many places is kept
//! once.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

use super::OctoDnsError;

/// How deep values may nest; those of a zone are four deep.
const MAX_DEPTH: usize = 32;

/// What merges the entries of another map into one (YAML 1.1, "Merge Key").
const MERGE: &str = "<<";

/// A value of the source.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it begins, from 1.
    pub(super) line: u64,
    pub(super) value: Value,
}

/// What stands at a node; of a text it counts whether it was written without quotes.
#[derive(Debug)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Rc<Node>>),
    Map(Vec<(Key, Rc<Node>)>),
}

/// The key of an entry.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) line: u64,
    pub(super) text: String,
    pub(super) plain: bool,
}

impl Node {
    /// The value of an entry of a map.
    pub(super) fn entry(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(own, _)| own.text == key).map(|(_, node)| &**node)
    }

    /// Whether it is a null, as it stands where nothing does.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The items of a list, or the one value.
    pub(super) fn items(&self) -> Vec<&Self> {
        match &self.value {
            Value::List(items) => items.iter().map(|item| &**item).collect(),
            Value::Scalar { .. } | Value::Map(_) => vec![self],
        }
    }
}

/// Reads the one document of a text; None where there is nothing in it.
pub(super) fn read(text: &str, max_nodes: u64) -> Result<Option<Rc<Node>>, OctoDnsError> {
    let events = Parser::new_from_str(text);
    let mut reader = Reader { events, anchors: HashMap::new(), left: max_nodes, depth: 0 };
    let mut root = None;
    while let Some((event, line)) = reader.next()? {
        if !matches!(event, Event::DocumentStart(_)) {
            continue;
        }
        if root.is_some() {
            return Err(fault(line, "a second document begins; keep one zone per file"));
        }
        root = Some(reader.node()?);
    }
    Ok(root.filter(|root| !root.is_null()))
}

fn fault(line: u64, problem: impl Into<String>) -> OctoDnsError {
    OctoDnsError { line, problem: problem.into() }
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Rc<Node>>,
    /// How many more nodes are read.
    left: u64,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, u64)>, OctoDnsError> {
        match self.events.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, span.start.line().max(1) as u64))),
            Some(Err(error)) => {
                let line = error.marker().line().max(1) as u64;
                Err(fault(line, format!("it is no YAML: {}", error.info())))
            }
        }
    }

    fn node(&mut self) -> Result<Rc<Node>, OctoDnsError> {
        match self.next()? {
            Some((event, line)) => self.node_of(event, line),
            None => Err(fault(1, "it is cut short")),
        }
    }

    /// Counts a node, or an entry that is merged.
    fn spend(&mut self, line: u64) -> Result<(), OctoDnsError> {
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| fault(line, "the file has more values than are read"))?;
        Ok(())
    }

    fn node_of(&mut self, event: Event<'a>, line: u64) -> Result<Rc<Node>, OctoDnsError> {
        self.spend(line)?;
        let (value, anchor, tag) = match event {
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).map(Rc::clone);
                return known.ok_or_else(|| fault(line, "the alias stands within its own anchor"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                (Value::Scalar { text: text.into_owned(), plain }, anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => (self.nested(line, Self::list)?, anchor, tag),
            Event::MappingStart(anchor, tag) => (self.nested(line, Self::map)?, anchor, tag),
            _ => return Err(fault(line, "a value is missing")),
        };
        // Those of YAML itself change nothing here.
        if let Some(tag) = tag.filter(|tag| tag.handle != "tag:yaml.org,2002:") {
            let hint = if tag.suffix == "include" { "; write it out" } else { "" };
            return Err(fault(line, format!("the tag `!{}` is not followed{hint}", tag.suffix)));
        }
        let node = Rc::new(Node { line, value });
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        Ok(node)
    }

    fn nested(
        &mut self,
        line: u64,
        read: fn(&mut Self) -> Result<Value, OctoDnsError>,
    ) -> Result<Value, OctoDnsError> {
        if self.depth == MAX_DEPTH {
            return Err(fault(line, format!("values nest more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value, OctoDnsError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                None | Some((Event::SequenceEnd, _)) => return Ok(Value::List(items)),
                Some((event, line)) => items.push(self.node_of(event, line)?),
            }
        }
    }

    /// A key that stands twice would hide one of the two, of which octoDNS takes the last.
    fn map(&mut self) -> Result<Value, OctoDnsError> {
        let mut entries: Vec<(Key, Rc<Node>)> = Vec::new();
        let mut places: HashMap<String, u64> = HashMap::new();
        let mut merged = Vec::new();
        loop {
            let key = match self.next()? {
                None | Some((Event::MappingEnd, _)) => break,
                Some((Event::Scalar(text, style, ..), line)) => {
                    let plain = style == ScalarStyle::Plain;
                    Key { line, text: text.into_owned(), plain }
                }
                Some((_, line)) => return Err(fault(line, "a key has to be a text")),
            };
            let node = self.node()?;
            if key.plain && key.text == MERGE {
                merged.extend(node.items().into_iter().flat_map(|node| match &node.value {
                    Value::Map(entries) => entries.clone(),
                    Value::Scalar { .. } | Value::List(_) => Vec::new(),
                }));
                continue;
            }
            if let Some(first) = places.insert(key.text.clone(), key.line) {
                let problem = format!("the key `{}` stands in line {first} already", key.text);
                return Err(fault(key.line, problem + ", and octoDNS takes the last alone"));
            }
            entries.push((key, node));
        }
        for (key, node) in merged {
            self.spend(key.line)?;
            if places.insert(key.text.clone(), key.line).is_none() {
                entries.push((key, node));
            }
        }
        Ok(Value::Map(entries))
    }
}
