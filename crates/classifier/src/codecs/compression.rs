use std::io::Read;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::Encoding;
use crate::piece::Piece;

/// Decompressed bytes of one body at the most; a bomb ends here.
const MOST_BYTES: usize = 16 << 20;
/// Bytes that are decompressed at once.
const CHUNK: usize = 16 << 10;
/// Compressions inside one another that are undone.
const MOST_LAYERS: usize = 3;
/// Memory that a stream of zstd may ask for, as a power of two: what RFC 9659 allows on the web.
const MOST_WINDOW: u32 = 23;

/// Undoes the compressions that a body is in: those that its first bytes tell, and those that only its header names (brotli and
/// deflate have no mark of their own).
pub(crate) fn unpacked<'a>(mut piece: Piece<'a>, content_encoding: &str) -> Piece<'a> {
    let mut declared: Vec<&str> = content_encoding.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for _ in 0..MOST_LAYERS {
        let last = declared.pop().unwrap_or_default().to_ascii_lowercase();
        let Some((encoding, bytes)) = undone(piece.bytes, &last) else { break };
        piece = piece.unpacked(bytes).inside(encoding);
    }
    piece
}

fn undone(bytes: &[u8], declared: &str) -> Option<(Encoding, Vec<u8>)> {
    if let Some(encoding) = marked(bytes) {
        return decompressed(&encoding, bytes, MOST_BYTES).filter(|out| is_believed(&encoding, out)).map(|out| (encoding, out.bytes));
    }
    // A body that a witness saw decoded keeps its header: only what is whole counts.
    let encoding = match declared {
        "br" => Encoding::Brotli,
        "deflate" => Encoding::Deflate,
        _ if std::str::from_utf8(bytes).is_err() => Encoding::Deflate,
        _ => return None,
    };
    let out = decompressed(&encoding, bytes, MOST_BYTES)?;
    let is_text = || std::str::from_utf8(&out.bytes).is_ok();
    let is_it = (out.is_whole && (!declared.is_empty() || is_text())) || out.bytes.len() == MOST_BYTES;
    is_it.then_some((encoding, out.bytes))
}

/// Two bytes alone could begin anything: zlib counts only where it ends as zlib does. The others give what came before the damage.
fn is_believed(encoding: &Encoding, out: &Decompressed) -> bool {
    *encoding != Encoding::Zlib || out.is_whole || out.bytes.len() == MOST_BYTES
}

/// Which compression bytes say they are in.
pub(crate) fn marked(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Encoding::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Encoding::Zstd),
        [method @ (0x18 | 0x28 | 0x38 | 0x48 | 0x58 | 0x68 | 0x78), flags, ..]
            if (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31) && flags & 0x20 == 0 =>
        {
            Some(Encoding::Zlib)
        }
        _ => None,
    }
}

/// What came out of a decompressor.
pub(crate) struct Decompressed {
    pub(crate) bytes: Vec<u8>,
    /// Whether the stream came to its end unharmed, and all of the bytes belonged to it.
    pub(crate) is_whole: bool,
}

/// What comes out before the bytes end, are damaged, or the limit is reached; `None` where that is nothing.
pub(crate) fn decompressed(encoding: &Encoding, bytes: &[u8], limit: usize) -> Option<Decompressed> {
    let out = match encoding {
        Encoding::Gzip => read(MultiGzDecoder::new(bytes), limit),
        Encoding::Zlib => read(ZlibDecoder::new(bytes), limit),
        Encoding::Deflate => {
            let mut decoder = DeflateDecoder::new(bytes);
            let mut out = read(&mut decoder, limit);
            out.is_whole &= decoder.total_in() == bytes.len() as u64;
            out
        }
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).ok()?;
            decoder.window_log_max(MOST_WINDOW).ok()?;
            read(decoder, limit)
        }
        Encoding::Brotli => brotli(bytes, limit),
        _ => return None,
    };
    (!out.bytes.is_empty()).then_some(out)
}

fn read(mut reader: impl Read, limit: usize) -> Decompressed {
    let mut bytes = Vec::new();
    let mut chunk = [0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Decompressed { bytes, is_whole: true },
            Ok(count) => {
                let fit = count.min(limit - bytes.len());
                bytes.extend_from_slice(&chunk[..fit]);
                if fit < count {
                    return Decompressed { bytes, is_whole: false };
                }
            }
            Err(_) => return Decompressed { bytes, is_whole: false },
        }
    }
}

/// Not by the crate's reader, which does not tell what it has read past the end of the stream.
fn brotli(bytes: &[u8], limit: usize) -> Decompressed {
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new(alloc(), alloc(), alloc());
    let (mut left, mut at, mut total, mut out) = (bytes.len(), 0, 0, Vec::new());
    let mut chunk = [0; CHUNK];
    loop {
        let (mut room, mut written) = (chunk.len(), 0);
        let result = BrotliDecompressStream(&mut left, &mut at, bytes, &mut room, &mut written, &mut chunk, &mut total, &mut state);
        let fit = written.min(limit - out.len());
        out.extend_from_slice(&chunk[..fit]);
        match result {
            BrotliResult::NeedsMoreOutput if fit == written => {}
            BrotliResult::ResultSuccess => return Decompressed { bytes: out, is_whole: left == 0 && fit == written },
            _ => return Decompressed { bytes: out, is_whole: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const TEXT: &str = r#"{"type":"view","page":"https://www.clinic.example/hiv/prep","title":"PrEP"}"#;
    /// The text above in brotli, made with another program.
    const BROTLI: &str = "1b4a00c01d07764cf80758b81a0619a1d2a13697fad1b52641c1f0880cc65841d1a50e4b91075cfc393152a4a34e1548b5baede3558020621eb0c00347036fcf3aae0915af6d61c607";

    fn packed(encoding: &Encoding, text: &[u8]) -> Vec<u8> {
        let best = flate2::Compression::best();
        match encoding {
            Encoding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), best);
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Zlib => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), best);
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Deflate => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), best);
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Encoding::Zstd => zstd::encode_all(text, 0).unwrap(),
            _ => hex::decode(BROTLI).unwrap(),
        }
    }

    fn shown(bytes: &[u8], content_encoding: &str) -> (String, Vec<Encoding>) {
        let piece = unpacked(Piece::new(bytes, 0), content_encoding);
        (piece.text().into_owned(), piece.encodings.to_vec())
    }

    #[test]
    fn each_compression_is_known_by_its_bytes_or_its_header() {
        for (encoding, header) in [
            (Encoding::Gzip, ""),
            (Encoding::Gzip, "br"),
            (Encoding::Zlib, ""),
            (Encoding::Zlib, "deflate"),
            (Encoding::Zstd, ""),
            (Encoding::Zstd, "zstd"),
            (Encoding::Deflate, ""),
            (Encoding::Deflate, "deflate"),
            (Encoding::Brotli, "br"),
            (Encoding::Brotli, "gzip, BR"),
        ] {
            assert_eq!(shown(&packed(&encoding, TEXT.as_bytes()), header), (TEXT.to_owned(), vec![encoding]), "{header}");
        }
        let twice = packed(&Encoding::Gzip, &packed(&Encoding::Brotli, b""));
        assert_eq!(shown(&twice, "br, gzip"), (TEXT.to_owned(), vec![Encoding::Gzip, Encoding::Brotli]));
    }

    #[test]
    fn what_is_not_packed_stays_as_it_is() {
        for (bytes, header) in
            [(&b"ev=PageView"[..], ""), (b"ev=PageView", "br"), (b"ev=PageView", "deflate"), (b"x^2=1", ""), (b"", "gzip")]
        {
            assert_eq!(shown(bytes, header), (String::from_utf8(bytes.to_vec()).unwrap(), vec![]));
        }
        // Nothing of a body is left out because its beginning can be unpacked.
        let longer = [&packed(&Encoding::Brotli, b"")[..], b"&ev=PageView"].concat();
        assert_eq!(unpacked(Piece::new(&longer, 0), "br").bytes, longer);
        assert_eq!(unpacked(Piece::new(&[0x1f, 0x8b, 9, 9], 0), "gzip").bytes.to_vec(), [0x1f, 0x8b, 9, 9]);
    }

    #[test]
    fn what_is_unpacked_stands_in_all_of_the_body() {
        let bytes = packed(&Encoding::Gzip, TEXT.as_bytes());
        let part = unpacked(Piece::new(&bytes, 0), "").slice(3..5);
        assert_eq!((part.place().start, part.place().end), (0, bytes.len()));
    }

    #[test]
    fn a_bomb_ends() {
        let zeros = vec![b' '; 64 << 20];
        for encoding in [Encoding::Gzip, Encoding::Zlib, Encoding::Zstd, Encoding::Deflate] {
            let bomb = packed(&encoding, &zeros);
            assert_eq!(unpacked(Piece::new(&bomb, 0), "").bytes.len(), MOST_BYTES, "{encoding:?}");
        }
    }

    #[test]
    fn what_came_before_the_damage_is_kept() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(|number| (number * 7919).to_le_bytes()).collect();
        for encoding in [Encoding::Gzip, Encoding::Zstd] {
            let bytes = packed(&encoding, &text);
            let kept = unpacked(Piece::new(&bytes[..bytes.len() * 3 / 4], 0), "");
            assert!(*kept.encodings == [encoding] && text.starts_with(kept.bytes));
        }
        let zlib = packed(&Encoding::Zlib, TEXT.as_bytes());
        assert_eq!(unpacked(Piece::new(&zlib[..zlib.len() / 2], 0), "").encodings.to_vec(), []);
    }
}
