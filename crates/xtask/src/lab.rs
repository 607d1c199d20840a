//! The test sites, served by a process of their own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};

/// Root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask lies two folders below the root")
}

/// Builds packages and returns the directory of their programs.
pub(crate) fn build(packages: &[&str], release: bool) -> Result<PathBuf> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["build", "--quiet"]);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    if release {
        command.arg("--release");
    }
    let status = command.status().context("cannot start cargo")?;
    anyhow::ensure!(status.success(), "cargo build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join(if release { "release" } else { "debug" }))
}

/// The running server; it ends with this value.
pub(crate) struct Lab {
    server: Child,
    /// The rest of what it prints; it would fail to print to a pipe that is closed.
    _output: BufReader<ChildStdout>,
    /// What the tool is told, so that it reaches the server: `--resolve …` and `--trust …`.
    pub(crate) arguments: Vec<String>,
}

impl Lab {
    pub(crate) fn start(programs: &Path, directory: &Path) -> Result<Self> {
        let authority = directory.join("authority.pem");
        let mut server = Command::new(programs.join("test-sites"))
            .arg("--write-authority")
            .arg(&authority)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the test sites")?;
        let mut line = String::new();
        let mut output = BufReader::new(server.stdout.take().context("the server's output is piped")?);
        output.read_line(&mut line)?;
        let rule = line.split('\'').nth(1).with_context(|| format!("the test sites did not say where they are: {line:?}"))?;
        let arguments = ["--resolve", rule, "--trust", &authority.display().to_string()].map(str::to_owned).into();
        Ok(Self { server, _output: output, arguments })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
