//! XML as a tree of elements, each with its line.
//!
//! The bounds are checked while the events come in, and nothing is expanded but the five entities
//! of XML itself and characters by their number.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader as Events;

#[cfg(test)]
use super::super::cost;
use super::{ImportError, MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_OCTETS};

/// An element with what it holds.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// Where it stands below the outermost element.
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) children: Vec<Self>,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    /// Its own text, without the space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its text as a message may quote it: one line of moderate length.
    pub(super) fn shown(&self) -> String {
        shown(self.text())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| {
            #[cfg(test)]
            cost::spend(1);
            child.name == name
        })
    }

    pub(super) fn children_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| {
            #[cfg(test)]
            cost::spend(1);
            child.name == name
        })
    }

    /// Names the places of all below it; where several have one name, they are counted from 1.
    fn place(&mut self) {
        let mut totals: HashMap<String, usize> = HashMap::new();
        for child in &self.children {
            *totals.entry(child.name.clone()).or_default() += 1;
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let slash = if self.path.is_empty() { "" } else { "/" };
        for child in &mut self.children {
            let name = child.name.clone();
            child.path = format!("{}{slash}{name}", self.path);
            if totals.get(&name).is_some_and(|total| *total > 1) {
                let before = seen.entry(name).or_default();
                *before += 1;
                child.path = format!("{}[{before}]", child.path);
            }
            #[cfg(test)]
            cost::spend(child.path.len());
            child.place();
        }
    }
}

/// What a message may quote of a document.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let words: Vec<&str> = text.split_whitespace().collect();
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let line = words.join(" ");
    let cut = if line.chars().nth(MOST).is_some() { "…" } else { "" };
    line.chars().take(MOST).map(visible).chain(cut.chars()).collect()
}

/// Reads a document to its end.
pub(super) fn read(document: &[u8]) -> Result<Element, ImportError> {
    if document.len() > MAX_OCTETS {
        return Err(ImportError::TooLarge { octets: document.len() });
    }
    let text = std::str::from_utf8(document).map_err(|error| ImportError::NotUtf8 {
        line: 1 + document[..error.valid_up_to()].iter().filter(|octet| **octet == b'\n').count(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        text,
        events: Events::from_str(text),
        line: 1,
        counted: 0,
        elements: 0,
        open: Vec::new(),
        root: None,
    };
    while reader.step()? {}
    let line = reader.line;
    let syntax = |message: String| ImportError::Syntax { line, message };
    if let Some(open) = reader.open.last() {
        return Err(syntax(format!("the document ends inside `{}`", open.name)));
    }
    let mut root = reader.root.ok_or_else(|| syntax("there is no element".to_owned()))?;
    root.place();
    Ok(root)
}

struct Reader<'a> {
    text: &'a str,
    events: Events<&'a [u8]>,
    /// The line of the octet before which everything is counted.
    line: usize,
    counted: usize,
    elements: usize,
    /// The elements that are not closed yet, the outermost first.
    open: Vec<Element>,
    root: Option<Element>,
}

impl Reader<'_> {
    /// Takes one event; false at the end.
    fn step(&mut self) -> Result<bool, ImportError> {
        #[cfg(test)]
        cost::spend(1);
        let start = self.events.buffer_position();
        self.count_lines(start);
        let event = match self.events.read_event() {
            Ok(event) => event,
            Err(error) => {
                let place = self.events.error_position();
                self.count_lines(place);
                return Err(self.syntax(&error.to_string()));
            }
        };
        match event {
            Event::Start(start) => {
                let element = self.element(&start)?;
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(&start)?;
                self.close(element)?;
            }
            Event::End(_) => {
                // The parser knows that the names match.
                if let Some(element) = self.open.pop() {
                    self.close(element)?;
                }
            }
            Event::Text(text) => self.add(&text.xml10_content())?,
            Event::CData(text) => self.add(&text.xml10_content())?,
            Event::GeneralRef(reference) => self.resolve(&reference)?,
            Event::DocType(_) => return Err(ImportError::DocumentType { line: self.line }),
            Event::Decl(declaration) => {
                let declared = declaration.encoding().transpose();
                let encoding = declared.map_err(|error| self.syntax(&error.to_string()))?;
                let is_utf8 = |encoding: &str| encoding.eq_ignore_ascii_case("utf-8");
                if let Some(encoding) = encoding.filter(|encoding| !is_utf8(encoding))
                    && !self.text.is_ascii()
                {
                    return Err(ImportError::Encoding { encoding: shown(&encoding) });
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }

    /// Moves the line on to a place further down.
    fn count_lines(&mut self, place: u64) {
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(self.text.len());
        if let Some(passed) = self.text.as_bytes().get(self.counted..place) {
            #[cfg(test)]
            cost::spend(passed.len());
            self.line += passed.iter().filter(|octet| **octet == b'\n').count();
            self.counted = place;
        }
    }

    fn syntax(&self, message: &str) -> ImportError {
        ImportError::Syntax { line: self.line, message: shown(message) }
    }

    fn element(&mut self, start: &BytesStart<'_>) -> Result<Element, ImportError> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(ImportError::TooMany { line: self.line });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(ImportError::TooDeep { line: self.line });
        }
        let mut attributes = Vec::new();
        // To look for duplicates takes the square of their number.
        for attribute in start.attributes().with_checks(false) {
            #[cfg(test)]
            cost::spend(1);
            let attribute = attribute.map_err(|error| self.syntax(&error.to_string()))?;
            if attributes.len() == MAX_ATTRIBUTES {
                return Err(self.syntax(&format!("more than {MAX_ATTRIBUTES} attributes")));
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.syntax(&error.to_string()))?;
            attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        let name = shown(start.name().into_inner());
        Ok(Element { name, line: self.line, attributes, ..Element::default() })
    }

    fn close(&mut self, element: Element) -> Result<(), ImportError> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if self.root.is_some() => {
                return Err(self.syntax("there is a second outermost element"));
            }
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<(), ImportError> {
        let character =
            reference.resolve_char_ref().map_err(|error| self.syntax(&error.to_string()))?;
        if let Some(character) = character {
            return self.add(character.encode_utf8(&mut [0; 4]));
        }
        let entity: &str = reference;
        let Some(text) = resolve_xml_entity(entity) else {
            return Err(ImportError::Entity { line: self.line, entity: shown(entity) });
        };
        self.add(text)
    }

    fn add(&mut self, text: &str) -> Result<(), ImportError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.syntax("there is text outside the outermost element")),
        }
        Ok(())
    }
}
