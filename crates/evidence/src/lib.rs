//! The directory of a run: what was captured and what was read out of it, sealed so that anyone can check it later.
//!
//! It never interprets what it keeps: no request is read here, no claim is made, and what an earlier seal vouches for is never vouched
//! for anew. It knows a recording by its stored form alone.

mod captures;
mod chain;
mod comparison;
mod directory;
mod error;
mod folder;
mod layout;
mod log;
mod manifest;
mod replace;
mod seal;
mod verify;

pub use captures::StoredCapture;
pub use chain::{Chain, ChainEnd};
pub use directory::RunDirectory;
pub use error::Error;
pub use folder::Folder;
pub use layout::{
    CAPTURES, DEVTOOLS, DEVTOOLS_PLAIN, FINDINGS, JOURNEY, MANIFEST, NETLOG, NETLOG_PLAIN, RECORDING, REPORT, SCREENSHOTS, SUMS,
    is_plain_name, printable,
};
pub use log::LogReader;
pub use manifest::{ChainHead, FORMAT, FileEntry, Manifest, ManifestFacts};
pub use verify::{Problem, Seal, Verification, verify};
