//! The vocabulary of these tests: a bench with a lab, a run of the program, and what came of it.

pub(crate) mod browser;
pub(crate) mod processes;
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use pixelwitness_classifier::Findings;
use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::Recording;
use pixelwitness_test_sites::{Lab, Received};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A lab that serves on a free port, and a directory for what the program writes.
pub(crate) struct Bench {
    runtime: Runtime,
    lab: Lab,
    directory: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let lab = runtime.block_on(Lab::start()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("authority.pem"), lab.authority_pem()).unwrap();
        Self { runtime, lab, directory }
    }

    pub(crate) fn resolve_rule(&self) -> String {
        self.lab.resolve_rule()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// `pixelwitness audit`, led to the lab, writing to `out`.
    pub(crate) fn audit_command(&self, out: &str) -> Command {
        self.audit_command_mapping(out, &[])
    }

    /// The same, with some host names led elsewhere: of several rules the first that fits wins.
    pub(crate) fn audit_command_mapping(&self, out: &str, rules: &[&str]) -> Command {
        let mut command = tool();
        command.arg("audit").arg("--quiet").arg("--out").arg(self.path(out));
        command.args(rules.iter().flat_map(|rule| ["--resolve", rule]));
        command.args(["--resolve", &self.lab.resolve_rule()]).arg("--trust").arg(self.path("authority.pem"));
        command
    }

    /// Runs a journey against the lab.
    pub(crate) fn audit(&self, journey: &str, out: &str) -> Run {
        let file = self.path(&format!("{out}.toml"));
        std::fs::write(&file, journey).unwrap();
        let ended = run(self.audit_command(out).arg("--journey").arg(file));
        Run { ended, directory: self.path(out) }
    }

    /// Everything the lab received, once no connection is open any more.
    pub(crate) fn received(&self) -> Vec<Received> {
        assert!(self.runtime.block_on(self.lab.quiet(Duration::from_secs(120))), "the browser is gone, so its connections are too");
        self.lab.received()
    }

    /// What the lab received so far.
    pub(crate) fn received_so_far(&self) -> Vec<Received> {
        self.lab.received()
    }
}

/// A finished run of the program.
pub(crate) struct Run {
    pub(crate) ended: Ended,
    pub(crate) directory: PathBuf,
}

impl Run {
    pub(crate) fn recording(&self) -> Recording {
        RunDirectory::open(&self.directory).unwrap().recording().unwrap()
    }

    pub(crate) fn findings(&self) -> Findings {
        serde_json::from_slice(&std::fs::read(self.directory.join("findings.json")).unwrap()).unwrap()
    }
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Of `verify`: every byte is as it was sealed, and the raw logs give the stored findings again.
    pub(crate) fn is_reproduced(&self) -> bool {
        self.code == Some(0) && self.stdout.starts_with("Integrity: intact.\n") && self.stdout.contains("\nReproduction: the same.")
    }

    /// Of `verify`: something is not as it was sealed.
    pub(crate) fn is_altered(&self) -> bool {
        self.code == Some(1) && self.stdout.starts_with("Integrity: NOT intact.\n") && self.stdout.contains("\nReproduction: not tried")
    }
}

pub(crate) fn tool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pixelwitness"))
}

pub(crate) fn run(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Waits for something that has to happen. The limit only ends a test that would fail anyway.
pub(crate) fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(300), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Processes whose command line names this text, ours left out.
pub(crate) fn processes_with(text: &str) -> Vec<i32> {
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let process: i32 = entry.file_name().to_str()?.parse().ok()?;
            let words = std::fs::read(entry.path().join("cmdline")).ok()?;
            let found = String::from_utf8_lossy(&words).contains(text) && u32::try_from(process) != Ok(own);
            found.then_some(process)
        })
        .collect()
}

/// Whether the tests that take long are wanted: `cargo xtask test --all`.
pub(crate) fn all_wanted() -> bool {
    std::env::var("PIXELWITNESS_TEST_ALL").is_ok_and(|value| !value.is_empty())
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
