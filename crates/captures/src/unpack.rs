//! What compressed a file, if anything did.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use pixelwitness_recording::GapKind;
use zstd::stream::read::Decoder;

use crate::part::Part;
use crate::utf16;

pub(crate) const GZIP: &[u8] = b"\x1f\x8b";
pub(crate) const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// The skippable frame of zstd that begins a WARC and holds the dictionary of all its records: 0x184D2A5D.
pub(crate) const DICTIONARY: &[u8] = b"\x5d\x2a\x4d\x18";
/// Dictionaries have some hundred kilobytes. A larger one is none.
const LARGEST_DICTIONARY: u64 = 16 << 20;

/// The text of a file that may be compressed, and may be in UTF-16: in UTF-8.
pub(crate) fn unpacked<'a>(source: impl BufRead + 'a) -> Box<dyn BufRead + 'a> {
    utf16::in_utf8(decompressed(source))
}

/// The content of a file that may be compressed with gzip or zstd, recognised by its first bytes.
fn decompressed<'a>(mut source: impl BufRead + 'a) -> Box<dyn BufRead + 'a> {
    let head = source.fill_buf().unwrap_or_default();
    if head.starts_with(GZIP) {
        return Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(source)));
    }
    if head.starts_with(ZSTD) {
        return readable(Decoder::with_buffer(source));
    }
    if head.starts_with(DICTIONARY) {
        return readable(dictionary(&mut source).and_then(|(dictionary, _)| Decoder::with_dictionary(source, &dictionary)));
    }
    Box::new(source)
}

/// What cannot be unpacked is damaged, not empty.
fn readable<'a>(unpacked: io::Result<impl Read + 'a>) -> Box<dyn BufRead + 'a> {
    match unpacked {
        Ok(unpacked) => Box::new(BufReader::with_capacity(1 << 16, unpacked)),
        Err(error) => Box::new(BufReader::new(Unreadable(error.kind()))),
    }
}

/// The dictionary in the frame that comes next, and the bytes of that frame. It may be compressed itself.
pub(crate) fn dictionary(source: &mut impl Read) -> io::Result<(Vec<u8>, u64)> {
    let mut head = [0; 8];
    source.read_exact(&mut head)?;
    let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let (bytes, _) = bounded(source.take(length), LARGEST_DICTIONARY);
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if !bytes.starts_with(ZSTD) {
        return Ok((bytes, length + 8));
    }
    let (unpacked, more) = bounded(Decoder::with_buffer(&bytes[..])?, LARGEST_DICTIONARY);
    if more { Err(io::ErrorKind::InvalidData.into()) } else { Ok((unpacked, length + 8)) }
}

/// Fails at once.
pub(crate) struct Unreadable(pub(crate) io::ErrorKind);

impl Read for Unreadable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

/// Why a file could not be read on, if it could not: behind its last byte that says that its checksum is another.
#[derive(Default)]
pub(crate) struct Failure(Cell<Option<io::ErrorKind>>);

impl Failure {
    /// The same reader, whose first failure is remembered.
    pub(crate) fn watched<R>(&self, reader: R) -> Watched<'_, R> {
        Watched { reader, failure: self }
    }

    /// Says that there was one. Where a file just ends, whoever reads it knows best what is missing.
    pub(crate) fn say(&self, part: &mut Part, what: &str) {
        if self.0.get().is_some_and(|kind| kind != io::ErrorKind::UnexpectedEof) {
            let why =
                format!("{what} is damaged, or was altered since it was compressed: what was taken from it may not be what was written");
            part.say(GapKind::LogDamaged, why);
        }
    }
}

pub(crate) struct Watched<'a, R> {
    reader: R,
    failure: &'a Failure,
}

impl<R: BufRead> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Watched<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let filled = self.reader.fill_buf();
        if let Err(error) = &filled
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failure.0.set(self.failure.0.get().or(Some(error.kind())));
        }
        filled
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
    }
}

/// The bytes up to a limit, and whether there are more.
pub(crate) fn bounded(source: impl Read, most: u64) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let _ = source.take(most + 1).read_to_end(&mut bytes);
    let more = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    (bytes, more)
}
