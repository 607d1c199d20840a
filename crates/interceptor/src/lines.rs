use std::io::{self, BufRead};

/// A longer line is no event and no frame: the driver asks for bodies of 64 MiB at the most, and no byte takes more than six in JSON. The
/// limit keeps a log made to exhaust memory from doing so.
const LONGEST_LINE: usize = 512 << 20;

/// A line longer than this is not what a log's lines are like: its memory is given back.
const USUAL_LINE: usize = 1 << 20;

/// The lines of a log, one at a time. A read error ends the log like a cut.
pub(crate) struct Lines<R> {
    log: R,
    /// Bytes of the log's own buffer that the last line took.
    taken: usize,
    /// A line that no buffer held as a whole.
    held: Vec<u8>,
    longest: usize,
}

/// One line without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Whole(&'a [u8]),
    /// It was skipped.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn of(log: R) -> Self {
        Self { log, taken: 0, held: Vec::new(), longest: LONGEST_LINE }
    }

    pub(crate) fn next(&mut self) -> Option<Line<'_>> {
        self.log.consume(std::mem::take(&mut self.taken));
        let buffer = filled(&mut self.log)?;
        if let Some(end) = memchr::memchr(b'\n', buffer) {
            self.taken = end + 1;
            // What is filled stays so until it is taken.
            return filled(&mut self.log).map(|buffer| if end <= self.longest { Line::Whole(&buffer[..end]) } else { Line::TooLong });
        }
        self.held.clear();
        self.held.shrink_to(USUAL_LINE);
        let mut length = 0;
        // At its end a log may lack the last line feed.
        while let Some(buffer) = filled(&mut self.log) {
            let end = memchr::memchr(b'\n', buffer);
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            length += piece.len();
            if length <= self.longest {
                self.held.extend_from_slice(piece);
            }
            let taken = piece.len() + usize::from(end.is_some());
            self.log.consume(taken);
            if end.is_some() {
                break;
            }
        }
        Some(if length <= self.longest { Line::Whole(&self.held) } else { Line::TooLong })
    }
}

/// What the reader has next; none at the end and where it cannot be read on.
fn filled(log: &mut impl BufRead) -> Option<&[u8]> {
    loop {
        match log.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
            Ok(_) => break,
        }
    }
    log.fill_buf().ok().filter(|buffer| !buffer.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &[u8], buffer: usize, longest: usize) -> Vec<String> {
        let mut lines = Lines { longest, ..Lines::of(BufReader::with_capacity(buffer, text)) };
        let mut read = Vec::new();
        while let Some(line) = lines.next() {
            read.push(match line {
                Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                Line::TooLong => "(too long)".to_owned(),
            });
        }
        read
    }

    #[test]
    fn lines_are_the_same_through_any_buffer() {
        for (text, lines) in [
            (&b""[..], vec![]),
            (b"\n", vec![""]),
            (b"one\n\nthree", vec!["one", "", "three"]),
            (b"one\nand a longer line\nand an end\n", vec!["one", "(too long)", "and an end"]),
            (b"a line without an end", vec!["(too long)"]),
        ] {
            for buffer in 1..40 {
                assert_eq!(read(text, buffer, 10), lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>(), "{buffer}");
            }
        }
    }

    #[test]
    fn a_long_line_gives_its_memory_back() {
        let long = "x".repeat(3 * USUAL_LINE);
        let text = format!("{long}\nshort\n{}\n", "y".repeat(100));
        let mut lines = Lines::of(BufReader::with_capacity(64, text.as_bytes()));
        assert_eq!(lines.next(), Some(Line::Whole(long.as_bytes())));
        lines.next();
        lines.next();
        assert!(lines.held.capacity() <= USUAL_LINE);
    }
}
