//! The clients, one a file: what each asks and fetches, in its order, and what it makes of that.

use super::client::Client;

/// Every client, in the order of reports.
pub const CLIENTS: &[&Client] = &[];
