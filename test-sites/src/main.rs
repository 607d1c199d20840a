//! Serves the test sites for people, until Ctrl-C.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser;
use pixelwitness_test_sites::{Lab, sites};

/// Serves the test sites and the vendors they embed on one loopback port, until Ctrl-C.
#[derive(Parser)]
struct Arguments {
    /// Where the authority's certificate is written; else into the directory for temporary files.
    #[arg(long, value_name = "FILE")]
    write_authority: Option<PathBuf>,
    /// Where everything received is written at the end, one request or message a line.
    #[arg(long, value_name = "FILE")]
    write_received: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let lab = Lab::start().await.context("cannot start the lab")?;
    let authority = arguments.write_authority.unwrap_or_else(|| std::env::temp_dir().join("pixelwitness-test-sites.pem"));
    write(&authority, lab.authority_pem())?;
    introduce(&lab, &authority)?;
    tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")?;
    if let Some(path) = &arguments.write_received {
        write(path, &json_lines(&lab)?)?;
    }
    lab.stop().await;
    Ok(())
}

fn introduce(lab: &Lab, authority: &Path) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "--resolve '{}' --trust {}", lab.resolve_rule(), authority.display())?;
    writeln!(out, "The authority's pin: {}", lab.authority_pin())?;
    for site in sites() {
        writeln!(out, "{:28} https://{}/", site.name, site.host)?;
    }
    out.flush()
}

fn json_lines(lab: &Lab) -> serde_json::Result<String> {
    let requests = lab.received().iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let messages = lab.messages().iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(requests.into_iter().chain(messages).map(|line| line + "\n").collect())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
