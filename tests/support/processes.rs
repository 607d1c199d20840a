//! The processes of a run's browser, told by the words of their command lines.

use std::process::Command;

use super::{processes_with, run};

/// Profiles of browsers that were started with this `--resolve` rule.
pub(crate) fn profiles_under(rule: &str) -> Vec<String> {
    let marked = format!("MAP {}", rule.replacen('=', " ", 1));
    let mut profiles: Vec<String> = processes_with(&marked).into_iter().filter_map(profile_of).collect();
    profiles.sort();
    profiles.dedup();
    profiles
}

/// Processes of browsers with this `--resolve` rule, their keepers among them.
pub(crate) fn browsers_under(rule: &str) -> Vec<i32> {
    profiles_under(rule).iter().flat_map(|profile| processes_with(profile)).collect()
}

/// Kills those of them that are of this `--type`.
pub(crate) fn kill_under(rule: &str, kind: &str) {
    let kind = format!("--type={kind}");
    // A process that was forked off has all its words in one.
    let is_of_it = |process: &i32| words_of(*process).iter().any(|word| word.split(' ').any(|word| word == kind));
    for process in browsers_under(rule).into_iter().filter(is_of_it) {
        // It may have gone by itself.
        let _ = run(Command::new("kill").args(["-9", &process.to_string()]));
    }
}

/// Whether this is the browser's first process.
pub(crate) fn is_main(process: i32) -> bool {
    let words = words_of(process);
    !words.iter().any(|word| word.starts_with("--type=") || word == "__keep-browser")
        && words.iter().any(|word| word.starts_with("--log-net-log="))
}

fn profile_of(process: i32) -> Option<String> {
    words_of(process).into_iter().find_map(|word| word.strip_prefix("--user-data-dir=").map(str::to_owned))
}

fn words_of(process: i32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).split('\0').map(str::to_owned).collect()
}
