//! Whether this machine reaches servers by an address family at all.
//!
//! A way that leads nowhere drops what is sent into it, and whoever has an address of that family
//! would be called silent. So where a server is, and none of its family ever answered, servers of the
//! root are asked, which are never all silent.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use futures_util::future::join_all;
use hickory_proto::rr::{Name, RecordType};
use tokio::sync::OnceCell;

use super::Authority;
use crate::answer::{Failure, Question};

/// How many servers of the root are asked.
const WITNESSES: usize = 3;

/// What is known of both families: IPv4 and IPv6.
#[derive(Debug, Default)]
pub(super) struct Families(RefCell<[Rc<OnceCell<bool>>; 2]>);

impl Families {
    fn of(&self, address: IpAddr) -> Rc<OnceCell<bool>> {
        Rc::clone(&self.0.borrow()[usize::from(address.is_ipv6())])
    }

    /// Takes note of what came of a request.
    pub(super) fn learn(&self, address: IpAddr, failure: Option<Failure>) {
        let is_open = matches!(
            failure,
            Some(Failure::Timeout | Failure::NoRoute | Failure::Forbidden | Failure::NoDescriptor)
        );
        if !is_open {
            // Who is just finding it out sees the same.
            let _known = self.of(address).set(true);
        }
    }

    /// Whether it is known that nobody is reached.
    pub(super) fn is_closed(&self, address: IpAddr) -> bool {
        self.of(address).get() == Some(&false)
    }

    pub(super) fn forget(&self) {
        self.0.take();
    }
}

impl Authority {
    /// Whether anybody is reached by the family of an address; where the root has no server of it,
    /// nothing says otherwise.
    pub(super) async fn reaches(&self, address: IpAddr) -> bool {
        let is_alike = |other: &IpAddr| other.is_ipv6() == address.is_ipv6();
        let witnesses = self.root.glue.iter().map(|(_, witness)| *witness).filter(is_alike);
        let witnesses: Vec<IpAddr> = witnesses.take(WITNESSES).collect();
        let question = Question { name: Name::root(), rtype: RecordType::SOA };
        let answers = async |witness: &IpAddr| {
            for _try in 0..self.options.tries.max(1) {
                match self.ask_server(*witness, &question).await {
                    Err(Failure::Timeout) => {}
                    Err(failure) => return failure != Failure::NoRoute,
                    Ok(_) => return true,
                }
            }
            false
        };
        let find = async || {
            witnesses.is_empty() || join_all(witnesses.iter().map(answers)).await.contains(&true)
        };
        *self.families.of(address).get_or_init(find).await
    }
}
