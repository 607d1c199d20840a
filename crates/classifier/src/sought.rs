//! The values that are looked for in everything that was sent, and what became of each.

use std::collections::BTreeSet;

use pixelwitness_recording::{Canary, CanaryKind, Outcome, Recording, RequestId, Step, StepRun};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::{Party, RecipientId, actions};

/// A value that was looked for, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sought {
    /// What it is called: the canary's name; what was chosen, checked or clicked is called by its step, `step 3`.
    pub name: String,
    /// What sort of value it is.
    pub kind: CanaryKind,
    /// The value that was looked for: what the field held when it was read back, where that is known.
    pub value: String,
    /// What the journey asked for, where the field held something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// How it came to be looked for.
    pub origin: Origin,
    /// The steps that were to put it into a page (0 is the first). None where it was named beside captures, or no step has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<usize>,
    /// What became of it.
    pub answer: Answer,
    /// Who was sent it, or may have been; third parties first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_to: Vec<SentTo>,
}

/// How a value came to be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A canary: of a journey a value that only it types, beside captures one that was named as typed.
    Canary,
    /// An option that was chosen from a list.
    Chosen,
    /// The label of a box that was checked.
    Checked,
    /// The text of something that was clicked.
    Clicked,
}

/// What became of a value that was looked for. There are exactly these answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A third party was sent it.
    SentToThirdParty,
    /// The site was sent it, and no third party was seen to be.
    SentToSiteOnly,
    /// It stands in requests of which nobody can say whether they left, and nobody but the site is known to have been sent it.
    MayHaveBeenSent,
    /// It was not seen in what was recorded. What that is worth, the verdict says.
    NotObserved,
    /// No step put it into a page: each that was to failed, was left out or was not reached.
    NeverTyped,
}

/// One recipient of a value that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentTo {
    /// Who.
    pub recipient: RecipientId,
    /// First or third party.
    pub party: Party,
    /// How sure it is that it was sent, and how.
    pub manner: Manner,
    /// The requests that carried it.
    pub requests: Vec<RequestId>,
}

/// How a value was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// As a whole.
    Whole,
    /// In pieces, each by a request of its own, while it was typed.
    WhileTyping,
    /// In a request of which nobody can say whether it left.
    Uncertain,
}

/// What is looked for, before anything was looked at: an answer is [`Answer::NotObserved`] or [`Answer::NeverTyped`].
pub(crate) fn sought(recording: &Recording) -> Vec<Sought> {
    let canaries: Vec<Sought> = recording.journey.canaries.iter().map(|canary| of_canary(canary, recording)).collect();
    let asked: Vec<Sought> = canaries.iter().filter_map(as_asked).collect();
    [canaries, asked, actions::sought(recording)].concat()
}

/// What was asked for where the field made something else of it: a script that takes keys sees what was typed, not what the field holds.
fn as_asked(held: &Sought) -> Option<Sought> {
    let value = held.asked.clone()?;
    Some(Sought { value, asked: None, answer: Answer::NeverTyped, ..held.clone() })
}

/// Leaves out what is not told of: what was asked for and is not what the field held, unless it was seen; and what is `mentioned` in a way
/// that does not count, which is neither claimed nor said not to have been seen.
pub(crate) fn without_what_is_not_told(sought: Vec<Sought>, mentioned: &BTreeSet<usize>) -> Vec<Sought> {
    let mut kept: Vec<Sought> = Vec::with_capacity(sought.len());
    for (at, one) in sought.into_iter().enumerate() {
        let is_again = kept.iter().any(|known| known.name == one.name && known.origin == one.origin);
        let is_mentioned = one.answer == Answer::NotObserved && mentioned.contains(&at);
        if !is_mentioned && (!is_again || !one.sent_to.is_empty()) {
            kept.push(one);
        }
    }
    kept
}

fn of_canary(canary: &Canary, recording: &Recording) -> Sought {
    let journey = &recording.journey;
    let steps: Vec<usize> = (0..journey.steps.len()).filter(|index| brings(&journey.steps[*index], canary)).collect();
    let runs: Vec<&StepRun> = recording.steps.iter().filter(|run| steps.contains(&run.step)).collect();
    let held = || runs.iter().filter_map(|run| run.input.as_ref()?.held.as_deref()).filter(|held| !held.is_empty());
    let is_typed = runs.iter().any(|run| run.outcome == Outcome::Done) || held().any(|held| held == canary.value);
    // A field that held what was asked for goes before one that made something else of it.
    let value = held().max_by_key(|held| *held == canary.value).unwrap_or(&canary.value);
    // Beside captures there are no steps: somebody says that it was typed.
    let is_ours = recording.completeness.captures.is_empty() && !journey.steps.is_empty();
    Sought {
        name: canary.name.clone(),
        kind: canary.kind,
        value: value.to_owned(),
        asked: (value != canary.value).then(|| canary.value.clone()),
        origin: Origin::Canary,
        answer: if is_ours && !is_typed { Answer::NeverTyped } else { Answer::NotObserved },
        steps,
        sent_to: Vec::new(),
    }
}

/// Whether a step puts a canary into a page, by its name or by its value: typed, chosen, or as a part of an address.
fn brings(step: &Step, canary: &Canary) -> bool {
    match step {
        Step::Type(typing) if typing.canary.as_ref() == Some(&canary.name) => true,
        Step::Type(typing) => typing.text.as_ref().is_some_and(|text| text.contains(&canary.value)),
        Step::Select(select) => select.option.contains(&canary.value),
        Step::Visit(address) => decoded(address).contains(&canary.value),
        _ => false,
    }
}

/// An address without percent-encoding, in which a `+` stands for a space.
fn decoded(address: &str) -> String {
    form_urlencoded::parse(address.replace('&', "%26").replace('=', "%3D").as_bytes()).map(|(text, _)| text).collect()
}

/// Who was seen to be sent what is looked for.
#[derive(Debug, Default)]
pub(crate) struct Sightings(Vec<Sighting>);

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    /// Place in the list of what is looked for.
    pub(crate) sought: usize,
    pub(crate) recipient: RecipientId,
    pub(crate) party: Party,
    /// Whether it went to somebody other than the site, even if under a name of the site's.
    pub(crate) is_theirs: bool,
    pub(crate) manner: Manner,
    pub(crate) request: RequestId,
}

impl Sightings {
    pub(crate) fn add(&mut self, sighting: Sighting) {
        self.0.push(sighting);
    }

    /// Answers what became of each value.
    pub(crate) fn settle(self, sought: &mut [Sought]) {
        // Whether others than the site were sent it, and whether they may have been.
        let (mut theirs, mut maybe_theirs) = (vec![false; sought.len()], vec![false; sought.len()]);
        for Sighting { sought: at, recipient, party, is_theirs, manner, request } in self.0 {
            let Some(one) = sought.get_mut(at) else { continue };
            theirs[at] |= is_theirs && manner != Manner::Uncertain;
            maybe_theirs[at] |= is_theirs;
            match one.sent_to.iter_mut().find(|known| known.recipient == recipient && known.manner == manner && known.party == party) {
                Some(known) if known.requests.contains(&request) => {}
                Some(known) => known.requests.push(request),
                None => one.sent_to.push(SentTo { recipient, party, manner, requests: vec![request] }),
            }
        }
        for (at, one) in sought.iter_mut().enumerate() {
            one.sent_to.sort_by_key(|sent| (sent.party, sent.manner == Manner::Uncertain));
            let is_sent = one.sent_to.iter().any(|sent| sent.manner != Manner::Uncertain);
            one.answer = match () {
                () if theirs[at] => Answer::SentToThirdParty,
                () if maybe_theirs[at] => Answer::MayHaveBeenSent,
                () if is_sent => Answer::SentToSiteOnly,
                () if !one.sent_to.is_empty() => Answer::MayHaveBeenSent,
                () => one.answer,
            };
        }
    }
}
