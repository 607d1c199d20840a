use std::collections::HashMap;

use crate::wire::carrier::{Carrier, Moment};

/// What a browser writes first on an HTTP/2 connection.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEAD: usize = 9;

/// Reads what was written on each stream of one connection, from pieces of any size.
///
/// Header blocks are left alone: the log has them decoded. Their frames prove that a request was really written.
#[derive(Debug, Default)]
pub(crate) struct Http2 {
    /// Bytes of a frame that is not whole yet.
    frame: Vec<u8>,
    /// Bytes that it has at the least.
    wanted: usize,
    preface_seen: bool,
    streams: HashMap<u32, Carrier>,
}

#[derive(Clone, Copy)]
struct FrameHead {
    kind: u8,
    flags: u8,
    stream: u32,
}

impl Http2 {
    pub(crate) fn feed(&mut self, bytes: &[u8], at: Moment) {
        self.frame.extend_from_slice(bytes);
        // A long frame comes in many pieces: it is looked at when it is whole.
        if self.frame.len() < self.wanted {
            return;
        }
        let held = std::mem::take(&mut self.frame);
        let mut rest = &held[..];
        if !self.preface_seen && rest.len() >= PREFACE.len() {
            self.preface_seen = true;
            rest = rest.strip_prefix(PREFACE).unwrap_or(rest);
        }
        if self.preface_seen {
            while let Some((head, payload, after)) = split_frame(rest) {
                self.frame(head, payload, at);
                rest = after;
            }
            self.wanted = FRAME_HEAD + payload_length(rest).unwrap_or(0);
        }
        self.frame = rest.to_vec();
    }

    /// Takes the streams out, each with what was written on it.
    pub(crate) fn into_streams(self) -> HashMap<u32, Carrier> {
        self.streams
    }

    fn frame(&mut self, head: FrameHead, payload: &[u8], at: Moment) {
        const DATA: u8 = 0;
        const HEADERS: u8 = 1;
        const END_STREAM: u8 = 1;
        const PADDED: u8 = 8;
        if head.stream == 0 || !matches!(head.kind, DATA | HEADERS) {
            return;
        }
        let stream = self.streams.entry(head.stream).or_insert_with(|| Carrier::starting_at(at));
        if head.kind == DATA {
            let data = if head.flags & PADDED == 0 { payload } else { without_padding(payload) };
            stream.append(data, at);
        }
        stream.complete |= head.flags & END_STREAM != 0;
    }
}

fn split_frame(bytes: &[u8]) -> Option<(FrameHead, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEAD)?;
    let (payload, after) = rest.split_at_checked(payload_length(head)?)?;
    let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
    Some((FrameHead { kind: head[3], flags: head[4], stream }, payload, after))
}

fn payload_length(frame: &[u8]) -> Option<usize> {
    let &[high, middle, low] = frame.first_chunk::<3>()?;
    Some(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
}

/// Padding that claims to be longer than the frame leaves nothing.
fn without_padding(payload: &[u8]) -> &[u8] {
    let Some((&padding, data)) = payload.split_first() else { return &[] };
    &data[..data.len().saturating_sub(usize::from(padding))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        [head, payload.to_vec()].concat()
    }

    fn connection() -> Vec<u8> {
        [
            PREFACE.to_vec(),
            frame(4, 0, 0, &[0; 12]),
            frame(1, 0, 1, b"head"),
            frame(9, 4, 1, b"continued"),
            frame(1, 5, 3, b"head only"),
            frame(0, 0, 1, b"first "),
            frame(8, 0, 1, &[0; 4]),
            frame(0, 9, 1, b"\x03second\0\0\0"),
            frame(1, 4, 5, b"head"),
            frame(0, 0, 5, b"unfinished"),
        ]
        .concat()
    }

    fn read(pieces: &[&[u8]]) -> Vec<(u32, String, bool)> {
        let mut reader = Http2::default();
        pieces.iter().for_each(|piece| reader.feed(piece, Moment::default()));
        let shown = |(id, stream): (u32, Carrier)| (id, String::from_utf8_lossy(&stream.body).into_owned(), stream.complete);
        let mut streams: Vec<_> = reader.into_streams().into_iter().map(shown).collect();
        streams.sort();
        streams
    }

    #[test]
    fn each_stream_gets_its_own_bytes_without_padding_however_they_are_cut() {
        let bytes = connection();
        let expected = [(1, "first second".to_owned(), true), (3, String::new(), true), (5, "unfinished".to_owned(), false)];
        for cut in 0..bytes.len() {
            assert_eq!(read(&[&bytes[..cut], &bytes[cut..]]), expected, "cut at {cut}");
        }
        assert_eq!(read(&bytes.chunks(1).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn what_is_cut_off_or_mangled_never_panics_and_never_grows() {
        let bytes = connection();
        for end in 0..bytes.len() {
            let seen = read(&[&bytes[..end]]);
            assert!(seen.iter().all(|(id, body, _)| *id != 1 || "first second".starts_with(body.as_str())), "{end}");
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut mangled = bytes.clone();
                mangled[at] ^= 1 << bit;
                let total: usize = read(&[&mangled]).iter().map(|(_, body, _)| body.len()).sum();
                assert!(total <= 3 * bytes.len());
            }
        }
    }
}
