//! Turns the two raw logs of a browser, DevTools and the wire, into a recording.
//!
//! It never touches a file, a socket or a clock, and never fails: what it cannot read becomes a gap.

mod assemble;
mod browser_services;
mod devtools;
mod foreign;
mod headers;
#[cfg(test)]
mod hostile;
mod intern;
mod lines;
mod own_network;
mod own_traffic;
mod reconcile;
mod wire;

pub use assemble::assemble;
pub use browser_services::{BrowserService, browser_service};
pub use devtools::initiator;
pub use foreign::{Foreign, Frame, of_frames, of_netlog};
