use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::Md5;
use pixelwitness_recording::Canary;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::algorithms;
use super::decode;
use super::normalise;
use crate::{Encoding, Normalisation};

/// Digests of every canary after every known normalisation, to be found by their first bytes.
pub(super) struct Digests {
    /// In the order of their first eight bytes.
    known: Vec<Known>,
    /// One bit for each beginning, [`FIRST_BITS`] long, that a known digest has.
    beginnings: Vec<u64>,
    clear_values: Vec<String>,
}

struct Known {
    prefix: u64,
    canary: usize,
    digest: Vec<u8>,
    /// What was done to the canary's value, outermost first.
    chain: Vec<Encoding>,
}

/// A digest that stands in some bytes.
pub(super) struct Found {
    pub(super) canary: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hexadecimal: String,
    /// How the digest is written and what it is of, outermost first.
    pub(super) chain: Vec<Encoding>,
}

/// xxHash of 64 bits in hexadecimal: nothing that is shorter can be a digest.
const SHORTEST_WRITTEN: usize = 16;

/// Bits of a digest that are looked up before it is searched for: some thousand digests then turn up at few places by chance, and the
/// table stays in the processor's cache.
const FIRST_BITS: u32 = 20;

impl Digests {
    pub(super) fn new(canaries: &[Canary]) -> Self {
        let mut known: Vec<Known> = canaries.iter().enumerate().flat_map(|(index, canary)| of_canary(index, canary)).collect();
        known.sort_by_key(|digest| digest.prefix);
        let mut beginnings = vec![0; 1 << (FIRST_BITS - 6)];
        for digest in &known {
            let bit = digest.prefix >> (64 - FIRST_BITS);
            beginnings[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
        Self { known, beginnings, clear_values: canaries.iter().map(|canary| canary.value.clone()).collect() }
    }

    /// Digests written as hexadecimal or base64 in a run of characters that are those of base64.
    pub(super) fn find_written(&self, bytes: &[u8], run: std::ops::Range<usize>, found: &mut Vec<Found>) {
        if run.len() < SHORTEST_WRITTEN || self.known.is_empty() {
            return;
        }
        let (mut nibbles, mut nibble_count) = (0u64, 0);
        let mut sextets = 0u64;
        for at in run.clone() {
            match decode::hex_digit(bytes[at]) {
                Some(digit) => (nibbles, nibble_count) = (nibbles << 4 | u64::from(digit), nibble_count + 1),
                None => nibble_count = 0,
            }
            if nibble_count >= 16 && self.may_start(nibbles) {
                self.confirm(bytes, at - 15, nibbles, 64, Writing::Hexadecimal, found);
            }
            sextets = (sextets << 6 | u64::from(decode::sextet(bytes[at]).unwrap_or(0))) & (u64::MAX >> 4);
            if at >= run.start + 9 && self.may_start(sextets << 4) {
                self.confirm(bytes, at - 9, sextets, 60, Writing::Base64, found);
            }
        }
    }

    /// Digests that stand as their bytes.
    pub(super) fn find_raw(&self, bytes: &[u8], found: &mut Vec<Found>) {
        if self.known.is_empty() {
            return;
        }
        let mut window = 0u64;
        for (at, byte) in bytes.iter().enumerate() {
            window = window << 8 | u64::from(*byte);
            if at >= 7 && self.may_start(window) {
                self.confirm(bytes, at - 7, window, 64, Writing::Raw, found);
            }
        }
    }

    fn may_start(&self, prefix: u64) -> bool {
        let bit = prefix >> (64 - FIRST_BITS);
        self.beginnings[(bit >> 6) as usize] >> (bit & 63) & 1 == 1
    }

    fn confirm(&self, bytes: &[u8], start: usize, prefix: u64, bits: u32, writing: Writing, found: &mut Vec<Found>) {
        let shift = 64 - bits;
        let first = self.known.partition_point(|known| known.prefix >> shift < prefix);
        for known in self.known[first..].iter().take_while(|known| known.prefix >> shift == prefix) {
            let end = start + writing.length(known.digest.len());
            let Some(written) = bytes.get(start..end) else { continue };
            let chain = [writing.encodings(written, &bytes[end..]), known.chain.clone()].concat();
            if recomputed(&self.clear_values[known.canary], &chain).is_some_and(|expected| writing.is_same(&expected, written)) {
                found.push(Found { canary: known.canary, start, end, hexadecimal: hex::encode(&known.digest), chain });
            }
        }
    }
}

fn of_canary(index: usize, canary: &Canary) -> Vec<Known> {
    let mut texts = BTreeSet::new();
    let mut known = Vec::new();
    for steps in normalise::known_steps(canary.kind) {
        let Some(text) = normalise::normalised(&canary.value, steps) else { continue };
        if super::is_too_short(&text) || !texts.insert(text.clone()) {
            continue;
        }
        known.extend(of_text(&text, steps).into_iter().map(|(digest, chain)| Known {
            prefix: prefix_of(&digest),
            canary: index,
            digest,
            chain,
        }));
    }
    known
}

/// Every digest of a text, and every digest that vendors document of the hexadecimal digits of another: some hash the hash.
fn of_text(text: &str, steps: &[Normalisation]) -> Vec<(Vec<u8>, Vec<Encoding>)> {
    let mut all = Vec::new();
    let first: Vec<(Vec<u8>, Encoding)> =
        DOCUMENTED.iter().map(|(digest, encoding)| (digest(text.as_bytes()), encoding(steps.to_vec()))).collect();
    for (inner, inner_encoding) in &first {
        for (digest, encoding) in DOCUMENTED {
            all.push((digest(hex::encode(inner).as_bytes()), vec![encoding(Vec::new()), inner_encoding.clone()]));
        }
    }
    all.extend(first.into_iter().map(|(digest, encoding)| (digest, vec![encoding])));
    all.extend(algorithms::LONG.iter().map(|algorithm| {
        let encoding = Encoding::Digest { algorithm: *algorithm, normalised: steps.to_vec() };
        (algorithms::digest(*algorithm, text.as_bytes()), vec![encoding])
    }));
    all
}

/// A digest, and how a finding names it.
type Documented = (fn(&[u8]) -> Vec<u8>, fn(Vec<Normalisation>) -> Encoding);

const DOCUMENTED: [Documented; 3] = [
    (|text| Sha256::digest(text).to_vec(), |normalised| Encoding::Sha256 { normalised }),
    (|text| Sha1::digest(text).to_vec(), |normalised| Encoding::Sha1 { normalised }),
    (|text| Md5::digest(text).to_vec(), |normalised| Encoding::Md5 { normalised }),
];

fn prefix_of(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |prefix, byte| prefix << 8 | u64::from(*byte))
}

#[derive(Clone, Copy)]
enum Writing {
    Hexadecimal,
    Base64,
    Raw,
}

impl Writing {
    fn length(self, digest: usize) -> usize {
        match self {
            Self::Hexadecimal => digest * 2,
            Self::Base64 => (digest * 8).div_ceil(6),
            Self::Raw => digest,
        }
    }

    /// Without a character that only one alphabet has, padding tells standard base64 from the other.
    fn encodings(self, written: &[u8], after: &[u8]) -> Vec<Encoding> {
        match self {
            Self::Hexadecimal => Vec::new(),
            Self::Raw => vec![Encoding::RawDigest],
            Self::Base64 => {
                let padded = after.starts_with(b"=") || after.starts_with(b"%3D") || after.starts_with(b"%3d");
                let standard = memchr::memchr2(b'+', b'/', written).is_some();
                let url_safe = memchr::memchr2(b'-', b'_', written).is_some();
                let base64 = if standard || (padded && !url_safe) { Encoding::Base64 } else { Encoding::Base64Url };
                vec![base64, Encoding::RawDigest]
            }
        }
    }

    fn is_same(self, expected: &[u8], written: &[u8]) -> bool {
        match self {
            Self::Hexadecimal => expected.eq_ignore_ascii_case(written),
            Self::Base64 | Self::Raw => expected == written,
        }
    }
}

/// What a chain of encodings makes of a clear value, innermost first.
///
/// The second path to a claim: it starts from the canary and goes by nothing but what the finding says, as a reader would.
fn recomputed(clear_value: &str, chain: &[Encoding]) -> Option<Vec<u8>> {
    chain.iter().rev().try_fold(clear_value.as_bytes().to_vec(), |bytes, encoding| match encoding {
        Encoding::Sha256 { normalised } => Some(hex::encode(Sha256::digest(normalise(bytes, normalised)?)).into_bytes()),
        Encoding::Sha1 { normalised } => Some(hex::encode(Sha1::digest(normalise(bytes, normalised)?)).into_bytes()),
        Encoding::Md5 { normalised } => Some(hex::encode(Md5::digest(normalise(bytes, normalised)?)).into_bytes()),
        Encoding::Digest { algorithm, normalised } => {
            Some(hex::encode(algorithms::digest(*algorithm, normalise(bytes, normalised)?.as_bytes())).into_bytes())
        }
        Encoding::RawDigest => hex::decode(bytes).ok(),
        Encoding::Base64 => Some(STANDARD_NO_PAD.encode(bytes).into_bytes()),
        Encoding::Base64Url => Some(URL_SAFE_NO_PAD.encode(bytes).into_bytes()),
        _ => None,
    })
}

fn normalise(bytes: Vec<u8>, steps: &[Normalisation]) -> Option<String> {
    normalise::normalised(&String::from_utf8(bytes).ok()?, steps)
}
