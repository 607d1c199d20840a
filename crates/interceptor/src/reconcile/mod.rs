//! Two accounts of the same traffic become one recording: request by request, each with who saw it.

mod body;
mod completeness;
mod matching;
mod messages;
mod place;
mod request;
mod traced;
mod transmission;

use pixelwitness_recording::{Gap, GapKind, LogLine, Message, Network, Packed, RawLog, Recording, Request, RequestId, Sender};

use crate::devtools::{Devtools, Exchange, Places, StepStart, Traced};
use crate::wire::{Wire, WireRequest};

/// What both sides know beyond a single request.
pub(crate) struct Context {
    places: Places,
    starts: Vec<StepStart>,
    /// Milliseconds since the Unix epoch at tick 0 of the browser's clock.
    offset_ms: i64,
    wire_log: WireLog,
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

impl Context {
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
        self.starts.first().is_some_and(|start| at_ms < start.at_ms)
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
    wire_place: Option<usize>,
    exchange_place: Option<usize>,
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
    let accounts = accounts(std::mem::take(&mut wire.requests), std::mem::take(&mut devtools.exchanges), &devtools.traced);
    let context = Context {
        places: std::mem::take(&mut devtools.places),
        starts: std::mem::take(&mut devtools.starts),
        offset_ms: wire.reading.offset_ms,
        wire_log,
        errors: std::mem::take(&mut wire.reading.errors),
        allowed: devtools.environment.allowed_networks.clone(),
    };
    let mut remarks = Remarks::default();
    let (requests, messages) = told(accounts, &context, &mut remarks);
    completeness::complete(devtools, &wire, &context, Joined { requests, messages, remarks })
}

/// The finished requests and what goes with them.
pub(crate) struct Joined {
    requests: Packed<Request>,
    messages: Packed<Message>,
    remarks: Remarks,
}

fn accounts(wire: Vec<WireRequest>, exchanges: Vec<Exchange>, traced: &[Traced]) -> Vec<Account> {
    let pairs = matching::pair(&wire, &exchanges);
    let mut exchanges: Vec<Option<Exchange>> = exchanges.into_iter().map(Some).collect();
    let mut announced = vec![None; wire.len()];
    for (at, pair) in pairs.iter().enumerate() {
        if let Some(wire) = *pair {
            announced[wire] = Some(at);
        }
    }
    let is_announced: Vec<bool> = announced.iter().map(Option::is_some).collect();
    let traces = traced::traces(&wire, &is_announced, traced);
    let mut accounts = Vec::with_capacity(wire.len() + exchanges.len());
    for (at, request) in wire.into_iter().enumerate() {
        let order = request.sent.unwrap_or(request.started).saturating_mul(1000);
        let exchange_place = announced[at];
        let exchange = exchange_place.and_then(|place| exchanges[place].take());
        let traced = traces[at].map(|at| traced[at].clone());
        accounts.push(Account { wire: Some(request), exchange, traced, wire_place: Some(at), exchange_place, order });
    }
    for (at, exchange) in exchanges.into_iter().enumerate() {
        if let Some(exchange) = exchange {
            let order = (exchange.tick * 1000.0) as u64;
            accounts.push(Account {
                wire: None,
                exchange: Some(exchange),
                traced: None,
                wire_place: None,
                exchange_place: Some(at),
                order,
            });
        }
    }
    accounts.sort_by_key(|account| (account.order, account.wire_place.is_none(), account.wire_place, account.exchange_place));
    accounts
}

fn told(accounts: Vec<Account>, context: &Context, remarks: &mut Remarks) -> (Packed<Request>, Packed<Message>) {
    let number = |at: usize| RequestId(u32::try_from(at + 1).unwrap_or(u32::MAX));
    let places = |place: fn(&Account) -> Option<usize>| {
        let numbered = accounts.iter().enumerate().filter_map(move |(at, account)| Some((place(account)?, number(at))));
        numbered.collect::<std::collections::HashMap<usize, RequestId>>()
    };
    let by_wire = places(|account| account.wire_place);
    let by_exchange = places(|account| account.exchange_place);
    let mut requests = Packed::default();
    let mut messages = Vec::new();
    for (at, account) in accounts.into_iter().enumerate() {
        let before_on_wire = account.wire.as_ref().and_then(|wire| by_wire.get(&wire.redirected_from?)).copied();
        let before_in_devtools = account.exchange.as_ref().and_then(|exchange| by_exchange.get(&exchange.redirected_from?)).copied();
        let (mut request, mut sent) = request::request(number(at), account, context, remarks);
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
