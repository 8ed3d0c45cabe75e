//! The arguments of the commands that make profiles and look at them.

use std::path::PathBuf;

use clap::Args;

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
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}
