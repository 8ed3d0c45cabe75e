//! `audit -f csv`: RFC 4180, a row per finding or per domain, and nothing that a spreadsheet
//! calculates.

use mailsrv::report::{Looks, Rows, Settings};

use super::{count, run};

/// The rows of a text, each with as many fields as the first.
fn read(text: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut row, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (field, after) = match rest.strip_prefix('"') {
            Some(mut quoted) => {
                let mut field = String::new();
                loop {
                    let (part, after) = quoted.split_once('"').expect("a quotation ends");
                    field.push_str(part);
                    match after.strip_prefix('"') {
                        Some(more) => quoted = more,
                        None => break (field, after),
                    }
                    field.push('"');
                }
            }
            None => {
                let end = rest.find([',', '\r', '\n', '"']).expect("a line ends");
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        row.push(field);
        rest = match after.strip_prefix("\r\n") {
            Some(next) => {
                rows.push(std::mem::take(&mut row));
                next
            }
            None => after.strip_prefix(',').expect("a comma parts fields"),
        };
    }
    assert_eq!(row, [""; 0], "the last line ends");
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
    }
    rows
}

fn table(rows: Rows) -> Vec<Vec<String>> {
    read(&run("csv", Settings { rows, ..Settings::from(Looks::default()) }))
}

#[test]
fn a_row_is_a_finding_or_a_domain_that_could_not_be_judged() {
    let rows = table(Rows::Finding);
    let head = "domain,verdict,severity,code,owner,type,file,line,message,expected,observed,delete,publish,reference,help";
    assert_eq!(rows[0].join(","), head);
    let (findings, unjudged): (Vec<_>, Vec<_>) =
        rows[1..].iter().partition(|row| !row[3].is_empty());
    assert_eq!(findings.len(), count().findings);
    assert!(!unjudged.is_empty());
    for row in unjudged {
        assert!(["unknown", "broken"].contains(&row[1].as_str()) && !row[8].is_empty(), "{row:?}");
    }
    for row in rows.iter().flatten() {
        assert!(!row.starts_with(['=', '+', '-', '@', '\t']) && !row.contains('\n'), "{row}");
    }
    assert!(rows[1][0].starts_with("'=cmd|"), "{:?}", rows[1]);
}

#[test]
fn a_row_is_a_domain_where_that_is_wanted() {
    let rows = table(Rows::Domain);
    let head = "domain,verdict,critical,error,warning,info,codes,delete,publish,file,line,problem";
    assert_eq!(rows[0].join(","), head);
    // All scenarios, and the broken line.
    assert_eq!(rows.len() - 1, count().domains + 1);
    let total = |column: usize| -> usize {
        rows[1..].iter().map(|row| row[column].parse::<usize>().expect("a number")).sum()
    };
    assert_eq!((2..6).map(total).sum::<usize>(), count().findings);
    assert!(rows.iter().any(|row| row[1] == "pass" && row[11].is_empty()));
    assert!(rows.iter().any(|row| row[1] == "unknown" && row[11].contains(" not answered: ")));
}
