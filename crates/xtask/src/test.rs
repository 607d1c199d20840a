use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::lab::root;
use crate::needs::{FOR_TESTS, install, is_there};
use crate::say;

pub(crate) fn test(all: bool) -> Result<()> {
    install(&FOR_TESTS)?;
    npm(&root().join("tests/npm"))?;
    let libraries = root().join("test-sites/libraries");
    npm(&libraries)?;
    step("npm run bundle", Command::new("npm").args(["run", "--silent", "bundle"]).current_dir(&libraries))?;
    step("cargo fmt", Command::new(env!("CARGO")).args(["fmt", "--all", "--check"]))?;
    step("cargo clippy", Command::new(env!("CARGO")).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut tests = Command::new(env!("CARGO"));
    if is_there("cargo-nextest") {
        tests.args(["nextest", "run", "--workspace", "--no-fail-fast", "--profile", if all { "all" } else { "default" }]);
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
    }
    transports()
}

/// Holds every transport against the committed table. What a browser under load does otherwise once is tried again before it counts:
/// the table says "sometimes" only of what differed in ten runs.
fn transports() -> Result<()> {
    let once = || step("the transports", Command::new(std::env::current_exe()?).args(["completeness", "--check"]));
    once().or_else(|error| {
        say(&format!("{error:#}; once more"));
        once()
    })
}

/// Installs the packages that tests use, by name and with a lock file, unless what the lock file says is there already.
fn npm(into: &Path) -> Result<()> {
    let written = |name: &str| std::fs::metadata(into.join(name)).and_then(|of| of.modified()).ok();
    // npm writes it last.
    if written("node_modules/.package-lock.json").is_some_and(|installed| Some(installed) > written("package-lock.json")) {
        return Ok(());
    }
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
