//! What stands for a mail domain and its columns while their records are planned and printed.

use crate::hosting::{Columns, Hosting};
use crate::name::MailDomain;
use crate::plan::STAND_INS;

/// A mail domain and columns that stand for those of every customer.
///
/// The records of a profile are planned for them, and what is printed is cut where they stand. A
/// [`Sheet`](super::Sheet) that is [made a template](super::Sheet::into_template) has variables in
/// their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    domain: MailDomain,
    columns: Columns,
    /// What stands for the mail domain, and for each column: host names of which none is a part of
    /// another one.
    stand_ins: Vec<String>,
    variables: Vec<Variable>,
    provider: Option<String>,
}

/// A column, under the name that it has in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: String,
    column: String,
}

/// The names that mean something else where a template is applied
/// (draft-ietf-dconn-domainconnect-05 §3 and §6.1); columns are in lower case.
const RESERVED: [&str; 11] = [
    "client_id",
    "crit",
    "domain",
    "fqdn",
    "host",
    "key",
    "redirect_uri",
    "response_type",
    "scope",
    "sig",
    "state",
];

/// What makes another name of one that is not free.
const PREFIX: &str = "mail-";

impl Template {
    /// Finds stand-ins for what the records of a profile depend on.
    pub fn of(hosting: &Hosting) -> Self {
        let column = |at| format!("column-{at}.mailsrv-variable.invalid");
        Self::with(hosting, STAND_INS[0], column)
    }

    /// Others, of other lengths and with more labels: what differs in another way than by the names
    /// themselves is no layout.
    pub(super) fn second(hosting: &Hosting) -> Self {
        let column = |at| format!("c{at}-3h.another.column.mailsrv.variable-b.invalid");
        Self::with(hosting, STAND_INS[1], column)
    }

    /// Makes stand-ins below `.invalid`, which no customer has (RFC 2606 §2).
    fn with(hosting: &Hosting, domain: &str, stand_in: impl Fn(usize) -> String) -> Self {
        let columns = hosting.columns();
        let stand_ins: Vec<String> = (0..columns.len()).map(stand_in).collect();
        let rows = columns.iter().cloned().zip(stand_ins.iter().cloned());
        Self {
            domain: domain.parse().expect("both are domain names, see the test"),
            columns: Columns::new(rows),
            stand_ins: std::iter::once(domain.to_owned()).chain(stand_ins).collect(),
            variables: columns.into_iter().map(Variable::of).collect(),
            provider: hosting.provider().name.clone(),
        }
    }

    /// The mail domain to plan for.
    pub fn domain(&self) -> &MailDomain {
        &self.domain
    }

    /// The columns to plan with.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The name of the provider, where the profile has one.
    pub(super) fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// The variables: their names, and the columns of the profile that they are.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|it| (it.name.as_str(), it.column.as_str()))
    }

    /// What stands for the mail domain and for each column, in the order of the profile's columns.
    pub(super) fn stand_ins(&self) -> Vec<&str> {
        self.stand_ins.iter().map(String::as_str).collect()
    }

    /// Whether a text holds a stand-in, or is a part of one.
    pub(super) fn depends(&self, text: &str) -> bool {
        self.stand_ins.iter().any(|it| text.contains(it) || it.contains(text))
    }

    /// Whether what a text ends in is the same for every customer: nothing of it is a stand-in.
    pub(super) fn is_fixed_end(&self, text: &str, end: &str) -> bool {
        let after = |it: &String| text.rfind(it.as_str()).map(|at| at + it.len());
        let open = self.stand_ins.iter().filter_map(after).max();
        open.is_none_or(|open| text.len() - open > end.len())
    }
}

impl Variable {
    /// A column of a reserved name gets another one, and so does one of that very name; variables have
    /// no blanks.
    fn of(column: String) -> Self {
        let word = column.replace(|octet: char| !octet.is_alphanumeric() && octet != '_', "-");
        let name = match RESERVED.contains(&word.as_str()) || word.starts_with(PREFIX) {
            true => format!("{PREFIX}{word}"),
            false => word,
        };
        Self { name, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;

    fn hosting() -> Hosting {
        file::parse(
            "host: \"{state}-{my_cluster}.provider.example\"\nimap: true\nmx: { host: \"{mail-state}\" }\n",
            "profile",
        )
        .expect("a profile")
    }

    #[test]
    fn every_column_is_a_variable_of_a_name_that_is_free() {
        let template = Template::of(&hosting());
        let variables: Vec<_> = template.variables().collect();
        assert_eq!(
            variables,
            [
                ("mail-mail-state", "mail-state"),
                ("my_cluster", "my_cluster"),
                ("mail-state", "state")
            ]
        );
        let host = hosting().host().expand(template.domain(), template.columns(), None);
        let host = host.expect("a host name").to_string();
        assert!(template.depends(&host));
        assert!(template.depends("mailsrv-variable.invalid"));
        assert!(!template.depends("provider.example"));
    }

    #[test]
    fn no_stand_in_is_a_part_of_another_and_the_second_ones_are_all_others() {
        let (first, second) = (Template::of(&hosting()), Template::second(&hosting()));
        let all = [first.stand_ins(), second.stand_ins()].concat();
        assert_eq!(all.len(), 8);
        for (at, one) in all.iter().enumerate() {
            for (other_at, other) in all.iter().enumerate() {
                assert!(at == other_at || !one.contains(other), "{one} {other}");
            }
        }
        for (one, other) in first.stand_ins().iter().zip(second.stand_ins()) {
            assert!(one.len() != other.len() && one.split('.').count() != other.split('.').count());
        }
    }
}
