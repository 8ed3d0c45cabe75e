//! Options whose values are the words of a long table: read in any case, listed by kin.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};

use crate::dns_host::DnsHost;
use crate::render::{Format, Kin};
use crate::words::{push_columns, push_wrapped};

/// The columns of a terminal that nobody has widened.
const WIDTH: usize = 80;

/// The columns that stand in front of the long help of an option, in the help and in the manual page,
/// and behind it.
const INDENT: usize = 16;

/// A table of words to choose from.
pub(super) trait Choosable:
    FromStr<Err: fmt::Display> + Copy + Send + Sync + 'static
{
    /// The titles of the kins, each with what belongs to it.
    fn kins() -> Vec<(&'static str, Vec<Self>)>;
    /// What selects it.
    fn word(self) -> &'static str;
    /// What it is, in a few words.
    fn about(self) -> String;
    /// How its list is headed in an error.
    const LIST: &'static str;
}

impl Choosable for Format {
    const LIST: &'static str = "The formats are";

    fn kins() -> Vec<(&'static str, Vec<Self>)> {
        let of = |kin: Kin| Self::ALL.iter().copied().filter(move |format| format.kin() == kin);
        Kin::ALL.map(|kin| (kin.title(), of(kin).collect())).into()
    }

    fn word(self) -> &'static str {
        self.text()
    }

    fn about(self) -> String {
        self.headline().to_owned()
    }
}

impl Choosable for DnsHost {
    const LIST: &'static str = "The DNS hosts of which something is known are";

    fn kins() -> Vec<(&'static str, Vec<Self>)> {
        let of = |form: bool| Self::ALL.iter().copied().filter(move |it| it.has_form() == form);
        vec![("form known", of(true).collect()), ("others", of(false).collect())]
    }

    fn word(self) -> &'static str {
        self.text()
    }

    fn about(self) -> String {
        self.headline()
    }
}

/// Reads one of the words; the error lists them.
#[derive(Clone)]
pub(super) struct Choice<T>(PhantomData<T>);

impl<T> Choice<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Choosable> TypedValueParser for Choice<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let typed = value.to_string_lossy();
        typed.trim().parse().map_err(|error: T::Err| {
            let option = argument.map(|it| format!(" for '{it}'")).unwrap_or_default();
            let message = format!("invalid value{option}: {error}\n\n{}", columns::<T>());
            command.clone().error(ErrorKind::InvalidValue, message)
        })
    }

    /// For completions; the help has [`help`] instead.
    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let all = T::kins().into_iter().flat_map(|(_, all)| all);
        Some(Box::new(all.map(|it| PossibleValue::new(it.word()).help(it.about()))))
    }
}

/// Every word, in columns, by kin.
pub(super) fn columns<T: Choosable>() -> String {
    let mut page = format!("{}:\n", T::LIST);
    let words = |all: Vec<T>| all.into_iter().map(T::word).collect();
    let kins: Vec<_> = T::kins().into_iter().map(|(title, all)| (title, words(all))).collect();
    push_columns(&mut page, &kins, WIDTH);
    page.truncate(page.trim_end().len());
    page
}

/// The long help of such an option: what it is for, and each word with what it is, by kin.
pub(super) fn help<T: Choosable>(head: &str) -> String {
    let mut page = head.to_owned();
    for (title, all) in T::kins() {
        let _into_memory = write!(page, "\n\n{title}:");
        let longest = all.iter().map(|it| it.word().len()).max().unwrap_or_default();
        for one in all {
            let mut about = String::new();
            push_wrapped(&mut about, &one.about(), longest + 4, WIDTH - INDENT);
            let _into_memory = write!(page, "\n  {:longest$}  {}", one.word(), about.trim());
        }
    }
    page
}
