use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use maud::{Markup, html};
use pixelwitness_classifier::{Event, Findings, Party, Recipient};
use pixelwitness_recording::{Cursor, Message, Packed, Recording, Request, RequestId};
use serde::de::DeserializeOwned;

use crate::account::copies;

/// Findings and recording, with what leads from one to the other.
pub(super) struct Reading<'a> {
    pub(super) findings: &'a Findings,
    pub(super) recording: &'a Recording,
    /// Places of leaks in the findings, by the request that carried them.
    leaks: BTreeMap<RequestId, Vec<usize>>,
    events: Lookup<'a, Event>,
    messages: Lookup<'a, Message>,
    /// How many requests belong to each step.
    steps: HashMap<usize, usize>,
    recipients: BTreeMap<RequestId, &'a Recipient>,
    recorded: BTreeSet<RequestId>,
    in_full: BTreeSet<RequestId>,
    copies: BTreeSet<RequestId>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(findings: &'a Findings, recording: &'a Recording) -> Self {
        let mut recorded = BTreeSet::new();
        let mut steps: HashMap<usize, usize> = HashMap::new();
        for request in &recording.requests {
            recorded.insert(request.id);
            if let Some(step) = request.step {
                *steps.entry(step).or_default() += 1;
            }
        }
        Self {
            findings,
            recording,
            leaks: grouped(findings.leaks.iter().enumerate().map(|(index, leak)| (leak.request, index))),
            events: Lookup::new(&findings.events, |event| event.request),
            messages: Lookup::new(&recording.messages, |message| message.request),
            steps,
            recipients: findings.recipients.iter().flat_map(|one| one.requests.iter().map(move |request| (*request, one))).collect(),
            recorded,
            in_full: in_full(findings),
            copies: copies(findings),
        }
    }

    /// Places of the leaks that this request carried.
    pub(super) fn leaks(&self, request: RequestId) -> &[usize] {
        self.leaks.get(&request).map_or(&[], Vec::as_slice)
    }

    /// The events that this request carried.
    pub(super) fn events(&self, request: RequestId) -> Vec<Event> {
        self.events.of(request)
    }

    /// WebSocket messages sent over the connection that this request opened.
    pub(super) fn messages(&self, request: RequestId) -> Vec<Message> {
        self.messages.of(request)
    }

    /// How many requests belong to a step.
    pub(super) fn requests_in(&self, step: usize) -> usize {
        self.steps.get(&step).copied().unwrap_or_default()
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

    /// How many requests of the recording are shown in full.
    pub(super) fn shown_in_full(&self) -> usize {
        self.in_full.intersection(&self.recorded).count()
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
        match self.in_full.contains(&request) && self.recorded.contains(&request) {
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

/// Requests that a claim is made of, or that a definition reads, and that are shown in full. What proves a value for the first time comes
/// first; what repeats it is left to the table, past this number.
pub(super) const MOST_WITH_A_CLAIM: usize = 2_000;

fn in_full(findings: &Findings) -> BTreeSet<RequestId> {
    let mut values = HashSet::new();
    let proves_more = findings.leaks.iter().filter(|leak| values.insert((&leak.recipient, leak.what, &leak.value)));
    let mut in_full: BTreeSet<RequestId> = proves_more.map(|leak| leak.request).take(MOST_WITH_A_CLAIM).collect();
    let claims = findings.declared.iter().map(|declared| declared.request).chain(findings.leaks.iter().map(|leak| leak.request));
    for request in claims.chain(findings.events.iter().map(|event| event.request)) {
        if in_full.len() >= MOST_WITH_A_CLAIM {
            break;
        }
        in_full.insert(request);
    }
    let read: BTreeSet<RequestId> =
        findings.events.iter().map(|event| event.request).chain(findings.leaks.iter().map(|leak| leak.request)).collect();
    let third = findings.recipients.iter().filter(|recipient| recipient.party == Party::Third);
    let sent = third.flat_map(|recipient| recipient.requests.iter()).chain(findings.unread.iter().map(|unread| &unread.request));
    let unclaimed: BTreeSet<RequestId> = sent.copied().filter(|request| !in_full.contains(request) && !read.contains(request)).collect();
    in_full.extend(unclaimed.into_iter().take(MOST_WITHOUT_A_CLAIM));
    in_full
}

/// Items of a packed list by the request that they belong to.
struct Lookup<'a, T> {
    places: BTreeMap<RequestId, Vec<usize>>,
    items: RefCell<Cursor<'a, T>>,
}

impl<'a, T: DeserializeOwned> Lookup<'a, T> {
    fn new(items: &'a Packed<T>, request: fn(&T) -> RequestId) -> Self {
        let places = grouped(items.iter().enumerate().map(|(index, item)| (request(&item), index)));
        Self { places, items: RefCell::new(items.cursor()) }
    }

    fn of(&self, request: RequestId) -> Vec<T> {
        let places = self.places.get(&request).into_iter().flatten();
        let mut items = self.items.borrow_mut();
        places.filter_map(|place| items.get(*place)).collect()
    }
}
