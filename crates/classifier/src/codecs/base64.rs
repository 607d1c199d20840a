use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::Encoding;
use crate::piece::Piece;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Undoes base64 of either alphabet, padded or not.
pub(crate) fn decode<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    let (bytes, encoding) = undone(piece.bytes)?;
    // Three bytes stand in four characters: a byte begins in the character that holds its first bits.
    let starts = (0..bytes.len()).map(|index| index / 3 * 4 + index % 3).collect();
    Some(piece.decoded(bytes, starts, piece.bytes.len()).inside(encoding))
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
        assert!(decode(&Piece::new(b"not base64!", 0)).is_none());
        assert!(decode(&Piece::new("é".as_bytes(), 0)).is_none());
    }
}
