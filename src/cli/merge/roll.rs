//! Which shards are there, and whether each is whole: known before anything is told.

use std::collections::BTreeSet;

use super::super::trouble::Trouble;
use super::source::{Found, Lines, Source};
use crate::interrupt::Interrupt;
use crate::list::Seen;
use crate::name::{MailDomain, Shard};
use crate::report::{Closing, Line};
use crate::words::{counted, listed};

/// The most shards that are named in a sentence, and one more.
const NAMED: usize = 9;

/// What helps where something is not whole.
const PARTIAL: &str = "run the audit of it again; --partial takes what there is";

/// The reports of a merge, in the order in which they are told.
pub(super) struct Roll {
    sections: Vec<Section>,
    /// What is not there.
    lacks: Vec<String>,
    /// The first domain of which no line says how its RRsets stand.
    stateless: Option<String>,
    /// How many there are.
    stateless_count: usize,
    /// Whether a line says where a domain stands.
    has_places: bool,
}

/// A report in a file.
pub(super) struct Section {
    /// The place of the file among all.
    pub(super) source: usize,
    /// Where it begins, in octets.
    pub(super) begin: u64,
    /// The domains in it.
    pub(super) lines: u64,
    /// What its end says; None where it has none.
    closing: Option<Closing>,
    /// Whether it ends within a line.
    is_torn: bool,
}

impl Roll {
    /// Reads all reports, in memory of some octets a domain.
    ///
    /// # Errors
    ///
    /// A line is none of a report, a domain is told twice, or, unless a part is wanted, something is
    /// missing.
    pub(super) fn call(
        sources: &[Source],
        partial: bool,
        interrupt: &Interrupt,
    ) -> Result<Self, Trouble> {
        let mut roll = Self {
            sections: Vec::new(),
            lacks: Vec::new(),
            stateless: None,
            stateless_count: 0,
            has_places: false,
        };
        let mut seen = Seen::default();
        for (at, source) in sources.iter().enumerate() {
            let mut lines = source.lines_from(0, interrupt)?;
            let (mut begin, mut count, mut is_torn) = (0, 0, false);
            loop {
                let line = match lines.next()? {
                    Found::Line(line) => line,
                    Found::Torn => {
                        let cut = format!("{}: it was cut in line {}", source.name, lines.line);
                        roll.lacks.push(cut);
                        is_torn = true;
                        break;
                    }
                    Found::End => break,
                };
                if let Line::Closing(closing) = line {
                    whole(&closing, count, &lines)?;
                    let closing = Some(closing);
                    let is_torn = false;
                    roll.sections.push(Section {
                        source: at,
                        begin,
                        lines: count,
                        closing,
                        is_torn,
                    });
                    (begin, count) = (lines.at, 0);
                    continue;
                }
                count += 1;
                roll.take(&line);
                if let Some(domain) = domain(&line).filter(|domain| !seen.insert(domain)) {
                    refuse_double(&domain, sources, at, &lines, interrupt)?;
                }
            }
            // An empty file is a report without domains, or one of which nothing is there.
            if count > 0 || lines.at == 0 {
                let closing = None;
                roll.sections.push(Section { source: at, begin, lines: count, closing, is_torn });
            }
        }
        roll.count_shards(sources)?;
        match roll.lacks.first() {
            Some(_) if !partial => Err(Trouble::usage(roll.lacks.join("\nerror: "), PARTIAL)),
            _ => Ok(roll),
        }
    }

    /// Takes note of what a line does not hold.
    fn take(&mut self, line: &Line) {
        let Line::Judged(retold) = line else { return };
        self.has_places |= retold.audit().place.is_some();
        if !retold.has_states() {
            self.stateless_count += 1;
            self.stateless.get_or_insert_with(|| retold.audit().domain.to_string());
        }
    }

    /// Compares the shards with each other, and puts them in order.
    fn count_shards(&mut self, sources: &[Source]) -> Result<(), Trouble> {
        self.sections.sort_by_key(|it| it.closing.as_ref().map(|it| it.part.shard));
        let name = |section: &Section| sources[section.source].name.as_str();
        let closed = self.sections.iter().filter_map(|it| Some((it, it.closing.as_ref()?)));
        let closed: Vec<(&Section, &Closing)> = closed.collect();
        let Some(((first, known), rest)) = closed.split_first() else { return Ok(()) };
        let mut before = (*first, *known);
        for (section, closing) in rest.iter().copied() {
            let (one, other) = (known.part.shard, closing.part.shard);
            let problem = if one.count() != other.count() {
                format!(
                    "{}: shard {other} is of another run than {one} in {}",
                    name(section),
                    name(first)
                )
            } else if known.part.profile != closing.part.profile {
                format!(
                    "{}: shard {other} was judged by another profile than {one} in {}",
                    name(section),
                    name(first)
                )
            } else if before.1.part.shard == other {
                format!("shard {other} is in {}, and in {}", name(before.0), name(section))
            } else {
                before = (section, closing);
                continue;
            };
            return Err(Trouble::usage(problem, "merge the shards of one run, each of them once"));
        }
        let count = known.part.shard.count();
        let there: BTreeSet<u32> = closed.iter().map(|(_, it)| it.part.shard.number()).collect();
        let mut lacks: Vec<String> = missing(&there, count).into_iter().collect();
        let early = |(section, it): &(&Section, &Closing)| {
            let shard: Shard = it.part.shard;
            format!("{}: the run of shard {shard} ended early", name(section))
        };
        lacks.extend(closed.iter().filter(|(_, it)| !it.whole).map(early));
        let open = self.sections.iter().filter(|it| it.closing.is_none() && !it.is_torn);
        lacks.extend(open.map(|section| {
            format!(
                "{}: it does not end as a shard does: it was cut, or made without --shard",
                name(section)
            )
        }));
        self.lacks.extend(lacks);
        Ok(())
    }

    /// The reports in the order of their shards; those that are none as they were given, in front.
    pub(super) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Whether something is missing.
    pub(super) fn is_partial(&self) -> bool {
        !self.lacks.is_empty()
    }

    /// A domain of which the reports do not say how its RRsets stand.
    pub(super) fn stateless(&self) -> Option<&str> {
        self.stateless.as_deref()
    }

    /// What is to be said beside the report.
    pub(super) fn notes(&self) -> Vec<String> {
        let silent = self.sections.iter().all(|it| it.closing.is_none());
        let silent = silent.then(|| {
            "the reports were made without --shard, and do not say whether they are whole"
                .to_owned()
        });
        self.lacks.iter().cloned().chain(silent).map(|it| format!("note: {it}")).collect()
    }

    /// Says that the places of domains that pass are not known, where others have some.
    pub(super) fn note_of_places(&self) -> Option<String> {
        (self.has_places && self.stateless_count > 0).then(|| {
            let domains = counted(self.stateless_count, "domain");
            format!("note: the reports do not say where {domains} stand that pass; audits with --observed always do")
        })
    }
}

/// Whether a shard has as many lines as it says at its end.
fn whole(closing: &Closing, count: u64, lines: &Lines<'_>) -> Result<(), Trouble> {
    let (shard, said) = (closing.part.shard, closing.domains);
    if !closing.part.all {
        return Err(lines.trouble(&format!(
            "shard {shard} does not tell all of its domains; audit it without --only and --baseline, and choose what is shown here"
        )));
    }
    if said != count {
        return Err(lines.trouble(&format!(
            "shard {shard} has {said} domains, and {count} stand before its end: lines were lost or added"
        )));
    }
    Ok(())
}

/// The mail domain of a line, also where it could not be planned.
fn domain(line: &Line) -> Option<MailDomain> {
    match line {
        Line::Judged(retold) => Some(retold.audit().domain.clone()),
        Line::Broken { typed, .. } => typed.parse().ok(),
        _ => None,
    }
}

/// Says where a domain stands that was met before. Without any such place it was taken for another.
fn refuse_double(
    twice: &MailDomain,
    sources: &[Source],
    at: usize,
    second: &Lines<'_>,
    interrupt: &Interrupt,
) -> Result<(), Trouble> {
    for (place, source) in sources.iter().enumerate().take(at + 1) {
        let mut lines = source.lines_from(0, interrupt)?;
        while let Found::Line(line) = lines.next()? {
            if place == at && lines.at >= second.at {
                break;
            }
            if domain(&line).as_ref() == Some(twice) {
                let problem = format!("{twice} is in {}, line {}, too", source.name, lines.line);
                return Err(second.trouble(&format!("{problem}\nhint: give each report once")));
            }
        }
    }
    Ok(())
}

/// Names the shards that are missing.
fn missing(there: &BTreeSet<u32>, count: u32) -> Option<String> {
    let missing = (1..=count).filter(|number| !there.contains(number));
    let named: Vec<String> = missing.take(NAMED + 1).map(|number| number.to_string()).collect();
    let all = count as usize - there.len();
    match named.as_slice() {
        [] => None,
        [only] => Some(format!("shard {only} of {count} is missing")),
        named if all > NAMED => {
            let (named, more) = (named[..NAMED].join(", "), all - NAMED);
            Some(format!("shards {named} and {more} others of {count} are missing"))
        }
        named => Some(format!("shards {} of {count} are missing", listed(named))),
    }
}
