//! Names as people type them, read at the door.

use std::borrow::Cow;

use hickory_proto::rr::Name;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::error::NameError;
use super::printable::beginning;
use super::text::plain_text;

/// The longest text that is taken for a spelling of a name, in octets: four for each that fits on
/// the wire. A message repeats it.
const MAX_TYPED: usize = 1024;

/// A name without its final dot.
pub(super) fn without_dot(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// Counts the root label, which the codec does not.
pub(super) fn check_length(name: &Name, limit: usize) -> Result<(), NameError> {
    let octets = name.len() + 1;
    if octets > limit {
        return Err(NameError::NameTooLong { name: plain_text(name), octets, limit });
    }
    Ok(())
}

/// Reads a name as people type it, of one label or many: the apex of a zone may be `lan`.
///
/// Upper case, U-labels, a final dot and blanks around it are taken; messages have it as it was
/// typed.
///
/// # Errors
///
/// It is no host name (RFC 1123 §2.1), is an address, or does not fit on the wire.
pub fn parse_typed(text: &str) -> Result<Name, NameError> {
    let typed = text.trim();
    refuse_what_is_no_name(typed)?;
    let ascii = to_ascii(typed)?;
    let ascii = without_dot(&ascii);
    // Full-width digits are digits by now.
    if ascii.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(NameError::IpAddress { name: typed.to_owned() });
    }
    if let Some(label) = ascii.split('.').find(|label| label.len() > 63) {
        return Err(NameError::LabelTooLong { label: label.to_owned() });
    }
    // The codec refuses what is over 255 octets; the count is one root label more than the text.
    if ascii.len() + 2 > 255 {
        return Err(NameError::NameTooLong {
            name: ascii.to_owned(),
            octets: ascii.len() + 2,
            limit: 255,
        });
    }
    let mut name = Name::new();
    for label in ascii.split('.') {
        name = name
            .append_label(label.as_bytes())
            .map_err(|_error| NameError::NotHostName { name: typed.to_owned() })?;
    }
    name.set_fqdn(true);
    Ok(name)
}

/// Tells the mistakes by what was meant, before a rule about characters would hide it.
fn refuse_what_is_no_name(typed: &str) -> Result<(), NameError> {
    let owned = || typed.to_owned();
    if typed.is_empty() || typed == "." {
        return Err(NameError::Empty);
    }
    if typed.contains('\n') {
        return Err(NameError::Lines { name: beginning(typed) });
    }
    if typed.len() > MAX_TYPED {
        return Err(NameError::TooLong { name: beginning(typed), octets: typed.len() });
    }
    let bare = typed.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok()
        || without_dot(bare).parse::<std::net::Ipv4Addr>().is_ok()
    {
        return Err(NameError::IpAddress { name: owned() });
    }
    if typed.contains(char::REPLACEMENT_CHARACTER) {
        return Err(NameError::NotUtf8 { name: owned() });
    }
    let is_around = |character: char| matches!(character, '@' | '/' | ':') || is_mark(character);
    if typed.contains(is_around)
        && let Some(error) = pasted(typed)
    {
        return Err(error);
    }
    if typed.starts_with('.') || typed.contains("..") {
        return Err(NameError::EmptyLabel { name: owned() });
    }
    Ok(())
}

/// Whether a character stands around names in prose, lists and source code.
fn is_mark(character: char) -> bool {
    matches!(
        character,
        '"' | '\''
            | '`'
            | ','
            | ';'
            | '<'
            | '>'
            | '('
            | ')'
            | '“'
            | '”'
            | '„'
            | '‘'
            | '’'
            | '«'
            | '»'
    )
}

/// Finds the name in what was pasted in its place: a mail address, a web address, a name with a port
/// or between quotes.
fn pasted(typed: &str) -> Option<NameError> {
    let owned = || typed.to_owned();
    // Names in angle brackets and the queries of `mailto:` go on behind the domain.
    let of_address = |text: &str| text.split(['>', '?', ',', ';', ' ']).next().map(str::to_owned);
    let address = typed.rsplit_once('@').and_then(|(_, domain)| of_address(domain));
    if let Some(domain) = address.filter(|domain| parse_typed(domain).is_ok()) {
        return Some(NameError::Address { address: owned(), domain });
    }
    let inner = typed.trim_matches(|character| is_mark(character) || character == ' ');
    let behind = inner.split_once("//").map_or(inner, |(_, behind)| behind);
    let authority = behind.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.split(':').next().filter(|name| name.contains('.') && *name != typed)?;
    parse_typed(name).ok()?;
    Some(NameError::More { typed: owned(), name: name.to_owned() })
}

/// Converts to lower-case A-labels; plain ASCII without `xn--` takes the short way.
fn to_ascii(typed: &str) -> Result<Cow<'_, str>, NameError> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'.';
    if typed.bytes().all(plain) && !has_ace_prefix(typed) {
        let edge = |label: &str| label.starts_with('-') || label.ends_with('-');
        if without_dot(typed).split('.').any(edge) {
            return Err(NameError::NotHostName { name: typed.to_owned() });
        }
        return Ok(if typed.bytes().any(|octet| octet.is_ascii_uppercase()) {
            Cow::Owned(typed.to_ascii_lowercase())
        } else {
            Cow::Borrowed(typed)
        });
    }
    if typed.is_ascii() && !typed.bytes().all(plain) {
        return Err(NameError::NotHostName { name: typed.to_owned() });
    }
    let not_idna = || NameError::NotIdna { name: typed.to_owned() };
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_error| not_idna())?;
    let (shown, outcome) =
        uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let back = uts46.to_ascii(
        shown.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Ignore,
    );
    // A mark that UTS 46 lets pass is no letter to IDNA (RFC 5892 §2.1), and stands around names.
    let is_marked = shown.contains(is_mark);
    if outcome.is_err() || is_marked || back.map_err(|_error| not_idna())? != ascii {
        return Err(not_idna());
    }
    if ascii.split('.').next().is_none_or(str::is_empty) || ascii.contains("..") {
        return Err(NameError::EmptyLabel { name: typed.to_owned() });
    }
    Ok(Cow::Owned(ascii.into_owned()))
}

/// Such a label may be no valid A-label, so that it takes the long way (RFC 5890 §2.3.2.1).
fn has_ace_prefix(typed: &str) -> bool {
    typed.split('.').any(|label| {
        label.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--"))
    })
}

/// Whether a text is a name of two labels or more that is read as it is spelled and kept so:
/// lower-case ASCII without the final dot, no A-label, no IP address, not too long.
pub(crate) fn is_kept(host: &str) -> bool {
    let mut last: &[u8] = &[];
    for label in host.as_bytes().split(|octet| *octet == b'.') {
        if !is_plain_label(label) {
            return false;
        }
        last = label;
    }
    // The length on the wire is two octets more (RFC 1035 §2.3.4).
    host.len() + 2 < 255 && last.len() < host.len() && !last.iter().all(u8::is_ascii_digit)
}

/// Whether a label is read as it is spelled, and reserved by no standard.
fn is_plain_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len())
        && label.iter().all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && label.first() != Some(&b'-')
        && label.last() != Some(&b'-')
        && label.get(2..4) != Some(b"--")
}
