//! Reads a recording into findings: who was told what, and how we know.
//!
//! Pure. It never fails on what a page or a tracker sent: it returns what it understood and what it did not.

mod findings;
mod meaning;

pub use findings::{
    Basis, ByteRange, Declared, Encoding, Event, FORMAT, Field, Findings, Leak, Location, Normalisation, Part, Party, Recipient,
    RecipientId, Unread, What,
};
pub use meaning::Meaning;
