//! Mail domains.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::OnceLock;

use hickory_proto::rr::Name;

use super::error::NameError;
use super::spelling::{check_length, is_kept, parse_typed};
use super::text::{plain_text, unicode};

/// The longest owner name that mailsrv puts below a mail domain is `_autodiscover._tcp`, 19 octets
/// on the wire, so a mail domain may take 236 of the 255 octets of RFC 1035 §2.3.4.
pub const MAX_MAIL_DOMAIN_OCTETS: usize = 255 - 19;

/// A mail domain: what stands behind the `@` of its addresses.
///
/// Absolute, A-labels, LDH, two labels at least, and short enough that every owner name mailsrv
/// derives from it fits into 255 octets.
///
/// Parsing takes what people type: upper case, U-labels, a final dot, blanks around it. What is
/// displayed is A-labels in lower case without the final dot.
#[derive(Debug, Clone)]
pub struct MailDomain {
    /// What is displayed.
    text: Box<str>,
    /// Made when it is asked for: to print a domain of a million takes its text alone.
    name: OnceLock<Box<Name>>,
}

impl MailDomain {
    /// The name in DNS.
    ///
    /// # Panics
    ///
    /// Never: the text was checked at the door.
    pub fn name(&self) -> &Name {
        self.name.get_or_init(|| {
            let mut name = Name::from_labels(self.text.split('.').map(str::as_bytes))
                .expect("a mail domain is made of labels that fit");
            name.set_fqdn(true);
            Box::new(name)
        })
    }

    /// Its A-labels in lower case, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The octets that it holds on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        // A name keeps 32 octets of labels inside itself, and more on the heap.
        let spilled = |name: &Name| {
            if name.len() > 32 + name.iter().len() { name.len() } else { 0 }
        };
        let name = self.name.get().map_or(0, |name| size_of::<Name>() + spilled(name));
        self.text.len() + name
    }

    /// Builds the owner name of a label sequence in front of this domain.
    ///
    /// Cannot fail for the prefixes of [`crate::service`]: their length is in
    /// [`MAX_MAIL_DOMAIN_OCTETS`].
    ///
    /// # Panics
    ///
    /// One of the labels is no label, or they take more than 19 octets on the wire in front of a
    /// domain that leaves no room for more.
    pub fn prefixed(&self, labels: &[&str]) -> Name {
        labels.iter().rev().fold(self.name().clone(), |name, label| {
            name.prepend_label(label.as_bytes())
                .expect("a mail domain leaves room for its prefixes")
        })
    }
}

impl MailDomain {
    /// The domain as people know it: with its U-labels where it has any.
    pub fn shown(&self) -> String {
        unicode(self.name()).unwrap_or_else(|| self.to_string())
    }

    /// The domain as a heading: with its U-labels where it has any.
    pub fn heading(&self) -> String {
        match unicode(self.name()) {
            Some(shown) => format!("{shown} ({self})"),
            None => self.to_string(),
        }
    }
}

impl FromStr for MailDomain {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::kept(text).map_or_else(|| Self::checked(text), Ok)
    }
}

impl MailDomain {
    /// Reads what is spelled as it is displayed; None of what has to be looked at more closely.
    pub(crate) fn kept(text: &str) -> Option<Self> {
        // The root label and the length of the first are two octets more than the text.
        let is_kept = text.len() + 2 <= MAX_MAIL_DOMAIN_OCTETS && is_kept(text);
        is_kept.then(|| Self { text: text.into(), name: OnceLock::new() })
    }

    /// Reads what may be spelled in any way, or be none.
    fn checked(text: &str) -> Result<Self, NameError> {
        let name = parse_typed(text).map_err(without_web_server)?;
        if name.num_labels() < 2 {
            return Err(NameError::SingleLabel { name: text.to_owned() });
        }
        check_length(&name, MAX_MAIL_DOMAIN_OCTETS)?;
        Ok(Self { text: plain_text(&name).into(), name: Box::new(name).into() })
    }
}

impl PartialEq for MailDomain {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for MailDomain {}

impl Hash for MailDomain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// By the canonical order of names (RFC 4034 §6.1).
impl Ord for MailDomain {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for MailDomain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Of a web address, the domain is meant and not its web server.
fn without_web_server(error: NameError) -> NameError {
    match error {
        NameError::More { typed, name } => {
            let domain = name.strip_prefix("www.").filter(|domain| domain.contains('.'));
            NameError::More { typed, name: domain.unwrap_or(&name).to_owned() }
        }
        other => other,
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Result<&str, &str>) {
        let got = typed.parse::<MailDomain>();
        match (&got, expected) {
            (Ok(domain), Ok(text)) => assert_eq!(domain.to_string(), text),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error} lacks {part}");
            }
            _ => panic!("{typed}: {got:?}, expected {expected:?}"),
        }
    }

    proptest! {
        #[test]
        fn the_short_way_in_gives_what_the_long_one_gives(
            text in "([a-c0-1.-]{1,12}|[a-z0-9-]{60,64}\\.[a-z]{1,2}|(xn|a)--?[a-z0-9]{1,6}\\.[0-9a-z]{1,3})"
        ) {
            let short = text.parse::<MailDomain>();
            let long = MailDomain::checked(&text);
            prop_assert_eq!(&short, &long);
            if let (Ok(short), Ok(long)) = (short, long) {
                prop_assert_eq!(short.name(), long.name());
                prop_assert!(short.name().is_fqdn());
            }
        }
    }

    #[test]
    fn mail_domains_are_checked_at_the_door() {
        check("example.com", Ok("example.com"));
        check(" Example.COM. ", Ok("example.com"));
        check("bücher.example", Ok("xn--bcher-kva.example"));
        check("BÜCHER.example", Ok("xn--bcher-kva.example"));
        check("xn--bcher-kva.example", Ok("xn--bcher-kva.example"));
        check("例え。テスト", Ok("xn--r8jz45g.xn--zckzah"));
        check("faß.example", Ok("xn--fa-hia.example"));
        check("", Err("empty"));
        check(".", Err("empty"));
        check("a..b", Err("empty label"));
        check(".a.b", Err("empty label"));
        check("user@example.com", Err("give the domain alone: example.com"));
        check("Joe <joe@example.com>", Err("give the domain alone: example.com"));
        check("mailto:joe@example.com?subject=x", Err("give the domain alone: example.com"));
        check("@example.com", Err("give the domain alone: example.com"));
        check("joe@example..com", Err("empty label"));
        check("https://www.Example.com/a?b", Err("give the name alone: Example.com"));
        check("https://joe@example.com:8443/", Err("give the name alone: example.com"));
        check("//bücher.example", Err("give the name alone: bücher.example"));
        check("http://www.com", Err("give the name alone: www.com"));
        check("example.com/mail", Err("give the name alone: example.com"));
        check("example.com:993", Err("give the name alone: example.com"));
        check("https://192.0.2.1/", Err("not a host name"));
        check("a/b", Err("not a host name"));
        check("192.0.2.1", Err("IP address"));
        check("１９２.0.2.1", Err("IP address"));
        check("joe@", Err("not a host name"));
        check("[2001:db8::1]", Err("IP address"));
        check("localhost", Err("single label"));
        check("a_b.example", Err("not a host name"));
        check("-a.example", Err("not a host name"));
        check("a b.example", Err("not a host name"));
        check("a\nb.example", Err("`a` has an end of line behind it"));
        check("xn--zzzzzz--.example", Err("internationalised"));
        check("xn--a.example", Err("internationalised"));
        check("xn--bxr-6ea.example", Err("internationalised"));
        check("«bxr。example", Err("internationalised"));
        check("«bxr.example»", Err("give the name alone: bxr.example"));
        check("b\u{fe0f}\u{202e}.example", Err("internationalised"));
        check(&format!("{}.example", "a".repeat(64)), Err("longer than 63"));
    }

    #[test]
    fn a_mail_domain_leaves_room_for_its_longest_owner_name() {
        let label = "a".repeat(49);
        let fits = format!("{label}.{label}.{label}.{label}.{}", "b".repeat(34));
        let domain: MailDomain = fits.parse().unwrap();
        assert_eq!(domain.name().len() + 1, MAX_MAIL_DOMAIN_OCTETS);
        assert_eq!(domain.prefixed(&["_autodiscover", "_tcp"]).len() + 1, 255);
        check(&format!("{fits}b"), Err("237 octets on the wire, and at most 236"));
        check(&"a.".repeat(500), Err("octets on the wire"));
        check(&"a.".repeat(5000), Err("begins a text of 10000 octets"));
    }
}
