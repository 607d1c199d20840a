//! The commands of this repository, each of which installs what it needs.
//!
//! It never does a part of the product's work: it builds, starts and measures.

mod bench;
mod completeness;
mod demo;
mod lab;
mod needs;
mod test;
mod vendors;

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
    /// Measure what a capture costs against a bare browser, and how fast logs are read and requests decoded; print ratios
    Bench {
        /// Measure journeys at once alone
        #[arg(long)]
        jobs: bool,
    },
    /// Send something by every way a page has, hold what was recorded against what the server received, and write docs/completeness.md
    Completeness(completeness::Arguments),
    /// Write docs/vendors.md from the definitions and from what their fixtures are read as
    Vendors,
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
        Command::Bench { jobs } => bench::bench(jobs),
        Command::Completeness(arguments) => completeness::completeness(arguments),
        Command::Vendors => vendors::vendors(),
    }
}

/// Says what is being done, on stderr.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "xtask: {text}");
}
