//! Domain names as people type them and as DNS holds them.
//!
//! Inside, names are A-labels (RFC 5890 §2.3.2.1); U-labels are accepted at the door and shown to
//! people. Presentation form (RFC 1035 §5.1) is written here and nowhere else, because the codec's
//! own `Display` turns A-labels into U-labels and escapes in octal.
//!
//! ```
//! use mailsrv::name::{HostName, MailDomain, text};
//!
//! let domain: MailDomain = "Bücher.example".parse()?;
//! assert_eq!(domain.to_string(), "xn--bcher-kva.example");
//! assert_eq!(domain.shown(), "bücher.example");
//! // In DNS and in presentation form, names are absolute.
//! assert_eq!(text(&domain.prefixed(&["_imaps", "_tcp"])), "_imaps._tcp.xn--bcher-kva.example.");
//!
//! let host: HostName = "mail.provider.example.".parse()?;
//! assert_eq!(host.to_string(), "mail.provider.example");
//! let error = "joe@example.com".parse::<MailDomain>().unwrap_err();
//! assert_eq!(error.to_string(), "`joe@example.com` is a mail address; give the domain alone: example.com");
//! # Ok::<(), mailsrv::name::NameError>(())
//! ```

mod domain;
mod error;
mod host;
mod printable;
mod shard;
mod spelling;
mod text;

pub use self::domain::{MAX_MAIL_DOMAIN_OCTETS, MailDomain};
pub use self::error::NameError;
pub use self::host::HostName;
pub(crate) use self::host::certifies;
pub use self::printable::{beginning, one_line, path_text, printable};
pub use self::shard::{Shard, ShardError};
pub(crate) use self::spelling::is_kept;
pub use self::spelling::parse_typed;
pub use self::text::{parse_text, plain_text, push_text, relative_text, text, unicode};
