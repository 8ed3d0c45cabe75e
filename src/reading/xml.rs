//! Whether a page is XML at all: some clients look at no more before they make up their minds.

use std::borrow::Cow;

use crate::hosting::ispdb::{Element, read_tree};

/// Whether a body is a well-formed document (XML 1.0 §2.1), whatever its root: a page for browsers may be
/// one, too. What it says of its document type is passed over; one that brings declarations with it is
/// not read, as nobody needs it.
pub fn is_well_formed(body: &[u8]) -> bool {
    outermost(body).is_some()
}

/// The outermost element of such a document; None where the body is none.
pub(super) fn outermost(body: &[u8]) -> Option<Element> {
    read_tree(&without_type(body)).ok()
}

/// The same without `<!DOCTYPE …>`.
fn without_type(body: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(body).ok().and_then(parts) {
        Some((before, behind)) => Cow::Owned([before, behind].concat().into_bytes()),
        None => Cow::Borrowed(body),
    }
}

/// What stands before the document type and behind it.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.split_once("<!DOCTYPE").or_else(|| text.split_once("<!doctype"))?;
    let (declared, behind) = rest.split_once('>')?;
    (!declared.contains('[')).then_some((before, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_be_xml_whatever_it_is_for() {
        for (body, expected) in [
            ("<clientConfig/>", true),
            ("<!DOCTYPE html>\n<html><body><p>Welcome</p></body></html>", true),
            ("<!doctype html><html/>", true),
            ("<?xml version=\"1.0\"?><a><b/></a>", true),
            ("", false),
            ("Welcome", false),
            ("<!DOCTYPE html><html><p>Welcome<br></html>", false),
            ("<a><b></a>", false),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", false),
            ("<!DOCTYPE a", false),
        ] {
            assert_eq!(is_well_formed(body.as_bytes()), expected, "{body}");
        }
    }
}
