//! What reading a run takes in memory: the logs of a page that sends tens of thousands of requests.
//!
//! They are made up by the tests of the interceptor, with `base64` and `sha2`.

#[path = "../crates/interceptor/tests/large/mod.rs"]
mod large;

use std::fs::File;
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{all_wanted, tool};

/// 50,000 requests, whose NetLog has 1.1 GB, and a tenth of them. What a tenth may take is mostly what any run takes.
const WHOLE: (usize, u64) = (50_000, 150 << 20);
const TENTH: (usize, u64) = (5_000, 45 << 20);

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
