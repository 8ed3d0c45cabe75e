//! XML as a tree of elements, each with its line.

use std::collections::HashMap;

use roxmltree::{Document, Error, Node, ParsingOptions};

#[cfg(test)]
use super::super::cost;
use super::{ImportError, MAX_DEPTH, MAX_NODES, MAX_OCTETS, MOST};

/// An element with what it holds.
#[derive(Debug)]
pub(crate) struct Element {
    /// Its name as written: one with a prefix is another than one without.
    pub(crate) name: String,
    /// Where it stands below the outermost element; of several with one name, counted from 1.
    pub(crate) path: String,
    pub(super) line: usize,
    pub(crate) children: Vec<Self>,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    /// Its own text, without the space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its text as a message may quote it: one line of moderate length.
    pub(super) fn shown(&self) -> String {
        shown(self.text())
    }

    /// The value of an attribute, without the space around it.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim())
    }

    /// The first element of a name in it.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children_of(name).next()
    }

    /// All elements of a name in it, in the order of the document.
    pub(crate) fn children_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| {
            #[cfg(test)]
            cost::spend(1);
            child.name == name
        })
    }

    /// Takes over an element with all that it holds; [`MAX_DEPTH`] bounds how deep this goes.
    fn new(node: Node<'_, '_>, path: String, line: &impl Fn(usize) -> usize) -> Self {
        #[cfg(test)]
        cost::spend(1 + path.len());
        let elements = || node.children().filter(Node::is_element);
        let mut totals: HashMap<String, usize> = HashMap::new();
        for child in elements() {
            *totals.entry(written_name(child)).or_default() += 1;
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let slash = if path.is_empty() { "" } else { "/" };
        let children = elements().map(|child| {
            let name = written_name(child);
            let mut place = format!("{path}{slash}{name}");
            if totals[&name] > 1 {
                let before = seen.entry(name).or_default();
                *before += 1;
                place = format!("{place}[{before}]");
            }
            Self::new(child, place, line)
        });
        let children = children.collect();
        let unprefixed = node.attributes().filter(|attribute| attribute.namespace().is_none());
        Self {
            name: written_name(node),
            path,
            line: line(node.range().start),
            children,
            attributes: unprefixed
                .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
                .collect(),
            // A comment parts a text in two.
            text: node.children().filter(Node::is_text).filter_map(|text| text.text()).collect(),
        }
    }
}

/// The name of an element, its prefix included.
fn written_name(element: Node<'_, '_>) -> String {
    let tag = element.document().input_text().get(element.range()).unwrap_or_default();
    let ends_name = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    shown(tag.trim_start_matches('<').split(ends_name).next().unwrap_or_default())
}

/// What a message may quote of a document.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let words: Vec<&str> = text.split_whitespace().collect();
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let line = words.join(" ");
    let cut = if line.chars().nth(MOST).is_some() { "…" } else { "" };
    line.chars().take(MOST).map(visible).chain(cut.chars()).collect()
}

/// Reads a document to its end.
pub(crate) fn read(document: &[u8]) -> Result<Element, ImportError> {
    if document.len() > MAX_OCTETS {
        return Err(ImportError::TooLarge { octets: document.len() });
    }
    let ends = document.iter().enumerate().filter(|(_, octet)| **octet == b'\n');
    let ends: Vec<usize> = ends.map(|(place, _)| place).collect();
    let line = |place: usize| 1 + ends.partition_point(|end| *end < place);
    let whole = std::str::from_utf8(document)
        .map_err(|error| ImportError::NotUtf8 { line: line(error.valid_up_to()) })?;
    // A declaration stands at the very beginning, but for what editors leave there.
    let text = whole.trim_start_matches(|c: char| c == '\u{feff}' || c.is_ascii_whitespace());
    let line = |place: usize| line(whole.len() - text.len() + place);
    let is_utf8 = |encoding: &&str| encoding.eq_ignore_ascii_case("utf-8");
    if let Some(encoding) = declared_encoding(text).filter(|encoding| !is_utf8(encoding))
        && !text.is_ascii()
    {
        return Err(ImportError::Encoding { encoding: shown(encoding) });
    }
    for (costly, most) in MOST {
        if let Some((place, _)) = text.match_indices(costly).nth(most) {
            return Err(ImportError::TooOften { line: line(place), text: costly, most });
        }
    }
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let parsed = Document::parse_with_options(text, options)
        .map_err(|error| refusal(error, text, line(0)))?;
    // The parser keeps no stack, but what walks the tree of elements does.
    let is_deep = |node: &Node<'_, '_>| node.ancestors().nth(MAX_DEPTH + 1).is_some();
    if let Some(deep) = parsed.descendants().filter(Node::is_element).find(is_deep) {
        return Err(ImportError::TooDeep { line: line(deep.range().start) });
    }
    Ok(Element::new(parsed.root_element(), String::new(), &line))
}

/// The encoding that the declaration of a document names (XML 1.0 §4.3.3).
fn declared_encoding(text: &str) -> Option<&str> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, encoding) = declaration.split_once("encoding")?;
    encoding.split(['"', '\'']).nth(1)
}

/// Says why a text is not read that begins in the line `first`.
fn refusal(error: Error, text: &str, first: usize) -> ImportError {
    let line_at = |place: &str| first + place.matches('\n').count();
    match error {
        Error::DtdDetected => {
            let (before, _) = text.split_once("<!DOCTYPE").unwrap_or_default();
            ImportError::DocumentType { line: line_at(before) }
        }
        Error::NodesLimitReached => ImportError::TooMany,
        Error::UnknownEntityReference(entity, place) => {
            ImportError::Entity { line: first - 1 + place.row as usize, entity: shown(&entity) }
        }
        Error::NoRootNode => {
            ImportError::Syntax { line: first, message: "there is no element".to_owned() }
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => ImportError::Syntax {
            line: line_at(text.trim_end()),
            message: "the document ends inside an element".to_owned(),
        },
        other => {
            let place = other.pos();
            let message = other.to_string().replace(&format!(" at {place}"), "");
            let line = first - 1 + place.row as usize;
            ImportError::Syntax { line, message: shown(&message) }
        }
    }
}
