//! A shell script of `knotc` commands.

use hickory_proto::rr::Name;
use mailsrv::name;

use super::parts::{number, presented};
use super::shell::words;
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "knotc",
    read,
    mistakes: &[
        ("begin provider.example.", "begin example.org."),
        ("alone _pop3", "beside _pop3"),
        ("beside _imap", "alone _imap"),
        (" 3600 ", " 3601 "),
        ("0 1 993", "1 0 993"),
        (r"'\''", "'"),
        ("commit\n", ""),
        ("commit\n", "commit\ncommit\n"),
    ],
    refused: &[
        ("", "does not begin"),
        ("begin example.com.\n", "does not end"),
        ("begin example.com.\nbeside\ncommit\n", "no command"),
    ],
};

fn read(text: &str, origin: &Name) -> Result<Vec<Reading>, String> {
    let mut lines = text.lines().skip_while(|line| line.starts_with("# "));
    let begin = format!("begin {}", name::text(origin));
    if lines.next() != Some(begin.as_str()) {
        return Err(format!("it does not begin with `{begin}`"));
    }
    let mut readings = Vec::new();
    for line in lines.by_ref() {
        if line == "commit" {
            break;
        }
        match words(line)?.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [command, owner, ttl, rtype, rdatas @ ..] if !rdatas.is_empty() => {
                let ttl = number(ttl)?;
                let is_alone = *rtype == "CNAME" || (*rtype == "SRV" && rdatas[0].ends_with(" ."));
                if *command != if is_alone { "alone" } else { "beside" } {
                    return Err(format!("`{command}` in `{line}`"));
                }
                for rdata in rdatas {
                    readings.push(presented(owner, ttl, rtype, rdata)?);
                }
            }
            _ => return Err(format!("`{line}` is no command of the script")),
        }
    }
    match lines.next() {
        None if text.ends_with("\ncommit\n") => Ok(readings),
        _ => Err("it does not end with `commit`".to_owned()),
    }
}
