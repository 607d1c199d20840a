//! Several journeys in one audit: each gives what it gives alone, and none suffers from another.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use pixelwitness_classifier::Findings;
use pixelwitness_recording::GapKind;
use serde_json::Value;

use crate::journeys::{site, without_identifiers};

use crate::support::processes::is_main;
use crate::support::{Bench, Ended, Run, processes_with, run, tool, until};

const SITES: [&str; 3] = ["01-hiv-handbook", "02-site-search", "10-clean"];

/// Journeys that take long, told apart by their browsers' user agents.
fn long(user_agent: &str) -> String {
    let page = "https://handbook.northmere-trust.example/medicines/hiv/biktarvy-tablets";
    format!("name = \"long\"\n[browser]\ndwell_ms = 120000\nuser_agent = \"{user_agent}\"\n[[step]]\nvisit = \"{page}\"\n")
}

fn findings(directory: &Path) -> Findings {
    serde_json::from_slice(&fs::read(directory.join("findings.json")).unwrap()).unwrap()
}

/// Writes the sites' journeys, each in a directory of its name as the lab has them.
fn write_sites(bench: &Bench) {
    for name in SITES {
        fs::create_dir_all(bench.path("sites").join(name)).unwrap();
        fs::write(bench.path("sites").join(name).join("journey.toml"), site(name).journey).unwrap();
    }
}

#[test]
fn three_at_once_give_the_same_findings_as_one_after_the_other() {
    let bench = Bench::new();
    write_sites(&bench);
    let audit = |out: &str, jobs: &str| {
        let mut command = bench.audit_command(out);
        for name in SITES {
            command.arg("--journey").arg(bench.path("sites").join(name).join("journey.toml"));
        }
        run(command.args(["--jobs", jobs]))
    };
    let (alone, together) = (audit("alone", "1"), audit("together", "3"));
    for name in SITES {
        let of = |out: &str| findings(&bench.path(out).join(name));
        assert_eq!(without_identifiers(&of("together")), without_identifiers(&of("alone")), "{name}");
        assert!(of("together").completeness.finished, "{name}");
        assert_eq!(site(name).differences(&crate::journeys::told(&of("together"))), Vec::<String>::new(), "{name}");
    }
    for (ended, out) in [(&alone, "alone"), (&together, "together")] {
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let told: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with("=== ")).collect();
        let named: Vec<String> = SITES.iter().map(|name| format!("=== {name} ===")).chain(["=== 3 journeys ===".to_owned()]).collect();
        assert_eq!(told, named, "in the order given");
        let last: Vec<&str> = ended.stdout.lines().skip_while(|line| *line != "=== 3 journeys ===").skip(1).collect();
        let directory = |name: &str| bench.path(out).join(name).display().to_string();
        let expected = SITES.map(|name| {
            let verdict = if name == "10-clean" { "nothing was found" } else { "something was found" };
            format!("{name:15}  {verdict:19}  {}", directory(name))
        });
        assert_eq!(last, expected);
    }
}

#[test]
fn a_directory_of_journeys_is_told_as_one_list_in_json() {
    let bench = Bench::new();
    write_sites(&bench);
    fs::write(bench.path("sites/broken-off.toml"), "name = \"x\"\n[[step]]\nvisit = \"https://no-such-host.invalid/\"\n").unwrap();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut audit = bench.audit_command_mapping("out", &[&format!("no-such-host.invalid={nowhere}")]);
    let ended = run(audit.args(["--json", "--jobs", "2", "--journey"]).arg(bench.path("sites")));
    // The worst of all: one could not do what it was to do.
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("error: broken-off: step 1 failed: https://no-such-host.invalid/ could not be visited"), "{ended:?}");
    assert!(ended.stderr.contains("error: 1 of 4 journeys did not reach their end as asked\nhelp: "), "{ended:?}");
    let told: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let names: Vec<&str> = told.iter().map(|one| one["journey"].as_str().unwrap()).collect();
    assert_eq!(names, ["01-hiv-handbook", "02-site-search", "10-clean", "broken-off"]);
    for one in &told {
        let stored: Value =
            serde_json::from_slice(&fs::read(bench.path("out").join(one["journey"].as_str().unwrap()).join("findings.json")).unwrap())
                .unwrap();
        assert_eq!(one["findings"], stored);
        assert_eq!(one["failure"].is_null(), one["journey"] != "broken-off");
    }
}

#[test]
fn a_killed_browser_takes_no_other_journey_with_it() {
    let bench = Bench::new();
    fs::write(bench.path("killed.toml"), long("killed-by-a-test")).unwrap();
    write_sites(&bench);
    let mut audit = bench.audit_command("out");
    audit.args(["--jobs", "3", "--journey"]).arg(bench.path("killed.toml"));
    audit.args(["--journey"]).arg(bench.path("sites/01-hiv-handbook/journey.toml"));
    audit.args(["--journey"]).arg(bench.path("sites/10-clean/journey.toml"));
    let child = audit.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the beacon", || beacon_of_the_long_page(&bench));
    // Of this bench alone: other tests run beside it.
    let browser = browsers(&bench, "killed-by-a-test").into_iter().find(|process| is_main(*process)).unwrap();
    assert_eq!(run(std::process::Command::new("kill").args(["-9", &browser.to_string()])).code, Some(0));
    let ended = ended(child);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("error: killed: step 1 failed: the browser ended"), "{ended:?}");
    assert!(!findings(&bench.path("out/killed")).completeness.finished);
    for name in ["01-hiv-handbook", "10-clean"] {
        let found = findings(&bench.path("out").join(name));
        assert!(found.completeness.finished, "{name}");
        assert_eq!(site(name).differences(&crate::journeys::told(&found)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_interrupt_ends_all_that_run_and_begins_no_other() {
    let bench = Bench::new();
    let mut audit = bench.audit_command("out");
    audit.args(["--jobs", "2"]);
    for name in ["one", "two", "three"] {
        fs::write(bench.path(&format!("{name}.toml")), long(&format!("interrupted-{name}"))).unwrap();
        audit.arg("--journey").arg(bench.path(&format!("{name}.toml")));
    }
    let child = audit.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the beacons of both", || long_pages(&bench) >= 2);
    assert_eq!(run(std::process::Command::new("kill").args(["-INT", &child.id().to_string()])).code, Some(0));
    let ended = ended(child);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for (name, why) in
        [("one", "the run was interrupted"), ("two", "the run was interrupted"), ("three", "the run was interrupted before it began")]
    {
        assert!(ended.stderr.contains(&format!("error: {name}: {why}\nhelp: ")), "{ended:?}");
    }
    assert!(!bench.path("out/three").exists());
    for name in ["one", "two"] {
        let directory = bench.path("out").join(name);
        let verified = run(tool().arg("verify").arg(&directory));
        assert!(verified.is_reproduced(), "{verified:?}");
        let recording = Run { ended: verified, directory: directory.clone() }.recording();
        assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::RunIncomplete), "{:?}", recording.gaps);
        assert!(findings(&directory).leaks.iter().any(|leak| leak.value.contains("/hiv/biktarvy-tablets")));
    }
    assert!(browsers(&bench, "interrupted-").is_empty(), "no browser is left");
}

fn ended(child: std::process::Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Processes of this bench's browsers with that user agent: all name the lab's port.
fn browsers(bench: &Bench, user_agent: &str) -> Vec<i32> {
    let marked = format!("MAP {}", bench.resolve_rule().replacen('=', " ", 1));
    let own = processes_with(&marked);
    processes_with(user_agent).into_iter().filter(|process| own.contains(process)).collect()
}

fn beacon_of_the_long_page(bench: &Bench) -> bool {
    bench
        .received_so_far()
        .iter()
        .any(|request| is_beacon(request) && request.header("user-agent").is_some_and(|agent| agent == "killed-by-a-test"))
}

/// How many browsers have sent the beacon of the long page.
fn long_pages(bench: &Bench) -> usize {
    let received = bench.received_so_far();
    let agents = received.iter().filter(|request| is_beacon(request)).filter_map(|request| request.header("user-agent"));
    agents.collect::<std::collections::BTreeSet<_>>().len()
}

fn is_beacon(request: &pixelwitness_test_sites::Received) -> bool {
    request.host_name() == "www.facebook.com" && request.path().starts_with("/tr")
}
