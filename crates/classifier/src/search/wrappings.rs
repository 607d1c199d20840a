use std::ops::Range;

use super::alphabets;
use super::decode;
use super::layers::{BYTES_UNPACKED, LONG_BASE64, Layer, Walk};
use crate::{Encoding, codecs};

/// Base64 of fewer characters is found only where it is the whole value: any short word can be read as it.
const SHORTEST_BASE64: usize = 8;

/// Characters of lz-string at the least.
const SHORTEST_LZ_STRING: usize = 12;

/// Where in a layer gzip is looked for.
const MOST_STARTS: usize = 8;

impl Walk<'_> {
    /// The layers that are wrapped in this one.
    pub(super) fn inside(&mut self, layer: &Layer<'_>, runs: &[Range<usize>]) -> Vec<Layer<'static>> {
        let mut inside = Vec::new();
        let is_utf8 = std::str::from_utf8(&layer.bytes).is_ok();
        self.inside_escapes(layer, &mut inside);
        self.inside_base64(layer, runs, &mut inside);
        self.inside_other_alphabets(layer, runs, &mut inside);
        if !is_utf8 {
            self.inside_compression(layer, &mut inside);
        }
        if !decode::is_text(&layer.bytes) {
            self.inside_binary(layer, &mut inside);
        }
        inside
    }

    fn inside_escapes(&mut self, layer: &Layer<'_>, inside: &mut Vec<Layer<'static>>) {
        for (encoding, decoded) in [
            (Encoding::Percent, decode::percent(&layer.bytes, layer.plus_is_space)),
            (Encoding::JsonString, decode::json_string(&layer.bytes)),
            (Encoding::HtmlEntity, decode::html(&layer.bytes)),
            // In a carrier as a whole, `=` parts a name from its value.
            (Encoding::QuotedPrintable, alphabets::quoted_printable(&layer.bytes).filter(|_| !layer.is_carrier())),
        ] {
            if let Some(decoded) = decoded.filter(|decoded| self.afford(decoded.bytes.len())) {
                inside.push(layer.decoded(encoding, decoded));
            }
        }
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
            let reads_well = decode::is_text(&bytes) || matches!(codecs::marked(&bytes), Some(Encoding::Gzip | Encoding::Zstd));
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

    /// Hexadecimal, base32 and base58 of text, and lz-string.
    fn inside_other_alphabets(&mut self, layer: &Layer<'_>, runs: &[Range<usize>], inside: &mut Vec<Layer<'static>>) {
        for run in runs {
            if run.len() >= SHORTEST_LZ_STRING {
                self.inside_lz_string(layer, run.clone(), inside);
            }
            let parts = pieces(&layer.bytes, run.clone());
            let all = layer.bytes[run.clone()].iter().all(u8::is_ascii_alphanumeric).then(|| run.clone());
            for piece in parts.into_iter().chain(all) {
                for (encoding, bytes) in alphabets::undone(&layer.bytes[piece.clone()]) {
                    if self.afford(bytes.len()) {
                        inside.push(layer.opaque(encoding, bytes, piece.clone()));
                    }
                }
            }
        }
        let foreign = layer.bytes.iter().filter(|byte| !byte.is_ascii()).count();
        if foreign * 2 > layer.bytes.len() {
            self.inside_lz_string(layer, 0..layer.bytes.len(), inside);
        }
    }

    fn inside_lz_string(&mut self, layer: &Layer<'_>, range: Range<usize>, inside: &mut Vec<Layer<'static>>) {
        if let Some((encoding, text)) = codecs::lz_string(&layer.bytes[range.clone()]).filter(|(_, text)| self.afford(text.len())) {
            inside.push(layer.opaque(encoding, text, range));
        }
    }

    fn inside_compression(&mut self, layer: &Layer<'_>, inside: &mut Vec<Layer<'static>>) {
        let starts = memchr::memmem::find_iter(&layer.bytes, b"\x1f\x8b\x08").filter(|at| *at > 0).take(MOST_STARTS);
        for start in std::iter::once(0).chain(starts) {
            let bytes = &layer.bytes[start..];
            let limit = self.budget.min(BYTES_UNPACKED);
            let unpacked = match codecs::marked(bytes) {
                Some(encoding) => codecs::decompressed(&encoding, bytes, limit).map(|out| {
                    self.cut_short |= out.bytes.len() == limit;
                    (encoding, out.bytes)
                }),
                None => decode::unmarked(bytes, limit),
            };
            if let Some((encoding, unpacked)) = unpacked.filter(|(_, unpacked)| self.afford(unpacked.len())) {
                inside.push(layer.opaque(encoding, unpacked, start..layer.bytes.len()));
            }
        }
    }

    /// Texts in bytes that are none themselves: each apart from its length and its neighbours, which can look like letters of it.
    fn inside_binary(&mut self, layer: &Layer<'_>, inside: &mut Vec<Layer<'static>>) {
        let texts = codecs::protobuf_texts(&layer.bytes).into_iter().map(|range| (Encoding::Protobuf, range));
        for (encoding, range) in texts.chain(codecs::msgpack_texts(&layer.bytes).into_iter().map(|range| (Encoding::Msgpack, range))) {
            if self.afford(range.len()) {
                inside.push(layer.part(encoding, range));
            }
        }
        for (range, text) in alphabets::utf16(&layer.bytes) {
            if self.afford(text.len()) {
                inside.push(layer.opaque(Encoding::Utf16, text, range));
            }
        }
    }
}

/// Whether a layer that is not looked into any more plainly holds another: an escape, base64 of text, or something packed.
pub(super) fn holds_another(layer: &Layer<'_>, runs: &[Range<usize>]) -> bool {
    if !decode::is_text(&layer.bytes) {
        return matches!(codecs::marked(&layer.bytes), Some(Encoding::Gzip | Encoding::Zstd));
    }
    let is_base64_of_text = |run: &Range<usize>| {
        let characters = &layer.bytes[run.clone()];
        characters.len() >= SHORTEST_BASE64 && characters.iter().any(u8::is_ascii_uppercase) && decode::is_text(&decode::base64(characters))
    };
    decode::percent(&layer.bytes, false).is_some() || runs.iter().any(is_base64_of_text)
}

/// Where characters of base64 stand together, four or more.
pub(super) fn base64_runs(bytes: &[u8]) -> Vec<Range<usize>> {
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

pub(super) const IN_BASE64: [bool; 256] = {
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
