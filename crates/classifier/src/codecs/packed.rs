use super::{base64, gunzip, looks_like_json, percent};
use crate::Encoding;
use crate::piece::Piece;

/// Undoes what scripts wrap a JSON document in: base64, gzip inside of that, or percent-encoding inside of that. None if there is no JSON.
pub(crate) fn json<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    if looks_like_json(piece.bytes) {
        return Some(*piece);
    }
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    if piece.bytes.len() < 4 || !piece.bytes.iter().all(is_base64) {
        return None;
    }
    let mut unwrapped = base64(piece)?;
    if let Some(unpacked) = gunzip(&unwrapped) {
        unwrapped = unpacked.inside(Encoding::Gzip);
    } else if unwrapped.bytes.starts_with(b"%7B") || unwrapped.bytes.starts_with(b"%5B") {
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
        ] {
            let found = json(&Piece::new(source.as_bytes(), 0)).unwrap();
            assert_eq!((&*found.text(), found.encodings), (text, &*encodings), "{source}");
        }
        for other in ["", "a=1", "aGl2IHRlc3Q=", "pixel", "é", "H4sIAAAA"] {
            assert!(json(&Piece::new(other.as_bytes(), 0)).is_none(), "{other}");
        }
    }
}
