//! Finds a browser and asks it for its version.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chromiumoxide::detection::{DetectionOptions, default_executable};
use tokio::process::Command;
use tokio::time::timeout;

use crate::Error;
use crate::profile::BrowserUser;
use crate::wrapper::browser_behind;

/// How long a program may take to say its version.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// A browser on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its executable.
    pub path: PathBuf,
    /// Its version, `156.0.8078.79`.
    pub version: String,
}

/// The browser at `path`, or the one that is installed here.
///
/// # Errors
///
/// None is found, it cannot be started, or it is not Chromium.
pub async fn find(path: Option<&Path>) -> Result<Found, Error> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => default_executable(DetectionOptions { msedge: false, unstable: false }).map_err(|_| Error::NoBrowser)?,
    };
    let path = browser_behind(&path);
    let user = BrowserUser::here()?;
    let mut command = Command::new(&path);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    user.apply(&mut command);
    let child = command.spawn().map_err(|source| Error::NotExecutable { path: path.clone(), source })?;
    let answer = match timeout(ANSWER_TIMEOUT, child.wait_with_output()).await {
        Ok(output) => output.map_err(|source| Error::NotExecutable { path: path.clone(), source })?.stdout,
        Err(_) => b"nothing for 20 seconds".to_vec(),
    };
    let answer = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().chars().take(100).collect::<String>();
    match version_in(&answer) {
        Some(version) => Ok(Found { version: version.to_owned(), path }),
        None => Err(Error::NotABrowser { path, answer }),
    }
}

/// `Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)`, `Google Chrome 156.0.8078.79`
fn version_in(answer: &str) -> Option<&str> {
    if !answer.contains("Chrom") {
        return None;
    }
    answer
        .split_whitespace()
        .find(|word| word.split('.').count() == 4 && word.chars().all(|character| character == '.' || character.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_a_browser_says_of_itself() {
        for (answer, version) in [
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", Some("156.0.8078.79")),
            ("Google Chrome 156.0.8078.79 ", Some("156.0.8078.79")),
            ("Google Chrome for Testing 156.0.8078.79", Some("156.0.8078.79")),
            ("Mozilla Firefox 145.0", None),
            ("ls (GNU coreutils) 9.1", None),
            ("", None),
        ] {
            assert_eq!(version_in(answer), version, "{answer}");
        }
    }
}
