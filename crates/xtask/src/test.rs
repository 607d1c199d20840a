use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::lab::root;
use crate::needs::{FOR_TESTS, install, is_there};
use crate::say;

pub(crate) fn test(all: bool) -> Result<()> {
    install(&FOR_TESTS)?;
    npm(&root().join("tests/npm"))?;
    step("cargo fmt", Command::new(env!("CARGO")).args(["fmt", "--all", "--check"]))?;
    step("cargo clippy", Command::new(env!("CARGO")).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut tests = Command::new(env!("CARGO"));
    if is_there("cargo-nextest") {
        tests.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        tests.args(["test", "--workspace", "--no-fail-fast"]);
    }
    // Tests that take long look at this.
    tests.env("PIXELWITNESS_TEST_ALL", if all { "1" } else { "" });
    step("the tests", &mut tests)?;
    if all {
        // Ten million of them are decoded in minutes by an optimised decoder alone.
        let generated = ["test", "--release", "--package", "pixelwitness-classifier", "--test", "classify", "mangled::"];
        step("generated requests", Command::new(env!("CARGO")).args(generated).env("PIXELWITNESS_TEST_ALL", "1"))?;
        step("the transports", Command::new(std::env::current_exe()?).arg("completeness"))?;
    }
    Ok(())
}

/// Installs the packages that tests use, by name and with a lock file.
fn npm(into: &Path) -> Result<()> {
    step("npm ci", Command::new("npm").args(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(into))
}

fn step(name: &str, command: &mut Command) -> Result<()> {
    say(name);
    if command.get_current_dir().is_none() {
        command.current_dir(root());
    }
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}
