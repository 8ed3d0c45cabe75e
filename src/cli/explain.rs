//! `mailsrv explain`: the long form of a finding code.

use std::io::Write;

use super::args::ExplainArgs;
use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::audit::Code;

pub(super) fn run(args: &ExplainArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let page = if args.list {
        Code::ALL.iter().map(|code| list_line(*code)).collect::<String>()
    } else {
        args.codes.iter().map(|code| explanation(*code)).collect::<Vec<_>>().join("\n")
    };
    env.stdout.write_all(page.as_bytes()).map_err(Trouble::Stdout)?;
    Ok(exit::CLEAN)
}

fn list_line(code: Code) -> String {
    format!("{code:<26} {:<8}  {}\n", code.severity(), code.headline())
}

fn explanation(code: Code) -> String {
    format!(
        "{code} ({})\n\n  {}\n\n  Why it matters: {}\n\n  What to do: {}\n\n  Reference: {}\n",
        code.severity(),
        code.headline(),
        code.why(),
        code.remedy(),
        code.reference()
    )
}
