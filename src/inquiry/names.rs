//! Names kept flat: octets in one vector, the mail domain at their ends left out.

use hickory_proto::rr::Name;

use crate::name::MailDomain;

/// The most octets of a name without the root (RFC 1035 §2.3.4).
const MOST_OCTETS: usize = 254;

/// A name that an inquiry mentions, interned in one [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameId(u16);

/// Every name that an inquiry about one mail domain mentions, each once.
///
/// Names are kept in lower case, so that the first spelling to arrive does not show (RFC 4343: case
/// says nothing). Data without names is kept beside them.
#[derive(Debug, Clone)]
pub(super) struct Names {
    domain: MailDomain,
    octets: Vec<u8>,
    index: Vec<Entry>,
}

/// Where a name stands among the octets.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    length: u8,
    /// Whether the labels stand in front of the mail domain.
    below: bool,
}

/// The labels of a name in wire form, without the mail domain at its end.
struct Spelling {
    octets: [u8; 256],
    length: u8,
    below: bool,
}

impl Spelling {
    /// Takes the mail domain away where the name ends in it.
    fn of(name: &Name, domain: &Name) -> Self {
        let below = domain.zone_of(name);
        let kept = name.iter().len() - if below { domain.iter().len() } else { 0 };
        let mut octets = [0; 256];
        let mut length = 0;
        for label in name.iter().take(kept) {
            // A name has 255 octets at most, and a label 63.
            octets[length] = label.len() as u8;
            let end = length + 1 + label.len();
            octets[length + 1..end].copy_from_slice(label);
            octets[length + 1..end].make_ascii_lowercase();
            length = end;
        }
        Self { octets, length: length as u8, below }
    }

    fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }
}

impl Names {
    /// Begins without names; the mail domain is not among them.
    pub(super) fn new(domain: MailDomain) -> Self {
        Self { domain, octets: Vec::new(), index: Vec::new() }
    }

    pub(super) fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// Shows how a name would be kept: whether it lies in the mail domain, and its labels.
    pub(super) fn spell(&self, name: &Name, mut show: impl FnMut(&[u8])) {
        let spelling = Spelling::of(name, self.domain.name());
        show(&[u8::from(spelling.below)]);
        show(spelling.octets());
    }

    /// Keeps a name, unless it is kept already.
    pub(super) fn intern(&mut self, name: &Name) -> NameId {
        let spelling = Spelling::of(name, self.domain.name());
        if let Some(known) = self.position(&spelling) {
            return known;
        }
        let start = self.keep(spelling.octets());
        self.index.push(Entry { start, length: spelling.length, below: spelling.below });
        NameId(u16::try_from(self.index.len() - 1).unwrap_or(u16::MAX))
    }

    /// The name, where anybody has mentioned it.
    pub(super) fn find(&self, name: &Name) -> Option<NameId> {
        self.position(&Spelling::of(name, self.domain.name()))
    }

    /// Looks at all of them: an inquiry mentions a few dozen.
    fn position(&self, spelling: &Spelling) -> Option<NameId> {
        let same = |entry: &Entry| {
            entry.length == spelling.length
                && entry.below == spelling.below
                && self.labels(*entry) == spelling.octets()
        };
        let index = self.index.iter().position(same)?;
        u16::try_from(index).ok().map(NameId)
    }

    fn labels(&self, entry: Entry) -> &[u8] {
        let start = entry.start as usize;
        &self.octets[start..start + usize::from(entry.length)]
    }

    /// The labels in front of the mail domain, in wire form; None where the name is not below it.
    pub(super) fn prefix(&self, id: NameId) -> Option<&[u8]> {
        let entry = self.index[usize::from(id.0)];
        entry.below.then(|| self.labels(entry))
    }

    /// Whether a target denies (RFC 2782).
    pub(super) fn is_root(&self, id: NameId) -> bool {
        let entry = self.index[usize::from(id.0)];
        !entry.below && entry.length == 0
    }

    /// The octets of a name on the wire.
    pub(super) fn octets(&self, id: NameId) -> usize {
        let entry = self.index[usize::from(id.0)];
        let domain = if entry.below { self.domain.name().len() } else { 0 };
        usize::from(entry.length) + domain + 1
    }

    /// How often the mail domain stands at the end of a name, twice at most, and the labels in front of
    /// it.
    pub(super) fn spelled(&self, id: NameId) -> (u8, &[u8]) {
        let entry = self.index[usize::from(id.0)];
        let labels = self.labels(entry);
        if !entry.below {
            return (0, labels);
        }
        let length = self.domain.name().len();
        if labels.len() >= length {
            let domain = Spelling::of(self.domain.name(), &Name::root());
            let (front, end) = labels.split_at(labels.len() - length);
            // An octet of a label may be the length of another.
            if end == domain.octets() && is_whole(front) {
                return (2, front);
            }
        }
        (1, labels)
    }

    /// Whether the mail domain is spelled once more within the labels in front of it: more than
    /// [`spelled`](Self::spelled) counts.
    pub(super) fn repeat_the_domain(&self) -> bool {
        let domain = Spelling::of(self.domain.name(), &Name::root());
        let domain = domain.octets();
        let mut fronts = self.all().map(|id| self.spelled(id)).filter(|(times, _)| *times > 0);
        fronts.any(|(_, front)| front.windows(domain.len()).any(|labels| labels == domain))
    }

    /// Every name.
    pub(super) fn all(&self) -> impl Iterator<Item = NameId> {
        (0..self.index.len()).filter_map(|at| u16::try_from(at).ok().map(NameId))
    }

    /// Every name outside the mail domain, but for the root.
    pub(super) fn outside(&self) -> impl Iterator<Item = Name> {
        let outside = self.all().filter(|id| self.prefix(*id).is_none() && !self.is_root(*id));
        outside.map(|id| self.name(id))
    }

    /// Makes the names below the mail domain those below another one.
    pub(super) fn move_to(&mut self, domain: MailDomain) {
        self.domain = domain;
    }

    /// The same, and where the mail domain stands twice, the other one does. False where a name might
    /// get too long, or another name stands beside the mail domain below itself, so that which is first
    /// depends on it; nothing is to be made of the names then.
    pub(super) fn respell(&mut self, domain: MailDomain) -> bool {
        let own = Spelling::of(self.domain.name(), &Name::root());
        let other = Spelling::of(domain.name(), &Name::root());
        let [length, behind @ ..] = own.octets() else { return false };
        let above = behind.get(usize::from(*length)..).unwrap_or_default();
        let (mut is_doubled, mut is_beside) = (false, false);
        for at in 0..self.index.len() {
            let (times, front) = self.spelled(NameId(at as u16));
            if times > 0 && front.len() + 2 * other.octets().len() > MOST_OCTETS {
                return false;
            }
            is_beside |= times == 1 && front.ends_with(above);
            if times == 2 {
                is_doubled = true;
                let labels = [front, other.octets()].concat();
                let start = self.keep(&labels);
                // It was looked at above that they are not too many.
                self.index[at] = Entry { start, length: labels.len() as u8, below: true };
            }
        }
        self.domain = domain;
        !(is_doubled && is_beside)
    }

    /// Spells a name out again, absolute and in lower case.
    pub(super) fn name(&self, id: NameId) -> Name {
        let entry = self.index[usize::from(id.0)];
        let mut name = Name::new();
        let mut rest = self.labels(entry);
        while let [length, tail @ ..] = rest {
            let (label, next) = tail.split_at(usize::from(*length));
            name = name.append_label(label).expect("these are the labels of a name");
            rest = next;
        }
        if entry.below {
            name = name.append_name(self.domain.name()).expect("it was that long before");
        }
        name.set_fqdn(true);
        name
    }

    /// Writes a name in wire form, in lower case (RFC 1035 §3.1). Says whether it is the mail domain or
    /// below it.
    pub(super) fn write(&self, id: NameId, octets: &mut Vec<u8>) -> bool {
        let entry = self.index[usize::from(id.0)];
        octets.extend_from_slice(self.labels(entry));
        if entry.below {
            for label in self.domain.name().iter() {
                // 63 octets at most (RFC 1035 §2.3.4).
                octets.push(label.len() as u8);
                octets.extend_from_slice(label);
            }
        }
        octets.push(0);
        entry.below
    }

    /// Keeps octets that are no name; returns where they start.
    pub(super) fn keep(&mut self, octets: &[u8]) -> u32 {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        u32::try_from(start).unwrap_or(u32::MAX)
    }

    pub(super) fn kept(&self, start: u32, length: u16) -> &[u8] {
        let start = start as usize;
        &self.octets[start..start + usize::from(length)]
    }

    /// The octets on the heap, for `benches/inquiry.rs`.
    pub(super) fn heap_size(&self) -> usize {
        self.octets.capacity()
            + self.index.capacity() * size_of::<Entry>()
            + self.domain.heap_size()
    }
}

/// Whether these are whole labels in wire form.
fn is_whole(mut labels: &[u8]) -> bool {
    while let Some((length, rest)) = labels.split_first() {
        let Some(behind) = rest.get(usize::from(*length)..) else { return false };
        labels = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use hickory_proto::serialize::binary::BinEncodable;

    use super::*;

    #[test]
    fn a_name_comes_back_in_lower_case_and_is_kept_once() {
        let mut names = Names::new("example.com".parse().unwrap());
        let long = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(61));
        for text in [
            ".",
            "example.com.",
            "_imaps._tcp.Example.COM.",
            "notexample.com.",
            "MAIL.test.",
            &long,
        ] {
            let name = Name::from_ascii(text).unwrap();
            assert_eq!(names.find(&name), None);
            let id = names.intern(&name);
            assert_eq!(names.intern(&name.to_lowercase()), id);
            assert_eq!(names.find(&name), Some(id));
            assert!(names.name(id).eq_case(&name.to_lowercase()), "{text}");
            assert_eq!(names.is_root(id), name.is_root());
            let mut octets = Vec::new();
            assert_eq!(names.write(id, &mut octets), names.domain.name().zone_of(&name));
            assert_eq!(octets, name.to_lowercase().to_bytes().unwrap());
        }
    }

    #[test]
    fn a_domain_that_stands_twice_is_respelt_twice_and_only_where_whole_labels_are_it() {
        let odd = Name::from_labels([&b"\x01a\x04test"[..], b"a", b"test"]).unwrap();
        for (owner, times, expected) in [
            ("x.a.test.", 1, Some("x.bb.test.")),
            ("x.a.test.A.test.", 2, Some("x.bb.test.bb.test.")),
            ("a.test.a.test.", 2, Some("bb.test.bb.test.")),
            ("mail.example.", 0, Some("mail.example.")),
            // Which of them is first depends on the domain.
            ("x.c.test.a.test.", 1, None),
        ] {
            let mut names = Names::new("a.test".parse().unwrap());
            let id = names.intern(&Name::from_ascii(owner).unwrap());
            names.intern(&Name::from_ascii("y.a.test.a.test.").unwrap());
            assert_eq!(names.spelled(id).0, times, "{owner}");
            let respelt = names.respell("bb.test".parse().unwrap());
            let name = respelt.then(|| names.name(id).to_ascii());
            assert_eq!(name.as_deref(), expected, "{owner}");
        }
        let mut names = Names::new("a.test".parse().unwrap());
        let id = names.intern(&odd);
        assert_eq!(names.spelled(id).0, 1);
        assert!(names.repeat_the_domain());
        let mut names = Names::new("a.test".parse().unwrap());
        names.intern(&Name::from_ascii("x.a.test.").unwrap());
        assert!(!names.respell(format!("{0}.{0}.b.test", "b".repeat(61)).parse().unwrap()));
    }
}
