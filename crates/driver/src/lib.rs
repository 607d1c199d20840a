//! Runs a journey in Chromium and writes down all that it saw: two raw logs and the pictures of each step.
//!
//! The only crate that knows a browser process, a socket or a clock. It never decides what a frame means for a finding: a frame is on
//! disk before it is read, and reading it only serves to drive the browser.

mod browser;
mod capture;
mod choosing;
mod connection;
mod deadline;
mod error;
mod field;
mod keeper;
mod keys;
mod log;
mod names;
mod netlog;
mod options;
mod own_network;
mod page;
mod parts;
mod png_outline;
mod profile;
mod refusals;
mod run;
mod said;
mod sinkhole;
mod steps;
mod trace;
mod trust;
mod trust_store;
mod typing;
mod wrapper;

pub use browser::{Found, find};
pub use error::{Error, Failure};
pub use keeper::{KEEPER_COMMAND, keep};
pub use options::{Options, ResolveRule};
pub use run::{Ended, Progress, check, run};
pub use trust::Authority;
