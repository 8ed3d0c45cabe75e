//! What a template leaves open, and what stands for it while its records are planned.

use crate::hosting::{Columns, Hosting};
use crate::name::MailDomain;

/// A mail domain and columns that stand for those of every customer.
///
/// The records of a profile are planned for them, and a [`Sheet`](super::Sheet) that is
/// [made a template](super::Sheet::into_template) has variables in their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    domain: MailDomain,
    columns: Columns,
    variables: Vec<Variable>,
    provider: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: String,
    column: String,
    /// What stands for it: a host name that is no part of another one.
    stand_in: String,
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
        let variables: Vec<Variable> = hosting
            .columns()
            .into_iter()
            .enumerate()
            .map(|(index, column)| Variable {
                // A column of that very name gets another one, too.
                name: match RESERVED.contains(&column.as_str()) || column.starts_with(PREFIX) {
                    true => format!("{PREFIX}{column}"),
                    false => column.clone(),
                },
                column,
                stand_in: format!("column-{index}.mailsrv-variable.invalid"),
            })
            .collect();
        let columns = variables.iter().map(|it| (it.column.clone(), it.stand_in.clone()));
        Self {
            domain: "domain.mailsrv-variable.invalid".parse().expect("a domain name, see the test"),
            columns: Columns::new(columns),
            provider: hosting.provider().name.clone(),
            variables,
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

    /// Whether a text holds a stand-in for a column, or is a part of one.
    pub(super) fn depends(&self, text: &str) -> bool {
        self.variables.iter().any(|it| text.contains(&it.stand_in) || it.stand_in.contains(text))
    }

    /// Puts variables in the places of their stand-ins.
    pub(super) fn open(&self, text: &str) -> String {
        self.variables
            .iter()
            .fold(text.to_owned(), |text, it| text.replace(&it.stand_in, &format!("%{}%", it.name)))
    }

    /// Puts stand-ins in the places of their variables.
    pub(super) fn close(&self, text: &str) -> String {
        self.variables
            .iter()
            .fold(text.to_owned(), |text, it| text.replace(&format!("%{}%", it.name), &it.stand_in))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosting::file;

    #[test]
    fn every_column_is_a_variable_of_a_name_that_is_free() {
        let hosting = file::parse(
            "host: \"{state}-{my_cluster}.provider.example\"\nimap: true\nmx: { host: \"{mail-state}\" }\n",
            "profile",
        )
        .expect("a profile");
        let template = Template::of(&hosting);
        let variables: Vec<_> = template.variables().collect();
        assert_eq!(
            variables,
            [
                ("mail-mail-state", "mail-state"),
                ("my_cluster", "my_cluster"),
                ("mail-state", "state")
            ]
        );
        let host = hosting.host().expand(template.domain(), template.columns(), None);
        let host = host.expect("a host name").to_string();
        assert_eq!(template.open(&host), "%mail-state%-%my_cluster%.provider.example");
        assert_eq!(template.close(&template.open(&host)), host);
        assert!(template.depends(&host));
        assert!(template.depends("mailsrv-variable.invalid"));
        assert!(!template.depends("provider.example"));
    }
}
