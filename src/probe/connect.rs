//! Connections to one of several addresses.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::wire::unseen;
use super::{Terms, guard};
use crate::endpoint::Unseen;

/// A connection to the first address that takes one; else the last that was tried, and why.
pub(super) async fn connect(
    port: u16,
    addresses: &[IpAddr],
    terms: &Terms,
) -> Result<(TcpStream, IpAddr), (Option<IpAddr>, Unseen)> {
    let mut last = (None, Unseen::NoAddress);
    for address in addresses {
        if !terms.allow_private && !guard::is_public(*address) {
            // One that was tried says more.
            if matches!(last.1, Unseen::NoAddress) {
                last = (Some(*address), Unseen::Guarded);
            }
            continue;
        }
        let connecting = TcpStream::connect(SocketAddr::new(*address, port));
        match timeout(terms.timeout, connecting).await {
            Ok(Ok(stream)) => return Ok((stream, *address)),
            Ok(Err(error)) => last = (Some(*address), unseen(&error)),
            Err(_elapsed) => last = (Some(*address), Unseen::Timeout),
        }
    }
    Err(last)
}
