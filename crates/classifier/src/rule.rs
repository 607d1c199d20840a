use std::collections::HashMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::pattern::Pattern;
use crate::{Confidence, Meaning, Normalisation, What};

/// What each of a vendor's parameters means, by name or by pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    exact: HashMap<String, Rule>,
    /// The most special first.
    patterns: Vec<(Pattern, Rule)>,
    /// The number of the one that is told in the TCF's list of vendors, which consent strings name.
    pub(crate) tcf_vendor: Option<u16>,
}

impl Rules {
    /// Gives every rule that says nothing of its own what its definition says.
    pub(crate) fn settle(&mut self, confidence: Confidence, tcf_vendor: Option<u16>) {
        self.tcf_vendor = tcf_vendor;
        for rule in self.exact.values_mut().chain(self.patterns.iter_mut().map(|(_, rule)| rule)) {
            rule.confidence.get_or_insert(confidence);
        }
    }

    /// The rule for a parameter, and the name or pattern it stands under.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, &Rule)> {
        let exact = self.exact.get_key_value(name).map(|(key, rule)| (key.as_str(), rule));
        exact.or_else(|| {
            let found = self.patterns.iter().find(|(pattern, _)| pattern.matches(name, '.'));
            found.map(|(pattern, rule)| (pattern.source(), rule))
        })
    }
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
        while let Some((name, WordOrRule(rule))) = map.next_entry::<String, WordOrRule>()? {
            if name.contains(['*', '#', '{']) {
                rules.patterns.push((Pattern::new(&name), rule));
            } else {
                rules.exact.insert(name, rule);
            }
        }
        // Among patterns of one weight the order must not depend on how the file was read.
        rules.patterns.sort_by(|(one, _), (other, _)| other.weight().cmp(&one.weight()).then_with(|| one.source().cmp(other.source())));
        Ok(rules)
    }
}

/// What one parameter means: a word of [`Meaning`], or a table with that word and more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
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
    pub(crate) unless: Vec<Pattern>,
    /// What the event has to say beside it, or it tells nothing: `action.type=click`.
    pub(crate) when: Option<String>,
}

impl Rule {
    fn of(meaning: Meaning) -> Self {
        Self {
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
            when: None,
        }
    }

    pub(crate) fn is_recalled(&self) -> bool {
        self.confidence == Some(Confidence::Recalled)
    }
}

fn yes() -> bool {
    true
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
