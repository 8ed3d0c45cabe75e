//! `mailsrv init`: a profile to begin with.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, Read, Write};

use super::env::Env;
use super::output::Output;
use super::profile_args::{
    InitArgs, Services, parse_login, parse_provider_name, parse_services, quoted,
};
use super::trouble::Trouble;
use super::{exit, profile};
use crate::hosting::{HostPattern, Hosting, Login, file};
use crate::name::printable;
use crate::plan::{Refusal, plan};
use crate::service::{Service, TlsMode};

pub(super) fn run(args: &InitArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    if let Some(path) = args.output.as_ref().filter(|_| !args.force)
        && fs::metadata(path).is_ok_and(|known| known.is_file())
    {
        let problem = format!("{} is there already", path.display());
        return Err(Trouble::usage(problem, "--force replaces it"));
    }
    let asks = env.stdin_is_terminal && env.stderr_is_terminal && !args.says_something();
    let answers = if asks { ask(env)? } else { Answers::given(args) };
    let page = answers.page();
    if let Err(problem) = answers.contradiction(&page) {
        return Err(Trouble::usage(problem, "nothing was written"));
    }
    let mut output = Output::open(args.output.as_deref(), &mut env.stdout)?;
    output.write_all(page.as_bytes()).map_err(|error| output.trouble(error))?;
    output.finish()?;
    if let Some(path) = args.output.as_ref().filter(|_| !args.quiet) {
        let path = path.display();
        let line =
            format!("{path} is written; mailsrv generate -p {path} DOMAIN prints the records");
        // With stderr closed there is nobody left to tell.
        let _told = writeln!(env.stderr, "{}", printable(&line));
    }
    Ok(exit::CLEAN)
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

/// What a profile to begin with depends on.
struct Answers {
    host: HostPattern,
    services: Vec<Service>,
    starttls: bool,
    login: Login,
    autoconfig: bool,
    provider_name: Option<String>,
}

impl Answers {
    /// What the options say, and the documented default for all else.
    fn given(args: &InitArgs) -> Self {
        let default = Self::documented();
        Self {
            host: args.host.clone().unwrap_or(default.host),
            services: args.services.as_ref().map_or(default.services, |named| named.0.clone()),
            starttls: !args.implicit_only,
            login: args.login.unwrap_or(default.login),
            autoconfig: !args.no_autoconfig,
            provider_name: args.provider_name.clone(),
        }
    }

    fn documented() -> Self {
        let hosting = Hosting::documented();
        Self {
            host: hosting.host().clone(),
            services: Service::ALL.to_vec(),
            starttls: true,
            login: hosting.login(),
            autoconfig: true,
            provider_name: None,
        }
    }

    /// The profile, with what a newcomer needs to know beside each line.
    fn page(&self) -> String {
        let mut page = String::from(
            "# What we tell our customers about their mail servers.\n\
             # `mailsrv profile check` reads it, `mailsrv generate -p` prints the records.\n\n",
        );
        page.push_str("# The host of all services; {domain} is the mail domain, {server} a column of the input.\n");
        let host = quoted(&self.host.to_string());
        let _into_memory = writeln!(page, "host: {host}\n");
        page.push_str("# Ports with TLS and with STARTTLS. What is not offered is denied with the target `.`.\n");
        for service in &self.services {
            let modes =
                TlsMode::ALL.into_iter().filter(|mode| self.starttls || *mode == TlsMode::Implicit);
            let ports: Vec<String> = modes
                .map(|mode| {
                    let key = if mode == TlsMode::Implicit { "tls" } else { "starttls" };
                    format!("{key}: {}", service.label(mode).default_port())
                })
                .collect();
            let key = format!("{}:", service.key());
            let _into_memory = writeln!(page, "{key:<11} {{ {} }}", ports.join(", "));
        }
        let (login, other) = match self.login {
            Login::FullAddress => ("full-address", "local-part"),
            Login::LocalPart => ("local-part", "full-address"),
        };
        let _into_memory =
            writeln!(page, "\n# What users type as the login name; or {other}.\nlogin: {login}");
        if self.autoconfig {
            page.push_str(
                "\n# Names that clients fetch their settings from; the documents have to be served there.\n\
                 autoconfig:   { alias: \"{host}\" }\n\
                 autodiscover: { alias: \"{host}\", srv: true }\n",
            );
        }
        if let Some(name) = &self.provider_name {
            let name = quoted(name);
            let _into_memory =
                writeln!(page, "\n# What the documents call us.\nprovider: {{ name: {name} }}");
        }
        page
    }

    /// Says why a profile cannot be used.
    fn contradiction(&self, page: &str) -> Result<(), String> {
        let hosting =
            file::parse(page, "the profile").map_err(|error| error.problem().to_string())?;
        refusal(&hosting).map_err(|refusal| refusal.to_string())
    }
}

/// Says why a profile gives nothing for a domain like any other.
fn refusal(hosting: &Hosting) -> Result<(), Refusal> {
    let domain = "example.com".parse().expect("it is a mail domain");
    plan(&domain, hosting, &profile::sample_columns(hosting)).map(drop)
}

/// Asks on a terminal, one question after the other.
fn ask(env: &mut Env<'_>) -> Result<Answers, Trouble> {
    let default = Answers::documented();
    let host = question(env, "Host of all services", &default.host.to_string(), |text| {
        let host: HostPattern =
            text.parse().map_err(|error: crate::hosting::PatternError| error.to_string())?;
        refusal(&Hosting::documented().with_host(host.clone()))
            .map_err(|error| error.to_string())?;
        Ok(host)
    })?;
    let services = question(env, "Services", "imap, pop3, submission", parse_services)?;
    let starttls = question(env, "STARTTLS beside TLS", "yes", parse_yes)?;
    let login =
        question(env, "Login name, full-address or local-part", "full-address", parse_login)?;
    let names = "Publish autoconfig and autodiscover at this host";
    let autoconfig = question(env, names, "yes", parse_yes)?;
    let name = "Name of the provider, for the documents";
    let provider_name = question(env, name, NO_NAME, |text| match text {
        NO_NAME => Ok(None),
        _ => parse_provider_name(text).map(Some),
    })?;
    let Services(services) = services;
    Ok(Answers { host, services, starttls, login, autoconfig, provider_name })
}

const NO_NAME: &str = "the mail domain";

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
