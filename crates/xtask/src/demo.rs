use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::lab::{Lab, build, root};
use crate::needs::{BROWSER, install};
use crate::say;

/// The sites that show the main job: a page, a search, buttons, a form.
const SITES: [&str; 4] = ["01-hiv-handbook", "02-site-search", "03-surgery-buttons", "04-contact-form"];

pub(crate) fn demo(url: Option<&str>) -> Result<()> {
    install(&[BROWSER])?;
    say("building (the first time takes some minutes)");
    let programs = build(&["pixelwitness", "pixelwitness-test-sites"], false)?;
    let into = root().join("target/demo");
    if let Some(url) = url {
        return live(&programs, &into, url);
    }
    let _ = std::fs::remove_dir_all(&into);
    std::fs::create_dir_all(&into)?;
    let lab = Lab::start(&programs, &into)?;
    for site in SITES {
        say(&format!("auditing test site {site}"));
        let journey = root().join("test-sites/sites").join(site).join("journey.toml");
        let mut command = Command::new(programs.join("pixelwitness"));
        command.arg("audit").arg("--journey").arg(journey).arg("--out").arg(into.join(site)).args(&lab.arguments);
        if run(&mut command)? != 1 {
            bail!("the audit of {site} should have found something");
        }
    }
    say(&format!("each run's report: {}/*/report.html", into.display()));
    Ok(())
}

fn live(programs: &Path, into: &Path, url: &str) -> Result<()> {
    std::fs::create_dir_all(into)?;
    let mut command = Command::new(programs.join("pixelwitness"));
    // The tool names the directory after the site and the time.
    command.current_dir(into).args(["audit", url]);
    let code = run(&mut command)?;
    say(&format!("its directory is in {}", into.display()));
    match code {
        0 | 1 => Ok(()),
        _ => bail!("the audit of {url} could not be done"),
    }
}

fn run(command: &mut Command) -> Result<i32> {
    let status = command.status().context("cannot start pixelwitness")?;
    status.code().context("pixelwitness was killed")
}
