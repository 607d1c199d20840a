use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Body, Bytes};

/// A request's number in its recording; 1 is the first that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RequestId(pub u32);

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "r{}", self.0)
    }
}

/// One request that left the browser, or that DevTools announced. Each hop of a redirect is a request of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Number in the recording.
    pub id: RequestId,
    /// The step it belongs to (0 is the first).
    pub step: Option<usize>,
    /// Milliseconds since the Unix epoch when it was sent.
    pub sent_at_ms: u64,
    /// Whether the page or the browser itself made it.
    pub sender: Sender,
    /// Address of the top-level page it was made under.
    pub page_url: Option<String>,
    /// The frame that made it.
    pub frame: Option<Frame>,
    /// What sort of place it came from.
    pub target: TargetKind,
    /// What DevTools calls its resource: `Document`, `Script`, `Ping`, …; empty where only the wire saw it.
    pub resource_type: String,
    /// HTTP method.
    pub method: String,
    /// Address, without a fragment.
    pub url: String,
    /// Protocol version of the request.
    pub http_version: HttpVersion,
    /// Headers in the order they were sent. HTTP/2 pseudo headers are left out: they are the method and the address.
    pub headers: Vec<Header>,
    /// Who vouches for the headers.
    pub headers_from: HeaderSource,
    /// What it carried.
    pub body: Body,
    /// Who vouches for the body.
    pub body_from: Witness,
    /// What made it happen.
    pub initiator: Initiator,
    /// Who tells the frame and the script behind it.
    #[serde(default)]
    pub sender_from: SenderSource,
    /// Site of the page it was made under, as the network stack names it: `https://clinic.example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_site: Option<String>,
    /// The request whose redirect led here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected_from: Option<RequestId>,
    /// What came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// Address and port of the machine it was sent to, `192.0.2.7:443`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_address: Option<String>,
    /// Whether it left the browser.
    pub transmission: Transmission,
    /// Who saw it.
    pub witness: Witness,
    /// Where it stands in the raw logs.
    pub log_lines: Vec<LogLine>,
}

impl Request {
    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }

    /// Whether it was written to the network, as far as anybody knows. What did not leave told nobody anything.
    #[must_use]
    pub fn may_have_left(&self) -> bool {
        !matches!(self.transmission, Transmission::NotSent { .. })
    }
}

/// Who made a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sender {
    /// A page, a frame or a worker of the journey.
    Page,
    /// The browser, for itself.
    Browser {
        /// The rule that set it aside, in words.
        rule: String,
    },
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// DevTools' identifier.
    pub id: String,
    /// The frame's address when it made the request.
    pub url: String,
}

/// What sort of DevTools target a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// A page or a same-site frame in it.
    Page,
    /// A frame in a process of its own.
    Frame,
    /// A dedicated worker.
    Worker,
    /// A shared worker.
    SharedWorker,
    /// A service worker.
    ServiceWorker,
    /// A worklet.
    Worklet,
    /// A target of another sort.
    Other,
    /// DevTools did not see the request.
    Unknown,
}

/// Protocol version of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/1.0 or HTTP/1.1.
    #[serde(rename = "HTTP/1.1")]
    Http1,
    /// HTTP/2.
    #[serde(rename = "HTTP/2")]
    Http2,
    /// HTTP/3.
    #[serde(rename = "HTTP/3")]
    Http3,
    /// Not known.
    #[serde(rename = "unknown")]
    Unknown,
}

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Name as sent.
    pub name: String,
    /// Value as sent; bytes that are not UTF-8 are read as Latin-1.
    pub value: String,
}

/// Who vouches for a request's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderSource {
    /// The wire log: exactly what was sent.
    Wire,
    /// DevTools' account of what was sent, cookies included.
    Devtools,
    /// DevTools' account of what the page asked for; cookies and some headers are missing.
    Provisional,
    /// The capture that the request was read from, made elsewhere.
    Capture,
    /// Nobody: the capture that the request was read from has no headers.
    Nobody,
}

/// Who tells the frame and the script behind a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SenderSource {
    /// Nobody.
    #[default]
    Nobody,
    /// The network stack, which names the origin. The frame is the only one of that origin that there had been.
    Origin,
    /// The trace of the renderer that made it.
    Trace,
    /// DevTools, which announced it.
    Devtools,
}

/// What made a request happen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Initiator {
    /// DevTools' word: `parser`, `script`, `preload`, `other`, …; empty where DevTools did not see it.
    pub kind: String,
    /// Address of the document or script, where there is no stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Script calls, innermost first, asynchronous parents after their children.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Call>,
    /// Origin the network stack names as the initiator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// One call of a script stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// Function name; empty for an anonymous one.
    pub function: String,
    /// The script's address.
    pub url: String,
    /// Line, 1 is the first.
    pub line: u32,
    /// Column, 1 is the first.
    pub column: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers as received.
    pub headers: Vec<Header>,
    /// The decoded body of a text answer, where it is small enough to keep; the raw logs hold the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Bytes>,
}

/// Whether a request left the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transmission {
    /// It was written to the network.
    Sent,
    /// It was announced and did not leave.
    NotSent {
        /// What sort of reason kept it.
        #[serde(default)]
        cause: NotSentCause,
        /// Why: `blocked: csp`, `answered from the cache`, `answered by a service worker`, …
        why: String,
    },
    /// Nobody can say.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// What sort of reason kept a request from leaving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotSentCause {
    /// The page would have sent it, and this network failed before a byte was written: a name that does not resolve, a connection that
    /// is refused, a proxy that blocks. A run in which this happened to a third party cannot show that nothing is sent to it.
    NetworkFailure,
    /// It was answered inside the browser: from a cache, by a service worker, by a redirect of the browser's own.
    AnsweredInside,
    /// The browser or the site forbids it: a content security policy, mixed content, a permission.
    Blocked,
    /// The page, or what became of it, gave it up before a byte was written.
    Cancelled,
    /// The tool held it back: it was for the auditor's own network.
    HeldBack,
    /// Another reason, or one that is not known.
    #[default]
    Other,
}

/// Who saw a request or vouches for a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// DevTools and the wire log.
    Both,
    /// The wire log alone.
    WireOnly,
    /// DevTools alone.
    DevtoolsOnly,
    /// A capture made elsewhere: the account of a browser, a proxy or an archiver that we did not watch.
    Capture,
}

/// A place in a raw log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LogLine {
    /// Which log.
    pub log: RawLog,
    /// Line of the uncompressed file, 1 is the first; for a capture made elsewhere the number of what [`CaptureKind::place`] names.
    ///
    /// [`CaptureKind::place`]: crate::CaptureKind::place
    pub line: u64,
}

/// A raw log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RawLog {
    /// `devtools.jsonl`: every frame of the DevTools connection.
    Devtools,
    /// `netlog.json`: Chromium's log of its network stack.
    Netlog,
    /// The capture of this number in [`Completeness::captures`], 1 is the first.
    ///
    /// [`Completeness::captures`]: crate::Completeness::captures
    Capture(u32),
}

/// One WebSocket message that the browser sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The request that opened the connection.
    pub request: RequestId,
    /// The step it belongs to (0 is the first).
    pub step: Option<usize>,
    /// Milliseconds since the Unix epoch when it was sent.
    pub sent_at_ms: u64,
    /// Text or binary.
    pub kind: MessageKind,
    /// The message, unmasked, its fragments joined and its compression undone.
    pub payload: Bytes,
    /// Who saw it.
    pub witness: Witness,
    /// Where it stands in the raw logs.
    pub log_lines: Vec<LogLine>,
}

/// The two sorts of WebSocket message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
}
