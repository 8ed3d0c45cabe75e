//! `mailsrv explain`: the long form of a finding code.

use super::args::ExplainArgs;
use super::env::Env;
use super::exit;
use super::trouble::Trouble;
use crate::audit::Code;
use crate::words::push_wrapped;

/// The most columns that prose is wrapped at: longer lines are hard to read.
const WIDEST: usize = 100;

/// The columns in front of a headline in the list: the longest code, and the longest severity.
const HEADLINE: usize = 36;

/// The columns beside the code that a headline takes at least.
const ROOM: usize = 24;

/// What it prints is all in the table of codes.
pub(super) fn run(args: &ExplainArgs, env: &mut Env<'_>) -> Result<u8, Trouble> {
    let width = env.stdout_columns.min(WIDEST);
    let page = if args.list {
        Code::ALL.iter().map(|code| list_item(*code, width)).collect::<String>()
    } else {
        args.codes.iter().map(|code| explanation(*code, width)).collect::<Vec<_>>().join("\n")
    };
    env.print(page.as_bytes())?;
    Ok(exit::CLEAN)
}

/// A line that begins with the code; what does not fit follows below, indented, and all of it where
/// a page has no room beside the code.
fn list_item(code: Code, width: usize) -> String {
    let mut item = format!("{code:<25} {:<8}  ", code.severity());
    let mut headline = String::new();
    if width < HEADLINE + ROOM {
        item = format!("{}\n", item.trim_end());
        push_wrapped(&mut headline, code.headline(), 4, width);
        return item + &headline;
    }
    push_wrapped(&mut headline, code.headline(), HEADLINE, width);
    item + headline.trim_start()
}

/// A page on one code.
fn explanation(code: Code, width: usize) -> String {
    let mut page = format!("{code} ({})\n", code.severity());
    for (title, words) in [
        ("", code.headline()),
        ("Why it matters: ", code.why()),
        ("What to do: ", code.remedy()),
        ("Reference: ", code.reference()),
    ] {
        page.push('\n');
        push_wrapped(&mut page, &format!("{title}{words}"), 2, width);
    }
    page
}
