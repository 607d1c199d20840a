//! The DevTools witness: what the browser's pages, frames and workers announced.

mod exchange;
mod fold;
mod frames;
mod held_back;
mod initiator;
mod places;
mod trace;

#[cfg(test)]
pub(crate) use exchange::Extra;
pub(crate) use exchange::{BodyCopy, Exchange, Failure, Instead, SentMessage};
pub(crate) use fold::{Devtools, StepStart, read, read_frames};
pub use initiator::initiator;
pub(crate) use places::{Places, Visit, host_and_scheme};
pub(crate) use trace::Traced;
