use std::collections::hash_map::{Entry, HashMap};
use std::collections::{BTreeMap, BTreeSet};

use pixelwitness_recording::{
    Body, Canary, CaptureKind, Completeness, Gap, GapKind, Message, NotSentCause, RawLog, Recording, Request, RequestId, Sender,
    Transmission, Witness,
};

use crate::actions::Actions;
use crate::definition::Role;
use crate::definitions::Definitions;
use crate::leaks::{self, Claim, Grounds};
use crate::lists::Lists;
use crate::party::{Sites, host_of};
use crate::piece::Arena;
use crate::read::{self, EventFields, ReadField, Reading};
use crate::recipients::{Addressee, Recipients, addressee};
use crate::search::{Hit, Needles};
use crate::sought::{Manner, Sighting, Sightings, Sought};
use crate::typing::Keys;
use crate::vendor_names::VendorNames;
use crate::{
    Encoding, Event, FORMAT, Findings, Leak, Location, MayHaveBeenSent, Meaning, Party, RecipientId, Replay, Unread, Verdict, What,
    aliases, blocked, copies, declared, failed, merge, owners, replay, sought, typing,
};

/// Reads a recording into findings. The same recording and the same definitions give the same findings.
#[must_use]
pub fn classify(recording: &Recording, definitions: &Definitions) -> Findings {
    classify_with_lists(recording, definitions, &Lists::default())
}

/// The same, and what filter lists say of each request.
#[must_use]
pub fn classify_with_lists(recording: &Recording, definitions: &Definitions, lists: &Lists) -> Findings {
    let sites = Sites::of(recording);
    let mut sought = sought::sought(recording);
    let values: Vec<Canary> =
        sought.iter().map(|one| Canary { name: one.name.clone(), kind: one.kind, value: one.value.clone() }).collect();
    let messages = messages(recording);
    let sinkhole = recording.environment.sinkhole.as_ref();
    let actions = actions(recording, &sought, &messages, &|request| addressee(request, &sites, definitions, sinkhole));
    let reader = Reader { recording, definitions, sites: &sites, needles: Needles::new(&values), sought: sought.clone(), actions };
    let mut findings = Findings {
        format: FORMAT,
        journey: recording.journey.name.clone(),
        egress_address: recording.environment.egress_address.clone(),
        blocked: blocked::blocked(recording),
        sinkhole: recording.environment.sinkhole.clone(),
        gaps: gaps(recording),
        completeness: recording.completeness.clone(),
        lists: lists.about(),
        ..Findings::default()
    };
    let mut mentioned = BTreeSet::new();
    let (mut recipients, mut sightings, mut names) = (Recipients::default(), Sightings::default(), VendorNames::default());
    let (mut roles, mut arena) = (Vec::new(), Arena::default());
    let mut keys = Keys::of(&sought, recording);
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page) {
        arena.clear();
        let reading = read::request(&request, definitions, &arena);
        findings.declared.extend(declared::of_answer(&request, reading.as_ref()));
        let Some(addressee) = addressee(&request, &sites, definitions, sinkhole) else { continue };
        let messages = messages.get(&request.id).map(Vec::as_slice).unwrap_or_default();
        let fate = fate(&request, messages, &recording.completeness);
        match fate {
            Fate::NotSent(NotSentCause::NetworkFailure, why) => failed::add(&mut findings.failed, &addressee, request.id, why),
            Fate::NotSent(..) => {}
            Fate::Sent | Fate::Unknown(_) => reader.identify(&addressee, &mut findings),
        }
        if matches!(fate, Fate::NotSent(..)) {
            continue;
        }
        let is_theirs = addressee.party == Party::Third || findings.is_led_to_a_collector(addressee.host());
        let told = reader.told(&request, &addressee, reading.as_ref(), messages, is_theirs);
        for one in &told {
            names.note(one.events.iter(), one.leaks.iter(), one.replays.iter());
            mentioned.extend(one.mentioned.iter().copied());
            let manner = if matches!(fate, Fate::Unknown(_)) { Manner::Uncertain } else { Manner::Whole };
            let (recipient, party) = (&addressee.id, addressee.party);
            one.values.iter().for_each(|at| {
                sightings.add(Sighting { sought: *at, recipient: recipient.clone(), party, is_theirs, manner, request: request.id });
            });
        }
        if let Fate::Unknown(why) = fate {
            findings.gaps.extend(told.iter().flat_map(|one| one.gaps.clone()));
            if is_theirs {
                findings.may_have_been_sent.push(may_have_been_sent(&request, &addressee, why, told));
            }
            continue;
        }
        recipients.add(&addressee, request.id, reading.as_ref());
        keys.note(&request, messages, &addressee, is_theirs);
        lists.look_up(&request, &addressee, &mut findings.listed);
        for told in told {
            roles.extend(told.events.iter().map(|_| told.role));
            findings.events.extend(told.events);
            findings.leaks.extend(told.leaks);
            findings.replays.extend(told.replays);
            findings.gaps.extend(told.gaps);
        }
        if reading.is_none() && addressee.party == Party::Third && !is_bare_question(&request) {
            findings.unread.push(unread(&request, &addressee, messages));
        }
    }
    for found in keys.found(&sought) {
        found.sightings.into_iter().for_each(|sighting| sightings.add(sighting));
        if let Some(leak) = found.leak {
            findings.leaks = typing::added(&findings.leaks, leak);
        }
    }
    findings.events = copies::mark(findings.events, &roles, definitions);
    findings.recipients = recipients.sorted();
    findings.sites = sites.domains;
    sightings.settle(&mut sought);
    findings.sought = sought::without_what_is_not_told(sought, &mentioned);
    findings.vendors = names.of(&findings, definitions);
    failed::add_gaps(&findings.failed, &mut findings.gaps);
    findings.verdict = Verdict::of(&findings, recording);
    findings
}

/// What was chosen, checked and clicked, and who had been sent it before.
fn actions(
    recording: &Recording,
    sought: &[Sought],
    messages: &BTreeMap<RequestId, Vec<Message>>,
    addressee: &dyn Fn(&Request) -> Option<Addressee>,
) -> Actions {
    let mut actions = Actions::of(sought, recording);
    if actions.is_empty() {
        return actions;
    }
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page) {
        if let Some(addressee) = addressee(&request).filter(|_| !matches!(request.transmission, Transmission::NotSent { .. })) {
            actions.note_earlier(&addressee.id, &request, messages.get(&request.id).map(Vec::as_slice).unwrap_or_default());
        }
    }
    actions
}

/// What became of a request, as far as a claim may rest on it.
#[derive(Clone, Copy)]
enum Fate<'a> {
    Sent,
    /// Nobody can say whether it left, and why not.
    Unknown(&'a str),
    NotSent(NotSentCause, &'a str),
}

/// Whether a request left. A list of addresses and a request given by hand are somebody's statement that it did; messages over a connection
/// show that it was opened.
fn fate<'a>(request: &'a Request, messages: &[Message], completeness: &Completeness) -> Fate<'a> {
    match &request.transmission {
        Transmission::Sent => Fate::Sent,
        Transmission::NotSent { cause, why } => Fate::NotSent(*cause, why),
        Transmission::Unknown { .. } if !messages.is_empty() || is_stated(request, completeness) => Fate::Sent,
        Transmission::Unknown { why } => Fate::Unknown(why),
    }
}

fn is_stated(request: &Request, completeness: &Completeness) -> bool {
    let is_of_list = |number: u32| {
        let index = usize::try_from(number).unwrap_or_default().checked_sub(1);
        index.and_then(|index| completeness.captures.get(index)).is_some_and(|capture| capture.kind == CaptureKind::Urls)
    };
    let in_captures =
        || request.log_lines.iter().filter_map(|line| if let RawLog::Capture(number) = line.log { Some(number) } else { None });
    request.witness == Witness::Capture && (completeness.captures.is_empty() || in_captures().any(is_of_list))
}

fn may_have_been_sent(request: &Request, addressee: &Addressee, why: &str, told: Vec<Told>) -> MayHaveBeenSent {
    let (mut events, mut leaks) = (Vec::new(), Vec::new());
    for one in told {
        events.extend(one.events);
        leaks.extend(one.leaks);
    }
    let host = addressee.host().to_owned();
    MayHaveBeenSent {
        request: request.id,
        recipient: addressee.id.clone(),
        party: addressee.party,
        host,
        why: why.to_owned(),
        events,
        leaks,
    }
}

/// Whether a browser merely asks, for a script, if a request may follow (CORS), at an address without parameters.
fn is_bare_question(request: &Request) -> bool {
    request.method == "OPTIONS" && request.header("access-control-request-method").is_some() && !request.url.contains('?')
}

/// The messages of each connection, in order.
fn messages(recording: &Recording) -> BTreeMap<RequestId, Vec<Message>> {
    let mut messages: BTreeMap<RequestId, Vec<Message>> = BTreeMap::new();
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
    /// What is looked for; the needles were made from its values.
    sought: Vec<Sought>,
    actions: Actions,
}

/// What one request or one message told its recipient.
#[derive(Default)]
struct Told {
    role: Role,
    events: Vec<Event>,
    leaks: Vec<Leak>,
    replays: Vec<Replay>,
    /// Places of the values that it holds in the list of what is looked for.
    values: BTreeSet<usize>,
    /// The same of those that it holds in a way that does not count.
    mentioned: BTreeSet<usize>,
    /// What was not looked into.
    gaps: Vec<Gap>,
}

impl Reader<'_> {
    /// What is known of who is behind a host that no definition knows.
    fn identify(&self, addressee: &Addressee, findings: &mut Findings) {
        let (host, recipient) = (addressee.host(), &addressee.id);
        match addressee.party {
            Party::Third => owners::tell(host, recipient, self.definitions, &mut findings.owners),
            Party::First if findings.aliases.iter().any(|known| known.host == host) => {}
            Party::First => findings.aliases.extend(aliases::of(host, recipient, &self.recording.lookups, self.definitions)),
        }
    }

    /// A request that is `theirs` goes to somebody other than the site, even if under a name of the site's.
    fn told(
        &self,
        request: &Request,
        addressee: &Addressee,
        reading: Option<&Reading<'_>>,
        messages: &[Message],
        is_theirs: bool,
    ) -> Vec<Told> {
        if !is_theirs && reading.is_none() {
            return vec![self.kept_by_the_site(request, addressee, messages)];
        }
        let claim = Claim {
            request: request.id,
            step: request.step,
            recipient: addressee.id.clone(),
            vendor: reading.map(|reading| reading.definition.id.clone()),
            event: None,
        };
        let grounds = Grounds { sites: self.sites, definitions: self.definitions, request, is_third: addressee.party == Party::Third };
        let mut all = vec![self.told_by_request(&claim, reading, grounds)];
        for (index, message) in messages.iter().enumerate() {
            all.push(self.told_by_message(message, index + 1, &claim, grounds));
        }
        // What a site's own software tells the site goes to nobody else.
        if !is_theirs && reading.is_some_and(|reading| reading.definition.self_hosted) {
            all.iter_mut().for_each(|told| told.leaks.clear());
        }
        all
    }

    /// Which values the site itself was sent. What it does with them is not seen, and no claim is made.
    fn kept_by_the_site(&self, request: &Request, addressee: &Addressee, messages: &[Message]) -> Told {
        let mut told = Told::default();
        let mut hits = self.counted(self.needles.find(request).hits, &mut told, &addressee.id, request.sent_at_ms);
        hits.extend(self.actions.in_request(request, &addressee.id));
        for (index, message) in messages.iter().enumerate() {
            let found = self.needles.find_in_message(message, index + 1).hits;
            hits.extend(self.counted(found, &mut told, &addressee.id, message.sent_at_ms));
            hits.extend(self.actions.in_message(message, index + 1, &addressee.id));
        }
        told.values.extend(hits.iter().map(|hit| hit.canary));
        told
    }

    /// What was found of the canaries, and hashes of what was chosen or clicked. In the clear that counts only as a whole value.
    fn counted(&self, hits: Vec<Hit>, told: &mut Told, recipient: &RecipientId, at_ms: u64) -> Vec<Hit> {
        let counts = |hit: &Hit| {
            !self.actions.has(hit.canary)
                || hit.encodings.last().is_some_and(Encoding::is_digest) && self.actions.counts(hit.canary, recipient, at_ms)
        };
        let (counted, others): (Vec<Hit>, Vec<Hit>) = hits.into_iter().partition(counts);
        told.mentioned.extend(others.iter().map(|hit| hit.canary));
        counted
    }

    fn told_by_request(&self, claim: &Claim, reading: Option<&Reading<'_>>, grounds: Grounds<'_>) -> Told {
        let request = grounds.request;
        let mut told = told_by_events(claim, reading, grounds);
        let (body, encoding) = (request.body.bytes().unwrap_or_default(), request.header("content-encoding").unwrap_or_default());
        told.replays.extend(replay(claim, reading, body, encoding, None));
        if reading.is_none() {
            told.leaks.extend(self.told_by_cookies(claim, grounds));
            told.leaks.extend(leaks::of_unread(claim, grounds));
        }
        if grounds.is_third {
            told.leaks.extend(leaks::of_referer(claim, grounds));
            told.leaks.extend(leaks::of_headers(claim, grounds));
        }
        let search = self.needles.find(request);
        if search.cut_short {
            told.gaps.push(cut_short(&request.id.to_string(), claim));
        }
        let mut hits = self.counted(search.hits, &mut told, &claim.recipient, request.sent_at_ms);
        hits.extend(self.actions.in_request(request, &claim.recipient));
        self.search(&mut told, hits, claim);
        told
    }

    fn told_by_message(&self, message: &Message, number: usize, claim: &Claim, grounds: Grounds<'_>) -> Told {
        let (arena, connection) = (Arena::default(), grounds.request);
        let reading = read::message(message, number, connection, self.definitions, &arena);
        let claim = Claim { step: message.step, ..claim.clone() };
        let mut told = told_by_events(&claim, reading.as_ref(), grounds);
        if reading.is_none() {
            told.leaks.extend(leaks::of_unread_message(&claim, message, number, grounds));
        }
        told.replays.extend(replay(&claim, reading.as_ref(), &message.payload.0, "", Some(number)));
        let search = self.needles.find_in_message(message, number);
        if search.cut_short {
            told.gaps.push(cut_short(&format!("message {number} of {}", connection.id), &claim));
        }
        let mut hits = self.counted(search.hits, &mut told, &claim.recipient, message.sent_at_ms);
        hits.extend(self.actions.in_message(message, number, &claim.recipient));
        self.search(&mut told, hits, &claim);
        told
    }

    fn search(&self, told: &mut Told, hits: Vec<Hit>, claim: &Claim) {
        let only_event = if let [event] = told.events.as_slice() { event.name.clone() } else { None };
        let claim = Claim { event: only_event, ..claim.clone() };
        told.values.extend(hits.iter().map(|hit| hit.canary));
        without_repetition(&mut told.leaks);
        merge::hits(&mut told.leaks, hits, &self.sought, &claim, &told.events);
        without_repetition(&mut told.leaks);
    }

    /// What the cookies of a request that no definition reads tell, as far as the definitions of the host's owner know them.
    fn told_by_cookies(&self, claim: &Claim, grounds: Grounds<'_>) -> Vec<Leak> {
        let host = host_of(&grounds.request.url).unwrap_or_default();
        let (owners, arena) = (self.definitions.of_owner(&host).into_iter(), Arena::default());
        let cookies = read::cookies(grounds.request, &arena);
        let rules = owners.flat_map(|definition| [(definition, &definition.cookies), (definition, &definition.owner_cookies)]);
        let leaks = rules.flat_map(|(definition, rules)| {
            // What none of them knows is looked at with all else that nobody reads.
            let known = cookies.iter().filter(|cookie| rules.find(cookie.name).is_some()).copied();
            let fields = read::fields(known.collect(), rules);
            leaks::of_event(claim, &definition.id, EventFields::of(&fields), grounds)
        });
        leaks.collect()
    }
}

fn told_by_events(claim: &Claim, reading: Option<&Reading<'_>>, grounds: Grounds<'_>) -> Told {
    let Some(reading) = reading else { return Told::default() };
    let mut told = Told { role: reading.role, ..Told::default() };
    for fields in reading.events() {
        let event = event(claim, reading, fields);
        let claim = Claim { event: event.name.clone(), ..claim.clone() };
        told.leaks.extend(leaks::of_event(&claim, &reading.definition.id, fields, grounds));
        // A script's loader that says nothing is no event.
        if reading.role == Role::Event || !event.fields.is_empty() {
            told.events.push(event);
        }
    }
    told
}

fn event(claim: &Claim, reading: &Reading<'_>, fields: EventFields<'_, '_>) -> Event {
    Event {
        request: claim.request,
        recipient: claim.recipient.clone(),
        vendor: reading.definition.id.clone(),
        name: first(fields, Meaning::EventName).or_else(|| reading.event.map(str::to_owned)),
        account: first(fields, Meaning::AccountId),
        step: claim.step,
        form: reading.form.clone(),
        copy_of: None,
        fields: fields.iter().map(ReadField::to_field).collect(),
    }
}

/// The first value of this meaning; one that is a fallback, or that its rule says tells nothing, only where there is no other.
fn first(fields: EventFields<'_, '_>, meaning: Meaning) -> Option<String> {
    let has_it = |read: &&ReadField<'_>| read.meaning() == meaning && !read.parameter.piece.bytes.is_empty();
    let is_fallback = |read: &&ReadField<'_>| read.rule.is_some_and(|rule| rule.fallback || rule.says_nothing(&read.value()));
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

fn unread(request: &Request, addressee: &Addressee, messages: &[Message]) -> Unread {
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

/// What a request or a message recorded of the visitor, where it is a part of a session replay.
fn replay(claim: &Claim, reading: Option<&Reading<'_>>, bytes: &[u8], content_encoding: &str, message: Option<usize>) -> Option<Replay> {
    let reading = reading?;
    let about = Replay {
        request: claim.request,
        recipient: claim.recipient.clone(),
        vendor: reading.definition.id.clone(),
        step: claim.step,
        message,
        bytes: bytes.len(),
        format: None,
        not_verified: false,
        recorded: Vec::new(),
    };
    replay::of(reading.replay?, bytes, content_encoding, about)
}

/// Says that the search for what the journey typed did not come to the end of something.
fn cut_short(what: &str, claim: &Claim) -> Gap {
    let why = format!(
        "not all of {what} was searched for what the journey typed: something in it is packed or encoded more than four layers deep, or more \
         than 16 MiB come out of it"
    );
    Gap { kind: GapKind::NotSearched, why, request: Some(claim.request), step: claim.step }
}

/// What the recording knows it did not see, and each unseen body that it does not name there.
fn gaps(recording: &Recording) -> Vec<Gap> {
    let mut gaps = recording.gaps.clone();
    let of_bodies = || recording.gaps.iter().filter(|gap| gap.kind == GapKind::BodyUnavailable);
    let named: BTreeSet<RequestId> = of_bodies().filter_map(|gap| gap.request).collect();
    let of_captures = !recording.completeness.captures.is_empty() && of_bodies().any(|gap| gap.request.is_none());
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page && request.may_have_left()) {
        // A gap of a whole capture stands for all its bodies: a list of addresses would have one a line.
        let is_known = || named.contains(&request.id) || of_captures && matches!(request.witness, Witness::Capture | Witness::WireOnly);
        if let Body::Unavailable { why } = &request.body
            && !is_known()
        {
            let why = format!("the body of {} is unavailable: {why}", request.id);
            gaps.push(Gap { kind: GapKind::BodyUnavailable, why, request: Some(request.id), step: request.step });
        }
    }
    gaps
}
