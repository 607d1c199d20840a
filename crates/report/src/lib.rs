//! Shows findings: to a person on a terminal, to a person in a browser or on paper, and to programs.
//!
//! Pure. It never reads a file or a clock, and whatever a page or a tracker sent appears in it as text and as nothing else.

mod account;
mod html;
mod json;
mod replays;
mod terminal;
mod visible;
mod words;

pub use html::html;
pub use json::{json, schema};
pub use terminal::{Files, Style, terminal};
