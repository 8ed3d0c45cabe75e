//! A delegation tree on loopback: the root, a TLD and whoever is below, each at an address of its own
//! and all at one port. Its servers run in this process.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use mailsrv::name::parse_text;
use mailsrv::rrset::ResourceRecord;
use mailsrv::zonefile::Scanner;
use tempfile::TempDir;

use super::free_address;
use crate::hostile::scripted::{Reply, Scripted, refuse};

/// The address of the server of the root, by its last octet.
pub(crate) const ROOT: u8 = 2;
/// The address of the server of `test.`
pub(crate) const TLD: u8 = 3;

/// A running tree; its servers end when it is dropped.
pub(crate) struct Tree {
    port: u16,
    dir: TempDir,
    servers: Vec<Scripted>,
}

impl Tree {
    /// Starts the root and the TLD `test.` with these delegations: lines of its zone file.
    pub(crate) fn plant(delegations: &str) -> Self {
        let dir = TempDir::new().expect("there is a place for temporary files");
        let port = free_address().port();
        let mut tree = Self { port, dir, servers: Vec::new() };
        fs::write(tree.hints(), ". 3600 NS a.root.\na.root. 3600 A 127.0.0.2\n")
            .expect("the temporary directory is writable");
        tree.serve(
            ROOT,
            &[("", "@ NS a.root.\na.root. A 127.0.0.2\ntest. NS a.nic.test.\na.nic.test. A 127.0.0.3\n")],
        );
        tree.serve(TLD, &[("test", &format!("@ NS a.nic\na.nic A 127.0.0.3\n{delegations}"))]);
        tree
    }

    /// The file of root hints.
    pub(crate) fn hints(&self) -> PathBuf {
        self.dir.path().join("root.hints")
    }

    /// The options that lead the program into the tree.
    pub(crate) fn options(&self) -> Vec<String> {
        let hints = self.hints().display().to_string();
        ["--authoritative", "--root-hints", &hints, "--port", &self.port.to_string()]
            .map(str::to_owned)
            .to_vec()
    }

    pub(crate) fn address(&self, octet: u8) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::new(127, 0, 0, octet), self.port))
    }

    /// Serves zones at an address, each with its name and its lines beside the SOA record, whose
    /// serial number is 1.
    pub(crate) fn serve(&mut self, octet: u8, zones: &[(&str, &str)]) {
        self.serve_scripted(octet, zones, |_| None);
    }

    /// Serves zones with a script that may answer in their place.
    pub(crate) fn serve_scripted(
        &mut self,
        octet: u8,
        zones: &[(&str, &str)],
        script: impl Fn(&Message) -> Option<Reply> + Send + Sync + 'static,
    ) {
        let zones: Vec<Held> = zones.iter().map(|(name, text)| Held::read(name, text)).collect();
        let answer = move |request: &Message, _| {
            script(request).unwrap_or_else(|| Reply::Message(respond(&zones, request)))
        };
        let server = Scripted::start_at(self.address(octet), answer);
        self.servers.push(server.expect("nobody else has the address"));
    }

    /// Answers by a script at the one address of IPv6 that every machine has.
    pub(crate) fn serve_at_ipv6(
        &mut self,
        script: impl Fn(&Message) -> Reply + Send + Sync + 'static,
    ) {
        let address = SocketAddr::from((Ipv6Addr::LOCALHOST, self.port));
        let server = Scripted::start_at(address, move |request: &Message, _| script(request));
        self.servers.push(server.expect("nobody else has the address"));
    }
}

/// A zone that a server of the tree holds.
struct Held {
    apex: Name,
    records: Vec<ResourceRecord>,
}

impl Held {
    /// Lines may set another serial number with an SOA record of their own.
    #[track_caller]
    fn read(name: &str, text: &str) -> Self {
        let apex = parse_text(&format!("{name}.")).expect("a zone has a name");
        let soa = if text.contains("SOA") { "" } else { "@ SOA ns hm 1 7200 3600 1209600 300\n" };
        let text = format!("$TTL 3600\n{soa}{text}");
        let scanner = Scanner::new(text.as_bytes(), name, Some(apex.clone()));
        let records = scanner.map(|entry| entry.expect("the zone can be read").record);
        Self { records: records.collect(), apex }
    }

    fn at<'a>(&'a self, owner: &'a Name) -> impl Iterator<Item = &'a ResourceRecord> {
        self.records.iter().filter(move |record| record.owner == *owner)
    }

    fn of<'a>(&'a self, owner: &'a Name, rtype: RecordType) -> impl Iterator<Item = Record> + 'a {
        self.at(owner).filter(move |record| record.data.record_type() == rtype).map(wire)
    }

    /// The delegation that a name lies at or below.
    fn cut(&self, name: &Name) -> Option<&Name> {
        let cuts = self
            .records
            .iter()
            .filter(|record| matches!(record.data, RData::NS(_)) && record.owner != self.apex);
        cuts.map(|record| &record.owner).find(|cut| cut.zone_of(name))
    }
}

fn wire(record: &ResourceRecord) -> Record {
    Record::from_rdata(record.owner.clone(), record.ttl, record.data.clone())
}

/// What an authoritative server says (RFC 1034 §4.3.2), without wildcards.
fn respond(zones: &[Held], request: &Message) -> Message {
    let query = &request.queries[0];
    let (name, rtype) = (query.name(), query.query_type());
    let enclosing = zones.iter().filter(|zone| zone.apex.zone_of(name));
    let Some(zone) = enclosing.max_by_key(|zone| zone.apex.iter().len()) else {
        return without_authority(refuse(request, ResponseCode::Refused));
    };
    let mut response = refuse(request, ResponseCode::NoError);
    if let Some(cut) = zone.cut(name) {
        response.add_authorities(zone.of(cut, RecordType::NS));
        for record in zone.at(cut) {
            if let RData::NS(server) = &record.data {
                response.add_additionals(zone.of(&server.0, RecordType::A));
            }
        }
        return without_authority(response);
    }
    let aliases: Vec<Record> = zone.of(name, RecordType::CNAME).collect();
    if let [alias] = aliases.as_slice() {
        if let RData::CNAME(target) = &alias.data {
            response.add_answers(zone.of(&target.0, rtype));
        }
        response.add_answers(aliases);
        return response;
    }
    response.add_answers(zone.of(name, rtype));
    if response.answers.is_empty() {
        if !zone.records.iter().any(|record| name.zone_of(&record.owner)) {
            response.metadata.response_code = ResponseCode::NXDomain;
        }
        response.add_authorities(zone.of(&zone.apex, RecordType::SOA));
    }
    response
}

/// What is said of names in other zones.
pub(crate) fn without_authority(mut response: Message) -> Message {
    response.metadata.authoritative = false;
    response
}
