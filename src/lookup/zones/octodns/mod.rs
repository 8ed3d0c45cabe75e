//! A zone as octoDNS keeps it: YAML with owner names as keys (`YamlProvider`).
//!
//! What octoDNS refuses by its default validators is refused, and a record that is marked lenient is
//! read as far as it goes. Every record keeps its line, which is why the YAML is read by events; the
//! order of keys is a setting of octoDNS and counts for nothing here.
//!
//! An ALIAS record is kept under the number that PowerDNS gave it: its name answers with the addresses
//! of another one.

mod tree;
mod values;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hickory_proto::rr::{Name, RData};

use self::tree::{Key, Node, Value};
use self::values::{Kind, absolute_name};
use super::ZoneFile;
use crate::rrset::ResourceRecord;
use crate::zonefile::{Entry, Limits, Position};

/// The TTL of records without one, which is that of octoDNS.
const TTL: u32 = 3600;

/// The largest TTL (RFC 2181 §8).
const MAX_TTL: u32 = i32::MAX.unsigned_abs();

/// The texts that YAML 1.1 takes for something else than a text.
const NO_TEXTS: [&str; 9] = ["", "~", "null", "true", "false", "yes", "no", "on", "off"];

/// Says what is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {problem}")]
pub struct OctoDnsError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: String,
}

/// What a file holds.
#[derive(Debug)]
pub struct OctoDns {
    /// Its records, as far as they could be read.
    pub file: ZoneFile,
    /// Everything that is wrong with it, in order.
    pub errors: Vec<OctoDnsError>,
    /// What is no error, and yet makes less of the file than stands in it: what was left out, and what
    /// some providers alone get.
    pub notes: Vec<OctoDnsError>,
    /// How many RRsets were passed over, by their type.
    pub passed: BTreeMap<String, usize>,
}

/// Reads the YAML of a zone; `name` is what the file is called.
///
/// ```
/// use mailsrv::lookup::zones::octodns;
/// use mailsrv::zonefile::Limits;
///
/// let zone = mailsrv::name::parse_text("example.com.")?;
/// let yaml = "_imaps._tcp:\n  type: SRV\n  value: {priority: 0, weight: 1, port: 993, target: mail.example.com.}\n";
/// let read = octodns::read(yaml, "example.com.yaml", &zone, Limits::default());
/// assert_eq!((read.file.records(), read.errors.len()), (1, 0));
/// # Ok::<(), mailsrv::name::NameError>(())
/// ```
pub fn read(text: &str, name: &str, zone: &Name, limits: Limits) -> OctoDns {
    let name: Arc<str> = Arc::from(name);
    let file = ZoneFile::kept_in(zone.clone(), &name);
    let mut reader = Reader {
        zone,
        name,
        limits,
        octets: 0,
        known: HashMap::new(),
        read: OctoDns { file, errors: Vec::new(), notes: Vec::new(), passed: BTreeMap::new() },
    };
    match tree::read(text, limits.records.saturating_mul(8)) {
        Err(error) => reader.read.errors.push(error),
        Ok(None) => {}
        Ok(Some(root)) => reader.zone(&root),
    }
    reader.read
}

struct Reader<'a> {
    zone: &'a Name,
    name: Arc<str>,
    limits: Limits,
    octets: u64,
    /// The lines of the RRsets so far, by owner name and type.
    known: HashMap<(Name, String), u64>,
    read: OctoDns,
}

impl Reader<'_> {
    fn fail(&mut self, line: u64, problem: impl Into<String>) {
        self.read.errors.push(OctoDnsError { line, problem: problem.into() });
    }

    fn note(&mut self, line: u64, problem: String) {
        self.read.notes.push(OctoDnsError { line, problem });
    }

    fn zone(&mut self, root: &Node) {
        let Value::Map(entries) = &root.value else {
            return self.fail(root.line, "a zone has to be a map of owner names");
        };
        for (key, node) in entries {
            match owner(key, self.zone) {
                Err(problem) => self.fail(key.line, problem),
                Ok(owner) => {
                    for set in node.items() {
                        // What is left out stands where its key does.
                        let line =
                            if matches!(node.value, Value::List(_)) { set.line } else { key.line };
                        self.set(&owner, &key.text, set, line);
                    }
                }
            }
            if self.is_over(key.line) {
                return;
            }
        }
    }

    /// Whether there is more than is read, which ends it.
    fn is_over(&mut self, line: u64) -> bool {
        let Limits { records, octets, .. } = self.limits;
        let problem = if self.read.file.records() > records {
            format!("the zone has more than {records} records")
        } else if self.octets > octets {
            format!("the zone has more than {octets} octets")
        } else {
            return false;
        };
        self.fail(line, problem);
        true
    }

    /// Reads an RRset.
    fn set(&mut self, owner: &Name, typed: &str, set: &Node, line: u64) {
        let Value::Map(_) = &set.value else {
            return self.fail(line, format!("`{typed}` has to be a map with `type` in it"));
        };
        let rtype = match set.entry("type").map(|node| &node.value) {
            Some(Value::Scalar { text, .. }) => text.clone(),
            _ => return self.fail(line, format!("`{typed}` has no `type`")),
        };
        let Some(kind) = values::kind(&rtype) else {
            return self.fail(line, format!("`{rtype}` is no record type of octoDNS"));
        };
        if let Some(first) = self.known.insert((owner.to_lowercase(), rtype.clone()), line) {
            return self.fail(line, format!("`{typed}` has {rtype} in line {first} already"));
        }
        if kind == Kind::Other {
            *self.read.passed.entry(rtype).or_default() += 1;
            return;
        }
        let meta = |key| set.entry("octodns").and_then(|it| it.entry(key));
        let lenient =
            meta("lenient").is_some_and(is_true) || set.entry("lenient").is_some_and(is_true);
        if let Some(problem) = misplaced(typed, &rtype).filter(|_| !lenient) {
            return self.fail(line, problem);
        }
        let ttl = match ttl(set) {
            Ok(ttl) => ttl,
            Err(problem) => return self.fail(line, problem),
        };
        let values = set.entry("values").or_else(|| set.entry("value"));
        let values = values.filter(|values| !values.is_null()).map(Node::items).unwrap_or_default();
        if values.is_empty() && !lenient {
            return self.fail(line, format!("`{typed}` {rtype} has no value"));
        }
        let ignored = meta("ignored").is_some_and(is_true);
        self.reach(typed, &rtype, set, line);
        for value in values {
            // A value that is left out stands where its key does.
            match values::read(&rtype, kind, value, lenient) {
                Ok(_) if ignored => {}
                Ok(data) => self.insert(owner, ttl, data, value.line),
                Err(problem) if lenient => {
                    let out = "the record is lenient, and the value is left out";
                    self.note(value.line, format!("`{typed}` {rtype}: {problem}; {out}"));
                }
                Err(problem) => self.fail(value.line, format!("`{typed}` {rtype}: {problem}")),
            }
            if self.read.file.records() > self.limits.records {
                return;
            }
        }
    }

    /// Says which providers do not get an RRset.
    fn reach(&mut self, typed: &str, rtype: &str, set: &Node, line: u64) {
        let Some(meta) = set.entry("octodns") else { return };
        if meta.entry("ignored").is_some_and(is_true) {
            let none = "is ignored, so no provider gets it; it is left out";
            return self.note(line, format!("`{typed}` {rtype} {none}"));
        }
        for key in ["included", "excluded"] {
            if meta.entry(key).is_some_and(|providers| !providers.is_null()) {
                let some = "so not every provider gets it; it is judged as if all did";
                self.note(line, format!("`{typed}` {rtype} has `{key}`, {some}"));
            }
        }
    }

    fn insert(&mut self, owner: &Name, ttl: u32, data: RData, line: u64) {
        let position = Position { file: Arc::clone(&self.name), line, column: 1 };
        let rdata = crate::zonefile::wire(&data).map_or(0, |wire| wire.len());
        self.octets += crate::zonefile::kept(owner.len() as u64, rdata as u64);
        self.read
            .file
            .insert(Entry { record: ResourceRecord { owner: owner.clone(), ttl, data }, position });
    }
}

/// The owner name of a key: relative to the zone, and empty for its apex.
fn owner(key: &Key, zone: &Name) -> Result<Name, String> {
    let Key { text, plain, .. } = key;
    let is_no_text = NO_TEXTS.contains(&text.to_ascii_lowercase().as_str())
        || text.starts_with('0') && text.len() > 1 && text.bytes().all(|it| it.is_ascii_digit());
    if *plain && is_no_text {
        return Err(format!("`{text}` is no text to YAML; put it in quotes"));
    }
    if text == "@" {
        return Err("the apex is written '', not @".to_owned());
    }
    if text.contains([' ', '\t']) {
        return Err(format!("`{text}` has a blank in it"));
    }
    if text.is_empty() {
        return Ok(zone.clone());
    }
    let zone = crate::name::plain_text(zone);
    absolute_name(&format!("{text}.{zone}"))
}

/// Says why a type may not stand at a name.
fn misplaced(owner: &str, rtype: &str) -> Option<String> {
    let is_service = || {
        let mut labels = owner.split('.');
        let service =
            labels.next().is_some_and(|it| it == "*" || it.len() > 1 && it.starts_with('_'));
        service && labels.next().is_some_and(|protocol| !protocol.is_empty())
    };
    match rtype {
        "CNAME" if owner.is_empty() => Some("the apex cannot be an alias (CNAME)".to_owned()),
        "ALIAS" if !owner.is_empty() => {
            Some(format!("`{owner}` is not the apex; ALIAS stands there alone"))
        }
        "SRV" if !is_service() => {
            Some(format!("`{owner}` is no name for SRV; write _service._protocol"))
        }
        _ => None,
    }
}

fn is_true(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar { text, plain: true }
        if ["true", "yes", "on"].contains(&text.to_ascii_lowercase().as_str()))
}

fn ttl(set: &Node) -> Result<u32, String> {
    let Some(node) = set.entry("ttl") else { return Ok(TTL) };
    let Value::Scalar { text, .. } = &node.value else {
        return Err("the `ttl` has to be a number".to_owned());
    };
    let ttl = text.parse().ok().filter(|ttl| *ttl <= MAX_TTL);
    ttl.ok_or_else(|| format!("`{text}` is no TTL; give seconds, at most {MAX_TTL}"))
}

#[cfg(test)]
mod tests;
