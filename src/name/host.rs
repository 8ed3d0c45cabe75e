//! Host names.

use std::fmt;
use std::str::FromStr;

use hickory_proto::rr::Name;

use super::error::NameError;
use super::spelling::{check_length, host_name, without_dot};
use super::text::text;

/// A host name fit to be a target: absolute, A-labels, LDH (RFC 1123 §2.1).
///
/// Parsing takes what that of [`MailDomain`](super::MailDomain) takes, and a single label too. An IP address is
/// refused: a target is a name (RFC 2782).
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
        let name = host_name(text)?;
        check_length(&name, 255)?;
        Ok(Self(name))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(without_dot(&text(&self.0)))
    }
}
