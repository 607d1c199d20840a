//! A small made-up run, and everything that can happen to its directory.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

mod directory;
mod support;
mod verify;
