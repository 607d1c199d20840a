use std::ops::Range;

use super::{MOST_PARAMETERS, Parameter};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// Messages inside one another at the most; a deeper one comes out in one piece.
const MOST_DEPTH: usize = 16;
/// The greatest number of a field: vendors' messages have far smaller ones, and random bytes far greater.
const GREATEST_FIELD: u64 = 100_000;

/// The fields of a protocol buffers message of which nobody gave us the schema, numbered from outermost to innermost: `1.4.2`.
///
/// The bytes do not say whether a field is text, a message, or neither. What reads as text is text, what has the form of a message to
/// its last byte is one, and the rest comes out in hexadecimal.
pub(crate) fn parameters<'a>(piece: &Piece<'a>, part: Part) -> Vec<Parameter<'a>> {
    let mut reader = Reader { piece, part, parameters: Vec::new() };
    let understood = reader.message(0..piece.bytes.len(), "", 0);
    if understood < piece.bytes.len() {
        reader.parameters.push(Parameter::rest(part, piece.slice(understood..piece.bytes.len())));
    }
    reader.parameters
}

/// Whether these bytes have the form of a message from the first to the last, and are no text.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    !is_text(bytes) && is_message(bytes)
}

/// Where the texts of a message stand. None, where the bytes are no message.
pub(crate) fn texts(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut texts = Vec::new();
    let mut open = if is_one(bytes) { vec![(0..bytes.len(), 0)] } else { Vec::new() };
    while let Some((message, depth)) = open.pop() {
        for field in fields(bytes, message) {
            match field.value {
                Value::Delimited if is_text(&bytes[field.range.clone()]) => texts.push(field.range),
                Value::Delimited if depth < MOST_DEPTH && is_message(&bytes[field.range.clone()]) => open.push((field.range, depth + 1)),
                _ => {}
            }
        }
    }
    texts.truncate(MOST_PARAMETERS);
    texts
}

struct Reader<'p, 'a> {
    piece: &'p Piece<'a>,
    part: Part,
    parameters: Vec<Parameter<'a>>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads a message and says where it stopped.
    fn message(&mut self, range: Range<usize>, prefix: &str, depth: usize) -> usize {
        let mut understood = range.start;
        for field in fields(self.piece.bytes, range) {
            if self.parameters.len() >= MOST_PARAMETERS {
                break;
            }
            understood = field.range.end;
            let name = format!("{prefix}{}", field.number);
            let bytes = &self.piece.bytes[field.range.clone()];
            match field.value {
                Value::Delimited if is_text(bytes) => self.push(name, self.piece.slice(field.range)),
                Value::Delimited if depth < MOST_DEPTH && is_message(bytes) => {
                    understood = self.message(field.range, &format!("{name}."), depth + 1);
                }
                Value::Delimited => self.push(name, self.piece.slice(field.range.clone()).unpacked(hex::encode(bytes).into_bytes())),
                Value::Number(text) => self.push(name, self.piece.slice(field.range).unpacked(text.into_bytes())),
            }
        }
        understood
    }

    fn push(&mut self, name: String, piece: Piece<'a>) {
        let piece = piece.inside(Encoding::Protobuf);
        self.parameters.push(Parameter::new(piece.kept(&name), self.part, piece));
    }
}

/// A field of a message.
struct Field {
    number: u64,
    value: Value,
    /// The bytes of its value.
    range: Range<usize>,
}

enum Value {
    /// Text, a message, or other bytes.
    Delimited,
    Number(String),
}

/// The fields of one message, up to where the bytes are none.
fn fields(bytes: &[u8], message: Range<usize>) -> impl Iterator<Item = Field> {
    let mut at = message.start;
    let bytes = &bytes[..message.end.min(bytes.len())];
    std::iter::from_fn(move || {
        let (tag, start) = varint(bytes, at)?;
        let number = Some(tag >> 3).filter(|number| (1..=GREATEST_FIELD).contains(number))?;
        let (value, range) = match tag & 7 {
            0 => {
                let (value, end) = varint(bytes, start)?;
                (Value::Number(value.to_string()), start..end)
            }
            1 => (Value::Number(eight_bytes(fixed(bytes, start)?)), start..start + 8),
            2 => {
                let (length, start) = varint(bytes, start)?;
                let end = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= bytes.len())?;
                (Value::Delimited, start..end)
            }
            5 => (Value::Number(four_bytes(fixed(bytes, start)?)), start..start + 4),
            // Groups went out of use before any of this was written.
            _ => return None,
        };
        at = range.end;
        Some(Field { number, value, range })
    })
}

/// Whether every byte belongs to a field. What the fields hold is not looked into.
fn is_message(bytes: &[u8]) -> bool {
    !bytes.is_empty() && fields(bytes, 0..bytes.len()).last().is_some_and(|last| last.range.end == bytes.len())
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.chars().any(|character| character.is_control() && !character.is_whitespace()))
}

/// A number in groups of seven bits, the lowest first, and where it ends.
fn varint(bytes: &[u8], from: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for (index, byte) in bytes.get(from..)?.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, from + index + 1));
        }
    }
    None
}

fn fixed<const LENGTH: usize>(bytes: &[u8], from: usize) -> Option<[u8; LENGTH]> {
    bytes.get(from..from.checked_add(LENGTH)?)?.try_into().ok()
}

/// Eight bytes are a fraction where that is of an ordinary size, else a whole number.
fn eight_bytes(bytes: [u8; 8]) -> String {
    let fraction = f64::from_le_bytes(bytes);
    if is_ordinary(fraction) { fraction.to_string() } else { u64::from_le_bytes(bytes).to_string() }
}

fn four_bytes(bytes: [u8; 4]) -> String {
    let fraction = f32::from_le_bytes(bytes);
    if is_ordinary(f64::from(fraction)) { fraction.to_string() } else { u32::from_le_bytes(bytes).to_string() }
}

fn is_ordinary(fraction: f64) -> bool {
    (1e-9..1e15).contains(&fraction.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<String> {
        let found = parameters(&Piece::new(bytes, 10), Part::Body);
        found.iter().map(|one| format!("{}={} {}..{}", one.name, one.piece.text(), one.range().start, one.range().end)).collect()
    }

    /// Made with another program: a text, numbers of each kind, a message in a message, a repeated text, bytes.
    const WHOLE: &str = "0a0476696577108080b3c19c33190000000000c0494025070000002a310a2368747470733a2f2f7777772e636c696e69632e6578616d706c652f6869762f70726570320a120868697620746573742a057072c3a9704a03ff00fe";

    #[test]
    fn every_field_comes_out_with_its_number_and_place() {
        assert_eq!(
            shown(&hex::decode(WHOLE).unwrap()),
            [
                "1=view 12..16",
                "2=1760000000000 17..23",
                "3=51.5 24..32",
                "4=7 33..37",
                "5.1=https://www.clinic.example/hiv/prep 41..76",
                "5.6.2=hiv test 80..88",
                "5=prép 90..95",
                "9=ff00fe 97..100",
            ]
        );
    }

    #[test]
    fn texts_are_found_without_what_stands_beside_them() {
        let bytes = hex::decode(WHOLE).unwrap();
        let texts: Vec<&str> = texts(&bytes).into_iter().map(|range| std::str::from_utf8(&bytes[range]).unwrap()).collect();
        assert_eq!(texts, ["view", "prép", "https://www.clinic.example/hiv/prep", "hiv test"]);
    }

    #[test]
    fn what_is_cut_or_mangled_is_read_as_far_as_it_goes() {
        let whole = hex::decode(WHOLE).unwrap();
        for end in 0..whole.len() {
            for byte in [0x00, 0x07, 0x7f, 0xff] {
                let _ = (shown(&whole[..end]), shown(&[&whole[..end], &[byte][..], &whole[end + 1..]].concat()));
            }
        }
        assert_eq!(shown(b"\x0a\x03cli"), ["1=cli 12..15"]);
        assert_eq!(shown(b"\x0a\x04cli"), ["=\n\u{4}cli 10..15"]);
        assert_eq!(shown(b"\x08\x01\x0b"), ["1=1 11..12", "=\u{b} 12..13"]);
        assert_eq!(shown(b"\x0a\x02\xff\xfe"), ["1=fffe 12..14"]);
        assert_eq!(shown(b""), [""; 0]);
    }

    #[test]
    fn depth_and_number_have_an_end() {
        let mut deep = vec![0x08, 0x01];
        for _ in 0..60 {
            deep = [&[0x0a, u8::try_from(deep.len()).unwrap()][..], &deep].concat();
        }
        assert!(shown(&deep).len() == 1 && shown(&deep)[0].starts_with("1.1.1."));
        assert!(shown(&[0x08, 0x01].repeat(50_000)).len() <= MOST_PARAMETERS + 1);
    }

    #[test]
    fn text_is_no_message() {
        for text in ["{\"a\":1}", "ev=PageView", "", "é", "\n\n\n"] {
            assert!(!is_one(text.as_bytes()), "{text}");
        }
    }
}
