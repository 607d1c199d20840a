use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::sent::{OFFSET_MS, Sent, sent, token};

/// Events in the order of their numbers.
const EVENTS: &[&str] = &[
    "CORS_REQUEST",
    "CHECK_CORS_PREFLIGHT_REQUIRED",
    "REQUEST_ALIVE",
    "NETWORK_DELEGATE_BEFORE_URL_REQUEST",
    "TRANSPORT_SECURITY_STATE_SHOULD_UPGRADE_TO_SSL",
    "URL_REQUEST_START_JOB",
    "COMPUTED_PRIVACY_MODE",
    "COOKIE_INCLUSION_STATUS",
    "NETWORK_DELEGATE_BEFORE_START_TRANSACTION",
    "HTTP_CACHE_GET_BACKEND",
    "HTTP_STREAM_REQUEST",
    "HTTP_STREAM_JOB_CONTROLLER_BOUND",
    "HTTP_STREAM_REQUEST_BOUND_TO_JOB",
    "LOCAL_NETWORK_ACCESS_CHECK",
    "UPLOAD_DATA_STREAM_READ",
    "HTTP_TRANSACTION_SEND_REQUEST",
    "HTTP_TRANSACTION_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
    "HTTP_TRANSACTION_READ_HEADERS",
    "HTTP_TRANSACTION_READ_RESPONSE_HEADERS",
    "NETWORK_DELEGATE_HEADERS_RECEIVED",
    "URL_REQUEST_DELEGATE_RESPONSE_STARTED",
    "HTTP_TRANSACTION_READ_BODY",
    "URL_REQUEST_JOB_FILTERED_BYTES_READ",
    "HTTP2_SESSION_INITIALIZED",
    "HTTP2_SESSION_SEND_HEADERS",
    "SSL_SOCKET_BYTES_SENT",
    "SSL_SOCKET_BYTES_RECEIVED",
    "SOCKET_BYTES_SENT",
    "SOCKET_BYTES_RECEIVED",
    "TCP_CONNECT",
    "SOCKET_POOL_BOUND_TO_SOCKET",
    "SIMPLE_CACHE_ENTRY",
];

const NONE: u8 = 0;
const BEGIN: u8 = 1;
const END: u8 = 2;

/// Writes a whole NetLog of that many requests.
pub(crate) fn netlog(requests: usize, out: &mut impl Write) -> io::Result<()> {
    let types: Vec<String> = EVENTS.iter().enumerate().map(|(number, name)| format!("\"{name}\":{number}")).collect();
    writeln!(
        out,
        "{{\"constants\":{{\"logEventPhase\":{{\"PHASE_BEGIN\":1,\"PHASE_END\":2,\"PHASE_NONE\":0}},\"logEventTypes\":{{{}}},\
         \"logFormatVersion\":1,\"netError\":{{\"ERR_ABORTED\":-3}},\"timeTickOffset\":{OFFSET_MS}}},",
        types.join(",")
    )?;
    writeln!(out, "\"events\": [")?;
    let mut log = Log { out, noise: noise(), streams: vec![0; 64], after: false, tick: 0 };
    for number in 0..requests {
        log.request(&sent(number))?;
    }
    writeln!(log.out, "]}}")
}

/// Bytes that do not compress, as base64: what is under TLS looks like this.
fn noise() -> String {
    (0..8_192).map(|number| token(number, 9)).map(|token| STANDARD.encode(&token.as_bytes()[..24])).collect()
}

struct Log<'a, W> {
    out: &'a mut W,
    noise: String,
    /// Requests sent on each connection.
    streams: Vec<u32>,
    after: bool,
    tick: u64,
}

impl<W: Write> Log<'_, W> {
    fn event(&mut self, name: &str, phase: u8, source: usize, params: &str) -> io::Result<()> {
        let kind = EVENTS.iter().position(|event| *event == name).expect("the event has a number");
        let separator = if self.after { ",\n" } else { "" };
        self.after = true;
        let params = if params.is_empty() { String::new() } else { format!("\"params\":{{{params}}},") };
        let (tick, started) = (self.tick, self.tick.saturating_sub(3));
        write!(
            self.out,
            "{separator}{{{params}\"phase\":{phase},\"source\":{{\"id\":{source},\"start_time\":\"{started}\",\"type\":1}},\"time\":\"{tick}\",\"type\":{kind}}}"
        )
    }

    fn span(&mut self, name: &str, source: usize) -> io::Result<()> {
        self.event(name, BEGIN, source, "")?;
        self.event(name, END, source, "")
    }

    fn request(&mut self, sent: &Sent) -> io::Result<()> {
        self.tick = sent.tick;
        // Numbers of sources: connections first, then the job and the request of each number.
        let (job, source) = (1_000 + sent.number * 2, 1_001 + sent.number * 2);
        self.connect(sent)?;
        self.start(sent, source)?;
        self.bind(sent, source, job)?;
        self.write(sent, source, job)?;
        self.answer(sent, source)
    }

    fn connect(&mut self, sent: &Sent) -> io::Result<()> {
        let (socket, session) = sockets(sent);
        if self.streams[sent.connection()] > 0 {
            return Ok(());
        }
        self.event("TCP_CONNECT", BEGIN, socket, "\"address_list\":[\"192.0.2.7:443\"]")?;
        self.event("TCP_CONNECT", END, socket, "\"local_address\":\"192.0.2.1:50000\",\"remote_address\":\"192.0.2.7:443\"")?;
        self.event("SOCKET_BYTES_SENT", NONE, socket, "\"byte_count\":5,\"bytes\":\"FgMBAgA=\"")?;
        if sent.is_http2() {
            self.event("HTTP2_SESSION_INITIALIZED", NONE, session, &format!("\"source_dependency\":{{\"id\":{socket},\"type\":10}}"))?;
            let preface = STANDARD.encode(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            self.event("SSL_SOCKET_BYTES_SENT", NONE, socket, &format!("\"byte_count\":24,\"bytes\":\"{preface}\""))?;
        }
        Ok(())
    }

    fn start(&mut self, sent: &Sent, source: usize) -> io::Result<()> {
        let url = sent.url();
        let lines = lines(&sent.headers(), "");
        self.event(
            "CORS_REQUEST",
            BEGIN,
            source,
            &format!("\"cors_preflight_policy\":\"consider_preflight\",\"request_headers\":{{\"headers\":[{lines}]}},\"url\":\"{url}\""),
        )?;
        self.event("CHECK_CORS_PREFLIGHT_REQUIRED", NONE, source, "\"preflight_required\":false")?;
        self.event("REQUEST_ALIVE", BEGIN, source, &format!("\"priority\":\"MEDIUM\",\"traffic_annotation\":101845102,\"url\":\"{url}\""))?;
        self.span("NETWORK_DELEGATE_BEFORE_URL_REQUEST", source)?;
        self.event(
            "TRANSPORT_SECURITY_STATE_SHOULD_UPGRADE_TO_SSL",
            NONE,
            source,
            &format!("\"get_sts_state_result\":false,\"host\":\"{}\",\"should_upgrade_to_ssl\":false", sent.host),
        )?;
        let initiator = if sent.number == 0 { "not an origin" } else { "https://www.clinic.example" };
        self.event(
            "URL_REQUEST_START_JOB",
            BEGIN,
            source,
            &format!(
                "\"initiator\":\"{initiator}\",\"load_flags\":65536,\"method\":\"{}\",\"network_isolation_key\":\"https://clinic.example https://clinic.example\",\
                 \"request_type\":\"other\",\"site_for_cookies\":\"SiteForCookies: {{site=https://clinic.example; schemefully_same=true}}\",\"url\":\"{url}\"",
                sent.method
            ),
        )?;
        self.event("COMPUTED_PRIVACY_MODE", NONE, source, "\"privacy_mode\":\"disabled\"")?;
        for name in ["_ga", "_fbp", "session"] {
            let params = format!(
                "\"domain\":\"{}\",\"name\":\"{name}\",\"operation\":\"send\",\"partition_key\":\"(none)\",\"path\":\"/\",\"status\":\"INCLUDE, DO_NOT_WARN, NO_EXEMPTION\"",
                sent.host
            );
            self.event("COOKIE_INCLUSION_STATUS", NONE, source, &params)?;
        }
        self.span("NETWORK_DELEGATE_BEFORE_START_TRANSACTION", source)?;
        self.span("HTTP_CACHE_GET_BACKEND", source)
    }

    fn bind(&mut self, sent: &Sent, source: usize, job: usize) -> io::Result<()> {
        let (socket, _) = sockets(sent);
        self.event("HTTP_STREAM_REQUEST", BEGIN, source, "")?;
        self.event("HTTP_STREAM_JOB_CONTROLLER_BOUND", NONE, source, "\"source_dependency\":{\"id\":7,\"type\":32}")?;
        self.event("SOCKET_POOL_BOUND_TO_SOCKET", NONE, job, &format!("\"source_dependency\":{{\"id\":{socket},\"type\":10}}"))?;
        self.event("HTTP_STREAM_REQUEST_BOUND_TO_JOB", NONE, source, &format!("\"source_dependency\":{{\"id\":{job},\"type\":17}}"))?;
        self.event("HTTP_STREAM_REQUEST", END, source, "")?;
        self.event(
            "LOCAL_NETWORK_ACCESS_CHECK",
            NONE,
            source,
            "\"address_space_overrides\":\"\",\"client_address_space\":\"public\",\"resource_address_space\":\"public\",\"result\":\"allowed-no-less-public\"",
        )
    }

    fn write(&mut self, sent: &Sent, source: usize, job: usize) -> io::Result<()> {
        let (socket, session) = sockets(sent);
        self.event("HTTP_TRANSACTION_SEND_REQUEST", BEGIN, source, "")?;
        let written = if sent.is_http2() {
            let stream = self.streams[sent.connection()] * 2 + 1;
            let head = [(":method", sent.method), (":authority", &sent.host), (":scheme", "https"), (":path", &sent.path)];
            let pseudo =
                head.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(sent.headers()).collect::<Vec<_>>();
            let lines = lines(&pseudo, "");
            self.event("HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS", NONE, source, &format!("\"headers\":[{lines}]"))?;
            let params = format!(
                "\"exclusive\":true,\"fin\":{},\"has_priority\":true,\"headers\":[{lines}],\"source_dependency\":{{\"id\":{job},\"type\":1}},\"stream_id\":{stream}",
                sent.body.is_empty()
            );
            self.event("HTTP2_SESSION_SEND_HEADERS", NONE, session, &params)?;
            frames(sent, stream)
        } else {
            let lines = lines(&sent.headers(), &format!("Host: {}", sent.host));
            self.event("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", NONE, source, &format!("\"headers\":[{lines}],\"line\":\"\""))?;
            let head: String = sent.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            format!("{} {} HTTP/1.1\r\nHost: {}\r\n{head}\r\n{}", sent.method, sent.path, sent.host, sent.body).into_bytes()
        };
        self.streams[sent.connection()] += 1;
        self.bytes("SSL_SOCKET_BYTES_SENT", socket, &STANDARD.encode(&written))?;
        let sealed = self.noise[sent.number % 1_000 * 4..][..written.len().min(8_000) / 3 * 4].to_owned();
        self.bytes("SOCKET_BYTES_SENT", socket, &sealed)?;
        self.span("UPLOAD_DATA_STREAM_READ", source)?;
        self.event("HTTP_TRANSACTION_SEND_REQUEST", END, source, "")
    }

    fn answer(&mut self, sent: &Sent, source: usize) -> io::Result<()> {
        let (socket, _) = sockets(sent);
        self.tick += 40;
        let lines = lines(&sent.answer_headers(), "HTTP/1.1 200");
        self.event("HTTP_TRANSACTION_READ_HEADERS", BEGIN, source, "")?;
        self.event("HTTP_TRANSACTION_READ_RESPONSE_HEADERS", NONE, source, &format!("\"headers\":[{lines}]"))?;
        self.event("HTTP_TRANSACTION_READ_HEADERS", END, source, "")?;
        self.span("NETWORK_DELEGATE_HEADERS_RECEIVED", source)?;
        self.event("URL_REQUEST_START_JOB", END, source, "")?;
        self.span("URL_REQUEST_DELEGATE_RESPONSE_STARTED", source)?;
        let text = if sent.answer_type.starts_with("image") {
            self.noise.clone()
        } else {
            STANDARD.encode(format!("{{\"answer\":\"{}\"}}", "y".repeat(60_000)))
        };
        let mut left = sent.answer_bytes;
        while left > 0 {
            let piece = left.min(16_000);
            left -= piece;
            let base64 = &text[..piece.div_ceil(3) * 4];
            let sealed = self.noise[sent.number % 1_000 * 4..][..base64.len()].to_owned();
            self.bytes("SOCKET_BYTES_RECEIVED", socket, &sealed)?;
            self.bytes("SSL_SOCKET_BYTES_RECEIVED", socket, base64)?;
            self.span("HTTP_TRANSACTION_READ_BODY", source)?;
            self.bytes("URL_REQUEST_JOB_FILTERED_BYTES_READ", source, base64)?;
        }
        self.span("SIMPLE_CACHE_ENTRY", source)?;
        self.event("CORS_REQUEST", END, source, "")?;
        self.event("REQUEST_ALIVE", END, source, "")
    }

    fn bytes(&mut self, name: &str, source: usize, base64: &str) -> io::Result<()> {
        self.event(name, NONE, source, &format!("\"byte_count\":{},\"bytes\":\"{base64}\"", base64.len() / 4 * 3))
    }
}

/// The socket and, for HTTP/2, the session of a request's connection.
fn sockets(sent: &Sent) -> (usize, usize) {
    (10 + sent.connection() * 2, 11 + sent.connection() * 2)
}

/// Header lines as a list of JSON strings.
fn lines(headers: &[(String, String)], first: &str) -> String {
    let first = (!first.is_empty()).then(|| format!("\"{first}\""));
    let lines = headers.iter().map(|(name, value)| format!("\"{name}: {}\"", value.replace('"', "\\\"")));
    first.into_iter().chain(lines).collect::<Vec<_>>().join(",")
}

/// A frame with a header block and one with the body.
fn frames(sent: &Sent, stream: u32) -> Vec<u8> {
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len()).expect("bodies are small").to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    let block = token(sent.number, 4);
    match sent.body.as_bytes() {
        [] => frame(1, 5, block.as_bytes()),
        body => [frame(1, 4, block.as_bytes()), frame(0, 1, body)].concat(),
    }
}
