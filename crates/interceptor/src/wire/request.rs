use std::collections::BTreeMap;
use std::rc::Rc;

use pixelwitness_recording::{Bytes, HttpVersion, Packed};

use crate::headers::{HeaderLists, ListId};
use crate::wire::carrier::Carrier;
use crate::wire::names::Name;
use crate::wire::netlog::Reading;

/// What the wire log holds.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// Every request the network stack started, in that order. Each hop of a redirect is one.
    pub(crate) requests: Vec<WireRequest>,
    /// Headers of the requests and of their answers.
    pub(crate) headers: HeaderLists,
    /// Bodies of answers.
    pub(crate) answers: Packed<Bytes>,
    /// Datagrams that left, by address. What they hold is not known.
    pub(crate) udp: BTreeMap<String, Udp>,
    /// Names that were looked up, in that order.
    pub(crate) names: Vec<Name>,
    /// Bytes on sockets that no request explains, each in words.
    pub(crate) strays: Vec<String>,
    /// Whether any bytes of a request's connection were written down.
    pub(crate) has_bytes: bool,
    /// How the reading went.
    pub(crate) reading: Reading,
}

/// Datagrams to one address.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Udp {
    pub(crate) datagrams: usize,
    pub(crate) bytes: u64,
}

/// One request as the network stack saw it.
#[derive(Debug)]
pub(crate) struct WireRequest {
    /// The log's number of the request; the hops of a redirect share it.
    pub(crate) source: i64,
    /// Line of the event that started it.
    pub(crate) line: u64,
    /// Line of the event that gives its headers.
    pub(crate) headers_line: Option<u64>,
    /// When it was started, in ticks.
    pub(crate) started: u64,
    /// When its headers were handed over for writing, in ticks.
    pub(crate) sent: Option<u64>,
    pub(crate) method: Rc<str>,
    pub(crate) url: Rc<str>,
    /// Whether it opens a page.
    pub(crate) opens_page: bool,
    /// Whether it has a body to send.
    pub(crate) uploads: bool,
    /// Origin that made it; none where the browser did.
    pub(crate) initiator: Option<Rc<str>>,
    /// Site of the top-level page it is kept apart by.
    pub(crate) top_site: Option<Rc<str>>,
    /// Chromium's own statement of which of its parts made the request: a hash of the part's name.
    pub(crate) annotation: u32,
    pub(crate) version: HttpVersion,
    pub(crate) headers: Option<ListId>,
    /// What was written to a socket for it.
    pub(crate) written: Option<Carrier>,
    /// Whether writing it began, or may have: it became a frame of its connection, or that connection has bytes that nobody can read.
    pub(crate) begun: bool,
    pub(crate) socket: Option<i64>,
    pub(crate) remote: Option<Rc<str>>,
    pub(crate) ending: Ending,
    pub(crate) response: Option<WireResponse>,
    /// Place of the hop whose redirect led here.
    pub(crate) redirected_from: Option<usize>,
    /// Whether the network stack sent the hop before again, on another connection.
    pub(crate) again: bool,
}

impl WireRequest {
    /// A request of which nothing is known.
    #[cfg(test)]
    pub(crate) fn blank() -> Self {
        Self {
            source: 0,
            line: 0,
            headers_line: None,
            started: 0,
            sent: None,
            method: "GET".into(),
            url: "https://host.example/".into(),
            opens_page: false,
            uploads: false,
            initiator: None,
            top_site: None,
            annotation: 0,
            version: HttpVersion::Unknown,
            headers: None,
            written: None,
            begun: false,
            socket: None,
            remote: None,
            ending: Ending::Open,
            response: None,
            redirected_from: None,
            again: false,
        }
    }

    /// The same request, sent once more on another connection.
    pub(crate) fn again(&self, tick: u64) -> Self {
        Self {
            source: self.source,
            line: self.line,
            headers_line: None,
            started: tick,
            sent: None,
            method: Rc::clone(&self.method),
            url: Rc::clone(&self.url),
            opens_page: self.opens_page,
            uploads: self.uploads,
            initiator: self.initiator.clone(),
            top_site: self.top_site.clone(),
            annotation: self.annotation,
            version: HttpVersion::Unknown,
            headers: None,
            written: None,
            begun: false,
            socket: None,
            remote: None,
            ending: Ending::Open,
            response: None,
            redirected_from: self.redirected_from,
            again: true,
        }
    }

    /// The body as it was written.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.written.as_ref().map(|carrier| &carrier.body[..])
    }
}

/// How the network stack was done with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The log does not say.
    #[default]
    Open,
    /// It was answered.
    Answered,
    /// It failed with this error.
    Failed(i64),
    /// It went on to another address.
    Redirected,
    /// Whoever asked for it gave it up before there was an answer.
    Cancelled,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct WireResponse {
    pub(crate) status: u16,
    pub(crate) headers: Option<ListId>,
    /// The decoded body, where it is text and not too large: its place in [`Wire::answers`].
    pub(crate) body: Option<u32>,
}
