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
            Ok(Ok(stream)) if !terms.allow_private && is_own(&stream) => {
                last = (Some(*address), Unseen::Guarded);
            }
            Ok(Ok(stream)) => return Ok((stream, *address)),
            Ok(Err(error)) => last = (Some(*address), unseen(&error)),
            Err(_elapsed) => last = (Some(*address), Unseen::Timeout),
        }
    }
    Err(last)
}

/// Whether a connection leads to this machine: it has a public address of its own.
fn is_own(stream: &TcpStream) -> bool {
    let ends = stream.local_addr().and_then(|own| Ok((own.ip(), stream.peer_addr()?.ip())));
    ends.is_ok_and(|(own, peer)| own == peer)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_to_an_address_of_this_machine_is_told_from_others() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        assert!(is_own(&stream));
        // From another address than it leads to, as from any other machine.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        assert!(!is_own(&socket.connect(address).await.unwrap()));
    }
}
