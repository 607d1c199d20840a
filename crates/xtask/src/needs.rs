//! What has to be on the machine, and how it gets there: Debian's packages, by name.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::say;

/// A program and the Debian packages it comes in.
pub(crate) struct Need {
    program: &'static str,
    packages: &'static [&'static str],
}

/// The browser, and a font, without which its pages would be pictures of nothing.
pub(crate) const BROWSER: Need = Need { program: "chromium", packages: &["chromium", "fonts-liberation"] };

/// What the tests need beside the browser: `npm` fetches axe-core and the trackers' own libraries, `pdftotext` reads what was printed.
pub(crate) const FOR_TESTS: [Need; 3] =
    [BROWSER, Need { program: "npm", packages: &["npm"] }, Need { program: "pdftotext", packages: &["poppler-utils"] }];

/// Installs what is missing.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs.iter().filter(|need| !is_there(need.program)).flat_map(|need| need.packages.iter().copied()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("installing {} with apt-get", missing.join(", ")));
    if !is_there("apt-get") {
        bail!("{} is missing, and this machine has no apt-get to install it with", missing.join(", "));
    }
    apt_get(&["update", "-q"])?;
    apt_get(&[&["install", "-q", "-y", "--no-install-recommends"], &missing[..]].concat())
}

/// Whether a program is on the path.
pub(crate) fn is_there(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(program).is_file()))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
    if !is_root() {
        command.arg("apt-get");
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    // What it prints is progress, and stdout is for what was asked for.
    command.stdout(Stdio::from(std::io::stderr()));
    let status = command.status().context("cannot start apt-get")?;
    if !status.success() {
        bail!("apt-get {} failed ({status})", arguments.join(" "));
    }
    Ok(())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|of| of.uid() == 0)
}
