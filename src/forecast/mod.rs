//! What real mail clients will conclude: what DNS and the web say in, what each client makes of it out.

mod conclusion;
mod config;
mod endpoint;
mod guess;
mod mx;
mod obstacle;
mod pacc;
mod pox;
mod srv;
mod user;
mod world;

pub use self::conclusion::{By, Conclusion, Mode, Server};
pub use self::user::USER;
pub use self::world::{Facts, Planned, Stop, Told, Unknown, Want, World};
