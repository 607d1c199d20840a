//! Whoever is in the sinkhole is never contacted, and what would have been sent to them is recorded all the same.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::{Recording, Request, Transmission};
use pixelwitness_test_sites::{Fate, Row, Transports, transports};
use serde_json::Value;

use crate::support::{Bench, all_wanted, run, tool};

/// The sites of the transports' own pages.
const OWN: [&str; 2] = ["transports.example", "plain.example"];

/// What the fast tests try of the transports.
const FAST: [&str; 9] = ["ahead", "calls", "frames", "leaving", "legacy", "page", "popups", "sockets", "workers"];

/// A machine that nobody should call: it counts who does.
struct Forbidden {
    address: String,
    calls: Arc<AtomicUsize>,
}

impl Forbidden {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for _ in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// An audit whose own sites are the lab's, and all others the forbidden machine's.
fn command(bench: &Bench, forbidden: &Forbidden, out: &str) -> Command {
    let mut command = tool();
    command.args(["audit", "--quiet", "--out"]).arg(bench.path(out)).arg("--trust").arg(bench.path("authority.pem"));
    let lab = bench.resolve_rule().replace("*=", "");
    for own in OWN {
        command.args(["--resolve", &format!("*{own}={lab}")]);
    }
    command.args(["--resolve", &format!("*={}", forbidden.address)]);
    command
}

#[test]
fn nothing_reaches_a_recipient_in_the_sinkhole_by_any_transport() {
    let bench = Bench::new();
    let forbidden = Forbidden::listen();
    let labs: Vec<&Transports> = transports().iter().filter(|lab| all_wanted() || FAST.contains(&lab.name)).collect();
    fs::create_dir(bench.path("journeys")).unwrap();
    for lab in &labs {
        fs::write(bench.path("journeys").join(format!("{}.toml", lab.name)), lab.journey).unwrap();
    }
    let mut audit = command(&bench, &forbidden, "out");
    audit.args(["--sinkhole", "all-third-parties", "--jobs", "3", "--journey"]).arg(bench.path("journeys"));
    let ended = run(&mut audit);
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");

    assert_eq!(forbidden.calls(), 0, "somebody in the sinkhole was contacted");
    let strangers: BTreeSet<String> = bench.received().iter().map(|one| one.host_name().to_owned()).filter(|host| !is_own(host)).collect();
    assert_eq!(strangers, BTreeSet::new(), "the lab has received something in the name of others");
    let mut problems = Vec::new();
    for lab in labs {
        let directory = bench.path("out").join(lab.name);
        let recording = RunDirectory::open(&directory).unwrap().recording().unwrap();
        problems.extend(not_recorded(lab, &recording));
        problems.extend(looked_up(&directory).into_iter().map(|name| format!("{}: {name} was looked up", lab.name)));
        problems.extend(recording.completeness.unexplained.iter().map(|what| format!("{}: unexplained: {what}", lab.name)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn without_a_sinkhole_the_same_page_does_contact_them() {
    let bench = Bench::new();
    let forbidden = Forbidden::listen();
    let journey = transports().iter().find(|lab| lab.name == "page").unwrap().journey;
    fs::write(bench.path("journey.toml"), journey).unwrap();
    let ended = run(command(&bench, &forbidden, "out").arg("--journey").arg(bench.path("journey.toml")));
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    assert!(forbidden.calls() > 10, "{} calls", forbidden.calls());
}

fn is_own(host: &str) -> bool {
    OWN.iter().any(|own| host == *own || host.ends_with(&format!(".{own}")))
}

/// Rows whose request to others is not in the recording as sent, with its body.
fn not_recorded(lab: &Transports, recording: &Recording) -> Vec<String> {
    let sent: Vec<Request> = recording.requests.iter().filter(|request| request.transmission == Transmission::Sent).collect();
    let is_there = |row: &Row| {
        let tag = format!("tag={}", row.name);
        let named = |request: &&Request| request.url.split(['?', '&']).any(|part| part == tag);
        let method = row.methods.last().copied().unwrap_or_default();
        sent.iter().filter(named).any(|request| request.method == method && request.body.bytes().is_some_and(|bytes| row.body.fits(bytes)))
    };
    let rows = lab.rows().filter(|row| row.fate == Fate::Arrives && !is_own(row.host));
    rows.filter(|row| !is_there(row)).map(|row| format!("{}: {} is not recorded as sent", lab.name, row.name)).collect()
}

/// Names of others that the browser has asked its resolver for, by its own log.
fn looked_up(directory: &Path) -> BTreeSet<String> {
    let file = fs::File::open(directory.join("netlog.json.zst")).unwrap();
    let text = String::from_utf8(zstd::decode_all(file).unwrap()).unwrap();
    let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line.trim().trim_end_matches(',')).ok()).collect();
    let hosts = lines.iter().filter_map(|line| line["params"]["host"].as_str());
    let names = hosts.filter_map(|host| url::Url::parse(host).ok()?.host_str().map(str::to_owned));
    assert!(lines.len() > 100, "the log is read");
    names.filter(|name| !is_own(name) && name.parse::<std::net::IpAddr>().is_err()).collect()
}
