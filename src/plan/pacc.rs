//! PACC: the name that serves a document, and the digest of that very document
//! (draft-ietf-mailmaint-pacc).
//!
//! The record is made of the document's octets, so the document is written here and not where the
//! others are.

use data_encoding::BASE64;
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::TXT;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::srv::LabelPlan;
use super::{Context, Purpose, RelatedPlan, lead_sets};
use crate::hosting::{ExpandError, Provider};
use crate::rrset::RrSet;
use crate::service::{PACC_DIGEST_LABEL, PACC_NAME, Related, Service, TlsMode};

/// What is planned for PACC.
#[derive(Debug, Clone, PartialEq)]
pub struct PaccPlan {
    document: String,
    sets: Vec<(Purpose, RrSet)>,
}

impl PaccPlan {
    /// The document to serve, octet for octet: the digest in DNS is that of these octets.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The RRsets to publish: the name, and the digests.
    pub fn published(&self) -> impl Iterator<Item = (Purpose, &RrSet)> {
        self.sets.iter().map(|(purpose, set)| (*purpose, set))
    }
}

/// Makes the document first, and of its octets the record.
pub(super) fn plan_pacc(
    context: &Context<'_>,
    labels: &[LabelPlan],
    related: &[RelatedPlan],
) -> Result<Option<PaccPlan>, ExpandError> {
    let Some(pacc) = context.hosting.pacc() else { return Ok(None) };
    let document = document(context, labels, related);
    let digest = BASE64.encode(&Sha256::digest(document.as_bytes()));
    let ttl = context.hosting.ttl();
    let records = std::iter::once(&digest)
        .chain(&pacc.other_digests)
        .map(|digest| RData::TXT(TXT::new(vec![format!("v=UAAC1; a=sha256; d={digest}")])));
    let owner = context.domain.prefixed(&[PACC_DIGEST_LABEL]);
    let digests = RrSet::of(owner, ttl, records.collect());
    let names = lead_sets(&pacc.lead, context.domain.prefixed(&[PACC_NAME]), context)?;
    let sets = names
        .into_iter()
        .map(|set| (Purpose::PaccName, set))
        .chain(digests.map(|set| (Purpose::PaccDigest, set)))
        .collect();
    Ok(Some(PaccPlan { document, sets }))
}

/// The document; fields are in the order in which they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    protocols: Protocols,
    authentication: Authentication,
    info: Info<'a>,
}

/// A host says nothing of ports: TLS at the registered one is meant.
#[derive(Default, Serialize)]
struct Protocols {
    #[serde(skip_serializing_if = "Option::is_none")]
    imap: Option<Host>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pop3: Option<Host>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submit: Option<Host>,
    /// The key of draft -02 for the same: himalaya 2.2.1 and io-pim-discovery 0.9 read no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp: Option<Host>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jmap: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caldav: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carddav: Option<Url>,
}

#[derive(Serialize)]
struct Host {
    host: String,
}

#[derive(Serialize)]
struct Url {
    url: String,
}

/// A profile knows passwords alone.
#[derive(Serialize)]
struct Authentication {
    password: bool,
}

#[derive(Serialize)]
struct Info<'a> {
    provider: ProviderName,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderName {
    name: String,
    short_name: String,
}

#[derive(Serialize)]
struct Help<'a> {
    documentation: &'a str,
}

/// Names what is offered with TLS at its registered port: the document has no place for ports. Its
/// octets are the same for the same plan, or the digest would change.
fn document(context: &Context<'_>, labels: &[LabelPlan], related: &[RelatedPlan]) -> String {
    let mail = |service: Service| {
        let label = service.label(TlsMode::Implicit);
        let mut in_line = labels[label as usize].in_line().into_iter();
        let srv = in_line.find(|srv| srv.port == label.default_port())?;
        Some(Host { host: crate::name::plain_text(&srv.target) })
    };
    let url = |service: Related| {
        let plan = related.iter().find(|plan| plan.service == service)?;
        Some(Url { url: plan.url()? })
    };
    let Provider { documentation, .. } = context.hosting.provider();
    let document = Document {
        protocols: Protocols {
            imap: mail(Service::Imap),
            pop3: mail(Service::Pop3),
            submit: mail(Service::Submission),
            smtp: mail(Service::Submission),
            jmap: url(Related::Jmap),
            caldav: url(Related::Caldav),
            carddav: url(Related::Carddav),
        },
        authentication: Authentication { password: true },
        info: Info {
            provider: ProviderName {
                name: context.hosting.provider().name_for(context.domain),
                short_name: context.hosting.provider().short_name_for(context.domain),
            },
            help: documentation.as_deref().map(|documentation| Help { documentation }),
        },
    };
    let mut text =
        serde_json::to_string_pretty(&document).expect("a struct of texts has a JSON form");
    text.push('\n');
    text
}
