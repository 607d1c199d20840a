//! How many requests a second are decoded, beside what parsing their addresses costs, and how long the definitions take to load.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::lab::root;
use crate::say;

pub(crate) fn bench() -> Result<()> {
    say("decoding requests");
    let arguments = ["bench", "--quiet", "--package", "pixelwitness-classifier", "--bench", "decode"];
    let status = Command::new(env!("CARGO")).args(arguments).current_dir(root()).status().context("cannot start the bench")?;
    ensure!(status.success(), "the bench of decoding failed ({status})");
    Ok(())
}
