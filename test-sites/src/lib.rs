//! The ground-truth lab: small invented sites, stand-ins for the vendors they embed, and the server that plays both.
//!
//! It logs every byte it receives and never judges one: whether the tool found what was sent is for the tests to say.

mod answer;
mod authority;
mod bench;
mod connection;
mod expected;
mod lab;
mod libraries;
mod received;
mod sites;
mod transports;
mod vendors;

pub use answer::plays;
pub use expected::Told;
pub use lab::Lab;
pub use received::{HeaderLine, MessageKind, Received, ReceivedMessage, Version};
pub use sites::{Site, sites};
pub use transports::{Content, Fate, Row, Transports, transports};
