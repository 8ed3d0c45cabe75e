//! What can be wrong with a master file, and where.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::name::one_line;

/// Locates a token in a master file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The file as its opener named it; messages have it on one line, whatever it is made of.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u64,
    /// The octet in the line, counted from 1.
    pub column: u64,
}

impl Position {
    /// The place of what is wrong with a record as a whole: file and line.
    pub fn record(&self) -> String {
        format!("{}:{}", one_line(&self.file), self.line)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", one_line(&self.file), self.line, self.column)
    }
}

/// Reports one entry that could not be read; the scanner goes on behind it.
#[derive(Debug, thiserror::Error)]
#[error("{position}: {kind}")]
pub struct ScanError {
    /// Where the token at fault begins.
    pub position: Position,
    /// What is wrong with it.
    #[source]
    pub kind: ScanErrorKind,
}

/// Says what is wrong with an entry of a master file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are named by the messages that show them")]
pub enum ScanErrorKind {
    /// The reader failed; nothing follows.
    #[error("cannot be read: {source}")]
    Read { source: io::Error },
    /// The zone has more records than are read; nothing follows.
    #[error("the zone has more than {limit} records, with those that it includes and generates")]
    TooManyRecords { limit: u64 },
    /// The zone has more octets than are read; nothing follows.
    #[error("the zone has more than {limit} octets, with what it includes and generates")]
    TooManyOctets { limit: u64 },
    /// The zone has more generated records than are kept; nothing follows.
    #[error("the $GENERATE lines of the zone make more than {limit} octets")]
    TooMuchGenerated { limit: u64 },
    /// One entry, parentheses included, is larger than the scanner holds.
    #[error("the entry is longer than {limit} octets; is a closing parenthesis missing?")]
    EntryTooLong { limit: usize },
    /// One token is larger than the scanner holds.
    #[error("the token is longer than {limit} octets; is a closing quote missing?")]
    TokenTooLong { limit: usize },
    /// A quoted string does not end on its line (RFC 1035 §5.1).
    #[error("the quoted string is not closed on its line; add the closing quote")]
    UnclosedQuote,
    /// A parenthesis is open at the end of the file.
    #[error("the parenthesis is never closed; add `)`")]
    UnclosedParenthesis,
    /// A closing parenthesis without an opening one.
    #[error("`)` closes nothing; remove it, or write `\\)`")]
    UnopenedParenthesis,
    /// A carriage return that ends no line.
    #[error("a carriage return stands inside the line; end lines with LF or CRLF")]
    StrayCarriageReturn,
    /// A directive that is none of `$ORIGIN`, `$TTL`, `$INCLUDE`, `$GENERATE`.
    #[error("`{typed}` is no directive; write `\\$` where an owner name begins with a dollar sign")]
    UnknownDirective { typed: String },
    /// `$INCLUDE` where the caller allows none.
    #[error("$INCLUDE `{path}` is refused: including files is switched off for this zone")]
    IncludeRefused { path: String },
    /// Files include files too deeply.
    #[error("$INCLUDE `{path}` is refused: files are included more than {limit} deep")]
    IncludeDepth { path: String, limit: usize },
    /// Too many files are included in all.
    #[error("$INCLUDE `{path}` is refused: more than {limit} files are included")]
    IncludeCount { path: String, limit: usize },
    /// The caller could not open an included file.
    #[error("$INCLUDE `{path}` cannot be opened: {source}")]
    IncludeOpen { path: String, source: io::Error },
    /// The range of `$GENERATE` cannot be read.
    #[error("`{typed}` is no range; write START-STOP or START-STOP/STEP")]
    GenerateRange { typed: String },
    /// `$GENERATE` would make too many records.
    #[error("`{typed}` makes {count} records, and at most {limit} are made; split the range")]
    GenerateSize { typed: String, count: u64, limit: u64 },
    /// A `${...}` of `$GENERATE` cannot be read.
    #[error(
        "`{typed}` has a bad modifier; write ${{offset,width,base}} with base d, o, x, X, n or N"
    )]
    GenerateModifier { typed: String },
    /// The first entry begins with a blank, so that it has no owner name.
    #[error("the line begins with a blank, but no owner name stands above it")]
    NoOwner,
    /// The entry leans on an owner name that could not be read.
    #[error("the owner name above could not be read, so this record has none")]
    OwnerUnknown,
    /// A relative name where no origin is known.
    #[error("{}", no_origin(.typed))]
    NoOrigin { typed: String },
    /// A relative name below an `$ORIGIN` that could not be read.
    #[error("`{typed}` is relative, and the $ORIGIN above could not be read")]
    OriginUnknown { typed: String },
    /// A name holds an empty label.
    #[error("`{typed}` has an empty label (two dots in a row, or one in front)")]
    EmptyLabel { typed: String },
    /// A label is longer than 63 octets (RFC 1035 §2.3.4).
    #[error("`{typed}` has a label of more than 63 octets (RFC 1035 section 2.3.4)")]
    LabelTooLong { typed: String },
    /// A name is longer than 255 octets (RFC 1035 §2.3.4).
    #[error("`{typed}` makes a name of more than 255 octets (RFC 1035 section 2.3.4)")]
    NameTooLong { typed: String },
    /// An escape is neither `\DDD` up to 255 nor `\X` (RFC 1035 §5.1).
    #[error("`{typed}` has a bad escape; write \\DDD (decimal, at most 255) or \\X")]
    BadEscape { typed: String },
    /// A class other than IN.
    #[error("class `{typed}` is not read; only IN is")]
    Class { typed: String },
    /// A token stands where a record type is wanted.
    #[error("`{typed}` is no record type")]
    UnknownType { typed: String },
    /// A type of queries or messages, which no zone holds (RFC 6895 §3.1).
    #[error("`{typed}` is a type for queries and messages; no zone holds it")]
    MetaType { typed: String },
    /// A type that is read in the generic form alone.
    #[error("the RDATA of {rtype} is not read in this form; write it as \\# LENGTH HEX (RFC 3597)")]
    TypeNotRead { rtype: String },
    /// The entry ends before its type.
    #[error("the record type is missing")]
    MissingType,
    /// No TTL on the record, none above it, no `$TTL` (RFC 2308 §4).
    #[error("no TTL is known for this record; add one, or a $TTL line above it")]
    NoTtl,
    /// The record leans on a `$TTL` that could not be read.
    #[error("the $TTL above could not be read, so the TTL of this record is not known")]
    TtlUnknown,
    /// A TTL over 2^31-1 (RFC 2181 §8).
    #[error("the TTL `{typed}` is over 2147483647 seconds (RFC 2181 section 8)")]
    TtlTooLarge { typed: String },
    /// A field of a directive or of RDATA is missing.
    #[error("the {field} of the {rtype} is missing")]
    MissingField { rtype: String, field: &'static str },
    /// Something follows where the entry should end.
    #[error("`{typed}` is one token too many for {rtype}")]
    ExtraToken { typed: String, rtype: String },
    /// A number over the limit of its field.
    #[error("`{typed}` is over {limit}, the limit of the {field} of {rtype}")]
    NumberTooLarge { typed: String, rtype: String, field: &'static str, limit: u32 },
    /// A field that does not read as what it has to be.
    #[error("`{typed}` is not fit to be the {field} of {rtype}; wanted is {wanted}")]
    BadField { typed: String, rtype: String, field: &'static str, wanted: &'static str },
    /// A character-string of more than 255 octets (RFC 1035 §3.3).
    #[error(
        "`{typed}` is a string of {octets} octets, and one takes at most 255; split it into \
             several quoted strings"
    )]
    StringTooLong { typed: String, octets: usize },
    /// The length of generic RDATA is not that of its data (RFC 3597 §5).
    #[error("\\# announces {said} octets, but {found} follow")]
    GenericLength { said: u32, found: usize },
    /// Generic RDATA that is not what its type demands.
    #[error("the octets behind \\# are no {rtype} RDATA")]
    GenericRdata { rtype: String },
    /// The RDATA is larger than 65,535 octets.
    #[error("the RDATA takes {octets} octets, and at most 65535 fit")]
    RdataTooLong { octets: usize },
    /// A second SOA record below the apex.
    #[error("the SOA at `{owner}` is not at the apex of the zone {apex}")]
    SoaNotAtApex { owner: String, apex: String },
}

#[cfg(feature = "net")]
impl ScanErrorKind {
    /// Whether it says no more than one of the errors before it, which is its cause.
    ///
    /// What leans on a line that could not be read is refused; what lacks the origin, the TTL or the
    /// owner name of a whole file, or the leave to include, would say so in every line.
    pub(crate) fn follows(&self, before: &[ScanError]) -> bool {
        let any = |is: fn(&Self) -> bool| before.iter().any(|error| is(&error.kind));
        match self {
            Self::OwnerUnknown | Self::OriginUnknown { .. } | Self::TtlUnknown => {
                !before.is_empty()
            }
            Self::NoOrigin { .. } => any(|kind| matches!(kind, Self::NoOrigin { .. })),
            Self::NoOwner => any(|kind| matches!(kind, Self::NoOwner)),
            Self::IncludeRefused { .. } => any(|kind| matches!(kind, Self::IncludeRefused { .. })),
            // A file that was not included may set it.
            Self::NoTtl => any(|kind| {
                matches!(kind, Self::NoTtl | Self::IncludeRefused { .. } | Self::IncludeOpen { .. })
            }),
            _ => false,
        }
    }
}

fn no_origin(typed: &str) -> String {
    match typed {
        "@" => "`@` is the origin, and none is known; add an $ORIGIN line".to_owned(),
        _ => format!(
            "`{typed}` is relative and no origin is known; add the final dot or an $ORIGIN line"
        ),
    }
}
