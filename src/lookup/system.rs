//! The servers that the system's configuration names.
//!
//! Where there is a `resolv.conf`, its `nameserver` lines are read as the resolvers of libc read them:
//! what else it says, and says wrong, is no matter of ours. `domain (none)`, which a DHCP client
//! writes, ends nothing, and a scoped address keeps its scope. Elsewhere hickory knows the ways.

use std::net::SocketAddr;

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
pub(super) use self::resolv_conf::servers;

/// Says why the system's configuration names no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SystemConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Its path.
        path: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file has no line with the address of a server.
    #[error("{path} names no DNS server")]
    NoServer {
        /// Its path.
        path: &'static str,
    },
    /// The configuration cannot be used, on systems that keep it elsewhere.
    #[error("the resolver configuration of the system cannot be used: {problem}")]
    Unusable {
        /// What is wrong with it.
        problem: String,
    },
}

/// The configuration of hickory, each server once: it has an entry for each transport.
#[cfg(any(windows, target_vendor = "apple", target_os = "android"))]
pub(super) fn servers() -> Result<Vec<SocketAddr>, SystemConfigError> {
    let read = hickory_resolver::system_conf::read_system_conf();
    let unusable = |problem: String| SystemConfigError::Unusable { problem };
    let (config, _options) = read.map_err(|error| unusable(error.to_string()))?;
    let mut servers = Vec::new();
    for server in config.name_servers() {
        let port = server.connections.first().map(|connection| connection.port);
        let address = SocketAddr::new(server.ip, port.unwrap_or(super::address::DNS_PORT));
        if !servers.contains(&address) {
            servers.push(address);
        }
    }
    if servers.is_empty() {
        Err(unusable("it names no DNS server".to_owned()))
    } else {
        Ok(servers)
    }
}

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
mod resolv_conf {
    use std::fs::File;
    use std::io::Read;

    use super::{SocketAddr, SystemConfigError};
    use crate::lookup::address::server;

    const PATH: &str = "/etc/resolv.conf";

    /// More than any such file has.
    const MAX_OCTETS: u64 = 1 << 16;

    /// The servers of this system, in their order.
    pub(in crate::lookup) fn servers() -> Result<Vec<SocketAddr>, SystemConfigError> {
        let mut octets = Vec::new();
        File::open(PATH)
            .and_then(|file| file.take(MAX_OCTETS).read_to_end(&mut octets))
            .map_err(|source| SystemConfigError::Unreadable { path: PATH, source })?;
        match named(&String::from_utf8_lossy(&octets)) {
            servers if servers.is_empty() => Err(SystemConfigError::NoServer { path: PATH }),
            servers => Ok(servers),
        }
    }

    /// The servers that a text names, each once; lines that make no sense are passed over (man 5
    /// resolv.conf).
    fn named(text: &str) -> Vec<SocketAddr> {
        let mut servers = Vec::new();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("nameserver") else { continue };
            if !rest.starts_with([' ', '\t']) {
                continue;
            }
            let address = rest.split_ascii_whitespace().next().unwrap_or_default();
            match server(address, address) {
                Ok(server) if !servers.contains(&server) => servers.push(server),
                Ok(_) | Err(_) => {}
            }
        }
        servers
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[track_caller]
        fn check(text: &str, servers: &[&str]) {
            let named = named(text);
            assert_eq!(named.iter().map(SocketAddr::to_string).collect::<Vec<_>>(), servers);
        }

        #[test]
        fn the_servers_of_the_system_come_in_their_order_whatever_else_it_says() {
            check("", &[]);
            check(
                "nameserver 192.0.2.2\noptions timeout:1\nnameserver 2001:db8::1\n\
                 nameserver 192.0.2.2\n",
                &["192.0.2.2:53", "[2001:db8::1]:53"],
            );
            check(
                "domain (none)\nsearch (none) \u{fffd}\nnameserver\t192.0.2.1 # office\n",
                &["192.0.2.1:53"],
            );
            check("nameserver fe80::1%7\nnameserver fe80::2\n", &["[fe80::1%7]:53"]);
            check(
                "# nameserver 192.0.2.1\n;nameserver 192.0.2.2\nnameservers 192.0.2.3\n\
                 nameserver dns.example\nnameserver\nnameserver 192.0.2.4",
                &["192.0.2.4:53"],
            );
        }
    }
}
