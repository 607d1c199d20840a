//! The tool or its browser is killed: what was captured stays, can be read, says that it is incomplete, and no process is left.

use std::path::Path;
use std::process::{Child, Stdio};

use pixelwitness_evidence::RunDirectory;
use pixelwitness_interceptor::assemble;
use pixelwitness_recording::{GapKind, Recording, Request, Transmission, Witness};

use crate::support::processes::{browsers_under, is_main, profiles_under};
use crate::support::{Bench, Run, run, tool, until};

const LONG: &str = r#"
name = "a page that is listened to for long"

[browser]
dwell_ms = 120000

[[step]]
visit = "https://handbook.northmere-trust.example/medicines/hiv/biktarvy-tablets"
"#;

#[test]
fn a_killed_tool_leaves_what_it_captured_and_no_browser() {
    let bench = Bench::new();
    let mut child = start(&bench);
    until("the beacon in the logs", || beacon_is_on_the_disk(&bench));
    let profiles = profiles_under(&bench.resolve_rule());
    assert_eq!(profiles.len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    until("the end of every browser process", || browsers(&bench).is_empty());
    until("the end of the profile", || !Path::new(&profiles[0]).exists());

    let unsealed = run(tool().arg("verify").arg(bench.path("run")));
    assert_eq!(unsealed.code, Some(1), "{unsealed:?}");
    assert!(unsealed.stdout.contains("unfinished"), "{unsealed:?}");
    is_incomplete_and_tells_of_the_page(&bench);
}

#[test]
fn a_killed_browser_ends_the_run_with_what_it_captured() {
    let bench = Bench::new();
    let child = start(&bench);
    // A browser that is killed takes with it what it has yet to write.
    until("the beacon in the logs", || beacon_is_on_the_disk(&bench));
    let browser = browsers(&bench).into_iter().find(|process| is_main(*process)).unwrap();
    let killed = run(std::process::Command::new("kill").args(["-9", &browser.to_string()]));
    assert_eq!(killed.code, Some(0));
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: step 1 failed: the browser ended"), "{stderr}");
    assert!(stderr.contains("\nhelp: "), "{stderr}");
    assert!(browsers(&bench).is_empty());
    is_incomplete_and_tells_of_the_page(&bench);
}

#[test]
fn an_interrupted_tool_ends_in_order() {
    let bench = Bench::new();
    let child = start(&bench);
    until("the beacon", || beacon_is_there(&bench));
    let killed = run(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]));
    assert_eq!(killed.code, Some(0));
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("error: the run was interrupted\nhelp: "), "{stderr}");
    assert!(browsers(&bench).is_empty());
    is_incomplete_and_tells_of_the_page(&bench);
}

fn start(bench: &Bench) -> Child {
    let journey = bench.path("long.toml");
    std::fs::write(&journey, LONG).unwrap();
    let mut command = bench.audit_command("run");
    command.arg("--journey").arg(journey).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn is_incomplete_and_tells_of_the_page(bench: &Bench) {
    let directory = bench.path("run");
    let classified = run(tool().arg("classify").arg(&directory));
    assert_eq!(classified.code, Some(1), "{classified:?}");
    let run_of = Run { ended: classified, directory };
    let recording: Recording = run_of.recording();
    assert!(!recording.completeness.finished);
    assert!(recording.gaps.iter().any(|gap| matches!(gap.kind, GapKind::RunIncomplete | GapKind::LogDamaged)), "{:?}", recording.gaps);
    let told = run_of.findings().leaks.iter().any(|leak| leak.value.contains("/hiv/biktarvy-tablets"));
    assert!(told, "{}", run_of.ended.stdout);
    assert!(run_of.ended.stdout.contains("incomplete") || run_of.ended.stdout.contains("did not reach its end"), "{}", run_of.ended.stdout);
}

fn beacon_is_there(bench: &Bench) -> bool {
    bench.received_so_far().iter().any(|request| request.host_name() == "www.facebook.com" && request.path().starts_with("/tr"))
}

/// Whether the logs, as far as they go, show that the beacon was sent.
fn beacon_is_on_the_disk(bench: &Bench) -> bool {
    let logs = RunDirectory::open(bench.path("run")).and_then(|run| Ok((run.devtools()?, run.netlog()?)));
    let Ok((devtools, netlog)) = logs else { return false };
    let is_beacon =
        |request: &Request| request.url.starts_with("https://www.facebook.com/tr") && request.transmission == Transmission::Sent;
    assemble(devtools, netlog).requests.iter().any(|request| is_beacon(&request) && request.witness == Witness::Both)
}

/// Processes of this bench's browser, the keeper among them: all name the lab's port.
fn browsers(bench: &Bench) -> Vec<i32> {
    browsers_under(&bench.resolve_rule())
}
