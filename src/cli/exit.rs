//! The exit codes, as diff and ripgrep have them: 2 beats 1 beats 3.

/// Nothing at or above `--fail-on`, or everything generated.
pub(super) const CLEAN: u8 = 0;
/// Findings at or above `--fail-on`.
pub(super) const FINDINGS: u8 = 1;
/// Trouble: usage, profile, input or output.
pub(super) const TROUBLE: u8 = 2;
/// No findings, but some domain could not be judged, or some line of the input was refused.
pub(super) const UNJUDGED: u8 = 3;

/// The exit code of a run that refused so many lines or documents.
pub(super) const fn of_refusals(refused: usize) -> u8 {
    if refused > 0 { UNJUDGED } else { CLEAN }
}
