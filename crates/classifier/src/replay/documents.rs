use std::borrow::Cow;

use serde_json::Value;

use crate::codecs;
use crate::piece::{Arena, Piece};

/// Things inside one another that are unpacked.
const MOST_LAYERS: usize = 4;
/// Documents of one body at the most.
const MOST_DOCUMENTS: usize = 2_000;
/// Bytes that may come out of all the strings of one body.
const MOST_BYTES: usize = 32 << 20;

/// The JSON documents in a body: it is one, or has one a line, or parts that are; packed or not. Documents in their strings follow them.
pub(super) fn of(body: &[u8], content_encoding: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut left = MOST_BYTES;
    let arena = Arena::default();
    let body = codecs::unpacked(Piece::kept_in(&arena, body, 0), content_encoding).bytes;
    read(body, 0, &mut left, &mut found);
    found
}

fn read(bytes: &[u8], layer: usize, left: &mut usize, found: &mut Vec<Value>) {
    if layer > MOST_LAYERS || found.len() >= MOST_DOCUMENTS {
        return;
    }
    let bytes: Cow<'_, [u8]> = match codecs::marked(bytes).and_then(|encoding| codecs::decompressed(&encoding, bytes, *left)) {
        Some(out) => Cow::Owned(out.bytes),
        None => Cow::Borrowed(bytes),
    };
    let Some(rest) = left.checked_sub(bytes.len()) else { return };
    *left = rest;
    if let Ok(document) = serde_json::from_slice::<Value>(&bytes) {
        in_strings(&document, layer, left, found);
        found.push(document);
        return;
    }
    if bytes.starts_with(b"--") {
        return parts(&bytes, layer, left, found);
    }
    lines(&bytes, layer, left, found);
}

/// Documents that stand in a document's strings, as they are or packed with each byte as a character.
fn in_strings(value: &Value, layer: usize, left: &mut usize, found: &mut Vec<Value>) {
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => read(text.as_bytes(), layer + 1, left, found),
        Value::String(text) if text.starts_with("\u{1f}\u{8b}") => {
            let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
            if let Some(bytes) = bytes {
                read(&bytes, layer + 1, left, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| in_strings(item, layer, left, found)),
        Value::Object(members) => members.values().for_each(|member| in_strings(member, layer, left, found)),
        _ => {}
    }
}

/// One document a line; what is packed may hold line breaks, and is tried to the end of the body.
fn lines(bytes: &[u8], layer: usize, left: &mut usize, found: &mut Vec<Value>) {
    let mut at = 0;
    while at < bytes.len() && found.len() < MOST_DOCUMENTS {
        if at > 0 && codecs::marked(&bytes[at..]).is_some() {
            return read(&bytes[at..], layer + 1, left, found);
        }
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        if let Ok(document) = serde_json::from_slice::<Value>(&bytes[at..end]) {
            in_strings(&document, layer, left, found);
            found.push(document);
        }
        at = end + 1;
    }
}

fn parts(bytes: &[u8], layer: usize, left: &mut usize, found: &mut Vec<Value>) {
    let boundary = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    if boundary.len() < 3 {
        return;
    }
    let starts: Vec<usize> = memchr::memmem::find_iter(bytes, boundary).collect();
    for (index, start) in starts.iter().enumerate() {
        let part = &bytes[start + boundary.len()..starts.get(index + 1).copied().unwrap_or(bytes.len())];
        if let Some(head) = memchr::memmem::find(part, b"\r\n\r\n") {
            let content = &part[head + 4..];
            read(content.strip_suffix(b"\r\n").unwrap_or(content), layer + 1, left, found);
        }
    }
}
