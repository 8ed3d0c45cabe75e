//! `mailsrv forecast --provider`: what sets customers up without a record of their own.

use super::documents::OWN_HOST;
use super::env::Env;
use super::exit;
use super::forecast_args::{ForecastArgs, Format};
use super::progress::Progress;
use super::trouble::Trouble;
use crate::document::SharedRefusal;
use crate::forecast::{ZeroTouchRefusal, zero_touch};
use crate::hosting::Hosting;
use crate::name::NameError;
use crate::output::Output;
use crate::report::zero_touch::{steps_text, write_steps};

/// The customer that is imagined, of a domain that nobody has (RFC 2606 §2).
const CUSTOMER: &str = "customer.example";

/// Foretells a zone with nothing but mail exchanges, and with record after record.
pub(super) fn run(
    args: &ForecastArgs,
    hosting: &Hosting,
    env: &mut Env<'_>,
) -> Result<u8, Trouble> {
    let refused = |error: String, hint: &str| Trouble::usage(error, hint);
    let domain = CUSTOMER.parse().map_err(|error: NameError| refused(error.to_string(), ""))?;
    let clients = args.clients();
    let told = zero_touch(&domain, hosting, &clients).map_err(|refusal| {
        let hint = match &refusal {
            ZeroTouchRefusal::OwnHosts | ZeroTouchRefusal::Shared(SharedRefusal::Hosts) => OWN_HOST,
            ZeroTouchRefusal::Shared(SharedRefusal::Columns(_)) => {
                "give them a value by --set COLUMN=VALUE"
            }
            ZeroTouchRefusal::Shared(_) => "mailsrv documents --provider must be able to make them",
            ZeroTouchRefusal::Plan(_) => "mailsrv profile check says more of the profile",
        };
        refused(refusal.to_string(), hint)
    })?;
    let mut output =
        Output::open(args.subjects.output.as_deref(), &mut env.stdout, &env.interrupt)?;
    match args.format {
        Format::Text => output.put(&steps_text(&told, &clients, env.stdout_columns))?,
        Format::Json => {
            let written = write_steps(&told, &clients, &mut output);
            written.map_err(|error| output.failed(error))?;
        }
    }
    output.finish()?;
    let mut progress = Progress::new(&mut env.stderr, args.subjects.quiet, false);
    if !told.has_exchanges {
        progress
            .note("note: the profile has no `mx`, so the mail exchange is taken to be its host");
    }
    for note in &told.notes {
        progress.note(&format!("note: {note}"));
    }
    Ok(exit::CLEAN)
}
