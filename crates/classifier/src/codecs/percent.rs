use crate::Encoding;
use crate::piece::Piece;

/// Undoes percent-encoding. A `%` that introduces no two hexadecimal digits stands for itself, as browsers have it.
pub(crate) fn decode(piece: &Piece, plus_is_space: bool) -> Piece {
    let source = &piece.bytes;
    let (mut bytes, mut starts) = (Vec::with_capacity(source.len()), Vec::with_capacity(source.len() + 1));
    let mut at = 0;
    while let Some(byte) = source.get(at) {
        starts.push(at);
        match (byte, escaped(source, at)) {
            (b'%', Some(value)) => {
                bytes.push(value);
                at += 3;
                continue;
            }
            (b'+', _) if plus_is_space => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        at += 1;
    }
    piece.decoded(bytes, starts, source.len()).inside(Encoding::Percent)
}

fn escaped(source: &[u8], at: usize) -> Option<u8> {
    let digit = |index: usize| source.get(index).and_then(|byte| char::from(*byte).to_digit(16));
    let value = digit(at + 1)? * 16 + digit(at + 2)?;
    u8::try_from(value).ok()
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
