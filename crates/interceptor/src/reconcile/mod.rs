//! Two accounts of the same traffic become one recording: request by request, each with who saw it.

mod body;
mod completeness;
mod failed_hosts;
mod matching;
mod messages;
mod place;
mod request;
mod traced;
mod transmission;

use std::cell::RefCell;

use pixelwitness_recording::{
    Bytes, Cursor, Gap, GapKind, LogLine, Message, Network, Packed, RawLog, Recording, Request, RequestId, Sender,
};

use crate::devtools::{Devtools, Exchange, Places, StepStart, Traced};
use crate::headers::HeaderReader;
use crate::wire::{Wire, WireRequest};

/// What both sides know beyond a single request.
pub(crate) struct Context<'a> {
    wire_headers: HeaderReader<'a>,
    devtools_headers: HeaderReader<'a>,
    /// Bodies of answers that the wire log has.
    answers: RefCell<Cursor<'a, Bytes>>,
    places: Places,
    starts: Vec<StepStart>,
    /// Milliseconds since the Unix epoch at tick 0 of the browser's clock.
    offset_ms: i64,
    wire_log: WireLog,
    /// Whether we did not run the browser ourselves: nobody knows when the journey began, and bytes may have been left out on purpose.
    foreign: bool,
    /// Whether the wire log has the bytes that were written.
    has_bytes: bool,
    errors: std::collections::HashMap<i64, String>,
    /// Networks around the auditor that pages were allowed to reach.
    allowed: Vec<Network>,
}

/// How much of the wire log there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireLog {
    Whole,
    CutOff,
    Missing,
}

impl Context<'_> {
    fn unix_ms(&self, tick: u64) -> u64 {
        u64::try_from(i64::try_from(tick).unwrap_or(i64::MAX).saturating_add(self.offset_ms)).unwrap_or(0)
    }

    /// The step under way at that time.
    fn step_at(&self, at_ms: u64) -> Option<usize> {
        let after = self.starts.partition_point(|start| start.at_ms <= at_ms);
        self.starts.get(after.checked_sub(1)?).map(|start| start.step)
    }

    /// Whether the journey's first step had yet to begin at that time.
    fn is_before_the_journey(&self, at_ms: u64) -> bool {
        !self.foreign && self.starts.first().is_some_and(|start| at_ms < start.at_ms)
    }
}

/// What is found beside the requests themselves.
#[derive(Default)]
pub(crate) struct Remarks {
    gaps: Vec<Gap>,
    unexplained: Vec<String>,
}

impl Remarks {
    fn gap(&mut self, kind: GapKind, request: &Request, why: String) {
        self.gaps.push(Gap { kind, why, request: Some(request.id), step: request.step });
    }
}

/// One request as either or both witnesses tell it.
struct Account {
    wire: Option<WireRequest>,
    exchange: Option<Exchange>,
    /// What the trace has of it, where DevTools did not announce it.
    traced: Option<Traced>,
}

/// Where both witnesses speak of one request, in the order of the requests.
#[derive(Clone, Copy)]
struct Pair {
    wire: Option<usize>,
    exchange: Option<usize>,
    /// Place of its entry in the trace.
    traced: Option<usize>,
    /// When it was sent or announced, in microseconds of the browser's clock.
    order: u64,
}

/// Joins both witnesses.
pub(crate) fn reconcile(mut devtools: Devtools, wire: Option<Wire>) -> Recording {
    let wire_log = match &wire {
        None => WireLog::Missing,
        Some(wire) if wire.reading.whole && wire.reading.damaged == 0 && wire.reading.restarts == 0 => WireLog::Whole,
        Some(_) => WireLog::CutOff,
    };
    let mut wire = wire.unwrap_or_default();
    let (requests, exchanges) = (std::mem::take(&mut wire.requests), std::mem::take(&mut devtools.exchanges));
    let traced = std::mem::take(&mut devtools.traced);
    let (wire_headers, devtools_headers, answers) =
        (std::mem::take(&mut wire.headers), std::mem::take(&mut devtools.headers), std::mem::take(&mut wire.answers));
    let context = Context {
        wire_headers: wire_headers.reader(),
        devtools_headers: devtools_headers.reader(),
        answers: RefCell::new(answers.cursor()),
        places: std::mem::take(&mut devtools.places),
        starts: std::mem::take(&mut devtools.starts),
        offset_ms: wire.reading.offset_ms,
        wire_log,
        foreign: devtools.foreign,
        has_bytes: wire.has_bytes,
        errors: std::mem::take(&mut wire.reading.errors),
        allowed: devtools.environment.allowed_networks.clone(),
    };
    let mut remarks = Remarks::default();
    let (requests, messages) = told(requests, exchanges, &traced, &context, &mut remarks);
    completeness::complete(devtools, &wire, &context, Joined { requests, messages, remarks })
}

/// The finished requests and what goes with them.
pub(crate) struct Joined {
    requests: Packed<Request>,
    messages: Packed<Message>,
    remarks: Remarks,
}

fn pairs(wire: &[WireRequest], exchanges: &[Exchange], traced: &[Traced]) -> Vec<Pair> {
    let of_exchange = matching::pair(wire, exchanges);
    let mut of_wire = vec![None; wire.len()];
    for (at, pair) in of_exchange.iter().enumerate() {
        if let Some(wire) = *pair {
            of_wire[wire] = Some(at);
        }
    }
    let is_announced: Vec<bool> = of_wire.iter().map(Option::is_some).collect();
    let traces = traced::traces(wire, &is_announced, traced);
    let seen_on_wire = wire.iter().enumerate().map(|(at, request)| {
        let order = request.sent.unwrap_or(request.started).saturating_mul(1000);
        Pair { wire: Some(at), exchange: of_wire[at], traced: traces[at], order }
    });
    let unseen = exchanges.iter().enumerate().filter(|(at, _)| of_exchange[*at].is_none());
    let only_announced =
        unseen.map(|(at, exchange)| Pair { wire: None, exchange: Some(at), traced: None, order: (exchange.tick * 1000.0) as u64 });
    let mut pairs: Vec<Pair> = seen_on_wire.chain(only_announced).collect();
    pairs.sort_by_key(|pair| (pair.order, pair.wire.is_none(), pair.wire, pair.exchange));
    pairs
}

/// Takes both accounts apart, request by request: what was told of one is gone before the next is made.
fn told(
    wire: Vec<WireRequest>,
    exchanges: Vec<Exchange>,
    traced: &[Traced],
    context: &Context<'_>,
    remarks: &mut Remarks,
) -> (Packed<Request>, Packed<Message>) {
    let number = |at: usize| RequestId(u32::try_from(at + 1).unwrap_or(u32::MAX));
    let pairs = pairs(&wire, &exchanges, traced);
    let (mut by_wire, mut by_exchange) = (vec![None; wire.len()], vec![None; exchanges.len()]);
    for (at, pair) in pairs.iter().enumerate() {
        pair.wire.into_iter().for_each(|wire| by_wire[wire] = Some(number(at)));
        pair.exchange.into_iter().for_each(|exchange| by_exchange[exchange] = Some(number(at)));
    }
    let mut wire: Vec<Option<WireRequest>> = wire.into_iter().map(Some).collect();
    let mut exchanges: Vec<Option<Exchange>> = exchanges.into_iter().map(Some).collect();
    let mut requests = Packed::default();
    let mut messages = Vec::new();
    for (at, pair) in pairs.into_iter().enumerate() {
        let wire = pair.wire.and_then(|place| wire[place].take());
        let exchange = pair.exchange.and_then(|place| exchanges[place].take());
        let traced = pair.traced.map(|place| traced[place].clone());
        let before_on_wire = wire.as_ref().and_then(|wire| by_wire.get(wire.redirected_from?).copied()?);
        let before_in_devtools = exchange.as_ref().and_then(|exchange| by_exchange.get(exchange.redirected_from?).copied()?);
        let (mut request, mut sent) = request::request(number(at), Account { wire, exchange, traced }, context, remarks);
        request.redirected_from = before_on_wire.or(before_in_devtools);
        requests.push(request);
        messages.append(&mut sent);
    }
    messages.sort_by_key(|message| (message.sent_at_ms, message.request));
    (requests, messages.into())
}

fn is_page(request: &Request) -> bool {
    request.sender == Sender::Page
}

fn devtools_line(line: u64) -> LogLine {
    LogLine { log: RawLog::Devtools, line }
}

fn netlog_line(line: u64) -> LogLine {
    LogLine { log: RawLog::Netlog, line }
}
