//! How much memory browsers may take.

use std::fs;
use std::path::Path;

/// What one browser with one page takes, in MiB: 227 to 285 were measured on Chromium 156.
pub(crate) const BROWSER_MIB: u64 = 300;

/// MiB that can be taken without swapping, and within the limits of the control group we are in. None where the system does not tell.
pub(crate) fn available_mib() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| of_machine(&text));
    [machine, of_group()].into_iter().flatten().min()
}

fn of_machine(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// What the limit of our control group leaves. Cached files are given back when memory is needed.
fn of_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let directory = Path::new("/sys/fs/cgroup").join(group);
    let read = |name: &str| fs::read_to_string(directory.join(name)).ok();
    within_limit(&read("memory.max")?, &read("memory.current")?, &read("memory.stat").unwrap_or_default())
}

fn within_limit(limit: &str, used: &str, stat: &str) -> Option<u64> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let cached = stat.lines().find_map(|line| line.strip_prefix("inactive_file ")).and_then(number).unwrap_or(0);
    Some(number(limit)?.saturating_sub(number(used)?.saturating_sub(cached)) >> 20)
}

/// Whether one more browser may be started beside those that run. The first always may: there is no less than one.
pub(crate) fn may_start(running: usize, jobs: usize, budget_mib: Option<u64>, available_mib: Option<u64>) -> bool {
    let after = running as u64 + 1;
    let within_budget = budget_mib.is_none_or(|budget| after.saturating_mul(BROWSER_MIB) <= budget);
    let is_there = available_mib.is_none_or(|available| available >= BROWSER_MIB);
    running == 0 || running < jobs && within_budget && is_there
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_started_where_there_is_room_for_it() {
        for (running, jobs, budget, available, may) in [
            (0, 1, None, None, true),
            (0, 4, Some(1), Some(1), true),
            (1, 1, None, None, false),
            (1, 4, Some(600), Some(300), true),
            (1, 4, Some(599), Some(4000), false),
            (1, 4, Some(4000), Some(299), false),
            (3, 4, None, Some(300), true),
            (4, 4, None, Some(4000), false),
        ] {
            assert_eq!(may_start(running, jobs, budget, available), may, "{running} of {jobs}, {budget:?}, {available:?}");
        }
    }

    #[test]
    fn what_is_available_is_read_from_what_the_system_tells() {
        assert_eq!(of_machine("MemTotal: 24684448 kB\nMemFree: 1 kB\nMemAvailable:   24047616 kB\n"), Some(23484));
        assert_eq!(of_machine("nothing"), None);
        let mib = |number: u64| (number << 20).to_string();
        assert_eq!(within_limit(&mib(1000), &mib(700), &format!("anon 1\ninactive_file {}\n", mib(200))), Some(500));
        assert_eq!(within_limit(&mib(1000), &mib(1200), ""), Some(0));
        assert_eq!(within_limit("max\n", &mib(700), ""), None);
    }
}
