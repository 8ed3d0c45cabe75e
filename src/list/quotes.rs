//! Where the quoted fields of a row end that go on over lines.

/// Follows the quotes of a row, octet by octet.
pub(super) struct Quotes {
    separator: u8,
    at: At,
    /// Whether the field under way was opened in a line before.
    carried: bool,
}

/// Where in a row an octet stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Where a quote opens a field.
    Start,
    /// In a field without quotes around it, where a quote is a letter like others.
    Plain,
    Quoted,
    /// Behind a quote that closes its field, or is the first of two that stand for one.
    Closed,
}

/// What is known of a row after some of its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It goes on.
    Open,
    /// It ends with this octet, counted from 1, of those given last.
    Ends(usize),
    /// No writer of CSV has made this: the quote that a line before left open is a letter.
    Stray,
}

impl Quotes {
    /// Begins with a row.
    pub(super) fn begin(separator: u8) -> Self {
        Self { separator, at: At::Start, carried: false }
    }

    /// Begins behind a line, which has no blanks in front; None where it leaves no quote open.
    pub(super) fn left_open(line: &str, separator: u8) -> Option<Self> {
        let mut quotes = Self::begin(separator);
        let known = quotes.follow(line.trim_end_matches(['\r', '\n']).as_bytes());
        quotes.behind_line().filter(|_| known == Known::Open)
    }

    /// Goes on behind the first line, which was followed up to its end; None where it leaves no quote
    /// open.
    pub(super) fn behind_line(self) -> Option<Self> {
        (self.at == At::Quoted).then_some(Self { carried: true, ..self })
    }

    /// Follows more of the row.
    ///
    /// A quote that closes a field of the same line may have text behind it, as spreadsheets take it.
    /// One that closes a field of a line before has a separator or the end of the row behind it
    /// (RFC 4180 §2).
    pub(super) fn follow(&mut self, octets: &[u8]) -> Known {
        for (at, &octet) in octets.iter().enumerate() {
            self.at = match (self.at, octet) {
                (At::Quoted, b'"') => At::Closed,
                (At::Closed, b'"') => At::Quoted,
                (At::Quoted, b'\n') => {
                    self.carried = true;
                    At::Quoted
                }
                (At::Quoted, _) => At::Quoted,
                (_, b'\n') => return Known::Ends(at + 1),
                (At::Closed | At::Start | At::Plain, octet) if octet == self.separator => {
                    self.carried = false;
                    At::Start
                }
                (At::Start, b'"') => At::Quoted,
                (At::Closed, octet) if self.carried && octet != b'\r' => return Known::Stray,
                (At::Closed | At::Start | At::Plain, _) => At::Plain,
            };
        }
        Known::Open
    }

    /// Whether the row is whole where the input ends.
    pub(super) fn may_end(&self) -> bool {
        self.at != At::Quoted
    }
}

/// Whether a field, counted from 0, has text behind the quote that closes it.
pub(super) fn has_text_behind(row: &str, separator: u8, field: usize) -> bool {
    let mut quotes = Quotes::begin(separator);
    let mut under_way = 0;
    for octet in row.bytes() {
        let is_behind = quotes.at == At::Closed && octet != separator;
        if is_behind && under_way == field && !matches!(octet, b'"' | b' ' | b'\t' | b'\r' | b'\n')
        {
            return true;
        }
        quotes.follow(&[octet]);
        under_way += usize::from(octet == separator && quotes.at == At::Start);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, rest: &str, expected: Option<Known>) {
        let known = Quotes::left_open(line, b',').map(|mut quotes| {
            // However the rest is cut, the same is known.
            for (cut, _) in rest.char_indices() {
                let mut quotes = Quotes::left_open(line, b',').unwrap();
                let known = match quotes.follow(&rest.as_bytes()[..cut]) {
                    Known::Open => match quotes.follow(&rest.as_bytes()[cut..]) {
                        Known::Ends(length) => Known::Ends(cut + length),
                        known => known,
                    },
                    known => known,
                };
                assert_eq!(Some(known), expected, "{rest:?} cut at {cut}");
            }
            quotes.follow(rest.as_bytes())
        });
        assert_eq!(known, expected, "{line:?} {rest:?}");
    }

    #[test]
    fn a_quoted_field_goes_on_until_a_quote_that_ends_it() {
        check("a,\"b\",c\n", "", None);
        check("a,b\"\n", "", None);
        check("\"a\" b,\"\"\n", "", None);
        check("a,\"b\n", "c\n", Some(Known::Open));
        check("a,\"b\r\n", "c\"\r\nd\n", Some(Known::Ends(4)));
        check("a,\"b\n", "\"\"c\n,\"\n", Some(Known::Ends(7)));
        check("a,\"b\n", "c\",\"d\ne\",\"f\" g\nh", Some(Known::Ends(15)));
        check("\"open,a\n", "\"b\",c\n", Some(Known::Stray));
        check("\"open,a\n", "s,c\n\"b\" ,c\n", Some(Known::Stray));
    }
}
