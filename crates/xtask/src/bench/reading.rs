//! What reading the logs costs: speed beside the floor, growth, and memory for a page of 50,000 requests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::watch;
use crate::lab::{build, root};
use crate::say;

/// The page of the issue: its NetLog has 1.1 GB.
const REQUESTS: &str = "50000";

/// What eight times as much may take, as a multiple. What grows with the square would take 64.
const MOST_GROWTH: f64 = 16.0;

pub(crate) fn reading(out: &mut impl Write) -> Result<()> {
    say("measuring the readers of both logs");
    let measured = Command::new(env!("CARGO"))
        .args(["bench", "--quiet", "-p", "pixelwitness-interceptor", "--bench", "logs", "--", "--noplot"])
        .current_dir(root())
        .stdout(Stdio::null())
        .status()?;
    ensure!(measured.success(), "the benchmark of the readers failed");
    writeln!(out, "Reading the logs of 4,000 requests, on one core")?;
    for (log, name) in [("netlog", "NetLog"), ("devtools", "DevTools log")] {
        let (read, floor) = (bytes_a_second(&format!("{log}/read"))?, bytes_a_second(&format!("{log}/floor"))?);
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
    let run = tempfile::tempdir()?;
    let written = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "-p", "pixelwitness-interceptor", "--example", "large_run", "--", REQUESTS])
        .arg(run.path())
        .current_dir(root())
        .status()?;
    ensure!(written.success(), "the logs could not be written");
    for command in ["classify", "verify", "report"] {
        let (cpu_s, peak_kib) = read(&programs, command, run.path())?;
        writeln!(out, "  `{command}` of {REQUESTS} requests: {cpu_s:.1} s of CPU, peak memory {:.0} MB", peak_kib as f64 * 1024.0 / 1e6)?;
    }
    Ok(())
}

fn read(programs: &Path, command: &str, run: &Path) -> Result<(f64, u64)> {
    let mut tool = Command::new(programs.join("pixelwitness")).arg(command).arg(run).stdout(Stdio::null()).spawn()?;
    watch(&mut tool)
}

fn bytes_a_second(name: &str) -> Result<f64> {
    let bytes = stored(name, "benchmark.json")?["throughput"]["Bytes"].as_f64().context("the benchmark counts bytes")?;
    Ok(bytes / (nanoseconds(name)? / 1e9))
}

fn nanoseconds(name: &str) -> Result<f64> {
    stored(name, "estimates.json")?["median"]["point_estimate"].as_f64().context("the benchmark has a median")
}

/// What criterion stored of its last run.
fn stored(name: &str, file: &str) -> Result<Value> {
    let path = root().join("target/criterion").join(name).join("new").join(file);
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}
