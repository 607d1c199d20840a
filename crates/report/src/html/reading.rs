use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use maud::{Markup, html};
use pixelwitness_classifier::{Event, Findings, Leak, Party, Recipient, RecipientId};
use pixelwitness_recording::{Cursor, Message, Packed, Recording, Request, RequestId, Sender};
use serde::de::DeserializeOwned;

use super::sent::{self, Group};
use super::table::MOST_ROWS;
use crate::account::{Account, accounts, copies};
use crate::sinkhole;
use crate::words;

/// Findings and recording, with what leads from one to the other.
pub(super) struct Reading<'a> {
    pub(super) findings: &'a Findings,
    pub(super) recording: &'a Recording,
    /// Everybody who received a request, and what each was told.
    pub(super) accounts: Vec<Account<'a>>,
    /// What was sent in each step, and in no known one.
    pub(super) sent: BTreeMap<Option<usize>, Vec<Group>>,
    /// The leaks that accounts and steps name, by their places in the findings.
    named: HashMap<usize, Leak>,
    leaks: Lookup<'a, Leak>,
    events: Lookup<'a, Event>,
    messages: Lookup<'a, Message>,
    /// How many requests belong to each step.
    steps: HashMap<usize, usize>,
    recipients: BTreeMap<RequestId, &'a Recipient>,
    /// Places of the recipients in the findings.
    places: HashMap<&'a RecipientId, usize>,
    recorded: BTreeSet<RequestId>,
    /// Requests that the report shows, in full or in a table.
    shown: BTreeSet<RequestId>,
    in_full: BTreeSet<RequestId>,
    copies: BTreeSet<RequestId>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(findings: &'a Findings, recording: &'a Recording) -> Self {
        let (accounts, sent) = (accounts(findings), sent::by_step(findings));
        let named = named(findings, &accounts, &sent);
        let leaks = Lookup::new(&findings.leaks, |leak| leak.request);
        let events = Lookup::new(&findings.events, |event| event.request);
        let in_full = in_full(findings, &accounts, &named, &leaks, &events);
        let (mut recorded, mut shown, mut in_tables) = (BTreeSet::new(), in_full.clone(), [0, 0]);
        let mut steps: HashMap<usize, usize> = HashMap::new();
        for request in &recording.requests {
            recorded.insert(request.id);
            let in_table = &mut in_tables[usize::from(is_browsers_own(&request))];
            if *in_table < MOST_ROWS && shown.insert(request.id) {
                *in_table += 1;
            }
            if let Some(step) = request.step {
                *steps.entry(step).or_default() += 1;
            }
        }
        Self {
            findings,
            recording,
            accounts,
            sent,
            named,
            leaks,
            events,
            messages: Lookup::new(&recording.messages, |message| message.request),
            steps,
            recipients: findings.recipients.iter().flat_map(|one| one.requests.iter().map(move |request| (*request, one))).collect(),
            places: findings.recipients.iter().enumerate().map(|(place, one)| (&one.id, place)).collect(),
            recorded,
            shown,
            in_full,
            copies: copies(findings),
        }
    }

    /// Whether a journey of ours was recorded, and no capture made elsewhere.
    pub(super) fn is_ours(&self) -> bool {
        self.findings.completeness.captures.is_empty()
    }

    /// What the journey is made of: `step`, or `page`.
    pub(super) fn part(&self) -> &'static str {
        words::part_of_journey(&self.findings.completeness)
    }

    /// The same as the head of a column.
    pub(super) fn part_head(&self) -> String {
        words::capitalised(self.part())
    }

    /// How many leaks this request carried.
    pub(super) fn leaks_of(&self, request: RequestId) -> usize {
        self.leaks.places(request).count()
    }

    /// The leaks that this request carried, each with its place in the findings.
    pub(super) fn leaks(&self, request: RequestId) -> Vec<(usize, Leak)> {
        self.leaks.places(request).zip(self.leaks.of(request)).collect()
    }

    /// The leak in this place of the findings, which an account or a step names.
    pub(super) fn named(&self, place: usize) -> &Leak {
        &self.named[&place]
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
        match (self.shown.contains(&request), self.recorded.contains(&request)) {
            (_, false) => html! { (request) " (not in the recording)" },
            (true, true) => html! { a href={ "#" (request) } { (request) } },
            (false, true) => html! { (request) },
        }
    }

    /// A link to the marked bytes of the leak in this place, which this request carried.
    pub(super) fn proof(&self, place: usize, request: RequestId) -> Markup {
        match self.in_full.contains(&request) && self.recorded.contains(&request) {
            true => html! { a href={ "#proof-" (place + 1) } { (request) } },
            false => self.link(request),
        }
    }

    /// Whether the sinkhole answered it, and its recipient was never contacted.
    pub(super) fn is_sinkhole(&self, request: RequestId) -> bool {
        self.recipient(request).is_some_and(|recipient| recipient.sinkhole)
    }

    /// A recipient's number, by which the report's anchors call it.
    pub(super) fn number(&self, recipient: &Recipient) -> usize {
        self.places.get(&recipient.id).map_or(0, |place| place + 1)
    }

    /// `received by`, before the name of a recipient.
    pub(super) fn received_by(&self, recipient: &RecipientId) -> &'static str {
        sinkhole::received_by(self.places.get(recipient).map(|place| &self.findings.recipients[*place]))
    }
}

/// A link to a step, where it is known.
pub(super) fn step_link(step: Option<usize>, reading: &Reading) -> Markup {
    let part = reading.part();
    match step {
        Some(step) if reading.recording.steps.iter().any(|run| run.step == step) => {
            html! { a href={ "#step-" (step + 1) } { (part) " " (step + 1) } }
        }
        Some(step) => html! { (part) " " (step + 1) },
        None => html! { "not known" },
    }
}

/// The leaks that accounts and steps name, read in one pass.
fn named(findings: &Findings, accounts: &[Account], sent: &BTreeMap<Option<usize>, Vec<Group>>) -> HashMap<usize, Leak> {
    let values = accounts.iter().flat_map(|account| &account.told).flat_map(|told| &told.values);
    let firsts = sent.values().flatten().flat_map(|group| &group.claims).map(|claim| claim.first);
    let places: HashSet<usize> = values.flat_map(|value| value.leaks.iter().copied()).chain(firsts).collect();
    findings.leaks.iter().enumerate().filter(|(place, _)| places.contains(place)).collect()
}

/// Requests to third parties that no claim is made of and that are shown in full all the same. On a page that sends thousands the rest
/// are lines of a table, or the report would be too large to open.
pub(super) const MOST_WITHOUT_A_CLAIM: usize = 500;

/// Requests that a claim is made of, or that a definition reads, and that are shown in full. What proves a value for the first time comes
/// first; what repeats it is left to the table, past this number.
pub(super) const MOST_WITH_A_CLAIM: usize = 1_000;

/// Whether the browser sent it for itself and not for the page.
pub(super) fn is_browsers_own(request: &Request) -> bool {
    matches!(request.sender, Sender::Browser { .. })
}

fn in_full(
    findings: &Findings,
    accounts: &[Account],
    named: &HashMap<usize, Leak>,
    leaks: &Lookup<Leak>,
    events: &Lookup<Event>,
) -> BTreeSet<RequestId> {
    let values = accounts.iter().flat_map(|account| &account.told).flat_map(|told| &told.values);
    let proves_more: BTreeSet<usize> = values.filter_map(|value| value.leaks.first()).copied().collect();
    let mut in_full: BTreeSet<RequestId> =
        proves_more.iter().take(MOST_WITH_A_CLAIM).filter_map(|place| named.get(place)).map(|leak| leak.request).collect();
    let read = || leaks.requests().chain(events.requests());
    for request in findings.declared.iter().map(|declared| declared.request).chain(read()) {
        if in_full.len() >= MOST_WITH_A_CLAIM {
            break;
        }
        in_full.insert(request);
    }
    let third = findings.recipients.iter().filter(|recipient| recipient.party == Party::Third);
    let sent = third.flat_map(|recipient| recipient.requests.iter()).copied();
    let sent = sent.chain(findings.unread.iter().map(|unread| unread.request));
    let sent = sent.chain(findings.may_have_been_sent.iter().map(|uncertain| uncertain.request));
    let is_unclaimed = |request: &RequestId| !in_full.contains(request) && !leaks.has(*request) && !events.has(*request);
    let unclaimed: BTreeSet<RequestId> = sent.filter(is_unclaimed).collect();
    in_full.extend(unclaimed.into_iter().take(MOST_WITHOUT_A_CLAIM));
    in_full
}

/// Items of a packed list by the request that they belong to.
struct Lookup<'a, T> {
    /// Sorted.
    places: Vec<(RequestId, usize)>,
    items: RefCell<Cursor<'a, T>>,
}

impl<'a, T: DeserializeOwned> Lookup<'a, T> {
    fn new(items: &'a Packed<T>, request: fn(&T) -> RequestId) -> Self {
        let mut places: Vec<(RequestId, usize)> = items.iter().enumerate().map(|(index, item)| (request(&item), index)).collect();
        places.sort_unstable();
        Self { places, items: RefCell::new(items.cursor()) }
    }

    fn places(&self, request: RequestId) -> impl Iterator<Item = usize> + '_ {
        let first = self.places.partition_point(|(other, _)| *other < request);
        self.places[first..].iter().take_while(move |(other, _)| *other == request).map(|(_, place)| *place)
    }

    fn of(&self, request: RequestId) -> Vec<T> {
        let mut items = self.items.borrow_mut();
        self.places(request).filter_map(|place| items.get(place)).collect()
    }

    fn has(&self, request: RequestId) -> bool {
        self.places(request).next().is_some()
    }

    /// Every request that one of them belongs to, as often as there are.
    fn requests(&self) -> impl Iterator<Item = RequestId> + '_ {
        self.places.iter().map(|(request, _)| *request)
    }
}
