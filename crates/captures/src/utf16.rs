//! Text in UTF-16, as Windows PowerShell writes it where a command's output is put into a file.

use std::io::{self, BufRead, Read};

/// Stands for what is no character: no byte of UTF-8, so that whoever reads on notices it as they notice any other.
const NO_CHARACTER: u8 = 0xff;

/// The same text in UTF-8, whichever of the two it is in.
pub(crate) fn in_utf8<'a>(mut source: impl BufRead + 'a) -> Box<dyn BufRead + 'a> {
    match Order::of(source.fill_buf().unwrap_or_default()) {
        Some(order) => Box::new(Utf16 { source, order, half: None, high: None, ready: Vec::new(), at: 0 }),
        None => Box::new(source),
    }
}

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    /// By the byte order mark; without one, by the zeros that every other byte of plain letters is.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] | [1..=127, 0, 1..=127, 0, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] | [0, 1..=127, 0, 1..=127, ..] => Some(Self::Big),
            _ => None,
        }
    }

    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// Decodes while it is read.
struct Utf16<R> {
    source: R,
    order: Order,
    /// The first byte of a unit whose second is yet to come.
    half: Option<u8>,
    /// The first unit of a pair.
    high: Option<u16>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Utf16<R> {
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() {
            let bytes = self.source.fill_buf()?;
            let length = bytes.len();
            if length == 0 {
                if self.high.take().is_some() | self.half.take().is_some() {
                    self.ready.push(NO_CHARACTER);
                }
                return Ok(());
            }
            for &byte in bytes {
                let Some(first) = self.half.take() else {
                    self.half = Some(byte);
                    continue;
                };
                push(&mut self.ready, &mut self.high, self.order.unit([first, byte]));
            }
            self.source.consume(length);
        }
        Ok(())
    }
}

fn push(ready: &mut Vec<u8>, high: &mut Option<u16>, unit: u16) {
    if let Some(first) = high.take() {
        if let Some(Ok(character)) = char::decode_utf16([first, unit]).next() {
            ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
        ready.push(NO_CHARACTER);
    }
    match char::from_u32(u32::from(unit)) {
        Some(character) => ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None if (0xd800..0xdc00).contains(&unit) => *high = Some(unit),
        None => ready.push(NO_CHARACTER),
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Utf16<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.ready.len() {
            self.fill()?;
        }
        Ok(&self.ready[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

/// What is said of places where bytes are no characters.
pub(crate) const WITHOUT_CHARACTERS: &str = "whose bytes are no characters: what stood there is not known, and is shown as \u{fffd}";

/// Places where bytes are no characters, each of which is shown as U+FFFD.
pub(crate) fn places_without_characters(bytes: &[u8]) -> usize {
    if std::str::from_utf8(bytes).is_ok() {
        return 0;
    }
    bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_either_order_with_a_mark_and_without() {
        let little = |units: &[u16]| units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>();
        let big = |units: &[u16]| units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<u8>>();
        let text = "{\"Zürich\": \"\u{1f600}\"}";
        let units: Vec<u16> = text.encode_utf16().collect();
        let marked: Vec<u16> = "\u{feff}".encode_utf16().chain(units.iter().copied()).collect();
        let lone = |units: &[u16]| little(&[&[0xfeff], units].concat());
        for (bytes, read) in [
            (little(&marked), format!("\u{feff}{text}").into_bytes()),
            (big(&marked), format!("\u{feff}{text}").into_bytes()),
            (little(&units), text.as_bytes().to_vec()),
            (big(&units), text.as_bytes().to_vec()),
            (text.as_bytes().to_vec(), text.as_bytes().to_vec()),
            (lone(&[0x61, 0xd83d, 0x62]), b"\xef\xbb\xbfa\xffb".to_vec()),
            (lone(&[0x61, 0xde00, 0x62]), b"\xef\xbb\xbfa\xffb".to_vec()),
            (lone(&[0xd83d, 0xd83d, 0xde00]), b"\xef\xbb\xbf\xff\xf0\x9f\x98\x80".to_vec()),
            (lone(&[0x61, 0xd83d]), b"\xef\xbb\xbfa\xff".to_vec()),
            ([lone(&[0x61]), vec![0x62]].concat(), b"\xef\xbb\xbfa\xff".to_vec()),
            (vec![], vec![]),
        ] {
            for size in [4, 5, 100] {
                let mut found = Vec::new();
                in_utf8(io::BufReader::with_capacity(size, &bytes[..])).read_to_end(&mut found).unwrap();
                assert_eq!(found, read, "{bytes:x?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_place_without_characters_is_one_whatever_its_length() {
        for (bytes, places) in [(&b"caf\xc3\xa9"[..], 0), (b"caf\xe9", 1), (b"\xe9t\xe9", 2), (b"\xe2\x82", 1), (b"", 0)] {
            assert_eq!(places_without_characters(bytes), places, "{bytes:x?}");
            assert_eq!(String::from_utf8_lossy(bytes).matches('\u{fffd}').count(), places);
        }
    }
}
