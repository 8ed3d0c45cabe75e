//! Records on their way into a tree, in whatever order they come.
//!
//! Some thousands are gathered ([`Heap`]) and sorted, and make a run; runs are merged when that costs
//! about what was gathered since. Files mostly come in some order, so that a record goes a few places
//! up among those before it, and a new run behind the others or between two of their pages.
//! To gather and to sort are two things, so that two threads may do them.

use std::cmp::Ordering;

use super::heap::{Heap, Pile};
use super::node::{Held, Loose, Node, without_twins, write};
use super::place::FileLine;
use super::run::{PAGE, Run, Source, Writer};
use super::shape::Shapes;
use super::tree::Tree;
use super::turns::Turns;

/// The numbers of NS and DNAME.
const TURNS: [u16; 2] = [2, 39];

/// The numbers of CNAME, beside which little may stand, and of SOA, of which there may be one.
const CNAME: u16 = 5;
const SOA: u16 = 6;

/// Records as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathering {
    heap: Heap,
    sorted: Sorted,
    turns: Turns,
}

/// Records that are in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sorted {
    /// The oldest first.
    runs: Vec<Run>,
    shapes: Shapes,
    /// What came last, and goes into the next run.
    pile: Pile,
    /// Memory for the next pile.
    spare: Pile,
    /// Whether records may stand at one name that exclude each other.
    may_clash: bool,
}

impl Gathering {
    /// Goes on with the records of a tree.
    pub(crate) fn of(tree: Tree) -> Self {
        let Tree { run, shapes, turns, may_clash } = tree;
        let sorted = Sorted { runs: vec![run], shapes, may_clash, ..Sorted::default() };
        Self { heap: Heap::default(), sorted, turns }
    }

    /// Adds a record; one that is there already takes the smaller TTL.
    pub(crate) fn insert(&mut self, key: &[u8], record: Loose<'_>) {
        self.gather(key, record);
        self.sort_full();
    }

    /// Adds a record, and leaves it to the caller to sort what is full.
    pub(crate) fn gather(&mut self, key: &[u8], record: Loose<'_>) {
        if TURNS.contains(&record.code) {
            self.turns.insert(key);
        }
        self.heap.push(key, Some(record));
    }

    /// Adds the records of a node, moved behind so many other files.
    pub(crate) fn insert_node(&mut self, node: Node<'_>, behind: usize) {
        for held in node.records() {
            let Held { ttl, place, .. } = held;
            let octets = held.octets();
            let place = place.behind(behind);
            self.insert(node.key, Loose { code: held.code(), ttl, place, octets: &octets });
        }
    }

    /// Adds a name without a record.
    pub(crate) fn mark(&mut self, key: &[u8]) {
        self.heap.push(key, None);
        self.sort_full();
    }

    /// Whether it is time to sort what was gathered.
    pub(crate) fn is_full(&self) -> bool {
        self.heap.is_full()
    }

    /// Takes out what is to be sorted elsewhere, and goes on in the memory of what was.
    pub(crate) fn take_full(&mut self, spare: Heap) -> Heap {
        std::mem::replace(&mut self.heap, spare)
    }

    /// Takes what was sorted elsewhere: all that was taken out.
    pub(crate) fn take_sorted(&mut self, sorted: Sorted) {
        self.sorted = sorted;
    }

    /// Sorts what was gathered where it is time.
    pub(crate) fn sort_full(&mut self) {
        if self.is_full() {
            self.sorted.insert_full(&mut self.heap);
        }
    }

    /// Adds what another one gathered at or below a name, moved behind so many other files.
    pub(crate) fn absorb(&mut self, other: Self, top: &[u8], behind: usize) {
        if behind == 0 && self.is_empty() && other.lies_within(top) {
            *self = other;
            return;
        }
        let tree = other.into_tree();
        let mut walk = tree.subtree(top);
        while let Some(node) = walk.node() {
            self.insert_node(node, behind);
            walk.advance();
        }
    }

    fn is_empty(&self) -> bool {
        let runs = &mut self.sorted.runs.iter();
        self.heaped().next().is_none() && runs.all(|run| run.pages.is_empty())
    }

    /// The keys of what is not sorted yet.
    fn heaped(&self) -> impl Iterator<Item = &[u8]> {
        self.heap.keys().chain(self.sorted.pile.heap.keys())
    }

    /// Whether all names are at or below one.
    pub(crate) fn lies_within(&self, top: &[u8]) -> bool {
        let lies = |key: &[u8]| key.starts_with(top);
        let runs = self.sorted.runs.iter();
        let mut pages = runs.flat_map(|run| [run.pages.first(), run.pages.last()]);
        self.heaped().all(lies)
            && pages.all(|page| page.is_none_or(|page| lies(page.first()) && lies(&page.last)))
    }

    /// Whether a record was added at a name or below it.
    pub(crate) fn holds(&self, key: &[u8]) -> bool {
        let Sorted { runs, shapes, .. } = &self.sorted;
        self.heaped().any(|it| it.starts_with(key)) || runs.iter().any(|run| run.holds(shapes, key))
    }

    /// Whether a record was added at a name.
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        let Sorted { runs, shapes, .. } = &self.sorted;
        self.heaped().any(|it| it == key) || runs.iter().any(|run| run.has(shapes, key))
    }

    /// Looks at every record that was added, in no order, twins among them.
    pub(crate) fn for_each(&self, mut look: impl FnMut(&[u8], FileLine)) {
        for Heap { arrivals, octets, .. } in [&self.heap, &self.sorted.pile.heap] {
            arrivals.iter().for_each(|it| look(it.key(octets), it.place));
        }
        for run in &self.sorted.runs {
            let mut cursor = run.cursor(&self.sorted.shapes);
            while let Some(node) = cursor.node() {
                node.records().for_each(|held| look(node.key, held.place));
                cursor.advance();
            }
        }
    }

    /// Puts all in order.
    pub(crate) fn into_tree(mut self) -> Tree {
        self.sorted.pile.add(&mut self.heap);
        let mut last = std::mem::take(&mut self.sorted.pile);
        self.sorted.insert(&mut last);
        while self.sorted.runs.len() > 1 {
            self.sorted.merge_last();
        }
        let Sorted { mut runs, mut shapes, may_clash, .. } = self.sorted;
        let mut run = runs.pop().unwrap_or_default();
        shapes.close();
        run.pages.shrink_to_fit();
        Tree { run, shapes, turns: self.turns, may_clash }
    }
}

impl Sorted {
    /// Takes up what was gathered until it was time to sort it, and leaves the heap empty.
    pub(crate) fn insert_full(&mut self, heap: &mut Heap) {
        self.shapes.open();
        self.pile.add(heap);
        let mut pile = self.pile.take_most(std::mem::take(&mut self.spare));
        self.insert(&mut pile);
        self.spare = pile;
    }

    /// Makes a run of a pile, of which nothing stays behind.
    fn insert(&mut self, pile: &mut Pile) {
        pile.sort();
        let Heap { arrivals, octets, .. } = &pile.heap;
        if arrivals.is_empty() {
            return;
        }
        let (mut writer, mut records) = (Writer::default(), Vec::new());
        let (mut alike, mut own) = (Vec::new(), Vec::new());
        for arrivals in arrivals.chunk_by(|one, other| one.key(octets) == other.key(octets)) {
            let key = arrivals[0].key(octets);
            records.clear();
            records.extend(arrivals.iter().filter_map(|it| it.record(octets)));
            if records.len() > 1 {
                without_twins(&mut records);
                self.may_clash |= may_clash(&records);
            }
            alike.clear();
            own.clear();
            write(key, &records, &mut alike, &mut own);
            let node = Node { key, alike: &alike, own: &own, before: 0 };
            writer.push(node, &mut self.shapes);
        }
        pile.clear();
        self.runs.push(writer.into_run());
        self.merge();
    }

    /// Merges the last runs while that costs no more than what came last, about.
    fn merge(&mut self) {
        while let [.., older, newer] = self.runs.as_slice() {
            let (Some(first), Some(last)) = (newer.pages.first(), newer.pages.last()) else {
                return;
            };
            let cost = older.octets_between(first.first(), &last.last);
            if cost > 2 * (newer.octets() + PAGE) {
                return;
            }
            self.merge_last();
        }
    }

    /// Merges the last two runs.
    fn merge_last(&mut self) {
        let (Some(newer), Some(older)) = (self.runs.pop(), self.runs.pop()) else { return };
        let run = merged(older, newer, &mut self.shapes, &mut self.may_clash);
        self.runs.push(run);
    }
}

/// Whether one of several records of a name may exclude another.
fn may_clash(records: &[Loose<'_>]) -> bool {
    let of = |code: u16| records.iter().filter(move |record| record.code == code);
    records.len() > 1 && (of(CNAME).next().is_some() || of(SOA).nth(1).is_some())
}

/// Merges two runs: the newer one among those pages of the older that may hold keys of it.
fn merged(mut older: Run, newer: Run, shapes: &mut Shapes, may_clash: &mut bool) -> Run {
    let (Some(first), Some(last)) = (newer.pages.first(), newer.pages.last()) else { return older };
    let between = older.pages_between(first.first(), &last.last);
    let met = Run { pages: older.pages.drain(between.clone()).collect() };
    let met = if met.pages.is_empty() { newer } else { interleaved(met, newer, shapes, may_clash) };
    older.pages.splice(between.start..between.start, met.pages);
    older
}

/// Merges two runs; what one of them has alone is not read, page by page.
fn interleaved(older: Run, newer: Run, shapes: &mut Shapes, may_clash: &mut bool) -> Run {
    let (mut older, mut newer) = (Source::new(older, shapes), Source::new(newer, shapes));
    let (mut writer, mut room) = (Writer::default(), Vec::new());
    loop {
        let (one, other) = (older.node(shapes), newer.node(shapes));
        let order = match (one, other) {
            (None, None) => return writer.into_run(),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.key.cmp(other.key),
        };
        if order == Ordering::Equal {
            if let (Some(one), Some(other)) = (one, other) {
                let (key, (alike, own)) = (one.key.to_vec(), unite(one, other, may_clash));
                let node = Node { key: &key, alike: &alike, own: &own, before: 0 };
                writer.push(node, shapes);
            }
            older.advance(shapes);
            newer.advance(shapes);
            continue;
        }
        let (first, second) = match order {
            Ordering::Less => (&mut older, &newer),
            _ => (&mut newer, &older),
        };
        let key = second.node(shapes).map(|node| node.key);
        if let Some(page) = first.page_before(key, shapes) {
            writer.push_page(page);
            continue;
        }
        // The shapes move when the writer takes up another.
        room.clear();
        room.extend_from_slice(first.node(shapes).map_or(&[], |node| node.alike));
        if let Some(node) = first.node_alike(&room) {
            writer.push(node, shapes);
        }
        first.advance(shapes);
    }
}

/// Writes the records of two nodes of one name as one.
fn unite(one: Node<'_>, other: Node<'_>, may_clash: &mut bool) -> (Vec<u8>, Vec<u8>) {
    let held: Vec<_> = one.records().chain(other.records()).collect();
    let octets: Vec<_> = held.iter().map(Held::octets).collect();
    let records = held.iter().zip(&octets).map(|(held, octets)| Loose {
        code: held.code(),
        ttl: held.ttl,
        place: held.place,
        octets,
    });
    let mut records: Vec<_> = records.collect();
    without_twins(&mut records);
    *may_clash |= self::may_clash(&records);
    let (mut alike, mut own) = (Vec::new(), Vec::new());
    write(one.key, &records, &mut alike, &mut own);
    (alike, own)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::run::{Cursor, shared};
    use super::*;

    /// A key of up to four labels of few kinds, so that many are alike.
    fn any_key() -> impl Strategy<Value = Vec<u8>> {
        let label = prop_oneof!["[ab]", "[a-c]{1,3}", Just("_tcp".to_owned()), "d0[0-9]"];
        vec(label, 0..5).prop_map(|labels| {
            labels.iter().flat_map(|label| [label.as_bytes(), b"\0"].concat()).collect()
        })
    }

    /// What a record is: its type, TTL, line and RDATA.
    type Record = (u16, u32, u32, Vec<u8>);

    fn any_record() -> impl Strategy<Value = Record> {
        let targets = [&b"\0"[..], b"\x01a\0", b"\x04mail\x01b\x01a\0"];
        let data = prop_oneof![
            any::<[u8; 4]>().prop_map(|octets| (1, octets.to_vec())),
            any::<[u8; 16]>().prop_map(|octets| (28, octets.to_vec())),
            prop::sample::select(targets.to_vec())
                .prop_map(|name| (33, [&b"\0\0\0\x01\x03\xe1"[..], name].concat())),
            (0_u8..3).prop_map(|octet| (16, vec![1, octet])),
            vec(any::<u8>(), 0..30).prop_map(|octets| (65_280, octets)),
        ];
        (data, 0_u32..3, 0_u32..5000)
            .prop_map(|((code, octets), ttl, line)| (code, ttl, line, octets))
    }

    fn place(line: u32) -> FileLine {
        FileLine::of_number(line.into())
    }

    /// What a node holds, as records are compared here.
    fn records(node: Node<'_>) -> Vec<Record> {
        let record = |held: Held<'_>| {
            let line = u32::try_from(held.place.number()).unwrap();
            (held.code(), held.ttl, line, held.octets())
        };
        node.records().map(record).collect()
    }

    proptest! {
        #[test]
        fn a_tree_holds_what_was_gathered_however_it_came(
            added in vec((any_key(), any_record(), any::<bool>()), 0..80),
            most in prop_oneof![Just(1_usize), Just(100), Just(1000), Just(1 << 20)],
            reopened in any::<prop::sample::Index>(),
            sought in vec(any_key(), 8),
        ) {
            let mut gathering = Gathering::default();
            gathering.heap.most = most;
            let mut known = BTreeMap::<Vec<u8>, Vec<Record>>::new();
            let again = reopened.index(added.len() + 1);
            for (at, (key, (code, ttl, line, octets), is_twice)) in added.into_iter().enumerate() {
                if at == again {
                    gathering = Gathering::of(gathering.into_tree());
                    gathering.heap.most = most;
                }
                let loose = Loose { code, ttl, place: place(line), octets: &octets };
                for _ in 0..=usize::from(is_twice) {
                    gathering.insert(&key, loose);
                }
                let node = known.entry(key).or_default();
                match node.iter_mut().find(|it| it.0 == code && it.3 == octets) {
                    Some(twin) => (twin.1, twin.2) = (twin.1.min(ttl), twin.2.min(line)),
                    None => node.push((code, ttl, line, octets)),
                }
            }
            for key in &sought {
                prop_assert_eq!(gathering.has(key), known.contains_key(key));
                let holds = known.keys().any(|it| it.starts_with(key));
                prop_assert_eq!(gathering.holds(key), holds);
            }
            let tree = gathering.into_tree();
            let mut walk = tree.nodes();
            for (key, expected) in &known {
                let node = walk.node().unwrap();
                prop_assert_eq!(node.key, key);
                prop_assert_eq!(&records(node), expected);
                walk.advance();
            }
            prop_assert!(walk.node().is_none());
            for key in sought.iter().chain(known.keys()) {
                prop_assert_eq!(&tree.get(key, records), &known.get(key).cloned());
                let cursor = Cursor::seek(&tree.run, &tree.shapes, key);
                let after = known.range(key.clone()..).next().map(|(key, _)| key.as_slice());
                prop_assert_eq!(cursor.node().map(|node| node.key), after);
                if after != Some(key) {
                    let before = known.range(..key.clone()).next_back();
                    let expected = before.map(|(before, _)| shared(before, key));
                    prop_assert_eq!(cursor.shared_before, expected);
                }
            }
        }
    }

    /// A million healthy domains should fit into 100 MB.
    #[test]
    fn a_healthy_domain_takes_some_octets_a_record() {
        const LABELS: [&str; 6] =
            ["_imap", "_imaps", "_pop3", "_pop3s", "_submission", "_submissions"];
        let mut gathering = Gathering::default();
        let mut line = 0_u32;
        for domain in 0..20_000_u32 {
            let apex = format!("test\0d{domain:07}\0");
            let name = format!("\x04mail\x08d{domain:07}\x04test\0");
            let mut add = |below: &str, code, octets: &[u8]| {
                line += 1;
                let key = [apex.as_bytes(), below.as_bytes()].concat();
                gathering.insert(&key, Loose { code, ttl: 3600, place: place(line), octets });
            };
            for label in LABELS {
                let srv = [b"\0\0\0\x01\x03\xe1", name.as_bytes()].concat();
                add(&format!("_tcp\0{label}\0"), 33, &srv);
            }
            add("", 15, &[b"\0\x0a", name.as_bytes()].concat());
            add("autoconfig\0", 5, name.as_bytes());
            add("autodiscover\0", 5, name.as_bytes());
            add("mail\0", 1, &domain.to_be_bytes());
            add("mail\0", 28, &[[0; 12].as_slice(), &domain.to_be_bytes()].concat());
        }
        let tree = gathering.into_tree();
        assert!(tree.run.octets() < 20_000 * 80, "{}", tree.run.octets());
    }
}
