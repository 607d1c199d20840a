//! The commands of this repository, each of which installs what it needs.
//!
//! It never does a part of the product's work: it builds, starts and measures.

mod bench;
mod completeness;
mod decoding;
mod demo;
mod lab;
mod needs;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// The commands of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Command {
    /// Audit test sites 1 to 4, or a page of the live web, and print who was told what
    Demo {
        /// Address of a page of the live web
        url: Option<String>,
    },
    /// Run every test
    Test {
        /// Also those that take long
        #[arg(long)]
        all: bool,
    },
    /// Measure how fast requests are decoded, and what a capture costs against a bare browser
    Bench,
    /// Send something by every way a page has, hold what was recorded against what the server received, and write docs/completeness.md
    Completeness {
        /// How many times every journey is run
        #[arg(long, default_value_t = 1)]
        runs: usize,
        /// Run these journeys alone, and write nothing
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        /// Measure this program instead of building one
        #[arg(long, value_name = "PATH")]
        tool: Option<std::path::PathBuf>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Command::parse() {
        Command::Demo { url } => demo::demo(url.as_deref()),
        Command::Test { all } => test::test(all),
        Command::Bench => decoding::bench().and_then(|()| bench::bench()),
        Command::Completeness { runs, only, tool } => completeness::completeness(runs, &only, tool),
    }
}

/// Says what is being done, on stderr.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "xtask: {text}");
}
