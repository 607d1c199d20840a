use crate::Encoding;
use crate::piece::{Piece, Stretch};

/// Undoes percent-encoding. A `%` that introduces no two hexadecimal digits stands for itself, as browsers have it.
pub(crate) fn decode<'a>(piece: &Piece<'a>, plus_is_space: bool) -> Piece<'a> {
    let source = &piece.bytes[..];
    let Some(first) = next(source, 0, plus_is_space) else { return piece.clone().inside(Encoding::Percent) };
    let mut bytes = Vec::with_capacity(source.len());
    // Every escape moves what follows it.
    let mut stretches = vec![Stretch { at: 0, start: 0 }];
    let (mut copied, mut found) = (0, Some(first));
    while let Some(at) = found {
        bytes.extend_from_slice(&source[copied..at]);
        copied = at + 1;
        match (source[at], escaped(source, at)) {
            (b'%', Some(value)) => {
                bytes.push(value);
                copied = at + 3;
                stretches.push(Stretch { at: bytes.len(), start: copied });
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(other),
        }
        found = next(source, copied, plus_is_space);
    }
    bytes.extend_from_slice(&source[copied..]);
    piece.decoded_in_stretches(bytes, stretches).inside(Encoding::Percent)
}

/// The next byte that may stand for another.
fn next(source: &[u8], from: usize, plus_is_space: bool) -> Option<usize> {
    let rest = &source[from..];
    let found = if plus_is_space { memchr::memchr2(b'%', b'+', rest) } else { memchr::memchr(b'%', rest) };
    found.map(|found| from + found)
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
