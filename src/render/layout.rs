//! A text with slots for what stand-ins stand for.
//!
//! It knows nothing of DNS but how formats spell a name. A text is cut once and filled many times,
//! which costs about as much as copying it.

/// A text of stand-ins, cut at the places where they stand.
pub(super) struct Layout {
    /// What stands in front of the first slot.
    head: String,
    /// What is filled in, and the text after it.
    slots: Vec<(Slot, String)>,
    /// What has to be spelled anew for every fill: which value, and how.
    spelled: Vec<(usize, Form)>,
}

/// What goes into a slot.
#[derive(Clone, Copy)]
enum Slot {
    /// A value as it is.
    Plain(usize),
    /// A value that is spelled otherwise, by its place among those.
    Spelled(usize),
}

/// How a format spells a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As it is, without the final dot.
    Plain,
    /// With underscores for the dots, as part of an identifier; the labels have none.
    Identifier,
    /// As labels with their lengths, octal digits after a backslash (tinydns-data).
    Wire,
}

impl Form {
    /// Every spelling that a format has.
    const ALL: [Self; 3] = [Self::Plain, Self::Identifier, Self::Wire];

    /// Spells a name without its final dot.
    fn of(self, plain: &str) -> String {
        match self {
            Self::Plain => plain.to_owned(),
            Self::Identifier => plain.replace('.', "_"),
            Self::Wire => {
                let mut out = String::new();
                for label in plain.split('.') {
                    push_octal(label.len(), &mut out);
                    out.push_str(label);
                }
                out
            }
        }
    }
}

/// Appends an octet as tinydns-data has it: a label has 63 at most, so that three digits hold its
/// length.
fn push_octal(length: usize, out: &mut String) {
    out.push('\\');
    for shift in [6, 3, 0] {
        out.push(char::from(b'0' + (length >> shift & 7) as u8));
    }
}

impl Layout {
    /// Cuts a text where stand-ins stand, however they are spelled; none is a part of another.
    pub(super) fn of(text: &str, stand_ins: &[&str]) -> Self {
        let spellings: Vec<(usize, Form, String)> = stand_ins
            .iter()
            .enumerate()
            .flat_map(|(value, name)| Form::ALL.map(|form| (value, form, form.of(name))))
            .collect();
        let next = |from: usize| {
            let hits = spellings.iter().filter_map(|(value, form, name)| {
                text[from..].find(name.as_str()).map(|at| (from + at, *value, *form, name.len()))
            });
            hits.min_by_key(|(at, ..)| *at)
        };
        let mut layout = Self { head: String::new(), slots: Vec::new(), spelled: Vec::new() };
        let mut at = 0;
        while let Some((hit, value, form, length)) = next(at) {
            layout.push_text(&text[at..hit]);
            let slot = layout.slot(value, form);
            layout.slots.push((slot, String::new()));
            at = hit + length;
        }
        layout.push_text(&text[at..]);
        layout
    }

    /// Appends text behind the last slot.
    fn push_text(&mut self, text: &str) {
        let place = self.slots.last_mut().map_or(&mut self.head, |(_, after)| after);
        place.push_str(text);
    }

    /// The slot for a value; one spelling is made once a fill, however often it stands.
    fn slot(&mut self, value: usize, form: Form) -> Slot {
        if form == Form::Plain {
            return Slot::Plain(value);
        }
        let known = self.spelled.iter().position(|known| *known == (value, form));
        Slot::Spelled(known.unwrap_or_else(|| {
            self.spelled.push((value, form));
            self.spelled.len() - 1
        }))
    }

    /// Appends the text with values in the places of the stand-ins, names without the final dot.
    pub(super) fn fill(&self, values: &[&str], out: &mut String) {
        let spelled: Vec<String> =
            self.spelled.iter().map(|(value, form)| form.of(values[*value])).collect();
        out.push_str(&self.head);
        for (slot, after) in &self.slots {
            out.push_str(match *slot {
                Slot::Plain(value) => values[value],
                Slot::Spelled(at) => &spelled[at],
            });
            out.push_str(after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_in_the_form_they_were_cut_in() {
        let text =
            "a stand.in. b stand_in c.col.umn \\005stand\\002in\\000stand.in\\003col\\003umn";
        let layout = Layout::of(text, &["stand.in", "col.umn"]);
        let mut out = String::new();
        layout.fill(&["shop.example.com", "s1.test"], &mut out);
        assert_eq!(
            out,
            "a shop.example.com. b shop_example_com c.s1.test \
             \\004shop\\007example\\003com\\000shop.example.com\\002s1\\004test"
        );
        let mut same = String::new();
        layout.fill(&["stand.in", "col.umn"], &mut same);
        assert_eq!(same, text);
        let mut none = String::new();
        Layout::of("no name", &["stand.in"]).fill(&["example.com"], &mut none);
        assert_eq!(none, "no name");
    }
}
