use std::collections::BTreeMap;
use std::rc::Rc;

use pixelwitness_recording::HttpVersion;

use crate::intern::SharedHeader;
use crate::wire::carrier::Carrier;
use crate::wire::names::Name;
use crate::wire::netlog::Reading;

/// What the wire log holds.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// Every request the network stack started, in that order. Each hop of a redirect is one.
    pub(crate) requests: Vec<WireRequest>,
    /// Datagrams that left, by address. What they hold is not known.
    pub(crate) udp: BTreeMap<String, Udp>,
    /// Names that were looked up, in that order.
    pub(crate) names: Vec<Name>,
    /// Bytes on sockets that no request explains, each in words.
    pub(crate) strays: Vec<String>,
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
    /// Origin that made it; none where the browser did.
    pub(crate) initiator: Option<Rc<str>>,
    /// Site of the top-level page it is kept apart by.
    pub(crate) top_site: Option<Rc<str>>,
    /// Chromium's own statement of which of its parts made the request: a hash of the part's name.
    pub(crate) annotation: u32,
    pub(crate) version: HttpVersion,
    pub(crate) headers: Vec<SharedHeader>,
    /// What was written to a socket for it.
    pub(crate) written: Option<Carrier>,
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
            initiator: None,
            top_site: None,
            annotation: 0,
            version: HttpVersion::Unknown,
            headers: Vec::new(),
            written: None,
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
            initiator: self.initiator.clone(),
            top_site: self.top_site.clone(),
            annotation: self.annotation,
            version: HttpVersion::Unknown,
            headers: Vec::new(),
            written: None,
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
}

/// An answer.
#[derive(Debug)]
pub(crate) struct WireResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<SharedHeader>,
    /// The decoded body so far, where it is text and not too large.
    pub(crate) body: Option<Vec<u8>>,
}
