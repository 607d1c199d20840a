//! What the classifier says of requests: one file a subject, tables all of them.

#![expect(clippy::unwrap_used, reason = "the functions here are called by tests alone")]

mod accuracy;
mod actions;
mod aliases;
mod blocked;
mod cookies;
mod definitions;
mod fixture;
mod fixtures;
mod genuine;
mod google_analytics_4;
mod growth;
mod leaks;
mod lists;
mod mangled;
mod meta_pixel;
mod mistakes;
mod named;
mod numbers;
mod ordinary;
mod owners;
mod party;
mod recorded;
mod sought;
mod tiktok_pixel;
mod typing;
mod values;
