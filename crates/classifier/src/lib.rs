//! Reads a recording into findings: who was told what, and how we know.
//!
//! Pure. It never fails on what a page or a tracker sent: it returns what it understood and what it did not.

mod actions;
mod address;
mod aliases;
mod blocked;
mod classify;
mod codecs;
mod copies;
mod declared;
mod definition;
mod definitions;
mod email;
mod encoding;
mod failed;
mod findings;
mod hashes;
mod hosts;
mod leaks;
mod lists;
mod meaning;
mod merge;
mod own_names;
mod owners;
mod pages;
mod party;
mod pattern;
mod piece;
mod placeholder;
mod read;
mod recipients;
mod replay;
mod rule;
mod search;
mod sought;
mod typing;
mod unread;
mod vendor;
mod vendor_names;
mod verdict;
mod whole_values;

pub use aliases::Alias;
pub use classify::{classify, classify_with_lists};
pub use definitions::{DefinitionError, Definitions};
pub use encoding::{Algorithm, Encoding, Normalisation};
pub use findings::{
    Basis, Blocked, ByteRange, Declared, Event, FORMAT, FailedHost, Field, Findings, Leak, Location, Masking, MayHaveBeenSent, Part, Party,
    Recipient, RecipientId, Recorded, RecordedWhat, Replay, Unread, VendorName, What,
};
pub use lists::{FilterList, ListError, ListedRule, Listing, Lists};
pub use meaning::Meaning;
pub use owners::{Owner, OwnerBasis};
pub use piece::Arena;
pub use read::{ReadField, Reading, request as read_request};
pub use sought::{Answer, Manner, Origin, SentTo, Sought};
pub use unread::parameters;
pub use vendor::{Confidence, Purpose, Vendor};
pub use verdict::{Doubt, Outcome, Verdict};
