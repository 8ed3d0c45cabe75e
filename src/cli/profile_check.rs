//! `mailsrv profile check`: whether profiles are sound.

use std::path::Path;

use super::env::Env;
use super::narrowing::told;
use super::profile_args::CheckArgs;
use super::trouble::Trouble;
use super::{exit, profile, setting};
use crate::forecast::{Mismatch, login_mismatches, losses};
use crate::hosting::{Hosting, Login, file, likely_placeholder};
use crate::interrupt::Interrupt;
use crate::name::{path_text, printable};
use crate::plan::{RecordPlan, plan};
use crate::service::{ConfigName, Related, Service, TlsMode};
use crate::words::{did_you_mean, listed, slip_of};

/// Looks at every profile, whatever is wrong with the one before.
pub(super) fn run(args: &CheckArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let mut code = exit::CLEAN;
    for path in &args.files {
        env.interrupt.check()?;
        match summary(path, args, &env.interrupt) {
            Ok((summary, notes)) => {
                let file = path_text(path);
                let line = format!("{file}: ok: {summary}");
                env.print(format!("{}\n", printable(&line)).as_bytes())?;
                for note in notes {
                    env.say(&format!("{file}: note: {note}"));
                }
            }
            Err(trouble) if env.interrupt.signal().is_some() => return Err(trouble),
            Err(trouble) => {
                code = exit::TROUBLE;
                env.say(&trouble.to_string());
            }
        }
    }
    Ok(code)
}

/// Reads a profile and plans it: contradictions show only where there is a domain.
fn summary(
    path: &Path,
    args: &CheckArgs,
    interrupt: &Interrupt,
) -> Result<(String, Vec<String>), Trouble> {
    let trouble = |problem| Trouble::Input { file: path_text(path), problem };
    let (hosting, text) = profile::read_file(path, interrupt)?;
    // The profiles of a folder have some placeholders, and not all of them.
    let read = hosting.columns();
    let mut settings = args.set.clone();
    settings.retain(|setting| read.contains(&setting.column));
    let hosting = setting::apply(hosting, &settings)?;
    let slip = |column: &String| Some((column.clone(), likely_placeholder(column)?));
    if let Some((column, meant)) = hosting.columns().iter().find_map(slip) {
        let problem = file::slip(&text, &path_text(path), &column, meant).map_or_else(
            || {
                trouble(format!("`{{{column}}}` is no column; did you mean `{{{meant}}}`?"))
                    .to_string()
            },
            |slip| slip.to_string(),
        );
        let hint = format!("hint: where the column is meant, say so with --set {column}=VALUE");
        return Err(Trouble::Profile(format!("{problem}\n{hint}")));
    }
    let domain = &args.domain;
    let plan = plan(domain, &hosting, &profile::sample_columns(&hosting))
        .map_err(|refusal| trouble(format!("for {domain}: {refusal}")))?;
    let mut notes = notes(&hosting, &plan);
    notes.extend(twins(&hosting.columns(), &text));
    Ok((describe(&hosting, &plan), notes))
}

/// Columns of which one is likely a slip of the other: that which stands further down.
fn twins(columns: &[String], text: &str) -> Vec<String> {
    let line = |column: &String| file::slip(text, "", column, "").map(|slip| slip.line());
    let mut placed: Vec<(usize, &String)> =
        columns.iter().filter_map(|column| Some((line(column)?, column))).collect();
    placed.sort();
    let twin = |(at, (line, column)): (usize, &(usize, &String))| {
        let (_, meant) = placed[..at].iter().find(|(_, before)| is_twin(before, column))?;
        Some(format!(
            "line {line}: `{{{column}}}` is a column of its own beside `{{{meant}}}`; {}",
            did_you_mean(&format!("{{{meant}}}"))
        ))
    };
    placed.iter().enumerate().filter_map(twin).collect()
}

/// Whether columns differ by a slip, and not as `server1` and `server2` or `host a` and `host b` do.
fn is_twin(one: &str, other: &str) -> bool {
    let counted = |column: &str| -> String {
        let letters: String = column.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        let mut letters = letters.chars();
        letters.next_back();
        letters.collect()
    };
    counted(one) != counted(other) && slip_of(one, &[other]).is_some()
}

/// What named clients lose by what the profile leaves out, and which enter another login name.
fn notes(hosting: &Hosting, plan: &RecordPlan) -> Vec<String> {
    let mut notes = Vec::new();
    let mut lost = |without: &str, before: Hosting| {
        let columns = profile::sample_columns(&before);
        // What cannot be planned is no loss.
        let Ok(losses) = losses(&before, hosting, plan.domain(), &columns) else { return };
        notes.extend(
            losses.iter().map(|loss| format!("without {without}, {}", told(loss, hosting, None))),
        );
    };
    let submission = Service::Submission;
    if hosting.endpoint(submission.label(TlsMode::StartTls)).is_none() {
        lost("STARTTLS for submission", hosting.clone().with_starttls(submission));
    }
    let missing: Vec<&str> = ConfigName::ALL
        .into_iter()
        .filter(|name| hosting.lead(*name).is_none())
        .map(ConfigName::text)
        .collect();
    if !missing.is_empty() {
        lost(&listed(&missing), hosting.clone().with_config_names());
    }
    for Mismatch { entered, clients } in login_mismatches(plan) {
        let form = match entered {
            Login::FullAddress => "the full address",
            Login::LocalPart | Login::Pattern(_) => "the part before the @",
        };
        notes.push(format!(
            "the login name, whatever is documented, is {form} with {}; let the server accept both",
            listed(&clients)
        ));
    }
    notes
}

/// What is offered and where, on one line.
fn describe(hosting: &Hosting, plan: &RecordPlan) -> String {
    let mail = Service::ALL.into_iter().filter_map(|service| {
        let modes = TlsMode::ALL.into_iter().filter_map(|mode| {
            hosting.endpoint(service.label(mode)).map(|(_, endpoint)| endpoint.port.to_string())
        });
        let ports: Vec<String> = modes.collect();
        (!ports.is_empty()).then(|| format!("{} {}", service.title(), ports.join("/")))
    });
    let beside = Related::ALL.into_iter().filter(|service| hosting.related(*service).is_some());
    let offered: Vec<String> =
        mail.chain(beside.map(|service| service.title().to_owned())).collect();
    let columns = match hosting.columns().as_slice() {
        [] => String::new(),
        columns => format!("; columns of the input: {}", columns.join(", ")),
    };
    let (count, domain) = (plan.published().count(), plan.domain());
    let (offered, host) = (offered.join(", "), hosting.host());
    format!("{offered}; host {host}; {count} RRsets for {domain}{columns}")
}
