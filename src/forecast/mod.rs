//! What real mail clients will conclude: what DNS and the web say in, what each client makes of it out.
//!
//! A client is a plain function of a [`World`], which tells it the answers to its questions in the
//! order in which the real one tries. What is not known yet is wanted, and the client is asked again once it
//! is known; so nothing here waits or opens anything.
//!
//! ```
//! use mailsrv::forecast::{CLIENTS, Facts, World, foretell};
//! use mailsrv::hosting::{Columns, Hosting};
//! use mailsrv::answer::{Answer, Outcome};
//! use mailsrv::forecast::Want;
//!
//! let plan = mailsrv::plan::plan(&"example.com".parse()?, &Hosting::documented(), &Columns::default())?;
//! let msmtp = CLIENTS.iter().find(|client| client.name == "msmtp").unwrap();
//! let mut facts = Facts::of(&plan);
//! let forecast = loop {
//!     let world = World::new(&facts);
//!     if let Some(forecast) = foretell(&world, msmtp, || &[]) {
//!         break forecast;
//!     }
//!     for want in world.wanted() {
//!         if let Want::Answer(question) = want {
//!             facts.tell(question, Answer::plain(Outcome::NxDomain));
//!         }
//!     }
//! };
//! assert_eq!((forecast.found, forecast.works), (Some(false), Some(false)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `facts` is what is known, `world` how a client sees it, `clients` has a file for each client, `srv`, `mx`
//! and `guess` are what several of them try, `endpoint` says whether a server of the profile
//! is there (`reach` is what somebody says of that), `verdict` what becomes of a client, `change` what would make it work (`mending` says it), and `planned` which
//! documents can be served. `losses` asks the clients what they would conclude if all that is planned
//! were `published`, and less of it. `altered` is the world with other RRsets, which
//! make a `wildcard` fall silent, and `zero_touch` what sets customers up who have published nothing.

mod altered;
mod change;
mod client;
mod clients;
mod conclusion;
mod endpoint;
mod facts;
mod guess;
mod losses;
mod mending;
mod mx;
mod obstacle;
mod planned;
mod published;
mod reach;
mod srv;
mod verdict;
mod wildcard;
mod world;
mod zero_touch;

pub use self::altered::{Alterations, Altered};
pub use self::client::{Basis, Client};
pub use self::clients::{CLIENTS, is_telling};
pub use self::conclusion::Conclusion;
pub use self::facts::{Facts, Planned};
pub use self::losses::{Left, Loss, Mismatch, login_mismatches, losses};
pub use self::mending::Mending;
pub use self::planned::planned;
pub use self::reach::Reach;
pub use self::verdict::{Effect, Forecast, follow, foretell, given_up, outcome};
pub use self::world::{Stop, Told, Unknown, Want, World};
pub use self::zero_touch::{Step, ZeroTouch, ZeroTouchRefusal, zero_touch};
