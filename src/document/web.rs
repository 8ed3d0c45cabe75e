//! Snippets for the configuration of a web server that serves the documents.
//!
//! Plain HTTP serves the autoconfig document, which some clients ask for in that way alone; for
//! Autodiscover it leads to HTTPS with 302, the one status that Outlook follows (MS-OXDISCO
//! §3.1.5); PACC knows nothing but HTTPS.

use std::fmt::{self, Write};
use std::str::FromStr;

use super::Kind;
use crate::name::{MailDomain, plain_text};
use crate::plan::{Purpose, RecordPlan};
use crate::service::{ConfigName, PACC_NAME};

/// The path of the Autodiscover document; clients write it in several cases.
pub(super) const AUTODISCOVER_PATH: &str = "autodiscover/autodiscover.xml";

/// A web server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebServer {
    /// nginx.
    Nginx,
    /// Caddy 2.
    Caddy,
}

impl WebServer {
    /// Both servers.
    pub const ALL: [Self; 2] = [Self::Nginx, Self::Caddy];

    /// The word that selects it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        }
    }

    /// What serves the documents of a mail domain under its names; None where it has none.
    pub fn snippet(self, plan: &RecordPlan, root: &Root) -> Option<String> {
        let sites = sites(plan);
        if sites.is_empty() {
            return None;
        }
        let mut out = String::new();
        let write = match self {
            Self::Nginx => write_nginx,
            Self::Caddy => write_caddy,
        };
        writeln!(out, "# The documents of {}, as `mailsrv documents` writes them.", plan.domain())
            .and_then(|()| sites.iter().try_for_each(|site| write(site, root, &mut out)))
            .expect("a text takes whatever is written to it");
        Some(out)
    }
}

/// The folder that holds the documents: an absolute path that means the same in the configuration of
/// every web server, without quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(String);

/// Says that a text is no such path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give an absolute path of letters, digits and any of / . _ - + = , : @")]
pub struct RootError;

impl Root {
    /// The folder of a mail domain below this one.
    pub fn of(&self, domain: &MailDomain) -> Self {
        Self(format!("{}/{domain}", self.0.trim_end_matches('/')))
    }
}

impl FromStr for Root {
    type Err = RootError;

    fn from_str(text: &str) -> Result<Self, RootError> {
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"/._-+=,:@".contains(&octet);
        if !text.starts_with('/') || !text.bytes().all(plain) {
            return Err(RootError);
        }
        let path = text.trim_end_matches('/');
        Ok(Self(if path.is_empty() { "/" } else { path }.to_owned()))
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that documents are served under.
struct Site {
    name: String,
    what: What,
}

/// Which document is served there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Autoconfig,
    Autodiscover,
    Pacc,
}

/// The names of the plan that documents stand behind.
fn sites(plan: &RecordPlan) -> Vec<Site> {
    let has = |wanted| plan.published().any(|(purpose, _)| purpose == wanted);
    let known = [
        (
            What::Autoconfig,
            ConfigName::Autoconfig.text(),
            has(Purpose::Config(ConfigName::Autoconfig)),
        ),
        (
            What::Autodiscover,
            ConfigName::Autodiscover.text(),
            has(Purpose::Config(ConfigName::Autodiscover)),
        ),
        (What::Pacc, PACC_NAME, plan.pacc().is_some()),
    ];
    let published = known.into_iter().filter(|(_, _, published)| *published);
    published
        .map(|(what, label, _)| Site { what, name: plain_text(&plan.domain().prefixed(&[label])) })
        .collect()
}

/// HTTPS stands in comments: nginx does not start without the certificates.
fn write_nginx(site: &Site, root: &Root, out: &mut String) -> fmt::Result {
    let Site { name, what } = site;
    out.push_str("\nserver {\n    listen 80;\n    listen [::]:80;\n");
    writeln!(out, "    server_name {name};")?;
    let bucket = (name.len() + NGINX_BUCKET_OVERHEAD).next_power_of_two();
    if bucket > NGINX_BUCKET {
        writeln!(
            out,
            "    # Long names need `server_names_hash_bucket_size {bucket};` in `http`."
        )?;
    }
    out.push_str("    # Once there is a certificate for this name:\n");
    out.push_str("    #listen 443 ssl;\n    #listen [::]:443 ssl;\n");
    writeln!(out, "    #ssl_certificate     /etc/letsencrypt/live/{name}/fullchain.pem;")?;
    writeln!(out, "    #ssl_certificate_key /etc/letsencrypt/live/{name}/privkey.pem;")?;
    if *what != What::Autoconfig {
        out.push_str("    if ($scheme = http) { return 302 https://$host$request_uri; }\n");
    }
    writeln!(out, "\n    root {root};")?;
    let xml = Kind::Autoconfig.media_type();
    let (apple, json) = (Kind::Apple.media_type(), Kind::Pacc.media_type());
    writeln!(out, "    types {{ {xml} xml; {json} json; {apple} mobileconfig; }}")?;
    out.push_str("    location / { return 404; }\n");
    match what {
        What::Autoconfig => {
            out.push_str("    location /mail/ { }\n    location /.well-known/ { }\n");
        }
        What::Pacc => out.push_str("    location /.well-known/ { }\n"),
        What::Autodiscover => {
            let pattern = AUTODISCOVER_PATH.replace('.', "\\.");
            writeln!(out, "    location ~* ^/{pattern}$ {{")?;
            writeln!(out, "        # {POSTED}")?;
            writeln!(out, "        error_page 405 =200 /{AUTODISCOVER_PATH};")?;
            writeln!(out, "        try_files /{AUTODISCOVER_PATH} =404;")?;
            out.push_str("    }\n");
        }
    }
    out.push_str("}\n");
    Ok(())
}

/// The default of nginx's `server_names_hash_bucket_size`, a cache line.
const NGINX_BUCKET: usize = 64;

/// What nginx's hash table takes beside a name: two pointers and a length of two octets.
const NGINX_BUCKET_OVERHEAD: usize = 18;

/// Said of the Autodiscover document in both snippets.
const POSTED: &str = "Outlook posts its question in any case of letters; the answer is one file.";

/// Caddy gets the certificates by itself, for every name that is written with `https`.
fn write_caddy(site: &Site, root: &Root, out: &mut String) -> fmt::Result {
    let Site { name, what } = site;
    match what {
        What::Autoconfig => writeln!(out, "\nhttp://{name}, https://{name} {{")?,
        What::Autodiscover => {
            writeln!(out, "\nhttp://{name} {{\n\tredir https://{{host}}{{uri}} 302\n}}")?;
            writeln!(out, "\nhttps://{name} {{")?;
        }
        What::Pacc => writeln!(out, "\nhttps://{name} {{")?,
    }
    writeln!(out, "\troot * {root}")?;
    match what {
        What::Autoconfig => {
            write_caddy_type("xml", Kind::Autoconfig, out)?;
            write_caddy_type("mobileconfig", Kind::Apple, out)?;
            out.push_str("\thandle /mail/* {\n\t\tfile_server\n\t}\n");
            out.push_str("\thandle /.well-known/* {\n\t\tfile_server\n\t}\n");
        }
        What::Autodiscover => {
            writeln!(out, "\t# {POSTED}")?;
            writeln!(out, "\thandle /{AUTODISCOVER_PATH} {{")?;
            writeln!(out, "\t\tmethod GET\n\t\trewrite * /{AUTODISCOVER_PATH}")?;
            writeln!(out, "\t\theader Content-Type {}", Kind::Autodiscover.media_type())?;
            out.push_str("\t\tfile_server\n\t}\n");
        }
        What::Pacc => {
            write_caddy_type("json", Kind::Pacc, out)?;
            out.push_str("\thandle /.well-known/* {\n\t\tfile_server\n\t}\n");
        }
    }
    out.push_str("\thandle {\n\t\trespond 404\n\t}\n}\n");
    Ok(())
}

/// Without it, Caddy goes by what the machine knows of endings.
fn write_caddy_type(ending: &str, kind: Kind, out: &mut String) -> fmt::Result {
    writeln!(out, "\t@{ending} path *.{ending}")?;
    writeln!(out, "\theader @{ending} Content-Type {}", kind.media_type())
}
