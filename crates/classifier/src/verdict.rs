//! What findings amount to: whether silence in them may be read as absence, and what stands against it.

use std::collections::BTreeMap;

use pixelwitness_recording::{GapKind, Outcome as StepOutcome, Recording, Sender, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Event, Findings, Party, blocked, placeholder};

/// What the findings amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Whether something was found, nothing was observed, or neither can be said.
    pub outcome: Outcome,
    /// Steps that were done as asked.
    #[serde(default)]
    pub steps_done: usize,
    /// Steps of the journey; none where captures were read, which have no steps.
    #[serde(default)]
    pub steps_planned: usize,
    /// What stands against reading silence as absence.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
}

/// What a run or a case came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Something was told to somebody.
    Found,
    /// All that was to be done was done and watched, and nothing recognised was told to anybody.
    NothingObserved,
    /// Nothing was found, and a doubt forbids reading that as absence.
    #[default]
    Inconclusive,
}

/// One thing that stands against reading silence as absence. Steps count from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// No visit of the journey came to a page.
    SiteNotReached {
        /// The step that was to come to the first.
        step: usize,
    },
    /// The steps from this one on were not done.
    StoppedAt {
        /// The step.
        step: usize,
    },
    /// A step was not done as asked, and later ones were.
    StepFailed {
        /// The step.
        step: usize,
    },
    /// The run was ended before its end: by whoever ran it, at its deadline, or with its browser.
    Interrupted,
    /// A visit was answered by somebody who stands before the site.
    NotTheSite {
        /// The step, where it is known.
        step: Option<usize>,
    },
    /// Requests failed on this network before a byte was written.
    NetworkFailed {
        /// The host they were for.
        host: String,
        /// First or third party.
        party: Party,
        /// How many.
        count: usize,
        /// How, in the browser's words.
        error: String,
    },
    /// A raw log or a capture is damaged or lacks its end.
    LogsNotWhole,
    /// One of the two witnesses is missing.
    WitnessMissing,
    /// The witnesses differ, or contradict each other, in ways that no known rule explains.
    Unexplained {
        /// How many.
        count: usize,
    },
    /// A page, a worker or a part of the browser crashed or stopped answering.
    Crashed {
        /// How often.
        count: usize,
    },
    /// Nobody can say of requests whether they left.
    TransmissionUnknown {
        /// How many.
        count: usize,
    },
    /// Traffic whose content no witness can show.
    Unreadable {
        /// How many sorts of it.
        count: usize,
    },
    /// Whose page it was is not known: everybody counts as a third party, and no address is known for a page's.
    SiteUnknown,
    /// Values were taken out of a capture before we had it: something was sent in each of these places, and what it was is not there.
    ValuesTakenOut {
        /// How many parameters of requests that a definition reads.
        count: usize,
    },
    /// Bodies were not seen.
    BodiesUnavailable {
        /// How many; 0 where a capture of this kind has none at all.
        count: usize,
    },
    /// Something was captured and not searched to its end.
    NotSearched {
        /// How many requests and messages.
        count: usize,
    },
    /// Pages had not fallen silent when listening ended.
    NeverSettled {
        /// How many.
        pages: usize,
    },
    /// Something that the page did was held back.
    HeldBack {
        /// How many such things.
        count: usize,
    },
    /// Whose names of the site's own are is not known.
    AliasUnknown {
        /// How many names, or how often the question failed.
        count: usize,
    },
    /// A capture of this kind does not hold something, or it was taken out.
    NotInCapture {
        /// How many such things.
        count: usize,
    },
}

impl Verdict {
    /// Whether a sentence may say that something was not observed. Findings without a verdict, of an earlier version, say nothing of it.
    #[must_use]
    pub fn allows_absence(&self) -> bool {
        self.outcome != Outcome::Inconclusive && !self.doubts.iter().any(Doubt::forbids_absence)
    }

    /// What findings amount to, which are complete but for this.
    #[must_use]
    pub fn of(findings: &Findings, recording: &Recording) -> Self {
        let is_ours = recording.completeness.captures.is_empty();
        let mut doubts = if is_ours { of_steps(findings, recording) } else { Vec::new() };
        doubts.extend(findings.blocked.iter().map(|blocked| Doubt::NotTheSite { step: blocked.step }));
        doubts.extend(findings.failed.iter().map(|failed| Doubt::NetworkFailed {
            host: failed.host.clone(),
            party: failed.party,
            count: failed.count,
            error: failed.error.clone(),
        }));
        doubts.extend(of_gaps(findings, is_ours));
        let outcome = match (findings.leaks.is_empty(), doubts.iter().any(Doubt::forbids_absence)) {
            (false, _) => Outcome::Found,
            (true, false) => Outcome::NothingObserved,
            (true, true) => Outcome::Inconclusive,
        };
        let planned = if is_ours { recording.journey.steps.len() } else { 0 };
        let done = recording.steps.iter().filter(|run| run.step < planned && run.outcome == StepOutcome::Done).count();
        Self { outcome, steps_done: done, steps_planned: planned, doubts }
    }
}

impl Doubt {
    /// Whether silence may not be read as absence while this stands. The others say how far it reaches.
    #[must_use]
    pub fn forbids_absence(&self) -> bool {
        match self {
            Self::SiteNotReached { .. }
            | Self::StoppedAt { .. }
            | Self::StepFailed { .. }
            | Self::Interrupted
            | Self::NotTheSite { .. }
            | Self::NetworkFailed { party: Party::Third, .. }
            | Self::LogsNotWhole
            | Self::WitnessMissing
            | Self::Unexplained { .. }
            | Self::Crashed { .. }
            | Self::TransmissionUnknown { .. }
            | Self::ValuesTakenOut { .. }
            | Self::SiteUnknown => true,
            Self::NetworkFailed { party: Party::First, .. }
            | Self::Unreadable { .. }
            | Self::BodiesUnavailable { .. }
            | Self::NotSearched { .. }
            | Self::NeverSettled { .. }
            | Self::HeldBack { .. }
            | Self::AliasUnknown { .. }
            | Self::NotInCapture { .. } => false,
        }
    }
}

/// How far the journey came.
fn of_steps(findings: &Findings, recording: &Recording) -> Vec<Doubt> {
    let steps = &recording.journey.steps;
    let outcome = |step: usize| recording.steps.iter().find(|run| run.step == step).map(|run| &run.outcome);
    let is_done = |step: usize| outcome(step) == Some(&StepOutcome::Done);
    let is_visit = |step: &usize| matches!(steps[*step], Step::Visit(_));
    let mut doubts = Vec::new();
    let is_reached = (0..steps.len()).filter(is_visit).any(is_done)
        || recording.requests.iter().any(|request| request.sender == Sender::Page && blocked::is_page(&request));
    if let Some(step) = (0..steps.len()).find(is_visit).filter(|_| !is_reached) {
        doubts.push(Doubt::SiteNotReached { step });
    }
    // What builds on a step that failed is left out up to the next visit; anything else that is missing was not come to.
    let (mut is_stranded, mut is_missing) = (false, false);
    for step in 0..steps.len() {
        match outcome(step) {
            Some(outcome) => is_stranded = *outcome != StepOutcome::Done,
            None => is_missing |= !is_stranded || is_visit(&step),
        }
    }
    let after_the_last_done = (0..steps.len()).rev().find(|step| is_done(*step)).map_or(0, |step| step + 1);
    let failed = (0..after_the_last_done).filter(|step| matches!(outcome(*step), Some(StepOutcome::Failed { .. })));
    doubts.extend(failed.map(|step| Doubt::StepFailed { step }));
    if after_the_last_done < steps.len() {
        doubts.push(Doubt::StoppedAt { step: after_the_last_done });
    }
    // The log of a run that did not end as it should lacks its end as well: what is known to be the reason is said instead.
    let has_failed = recording.steps.iter().any(|run| run.outcome != StepOutcome::Done);
    let has = |kind: GapKind| findings.gaps.iter().any(|gap| gap.kind == kind && gap.step.is_none());
    let is_unfinished = !findings.completeness.finished && !has(GapKind::LogDamaged) && !has(GapKind::WitnessMissing);
    let is_cut = has(GapKind::RunIncomplete) || is_unfinished && !steps.is_empty();
    if is_missing || is_cut && !has_failed {
        doubts.push(Doubt::Interrupted);
    }
    doubts
}

/// Parameters of an event that held something when it was sent, and hold a word that says so in the capture.
fn taken_out(event: &Event) -> usize {
    event.fields.iter().filter(|field| placeholder::was_taken_out_of_a_capture(&field.value)).count()
}

/// What is known not to have been seen.
fn of_gaps(findings: &Findings, is_ours: bool) -> Vec<Doubt> {
    let mut counts: BTreeMap<GapKind, usize> = BTreeMap::new();
    findings.gaps.iter().for_each(|gap| *counts.entry(gap.kind).or_default() += 1);
    let of = |kind: GapKind| counts.get(&kind).copied().unwrap_or_default();
    let completeness = &findings.completeness;
    let is_whole = completeness.captures.iter().all(|capture| capture.whole) && of(GapKind::LogDamaged) == 0;
    let is_unknown = !is_ours && findings.sites.is_empty() && !findings.recipients.is_empty();
    let unexplained = completeness.unexplained.len() + of(GapKind::WitnessesDisagree);
    let unsettled = completeness.listened.iter().filter(|listening| !listening.settled).count().max(of(GapKind::NeverSettled));
    let (bodies, has_none) = (completeness.bodies_unavailable, of(GapKind::BodyUnavailable) > 0);
    let taken_out = if is_ours { 0 } else { findings.events.iter().map(|event| taken_out(&event)).sum() };
    let left_out = of(GapKind::LeftOut) + of(GapKind::NotTold);
    let doubts = [
        (!is_whole, Doubt::LogsNotWhole),
        (of(GapKind::WitnessMissing) > 0, Doubt::WitnessMissing),
        (unexplained > 0, Doubt::Unexplained { count: unexplained }),
        (of(GapKind::Crash) > 0, Doubt::Crashed { count: of(GapKind::Crash) }),
        (!findings.may_have_been_sent.is_empty(), Doubt::TransmissionUnknown { count: findings.may_have_been_sent.len() }),
        (of(GapKind::Opaque) > 0, Doubt::Unreadable { count: of(GapKind::Opaque) }),
        (is_unknown, Doubt::SiteUnknown),
        (taken_out > 0, Doubt::ValuesTakenOut { count: taken_out }),
        (bodies > 0 || has_none, Doubt::BodiesUnavailable { count: bodies }),
        (of(GapKind::NotSearched) > 0, Doubt::NotSearched { count: of(GapKind::NotSearched) }),
        (unsettled > 0, Doubt::NeverSettled { pages: unsettled }),
        (of(GapKind::HeldBack) > 0, Doubt::HeldBack { count: of(GapKind::HeldBack) }),
        (of(GapKind::AliasUnknown) > 0, Doubt::AliasUnknown { count: of(GapKind::AliasUnknown) }),
        (left_out > 0, Doubt::NotInCapture { count: left_out }),
    ];
    doubts.into_iter().filter(|(stands, _)| *stands).map(|(_, doubt)| doubt).collect()
}
