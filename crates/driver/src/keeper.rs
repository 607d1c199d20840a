//! The keeper: a process between the tool and the browser whose only work is that no browser outlives the tool.
//!
//! The tool may be killed in a way that leaves it no last word. The keeper reads the tool's end of a pipe: when it closes, for
//! whatever reason, it kills the browser with all its descendants. It is their subreaper, so that none can slip away to init.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};

/// First argument that makes the program a keeper. What follows is `UID:GID` or `-`, the browser's profile, then its command.
pub const KEEPER_COMMAND: &str = "__keep-browser";

/// How long the browser's helpers may take to end by themselves once the browser has: on a busy machine the one that writes the network
/// log needs its time.
const GRACE: Duration = Duration::from_secs(3);

/// Whether the tool's end of the pipe was closed.
static TOOL_IS_GONE: AtomicBool = AtomicBool::new(false);

/// Runs the browser and outlives it. The arguments are what follows [`KEEPER_COMMAND`]. Prints the browser's process id.
pub fn keep(arguments: &[OsString]) -> ExitCode {
    match start(arguments) {
        Ok((browser, profile)) => {
            let _ = writeln!(io::stdout(), "{}", browser.as_raw_nonzero());
            thread::spawn(end_with_the_tool);
            let code = wait_for(browser);
            if TOOL_IS_GONE.load(Ordering::Acquire) {
                // Nobody else is left to tidy up.
                let _ = fs::remove_dir_all(profile);
            }
            code
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(126)
        }
    }
}

fn start(arguments: &[OsString]) -> io::Result<(Pid, &Path)> {
    set_child_subreaper(Some(getpid()))?;
    let [owner, profile, program, rest @ ..] = arguments else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the keeper is started by pixelwitness only"));
    };
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    if let Some((user, group)) = owner.to_str().and_then(|owner| owner.split_once(':')) {
        // Dropping root's identity this way also drops its supplementary groups.
        command.uid(user.parse().map_err(io::Error::other)?).gid(group.parse().map_err(io::Error::other)?);
    }
    let child = command.spawn()?;
    Ok((Pid::from_child(&child), Path::new(profile)))
}

fn wait_for(browser: Pid) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    while let Ok(Some((ended, status))) = wait(WaitOptions::empty()) {
        if ended == browser {
            code = ExitCode::from(status.exit_status().map_or(137, |status| u8::try_from(status).unwrap_or(1)));
            thread::spawn(|| {
                thread::sleep(GRACE);
                kill_descendants();
            });
        }
    }
    code
}

/// Blocks until the tool's end of the pipe is closed.
fn end_with_the_tool() {
    let mut nothing = [0; 64];
    while matches!(io::stdin().read(&mut nothing), Ok(1..)) {}
    TOOL_IS_GONE.store(true, Ordering::Release);
    loop {
        kill_descendants();
        thread::sleep(Duration::from_millis(20));
    }
}

fn kill_descendants() {
    for pid in descendants_of(getpid()) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn descendants_of(root: Pid) -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for (pid, parent) in processes() {
        children.entry(parent).or_default().push(pid);
    }
    let mut found = Vec::new();
    let mut waiting = vec![root.as_raw_nonzero().get()];
    while let Some(parent) = waiting.pop() {
        for pid in children.remove(&parent).unwrap_or_default() {
            found.extend(Pid::from_raw(pid));
            waiting.push(pid);
        }
    }
    found
}

/// Process and parent, for every process that /proc shows.
fn processes() -> impl Iterator<Item = (i32, i32)> {
    std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The command's name is in parentheses and may hold any character, so what follows is read from the last one on.
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Some((pid, parent))
    })
}
