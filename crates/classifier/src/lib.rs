//! Reads a recording into findings: who was told what, and how we know.
//!
//! Pure. It never fails on what a page or a tracker sent: it returns what it understood and what it did not.

mod address;
mod classify;
mod codecs;
mod copies;
mod declared;
mod definition;
mod definitions;
mod findings;
mod hashes;
mod hosts;
mod leaks;
mod meaning;
mod merge;
mod party;
mod pattern;
mod piece;
mod read;
mod recipients;
mod rule;
mod search;
mod vendor;

pub use classify::classify;
pub use definitions::{DefinitionError, Definitions};
pub use findings::{
    Basis, ByteRange, Declared, Encoding, Event, FORMAT, Field, Findings, Leak, Location, Normalisation, Part, Party, Recipient,
    RecipientId, Unread, What,
};
pub use meaning::Meaning;
pub use piece::Arena;
pub use read::{ReadField, Reading, request as read_request};
pub use vendor::{Confidence, Purpose, Vendor};
