use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use pixelwitness_recording::Bytes;
use serde::Serialize;
use tokio::sync::watch;

/// One request as the server got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Counts requests by when they began, from 0; a gap in the count is a request still being received.
    pub number: u64,
    /// The connection it came over; those are counted by when they were accepted, from 0.
    pub connection: u64,
    /// Milliseconds since the Unix epoch when its head was complete.
    pub at_ms: u64,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Protocol version.
    pub version: Version,
    /// Host name of the TLS handshake.
    pub sni: Option<String>,
    /// Host it was meant for: `:authority` or the `Host` line, port included where there is one.
    pub host: String,
    /// Method.
    pub method: String,
    /// Path and query, as received.
    pub target: String,
    /// Header lines in the order received, without HTTP/2's pseudo headers. HTTP/1.1 names keep their capitals. Of an HTTP/2
    /// name that came several times, the lines stand together at the first one's place.
    pub headers: Vec<HeaderLine>,
    /// Body, byte for byte, freed of its transfer coding.
    #[serde(serialize_with = "as_bytes")]
    pub body: Vec<u8>,
    /// Whether the client went away before the body's end.
    pub cut: bool,
}

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderLine {
    /// Name, as received.
    pub name: String,
    /// Value, as received.
    #[serde(serialize_with = "as_bytes")]
    pub value: Vec<u8>,
}

/// Protocol version of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Version {
    /// HTTP/1.0 or HTTP/1.1.
    #[serde(rename = "HTTP/1.1")]
    Http1,
    /// HTTP/2.
    #[serde(rename = "HTTP/2")]
    Http2,
}

/// One WebSocket message as the server got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedMessage {
    /// Number of the request that opened the WebSocket.
    pub request: u64,
    /// Milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Host of that request.
    pub host: String,
    /// Path and query of that request.
    pub target: String,
    /// What sort of message it is.
    pub kind: MessageKind,
    /// Its payload, unmasked.
    #[serde(serialize_with = "as_bytes")]
    pub payload: Vec<u8>,
}

/// The two sorts of WebSocket message that carry data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
}

fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    Bytes(bytes.to_vec()).serialize(serializer)
}

impl Received {
    /// Host name without a port.
    #[must_use]
    pub fn host_name(&self) -> &str {
        match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        }
    }

    /// Path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first header line of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.lines(name).next()
    }

    /// The cookies sent. HTTP/2 may split them into several lines, which mean the same as one joined by `; `.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let crumbs: Vec<String> = self.lines("cookie").collect();
        (!crumbs.is_empty()).then(|| crumbs.join("; "))
    }

    fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let lines = self.headers.iter().filter(move |line| line.name.eq_ignore_ascii_case(name));
        lines.map(|line| String::from_utf8_lossy(&line.value).into_owned())
    }
}

/// What was received, shared by all connections.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: Mutex<Vec<Received>>,
    messages: Mutex<Vec<ReceivedMessage>>,
    next_request: AtomicU64,
    next_connection: AtomicU64,
    open_connections: watch::Sender<usize>,
}

/// A connection that is open as long as this lives.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) log: Arc<Log>,
    pub(crate) connection: u64,
}

impl Log {
    pub(crate) fn connect(self: &Arc<Self>) -> Open {
        self.open_connections.send_modify(|open| *open += 1);
        Open { log: Arc::clone(self), connection: self.next_connection.fetch_add(1, Ordering::Relaxed) }
    }

    pub(crate) async fn until_unconnected(&self) {
        // The sender is part of `self`, so it cannot have gone.
        let _ = self.open_connections.subscribe().wait_for(|open| *open == 0).await;
    }

    pub(crate) fn next_request(&self) -> u64 {
        self.next_request.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn add(&self, request: Received) {
        lock(&self.requests).push(request);
    }

    pub(crate) fn add_message(&self, message: ReceivedMessage) {
        lock(&self.messages).push(message);
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        let mut requests = lock(&self.requests).clone();
        requests.sort_by_key(|request| request.number);
        requests
    }

    pub(crate) fn messages(&self) -> Vec<ReceivedMessage> {
        lock(&self.messages).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.requests).clear();
        lock(&self.messages).clear();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.log.open_connections.send_modify(|open| *open -= 1);
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A log is as good after a panic as before: entries are added whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
