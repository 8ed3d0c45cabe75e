//! What a user types as the login name.

use std::fmt;
use std::str::FromStr;

/// What a user types as the login name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// The full mail address.
    FullAddress,
    /// The part before the `@`.
    LocalPart,
    /// Something made of them; [`Login::from_str`] makes it, and it is none of the others.
    Pattern(LoginPattern),
}

/// A login name with placeholders, such as `{local-part}-al`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginPattern(String);

/// Says that a text is no form of a login name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no form of a login name; write full-address, local-part, or a form of your own with {{address}} or {{local-part}} in it, such as {{local-part}}-al or {{local-part}}+{{domain}}"
)]
pub struct LoginError {
    text: String,
}

/// What stands for a part of the address, with its place in [`Login::of`].
const PLACEHOLDERS: [&str; 3] = ["{address}", "{local-part}", "{domain}"];

/// The longest pattern, in octets.
const MAX_OCTETS: usize = 200;

/// The word of a profile for the full address.
pub(crate) const FULL_ADDRESS: &str = "full-address";

/// The word of a profile for the part before the `@`.
pub(crate) const LOCAL_PART: &str = "local-part";

impl Login {
    /// The login name of a user.
    ///
    /// ```
    /// use mailsrv::hosting::Login;
    ///
    /// let login: Login = "{local-part}-al".parse()?;
    /// assert_eq!(login.of("joe", "joe@example.com", "example.com"), "joe-al");
    /// # Ok::<(), mailsrv::hosting::LoginError>(())
    /// ```
    pub fn of(&self, local_part: &str, address: &str, domain: &str) -> String {
        let pattern = match self {
            Self::FullAddress => return address.to_owned(),
            Self::LocalPart => return local_part.to_owned(),
            Self::Pattern(LoginPattern(pattern)) => pattern,
        };
        let mut name = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            name.push_str(before);
            let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
            name.push_str(match placeholder {
                "address" => address,
                "local-part" => local_part,
                _ => domain,
            });
            rest = after;
        }
        name + rest
    }
}

impl FromStr for Login {
    type Err = LoginError;

    fn from_str(text: &str) -> Result<Self, LoginError> {
        match text {
            FULL_ADDRESS | "{address}" | "{local-part}@{domain}" => return Ok(Self::FullAddress),
            LOCAL_PART | "{local-part}" => return Ok(Self::LocalPart),
            _ => {}
        }
        let names_user = PLACEHOLDERS[..2].iter().any(|one| text.contains(one));
        let literal = PLACEHOLDERS.iter().fold(text.to_owned(), |text, one| text.replace(one, ""));
        // `%` begins the placeholders of the documents.
        let is_plain = |octet: u8| octet.is_ascii_graphic() && !b"{}%<>&\"'`".contains(&octet);
        if !names_user || text.len() > MAX_OCTETS || !literal.bytes().all(is_plain) {
            return Err(LoginError { text: text.to_owned() });
        }
        Ok(Self::Pattern(LoginPattern(text.to_owned())))
    }
}

/// The word, or the pattern, as a profile has it.
impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FullAddress => FULL_ADDRESS,
            Self::LocalPart => LOCAL_PART,
            Self::Pattern(LoginPattern(pattern)) => pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_login_name_is_read_and_written() {
        let of = |text: &str| {
            let login: Login = text.parse().unwrap();
            assert_eq!(login.to_string().parse(), Ok(login.clone()));
            login.of("joe", "joe@example.com", "example.com")
        };
        assert_eq!(of("full-address"), "joe@example.com");
        assert_eq!(of("{local-part}"), "joe");
        assert_eq!(of("{local-part}-al"), "joe-al");
        assert_eq!(of("{domain}_{local-part}"), "example.com_joe");
        assert_eq!(of("x+{address}"), "x+joe@example.com");
        for text in ["", "joe", "{domain}", "{local-part} al", "{local-part", "%d{address}", "{a}"]
        {
            let error = text.parse::<Login>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}` is no form")), "{error}");
        }
    }
}
