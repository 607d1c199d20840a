//! Captures with a damaged place: what is left is read, and what is not is said.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

mod archives;
mod compressed;
mod hars;
mod logs;

use std::fmt::Write as _;
use std::io::Cursor;

use expect_test::Expect;
use pixelwitness_captures::{File, read};
use pixelwitness_recording::{Body, GapKind, Journey, LogLine, Recording, Transmission};

fn case(bytes: Vec<u8>) -> Recording {
    read(Journey::default(), vec![File { name: "capture".to_owned(), source: Box::new(Cursor::new(bytes)), folder: Box::new(|_| None) }])
}

/// The requests, what is said of damage, and whether the end was reached.
fn table(recording: &Recording) -> String {
    let mut table = String::new();
    for request in &recording.requests {
        let body = match &request.body {
            Body::Empty => String::new(),
            Body::Bytes(bytes) => format!(" {:?}", bytes.0.escape_ascii().to_string()),
            Body::Unavailable { why } => format!(" {why}"),
        };
        let LogLine { line, .. } = request.log_lines[0];
        let sent = match &request.transmission {
            Transmission::Sent => String::new(),
            Transmission::NotSent { why, .. } => format!(" not sent: {why}"),
            Transmission::Unknown { why } => format!(" unknown: {why}"),
        };
        let _ = writeln!(table, "{line}: {} {}{body}{sent}", request.method, request.url);
    }
    // What is missing from every HAR and every archive does not matter here.
    let ordinary = |why: &str| why.contains("no request in the HAR has a cookie") || why.contains("which page made");
    let gaps = recording
        .gaps
        .iter()
        .filter(|gap| gap.kind == GapKind::LogDamaged || gap.kind == GapKind::LeftOut || gap.why.starts_with("whether"));
    for gap in gaps.filter(|gap| !ordinary(&gap.why)) {
        let _ = writeln!(table, "{}", gap.why);
    }
    table + if recording.completeness.captures[0].whole { "" } else { "not to the end\n" }
}

fn check(bytes: Vec<u8>, expected: Expect) {
    expected.assert_eq(&table(&case(bytes)));
}
