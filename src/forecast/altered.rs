//! RRsets that stand otherwise than they do: published, replaced or deleted.

use hickory_proto::rr::{Name, RData, RecordType};

use super::facts::Memory;
use super::wildcard;
use crate::rrset::RrSet;

/// What stands at an owner name instead: the data of one type, or none of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Altered<'a> {
    /// The owner name.
    pub owner: &'a Name,
    /// The record type.
    pub rtype: RecordType,
    /// The data; none where the RRset is deleted.
    pub data: &'a [RData],
}

/// RRsets that are altered together, with what was found out of the world that they make.
#[derive(Debug)]
pub struct Alterations<'a> {
    pub(super) sets: Vec<Altered<'a>>,
    /// The names that exist because something is published, the longest first.
    pub(super) existing: Vec<Name>,
    pub(super) memory: Memory,
}

impl<'a> Alterations<'a> {
    /// These; nothing is known of their world yet.
    pub fn of(sets: Vec<Altered<'a>>) -> Self {
        let published = sets.iter().filter(|set| !set.data.is_empty());
        let existing = wildcard::existing(published.map(|set| set.owner));
        Self { sets, existing, memory: Memory::default() }
    }
}

/// What altered RRsets say of a name and a type.
#[derive(Debug, PartialEq)]
pub(super) enum Says<'a> {
    /// This data, or that there is none.
    Data(&'a [RData]),
    /// That the name is an alias of this one.
    Alias(&'a Name),
}

/// What they say of a name and a type; None where all is as it was.
pub(super) fn says<'a>(all: &[Altered<'a>], name: &Name, rtype: RecordType) -> Option<Says<'a>> {
    let of = |wanted: RecordType| {
        all.iter().find(|it| it.rtype == wanted && it.owner == name).map(|it| it.data)
    };
    let alias = of(RecordType::CNAME);
    if let Some([RData::CNAME(canonical), ..]) = alias {
        return Some(Says::Alias(&canonical.0));
    }
    // Where an alias was, there is nothing but what is put in its place (RFC 1034 §3.6.2).
    of(rtype).or_else(|| alias.map(|_| &[][..])).map(Says::Data)
}

/// The RRsets of a plan, each in place of all that it excludes: addresses take the place of an alias,
/// and have no other family beside them.
pub(super) fn planned<'a>(sets: &[&'a RrSet]) -> Vec<Altered<'a>> {
    let of = |set: &&'a RrSet, rtype, data| Altered { owner: set.owner(), rtype, data };
    let own = sets.iter().map(|set| of(set, set.record_type(), set.rdatas()));
    let mut altered: Vec<_> = own.collect();
    for set in sets {
        let family = other_family(set.record_type());
        let is_there =
            |rtype| altered.iter().any(|it| it.rtype == rtype && it.owner == set.owner());
        if let Some(other) = family.filter(|other| !is_there(*other)) {
            altered.push(of(set, other, &[]));
        }
    }
    altered
}

/// The other type of addresses.
fn other_family(rtype: RecordType) -> Option<RecordType> {
    match rtype {
        RecordType::A => Some(RecordType::AAAA),
        RecordType::AAAA => Some(RecordType::A),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, CNAME};

    use super::*;
    use crate::name::parse_text;

    #[test]
    fn an_alias_stands_for_every_type_and_where_it_went_nothing_is_left_but_what_took_its_place() {
        let [owner, other, end] =
            ["a.test.", "b.test.", "c.test."].map(|name| parse_text(name).unwrap());
        let (alias, address) =
            ([RData::CNAME(CNAME(end.clone()))], [RData::A(A::new(192, 0, 2, 1))]);
        let of = |rtype, data| Altered { owner: &owner, rtype, data };
        let (a, v6) = (RecordType::A, RecordType::AAAA);
        let published = [of(RecordType::CNAME, &alias[..]), of(a, &[][..])];
        for rtype in [a, v6] {
            assert_eq!(says(&published, &owner, rtype), Some(Says::Alias(&end)));
            assert_eq!(says(&published, &other, rtype), None);
        }
        let replaced = [of(RecordType::CNAME, &[][..]), of(a, &address[..])];
        assert_eq!(says(&replaced, &owner, a), Some(Says::Data(&address)));
        assert_eq!(says(&replaced, &owner, v6), Some(Says::Data(&[])));
        let deleted = [of(a, &[][..])];
        assert_eq!(says(&deleted, &owner, a), Some(Says::Data(&[])));
        assert_eq!(says(&deleted, &owner, v6), None);
    }
}
