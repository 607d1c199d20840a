use flate2::{Decompress, FlushDecompress, Status};
use pixelwitness_recording::MessageKind;

use crate::wire::carrier::{Carrier, Moment};

/// A message that unpacks to more than this is left packed.
const LARGEST_MESSAGE: usize = 64 << 20;
/// So are those of one connection once they have unpacked to this much: a kilobyte can become a megabyte.
const ALL_MESSAGES: usize = 256 << 20;

/// One message that was written to a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WireMessage {
    pub(crate) kind: MessageKind,
    pub(crate) payload: Vec<u8>,
    /// When its first byte was written.
    pub(crate) at: Moment,
}

/// The messages a browser wrote after the handshake, and what could not be read of them, in words.
pub(crate) fn messages(carrier: &Carrier) -> (Vec<WireMessage>, Vec<String>) {
    let mut reader = Reader::default();
    let mut at = 0;
    while let Some((frame, length)) = frame_at(&carrier.body[at..]) {
        reader.frame(&frame, carrier.moment_of(at));
        at += length;
    }
    if at < carrier.body.len() {
        reader.troubles.push(format!("the last {} bytes written to a WebSocket are no whole frame", carrier.body.len() - at));
    }
    if reader.open.is_some() {
        reader.troubles.push("the last message written to a WebSocket lacks its end".to_owned());
    }
    (reader.messages, reader.troubles)
}

struct Frame {
    last: bool,
    packed: bool,
    code: u8,
    payload: Vec<u8>,
}

/// The frame at the start of these bytes, unmasked, and its length on the wire.
fn frame_at(bytes: &[u8]) -> Option<(Frame, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match second & 0x7f {
        126 => rest.split_first_chunk::<2>().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
        127 => rest.split_first_chunk::<8>().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        short => (u64::from(short), rest),
    };
    let (mask, rest) = if second & 0x80 == 0 { ([0; 4], rest) } else { rest.split_first_chunk::<4>().map(|(mask, rest)| (*mask, rest))? };
    let payload = rest.get(..usize::try_from(length).ok()?)?;
    let taken = bytes.len() - rest.len() + payload.len();
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    Some((Frame { last: first & 0x80 != 0, packed: first & 0x40 != 0, code: first & 0x0f, payload }, taken))
}

struct Reader {
    /// A context lives as long as the connection: a message may refer back to those before it. A sender that starts afresh with
    /// each message simply never does. None once a message could not be unpacked.
    inflate: Option<Decompress>,
    /// Bytes that messages unpacked to.
    unpacked: usize,
    open: Option<Open>,
    messages: Vec<WireMessage>,
    troubles: Vec<String>,
}

/// A message whose last frame is still to come.
struct Open {
    kind: MessageKind,
    packed: bool,
    payload: Vec<u8>,
    at: Moment,
}

impl Default for Reader {
    fn default() -> Self {
        Self { inflate: Some(Decompress::new(false)), unpacked: 0, open: None, messages: Vec::new(), troubles: Vec::new() }
    }
}

impl Reader {
    fn frame(&mut self, frame: &Frame, at: Moment) {
        const CONTINUED: u8 = 0;
        const TEXT: u8 = 1;
        const BINARY: u8 = 2;
        let kind = match frame.code {
            TEXT => Some(MessageKind::Text),
            BINARY => Some(MessageKind::Binary),
            CONTINUED => None,
            // Close, ping and pong carry no message and may stand between the frames of one.
            _ => return,
        };
        if let Some(kind) = kind {
            self.open = Some(Open { kind, packed: frame.packed, payload: Vec::new(), at });
        }
        let Some(open) = &mut self.open else {
            self.troubles.push("a piece of a WebSocket message has no beginning".to_owned());
            return;
        };
        open.payload.extend_from_slice(&frame.payload);
        if frame.last {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let payload = if open.packed { self.unpack(&open.payload) } else { open.payload };
        self.messages.push(WireMessage { kind: open.kind, payload, at: open.at });
    }

    fn unpack(&mut self, packed: &[u8]) -> Vec<u8> {
        let whole = [packed, &[0, 0, 0xff, 0xff]].concat();
        let most = LARGEST_MESSAGE.min(ALL_MESSAGES.saturating_sub(self.unpacked));
        if let Some(unpacked) = self.inflate.as_mut().and_then(|context| inflate(context, &whole, most)) {
            self.unpacked += unpacked.len();
            return unpacked;
        }
        // Later messages may refer back to this one, and would come out as something that was never sent.
        self.inflate = None;
        self.troubles.push(format!("a WebSocket message of {} bytes could not be unpacked; it is kept as it was written", packed.len()));
        packed.to_vec()
    }
}

fn inflate(context: &mut Decompress, packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(packed.len().saturating_mul(4).clamp(256, 1 << 16));
    let before = context.total_in();
    loop {
        let taken = usize::try_from(context.total_in() - before).ok()?;
        let (filled, consumed) = (out.len(), taken);
        let status = context.decompress_vec(&packed[taken..], &mut out, FlushDecompress::Sync).ok()?;
        let taken = usize::try_from(context.total_in() - before).ok()?;
        if out.len() > most {
            return None;
        }
        match status {
            Status::StreamEnd => {
                context.reset(false);
                return Some(out);
            }
            _ if taken >= packed.len() && out.len() < out.capacity() => return Some(out),
            _ if out.len() == out.capacity() => out.reserve(out.capacity()),
            _ if out.len() == filled && taken == consumed => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compress, Compression, FlushCompress};

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0x11, 0xfe, 0x80, 7];
        let length = match payload.len() {
            short @ 0..126 => vec![u8::try_from(short).unwrap() | 0x80],
            middle @ 126..65536 => [vec![0xfe], u16::try_from(middle).unwrap().to_be_bytes().to_vec()].concat(),
            long => [vec![0xff], (long as u64).to_be_bytes().to_vec()].concat(),
        };
        let masked: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        [vec![first], length, mask.to_vec(), masked].concat()
    }

    fn packed(context: &mut Compress, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096 + text.len() / 100);
        context.compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
        out.truncate(out.len() - 4);
        out
    }

    fn read(bytes: &[u8]) -> (Vec<(MessageKind, Vec<u8>)>, usize) {
        let mut carrier = Carrier::default();
        carrier.append(bytes, Moment::default());
        let (messages, troubles) = messages(&carrier);
        (messages.into_iter().map(|message| (message.kind, message.payload)).collect(), troubles.len())
    }

    fn connection() -> (Vec<u8>, Vec<(MessageKind, Vec<u8>)>) {
        let mut context = Compress::new(Compression::default(), false);
        let long = "term=hiv test&".repeat(300);
        let bytes = [
            frame(0x81, b"plain"),
            frame(0x01, b"in "),
            frame(0x89, b"a ping between"),
            frame(0x00, b"three "),
            frame(0x80, b"pieces"),
            frame(0xc1, &packed(&mut context, b"hello hello hello")),
            frame(0xc1, &packed(&mut context, b"hello hello hello again")),
            frame(0x82, &[0xff; 300]),
            frame(0xc2, &packed(&mut context, long.as_bytes())),
            frame(0x81, b""),
            frame(0x82, &[1; 70_000]),
            frame(0x88, &[3, 0xe8]),
        ];
        let text = |text: &str| (MessageKind::Text, text.as_bytes().to_vec());
        let binary = |bytes: Vec<u8>| (MessageKind::Binary, bytes);
        let expected = vec![
            text("plain"),
            text("in three pieces"),
            text("hello hello hello"),
            text("hello hello hello again"),
            binary(vec![0xff; 300]),
            binary(long.into_bytes()),
            text(""),
            binary(vec![1; 70_000]),
        ];
        (bytes.concat(), expected)
    }

    #[test]
    fn messages_come_out_unmasked_joined_and_unpacked() {
        let (bytes, expected) = connection();
        assert_eq!(read(&bytes), (expected, 0));
    }

    #[test]
    fn after_a_message_that_cannot_be_unpacked_none_is_made_up() {
        let mut context = Compress::new(Compression::default(), false);
        let first = packed(&mut context, b"a search for an hiv test");
        let refers_back = packed(&mut context, b"a search for an hiv test");
        assert!(refers_back.len() < first.len());
        let (read, troubles) = read(&[frame(0xc1, &[0xff; 9]), frame(0xc1, &refers_back), frame(0x81, b"plain")].concat());
        let payloads: Vec<Vec<u8>> = read.into_iter().map(|(_, payload)| payload).collect();
        assert_eq!((payloads, troubles), (vec![vec![0xff; 9], refers_back, b"plain".to_vec()], 2));
    }

    #[test]
    fn messages_that_unpack_to_more_than_there_is_room_for_are_left_packed() {
        let bomb = packed(&mut Compress::new(Compression::default(), false), &vec![0; 8 << 20]);
        for (most, fits) in [(8 << 20, true), ((8 << 20) - 1, false), (0, false)] {
            let whole = [&bomb[..], &[0, 0, 0xff, 0xff]].concat();
            assert_eq!(inflate(&mut Decompress::new(false), &whole, most).is_some(), fits, "{most}");
        }
    }

    #[test]
    fn a_connection_that_is_cut_off_says_so() {
        let (bytes, expected) = connection();
        for end in 0..1500 {
            let (seen, troubles) = read(&bytes[..end]);
            assert!(expected.starts_with(&seen), "cut at {end}");
            assert!(troubles <= 2);
        }
        assert_eq!(read(&bytes[..bytes.len() - 1]).1, 1);
    }

    #[test]
    fn mangled_frames_never_panic() {
        let (bytes, _) = connection();
        for at in 0..600 {
            for bit in 0..8 {
                let mut mangled = bytes[..3000].to_vec();
                mangled[at] ^= 1 << bit;
                read(&mangled);
            }
        }
    }
}
