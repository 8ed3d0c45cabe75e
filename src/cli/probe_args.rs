//! The arguments of `probe` as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::looks::When;
use super::manners_args::parse_seconds;
use super::subject_args::SubjectArgs;
use super::visit_args::VisitArgs;
use crate::audit::{Code, Severity, parse_setting};
use crate::endpoint::Protocol;
use crate::service::TlsMode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mailsrv probe example.com
  mailsrv probe mail.example.com:993 mail.example.com:587
  mailsrv probe mail.example.com:2525 --protocol submission --mode starttls
  mailsrv probe 127.0.0.1:993 --probe-private --ca-file our-ca.pem
  mailsrv probe -p profile.yaml --input customers.csv -f json > endpoints.jsonl

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 trouble, 3 no findings, but some endpoint \
could not be visited. 2 beats 1 beats 3.

Nobody logs in and no mail is sent: a connection ends where a client would send its password. Each host \
and port is visited once a run, however many mail domains share it. Of a mail domain, what its clients \
would fetch from the web is fetched, too.")]
pub(super) struct ProbeArgs {
    #[command(flatten)]
    pub(super) subjects: SubjectArgs,
    /// Output format
    #[arg(short, long, value_enum, ignore_case = true, default_value = "text")]
    pub(super) format: ProbeFormat,
    /// What is spoken at HOST:PORT [default: what the port is registered for]
    #[arg(long, value_enum, ignore_case = true, value_name = "PROTOCOL")]
    pub(super) protocol: Option<Spoken>,
    /// When TLS begins at HOST:PORT [default: as the port is registered]
    #[arg(long, value_enum, ignore_case = true, value_name = "MODE")]
    pub(super) mode: Option<Mode>,
    /// Ask this DNS server: IP, IP:PORT, or a URL with tcp://, tls://, https:// or quic:// (can be
    /// repeated; the next one is asked when one fails) [default: the system's]
    #[arg(long, value_name = "SERVER")]
    pub(super) resolver: Vec<String>,
    #[command(flatten)]
    pub(super) visits: VisitArgs,
    /// Believe the certificates that the authorities in this file (PEM) signed, and no others
    /// [default: the public ones that are built in]
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection, a handshake, and each answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub(super) timeout: Duration,
    /// Set the severity of a finding code, or drop its findings with `off` (can be repeated)
    #[arg(long, value_name = "CODE=LEVEL", value_parser = parse_setting)]
    pub(super) severity: Vec<(Code, Option<Severity>)>,
    /// Lowest severity of a finding that makes the exit code 1
    #[arg(long, value_enum, ignore_case = true, value_name = "LEVEL", default_value = "error")]
    pub(super) fail_on: Severity,
    /// Colour the text
    #[arg(long, value_enum, ignore_case = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
}

/// An output format of `probe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProbeFormat {
    /// A paragraph for each endpoint and document
    Text,
    /// One JSON object per line, for each endpoint and document
    Json,
}

/// A protocol as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Spoken {
    /// IMAP
    Imap,
    /// POP3
    Pop3,
    /// Message submission (SMTP)
    Submission,
    /// ManageSieve
    Sieve,
}

impl From<Spoken> for Protocol {
    fn from(typed: Spoken) -> Self {
        match typed {
            Spoken::Imap => Self::Imap,
            Spoken::Pop3 => Self::Pop3,
            Spoken::Submission => Self::Submission,
            Spoken::Sieve => Self::ManageSieve,
        }
    }
}

/// A TLS mode as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// TLS at once
    Tls,
    /// A greeting in the clear, then STARTTLS
    Starttls,
}

impl From<Mode> for TlsMode {
    fn from(typed: Mode) -> Self {
        match typed {
            Mode::Tls => Self::Implicit,
            Mode::Starttls => Self::StartTls,
        }
    }
}
