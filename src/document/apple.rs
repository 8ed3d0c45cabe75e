//! A configuration profile for Apple's clients: a property list with a payload for mail, and one
//! each for calendars and address books (Apple, "Device Management", Mail, CalDAV, CardDAV).
//!
//! Without a user it has no addresses and no names, and the device asks for them on installing. The
//! text is what `openssl cms -sign` takes: signing changes nothing in it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::server::{RETRIEVAL, Server, servers};
use super::xml::Xml;
use super::{Context, Reason};
use crate::plan::RelatedPlan;
use crate::service::{Related, Service};

/// Names one server for each direction: a payload for mail has room for no more.
pub(super) fn write(context: &Context<'_>) -> Result<String, Reason> {
    let incoming = RETRIEVAL
        .into_iter()
        .find_map(|service| best(context, service))
        .ok_or(Reason::NoRetrieval)?;
    let outgoing = best(context, Service::Submission).ok_or(Reason::NoSubmission)?;

    let mut payloads = vec![mail(context, &incoming, &outgoing)];
    payloads.extend(context.plan.related().iter().filter_map(|plan| dav(context, plan)));
    let name = context.provider_name();
    let mut profile = payload(context, "Configuration", None, &name);
    profile.extend([
        ("PayloadContent", Item::List(payloads)),
        ("PayloadDescription", text(format!("Sets up mail for {}", context.plan.domain().shown()))),
        ("PayloadOrganization", text(name)),
        ("PayloadRemovalDisallowed", Item::Flag(false)),
    ]);

    let mut xml = Xml::new();
    xml.doctype(
        "plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\"",
    );
    xml.within("plist", &[("version", "1.0")], |xml| Item::Dictionary(profile).write(xml));
    Ok(xml.finish())
}

/// The server that most clients are sent to.
fn best(context: &Context<'_>, service: Service) -> Option<Server> {
    servers(context.plan, service).into_iter().next()
}

/// The payload for mail; TLS is on for STARTTLS as well.
fn mail(context: &Context<'_>, incoming: &Server, outgoing: &Server) -> Dictionary {
    let account_type = match incoming.service {
        Service::Imap => "EmailTypeIMAP",
        Service::Pop3 | Service::Submission => "EmailTypePOP",
    };
    let name = context.provider_name();
    let mut fields = payload(context, "com.apple.mail.managed", Some("mail"), &name);
    fields.extend([
        ("EmailAccountDescription", text(name)),
        ("EmailAccountType", text(account_type)),
        ("IncomingMailServerAuthentication", text(PASSWORD)),
        ("IncomingMailServerHostName", text(&incoming.host)),
        ("IncomingMailServerPortNumber", Item::Number(incoming.port)),
        ("IncomingMailServerUseSSL", Item::Flag(true)),
        ("OutgoingMailServerAuthentication", text(PASSWORD)),
        ("OutgoingMailServerHostName", text(&outgoing.host)),
        ("OutgoingMailServerPortNumber", Item::Number(outgoing.port)),
        ("OutgoingMailServerUseSSL", Item::Flag(true)),
        ("OutgoingPasswordSameAsIncomingPassword", Item::Flag(true)),
    ]);
    let known = [
        ("EmailAddress", context.login_name(&crate::hosting::Login::FullAddress)),
        ("IncomingMailServerUsername", context.login_name(context.plan.login(incoming.service))),
        ("OutgoingMailServerUsername", context.login_name(context.plan.login(outgoing.service))),
    ];
    fields.extend(known.into_iter().filter_map(|(key, name)| Some((key, text(name?)))));
    fields
}

/// How the device logs in (Apple, "Mail", `EmailAuthPassword`).
const PASSWORD: &str = "EmailAuthPassword";

/// The payload for calendars or address books.
fn dav(context: &Context<'_>, plan: &RelatedPlan) -> Option<Dictionary> {
    let (kind, part, keys) = match plan.service {
        Related::Caldav => ("com.apple.caldav.account", "caldav", CALDAV),
        Related::Carddav => ("com.apple.carddav.account", "carddav", CARDDAV),
        Related::Jmap | Related::Sieve => return None,
    };
    let name = context.provider_name();
    let mut fields = payload(context, kind, Some(part), &name);
    fields.extend([
        (keys.description, text(name)),
        (keys.host, text(plan.host.to_string())),
        (keys.port, Item::Number(plan.port)),
        (keys.tls, Item::Flag(true)),
    ]);
    // Without a path the device asks at the well-known address (RFC 6764 §5).
    let url = plan.path.as_ref().and_then(|_| plan.url());
    fields.extend(url.map(|url| (keys.url, text(url))));
    let user = context.login_name(context.hosting.login());
    fields.extend(user.map(|user| (keys.user, text(user))));
    Some(fields)
}

/// The keys of a payload for calendars or address books.
#[derive(Clone, Copy)]
struct DavKeys {
    description: &'static str,
    host: &'static str,
    port: &'static str,
    url: &'static str,
    tls: &'static str,
    user: &'static str,
}

const CALDAV: DavKeys = DavKeys {
    description: "CalDAVAccountDescription",
    host: "CalDAVHostName",
    port: "CalDAVPort",
    url: "CalDAVPrincipalURL",
    tls: "CalDAVUseSSL",
    user: "CalDAVUsername",
};

const CARDDAV: DavKeys = DavKeys {
    description: "CardDAVAccountDescription",
    host: "CardDAVHostName",
    port: "CardDAVPort",
    url: "CardDAVPrincipalURL",
    tls: "CardDAVUseSSL",
    user: "CardDAVUsername",
};

/// What every payload has. Both names are the same each time, so that a new profile takes the place
/// of the one before on a device.
fn payload(context: &Context<'_>, kind: &str, part: Option<&str>, name: &str) -> Dictionary {
    let identifier = identifier(context, part);
    Dictionary::from([
        ("PayloadDisplayName", text(name)),
        ("PayloadUUID", text(uuid(&identifier))),
        ("PayloadIdentifier", text(identifier)),
        ("PayloadType", text(kind)),
        ("PayloadVersion", Item::Number(1)),
    ])
}

/// The name of a payload: the mail domain backwards, and what it is for.
///
/// Two users of one domain have two profiles on one device, so the user is a part of it.
fn identifier(context: &Context<'_>, part: Option<&str>) -> String {
    let domain = context.plan.domain().to_string();
    let mut labels: Vec<String> = domain.rsplit('.').map(str::to_owned).collect();
    labels.push("mailsrv".to_owned());
    if let Some(user) = &context.options.user {
        let digest = Sha256::digest(user.text());
        labels.push(digest[..8].iter().map(|octet| format!("{octet:02x}")).collect());
    }
    labels.extend(part.map(str::to_owned));
    labels.join(".")
}

/// A UUID of version 8 (RFC 9562 §5.8), made of a name as those of version 5 are, with SHA-256.
fn uuid(name: &str) -> String {
    const NAMESPACE: &str = "mailsrv apple payload\n";
    let mut octets = [0; 16];
    let digest = Sha256::new().chain_update(NAMESPACE).chain_update(name).finalize();
    octets.copy_from_slice(&digest[..16]);
    octets[6] = octets[6] & 0x0f | 0x80;
    octets[8] = octets[8] & 0x3f | 0x80;
    let bits = u128::from_be_bytes(octets);
    let [low, middle, high, clock] = [96, 80, 64, 48].map(|shift| bits >> shift & 0xffff_ffff);
    let (middle, high, clock) = (middle & 0xffff, high & 0xffff, clock & 0xffff);
    format!("{low:08X}-{middle:04X}-{high:04X}-{clock:04X}-{:012X}", bits & 0xffff_ffff_ffff)
}

/// Something in a property list.
enum Item {
    Text(String),
    Number(u16),
    Flag(bool),
    List(Vec<Dictionary>),
    Dictionary(Dictionary),
}

/// The keys stand in the order of the alphabet, as Apple's own tools write them.
type Dictionary = BTreeMap<&'static str, Item>;

/// A text of a property list.
fn text(text: impl Into<String>) -> Item {
    Item::Text(text.into())
}

impl Item {
    fn write(&self, xml: &mut Xml) {
        match self {
            Self::Text(text) => xml.text("string", text),
            Self::Number(number) => xml.text("integer", &number.to_string()),
            Self::Flag(true) => xml.empty("true"),
            Self::Flag(false) => xml.empty("false"),
            Self::List(list) => xml.within("array", &[], |xml| {
                for dictionary in list {
                    write_dictionary(xml, dictionary);
                }
            }),
            Self::Dictionary(dictionary) => write_dictionary(xml, dictionary),
        }
    }
}

/// Keys and values alternate in a property list.
fn write_dictionary(xml: &mut Xml, dictionary: &Dictionary) {
    xml.within("dict", &[], |xml| {
        for (key, item) in dictionary {
            xml.text("key", key);
            item.write(xml);
        }
    });
}
