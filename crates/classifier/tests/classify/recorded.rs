//! Recordings made by hand, and leaks as lines.

use std::fmt::Write as _;

use pixelwitness_classifier::{Basis, Encoding, Findings};
use pixelwitness_recording::{
    Body, Bytes, Canary, CanaryKind, Header, HeaderSource, HttpVersion, Initiator, Journey, Message, MessageKind, Outcome, Recording,
    Request, RequestId, Response, Sender, SenderSource, StepRun, TargetKind, Transmission, Witness,
};

/// The page that all requests are made under unless a test says otherwise.
pub(crate) const PAGE: &str = "https://www.clinic.example/hiv/prep";

/// A request that both witnesses saw leave.
pub(crate) fn request(method: &str, url: &str) -> Request {
    Request {
        id: RequestId(1),
        step: Some(0),
        sent_at_ms: 1_000,
        sender: Sender::Page,
        page_url: Some(PAGE.to_owned()),
        frame: None,
        target: TargetKind::Page,
        resource_type: "Ping".to_owned(),
        method: method.to_owned(),
        url: url.to_owned(),
        http_version: HttpVersion::Http2,
        headers: Vec::new(),
        headers_from: HeaderSource::Wire,
        body: Body::Empty,
        body_from: Witness::Both,
        initiator: Initiator::default(),
        sender_from: SenderSource::Devtools,
        top_site: None,
        redirected_from: None,
        response: None,
        remote_address: None,
        transmission: Transmission::Sent,
        witness: Witness::Both,
        log_lines: Vec::new(),
    }
}

pub(crate) fn get(url: &str) -> Request {
    request("GET", url)
}

pub(crate) fn post(url: &str, body: &str) -> Request {
    Request { body: body.as_bytes().to_vec().into(), ..request("POST", url) }
}

pub(crate) fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push(Header { name: name.to_owned(), value: value.to_owned() });
    request
}

pub(crate) fn with_answer(request: Request, body: &str) -> Request {
    let body = Some(Bytes(body.as_bytes().to_vec()));
    Request { response: Some(Response { status: 200, headers: Vec::new(), body }), ..request }
}

/// Requests are numbered in their order.
pub(crate) fn recording(requests: Vec<Request>) -> Recording {
    let numbered = (1..).zip(requests).map(|(number, request)| Request { id: RequestId(number), ..request });
    Recording { journey: Journey::visit(PAGE).unwrap(), requests: numbered.collect(), ..Recording::default() }
}

pub(crate) fn with_canary(mut recording: Recording, kind: CanaryKind, value: &str) -> Recording {
    let name = serde_json::to_value(kind).unwrap().as_str().unwrap().to_owned();
    recording.journey.canaries.push(Canary { name, kind, value: value.to_owned() });
    recording
}

pub(crate) fn with_message(mut recording: Recording, connection: u32, payload: &str) -> Recording {
    recording.messages.push(Message {
        request: RequestId(connection),
        step: Some(0),
        sent_at_ms: 2_000,
        kind: MessageKind::Text,
        payload: Bytes(payload.as_bytes().to_vec()),
        witness: Witness::Both,
        log_lines: Vec::new(),
    });
    recording
}

/// A step that ended on a page.
pub(crate) fn step(index: usize, address: &str, title: &str) -> StepRun {
    StepRun {
        step: index,
        what: "visit".to_owned(),
        started_at_ms: 1_000,
        ended_at_ms: 2_000,
        outcome: Outcome::Done,
        url_before: String::new(),
        url_after: address.to_owned(),
        title_after: title.to_owned(),
        element: None,
        input: None,
        screenshot_before: None,
        screenshot_after: None,
    }
}

/// One line a leak: who, what, name, value, where, encodings, how we know.
pub(crate) fn leaks(findings: &Findings) -> String {
    let mut lines = String::new();
    for leak in &findings.leaks {
        let range = leak.location.range.map(|range| format!(" {}..{}", range.start, range.end)).unwrap_or_default();
        let clear = leak.clear_value.as_ref().map(|value| format!(" ({value})")).unwrap_or_default();
        let encodings: Vec<String> = leak.encodings.iter().map(encoding).collect();
        let basis: Vec<String> = leak.basis.iter().map(basis).collect();
        let _ = writeln!(
            lines,
            "{} {} | {:?} | {} = {}{clear} | {}{range} [{}] | {}",
            leak.request,
            leak.recipient,
            leak.what,
            leak.name,
            leak.value,
            leak.location,
            encodings.join(", "),
            basis.join(", ")
        );
    }
    lines
}

fn encoding(encoding: &Encoding) -> String {
    match encoding {
        Encoding::Sha256 { normalised } => format!("Sha256{normalised:?}"),
        other => format!("{other:?}"),
    }
}

fn basis(basis: &Basis) -> String {
    match basis {
        Basis::Canary { name } => format!("canary {name}"),
        Basis::WhileTyping { name, requests } => {
            format!("typed {name} {}", requests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        }
        Basis::VendorField { vendor, field } => format!("{vendor} {field}"),
        Basis::Action { name } => format!("action {name}"),
        Basis::Pattern { rule } => rule.clone(),
    }
}
