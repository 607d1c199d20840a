use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::codecs::{BodyCodec, Names, Parameter};
use crate::pattern::Pattern;
use crate::rule::Rules;
use crate::{Confidence, Purpose, replay};

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
    /// The legal entity that answers for it, where known.
    #[serde(default)]
    pub(crate) entity: Option<String>,
    pub(crate) purpose: Purpose,
    /// How well all of this is known, unless a parameter says otherwise.
    pub(crate) confidence: Confidence,
    /// Its number in the TCF's list of vendors, by which consent strings name it.
    #[serde(default)]
    pub(crate) tcf_vendor: Option<u16>,
    /// Where we learned the format.
    pub(crate) sources: Vec<String>,
    /// Sites run the same software themselves: on a host of the site's own, nobody else learns anything from it.
    #[serde(default)]
    pub(crate) self_hosted: bool,
    /// Further hosts of the owner, read or not.
    #[serde(default, deserialize_with = "one_or_more")]
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
    /// Cookies that the owner keeps on hosts of its own: all its products receive them there, whichever definition reads the request.
    #[serde(default)]
    pub(crate) owner_cookies: Rules,
    /// How the answer of a `config` endpoint says what the script is set to do.
    #[serde(default)]
    pub(crate) declares: Option<Declares>,
}

/// Where a vendor's requests go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// One, or a list of which any will do.
    #[serde(rename = "host", deserialize_with = "one_or_more")]
    pub(crate) hosts: Vec<HostPattern>,
    /// One, or a list of which any will do. A final slash makes no difference. A `{name}` in it is a parameter.
    #[serde(rename = "path", deserialize_with = "one_or_more")]
    pub(crate) paths: Vec<PathPattern>,
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
    /// Parameters are parted by `;`, in the path after its first `;` and in the query. The path ends before it.
    #[serde(default)]
    pub(crate) semicolons: bool,
    /// Parameters that hold a JSON document with events, as it is or in base64.
    #[serde(default)]
    pub(crate) documents: Vec<String>,
    /// Parameters stand in blocks: `c.` opens one, `.c` closes it.
    #[serde(default)]
    pub(crate) blocks: bool,
    /// How it is written, where it is a recording of what the visitor did (a session replay).
    #[serde(default)]
    pub(crate) replay: Option<replay::Format>,
    /// Parameters without which it is something else: `v=2`, `id=#`, `ev`.
    #[serde(default)]
    pub(crate) requires: Vec<Requirement>,
    /// What its events are called, where no parameter names them.
    #[serde(default)]
    pub(crate) event: Option<String>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern {
    Domain(String),
    AnySuffix(String),
    Any,
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

/// By hand, since an untagged enum would not say what is wrong.
pub(crate) fn one_or_more<'de, D: Deserializer<'de>, T: TryFrom<String, Error = String>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_any(OneOrMore(PhantomData))
}

struct OneOrMore<T>(PhantomData<T>);

impl<'de, T: TryFrom<String, Error = String>> Visitor<'de> for OneOrMore<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, or a list of texts")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        T::try_from(text.to_owned()).map(|one| vec![one]).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            all.push(T::try_from(text).map_err(A::Error::custom)?);
        }
        if all.is_empty() { Err(A::Error::custom("the list is empty")) } else { Ok(all) }
    }
}

/// A pattern for paths; see [`Pattern`].
#[derive(Clone, Debug)]
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

impl Endpoint {
    /// Whether it takes any path of any host: what is sent alone tells.
    pub(crate) fn is_by_form(&self) -> bool {
        self.hosts.contains(&HostPattern::Any) && self.paths.iter().any(|path| path.0.source() == "/**")
    }
}

impl Requirement {
    /// The parameter's name, as a definition writes it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether these bytes can hold the parameter at all: they have the innermost part of its name.
    pub(crate) fn may_be_in(&self, bytes: &[u8]) -> bool {
        let innermost = self.name.rsplit('.').next().unwrap_or(&self.name);
        memchr::memmem::find(bytes, innermost.as_bytes()).is_some()
    }

    pub(crate) fn is_met_by<'p, 'a: 'p>(&self, mut parameters: impl Iterator<Item = &'p Parameter<'a>>) -> bool {
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
