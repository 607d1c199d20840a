//! How a journey file is gone through: whatever is wrong is noted with its place, and what follows is read all the same.

use std::ops::{Range, RangeInclusive};

use toml::de::{DeTable, DeValue};

use super::address::{AddressError, Scheme, whole_address};

/// What a journey file is read with that it does not say itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadWith {
    /// By what addresses without a scheme are visited.
    pub scheme: Scheme,
    /// The day, `YYYY-MM-DD`, where it is known: nobody was born after it.
    pub today: Option<String>,
}

/// The largest number that TOML can hold.
pub(super) const ANY: u64 = i64::MAX as u64;

/// A table of the file, and what it is called in a message.
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) table: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
}

/// Goes through a file and notes what is wrong.
pub(super) struct Reader<'a> {
    pub(super) with: &'a ReadWith,
    /// Each with its place in the text.
    pub(super) found: Vec<(usize, String)>,
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.found.push((at.start, message.into()));
    }

    /// Every key has to be known, and what has to be there has to be there.
    pub(super) fn keys(&mut self, part: &Part<'_>, known: &[&str], needed: &[&str]) {
        for key in part.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref().as_ref();
            self.wrong(&key.span(), format!("{} has no key `{word}`; {}", part.name, instead(word, known, "it may have")));
        }
        for key in needed.iter().filter(|key| entry(part.table, key).is_none()) {
            self.wrong(&part.span, format!("{} needs the key `{key}`", part.name));
        }
    }

    /// The text under a key, if it is there and is text.
    pub(super) fn text_of<'t>(&mut self, part: &Part<'t>, key: &str) -> Option<(Range<usize>, &'t str)> {
        let (span, value) = entry(part.table, key)?;
        if value.as_str().is_none() {
            self.wrong(&span, format!("`{key}` of {} takes text in quotes, not {}", part.name, kind_of(value)));
        }
        value.as_str().map(|text| (span, text))
    }

    /// The same, which may not be empty.
    pub(super) fn filled(&mut self, part: &Part<'_>, key: &str) {
        if let Some((span, text)) = self.text_of(part, key)
            && text.trim().is_empty()
        {
            self.wrong(&span, format!("`{key}` of {} is empty", part.name));
        }
    }

    /// The key, if it is there, has to hold a whole number in this range.
    pub(super) fn number_of(&mut self, part: &Part<'_>, key: &str, range: RangeInclusive<u64>) {
        let Some((span, value)) = entry(part.table, key) else { return };
        let number =
            value.as_integer().and_then(|number| u64::from_str_radix(number.as_str().trim_start_matches('+'), number.radix()).ok());
        if number.is_none_or(|number| !range.contains(&number)) {
            let given = value.as_integer().map_or_else(|| kind_of(value).to_owned(), ToString::to_string);
            let (least, most) = range.into_inner();
            let takes = if most == ANY { format!("{least} or more") } else { format!("{least} to {most}") };
            self.wrong(&span, format!("`{key}` of {} takes a whole number, {takes}, not {given}", part.name));
        }
    }

    /// The tables of a list such as `[[step]]`, each with its place in it.
    pub(super) fn tables<'t>(&mut self, part: &Part<'t>, key: &str) -> Vec<(usize, Part<'t>)> {
        let list = match entry(part.table, key) {
            None => return Vec::new(),
            Some((_, DeValue::Array(list))) => list,
            Some((span, DeValue::Table(_))) => {
                self.wrong(&span, format!("[{key}] has to be [[{key}]], with two brackets: there may be several"));
                return Vec::new();
            }
            Some((span, other)) => {
                self.wrong(&span, format!("`{key}` takes tables, [[{key}]], not {}", kind_of(other)));
                return Vec::new();
            }
        };
        let mut tables = Vec::new();
        for (index, value) in list.iter().enumerate() {
            match value.get_ref() {
                DeValue::Table(table) => {
                    tables.push((index, Part { name: format!("{key} {}", index + 1), table, span: value.span() }));
                }
                other => self.wrong(&value.span(), format!("{key} {} has to be a table, not {}", index + 1, kind_of(other))),
            }
        }
        tables
    }

    /// An address that can be visited.
    pub(super) fn address(&mut self, part: &Part<'_>, span: &Range<usize>, address: &str) {
        if let Err(AddressError { address, why }) = whole_address(address, self.with.scheme) {
            self.wrong(span, format!("{}: {address:?} is not a web address: {why}", part.name));
        }
    }
}

/// What stands under a key, and where.
pub(super) fn entry<'t>(table: &'t DeTable<'t>, key: &str) -> Option<(Range<usize>, &'t DeValue<'t>)> {
    let (_, value) = table.iter().find(|(own, _)| own.get_ref() == key)?;
    Some((value.span(), value.get_ref()))
}

/// What sort of value was given, for the end of "…, not".
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// `did you mean …?` where one is near, otherwise all there are.
pub(super) fn instead(word: &str, known: &[&str], there_are: &str) -> String {
    /// Below that, a word has little more in common than its letters.
    const ALIKE: f64 = 0.8;
    let alike = |other: &str| strsim::jaro_winkler(&word.to_lowercase(), other);
    match known.iter().max_by(|one, other| alike(one).total_cmp(&alike(other))) {
        Some(nearest) if alike(nearest) >= ALIKE => format!("did you mean `{nearest}`?"),
        _ => format!("{there_are} {}", known.join(", ")),
    }
}
