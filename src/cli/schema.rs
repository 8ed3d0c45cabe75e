//! `mailsrv schema`: the JSON Schemas of what is read and printed.

use super::args::{SchemaArgs, SchemaOf};
use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::{hosting, report};

/// They are made of the same types that read and print.
pub(super) fn run(args: &SchemaArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let schema = match args.of {
        SchemaOf::Profile => hosting::file::json_schema(),
        SchemaOf::Report => report::json_schema(),
    };
    env.print(format!("{schema:#}\n").as_bytes())?;
    Ok(exit::CLEAN)
}
