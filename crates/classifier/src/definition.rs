use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::codecs::{BodyCodec, Names, Parameter};
use crate::party::registrable_domain;
use crate::pattern::Pattern;
use crate::{Meaning, Normalisation, What};

/// What is known of one vendor's product: where its requests go, how they are written, and what each parameter means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// Identifier, also the file's name.
    pub(crate) id: String,
    /// The product.
    pub(crate) name: String,
    /// Who runs it.
    pub(crate) owner: String,
    /// Where we learned the format.
    pub(crate) sources: Vec<String>,
    /// Further hosts of the owner, read or not.
    #[serde(default)]
    pub(crate) owner_hosts: Vec<HostPattern>,
    /// Parameters that the owner's advertisements add to the address they lead to.
    #[serde(default)]
    pub(crate) click_ids: Vec<String>,
    /// Parameters that are equal in an event and its copy.
    #[serde(default)]
    pub(crate) same_event: Vec<String>,
    #[serde(rename = "endpoint")]
    pub(crate) endpoints: Vec<Endpoint>,
    #[serde(default)]
    pub(crate) params: Rules,
    #[serde(default)]
    pub(crate) cookies: Rules,
    /// How the answer of a `config` endpoint says what the script is set to do.
    #[serde(default)]
    pub(crate) declares: Option<Declares>,
}

/// Where a vendor's requests go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub(crate) host: HostPattern,
    /// A final slash makes no difference. A `{name}` in it is a parameter.
    pub(crate) path: PathPattern,
    /// Any, if empty.
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    #[serde(default)]
    pub(crate) role: Role,
    #[serde(default)]
    pub(crate) body: Vec<BodyCodec>,
    /// How members of a JSON body are named here.
    #[serde(default)]
    pub(crate) names: Names,
    /// Members of a JSON body that hold a list of events.
    #[serde(default)]
    pub(crate) batch: Vec<String>,
    /// Parameters without which it is something else: `v=2`, `id=#`, `ev`.
    #[serde(default)]
    pub(crate) requires: Vec<Requirement>,
}

/// What an endpoint is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// It takes events.
    #[default]
    Event,
    /// It hands out the vendor's script.
    Loader,
    /// It hands out what the script is set to do.
    Config,
    /// It takes a second copy of events.
    Copy,
}

/// `facebook.com` and its subdomains, `google.*` under any public suffix, or `*` for any host (the payload tells).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum HostPattern {
    Domain(String),
    AnySuffix(String),
    Any,
}

impl HostPattern {
    pub(crate) fn matches(&self, host: &str) -> bool {
        match self {
            Self::Domain(domain) => host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Self::AnySuffix(label) => {
                let domain = registrable_domain(host);
                psl::suffix_str(host).is_some_and(|suffix| domain.strip_prefix(label.as_str()) == Some(&format!(".{suffix}")))
            }
            Self::Any => true,
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let (name, any_suffix) = text.strip_suffix(".*").map_or((text.as_str(), false), |name| (name, true));
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if name.is_empty() || !name.bytes().all(allowed) || name.starts_with('.') || name.ends_with('.') {
            return Err(format!("{text:?} is not a host: give a name in lower case, a label with .*, or *"));
        }
        Ok(if any_suffix { Self::AnySuffix(name.to_owned()) } else { Self::Domain(name.to_owned()) })
    }
}

/// A pattern for paths; see [`Pattern`].
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PathPattern(pub(crate) Pattern);

impl TryFrom<String> for PathPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with('/') { Ok(Self(Pattern::new(&text))) } else { Err(format!("{text:?} is not a path: it does not start with /")) }
    }
}

/// A parameter that has to be there, with any value or one of this pattern.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Requirement {
    name: String,
    value: Option<Pattern>,
}

impl Requirement {
    pub(crate) fn is_met_by<'a>(&self, mut parameters: impl Iterator<Item = &'a Parameter>) -> bool {
        parameters.any(|parameter| {
            parameter.name == self.name && self.value.as_ref().is_none_or(|pattern| pattern.matches(&parameter.piece.text(), '\n'))
        })
    }
}

impl From<String> for Requirement {
    fn from(text: String) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { name: name.to_owned(), value: Some(Pattern::new(value)) },
            None => Self { name: text, value: None },
        }
    }
}

/// What each of a vendor's parameters means, by name or by pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    exact: BTreeMap<String, Rule>,
    /// The most special first.
    patterns: Vec<(Pattern, Rule)>,
}

impl Rules {
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
        let mut rules = Self::default();
        for (name, rule) in BTreeMap::<String, Rule>::deserialize(deserializer)? {
            let pattern = Pattern::new(&name);
            if pattern.is_literal() {
                rules.exact.insert(name, rule);
            } else {
                rules.patterns.push((pattern, rule));
            }
        }
        rules.patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.weight()));
        Ok(rules)
    }
}

/// What one parameter means: a word of [`Meaning`], or a table with that word and more.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) meaning: Meaning,
    pub(crate) note: Option<String>,
    /// What the vendor does before hashing; given for hashes only.
    pub(crate) normalise: Vec<Normalisation>,
    pub(crate) codec: Option<ValueCodec>,
    /// The value is a list of objects: what counts is the first of these members in each.
    pub(crate) list: Vec<String>,
    /// What it tells its recipient, where that is not what its meaning says.
    pub(crate) what: Option<What>,
    /// Whether it tells anything at all about the visitor.
    pub(crate) leak: bool,
}

/// How a value is to be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ValueCodec {
    /// base64 of a JSON document that stands for the whole event.
    Base64Json,
    /// Google's `tv.1~em.<hash>`.
    GoogleUserData,
    /// Google's `gcs`: it reads in words.
    GoogleConsent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullRule {
    meaning: Meaning,
    note: Option<String>,
    #[serde(default)]
    normalise: Vec<Normalisation>,
    #[serde(default)]
    hash: Option<Hash>,
    codec: Option<ValueCodec>,
    #[serde(default)]
    list: Vec<String>,
    what: Option<What>,
    leak: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Hash {
    Sha256,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

/// By hand, since an untagged enum would not say what is wrong.
struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = Rule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a word for a meaning, or a table with one")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Rule, E> {
        let meaning = Meaning::deserialize(StrDeserializer::new(word))?;
        Ok(Rule { meaning, note: None, normalise: Vec::new(), codec: None, list: Vec::new(), what: None, leak: true })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
        let FullRule { meaning, note, normalise, hash, codec, list, what, leak } = FullRule::deserialize(MapAccessDeserializer::new(map))?;
        if !normalise.is_empty() && hash.is_none() {
            return Err(A::Error::custom("normalise is said of hashes only: give hash = \"sha256\" with it"));
        }
        Ok(Rule { meaning, note, normalise, codec, list, what, leak: leak.unwrap_or(true) })
    }
}

/// Calls in a `config` answer that declare a setting.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declares {
    /// Functions called with an account, a feature's name, and whether it is on.
    #[serde(default)]
    pub(crate) features: Vec<String>,
    /// Functions called with an account, a section's name, and its settings.
    #[serde(default)]
    pub(crate) sections: Vec<String>,
    /// Which settings of a section are told: patterns with dots.
    #[serde(default)]
    pub(crate) settings: Vec<Pattern>,
    /// What a feature or setting means, by name or pattern.
    #[serde(default)]
    pub(crate) notes: BTreeMap<String, String>,
}

impl Declares {
    pub(crate) fn note(&self, setting: &str) -> Option<String> {
        let exact = self.notes.get(setting);
        exact.or_else(|| self.notes.iter().find(|(key, _)| Pattern::new(key).matches(setting, '.')).map(|(_, note)| note)).cloned()
    }
}
