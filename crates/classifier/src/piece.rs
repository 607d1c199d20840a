use std::ops::Range;

use crate::{ByteRange, Encoding};

/// A part of a carrier (an address, a header, a body), decoded so far, that still knows where each of its bytes stood.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    pub(crate) encodings: Vec<Encoding>,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    /// Nothing has been decoded: byte `i` stands at this offset plus `i`.
    Offset(usize),
    /// Where each byte began, and after the last one where it ended.
    Each(Vec<usize>),
    /// Decompressed: no byte has a place of its own.
    Whole(ByteRange),
}

impl Piece {
    /// Bytes as they stand in the carrier from this offset on.
    pub(crate) fn new(bytes: &[u8], offset: usize) -> Self {
        Self { bytes: bytes.to_vec(), encodings: Vec::new(), origin: Origin::Offset(offset) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The carrier's bytes that hold this piece.
    pub(crate) fn place(&self) -> ByteRange {
        match &self.origin {
            Origin::Whole(range) => *range,
            _ => ByteRange { start: self.start_of(0), end: self.start_of(self.bytes.len()) },
        }
    }

    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.bytes.len());
        let start = range.start.min(end);
        let origin = match &self.origin {
            Origin::Offset(offset) => Origin::Offset(offset + start),
            Origin::Each(starts) => Origin::Each(starts[start..=end].to_vec()),
            Origin::Whole(range) => Origin::Whole(*range),
        };
        Self { bytes: self.bytes[start..end].to_vec(), encodings: self.encodings.clone(), origin }
    }

    /// The same piece, said to be wrapped in one more layer.
    pub(crate) fn inside(mut self, encoding: Encoding) -> Self {
        self.encodings.push(encoding);
        self
    }

    /// What decoding this piece gave: each byte with the index here at which it began, and after the last one where it ended.
    pub(crate) fn decoded(&self, bytes: Vec<u8>, mut starts: Vec<usize>, end: usize) -> Self {
        starts.push(end);
        debug_assert_eq!(starts.len(), bytes.len() + 1);
        let origin = match &self.origin {
            Origin::Whole(range) => Origin::Whole(*range),
            _ => Origin::Each(starts.into_iter().map(|start| self.start_of(start)).collect()),
        };
        Self { bytes, encodings: self.encodings.clone(), origin }
    }

    /// What unpacking this piece gave, where no byte has a place of its own.
    pub(crate) fn unpacked(&self, bytes: Vec<u8>) -> Self {
        Self { bytes, encodings: self.encodings.clone(), origin: Origin::Whole(self.place()) }
    }

    fn start_of(&self, index: usize) -> usize {
        match &self.origin {
            Origin::Offset(offset) => offset + index,
            Origin::Each(starts) => starts[index.min(starts.len() - 1)],
            Origin::Whole(range) => range.start,
        }
    }
}
