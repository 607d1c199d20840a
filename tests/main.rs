//! Tests of the program as a whole. Those with a browser run it against the lab on loopback.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

mod captures;
mod cli;
mod documents;
mod explain;
mod failed_network;
mod forms;
mod help;
mod hostile;
mod jobs;
mod journeys;
mod killed;
mod memory;
mod own_network;
mod places;
mod report_page;
mod sinkhole;
mod steps;
mod support;
mod tidy;
mod unsent;
