//! YAML as a tree, read strictly: what the formats of this program write and nothing beyond.
//!
//! There are no anchors, tags and aliases, no key stands twice, and whether a scalar is quoted is
//! kept, so that a text that some reader would take for a number or a boolean is noticed.

use std::fmt::Display;
use std::str::FromStr;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

use super::read::number;

/// The levels of nesting that are read; the formats need five.
const MAX_DEPTH: usize = 8;

/// A node of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Scalar(Scalar),
    List(Vec<Self>),
    Map(Vec<(Scalar, Self)>),
}

/// A text, and whether it stands between double quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) quoted: bool,
}

/// Reads every document of a text; one without content is an empty list.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, String> {
    // The parser would take NUL for the end of the text.
    let refused = |character: &char| character.is_control() && *character != '\n';
    if let Some(character) = text.chars().find(refused) {
        return Err(format!("the character {character:?} stands in it"));
    }
    let mut reader = Reader { events: Parser::new_from_str(text), depth: 0 };
    let mut documents = Vec::new();
    while let Some(event) = reader.next()? {
        if let Event::DocumentStart(_) = event {
            documents.push(reader.document()?);
        }
    }
    Ok(documents)
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Event<'a>>, String> {
        let event = self.events.next_event().transpose().map_err(|error| error.to_string())?;
        Ok(event.map(|(event, _)| event))
    }

    fn document(&mut self) -> Result<Node, String> {
        let event = self.some()?;
        match self.node(event)? {
            Node::Scalar(Scalar { text, quoted: false }) if text.is_empty() || text == "~" => {
                Ok(Node::List(Vec::new()))
            }
            node => Ok(node),
        }
    }

    fn some(&mut self) -> Result<Event<'a>, String> {
        self.next()?.ok_or_else(|| "the text is cut short".to_owned())
    }

    fn node(&mut self, event: Event<'a>) -> Result<Node, String> {
        if self.depth > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let node = match event {
            Event::SequenceStart(0, None) => Node::List(self.list()?),
            Event::MappingStart(0, None) => Node::Map(self.map()?),
            other => Node::Scalar(scalar(other)?),
        };
        self.depth -= 1;
        Ok(node)
    }

    fn list(&mut self) -> Result<Vec<Node>, String> {
        let mut items = Vec::new();
        loop {
            match self.some()? {
                Event::SequenceEnd => return Ok(items),
                event => items.push(self.node(event)?),
            }
        }
    }

    fn map(&mut self) -> Result<Vec<(Scalar, Node)>, String> {
        let mut pairs: Vec<(Scalar, Node)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let key = match self.some()? {
                Event::MappingEnd => return Ok(pairs),
                event => scalar(event)?,
            };
            if !seen.insert(key.text.clone()) {
                return Err(format!("the key `{}` stands twice", key.text));
            }
            let event = self.some()?;
            pairs.push((key, self.node(event)?));
        }
    }
}

fn scalar(event: Event<'_>) -> Result<Scalar, String> {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, 0, None) => {
            Ok(Scalar { text: text.into_owned(), quoted: false })
        }
        Event::Scalar(text, ScalarStyle::DoubleQuoted, 0, None) => {
            Ok(Scalar { text: text.into_owned(), quoted: true })
        }
        other => Err(format!("{other:?} stands where a value is wanted")),
    }
}

impl Node {
    /// The text of a scalar in quotation marks.
    pub(super) fn text(self) -> Result<String, String> {
        match self {
            Self::Scalar(Scalar { text, quoted: true }) => Ok(text),
            other => Err(format!("{other:?} is no text in quotation marks")),
        }
    }

    /// A word without quotation marks.
    pub(super) fn word(self) -> Result<String, String> {
        match self {
            Self::Scalar(Scalar { text, quoted: false }) => Ok(text),
            other => Err(format!("{other:?} is no plain word")),
        }
    }

    /// A whole number, written as this program writes it.
    pub(super) fn number<T: FromStr + Display>(self) -> Result<T, String> {
        number(&self.word()?)
    }

    /// The items of a list.
    pub(super) fn list(self) -> Result<Vec<Self>, String> {
        match self {
            Self::List(items) => Ok(items),
            other => Err(format!("{other:?} is no list")),
        }
    }

    /// The keys and nodes of a map.
    pub(super) fn map(self) -> Result<Vec<(Scalar, Self)>, String> {
        match self {
            Self::Map(pairs) => Ok(pairs),
            other => Err(format!("{other:?} is no map")),
        }
    }

    /// The nodes of a map that has exactly these plain keys, in their order.
    pub(super) fn fields<const N: usize>(self, keys: [&str; N]) -> Result<[Self; N], String> {
        let (found, nodes): (Vec<Scalar>, Vec<Self>) = self.map()?.into_iter().unzip();
        let alike = |(key, wanted): (&Scalar, &&str)| key.text == **wanted && !key.quoted;
        let same = found.len() == N && found.iter().zip(&keys).all(alike);
        let found = || found.iter().map(|key| key.text.as_str()).collect::<Vec<_>>().join(", ");
        let nodes = <[Self; N]>::try_from(nodes).ok().filter(|_| same);
        nodes.ok_or_else(|| format!("it has the keys {}, and not {}", found(), keys.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_words_are_told_apart() {
        let text = "---\n# A comment.\nname: \"1\"\nttl: 60\ntype: SRV\nlist:\n- \"a\"\n";
        let [node] = documents(text).unwrap().try_into().unwrap();
        let [name, ttl, rtype, list] = node.fields(["name", "ttl", "type", "list"]).unwrap();
        assert!(name.clone().number::<u32>().is_err());
        assert!(ttl.clone().text().is_err());
        assert_eq!(name.text().as_deref(), Ok("1"));
        assert_eq!(ttl.number::<u16>(), Ok(60));
        assert_eq!(rtype.word().as_deref(), Ok("SRV"));
        assert_eq!(list.list().unwrap().pop().unwrap().text().as_deref(), Ok("a"));
    }

    #[test]
    fn documents_are_separate_and_may_be_empty() {
        assert_eq!(documents("").unwrap(), []);
        assert_eq!(documents("---\n# nothing\n").unwrap(), [Node::List(Vec::new())]);
        assert_eq!(documents("---\n- a\n---\n- b\n").unwrap().len(), 2);
    }

    #[test]
    fn what_is_not_plain_yaml_is_refused() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        for (text, part) in [
            ("a: &x 1\n", "Scalar"),
            ("a: *x\n", "anchor"),
            ("a: !!str 1\n", "Scalar"),
            ("a: 'b'\n", "SingleQuoted"),
            ("a: |\n  b\n", "Literal"),
            ("a: 1\na: 2\n", "stands twice"),
            ("a: \"b\n", ""),
            ("a: b\0c\n", "character"),
            ("a:\r\n", "character"),
            ("[a]: 1\n", "SequenceStart"),
            (deep.as_str(), "nested"),
        ] {
            let error = documents(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        for number in ["+1", "01", "65536", "1.0", "-1", "0x1", "\"1\""] {
            let [node] = documents(number).unwrap().try_into().unwrap();
            assert!(node.number::<u16>().is_err(), "{number}");
        }
        let [node] = documents("b: 1\na: 1\n").unwrap().try_into().unwrap();
        assert!(node.fields(["a", "b"]).unwrap_err().contains("the keys b, a"));
    }
}
