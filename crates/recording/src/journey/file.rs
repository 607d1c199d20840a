//! A journey file as somebody wrote it: everything that is wrong with it, not only the first of it, and where.

use std::fmt;
use std::ops::Range;

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Host;

use super::address::{Scheme, host_of_site, whole_address};
use super::canary::check_value;
use super::reader::{ANY, Part, ReadWith, Reader, entry, instead, kind_of};
use super::steps;
use crate::{CanaryKind, Journey, Step};

/// Everything that is wrong with a journey file.
///
/// The message finishes the sentence "cannot use the journey: …".
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct JourneyError {
    /// What is wrong, in the order of the file. There is at least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a journey file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, 1 is the first.
    pub line: usize,
    /// Column, 1 is the first.
    pub column: usize,
    /// What is wrong there: a sentence without its full stop.
    pub message: String,
}

impl fmt::Display for JourneyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        formatter.write_str(&problems.join("; "))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// CSS pixels of a page in one direction; what is larger is a slip of the pen.
const LARGEST_PAGE: u64 = 10_000;

/// Reads a journey. Where its steps are not `to_be_done`, it needs none.
pub(super) fn read(text: &str, with: &ReadWith, to_be_done: bool) -> Result<Journey, JourneyError> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { with, found: Vec::new() };
    if errors.is_empty() {
        reader.journey(&table, to_be_done);
    } else {
        // What the rest would mean is a guess.
        reader.found.extend(errors.iter().map(of_toml));
    }
    if reader.found.is_empty() {
        match toml::from_str::<Journey>(text) {
            Ok(mut journey) => {
                with_whole_addresses(&mut journey, with.scheme);
                journey.first_party = journey.first_party.iter().filter_map(|site| host_of_site(site)).collect();
                return Ok(journey);
            }
            Err(error) => reader.found.push(of_toml(&error)),
        }
    }
    reader.found.sort_by_key(|(at, _)| *at);
    Err(JourneyError { problems: reader.found.into_iter().map(|(at, message)| problem(text, at, message)).collect() })
}

fn of_toml(error: &toml::de::Error) -> (usize, String) {
    (error.span().map_or(0, |span| span.start), error.message().replace('\n', " "))
}

fn problem(text: &str, at: usize, message: String) -> Problem {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
    Problem { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1, message }
}

fn with_whole_addresses(journey: &mut Journey, scheme: Scheme) {
    for step in &mut journey.steps {
        if let Step::Visit(address) = step
            && let Ok(whole) = whole_address(address, scheme)
        {
            *address = whole;
        }
    }
}

impl Reader<'_> {
    fn journey(&mut self, table: &Spanned<DeTable<'_>>, to_be_done: bool) {
        const KEYS: &[&str] = &["name", "first_party", "browser", "cookie", "canary", "step"];
        let part = Part { name: "a journey".to_owned(), table: table.get_ref(), span: 0..0 };
        self.keys(&part, KEYS, &["name"]);
        self.filled(&part, "name");
        if let Some((span, sites)) = entry(part.table, "first_party") {
            self.sites(&span, sites);
        }
        if let Some((span, value)) = entry(part.table, "browser") {
            match value {
                DeValue::Table(table) => self.browser(&Part { name: "[browser]".to_owned(), table, span }),
                other => self.wrong(&span, format!("`browser` takes a table, [browser], not {}", kind_of(other))),
            }
        }
        for (_, cookie) in self.tables(&part, "cookie") {
            self.cookie(&cookie);
        }
        let mut canaries = Vec::new();
        for (_, canary) in self.tables(&part, "canary") {
            self.canary(&canary, &mut canaries);
        }
        let steps = self.tables(&part, "step");
        if to_be_done && steps.is_empty() && entry(part.table, "step").is_none() {
            self.wrong(&(0..0), "it has no step: a journey begins with [[step]] and a `visit`");
        }
        for (index, step) in &steps {
            steps::check(self, step, *index, to_be_done.then_some(&canaries[..]));
        }
    }

    fn browser(&mut self, part: &Part<'_>) {
        self.keys(part, &["third_party_cookies", "locale", "viewport", "user_agent", "dwell_ms"], &[]);
        self.filled(part, "locale");
        self.filled(part, "user_agent");
        self.number_of(part, "dwell_ms", 0..=ANY);
        if let Some((span, setting)) = self.text_of(part, "third_party_cookies")
            && !["allow", "block"].contains(&setting)
        {
            self.wrong(&span, format!("`third_party_cookies` is \"allow\" or \"block\", not {setting:?}"));
        }
        match entry(part.table, "viewport") {
            None => {}
            Some((span, DeValue::Table(table))) => {
                let viewport = Part { name: "`viewport`".to_owned(), table, span };
                self.keys(&viewport, &["width", "height"], &["width", "height"]);
                self.number_of(&viewport, "width", 1..=LARGEST_PAGE);
                self.number_of(&viewport, "height", 1..=LARGEST_PAGE);
            }
            Some((span, other)) => {
                self.wrong(&span, format!("`viewport` takes {{ width = …, height = … }}, not {}", kind_of(other)));
            }
        }
    }

    fn sites(&mut self, span: &Range<usize>, sites: &DeValue<'_>) {
        let DeValue::Array(sites) = sites else {
            return self.wrong(span, format!("`first_party` takes a list of sites, [\"partner.example\"], not {}", kind_of(sites)));
        };
        for site in sites.iter() {
            match site.get_ref() {
                DeValue::String(host) if host_of_site(host).is_some() => {}
                DeValue::String(other) => {
                    self.wrong(&site.span(), format!("`first_party` takes host names such as partner.example, not {other:?}"));
                }
                other => self.wrong(&site.span(), format!("`first_party` takes sites as text in quotes, not {}", kind_of(other))),
            }
        }
    }

    /// What no browser takes for a cookie is said here: the browser's own refusal names none.
    fn cookie(&mut self, part: &Part<'_>) {
        self.keys(part, &["domain", "name", "value"], &["domain", "name", "value"]);
        if let Some((span, domain)) = self.text_of(part, "domain")
            && Host::parse(domain.strip_prefix('.').unwrap_or(domain)).is_err()
        {
            self.wrong(&span, format!("{}: {domain:?} is no domain, such as .facebook.com", part.name));
        }
        self.filled(part, "name");
        for (key, more) in [("name", "="), ("value", "")] {
            if let Some((span, text)) = self.text_of(part, key) {
                if let Some(one) = text.chars().find(|one| one.is_control() || *one == ';' || more.contains(*one)) {
                    self.wrong(&span, format!("`{key}` of {} has {one:?} in it, which no cookie can have", part.name));
                }
                if key == "name" && text.starts_with("__Host-") {
                    self.wrong(&span, format!("{}: a cookie called __Host-… belongs to no domain, so none can be set", part.name));
                }
            }
        }
    }

    /// Notes the canary's name among those before it.
    fn canary(&mut self, part: &Part<'_>, before: &mut Vec<String>) {
        self.keys(part, &["name", "kind", "value"], &["name", "kind", "value"]);
        self.filled(part, "name");
        let name = self.text_of(part, "name");
        let kind = self.text_of(part, "kind").and_then(|(span, kind)| self.kind(&span, kind));
        let value = self.text_of(part, "value");
        if let Some((span, name)) = &name {
            if before.iter().any(|other| other == name) {
                self.wrong(span, format!("the canary {name:?} is listed twice"));
            }
            before.push((*name).to_owned());
        }
        if let (Some(kind), Some((span, value))) = (kind, value)
            && let Err(why) = check_value(kind, value, self.with.today.as_deref())
        {
            let name = name.map_or_else(|| part.name.clone(), |(_, name)| format!("the canary {name:?}"));
            self.wrong(&span, format!("{name} {why}"));
        }
    }

    fn kind(&mut self, span: &Range<usize>, kind: &str) -> Option<CanaryKind> {
        let known = CanaryKind::ALL.iter().find(|(name, _)| *name == kind);
        if known.is_none() {
            let names = CanaryKind::ALL.map(|(name, _)| name);
            self.wrong(span, format!("{kind:?} is no kind of canary; {}", instead(kind, &names, "there are")));
        }
        known.map(|(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests;
