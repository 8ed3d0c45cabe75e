//! What answers about a mail domain can depend on, told beforehand.

use std::net::IpAddr;

/// All that answers about a mail domain can depend on, with the first label of the domain left out.
///
/// Two domains of which the same octets are written get the same answers to the same questions, but
/// for that label and for which addresses these are.
#[derive(Debug, Default)]
pub struct Portrait {
    /// What is written. Of addresses that is which of them are equal, or which they are, as whoever
    /// wants the portrait says.
    pub octets: Vec<u8>,
    /// The addresses of which is written no more than which are equal, each once, in the order in
    /// which they are met.
    pub addresses: Vec<IpAddr>,
    /// Whether nothing but the spelling of addresses may depend on which they are: no RRset has two of
    /// them, which would be sorted, and none is said of a name that is another's.
    pub is_orderly: bool,
}

impl Portrait {
    /// Makes room for another one.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.addresses.clear();
        self.is_orderly = true;
    }
}
