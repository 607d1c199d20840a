use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::{ThirdPartyCookies, Viewport};

/// What we set out to do in one fresh browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// What the journey is called in reports.
    pub name: String,
    /// Sites that count as first party beside those of the pages visited: registrable domains or host names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_party: Vec<String>,
    /// How the browser is set.
    #[serde(default)]
    pub browser: BrowserSettings,
    /// Cookies the visitor already has.
    #[serde(default, rename = "cookie", skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<Cookie>,
    /// Values that only this journey types, so that they can be looked for in what was sent.
    #[serde(default, rename = "canary", skip_serializing_if = "Vec::is_empty")]
    pub canaries: Vec<Canary>,
    /// What is done, in order.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
}

/// How the browser is set for a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrowserSettings {
    /// Third-party cookies.
    pub third_party_cookies: ThirdPartyCookies,
    /// Preferred languages, as in `Accept-Language`.
    pub locale: String,
    /// Size of the page.
    pub viewport: Viewport,
    /// User agent, where it should not be that of an ordinary visitor with this browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Milliseconds that a page is listened to at the least after each step.
    pub dwell_ms: u64,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            third_party_cookies: ThirdPartyCookies::default(),
            locale: "en-GB,en".to_owned(),
            viewport: Viewport::default(),
            user_agent: None,
            dwell_ms: 5000,
        }
    }
}

/// A cookie the visitor brings along, such as those of a person who is logged in at a social network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cookie {
    /// Domain, with a leading dot where subdomains get it too.
    pub domain: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A value that only this journey could have typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// What the steps call it.
    pub name: String,
    /// What sort of value it is.
    pub kind: CanaryKind,
    /// The value.
    pub value: String,
}

/// The sorts of canary; each has its own ways of being written by a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryKind {
    /// What was typed into a search box.
    SearchTerm,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A first name.
    FirstName,
    /// A last name.
    LastName,
    /// A first and a last name.
    FullName,
    /// A date of birth, `YYYY-MM-DD`.
    DateOfBirth,
    /// A postcode.
    Postcode,
    /// Anything else.
    Text,
}

/// One thing a visitor does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Go to an address.
    Visit(String),
    /// Click the element of this selector.
    Click(String),
    /// Type into a field.
    Type(Type),
    /// Choose an option of a `<select>`.
    Select(Select),
    /// Click the submit button of a form, or press Enter in its first text field where it has none.
    Submit(String),
    /// Scroll the page.
    Scroll(ScrollTo),
    /// Wait for a time or an element.
    Wait(Pause),
}

/// What is typed where. Exactly one of `text` and `canary` is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Selector of the field.
    pub into: String,
    /// Text to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Name of the canary to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
}

/// What is chosen where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Selector of the `<select>`.
    #[serde(rename = "in")]
    pub list: String,
    /// Value or visible text of the option.
    pub option: String,
}

/// Where a page is scrolled to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScrollTo {
    /// The page's end.
    Bottom,
    /// The page's beginning.
    Top,
    /// Until this element is in view.
    Element(String),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// This many milliseconds.
    Ms(u64),
    /// Until this selector matches, 30 seconds at most.
    Element(String),
}

/// Why a journey cannot be run.
///
/// Messages finish the sentence "cannot use the journey: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JourneyError {
    /// It is not TOML, or has a key or value that a journey does not have.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// Line, 1 is the first.
        line: usize,
        /// Column, 1 is the first.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It has no step.
    #[error("it has no step")]
    NoStep,
    /// Its first step is not a visit.
    #[error("its first step has to be a visit, so that there is a page")]
    NoStart,
    /// An address cannot be visited.
    #[error("{address:?} is not a web address: {why}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// A step types a canary that is not listed, or has both or neither of `text` and `canary`.
    #[error("step {step}: {why}")]
    Typing {
        /// Number of the step, 1 is the first.
        step: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Two canaries have one name, or a canary is too short to be told from chance.
    #[error("the canary {name:?} {why}")]
    Canary {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Journey {
    /// The simplest journey: one address.
    ///
    /// # Errors
    ///
    /// The address is not an `http` or `https` one.
    pub fn visit(address: &str) -> Result<Self, JourneyError> {
        let journey = Self { name: address.to_owned(), steps: vec![Step::Visit(address.to_owned())], ..Self::default() };
        journey.check()?;
        Ok(journey)
    }

    /// Reads a journey file.
    ///
    /// # Errors
    ///
    /// It is not TOML, has a key that journeys do not have, or contradicts itself.
    pub fn from_toml(text: &str) -> Result<Self, JourneyError> {
        let journey: Self = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        journey.check()?;
        Ok(journey)
    }

    /// Reads a journey file that needs no step: that of a case made of captures, of which only the canaries and sites are of interest.
    ///
    /// # Errors
    ///
    /// It is not TOML, has a key that journeys do not have, or its canaries contradict each other.
    pub fn of_case(text: &str) -> Result<Self, JourneyError> {
        let journey: Self = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        journey.check_canaries()?;
        Ok(journey)
    }

    /// Checks the canaries alone.
    ///
    /// # Errors
    ///
    /// Two have one name, or one is too short to be told from chance.
    pub fn check_canaries(&self) -> Result<(), JourneyError> {
        self.canaries.iter().enumerate().try_for_each(|(index, canary)| check_canary(canary, &self.canaries[..index]))
    }

    /// The canary of that name.
    #[must_use]
    pub fn canary(&self, name: &str) -> Option<&Canary> {
        self.canaries.iter().find(|canary| canary.name == name)
    }

    /// The text that a step types.
    #[must_use]
    pub fn text_of<'a>(&'a self, typing: &'a Type) -> &'a str {
        let canary = typing.canary.as_deref().and_then(|name| self.canary(name)).map(|canary| canary.value.as_str());
        typing.text.as_deref().or(canary).unwrap_or_default()
    }

    fn check(&self) -> Result<(), JourneyError> {
        match self.steps.first() {
            None => return Err(JourneyError::NoStep),
            Some(Step::Visit(_)) => {}
            Some(_) => return Err(JourneyError::NoStart),
        }
        self.check_canaries()?;
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Visit(address) => check_address(address)?,
                Step::Type(typing) => {
                    self.check_typing(typing).map_err(|why| JourneyError::Typing { step: index + 1, why })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_typing(&self, typing: &Type) -> Result<(), String> {
        match (&typing.text, &typing.canary) {
            (Some(_), None) => Ok(()),
            (None, Some(name)) if self.canary(name).is_some() => Ok(()),
            (None, Some(name)) => Err(format!("no [[canary]] is called {name:?}")),
            _ => Err("a type step needs either text or canary".to_owned()),
        }
    }
}

fn check_canary(canary: &Canary, before: &[Canary]) -> Result<(), JourneyError> {
    let wrong = |why: &str| Err(JourneyError::Canary { name: canary.name.clone(), why: why.to_owned() });
    if before.iter().any(|other| other.name == canary.name) {
        return wrong("is listed twice");
    }
    if canary.value.chars().filter(|character| character.is_alphanumeric()).count() < 3 {
        return wrong("has fewer than three letters or digits: finding it again would prove nothing");
    }
    Ok(())
}

fn check_address(address: &str) -> Result<(), JourneyError> {
    let wrong = |why: String| Err(JourneyError::Address { address: address.to_owned(), why });
    match Url::parse(address) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => wrong(format!("pages are visited by http and https, not {}", url.scheme())),
        Ok(_) => Ok(()),
        Err(error) => wrong(error.to_string()),
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> JourneyError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
    JourneyError::Syntax {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: error.message().to_owned(),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit(address) => write!(formatter, "visit {address}"),
            Self::Click(selector) => write!(formatter, "click {selector}"),
            Self::Type(Type { into, canary: Some(name), .. }) => write!(formatter, "type the canary {name:?} into {into}"),
            Self::Type(Type { into, text, .. }) => write!(formatter, "type {:?} into {into}", text.as_deref().unwrap_or_default()),
            Self::Select(Select { list, option }) => write!(formatter, "select {option:?} in {list}"),
            Self::Submit(selector) => write!(formatter, "submit {selector}"),
            Self::Scroll(ScrollTo::Bottom) => formatter.write_str("scroll to the end"),
            Self::Scroll(ScrollTo::Top) => formatter.write_str("scroll to the beginning"),
            Self::Scroll(ScrollTo::Element(selector)) => write!(formatter, "scroll to {selector}"),
            Self::Wait(Pause::Ms(ms)) => write!(formatter, "wait {ms} ms"),
            Self::Wait(Pause::Element(selector)) => write!(formatter, "wait for {selector}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: &str = r##"
name = "search"

[browser]
third_party_cookies = "block"
dwell_ms = 3000

[[cookie]]
domain = ".facebook.com"
name = "c_user"
value = "100000000000001"

[[canary]]
name = "condition"
kind = "search-term"
value = "hiv test"

[[step]]
visit = "https://clinic.example/"

[[step]]
type = { into = "#q", canary = "condition" }

[[step]]
submit = "#search"

[[step]]
scroll = "bottom"

[[step]]
wait = { ms = 500 }
"##;

    #[test]
    fn a_journey_reads_as_it_is_written() {
        let journey = Journey::from_toml(SEARCH).unwrap();
        let steps: Vec<String> = journey.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            steps,
            [
                "visit https://clinic.example/",
                "type the canary \"condition\" into #q",
                "submit #search",
                "scroll to the end",
                "wait 500 ms"
            ]
        );
        assert_eq!(journey.browser.third_party_cookies, ThirdPartyCookies::Block);
        assert_eq!(journey.browser.locale, "en-GB,en");
        let Step::Type(typing) = &journey.steps[1] else { panic!("the second step types") };
        assert_eq!(journey.text_of(typing), "hiv test");
        let stored = serde_json::to_string(&journey).unwrap();
        assert_eq!(serde_json::from_str::<Journey>(&stored).unwrap(), journey);
    }

    #[test]
    fn a_wrong_journey_says_where_and_why() {
        for (from, to, message) in [
            ("dwell_ms", "dwel", "line 6, column 1: unknown field `dwel`"),
            ("dwell_ms = 3000", "dwell_ms = \"3\"", "line 6, column 12: invalid type"),
            ("visit =", "visitt =", "line 19, column 1: unknown variant `visitt`"),
            (
                "https://clinic.example/",
                "ftp://clinic.example/",
                "\"ftp://clinic.example/\" is not a web address: pages are visited by http and https, not ftp",
            ),
            ("https://clinic.example/", "clinic", "\"clinic\" is not a web address"),
            ("canary = \"condition\"", "canary = \"other\"", "step 2: no [[canary]] is called \"other\""),
            (", canary = \"condition\"", "", "step 2: a type step needs either text or canary"),
            ("value = \"hiv test\"", "value = \"hi\"", "the canary \"condition\" has fewer than three letters"),
            ("visit = \"https://clinic.example/\"", "scroll = \"top\"", "its first step has to be a visit"),
        ] {
            let text = SEARCH.replace(from, to);
            assert_ne!(text, SEARCH);
            let error = Journey::from_toml(&text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}\nshould start with\n{message}");
        }
    }
}
