//! Every transport of the lab, through the tool as it is shipped: what it recorded against what the server received.

mod measure;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::{Environment, Outcome, Recording};
use pixelwitness_test_sites::{Lab, Received, ReceivedMessage, Transports, transports};
use tokio::runtime::Runtime;

use crate::lab::{build, root};
use crate::needs::{BROWSER, install};
use crate::say;
use measure::{Measured, Totals, measure};
use table::Table;

/// How much of the traffic must have its frame or worker and its step.
const LEAST_ATTRIBUTED: f64 = 0.95;

/// After so many runs without a failure, what failed before counts as mended.
const RUNS_TO_TRUST: usize = 10;

/// Where the tables are.
const DOCUMENT: &str = "docs/completeness.md";

/// What is run, and how.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many times every journey is run
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// How many journeys are run at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Hold the committed document against what is measured, and leave it as it is
    #[arg(long)]
    check: bool,
    /// Run these journeys alone, and write nothing
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Measure this program instead of building one
    #[arg(long, value_name = "PATH")]
    tool: Option<PathBuf>,
}

pub(crate) fn completeness(arguments: Arguments) -> Result<()> {
    let Arguments { runs, jobs, check, only, tool } = arguments;
    anyhow::ensure!(runs > 0 && jobs > 0, "--runs and --jobs take a number from 1 on");
    if let Some(unknown) = only.iter().find(|name| transports().iter().all(|lab| lab.name != name.as_str())) {
        let known: Vec<&str> = transports().iter().map(|lab| lab.name).collect();
        bail!("no journey is called {unknown} (there are {})", known.join(", "));
    }
    install(&[BROWSER])?;
    let tool = match tool {
        Some(tool) => tool,
        None => build(&["pixelwitness"], false)?.join("pixelwitness"),
    };
    let chosen: Vec<_> = transports().iter().filter(|lab| only.is_empty() || only.iter().any(|name| name == lab.name)).collect();
    let work: Vec<_> = (1..=runs).flat_map(|run| chosen.iter().map(move |lab| (run, *lab))).collect();
    let mut totals = Totals::default();
    let mut table = Table::default();
    for played in play_all(&work, jobs, &tool)? {
        totals.add(&played.totals);
        table.add(played.lab, played.measured, &played.environment);
    }
    conclude(&table, &totals, runs, &Extent { whole: only.is_empty(), writes: only.is_empty() && !check })
}

/// How much was run, and for what.
struct Extent {
    /// Every journey.
    whole: bool,
    /// The document is to be written.
    writes: bool,
}

/// One journey as it went.
struct Played {
    lab: &'static Transports,
    measured: Measured,
    totals: Totals,
    environment: Environment,
}

/// Plays all of these, some at a time, each worker with a server of its own. The results are in the order of the work.
fn play_all(work: &[(usize, &'static Transports)], jobs: usize, tool: &Path) -> Result<Vec<Played>> {
    let next = AtomicUsize::new(0);
    let worker = || -> Result<Vec<(usize, Played)>> {
        let bench = Bench::new(tool.to_owned())?;
        let mut played = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((run, lab)) = work.get(at) else { return Ok(played) };
            say(&format!("run {run}: {}", lab.title));
            let truth = bench.play(lab)?;
            let mut totals = Totals::default();
            let measured = measure(lab, &truth, &mut totals);
            measured.problems.iter().for_each(|problem| say(&format!("  {problem}")));
            played.push((at, Played { lab, measured, totals, environment: truth.recording.environment }));
        }
    };
    let mut played = std::thread::scope(|scope| -> Result<Vec<(usize, Played)>> {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(worker)).collect();
        let mut played = Vec::new();
        for worker in workers {
            played.extend(worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))??);
        }
        Ok(played)
    })?;
    played.sort_by_key(|(at, _)| *at);
    Ok(played.into_iter().map(|(_, played)| played).collect())
}

fn conclude(table: &Table, totals: &Totals, runs: usize, extent: &Extent) -> Result<()> {
    let document = root().join(DOCUMENT);
    let committed = fs::read_to_string(&document).unwrap_or_default();
    let worse = table.worse_than(&committed);
    worse.iter().for_each(|line| say(&format!("worse than {DOCUMENT}: {line}")));
    let text = table.document(totals, runs, &table::kept_doubts(&committed, runs >= RUNS_TO_TRUST));
    let mut wrong = worse.len() + table.problems().len();
    let missed = totals.missed();
    missed.iter().for_each(|line| say(line));
    wrong += missed.len();
    if extent.whole && table.attributed() < LEAST_ATTRIBUTED {
        say(&format!("{:.1} % of the rows have their frame or worker and their step", table.attributed() * 100.0));
        wrong += 1;
    }
    say(&totals.words());
    say(&table.words());
    if wrong > 0 || !extent.writes {
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
        let quiet = self.runtime.block_on(self.lab.quiet(Duration::from_secs(30)));
        anyhow::ensure!(quiet, "connections of {} are open though the browser has ended", lab.name);
        let recording = RunDirectory::open(&out)?.recording()?;
        // Some rows are of hosts that cannot be reached, so that nothing found is no absence: the exit status is 2, and the run is whole.
        let is_whole = recording.completeness.finished && recording.steps.iter().all(|step| step.outcome == Outcome::Done);
        let is_done = matches!(ended.status.code(), Some(0 | 1)) || ended.status.code() == Some(2) && is_whole;
        if !is_done {
            bail!("the audit of {} failed: {}", lab.name, String::from_utf8_lossy(&ended.stderr).trim());
        }
        Ok(Truth { received: self.lab.received(), messages: self.lab.messages(), recording })
    }
}
