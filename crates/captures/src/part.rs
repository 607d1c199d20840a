use pixelwitness_recording::{
    Body, Canary, CaptureKind, Gap, GapKind, Header, HeaderSource, HttpVersion, Initiator, LogLine, Message, RawLog, Request, RequestId,
    Sender, SenderSource, StepRun, TargetKind, Transmission, Witness,
};

use crate::own_traffic;
use crate::requests::{Requests, renumbered};

/// What one capture gives. Its requests, steps and places are numbered by themselves; the case puts them behind those of others.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: CaptureKind,
    /// What it says made it.
    pub(crate) made_by: String,
    /// Whether it could be read to its end.
    pub(crate) whole: bool,
    pub(crate) steps: Vec<StepRun>,
    pub(crate) requests: Requests,
    pub(crate) messages: Vec<Message>,
    pub(crate) gaps: Vec<Gap>,
    /// Values that its journey typed, where it is one of our own logs.
    pub(crate) canaries: Vec<Canary>,
    /// What its reader found in it that no rule explains.
    pub(crate) unexplained: Vec<String>,
}

impl Part {
    pub(crate) fn new(kind: CaptureKind) -> Self {
        Self {
            kind,
            made_by: String::new(),
            whole: true,
            steps: Vec::new(),
            requests: Requests::default(),
            messages: Vec::new(),
            gaps: Vec::new(),
            canaries: Vec::new(),
            unexplained: Vec::new(),
        }
    }

    /// Says something that concerns the whole capture.
    pub(crate) fn say(&mut self, kind: GapKind, why: impl Into<String>) {
        self.gaps.push(Gap { kind, why: why.into(), request: None, step: None });
    }

    /// Says that reading stopped, and where.
    pub(crate) fn stopped(&mut self, why: impl Into<String>) {
        self.whole = false;
        self.say(GapKind::LogDamaged, why);
    }

    /// Adds a request, which gets the next number.
    pub(crate) fn push(&mut self, mut request: Request) -> RequestId {
        own_traffic::set_aside(&mut request);
        request.id = self.next_id();
        let id = request.id;
        if let Body::Unavailable { why } = &request.body
            // Where a capture has nothing but addresses, that is said once.
            && request.headers_from == HeaderSource::Capture
            && request.sender == Sender::Page
            && request.may_have_left()
        {
            let why = format!("{} {}: {why}", request.method, request.url);
            self.gaps.push(Gap { kind: GapKind::BodyUnavailable, why, request: Some(id), step: None });
        }
        self.requests.push(request);
        id
    }

    pub(crate) fn next_id(&self) -> RequestId {
        id_at(self.requests.len())
    }

    /// Puts the requests in the order they were sent, where the capture says when.
    pub(crate) fn sort(&mut self) {
        let Some(numbers) = self.requests.sort() else { return };
        self.messages.iter_mut().for_each(|message| message.request = renumbered(&numbers, message.request));
        self.gaps.iter_mut().filter_map(|gap| gap.request.as_mut()).for_each(|id| *id = renumbered(&numbers, *id));
    }
}

/// The number of the request at a place, before they are put in order.
pub(crate) fn id_at(place: usize) -> RequestId {
    RequestId(u32::try_from(place + 1).unwrap_or(u32::MAX))
}

/// A request of which no more is known than its method and address, at a place of its capture.
pub(crate) fn told(method: &str, url: &str, place: u64) -> Request {
    Request {
        id: RequestId(0),
        step: None,
        sent_at_ms: 0,
        sender: Sender::Page,
        page_url: None,
        frame: None,
        target: TargetKind::Unknown,
        resource_type: String::new(),
        method: method.into(),
        url: without_fragment(url).into(),
        http_version: HttpVersion::Unknown,
        headers: Vec::new(),
        headers_from: HeaderSource::Nobody,
        body: Body::Empty,
        body_from: Witness::Capture,
        initiator: Initiator::default(),
        sender_from: SenderSource::Nobody,
        top_site: None,
        redirected_from: None,
        response: None,
        remote_address: None,
        transmission: Transmission::Sent,
        witness: Witness::Capture,
        log_lines: vec![LogLine { log: RawLog::Capture(0), line: place }],
    }
}

pub(crate) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(address, _)| address)
}

/// `1 body`, `2 bodies`
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(crate) fn header(name: &str, value: &str) -> Header {
    Header { name: name.into(), value: value.into() }
}

/// The body of a request that has none on record, by what else is known of it.
pub(crate) fn absent_body(method: &str, announced: Option<u64>, why: &str) -> Body {
    let may_carry = matches!(method, "POST" | "PUT" | "PATCH");
    match announced {
        Some(0) => Body::Empty,
        None if !may_carry => Body::Empty,
        Some(bytes) => Body::Unavailable { why: format!("{why}, and it had {bytes} bytes") },
        None => Body::Unavailable { why: why.to_owned() },
    }
}

/// What the `Content-Length` header says.
pub(crate) fn content_length(request: &Request) -> Option<u64> {
    request.header("content-length")?.trim().parse().ok()
}
