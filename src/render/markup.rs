//! One page for people, as Markdown (`CommonMark` with the tables of GitHub) or as HTML.
//!
//! Texts are given as they are meant. What stands between backticks in them is a name or a value,
//! which is shown as such; nothing in a text means anything else.

use std::fmt::{self, Write};

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    Markdown,
    Html,
}

/// Appends the parts of a page.
pub(super) struct Page<'a> {
    pub(super) markup: Markup,
    pub(super) out: &'a mut String,
}

impl Page<'_> {
    /// A heading; the level is from 1 on.
    pub(super) fn heading(&mut self, level: usize, text: &str) -> fmt::Result {
        let text = self.markup.text(text);
        match self.markup {
            Markup::Markdown => writeln!(self.out, "{} {text}\n", "#".repeat(level)),
            Markup::Html => writeln!(self.out, "<h{level}>{text}</h{level}>"),
        }
    }

    /// Sentences of one paragraph.
    pub(super) fn paragraph(&mut self, text: &str) -> fmt::Result {
        let text = self.markup.text(text);
        match self.markup {
            Markup::Markdown => writeln!(self.out, "{text}\n"),
            Markup::Html => writeln!(self.out, "<p>{text}</p>"),
        }
    }

    /// Items that belong together.
    pub(super) fn items(&mut self, items: &[String]) -> fmt::Result {
        self.list("ul", items, |_| "- ".to_owned())
    }

    /// Items in the order to do them.
    pub(super) fn steps(&mut self, items: &[String]) -> fmt::Result {
        self.list("ol", items, |at| format!("{}. ", at + 1))
    }

    fn list(&mut self, tag: &str, items: &[String], mark: impl Fn(usize) -> String) -> fmt::Result {
        match self.markup {
            Markup::Markdown => {
                for (at, item) in items.iter().enumerate() {
                    writeln!(self.out, "{}{}", mark(at), self.markup.text(item))?;
                }
                writeln!(self.out)
            }
            Markup::Html => {
                writeln!(self.out, "<{tag}>")?;
                for item in items {
                    writeln!(self.out, "<li>{}</li>", self.markup.text(item))?;
                }
                writeln!(self.out, "</{tag}>")
            }
        }
    }

    /// A table whose cells are values as they are typed.
    pub(super) fn table<'t>(
        &mut self,
        titles: &[&str],
        rows: impl Iterator<Item = &'t Vec<String>>,
    ) -> fmt::Result {
        self.grid(titles, rows, Markup::value)
    }

    /// A table whose cells are texts.
    pub(super) fn overview<'t>(
        &mut self,
        titles: &[&str],
        rows: impl Iterator<Item = &'t Vec<String>>,
    ) -> fmt::Result {
        self.grid(titles, rows, Markup::text)
    }

    fn grid<'t>(
        &mut self,
        titles: &[&str],
        rows: impl Iterator<Item = &'t Vec<String>>,
        spell: impl Fn(Markup, &str) -> String,
    ) -> fmt::Result {
        let (markup, out) = (self.markup, &mut *self.out);
        match markup {
            Markup::Markdown => {
                for title in titles {
                    write!(out, "| {} ", markup.escaped(title))?;
                }
                writeln!(out, "|\n{}|", "|---".repeat(titles.len()))?;
                for row in rows {
                    for cell in row {
                        write!(out, "| {} ", spell(markup, cell))?;
                    }
                    writeln!(out, "|")?;
                }
                writeln!(out)
            }
            Markup::Html => {
                write!(out, "<table>\n<tr>")?;
                for title in titles {
                    write!(out, "<th>{}</th>", markup.escaped(title))?;
                }
                writeln!(out, "</tr>")?;
                for row in rows {
                    write!(out, "<tr>")?;
                    for cell in row {
                        write!(out, "<td>{}</td>", spell(markup, cell))?;
                    }
                    writeln!(out, "</tr>")?;
                }
                writeln!(out, "</table>")
            }
        }
    }
}

impl Markup {
    /// A text in which backticks stand around values.
    fn text(self, text: &str) -> String {
        let part = |(at, part)| match at % 2 {
            0 => self.escaped(part),
            _ => self.value(part),
        };
        text.split('`').enumerate().map(part).collect()
    }

    /// A text in which nothing means anything.
    fn escaped(self, text: &str) -> String {
        let mut out = String::new();
        for character in text.chars() {
            match (self, character) {
                (_, '&') => out.push_str("&amp;"),
                (_, '<') => out.push_str("&lt;"),
                (_, '>') => out.push_str("&gt;"),
                (Self::Html, '"') => out.push_str("&quot;"),
                // Full stops, parentheses and hyphens mean something at the front of a line alone,
                // where no text of ours has them.
                (Self::Markdown, '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!') => {
                    out.push('\\');
                    out.push(character);
                }
                _ => out.push(character),
            }
        }
        out
    }

    /// A value, octet for octet as it is typed.
    fn value(self, text: &str) -> String {
        match self {
            Self::Html => format!("<code>{}</code>", self.escaped(text)),
            // What would end the code or the cell is written as a reference, which code has none of.
            Self::Markdown if text.contains(['`', '|', '\\']) => {
                let mut out = String::new();
                for character in text.chars() {
                    if character.is_ascii_punctuation() {
                        let _infallible = write!(out, "&#{};", u32::from(character));
                    } else {
                        out.push(character);
                    }
                }
                out
            }
            Self::Markdown => format!("`{text}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_means_nothing_but_itself() {
        #[track_caller]
        fn check(text: &str, markdown: &str, html: &str) {
            assert_eq!(Markup::Markdown.text(text), markdown);
            assert_eq!(Markup::Html.text(text), html);
        }
        check("a `_tcp` b", "a `_tcp` b", "a <code>_tcp</code> b");
        check("*a* <b> & [c](d)", r"\*a\* &lt;b&gt; &amp; \[c\](d)", "*a* &lt;b&gt; &amp; [c](d)");
        check("x_y_z \"q\"", r#"x\_y\_z "q""#, "x_y_z &quot;q&quot;");
        check("`<script>`", "`<script>`", "<code>&lt;script&gt;</code>");
    }

    #[test]
    fn a_value_is_typed_as_it_stands() {
        #[track_caller]
        fn check(text: &str, markdown: &str, html: &str) {
            assert_eq!(Markup::Markdown.value(text), markdown);
            assert_eq!(Markup::Html.value(text), html);
        }
        check("v=x; a=1", "`v=x; a=1`", "<code>v=x; a=1</code>");
        check("a|b", "a&#124;b", "<code>a|b</code>");
        check("a`b\\", "a&#96;b&#92;", "<code>a`b\\</code>");
        check("\"a\"&<", "`\"a\"&<`", "<code>&quot;a&quot;&amp;&lt;</code>");
    }
}
