use std::borrow::Cow;

use super::json::{self, Document, Node};
use super::{Content, JsonShape, MOST_PARAMETERS};
use crate::Encoding;
use crate::piece::{Arena, Piece};

/// Nesting at the most; what lies deeper comes out in one piece.
const MOST_DEPTH: usize = 32;
/// Bytes of a key that are kept.
const MOST_KEY: usize = 200;

/// The parameters of a MessagePack body, named as those of the same document in JSON would be.
pub(crate) fn content<'a>(piece: &Piece<'a>, shape: JsonShape<'_>) -> Content<'a> {
    json::arranged(document(piece), piece, shape)
}

/// Whether these bytes are a map or a list in MessagePack from the first to the last.
pub(crate) fn is_one(piece: &Piece<'_>) -> bool {
    let begins = piece.bytes.first().is_some_and(|first| matches!(first, 0x81..=0x9f | 0xdc..=0xdf));
    begins && document(piece).complete
}

/// Where the texts of a document stand, its keys left out. None, where the bytes are no document.
pub(crate) fn texts(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let arena = Arena::default();
    let piece = Piece::kept_in(&arena, bytes, 0);
    if !is_one(&piece) {
        return Vec::new();
    }
    let leaves = document(&piece).nodes.into_iter().filter(|node| !node.container);
    leaves.map(|leaf| leaf.piece.place()).map(|place| place.start..place.end).collect()
}

/// Takes a document apart.
pub(crate) fn document<'a>(piece: &Piece<'a>) -> Document<'a> {
    let mut reader = Reader { piece, at: 0, path: Vec::new(), nodes: Vec::new() };
    let read = reader.value();
    let complete = read.is_some() && reader.at == piece.bytes.len();
    Document { nodes: reader.nodes, understood: reader.at, complete }
}

struct Reader<'p, 'a> {
    piece: &'p Piece<'a>,
    at: usize,
    path: Vec<String>,
    nodes: Vec<Node<'a>>,
}

impl<'a> Reader<'_, 'a> {
    fn value(&mut self) -> Option<()> {
        if self.nodes.len() >= MOST_PARAMETERS || self.path.len() > MOST_DEPTH {
            return None;
        }
        let start = self.at;
        let read = self.value_from(start);
        if read.is_none() && self.at == start + 1 {
            self.at = start;
        }
        read
    }

    fn value_from(&mut self, start: usize) -> Option<()> {
        let tag = *self.piece.bytes.get(start)?;
        self.at += 1;
        match tag {
            0x00..=0x7f => self.leaf(start, tag.to_string()),
            0x80..=0x8f => self.map(start, usize::from(tag & 0x0f)),
            0x90..=0x9f => self.list(start, usize::from(tag & 0x0f)),
            0xa0..=0xbf => self.text(usize::from(tag & 0x1f)),
            0xc0 => self.leaf(start, "null".to_owned()),
            0xc2 => self.leaf(start, "false".to_owned()),
            0xc3 => self.leaf(start, "true".to_owned()),
            0xc4..=0xc6 => self.bytes(1 << (tag - 0xc4)),
            0xc7..=0xc9 => self.extension(1 << (tag - 0xc7)),
            0xca => self.number(start, 4, |bits| f32::from_bits(bits as u32).to_string()),
            0xcb => self.number(start, 8, |bits| f64::from_bits(bits).to_string()),
            0xcc..=0xcf => self.number(start, 1 << (tag - 0xcc), |bits| bits.to_string()),
            0xd0 => self.number(start, 1, |bits| (bits as u8 as i8).to_string()),
            0xd1 => self.number(start, 2, |bits| (bits as u16 as i16).to_string()),
            0xd2 => self.number(start, 4, |bits| (bits as u32 as i32).to_string()),
            0xd3 => self.number(start, 8, |bits| (bits as i64).to_string()),
            0xd4..=0xd8 => self.raw(1 + (1 << (tag - 0xd4))),
            0xd9..=0xdb => {
                let length = self.length(1 << (tag - 0xd9))?;
                self.text(length)
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (tag - 0xdc))?;
                self.list(start, length)
            }
            0xde | 0xdf => {
                let length = self.length(2 << (tag - 0xde))?;
                self.map(start, length)
            }
            0xe0..=0xff => self.leaf(start, (tag as i8).to_string()),
            0xc1 => None,
        }
    }

    fn map(&mut self, start: usize, length: usize) -> Option<()> {
        self.container(start, length, |reader, _| {
            let key = reader.key()?;
            reader.path.push(key);
            reader.value()
        })
    }

    fn list(&mut self, start: usize, length: usize) -> Option<()> {
        self.container(start, length, |reader, index| {
            reader.path.push(index.to_string());
            reader.value()
        })
    }

    fn container(&mut self, start: usize, length: usize, item: impl Fn(&mut Self, usize) -> Option<()>) -> Option<()> {
        let (node, depth) = (self.nodes.len(), self.path.len());
        self.push(self.piece.slice(start..start), true);
        for index in 0..length {
            let read = item(self, index);
            self.path.truncate(depth);
            read?;
        }
        // Only its place is told: its bytes are no text, and what it holds comes out by itself.
        self.nodes[node].piece = self.piece.slice(start..self.at).unpacked(Vec::new());
        Some(())
    }

    /// A key, as text whatever it is.
    fn key(&mut self) -> Option<String> {
        let mut reader = Reader { piece: self.piece, at: self.at, path: vec![String::new(); MOST_DEPTH], nodes: Vec::new() };
        reader.value()?;
        self.at = reader.at;
        let mut key = reader.nodes.first()?.piece.text().into_owned();
        if key.len() > MOST_KEY {
            key.truncate((0..=MOST_KEY).rev().find(|end| key.is_char_boundary(*end)).unwrap_or(0));
            key.push('…');
        }
        Some(key)
    }

    fn text(&mut self, length: usize) -> Option<()> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.piece.bytes.len())?;
        let piece = self.piece.slice(self.at..end);
        self.at = end;
        // Bytes that are no text are shown in hexadecimal.
        let piece = if std::str::from_utf8(piece.bytes).is_ok() { piece } else { piece.unpacked(hex::encode(piece.bytes).into_bytes()) };
        self.push(piece.inside(Encoding::Msgpack), false);
        Some(())
    }

    fn bytes(&mut self, width: usize) -> Option<()> {
        let length = self.length(width)?;
        self.text(length)
    }

    fn extension(&mut self, width: usize) -> Option<()> {
        let length = self.length(width)?;
        self.raw(length.checked_add(1)?)
    }

    /// Bytes of a kind that an application makes up.
    fn raw(&mut self, length: usize) -> Option<()> {
        self.text(length)
    }

    fn number(&mut self, start: usize, width: usize, text: impl Fn(u64) -> String) -> Option<()> {
        let bits = self.big_endian(width)?;
        self.leaf(start, text(bits))
    }

    fn length(&mut self, width: usize) -> Option<usize> {
        self.big_endian(width).and_then(|length| usize::try_from(length).ok())
    }

    fn big_endian(&mut self, width: usize) -> Option<u64> {
        let bytes = self.piece.bytes.get(self.at..self.at.checked_add(width)?)?;
        self.at += width;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn leaf(&mut self, start: usize, text: String) -> Option<()> {
        let piece = self.piece.slice(start..self.at).unpacked(text.into_bytes());
        self.push(piece.inside(Encoding::Msgpack), false);
        Some(())
    }

    fn push(&mut self, piece: Piece<'a>, container: bool) {
        self.nodes.push(Node { path: self.path.iter().cloned().map(Cow::Owned).collect(), piece, container });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"event":"view","n":[1,-2,1.5,true,null],"p":{"url":"https://…"},"blob":<ff 00>,"at":1760000000000}`, by another program.
    const WHOLE: &str = "85a56576656e74a476696577a16e9501fecb3ff8000000000000c3c0a17081a375726cd92f68747470733a2f2f7777772e636c696e69632e6578616d706c652f6869762f707265703f713d707225433325413970a4626c6f62c402ff00a26174cf00000199c82cc000";

    fn leaves(bytes: &[u8]) -> (Vec<String>, bool) {
        let document = document(&Piece::new(bytes, 10));
        let leaf = |node: &Node| {
            let place = node.piece.place();
            format!("{}={} {}..{}", node.path.join("."), node.piece.text(), place.start, place.end)
        };
        (document.nodes.iter().filter(|node| !node.container).map(leaf).collect(), document.complete)
    }

    #[test]
    fn every_leaf_comes_out_with_its_place() {
        let (found, complete) = leaves(&hex::decode(WHOLE).unwrap());
        assert!(complete);
        assert_eq!(
            found,
            [
                "event=view 18..22",
                "n.0=1 25..26",
                "n.1=-2 26..27",
                "n.2=1.5 27..36",
                "n.3=true 36..37",
                "n.4=null 37..38",
                "p.url=https://www.clinic.example/hiv/prep?q=pr%C3%A9p 47..94",
                "blob=ff00 101..103",
                "at=1760000000000 106..115",
            ]
        );
    }

    #[test]
    fn what_is_cut_or_mangled_is_read_as_far_as_it_goes() {
        let whole = hex::decode(WHOLE).unwrap();
        for end in 0..whole.len() {
            assert!(!leaves(&whole[..end]).1);
            for byte in [0xc1, 0xff, 0xdf, 0x00] {
                let _ = leaves(&[&whole[..end], &[byte][..], &whole[end + 1..]].concat());
            }
        }
    }

    #[test]
    fn depth_and_number_have_an_end() {
        assert!(!leaves(&[0x91; 100_000]).1);
        let many = [&[0xdd, 0, 1, 0, 0][..], &[1; 65_536][..]].concat();
        assert!(leaves(&many).0.len() < MOST_PARAMETERS);
        assert_eq!(leaves(&[0xdd, 0xff, 0xff, 0xff, 0xff]), (vec![], false));
        assert_eq!(leaves(&[0xdb, 0xff, 0xff, 0xff, 0xff]), (vec![], false));
    }

    #[test]
    fn text_is_no_messagepack() {
        for text in ["{\"a\":1}", "a=1&b=2", "", "é", "\u{81}"] {
            assert!(!is_one(&Piece::new(text.as_bytes(), 0)), "{text}");
        }
    }
}
