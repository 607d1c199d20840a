//! What a journey chose, checked or clicked, as values that are looked for.
//!
//! A canary is unlike any other text; `Cardiology` is not. Such a value counts only as the whole of a value that was sent, only from when the
//! step began, and only for a recipient that had not been sent it before: otherwise the step did not cause it.

use std::collections::BTreeSet;

use pixelwitness_recording::{CanaryKind, Input, InputKind, Message, Outcome, Recording, Request, Step, StepRun};

use crate::codecs::Parameter;
use crate::search::Hit;
use crate::sought::{Answer, Origin, Sought};
use crate::{Meaning, RecipientId, whole_values};

/// Letters and digits that a value has at the least.
const LEAST_CHARACTERS: usize = 4;

/// Words that buttons, boxes and scripts have everywhere: that one of them was sent tells nothing of a choice.
const EVERYWHERE: &[&str] = &[
    "true",
    "false",
    "null",
    "none",
    "undefined",
    "checked",
    "default",
    "other",
    "select",
    "submit",
    "search",
    "next",
    "back",
    "previous",
    "send",
    "save",
    "close",
    "cancel",
    "continue",
    "accept",
    "accept all",
    "reject",
    "reject all",
    "decline",
    "agree",
    "i agree",
    "okay",
    "confirm",
    "more",
    "read more",
    "learn more",
    "show more",
    "menu",
    "home",
    "login",
    "log in",
    "sign in",
    "sign up",
    "register",
    "subscribe",
    "download",
    "share",
    "print",
    "open",
    "view",
    "click",
    "click here",
    "here",
    "start",
    "apply",
    "filter",
    "sort",
    "reset",
    "clear",
    "update",
    "edit",
    "delete",
    "remove",
    "english",
    "button",
    "link",
    "text",
    "input",
    "option",
    "page",
    "start now",
    "get started",
    "contact",
    "contact us",
    "about",
    "about us",
    "help",
    "help me",
];

/// What parameters are called that name an event: there a word is the event's name, whoever chose the same word.
const NAMES_OF_EVENTS: &[&str] = &[
    "e",
    "en",
    "ev",
    "ea",
    "ec",
    "t",
    "evt",
    "event",
    "eventname",
    "event_name",
    "event-name",
    "eventtype",
    "event_type",
    "eventaction",
    "action",
    "type",
    "method",
    "name",
    "cmd",
    "command",
    "status",
    "state",
    "mode",
    "lang",
    "language",
    "locale",
    "currency",
    "env",
    "environment",
    "title",
    "pagetitle",
    "page_title",
];

/// The values of the steps, beside the journey's canaries. One that several steps have is one.
pub(crate) fn sought(recording: &Recording) -> Vec<Sought> {
    let mut all: Vec<Sought> = Vec::new();
    let is_canary = |value: &str| recording.journey.canaries.iter().any(|canary| folded(&canary.value) == folded(value));
    for run in &recording.steps {
        let Some((origin, values)) = values(run, recording.journey.steps.get(run.step)) else { continue };
        let values = values.into_iter().filter(|value| says_something(value) && !is_canary(value));
        for (index, value) in values.enumerate() {
            if let Some(known) = all.iter_mut().find(|known| folded(&known.value) == folded(&value)) {
                known.steps.extend((!known.steps.contains(&run.step)).then_some(run.step));
                continue;
            }
            let name = if index == 0 { format!("step {}", run.step + 1) } else { format!("step {}, as it is sent", run.step + 1) };
            let (kind, answer, steps) = (CanaryKind::Text, Answer::NotObserved, vec![run.step]);
            all.push(Sought { name, kind, value, asked: None, origin, steps, answer, sent_to: Vec::new() });
        }
    }
    all
}

/// What a step put into the page other than by typing: what a visitor reads first, then what a form sends.
fn values(run: &StepRun, step: Option<&Step>) -> Option<(Origin, Vec<String>)> {
    if let Some(input) = &run.input {
        let origin = match input.kind {
            InputKind::Typed => return None,
            InputKind::Chosen => Origin::Chosen,
            InputKind::Checked => Origin::Checked,
            InputKind::Clicked => Origin::Clicked,
        };
        return (input.canary.is_none()).then(|| (origin, values_of_input(input, run)));
    }
    let element = run.element.as_ref().filter(|_| run.outcome == Outcome::Done)?;
    match step? {
        Step::Click(_) => Some((Origin::Clicked, vec![element.text.clone()])),
        _ => None,
    }
}

fn values_of_input(input: &Input, run: &StepRun) -> Vec<String> {
    let asked = || (run.outcome == Outcome::Done).then(|| input.asked.clone());
    let shown = match input.kind {
        InputKind::Clicked | InputKind::Checked => {
            input.label.clone().or_else(|| run.element.as_ref().map(|element| element.text.clone()).filter(|text| !text.is_empty()))
        }
        InputKind::Typed | InputKind::Chosen => input.label.clone(),
    };
    let sent = match input.kind {
        // What is clicked is asked for by its selector.
        InputKind::Clicked | InputKind::Checked => input.held.clone(),
        InputKind::Typed | InputKind::Chosen => input.held.clone().or_else(asked),
    };
    let mut values: Vec<String> =
        shown.into_iter().chain(sent).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    values.dedup_by_key(|value| folded(value));
    values
}

fn says_something(value: &str) -> bool {
    value.chars().filter(|character| character.is_alphanumeric()).count() >= LEAST_CHARACTERS
        && !EVERYWHERE.contains(&folded(value).as_str())
}

/// In lower case, with one space for any white space.
pub(crate) fn folded(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Looks for what was chosen, checked or clicked.
pub(crate) struct Actions {
    list: Vec<Action>,
    /// Titles of pages that were open: a link is often called what the page is that it leads to.
    titles: BTreeSet<String>,
    /// What recipients had been sent before the step.
    earlier: BTreeSet<(usize, RecipientId)>,
}

struct Action {
    /// Place in the list of what is looked for.
    sought: usize,
    folded: String,
    /// Milliseconds since the Unix epoch at which the first of its steps began.
    since_ms: u64,
}

impl Actions {
    pub(crate) fn of(sought: &[Sought], recording: &Recording) -> Self {
        let began = |one: &Sought| {
            let runs = recording.steps.iter().filter(|run| one.steps.contains(&run.step));
            runs.map(|run| run.started_at_ms).min().unwrap_or_default()
        };
        let actions = sought.iter().enumerate().filter(|(_, one)| one.origin != Origin::Canary);
        let list = actions.map(|(at, one)| Action { sought: at, folded: folded(&one.value), since_ms: began(one) }).collect();
        let titles = recording.steps.iter().map(|run| folded(&run.title_after)).collect();
        Self { list, titles, earlier: BTreeSet::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a place in the list of what is looked for is one of these.
    pub(crate) fn has(&self, sought: usize) -> bool {
        self.action(sought).is_some()
    }

    fn action(&self, sought: usize) -> Option<&Action> {
        self.list.iter().find(|action| action.sought == sought)
    }

    /// Notes what a recipient is sent before the steps.
    pub(crate) fn note_earlier(&mut self, recipient: &RecipientId, request: &Request, messages: &[Message]) {
        let is_before = |at_ms| self.list.iter().any(|action| at_ms < action.since_ms);
        let mut earlier = Vec::new();
        if is_before(request.sent_at_ms) {
            whole_values::of_request(request, &mut |value| earlier.extend(self.equal(value, |since| request.sent_at_ms < since)));
        }
        for (index, message) in messages.iter().enumerate().filter(|(_, message)| is_before(message.sent_at_ms)) {
            whole_values::of_message(message, index + 1, &mut |value| {
                earlier.extend(self.equal(value, |since| message.sent_at_ms < since))
            });
        }
        self.earlier.extend(earlier.into_iter().map(|sought| (sought, recipient.clone())));
    }

    /// Which of them a value is as a whole.
    fn equal(&self, parameter: &Parameter<'_>, at_its_time: impl Fn(u64) -> bool) -> Vec<usize> {
        let longest = self.list.iter().map(|action| action.folded.len()).max().unwrap_or_default();
        // White space that is folded makes a value longer.
        if parameter.container || parameter.piece.bytes.len() > longest * 2 + 16 {
            return Vec::new();
        }
        let value = folded(&parameter.piece.text());
        self.list.iter().filter(|action| action.folded == value && at_its_time(action.since_ms)).map(|action| action.sought).collect()
    }

    /// Whether a hash or another form of one counts: it is sent once the step began, and was not sent before.
    pub(crate) fn counts(&self, sought: usize, recipient: &RecipientId, at_ms: u64) -> bool {
        self.action(sought).is_some_and(|action| action.since_ms <= at_ms) && !self.earlier.contains(&(sought, recipient.clone()))
    }

    /// Where a request has one of them as a whole value.
    pub(crate) fn in_request(&self, request: &Request, recipient: &RecipientId) -> Vec<Hit> {
        let mut hits = Vec::new();
        if !self.is_empty() {
            whole_values::of_request(request, &mut |value| hits.extend(self.hits(value, recipient, request.sent_at_ms)));
        }
        hits
    }

    /// The same of a message.
    pub(crate) fn in_message(&self, message: &Message, number: usize, recipient: &RecipientId) -> Vec<Hit> {
        let mut hits = Vec::new();
        if !self.is_empty() {
            whole_values::of_message(message, number, &mut |value| hits.extend(self.hits(value, recipient, message.sent_at_ms)));
        }
        hits
    }

    fn hits(&self, parameter: &Parameter<'_>, recipient: &RecipientId, at_ms: u64) -> Vec<Hit> {
        let equal = self.equal(parameter, |since| since <= at_ms).into_iter();
        let counted = equal.filter(|sought| {
            let folded = self.action(*sought).map(|action| action.folded.as_str()).unwrap_or_default();
            let is_word = !folded.contains(' ');
            self.counts(*sought, recipient, at_ms) && !self.titles.contains(folded) && !(is_word && names_an_event(parameter.name))
        });
        let (location, encodings) = (parameter.location(), parameter.piece.encodings.to_vec());
        counted
            .map(|sought| {
                let (location, encodings) = (location.clone(), encodings.clone());
                Hit { canary: sought, value: parameter.piece.text().into_owned(), location, encodings }
            })
            .collect()
    }
}

/// Whether a parameter names an event, or something else of which a single word tells no choice.
fn names_an_event(name: &str) -> bool {
    let last = name.rsplit(['.', '[', '/', ':']).next().unwrap_or(name).trim_end_matches(']').to_ascii_lowercase();
    NAMES_OF_EVENTS.contains(&last.as_str())
}

/// Whether a definition says of a field that it is something else than what a visitor did there.
pub(crate) fn is_something_else(meaning: Meaning, value: &str) -> bool {
    match meaning {
        Meaning::PageTitle => true,
        Meaning::EventName => !value.trim().contains(char::is_whitespace),
        _ => false,
    }
}
