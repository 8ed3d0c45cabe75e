//! Names of files that hold ends of lines and control characters: no message gets a line of its own
//! out of them.

use std::fs;
use std::path::Path;

use crate::program::{mailsrv, text};

/// What the folder is called in which all of the files lie.
const FOLDER: &str = "x\nerror: fake\u{1b}[31m\u{202e}\r";

/// As messages have it.
const SHOWN: &str = "x\\nerror: fake\\x1b[31m\\u202e\\r";

const ZONE: &str = "$ORIGIN example.com.\n@ 300 SOA ns h 1 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\n_imaps._tcp 300 SRV 0 1 994 ns\n";

/// The files in the folder, and what they hold.
const FILES: [(&str, &str); 13] = [
    ("bad", "{"),
    ("good.yaml", "host: mail.{domain}\nimap: { tls: 993 }\n"),
    ("slip.yaml", "host: mail.{domian}\nimap: { tls: 993 }\n"),
    ("bad.csv", "name,server\na,b\n"),
    ("comment.csv", "id,domain\n#5,a.example\n6,b.example\n"),
    ("empty.csv", "domain\n"),
    ("list", "example..com\nexample.com\n"),
    ("bad.zone", "$ORIGIN example.com.\n@ 300 A 192.0.2.256\n"),
    ("good.zone", ZONE),
    (
        "other.zone",
        "$ORIGIN example.net.\n@ 300 SOA ns h 1 1 1 1 1\nexample.org. 300 A 192.0.2.1\n",
    ),
    ("twice/one.zone", ZONE),
    ("twice/two.zone", ZONE),
    ("example.com.yaml", "'':\n  type: A\n  value: 192.0.2.256\n"),
];

/// Runs in whose messages the folder is named, and their exit codes; `+` stands for the folder.
const TOLD: [(&[&str], i32); 43] = [
    (&["generate", "example.com", "-p", "+/absent"], 2),
    (&["generate", "example.com", "-p", "+/bad"], 2),
    (&["generate", "example.com", "--signed", "--certificate", "+/absent"], 2),
    (&["generate", "--input", "+/absent"], 2),
    (&["generate", "--input", "+/bad.csv"], 2),
    (&["generate", "--input", "+/comment.csv"], 0),
    (&["generate", "--input", "+/empty.csv"], 2),
    (&["generate", "example.com", "-o", "+"], 2),
    (&["generate", "example.com", "-o", "+/none/x"], 2),
    (&["generate", "example.com", "--output-dir", "+/bad"], 2),
    (&["generate", "--input", "+/list", "-o", "+/list"], 2),
    (&["documents", "example.com", "-o", "+/twice"], 2),
    (&["documents", "example.com", "-o", "+/bad"], 2),
    (&["documents", "example.com", "-o", "+/root"], 0),
    (&["documents", "--input", "+/list", "-o", "+/roots"], 3),
    (&["documents", "example.com", "-o", "+/roots"], 2),
    (&["init", "-o", "+/bad"], 2),
    (&["init", "-o", "+/new.yaml"], 0),
    (&["profile", "check", "+/absent"], 2),
    (&["profile", "check", "+/bad"], 2),
    (&["profile", "check", "+/slip.yaml"], 2),
    (&["profile", "check", "+/good.yaml"], 0),
    (&["import", "+/absent"], 2),
    (&["import", "+/bad"], 2),
    (&["import", "+"], 2),
    (&["import", "+", "-o", "+/profiles"], 2),
    (&["audit", "example.com", "--zone", "+/absent"], 2),
    (&["audit", "example.com", "--zone", "+/bad.zone"], 2),
    (&["audit", "example.com", "--zone", "+/example.com.yaml"], 2),
    (&["audit", "example.com", "--zone", "+/other.zone"], 2),
    (&["audit", "--zone", "+/other.zone", "--zone", "+/bad.zone"], 3),
    (&["audit", "--zone", "+/roots"], 2),
    (&["audit", "--zone", "+/twice"], 2),
    (&["audit", "example.com", "--zone", "+/good.zone", "--zone", "+/bad.zone"], 3),
    (&["audit", "example.com", "--zone", "+/good.zone", "-o", "+/r", "--record", "+/r"], 2),
    (&["audit", "example.com", "--replay", "+/bad"], 2),
    (&["audit", "example.com", "--zone", "+/good.zone", "--baseline", "+/bad"], 2),
    (&["audit", "example.com", "--authoritative", "--root-hints", "+/bad"], 2),
    (&["audit", "example.com", "--resolver", "tls://192.0.2.1", "--ca-file", "+/bad"], 2),
    (&["audit", "example.com", "--validate", "--trust-anchor", "+/bad"], 2),
    (
        &[
            "audit",
            "--transfer",
            "127.0.0.1:9",
            "--zone-name",
            "a.example",
            "--tsig-key-file",
            "+/bad",
        ],
        2,
    ),
    (&["audit", "--zone", "+/good.zone", "-f", "github"], 1),
    (&["audit", "--zone", "+/good.zone", "-f", "text"], 1),
];

#[test]
fn no_name_of_a_file_says_a_line_of_its_own() {
    let dir = tempfile::tempdir().expect("there is a place for temporary files");
    let folder = dir.path().join(FOLDER);
    for (name, content) in FILES {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder is writable");
        fs::write(path, content).expect("the folder is writable");
    }
    let shown = Path::new(dir.path()).join(SHOWN).display().to_string();
    let mut wrong = Vec::new();
    for (args, code) in TOLD {
        let path = folder.to_str().expect("it is UTF-8");
        let output = mailsrv(args.iter().map(|arg| arg.replace('+', path)));
        let said = text(&output.stdout) + &text(&output.stderr);
        // Prose is folded.
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_told = words.contains(&shown) || args.contains(&"github");
        let is_one_line = said.lines().all(|line| !line.starts_with("error: fake"))
            && !said.contains(|it: char| it.is_control() && it != '\n' || it == '\u{202e}');
        if output.status.code() != Some(code) || !is_told || !is_one_line {
            wrong.push(format!("{args:?} {:?}\n{said}", output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
