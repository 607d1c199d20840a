use std::io::{BufRead, Read as _};

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

    /// What it is about. Old tools put it into angle brackets.
    pub(super) fn url(&self) -> String {
        self.header("warc-target-uri").trim_start_matches('<').trim_end_matches('>').to_owned()
    }
}

/// What comes next.
pub(super) enum Next {
    Record(Record),
    End,
    /// The file cannot be read on: how that shows, as the end of the sentence "the WARC …".
    Cut(&'static str),
}

/// Reads records one after the other.
pub(super) struct Records<R> {
    reader: R,
    failed: bool,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, failed: false }
    }

    pub(super) fn next(&mut self) -> Next {
        let first = loop {
            match self.line() {
                None if self.failed => return Next::Cut("is damaged"),
                None => return Next::End,
                Some(line) if line.trim().is_empty() => {}
                Some(line) => break line,
            }
        };
        if !first.starts_with("WARC/") {
            return Next::Cut("stops making sense");
        }
        let Some(headers) = self.headers() else { return Next::Cut("ends in the middle of a record,") };
        let mut record = Record { headers, block: Vec::new(), truncated: false };
        let Ok(length) = record.header("content-length").trim().parse::<u64>() else { return Next::Cut("has a record without a length,") };
        let most = match record.header("warc-type") {
            "request" => LARGEST_REQUEST,
            "response" | "revisit" => LARGEST_ANSWER,
            _ => LARGEST_OTHER,
        };
        let kept = length.min(most);
        let read = (&mut self.reader).take(kept).read_to_end(&mut record.block);
        let rest = length - kept;
        let skipped = std::io::copy(&mut (&mut self.reader).take(rest), &mut std::io::sink()).unwrap_or_default();
        record.truncated = length > kept || record.block.len() as u64 != kept;
        if read.is_err() || record.block.len() as u64 != kept || skipped != rest {
            // What there is of a request is still worth having; the next call finds the end.
            self.failed = true;
            if record.block.is_empty() {
                return Next::Cut("ends in the middle of a record,");
            }
        }
        Next::Record(record)
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
                while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.pop();
                }
                Some(String::from_utf8_lossy(&line).into_owned())
            }
            Err(_) => {
                self.failed = true;
                None
            }
        }
    }
}
