//! Tests of the program as a whole. Those with a browser run it against the lab on loopback.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

mod captures;
mod cli;
mod documents;
mod explain;
mod hostile;
mod jobs;
mod journeys;
mod killed;
mod memory;
mod own_network;
mod report_page;
mod sinkhole;
mod support;
mod tidy;
mod unsent;
