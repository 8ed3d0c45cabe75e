//! One page for a customer: settings, records, steps.
//!
//! It says what a person does who has the records typed into a form and a mail program set up. The
//! tables are those of the format `form`.

use std::fmt;

use super::markup::{Markup, Page};
use super::zone::login;
use super::{COMMON, Mending, Sheet, Spec, form};
use crate::forecast::{Mismatch, login_mismatches};
use crate::hosting::Login;
use crate::name::plain_text;
use crate::plan::RecordPlan;
use crate::service::Label;
use crate::words::listed;
use crate::zonefile;

pub(super) const MARKDOWN: Spec = Spec {
    word: "handout",
    headline: "one page for the customer: settings, records, steps (Markdown)",
    extension: "md",
    separator: "\n---\n\n",
    mending: Mending { deletes: true, ..Mending::COMMON },
    write: |sheet, out| write(sheet, Page { markup: Markup::Markdown, out }),
    ..COMMON
};

pub(super) const HTML: Spec = Spec {
    word: "handout-html",
    headline: "the same page as HTML, to be sent or printed",
    extension: "html",
    opening: OPENING,
    mending: Mending { deletes: true, ..Mending::COMMON },
    write: |sheet, out| write(sheet, Page { markup: Markup::Html, out }),
    ..COMMON
};

/// The ends of `body` and `html` may be left out (HTML, section 13.1.2.4), so that pages follow one
/// another. In print each begins a sheet.
const OPENING: &str = "\
<!DOCTYPE html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Mail settings</title>
<style>
body { font-family: sans-serif; line-height: 1.4; max-width: 60em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #999; padding: .2em .6em; text-align: left }
article + article { break-before: page; border-top: 1px solid #999 }
</style>
";

fn write(sheet: &Sheet<'_>, mut page: Page<'_>) -> fmt::Result {
    let is_html = page.markup == Markup::Html;
    if is_html {
        page.out.push_str("<article>\n");
    }
    page.heading(1, &sheet.heading())?;
    if let Some(plan) = sheet.plan() {
        write_settings(plan, &mut page)?;
    }
    write_records(sheet, &mut page)?;
    page.heading(2, "Steps")?;
    page.steps(&steps(sheet))?;
    if is_html {
        page.out.push_str("</article>\n");
    } else {
        // A page ends with one line end, as every text does.
        page.out.pop();
    }
    Ok(())
}

/// What is typed into a mail program that finds nothing by itself.
fn write_settings(plan: &RecordPlan, page: &mut Page<'_>) -> fmt::Result {
    page.heading(2, "Settings for mail programs")?;
    let rows: Vec<Vec<String>> = Label::ALL
        .into_iter()
        .filter_map(|label| {
            let server = plan.label(label).best()?;
            let service = label.service();
            let direction = if service.is_retrieval() { "Incoming" } else { "Outgoing" };
            Some(vec![
                format!("{direction} mail ({})", service.title()),
                format!("`{}`", plain_text(&server.target)),
                format!("`{}`", server.port),
                label.mode().title().to_owned(),
            ])
        })
        .collect();
    page.overview(&["For", "Server", "Port", "Encryption"], rows.iter())?;
    let mut items = vec![
        format!("User name: {}.", login(plan)),
        "Password: that of the mailbox, as a normal password; \"secure password authentication\" \
         stays off."
            .to_owned(),
        "Of TLS and STARTTLS, TLS is better; one of them is enough.".to_owned(),
    ];
    items.extend(spelled(plan));
    items.extend(login_mismatches(plan).iter().map(corrected));
    page.items(&items)
}

/// What address to type where the domain is an internationalised one: mail programs do not take it
/// as people write it.
fn spelled(plan: &RecordPlan) -> Option<String> {
    let (domain, shown) = (plan.domain().to_string(), plan.domain().shown());
    (domain != shown).then(|| {
        format!(
            "Type the mail address, and the user name where it is the address, with `{domain}` \
             behind the @ and not with `{shown}`: most mail programs find nothing else."
        )
    })
}

/// What to look after in programs that make up the user name from the address.
fn corrected(Mismatch { entered, clients }: &Mismatch) -> String {
    let what = match entered {
        Login::FullAddress => "the whole address",
        Login::LocalPart | Login::Pattern(_) => "the part before the @",
    };
    format!("Look at the user name in {}: by itself it is {what}.", listed(clients))
}

/// The tables that are typed into the form of the DNS host.
fn write_records(sheet: &Sheet<'_>, page: &mut Page<'_>) -> fmt::Result {
    page.heading(2, "DNS records")?;
    page.paragraph(&form::form_destination(sheet.dns_host(), sheet.origin()))?;
    let tables = form::tables(sheet);
    let notes: Vec<String> =
        form::form_notes(sheet.dns_host(), &tables).into_iter().map(str::to_owned).collect();
    if !notes.is_empty() {
        page.items(&notes)?;
    }
    for table in &form::tables_of_gone(sheet) {
        page.heading(3, &form::title_of_gone(table))?;
        page.table(&table.titles, table.rows.iter())?;
    }
    for table in &tables {
        page.heading(3, &format!("{} records", zonefile::type_name(table.rtype)))?;
        if table.denies {
            page.paragraph(form::DENIALS)?;
        }
        page.table(&table.titles, table.rows.iter())?;
    }
    Ok(())
}

fn steps(sheet: &Sheet<'_>) -> Vec<String> {
    let zone = plain_text(sheet.origin());
    let host = sheet.dns_host().map_or("the company that keeps the DNS of", |host| host.title());
    let place = match sheet.dns_host() {
        Some(_) => format!("Sign in at {host} and open the DNS settings of `{zone}`."),
        None => format!("Sign in at {host} `{zone}` and open its DNS settings."),
    };
    let mut steps = vec![place];
    if sheet.gone().is_some_and(|gone| !gone.is_empty()) {
        steps.push("Delete the records that stand above as records to delete.".to_owned());
    }
    steps.extend([
        "Add the DNS records above: a row of a table is a record, a column is a box of the form."
            .to_owned(),
        "Where the form says that a record of that name exists, delete the old one first if it \
         led to a former mail provider; ask us if you do not know what it is for."
            .to_owned(),
        "Wait for an hour: what stood there before may be remembered for a while.".to_owned(),
    ]);
    if sheet.plan().is_some() {
        steps.push(
            "Add the account to the mail program, with mail address and password. Most programs \
             find the rest by themselves; into one that does not, type the settings above."
                .to_owned(),
        );
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;
    use crate::hosting::{Columns, file};
    use crate::plan::plan;

    #[track_caller]
    fn page(profile: &str, domain: &str) -> [String; 2] {
        let hosting = file::parse(profile, "profile").unwrap();
        let plan = plan(&domain.parse().unwrap(), &hosting, &Columns::default()).unwrap();
        let sheet = Sheet::new(&plan, None).unwrap();
        [Format::HANDOUT, Format::HANDOUT_HTML].map(|format| {
            let mut out = String::new();
            sheet.print(format, &mut out);
            out
        })
    }

    #[test]
    fn it_says_which_address_to_type_where_people_write_the_domain_otherwise() {
        let [markdown, html] = page("imap: true", "b\u{fc}cher.example");
        assert!(
            markdown.contains(
                "with `xn--bcher-kva.example` behind the @ and not with `b\u{fc}cher.example`:"
            ),
            "{markdown}"
        );
        assert!(html.contains("and not with <code>b\u{fc}cher.example</code>:"), "{html}");
        for page in page("imap: true", "example.com") {
            assert!(!page.contains("behind the @"), "{page}");
        }
    }

    #[test]
    fn it_says_what_the_user_name_is_and_ends_with_one_line_end() {
        for (profile, login) in [
            ("imap: true", "User name: the full mail address."),
            ("login: local-part\nimap: true", "User name: the part of the address before the @."),
            (
                "pop3: true\nsubmission: true",
                "Look at the user name in msmtp and mpop: by itself it is the part before the @.",
            ),
        ] {
            for page in page(profile, "example.com") {
                assert!(page.contains(login), "{page}");
                assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{page}");
            }
        }
    }
}
