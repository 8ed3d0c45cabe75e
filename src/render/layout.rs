//! A text with slots for the name of the mail domain.

/// The text of a stand-in, cut at the places where its name stands.
pub(super) struct Layout {
    head: String,
    slots: Vec<(Form, String)>,
    forms: Vec<Form>,
}

/// How a format spells the name of the mail domain.
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
    const ALL: [Self; 3] = [Self::Plain, Self::Identifier, Self::Wire];

    fn push(self, plain: &str, out: &mut String) {
        match self {
            Self::Plain => out.push_str(plain),
            Self::Identifier => {
                let mut labels = plain.split('.');
                out.push_str(labels.next().unwrap_or_default());
                for label in labels {
                    out.push('_');
                    out.push_str(label);
                }
            }
            Self::Wire => {
                for label in plain.split('.') {
                    push_octal(label.len(), out);
                    out.push_str(label);
                }
            }
        }
    }
}

/// A label has 63 octets at most, so that three digits hold its length.
fn push_octal(length: usize, out: &mut String) {
    out.push('\\');
    for shift in [6, 3, 0] {
        out.push(char::from(b'0' + (length >> shift & 7) as u8));
    }
}

impl Layout {
    /// Cuts the text of a stand-in.
    pub(super) fn of(text: &str, stand_in: &str) -> Self {
        let spelled = Form::ALL.map(|form| {
            let mut name = String::new();
            form.push(stand_in, &mut name);
            (form, name)
        });
        let next = |from: usize| {
            let hits = spelled.iter().filter_map(|(form, name)| {
                text[from..].find(name.as_str()).map(|at| (from + at, *form, name.len()))
            });
            hits.min_by_key(|(at, _, _)| *at)
        };
        let mut layout = Self { head: String::new(), slots: Vec::new(), forms: Vec::new() };
        let mut at = 0;
        while let Some((hit, form, length)) = next(at) {
            layout.push_text(&text[at..hit]);
            layout.slots.push((form, String::new()));
            if !layout.forms.contains(&form) {
                layout.forms.push(form);
            }
            at = hit + length;
        }
        layout.push_text(&text[at..]);
        layout
    }

    fn push_text(&mut self, text: &str) {
        let place = self.slots.last_mut().map_or(&mut self.head, |(_, after)| after);
        place.push_str(text);
    }

    /// Appends the text for a mail domain, given without the final dot.
    pub(super) fn fill(&self, plain: &str, out: &mut String) {
        // All but the plain form take work, which is done once per domain.
        let mut identifier = String::new();
        let mut wire = String::new();
        for form in &self.forms {
            match form {
                Form::Plain => {}
                Form::Identifier => form.push(plain, &mut identifier),
                Form::Wire => form.push(plain, &mut wire),
            }
        }
        out.push_str(&self.head);
        for (form, after) in &self.slots {
            out.push_str(match form {
                Form::Plain => plain,
                Form::Identifier => &identifier,
                Form::Wire => &wire,
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
        let text = "a stand.in. b stand_in c \\005stand\\002in\\000stand.in";
        let layout = Layout::of(text, "stand.in");
        let mut out = String::new();
        layout.fill("shop.example.com", &mut out);
        assert_eq!(
            out,
            "a shop.example.com. b shop_example_com c \\004shop\\007example\\003com\\000shop.example.com"
        );
        let mut same = String::new();
        layout.fill("stand.in", &mut same);
        assert_eq!(same, text);
        let mut none = String::new();
        Layout::of("no name", "stand.in").fill("example.com", &mut none);
        assert_eq!(none, "no name");
    }
}
