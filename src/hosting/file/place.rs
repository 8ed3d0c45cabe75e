//! The place of a field in the source, and what hosts and lists of servers are refused for there.

use std::collections::{BTreeMap, HashSet};

use super::super::{HostPattern, PatternError};
use super::MAX_SERVERS;
use super::diagnose::{Fault, Problem};
use super::span::Span;
use super::tree::Node;

/// A key that profiles and servers have.
pub(super) const HOST: &str = "host";
/// The key of a list of servers.
pub(super) const SERVERS: &str = "servers";

/// A place in the source on the way down; its node is None where the field is left out.
pub(super) struct At<'a> {
    node: Option<&'a Node>,
    span: Span,
    path: String,
}

impl<'a> At<'a> {
    /// Begins at the whole profile.
    pub(super) fn new(root: &'a Node) -> Self {
        Self { node: Some(root), span: Span::START, path: String::new() }
    }

    /// Goes down to a field; where that is left out, faults point at the map around it.
    pub(super) fn field(&self, key: &str) -> Self {
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.child(self.node.and_then(|node| node.entry(key)).map(|(_, node)| node), path)
    }

    /// Goes down to an item of a list.
    pub(super) fn item(&self, index: usize) -> Self {
        let path = format!("{}[{index}]", self.path);
        self.child(self.node.and_then(|node| node.items().get(index)), path)
    }

    /// The pairs of a map in the order of the file: the places of key and value, and both.
    pub(super) fn pairs<'m, T>(
        &'m self,
        map: &'m BTreeMap<String, T>,
    ) -> impl Iterator<Item = (Self, Self, &'a str, &'m T)> {
        let entries = self.node.map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(move |(key, node)| {
            let behind = self.child(Some(node), format!("{}.{}", self.path, key.text));
            let place = Self { span: key.span, path: behind.path.clone(), node: behind.node };
            Some((place, behind, key.text.as_str(), map.get(&key.text)?))
        })
    }

    /// A place below this one; without a node it points where this one does.
    fn child(&self, node: Option<&'a Node>, path: String) -> Self {
        Self { node, span: node.map_or(self.span, |node| node.span), path }
    }

    /// The place of the key of a field, where the field is one too many.
    pub(super) fn key(&self, key: &str) -> Self {
        let span = self.node.and_then(|node| node.entry(key)).map(|(key, _)| key.span);
        Self { span: span.unwrap_or(self.span), ..self.field(key) }
    }

    /// A problem at this place.
    pub(super) fn fault(&self, problem: Problem) -> Fault {
        Fault::new(self.span, &self.path, problem)
    }

    /// A value that does not fit.
    pub(super) fn value(&self, expected: String, found: impl std::fmt::Display) -> Fault {
        self.fault(Problem::Value { expected, found: found.to_string() })
    }

    /// Reads a host pattern here; one that is made of itself gets a hint.
    pub(super) fn pattern(
        &self,
        text: &str,
        read: fn(&str) -> Result<HostPattern, PatternError>,
    ) -> Result<HostPattern, Fault> {
        read(text).map_err(|error| {
            let own_host = error == PatternError::HostInHost;
            let fault = self.fault(Problem::Pattern(error));
            if own_host {
                return fault.hint("`{domain}` stands for the mail domain, as in `mail.{domain}`");
            }
            fault
        })
    }
}

/// A server of a list.
pub(super) trait ServerEntry {
    /// Its host, as written.
    fn host(&self) -> &str;

    /// What no other server of the list has.
    fn key(&self) -> String {
        self.host().to_ascii_lowercase()
    }
}

/// Reads a list of servers; `own` are the fields that each server has, and that therefore must not
/// stand beside the list.
pub(super) fn servers<S: ServerEntry, T>(
    list: &[S],
    own: [&'static str; 2],
    at: &At<'_>,
    server: impl Fn(HostPattern, &S) -> T,
) -> Result<Vec<T>, Fault> {
    for field in own {
        if at.node.is_some_and(|node| node.entry(field).is_some()) {
            return Err(at
                .key(field)
                .fault(Problem::Conflict { field, other: SERVERS })
                .hint(format!("give each server its own `{field}`")));
        }
    }
    let at = at.field(SERVERS);
    if list.is_empty() || list.len() > MAX_SERVERS {
        return Err(at.fault(Problem::ServerCount { count: list.len() }));
    }
    let mut seen = HashSet::new();
    let servers = list.iter().enumerate().map(|(index, given)| {
        let at = at.item(index).field(HOST);
        let host = at.pattern(given.host(), HostPattern::host)?;
        if !seen.insert(given.key()) {
            return Err(at.fault(Problem::SameServer { host: given.host().to_owned() }));
        }
        Ok(server(host, given))
    });
    servers.collect()
}
