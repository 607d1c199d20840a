use std::io::{self, BufRead, Read as _};
use std::ops::Range;

use super::members::Resume;
use super::replay::Replay;

/// A request's block beyond this is cut: DevTools hands over no longer body either.
const LARGEST_REQUEST: u64 = 64 << 20;
/// An answer's beginning is enough for its status, its headers and what it declares.
const LARGEST_ANSWER: u64 = 512 << 10;
/// Records of other kinds are only looked into.
const LARGEST_OTHER: u64 = 64 << 10;
/// A longer line is no header.
const LONGEST_LINE: u64 = 1 << 20;
/// More headers than that are none.
const MOST_HEADERS: usize = 1000;
/// Bytes that are gone back over in all: each wrong length costs no more than a part of them.
const MOST_BACK: u64 = 1 << 30;

/// One record; its block may be cut.
#[derive(Debug)]
pub(super) struct Record {
    headers: Vec<(String, String)>,
    pub(super) block: Vec<u8>,
    /// Whether the block is longer than what is kept of it.
    pub(super) truncated: bool,
}

impl Record {
    /// The first header of that name, in lower case; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn cut_at(&mut self, length: u64) {
        self.truncated = length > self.block.len() as u64;
        self.block.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    }

    /// What it is about. Old tools put it into angle brackets.
    pub(super) fn url(&self) -> String {
        self.header("warc-target-uri").trim_start_matches('<').trim_end_matches('>').to_owned()
    }
}

/// Bytes of the end of a line.
fn line_end(line: &[u8]) -> usize {
    line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// The lines before one, as far as they tell whether a record begins there.
#[derive(Debug)]
struct Lines {
    /// Bytes of the ends of the last two.
    ends: [usize; 2],
    is_blank: bool,
    is_whole: bool,
}

/// Headers end in an empty line.
impl Default for Lines {
    fn default() -> Self {
        Self { ends: [0, 0], is_blank: true, is_whole: true }
    }
}

impl Lines {
    /// Whether this line begins a record. One that does not counts among those before.
    fn begins_record(&mut self, line: &[u8]) -> bool {
        let version = line.strip_prefix(b"WARC/1.").map(<[u8]>::trim_ascii_end);
        if self.is_whole && self.is_blank && matches!(version, Some([b'0'..=b'9'])) {
            return true;
        }
        let end = line_end(line);
        self.is_blank = self.is_whole && end == line.len();
        self.is_whole = line.ends_with(b"\n");
        if self.is_whole {
            self.ends = [self.ends[1], end];
        }
        false
    }

    /// Two line ends stand between a record and the next.
    fn ends(&self) -> u64 {
        self.ends.iter().sum::<usize>() as u64
    }
}

/// Where the content of a record ends whose block leads into others.
fn first_end(block: &[u8]) -> u64 {
    let mut lines = Lines::default();
    let mut at = 0_u64;
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        if lines.begins_record(line) {
            return at.saturating_sub(lines.ends());
        }
        at += line.len() as u64;
    }
    at
}

/// What comes next.
pub(super) enum Next {
    Record(Record),
    /// Something is wrong with the record before, or with what comes after it. Reading goes on.
    Damage(Damage),
    End,
    /// The file cannot be read on: how that shows, as the end of the sentence "the WARC …".
    Cut(&'static str),
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Damage {
    /// These bytes of the file cannot be unpacked, or not to what they were.
    Packed(Range<u64>),
    /// The length of the record before is missing or leads past the beginning of the next one. So many bytes before that are not read.
    Length(u64),
    /// So many bytes are no part of any record.
    Stray(u64),
}

/// Reads records one after the other.
pub(super) struct Records<'a> {
    reader: Replay<Box<dyn Resume + 'a>>,
    failed: Option<io::ErrorKind>,
    /// What is to be said before anything else is read.
    pending: Option<Next>,
    back: u64,
}

/// What stands after a record.
enum Follows {
    Record,
    End,
    Failed,
    Other,
}

/// The place where a record begins, and where what stands before it ends.
struct Boundary {
    content_end: u64,
    begin: u64,
}

impl<'a> Records<'a> {
    pub(super) fn new(reader: Box<dyn Resume + 'a>) -> Self {
        Self { reader: Replay::new(reader, 0), failed: None, pending: None, back: 0 }
    }

    pub(super) fn next(&mut self) -> Next {
        if let Some(pending) = self.pending.take() {
            return pending;
        }
        match self.what_follows() {
            Follows::Record => self.record(),
            Follows::End => Next::End,
            Follows::Failed => self.resume(),
            Follows::Other => self.stray(),
        }
    }

    /// Looks at what stands after empty lines, and takes nothing else.
    fn what_follows(&mut self) -> Follows {
        if self.failed.is_some() {
            return Follows::Failed;
        }
        loop {
            match self.reader.fill_buf() {
                Ok([]) => return Follows::End,
                Ok([b' ' | b'\t' | b'\r' | b'\n', ..]) => self.reader.consume(1),
                Ok(_) => break,
                Err(error) => {
                    self.failed = Some(error.kind());
                    return Follows::Failed;
                }
            }
        }
        let mut start = Vec::new();
        if let Err(error) = (&mut self.reader).take(5).read_to_end(&mut start) {
            self.failed = Some(error.kind());
            return Follows::Failed;
        }
        self.reader.back(start.len());
        if start == b"WARC/" { Follows::Record } else { Follows::Other }
    }

    fn record(&mut self) -> Next {
        let headers = self.line().and_then(|_| self.headers());
        let Some(headers) = headers else {
            return if self.failed.is_some() { self.resume() } else { Next::Cut("ends in the middle of a record,") };
        };
        let mut record = Record { headers, block: Vec::new(), truncated: false };
        // Without a length it goes as far as there is no other record.
        let length = record.header("content-length").trim().parse::<u64>().unwrap_or(u64::MAX);
        let most = match record.header("warc-type") {
            "request" => LARGEST_REQUEST,
            "response" | "revisit" => LARGEST_ANSWER,
            _ => LARGEST_OTHER,
        };
        self.reader.mark();
        let begin = self.reader.position();
        let kept = length.min(most);
        let read = (&mut self.reader).take(kept).read_to_end(&mut record.block).map(|_| ());
        let read = read.and_then(|()| io::copy(&mut (&mut self.reader).take(length - kept), &mut io::sink()));
        record.truncated = length > record.block.len() as u64;
        if let Err(error) = read {
            // What there is of a request is still worth having; the next call finds where to go on.
            self.failed = Some(error.kind());
            return Next::Record(record);
        }
        let end = begin.saturating_add(length);
        let is_whole = self.reader.position() == end;
        match self.what_follows() {
            Follows::Record | Follows::End if is_whole => {}
            Follows::Failed => {}
            _ => self.correct(&mut record, begin, end),
        }
        Next::Record(record)
    }

    /// What follows a record is none, so its length is wrong, or something stands between the two.
    fn correct(&mut self, record: &mut Record, begin: u64, end: u64) {
        let follows = self.reader.position();
        self.back += self.reader.rewind();
        let remembered = self.reader.position();
        if self.back > MOST_BACK {
            self.pending = Some(Next::Cut("gives too many records a wrong length"));
            return;
        }
        let next = self.boundary();
        let reached = self.reader.position();
        self.pending = match next {
            Some(next) if next.begin >= end => Some(Next::Damage(Damage::Stray(next.content_end.saturating_sub(follows).max(1)))),
            Some(next) => {
                let is_known = remembered == begin;
                let content_end = if is_known { next.content_end } else { begin + first_end(&record.block) };
                record.cut_at(content_end - begin);
                Some(Next::Damage(Damage::Length(if is_known { 0 } else { next.begin - content_end })))
            }
            None if self.failed.is_some() => None,
            None if reached < end => Some(Next::Cut("ends in the middle of a record,")),
            None => Some(Next::Damage(Damage::Stray(reached - follows))),
        };
    }

    /// Goes on where a record begins that stands behind an empty line; to the end where none does.
    fn boundary(&mut self) -> Option<Boundary> {
        let from = self.reader.position();
        let mut lines = Lines::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if lines.begins_record(&line) => {
                    self.reader.back(line.len());
                    let begin = self.reader.position();
                    return Some(Boundary { content_end: begin.saturating_sub(lines.ends()).max(from), begin });
                }
                Ok(_) => {}
                Err(error) => {
                    self.failed = Some(error.kind());
                    return None;
                }
            }
        }
    }

    fn stray(&mut self) -> Next {
        let from = self.reader.position();
        match self.boundary() {
            Some(next) => Next::Damage(Damage::Stray(next.begin - from)),
            None if self.failed.is_some() => self.resume(),
            None => Next::Cut("stops making sense"),
        }
    }

    fn resume(&mut self) -> Next {
        let why = self.failed.take();
        match self.reader.inner().resume() {
            Some(bytes) => Next::Damage(Damage::Packed(bytes)),
            None if why == Some(io::ErrorKind::UnexpectedEof) => Next::Cut("ends in the middle of a record,"),
            None => Next::Cut("is damaged"),
        }
    }

    fn headers(&mut self) -> Option<Vec<(String, String)>> {
        let mut headers: Vec<(String, String)> = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Some(headers);
            }
            match line.split_once(':') {
                // A line that begins with a space goes on with the one before.
                _ if line.starts_with([' ', '\t']) => {
                    if let Some((_, value)) = headers.last_mut() {
                        value.push(' ');
                        value.push_str(line.trim());
                    }
                }
                Some((name, value)) if headers.len() < MOST_HEADERS => {
                    headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
                }
                _ => {}
            }
        }
    }

    /// A line without its end; nothing where the file ends, or cannot be read on.
    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match (&mut self.reader).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                line.truncate(line.len() - line_end(&line));
                Some(String::from_utf8_lossy(&line).into_owned())
            }
            Err(error) => {
                self.failed = Some(error.kind());
                None
            }
        }
    }
}
