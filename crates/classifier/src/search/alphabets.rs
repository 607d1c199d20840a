use std::collections::BTreeMap;
use std::ops::Range;

use data_encoding::BASE32_NOPAD;

use super::decode::{self, Decoded};
use crate::Encoding;

/// Characters in base58 at the most: undoing it takes time that grows with the square of its length, and people's details are short.
const MOST_BASE58: usize = 160;

/// Bytes of text that stand apart as UTF-16 at the least.
const SHORTEST_UTF16: usize = 6;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// What a run of letters and digits hides, where it is text in another alphabet than base64's: hexadecimal, base32, base58.
///
/// Almost any word can be read as one of them. Only what comes out as text counts.
pub(super) fn undone(run: &[u8]) -> Vec<(Encoding, Vec<u8>)> {
    if run.len() < 8 || !run.iter().all(u8::is_ascii_alphanumeric) {
        return Vec::new();
    }
    let mut undone = Vec::new();
    if run.len().is_multiple_of(2) && run.iter().all(u8::is_ascii_hexdigit) {
        undone.extend(hex::decode(run).ok().map(|bytes| (Encoding::Base16, bytes)));
    }
    undone.extend(base32(run).map(|bytes| (Encoding::Base32, bytes)));
    undone.extend(base58(run).map(|bytes| (Encoding::Base58, bytes)));
    undone.retain(|(_, bytes)| decode::is_text(bytes));
    undone
}

fn base32(run: &[u8]) -> Option<Vec<u8>> {
    let is_of_alphabet = |byte: &u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(byte);
    // One case throughout, or it is a word.
    let one_case = !(run.iter().any(u8::is_ascii_uppercase) && run.iter().any(u8::is_ascii_lowercase));
    (one_case && run.iter().all(is_of_alphabet)).then(|| BASE32_NOPAD.decode(&run.to_ascii_uppercase()).ok()).flatten()
}

fn base58(run: &[u8]) -> Option<Vec<u8>> {
    if run.len() > MOST_BASE58 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(run.len());
    for character in run {
        let mut carry = BASE58.iter().position(|letter| letter == character)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    bytes.reverse();
    Some(bytes)
}

/// Undoes quoted-printable. `None` where there is nothing to undo, or an equals sign that quotes nothing: then it is none.
pub(super) fn quoted_printable(text: &[u8]) -> Option<Decoded> {
    let mut quotes = memchr::memchr_iter(b'=', text).peekable();
    quotes.peek()?;
    let quoted = |at: usize| match text.get(at + 1..)? {
        [b'\r', b'\n', ..] => Some((Vec::new(), 3)),
        [b'\n', ..] => Some((Vec::new(), 2)),
        [high, low, ..] if !high.is_ascii_lowercase() && !low.is_ascii_lowercase() => {
            Some((vec![decode::hex_digit(*high)? << 4 | decode::hex_digit(*low)?], 3))
        }
        _ => None,
    };
    let is_all_quoted = quotes.all(|at| quoted(at).is_some());
    is_all_quoted.then(|| decode::rewrite(text, |at| if text[at] == b'=' { quoted(at) } else { None }))
}

/// Texts in UTF-16 inside other bytes, each with where it stood: either byte may come first.
///
/// Only stretches of characters below U+0100 are known among other bytes. After a byte order mark everything is read.
pub(super) fn utf16(bytes: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    if memchr::memchr(0, bytes).is_none() && !matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Vec::new();
    }
    if let [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] = bytes {
        let (units, _) = rest.as_chunks::<2>();
        let unit = if bytes[0] == 0xff { u16::from_le_bytes } else { u16::from_be_bytes };
        let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
        return String::from_utf16(&units).map(|text| vec![(0..bytes.len(), text.into_bytes())]).unwrap_or_default();
    }
    let mut found: Vec<(Range<usize>, Vec<u8>)> =
        [0, 1].into_iter().flat_map(|place_of_letter| stretches(bytes, place_of_letter)).collect();
    // Text with one byte first reads, but for a letter, as text with the other byte first. The longer is what was written.
    found.sort_by_key(|(range, _)| (std::cmp::Reverse(range.len()), range.start));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    found.retain(|(range, _)| super::take(&mut taken, range));
    found
}

/// Stretches in which every second byte is zero and the others are characters.
fn stretches(bytes: &[u8], place_of_letter: usize) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 1 < bytes.len() {
        let start = at;
        let mut text = String::new();
        while let Some([first, second]) = bytes.get(at..at + 2)
            && let (letter, 0) = if place_of_letter == 0 { (*first, *second) } else { (*second, *first) }
            && (letter >= b' ' && letter != 0x7f || letter.is_ascii_whitespace())
        {
            text.push(char::from(letter));
            at += 2;
        }
        if text.len() >= SHORTEST_UTF16 {
            found.push((start..at, text.into_bytes()));
        }
        at = at.max(start + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_another_alphabet_is_undone() {
        for (run, expected) in [
            ("6869762074657374", vec![(Encoding::Base16, "hiv test")]),
            ("68697620746573741", vec![]),
            ("NBUXMIDUMVZXI", vec![(Encoding::Base32, "hiv test")]),
            ("nbuxmidumvzxi", vec![(Encoding::Base32, "hiv test")]),
            ("NBUXMIDumvzxi", vec![]),
            ("JTvkj7Qkhud", vec![(Encoding::Base58, "hiv test")]),
            ("pageview", vec![]),
            ("hiv", vec![]),
            ("0448351a421c3cbdbe08dac305f4e283", vec![]),
        ] {
            let found: Vec<(Encoding, String)> =
                undone(run.as_bytes()).into_iter().map(|(encoding, bytes)| (encoding, String::from_utf8(bytes).unwrap())).collect();
            let expected: Vec<(Encoding, String)> = expected.into_iter().map(|(encoding, text)| (encoding, text.to_owned())).collect();
            assert_eq!(found, expected, "{run}");
        }
    }

    #[test]
    fn quoted_printable_is_all_quoted_or_none() {
        for (text, expected) in [
            ("fi=C3=A8vre", Some("fièvre")),
            ("hiv=20te=\r\nst", Some("hiv test")),
            ("hiv=20te=\nst", Some("hiv test")),
            ("a=1&b=2", None),
            ("a=1f", None),
            ("hiv test", None),
            ("hiv=", None),
        ] {
            let found = quoted_printable(text.as_bytes()).map(|decoded| String::from_utf8(decoded.bytes).unwrap());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn texts_in_utf16_are_found_among_other_bytes() {
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let little = wide("hiv test", u16::to_le_bytes);
        let big = wide("hiv test", u16::to_be_bytes);
        let shown = |bytes: &[u8]| -> Vec<(Range<usize>, String)> {
            utf16(bytes).into_iter().map(|(range, text)| (range, String::from_utf8(text).unwrap())).collect()
        };
        assert_eq!(shown(&little), [(0..16, "hiv test".to_owned())]);
        assert_eq!(shown(&big), [(0..16, "hiv test".to_owned())]);
        assert_eq!(shown(&[&[7, 1, 1][..], &little, &[9, 9]].concat()), [(3..19, "hiv test".to_owned())]);
        assert_eq!(shown(&[&[0xff, 0xfe][..], &wide("東京 hiv", u16::to_le_bytes)].concat()), [(0..14, "東京 hiv".to_owned())]);
        assert_eq!(shown(&[&[0xfe, 0xff][..], &wide("東京 hiv", u16::to_be_bytes)].concat()), [(0..14, "東京 hiv".to_owned())]);
        for none in [&b"hiv test"[..], b"", b"\0", b"h\0i\0", b"\0\0\0\0\0\0\0\0"] {
            assert_eq!(shown(none), [], "{none:?}");
        }
    }
}
