//! The transports lab: pages that send one tagged request by every way a page has.

mod answers;
mod row;
mod rows;

pub(crate) use answers::{CLEARTEXT_ONLY, HTTP1_ONLY, SOCKETS_OVER_HTTP2, answer, delay_ms, packs_messages, plays, refuses_websocket};
pub use row::{Content, Fate, Row};
pub use rows::transports;

/// One journey of the lab, and the rows it brings about.
#[derive(Debug)]
pub struct Transports {
    /// Name: the page's and the journey's.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// The journey, as TOML.
    pub journey: &'static str,
    rows: &'static [&'static [Row]],
}

impl Transports {
    /// Its rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.rows.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests;
