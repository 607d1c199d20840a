use std::cell::RefCell;

use pixelwitness_recording::{Cursor, Header, Packed};

/// Every list of headers in a log. There are four for each request, and they take more room than all else: they are kept packed.
#[derive(Debug, Default)]
pub(crate) struct HeaderLists(Packed<Vec<Header>>);

/// Place of a list in its log's [`HeaderLists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListId(u32);

impl HeaderLists {
    /// Keeps a list; an empty one is none.
    pub(crate) fn keep(&mut self, list: Vec<Header>) -> Option<ListId> {
        let place = ListId(u32::try_from(self.0.len()).ok()?);
        if list.is_empty() {
            return None;
        }
        self.0.push(list);
        Some(place)
    }

    pub(crate) fn reader(&self) -> HeaderReader<'_> {
        HeaderReader(RefCell::new(self.0.cursor()))
    }
}

/// Reads the lists of one log.
#[derive(Debug)]
pub(crate) struct HeaderReader<'a>(RefCell<Cursor<'a, Vec<Header>>>);

impl HeaderReader<'_> {
    pub(crate) fn list(&self, list: Option<ListId>) -> Vec<Header> {
        list.and_then(|ListId(place)| self.0.borrow_mut().get(place as usize)).unwrap_or_default()
    }
}
