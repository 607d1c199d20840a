use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pixelwitness_recording::{Bytes, Header, HttpVersion, Packed};
use serde::Deserialize;

use crate::headers::HeaderLists;
use crate::intern::Interner;
use crate::own_network;
use crate::wire::carrier::{Carrier, Moment};
use crate::wire::names::Names;
use crate::wire::netlog::{self, Event, Kind, Reading};
use crate::wire::request::{Ending, Udp, Wire, WireRequest, WireResponse};
use crate::wire::socket::{Socket, Speech};

/// A text answer larger than this is left to the raw log.
const LARGEST_ANSWER: usize = 512 << 10;
/// `ERR_ABORTED`
const ABORTED: i64 = -3;
/// All kept answers together.
const ALL_ANSWERS: usize = 16 << 20;

/// Reads the wire log.
pub(crate) fn read(log: impl BufRead, interner: &mut Interner) -> Wire {
    let mut fold = Fold {
        interner,
        requests: Vec::new(),
        current: HashMap::new(),
        annotations: HashMap::new(),
        job_of: HashMap::new(),
        request_of_job: HashMap::new(),
        socket_of_job: HashMap::new(),
        connecting_of_job: HashMap::new(),
        tried: HashMap::new(),
        socket_of_session: HashMap::new(),
        streams: HashMap::new(),
        sockets: BTreeMap::new(),
        udp_addresses: HashMap::new(),
        udp: BTreeMap::new(),
        names: Names::default(),
        headers: HeaderLists::default(),
        reading_answers: HashMap::new(),
        answers: Packed::default(),
        answers_bytes: 0,
    };
    let reading = netlog::read(log, |event| fold.take(event));
    fold.finish(reading)
}

struct Fold<'i> {
    interner: &'i mut Interner,
    requests: Vec<WireRequest>,
    /// The latest hop of each request source.
    current: HashMap<i64, usize>,
    annotations: HashMap<i64, u32>,
    job_of: HashMap<i64, i64>,
    request_of_job: HashMap<i64, i64>,
    socket_of_job: HashMap<i64, i64>,
    /// What was to connect for a job, where it could not.
    connecting_of_job: HashMap<i64, i64>,
    /// Address that was tried last.
    tried: HashMap<i64, Rc<str>>,
    socket_of_session: HashMap<i64, i64>,
    streams: HashMap<(i64, u32), usize>,
    sockets: BTreeMap<i64, Socket>,
    udp_addresses: HashMap<i64, String>,
    udp: BTreeMap<String, Udp>,
    names: Names,
    headers: HeaderLists,
    /// Bodies of answers that are still being read, by request.
    reading_answers: HashMap<usize, Vec<u8>>,
    answers: Packed<Bytes>,
    answers_bytes: usize,
}

#[derive(Deserialize)]
struct Dependency {
    source_dependency: Source,
}

#[derive(Deserialize)]
struct Source {
    id: i64,
}

#[derive(Deserialize)]
struct HeaderLines<'a> {
    #[serde(borrow, default)]
    headers: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct NetError {
    #[serde(default)]
    net_error: i64,
}

#[derive(Deserialize)]
struct SentBytes<'a> {
    #[serde(default)]
    byte_count: u64,
    #[serde(borrow, default)]
    bytes: Cow<'a, str>,
    #[serde(default)]
    address: Option<String>,
}

impl Fold<'_> {
    fn take(&mut self, event: &Event<'_>) {
        match event.kind {
            Kind::RequestAlive if event.begins => self.alive(event),
            Kind::StartJob if event.begins => self.start(event),
            Kind::StartJob | Kind::RequestAlive if event.ends => self.end(event),
            Kind::RequestAlive | Kind::StartJob => {}
            Kind::Cancelled => self.cancelled(event),
            Kind::BoundToJob => self.bind_job(event),
            Kind::BoundToSocket => self.bind_socket(event),
            Kind::BoundToConnectJob => {
                if let Some(connecting) = dependency(event) {
                    self.connecting_of_job.insert(event.source, connecting);
                }
            }
            Kind::ConnectStarts => self.connect_starts(event),
            Kind::Http1Headers => self.headers(event, HttpVersion::Http1),
            Kind::Http2Headers => self.headers(event, HttpVersion::Http2),
            Kind::QuicHeaders => self.headers(event, HttpVersion::Http3),
            Kind::SessionInitialized => {
                if let Some(socket) = dependency(event) {
                    self.socket_of_session.insert(event.source, socket);
                }
            }
            Kind::StreamHeaders => self.stream(event),
            Kind::PlaintextSent => self.plaintext(event),
            Kind::SocketSent => self.cleartext(event),
            Kind::TcpConnect if event.ends => self.connected(event),
            Kind::TcpConnect => {}
            Kind::ResponseHeaders => self.response(event),
            Kind::BodyRead => self.answer(event),
            Kind::UdpConnect if event.begins => self.udp_connect(event),
            Kind::UdpConnect => {}
            Kind::UdpSent => self.udp_sent(event),
            Kind::NameJob | Kind::NameByDns | Kind::NameBySystem => self.names.take(event),
        }
    }

    fn alive(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params {
            traffic_annotation: u32,
        }
        if let Some(params) = event.params::<Params>() {
            self.annotations.insert(event.source, params.traffic_annotation);
        }
    }

    fn start(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            method: Cow<'a, str>,
            #[serde(borrow)]
            url: Cow<'a, str>,
            #[serde(borrow, default)]
            initiator: Cow<'a, str>,
            #[serde(borrow, default)]
            network_isolation_key: Cow<'a, str>,
            #[serde(borrow, default)]
            request_type: Cow<'a, str>,
            #[serde(borrow, default)]
            upload_id: Option<&'a serde_json::value::RawValue>,
        }
        let Some(params) = event.params::<Params<'_>>() else { return };
        let before = self.current.get(&event.source).copied();
        if let Some(before) = before {
            self.answer_ends(before);
            let request = &mut self.requests[before];
            request.ending = if request.sent.is_some() { Ending::Answered } else { Ending::Redirected };
        }
        let top_site = params.network_isolation_key.split(' ').next().unwrap_or_default();
        self.requests.push(WireRequest {
            source: event.source,
            line: event.line,
            headers_line: None,
            started: event.tick,
            sent: None,
            method: self.interner.text(&params.method),
            url: self.interner.text(without_fragment(&params.url)),
            opens_page: params.request_type == "main frame",
            uploads: params.upload_id.is_some(),
            initiator: (!matches!(&*params.initiator, "not an origin" | "")).then(|| self.interner.text(&params.initiator)),
            top_site: (!matches!(top_site, "null" | "")).then(|| self.interner.text(top_site)),
            annotation: self.annotations.get(&event.source).copied().unwrap_or_default(),
            version: HttpVersion::Unknown,
            headers: None,
            written: None,
            begun: false,
            socket: None,
            remote: None,
            ending: Ending::Open,
            response: None,
            redirected_from: before,
            again: false,
        });
        self.current.insert(event.source, self.requests.len() - 1);
    }

    fn end(&mut self, event: &Event<'_>) {
        let Some(&at) = self.current.get(&event.source) else { return };
        let error = event.params::<NetError>().map_or(0, |params| params.net_error);
        // The job ends with the head of the answer; its body is still to come.
        if event.kind == Kind::RequestAlive {
            self.answer_ends(at);
        }
        let reached = if error == 0 { None } else { self.reached(event.source) };
        let request = &mut self.requests[at];
        if request.sent.is_none() && reached.is_some() {
            request.remote = reached;
        }
        let may_still_fail = request.sent.is_none() && !matches!(request.ending, Ending::Answered | Ending::Cancelled);
        if request.ending == Ending::Open || (error != 0 && may_still_fail) {
            request.ending = if error == 0 { Ending::Answered } else { Ending::Failed(error) };
        }
    }

    /// An error of its own says more: a request whose certificate is refused is cancelled, too.
    fn cancelled(&mut self, event: &Event<'_>) {
        let error = event.params::<NetError>().map_or(0, |params| params.net_error);
        if let Some(&at) = self.current.get(&event.source)
            && self.requests[at].ending == Ending::Open
            && matches!(error, 0 | ABORTED)
        {
            self.requests[at].ending = Ending::Cancelled;
        }
    }

    /// Where a request that failed got to: the address it was connected to, or else one that was tried.
    fn reached(&self, source: i64) -> Option<Rc<str>> {
        let job = self.job_of.get(&source)?;
        let connected = self.socket_of_job.get(job).and_then(|socket| self.sockets.get(socket)?.remote.clone());
        connected.or_else(|| self.tried.get(self.connecting_of_job.get(job)?).cloned())
    }

    fn connect_starts(&mut self, event: &Event<'_>) {
        let Some(address) = event.params::<SentBytes<'_>>().and_then(|params| params.address) else { return };
        // Of several, one on the public internet says most: the request may have been for that.
        if self.tried.get(&event.source).is_none_or(|before| own_network::holds(before)) {
            self.tried.insert(event.source, self.interner.text(&address));
        }
    }

    fn bind_job(&mut self, event: &Event<'_>) {
        if let Some(job) = dependency(event) {
            self.job_of.insert(event.source, job);
            self.request_of_job.insert(job, event.source);
        }
    }

    fn bind_socket(&mut self, event: &Event<'_>) {
        if let Some(socket) = dependency(event) {
            self.socket_of_job.insert(event.source, socket);
        }
    }

    fn headers(&mut self, event: &Event<'_>, version: HttpVersion) {
        let Some(params) = event.params::<HeaderLines<'_>>() else { return };
        let Some(at) = self.sending(event) else { return };
        let lines = params.headers.iter().filter_map(|line| header(line)).collect();
        let lines = self.headers.keep(lines);
        let socket = self.job_of.get(&event.source).and_then(|job| self.socket_of_job.get(job)).copied();
        let request = &mut self.requests[at];
        request.headers = lines;
        request.headers_line = Some(event.line);
        request.sent = Some(event.tick);
        request.version = version;
        if let (HttpVersion::Http1, Some(socket)) = (version, socket) {
            request.socket = Some(socket);
            self.sockets.entry(socket).or_default().expected.push(at);
        }
    }

    /// The hop whose headers are being written. Where they were already, the network stack sends it once more.
    fn sending(&mut self, event: &Event<'_>) -> Option<usize> {
        let at = *self.current.get(&event.source)?;
        let before = &self.requests[at];
        if before.sent.is_none() {
            return Some(at);
        }
        let again = before.again(event.tick);
        self.requests.push(again);
        self.current.insert(event.source, self.requests.len() - 1);
        Some(self.requests.len() - 1)
    }

    fn stream(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params {
            stream_id: u32,
            source_dependency: Source,
        }
        let Some(params) = event.params::<Params>() else { return };
        // The log names the job that opened the stream, and for a WebSocket the request itself.
        let named = event.number(params.source_dependency.id);
        let source = self.request_of_job.get(&named).copied().unwrap_or(named);
        let Some(&at) = self.current.get(&source) else { return };
        self.requests[at].begun = true;
        if let Some(&socket) = self.socket_of_session.get(&event.source) {
            self.streams.insert((socket, params.stream_id), at);
            self.requests[at].socket = Some(socket);
        }
    }

    fn plaintext(&mut self, event: &Event<'_>) {
        let socket = self.sockets.entry(event.source).or_default();
        socket.encrypted = true;
        feed(socket, event);
    }

    /// What was written to the socket itself. Under TLS that is ciphertext, and its plaintext has events of its own.
    fn cleartext(&mut self, event: &Event<'_>) {
        let socket = self.sockets.entry(event.source).or_default();
        if socket.encrypted {
            return;
        }
        if matches!(socket.speech, Speech::Nothing) && event.params::<SentBytes<'_>>().is_some_and(|sent| is_tls(&sent.bytes)) {
            socket.encrypted = true;
            return;
        }
        feed(socket, event);
    }

    fn connected(&mut self, event: &Event<'_>) {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            remote_address: Cow<'a, str>,
        }
        if let Some(params) = event.params::<Params<'_>>() {
            self.sockets.entry(event.source).or_default().remote = Some(self.interner.text(&params.remote_address));
        }
    }

    fn response(&mut self, event: &Event<'_>) {
        let Some(params) = event.params::<HeaderLines<'_>>() else { return };
        let Some(&at) = self.current.get(&event.source) else { return };
        let Some((status, lines)) = params.headers.split_first() else { return };
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let headers: Vec<Header> = lines.iter().filter_map(|line| header(line)).collect();
        // Another answer may have come before: one that asks to come again with credentials.
        self.reading_answers.remove(&at);
        if is_text(&headers) {
            self.reading_answers.insert(at, Vec::new());
        }
        self.requests[at].response = Some(WireResponse { status, headers: self.headers.keep(headers), body: None });
    }

    fn answer(&mut self, event: &Event<'_>) {
        let Some(&at) = self.current.get(&event.source) else { return };
        let Some(body) = self.reading_answers.get_mut(&at) else { return };
        let piece = event.params::<SentBytes<'_>>().and_then(|read| STANDARD.decode(read.bytes.as_bytes()).ok());
        let fits = |piece: &Vec<u8>| body.len() + piece.len() <= LARGEST_ANSWER && self.answers_bytes + piece.len() <= ALL_ANSWERS;
        match piece.filter(fits) {
            Some(piece) => {
                self.answers_bytes += piece.len();
                body.extend_from_slice(&piece);
            }
            None => {
                self.answers_bytes -= body.len();
                self.reading_answers.remove(&at);
            }
        }
    }

    fn answer_ends(&mut self, at: usize) {
        let Some(response) = &mut self.requests[at].response else { return };
        if let Some(body) = self.reading_answers.remove(&at) {
            response.body = u32::try_from(self.answers.len()).ok();
            self.answers.push(Bytes(body));
        }
    }

    fn udp_connect(&mut self, event: &Event<'_>) {
        if let Some(SentBytes { address: Some(address), .. }) = event.params() {
            self.udp_addresses.insert(event.source, address);
        }
    }

    fn udp_sent(&mut self, event: &Event<'_>) {
        let Some(params) = event.params::<SentBytes<'_>>() else { return };
        let known = params.address.or_else(|| self.udp_addresses.get(&event.source).cloned());
        let udp = self.udp.entry(known.unwrap_or_else(|| "an unknown address".to_owned())).or_default();
        udp.datagrams += 1;
        udp.bytes += params.byte_count;
    }

    fn finish(mut self, reading: Reading) -> Wire {
        // In their order, so that the same log gives the same bytes.
        let mut unfinished: Vec<usize> = self.reading_answers.keys().copied().collect();
        unfinished.sort_unstable();
        unfinished.into_iter().for_each(|at| self.answer_ends(at));
        let mut strays = Vec::new();
        for request in &mut self.requests {
            request.remote = request.socket.and_then(|id| self.sockets.get(&id)?.remote.clone()).or(request.remote.take());
        }
        let mut has_bytes = false;
        for (id, socket) in std::mem::take(&mut self.sockets) {
            let remote = socket.remote.clone();
            has_bytes |= !matches!(socket.speech, Speech::Nothing);
            let place = remote.as_deref().unwrap_or("an unknown address").to_owned();
            match socket.speech {
                Speech::Nothing => {}
                Speech::Undecided(held) => strays.push(format!("{} bytes written to {place} are no whole request", held.len())),
                Speech::Http2(http) => {
                    let mut streams: Vec<(u32, Carrier)> = http.into_streams().into_iter().collect();
                    streams.sort_by_key(|(stream, _)| *stream);
                    for (stream, carrier) in streams {
                        match self.streams.get(&(id, stream)) {
                            Some(&at) => self.requests[at].written = Some(carrier),
                            None => strays.push(format!("HTTP/2 stream {stream} on the connection to {place} belongs to no request")),
                        }
                    }
                }
                Speech::Http1(http) => {
                    let unread = http.unread + http.pending();
                    if unread > 0 {
                        socket.expected.iter().for_each(|&at| self.requests[at].begun = true);
                        strays.push(format!("{unread} bytes written to {place} are no HTTP request"));
                    }
                    let mut expected = socket.expected.iter().copied();
                    for sent in http.requests.into_iter().filter(|request| !request.line.is_empty()) {
                        match expected.find(|&at| is_line_of(&sent.line, &self.requests[at])) {
                            Some(at) => self.requests[at].written = Some(sent.carrier),
                            None => strays.push(format!("`{}` to {} was written and belongs to no request", sent.line, sent.host)),
                        }
                    }
                }
            }
        }
        drop_unwritten_repeats(&mut self.requests);
        Wire {
            requests: self.requests,
            headers: self.headers,
            answers: self.answers,
            udp: self.udp,
            names: self.names.finish(),
            strays,
            has_bytes,
            reading,
        }
    }
}

fn dependency(event: &Event<'_>) -> Option<i64> {
    event.params::<Dependency>().map(|params| event.number(params.source_dependency.id))
}

fn feed(socket: &mut Socket, event: &Event<'_>) {
    let Some(sent) = event.params::<SentBytes<'_>>() else { return };
    // A log that was made without bytes has events that count them.
    if let Some(bytes) = STANDARD.decode(sent.bytes.as_bytes()).ok().filter(|bytes| !bytes.is_empty()) {
        socket.feed(&bytes, Moment { line: event.line, tick: event.tick });
    }
}

/// A TLS handshake record, in base64: 0x16, 0x03.
fn is_tls(base64: &str) -> bool {
    base64.starts_with("FgM")
}

/// A request that is sent again on another connection counts twice only where it was written twice.
fn drop_unwritten_repeats(requests: &mut Vec<WireRequest>) {
    let mut places = Vec::with_capacity(requests.len());
    let mut kept: usize = 0;
    let repeated: HashSet<i64> = requests.iter().filter(|request| request.again).map(|request| request.source).collect();
    let unwritten = |request: &WireRequest| {
        request.written.is_none() && request.sent.is_some() && request.version != HttpVersion::Http3 && repeated.contains(&request.source)
    };
    let latest: HashMap<i64, usize> = requests.iter().enumerate().map(|(at, request)| (request.source, at)).collect();
    let drop: Vec<bool> = requests
        .iter()
        .enumerate()
        .map(|(at, request)| unwritten(request) && latest.get(&request.source) != Some(&at) && request.ending == Ending::Open)
        .collect();
    for &dropped in &drop {
        places.push(kept);
        kept += usize::from(!dropped);
    }
    let mut at = 0;
    requests.retain(|_| {
        at += 1;
        !drop[at - 1]
    });
    for request in requests {
        request.redirected_from = request.redirected_from.map(|before| places[before]);
    }
}

/// `GET /ws` against `wss://host/ws`.
fn is_line_of(line: &str, request: &WireRequest) -> bool {
    let Some((method, target)) = line.split_once(' ') else { return false };
    method == &*request.method && path_of(&request.url) == path_of(target)
}

/// Path and query; a proxy is asked with the whole address.
fn path_of(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?']).map_or("/", |at| &rest[at..]),
        None => url,
    }
}

pub(crate) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(address, _)| address)
}

fn header(line: &str) -> Option<Header> {
    let line = unescape(line);
    // A pseudo header starts with the colon that elsewhere ends the name.
    if line.starts_with(':') {
        return None;
    }
    let (name, value) = line.split_once(':')?;
    Some(Header { name: name.to_owned(), value: value.strip_prefix(' ').unwrap_or(value).to_owned() })
}

fn is_text(headers: &[Header]) -> bool {
    let kind =
        headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type")).map(|header| header.value.to_ascii_lowercase());
    kind.is_some_and(|kind| ["text/", "javascript", "ecmascript", "json", "html", "xml"].iter().any(|word| kind.contains(word)))
}

/// Chromium marks a line with bytes beyond ASCII and writes each of them as `%XX`.
fn unescape(line: &str) -> Cow<'_, str> {
    let Some(escaped) = line.strip_prefix("%ESCAPED:\u{200b} ") else { return Cow::Borrowed(line) };
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(escaped).collect();
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => error.as_bytes().iter().map(|&byte| char::from(byte)).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests;
