//! What compressed a file, if anything did.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// The content of a file that may be compressed with gzip or zstd, recognised by its first bytes.
pub(crate) fn unpacked<'a>(mut source: impl BufRead + 'a) -> Box<dyn BufRead + 'a> {
    let head = source.fill_buf().unwrap_or_default();
    if head.starts_with(b"\x1f\x8b") {
        return Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(source)));
    }
    if head.starts_with(b"\x28\xb5\x2f\xfd") {
        return match zstd::stream::read::Decoder::with_buffer(source) {
            Ok(decoder) => Box::new(BufReader::with_capacity(1 << 16, decoder)),
            Err(_) => Box::new(std::io::empty()),
        };
    }
    Box::new(source)
}

/// The bytes up to a limit, and whether there are more.
pub(crate) fn bounded(source: impl Read, most: u64) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let _ = source.take(most + 1).read_to_end(&mut bytes);
    let more = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    (bytes, more)
}
