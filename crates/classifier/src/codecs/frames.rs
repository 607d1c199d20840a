use std::ops::Range;

use super::{MOST_PARAMETERS, looks_like_json};
use crate::piece::Piece;

/// Ends a record of SignalR, and parts the packets of Engine.IO in one body; ends a frame of STOMP.
const SEPARATORS: (u8, u8) = (0x1e, 0);
/// Bytes before the document of a packet at the most.
const MOST_PREFIX: usize = 100;

/// The JSON documents that stand in a text as real-time protocols write them, and what stands between separators beside them: records that
/// end with a control character, a number before a document (Socket.IO), headers before one (STOMP). None, if it is nothing of the kind.
pub(crate) fn frames<'a>(piece: &Piece<'a>) -> Option<Vec<Piece<'a>>> {
    let mut is_one = false;
    let mut frames = Vec::new();
    for range in records(piece.bytes) {
        let record = piece.slice(range);
        let start = document_start(record.bytes);
        is_one |= start.is_some();
        frames.push(record.slice(start.unwrap_or(0)..record.bytes.len()));
    }
    is_one.then_some(frames)
}

/// What stands between separators, where that is something. Past the limit the rest is one.
fn records(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut records = Vec::new();
    let mut start = 0;
    let ends = memchr::memchr2_iter(SEPARATORS.0, SEPARATORS.1, bytes).chain([bytes.len()]);
    for end in ends.take(MOST_PARAMETERS) {
        if start < end {
            records.push(start..end);
        }
        start = end + 1;
    }
    if start < bytes.len() {
        records.push(start..bytes.len());
    }
    records
}

/// Where the document of a record begins.
fn document_start(record: &[u8]) -> Option<usize> {
    if looks_like_json(record) {
        return Some(0);
    }
    let after_headers = memchr::memmem::find(record, b"\n\n").map(|found| found + 2);
    let after_packet =
        || record.iter().take(MOST_PREFIX).position(|byte| matches!(byte, b'[' | b'{')).filter(|at| is_packet(&record[..*at]));
    after_headers.filter(|start| looks_like_json(&record[*start..])).or_else(after_packet)
}

/// `42`, `451-`, `42/chat,7`, and the older `96:42`.
fn is_packet(prefix: &[u8]) -> bool {
    let is_number = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':'));
    let slash = memchr::memchr(b'/', prefix).unwrap_or(prefix.len());
    let (kind, place) = prefix.split_at(slash);
    // After the name of a place stand a comma and the packet's number.
    let number = place.iter().rposition(|byte| *byte == b',').map_or(place, |comma| &place[comma + 1..]);
    kind.first().is_some_and(u8::is_ascii_digit) && is_number(kind) && is_number(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_behind_what_real_time_protocols_put_before_them() {
        for (text, expected) in [
            (r#"42["say",{"a":1}]"#, Some(vec![r#"["say",{"a":1}]"#])),
            (r#"451-["say",1]"#, Some(vec![r#"["say",1]"#])),
            (r#"42/chat/room,7["say"]"#, Some(vec![r#"["say"]"#])),
            (r#"7:42["a"]"#, Some(vec![r#"["a"]"#])),
            ("42[\"a\"]\u{1e}2\u{1e}42[\"b\"]", Some(vec![r#"["a"]"#, "2", r#"["b"]"#])),
            ("{\"type\":6}\u{1e}", Some(vec![r#"{"type":6}"#])),
            ("SEND\ndestination:/a\n\n{\"a\":1}\0", Some(vec![r#"{"a":1}"#])),
            ("say [this]", None),
            ("4 [this]", None),
            ("42/chat[\"a\"]", None),
            ("42", None),
            ("a=1&b=2", None),
            ("\0\0\0", None),
            ("", None),
        ] {
            let found = frames(&Piece::new(text.as_bytes(), 3));
            let found = found.map(|frames| frames.iter().map(|frame| frame.text().into_owned()).collect::<Vec<_>>());
            assert_eq!(found, expected.map(|texts| texts.into_iter().map(str::to_owned).collect()), "{text:?}");
        }
        let last = frames(&Piece::new(br#"42["a"]"#, 3)).unwrap()[0].place();
        assert_eq!((last.start, last.end), (5, 10));
    }

    #[test]
    fn a_flood_of_records_ends_in_one_piece() {
        let text = "{}\0".repeat(MOST_PARAMETERS * 2);
        assert_eq!(frames(&Piece::new(text.as_bytes(), 0)).map(|frames| frames.len()), Some(MOST_PARAMETERS + 1));
    }
}
