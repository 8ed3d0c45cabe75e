//! `mailsrv init`: a profile to begin with.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use super::env::Env;
use super::profile_args::{InitArgs, Services, parse_login, parse_provider, parse_services};
use super::trouble::Trouble;
use super::{exit, profile};
use crate::hosting::{Hosting, Login, PatternError, Provider, file};
use crate::name::{path_text, printable};
use crate::output::{self, OutputError};
use crate::plan::{Refusal, plan};

/// Asks on a terminal, else takes what the options say; the profile is planned once before it is
/// written, so that it is one that `generate` takes.
pub(super) fn run(args: &InitArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    if let Some(path) = args.output.as_ref().filter(|_| !args.force)
        && fs::symlink_metadata(path).is_ok_and(|known| known.is_file() || known.is_symlink())
    {
        return Err(there_already(path));
    }
    let asks = env.stdin_is_terminal && env.stderr_is_terminal && !args.says_something();
    let hosting = if asks { ask(env)? } else { given(args) };
    if let Err(refusal) = refusal(&hosting) {
        return Err(Trouble::usage(refusal.to_string(), "nothing was written"));
    }
    let page = page(&hosting);
    match args.output.as_deref().filter(|_| !args.force) {
        // It may have come there while questions were asked.
        Some(path) => match output::write_new(path, &page, &env.interrupt) {
            Err(OutputError::Write { source, .. })
                if source.kind() == io::ErrorKind::AlreadyExists =>
            {
                return Err(there_already(path));
            }
            written => written?,
        },
        None => {
            output::write(args.output.as_deref(), &page, &mut env.stdout, &env.interrupt)?;
        }
    }
    if let Some(path) = args.output.as_ref().filter(|_| !args.quiet) {
        let path = path_text(path);
        let line =
            format!("{path} is written; mailsrv generate -p {path} DOMAIN prints the records");
        // With stderr closed there is nobody left to tell.
        let _told = writeln!(env.stderr, "{}", printable(&line));
    }
    Ok(exit::CLEAN)
}

fn there_already(path: &Path) -> Trouble {
    let problem = format!("{} is there already", path_text(path));
    Trouble::usage(problem, "--force replaces it")
}

impl InitArgs {
    /// Whether any option says what the profile is to be.
    fn says_something(&self) -> bool {
        let Self { host, services, implicit_only, login, no_autoconfig, provider_name, .. } = self;
        host.is_some()
            || services.is_some()
            || *implicit_only
            || login.is_some()
            || *no_autoconfig
            || provider_name.is_some()
    }
}

/// What the options say, and the documented default for all else.
fn given(args: &InitArgs) -> Hosting {
    let mut hosting = Hosting::documented();
    if let Some(host) = &args.host {
        hosting = hosting.with_host(host.clone());
    }
    if let Some(Services(services)) = &args.services {
        hosting = hosting.with_services(services);
    }
    if args.implicit_only {
        hosting = hosting.with_implicit_only();
    }
    if let Some(login) = &args.login {
        hosting = hosting.with_login(login.clone());
    }
    if args.no_autoconfig {
        hosting = hosting.without_config_names();
    }
    if let Some(provider) = &args.provider_name {
        hosting = hosting.with_provider(provider.clone());
    }
    hosting
}

/// The profile, with what a newcomer needs to know above each part.
fn page(hosting: &Hosting) -> String {
    let mut page = String::from(
        "# What we tell our customers about their mail servers.\n\
         # `mailsrv profile check` reads it, `mailsrv generate -p` prints the records.\n",
    );
    let mut last = "";
    for line in file::write(hosting).lines() {
        let words = words(line.split(':').next().unwrap_or_default(), hosting.login());
        if !words.is_empty() && words != last {
            let _into_memory = write!(page, "\n{words}");
            last = words;
        }
        let _into_memory = writeln!(page, "{line}");
    }
    page
}

/// What to know of a key; keys with the same words make one part.
fn words(key: &str, login: &Login) -> &'static str {
    match (key, login) {
        ("host", _) => {
            "# The host of all services; {domain} is the mail domain, {server} a column of the input.\n"
        }
        ("imap" | "pop3" | "submission", Login::LocalPart | Login::Pattern(_)) => {
            "# Ports with TLS and with STARTTLS. What is not offered is denied with the target `.`.\n"
        }
        ("imap" | "pop3" | "submission", Login::FullAddress) => {
            "# Ports with TLS and with STARTTLS. What is not offered is denied with the target `.`.\n\
             # The login name is the full address; or, with `login: local-part`, what is before the `@`.\n"
        }
        ("login", _) => "# What users type as the login name; or full-address.\n",
        ("autoconfig" | "autodiscover", _) => {
            "# Names that clients fetch their settings from; the documents have to be served there.\n\
             # `true` is an alias of the host, and for autodiscover an SRV record, too.\n"
        }
        ("provider", _) => "# What the documents call us.\n",
        _ => "",
    }
}

/// Says why a profile gives nothing for a domain like any other.
fn refusal(hosting: &Hosting) -> Result<(), Refusal> {
    let domain = "example.com".parse().expect("it is a mail domain");
    plan(&domain, hosting, &profile::sample_columns(hosting)).map(drop)
}

/// Asks on a terminal, one question after the other.
fn ask(env: &mut Env<'_>) -> Result<Hosting, Trouble> {
    let host = Hosting::documented().host().to_string();
    let mut hosting = question(env, "Host of all services", &host, |text| {
        let host = text.parse().map_err(|error: PatternError| error.to_string())?;
        let hosting = Hosting::documented().with_host(host);
        refusal(&hosting).map_err(|error| error.to_string())?;
        Ok(hosting)
    })?;
    let services = question(env, "Services", "imap, pop3, submission", parse_services)?;
    hosting = hosting.with_services(&services.0);
    if !question(env, "STARTTLS beside TLS", "yes", parse_yes)? {
        hosting = hosting.with_implicit_only();
    }
    let login = "Login name, full-address or local-part";
    hosting = hosting.with_login(question(env, login, "full-address", parse_login)?);
    if !question(env, "Publish autoconfig and autodiscover at this host", "yes", parse_yes)? {
        hosting = hosting.without_config_names();
    }
    let provider = question(env, "Name of the provider, for the documents", NO_NAME, |text| {
        if text == NO_NAME { Ok(Provider::default()) } else { parse_provider(text) }
    })?;
    Ok(hosting.with_provider(provider))
}

/// What stands in the brackets where no name is a good answer, too.
const NO_NAME: &str = "the mail domain";

/// Takes `y` for `yes`, as people type it.
fn parse_yes(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        _ => Err(format!("`{text}` is neither yes nor no")),
    }
}

/// Asks until the answer is right; an empty one is the default.
fn question<T>(
    env: &mut Env<'_>,
    text: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Trouble> {
    loop {
        // With stderr closed there is nobody to ask, and the input will end.
        let _asked = write!(env.stderr, "{text} [{default}]: ").and_then(|()| env.stderr.flush());
        let answer = line(env)?;
        let answer = if answer.is_empty() { default } else { &answer };
        match read(answer) {
            Ok(answer) => return Ok(answer),
            Err(problem) => {
                let _told = writeln!(env.stderr, "{}", printable(&problem));
            }
        }
    }
}

/// The longest answer, in octets.
const MAX_ANSWER: u64 = 4096;

/// Reads a line of bounded length; the end of the input before the last answer is trouble.
fn line(env: &mut Env<'_>) -> Result<String, Trouble> {
    let trouble = |problem: String| Trouble::Input { file: "standard input".to_owned(), problem };
    let mut octets = Vec::new();
    let length = env
        .stdin
        .by_ref()
        .take(MAX_ANSWER)
        .read_until(b'\n', &mut octets)
        .map_err(|error| trouble(error.to_string()))?;
    if length == 0 {
        return Err(trouble(
            "it ended before every question was answered; nothing was written".to_owned(),
        ));
    }
    Ok(String::from_utf8_lossy(&octets).trim().to_owned())
}
