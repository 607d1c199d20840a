use std::io::{self, Write};

use maud::Markup;

use crate::visible::visible;

/// Where the report goes, piece by piece: of a run with a hundred thousand requests it is never in memory as a whole.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    /// maud escaped every text and attribute; this makes the characters visible that escaping leaves alone.
    pub(super) fn show(&mut self, markup: &Markup) -> io::Result<()> {
        self.out.write_all(visible(&markup.0).as_bytes())
    }
}
