//! Text with blanks where each mail domain has its own.

use std::io::Write;
use std::net::IpAddr;

/// What is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    Domain,
    /// The address at this place.
    Address(usize),
    /// The line at this place.
    Line(usize),
}

/// A text that was cut where the blanks are.
#[derive(Debug, PartialEq)]
pub(super) struct Cloze {
    /// Each blank with the text in front of it.
    pieces: Vec<(Box<str>, Blank)>,
    /// What stands behind the last one.
    rest: Box<str>,
}

impl Cloze {
    /// Cuts a text wherever one of these stands, not within a longer name or number; None where two of
    /// them overlap, or of what is no text.
    pub(super) fn cut(text: &[u8], blanks: &[(String, Blank)]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        let mut found = Vec::new();
        for (spelled, blank) in blanks {
            for (start, _) in text.match_indices(spelled.as_str()) {
                let end = start + spelled.len();
                let is_whole =
                    !text[..start].ends_with(is_of_label) && !text[end..].starts_with(is_of_label);
                if is_whole {
                    found.push((start, end, *blank));
                }
            }
        }
        found.sort_by_key(|(start, ..)| *start);
        let (mut pieces, mut behind) = (Vec::with_capacity(found.len()), 0);
        for (start, end, blank) in found {
            pieces.push((text.get(behind..start)?.into(), blank));
            behind = end;
        }
        Some(Self { pieces, rest: text[behind..].into() })
    }

    /// Appends the text with everything filled in; what there is none of is left out.
    pub(super) fn fill(
        &self,
        domain: &str,
        addresses: &[IpAddr],
        lines: &[u64],
        page: &mut Vec<u8>,
    ) {
        for (text, blank) in &self.pieces {
            page.extend_from_slice(text.as_bytes());
            let _into_memory = match *blank {
                Blank::Domain => page.write_all(domain.as_bytes()),
                Blank::Address(at) => addresses.get(at).map_or(Ok(()), |it| write!(page, "{it}")),
                Blank::Line(at) => lines.get(at).map_or(Ok(()), |it| write!(page, "{it}")),
            };
        }
        page.extend_from_slice(self.rest.as_bytes());
    }

    /// The words of the text, as long as labels are, in lower case.
    pub(super) fn words(&self) -> impl Iterator<Item = Box<[u8]>> {
        let texts = self.pieces.iter().map(|(text, _)| text).chain([&self.rest]);
        let words = texts.flat_map(|text| text.split(|it| !is_of_label(it)));
        words.map(|word| word.to_ascii_lowercase().into_bytes().into())
    }
}

fn is_of_label(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let blanks = [
            ("a-7.test".to_owned(), Blank::Domain),
            ("247.1.1.1".to_owned(), Blank::Address(0)),
            ("7310".to_owned(), Blank::Line(0)),
        ];
        let filled = Cloze::cut(text.as_bytes(), &blanks).map(|form| {
            let mut out = Vec::new();
            let addresses = [[192, 0, 2, 9].into()];
            form.fill("b.test", &addresses, &[8], &mut out);
            String::from_utf8(out).expect("text")
        });
        assert_eq!(filled.as_deref(), expected);
    }

    #[test]
    fn what_stands_whole_is_a_blank_and_nothing_else() {
        check("", Some(""));
        check("x.a-7.test. at a-7.test:7310", Some("x.b.test. at b.test:8"));
        check("247.1.1.1,247.1.1.1", Some("192.0.2.9,192.0.2.9"));
        check("xa-7.test a-7.testx _a-7.test", Some("xa-7.test a-7.testx _a-7.test"));
        check("17310 73100 247.1.1.10", Some("17310 73100 247.1.1.10"));
    }
}
