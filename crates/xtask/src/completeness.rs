//! Every transport of the lab, through the tool as it is shipped: what it recorded against what the server received.

mod measure;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::Recording;
use pixelwitness_test_sites::{Lab, Received, ReceivedMessage, Transports, transports};
use tokio::runtime::Runtime;

use crate::lab::{build, root};
use crate::needs::{BROWSER, install};
use crate::say;
use measure::{Totals, measure};
use table::Table;

/// How much of the traffic must have its frame or worker and its step.
const LEAST_ATTRIBUTED: f64 = 0.95;

/// After so many runs without a failure, what failed before counts as mended.
const RUNS_TO_TRUST: usize = 10;

/// Where the tables are.
const DOCUMENT: &str = "docs/completeness.md";

/// Runs every journey `runs` times. With names in `only`, those alone, and nothing is written. A `tool` is measured as it is.
pub(crate) fn completeness(runs: usize, only: &[String], tool: Option<PathBuf>) -> Result<()> {
    anyhow::ensure!(runs > 0, "--runs takes a number from 1 on");
    if let Some(unknown) = only.iter().find(|name| transports().iter().all(|lab| lab.name != name.as_str())) {
        let known: Vec<&str> = transports().iter().map(|lab| lab.name).collect();
        bail!("no journey is called {unknown} (there are {})", known.join(", "));
    }
    install(&[BROWSER])?;
    let tool = match tool {
        Some(tool) => tool,
        None => build(&["pixelwitness"], false)?.join("pixelwitness"),
    };
    let bench = Bench::new(tool)?;
    let mut totals = Totals::default();
    let mut table = Table::default();
    for run in 1..=runs {
        for lab in transports().iter().filter(|lab| only.is_empty() || only.iter().any(|name| name == lab.name)) {
            say(&format!("run {run} of {runs}: {}", lab.title));
            let truth = bench.play(lab)?;
            let measured = measure(lab, &truth, &mut totals);
            measured.problems.iter().for_each(|problem| say(&format!("  {problem}")));
            table.add(lab, measured, &truth.recording.environment);
        }
    }
    conclude(&table, &totals, runs, only.is_empty())
}

fn conclude(table: &Table, totals: &Totals, runs: usize, whole: bool) -> Result<()> {
    let document = root().join(DOCUMENT);
    let committed = fs::read_to_string(&document).unwrap_or_default();
    let worse = table.worse_than(&committed);
    worse.iter().for_each(|line| say(&format!("worse than {DOCUMENT}: {line}")));
    let text = table.document(totals, runs, &table::kept_doubts(&committed, runs >= RUNS_TO_TRUST));
    let mut wrong = worse.len() + table.problems().len();
    let missed = totals.missed();
    missed.iter().for_each(|line| say(line));
    wrong += missed.len();
    if whole && table.attributed() < LEAST_ATTRIBUTED {
        say(&format!("{:.1} % of the rows have their frame or worker and their step", table.attributed() * 100.0));
        wrong += 1;
    }
    say(&totals.words());
    say(&table.words());
    if wrong > 0 || !whole {
        let aside = root().join("target/completeness.md");
        fs::create_dir_all(root().join("target"))?;
        fs::write(&aside, text).with_context(|| format!("cannot write {}", aside.display()))?;
        say(&format!("what was measured: {}", aside.display()));
        anyhow::ensure!(wrong == 0, "{wrong} things are not as they should be");
        return Ok(());
    }
    fs::write(&document, text).with_context(|| format!("cannot write {}", document.display()))
}

/// What the server received in one run, and what the tool recorded of it.
struct Truth {
    received: Vec<Received>,
    messages: Vec<ReceivedMessage>,
    recording: Recording,
}

/// The lab and the tool.
struct Bench {
    runtime: Runtime,
    lab: Lab,
    tool: PathBuf,
    directory: tempfile::TempDir,
}

impl Bench {
    fn new(tool: PathBuf) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let lab = runtime.block_on(Lab::start()).context("cannot start the lab")?;
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join("authority.pem"), lab.authority_pem())?;
        Ok(Self { runtime, lab, tool, directory })
    }

    fn play(&self, lab: &Transports) -> Result<Truth> {
        self.lab.clear();
        let (journey, out) = (self.directory.path().join("journey.toml"), self.directory.path().join("run"));
        let _ = fs::remove_dir_all(&out);
        fs::write(&journey, lab.journey)?;
        let ended = Command::new(&self.tool)
            .args(["audit", "--quiet", "--json", "--resolve", &self.lab.resolve_rule(), "--trust"])
            .arg(self.directory.path().join("authority.pem"))
            .arg("--journey")
            .arg(&journey)
            .arg("--out")
            .arg(&out)
            .stdin(Stdio::null())
            .output()
            .context("cannot start pixelwitness")?;
        if !matches!(ended.status.code(), Some(0 | 1)) {
            bail!("the audit of {} failed: {}", lab.name, String::from_utf8_lossy(&ended.stderr).trim());
        }
        let quiet = self.runtime.block_on(self.lab.quiet(Duration::from_secs(30)));
        anyhow::ensure!(quiet, "connections of {} are open though the browser has ended", lab.name);
        let recording = RunDirectory::open(&out)?.recording()?;
        Ok(Truth { received: self.lab.received(), messages: self.lab.messages(), recording })
    }
}
