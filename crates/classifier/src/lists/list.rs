use adblock::lists::{FilterFormat, ParseOptions, ParsedLine, RuleTypes, parse_filter};
use adblock::request::Request as Asked;
use adblock::sourcemap::FilterRuleDebugInfo;
use adblock::{Engine, FilterSet};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{FilterList, ListedRule};

/// Why a file cannot serve as a filter list.
///
/// Messages finish the sentence "cannot use the filter list: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ListError {
    /// It is not text.
    #[error("{file} is not a text file")]
    NotText {
        /// Name of the file.
        file: String,
    },
    /// It is a web page, as a server sends it instead of a list.
    #[error("{file} is a web page, not a list")]
    WebPage {
        /// Name of the file.
        file: String,
    },
    /// No line of it is a rule for requests.
    #[error("{file} has no rule for requests")]
    NoRule {
        /// Name of the file.
        file: String,
    },
}

/// One list and the engine that searches it.
///
/// Each list has an engine of its own: what it says is its own word, to which another list's exceptions do not belong.
pub(super) struct List {
    pub(super) about: FilterList,
    engine: Engine,
    text: String,
    /// Where each line begins: the text is searched for lines once for each match otherwise.
    line_starts: Vec<usize>,
}

/// What a list says of a request.
pub(super) struct Found {
    pub(super) rule: ListedRule,
    pub(super) important: bool,
    pub(super) exception: Option<ListedRule>,
}

/// Lines in which a list speaks of itself.
const HEAD_LINES: usize = 40;

impl List {
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Self, ListError> {
        let file = file.to_owned();
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else {
            return Err(ListError::NotText { file });
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        if text.trim_start().starts_with('<') {
            return Err(ListError::WebPage { file });
        }
        let options = ParseOptions { format: format(&text), rule_types: RuleTypes::NetworkOnly, ..ParseOptions::default() };
        let (rules, unread) = count(&text, options);
        if rules == 0 {
            return Err(ListError::NoRule { file });
        }
        let about = FilterList {
            title: said(&text, "Title"),
            version: said(&text, "Version"),
            modified: said(&text, "Last modified"),
            sha256: hex::encode(Sha256::digest(bytes)),
            rules,
            unread,
            file,
        };
        let mut set = FilterSet::new(true);
        set.add_filter_list(text.clone(), options);
        // Rules that are fused to be searched faster have no line of their own any more, and their order is not always the same.
        Ok(Self { about, engine: Engine::new_with_filter_set_no_optimize(set), line_starts: line_starts(&text), text })
    }

    pub(super) fn find(&self, asked: &Asked) -> Option<Found> {
        let found = self.engine.check_network_request(asked);
        let rule = self.cited(found.filter?)?;
        Some(Found { rule, important: found.important, exception: found.exception.and_then(|exception| self.cited(exception)) })
    }

    /// The rule as it stands in the file.
    fn cited(&self, rule: FilterRuleDebugInfo) -> Option<ListedRule> {
        let at = usize::try_from(rule.source_location?.line_number).ok()?;
        let text = self.text[*self.line_starts.get(at)?..].lines().next()?;
        Some(ListedRule { line: at + 1, text: text.trim().to_owned() })
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|feed| feed + 1)).collect()
}

/// Lists of names for a hosts file begin their lines with an address that leads nowhere.
fn format(text: &str) -> FilterFormat {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['!', '#', '[']));
    let leads_nowhere = |line: &str| ["0.0.0.0", "127.0.0.1", "::", "::1"].contains(&line.split_whitespace().next().unwrap_or_default());
    if lines.next().is_some_and(leads_nowhere) { FilterFormat::Hosts } else { FilterFormat::Standard }
}

/// Rules for requests that are understood, and lines that look like one and are not.
fn count(text: &str, options: ParseOptions) -> (usize, usize) {
    let mut counts = (0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['!', '#', '['])) {
        match parse_filter(line, false, options) {
            // The engine takes any text for a pattern to look for; a sentence is none.
            Ok(ParsedLine::Network(_)) if is_rule(line, options.format) => counts.0 += 1,
            Err(_) if line.starts_with("||") || line.starts_with("@@") => counts.1 += 1,
            _ => {}
        }
    }
    counts
}

fn is_rule(line: &str, format: FilterFormat) -> bool {
    let is_pattern = || line.starts_with('/') || !line.contains(char::is_whitespace);
    matches!(format, FilterFormat::Hosts) || is_pattern() && line.contains(['|', '/', '^', '*', '$', '.', '=', '-', '_'])
}

/// `! Title: EasyPrivacy`. What a packager left to be filled in says nothing.
fn said(text: &str, what: &str) -> Option<String> {
    let comments = text.lines().take(HEAD_LINES).filter_map(|line| line.trim().strip_prefix(['!', '#']));
    let mut values = comments.filter_map(|comment| comment.trim().strip_prefix(what)?.strip_prefix(':')).map(str::trim);
    values.find(|value| !value.is_empty() && !value.starts_with('%')).map(str::to_owned)
}
