//! Requests as text: `fixtures/<vendor>/<name>.http`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use expect_test::Expect;
use pixelwitness_classifier::{Definitions, Event, Findings, classify};
use pixelwitness_recording::{Header, Packed, Recording, Request};

use crate::recorded::{self, recording};

/// Decodes the request of a fixture and compares what came out with a table.
pub(crate) fn check(fixture: &str, expected: Expect) {
    expected.assert_eq(&table(&findings(read(fixture)).events));
}

/// The same for what it tells its recipient.
pub(crate) fn check_leaks(fixture: &str, expected: Expect) {
    expected.assert_eq(&recorded::leaks(&findings(read(fixture))));
}

/// Parsed once: the mangled fixtures are thousands.
static BUILT_IN: LazyLock<Definitions> = LazyLock::new(Definitions::built_in);

pub(crate) fn findings(request: Request) -> Findings {
    classify(&one(request), &BUILT_IN)
}

fn one(request: Request) -> Recording {
    recording(vec![request])
}

/// Every fixture with the vendor whose folder it is in.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in entries(&directory()) {
        let vendor = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for file in entries(&folder) {
            all.push((vendor.clone(), format!("{vendor}/{}", file.file_name().unwrap().to_str().unwrap())));
        }
    }
    all
}

pub(crate) fn text(fixture: &str) -> Vec<u8> {
    std::fs::read(directory().join(fixture)).unwrap()
}

pub(crate) fn read(fixture: &str) -> Request {
    parse(&text(fixture))
}

/// A request line with the whole address, headers, an empty line, the body. The file's last line break is not part of it.
///
/// Multipart needs CRLF, which files of text do not keep: the reader puts it back.
pub(crate) fn parse(bytes: &[u8]) -> Request {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let split = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let body = bytes.get(split + 2..).unwrap_or_default();
    let mut lines = head.lines();
    let (method, address) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    let mut request = recorded::request(method, address);
    let headers = lines.filter_map(|line| line.split_once(": "));
    request.headers.extend(headers.map(|(name, value)| Header { name: name.to_owned(), value: value.to_owned() }));
    let is_multipart = request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
    request.body = if is_multipart { with_carriage_returns(body).into() } else { body.to_vec().into() };
    request
}

fn with_carriage_returns(body: &[u8]) -> Vec<u8> {
    body.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect()
}

pub(crate) fn table(events: &Packed<Event>) -> String {
    let mut table = String::new();
    for event in events {
        let account = event.account.as_deref().unwrap_or("no account");
        let form = if event.form.is_empty() { String::new() } else { format!(" by its form: {}", event.form.join(", ")) };
        let _ = writeln!(table, "{} {} ({account}){form}", event.vendor, event.name.as_deref().unwrap_or("-"));
        for field in &event.fields {
            let note = field.note.as_ref().map(|note| format!("  -- {note}")).unwrap_or_default();
            let place = if field.location.name == field.name {
                format!("{:?}", field.location.part)
            } else {
                format!("{:?}({})", field.location.part, field.location.name)
            };
            let _ = writeln!(table, "  {:?}  {place}  {} = {}{note}", field.meaning, field.name, field.value);
        }
    }
    table
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
