//! A value that is sent while it is typed: longer by a key each time, as an autocomplete sends it, or key by key.

use std::collections::{BTreeMap, BTreeSet};

use pixelwitness_recording::{Message, Packed, Recording, Request, RequestId};

use crate::codecs::Parameter;
use crate::leaks::Claim;
use crate::recipients::Addressee;
use crate::sought::{Manner, Origin, Sighting, Sought};
use crate::{Basis, Encoding, Leak, Location, Party, RecipientId, merge, whole_values};

/// Beginnings of the value, each longer than the one before, at the least.
const FEWEST_BEGINNINGS: usize = 4;

/// Characters of the longest of them, and of a value that is sent key by key, at the least.
const LEAST_CHARACTERS: usize = 5;

/// The same of digits: a counter or a page number may count through a few.
const LEAST_DIGITS: usize = 8;

/// What is sent in parameters of one name, to be looked through for values that were typed.
pub(crate) struct Keys {
    typed: Vec<Typed>,
    longest: usize,
    streams: BTreeMap<Stream, Vec<Sent>>,
}

struct Typed {
    /// Place in the list of what is looked for.
    sought: usize,
    /// In lower case.
    value: String,
    /// Milliseconds since the Unix epoch at which the first of its steps began.
    since_ms: u64,
}

/// Values that one recipient's host gets under one name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stream {
    recipient: RecipientId,
    host: String,
    name: String,
}

/// A single character, or the beginning of a value.
struct Sent {
    text: String,
    at_ms: u64,
    request: RequestId,
    step: Option<usize>,
    name: String,
    location: Location,
    encodings: Vec<Encoding>,
    party: Party,
    is_theirs: bool,
}

/// A value that was found to be sent while it was typed.
pub(crate) struct WhileTyping {
    pub(crate) sightings: Vec<Sighting>,
    /// None where it was sent to the site itself.
    pub(crate) leak: Option<Leak>,
}

impl Keys {
    pub(crate) fn of(sought: &[Sought], recording: &Recording) -> Self {
        let began = |one: &Sought| {
            let runs = recording.steps.iter().filter(|run| one.steps.contains(&run.step));
            runs.map(|run| run.started_at_ms).min().unwrap_or_default()
        };
        let canaries = sought.iter().enumerate().filter(|(_, one)| one.origin == Origin::Canary);
        let typed: Vec<Typed> = canaries
            .map(|(at, one)| Typed { sought: at, value: one.value.to_lowercase(), since_ms: began(one) })
            .filter(|typed| typed.value.chars().count() >= least_characters(&typed.value))
            .collect();
        let longest = typed.iter().map(|typed| typed.value.len()).max().unwrap_or_default();
        Self { typed, longest, streams: BTreeMap::new() }
    }

    /// Takes note of a request that was sent, and of the messages over its connection.
    pub(crate) fn note(&mut self, request: &Request, messages: &[Message], addressee: &Addressee, is_theirs: bool) {
        if self.typed.is_empty() {
            return;
        }
        let about = |at_ms, step| About { at_ms, step, request: request.id, addressee, is_theirs };
        let (longest, typed, streams) = (self.longest, &self.typed, &mut self.streams);
        let mut note = |value: &Parameter<'_>, about: About<'_>| {
            if let Some(text) = of_interest(value, longest, typed) {
                let (stream, sent) = about.of(value, text);
                streams.entry(stream).or_default().push(sent);
            }
        };
        whole_values::of_request(request, &mut |value| note(value, about(request.sent_at_ms, request.step)));
        for (index, message) in messages.iter().enumerate() {
            whole_values::of_message(message, index + 1, &mut |value| note(value, about(message.sent_at_ms, message.step)));
        }
    }

    /// What was sent while it was typed: of each value and recipient the name under which most of it was sent.
    pub(crate) fn found(mut self, sought: &[Sought]) -> Vec<WhileTyping> {
        self.streams.values_mut().for_each(|stream| stream.sort_by_key(|sent| sent.at_ms));
        let mut all: BTreeMap<(usize, &RecipientId), (usize, Vec<&Sent>)> = BTreeMap::new();
        for typed in &self.typed {
            for (stream, sent) in &self.streams {
                let sent: Vec<&Sent> = sent.iter().filter(|sent| sent.at_ms >= typed.since_ms).collect();
                let found = [beginnings(&sent, &typed.value), keys(&sent, &typed.value)].into_iter().flatten();
                let Some((length, pieces)) = found.max_by_key(|(length, _)| *length) else { continue };
                let best = all.entry((typed.sought, &stream.recipient)).or_default();
                if length > best.0 {
                    *best = (length, pieces);
                }
            }
        }
        all.into_iter().filter_map(|((at, recipient), (length, pieces))| told(at, sought.get(at)?, recipient, length, &pieces)).collect()
    }
}

/// A request or a message, as far as its values are noted.
struct About<'a> {
    at_ms: u64,
    step: Option<usize>,
    request: RequestId,
    addressee: &'a Addressee,
    is_theirs: bool,
}

impl About<'_> {
    fn of(&self, value: &Parameter<'_>, text: String) -> (Stream, Sent) {
        let Addressee { id, party, .. } = self.addressee;
        let stream = Stream { recipient: id.clone(), host: self.addressee.host().to_owned(), name: without_numbers(value.name) };
        let sent = Sent {
            text,
            at_ms: self.at_ms,
            request: self.request,
            step: self.step,
            name: value.name.to_owned(),
            location: value.location(),
            encodings: value.piece.encodings.to_vec(),
            party: *party,
            is_theirs: self.is_theirs,
        };
        (stream, sent)
    }
}

/// A value that is a single character, or that a typed value begins with, in lower case.
fn of_interest(value: &Parameter<'_>, longest: usize, typed: &[Typed]) -> Option<String> {
    if value.container || value.piece.bytes.is_empty() || value.piece.bytes.len() > longest {
        return None;
    }
    let text = value.piece.text().to_lowercase();
    let is_character = text.chars().nth(1).is_none();
    (is_character || typed.iter().any(|typed| typed.value.starts_with(&text))).then_some(text)
}

/// A name without the numbers in it that count: the second of several events has the same keys as the first.
fn without_numbers(name: &str) -> String {
    let is_end = |character: char| matches!(character, '.' | '/' | '[' | ']' | ':');
    let parts = name.split_inclusive(is_end).map(|part| {
        let digits = part.trim_end_matches(is_end);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) { "*" } else { part }
    });
    parts.collect()
}

fn least_characters(value: &str) -> usize {
    let has_letters = value.chars().any(char::is_alphabetic);
    if has_letters { LEAST_CHARACTERS } else { LEAST_DIGITS }
}

/// Beginnings of the value, each longer than the one before: how long the last is, and where they stand.
fn beginnings<'s>(sent: &[&'s Sent], value: &str) -> Option<(usize, Vec<&'s Sent>)> {
    let (mut best, mut growing): (Vec<&Sent>, Vec<&Sent>) = (Vec::new(), Vec::new());
    for one in sent.iter().copied().filter(|one| value.starts_with(&one.text)) {
        match growing.last() {
            Some(last) if one.text.len() == last.text.len() => {}
            Some(last) if one.text.len() < last.text.len() => growing = vec![one],
            _ => growing.push(one),
        }
        if growing.len() > best.len() {
            best.clone_from(&growing);
        }
    }
    let length = best.last()?.text.chars().count();
    (best.len() >= FEWEST_BEGINNINGS && length >= least_characters(value)).then_some((length, best))
}

/// All characters of the value, one after another and with no other between them. Spaces may be told otherwise than by a character.
fn keys<'s>(sent: &[&'s Sent], value: &str) -> Option<(usize, Vec<&'s Sent>)> {
    let is_key = |sent: &&&Sent| sent.text.chars().nth(1).is_none() && !sent.text.trim().is_empty();
    let keys: Vec<&Sent> = sent.iter().filter(is_key).copied().collect();
    let expected: Vec<char> = value.chars().filter(|character| !character.is_whitespace()).collect();
    if expected.len() < least_characters(value) || is_counted(&expected) {
        return None;
    }
    let is_it = |window: &&[&Sent]| window.iter().zip(&expected).all(|(sent, key)| sent.text.starts_with(*key));
    keys.windows(expected.len()).find(is_it).map(|window| (value.chars().count(), window.to_vec()))
}

/// Whether each character is the next after the one before, or the same.
fn is_counted(characters: &[char]) -> bool {
    let steps: BTreeSet<i64> = characters.windows(2).map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]))).collect();
    steps.len() <= 1
}

fn told(at: usize, sought: &Sought, recipient: &RecipientId, length: usize, pieces: &[&Sent]) -> Option<WhileTyping> {
    let last = pieces.last()?;
    let mut requests: Vec<RequestId> = pieces.iter().map(|sent| sent.request).collect();
    requests.dedup();
    let sightings = requests.iter().map(|request| Sighting {
        sought: at,
        recipient: recipient.clone(),
        party: last.party,
        is_theirs: last.is_theirs,
        manner: Manner::WhileTyping,
        request: *request,
    });
    let sightings = sightings.collect();
    let value: String = sought.value.chars().take(length).collect();
    let basis = Basis::WhileTyping { name: sought.name.clone(), requests };
    let claim = Claim { request: last.request, step: last.step, recipient: recipient.clone(), vendor: None, event: None };
    let name = if last.name.is_empty() { last.location.to_string() } else { last.name.clone() };
    let leak = || claim.leak(merge::what(sought), name, value, last.location.clone(), last.encodings.clone(), basis);
    Some(WhileTyping { sightings, leak: last.is_theirs.then(leak) })
}

/// The claims with one more, where its request stands among the others. Where the last piece is a claim already, that gets the basis beside
/// its own.
pub(crate) fn added(leaks: &Packed<Leak>, leak: Leak) -> Packed<Leak> {
    let (mut all, mut new) = (Packed::default(), Some(leak));
    for mut known in leaks {
        let is_same = |leak: &Leak| {
            (known.request, known.what, &known.recipient) == (leak.request, leak.what, &leak.recipient) && known.location == leak.location
        };
        if let Some(same) = new.take_if(|leak| is_same(leak)) {
            known.basis.extend(same.basis);
            known.basis.sort();
        }
        all.extend(new.take_if(|leak| known.request > leak.request));
        all.push(known);
    }
    all.extend(new);
    all
}
