//! The DevTools witness: what the browser's pages, frames and workers announced.

mod exchange;
mod fold;
mod frames;
mod held_back;
mod initiator;
mod places;
mod trace;

pub(crate) use exchange::{BodyCopy, Exchange, Instead, SentMessage};
#[cfg(test)]
pub(crate) use exchange::{Extra, Failure};
pub(crate) use fold::{Devtools, StepStart, read};
pub(crate) use initiator::initiator;
pub(crate) use places::{Places, host_and_scheme};
pub(crate) use trace::Traced;
