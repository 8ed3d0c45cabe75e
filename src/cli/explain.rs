//! `mailsrv explain`: the long form of a finding code.

use super::args::ExplainArgs;
use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::audit::Code;
use crate::words::push_wrapped;

/// The columns of a terminal that nobody has widened.
const WIDTH: usize = 80;

/// The columns in front of a headline in the list: the longest code, and the longest severity.
const HEADLINE: usize = 36;

/// What it prints is all in the table of codes.
pub(super) fn run(args: &ExplainArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let page = if args.list {
        Code::ALL.iter().map(|code| list_item(*code)).collect::<String>()
    } else {
        args.codes.iter().map(|code| explanation(*code)).collect::<Vec<_>>().join("\n")
    };
    env.print(page.as_bytes())?;
    Ok(exit::CLEAN)
}

/// A line that begins with the code; what does not fit follows below, indented.
fn list_item(code: Code) -> String {
    let mut headline = String::new();
    push_wrapped(&mut headline, code.headline(), HEADLINE, WIDTH);
    format!("{code:<25} {:<8}  {}", code.severity(), headline.trim_start())
}

/// A page on one code.
fn explanation(code: Code) -> String {
    let mut page = format!("{code} ({})\n", code.severity());
    for (title, words) in [
        ("", code.headline()),
        ("Why it matters: ", code.why()),
        ("What to do: ", code.remedy()),
        ("Reference: ", code.reference()),
    ] {
        page.push('\n');
        push_wrapped(&mut page, &format!("{title}{words}"), 2, WIDTH);
    }
    page
}
