//! mailsrv publishes and audits the DNS records by which mail clients find their servers.
//!
//! One hosting profile is the single source: from it come the records to publish and the rules by
//! which live DNS is judged.
//!
//! ```
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::render::{Format, Sheet};
//!
//! let plan = mailsrv::plan::plan(
//!     &"example.com".parse()?,
//!     &Hosting::documented(),
//!     &Columns::default(),
//! )?;
//! let mut snippet = Vec::new();
//! Sheet::new(&plan, None)?.write(Format::ZONE, &mut snippet)?;
//! let snippet = String::from_utf8(snippet)?;
//! assert!(snippet.contains("_imaps._tcp        IN SRV    0 1 993 mail.example.com.\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms, in reading order: [`name`], [`service`] and [`code`] are the words; [`rrset`], [`answer`]
//! and [`zonefile`] the data of DNS; [`dns_host`] what is known of others; [`hosting`] the profile;
//! [`plan`] what it means for a domain, and [`inquiry`] what to ask about it. [`document`] makes what
//! clients fetch under its names, [`reading`] reads what stands there, and [`forecast`] says what they
//! conclude; [`render`] prints a plan,
//! [`audit`] judges what was heard. Around this pure core stand, each behind a
//! feature, `lookup` and `survey` (`net`), who ask, `list` (`cli`), which reads mail domains, `interrupt`, which hears signals, and `cli`, the
//! program; [`report`] prints audits.
//!
//! An audit is [`audit::inquire`], which begins the questions of a plan; whatever answers them, such as
//! a lookup driven by `survey::conduct`; and [`audit::judge`]. `examples/` has one without a network, and one
//! with a lookup of its own.
//!
//! # Features
//!
//! - None (`default-features = false`) is for who plans, prints and judges: no sockets, no runtime,
//!   no files and no clock. Answers come from the caller, through [`inquiry::Inquiry`].
//! - `net` adds `lookup` and `survey`, with tokio: for who asks DNS, zone files or recordings.
//! - `cli` (the default) adds the program, and `list`; no library needs it but for that.
//!
//! # Names and data of DNS
//!
//! Names, record types and data are those of [`hickory_proto`], which is exported again so that
//! nobody has to find out which version: a `Name` of another one is another type.
//!
//! # What grows
//!
//! Errors, findings, purposes and what else grows with DNS are marked `non_exhaustive`: variants and
//! fields are added without a breaking release, so a `match` needs an arm for those to come. Words
//! for machines (`Code::text`, `Purpose::text`, `Verdict::text`) keep their meaning.

pub use hickory_proto;

pub mod answer;
pub mod audit;
#[cfg(feature = "cli")]
pub mod cli;
pub mod code;
pub mod dns_host;
pub mod document;
pub mod endpoint;
#[cfg(feature = "cli")]
mod folder;
pub mod forecast;
pub mod hosting;
pub mod inquiry;
#[cfg(feature = "cli")]
pub mod interrupt;
#[cfg(feature = "cli")]
pub mod list;
#[cfg(feature = "net")]
pub mod lookup;
// No part of the interface: the fuzz targets of responses read through it.
#[cfg(feature = "net")]
#[doc(hidden)]
pub mod message;
pub mod name;
#[cfg(feature = "cli")]
mod output;
pub mod page;
pub mod plan;
#[cfg(feature = "net")]
pub mod probe;
pub mod reading;
pub mod render;
pub mod report;
pub mod rrset;
pub mod service;
#[cfg(feature = "net")]
pub mod survey;
#[cfg(feature = "net")]
mod trust;
mod words;
#[cfg(feature = "net")]
mod zone;
pub mod zonefile;
