//! The page for a customer, in Markdown and in HTML: one grammar, two spellings.

use hickory_proto::rr::{Name, RData};
use mailsrv::name::plain_text;
use mailsrv::service::Label;

use super::form::{DENIALS, Style, names_form, read_row, titled};
use super::{Reader, Reading};

pub(super) const MARKDOWN: Reader = Reader {
    word: "handout",
    read: |text, origin| read(markdown(text)?, origin),
    mistakes: &[
        ("`3600` | `0` | `20` | `993`", "`3600` | `1` | `20` | `993`"),
        ("`@` | `3600`", "`@` | `3601`"),
        ("`993` | TLS", "`995` | TLS"),
        ("| `_pop3s` |", "| `_pop3` |"),
        ("`_imaps` | `_tcp`", "_imaps | _tcp"),
        ("zone provider.example.", "zone example.org."),
        ("|---|---|---|---|\n", "|---|---|---|\n"),
        ("## Steps", "# Steps"),
        ("2. ", "3. "),
        ("- User", "User"),
        ("\n\n## DNS", "\n## DNS"),
    ],
    refused: &[
        ("", "a heading"),
        ("# <b>\n", "means something"),
        ("# a_b\n", "means something"),
        ("# a &b;\n", "means something"),
    ],
};

pub(super) const HTML: Reader = Reader {
    word: "handout-html",
    read: |text, origin| read(html(text)?, origin),
    mistakes: &[
        ("<td><code>3600</code></td>", "<td><code>3601</code></td>"),
        ("<code>993</code>", "<code>995</code>"),
        ("<code>_pop3s</code>", "<code>_pop3</code>"),
        ("<td><code>0</code></td>", "<td>0</td>"),
        ("<th>For</th>", ""),
        ("<h2>Steps</h2>", "<h1>Steps</h1>"),
        ("<ol>", "<ol start=\"2\">"),
        ("zone provider.example.", "zone example.org."),
        ("</article>", ""),
    ],
    refused: &[
        ("", "is no article"),
        ("<article></article>", "a heading"),
        ("<article><h1>a</h1><script>b</script></article>", "`script`"),
        ("<article><h1 onclick=\"b\">a</h1></article>", "an attribute"),
    ],
};

/// A part of a page, its texts as they are read.
#[derive(Debug, PartialEq)]
enum Part {
    Heading(usize, String),
    Paragraph(String),
    Items(Vec<String>),
    Steps(Vec<String>),
    Table(Vec<String>, Vec<Vec<String>>),
}

/// Settings, records, steps, and nothing else.
fn read(parts: Vec<Part>, origin: &Name) -> Result<Vec<Reading>, String> {
    let mut parts = parts.into_iter().peekable();
    let is = |level, title: &'static str| move |part: &Part| *part == heading(level, title);
    match parts.next() {
        Some(Part::Heading(1, title)) if !title.is_empty() => {}
        other => return Err(format!("a heading is wanted, not {other:?}")),
    }
    let mut settings = Vec::new();
    if parts.next_if(is(2, "Settings for mail programs")).is_some() {
        settings = match (parts.next(), parts.next()) {
            (Some(Part::Table(titles, rows)), Some(Part::Items(items)))
                if titles == ["For", "Server", "Port", "Encryption"] && items.len() >= 3 =>
            {
                rows
            }
            other => return Err(format!("settings are wanted, not {other:?}")),
        };
    }
    parts.next_if(is(2, "DNS records")).ok_or("there are no records")?;
    match parts.next() {
        Some(Part::Paragraph(named)) => names_form(&named, origin)?,
        other => return Err(format!("a place is wanted, not {other:?}")),
    }
    let notes = match parts.next_if(|part| matches!(part, Part::Items(_))) {
        Some(Part::Items(notes)) => notes,
        _ => Vec::new(),
    };
    let style = Style::of(notes.iter().map(String::as_str));
    let mut readings = Vec::new();
    while let Some(Part::Heading(_, title)) =
        parts.next_if(|part| matches!(part, Part::Heading(3, _)))
    {
        let rtype = titled(&title)?;
        let _said = parts.next_if(|part| *part == Part::Paragraph(DENIALS.to_owned()));
        let Some(Part::Table(titles, rows)) = parts.next() else {
            return Err(format!("there is no table below {title}"));
        };
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        for row in &rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            readings.push(read_row((&titles, &cells), style, origin, rtype)?);
        }
    }
    parts.next_if(is(2, "Steps")).ok_or("there are no steps")?;
    match (parts.next(), parts.next()) {
        (Some(Part::Steps(steps)), None) if steps.len() >= 4 => {}
        other => return Err(format!("steps and an end are wanted, not {other:?}")),
    }
    compare(&settings, &readings)?;
    Ok(readings)
}

fn heading(level: usize, title: &str) -> Part {
    Part::Heading(level, title.to_owned())
}

/// Settings that a person types are those that the records give to programs.
fn compare(settings: &[Vec<String>], readings: &[Reading]) -> Result<(), String> {
    let mut rest = settings.iter().collect::<Vec<_>>();
    for label in Label::ALL {
        let service = label.service();
        let direction = if service.is_retrieval() { "Incoming" } else { "Outgoing" };
        let called = format!("{direction} mail ({})", service.title());
        let is_meant = |row: &&Vec<String>| row[0] == called && row[3] == label.mode().title();
        let at = rest.iter().position(is_meant);
        let row = at.map(|at| rest.remove(at));
        let targets = readings.iter().filter_map(|reading| match &reading.data {
            RData::SRV(srv) if !srv.target.is_root() => {
                let first = reading.owner.iter().next()?;
                (first == label.text().as_bytes())
                    .then(|| [plain_text(&srv.target), srv.port.to_string()])
            }
            _ => None,
        });
        let targets: Vec<[String; 2]> = targets.collect();
        match row {
            None if targets.is_empty() || settings.is_empty() => {}
            Some(row) if targets.is_empty() || targets.iter().any(|it| *it == row[1..3]) => {}
            _ => return Err(format!("{row:?} is not what the records say: {targets:?}")),
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("{rest:?} are settings of nothing")) }
}

/// Blocks with a blank line between.
fn markdown(text: &str) -> Result<Vec<Part>, String> {
    let blocks = text.strip_suffix('\n').unwrap_or_default().split("\n\n");
    blocks.map(block).collect()
}

fn block(block: &str) -> Result<Part, String> {
    let lines: Vec<&str> = block.lines().collect();
    let [first, rest @ ..] = lines.as_slice() else {
        return Err("a heading is wanted, not nothing".to_owned());
    };
    if let Some((mark, title)) = first.split_once(' ').filter(|(mark, _)| mark.starts_with('#')) {
        let level = mark.len();
        return match rest {
            [] if mark.chars().all(|it| it == '#') => Ok(Part::Heading(level, words(title)?)),
            _ => Err(format!("`{block}` is no heading")),
        };
    }
    if first.starts_with("| ") {
        let [line, rows @ ..] = rest else { return Err(format!("`{block}` is no table")) };
        let titles = cells(first, words)?;
        if *line != format!("{}|", "|---".repeat(titles.len())) {
            return Err(format!("`{line}` does not part the titles from the rows"));
        }
        let is_overview = titles.first().is_some_and(|title| title == "For");
        let read = if is_overview { words } else { value };
        let rows = rows.iter().map(|row| cells(row, read));
        return Ok(Part::Table(titles, rows.collect::<Result<_, _>>()?));
    }
    if first.starts_with("- ") {
        let items = lines.iter().map(|line| match line.strip_prefix("- ") {
            Some(item) => words(item),
            None => Err(format!("`{line}` is no item")),
        });
        return items.collect::<Result<_, _>>().map(Part::Items);
    }
    if first.starts_with("1. ") {
        let steps = lines.iter().enumerate();
        let steps = steps.map(|(at, line)| match line.strip_prefix(&format!("{}. ", at + 1)) {
            Some(step) => words(step),
            None => Err(format!("`{line}` is not step {}", at + 1)),
        });
        return steps.collect::<Result<_, _>>().map(Part::Steps);
    }
    match rest {
        [] => words(first).map(Part::Paragraph),
        _ => Err(format!("`{block}` is no paragraph")),
    }
}

fn cells(line: &str, read: impl Fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
    let inside = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |"));
    let inside = inside.ok_or_else(|| format!("`{line}` is no row"))?;
    inside.split(" | ").map(read).collect()
}

/// A value: code, or references in the place of every mark.
fn value(cell: &str) -> Result<String, String> {
    if let Some(code) = cell.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
        let is_fit = !code.is_empty() && !code.contains(['`', '|', '\\']);
        return if is_fit { Ok(code.to_owned()) } else { Err(format!("{cell} is no code")) };
    }
    let mut out = String::new();
    let mut rest = cell;
    while let Some(character) = rest.chars().next() {
        if let Some((number, after)) = rest.strip_prefix("&#").and_then(|rest| rest.split_once(';'))
        {
            let number = number.parse().ok().and_then(char::from_u32);
            out.push(number.ok_or_else(|| format!("`{cell}` has a reference to nothing"))?);
            rest = after;
        } else if character.is_ascii_punctuation() {
            return Err(format!("`{character}` in `{cell}` means something"));
        } else {
            out.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    // What needs no reference is written as code.
    if out.contains(['`', '|', '\\']) { Ok(out) } else { Err(format!("`{cell}` is no code")) }
}

/// A text in which nothing but code means anything.
fn words(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        let entity = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
        rest = if let Some((code, after)) =
            rest.strip_prefix('`').and_then(|rest| rest.split_once('`'))
        {
            out.push_str(code);
            after
        } else if let Some((name, meant)) = entity.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push(*meant);
            &rest[name.len()..]
        } else if character == '\\' {
            out.extend(after.chars().next());
            after.get(1..).ok_or_else(|| format!("`{text}` ends in the middle"))?
        } else if "`*_[]<>#|~!&".contains(character) {
            return Err(format!("`{character}` in `{text}` means something"));
        } else {
            out.push(character);
            after
        };
    }
    Ok(out)
}

/// An article of elements without attributes.
fn html(text: &str) -> Result<Vec<Part>, String> {
    let document =
        roxmltree::Document::parse(text).map_err(|error| format!("it is no article: {error}"))?;
    let article = document.root_element();
    if !article.has_tag_name("article") || !text.ends_with("</article>\n") && text.ends_with('\n') {
        return Err("it is no article".to_owned());
    }
    if let Some(node) = article.descendants().find(|node| node.attributes().len() > 0) {
        return Err(format!("`{}` has an attribute", node.tag_name().name()));
    }
    article.children().filter(|node| !is_blank(node)).map(element).collect()
}

fn is_blank(node: &roxmltree::Node<'_, '_>) -> bool {
    node.is_text() && node.text().is_some_and(|text| text.trim().is_empty())
}

fn element(node: roxmltree::Node<'_, '_>) -> Result<Part, String> {
    let children = |tag: &'static str| {
        let children = node.children().filter(|child| !is_blank(child));
        let read = children.map(|child| match child.has_tag_name(tag) {
            true => Ok(child),
            false => Err(format!("{child:?} where `{tag}` is wanted")),
        });
        read.collect::<Result<Vec<_>, _>>()
    };
    let items = || children("li")?.into_iter().map(prose).collect::<Result<Vec<_>, _>>();
    match node.tag_name().name() {
        "h1" => prose(node).map(|text| Part::Heading(1, text)),
        "h2" => prose(node).map(|text| Part::Heading(2, text)),
        "h3" => prose(node).map(|text| Part::Heading(3, text)),
        "p" => prose(node).map(Part::Paragraph),
        "ul" => items().map(Part::Items),
        "ol" => items().map(Part::Steps),
        "table" => {
            let rows = children("tr")?;
            let [titles, rows @ ..] = rows.as_slice() else {
                return Err("a table has no titles".to_owned());
            };
            let titles: Vec<String> =
                titles.children().map(|it| cell(it, "th")).collect::<Result<_, _>>()?;
            let is_overview = titles.first().is_some_and(|title| title == "For");
            let tag = if is_overview { "overview" } else { "td" };
            let rows = rows.iter().map(|row| row.children().map(|it| cell(it, tag)).collect());
            let rows: Vec<Vec<String>> = rows.collect::<Result<_, _>>()?;
            match rows.iter().all(|row| row.len() == titles.len()) {
                true => Ok(Part::Table(titles, rows)),
                false => Err("a row has not as many cells as titles".to_owned()),
            }
        }
        other => Err(format!("`{other}` is no part of a page")),
    }
}

/// A title is text, and a value is code.
fn cell(node: roxmltree::Node<'_, '_>, tag: &str) -> Result<String, String> {
    let children: Vec<_> = node.children().collect();
    match (tag, children.as_slice()) {
        ("overview", _) if node.has_tag_name("td") => prose(node),
        _ if !node.has_tag_name(tag) => Err(format!("{node:?} where `{tag}` is wanted")),
        ("td", [code]) if code.has_tag_name("code") => prose(*code),
        ("th", [text]) if text.is_text() => prose(node),
        _ => Err(format!("{node:?} is no cell")),
    }
}

/// The text of an element, and of the code in it.
fn prose(node: roxmltree::Node<'_, '_>) -> Result<String, String> {
    let mut out = String::new();
    for child in node.children() {
        match child.text() {
            Some(text) if child.is_text() || child.has_tag_name("code") => out.push_str(text),
            _ => return Err(format!("{child:?} is no text")),
        }
    }
    Ok(out)
}
