//! What reading takes in memory: the logs of a page that sends tens of thousands of requests, and a HAR of half a million.
//!
//! The logs are made up by the tests of the interceptor, with `base64` and `sha2`.

#[path = "../crates/interceptor/tests/large/mod.rs"]
mod large;

use std::fs::File;
use std::io::{BufReader, BufWriter, IntoInnerError, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use pixelwitness_classifier::Findings;

use crate::support::{all_wanted, tool};

/// 50,000 requests, whose NetLog has 1.1 GB, and a tenth of them. What a tenth may take is mostly what any run takes.
const WHOLE: (usize, u64) = (50_000, 150 << 20);
const TENTH: (usize, u64) = (5_000, 56 << 20);

#[test]
fn a_run_of_many_requests_is_read_in_little_memory() {
    let (requests, most) = if all_wanted() { WHOLE } else { TENTH };
    let directory = tempfile::tempdir().unwrap();
    let read = write(&directory.path().join("netlog.json.zst"), |out| large::netlog(requests, out).unwrap());
    assert!(read >= requests as u64 * 20_000, "a NetLog of {read} bytes is no large one");
    write(&directory.path().join("devtools.jsonl.zst"), |out| large::devtools(requests, out).unwrap());

    let (code, peak) = peak(tool().arg("classify").arg(directory.path()));
    assert_eq!(code, Some(1), "the page told somebody something");
    assert!(peak <= most, "classify took {peak} bytes, and {most} are allowed");
    let (code, peak) = self::peak(tool().arg("verify").arg(directory.path()));
    assert_eq!(code, Some(0), "reading again gives the same");
    assert!(peak <= most, "verify took {peak} bytes, and {most} are allowed");
    let (code, peak) = self::peak(tool().arg("report").arg(directory.path()));
    assert_eq!(code, Some(1));
    assert!(peak <= most, "report took {peak} bytes, and {most} are allowed");
}

/// 500,000 requests in a gigabyte, each to a third party that nobody knows and each with a claim; and a fifteenth of them.
const WHOLE_HAR: (usize, u64) = (500_000, 150 << 20);
const PART_OF_HAR: (usize, u64) = (33_000, 56 << 20);

#[test]
fn a_har_of_many_claims_is_read_in_little_memory() {
    let (requests, most) = if all_wanted() { WHOLE_HAR } else { PART_OF_HAR };
    let directory = tempfile::tempdir().unwrap();
    let (har, case) = (directory.path().join("many.har"), directory.path().join("case"));
    let mut out = BufWriter::new(File::create(&har).unwrap());
    write_har(requests, &mut out).unwrap();
    let size = out.into_inner().unwrap().metadata().unwrap().len();
    assert!(size >= requests as u64 * 2_000, "a HAR of {size} bytes is no large one");

    for (what, command) in [("read", tool().arg("read").arg(&har).arg("--out").arg(&case)), ("report", tool().arg("report").arg(&case))] {
        let (code, peak) = peak(command);
        assert_eq!(code, Some(1), "{what}: every request told something");
        assert!(peak <= most, "{what} took {peak} bytes, and {most} are allowed");
    }
    let claims = findings(&case).leaks.len();
    assert_eq!(claims, requests - 1, "all but the page itself");
}

fn findings(case: &Path) -> Findings {
    serde_json::from_reader(BufReader::new(File::open(case.join("findings.json")).unwrap())).unwrap()
}

/// A page, and requests to five hundred hosts of somebody else who are told its address.
fn write_har(requests: usize, out: &mut impl Write) -> std::io::Result<()> {
    let page = "https://www.clinic.example/find";
    let pages = format!(r#"[{{"id":"page_1","title":"{page}","startedDateTime":"2026-11-25T10:00:00Z"}}]"#);
    write!(out, r#"{{"log":{{"version":"1.2","creator":{{"name":"WebInspector","version":"537.36"}},"pages":{pages},"entries":["#)?;
    for number in 0..requests {
        let headers: Vec<String> =
            (0..26).map(|at| format!(r#"{{"name":"x-header-{at}","value":"{number} of a value as long as most"}}"#)).collect();
        let (asked, answered) = headers.split_at(13);
        let (asked, answered) = (asked.join(","), answered.join(","));
        let (comma, url) = match number {
            0 => ("", page.to_owned()),
            _ => (",", format!("https://t{}.collect.example/c?n={number}&dl=https%3A%2F%2Fwww.clinic.example%2Ffind", number % 500)),
        };
        write!(
            out,
            r#"{comma}{{"pageref":"page_1","startedDateTime":"2026-11-25T10:00:00.{:03}Z","request":{{"method":"POST","url":"{url}","headers":[{asked}],"bodySize":3,"postData":{{"mimeType":"text/plain","text":"a=b"}}}},"response":{{"status":200,"headers":[{answered}],"content":{{"mimeType":"application/json","text":"{{}}"}}}}}}"#,
            number % 1000
        )?;
    }
    out.write_all(b"]}}")
}

/// Writes a compressed file, and says how long it is uncompressed.
fn write(path: &Path, fill: impl FnOnce(&mut Counted<BufWriter<zstd::Encoder<'_, File>>>)) -> u64 {
    let encoder = zstd::Encoder::new(File::create(path).unwrap(), 1).unwrap();
    let mut out = Counted { out: BufWriter::with_capacity(1 << 17, encoder), bytes: 0 };
    fill(&mut out);
    out.out.into_inner().map_err(IntoInnerError::into_error).unwrap().finish().unwrap();
    out.bytes
}

struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Exit status and peak memory of a program. The kernel keeps the peak, so that it does not matter when we look.
fn peak(command: &mut Command) -> (Option<i32>, u64) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut kib = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        kib = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(kib);
        if let Some(ended) = child.try_wait().unwrap() {
            return (ended.code(), kib << 10);
        }
        sleep(Duration::from_millis(2));
    }
}
