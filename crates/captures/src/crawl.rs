//! What crawlers note down of the requests that they see: tracker-radar-collector's JSON, and Blacklight's log of events and inspection.

use std::collections::HashMap;
use std::io::BufRead;

use pixelwitness_recording::{Body, CaptureKind, GapKind, Request, Response, Transmission};
use serde_json::Value;

use crate::case::Source;
use crate::failure::{Failed, failed};
use crate::json::{Document, ORDINARY};
use crate::pages::{self, step};
use crate::part::{Part, absent_body, counted, header, told, without_fragment};
use crate::time::unix_ms;
use crate::unpack::{Failure, unpacked};

/// A larger inspection is none.
const LARGEST_INSPECTION: u64 = 256 << 20;

/// Whether what begins so, without its spaces, is a crawler's account.
pub(crate) fn is_one(folded: &str) -> bool {
    is_collector(folded) || is_events(folded) || is_inspection(folded)
}

fn is_collector(folded: &str) -> bool {
    folded.starts_with('{') && folded.contains("\"initialUrl\":\"") && folded.contains("\"finalUrl\":")
}

fn is_events(folded: &str) -> bool {
    folded.starts_with("{\"message\":{")
        && folded.contains("\"level\":\"")
        && !folded.contains("\"method\":\"Network.")
        && folded.contains("\"type\":\"")
        || folded.starts_with("{\"level\":\"") && folded.contains("\"message\":{") && folded.contains("\"stack\":[")
}

fn is_inspection(folded: &str) -> bool {
    folded.starts_with('{') && folded.contains("\"uri_ins\":\"")
}

/// Reads a crawler's account.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let failure = Failure::default();
    let mut reader = failure.watched(unpacked(source));
    let folded: String =
        String::from_utf8_lossy(reader.fill_buf().unwrap_or_default()).chars().filter(|one| !one.is_whitespace()).collect();
    let mut part = match folded.trim_start_matches('\u{feff}') {
        folded if is_collector(folded) => collector(reader),
        folded if is_inspection(folded) => inspection(reader),
        _ => events(reader),
    };
    failure.say(&mut part, "the crawler's account");
    pages::infer(&mut part);
    part
}

/// tracker-radar-collector's file of one page.
fn collector(reader: impl BufRead) -> Part {
    let mut part = Part::new(CaptureKind::Crawl);
    part.made_by = "tracker-radar-collector".to_owned();
    let (mut page, mut began_at_ms, mut number, mut has_requests) = (String::new(), 0, 0, false);
    let mut requests = Vec::new();
    let mut document = Document::new(reader);
    let read = document.object(|document, key| match key {
        "data" => document.object(|document, key| match key {
            "requests" => {
                has_requests = true;
                document.array(ORDINARY, |bytes| {
                    number += 1;
                    requests.extend(serde_json::from_slice(&bytes).ok().and_then(|value| collected(&value, number)));
                })
            }
            _ => document.value(&mut Vec::new(), ORDINARY),
        }),
        _ => {
            let mut bytes = Vec::new();
            document.value(&mut bytes, ORDINARY)?;
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            match key {
                "finalUrl" | "initialUrl" if key == "finalUrl" || page.is_empty() => page = value.as_str().unwrap_or_default().to_owned(),
                "testStarted" => began_at_ms = value.as_u64().unwrap_or(0),
                _ => {}
            }
            Ok(())
        }
    });
    if let Err(cut) = read {
        part.stopped(format!("the file ends or stops making sense after {} bytes: what follows is not known", cut.at));
    }
    if !has_requests {
        part.stopped("the file has no requests: the crawl was made without the collector that notes them down (-d requests)");
    }
    open_page(&mut part, &page, began_at_ms);
    let unread = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(requests.len());
    if unread > 0 {
        part.say(GapKind::LogDamaged, format!("{} of the file cannot be read", counted(unread, "request", "requests")));
    }
    for request in requests {
        push(&mut part, request);
    }
    part
}

fn collected(value: &Value, number: u64) -> Option<Request> {
    let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let method = if said("method").is_empty() { "GET" } else { said("method") };
    let mut request = told(method, Some(said("url")).filter(|url| !url.is_empty())?, number);
    request.resource_type = said("type").to_owned();
    request.remote_address = Some(said("remoteIPAddress").to_owned()).filter(|address| !address.is_empty());
    request.body = absent_body(method, None, "tracker-radar-collector keeps no bodies");
    let status = value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()).filter(|status| *status > 0);
    request.transmission = match (status, said("failureReason")) {
        (Some(_), _) => Transmission::Sent,
        (None, "") => Transmission::Unknown { why: "the crawler noted down no answer to it".to_owned() },
        (None, error) => match failed(error) {
            Failed::Before(cause) => Transmission::NotSent { cause, why: format!("failed before anything was written: {error}") },
            Failed::After => Transmission::Sent,
            Failed::Unknown => Transmission::Unknown { why: format!("the crawler noted down no answer to it: {error}") },
        },
    };
    let headers = value.get("responseHeaders").and_then(Value::as_object);
    let headers = headers.into_iter().flatten().filter_map(|(name, value)| Some(header(name, value.as_str()?))).collect();
    request.response = status.map(|status| Response { status, headers, body: None });
    Some(request)
}

/// Blacklight's log: an event a line, of which two sorts tell of a request.
fn events(reader: impl BufRead) -> Part {
    let mut part = blacklight();
    let (mut number, mut unread) = (0, 0);
    let mut seen = Seen::default();
    for line in reader.split(b'\n').map_while(Result::ok).filter(|line| !line.trim_ascii().is_empty()) {
        number += 1;
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            unread += 1;
            continue;
        };
        if let Some(request) = told_by_event(&value["message"], number, value["timestamp"].as_str().unwrap_or_default()) {
            seen.push(&mut part, request);
        }
    }
    if unread > 0 {
        part.say(GapKind::LogDamaged, format!("{} of the log cannot be read", counted(unread, "line", "lines")));
    }
    part
}

/// Blacklight's inspection: the same events, sorted into reports.
fn inspection(reader: impl BufRead) -> Part {
    let mut part = blacklight();
    let (bytes, _) = crate::unpack::bounded(reader, LARGEST_INSPECTION);
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        part.stopped("the inspection is cut off or damaged: nothing was read of it");
        return part;
    };
    let said = |name: &str| value[name].as_str().unwrap_or_default();
    let page = if said("uri_dest").is_empty() { said("uri_ins") } else { said("uri_dest") };
    open_page(&mut part, page, unix_ms(said("start_time")));
    let mut number = 0;
    let mut seen = Seen::default();
    each_event(&value["reports"], &mut |event| {
        number += 1;
        if let Some(request) = told_by_event(event, number, "") {
            seen.push(&mut part, request);
        }
    });
    let third = value["hosts"]["requests"]["third_party"].as_array().map_or(0, Vec::len);
    if third > 0 {
        let why = format!("what was sent to {}: the inspection has their names and no requests of them", counted(third, "host", "hosts"));
        part.say(GapKind::NotTold, why);
    }
    part
}

/// Events at any depth of a report.
fn each_event(value: &Value, take: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(members) if members.get("type").is_some_and(Value::is_string) && members.contains_key("stack") => take(value),
        Value::Object(members) => members.values().for_each(|value| each_event(value, take)),
        Value::Array(items) => items.iter().for_each(|value| each_event(value, take)),
        _ => {}
    }
}

/// The request that an event tells of, and which inspector saw it.
fn told_by_event(event: &Value, number: u64, time: &str) -> Option<(&'static str, Request)> {
    let data = &event["data"];
    let (inspector, mut request) = match event["type"].as_str()? {
        "TrackingRequest" => {
            let body = match &data["body"] {
                Value::String(text) => text.clone().into_bytes(),
                Value::Object(members) if members.is_empty() => Vec::new(),
                Value::Null => Vec::new(),
                value => value.to_string().into_bytes(),
            };
            let mut request = told(if body.is_empty() { "GET" } else { "POST" }, event["url"].as_str()?, number);
            request.body = if body.is_empty() {
                Body::Unavailable { why: "Blacklight notes down no body for it, nor its method: GET is assumed".to_owned() }
            } else {
                body.into()
            };
            ("trackers", request)
        }
        "KeyLogging" => {
            let mut request = told("POST", data["post_request_url"].as_str()?, number);
            request.body = data["post_data"].as_str().unwrap_or_default().as_bytes().to_vec().into();
            ("keys", request)
        }
        _ => return None,
    };
    request.sent_at_ms = unix_ms(time);
    request.transmission = Transmission::Unknown { why: "Blacklight notes a request down before it is sent".to_owned() };
    Some((inspector, request))
}

fn blacklight() -> Part {
    let mut part = Part::new(CaptureKind::Crawl);
    part.made_by = "Blacklight".to_owned();
    let why = "requests that are on none of Blacklight's lists, and all headers: they are in its requests.har, which lies beside this file";
    part.say(GapKind::LeftOut, why);
    part
}

fn open_page(part: &mut Part, page: &str, began_at_ms: u64) {
    if page.starts_with("http") {
        part.steps.push(step(0, without_fragment(page), "", (began_at_ms, began_at_ms)));
    }
}

/// A request of the one page that there is.
fn push(part: &mut Part, mut request: Request) {
    if let Some(page) = part.steps.first() {
        (request.step, request.page_url) = (Some(0), Some(page.url_after.clone()));
    }
    part.push(request);
}

/// Requests with bodies that one of Blacklight's inspectors saw: another may have seen the same.
#[derive(Default)]
struct Seen(HashMap<(String, String), Vec<&'static str>>);

impl Seen {
    /// Adds a request, unless the other inspector did.
    fn push(&mut self, part: &mut Part, (inspector, request): (&'static str, Request)) {
        if let Some(body) = request.body.bytes().filter(|body| !body.is_empty()) {
            // One keeps a body as JSON, and the other as it was.
            let text = serde_json::from_slice::<Value>(body)
                .map_or_else(|_| String::from_utf8_lossy(body).into_owned(), |value| value.to_string());
            let seen_by = self.0.entry((request.url.clone(), text)).or_default();
            let other = seen_by.iter().position(|other| *other != inspector);
            match other {
                Some(at) => {
                    seen_by.remove(at);
                    return;
                }
                None => seen_by.push(inspector),
            }
        }
        push(part, request);
    }
}
