//! What reading the logs costs: speed beside the floor, growth, and memory for a page of 50,000 requests.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use super::stored::{a_second, nanoseconds, run};
use super::watch;
use crate::lab::{build, root};
use crate::say;

/// The page of the issue: its NetLog has 1.1 GB.
const REQUESTS: &str = "50000";

/// What eight times as much may take, as a multiple. What grows with the square would take 64.
const MOST_GROWTH: f64 = 16.0;

pub(crate) fn reading(out: &mut impl Write) -> Result<()> {
    say("measuring the readers of both logs");
    run("pixelwitness-interceptor", "logs")?;
    writeln!(out, "Reading the logs of 4,000 requests, on one core")?;
    for (log, name) in [("netlog", "NetLog"), ("devtools", "DevTools log")] {
        let (read, floor) = (a_second(&format!("{log}/read"), "Bytes")?, a_second(&format!("{log}/floor"), "Bytes")?);
        writeln!(out, "  {name:<13} {:.0} MB/s; a bare JSON tokenizer {:.0} MB/s; {:.2} of it", read / 1e6, floor / 1e6, read / floor)?;
    }
    let growth = nanoseconds("growth/4000")? / nanoseconds("growth/500")?;
    writeln!(out, "  eight times as many requests take {growth:.1} times as long")?;
    ensure!(growth < MOST_GROWTH, "the time to read grows faster than the logs");
    memory(out)
}

fn memory(out: &mut impl Write) -> Result<()> {
    say("reading a run of 50,000 requests");
    let programs = build(&["pixelwitness"], true)?;
    let run_of_many = tempfile::tempdir()?;
    let written = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "-p", "pixelwitness-interceptor", "--example", "large_run", "--", REQUESTS])
        .arg(run_of_many.path())
        .current_dir(root())
        .status()?;
    ensure!(written.success(), "the logs could not be written");
    for command in ["classify", "verify", "report"] {
        let (cpu_s, peak_kib) = read(&programs, command, run_of_many.path())?;
        writeln!(out, "  `{command}` of {REQUESTS} requests: {cpu_s:.1} s of CPU, peak memory {:.0} MB", peak_kib as f64 * 1024.0 / 1e6)?;
    }
    Ok(())
}

fn read(programs: &Path, command: &str, run: &Path) -> Result<(f64, u64)> {
    let mut tool = Command::new(programs.join("pixelwitness")).arg(command).arg(run).stdout(Stdio::null()).spawn()?;
    watch(&mut tool)
}
