//! What a capture costs: CPU of the tool and of its browser against a bare Chromium that shows the same pages. How fast logs are read and
//! requests decoded.

mod decoding;
mod jobs;
mod reading;
mod stored;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::lab::{Lab, build};
use crate::needs::{BROWSER, install};
use crate::say;

/// What a visitor might look at one after the other. The last ones send as many requests as pages of today do.
const PAGES: [&str; 8] = [
    "https://handbook.northmere-trust.example/",
    "https://handbook.northmere-trust.example/medicines/hiv/biktarvy-tablets",
    "https://www.harrowbeck-health.example/search?q=blisters",
    "https://www.tillingford-surgery.example/appointments",
    "https://www.eastwold-clinic.example/contact",
    "https://www.marlstone-practice.example/",
    "https://bench.example/requests?count=100",
    "https://bench.example/requests?count=200",
];
const TEN_THOUSAND: &str = "https://bench.example/requests?count=10000";

/// Runs of each page. The middle one counts.
const RUNS: usize = 3;

/// How long a page is shown, and how long the tool listens to what is sent on leaving.
const DWELL: Duration = Duration::from_millis(2500);
const LEAVING: Duration = Duration::from_millis(2800);

/// Ticks of /proc/*/stat in a second, the same on every Linux.
const TICKS: f64 = 100.0;

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    tool_s: f64,
    browser_s: f64,
    tool_peak_kib: u64,
}

pub(crate) fn bench(only_jobs: bool) -> Result<()> {
    install(&[BROWSER])?;
    say("building in release");
    let programs = build(&["pixelwitness", "pixelwitness-test-sites"], true)?;
    let scratch = tempfile::tempdir()?;
    let lab = Lab::start(&programs, scratch.path())?;
    let mut out = std::io::stdout().lock();
    if only_jobs {
        return jobs::bench(&programs, &lab, scratch.path(), &mut out);
    }
    let bare = median(|| bare(&programs, &lab, scratch.path()))?;
    let captured_pages = median(|| captured(&programs, &lab, scratch.path(), &PAGES))?;
    let pages = PAGES.len() as f64;
    writeln!(out, "CPU seconds a page, over {} pages in one browser, its start and end included (median of {RUNS} runs)", PAGES.len())?;
    writeln!(out, "  bare Chromium            {:.3}", bare.browser_s / pages)?;
    writeln!(
        out,
        "  Chromium, captured       {:.3}   {:.2} of bare",
        captured_pages.browser_s / pages,
        captured_pages.browser_s / bare.browser_s
    )?;
    writeln!(
        out,
        "  pixelwitness             {:.3}   {:.3} of its browser",
        captured_pages.tool_s / pages,
        captured_pages.tool_s / captured_pages.browser_s
    )?;
    let many = captured(&programs, &lab, scratch.path(), &[TEN_THOUSAND])?;
    writeln!(
        out,
        "10,000 requests on a page: peak memory of the tool {:.0} MiB; CPU {:.2} s of the tool, {:.1} s of the browser",
        many.tool_peak_kib as f64 / 1024.0,
        many.tool_s,
        many.browser_s
    )?;
    decoding::decoding(&mut out)?;
    reading::reading(&mut out)?;
    jobs::bench(&programs, &lab, scratch.path(), &mut out)
}

fn median(mut run: impl FnMut() -> Result<Cost>) -> Result<Cost> {
    let mut costs = (0..RUNS).map(|_| run()).collect::<Result<Vec<Cost>>>()?;
    costs.sort_by(|one, other| (one.tool_s + one.browser_s).total_cmp(&(other.tool_s + other.browser_s)));
    Ok(costs[RUNS / 2])
}

/// The tool, with all it does. What is not its own CPU is that of the browser, which its keeper waits for.
fn captured(programs: &Path, lab: &Lab, scratch: &Path, pages: &[&str]) -> Result<Cost> {
    let out = scratch.join("run");
    let _ = fs::remove_dir_all(&out);
    let steps: String = pages.iter().map(|page| format!("[[step]]\nvisit = \"{page}\"\n")).collect();
    let journey = scratch.join("journey.toml");
    fs::write(&journey, format!("name = \"bench\"\n[browser]\ndwell_ms = {}\n{steps}", DWELL.as_millis()))?;
    let before = children_s()?;
    let mut tool = Command::new(programs.join("pixelwitness"))
        .args(["audit", "--quiet", "--json", "--journey"])
        .arg(&journey)
        .arg("--out")
        .arg(&out)
        .args(&lab.arguments)
        .stdout(Stdio::null())
        .spawn()?;
    let (tool_s, tool_peak_kib) = watch(&mut tool)?;
    Ok(Cost { tool_s, browser_s: children_s()? - before - tool_s, tool_peak_kib })
}

/// A bare browser that goes through the same pages and shows each as long, with a fresh profile and the flags of a quiet start. No
/// domain of DevTools is switched on and no log is written.
fn bare(programs: &Path, lab: &Lab, scratch: &Path) -> Result<Cost> {
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
        .args(["chromium", "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-port=0"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--host-resolver-rules=MAP {rule}"))
        .args(["--ignore-certificate-errors", "about:blank"])
        .env("HOME", &profile)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = BufReader::new(keeper.stderr.take().context("the browser's stderr is piped")?);
    let mut lines = said.lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.split_once("DevTools listening on ").map(|(_, address)| address.trim().to_owned()));
    // Read on, or the browser would block once the pipe is full.
    std::thread::spawn(move || lines.for_each(drop));
    show(&address.context("the browser did not open its debugging port")?)?;
    keeper.wait()?;
    Ok(Cost { browser_s: children_s()? - before, ..Cost::default() })
}

/// Shows the pages one after the other in one tab, and closes the browser.
fn show(address: &str) -> Result<()> {
    let (mut socket, _) = tungstenite::connect(address)?;
    let mut number = 0;
    let mut call = |session: Option<&str>, method: &str, params: Value| -> Result<Value> {
        number += 1;
        let mut command = json!({ "id": number, "method": method, "params": params });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        socket.send(tungstenite::Message::text(command.to_string()))?;
        loop {
            let frame: Value = serde_json::from_str(socket.read()?.to_text()?)?;
            if frame["id"] == number {
                return Ok(frame["result"].clone());
            }
        }
    };
    let target = call(None, "Target.createTarget", json!({ "url": "about:blank" }))?["targetId"].clone();
    let session = call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true }))?["sessionId"].clone();
    for page in PAGES {
        call(session.as_str(), "Page.navigate", json!({ "url": page }))?;
        sleep(DWELL);
    }
    sleep(LEAVING);
    call(None, "Browser.close", json!({}))?;
    Ok(())
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
