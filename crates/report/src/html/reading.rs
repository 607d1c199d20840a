use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use pixelwitness_classifier::{Findings, Party, Recipient};
use pixelwitness_recording::{Message, Recording, Request, RequestId};

use crate::account::copies;

/// Findings and recording, with what leads from one to the other.
pub(super) struct Reading<'a> {
    pub(super) findings: &'a Findings,
    pub(super) recording: &'a Recording,
    /// Places of leaks in the findings, by the request that carried them.
    leaks: BTreeMap<RequestId, Vec<usize>>,
    events: BTreeMap<RequestId, Vec<usize>>,
    messages: BTreeMap<RequestId, Vec<&'a Message>>,
    recipients: BTreeMap<RequestId, &'a Recipient>,
    recorded: BTreeSet<RequestId>,
    in_full: BTreeSet<RequestId>,
    copies: BTreeSet<RequestId>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(findings: &'a Findings, recording: &'a Recording) -> Self {
        Self {
            findings,
            recording,
            leaks: grouped(findings.leaks.iter().enumerate().map(|(index, leak)| (leak.request, index))),
            events: grouped(findings.events.iter().enumerate().map(|(index, event)| (event.request, index))),
            messages: grouped(recording.messages.iter().map(|message| (message.request, message))),
            recipients: findings.recipients.iter().flat_map(|one| one.requests.iter().map(move |request| (*request, one))).collect(),
            recorded: recording.requests.iter().map(|request| request.id).collect(),
            in_full: in_full(findings),
            copies: copies(findings),
        }
    }

    /// Places of the leaks that this request carried.
    pub(super) fn leaks(&self, request: RequestId) -> &[usize] {
        self.leaks.get(&request).map_or(&[], Vec::as_slice)
    }

    /// Places of the events that this request carried.
    pub(super) fn events(&self, request: RequestId) -> &[usize] {
        self.events.get(&request).map_or(&[], Vec::as_slice)
    }

    /// WebSocket messages sent over the connection that this request opened.
    pub(super) fn messages(&self, request: RequestId) -> &[&'a Message] {
        self.messages.get(&request).map_or(&[], Vec::as_slice)
    }

    pub(super) fn recipient(&self, request: RequestId) -> Option<&'a Recipient> {
        self.recipients.get(&request).copied()
    }

    pub(super) fn is_copy(&self, request: RequestId) -> bool {
        self.copies.contains(&request)
    }

    /// Whether the request is shown in full: it belongs to a claim, or is one of the first that went to a third party.
    pub(super) fn is_in_full(&self, request: &Request) -> bool {
        self.in_full.contains(&request.id)
    }

    /// A link to the request.
    pub(super) fn link(&self, request: RequestId) -> Markup {
        match self.recorded.contains(&request) {
            true => html! { a href={ "#" (request) } { (request) } },
            false => html! { (request) " (not in the recording)" },
        }
    }

    /// A link to the marked bytes of a leak.
    pub(super) fn proof(&self, leak: usize) -> Markup {
        let request = self.findings.leaks[leak].request;
        match self.recorded.contains(&request) {
            true => html! { a href={ "#proof-" (leak + 1) } { (request) } },
            false => self.link(request),
        }
    }

    /// Whether the sinkhole answered it, and its recipient was never contacted.
    pub(super) fn is_sinkhole(&self, request: RequestId) -> bool {
        self.recipient(request).is_some_and(|recipient| recipient.sinkhole)
    }

    /// A recipient's number, by which the report's anchors call it.
    pub(super) fn number(&self, recipient: &Recipient) -> usize {
        self.findings.recipients.iter().position(|other| other.id == recipient.id).map_or(0, |index| index + 1)
    }
}

/// A link to a step, or a dash where it is not known.
pub(super) fn step_link(step: Option<usize>, recording: &Recording) -> Markup {
    match step {
        Some(step) if recording.steps.iter().any(|run| run.step == step) => {
            html! { a href={ "#step-" (step + 1) } { "step " (step + 1) } }
        }
        Some(step) => html! { "step " (step + 1) },
        None => html! { "not known" },
    }
}

fn grouped<T>(pairs: impl Iterator<Item = (RequestId, T)>) -> BTreeMap<RequestId, Vec<T>> {
    let mut groups: BTreeMap<RequestId, Vec<T>> = BTreeMap::new();
    for (request, item) in pairs {
        groups.entry(request).or_default().push(item);
    }
    groups
}

/// Requests to third parties that no claim is made of and that are shown in full all the same. On a page that sends thousands the rest
/// are lines of a table, or the report would be too large to open.
pub(super) const MOST_WITHOUT_A_CLAIM: usize = 500;

fn in_full(findings: &Findings) -> BTreeSet<RequestId> {
    let mut in_full: BTreeSet<RequestId> = findings.leaks.iter().map(|leak| leak.request).collect();
    in_full.extend(findings.events.iter().map(|event| event.request));
    in_full.extend(findings.declared.iter().map(|declared| declared.request));
    let third = findings.recipients.iter().filter(|recipient| recipient.party == Party::Third);
    let sent = third.flat_map(|recipient| recipient.requests.iter()).chain(findings.unread.iter().map(|unread| &unread.request));
    let unclaimed: BTreeSet<RequestId> = sent.copied().filter(|request| !in_full.contains(request)).collect();
    in_full.extend(unclaimed.into_iter().take(MOST_WITHOUT_A_CLAIM));
    in_full
}
