//! Genuine logs of requests that failed, were given up, were answered inside the browser, or were answered and discarded: what is
//! recorded as sent is what the server of that run received.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use expect_test::expect_file;
use pixelwitness_interceptor::{Frame, assemble, of_frames, of_netlog};
use pixelwitness_recording::{GapKind, NotSentCause, Recording, Request, Sender, Transmission};

const RUNS: &[&str] = &["certificate", "closing-workers", "failing", "upgrades"];

fn stored(run: &str, file: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(run).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn recorded(run: &str) -> Recording {
    assemble(stored(run, "devtools.jsonl").as_bytes(), Some(stored(run, "netlog.json").as_bytes()))
}

/// How often each request was received, or is said to have been: `https GET www.clinic.example/hiv`.
fn count(lines: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    lines.for_each(|line| *counted.entry(line).or_default() += 1);
    counted
}

fn line(request: &Request) -> String {
    let (scheme, rest) = request.url.split_once("://").expect("an address has a scheme");
    format!("{scheme} {} {rest}", request.method)
}

fn by_pages(recording: &Recording) -> impl Iterator<Item = Request> {
    recording.requests.iter().filter(|request| request.sender == Sender::Page)
}

#[test]
fn what_is_recorded_as_sent_is_what_the_server_received() {
    for run in RUNS {
        let recording = recorded(run);
        let sent = count(by_pages(&recording).filter(|request| request.transmission == Transmission::Sent).map(|request| line(&request)));
        let received = count(stored(run, "received.txt").lines().map(str::to_owned));
        assert_eq!(sent, received, "{run}");
        assert_eq!(recording.completeness.unexplained, Vec::<String>::new(), "{run}");
        assert_eq!(recording.completeness.transmission_unknown, 0, "{run}: both logs are whole");
    }
}

/// One line a request of a page, then the gaps and the numbers.
fn table(recording: &Recording) -> String {
    let mut out = String::new();
    for request in by_pages(recording) {
        let end = match &request.transmission {
            Transmission::Sent => "sent".to_owned(),
            Transmission::NotSent { cause, why } => format!("not sent, {cause:?}: {why}"),
            Transmission::Unknown { why } => format!("unknown: {why}"),
        };
        let _ = writeln!(out, "{:?} {}\n    {end}", request.witness, line(&request));
    }
    for request in recording.requests.iter() {
        if let Sender::Browser { rule } = &request.sender {
            let _ = writeln!(out, "browser: {} ({rule})", line(&request));
        }
    }
    for gap in &recording.gaps {
        let _ = writeln!(out, "{:?}: {}", gap.kind, gap.why);
    }
    let completeness = &recording.completeness;
    let _ = writeln!(
        out,
        "both {}, wire only {}, devtools only {}, not sent {}, unknown {}",
        completeness.seen_by_both,
        completeness.wire_only,
        completeness.devtools_only,
        completeness.not_transmitted,
        completeness.transmission_unknown,
    );
    out
}

#[test]
fn both_witnesses_together_say_of_each_request_whether_it_left() {
    for run in RUNS {
        expect_file![format!("../fixtures/{run}/whole.txt")].assert_eq(&table(&recorded(run)));
    }
}

#[test]
fn devtools_alone_says_unknown_where_it_does_not_know() {
    for run in RUNS {
        let recording = assemble(stored(run, "devtools.jsonl").as_bytes(), None::<&[u8]>);
        expect_file![format!("../fixtures/{run}/devtools_only.txt")].assert_eq(&table(&recording));
    }
}

/// The same logs, as if a browser of somebody else had written them.
#[test]
fn a_log_made_elsewhere_never_calls_sent_what_the_server_did_not_receive() {
    for run in RUNS {
        let received = count(stored(run, "received.txt").lines().map(str::to_owned));
        let frames = stored(run, "devtools.jsonl");
        let frames = frames.lines().enumerate().filter_map(|(at, line)| {
            let line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
            let frame = line.get("in")?;
            Some(Frame { number: at as u64 + 1, at_ms: line["at_ms"].as_u64()?, json: frame.to_string() })
        });
        let recordings = [of_netlog(stored(run, "netlog.json").as_bytes()).recording, of_frames(frames).recording];
        for recording in &recordings {
            assert!(recording.requests.iter().count() > 0, "{run}");
            let sent = by_pages(recording).filter(|request| request.transmission == Transmission::Sent).map(|request| line(&request));
            for (line, times) in count(sent) {
                assert!(times <= received.get(&line).copied().unwrap_or_default(), "{run}: {line} {times} times");
            }
            let unknown = by_pages(recording).filter(|request| matches!(request.transmission, Transmission::Unknown { .. })).count();
            assert_eq!(recording.completeness.transmission_unknown, unknown, "{run}");
        }
    }
}

#[test]
fn what_the_network_did_not_let_through_is_a_gap_for_each_host() {
    let told = |recording: &Recording| -> Vec<String> {
        recording.gaps.iter().filter(|gap| gap.kind == GapKind::NetworkFailed).map(|gap| gap.why.clone()).collect()
    };
    let frames = stored("failing", "devtools.jsonl");
    for recording in
        [recorded("failing"), assemble(frames.as_bytes(), None::<&[u8]>), of_netlog(stored("failing", "netlog.json").as_bytes()).recording]
    {
        let told = told(&recording);
        let of = |host: &str| told.iter().filter(|why| why.contains(&format!(" to {host} failed on this network"))).count();
        for host in ["nx.tracker-nx.org", "zero.tracker-zero.org", "loop.tracker-loop.org", "closed.tracker-closed.org"] {
            assert_eq!(of(host), 1, "{host}: {told:?}");
        }
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told.contains(
            &"2 requests to nx.tracker-nx.org failed on this network (net::ERR_NAME_NOT_RESOLVED): this run cannot show that nothing is sent"
                .to_owned()
        ));
        let failed = by_pages(&recording)
            .filter(|request| matches!(&request.transmission, Transmission::NotSent { cause: NotSentCause::NetworkFailure, .. }));
        assert_eq!(failed.count(), 5);
    }
    // A page that the browser asks for over http after https failed was reached.
    assert_eq!(told(&recorded("upgrades")), Vec::<String>::new());
}
