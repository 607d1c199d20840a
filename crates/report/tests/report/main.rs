//! What the reports say, and that nothing a page sent is more than text in them.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod documents;
mod example;
mod matrix;
mod page;
mod screen;
