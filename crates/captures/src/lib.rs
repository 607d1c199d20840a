//! Reads captures that were made elsewhere (HAR, NetLog, WARC, DevTools logs, tables and lists of requests) into a recording.
//!
//! It never opens a file or a socket itself and never fails on what is in a capture: what cannot be read, and what a capture of its kind
//! cannot show, becomes a gap.

mod attached;
mod case;
mod conversion;
mod crawl;
mod csv;
mod database;
mod devtools;
mod failure;
mod gaps;
mod har;
mod http_text;
mod json;
mod kind;
mod netlog;
mod one;
mod own_traffic;
mod pages;
mod part;
mod requests;
mod saz;
mod table;
mod time;
mod twins;
mod unpack;
mod urls;
mod utf16;
mod wacz;
mod warc;
mod zipped;

pub use attached::Folder;
pub use case::{File, Source, read};
pub use conversion::{Conversion, conversion};
pub use har::files_beside;
pub use kind::{KINDS, recognise};
pub use one::{RequestError, requests};
