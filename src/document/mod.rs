//! The documents behind the names: what clients fetch from `autoconfig`, `autodiscover` and
//! `ua-auto-config`, and what Apple's clients are given as a file.
//!
//! A document is made of the same plan as the records, so the two cannot disagree. One that would
//! lack what its readers need is not made at all, and [`Reason`] says why.
//!
//! ```
//! use mailsrv::document::{Kind, Options, Reason, documents};
//! use mailsrv::hosting::{Columns, Hosting};
//!
//! let hosting = Hosting::documented();
//! let plan = mailsrv::plan::plan(&"example.com".parse()?, &hosting, &Columns::default())?;
//! let documents = documents(&plan, &hosting, &Options::default());
//! let first = &documents.made[0];
//! assert_eq!(first.kind, Kind::Autoconfig);
//! assert!(first.text.contains("<hostname>mail.example.com</hostname>"));
//! assert_eq!(first.kind.paths(plan.domain())[0], "mail/config-v1.1.xml");
//! assert_eq!(documents.left_out, [(Kind::Pacc, Reason::NoPacc)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each kind has a file that writes it; `server` says which servers are named, `shared` what serves
//! all customers, and `web` how a web server is told to serve them.

mod apple;
mod local_part;
mod outlook;
mod pacc;
mod server;
mod shared;
mod thunderbird;
mod web;
mod xml;

pub(crate) use self::xml::fit as xml_text;

pub use self::local_part::{LocalPart, LocalPartError};
pub use self::shared::{SharedRefusal, SharedSite, shared_site};
pub use self::web::{Fleet, Root, RootError, WebServer};

use crate::hosting::{Hosting, Login};
use crate::name::MailDomain;
use crate::plan::RecordPlan;
use crate::service::Service;

/// A kind of document.
///
/// More may come with new clients; files and media types are fixed by those who read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `config-v1.1.xml`, read by Thunderbird and most other clients
    /// (draft-ietf-mailmaint-autoconfig §3).
    Autoconfig,
    /// The plain XML answer of Autodiscover (MS-OXDSCLI §2.2.4).
    Autodiscover,
    /// A configuration profile for the mail, calendar and contact clients of Apple.
    Apple,
    /// The PACC document (draft-ietf-mailmaint-pacc).
    Pacc,
}

impl Kind {
    /// Every kind, in the order of writing.
    pub const ALL: [Self; 4] = [Self::Autoconfig, Self::Autodiscover, Self::Apple, Self::Pacc];

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Autoconfig => "autoconfig",
            Self::Autodiscover => "Autodiscover",
            Self::Apple => "Apple configuration profile",
            Self::Pacc => "PACC",
        }
    }

    /// The media type that it is to be served with.
    ///
    /// That of the PACC document and that of the autoconfig document are in their drafts; that of
    /// Apple's is what iOS installs from the web.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Autoconfig | Self::Autodiscover => "text/xml",
            Self::Apple => "application/x-apple-aspen-config",
            Self::Pacc => "application/json",
        }
    }

    /// Where clients ask for it, as paths below a document root.
    ///
    /// Nobody asks for the Apple profile by itself: users are given a link to it.
    pub fn paths(self, domain: &MailDomain) -> Vec<String> {
        match self {
            // The third is that of GNOME Online Accounts.
            Self::Autoconfig => vec![
                "mail/config-v1.1.xml".to_owned(),
                ".well-known/autoconfig/mail/config-v1.1.xml".to_owned(),
                ".well-known/mail-v1.xml".to_owned(),
            ],
            Self::Autodiscover => vec![web::AUTODISCOVER_PATH.to_owned()],
            Self::Apple => vec![format!("mail/{domain}.mobileconfig")],
            Self::Pacc => vec![".well-known/user-agent-configuration.json".to_owned()],
        }
    }
}

/// What goes into the documents beside the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The user whom the documents are for; None for documents that serve everybody.
    pub user: Option<LocalPart>,
    /// Whether `config-v1.1.xml` names every server in every TLS mode, and not only the best of
    /// each service.
    pub alternatives: bool,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its kind.
    pub kind: Kind,
    /// Its text, to be served octet for octet.
    pub text: String,
}

/// Says why a document is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing to read mail with.
    #[error("the profile offers neither IMAP nor POP3")]
    NoRetrieval,
    /// There is nothing to send mail with.
    #[error("the profile offers no submission")]
    NoSubmission,
    /// Readers of Autodiscover tell STARTTLS from TLS by the port, and would err.
    #[error(
        "its readers take the registered STARTTLS ports for STARTTLS and all others for TLS, which is wrong for the ports of {}",
        .service.title()
    )]
    Ports {
        /// The service.
        service: Service,
    },
    /// The records for it are not planned.
    #[error("the profile does not publish PACC; say `pacc: true` there")]
    NoPacc,
}

/// The documents of a mail domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// Those that are made, in the order of [`Kind::ALL`].
    pub made: Vec<Document>,
    /// Those that are not, and why.
    pub left_out: Vec<(Kind, Reason)>,
}

impl Documents {
    /// Says why there are none; None where there are some.
    pub fn nothing(&self) -> Option<String> {
        let (_, reason) = self.left_out.first().filter(|_| self.made.is_empty())?;
        Some(format!("no document can be made: {reason}"))
    }
}

/// What every document is made from.
struct Context<'a> {
    plan: &'a RecordPlan,
    hosting: &'a Hosting,
    options: &'a Options,
}

impl Context<'_> {
    /// The name that the user types to log in, where the user is known.
    fn login_name(&self, login: &Login) -> Option<String> {
        let user = self.options.user.as_ref()?.text();
        let domain = self.plan.domain().to_string();
        Some(login.of(user, &format!("{user}@{domain}"), &domain))
    }

    /// What the documents call the provider.
    fn provider_name(&self) -> String {
        self.hosting.provider().name_for(self.plan.domain())
    }
}

/// Makes the documents of a planned mail domain.
///
/// The hosting must be the one that the plan was made of: the plan has the servers, the hosting the
/// provider's own name and addresses on the web.
pub fn documents(plan: &RecordPlan, hosting: &Hosting, options: &Options) -> Documents {
    let context = Context { plan, hosting, options };
    let mut documents = Documents { made: Vec::new(), left_out: Vec::new() };
    for kind in Kind::ALL {
        let text = match kind {
            Kind::Autoconfig => thunderbird::write(&context),
            Kind::Autodiscover => outlook::write(&context),
            Kind::Apple => apple::write(&context),
            Kind::Pacc => pacc::write(plan),
        };
        match text {
            Ok(text) => documents.made.push(Document { kind, text }),
            Err(reason) => documents.left_out.push((kind, reason)),
        }
    }
    documents
}

#[cfg(test)]
mod tests;
