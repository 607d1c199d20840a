//! Benchmarks that criterion runs, and what it stores of them.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::lab::root;

pub(crate) fn run(package: &str, bench: &str) -> Result<()> {
    let measured = Command::new(env!("CARGO"))
        .args(["bench", "--quiet", "--package", package, "--bench", bench, "--", "--noplot"])
        .current_dir(root())
        .stdout(Stdio::null())
        .status()?;
    ensure!(measured.success(), "the benchmark {bench} failed");
    Ok(())
}

/// How much of its unit (`Bytes`, `Elements`) a benchmark does in a second.
pub(crate) fn a_second(name: &str, unit: &str) -> Result<f64> {
    let done = stored(name, "benchmark.json")?["throughput"][unit].as_f64().with_context(|| format!("{name} does not count {unit}"))?;
    Ok(done / (nanoseconds(name)? / 1e9))
}

pub(crate) fn nanoseconds(name: &str) -> Result<f64> {
    stored(name, "estimates.json")?["median"]["point_estimate"].as_f64().context("the benchmark has a median")
}

/// Of its last run.
fn stored(name: &str, file: &str) -> Result<Value> {
    let path = root().join("target/criterion").join(name).join("new").join(file);
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}
