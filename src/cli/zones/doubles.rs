//! Several files of a folder that each hold one and the same zone: as one they are what no server has.

use std::collections::BTreeMap;

use hickory_proto::rr::Name;

use super::broken::About;
use super::walk::Source;
use super::{Broken, Gathered};
use crate::name::{path_text, plain_text};

impl Gathered {
    /// Leaves out the zones that two files of a folder hold, each of which is one broken result.
    ///
    /// Files without an SOA record are parts of a zone, and so are those that octoDNS keeps of one.
    pub(super) fn leave_out_doubles(&mut self) {
        let mut firsts: BTreeMap<Name, Vec<&Source>> = BTreeMap::new();
        let mut doubles: BTreeMap<Name, String> = BTreeMap::new();
        for read in &self.read {
            let (Some(apex), Some(source)) = (read.file.apex(), &read.source) else { continue };
            let apex = apex.to_lowercase();
            let known = firsts.entry(apex.clone()).or_default();
            match known.iter().find(|first| !first.is_part_with(source)) {
                Some(first) => {
                    let zone = plain_text(&apex);
                    let (first, second) = (path_text(&first.path), path_text(&source.path));
                    let problem = format!(
                        "{first} and {second} both hold the zone {zone}; leave one of them out"
                    );
                    doubles.entry(apex).or_insert(problem);
                }
                // The parts of a folder are alike.
                None if known.iter().any(|first| first.is_beside(source)) => {}
                None => known.push(source),
            }
        }
        self.read.retain(|read| {
            let apex = read.file.apex().filter(|_| read.source.is_some());
            !apex.is_some_and(|apex| doubles.contains_key(&apex.to_lowercase()))
        });
        for (zone, problem) in doubles {
            let source = format!("zone {}", plain_text(&zone));
            self.broken.push(Broken::new(source, &[problem], None, About::Zone(zone)));
        }
    }
}
