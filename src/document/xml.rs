//! XML documents (XML 1.0, fifth edition), written by quick-xml into memory.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// A document that is being written.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Begins a document in UTF-8.
    pub(super) fn new() -> Self {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// Names the document type, as it stands behind `<!DOCTYPE`.
    pub(super) fn doctype(&mut self, text: &str) {
        self.event(Event::DocType(BytesText::from_escaped(text)));
    }

    /// Writes an element that holds others.
    pub(super) fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.start(name, attributes);
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element that holds a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// Writes an element with attributes that holds a text.
    pub(super) fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes);
        self.event(Event::Text(BytesText::new(&fit(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element that holds nothing.
    pub(super) fn empty(&mut self, name: &str) {
        self.event(Event::Empty(BytesStart::new(name)));
    }

    /// The whole document, with a line end behind it.
    pub(super) fn finish(self) -> String {
        let mut text = String::from_utf8(self.0.into_inner()).expect("it was written of texts");
        text.push('\n');
        text
    }

    /// Writes the start of an element.
    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let mut start = BytesStart::new(name);
        for (name, text) in attributes {
            start.push_attribute((*name, fit(text).as_str()));
        }
        self.event(Event::Start(start));
    }

    /// Nothing can fail: the document is in memory.
    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes whatever is written to it");
    }
}

/// Replaces the characters that no XML document may hold, escaped or not (XML 1.0 §2.2).
pub(crate) fn fit(text: &str) -> String {
    let is_fit = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().map(|character| if is_fit(character) { character } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_the_document_is_well_formed() {
        let mut xml = Xml::new();
        xml.within("a", &[("b", "\"<&>'")], |xml| {
            xml.text("c", "]]> <d/> &amp; \u{0}\u{1b}\u{fffe}\u{1f4e7}");
            xml.empty("e");
        });
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <a b=\"&quot;&lt;&amp;&gt;&apos;\">\n  \
               <c>]]&gt; &lt;d/&gt; &amp;amp; \u{fffd}\u{fffd}\u{fffd}\u{1f4e7}</c>\n  \
               <e/>\n\
             </a>\n"
        );
    }
}
