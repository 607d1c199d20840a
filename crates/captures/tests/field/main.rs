//! Captures as people met them in the field, that were read wrongly once: one of each kind, and what is right.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

mod files;
mod hars;
mod others;

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use expect_test::Expect;
use pixelwitness_captures::{File, read};
use pixelwitness_recording::{Body, Journey, Recording, Sender, Transmission};
use serde_json::{Value, json};

/// What is read of a file in `fixtures/field`: whose request each is, of which page, whether it left, what it carried.
fn check_file(name: &str, expected: Expect) {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field").join(name)).unwrap();
    expected.assert_eq(&table(&recorded(name, bytes)));
}

/// The same of a HAR with these entries.
fn check_har(creator: &str, entries: &[Value], expected: Expect) {
    expected.assert_eq(&table(&recorded("test.har", har(creator, entries))));
}

fn har(creator: &str, entries: &[Value]) -> Vec<u8> {
    let pages = json!([{"id": "Firefox", "title": "Firefox", "startedDateTime": "2026-11-30T10:00:00Z"}]);
    json!({"log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "pages": pages, "entries": entries}})
        .to_string()
        .into_bytes()
}

fn recorded(name: &str, bytes: Vec<u8>) -> Recording {
    let file = File { name: name.to_owned(), source: Box::new(Cursor::new(bytes)), folder: Box::new(|_| None) };
    read(Journey::default(), vec![file])
}

/// An entry at a second, answered with 200, with headers as `name: value`.
fn entry(second: u32, method: &str, url: &str, headers: &[&str]) -> Value {
    let pair = |line: &&str| {
        let (name, value) = line.split_once(": ").unwrap();
        json!({"name": name, "value": value})
    };
    json!({
        "startedDateTime": format!("2026-11-30T10:00:{second:02}.000Z"),
        "request": {"method": method, "url": url, "headers": headers.iter().map(pair).collect::<Vec<_>>()},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "text/plain"}},
    })
}

/// A document that was asked for as one, and came as one.
fn document(second: u32, url: &str, headers: &[&str]) -> Value {
    let mut entry = entry(second, "GET", url, &[&["Accept: text/html,*/*"], headers].concat());
    entry["response"]["headers"] = json!([{"name": "Content-Type", "value": "text/html"}]);
    entry
}

fn with(mut entry: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    entry.pointer_mut(parent).unwrap()[name] = value;
    entry
}

fn table(recording: &Recording) -> String {
    let mut table = String::new();
    for request in &recording.requests {
        let url = request.url.split('?').next().unwrap_or_default();
        let whose = match &request.sender {
            Sender::Browser { rule } => format!("the browser's: {rule}"),
            Sender::Page => format!("page {}", request.page_url.as_deref().unwrap_or("unknown")),
        };
        let _ = writeln!(table, "{} {} {url} - {whose}", request.id, request.method);
        match &request.transmission {
            Transmission::Sent => {}
            Transmission::NotSent { cause, why } => _ = writeln!(table, "    not sent, {cause:?}: {why}"),
            Transmission::Unknown { why } => _ = writeln!(table, "    unknown: {why}"),
        }
        match &request.body {
            Body::Empty => {}
            Body::Bytes(bytes) => _ = writeln!(table, "    body {}", shown(&bytes.0)),
            Body::Unavailable { why } => _ = writeln!(table, "    no body: {why}"),
        }
        for name in ["cookie", "referer"] {
            if let Some(value) =
                request.header(name).filter(|_| name == "cookie" || recording.completeness.captures[0].kind.place() == "row")
            {
                let _ = writeln!(table, "    {name} {value}");
            }
        }
    }
    for gap in recording.gaps.iter().filter(|gap| !gap.why.starts_with("a HAR holds") && !gap.why.starts_with("no request in the HAR")) {
        let _ = writeln!(table, "gap {:?}: {}", gap.kind, gap.why);
    }
    table
}

fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{} bytes, {}", bytes.len(), bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}
