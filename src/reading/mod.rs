//! What documents for mail clients say, as clients read them: octets in, servers out.
//!
//! What of that is good enough, and what comes first, each client decides.

mod config;
mod kind;
mod pacc;
mod pox;
mod server;
mod strict;
mod user;
mod xml;

pub use self::config::{CONFIG_PATH, Config, Entry};
pub use self::kind::Kind;
pub use self::pacc::{Gap, PACC_PATH, Pacc, digest};
pub use self::pox::{POX_PATH, Pox, Protocol};
pub use self::server::{By, Mode, Server};
pub use self::strict::Slip;
pub use self::user::{USER, User};
pub use self::xml::is_well_formed;
