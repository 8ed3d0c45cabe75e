//! The commands that look at profiles and make them: `profile check` and `init`.

use std::fs;
use std::path::Path;

use mailsrv::cli::{self, Env};
use mailsrv::hosting::{Hosting, Login, file};
use mailsrv::interrupt::Interrupt;
use mailsrv::service::{Label, Service};

use crate::program::{mailsrv, printed, text};

/// A run with standard input and, where there is a person, terminals: exit code, stdout, stderr.
fn run(args: &[&str], stdin: &str, terminal: bool) -> (u8, String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = cli::run(Env {
        args: std::iter::once("mailsrv").chain(args.iter().copied()).map(Into::into).collect(),
        stdin: Box::new(stdin.as_bytes()),
        stdout: Box::new(&mut stdout),
        stderr: Box::new(&mut stderr),
        stdin_is_terminal: terminal,
        stdout_is_terminal: terminal,
        stderr_is_terminal: terminal,
        stdout_columns: 80,
        stderr_columns: None,
        no_color: true,
        interrupt: Interrupt::default(),
    });
    (code, text(&stdout), text(&stderr))
}

#[track_caller]
fn accepted(profile: &str) -> Hosting {
    file::parse(profile, "profile.yaml").unwrap_or_else(|error| panic!("{error}\n{profile}"))
}

#[test]
fn sound_profiles_are_summed_up_in_a_line() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it is writable");
        path.display().to_string()
    };
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/zones/hosting.yaml");
    let more = file(
        "more.yaml",
        "host: '{server}'\nimap: { tls: 1993 }\nsieve: true\ncaldav: { host: 'dav.{cluster}.example' }\ndeny: false\n",
    );
    assert_eq!(
        printed(["profile", "check", default, &more]),
        format!(
            "{default}: ok: IMAP 993/143, POP3 995/110, submission 465/587; host mail.{{domain}}; 9 RRsets for example.com\n\
             {more}: ok: IMAP 1993, ManageSieve, CalDAV; host {{server}}; 3 RRsets for example.com; columns of the input: cluster, server\n"
        )
    );
    let unknown = file("unknown.yaml", "imap: true\npop: true\n");
    let severity = file("severity.yaml", "imap: true\nseverity: { target-allias: off }\n");
    let itself = file("itself.yaml", "host: autoconfig.{domain}\nimap: true\nautoconfig: true\n");
    let args = [
        "profile",
        "check",
        &unknown,
        default,
        &severity,
        &itself,
        "no/such.yaml",
        "-d",
        "a.example",
    ];
    let output = mailsrv(args);
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(out.ends_with("9 RRsets for a.example\n") && out.lines().count() == 1, "{out}");
    for part in [
        &format!("error: unknown field `pop`\n --> {unknown}:2:1\n"),
        "did you mean `target-alias`?",
        &format!(" --> {severity}:2:13"),
        &format!(
            "error: {itself}: for a.example: autoconfig.a.example would be an alias of itself"
        ),
        "error: cannot read no/such.yaml",
    ] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

#[test]
fn a_check_names_slips_and_what_clients_lose() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let check = |text: &str, options: &[&str]| {
        let path = folder.path().join("p.yaml");
        fs::write(&path, text).expect("it is writable");
        let path = path.display().to_string();
        let (code, _, said) = run(&[&["profile", "check", &path], options].concat(), "", false);
        (code, said.replace(&path, "p.yaml"))
    };
    let slip = "host: 'mail.{domian}'\nimap: true\n";
    let said = "error: `{domian}` would be a column of the input; did you mean `{domain}`?\n \
        --> p.yaml:1:13\n  |\n1 | host: 'mail.{domian}'\n  |             ^^^^^^^^\n\
        hint: where the column is meant, say so with --set domian=VALUE\n";
    assert_eq!(check(slip, &[]), (2, said.to_owned()));
    assert_eq!(check(slip, &["--set", "domian=x.example", "--set", "other=1"]).0, 0);

    let twins = "host: '{server}'\nimap: { tls: true, servers: [{ host: 'a.{srever}' }] }\ndeny: false\n\
        caldav: { host: 'dav.{server1}' }\n";
    let (code, said) = check(twins, &[]);
    let twin = "p.yaml: note: line 2: `{srever}` is a column of its own beside `{server}`; did you mean `{server}`?\n";
    assert!(code == 0 && said.starts_with(twin), "{said}");
    assert!(!said.contains("server1"), "{said}");
    let said = "error: `joe` is no form of a login name; write full-address, local-part, or a form of your own with \
        {address} or {local-part} in it, such as {local-part}-al or {local-part}+{domain}\n --> p.yaml:2:8\n";
    let (code, told) = check("imap: true\nlogin: joe\n", &[]);
    assert!(code == 2 && told.starts_with(said), "{told}");

    let names = "autoconfig: true\nautodiscover: true\n";
    let (code, said) = check(&format!("imap: true\nsubmission: {{ tls: 465 }}\n{names}"), &[]);
    let part = "p.yaml: note: without STARTTLS for submission, Claws Mail";
    assert!(code == 0 && said.contains(part), "{said}");
    assert!(!said.contains("without auto"), "{said}");
    let (_, said) = check("imap: true\nsubmission: true\n", &[]);
    assert!(said.contains("p.yaml: note: without autoconfig and autodiscover, "), "{said}");
    assert!(said.contains("KMail"), "{said}");
    let (_, said) =
        check(&format!("imap: true\nsubmission: true\nlogin: local-part\n{names}"), &[]);
    let part = "Geary";
    assert!(
        said.contains("the login name, whatever is documented, is the full address with "),
        "{said}"
    );
    assert!(said.contains(part) && !said.contains("without"), "{said}");
}

#[test]
fn without_a_terminal_and_options_the_profile_is_the_documented_one() {
    let (code, profile, told) = run(&["init"], "", false);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_eq!(accepted(&profile), Hosting::documented());
    assert!(profile.starts_with("# What we tell our customers"), "{profile}");
}

/// A profile to begin with.
const BEGINNING: &str = r#"# What we tell our customers about their mail servers.
# `mailsrv profile check` reads it, `mailsrv generate -p` prints the records.

# The host of all services; {domain} is the mail domain, {server} a column of the input.
host: "mail.{domain}"

# Ports with TLS and with STARTTLS. What is not offered is denied with the target `.`.
imap:       { tls: 993, starttls: 143 }
pop3:       { tls: 995, starttls: 110 }
submission: { tls: 465, starttls: 587 }

# What users type as the login name; or full-address.
login: local-part

# Names that clients fetch their settings from; the documents have to be served there.
# `true` is an alias of the host, and for autodiscover an SRV record, too.
autoconfig: true
autodiscover: true

# What the documents call us.
provider:
  name: A
"#;

#[test]
fn options_say_what_a_profile_is_to_be() {
    let args = [
        "init",
        "--host",
        "{server}",
        "--services",
        "submission,imap",
        "--implicit-only",
        "--login",
        "local-part",
        "--no-autoconfig",
        "--provider-name",
        "Example: \"Hosting\"",
    ];
    // On a terminal, too, nothing is asked then.
    for terminal in [false, true] {
        let (code, profile, told) = run(&args, "", terminal);
        assert_eq!((code, told.as_str()), (0, ""));
        let hosting = accepted(&profile);
        let offered = Label::ALL.into_iter().filter(|label| hosting.endpoint(*label).is_some());
        assert_eq!(offered.collect::<Vec<_>>(), [Label::Imaps, Label::Submissions]);
        assert_eq!(hosting.host().to_string(), "{server}");
        assert_eq!(hosting.login(), &Login::LocalPart);
        assert_eq!(hosting.autodiscover_srv(), None);
        assert_eq!(hosting.provider().name.as_deref(), Some("Example: \"Hosting\""));
    }
    let (_, profile, _) =
        run(&["init", "--provider-name", "A", "--login", "local-part"], "", false);
    assert_eq!(profile, BEGINNING);
    let (_, profile, _) = run(&["init", "--services", "imap", "--no-autoconfig"], "", false);
    let login =
        "# The login name is the full address; or, with `login: local-part`, what is before";
    assert!(profile.contains(login) && profile.ends_with("imap: { tls: 993, starttls: 143 }\n"));
    for (args, part) in [
        (["--services", "imap,smtp"], "`smtp` is no service; there are imap, pop3 and submission"),
        (["--services", ","], "name one service at least"),
        (["--login", "name"], "`name` is no form of a login name; write full-address, local-part"),
        (["--host", "192.0.2.1"], "is an IP address"),
        (["--host", "autodiscover.{domain}"], "would be an alias of itself"),
        (["--provider-name", "a\nb"], "a name of 1 to 60 characters on one line"),
        (["--force", "-q"], "--output"),
    ] {
        let (code, out, told) = run(&[&["init"], args.as_slice()].concat(), "", false);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

#[test]
fn on_a_terminal_it_asks_until_the_answer_is_right() {
    let (code, profile, told) = run(&["init"], "\n\n\n\n\n\n", true);
    assert_eq!((code, accepted(&profile)), (0, Hosting::documented()));
    assert!(
        told.starts_with(
            "Host of all services [mail.{domain}]: Services [imap, pop3, submission]: "
        )
    );
    let answers = "ma il.{domain}\nautoconfig.{domain}\n mx.provider.example \nimap smtp\nimap\nmaybe\nN\n\
                   name\nlocal-part\nno\n\u{1}\nBücher & Co\n";
    let (code, profile, told) = run(&["init"], answers, true);
    assert_eq!(code, 0, "{told}");
    let hosting = accepted(&profile);
    assert_eq!(hosting.host().to_string(), "mx.provider.example");
    assert_eq!(hosting.offer(Service::Submission), None);
    assert_eq!(hosting.endpoint(Label::Imap), None);
    assert_eq!(hosting.login(), &Login::LocalPart);
    assert_eq!(hosting.provider().name.as_deref(), Some("Bücher & Co"));
    for part in [
        "is not a host name",
        "alias of itself",
        "`smtp` is no service",
        "`maybe` is neither yes nor no",
        "`name` is no form of",
        "on one line",
    ] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
    for stdin in ["", "\n\n", "\n\nyes\nfull-address\nyes\n"] {
        let (code, out, told) = run(&["init"], stdin, true);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(
            told.contains("ended before every question was answered; nothing was written"),
            "{told}"
        );
    }
}

#[test]
fn a_file_is_replaced_only_where_that_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let path = folder.path().join("profile.yaml").display().to_string();
    let (code, out, told) = run(&["init", "-o", &path], "", false);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(
        told,
        format!("{path} is written; mailsrv generate -p {path} DOMAIN prints the records\n")
    );
    let written = fs::read_to_string(&path).expect("it is written");
    assert_eq!(accepted(&written), Hosting::documented());
    for terminal in [false, true] {
        let (code, _, told) = run(&["init", "-o", &path, "--services", "imap"], "", terminal);
        assert_eq!(code, 2);
        assert!(told.contains("is there already\nhint: --force replaces it"), "{told}");
    }
    // Nothing is asked either.
    let (code, _, told) = run(&["init", "-o", &path], "", true);
    assert!(code == 2 && !told.contains('['), "{told}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), written);
    let (code, _, told) = run(&["init", "-qo", &path, "--services", "imap", "--force"], "", false);
    assert_eq!((code, told.as_str()), (0, ""));
    assert_ne!(fs::read_to_string(&path).expect("it is there"), written);
    let (code, _, _) =
        run(&["init", "-o", &Path::new(&path).join("x").display().to_string()], "", false);
    assert_eq!(code, 2);
}
