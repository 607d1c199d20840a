use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer};

/// A pattern for names and paths, as definitions write it.
///
/// `*` is any run of characters without the separator (`.` in names, `/` in paths), `**` any run, `#` digits, and `{name}` a run
/// without the separator that comes out as a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    source: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(String),
    Segment,
    Any,
    Digits,
    Capture(String),
}

/// The parts of a text that each `{name}` of a pattern stands for.
pub(crate) type Captures<'a> = Vec<(&'a str, Range<usize>)>;

impl Pattern {
    pub(crate) fn new(source: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = source;
        while !rest.is_empty() {
            let (token, length) = token(rest);
            rest = &rest[length..];
            tokens.push(token);
        }
        Self { source: source.to_owned(), tokens }
    }

    /// The pattern as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The byte that it begins with, if that is always the same.
    pub(crate) fn first(&self) -> Option<u8> {
        self.tokens.first().and_then(|token| if let Token::Literal(text) = token { text.bytes().next() } else { None })
    }

    /// Letters that have to match: the more, the more special a pattern is.
    pub(crate) fn weight(&self) -> usize {
        self.tokens.iter().map(|token| if let Token::Literal(text) = token { text.len() } else { 0 }).sum()
    }

    pub(crate) fn captures(&self, text: &str, separator: char) -> Option<Captures<'_>> {
        // Most patterns that do not match end otherwise, and trying every run before would be slow.
        if let Some(Token::Literal(end)) = self.tokens.last()
            && !text.ends_with(end.as_str())
        {
            return None;
        }
        let mut captures = Vec::new();
        matches(&self.tokens, text, 0, separator, &mut captures).then(|| {
            captures.reverse();
            captures
        })
    }

    pub(crate) fn matches(&self, text: &str, separator: char) -> bool {
        self.captures(text, separator).is_some()
    }
}

fn token(rest: &str) -> (Token, usize) {
    if rest.starts_with("**") {
        return (Token::Any, 2);
    }
    if rest.starts_with('*') {
        return (Token::Segment, 1);
    }
    if rest.starts_with('#') {
        return (Token::Digits, 1);
    }
    if let Some((name, _)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        return (Token::Capture(name.to_owned()), name.len() + 2);
    }
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let length = rest[first..].find(['*', '#', '{']).map_or(rest.len(), |found| first + found);
    (Token::Literal(rest[..length].to_owned()), length)
}

/// Tries the longest run first. Captures are pushed innermost first.
fn matches<'a>(tokens: &'a [Token], text: &str, at: usize, separator: char, captures: &mut Captures<'a>) -> bool {
    let Some((first, others)) = tokens.split_first() else { return at == text.len() };
    let rest = &text[at..];
    let (least, most) = match first {
        Token::Literal(literal) => {
            return rest.starts_with(literal.as_str()) && matches(others, text, at + literal.len(), separator, captures);
        }
        Token::Any => (0, rest.len()),
        Token::Segment => (0, rest.find(separator).unwrap_or(rest.len())),
        Token::Digits => (1, rest.bytes().take_while(u8::is_ascii_digit).count()),
        Token::Capture(_) => (1, rest.find(separator).unwrap_or(rest.len())),
    };
    for length in (least..=most).rev().filter(|length| rest.is_char_boundary(*length)) {
        if matches(others, text, at + length, separator, captures) {
            if let Token::Capture(name) = first {
                captures.push((name, at..at + length));
            }
            return true;
        }
    }
    false
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|source| Self::new(&source))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_they_say() {
        for (pattern, separator, yes, no) in [
            ("/tr", '/', vec!["/tr"], vec!["/tr2", "/", "/a/tr"]),
            ("/**/tr", '/', vec!["/a/tr", "/a/b/tr", "//tr"], vec!["/tr", "/atr"]),
            ("/i18n/pixel/*.js", '/', vec!["/i18n/pixel/events.js"], vec!["/i18n/pixel/a/b.js", "/i18n/pixel/events.css"]),
            ("pr#", '.', vec!["pr1", "pr200"], vec!["pr", "prx", "pr1x"]),
            ("cd[**]", '.', vec!["cd[a.b]", "cd[é]"], vec!["cd[a].b", "cd"]),
            ("ep.*", '.', vec!["ep.a", "ep."], vec!["ep.a.b", "epn.a"]),
        ] {
            let pattern = Pattern::new(pattern);
            for text in yes {
                assert!(pattern.matches(text, separator), "{pattern} {text}");
            }
            for text in no {
                assert!(!pattern.matches(text, separator), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn captures_come_out_in_order() {
        let pattern = Pattern::new("/v{version}/{id}/events");
        let captures = pattern.captures("/v19.0/123/events", '/').unwrap();
        assert_eq!(captures, [("version", 2..6), ("id", 7..10)]);
    }
}
