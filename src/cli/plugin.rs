//! Trouble, as Nagios is to hear of it: on standard output, and with the exit code of UNKNOWN.
//!
//! To Nagios 2 is CRITICAL, and what stands on standard error nothing.

use std::ffi::OsString;
use std::io::Write as _;

use super::env::Env;
use crate::report::{Format, Status};

/// Whether the report of a plugin is wanted, in arguments that may not make sense.
pub(super) fn is_meant(args: &[OsString]) -> bool {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy().to_ascii_lowercase()).collect();
    let word = Format::NAGIOS.text();
    args.iter().enumerate().any(|(at, arg)| {
        let value = ["--format=", "-f=", "-f"].iter().find_map(|option| arg.strip_prefix(option));
        value == Some(word)
            || matches!(arg.as_str(), "-f" | "--format")
                && args.get(at + 1).is_some_and(|next| next == word)
    })
}

/// Says the first line of a message as the line of a plugin, and all of it on standard error.
pub(super) fn give_up(message: &str, env: &mut Env<'_>) -> u8 {
    env.say(message.trim_end());
    let first = message.lines().next().unwrap_or_default();
    let line = Status::Unknown.line(first.strip_prefix("error: ").unwrap_or(first));
    // With stdout closed there is nobody to tell.
    let _told = env.print(format!("{line}\n").as_bytes());
    let _told = env.stdout.flush();
    Status::Unknown.code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_meant_however_the_format_is_given() {
        for (args, meant) in [
            ("mailsrv audit -f nagios a.example", true),
            ("mailsrv audit --format Nagios", true),
            ("mailsrv audit --format=nagios", true),
            ("mailsrv audit -fnagios", true),
            ("mailsrv audit -f json nagios", false),
            ("mailsrv audit nagios", false),
            ("mailsrv audit -f", false),
        ] {
            let args: Vec<OsString> = args.split(' ').map(OsString::from).collect();
            assert_eq!(is_meant(&args), meant, "{args:?}");
        }
    }
}
