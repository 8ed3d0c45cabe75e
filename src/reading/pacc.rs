//! The PACC document (draft-ietf-mailmaint-pacc), as those who read drafts -02 read it, and the digest
//! in DNS that it is held against.

use data_encoding::BASE64;
use hickory_proto::rr::RData;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::server::{By, Mode, Server};
use crate::page::Url;
use crate::service::{Service, TlsMode};

/// Where it stands on `ua-auto-config`.
pub const PACC_PATH: &str = "/.well-known/user-agent-configuration.json";

/// A document.
#[derive(Debug)]
pub struct Pacc {
    digest: String,
    /// The hosts by their services; the document has no place for ports.
    hosts: Vec<(Service, String)>,
}

impl Pacc {
    /// Reads a document; None where it is none.
    pub fn read(body: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(body).ok()?;
        let protocols = document.get("protocols")?.as_object()?;
        let host =
            |key: &str| Some(protocols.get(key)?.get("host")?.as_str()?.to_ascii_lowercase());
        // Draft -03 says `submit`, which nobody reads who was looked at.
        let keys =
            [("imap", Service::Imap), ("pop3", Service::Pop3), ("smtp", Service::Submission)];
        let hosts = keys.into_iter().filter_map(|(key, service)| Some((service, host(key)?)));
        let digest = BASE64.encode(&Sha256::digest(body));
        Some(Self { digest, hosts: hosts.collect() })
    }

    /// Whether a TXT record names its digest; the tags stand in any order, with any space around them.
    pub fn is_named(&self, data: &RData) -> bool {
        let RData::TXT(txt) = data else { return false };
        let text: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
        let text = String::from_utf8_lossy(&text);
        text.split(';')
            .filter_map(|tag| tag.split_once('='))
            .any(|(key, value)| key.trim().eq_ignore_ascii_case("d") && value.trim() == self.digest)
    }

    /// The servers that it names.
    pub fn servers(&self, url: &Url) -> Vec<Server> {
        self.hosts.iter().filter_map(|(service, _)| self.server(*service, url)).collect()
    }

    /// The server of a service, with TLS at its registered port.
    pub fn server(&self, service: Service, url: &Url) -> Option<Server> {
        let (_, host) = self.hosts.iter().find(|(own, _)| *own == service)?;
        Some(Server {
            service,
            host: host.clone(),
            port: service.label(TlsMode::Implicit).default_port(),
            mode: Mode::Tls(TlsMode::Implicit),
            login: None,
            by: By::Document(url.clone()),
        })
    }
}
