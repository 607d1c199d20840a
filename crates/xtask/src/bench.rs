//! What a capture costs: CPU of the tool and of its browser against a bare Chromium that shows the same pages.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::lab::{Lab, build};
use crate::needs::{BROWSER, install};
use crate::say;

const PAGES: [&str; 3] =
    ["https://handbook.northmere-trust.example/medicines/hiv/biktarvy-tablets", MANY_SMALL, "https://www.marlstone-practice.example/"];
const MANY_SMALL: &str = "https://bench.example/requests?count=500";
const TEN_THOUSAND: &str = "https://bench.example/requests?count=10000";

/// Runs of each page. The middle one counts.
const RUNS: usize = 3;

/// Seconds a page is shown: the tool's dwell, its listening on leaving, and as long for the bare browser.
const DWELL_S: u64 = 3;
const LEAVING: Duration = Duration::from_millis(2800);

/// Ticks of /proc/*/stat in a second, the same on every Linux.
const TICKS: f64 = 100.0;

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    tool_s: f64,
    browser_s: f64,
    tool_peak_kib: u64,
}

pub(crate) fn bench() -> Result<()> {
    install(&[BROWSER])?;
    say("building in release");
    let programs = build(&["pixelwitness", "pixelwitness-test-sites"], true)?;
    let scratch = tempfile::tempdir()?;
    let lab = Lab::start(&programs, scratch.path())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<76} {:>8} {:>8} {:>8} {:>9} {:>9}", "page (CPU seconds, median)", "bare", "browser", "tool", "browser/", "tool/")?;
    writeln!(out, "{:<76} {:>8} {:>8} {:>8} {:>9} {:>9}", "", "", "", "", "bare", "browser")?;
    for page in PAGES {
        let bare = median(|| bare(&programs, &lab, scratch.path(), page))?;
        let captured = median(|| captured(&programs, &lab, scratch.path(), page))?;
        writeln!(
            out,
            "{page:<76} {:>8.2} {:>8.2} {:>8.3} {:>9.2} {:>9.3}",
            bare.browser_s,
            captured.browser_s,
            captured.tool_s,
            captured.browser_s / bare.browser_s,
            captured.tool_s / captured.browser_s
        )?;
    }
    let many = captured(&programs, &lab, scratch.path(), TEN_THOUSAND)?;
    writeln!(
        out,
        "10,000 requests on a page: peak memory of the tool {:.0} MiB; CPU {:.2} s of the tool, {:.1} s of the browser",
        many.tool_peak_kib as f64 / 1024.0,
        many.tool_s,
        many.browser_s
    )?;
    Ok(())
}

fn median(mut run: impl FnMut() -> Result<Cost>) -> Result<Cost> {
    let mut costs = (0..RUNS).map(|_| run()).collect::<Result<Vec<Cost>>>()?;
    costs.sort_by(|one, other| (one.tool_s + one.browser_s).total_cmp(&(other.tool_s + other.browser_s)));
    Ok(costs[RUNS / 2])
}

/// The tool, with all it does. What is not its own CPU is that of the browser, which its keeper waits for.
fn captured(programs: &Path, lab: &Lab, scratch: &Path, page: &str) -> Result<Cost> {
    let out = scratch.join("run");
    let _ = fs::remove_dir_all(&out);
    let before = children_s()?;
    let mut tool = Command::new(programs.join("pixelwitness"))
        .args(["audit", page, "--quiet", "--json", "--dwell", &DWELL_S.to_string(), "--out"])
        .arg(&out)
        .args(&lab.arguments)
        .stdout(Stdio::null())
        .spawn()?;
    let (tool_s, tool_peak_kib) = watch(&mut tool)?;
    Ok(Cost { tool_s, browser_s: children_s()? - before - tool_s, tool_peak_kib })
}

/// A bare browser on the same page for the same time, with a fresh profile and the flags that a quiet start needs, and no capture.
fn bare(programs: &Path, lab: &Lab, scratch: &Path, page: &str) -> Result<Cost> {
    let profile = scratch.join("profile");
    let _ = fs::remove_dir_all(&profile);
    fs::create_dir(&profile)?;
    let owner = unprivileged(&profile)?;
    let rule = lab.arguments[1].replacen('=', " ", 1);
    let before = children_s()?;
    // Under the same keeper, so that every process of the browser is waited for and counted.
    let mut keeper = Command::new(programs.join("pixelwitness"))
        .arg("__keep-browser")
        .arg(&owner)
        .arg(&profile)
        .args(["chromium", "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--host-resolver-rules=MAP {rule}"))
        .args(["--ignore-certificate-errors", page])
        .env("HOME", &profile)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    sleep(Duration::from_secs(DWELL_S) + LEAVING);
    drop(keeper.stdin.take());
    keeper.wait()?;
    Ok(Cost { browser_s: children_s()? - before, ..Cost::default() })
}

/// Gives the profile to the user that the tool would run the browser as.
fn unprivileged(profile: &Path) -> Result<String> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok("-".to_owned());
    }
    let parent = profile.parent().context("the profile lies in a directory")?;
    fs::set_permissions(parent, fs::Permissions::from_mode(0o711))?;
    chown(profile, Some(65534), Some(65534))?;
    Ok("65534:65534".to_owned())
}

/// Waits for the tool. Returns the CPU seconds of the process itself, as last seen, and its peak memory.
fn watch(tool: &mut Child) -> Result<(f64, u64)> {
    let process = format!("/proc/{}", tool.id());
    let (mut own_s, mut peak_kib) = (0.0, 0);
    let begun = Instant::now();
    while tool.try_wait()?.is_none() {
        if let Ok(fields) = stat(&process) {
            own_s = (fields[0] + fields[1]) / TICKS;
        }
        let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        peak_kib = peak.unwrap_or(peak_kib);
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(600), "the tool did not end");
        sleep(Duration::from_millis(10));
    }
    Ok((own_s, peak_kib))
}

/// CPU seconds of all our children that have ended and were waited for, and of theirs.
fn children_s() -> Result<f64> {
    let fields = stat("/proc/self")?;
    Ok((fields[2] + fields[3]) / TICKS)
}

/// `utime`, `stime`, `cutime`, `cstime`, in ticks.
fn stat(process: &str) -> Result<[f64; 4]> {
    let text = fs::read_to_string(format!("{process}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("a stat line names its command")?;
    let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(4).map(|field| field.parse().unwrap_or(0.0)).collect();
    ticks.try_into().ok().context("a stat line has its times")
}
