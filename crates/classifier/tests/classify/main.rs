//! What the classifier says of requests: one file a subject, tables all of them.

#![expect(clippy::unwrap_used, reason = "the functions here are called by tests alone")]

mod aliases;
mod blocked;
mod definitions;
mod fixture;
mod fixtures;
mod google_analytics_4;
mod leaks;
mod lists;
mod meta_pixel;
mod ordinary;
mod owners;
mod party;
mod recorded;
mod tiktok_pixel;
