//! WebSockets whose messages the client packs (permessage-deflate), which the library does not read.

use flate2::{Decompress, FlushDecompress};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::received::{Log, MessageKind, Received, ReceivedMessage, now_ms};

/// Larger than any message of the lab.
const LARGEST_MESSAGE: usize = 16 << 20;

/// What a sender leaves off the end of each packed message.
const PACKED_END: &[u8] = &[0, 0, 0xff, 0xff];

/// Logs every message until the client is done. `buffer` is what came after the request's head.
pub(super) async fn serve(mut stream: impl AsyncRead + Unpin, mut buffer: Vec<u8>, request: &Received, log: &Log) {
    let mut unpacking = Decompress::new(false);
    let mut open: Option<(MessageKind, bool, Vec<u8>)> = None;
    loop {
        while let Some((frame, length)) = frame(&buffer) {
            buffer.drain(..length);
            match frame.code {
                1 => open = Some((MessageKind::Text, frame.packed, Vec::new())),
                2 => open = Some((MessageKind::Binary, frame.packed, Vec::new())),
                0 => {}
                8 => return,
                _ => continue,
            }
            let Some((kind, packed, mut payload)) = open.take() else { return };
            payload.extend_from_slice(&frame.payload);
            if !frame.last {
                open = Some((kind, packed, payload));
                continue;
            }
            let Some(payload) = (if packed { unpack(&mut unpacking, payload) } else { Some(payload) }) else { return };
            log.add_message(ReceivedMessage {
                request: request.number,
                at_ms: now_ms(),
                host: request.host.clone(),
                target: request.target.clone(),
                kind,
                payload,
            });
        }
        if !matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
            return;
        }
    }
}

struct Frame {
    last: bool,
    packed: bool,
    code: u8,
    payload: Vec<u8>,
}

/// The frame at the start of the buffer, unmasked, and its length, once it is whole.
fn frame(buffer: &[u8]) -> Option<(Frame, usize)> {
    let [first, second] = *buffer.first_chunk()?;
    let (length, head) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?), 10),
        length => (u64::from(length), 2),
    };
    let mask: [u8; 4] = buffer.get(head..head + 4)?.try_into().ok()?;
    let end = usize::try_from(length).ok()?.checked_add(head + 4)?;
    let masked = buffer.get(head + 4..end)?;
    let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    Some((Frame { last: first & 0x80 != 0, packed: first & 0x40 != 0, code: first & 0x0f, payload }, end))
}

/// One context for the whole connection: a message may refer back to those before it.
fn unpack(context: &mut Decompress, mut packed: Vec<u8>) -> Option<Vec<u8>> {
    packed.extend_from_slice(PACKED_END);
    let before = context.total_in();
    let mut unpacked = Vec::with_capacity(4096);
    loop {
        let taken = usize::try_from(context.total_in() - before).ok()?;
        let room = unpacked.capacity() - unpacked.len();
        context.decompress_vec(packed.get(taken..)?, &mut unpacked, FlushDecompress::Sync).ok()?;
        let all_taken = usize::try_from(context.total_in() - before).ok()? == packed.len();
        if all_taken && unpacked.len() < unpacked.capacity() || unpacked.len() > LARGEST_MESSAGE {
            return Some(unpacked);
        }
        if room == unpacked.capacity() - unpacked.len() && room > 0 {
            return None;
        }
        unpacked.reserve(unpacked.capacity());
    }
}
