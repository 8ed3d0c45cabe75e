//! Lists of mail domains as people have them: out of spreadsheets, with repetitions, or empty.

use std::fs;

use crate::shards::run;

/// Runs `generate -` and compares the exit code and what is said.
#[track_caller]
fn check(args: &[&str], list: &[u8], code: u8, said: &str) -> String {
    let (got, out, err) = run(&[&["generate", "-"], args].concat(), list);
    assert_eq!((got, err.as_str()), (code, said), "{out}");
    out
}

#[test]
fn a_list_out_of_a_spreadsheet_is_read_as_it_is() {
    let list = b"Kunde;Domain;Mail Server\r\nM\xfcller;a.example;s1.provider.example\r\n";
    let out = check(&["--host", "{Mail Server}"], list, 0, "");
    assert!(out.contains(" 993 s1.provider.example."), "{out}");
    let list = b"name\tMail domain\tserver\nA\ta.example\ts1.provider.example\n";
    let said = "error: standard input: line 1: the header has no column `domain`, but `name`, `Mail domain` and `server`\n\
        hint: name the column of the mail domains `domain`, or say which it is: --domain-column NAME\n";
    assert_eq!(check(&["--host", "{server}"], list, 2, said), "");
    let said = "error: standard input: line 1: the header has no column `domain`, but `Domain Name` and `x`\n\
        hint: name the column of the mail domains `domain`, or say which it is: --domain-column \"Domain Name\"\n";
    check(&[], b"Domain Name,x\na.example,1\n", 2, said);
    let said = "error: standard input: line 1: the header has no column `Nope`, but `name`, `Mail domain` and `server`\n";
    check(&["--domain-column", "Nope"], list, 2, said);
    let said = "error: standard input: line 1: the header has no column `Mail Domains`, but `name`, `Mail domain` and \
        `server`; did you mean `Mail domain`?\n";
    check(&["--domain-column", "Mail Domains"], list, 2, said);
    let out = check(&["--host", "{server}", "--domain-column", "Mail Domain"], list, 0, "");
    assert!(out.contains(" 993 s1.provider.example."), "{out}");
    let said =
        "error: standard input: the list is in UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)\n";
    check(&[], b"\xff\xfea\0.\0b\0\n\0", 2, said);
}

#[test]
fn no_field_of_a_list_says_a_line_of_its_own() {
    let rows =
        b"domain,server\n\"x\n::error::boo\nexample.com: pass\",n\na.example,\"s\n::error::boo\"\n";
    let commands: [&[&str]; 2] =
        [&["generate"], &["audit", "--zone", "/dev/null", "--fix", "zone"]];
    for command in commands {
        let (_, out, err) = run(&[command, &["--host", "{server}", "-"]].concat(), rows);
        assert!(err.contains("line 2"), "{err}");
        let mut lines = out.lines().chain(err.lines());
        assert!(!lines.any(|it| it.starts_with("::") || it.contains(": pass")), "{out}{err}");
    }
}

#[test]
fn a_column_that_is_used_is_utf_8() {
    let said = "line 2: a.example: `{server}` gives no host name: `m\u{fffd}.provider.example` has octets that are not \
        UTF-8; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8\n\
        line 3: m\u{fffd}.example,: the line is not UTF-8; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8\n\
        2 lines were refused; nothing was written\n";
    let list = b"domain,server\na.example,m\xfc.provider.example\nm\xfc.example,\n";
    check(&["--host", "{server}"], list, 3, said);
    let said = "error: the profile needs a column `srever`: the input has none of that name; did you mean `server`?\n\
        hint: --set srever=srv7.provider.example gives it to all domains, a CSV input with that column to each its own\n";
    check(&["--host", "{srever}"], list, 2, said);
}

#[test]
fn the_text_of_a_note_is_no_mail_domain() {
    let list = b"domain,note\na.example,\"moved from\nevil.example,old\nto us\"\nb.example,\n";
    let said =
        "note: the profile reads none of these columns: `note`; it would with --host \"{note}\"\n";
    let out = check(&[], list, 0, said);
    assert_eq!(out.matches("$ORIGIN").count(), 2, "{out}");
    assert!(!out.contains("evil"), "{out}");
}

#[test]
fn a_comment_that_could_be_a_row_is_told() {
    const IDLE: &str = "note: the profile reads none of these columns: `ticket`; it would with --host \"{ticket}\"\n";
    let list = b"ticket,domain\n#5,a.example\n6,b.example\n";
    let said = "note: standard input: line 2 begins with # and is a comment, though it could be a row; \
        if it is one, put its first field in quotes\n";
    assert!(!check(&[], list, 0, &format!("{IDLE}{said}")).contains("a.example"));
    let list = b"ticket,domain\n\"#5\",a.example\n6,b.example\n# 7: no more\n";
    assert!(check(&[], list, 0, IDLE).contains("a.example"));
    let list = b"ticket,domain\n#5,a.example\n#6,b.example\n";
    let said = "error: standard input: there is no mail domain in it\n\
        note: standard input: 2 lines begin with # and are comments, though they could be rows, the first of \
        them line 2; if they are, put their first fields in quotes\nhint: --allow-empty takes that\n";
    check(&[], list, 2, said);
    let args = ["audit", "-", "--zone", "tests/readme/example.com.zone"];
    let (code, _, err) = run(&args, b"n,domain\n#,a.example\n,example.com\n");
    let is_told = err.contains("note: standard input: line 2 begins with #");
    assert!(code == 1 && is_told, "{code} {err}");
}

#[test]
fn of_two_rows_of_a_domain_the_first_stands_and_the_other_is_told() {
    let list = b"domain,server,note\na.example,s1.example,x\nA.example,S1.example ,y\n";
    let once = "note: a.example in line 3 was given before; the first one counts\n";
    check(&["--host", "{server}"], list, 0, once);
    let list = [&list[..], b"a.example,s2.example,\n"].concat();
    let said = "note: 2 domains were given before, such as a.example in line 3; the first of each counts\n\
        note: not used of a.example in line 4: server=s2.example; the row says otherwise than the first one, which stands\n";
    let out = check(&["--host", "{server}"], &list, 0, said);
    assert!(!out.contains("s2.example"), "{out}");
    let list = [&list[..], b"a.example,s3.example,\n"].concat();
    let (_, _, err) = run(&["generate", "-", "--host", "{server}"], &list);
    assert!(err.contains("server=s2.example, and so of 1 more; the rows say otherwise"), "{err}");
}

#[test]
fn a_list_of_one_domain_says_what_a_zone_file_is_relative_to() {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let zone = folder.path().join("z.zone");
    let records =
        b"$TTL 1h\n@ SOA ns.a.example. joe.a.example. 1 1h 1h 1h 1h\n@ NS ns.a.example.\n";
    fs::write(&zone, records).expect("it is writable");
    let zone = zone.to_str().expect("temporary paths are UTF-8");
    let alone = run(&["audit", "a.example", "--zone", zone], b"");
    assert!(alone.2.contains("they are read below a.example"), "{}", alone.2);
    for list in [&b"a.example\n"[..], b"domain\na.example\nA.example\n"] {
        let (code, out, err) = run(&["audit", "-", "--zone", zone], list);
        assert_eq!(code, alone.0, "{err}");
        assert!(err.contains("they are read below a.example"), "{err}");
        assert!(out.starts_with(&alone.1), "{out}");
    }
    let (code, _, err) = run(&["audit", "-", "--zone", zone], b"a.example\nb.example\n");
    assert!(code == 2 && err.contains("hint: an origin is guessed for one mail domain"), "{err}");
}

#[test]
fn what_is_pasted_in_place_of_a_domain_is_told_with_the_domain_in_it() {
    let said = "line 2: https://www.b.example/: `https://www.b.example/` is more than a name; give the name alone: b.example\n\
        line 3: Joe <joe@c.example>: `Joe <joe@c.example>` is a mail address; give the domain alone: c.example\n\
        2 lines were refused; the records of the others are written\n";
    let list = b"a.example\nhttps://www.b.example/\nJoe <joe@c.example>\n";
    check(&[], list, 3, said);
}

#[test]
fn a_list_without_a_domain_is_trouble_unless_that_is_allowed() {
    let said =
        "error: standard input: there is no mail domain in it\nhint: --allow-empty takes that\n";
    for list in [&b""[..], b"# none\n\n", b"domain,server\n"] {
        assert_eq!(check(&[], list, 2, said), "");
        check(&["--allow-empty"], list, 0, "");
    }
    let (code, out, err) = run(&["audit", "-", "--zone", "no/such"], b"");
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    // A domain that an argument names already is one.
    let said = "note: a.example in line 1 was given before; the first one counts\n";
    check(&["a.example"], b"a.example\n", 0, said);
}

#[test]
fn a_domain_that_is_given_twice_is_one() {
    let list = b"a.example\nb.example\nA.example.\na.example\nb_b\n";
    let said = "line 5: b_b: `b_b` is not a host name: letters, digits and inner hyphens only (RFC 1123 section 2.1)\n\
        note: 2 domains were given before, such as a.example in line 3; the first of each counts\n\
        1 line was refused; the records of the others are written\n";
    let out = check(&["-f", "terraform-aws"], list, 3, said);
    assert_eq!(out.matches("\"srv__imaps__tcp_a_example\"").count(), 1, "{out}");

    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let root = folder.path().join("www");
    let path = root.to_str().expect("temporary paths are UTF-8");
    let (code, _, err) =
        run(&["documents", "-", "a.example", "-o", path], b"b.example\nA.example\n");
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("2 written, 0 unchanged\n"), "{err}");
    assert!(err.contains("note: a.example in line 2 was given before"), "{err}");
    assert_eq!(fs::read_dir(&root).expect("it was made").count(), 2);

    let (code, out, err) = run(&["generate", "a.example", "A.EXAMPLE"], b"");
    assert_eq!((code, out.matches("$ORIGIN").count()), (0, 1));
    assert_eq!(err, "note: a.example was given before; the first one counts\n");
}
