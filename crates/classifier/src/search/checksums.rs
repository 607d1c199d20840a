use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use pixelwitness_recording::Canary;

use super::{Hit, algorithms, normalise};
use crate::{Algorithm, Encoding};

/// Numbers of 32 bits that are made of canaries. One in about four thousand million numbers is any of them by chance, and a recording holds
/// many numbers: see [`without_lonely`].
pub(super) struct Checksums {
    known: HashMap<u32, Vec<Known>>,
}

#[derive(Clone)]
struct Known {
    canary: usize,
    digest: Encoding,
}

/// A number that stands in some bytes.
pub(super) struct Found {
    pub(super) canary: usize,
    pub(super) range: Range<usize>,
    /// As it is written.
    pub(super) value: String,
    /// How it is written and what it is of, outermost first.
    pub(super) chain: Vec<Encoding>,
}

impl Checksums {
    pub(super) fn new(canaries: &[Canary]) -> Self {
        let mut known: HashMap<u32, Vec<Known>> = HashMap::new();
        for (index, canary) in canaries.iter().enumerate() {
            let mut texts = BTreeSet::new();
            for steps in normalise::known_steps(canary.kind) {
                let Some(text) = normalise::normalised(&canary.value, steps) else { continue };
                if super::is_too_short(&text) || !texts.insert(text.clone()) {
                    continue;
                }
                for algorithm in algorithms::SHORT {
                    let digest = Encoding::Digest { algorithm: *algorithm, normalised: steps.to_vec() };
                    known.entry(number(*algorithm, &text)).or_default().push(Known { canary: index, digest });
                }
            }
        }
        Self { known }
    }

    /// Numbers that stand by themselves, as eight hexadecimal digits or in decimal, negative ones too.
    pub(super) fn find(&self, bytes: &[u8], found: &mut Vec<Found>) {
        if self.known.is_empty() {
            return;
        }
        let mut start = 0;
        for at in 0..=bytes.len() {
            if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                continue;
            }
            if (5..=10).contains(&(at - start)) {
                self.look_up(bytes, start..at, found);
            }
            start = at + 1;
        }
    }

    fn look_up(&self, bytes: &[u8], word: Range<usize>, found: &mut Vec<Found>) {
        let Ok(text) = std::str::from_utf8(&bytes[word.clone()]) else { return };
        if text.len() == 8
            && let Ok(number) = u32::from_str_radix(text, 16)
        {
            self.note(number, word.clone(), bytes, &[], found);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        if let Ok(number) = text.parse::<u32>() {
            self.note(number, word.clone(), bytes, &[Encoding::Decimal], found);
        }
        if word.start > 0
            && bytes[word.start - 1] == b'-'
            && let Ok(number) = format!("-{text}").parse::<i32>()
        {
            self.note(number.cast_unsigned(), word.start - 1..word.end, bytes, &[Encoding::Decimal], found);
        }
    }

    fn note(&self, number: u32, range: Range<usize>, bytes: &[u8], writing: &[Encoding], found: &mut Vec<Found>) {
        for known in self.known.get(&number).into_iter().flatten() {
            let value = String::from_utf8_lossy(&bytes[range.clone()]).into_owned();
            let chain = [writing, std::slice::from_ref(&known.digest)].concat();
            found.push(Found { canary: known.canary, range: range.clone(), value, chain });
        }
    }
}

fn number(algorithm: Algorithm, text: &str) -> u32 {
    algorithms::digest(algorithm, text.as_bytes()).iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// A checksum of 32 bits proves nothing alone. Two of different canaries by one algorithm in one request do: by chance that happens once
/// in some ten thousand million requests that hold a thousand numbers each, where thirty are looked for.
pub(super) fn without_lonely(hits: Vec<Hit>) -> Vec<Hit> {
    let algorithm = |hit: &Hit| match hit.encodings.last() {
        Some(Encoding::Digest { algorithm, .. }) if algorithms::SHORT.contains(algorithm) => Some(*algorithm),
        _ => None,
    };
    let mut canaries: HashMap<Algorithm, BTreeSet<usize>> = HashMap::new();
    for hit in &hits {
        if let Some(algorithm) = algorithm(hit) {
            canaries.entry(algorithm).or_default().insert(hit.canary);
        }
    }
    if canaries.is_empty() {
        return hits;
    }
    hits.into_iter().filter(|hit| algorithm(hit).is_none_or(|algorithm| canaries[&algorithm].len() >= 2)).collect()
}
