//! The readers of one connection, as [`crate::hostile`] feeds them.

use std::collections::BTreeMap;

use crate::wire::carrier::{Carrier, Moment};
use crate::wire::http1::Http1;
use crate::wire::http2::Http2;
use crate::wire::websocket;

/// What one connection was read into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// Bytes of all bodies.
    pub(crate) bytes: usize,
    requests: Vec<(String, Vec<u8>, bool)>,
}

impl Read {
    pub(crate) fn requests(&self) -> usize {
        self.requests.len()
    }
}

pub(crate) fn http1(pieces: &[Vec<u8>]) -> Read {
    let mut reader = Http1::default();
    pieces.iter().for_each(|piece| reader.feed(piece, Moment::default()));
    read(reader.requests.into_iter().map(|request| (request.line, request.carrier)))
}

pub(crate) fn http2(pieces: &[Vec<u8>]) -> Read {
    let mut reader = Http2::default();
    pieces.iter().for_each(|piece| reader.feed(piece, Moment::default()));
    let streams: BTreeMap<u32, Carrier> = reader.into_streams().into_iter().collect();
    read(streams.into_iter().map(|(stream, carrier)| (stream.to_string(), carrier)))
}

fn read(carriers: impl Iterator<Item = (String, Carrier)>) -> Read {
    let requests: Vec<_> = carriers.map(|(name, carrier)| (name, carrier.body, carrier.complete)).collect();
    Read { bytes: requests.iter().map(|(_, body, _)| body.len()).sum(), requests }
}

/// Bytes of all messages that were written after a handshake.
pub(crate) fn messages(bytes: &[u8]) -> usize {
    let mut carrier = Carrier::default();
    carrier.append(bytes, Moment::default());
    websocket::messages(&carrier).0.iter().map(|message| message.payload.len()).sum()
}
