use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::Needles;
use super::decode::{self, Decoded};
use super::json;
use crate::findings::Encoding;

/// Bytes of a carrier, or what an encoding in them hid.
pub(super) struct Layer<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) source: Source,
    /// The undecoded value that a hit in decoded bytes is attributed to.
    pub(super) enclosing: Range<usize>,
    /// What has been undone, outermost first.
    pub(super) chain: Vec<Encoding>,
    /// How many of these took work: an address and a document are merely looked into.
    pub(super) depth: usize,
    /// Whether a `+` stands for a space here.
    pub(super) plus_is_space: bool,
}

/// Where in the carrier the bytes of a layer stand.
pub(super) enum Source {
    /// One by one from this offset on.
    From(usize),
    /// Each at its own offset; one more for the end.
    Each(Vec<u32>),
    /// Somewhere in here: there is no telling byte from byte.
    Within(Range<usize>),
}

/// A canary in a layer.
pub(super) struct Found {
    pub(super) canary: usize,
    pub(super) value: String,
    pub(super) is_digest: bool,
    pub(super) chain: Vec<Encoding>,
    /// The bytes of the carrier that hold it and as little else as can be told.
    pub(super) exact: Range<usize>,
    /// The bytes that a finding names: the same where nothing had to be undone, else the undecoded value around it.
    pub(super) named: Range<usize>,
}

/// How many encodings inside one another are undone.
const DEPTH: usize = 4;

/// How many bytes may come out of one carrier's encodings, and out of one decompressor: a few kilobytes can hold gigabytes of zeros.
const BYTES_DECODED: usize = 16 << 20;
const BYTES_INFLATED: usize = 8 << 20;

/// Base64 of fewer characters is found only where it is the whole value: any short word can be read as it.
const SHORTEST_BASE64: usize = 8;

/// From here on base64 may hold anything; shorter runs have to decode to text.
const LONG_BASE64: usize = 32;

/// A search through one carrier.
pub(super) struct Walk<'n> {
    needles: &'n Needles,
    budget: usize,
    seen: HashSet<(usize, usize, u64)>,
    pub(super) found: Vec<Found>,
}

impl<'n> Walk<'n> {
    pub(super) fn new(needles: &'n Needles) -> Self {
        Self { needles, budget: BYTES_DECODED, seen: HashSet::new(), found: Vec::new() }
    }

    /// Searches a value and whatever is encoded in it.
    pub(super) fn search(&mut self, value: Layer<'_>) {
        let mut open = self.look_at(value);
        while let Some(layer) = open.pop() {
            if self.is_new(&layer) {
                open.extend(self.look_at(layer));
            }
        }
    }

    fn is_new(&mut self, layer: &Layer<'_>) -> bool {
        let mut hasher = DefaultHasher::new();
        layer.bytes.hash(&mut hasher);
        let place = layer.source.range(0..layer.bytes.len());
        self.seen.insert((place.start, place.end, hasher.finish()))
    }

    /// Notes what stands in the layer and returns the layers inside it.
    fn look_at(&mut self, layer: Layer<'_>) -> Vec<Layer<'static>> {
        let layer = named_for_what_it_is(layer);
        let runs = base64_runs(&layer.bytes);
        let is_text = std::str::from_utf8(&layer.bytes).is_ok();
        self.note_plain(&layer);
        self.note_digests(&layer, &runs, is_text);
        if layer.depth >= DEPTH { Vec::new() } else { self.inside(&layer, &runs, is_text) }
    }

    fn note_plain(&mut self, layer: &Layer<'_>) {
        let mut found = Vec::new();
        self.needles.plain.find(&layer.bytes, layer.plus_is_space, &mut found);
        for hit in found {
            let value = String::from_utf8_lossy(&layer.bytes[hit.range.clone()]).into_owned();
            self.found.push(layer.found(hit.canary, value, false, layer.chain.clone(), hit.range));
        }
    }

    fn note_digests(&mut self, layer: &Layer<'_>, runs: &[Range<usize>], is_text: bool) {
        let mut found = Vec::new();
        for run in runs {
            self.needles.digests.find_written(&layer.bytes, run.clone(), &mut found);
        }
        if !is_text {
            self.needles.digests.find_raw(&layer.bytes, &mut found);
        }
        for hit in found {
            let chain = [layer.chain.clone(), hit.chain].concat();
            self.found.push(layer.found(hit.canary, hit.hexadecimal, true, chain, hit.start..hit.end));
        }
    }

    fn inside(&mut self, layer: &Layer<'_>, runs: &[Range<usize>], is_text: bool) -> Vec<Layer<'static>> {
        let mut inside = Vec::new();
        for (encoding, decoded) in [
            (Encoding::Percent, decode::percent(&layer.bytes, layer.plus_is_space)),
            (Encoding::JsonString, decode::json_string(&layer.bytes)),
            (Encoding::HtmlEntity, decode::html(&layer.bytes)),
        ] {
            if let Some(decoded) = decoded.filter(|decoded| self.afford(decoded.bytes.len())) {
                inside.push(layer.decoded(encoding, decoded));
            }
        }
        self.inside_base64(layer, runs, &mut inside);
        if !is_text {
            self.inside_compression(layer, &mut inside);
        }
        inside
    }

    fn inside_base64(&mut self, layer: &Layer<'_>, runs: &[Range<usize>], inside: &mut Vec<Layer<'static>>) {
        let unpadded = layer.bytes.trim_ascii_end().strip_suffix(b"==").or_else(|| layer.bytes.trim_ascii_end().strip_suffix(b"="));
        let whole = 0..unpadded.unwrap_or(&layer.bytes).len();
        for run in runs {
            self.inside_run(layer, run.clone(), *run == whole, inside);
            for piece in pieces(&layer.bytes, run.clone()) {
                self.inside_run(layer, piece, false, inside);
            }
        }
    }

    /// Base64 may begin anywhere in a run of its characters: each of the four ways to group them is tried until one gives text.
    fn inside_run(&mut self, layer: &Layer<'_>, run: Range<usize>, is_whole_value: bool, inside: &mut Vec<Layer<'static>>) {
        let characters = &layer.bytes[run.clone()];
        let shortest = if is_whole_value { 4 } else { SHORTEST_BASE64 };
        // Sixteen characters of base64 without a capital are a word, a path or a digest.
        if characters.len() >= 16 && !characters.iter().any(u8::is_ascii_uppercase) {
            return;
        }
        for offset in 0..4 {
            let Some(characters) = characters.get(offset..).filter(|rest| rest.len() >= shortest) else { return };
            if characters.len() < LONG_BASE64 && !decode::is_text(&decode::base64(&characters[..characters.len().min(8)])) {
                continue;
            }
            let bytes = decode::base64(characters);
            let reads_well = decode::is_text(&bytes) || decode::compression(&bytes) == Some(Encoding::Gzip);
            if (!reads_well && characters.len() < LONG_BASE64) || !self.afford(bytes.len()) {
                continue;
            }
            let url_safe = memchr::memchr2(b'-', b'_', characters).is_some();
            let encoding = if url_safe { Encoding::Base64Url } else { Encoding::Base64 };
            inside.push(layer.opaque(encoding, bytes, run.start + offset..run.end));
            if reads_well {
                return;
            }
        }
    }

    fn inside_compression(&mut self, layer: &Layer<'_>, inside: &mut Vec<Layer<'static>>) {
        let starts = memchr::memmem::find_iter(&layer.bytes, b"\x1f\x8b\x08").filter(|at| *at > 0).take(8);
        for start in std::iter::once(0).chain(starts) {
            let bytes = &layer.bytes[start..];
            let limit = self.budget.min(BYTES_INFLATED);
            let (encoding, inflated) = match decode::compression(bytes) {
                Some(encoding) => {
                    let inflated = decode::inflate(&encoding, bytes, limit);
                    (encoding, inflated)
                }
                None => (Encoding::Deflate, decode::deflate(bytes, limit).unwrap_or_default()),
            };
            if !inflated.is_empty() && self.afford(inflated.len()) {
                inside.push(layer.opaque(encoding, inflated, start..layer.bytes.len()));
            }
        }
    }

    fn afford(&mut self, bytes: usize) -> bool {
        let left = self.budget.checked_sub(bytes);
        self.budget = left.unwrap_or(self.budget);
        left.is_some()
    }
}

impl Layer<'_> {
    fn found(&self, canary: usize, value: String, is_digest: bool, chain: Vec<Encoding>, range: Range<usize>) -> Found {
        let exact = self.source.range(range);
        let named = if matches!(self.source, Source::From(_)) { exact.clone() } else { self.enclosing.clone() };
        Found { canary, value, is_digest, chain, exact, named }
    }

    /// The layer that an escape, undone everywhere, leaves.
    fn decoded(&self, encoding: Encoding, decoded: Decoded) -> Layer<'static> {
        Layer {
            source: self.source.through(decoded.starts),
            bytes: Cow::Owned(decoded.bytes),
            enclosing: self.enclosing.clone(),
            chain: [self.chain.as_slice(), &[encoding]].concat(),
            depth: self.depth + 1,
            plus_is_space: false,
        }
    }

    /// The layer in a part of this one whose bytes cannot be told apart.
    fn opaque(&self, encoding: Encoding, bytes: Vec<u8>, part: Range<usize>) -> Layer<'static> {
        let within = self.source.range(part);
        Layer {
            bytes: Cow::Owned(bytes),
            enclosing: if matches!(self.source, Source::From(_)) { within.clone() } else { self.enclosing.clone() },
            source: Source::Within(within),
            chain: [self.chain.as_slice(), &[encoding]].concat(),
            depth: self.depth + 1,
            plus_is_space: false,
        }
    }
}

impl Source {
    fn range(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::From(start) => start + range.start..start + range.end,
            Self::Each(starts) => at(starts, range.start)..at(starts, range.end),
            Self::Within(within) => within.clone(),
        }
    }

    /// The source of bytes whose places in this layer are known.
    fn through(&self, mut starts: Vec<u32>) -> Self {
        match self {
            Self::From(first) => starts.iter_mut().for_each(|start| *start = start.saturating_add(decode::offset(*first))),
            Self::Each(outer) => starts.iter_mut().for_each(|start| *start = decode::offset(at(outer, *start as usize))),
            Self::Within(within) => return Self::Within(within.clone()),
        }
        Self::Each(starts)
    }
}

fn at(starts: &[u32], index: usize) -> usize {
    starts.get(index).or(starts.last()).map_or(0, |start| *start as usize)
}

/// A value that is an address or a JSON document is read as one: what is found is inside it. What the page wrote as the carrier itself
/// (an address that is requested, a body that is JSON) is no value inside another.
fn named_for_what_it_is(mut layer: Layer<'_>) -> Layer<'_> {
    let is_carrier = matches!(layer.source, Source::From(_)) && layer.enclosing.is_empty();
    if is_carrier || matches!(layer.chain.last(), Some(Encoding::Url | Encoding::Json)) {
        return layer;
    }
    if is_address(&layer.bytes) {
        layer.chain.push(Encoding::Url);
        layer.plus_is_space = true;
        return layer;
    }
    if !is_json(&layer.bytes) {
        return layer;
    }
    let unescaped = decode::json_string(&layer.bytes);
    let mut document = match unescaped {
        Some(unescaped) => layer.decoded(Encoding::Json, unescaped),
        None => {
            layer.chain.push(Encoding::Json);
            layer
        }
    };
    document.plus_is_space = false;
    document
}

fn is_address(bytes: &[u8]) -> bool {
    let starts_with = |scheme: &str| bytes.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()));
    (starts_with("https://") || starts_with("http://")) && !bytes.iter().any(u8::is_ascii_whitespace)
}

fn is_json(bytes: &[u8]) -> bool {
    json::looks_like_json(bytes) && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Where characters of base64 stand together, four or more.
fn base64_runs(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !IN_BASE64[usize::from(*byte)] {
            if at - start >= 4 {
                push_run(&mut runs, start..at, bytes.len());
            }
            start = at + 1;
        }
    }
    if bytes.len() - start.min(bytes.len()) >= 4 {
        push_run(&mut runs, start..bytes.len(), bytes.len());
    }
    runs
}

/// Short runs are kept only where they may be the whole value.
fn push_run(runs: &mut Vec<Range<usize>>, run: Range<usize>, length: usize) {
    if run.len() >= SHORTEST_BASE64 || length - run.len() <= 2 {
        runs.push(run);
    }
}

const IN_BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = decode::sextet(byte as u8).is_some();
        byte += 1;
    }
    table
};

/// The parts of a run between the characters that only one alphabet has: each may as well be what stands between two values.
fn pieces(bytes: &[u8], run: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = run.start;
    for at in run.clone() {
        if matches!(bytes[at], b'+' | b'/' | b'-' | b'_') {
            pieces.push(start..at);
            start = at + 1;
        }
    }
    if start > run.start {
        pieces.push(start..run.end);
    }
    pieces.retain(|piece| piece.len() >= SHORTEST_BASE64);
    pieces
}

/// A body without the encodings that all of it is in, and those, outermost first.
pub(super) fn opened(body: &[u8]) -> (Cow<'_, [u8]>, Vec<Encoding>) {
    let mut opened = Cow::Borrowed(body);
    let mut chain = Vec::new();
    while chain.len() < DEPTH
        && let Some((encoding, inner)) = open_once(&opened)
    {
        opened = Cow::Owned(inner);
        chain.push(encoding);
    }
    (opened, chain)
}

fn open_once(body: &[u8]) -> Option<(Encoding, Vec<u8>)> {
    if let Some(encoding) = decode::compression(body) {
        let inflated = decode::inflate(&encoding, body, BYTES_INFLATED);
        return (!inflated.is_empty() && (encoding == Encoding::Gzip || decode::is_text(&inflated))).then_some((encoding, inflated));
    }
    let characters = body.trim_ascii();
    let characters = characters.strip_suffix(b"==").or_else(|| characters.strip_suffix(b"=")).unwrap_or(characters);
    let is_base64 = characters.len() >= LONG_BASE64
        && characters.iter().any(u8::is_ascii_uppercase)
        && characters.iter().all(|byte| IN_BASE64[usize::from(*byte)]);
    if !is_base64 {
        return None;
    }
    let inner = decode::base64(characters);
    let encoding = if memchr::memchr2(b'-', b'_', characters).is_some() { Encoding::Base64Url } else { Encoding::Base64 };
    (decode::is_text(&inner) || decode::compression(&inner) == Some(Encoding::Gzip)).then_some((encoding, inner))
}
