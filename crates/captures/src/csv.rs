//! CSV, a record at a time: a quoted cell may go on over several lines.

use std::io::{self, BufRead};

/// A record longer than that is none: a body has at most 64 MiB.
const LONGEST_RECORD: usize = 80 << 20;

/// Records of a file, and the line each begins at.
pub(crate) struct Records<R> {
    reader: R,
    line: u64,
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, line: 0 }
    }

    /// Lines read so far.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The next line, and those that it goes on in where `goes_on` says so of what there is.
    pub(crate) fn next(&mut self, goes_on: impl Fn(&[u8]) -> bool) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut record = Vec::new();
        let first = self.line + 1;
        loop {
            match self.reader.read_until(b'\n', &mut record) {
                Ok(0) => break,
                Ok(_) => self.line += 1,
                Err(error) => return Err(error),
            }
            if record.len() > LONGEST_RECORD || !goes_on(&record) {
                break;
            }
        }
        Ok((!record.is_empty()).then_some((first, record)))
    }
}

/// Whether a quotation is open at the end: a doubled quote opens none.
pub(crate) fn is_open(record: &[u8]) -> bool {
    memchr::memchr_iter(b'"', record).count() % 2 == 1
}

/// The cells of a record; a quoted one may hold the separator, and doubled quotes.
pub(crate) fn cells(record: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = record.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().map(|cell| (cell.is_empty(), cell));
        let Some((is_empty, cell)) = cell else { break };
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' if quoted || is_empty => quoted = !quoted,
            _ if character == separator && !quoted => cells.push(String::new()),
            _ => cell.push(character),
        }
    }
    cells
}
