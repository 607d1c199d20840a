//! The canaries of a journey, wherever they stand in a request and however they are written there.

mod accents;
mod algorithms;
mod alphabets;
mod checksums;
mod decode;
mod digests;
mod json;
mod layers;
mod normalise;
mod places;
mod plain;
#[cfg(test)]
mod tests;
mod wrappings;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pixelwitness_recording::{Canary, Message, Request};

use crate::{ByteRange, Encoding, Location, Part};
use checksums::Checksums;
use digests::Digests;
use layers::{Found, Layer, Source, Walk};
pub(crate) use normalise::normalised;
use places::Places;
use plain::Plain;

/// Text of which HTML character references are undone, as far as they are known here.
pub(crate) fn html_text(text: &[u8]) -> Cow<'_, str> {
    match decode::html(text) {
        Some(decoded) => String::from_utf8_lossy(&decoded.bytes).into_owned().into(),
        None => String::from_utf8_lossy(text),
    }
}

/// What to look for: every canary in every form that it is known to be written in.
pub(crate) struct Needles {
    plain: Plain,
    digests: Digests,
    checksums: Checksums,
    is_empty: bool,
}

/// One place where a canary stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Place of the canary in the list that the needles were made from.
    pub(crate) canary: usize,
    /// The text as it stood after the encodings were undone; of a digest, lower-case hexadecimal.
    pub(crate) value: String,
    /// Where: the very bytes, or the undecoded value around them where something had to be undone.
    pub(crate) location: Location,
    /// What was undone, outermost first. A digest is the innermost.
    pub(crate) encodings: Vec<Encoding>,
}

/// What a search through one request or message came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    pub(crate) hits: Vec<Hit>,
    /// Whether something that is packed or encoded was not looked into: it lies too deep, or too much would come out of it.
    pub(crate) cut_short: bool,
}

impl Search {
    fn add(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.cut_short |= other.cut_short;
    }
}

/// Whether a text has fewer than three letters and digits: to find it would prove nothing.
fn is_too_short(text: &str) -> bool {
    text.chars().filter(|character| character.is_alphanumeric()).count() < 3
}

impl Needles {
    /// Works out every form of every canary.
    pub(crate) fn new(canaries: &[Canary]) -> Self {
        Self {
            plain: Plain::new(canaries),
            digests: Digests::new(canaries),
            checksums: Checksums::new(canaries),
            is_empty: canaries.is_empty(),
        }
    }

    /// Every place in a request where a canary stands: address, headers, body, in that order.
    pub(crate) fn find(&self, request: &Request) -> Search {
        if self.is_empty {
            return Search::default();
        }
        let address = request.url.as_bytes();
        let mut search = self.find_in_carrier(address, &places::in_address(address));
        for header in &request.headers {
            search.add(self.find_in_carrier(header.value.as_bytes(), &places::in_header(header)));
        }
        let declared = request.header("content-encoding").unwrap_or_default();
        search.add(self.find_in_body(request.body.bytes().unwrap_or_default(), declared));
        search.hits = checksums::without_lonely(search.hits);
        search
    }

    /// Every place in a WebSocket message where a canary stands.
    pub(crate) fn find_in_message(&self, message: &Message, number_on_connection: usize) -> Search {
        if self.is_empty {
            return Search::default();
        }
        let mut search = self.find_in_body(&message.payload.0, "");
        for hit in &mut search.hits {
            hit.location.part = Part::Message;
            hit.location.name = number_on_connection.to_string();
        }
        search.hits = checksums::without_lonely(search.hits);
        search
    }

    /// A body that is compressed or base64 as a whole is taken apart as what comes out; its hits are attributed to all of it.
    fn find_in_body(&self, body: &[u8], declared: &str) -> Search {
        let opened = layers::opened(body, declared);
        let mut search = self.find_in_carrier(&opened.bytes, &places::in_body(&opened.bytes));
        search.cut_short |= opened.cut_short;
        if opened.chain.is_empty() {
            return search;
        }
        for hit in &mut search.hits {
            hit.location.range = Some(ByteRange { start: 0, end: body.len() });
            hit.encodings.splice(0..0, opened.chain.iter().cloned());
        }
        search.hits = without_repetition(search.hits);
        search
    }

    /// Each value by itself; then the carrier as a whole, so that nothing slips between the values.
    fn find_in_carrier(&self, carrier: &[u8], places: &Places) -> Search {
        if carrier.is_empty() {
            return Search::default();
        }
        let mut walk = Walk::new(self);
        for place in &places.list {
            walk.search(Layer {
                bytes: Cow::Borrowed(&carrier[place.range.clone()]),
                source: Source::From(place.range.start),
                enclosing: place.range.clone(),
                chain: Vec::new(),
                depth: 0,
                plus_is_space: place.plus_is_space,
            });
        }
        let in_places = walk.found.len();
        // One value that is all of the carrier has just been searched.
        if places.list.iter().all(|place| place.range.len() < carrier.len()) {
            walk.search(Layer {
                bytes: Cow::Borrowed(carrier),
                source: Source::From(0),
                enclosing: 0..0,
                chain: Vec::new(),
                depth: 0,
                plus_is_space: false,
            });
        }
        for found in &mut walk.found[in_places..] {
            found.named = found.exact.clone();
        }
        let cut_short = walk.cut_short;
        let mut kept = apart(walk.found, in_places);
        kept.sort_by_key(|found| (found.named.start, found.named.end, found.canary));
        let hits = without_repetition(kept.into_iter().map(|found| hit(found, places, carrier)).collect());
        Search { hits, cut_short }
    }
}

fn hit(found: Found, places: &Places, carrier: &[u8]) -> Hit {
    let (part, name) = match places.of(&found.exact) {
        Ok(place) => (place.part, places.name(place, carrier)),
        Err(part) => (part, String::new()),
    };
    let range = Some(ByteRange { start: found.named.start, end: found.named.end });
    Hit { canary: found.canary, value: found.value, location: Location { part, name, range }, encodings: found.chain }
}

/// Of findings that share bytes the one in a value goes before the one in the whole, and the one with the fewest encodings before all.
fn apart(found: Vec<Found>, in_places: usize) -> Vec<Found> {
    let mut ranked: Vec<(usize, Found)> = found.into_iter().enumerate().collect();
    ranked.sort_by_key(|(index, found)| (*index >= in_places, found.chain.len(), std::cmp::Reverse(found.exact.len()), *index));
    let mut taken: BTreeMap<(usize, Option<String>), BTreeMap<usize, usize>> = BTreeMap::new();
    ranked.retain(|(_, found)| {
        let sort_of_claim = (found.canary, found.is_digest.then(|| found.value.clone()));
        take(taken.entry(sort_of_claim).or_default(), &found.exact)
    });
    ranked.into_iter().map(|(_, found)| found).collect()
}

/// Takes a range if none of it is taken yet. The taken ranges lie apart, so only the last that begins before its end can reach into it.
fn take(taken: &mut BTreeMap<usize, usize>, range: &Range<usize>) -> bool {
    let is_free = taken.range(..range.end).next_back().is_none_or(|(_, end)| *end <= range.start);
    if is_free {
        taken.insert(range.start, range.end);
    }
    is_free
}

/// Two that a reader could not tell apart are one.
fn without_repetition(hits: Vec<Hit>) -> Vec<Hit> {
    let mut seen = BTreeSet::new();
    let key = |hit: &Hit| {
        (hit.canary, hit.value.clone(), hit.location.part, hit.location.name.clone(), hit.location.range, hit.encodings.clone())
    };
    hits.into_iter().filter(|hit| seen.insert(key(hit))).collect()
}
