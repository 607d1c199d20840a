use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::Needles;
use super::decode::{self, Decoded};
use super::json;
use super::wrappings::{self, IN_BASE64, base64_runs};
use crate::{Encoding, codecs};

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
pub(super) const BYTES_UNPACKED: usize = 8 << 20;

/// From here on base64 may hold anything; shorter runs have to decode to text.
pub(super) const LONG_BASE64: usize = 32;

/// A search through one carrier.
pub(super) struct Walk<'n> {
    needles: &'n Needles,
    pub(super) budget: usize,
    seen: HashSet<(usize, usize, u64)>,
    pub(super) found: Vec<Found>,
    /// Whether something that is packed or encoded was not looked into.
    pub(super) cut_short: bool,
}

impl<'n> Walk<'n> {
    pub(super) fn new(needles: &'n Needles) -> Self {
        Self { needles, budget: BYTES_DECODED, seen: HashSet::new(), found: Vec::new(), cut_short: false }
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
        if layer.depth < DEPTH {
            return self.inside(&layer, &runs);
        }
        self.cut_short |= wrappings::holds_another(&layer, &runs);
        Vec::new()
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
        let mut found = Vec::new();
        if is_text {
            self.needles.checksums.find(&layer.bytes, &mut found);
        }
        for hit in found {
            let chain = [layer.chain.clone(), hit.chain].concat();
            self.found.push(layer.found(hit.canary, hit.value, true, chain, hit.range));
        }
    }

    pub(super) fn afford(&mut self, bytes: usize) -> bool {
        let left = self.budget.checked_sub(bytes);
        self.cut_short |= left.is_none();
        self.budget = left.unwrap_or(self.budget);
        left.is_some()
    }
}

impl Layer<'_> {
    /// Whether it is an address, a header or a body as a whole.
    pub(super) fn is_carrier(&self) -> bool {
        matches!(self.source, Source::From(_)) && self.enclosing.is_empty()
    }

    fn found(&self, canary: usize, value: String, is_digest: bool, chain: Vec<Encoding>, range: Range<usize>) -> Found {
        let exact = self.source.range(range);
        let named = if matches!(self.source, Source::From(_)) { exact.clone() } else { self.enclosing.clone() };
        Found { canary, value, is_digest, chain, exact, named }
    }

    /// The layer that an escape, undone everywhere, leaves.
    pub(super) fn decoded(&self, encoding: Encoding, decoded: Decoded) -> Layer<'static> {
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
    pub(super) fn opaque(&self, encoding: Encoding, bytes: Vec<u8>, part: Range<usize>) -> Layer<'static> {
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

impl Layer<'_> {
    /// A part of this layer that is a value of its own.
    pub(super) fn part(&self, encoding: Encoding, part: Range<usize>) -> Layer<'static> {
        let source = match &self.source {
            Source::From(start) => Source::From(start + part.start),
            Source::Each(starts) => Source::Each(starts[part.start..=part.end].to_vec()),
            Source::Within(within) => Source::Within(within.clone()),
        };
        Layer {
            bytes: Cow::Owned(self.bytes[part.clone()].to_vec()),
            enclosing: if matches!(self.source, Source::From(_)) { self.source.range(part) } else { self.enclosing.clone() },
            source,
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
    if layer.is_carrier() || matches!(layer.chain.last(), Some(Encoding::Url | Encoding::Json)) {
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

/// A body without the encodings that all of it is in.
pub(super) struct Opened<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Outermost first.
    pub(super) chain: Vec<Encoding>,
    /// Whether more would have come out of it.
    pub(super) cut_short: bool,
}

/// `declared` is what the header says of the body's encoding; brotli is not known by anything else.
pub(super) fn opened<'a>(body: &'a [u8], declared: &str) -> Opened<'a> {
    let mut opened = Opened { bytes: Cow::Borrowed(body), chain: Vec::new(), cut_short: false };
    while opened.chain.len() < DEPTH
        && let Some((encoding, inner)) = open_once(&opened.bytes, declared)
    {
        opened.cut_short |= inner.len() == BYTES_UNPACKED;
        opened.bytes = Cow::Owned(inner);
        opened.chain.push(encoding);
    }
    opened
}

fn open_once(body: &[u8], declared: &str) -> Option<(Encoding, Vec<u8>)> {
    if let Some(encoding) = codecs::marked(body) {
        let bytes = codecs::decompressed(&encoding, body, BYTES_UNPACKED)?.bytes;
        return (encoding != Encoding::Zlib || decode::is_text(&bytes)).then_some((encoding, bytes));
    }
    let names_it = |name: &str| declared.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    for (name, encoding) in [("br", Encoding::Brotli), ("deflate", Encoding::Deflate)] {
        let out = names_it(name).then(|| codecs::decompressed(&encoding, body, BYTES_UNPACKED)).flatten();
        // A body that was seen unpacked keeps its header.
        if let Some(out) = out.filter(|out| out.is_whole || out.bytes.len() == BYTES_UNPACKED) {
            return Some((encoding, out.bytes));
        }
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
    (decode::is_text(&inner) || matches!(codecs::marked(&inner), Some(Encoding::Gzip | Encoding::Zstd))).then_some((encoding, inner))
}
