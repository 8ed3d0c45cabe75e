//! What documents for mail clients say, as clients read them: octets in, servers out.
//!
//! What of that is good enough, and what comes first, each client decides.

mod config;
mod pacc;
mod pox;
mod server;
mod user;

pub use self::config::{Config, Entry};
pub use self::pacc::Pacc;
pub use self::pox::{POX_PATH, Pox, Protocol};
pub use self::server::{By, Mode, Server};
pub use self::user::{USER, User};
