//! Files and functions stay small enough to be read in one go.

use crate::source::{SourceFile, Token, after_item, files};

/// The most lines of a file, tests included.
const FILE_LINES: usize = 600;

/// The most lines of a function that is no test, from its `fn` to its closing brace.
const FUNCTION_LINES: usize = 80;

#[test]
fn no_file_is_too_long() {
    let sizes = files().iter().map(|file| (file.lines, file.path.display().to_string())).collect();
    hold(sizes, FILE_LINES);
}

#[test]
fn no_function_is_too_long() {
    hold(files().iter().flat_map(functions).collect(), FUNCTION_LINES);
}

/// Shows the largest five and fails where one exceeds the limit.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the largest five are quoted in reviews")]
fn hold(mut sizes: Vec<(usize, String)>, limit: usize) {
    sizes.sort_by(|a, b| b.cmp(a));
    for (lines, what) in sizes.iter().take(5) {
        println!("{lines:4} {what}");
    }
    sizes.retain(|(lines, _)| *lines > limit);
    assert_eq!(sizes, [], "longer than {limit} lines");
}

fn functions(file: &SourceFile) -> Vec<(usize, String)> {
    let tokens = file.shipped();
    let starts = (0..tokens.len().saturating_sub(1)).filter(|at| {
        // `fn(u8)` is a type and has no name.
        tokens[*at].text == "fn" && tokens[at + 1].text != "("
    });
    starts.map(|at| (length(&tokens[at..]), name(&tokens[at + 1], file))).collect()
}

fn length(function: &[Token]) -> usize {
    let after = after_item(function).len();
    let last = &function[function.len() - after - 1];
    last.line - function[0].line + 1
}

fn name(token: &Token, file: &SourceFile) -> String {
    format!("{}:{} {}", file.path.display(), token.line, token.text)
}
