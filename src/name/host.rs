//! Host names.

use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::Name;

use super::error::NameError;
use super::spelling::{parse_typed, without_dot};
use super::text::text;

/// A host name fit to be a target: absolute, A-labels, LDH (RFC 1123 §2.1), two labels at least.
///
/// Parsing takes what that of [`MailDomain`](super::MailDomain) takes. An IP address is refused: a
/// target is a name (RFC 2782). So is a single label, by which a provider calls a server among its
/// own: published, it is a name below the root of DNS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Name);

impl HostName {
    /// The name in DNS.
    pub fn name(&self) -> &Name {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = parse_typed(text)?;
        if name.num_labels() < 2 {
            return Err(NameError::SingleLabelHost { name: without_dot(text.trim()).to_owned() });
        }
        Ok(Self(name))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_dot(&text(&self.0)))
    }
}

/// Whether a name of a certificate is for a host, both in lower case: `*` stands for one whole label
/// (RFC 9525 §6.3).
pub(crate) fn certifies(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(suffix) => host.split_once('.').is_some_and(|(_, parent)| parent == suffix),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Result<&str, &str>) {
        let got = typed.parse::<HostName>().map(|host| host.to_string());
        let got = got.map_err(|error| error.to_string());
        assert_eq!(got, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_single_label_is_no_host() {
        check("Mail.Example.com.", Ok("mail.example.com"));
        check(
            " mail. ",
            Err("`mail` is a single label, and a host name has two at least: mail.example.com?"),
        );
        check(
            "localhost",
            Err(
                "`localhost` is a single label, and a host name has two at least: localhost.example.com?",
            ),
        );
        check("mail..", Err("`mail..` has an empty label (two dots in a row, or one in front)"));
    }
}
