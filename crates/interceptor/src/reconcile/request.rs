use pixelwitness_recording::{
    Body, GapKind, Header, HeaderSource, HttpVersion, Initiator, LogLine, Message, Request, RequestId, Response, Sender, SenderSource,
    TargetKind, Transmission, Witness,
};

use crate::devtools::{self, BodyCopy, Exchange, Traced, host_and_scheme};
use crate::own_traffic::{self, Whose};
use crate::reconcile::place::{is_of_site, place};
use crate::reconcile::transmission::transmission;
use crate::reconcile::{Account, Context, Remarks, WireLog, body, devtools_line, messages, netlog_line};
use crate::wire::WireRequest;

/// Lines of the wire log beyond this that a long body is spread over are not listed one by one.
const BODY_LINES: usize = 16;

/// One request from its accounts, with the WebSocket messages that followed it.
pub(super) fn request(id: RequestId, account: Account, context: &Context, remarks: &mut Remarks) -> (Request, Vec<Message>) {
    let Account { mut wire, mut exchange, traced, .. } = account;
    let transmission = transmission(wire.as_ref(), exchange.as_ref(), context);
    let sent_at_ms = match (&wire, &exchange) {
        (Some(wire), _) => context.unix_ms(wire.sent.unwrap_or(wire.started)),
        (None, exchange) => exchange.as_ref().map_or(0, |exchange| exchange.wall_ms),
    };
    let (page_url, frame) = place(wire.as_ref(), exchange.as_ref(), traced.as_ref(), sent_at_ms, context);
    let (headers, headers_from) = headers(wire.as_ref(), exchange.as_ref(), context);
    let url = wire.as_ref().map(|wire| &wire.url).or(exchange.as_ref().map(|exchange| &exchange.url)).map(|url| url.as_ref().to_owned());
    let method = wire.as_ref().map(|wire| &wire.method).or(exchange.as_ref().map(|exchange| &exchange.method));
    let mut request = Request {
        id,
        step: exchange.as_ref().map_or_else(|| context.step_at(sent_at_ms), |exchange| exchange.step),
        sent_at_ms,
        sender: Sender::Page,
        page_url,
        frame,
        target: exchange.as_ref().map_or(TargetKind::Unknown, |exchange| exchange.target_kind),
        resource_type: exchange.as_ref().map(|exchange| exchange.resource_type.as_ref().to_owned()).unwrap_or_default(),
        method: method.map(|method| method.as_ref().to_owned()).unwrap_or_default(),
        url: url.unwrap_or_default(),
        http_version: wire.as_ref().map_or(HttpVersion::Unknown, |wire| wire.version),
        headers,
        headers_from,
        body: Body::Empty,
        body_from: Witness::DevtoolsOnly,
        initiator: initiator(wire.as_ref(), exchange.as_ref(), traced.as_ref()),
        sender_from: match (&exchange, &traced) {
            (Some(_), _) => SenderSource::Devtools,
            (None, Some(_)) => SenderSource::Trace,
            (None, None) if wire.as_ref().is_some_and(|wire| wire.initiator.is_some()) => SenderSource::Origin,
            (None, None) => SenderSource::Nobody,
        },
        top_site: wire.as_ref().and_then(|wire| wire.top_site.as_deref()).map(str::to_owned),
        redirected_from: None,
        response: response(wire.as_mut(), exchange.as_ref(), context),
        remote_address: None,
        witness: match (&wire, &exchange) {
            (Some(_), Some(_)) => Witness::Both,
            (Some(_), None) => Witness::WireOnly,
            (None, _) => Witness::DevtoolsOnly,
        },
        transmission,
        log_lines: lines(wire.as_ref(), exchange.as_ref(), traced.as_ref()),
    };
    if request.may_have_left() {
        request.remote_address = remote(wire.as_ref(), exchange.as_ref());
    }
    set_sender(&mut request, wire.as_ref(), exchange.is_some(), context, remarks);
    contradicts(&request, exchange.as_ref(), context, remarks);
    let uploads = wire.as_ref().is_some_and(|wire| wire.uploads);
    let written = wire.as_mut().and_then(|wire| wire.written.take());
    let sent = if request.url.starts_with("ws") {
        let announced = exchange.as_mut().map(|exchange| std::mem::take(&mut exchange.messages)).unwrap_or_default();
        request.body_from = request.witness;
        messages::messages(&request, written.as_ref(), announced, context, remarks)
    } else if context.foreign && written.is_none() && exchange.is_none() {
        body::left_out(&mut request, uploads, context, remarks);
        Vec::new()
    } else {
        let copy = exchange.map_or(BodyCopy::None, |exchange| exchange.body);
        body::fill(&mut request, written, copy, context, remarks);
        Vec::new()
    };
    (request, sent)
}

fn set_sender(request: &mut Request, wire: Option<&WireRequest>, announced: bool, context: &Context, remarks: &mut Remarks) {
    if let Some(rule) = own_traffic::of_a_portal(request.page_url.as_deref()) {
        request.sender = Sender::Browser { rule };
        request.page_url = None;
        return;
    }
    let Some(wire) = wire.filter(|_| !announced) else { return };
    if context.is_before_the_journey(request.sent_at_ms) {
        // No page of the journey was open yet: this is what the browser shows or fetches when it starts.
        request.sender = Sender::Browser { rule: "it was sent before the journey's first step".to_owned() };
        request.page_url = None;
        return;
    }
    let visited = |site: &str| context.places.was_visited(request.sent_at_ms, |url| is_of_site(url, site));
    let host = host_and_scheme(&request.url).map_or("", |(host, _)| host);
    // Somebody else's log may begin when the page is already there.
    let visited = |site: &str| context.foreign || visited(site);
    match own_traffic::whose(wire, host, wire.top_site.as_deref().is_some_and(visited)) {
        Whose::Page => {}
        Whose::Browser(rule) => {
            request.sender = Sender::Browser { rule };
            request.page_url = None;
        }
        Whose::Nobody => {
            remarks.unexplained.push(format!(
                "{}: {} {}: no page and no rule for the browser's own traffic claims it",
                request.id, request.method, request.url
            ));
        }
    }
}

/// DevTools saw an answer to a request that a whole wire log does not have.
fn contradicts(request: &Request, exchange: Option<&Exchange>, context: &Context, remarks: &mut Remarks) {
    let answered = exchange.is_some_and(|exchange| exchange.answer.is_some());
    if request.witness == Witness::DevtoolsOnly
        && request.transmission == Transmission::Sent
        && answered
        && context.wire_log == WireLog::Whole
    {
        let why = format!("{} {}: DevTools saw it answered, and the wire log does not have it", request.method, request.url);
        remarks.unexplained.push(format!("{}: {why}", request.id));
        remarks.gap(GapKind::WitnessesDisagree, request, why);
    }
}

fn headers(wire: Option<&WireRequest>, exchange: Option<&Exchange>, context: &Context<'_>) -> (Vec<Header>, HeaderSource) {
    let from_wire = wire.and_then(|wire| wire.headers);
    let from_extra = exchange.and_then(|exchange| exchange.extra.as_ref()).map(|extra| extra.headers);
    match (from_wire, from_extra, exchange) {
        (Some(headers), ..) => (context.wire_headers.list(Some(headers)), HeaderSource::Wire),
        (None, Some(headers), _) => (context.devtools_headers.list(headers), HeaderSource::Devtools),
        (None, None, Some(exchange)) => (context.devtools_headers.list(exchange.provisional), HeaderSource::Provisional),
        (None, None, None) => (Vec::new(), HeaderSource::Wire),
    }
}

fn initiator(wire: Option<&WireRequest>, exchange: Option<&Exchange>, traced: Option<&Traced>) -> Initiator {
    let told = match (exchange, traced) {
        (Some(exchange), _) => devtools::initiator(&exchange.initiator),
        (None, Some(traced)) => {
            Initiator { kind: traced.initiator.as_ref().to_owned(), stack: traced.calls.clone(), ..Initiator::default() }
        }
        (None, None) => Initiator::default(),
    };
    Initiator { origin: wire.and_then(|wire| wire.initiator.as_deref()).map(str::to_owned), ..told }
}

fn response(wire: Option<&mut WireRequest>, exchange: Option<&Exchange>, context: &Context<'_>) -> Option<Response> {
    if let Some(response) = wire.and_then(|wire| wire.response.take()) {
        let body = response.body.and_then(|place| context.answers.borrow_mut().get(place as usize));
        return Some(Response { status: response.status, headers: context.wire_headers.list(response.headers), body });
    }
    let answer = exchange?.answer.as_ref()?;
    Some(Response { status: answer.status, headers: context.devtools_headers.list(answer.headers), body: None })
}

fn remote(wire: Option<&WireRequest>, exchange: Option<&Exchange>) -> Option<String> {
    let by_wire = wire.and_then(|wire| wire.remote.as_deref()).map(str::to_owned);
    by_wire.or_else(|| exchange?.answer.as_ref()?.remote.as_deref().map(str::to_owned))
}

fn lines(wire: Option<&WireRequest>, exchange: Option<&Exchange>, traced: Option<&Traced>) -> Vec<LogLine> {
    let announced = exchange.iter().flat_map(|exchange| &exchange.lines).chain(traced.map(|traced| &traced.line));
    let mut lines: Vec<LogLine> = announced.map(|&line| devtools_line(line)).collect();
    if let Some(wire) = wire {
        let carried = wire.written.iter().flat_map(|carrier| {
            let body = carrier.marks.iter().take(BODY_LINES).map(|mark| mark.at.line);
            std::iter::once(carrier.head_line).chain(body)
        });
        lines.extend(std::iter::once(wire.line).chain(wire.headers_line).chain(carried).map(netlog_line));
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}
