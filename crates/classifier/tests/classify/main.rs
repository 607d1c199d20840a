//! What the classifier says of requests: one file a subject, tables all of them.

#![expect(clippy::unwrap_used, reason = "the functions here are called by tests alone")]

mod definitions;
mod fixture;
mod fixtures;
mod google_analytics_4;
mod growth;
mod leaks;
mod mangled;
mod meta_pixel;
mod numbers;
mod ordinary;
mod party;
mod recorded;
mod tiktok_pixel;
