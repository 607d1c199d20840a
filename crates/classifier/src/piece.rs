use std::borrow::Cow;
use std::ops::Range;

use bumpalo::Bump;

use crate::{ByteRange, Encoding};

/// Where what is decoded of a request is kept for as long as its reading is looked at. It goes all at once.
#[derive(Debug)]
pub struct Arena(Bump);

impl Arena {
    /// Forgets what is kept, for the next request.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.allocated_bytes()
    }
}

/// Bytes that what is decoded of most requests fits into.
const OF_ONE_REQUEST: usize = 4 << 10;

impl Default for Arena {
    fn default() -> Self {
        Self(Bump::with_capacity(OF_ONE_REQUEST))
    }
}

/// A list that grows in an arena.
pub(crate) type Growing<'a, T> = bumpalo::collections::Vec<'a, T>;

/// A part of a carrier (an address, a header, a body), decoded so far, that still knows where each of its bytes stood.
///
/// It borrows from the carrier until something has to be decoded, since most values stand there as they are, and then from an arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) bytes: &'a [u8],
    /// What was undone, outermost first.
    pub(crate) encodings: &'a [Encoding],
    origin: Origin<'a>,
    arena: &'a Arena,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    /// Nothing has moved: byte `i` stands at this offset plus `i`.
    Offset(usize),
    /// In stretches, of which the first is from byte 0 on, and the byte there that this piece begins with. Its end counts as a byte.
    Stretches(&'a [Stretch], u32),
    /// Decompressed: no byte has a place of its own.
    Whole(ByteRange),
}

/// From byte `at` on, until the next stretch, bytes began one after the other from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) at: usize,
    pub(crate) start: usize,
}

impl<'a> Piece<'a> {
    /// Bytes as they stand in the carrier from this offset on. What is decoded of them is kept in the arena.
    #[inline]
    pub(crate) fn kept_in(arena: &'a Arena, bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, encodings: &[], origin: Origin::Offset(offset), arena }
    }

    /// The same for tests, which keep it for good.
    #[cfg(test)]
    pub(crate) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self::kept_in(Box::leak(Box::default()), bytes, offset)
    }

    #[inline]
    pub(crate) fn text(&self) -> Cow<'a, str> {
        lossy(self.bytes)
    }

    /// The carrier's bytes that hold this piece.
    #[inline]
    pub(crate) fn place(&self) -> ByteRange {
        match self.origin {
            Origin::Whole(range) => range,
            _ => ByteRange { start: self.start_of(0), end: self.start_of(self.bytes.len()) },
        }
    }

    #[inline]
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.bytes.len());
        let start = range.start.min(end);
        let bytes = &self.bytes[start..end];
        match self.origin {
            Origin::Offset(offset) => Self { bytes, origin: Origin::Offset(offset + start), ..*self },
            Origin::Stretches(stretches, from) => {
                Self { bytes, origin: Origin::Stretches(stretches, offset(from as usize + start)), ..*self }
            }
            Origin::Whole(_) => Self { bytes, ..*self },
        }
    }

    /// The same piece, said to be wrapped in one more layer.
    #[inline]
    pub(crate) fn inside(mut self, encoding: Encoding) -> Self {
        // Most values are in a form and in nothing else.
        let is_alone = self.encodings.is_empty() && matches!(encoding, Encoding::Percent);
        self.encodings = if is_alone { &[Encoding::Percent] } else { self.layers_and(&encoding) };
        self
    }

    #[cold]
    #[inline(never)]
    fn layers_and(&self, another: &Encoding) -> &'a [Encoding] {
        let outer = self.encodings;
        self.arena.0.alloc_slice_fill_with(outer.len() + 1, |index| outer.get(index).unwrap_or(another).clone())
    }

    /// What decoding this piece gave: each byte with the index here at which it began, and after the last one where it ended.
    pub(crate) fn decoded(&self, bytes: Vec<u8>, mut starts: Vec<usize>, end: usize) -> Self {
        starts.push(end);
        debug_assert_eq!(starts.len(), bytes.len() + 1);
        let mut stretches = self.growing(0);
        for (at, start) in starts.into_iter().enumerate() {
            if stretches.last().is_none_or(|last: &Stretch| last.start + (at - last.at) != start) {
                stretches.push(Stretch { at, start });
            }
        }
        self.decoded_in_stretches(self.arena.0.alloc_slice_copy(&bytes), stretches)
    }

    /// The same, told in stretches of which the first is from byte 0 on; none, if each byte stands where it stood.
    pub(crate) fn decoded_in_stretches(&self, bytes: &'a [u8], mut stretches: Growing<'a, Stretch>) -> Self {
        let origin = match self.origin {
            _ if stretches.is_empty() => self.origin,
            Origin::Whole(range) => Origin::Whole(range),
            Origin::Offset(offset) => {
                stretches.iter_mut().for_each(|stretch| stretch.start += offset);
                Origin::Stretches(stretches.into_bump_slice(), 0)
            }
            Origin::Stretches(outer, from) => {
                let mut within = self.growing(stretches.len());
                for (index, stretch) in stretches.iter().enumerate() {
                    let next = stretches.get(index + 1).map_or(bytes.len() + 1, |next| next.at);
                    let start = from as usize + stretch.start;
                    push_within(&mut within, stretch.at, outer, start..start + (next - stretch.at - 1));
                }
                Origin::Stretches(within.into_bump_slice(), 0)
            }
        };
        Self { bytes, origin, ..*self }
    }

    /// What unpacking this piece gave, where no byte has a place of its own.
    pub(crate) fn unpacked(&self, bytes: Vec<u8>) -> Self {
        Self { bytes: self.arena.0.alloc_slice_copy(&bytes), origin: Origin::Whole(self.place()), ..*self }
    }

    /// A list for what is decoded of this piece.
    pub(crate) fn growing<T>(&self, capacity: usize) -> Growing<'a, T> {
        Growing::with_capacity_in(capacity, &self.arena.0)
    }

    /// These bytes as text, for as long as this piece is there.
    #[inline]
    pub(crate) fn kept_text(&self, bytes: &'a [u8]) -> &'a str {
        std::str::from_utf8(bytes).unwrap_or_else(|_| self.kept(&String::from_utf8_lossy(bytes)))
    }

    /// A text about this piece, kept with it.
    pub(crate) fn kept(&self, text: &str) -> &'a str {
        self.arena.0.alloc_str(text)
    }

    /// The same of two texts, one after the other.
    pub(crate) fn kept_together(&self, first: &str, second: &str) -> &'a str {
        let mut text = bumpalo::collections::String::with_capacity_in(first.len() + second.len(), &self.arena.0);
        text.push_str(first);
        text.push_str(second);
        text.into_bump_str()
    }

    #[inline]
    fn start_of(&self, index: usize) -> usize {
        match self.origin {
            Origin::Offset(offset) => offset + index,
            Origin::Stretches(stretches, from) => start_in(stretches, from as usize + index),
            Origin::Whole(range) => range.start,
        }
    }
}

/// As it is stored: nothing that is decoded here comes near four gigabytes, and pieces are moved often.
fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Most bytes are text, and to find that out is quicker than to replace what is not.
#[inline]
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Adds the stretches of the bytes from the first to the last of `range`, counted from `at` on.
fn push_within(within: &mut Growing<'_, Stretch>, at: usize, stretches: &[Stretch], range: Range<usize>) {
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
        let late = once.slice(2..4).decoded(b"yz".to_vec(), vec![0, 1], 2);
        assert_eq!((starts(&late), starts(&late.slice(1..2))), (vec![11, 13, 14], vec![13, 14]));
        assert_eq!(starts(&once.decoded(Vec::new(), Vec::new(), 4)), [14]);
        let unpacked = once.slice(1..3).unpacked(b"much more".to_vec());
        assert_eq!((unpacked.place().start, unpacked.slice(3..4).place().end), (11, 13));
    }

    #[test]
    fn layers_are_named_outermost_first() {
        let piece = Piece::new(b"a", 0);
        assert_eq!(*piece.inside(Encoding::RawDigest).encodings, [Encoding::RawDigest]);
        let piece = piece.inside(Encoding::Percent).inside(Encoding::Json).inside(Encoding::HtmlEntity);
        assert_eq!(*piece.encodings, [Encoding::Percent, Encoding::Json, Encoding::HtmlEntity]);
    }
}
