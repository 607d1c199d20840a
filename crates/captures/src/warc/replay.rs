use std::io::{self, BufRead, Read};

/// Bytes that can be gone back over: more than almost any record takes.
const MOST: usize = 8 << 20;

/// A reader that can go back to a mark, as far as it remembers.
pub(super) struct Replay<R> {
    reader: R,
    /// What was read last.
    kept: Vec<u8>,
    /// Where in it reading stands.
    at: usize,
    /// Where in it the mark is, or what is left since.
    mark: usize,
    /// Bytes before the place where reading stands.
    position: u64,
}

impl<R: BufRead> Replay<R> {
    /// Starts where that many bytes of the file were read already.
    pub(super) fn new(reader: R, position: u64) -> Self {
        Self { reader, kept: Vec::new(), at: 0, mark: 0, position }
    }

    pub(super) fn inner(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Bytes before the place where reading stands.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Remembers this place.
    pub(super) fn mark(&mut self) {
        self.mark = self.at;
        if self.mark == self.kept.len() || self.mark > MOST {
            self.forget(self.mark);
        }
    }

    /// Goes back to the mark, or as near to it as is remembered, and says over how many bytes.
    pub(super) fn rewind(&mut self) -> u64 {
        self.back(self.at - self.mark)
    }

    /// Goes back over so many bytes, as far as the mark.
    pub(super) fn back(&mut self, bytes: usize) -> u64 {
        let bytes = bytes.min(self.at - self.mark);
        self.at -= bytes;
        self.position -= bytes as u64;
        bytes as u64
    }

    fn forget(&mut self, bytes: usize) {
        self.kept.drain(..bytes);
        self.at -= bytes;
        self.mark = self.mark.saturating_sub(bytes);
    }
}

impl<R: BufRead> Read for Replay<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Replay<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.kept.len() { Ok(&self.kept[self.at..]) } else { self.reader.fill_buf() }
    }

    fn consume(&mut self, bytes: usize) {
        if self.at == self.kept.len() {
            let ready = self.reader.fill_buf().unwrap_or_default();
            self.kept.extend_from_slice(&ready[..bytes]);
            self.reader.consume(bytes);
        }
        self.at += bytes;
        self.position += bytes as u64;
        if self.at > 2 * MOST {
            self.forget(self.at - MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_goes_back_to_the_mark_and_on() {
        let mut replay = Replay::new(io::BufReader::with_capacity(3, &b"abcdefgh"[..]), 10);
        let next = |replay: &mut Replay<_>, count: usize| {
            let mut bytes = vec![0; count];
            replay.read_exact(&mut bytes).unwrap();
            (String::from_utf8(bytes).unwrap(), replay.position())
        };
        assert_eq!(next(&mut replay, 2), ("ab".to_owned(), 12));
        replay.mark();
        assert_eq!(next(&mut replay, 4), ("cdef".to_owned(), 16));
        assert_eq!((replay.rewind(), replay.position()), (4, 12));
        assert_eq!(next(&mut replay, 2), ("cd".to_owned(), 14));
        assert_eq!((replay.back(1), replay.back(9), replay.position()), (1, 1, 12));
        assert_eq!(next(&mut replay, 6), ("cdefgh".to_owned(), 18));
        assert!(replay.fill_buf().unwrap().is_empty());
    }

    #[test]
    fn what_lies_too_far_back_is_forgotten() {
        let bytes = 5 * MOST;
        let mut replay = Replay::new(io::BufReader::with_capacity(1 << 16, io::repeat(b'x').take(bytes as u64)), 0);
        io::copy(&mut replay, &mut io::sink()).unwrap();
        assert!(replay.kept.capacity() <= 4 * MOST, "{}", replay.kept.capacity());
        assert_eq!((replay.rewind() / MOST as u64, replay.position() / MOST as u64), (1, 3));
    }
}
