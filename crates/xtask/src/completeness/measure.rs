use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use pixelwitness_recording::{GapKind, Request, Sender, SenderSource, TargetKind, Transmission, Witness};
use pixelwitness_test_sites::{Fate, MessageKind, Received, Row, Transports, plays};

use super::Truth;

/// What one run showed of one journey's rows.
pub(super) struct Measured {
    /// Every row's cells.
    pub(super) rows: BTreeMap<&'static str, Cells>,
    /// Whether the recording makes the claim that nothing else was sent.
    pub(super) claims: bool,
    /// What is wrong whatever the tables say.
    pub(super) problems: Vec<String>,
}

/// What was seen of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    /// It did what it should: arrived, stayed inside, was named.
    pub(super) as_expected: Seen,
    /// The wire log has it.
    pub(super) wire: Seen,
    /// DevTools has it.
    pub(super) devtools: Seen,
    /// The body is what the server received, byte for byte; the messages as well.
    pub(super) body: Seen,
    /// The `Cookie` header is what the server received.
    pub(super) cookies: Seen,
    /// It is laid to the right step.
    pub(super) step: Seen,
    /// By what it is laid to its sender.
    pub(super) sender: Known,
}

/// Whether something was seen, over all requests of a row and all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    No,
    Sometimes,
    Yes,
}

/// What is known of a request's sender, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    Nothing,
    /// The origin that the network stack names, and the time.
    Origin,
    /// The only frame of that origin that there had been.
    FrameByOrigin,
    /// The frame or the worker, by DevTools or by the trace.
    Place,
    /// The script's calls.
    Calls,
}

impl Seen {
    pub(super) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    /// Seen in this and in that.
    pub(super) fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Sometimes }
    }
}

/// Sums over all runs.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) received: usize,
    pub(super) wire: usize,
    pub(super) devtools: usize,
    pub(super) bodies: usize,
    pub(super) cookies: usize,
    pub(super) messages: usize,
    pub(super) messages_exact: usize,
}

impl Totals {
    pub(super) fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.wire += other.wire;
        self.devtools += other.devtools;
        self.bodies += other.bodies;
        self.cookies += other.cookies;
        self.messages += other.messages;
        self.messages_exact += other.messages_exact;
    }

    pub(super) fn words(&self) -> String {
        format!(
            "the server received {} requests: the wire log has {}, DevTools {}; {} bodies and {} `Cookie` headers are exact; of {} WebSocket messages, {} are",
            self.received, self.wire, self.devtools, self.bodies, self.cookies, self.messages, self.messages_exact
        )
    }

    /// What the server received and the recording does not have as received.
    pub(super) fn missed(&self) -> Vec<String> {
        [
            ("requests are not in the wire log", self.received - self.wire),
            ("bodies are not what the server received", self.received - self.bodies),
            ("`Cookie` headers are not what the server received", self.received - self.cookies),
            ("WebSocket messages are not what the server received", self.messages - self.messages_exact),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{count} {what}"))
        .collect()
    }
}

/// A request the server received, and what was recorded of it.
struct Pair<'a> {
    received: &'a Received,
    recorded: Option<Request>,
    /// Whether the messages that followed are as received.
    messages: bool,
}

pub(super) fn measure(lab: &Transports, truth: &Truth, totals: &mut Totals) -> Measured {
    let mut problems = Vec::new();
    let pairs = pairs(truth, &mut problems, totals);
    let rows = lab.rows().map(|row| (row.name, cells(row, &pairs, truth, &mut problems))).collect();
    let completeness = &truth.recording.completeness;
    let claims = completeness.finished && completeness.unexplained.is_empty();
    Measured { rows, claims, problems }
}

fn pairs<'a>(truth: &'a Truth, problems: &mut Vec<String>, totals: &mut Totals) -> Vec<Pair<'a>> {
    let mut free: Vec<Request> = truth.recording.requests.iter().collect();
    let mut pairs = Vec::new();
    for received in truth.received.iter().filter(|received| plays(received.host_name())) {
        let best = free.iter().enumerate().max_by_key(|(_, request)| likeness(request, received));
        let at = best.filter(|(_, request)| likeness(request, received) > 0).map(|(at, _)| at);
        let recorded = at.map(|at| free.swap_remove(at));
        let (messages, count) = messages(truth, received, recorded.as_ref());
        let pair = Pair { received, recorded, messages };
        totals.received += 1;
        totals.wire += usize::from(pair.is(|request| request.witness != Witness::DevtoolsOnly));
        totals.devtools += usize::from(pair.is(|request| request.witness != Witness::WireOnly));
        totals.bodies += usize::from(pair.has_body());
        totals.cookies += usize::from(pair.has_cookies());
        totals.messages += count;
        totals.messages_exact += if messages { count } else { 0 };
        pairs.push(pair);
    }
    let sent = free.iter().filter(|request| request.transmission == Transmission::Sent && request.sender == Sender::Page);
    let invented = sent.filter(|request| host(&request.url).is_some_and(plays));
    problems.extend(invented.map(|request| format!("recorded as sent and not received: {} {}", request.method, request.url)));
    problems.extend(pairs.iter().filter_map(|pair| wrong_sender(pair.recorded.as_ref()?)));
    pairs
}

/// A document of the lab says in the address which one it is. To name another as the sender would be an invention. A frame without an
/// address is written to by its page, which then names itself.
fn wrong_sender(request: &Request) -> Option<String> {
    let (_, query) = request.url.split_once('?')?;
    let from = query.split('&').find_map(|pair| pair.strip_prefix("from="))?;
    let from = percent_decode_str(from).decode_utf8_lossy();
    let frame = request.frame.as_ref().filter(|frame| !frame.url.starts_with("about:") && !frame.url.ends_with(&*from))?;
    Some(format!("{}: laid to the frame {}, and {from} sent it", request.url, frame.url))
}

/// How well a recorded request fits a received one; not above zero, it is another.
fn likeness(request: &Request, received: &Received) -> u8 {
    let scheme = if received.tls { "s" } else { "" };
    let rest = format!("{scheme}://{}{}", received.host, received.target);
    let is_address = request.url.strip_prefix("http").or_else(|| request.url.strip_prefix("ws")).is_some_and(|url| url == rest);
    // Over HTTP/2, the request for a WebSocket is a CONNECT.
    let is_method = request.method == received.method || (received.method == "CONNECT" && request.url.starts_with("wss:"));
    if !is_address || !is_method || !request.may_have_left() {
        return 0;
    }
    let body = request.body.bytes() == Some(&received.body[..]);
    let cookies = request.header("cookie").unwrap_or_default() == received.cookie().unwrap_or_default();
    1 + 2 * u8::from(body) + u8::from(cookies)
}

/// Whether the messages after a handshake were recorded as received, and how many were.
fn messages(truth: &Truth, received: &Received, recorded: Option<&Request>) -> (bool, usize) {
    let kind = |kind: MessageKind| match kind {
        MessageKind::Text => pixelwitness_recording::MessageKind::Text,
        MessageKind::Binary => pixelwitness_recording::MessageKind::Binary,
    };
    let arrived: Vec<_> = truth.messages.iter().filter(|message| message.request == received.number).collect();
    let Some(recorded) = recorded else { return (arrived.is_empty(), arrived.len()) };
    let written: Vec<_> = truth.recording.messages.iter().filter(|message| message.request == recorded.id).collect();
    let is_same = written.len() == arrived.len()
        && written
            .iter()
            .zip(&arrived)
            .all(|(written, arrived)| written.payload.0 == arrived.payload && written.kind == kind(arrived.kind));
    (is_same, arrived.len())
}

fn host(url: &str) -> Option<&str> {
    url.split("://").nth(1)?.split(['/', '?', ':']).next()
}

impl Pair<'_> {
    fn is(&self, is: impl Fn(&Request) -> bool) -> bool {
        self.recorded.as_ref().is_some_and(is)
    }

    fn has_body(&self) -> bool {
        self.is(|request| request.body.bytes() == Some(&self.received.body[..]))
    }

    fn has_cookies(&self) -> bool {
        self.is(|request| request.header("cookie").unwrap_or_default() == self.received.cookie().unwrap_or_default())
    }

    fn sender(&self) -> Known {
        let Some(request) = &self.recorded else { return Known::Nothing };
        let is_worker =
            matches!(request.target, TargetKind::Worker | TargetKind::SharedWorker | TargetKind::ServiceWorker | TargetKind::Worklet);
        if !request.initiator.stack.is_empty() {
            Known::Calls
        } else if request.sender_from >= SenderSource::Trace && (request.frame.is_some() || is_worker) {
            Known::Place
        } else if request.frame.is_some() {
            Known::FrameByOrigin
        } else if request.initiator.origin.is_some() {
            Known::Origin
        } else {
            Known::Nothing
        }
    }
}

fn cells(row: &Row, pairs: &[Pair<'_>], truth: &Truth, problems: &mut Vec<String>) -> Cells {
    let mine: Vec<&Pair<'_>> = pairs.iter().filter(|pair| tag(&pair.received.target) == Some(row.name)).collect();
    let all = |is: &dyn Fn(&Pair<'_>) -> bool| {
        let seen = mine.iter().map(|pair| Seen::of(is(pair)));
        seen.reduce(Seen::and).unwrap_or(Seen::No)
    };
    Cells {
        as_expected: Seen::of(is_as_expected(row, &mine, truth, problems)),
        wire: all(&|pair| pair.is(|request| request.witness != Witness::DevtoolsOnly)),
        devtools: all(&|pair| pair.is(|request| request.witness != Witness::WireOnly)),
        body: all(&|pair| pair.has_body() && pair.messages),
        cookies: all(&|pair| pair.has_cookies()),
        step: all(&|pair| pair.is(|request| request.step.is_some_and(|step| step >= row.step))),
        sender: mine.iter().map(|pair| pair.sender()).min().unwrap_or(Known::Nothing),
    }
}

/// Whether the page did what its row says. A page that does otherwise proves nothing about the tool.
fn is_as_expected(row: &Row, mine: &[&Pair<'_>], truth: &Truth, problems: &mut Vec<String>) -> bool {
    let has_come = mine.iter().any(|pair| pair.received.method != "OPTIONS");
    match row.fate {
        Fate::Arrives => {}
        Fate::Kept(_) | Fate::Impossible(_) => {
            if has_come {
                problems.push(format!("{} should not leave the browser, and the server received it", row.name));
            }
            let sent = truth.recording.requests.iter().filter(|request| request.transmission == Transmission::Sent);
            let claimed = sent.filter(|request| tag(&request.url) == Some(row.name) && request.method != "OPTIONS");
            problems
                .extend(claimed.map(|request| format!("{}: {} did not leave the browser and is recorded as sent", row.name, request.id)));
            return !has_come;
        }
        Fate::Datagrams => {
            let named = format!("went to {}", row.host);
            return truth.recording.gaps.iter().any(|gap| gap.kind == GapKind::Opaque && gap.why.contains(&named));
        }
    }
    let Some((last, before)) = row.methods.split_last() else { return false };
    let of =
        |method: &str| -> Vec<&Received> { mine.iter().map(|pair| pair.received).filter(|received| received.method == method).collect() };
    let arrived = of(last);
    let wrong = arrived.iter().filter(|received| received.host_name() != row.host || !row.body.fits(&received.body));
    problems.extend(wrong.map(|received| {
        format!("{}: the page should not send {} bytes {:?} to {}", row.name, received.body.len(), start(&received.body), received.host)
    }));
    for received in &arrived {
        let messages: Vec<_> = truth.messages.iter().filter(|message| message.request == received.number).collect();
        let fit = messages.len() == row.messages.len()
            && messages.iter().zip(row.messages).all(|(message, content)| content.fits(&message.payload));
        problems.extend((!fit).then(|| format!("{}: the page should send other messages ({} arrived)", row.name, messages.len())));
    }
    let brings = |received: &&Received| row.cookie.is_none_or(|cookie| received.cookie().is_some_and(|line| line.contains(cookie)));
    if !arrived.is_empty() && !arrived.iter().any(brings) {
        problems.push(format!("{}: it should bring the cookie {}", row.name, row.cookie.unwrap_or_default()));
    }
    !arrived.is_empty() && before.iter().all(|method| !of(method).is_empty())
}

/// The row that an address names.
fn tag(address: &str) -> Option<&str> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("tag="))
}

fn start(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned()
}
