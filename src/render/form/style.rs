//! What a form is made of: boxes, and how what is typed into them is spelled.

use hickory_proto::rr::RecordType;

/// A box of a form: its title, and what is typed into it.
pub(super) type Column = (&'static str, Content);

/// The boxes of a form for each record type.
pub(super) struct Style {
    /// The types whose boxes are known; the others have those of any form.
    pub(super) tables: &'static [(RecordType, &'static [Column])],
    /// What is typed for the zone itself.
    pub(super) apex: &'static str,
    /// Whether owner names are typed whole, with a final dot.
    pub(super) absolute: bool,
    /// Whether names in the data end with a dot.
    pub(super) dot: bool,
    /// What to know before typing, a line each.
    pub(super) notes: &'static [&'static str],
}

/// What stands for a box that is left empty.
pub(super) const EMPTY: &str = "(empty)";

/// Said where a box of the tables is left empty.
pub(super) const LEAVE_EMPTY: &str = "(empty): leave the box empty.";

/// What a box holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// The owner name, relative to the zone where the form completes it.
    Owner,
    /// The first label of the owner name of an SRV record.
    Service(Spelling),
    /// The second one; with what follows it, where the form has no box for that.
    Protocol(Spelling),
    /// What follows the second one.
    Name,
    /// The TTL in seconds.
    Ttl,
    /// The priority of an SRV record, the preference of an MX record.
    Priority,
    /// The weight of an SRV record.
    Weight,
    /// The port of an SRV record.
    Port,
    /// The name that the record leads to.
    Target,
    /// Weight, port and target of an SRV record, with a blank between.
    WeightPortTarget,
    /// The numbers of an SRV or MX record and the name it leads to, with a blank between.
    Whole,
    /// A text in quotation marks with the escapes of RFC 1035 §5.1.
    Quoted,
    /// A text as it is; in quotation marks with the escapes of RFC 1035 §5.1 where it has to be.
    Text,
    /// The data in presentation form.
    Bits,
    /// The certificate usage of a TLSA record.
    Usage,
    /// The selector of a TLSA record.
    Selector,
    /// The matching type of a TLSA record.
    Matching,
    /// The certificate association data of a TLSA record in hexadecimal.
    Certificate,
}

/// How a form wants service and protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `_tcp`.
    Underscored,
    /// `tcp`.
    Bare,
    /// `TCP`.
    Capital,
}

impl Spelling {
    /// Spells a label of an SRV owner name.
    pub(super) fn of(self, label: &str) -> String {
        let bare = label.strip_prefix('_').unwrap_or(label);
        match self {
            Self::Underscored => label.to_owned(),
            Self::Bare => bare.to_owned(),
            Self::Capital => bare.to_ascii_uppercase(),
        }
    }
}
