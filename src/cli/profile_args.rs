//! The arguments of the commands that make profiles and look at them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::profile::SAMPLE_DOMAIN;
use super::setting::{Setting, parse_set};
use crate::hosting::{HostPattern, Login, LoginError, Provider};
use crate::name::MailDomain;
use crate::service::Service;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv import config-v1.1.xml > profile.yaml
  curl https://autoconfig.example.com/mail/config-v1.1.xml | mailsrv import - -o profile.yaml
  mailsrv import ispdb/ -o profiles/

What the document says and a profile does not is told on standard error and in comments of the profile.

Exit codes: 0 imported, 2 trouble (nothing written), 3 some documents of a folder could not be
imported; the others are written.")]
pub(super) struct ImportArgs {
    /// The document, `-` for standard input, or a folder of documents (*.xml)
    #[arg(value_name = "FILE|DIR")]
    pub(super) from: PathBuf,
    /// Write to a file, whole or not at all; for a folder of documents, to this folder
    #[arg(short, long, value_name = "FILE|DIR")]
    pub(super) output: Option<PathBuf>,
    /// Import this provider of the documents that list several, counted from 1
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) block: u32,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv init -o profile.yaml
  mailsrv init --host server1.provider.example --services imap,submission > profile.yaml

On a terminal and without options that say what the profile is to be, it asks. Else what no
option says is that of the documented default.")]
pub(super) struct InitArgs {
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace the file where there is one
    #[arg(long, requires = "output")]
    pub(super) force: bool,
    /// Host of all services and aliases; may hold the placeholders `{domain}` and `{column}`
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<HostPattern>,
    /// Services to offer, separated by commas: imap, pop3, submission
    #[arg(long, value_name = "LIST", value_parser = parse_services)]
    pub(super) services: Option<Services>,
    /// Offer TLS alone, without STARTTLS
    #[arg(long)]
    pub(super) implicit_only: bool,
    /// What users type as the login name: full-address, local-part, or a form such as `{local-part}-al`
    #[arg(long, value_name = "FORM", value_parser = parse_login)]
    pub(super) login: Option<Login>,
    /// Do not publish the names `autoconfig` and `autodiscover`
    #[arg(long)]
    pub(super) no_autoconfig: bool,
    /// Name of the provider, for the documents
    #[arg(long, value_name = "NAME", value_parser = parse_provider)]
    pub(super) provider_name: Option<Provider>,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// The services that a profile is to offer, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Services(pub(super) Vec<Service>);

/// Reads a list; the order and repetitions in it say nothing.
pub(super) fn parse_services(text: &str) -> Result<Services, String> {
    let mut named = Vec::new();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        let service = Service::ALL.into_iter().find(|service| service.key() == word);
        named.push(service.ok_or_else(|| {
            format!("`{word}` is no service; there are imap, pop3 and submission")
        })?);
    }
    if named.is_empty() {
        return Err("name one service at least, as in imap,submission".to_owned());
    }
    Ok(Services(Service::ALL.into_iter().filter(|service| named.contains(service)).collect()))
}

/// Reads the word that the key `login` of a profile has.
pub(super) fn parse_login(text: &str) -> Result<Login, String> {
    text.parse().map_err(|error: LoginError| error.to_string())
}

/// Reads a name, blanks around it left out.
pub(super) fn parse_provider(name: &str) -> Result<Provider, String> {
    Provider::named(name.trim()).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub(super) struct ProfileArgs {
    #[command(subcommand)]
    pub(super) command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Read profiles and say what they offer, or what is wrong with them and where
    Check(CheckArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv profile check profile.yaml
  mailsrv profile check profiles/*.yaml --domain example.com

Exit codes: 0 every profile is sound, 2 one of them is not.")]
pub(super) struct CheckArgs {
    /// Profiles (YAML)
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Mail domain to plan the records of, which shows whether a profile contradicts itself
    #[arg(short, long, value_name = "DOMAIN", default_value = SAMPLE_DOMAIN)]
    pub(super) domain: MailDomain,
    /// Value of a placeholder, as for generate (can be repeated)
    ///
    /// Without it a placeholder that is nearly `{domain}` or `{host}` is a mistake.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_set)]
    pub(super) set: Vec<Setting>,
}
