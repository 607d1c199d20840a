use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepRun {
    /// Place in the journey (0 is the first).
    pub step: usize,
    /// The step in words: `click "Book an appointment"`.
    pub what: String,
    /// Milliseconds since the Unix epoch when it began.
    pub started_at_ms: u64,
    /// Milliseconds since the Unix epoch when it ended, listening included.
    pub ended_at_ms: u64,
    /// How it went.
    pub outcome: Outcome,
    /// The page's address before.
    pub url_before: String,
    /// The page's address after.
    pub url_after: String,
    /// The page's title after.
    pub title_after: String,
    /// The element it acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<Element>,
    /// What it put into the page, where it put something into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Picture before the action with the element outlined: a file name in the run's `screenshots` directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot_before: Option<String>,
    /// Picture after the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot_after: Option<String>,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As asked.
    Done,
    /// Not as asked.
    Failed {
        /// Why, as the end of the sentence "the step failed: …".
        why: String,
    },
}

/// An element a step acted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Element {
    /// The selector of the journey.
    pub selector: String,
    /// Tag name in lower case.
    pub tag: String,
    /// Visible text, white space folded, at most 200 characters.
    pub text: String,
}

/// What a step put into the page, and what the page held when it was read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// How it was put there.
    pub kind: InputKind,
    /// The canary of the journey that was put there, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
    /// What the journey asked for.
    pub asked: String,
    /// What the field held when it was read back after the step: its value as a form would send it. `None` where it could not be read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// What a visitor reads there, where that is not what is sent: the visible text of an option, the label of a box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The ways of putting something into a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// Typed into a field, or set in one that has a picker.
    Typed,
    /// Chosen from a list.
    Chosen,
    /// A box or a button of a group that was checked by a click.
    Checked,
    /// Something else that was clicked; what counts is its text.
    Clicked,
}
