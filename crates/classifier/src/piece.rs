use std::borrow::Cow;
use std::ops::Range;

use crate::{ByteRange, Encoding};

/// A part of a carrier (an address, a header, a body), decoded so far, that still knows where each of its bytes stood.
///
/// It borrows from the carrier until something has to be decoded: most values stand there as they are.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// What was undone, outermost first.
    pub(crate) encodings: Cow<'static, [Encoding]>,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Origin {
    /// Nothing has moved: byte `i` stands at this offset plus `i`.
    Offset(usize),
    /// In stretches, the first from byte 0 on; the end of the piece counts as a byte.
    Stretches(Vec<Stretch>),
    /// Decompressed: no byte has a place of its own.
    Whole(ByteRange),
}

/// From byte `at` on, until the next stretch, bytes began one after the other from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) at: usize,
    pub(crate) start: usize,
}

/// Layers that stand alone most of the time: naming one of them takes no memory.
const ALONE: &[Encoding] =
    &[Encoding::Percent, Encoding::JsonString, Encoding::Json, Encoding::Url, Encoding::Gzip, Encoding::Base64, Encoding::Base64Url];

impl<'a> Piece<'a> {
    /// Bytes as they stand in the carrier from this offset on.
    pub(crate) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes: Cow::Borrowed(bytes), encodings: Cow::Borrowed(&[]), origin: Origin::Offset(offset) }
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The text, for as long as the carrier is there.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self.bytes {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Cow::Owned(text),
                Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            },
        }
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
        let bytes = match &self.bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[start..end]),
            Cow::Owned(bytes) => Cow::Owned(bytes[start..end].to_vec()),
        };
        let origin = match &self.origin {
            Origin::Offset(offset) => Origin::Offset(offset + start),
            Origin::Stretches(stretches) => {
                let mut within = Vec::new();
                push_within(&mut within, 0, stretches, start..end);
                Origin::Stretches(within)
            }
            Origin::Whole(range) => Origin::Whole(*range),
        };
        Self { bytes, encodings: self.encodings.clone(), origin }
    }

    /// The same piece, said to be wrapped in one more layer.
    pub(crate) fn inside(mut self, encoding: Encoding) -> Self {
        match ALONE.iter().find(|alone| self.encodings.is_empty() && **alone == encoding) {
            Some(alone) => self.encodings = Cow::Borrowed(std::slice::from_ref(alone)),
            None => self.encodings.to_mut().push(encoding),
        }
        self
    }

    /// What decoding this piece gave: each byte with the index here at which it began, and after the last one where it ended.
    pub(crate) fn decoded(&self, bytes: Vec<u8>, mut starts: Vec<usize>, end: usize) -> Self {
        starts.push(end);
        debug_assert_eq!(starts.len(), bytes.len() + 1);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (at, start) in starts.into_iter().enumerate() {
            if stretches.last().is_none_or(|last| last.start + (at - last.at) != start) {
                stretches.push(Stretch { at, start });
            }
        }
        self.decoded_in_stretches(bytes, stretches)
    }

    /// The same, told in stretches of which the first is from byte 0 on.
    pub(crate) fn decoded_in_stretches(&self, bytes: Vec<u8>, mut stretches: Vec<Stretch>) -> Self {
        let origin = match &self.origin {
            Origin::Whole(range) => Origin::Whole(*range),
            Origin::Offset(offset) => {
                stretches.iter_mut().for_each(|stretch| stretch.start += offset);
                Origin::Stretches(stretches)
            }
            Origin::Stretches(outer) => {
                let mut within = Vec::with_capacity(stretches.len() + outer.len());
                for (index, stretch) in stretches.iter().enumerate() {
                    let next = stretches.get(index + 1).map_or(bytes.len() + 1, |next| next.at);
                    push_within(&mut within, stretch.at, outer, stretch.start..stretch.start + (next - stretch.at - 1));
                }
                Origin::Stretches(within)
            }
        };
        Self { bytes: Cow::Owned(bytes), encodings: self.encodings.clone(), origin }
    }

    /// What unpacking this piece gave, where no byte has a place of its own.
    pub(crate) fn unpacked(&self, bytes: Vec<u8>) -> Self {
        Self { bytes: Cow::Owned(bytes), encodings: self.encodings.clone(), origin: Origin::Whole(self.place()) }
    }

    fn start_of(&self, index: usize) -> usize {
        match &self.origin {
            Origin::Offset(offset) => offset + index,
            Origin::Stretches(stretches) => start_in(stretches, index),
            Origin::Whole(range) => range.start,
        }
    }
}

/// Adds the stretches of the bytes from the first to the last of `range`, counted from `at` on.
fn push_within(within: &mut Vec<Stretch>, at: usize, stretches: &[Stretch], range: Range<usize>) {
    within.push(Stretch { at, start: start_in(stretches, range.start) });
    let later = stretches.partition_point(|stretch| stretch.at <= range.start);
    let inner = stretches[later..].iter().take_while(|stretch| stretch.at <= range.end);
    within.extend(inner.map(|stretch| Stretch { at: at + (stretch.at - range.start), start: stretch.start }));
}

fn start_in(stretches: &[Stretch], index: usize) -> usize {
    let later = stretches.partition_point(|stretch| stretch.at <= index);
    later.checked_sub(1).map_or(0, |last| stretches[last].start + (index - stretches[last].at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(piece: &Piece<'_>) -> Vec<usize> {
        (0..=piece.bytes.len()).map(|index| piece.start_of(index)).collect()
    }

    /// Four bytes of the carrier, of which the second became two bytes and the third none.
    #[test]
    fn each_byte_knows_where_it_began_however_often_it_was_decoded_and_cut() {
        let whole = Piece::new(b"ab_c", 10);
        let once = whole.decoded(b"aBBc".to_vec(), vec![0, 1, 1, 3], 4);
        assert_eq!(starts(&once), [10, 11, 11, 13, 14]);
        assert_eq!(starts(&once.slice(1..3)), [11, 11, 13]);
        assert_eq!(starts(&once.slice(2..9)), [11, 13, 14]);
        assert_eq!(starts(&once.slice(4..4)), [14]);
        let twice = once.decoded(b"xyz".to_vec(), vec![0, 2, 3], 4);
        assert_eq!(starts(&twice), [10, 11, 13, 14]);
        assert_eq!(starts(&twice.slice(1..2)), [11, 13]);
        assert_eq!(starts(&once.decoded(Vec::new(), Vec::new(), 4)), [14]);
        let unpacked = once.slice(1..3).unpacked(b"much more".to_vec());
        assert_eq!((unpacked.place().start, unpacked.slice(3..4).place().end), (11, 13));
    }

    #[test]
    fn layers_are_named_outermost_first() {
        let piece = Piece::new(b"a", 0).inside(Encoding::Percent).inside(Encoding::Json).inside(Encoding::HtmlEntity);
        assert_eq!(*piece.encodings, [Encoding::Percent, Encoding::Json, Encoding::HtmlEntity]);
        assert_eq!(*Piece::new(b"a", 0).inside(Encoding::RawDigest).encodings, [Encoding::RawDigest]);
    }
}
