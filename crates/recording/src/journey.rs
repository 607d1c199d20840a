mod address;
mod canary;
mod file;
mod reader;
mod steps;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use address::{AddressError, Scheme, host_of_site};
pub use canary::CanaryError;
pub use file::{JourneyError, Problem};
pub use reader::ReadWith;

use address::whole_address;
use canary::check_value;

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

impl CanaryKind {
    /// Every kind as it is written, in the order shown to users.
    pub const ALL: [(&str, Self); 9] = [
        ("search-term", Self::SearchTerm),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("first-name", Self::FirstName),
        ("last-name", Self::LastName),
        ("full-name", Self::FullName),
        ("date-of-birth", Self::DateOfBirth),
        ("postcode", Self::Postcode),
        ("text", Self::Text),
    ];
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

impl Journey {
    /// The simplest journey: one address. One without a scheme is visited by `https`.
    ///
    /// # Errors
    ///
    /// The address is not an `http` or `https` one.
    pub fn visit(address: &str) -> Result<Self, AddressError> {
        Self::visit_with(address, Scheme::Https)
    }

    /// The same, where an address without a scheme is visited by this one.
    ///
    /// # Errors
    ///
    /// The address is not an `http` or `https` one.
    pub fn visit_with(address: &str, scheme: Scheme) -> Result<Self, AddressError> {
        let address = whole_address(address, scheme)?;
        Ok(Self { name: address.clone(), steps: vec![Step::Visit(address)], ..Self::default() })
    }

    /// Reads a journey file. Addresses without a scheme are visited by `https`.
    ///
    /// # Errors
    ///
    /// It is not TOML, has a key that journeys do not have, or contradicts itself. Everything that is wrong is named.
    pub fn from_toml(text: &str) -> Result<Self, JourneyError> {
        Self::from_toml_with(text, &ReadWith::default())
    }

    /// The same with what the file does not say.
    ///
    /// # Errors
    ///
    /// It is not TOML, has a key that journeys do not have, or contradicts itself. Everything that is wrong is named.
    pub fn from_toml_with(text: &str, with: &ReadWith) -> Result<Self, JourneyError> {
        file::read(text, with, true)
    }

    /// Reads a journey file of which only the canaries and sites are of interest: it needs no step.
    ///
    /// # Errors
    ///
    /// It is not TOML, has a key that journeys do not have, or its canaries contradict each other.
    pub fn of_case(text: &str, with: &ReadWith) -> Result<Self, JourneyError> {
        file::read(text, with, false)
    }

    /// Every canary that is not what its kind says, or too short to be told from chance. `today` as `YYYY-MM-DD`, where it is known:
    /// nobody was born after it.
    #[must_use]
    pub fn wrong_canaries(&self, today: Option<&str>) -> Vec<CanaryError> {
        let wrong = |canary: &Canary| check_value(canary.kind, &canary.value, today).err();
        self.canaries.iter().filter_map(|canary| Some(CanaryError { name: canary.name.clone(), why: wrong(canary)? })).collect()
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
}
