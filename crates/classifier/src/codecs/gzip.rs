use std::io::Read as _;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::piece::Piece;

/// Decompressed bytes at the most; a bomb ends here.
const MOST_BYTES: u64 = 16 << 20;

/// Decompresses bytes that say they are gzip. A damaged stream gives what came before the damage.
pub(crate) fn gunzip<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    if !piece.bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    let mut bytes = Vec::new();
    let ended = MultiGzDecoder::new(piece.bytes).take(MOST_BYTES).read_to_end(&mut bytes);
    if bytes.is_empty() && ended.is_err() { None } else { Some(piece.unpacked(bytes)) }
}

/// Decompresses bytes that begin as zlib does and are zlib: two bytes alone could begin anything.
pub(crate) fn inflate<'a>(piece: &Piece<'a>) -> Option<Piece<'a>> {
    let [0x78, flags, ..] = piece.bytes else { return None };
    if (0x7800 + u16::from(*flags)) % 31 != 0 {
        return None;
    }
    let mut bytes = Vec::new();
    let ended = ZlibDecoder::new(piece.bytes).take(MOST_BYTES).read_to_end(&mut bytes);
    if bytes.is_empty() || ended.is_err() { None } else { Some(piece.unpacked(bytes)) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_known_by_its_bytes() {
        let packed = gzip(b"ev=PageView");
        let piece = gunzip(&Piece::new(&packed, 0)).unwrap();
        assert_eq!(piece.text(), "ev=PageView");
        assert_eq!((piece.slice(3..5).place().start, piece.slice(3..5).place().end), (0, packed.len()));
        assert!(gunzip(&Piece::new(b"ev=PageView", 0)).is_none());
        assert!(gunzip(&Piece::new(&[0x1f, 0x8b, 9, 9], 0)).is_none());
    }

    #[test]
    fn zlib_is_known_by_its_bytes_and_its_end() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(b"{\"type\":\"view\"}").unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(inflate(&Piece::new(&packed, 0)).unwrap().text(), "{\"type\":\"view\"}");
        assert!(inflate(&Piece::new(&packed[..packed.len() / 2], 0)).is_none());
        assert!(inflate(&Piece::new(b"x^2=1", 0)).is_none());
    }

    #[test]
    fn a_bomb_ends() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert_eq!(gunzip(&Piece::new(&bomb, 0)).unwrap().bytes.len() as u64, MOST_BYTES);
    }

    #[test]
    fn what_came_before_the_damage_is_kept() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(|number| (number * 7919).to_le_bytes()).collect();
        let packed = gzip(&text);
        let kept = gunzip(&Piece::new(&packed[..packed.len() / 2], 0)).unwrap().bytes;
        assert!(!kept.is_empty() && text.starts_with(kept));
    }
}
