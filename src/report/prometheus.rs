//! Metrics for the textfile collector of Prometheus' node exporter.
//!
//! In the text exposition format (0.0.4) all series of a metric stand together, so those of the
//! second are kept until the first is complete.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::{Item, Reporter, Retold, Selection, Spec, Tally};
use crate::audit::{Finding, Subject, Verdict};
use crate::name::{plain_text, printable};
use crate::words::counted;

/// What `--format prometheus` selects.
pub(super) const SPEC: Spec = Spec {
    word: "prometheus",
    headline: "metrics for the textfile collector of Prometheus' node exporter",
    reporter: |_| Box::new(Metrics::default()),
};

/// The domains that have series of their own. Prometheus keeps each in memory; more of them belong
/// into another format.
const DOMAINS: u64 = 10_000;

#[derive(Default)]
struct Metrics {
    /// The domains that have series.
    told: u64,
    /// Those that would have some.
    untold: u64,
    /// The series of domains that do not pass, each once: a line may be wrong as another one is.
    verdicts: BTreeSet<String>,
    notes: Vec<String>,
}

impl Reporter for Metrics {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        head(out, "mailsrv_finding", "A finding of the last audit, by mail domain and owner name.")
    }

    fn item(
        &mut self,
        item: Item<'_>,
        selection: &Selection,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (domain, verdict) = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                (plain_text(audit.domain.name()), audit.verdict)
            }
            Item::Broken { typed, .. } => (printable(typed).into_owned(), Verdict::Broken),
        };
        let findings: Vec<&Finding> = match item {
            Item::Judged { audit, .. } | Item::Retold(Retold { audit, .. }) => {
                selection.findings(audit).collect()
            }
            Item::Broken { .. } => Vec::new(),
        };
        if findings.is_empty() && verdict == Verdict::Pass {
            return Ok(());
        }
        if self.told == DOMAINS {
            self.untold += 1;
            return Ok(());
        }
        self.told += 1;
        if verdict != Verdict::Pass {
            let labels = labels(&[("domain", &domain), ("verdict", verdict.text())]);
            self.verdicts.insert(format!("mailsrv_domain_verdict{labels} 1"));
        }
        let mut series: BTreeMap<String, u64> = BTreeMap::new();
        for finding in findings {
            *series.entry(of_finding(&domain, finding)).or_default() += 1;
        }
        series
            .into_iter()
            .try_for_each(|(labels, count)| writeln!(out, "mailsrv_finding{labels} {count}"))
    }

    fn end(&mut self, tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
        if self.untold > 0 {
            let domains = counted(usize::try_from(self.untold).unwrap_or(usize::MAX), "domain");
            self.notes.push(format!(
                "note: the first {DOMAINS} domains have series of their own, and {domains} more would; mailsrv_domains_untold counts them"
            ));
        }
        let verdict = "The verdict on a mail domain that does not pass, in the last audit.";
        head(out, "mailsrv_domain_verdict", verdict)?;
        self.verdicts.iter().try_for_each(|series| writeln!(out, "{series}"))?;
        head(out, "mailsrv_domains", "Mail domains of the last audit, by verdict.")?;
        for verdict in Verdict::ALL {
            let labels = labels(&[("verdict", verdict.text())]);
            writeln!(out, "mailsrv_domains{labels} {}", tally.of(verdict))?;
        }
        head(out, "mailsrv_findings", "Findings of the last audit, by code and severity.")?;
        for (code, severity, count) in tally.summary().findings() {
            let labels = labels(&[("code", code), ("severity", severity)]);
            writeln!(out, "mailsrv_findings{labels} {count}")?;
        }
        head(
            out,
            "mailsrv_domains_untold",
            "Mail domains without series of their own, as too many.",
        )?;
        writeln!(out, "mailsrv_domains_untold {}", self.untold)?;
        head(out, "mailsrv_audit_whole", "Whether the last audit came to its end: 1, or else 0.")?;
        writeln!(out, "mailsrv_audit_whole {}", u8::from(!tally.is_early()))
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

fn of_finding(domain: &str, finding: &Finding) -> String {
    let first = finding.subjects.first();
    let owner = first.map(|subject| plain_text(subject.owner())).unwrap_or_default();
    let rtype = first.map(Subject::kind).unwrap_or_default();
    labels(&[
        ("domain", domain),
        ("code", finding.code.text()),
        ("severity", finding.severity.text()),
        ("owner", &owner),
        ("type", &rtype),
    ])
}

fn head(out: &mut dyn Write, metric: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP {metric} {help}\n# TYPE {metric} gauge")
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let escaped =
        |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> =
        pairs.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}
