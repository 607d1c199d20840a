use super::{base64, compression, looks_like_json, lz_string, percent};
use crate::piece::Piece;

/// Undoes what scripts wrap a JSON document in: base64, and inside of that a compression or percent-encoding; or lz-string. None if there is
/// no JSON.
pub(crate) fn json<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    if looks_like_json(piece.bytes) {
        return Some(*piece);
    }
    if let Some((encoding, text)) = lz_string::unpacked(piece.bytes).filter(|(_, text)| looks_like_json(text)) {
        return Some(piece.unpacked(text).inside(encoding));
    }
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    if piece.bytes.len() < 4 || !piece.bytes.iter().all(is_base64) {
        return None;
    }
    let mut unwrapped = compression::unpacked(base64(piece)?, "");
    if unwrapped.bytes.starts_with(b"%7B") || unwrapped.bytes.starts_with(b"%5B") {
        unwrapped = percent::decode(&unwrapped, false);
    }
    looks_like_json(unwrapped.bytes).then_some(unwrapped)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::Encoding;

    #[test]
    fn json_is_found_in_its_wrappings() {
        let text = r#"{"a":1}"#;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        let packed = STANDARD.encode(encoder.finish().unwrap());
        assert!(packed.starts_with("H4sI"));
        for (source, encodings) in [
            (text.to_owned(), vec![]),
            (STANDARD.encode(text), vec![Encoding::Base64]),
            (packed, vec![Encoding::Base64, Encoding::Gzip]),
            (STANDARD.encode("%7B%22a%22%3A1%7D"), vec![Encoding::Base64, Encoding::Percent]),
            (STANDARD.encode(zstd::encode_all(text.as_bytes(), 0).unwrap()), vec![Encoding::Base64, Encoding::Zstd]),
            ("N4IghiBcCMC+Q===".to_owned(), vec![Encoding::LzString]),
        ] {
            let found = json(&Piece::new(source.as_bytes(), 0)).unwrap();
            assert_eq!((&*found.text(), found.encodings), (text, &*encodings), "{source}");
        }
        for other in ["", "a=1", "aGl2IHRlc3Q=", "pixel", "é", "H4sIAAAA"] {
            assert!(json(&Piece::new(other.as_bytes(), 0)).is_none(), "{other}");
        }
    }
}
