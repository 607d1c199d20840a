use ::base64::Engine as _;
use ::base64::alphabet;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Undoes base64 of either alphabet, padded or not, in one line or several.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let letter = |byte: u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(letter).collect();
    STANDARD.decode(letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_any_spelling_is_undone() {
        for (written, bytes) in [
            ("+/8AaGl2", Some(b"\xfb\xff\0hiv".as_slice())),
            ("-_8AaGl2", Some(b"\xfb\xff\0hiv")),
            ("+/8A\r\naGl2\n", Some(b"\xfb\xff\0hiv")),
            ("aGl2IQ==", Some(b"hiv!")),
            ("aGl2IQ", Some(b"hiv!")),
            ("q=hiv test", None),
        ] {
            assert_eq!(decode(written).as_deref(), bytes, "{written:?}");
        }
    }
}
