use crate::{Encoding, codecs};

/// What an encoding hid, and where each byte of it came from.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// For each byte the offset at which it began in the encoded text, and at the end the encoded text's length.
    pub(super) starts: Vec<u32>,
}

impl Decoded {
    fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), starts: Vec::with_capacity(capacity + 1) }
    }

    fn push(&mut self, bytes: &[u8], start: usize) {
        self.bytes.extend_from_slice(bytes);
        self.starts.extend(std::iter::repeat_n(offset(start), bytes.len()));
    }

    fn finish(mut self, length: usize) -> Self {
        self.starts.push(offset(length));
        self
    }
}

/// An offset as it is stored: no carrier here comes near four gigabytes.
pub(super) fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Undoes percent-encoding, and `+` for a space where `plus_is_space`. `None` where there is nothing to undo.
pub(super) fn percent(text: &[u8], plus_is_space: bool) -> Option<Decoded> {
    let has_escape = memchr::memchr_iter(b'%', text).any(|at| percent_escape(text, at).is_some());
    let has_plus = plus_is_space && memchr::memchr(b'+', text).is_some();
    if !has_escape && !has_plus {
        return None;
    }
    Some(rewrite(text, |at| match text[at] {
        b'%' => percent_escape(text, at).map(|byte| (vec![byte], 3)),
        b'+' if plus_is_space => Some((vec![b' '], 1)),
        _ => None,
    }))
}

/// The byte that a percent escape at this place stands for.
pub(super) fn percent_escape(text: &[u8], at: usize) -> Option<u8> {
    match *text.get(at..at + 3)? {
        [b'%', high, low] => Some(hex_digit(high)? << 4 | hex_digit(low)?),
        _ => None,
    }
}

/// Undoes a JSON string's escapes, in a string or in a whole document. `None` where there are none.
pub(super) fn json_string(text: &[u8]) -> Option<Decoded> {
    memchr::memchr_iter(b'\\', text).find(|at| json_escape(text, *at).is_some())?;
    Some(rewrite(text, |at| if text[at] == b'\\' { json_escape(text, at) } else { None }))
}

/// What a JSON escape at this place stands for, and how long it is.
pub(super) fn json_escape(text: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let plain = match text.get(at + 1)? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        byte @ (b'"' | b'\\' | b'/') => *byte,
        b'u' => return unicode_escape(text, at),
        _ => return None,
    };
    Some((vec![plain], 2))
}

/// `\uXXXX`, or two of them that make one character. Half of such a pair on its own stands for nothing that can be searched for.
fn unicode_escape(text: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let first = utf16_unit(text, at)?;
    let second = utf16_unit(text, at + 6);
    match (char::decode_utf16([first]).next()?, second) {
        (Ok(character), _) => Some((utf8(character), 6)),
        (Err(_), Some(second)) => match char::decode_utf16([first, second]).next()? {
            Ok(character) => Some((utf8(character), 12)),
            Err(_) => Some((utf8(char::REPLACEMENT_CHARACTER), 6)),
        },
        (Err(_), None) => Some((utf8(char::REPLACEMENT_CHARACTER), 6)),
    }
}

fn utf16_unit(text: &[u8], at: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = text.get(at..at + 6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | u16::from(hex_digit(*digit)?)))
}

/// Undoes HTML character references. `None` where there are none.
pub(super) fn html(text: &[u8]) -> Option<Decoded> {
    memchr::memchr_iter(b'&', text).find(|at| html_reference(text, *at).is_some())?;
    Some(rewrite(text, |at| if text[at] == b'&' { html_reference(text, at) } else { None }))
}

fn html_reference(text: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let rest = &text[at + 1..text.len().min(at + 12)];
    let length = memchr::memchr(b';', rest)?;
    let name = std::str::from_utf8(&rest[..length]).ok()?;
    let character = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => number.parse().ok(),
        }
        .and_then(char::from_u32),
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character),
    }?;
    Some((utf8(character), length + 2))
}

/// The references that a serialiser writes, and those for characters of addresses, numbers and names.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("commat", '@'),
    ("period", '.'),
    ("plus", '+'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("sol", '/'),
    ("rsquo", '\u{2019}'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("auml", 'ä'),
    ("ntilde", 'ñ'),
    ("ccedil", 'ç'),
];

/// Copies the text; where `escape` reads something, what it stands for takes its place.
pub(super) fn rewrite(text: &[u8], escape: impl Fn(usize) -> Option<(Vec<u8>, usize)>) -> Decoded {
    let mut decoded = Decoded::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (bytes, length) = escape(at).unwrap_or_else(|| (Vec::new(), 0));
        if length == 0 {
            decoded.bytes.push(text[at]);
            decoded.starts.push(offset(at));
            at += 1;
        } else {
            decoded.push(&bytes, at);
            at += length;
        }
    }
    decoded.finish(text.len())
}

fn utf8(character: char) -> Vec<u8> {
    character.to_string().into_bytes()
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The six bits that a character of either base64 alphabet stands for.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The whole bytes in characters of either base64 alphabet; bits left over at the end are dropped.
pub(super) fn base64(characters: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(characters.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for value in characters.iter().filter_map(|character| sextet(*character)) {
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

/// Bare deflate and brotli have no header to know them by: they count only if all of the bytes unpack to text.
pub(super) fn unmarked(bytes: &[u8], limit: usize) -> Option<(Encoding, Vec<u8>)> {
    [Encoding::Deflate, Encoding::Brotli].into_iter().find_map(|encoding| {
        let out = codecs::decompressed(&encoding, bytes, limit)?;
        (out.is_whole && out.bytes.len() >= 8 && is_text(&out.bytes)).then_some((encoding, out.bytes))
    })
}

/// Whether these bytes read as text, perhaps cut off inside its last character.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    valid && !bytes.is_empty() && !bytes.iter().any(|byte| (*byte < b' ' && !byte.is_ascii_whitespace()) || *byte == 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_each_byte_knows_where_it_came_from() {
        for (decoded, expected, starts) in [
            (percent(b"a%20b%zz", false), Some("a b%zz"), vec![0, 1, 4, 5, 6, 7, 8]),
            (percent(b"a+b", true), Some("a b"), vec![0, 1, 2, 3]),
            (percent(b"%C3%A9", false), Some("é"), vec![0, 3, 6]),
            (percent(b"a+b%", false), None, vec![]),
            (json_string(br#"\u0061\""#), Some("a\""), vec![0, 6, 8]),
            (json_string(br"\ud83d\ude00"), Some("😀"), vec![0, 0, 0, 0, 12]),
            (json_string(br"\ud83d!"), Some("\u{fffd}!"), vec![0, 0, 0, 6, 7]),
            (json_string(br"\u12 \q \"), None, vec![]),
            (html(b"a&#64;&#x62;&amp;"), Some("a@b&"), vec![0, 1, 6, 12, 17]),
            (html(b"a=1&b=2;&#99999999999;&"), None, vec![]),
        ] {
            let decoded = decoded.map(|decoded| (String::from_utf8(decoded.bytes).unwrap(), decoded.starts));
            assert_eq!(decoded, expected.map(|text| (text.to_owned(), starts)));
        }
    }

    #[test]
    fn base64_needs_neither_padding_nor_one_alphabet() {
        for (characters, expected) in
            [("aGl2IHRlc3Q", &b"hiv test"[..]), ("_-8", &[0xff, 0xef]), ("/+8", &[0xff, 0xef]), ("a", &[]), ("", &[])]
        {
            assert_eq!(base64(characters.as_bytes()), expected);
        }
    }
}
