use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};

use pixelwitness_recording::{Body, Gap, GapKind, Message, Recording, Request, RequestId, Sender, Transmission};

use crate::definition::Role;
use crate::definitions::Definitions;
use crate::leaks::{self, Claim};
use crate::party::{Sites, host_of};
use crate::piece::Arena;
use crate::read::{self, EventFields, ReadField, Reading};
use crate::recipients::{Addressee, Recipients, addressee};
use crate::search::{Hit, Needles};
use crate::{Event, FORMAT, Findings, Leak, Location, Meaning, Party, Unread, What, copies, declared, merge};

/// Reads a recording into findings. The same recording and the same definitions give the same findings.
#[must_use]
pub fn classify(recording: &Recording, definitions: &Definitions) -> Findings {
    let sites = Sites::of(recording);
    let reader = Reader { recording, definitions, sites: &sites, needles: Needles::new(&recording.journey.canaries) };
    let mut findings = Findings {
        format: FORMAT,
        journey: recording.journey.name.clone(),
        egress_address: recording.environment.egress_address.clone(),
        gaps: gaps(recording),
        completeness: recording.completeness.clone(),
        ..Findings::default()
    };
    let messages = messages(recording);
    let mut recipients = Recipients::default();
    let (mut roles, mut arena) = (Vec::new(), Arena::default());
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page) {
        findings.declared.extend(declared::of_answer(request, definitions));
        let Some(addressee) = addressee(request, &sites, definitions).filter(|_| may_have_left(request)) else { continue };
        let messages = messages.get(&request.id).map(Vec::as_slice).unwrap_or_default();
        arena.clear();
        let reading = read::request(request, definitions, &arena);
        recipients.add(&addressee, request.id, reading.as_ref());
        for told in reader.told(request, &addressee, reading.as_ref(), messages) {
            roles.extend(told.events.iter().map(|_| told.role));
            findings.events.extend(told.events);
            findings.leaks.extend(told.leaks);
        }
        if reading.is_none() && addressee.party == Party::Third {
            findings.unread.push(unread(request, &addressee, messages));
        }
    }
    copies::mark(&mut findings.events, &roles, definitions);
    findings.recipients = recipients.sorted();
    findings.sites = sites.0;
    findings
}

/// Whether a request was written to the network, as far as anybody knows. What did not leave told nobody anything.
fn may_have_left(request: &Request) -> bool {
    !matches!(request.transmission, Transmission::NotSent { .. })
}

/// The messages of each connection, in order.
fn messages(recording: &Recording) -> BTreeMap<RequestId, Vec<&Message>> {
    let mut messages: BTreeMap<RequestId, Vec<&Message>> = BTreeMap::new();
    for message in &recording.messages {
        messages.entry(message.request).or_default().push(message);
    }
    messages
}

struct Reader<'a> {
    recording: &'a Recording,
    definitions: &'a Definitions,
    sites: &'a Sites,
    needles: Needles,
}

/// What one request or one message told its recipient.
#[derive(Default)]
struct Told {
    role: Role,
    events: Vec<Event>,
    leaks: Vec<Leak>,
}

impl Reader<'_> {
    fn told(&self, request: &Request, addressee: &Addressee, reading: Option<&Reading<'_>>, messages: &[&Message]) -> Vec<Told> {
        let is_third = addressee.party == Party::Third;
        if !is_third && reading.is_none() {
            return Vec::new();
        }
        let claim = Claim {
            request: request.id,
            step: request.step,
            recipient: addressee.id.clone(),
            vendor: reading.map(|reading| reading.definition.id.clone()),
            event: None,
        };
        let mut all = vec![self.told_by_request(request, &claim, reading, is_third)];
        for (index, message) in messages.iter().enumerate() {
            all.push(self.told_by_message(message, index + 1, request, &claim));
        }
        // What a site's own software tells the site goes to nobody else.
        if !is_third && reading.is_some_and(|reading| reading.definition.self_hosted) {
            all.iter_mut().for_each(|told| told.leaks.clear());
        }
        all
    }

    fn told_by_request(&self, request: &Request, claim: &Claim, reading: Option<&Reading<'_>>, is_third: bool) -> Told {
        let mut told = self.told_by_events(claim, reading);
        if reading.is_none() {
            told.leaks.extend(self.told_by_cookies(request, claim));
        }
        if is_third {
            told.leaks.extend(leaks::of_referer(claim, request, self.sites, self.definitions));
        }
        self.search(&mut told, self.needles.find(request), claim);
        told
    }

    fn told_by_message(&self, message: &Message, number: usize, connection: &Request, claim: &Claim) -> Told {
        let arena = Arena::default();
        let reading = read::message(message, number, connection, self.definitions, &arena);
        let claim = Claim { step: message.step, ..claim.clone() };
        let mut told = self.told_by_events(&claim, reading.as_ref());
        self.search(&mut told, self.needles.find_in_message(message, number), &claim);
        told
    }

    fn told_by_events(&self, claim: &Claim, reading: Option<&Reading<'_>>) -> Told {
        let Some(reading) = reading else { return Told::default() };
        let mut told = Told { role: reading.role, ..Told::default() };
        for fields in reading.events() {
            let event = event(claim, reading, fields);
            let claim = Claim { event: event.name.clone(), ..claim.clone() };
            told.leaks.extend(leaks::of_fields(&claim, &reading.definition.id, fields.iter(), self.sites, self.definitions));
            // A script's loader that says nothing is no event.
            if reading.role == Role::Event || !event.fields.is_empty() {
                told.events.push(event);
            }
        }
        told
    }

    fn search(&self, told: &mut Told, hits: Vec<Hit>, claim: &Claim) {
        let only_event = if let [event] = told.events.as_slice() { event.name.clone() } else { None };
        let claim = Claim { event: only_event, ..claim.clone() };
        without_repetition(&mut told.leaks);
        merge::hits(&mut told.leaks, hits, &self.recording.journey.canaries, &claim, &told.events);
        without_repetition(&mut told.leaks);
    }

    /// What the cookies of a request that no definition reads tell, as far as the definitions of the host's owner know them.
    fn told_by_cookies(&self, request: &Request, claim: &Claim) -> Vec<Leak> {
        let host = host_of(&request.url).unwrap_or_default();
        let (owners, arena) = (self.definitions.of_owner(&host).into_iter(), Arena::default());
        let leaks = owners.flat_map(|definition| {
            let fields = read::fields(read::cookies(request, &arena), &definition.cookies);
            leaks::of_fields(claim, &definition.id, fields.iter(), self.sites, self.definitions)
        });
        leaks.collect()
    }
}

fn event(claim: &Claim, reading: &Reading<'_>, fields: EventFields<'_, '_>) -> Event {
    Event {
        request: claim.request,
        recipient: claim.recipient.clone(),
        vendor: reading.definition.id.clone(),
        name: first(fields, Meaning::EventName),
        account: first(fields, Meaning::AccountId),
        step: claim.step,
        copy_of: None,
        fields: fields.iter().map(ReadField::to_field).collect(),
    }
}

/// The first value of this meaning; one that is a fallback only where there is no other.
fn first(fields: EventFields<'_, '_>, meaning: Meaning) -> Option<String> {
    let has_it = |read: &&ReadField<'_>| read.meaning() == meaning && !read.parameter.piece.bytes.is_empty();
    let is_fallback = |read: &&ReadField<'_>| read.rule.is_some_and(|rule| rule.fallback);
    let found = fields.iter().filter(has_it).find(|read| !is_fallback(read)).or_else(|| fields.iter().find(has_it));
    found.map(|read| read.value().into_owned())
}

/// The events of a batch share fields, and each of those stands in the request once.
fn without_repetition(leaks: &mut Vec<Leak>) {
    let mut kept: Vec<Leak> = Vec::with_capacity(leaks.len());
    let mut seen: HashMap<(What, String, Location), usize> = HashMap::new();
    for leak in leaks.drain(..) {
        match seen.entry((leak.what, leak.value.clone(), leak.location.clone())) {
            Entry::Occupied(same) => {
                let other = &mut kept[*same.get()];
                other.basis.extend(leak.basis);
                other.basis.sort();
                other.basis.dedup();
            }
            Entry::Vacant(new) => {
                new.insert(kept.len());
                kept.push(leak);
            }
        }
    }
    *leaks = kept;
}

fn unread(request: &Request, addressee: &Addressee, messages: &[&Message]) -> Unread {
    let endpoint = request.url.split(['?', '#']).next().unwrap_or_default();
    let query = request.url.split_once('?').map_or(0, |(_, query)| query.len());
    let sent: usize = messages.iter().map(|message| message.payload.0.len()).sum();
    Unread {
        request: request.id,
        recipient: addressee.id.clone(),
        endpoint: format!("{} {endpoint}", request.method),
        bytes: query + request.body.bytes().map_or(0, <[u8]>::len) + sent,
    }
}

/// What the recording knows it did not see, and each unseen body that it does not name there.
fn gaps(recording: &Recording) -> Vec<Gap> {
    let mut gaps = recording.gaps.clone();
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page && may_have_left(request)) {
        let is_known = || recording.gaps.iter().any(|gap| gap.kind == GapKind::BodyUnavailable && gap.request == Some(request.id));
        if let Body::Unavailable { why } = &request.body
            && !is_known()
        {
            let why = format!("the body of {} is unavailable: {why}", request.id);
            gaps.push(Gap { kind: GapKind::BodyUnavailable, why, request: Some(request.id), step: request.step });
        }
    }
    gaps
}
