//! A JSON document that is too large for memory, piece by piece.

mod repairs;

use std::io::BufRead;

pub(crate) use repairs::{Begun, closed, without_odd_numbers};

/// Where a document stopped making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes before it.
    pub(crate) at: u64,
    /// Whether the document just ended there.
    pub(crate) ended: bool,
}

/// Strings that are left out of a piece, so that an answer's body does not have to fit into memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of a string, as it is written, in the members that are bounded closely.
    pub(crate) close: usize,
    /// Which member of the piece that is.
    pub(crate) member: &'static [u8],
    /// Bytes of any other string.
    pub(crate) other: usize,
}

/// Strings of 64 MiB stay whole: DevTools hands over no longer body.
pub(crate) const ORDINARY: Limits = Limits { close: 64 << 20, member: b"", other: 64 << 20 };

/// More levels than that are no capture.
const MOST_DEPTH: usize = 200;
/// Bytes of one piece, whatever its strings: a larger one is skipped.
const MOST_PIECE: usize = 256 << 20;

/// Reads a document once, from its beginning.
pub(crate) struct Document<R> {
    reader: R,
    at: u64,
    /// What was read of an item that the document breaks off in.
    begun: Vec<u8>,
}

impl<R: BufRead> Document<R> {
    /// Starts after a byte order mark, if there is one.
    pub(crate) fn new(reader: R) -> Self {
        let mut document = Self { reader, at: 0, begun: Vec::new() };
        for byte in *b"\xef\xbb\xbf" {
            if document.peek() == Some(byte) {
                document.skip();
            }
        }
        document
    }

    /// Hands over each member of the object that comes next. The function has to take the value.
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Result<(), Cut>) -> Result<(), Cut> {
        self.expect(b'{')?;
        if self.after_space()? == b'}' {
            self.skip();
            return Ok(());
        }
        loop {
            let mut key = Vec::new();
            self.after_space()?;
            self.value(&mut key, ORDINARY)?;
            self.expect(b':')?;
            self.after_space()?;
            let key: String = serde_json::from_slice(&key).unwrap_or_default();
            member(self, &key)?;
            match self.after_space()? {
                b',' => self.skip(),
                b'}' => {
                    self.skip();
                    return Ok(());
                }
                _ => return Err(self.cut()),
            }
        }
    }

    /// Hands over each item of the array that comes next, as its bytes; one that is too large has none.
    pub(crate) fn array(&mut self, limits: Limits, mut item: impl FnMut(Vec<u8>)) -> Result<(), Cut> {
        self.expect(b'[')?;
        if self.after_space()? == b']' {
            self.skip();
            return Ok(());
        }
        loop {
            let mut bytes = Vec::new();
            self.after_space()?;
            if let Err(cut) = self.value(&mut bytes, limits) {
                self.begun = bytes;
                return Err(cut);
            }
            item(bytes);
            match self.after_space()? {
                b',' => self.skip(),
                b']' => {
                    self.skip();
                    return Ok(());
                }
                _ => return Err(self.cut()),
            }
        }
    }

    /// What there is of the item of an array that the document broke off in; nothing, if it did so elsewhere.
    pub(crate) fn begun(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.begun)
    }

    /// Bytes before the place where reading stands.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Whether another object comes next.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.after_space() == Ok(b'{')
    }

    /// Goes to the end, and says over how many bytes.
    pub(crate) fn rest(&mut self) -> u64 {
        let from = self.at;
        while let Some(length) = self.reader.fill_buf().ok().map(<[u8]>::len).filter(|length| *length > 0) {
            self.consume(length);
        }
        self.at - from
    }

    /// Copies one value, whatever it is. Strings beyond their limit become `null`.
    pub(crate) fn value(&mut self, out: &mut Vec<u8>, limits: Limits) -> Result<(), Cut> {
        let mut depth = 0;
        let mut member = Member::default();
        loop {
            let byte = self.peek().ok_or(self.end())?;
            match byte {
                b'"' => {
                    let limit = if member.is_close { limits.close } else { limits.other };
                    let start = out.len();
                    self.string(out, limit)?;
                    if depth == 1 && member.key_next {
                        member.is_close = out[start..].trim_ascii() == [b"\"", limits.member, b"\""].concat();
                        member.key_next = false;
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    member.key_next = depth == 1 && byte == b'{';
                    if depth > MOST_DEPTH {
                        return Err(self.cut());
                    }
                    out.push(byte);
                    self.skip();
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    out.push(byte);
                    self.skip();
                }
                b',' | b':' if depth > 0 => {
                    if depth == 1 && byte == b',' {
                        member = Member { key_next: true, is_close: false };
                    }
                    out.push(byte);
                    self.skip();
                }
                b' ' | b'\t' | b'\r' | b'\n' if depth > 0 => self.skip(),
                _ => self.scalar(out)?,
            }
            if out.len() > MOST_PIECE {
                out.clear();
                return Err(self.cut());
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn scalar(&mut self, out: &mut Vec<u8>) -> Result<(), Cut> {
        let before = out.len();
        while let Some(byte) = self.peek().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
            if out.len() - before > 400 {
                return Err(self.cut());
            }
            out.push(byte);
            self.skip();
        }
        if out.len() == before { Err(self.cut()) } else { Ok(()) }
    }

    fn string(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Cut> {
        let start = out.len();
        let mut length = 0;
        out.push(b'"');
        self.skip();
        loop {
            let (piece_length, stop) = {
                let buffer = self.reader.fill_buf().unwrap_or_default();
                if buffer.is_empty() {
                    return Err(self.end());
                }
                let stop = memchr::memchr2(b'"', b'\\', buffer);
                let piece = &buffer[..stop.unwrap_or(buffer.len())];
                if length <= limit {
                    out.extend_from_slice(piece);
                }
                (piece.len(), stop.map(|at| buffer[at]))
            };
            length += piece_length;
            self.consume(piece_length);
            let escaped = match stop {
                None => continue,
                Some(b'"') => None,
                Some(_) => {
                    self.skip();
                    Some(self.peek().ok_or(self.end())?)
                }
            };
            self.skip();
            match escaped {
                None => break,
                Some(byte) if length <= limit => out.extend_from_slice(&[b'\\', byte]),
                Some(_) => {}
            }
            length += 2;
        }
        if length > limit {
            out.truncate(start);
            out.extend_from_slice(b"null");
        } else {
            out.push(b'"');
        }
        Ok(())
    }

    fn expect(&mut self, byte: u8) -> Result<(), Cut> {
        if self.after_space()? != byte {
            return Err(self.cut());
        }
        self.skip();
        Ok(())
    }

    fn after_space(&mut self) -> Result<u8, Cut> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.skip(),
                Some(byte) => return Ok(byte),
                None => return Err(self.end()),
            }
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.reader.fill_buf().ok()?.first().copied()
    }

    fn skip(&mut self) {
        self.consume(1);
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.at += bytes as u64;
    }

    fn cut(&self) -> Cut {
        Cut { at: self.at, ended: false }
    }

    fn end(&self) -> Cut {
        Cut { at: self.at, ended: true }
    }
}

/// Which member of the piece is being read.
#[derive(Default)]
struct Member {
    key_next: bool,
    is_close: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str, limits: Limits) -> (Vec<String>, Result<(), Cut>) {
        let mut items = Vec::new();
        let read = Document::new(text.as_bytes()).array(limits, |bytes| items.push(String::from_utf8(bytes).unwrap()));
        (items, read)
    }

    #[test]
    fn a_document_is_read_piece_by_piece() {
        let limits = Limits { close: 3, member: b"response", other: 100 };
        for (text, expected, end) in [
            (r#" [ {"a": [1, "x\"]"]} , 2,"s" ]"#, vec![r#"{"a":[1,"x\"]"]}"#, "2", "\"s\""], Ok(())),
            ("[]", vec![], Ok(())),
            (
                r#"[{"request":"long enough","response":{"t":"long","u":["ab\\n"]},"after":"long enough"}]"#,
                vec![r#"{"request":"long enough","response":{"t":null,"u":null},"after":"long enough"}"#],
                Ok(()),
            ),
            ("[1,{\"a\":", vec!["1"], Err(Cut { at: 8, ended: true })),
            ("[1,}", vec!["1"], Err(Cut { at: 3, ended: false })),
            ("{}", vec![], Err(Cut { at: 0, ended: false })),
        ] {
            let (items, read) = items(text, limits);
            let expected: Vec<String> = expected.into_iter().map(|item: &str| item.replace("\"u\":null", "\"u\":[null]")).collect();
            assert_eq!((items, read), (expected, end), "{text}");
        }
    }

    #[test]
    fn members_are_handed_over_by_name() {
        let mut seen = Vec::new();
        let mut document = Document::new("\u{feff}{\"log\": {\"entries\": [1, 2], \"version\": \"1.2\"}}".as_bytes());
        let read = document.object(|document, key| {
            seen.push(key.to_owned());
            document.object(|document, key| {
                let mut value = Vec::new();
                document.value(&mut value, ORDINARY)?;
                seen.push(format!("{key}={}", String::from_utf8(value).unwrap()));
                Ok(())
            })
        });
        assert_eq!((read, seen), (Ok(()), vec!["log".to_owned(), "entries=[1,2]".to_owned(), "version=\"1.2\"".to_owned()]));
    }
}
