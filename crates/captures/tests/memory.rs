//! What reading a HAR takes in memory.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::process::Command;

use pixelwitness_captures::{File as Capture, read};
use pixelwitness_recording::Journey;

/// Read in a process of its own each, which is this one again: a process's peak never falls.
const READ: &str = "PIXELWITNESS_TEST_READ";

/// Bytes of the whole of it, and of what every run reads; and what either may take.
const WHOLE: (usize, u64) = (1_000_000_000, 300_000_000);
const TENTH: (usize, u64) = (100_000_000, 150_000_000);

/// One entry, by its number: the request's body and the answer's.
type Bodies = fn(usize) -> (String, String);

/// Where the bulk of a HAR may be.
const SORTS: &[(&str, Bodies)] = &[
    ("hundreds of thousands of entries", |_| ("a=b".to_owned(), "{}".to_owned())),
    ("answers", |_| ("a=b".to_owned(), "<p>z</p>".repeat(25_000))),
    ("a few huge answers", |_| ("a=b".to_owned(), "y".repeat(50_000_000))),
    ("a few huge requests", |number| (format!("x{number:07}&").repeat(2_500_000), "{}".to_owned())),
];

#[test]
fn a_har_larger_than_memory_is_read_in_little_of_it() {
    if let Ok(path) = std::env::var(READ) {
        return read_one(&path);
    }
    let all = std::env::var("PIXELWITNESS_TEST_ALL").is_ok_and(|value| !value.is_empty());
    let (bytes, most) = if all { WHOLE } else { TENTH };
    for (sort, bodies) in SORTS {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let entries = write(file.as_file_mut(), *bodies, bytes);
        let mut again = Command::new(std::env::current_exe().unwrap());
        let ended = again.args(["--exact", "a_har_larger_than_memory_is_read_in_little_of_it", "--nocapture"]).env(READ, file.path());
        let ended = ended.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        let mut told = said
            .lines()
            .find_map(|line| line.strip_prefix("read "))
            .unwrap_or_else(|| panic!("{sort}: {said}{}", String::from_utf8_lossy(&ended.stderr)))
            .split(' ')
            .map(|number| number.parse::<u64>().unwrap());
        let (read, peak) = (told.next().unwrap(), told.next().unwrap());
        assert!(read == entries as u64 && peak <= most, "{sort}: {read} of {entries} took {peak} bytes, and {most} are allowed");
    }
}

#[expect(clippy::print_stdout, reason = "the process that started this one reads it")]
fn read_one(path: &str) {
    let source = Box::new(BufReader::with_capacity(1 << 17, File::open(path).unwrap()));
    let recording = read(Journey::default(), vec![Capture { name: "large.har".to_owned(), source, folder: Box::new(|_| None) }]);
    assert!(recording.completeness.captures[0].whole);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kib: u64 = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok()).unwrap();
    println!("\nread {} {}", recording.requests.len(), kib << 10);
}

/// Writes entries until there are enough bytes, and says how many.
fn write(file: &mut File, bodies: Bodies, bytes: usize) -> usize {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let page = r#"{"id":"page_1","title":"https://www.clinic.example/find","startedDateTime":"2026-11-25T10:00:00Z"}"#;
    write!(out, r#"{{"log":{{"creator":{{"name":"WebInspector","version":"537.36"}},"pages":[{page}],"entries":["#).unwrap();
    let (mut entries, mut written) = (0, 0);
    while written < bytes {
        let (asked, answered) = bodies(entries);
        let headers: String =
            (0..12).map(|at| format!(r#"{{"name":"x-header-{at}","value":"{entries} of a value as long as most"}},"#)).collect();
        let request = format!(
            r#"{{"method":"POST","url":"https://t{}.collect.example/c?n={entries}&dl=https%3A%2F%2Fwww.clinic.example%2Ffind","headers":[{headers}{{"name":"referer","value":"https://www.clinic.example/"}}],"bodySize":3,"postData":{{"mimeType":"text/plain","text":"{asked}"}}}}"#,
            entries % 500
        );
        let response = format!(
            r#"{{"status":200,"headers":[{headers}{{"name":"date","value":"today"}}],"content":{{"mimeType":"text/html","text":"{answered}"}}}}"#
        );
        let comma = if entries == 0 { "" } else { "," };
        let entry = format!(
            r#"{comma}{{"pageref":"page_1","startedDateTime":"2026-11-25T10:{:02}:{:02}.{:03}Z","request":{request},"response":{response}}}"#,
            entries / 60_000 % 60,
            entries / 1000 % 60,
            entries % 1000
        );
        out.write_all(entry.as_bytes()).unwrap();
        (entries, written) = (entries + 1, written + entry.len());
    }
    out.write_all(b"]}}").unwrap();
    out.flush().unwrap();
    entries
}
