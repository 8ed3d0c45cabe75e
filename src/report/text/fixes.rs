//! The steps of a remedy: lines of a zone file, or rows of a DNS host's form.

use std::fmt::Write as _;

use super::{Colour, INDENT, Looks, painted};
use crate::audit::{Action, Fix};
use crate::name::plain_text;
use crate::report::forms::Form;
use crate::words::{counted, push_wrapped};
use crate::zonefile;

/// Appends the steps in their order.
///
/// Steps that follow each other and are of one action and type stand in one table, where the form
/// is known.
pub(super) fn push_fixes(page: &mut String, fixes: &[Fix], form: Option<&Form>, looks: Looks) {
    let is_like = |one: &Fix, other: &Fix| {
        let rtypes = [one, other].map(|fix| fix.record.data.record_type());
        one.action == other.action && rtypes[0] == rtypes[1]
    };
    for alike in fixes.chunk_by(is_like) {
        let alike: Vec<&Fix> = alike.iter().collect();
        match form.and_then(|form| form.boxes(&alike)) {
            Some(boxes) => {
                let records = format!("{} record", zonefile::type_name(boxes.rtype));
                push_step(page, alike[0].action, &counted(alike.len(), &records), looks);
                page.push_str(&boxes.text_within("      ", looks.width));
            }
            None => alike.iter().for_each(|fix| push_step(page, fix.action, &fix.text(), looks)),
        }
        for fix in alike {
            if let Some(refusal) = form.and_then(|form| form.refusal(fix)) {
                let owner = plain_text(&fix.record.owner);
                push_wrapped(page, &format!("{owner} {refusal}."), INDENT + 2, looks.prose());
            }
        }
    }
}

/// What is published or deleted, in one piece; where it does not fit beside the word, below it.
fn push_step(page: &mut String, action: Action, what: &str, looks: Looks) {
    let (word, sign, colour) = match action {
        Action::Publish => ("publish", '+', Colour::Green),
        Action::Delete => ("delete", '-', Colour::Red),
    };
    let line = format!("{sign} {word:<7}  {what}");
    if INDENT + line.chars().count() <= looks.width {
        let _infallible = writeln!(page, "    {}", painted(&line, colour, looks));
    } else {
        let (head, what) = (format!("{sign} {word}"), painted(what, colour, looks));
        let _infallible = writeln!(page, "    {}\n      {what}", painted(&head, colour, looks));
    }
}
