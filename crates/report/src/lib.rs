//! Shows findings: to a person on a terminal, to a person in a browser or on paper, and to programs.
//!
//! Pure. It never reads a file or a clock, and whatever a page or a tracker sent appears in it as text and as nothing else.

mod absence;
mod account;
mod explanation;
mod fates;
mod html;
mod json;
mod known;
mod readable;
mod replays;
mod sinkhole;
mod standing;
mod terminal;
mod visible;
mod words;

pub use absence::ABSENCE_PHRASES;
pub use explanation::{Explained, explanation, explanation_json};
pub use html::write_html;
pub use json::{schema, write_json};
pub use standing::inconclusive;
pub use terminal::{Files, Style, terminal};
