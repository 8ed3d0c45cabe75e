//! The clients, one a file: what each asks and fetches, in its order, and what it makes of that.
//!
//! A file begins with the version and the source of what it says; what it does not say, nobody
//! has looked at. What Thunderbird's collection of documents (the ISPDB) has is left out for all: it
//! is about providers, and the mail domain of a customer is not in it.

mod aerc;
mod aerc_new;
mod apple_mail;
mod balsa;
mod claws;
mod deltachat;
mod evolution;
mod fairemail;
mod geary;
mod gnome_online_accounts;
mod himalaya;
mod horde;
mod kmail;
mod mpop;
mod msmtp;
mod outlook_classic;
mod outlook_new;
mod pim;
mod pim_discovery;
mod pim_providers;
mod sources;
mod thunderbird;
mod thunderbird_android;
mod thunderbird_exchange;

use super::client::Client;

pub use self::pim_providers::is_telling;

/// Every client, in the order of reports.
pub const CLIENTS: &[&Client] = &[
    &thunderbird::CLIENT,
    &thunderbird_android::CLIENT,
    &outlook_classic::CLIENT,
    &outlook_new::CLIENT,
    &apple_mail::CLIENT,
    &evolution::CLIENT,
    &gnome_online_accounts::CLIENT,
    &geary::CLIENT,
    &kmail::CLIENT,
    &claws::CLIENT,
    &claws::CLIENT_POP3,
    &balsa::CLIENT,
    &fairemail::CLIENT,
    &deltachat::CLIENT,
    &himalaya::CLIENT,
    &pim_discovery::CLIENT,
    &aerc::CLIENT,
    &aerc_new::CLIENT,
    &msmtp::CLIENT,
    &mpop::CLIENT,
    &horde::CLIENT,
];
