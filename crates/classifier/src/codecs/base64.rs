use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::Encoding;
use crate::piece::Piece;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Characters of base64 that stand for text at the least.
const LEAST_TEXT: usize = 8;
/// Characters by which most of what is no base64 of text is told. A multiple of four.
const LOOKED_AT_FIRST: usize = 64;

/// Undoes base64 of either alphabet, padded or not.
pub(crate) fn decode<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    let (bytes, encoding) = undone(piece.bytes)?;
    // Three bytes stand in four characters: a byte begins in the character that holds its first bits.
    let starts = (0..bytes.len()).map(|index| index / 3 * 4 + index % 3).collect();
    Some(piece.decoded(bytes, starts, piece.bytes.len()).inside(encoding))
}

/// The same where it stands for text. Most words and numbers are base64 of something.
pub(crate) fn text<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    let beginning = &piece.bytes[..piece.bytes.len().min(LOOKED_AT_FIRST)];
    let may_be_text = piece.bytes.len() >= LEAST_TEXT && undone(beginning).is_some_and(|(bytes, _)| is_text(&bytes, false));
    may_be_text.then(|| decode(piece)).flatten().filter(|inner| is_text(inner.bytes, true))
}

/// Whether these bytes are text without control characters; where they are not `whole`, the last character may be cut.
fn is_text(bytes: &[u8], whole: bool) -> bool {
    let (valid, is_cut) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(), error.error_len().is_none()),
    };
    let is_all = valid.len() == bytes.len() || is_cut && !whole;
    is_all && !valid.chars().any(|character| character.is_control() && !character.is_whitespace())
}

/// The same for text whose places nobody will ask for.
pub(crate) fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    undone(text).map(|(bytes, _)| bytes)
}

fn undone(text: &[u8]) -> Option<(Vec<u8>, Encoding)> {
    let standard = STANDARD.decode(text).map(|bytes| (bytes, Encoding::Base64));
    standard.or_else(|_| URL_SAFE.decode(text).map(|bytes| (bytes, Encoding::Base64Url))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read() {
        for (source, bytes, encoding) in [
            ("aGl2IHRlc3Q=", &b"hiv test"[..], Encoding::Base64),
            ("aGl2IHRlc3Q", b"hiv test", Encoding::Base64),
            ("-_-_", &[0xfb, 0xff, 0xbf], Encoding::Base64Url),
        ] {
            let piece = decode(&Piece::new(source.as_bytes(), 5)).unwrap();
            assert_eq!(*piece.bytes, *bytes);
            assert_eq!(*piece.encodings, [encoding]);
            assert_eq!((piece.place().start, piece.place().end), (5, 5 + source.len()));
        }
        for (source, expected) in [
            ("aGl2IHRlc3Q=", Some("hiv test")),
            ("aGl2IMOpIHRlc3Q", Some("hiv é test")),
            ("aGl2IHRl\u{e9}", None),
            ("AAAAAAAAAAAA", None),
            ("conversion", None),
            ("0123456789abcdef0123456789abcdef", None),
            ("aGl2IH", None),
        ] {
            assert_eq!(text(&Piece::new(source.as_bytes(), 5)).map(|piece| piece.text()).as_deref(), expected, "{source}");
        }
        let long = STANDARD.encode("é".repeat(100));
        assert_eq!(text(&Piece::new(long.as_bytes(), 0)).map(|piece| piece.bytes.len()), Some(200));
        assert!(decode(&Piece::new(b"not base64!", 0)).is_none());
        assert!(decode(&Piece::new("é".as_bytes(), 0)).is_none());
    }
}
