//! The kinds of documents, by what is asked for.

use super::{PACC_PATH, POX_PATH};
use crate::page::{Method, Request};

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `config-v1.1.xml`, and what has its form (draft-ietf-mailmaint-autoconfig).
    Config,
    /// The plain XML answer of Autodiscover (MS-OXDSCLI).
    Pox,
    /// The PACC document (draft-ietf-mailmaint-pacc).
    Pacc,
}

impl Kind {
    /// What a client expects that asks so.
    pub fn of(request: &Request) -> Self {
        match (request.method, request.url.path()) {
            (_, PACC_PATH) => Self::Pacc,
            (Method::Post, _) | (_, POX_PATH) => Self::Pox,
            (Method::Get, _) => Self::Config,
        }
    }
}
