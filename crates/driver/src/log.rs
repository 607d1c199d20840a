//! The writer of `devtools.jsonl.zst`: one line a frame, chained by hashes, compressed while the run goes on.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use pixelwitness_recording::raw_log::{FIRST_PREV, Note};
use sha2::{Digest as _, Sha256};

/// Fast, and about a tenth of the size: frames repeat themselves.
pub(crate) const LEVEL: i32 = 1;

pub(crate) struct RawLog {
    out: zstd::Encoder<'static, BufWriter<File>>,
    line: Vec<u8>,
    seq: u64,
    prev: String,
    unflushed: bool,
}

impl RawLog {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let out = zstd::Encoder::new(BufWriter::new(File::create_new(path)?), LEVEL)?;
        Ok(Self { out, line: Vec::new(), seq: 0, prev: FIRST_PREV.to_owned(), unflushed: false })
    }

    pub(crate) fn received(&mut self, frame: &str) -> io::Result<()> {
        self.append("in", frame.as_bytes())
    }

    pub(crate) fn sent(&mut self, frame: &str) -> io::Result<()> {
        self.append("out", frame.as_bytes())
    }

    /// Writes a note and makes sure that everything so far is on the disk: notes stand at the boundaries of steps.
    pub(crate) fn note(&mut self, note: &Note) -> io::Result<()> {
        self.append("note", &serde_json::to_vec(note)?)?;
        self.flush()?;
        self.out.get_ref().get_ref().sync_data()
    }

    /// Hands what is buffered to the operating system, so that it survives the death of this process.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.unflushed {
            self.out.flush()?;
            self.unflushed = false;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        let file = self.out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }

    fn append(&mut self, kind: &str, value: &[u8]) -> io::Result<()> {
        self.line.clear();
        write!(self.line, "{{\"seq\":{},\"at_ms\":{},\"prev\":\"{}\",\"{kind}\":", self.seq, now_ms(), self.prev)?;
        // A frame is one JSON value. Line feeds can only stand between its tokens, where a space says the same.
        self.line.extend(value.iter().map(|&byte| if byte == b'\n' { b' ' } else { byte }));
        self.line.push(b'}');
        self.prev = hex::encode(Sha256::digest(&self.line));
        self.seq += 1;
        self.line.push(b'\n');
        self.unflushed = true;
        self.out.write_all(&self.line)
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use pixelwitness_recording::raw_log::Line;

    use super::*;

    #[test]
    fn each_line_names_the_hash_of_the_one_before_and_a_cut_log_is_read_up_to_the_last_flush() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("devtools.jsonl.zst");
        let mut log = RawLog::create(&path).unwrap();
        log.received("{\"method\":\"Network.requestWillBeSent\",\n\"params\":{\"x\":\"\\ud800\"}}").unwrap();
        log.note(&Note::StepBegins { step: 0 }).unwrap();
        log.sent("{\"id\":1}").unwrap();
        // Not flushed and not finished: the process dies here.
        std::mem::forget(log);

        let mut text = String::new();
        let mut decoder = zstd::Decoder::new(File::open(&path).unwrap()).unwrap();
        let error = io::Read::read_to_string(&mut decoder, &mut text).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        let first: Line<'_> = serde_json::from_str(lines[0]).unwrap();
        let second: Line<'_> = serde_json::from_str(lines[1]).unwrap();
        assert_eq!((first.seq, first.prev.as_ref()), (0, FIRST_PREV));
        assert_eq!(first.received.unwrap().get(), "{\"method\":\"Network.requestWillBeSent\", \"params\":{\"x\":\"\\ud800\"}}");
        assert_eq!(second.prev, hex::encode(Sha256::digest(lines[0])));
    }
}
