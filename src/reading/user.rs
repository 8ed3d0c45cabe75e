//! The user that forecasts are about.

use crate::name::MailDomain;

/// The part before the `@`.
pub const USER: &str = "user";

/// A user of a mail domain, who types A-labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User<'a> {
    /// The mail address.
    pub address: String,
    /// The mail domain.
    pub domain: &'a str,
}

impl<'a> User<'a> {
    /// The user of a mail domain.
    pub fn of(domain: &'a MailDomain) -> Self {
        Self { address: format!("{USER}@{domain}"), domain: domain.as_str() }
    }

    /// The text with what its placeholders stand for (draft-ietf-mailmaint-autoconfig §3).
    pub fn fill(&self, text: &str) -> String {
        if !text.contains('%') {
            return text.to_owned();
        }
        text.replace("%EMAILADDRESS%", &self.address)
            .replace("%EMAILLOCALPART%", USER)
            .replace("%EMAILDOMAIN%", self.domain)
    }
}
