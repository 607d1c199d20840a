//! What is gained by running journeys at once: pages a minute, and the CPU that a page costs, a browser each.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::{PAGES, children_s};
use crate::lab::Lab;

/// How many journeys are run at once.
const JOBS: [usize; 4] = [1, 2, 4, 8];

/// Each page so often, so that all browsers have something to do most of the time.
const ROUNDS: usize = 2;

/// What a person who asks for nothing else gets.
const DWELL_MS: u32 = 5000;

struct Pace {
    jobs: usize,
    pages_a_minute: f64,
    cpu_s_a_page: f64,
}

/// Measures and writes a line for each number of jobs.
pub(super) fn bench(programs: &Path, lab: &Lab, scratch: &Path, out: &mut impl Write) -> Result<()> {
    let journeys = scratch.join("journeys");
    fs::create_dir_all(&journeys)?;
    for (number, page) in PAGES.iter().cycle().take(PAGES.len() * ROUNDS).enumerate() {
        let text = format!("name = \"page {number}\"\n[browser]\ndwell_ms = {DWELL_MS}\n[[step]]\nvisit = \"{page}\"\n");
        fs::write(journeys.join(format!("page-{number:02}.toml")), text)?;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    writeln!(out, "Journeys at once: {} pages, a browser each, {DWELL_MS} ms of listening, {cores} cores", PAGES.len() * ROUNDS)?;
    let paces = JOBS.iter().map(|jobs| pace(programs, lab, scratch, *jobs)).collect::<Result<Vec<Pace>>>()?;
    let alone = paces.first().context("there is a first number of jobs")?;
    for pace in &paces {
        writeln!(
            out,
            "  --jobs {}   {:5.1} pages a minute, {:.2} of one job's; CPU seconds a page {:.2}, {:.2} of one job's",
            pace.jobs,
            pace.pages_a_minute,
            pace.pages_a_minute / alone.pages_a_minute,
            pace.cpu_s_a_page,
            pace.cpu_s_a_page / alone.cpu_s_a_page,
        )?;
        out.flush()?;
    }
    Ok(())
}

fn pace(programs: &Path, lab: &Lab, scratch: &Path, jobs: usize) -> Result<Pace> {
    let out = scratch.join(format!("jobs-{jobs}"));
    let (before, begun) = (children_s()?, Instant::now());
    let ended = Command::new(programs.join("pixelwitness"))
        .args(["audit", "--quiet", "--json", "--jobs", &jobs.to_string(), "--journey"])
        .arg(scratch.join("journeys"))
        .arg("--out")
        .arg(&out)
        .args(&lab.arguments)
        .stdout(Stdio::null())
        .status()?;
    anyhow::ensure!(matches!(ended.code(), Some(0 | 1)), "an audit with --jobs {jobs} failed");
    let (cpu_s, minutes) = (children_s()? - before, begun.elapsed().as_secs_f64() / 60.0);
    fs::remove_dir_all(&out)?;
    let pages = (PAGES.len() * ROUNDS) as f64;
    Ok(Pace { jobs, pages_a_minute: pages / minutes, cpu_s_a_page: cpu_s / pages })
}
