use std::borrow::Cow;
use std::ops::Range;

use crate::Encoding;
use crate::piece::{Piece, Stretch, lossy};

/// Undoes percent-encoding. A `%` that introduces no two hexadecimal digits stands for itself, as browsers have it.
pub(crate) fn decode<'a>(piece: &Piece<'a>, plus_is_space: bool) -> Piece<'a> {
    if is_plain(piece.bytes, plus_is_space) {
        return piece.inside(Encoding::Percent);
    }
    let escapes = memchr::memchr_iter(b'%', piece.bytes).count();
    let (mut bytes, mut stretches) = (piece.growing(piece.bytes.len()), piece.growing(if escapes == 0 { 0 } else { escapes + 1 }));
    undo(piece.bytes, plus_is_space, |byte, ended| {
        bytes.push(byte);
        // Every escape moves what follows it.
        if let Some(start) = ended {
            if stretches.is_empty() {
                stretches.push(Stretch { at: 0, start: 0 });
            }
            stretches.push(Stretch { at: bytes.len(), start });
        }
    });
    piece.decoded_in_stretches(bytes.into_bump_slice(), stretches).inside(Encoding::Percent)
}

/// The same for bytes whose places nobody will ask for.
pub(crate) fn text(bytes: &[u8], plus_is_space: bool) -> Cow<'_, str> {
    if is_plain(bytes, plus_is_space) {
        return lossy(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    undo(bytes, plus_is_space, |byte, _| decoded.push(byte));
    Cow::Owned(lossy(&decoded).into_owned())
}

/// The same for a part of a piece that is a name.
#[inline]
pub(crate) fn name<'a>(piece: &Piece<'a>, range: Range<usize>, plus_is_space: bool) -> &'a str {
    let bytes = &piece.bytes[range];
    if is_plain(bytes, plus_is_space) {
        return piece.kept_text(bytes);
    }
    let mut decoded = piece.growing(bytes.len());
    undo(bytes, plus_is_space, |byte, _| decoded.push(byte));
    piece.kept_text(decoded.into_bump_slice())
}

#[inline]
fn is_plain(bytes: &[u8], plus_is_space: bool) -> bool {
    !bytes.iter().any(|byte| *byte == b'%' || (*byte == b'+' && plus_is_space))
}

/// Gives each byte that is left, and of one that an escape stood for where that ended.
#[inline]
fn undo(source: &[u8], plus_is_space: bool, mut put: impl FnMut(u8, Option<usize>)) {
    let mut at = 0;
    while let Some(byte) = source.get(at) {
        at += 1;
        match byte {
            b'%' if let Some(value) = escaped(source, at) => {
                at += 2;
                put(value, Some(at));
            }
            b'+' if plus_is_space => put(b' ', None),
            other => put(*other, None),
        }
    }
}

/// The byte that two hexadecimal digits here stand for.
fn escaped(source: &[u8], at: usize) -> Option<u8> {
    let [high, low] = source.get(at..at + 2)? else { return None };
    Some(digit(*high)? << 4 | digit(*low)?)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_knows_where_it_stood() {
        for (source, text, range) in [
            ("a+b%20c", "a b c", 10..17),
            ("%E2%9C%93", "✓", 10..19),
            ("100%", "100%", 10..14),
            ("%zz%4", "%zz%4", 10..15),
            ("", "", 10..10),
        ] {
            let piece = decode(&Piece::new(source.as_bytes(), 10), true);
            assert_eq!(piece.text(), text);
            assert_eq!(piece.place().start..piece.place().end, range);
        }
        let inner = decode(&Piece::new(b"q%3Dhiv%2520test", 0), true).slice(2..12);
        assert_eq!(inner.text(), "hiv%20test");
        assert_eq!((inner.place().start, inner.place().end), (4, 16));
        assert_eq!(decode(&inner, true).text(), "hiv test");
        assert_eq!((decode(&inner, true).place().start, decode(&inner, true).place().end), (4, 16));
    }
}
