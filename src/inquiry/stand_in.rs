//! What would be observed of another mail domain, of which the same can be answered.

use std::net::IpAddr;

use hickory_proto::rr::Name;

use super::observed::{Datum, Observed, Slot};
use crate::name::MailDomain;

impl Observed {
    /// The same of another mail domain in the place of this one, and with other addresses: those that
    /// `address` has another one for.
    ///
    /// None where it would not stand in the same order there, or where something is open, or hidden,
    /// or was said by servers of a zone below.
    #[must_use]
    pub fn stand_in(
        &self,
        domain: MailDomain,
        address: impl Fn(IpAddr) -> Option<IpAddr>,
    ) -> Option<Self> {
        let is_plain = self.hidden.is_empty() && self.skipped.is_none() && self.referred.is_none();
        if !is_plain || self.names.repeat_the_domain() {
            return None;
        }
        let mut other = self.clone();
        if !other.names.respell(domain) {
            return None;
        }
        for datum in &mut other.data {
            match datum {
                Datum::A(own) => {
                    if let Some(IpAddr::V4(new)) = address((*own).into()) {
                        *own = new;
                    }
                }
                Datum::Aaaa(own) => {
                    if let Some(IpAddr::V6(new)) = address((*own).into()) {
                        *own = new;
                    }
                }
                Datum::Alias(_) | Datum::Srv { .. } | Datum::Mx { .. } | Datum::Other { .. } => {}
            }
        }
        let key = |slot: &Slot| (other.names.name(slot.owner), u16::from(slot.rtype()));
        other.slots[usize::from(other.sought)..].is_sorted_by_key(key).then_some(other)
    }

    /// Every address that was heard, each with whether the name that it is said of, behind all aliases,
    /// lies in the mail domain.
    pub fn addresses(&self) -> impl Iterator<Item = (bool, IpAddr)> {
        self.slots.iter().flat_map(|slot| {
            let end = self.aliases(slot).last().unwrap_or(slot.owner);
            let is_own = self.names.prefix(end).is_some();
            let address = |datum: &Datum| match *datum {
                Datum::A(address) => Some(address.into()),
                Datum::Aaaa(address) => Some(address.into()),
                Datum::Alias(_) | Datum::Srv { .. } | Datum::Mx { .. } | Datum::Other { .. } => {
                    None
                }
            };
            let addresses = self.data[slot.record_range()].iter().filter_map(address);
            addresses.map(move |address| (is_own, address))
        })
    }

    /// Every label that stands in a name of the inquiry, the mail domain at their ends left out, be it
    /// there twice.
    pub fn labels(&self) -> impl Iterator<Item = Box<[u8]>> {
        let names = self.names.all().map(|name| self.names.spelled(name).1);
        names.flat_map(|mut rest| {
            std::iter::from_fn(move || {
                let (length, tail) = rest.split_first()?;
                let (label, behind) = tail.split_at_checked(usize::from(*length))?;
                rest = behind;
                Some(label.into())
            })
        })
    }

    /// The labels that stand in front of a name in names outside the mail domain, each once.
    pub fn labels_below(&self, above: &Name) -> Vec<Box<[u8]>> {
        let depth = above.iter().len();
        let below = self.outside().filter(|name| above.zone_of(name) && name.iter().len() > depth);
        let label = |name: Name| name.iter().rev().nth(depth).map(Box::from);
        let mut labels: Vec<Box<[u8]>> = below.filter_map(label).collect();
        labels.sort();
        labels.dedup();
        labels
    }
}
