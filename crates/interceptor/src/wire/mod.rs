//! The wire witness: what Chromium's network stack says it wrote to its sockets.

mod carrier;
mod fold;
mod http1;
mod http2;
mod names;
mod netlog;
mod request;
mod socket;
mod websocket;

pub(crate) use carrier::Carrier;
pub(crate) use fold::{read, without_fragment};
pub(crate) use netlog::own_number;
pub(crate) use request::{Ending, Wire, WireRequest};
pub(crate) use websocket::{WireMessage, messages};
