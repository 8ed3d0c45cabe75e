//! JSON spaced as people write it, an item of a list on each line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Has a blank after every comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.begin_array_value(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Appends the items of a list on lines of their own, without the brackets around them.
pub(super) fn write_items<T: Serialize>(items: impl Iterator<Item = T>, out: &mut String) {
    for (index, item) in items.enumerate() {
        let mut line = Vec::new();
        item.serialize(&mut Serializer::with_formatter(&mut line, Spaced))
            .expect("a struct of texts has a JSON form");
        out.push_str(if index == 0 { "\n    " } else { ",\n    " });
        out.push_str(&String::from_utf8(line).expect("JSON is UTF-8"));
    }
}
