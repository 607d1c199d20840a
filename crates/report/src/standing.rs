//! How far a run came, and what stands against reading silence in it as absence: what a report leads with.

use pixelwitness_classifier::{Doubt, FailedHost, Findings, MayHaveBeenSent, Outcome, Party, Recipient};
use pixelwitness_recording::{GapKind, Outcome as StepOutcome, Recording};

use crate::account::accounts;
use crate::readable;
use crate::words::{self, Piece, count};

/// One sentence that goes before all others.
pub(crate) struct Headline {
    /// `Stopped at step 2 of 3:`
    pub(crate) label: String,
    pub(crate) text: String,
}

/// What a report leads with: that the site was not reached or was not the one that answered, and where a run stopped.
pub(crate) fn headlines(findings: &Findings, recording: &Recording) -> Vec<Headline> {
    let of = findings.verdict.steps_planned;
    let doubts = &findings.verdict.doubts;
    let not_reached = doubts.iter().any(|doubt| matches!(doubt, Doubt::SiteNotReached { .. }));
    let is_stopped = stopped(findings);
    let prefix = if not_reached { "The site was not reached. " } else { "" };
    let mut lines = Vec::new();
    for doubt in doubts {
        match doubt {
            Doubt::StoppedAt { step } => {
                let label = format!("{prefix}Stopped at step {} of {of}:", step + 1);
                lines.push(Headline { label, text: why(*step, recording) });
            }
            Doubt::StepFailed { step } => {
                let label = format!("Step {} of {of} failed:", step + 1);
                lines.push(Headline { label, text: why(*step, recording) });
            }
            Doubt::SiteNotReached { .. } if !is_stopped => {
                lines.push(Headline { label: "The site was not reached:".to_owned(), text: end_of_record(recording) });
            }
            Doubt::Interrupted if !is_stopped => {
                lines.push(Headline { label: "Not carried to its end:".to_owned(), text: end_of_record(recording) });
            }
            _ => {}
        }
    }
    lines.extend(
        findings
            .blocked
            .iter()
            .map(|blocked| Headline { label: "This was not the site:".to_owned(), text: words::blocked(blocked, &findings.completeness) }),
    );
    lines
}

/// Why a step was not done.
fn why(step: usize, recording: &Recording) -> String {
    let run = recording.steps.iter().find(|run| run.step == step);
    match run.map(|run| (&run.outcome, &run.what)) {
        Some((StepOutcome::Failed { why }, what)) => format!("{what}: {why}"),
        _ => end_of_record(recording),
    }
}

/// Why the record does not reach the end of the run, as far as it says so.
fn end_of_record(recording: &Recording) -> String {
    let told = recording.gaps.iter().filter(|gap| gap.kind == GapKind::RunIncomplete && gap.step.is_none());
    // The plainest comes first: that whoever ran it ended it, or that the browser was lost.
    told.map(|gap| gap.why.clone()).next().unwrap_or_else(|| "the record does not reach the end of the run".to_owned())
}

/// `2 of 3 steps` where not all were done.
pub(crate) fn steps_done(findings: &Findings) -> Option<String> {
    let verdict = &findings.verdict;
    (verdict.steps_done < verdict.steps_planned).then(|| format!("{} of {}", verdict.steps_done, count(verdict.steps_planned, "step")))
}

/// What is said where nothing may be said not to have been observed, and why not: `This run cannot show that nothing is sent: …`
#[must_use]
pub fn inconclusive(findings: &Findings) -> Option<String> {
    if findings.verdict.allows_absence() {
        return None;
    }
    let one = if findings.completeness.captures.is_empty() { "run" } else { "case" };
    let mut reasons: Vec<String> = findings.verdict.doubts.iter().filter_map(|doubt| reason(doubt, findings)).collect();
    reasons.extend(failed_network(&findings.failed));
    let is_foreign = findings.verdict.doubts.iter().any(|doubt| matches!(doubt, Doubt::NotTheSite { .. }));
    let site = if is_foreign { "Nothing can be said of the site: pages were seen that are not its own. " } else { "" };
    let because = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
    let found = findings.verdict.outcome == Outcome::Found;
    let more = if found { "nothing more is sent" } else { "nothing is sent" };
    Some(format!("{site}This {one} cannot show that {more}{because}."))
}

/// Why absence may not be claimed, as a part of a sentence.
fn reason(doubt: &Doubt, findings: &Findings) -> Option<String> {
    let of = findings.verdict.steps_planned;
    let reason = match doubt {
        Doubt::SiteNotReached { .. } => "the site was not reached".to_owned(),
        Doubt::StoppedAt { step } => format!("it stopped at step {} of {of}", step + 1),
        Doubt::StepFailed { step } => format!("step {} of {of} failed", step + 1),
        Doubt::Interrupted if stopped(findings) => return None,
        Doubt::Interrupted => "it was not carried to its end".to_owned(),
        Doubt::NotTheSite { step: Some(step) } => {
            format!("{} {} was not the site's", words::part_of_journey(&findings.completeness), step + 1)
        }
        Doubt::NotTheSite { step: None } => "a visit was not answered by the site".to_owned(),
        Doubt::LogsNotWhole if findings.completeness.captures.is_empty() => "a raw log is not whole".to_owned(),
        Doubt::LogsNotWhole => "not all of what was captured could be read".to_owned(),
        Doubt::WitnessMissing => "one of the two witnesses is missing".to_owned(),
        Doubt::Unexplained { count: number } => {
            format!("the witnesses differ in {} that no known rule explains", count(*number, "way"))
        }
        Doubt::Crashed { .. } => "a page or a part of the browser crashed or stopped answering".to_owned(),
        Doubt::TransmissionUnknown { count: 1 } => "nobody can say of 1 request whether it left".to_owned(),
        Doubt::TransmissionUnknown { count: number } => format!("nobody can say of {number} requests whether they left"),
        Doubt::ValuesTakenOut { count: number } => {
            format!("{} that were sent had been taken out of the capture", count(*number, "value"))
        }
        Doubt::SiteUnknown => "whose page it was is not known".to_owned(),
        // Those of third parties are named by their hosts, all at once; the others do not forbid it.
        Doubt::NetworkFailed { .. }
        | Doubt::Unreadable { .. }
        | Doubt::BodiesUnavailable { .. }
        | Doubt::NotSearched { .. }
        | Doubt::NeverSettled { .. }
        | Doubt::HeldBack { .. }
        | Doubt::AliasUnknown { .. }
        | Doubt::NotInCapture { .. } => return None,
    };
    Some(reason)
}

fn stopped(findings: &Findings) -> bool {
    findings.verdict.doubts.iter().any(|doubt| matches!(doubt, Doubt::StoppedAt { .. }))
}

fn failed_network(failed: &[FailedHost]) -> Option<String> {
    let third: Vec<&FailedHost> = failed.iter().filter(|failed| failed.party == Party::Third).collect();
    let requests: usize = third.iter().map(|failed| failed.count).sum();
    match third.as_slice() {
        [] => None,
        [one] => Some(format!("{} to {} failed on this network", count(requests, "request"), readable::hosts(&one.host))),
        several => Some(format!("{} to {} third-party hosts failed on this network", count(requests, "request"), several.len())),
    }
}

/// `2 requests to connect.facebook.net failed on this network: this run cannot show that nothing is sent to it (net::ERR_…).`
pub(crate) fn failed(failed: &FailedHost, findings: &Findings) -> String {
    let one = if findings.completeness.captures.is_empty() { "run" } else { "case" };
    let requests = format!("{} to {} failed on this network", count(failed.count, "request"), readable::hosts(&failed.host));
    match failed.party {
        Party::Third => format!("{requests}: this {one} cannot show that nothing is sent to it ({}).", failed.error),
        Party::First => format!("{requests} ({}).", failed.error),
    }
}

/// What one recipient may have been sent.
pub(crate) struct Uncertain {
    pub(crate) recipient: Recipient,
    /// The requests, and why nobody can say whether they left.
    pub(crate) requests: Vec<MayHaveBeenSent>,
    /// Sentences: what they would have told.
    pub(crate) told: Vec<Vec<OwnedPiece>>,
}

/// A part of a sentence that outlives the findings it was made from.
pub(crate) enum OwnedPiece {
    Words(String),
    Quoted(String),
    Exact(String),
    Digest(String),
}

impl OwnedPiece {
    pub(crate) fn piece(&self) -> Piece<'_> {
        match self {
            Self::Words(text) => Piece::Words(text.as_str().into()),
            Self::Quoted(text) => Piece::Quoted(text),
            Self::Exact(text) => Piece::Exact(text),
            Self::Digest(text) => Piece::Digest(text),
        }
    }
}

impl From<Piece<'_>> for OwnedPiece {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Words(text) => Self::Words(text.into_owned()),
            Piece::Quoted(text) => Self::Quoted(text.to_owned()),
            Piece::Address(text) | Piece::Exact(text) => Self::Exact(text.to_owned()),
            Piece::Digest(text) => Self::Digest(text.to_owned()),
        }
    }
}

/// What may have been sent, by recipient, in the order of the requests. `most` values of one sort are named.
pub(crate) fn uncertain(findings: &Findings, most: usize) -> Vec<Uncertain> {
    let mut grouped: Vec<(Recipient, Vec<MayHaveBeenSent>)> = Vec::new();
    for one in &findings.may_have_been_sent {
        let at = grouped.iter().position(|(recipient, _)| recipient.id == one.recipient).unwrap_or_else(|| {
            grouped.push((nobody_yet(&one, findings), Vec::new()));
            grouped.len() - 1
        });
        let (recipient, requests) = &mut grouped[at];
        if !recipient.hosts.contains(&one.host) {
            recipient.hosts.push(one.host.clone());
        }
        recipient.requests.push(one.request);
        requests.push(one);
    }
    let told = |(recipient, requests): (Recipient, Vec<MayHaveBeenSent>)| {
        let apart = Findings {
            recipients: vec![recipient.clone()],
            leaks: requests.iter().flat_map(|one| one.leaks.iter().cloned()).collect(),
            ..Findings::default()
        };
        let sentences = |account: &crate::account::Account| {
            let all = account.told.iter().map(|told| words::sentence(told, most).into_iter().map(OwnedPiece::from).collect());
            all.collect::<Vec<Vec<OwnedPiece>>>()
        };
        let told = accounts(&apart).first().map(sentences).unwrap_or_default();
        Uncertain { recipient, requests, told }
    };
    grouped.into_iter().map(told).collect()
}

fn nobody_yet(one: &MayHaveBeenSent, findings: &Findings) -> Recipient {
    let known = findings.recipients.iter().find(|recipient| recipient.id == one.recipient);
    Recipient {
        id: one.recipient.clone(),
        owner: known.and_then(|known| known.owner.clone()),
        vendors: Vec::new(),
        hosts: Vec::new(),
        party: one.party,
        why: String::new(),
        sinkhole: false,
        requests: Vec::new(),
    }
}
