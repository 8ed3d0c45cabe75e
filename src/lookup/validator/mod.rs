//! A second opinion on DNSSEC: signatures are validated here, too. Experimental.
//!
//! The validator is that of hickory, and everything is asked for of the same servers in the same way as
//! all else. It calls bogus what other validators do not: aliases that dangle, and what a wildcard of a
//! zone with NSEC answers (measured with 0.26.3 against BIND's `delv`). So what it says is evidence and
//! no verdict.

mod anchors;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{Stream, StreamExt, stream};
use hickory_net::dnssec::DnssecDnsHandle;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::{DnsError, DnsHandle, NetError};
use hickory_proto::dnssec::Proof;
use hickory_proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query};
use hickory_proto::rr::RecordType;

pub use self::anchors::{AnchorError, Anchors};
use super::Lookup;
use super::exchange::Flags;
use super::resolver::Resolver;
use crate::answer::{Answer, Dnssec, Failure, Outcome, Question};

/// The responses that are kept at most: keys and delegations, which every answer is validated by.
const KEPT: usize = 4_096;

/// A resolver whose answers are validated here, too.
pub struct Validator {
    resolver: Arc<Resolver>,
    handle: DnssecDnsHandle<Handle>,
}

impl Validator {
    /// Validates what a resolver answers, from these trust anchors on.
    pub fn new(resolver: Resolver, anchors: Anchors) -> Self {
        let resolver = Arc::new(resolver);
        let handle = Handle { resolver: Arc::clone(&resolver), kept: Arc::default() };
        let handle = DnssecDnsHandle::with_trust_anchor(handle, anchors.into_keys());
        Self { resolver, handle }
    }

    /// What the validator says of the answer to a question.
    async fn opinion(&self, question: &Question) -> Dnssec {
        let query = Query::query(question.name.clone(), question.rtype);
        let mut responses = self.handle.lookup(query, DnsRequestOptions::default());
        match responses.next().await {
            Some(Ok(response)) => of_response(&response),
            Some(Err(NetError::Dns(DnsError::Nsec { proof, .. }))) => of_proof(proof),
            Some(Err(NetError::Dns(DnsError::DnssecBogus))) => Dnssec::Bogus,
            Some(Err(_)) | None => Dnssec::Unknown,
        }
    }
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validator").field("resolver", &self.resolver).finish_non_exhaustive()
    }
}

impl Lookup for Validator {
    async fn ask(&self, question: &Question) -> Answer {
        let mut answer = self.resolver.ask(question).await;
        // Who gave no answer gives no signatures; what did not validate there may do so here.
        let is_bogus = answer.dnssec == Dnssec::Bogus;
        if is_bogus || !matches!(answer.outcome, Outcome::Failed(_)) {
            answer.validated = Some(self.opinion(question).await);
        }
        answer
    }

    fn has_room(&self) -> bool {
        self.resolver.has_room()
    }
}

/// The worst that is said of what stands in an answer; of nothing, what is said of its absence.
fn of_response(response: &DnsResponse) -> Dnssec {
    let records =
        if response.answers.is_empty() { &response.authorities } else { &response.answers };
    let proofs = records.iter().filter(|record| record.record_type() != RecordType::RRSIG);
    let proofs: Vec<Dnssec> = proofs.map(|record| of_proof(record.proof)).collect();
    let worst = [Dnssec::Bogus, Dnssec::Unknown, Dnssec::Insecure, Dnssec::Secure];
    worst.into_iter().find(|state| proofs.contains(state)).unwrap_or(Dnssec::Unknown)
}

fn of_proof(proof: Proof) -> Dnssec {
    match proof {
        Proof::Secure => Dnssec::Secure,
        Proof::Insecure => Dnssec::Insecure,
        Proof::Bogus => Dnssec::Bogus,
        Proof::Indeterminate => Dnssec::Unknown,
    }
}

/// How the validator asks: our own way, without validation by others.
#[derive(Clone)]
struct Handle {
    resolver: Arc<Resolver>,
    /// Keys and delegations, by their questions.
    kept: Arc<Mutex<HashMap<Question, Vec<u8>>>>,
}

impl Handle {
    async fn response(self, question: Question) -> Result<DnsResponse, NetError> {
        let is_kept = matches!(question.rtype, RecordType::DNSKEY | RecordType::DS);
        let known = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(&question).cloned()
        };
        let octets = match known {
            Some(octets) => octets,
            None => self.resolver.octets(&question, Flags::UNCHECKED).await.map_err(failed)?,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if is_kept && kept.len() < KEPT {
            kept.entry(question).or_insert_with(|| octets.clone());
        }
        drop(kept);
        Ok(DnsResponse::from_buffer(octets)?)
    }
}

fn failed(failure: Failure) -> NetError {
    NetError::from(failure.to_string())
}

impl DnsHandle for Handle {
    type Response = Pin<Box<dyn Stream<Item = Result<DnsResponse, NetError>> + Send>>;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let Some(query) = request.queries.first() else { return Box::pin(stream::empty()) };
        let question = Question { name: query.name().clone(), rtype: query.query_type() };
        Box::pin(stream::once(self.clone().response(question)))
    }
}
