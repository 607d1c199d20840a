use std::borrow::Cow;
use std::fmt;

use rustc_hash::FxHashMap;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::definition::one_or_more;
use crate::pattern::Pattern;
use crate::{Confidence, Meaning, Normalisation, What};

/// What each of a vendor's parameters means, by name or by pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// By short name, each as its number in the list: most names are short, and a number is found faster than a text.
    short: FxHashMap<u64, u32>,
    /// By any other name.
    long: FxHashMap<String, u32>,
    rules: Vec<Rule>,
    /// The most special first.
    patterns: Vec<(Pattern, Rule)>,
    /// What each of the patterns begins with, to pass by most of them at a glance.
    first: Vec<Option<u8>>,
    /// Whether one of them means something else under a condition.
    pub(crate) has_alternatives: bool,
}

impl Rules {
    /// Gives every rule that says nothing of its own what its definition says.
    pub(crate) fn settle(&mut self, confidence: Confidence, tcf_vendor: Option<u16>) {
        for rule in self.rules.iter_mut().chain(self.patterns.iter_mut().map(|(_, rule)| rule)) {
            rule.settle(confidence, tcf_vendor);
            self.has_alternatives |= rule.otherwise.is_some();
        }
    }

    /// Says of every rule where it stands: other definitions use it, too.
    pub(crate) fn lend(&mut self, definition: &str) {
        for rule in self.rules.iter_mut().chain(self.patterns.iter_mut().map(|(_, rule)| rule)) {
            rule.definition = Some(definition.to_owned());
            if let Some(otherwise) = &mut rule.otherwise {
                otherwise.definition = Some(definition.to_owned());
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.patterns.is_empty()
    }

    /// The rule for a parameter.
    pub(crate) fn find(&self, name: &str) -> Option<&Rule> {
        let may_match = |first: &Option<u8>| first.is_none() || *first == name.bytes().next();
        let candidates = || self.first.iter().zip(&self.patterns).filter(|(first, _)| may_match(first));
        let by_pattern = || candidates().find(|(_, (pattern, _))| pattern.matches(name, '.')).map(|(_, (_, rule))| rule);
        let number = match short(name) {
            Some(name) => self.short.get(&name),
            None => self.long.get(name),
        };
        number.and_then(|number| self.rules.get(*number as usize)).or_else(by_pattern)
    }
}

/// Whether it stands for more names than one.
fn is_pattern(name: &str) -> bool {
    name.contains(['*', '#', '{'])
}

/// A name of at most seven bytes as a number, with its length, so that no two names have the same.
fn short(name: &str) -> Option<u64> {
    (name.len() < 8).then(|| name.bytes().fold(name.len() as u64, |number, byte| number << 8 | u64::from(byte)))
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RulesVisitor)
    }
}

/// By hand, to sort names from patterns without keeping all of them in a map first.
struct RulesVisitor;

impl<'de> Visitor<'de> for RulesVisitor {
    type Value = Rules;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("names or patterns of parameters, each with what it means")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rules, A::Error> {
        let mut rules = Rules::default();
        while let Some((name, WordOrRule(mut rule))) = map.next_entry::<String, WordOrRule>()? {
            rule.key.clone_from(&name);
            if is_pattern(&name) {
                rules.patterns.push((Pattern::new(&name), rule));
            } else {
                let number = u32::try_from(rules.rules.len()).map_err(A::Error::custom)?;
                match short(&name) {
                    Some(name) => rules.short.insert(name, number),
                    None => rules.long.insert(name, number),
                };
                rules.rules.push(rule);
            }
        }
        // Among patterns of one weight the order must not depend on how the file was read.
        rules.patterns.sort_by(|(one, _), (other, _)| other.weight().cmp(&one.weight()).then_with(|| one.source().cmp(other.source())));
        rules.first = rules.patterns.iter().map(|(pattern, _)| pattern.first()).collect();
        Ok(rules)
    }
}

/// What one parameter means: a word of [`Meaning`], or a table with that word and more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The name or pattern that it stands under.
    #[serde(skip)]
    pub(crate) key: String,
    /// Identifier of the definition that it stands in, where other definitions use it, too.
    #[serde(skip)]
    pub(crate) definition: Option<String>,
    /// What sites call so among properties of their own, where the name is no definition's.
    #[serde(skip)]
    pub(crate) site_word: Option<&'static str>,
    /// The number of who is told in the TCF's list of vendors, which consent strings name: its definition's.
    #[serde(skip)]
    pub(crate) tcf_vendor: Option<u16>,
    pub(crate) meaning: Meaning,
    /// Of the definition, where the rule gives none.
    pub(crate) confidence: Option<Confidence>,
    pub(crate) note: Option<String>,
    /// How it is hashed, where the vendor wants it hashed. What really was hashed is found out by hashing canaries, not by this word.
    pub(crate) hash: Option<Hash>,
    /// What the vendor does before hashing; given for hashes only.
    #[serde(default)]
    pub(crate) normalise: Vec<Normalisation>,
    pub(crate) codec: Option<ValueCodec>,
    /// The value is a list of objects: what counts is the first of these members in each.
    #[serde(default)]
    pub(crate) list: Vec<String>,
    /// What it tells its recipient, where that is not what its meaning says.
    pub(crate) what: Option<What>,
    /// Whether it tells anything at all about the visitor.
    #[serde(default = "yes")]
    pub(crate) leak: bool,
    /// It names the event only where nothing else does.
    #[serde(default)]
    pub(crate) fallback: bool,
    /// Values that tell nothing: what the vendor's script writes where it knows nothing.
    #[serde(default)]
    pub(crate) unless: Vec<Nothing>,
    /// What the event has to say beside it, or the rule does not hold: `action.type=click`.
    #[serde(default, deserialize_with = "one_or_more")]
    pub(crate) when: Vec<Condition>,
    /// What it means where `when` is not met. Without it, the parameter means the same and tells nothing.
    pub(crate) otherwise: Option<Box<Rule>>,
}

impl Rule {
    fn settle(&mut self, confidence: Confidence, tcf_vendor: Option<u16>) {
        self.confidence.get_or_insert(confidence);
        self.tcf_vendor = tcf_vendor;
        if let Some(otherwise) = &mut self.otherwise {
            otherwise.key.clone_from(&self.key);
            otherwise.settle(confidence, tcf_vendor);
        }
    }

    fn of(meaning: Meaning) -> Self {
        Self {
            key: String::new(),
            definition: None,
            site_word: None,
            tcf_vendor: None,
            meaning,
            confidence: None,
            note: None,
            hash: None,
            normalise: Vec::new(),
            codec: None,
            list: Vec::new(),
            what: None,
            leak: true,
            fallback: false,
            unless: Vec::new(),
            when: Vec::new(),
            otherwise: None,
        }
    }

    /// For a property that sites name themselves.
    pub(crate) fn of_a_site(meaning: Meaning, what: What, word: &'static str) -> Self {
        let note = Some("a property of the site's own, by its name".to_owned());
        Self { what: Some(what), note, site_word: Some(word), ..Self::of(meaning) }
    }

    /// Whether it takes in properties that the site names, and says nothing of what they mean.
    pub(crate) fn is_of_own_properties(&self) -> bool {
        self.meaning == Meaning::CustomData
            && self.leak
            && !self.is_recalled()
            && self.codec.is_none()
            && self.list.is_empty()
            && is_pattern(&self.key)
    }

    /// Whether the value is one that tells nothing by what the rule says.
    pub(crate) fn says_nothing(&self, value: &str) -> bool {
        self.unless.iter().any(|nothing| nothing.matches(value, '\n'))
    }

    pub(crate) fn is_recalled(&self) -> bool {
        self.confidence == Some(Confidence::Recalled)
    }
}

/// What has to stand beside a parameter: `name=pattern`, or with `!=` what must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) name: String,
    pattern: Pattern,
    is_forbidden: bool,
}

impl Condition {
    /// Whether these values of the parameter, of which there may be none, are as it says.
    pub(crate) fn is_met_by<'v>(&self, mut values: impl Iterator<Item = Cow<'v, str>>) -> bool {
        values.any(|value| self.pattern.matches(&value, '\n')) != self.is_forbidden
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Some((name, pattern)) = text.split_once('=') else { return Err(format!("{text:?} is not of the form name=value")) };
        let plain = name.strip_suffix('!');
        Ok(Self { name: plain.unwrap_or(name).to_owned(), pattern: Pattern::new(pattern), is_forbidden: plain.is_some() })
    }
}

fn yes() -> bool {
    true
}

/// Values that tell nothing: those that a pattern matches, or with `!` before it all but those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nothing {
    pattern: Pattern,
    is_all_else: bool,
}

impl Nothing {
    pub(crate) fn matches(&self, value: &str, separator: char) -> bool {
        self.pattern.matches(value, separator) != self.is_all_else
    }
}

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let all_else = text.strip_prefix('!');
        Ok(Self { pattern: Pattern::new(all_else.unwrap_or(&text)), is_all_else: all_else.is_some() })
    }
}

/// A digest that a vendor takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Hash {
    Sha256,
    Sha1,
    Md5,
}

/// How a value is to be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ValueCodec {
    /// base64 of a JSON document that stands for the whole event.
    Base64Json,
    /// base64 of `name=value&…`.
    Base64Query,
    /// Google's `tv.1~em.<hash>`.
    GoogleUserData,
    /// Percent-encoded once more.
    Percent,
    /// `name=value&…` once more.
    Query,
    /// `name=value;…`.
    Semicolons,
    /// `name:value:…`, of which the last is `t` with the rest.
    Colons,
    /// Several values in brackets or parted by `,` or `|`.
    List,
}

/// A rule, or the word that stands for one with nothing else to say.
struct WordOrRule(Rule);

impl<'de> Deserialize<'de> for WordOrRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrRuleVisitor).map(Self)
    }
}

/// By hand, since an untagged enum would not say what is wrong.
struct WordOrRuleVisitor;

impl<'de> Visitor<'de> for WordOrRuleVisitor {
    type Value = Rule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a word for a meaning, or a table with one")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Rule, E> {
        Meaning::deserialize(StrDeserializer::new(word)).map(Rule::of)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
        let rule = Rule::deserialize(MapAccessDeserializer::new(map))?;
        if !rule.normalise.is_empty() && rule.hash.is_none() {
            return Err(A::Error::custom("normalise is said of hashes only: give hash = \"sha256\" with it"));
        }
        Ok(rule)
    }
}
