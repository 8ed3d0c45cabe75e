//! What can be wrong with a name.

/// Says why a text is no usable domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing was typed.
    #[error("the name is empty")]
    Empty,
    /// A label is empty, as in `a..b`.
    #[error("`{name}` has an empty label (two dots in a row, or one in front)")]
    EmptyLabel {
        /// The text as typed.
        name: String,
    },
    /// A text over lines, of which no name consists.
    #[error("`{name}` has an end of line behind it, and more; a name stands in one line")]
    Lines {
        /// What the text begins with.
        name: String,
    },
    /// A text so long that no spelling of a name is.
    #[error(
        "`{name}` begins a text of {octets} octets, and a name takes 255 at most (RFC 1035 section 2.3.4)"
    )]
    TooLong {
        /// What the text begins with.
        name: String,
        /// Its length as typed.
        octets: usize,
    },
    /// A label is longer than 63 octets (RFC 1035 §2.3.4).
    #[error("the label `{label}` is longer than 63 octets (RFC 1035 section 2.3.4)")]
    LabelTooLong {
        /// The label in A-label form.
        label: String,
    },
    /// The name does not fit on the wire with what goes before it (RFC 1035 §2.3.4).
    #[error(
        "`{name}` takes {octets} octets on the wire, and at most {limit} fit here (RFC 1035 section 2.3.4)"
    )]
    NameTooLong {
        /// The name in A-label form.
        name: String,
        /// Its length on the wire.
        octets: usize,
        /// What would fit.
        limit: usize,
    },
    /// A character that a host name may not hold (RFC 1123 §2.1).
    #[error(
        "`{name}` is not a host name: letters, digits and inner hyphens only (RFC 1123 section 2.1)"
    )]
    NotHostName {
        /// The text as typed.
        name: String,
    },
    /// An internationalised label that does not survive the round trip (RFC 5891 §4).
    #[error("`{name}` is not a valid internationalised name (RFC 5891)")]
    NotIdna {
        /// The text as typed.
        name: String,
    },
    /// A text with U+FFFD in it, which stands where the text was not UTF-8.
    #[error(
        "`{name}` has octets that are not UTF-8; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8"
    )]
    NotUtf8 {
        /// The text as read.
        name: String,
    },
    /// An e-mail address where a domain is wanted.
    #[error("`{address}` is a mail address; give the domain alone: {domain}")]
    Address {
        /// The text as typed.
        address: String,
        /// What follows the `@`.
        domain: String,
    },
    /// A web address, a name with a port, or a name in quotes, where a name is wanted.
    #[error("`{typed}` is more than a name; give the name alone: {name}")]
    More {
        /// The text as typed.
        typed: String,
        /// The name in it.
        name: String,
    },
    /// An IP address where a name is wanted.
    #[error("`{name}` is an IP address; a host name is wanted")]
    IpAddress {
        /// The text as typed.
        name: String,
    },
    /// A name in presentation form without its final dot.
    #[error("`{name}` is not absolute; it lacks the final dot")]
    Relative {
        /// The text as read.
        name: String,
    },
    /// An octet or an escape that presentation form does not have (RFC 1035 §5.1).
    #[error(
        "`{name}` is not in presentation form: printable ASCII, other octets as \\DDD (RFC 1035 section 5.1)"
    )]
    Escape {
        /// The text as read.
        name: String,
    },
    /// A single label where a host is wanted, such as `mail`: no client could find it.
    #[error("`{name}` is a single label, and a host name has two at least: {name}.example.com?")]
    SingleLabelHost {
        /// The label as typed.
        name: String,
    },
    /// A single label where a mail domain is wanted, such as `localhost`.
    #[error("`{name}` has a single label; a mail domain has two at least")]
    SingleLabel {
        /// The text as typed.
        name: String,
    },
}
