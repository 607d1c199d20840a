/// Bytes that one request carried over a socket, and where in the log they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carrier {
    /// The body, or what followed the handshake of a WebSocket.
    pub(crate) body: Vec<u8>,
    /// Where each piece of the body came from.
    pub(crate) marks: Vec<Mark>,
    /// Line of the log that holds the request's head.
    pub(crate) head_line: u64,
    /// Whether the body was seen to its end.
    pub(crate) complete: bool,
}

/// The log event that a piece of a body came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// First byte of the piece.
    pub(crate) offset: usize,
    /// The event.
    pub(crate) at: Moment,
}

/// Place and time of a log event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Line of the log, 1 is the first.
    pub(crate) line: u64,
    /// Time in the browser's own clock, in milliseconds.
    pub(crate) tick: u64,
}

impl Carrier {
    pub(crate) fn starting_at(at: Moment) -> Self {
        Self { head_line: at.line, ..Self::default() }
    }

    pub(crate) fn append(&mut self, bytes: &[u8], at: Moment) {
        if bytes.is_empty() {
            return;
        }
        if self.marks.last().is_none_or(|mark| mark.at.line != at.line) {
            self.marks.push(Mark { offset: self.body.len(), at });
        }
        self.body.extend_from_slice(bytes);
    }

    /// The event that this byte of the body came from.
    pub(crate) fn moment_of(&self, offset: usize) -> Moment {
        let after = self.marks.partition_point(|mark| mark.offset <= offset);
        self.marks.get(after.saturating_sub(1)).map(|mark| mark.at).unwrap_or_default()
    }
}
