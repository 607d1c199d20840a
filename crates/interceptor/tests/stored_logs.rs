//! Genuine logs of Chromium 156, cut down to the events of interest, held against what the server of that run received.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::BufReader;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect_file;
use pixelwitness_interceptor::assemble;
use pixelwitness_recording::{Body, GapKind, MessageKind, Recording, Request, Sender, Transmission, Witness};
use serde::Deserialize;

const DEVTOOLS: &str = include_str!("../fixtures/shop/devtools.jsonl");
const NETLOG: &str = include_str!("../fixtures/shop/netlog.json");
const RECEIVED: &str = include_str!("../fixtures/shop/received.jsonl");

fn recorded(devtools: &str, netlog: Option<&str>) -> Recording {
    assemble(devtools.as_bytes(), netlog.map(str::as_bytes))
}

/// One line of what the server received.
#[derive(Deserialize)]
struct Received {
    kind: String,
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    cookie: Option<String>,
    body: String,
}

fn received(kind: &str) -> Vec<Received> {
    let lines = RECEIVED.lines().map(|line| serde_json::from_str::<Received>(line).expect("the server's log is whole"));
    lines.filter(|line| line.kind == kind).collect()
}

#[test]
fn every_request_the_server_received_is_recorded_with_its_body_and_cookies() {
    let recording = recorded(DEVTOOLS, Some(NETLOG));
    let mut sent: BTreeMap<_, usize> = BTreeMap::new();
    for request in recording.requests.iter().filter(|request| request.transmission == Transmission::Sent) {
        let body = request.body.bytes().expect("every body was written to a socket");
        let cookie = request.header("cookie").map(str::to_owned);
        let key = (
            request.method.clone(),
            request.url.replacen("ws", "http", usize::from(request.url.starts_with("ws"))),
            STANDARD.encode(body),
            cookie,
        );
        *sent.entry(key).or_default() += 1;
    }
    let requests = received("req");
    assert!(requests.len() > 60, "{}", requests.len());
    for request in requests {
        // Over HTTP/2 a WebSocket is opened with CONNECT.
        let method = if request.method == "CONNECT" { "GET".to_owned() } else { request.method };
        let key = (method, request.url, request.body, request.cookie);
        let left = sent.get_mut(&key).unwrap_or_else(|| panic!("not recorded: {key:?}"));
        *left -= 1;
        if *left == 0 {
            sent.remove(&key);
        }
    }
    assert!(sent.is_empty(), "recorded and never received: {sent:?}");
}

#[test]
fn every_web_socket_message_the_server_received_is_recorded() {
    let recording = recorded(DEVTOOLS, Some(NETLOG));
    let mut sent: Vec<_> = recording.messages.iter().map(|message| STANDARD.encode(&message.payload.0)).collect();
    let mut received: Vec<_> = received("ws").into_iter().map(|message| message.body).collect();
    sent.sort();
    received.sort();
    assert!(received.len() >= 20, "{}", received.len());
    assert_eq!(sent, received);
    assert!(recording.messages.iter().all(|message| message.witness == Witness::Both));
    assert!(recording.messages.iter().any(|message| message.kind == MessageKind::Binary));
}

/// One line a request: what a reader of a recording would ask first.
fn table(recording: &Recording) -> String {
    let mut out = String::new();
    for request in &recording.requests {
        let sender = if request.sender == Sender::Page { "" } else { " by the browser" };
        let step = request.step.map_or("-".to_owned(), |step| step.to_string());
        let body = match &request.body {
            Body::Empty => "none".to_owned(),
            Body::Bytes(bytes) => bytes.0.len().to_string(),
            Body::Unavailable { why } => why.clone(),
        };
        let end = match &request.transmission {
            Transmission::Sent => {
                request.response.as_ref().map_or("sent".to_owned(), |response| format!("sent, answered {}", response.status))
            }
            Transmission::NotSent { why, .. } | Transmission::Unknown { why } => why.clone(),
        };
        let url = request.url.split_once('?').map_or(request.url.clone(), |(url, query)| format!("{url}?{:.20}", query));
        let frame = request.frame.as_ref().map_or("-", |frame| frame.url.as_str());
        let page = request.page_url.as_deref().unwrap_or("-");
        let after = request.redirected_from.map_or(String::new(), |before| format!(" after {before}"));
        let _ = writeln!(out, "{} step {step} {:?}{sender}: {} {url}{after}", request.id, request.witness, request.method);
        let _ = writeln!(
            out,
            "    {end}; body {body} ({:?}); {:?} {} by {} with {} calls; page {page}; frame {frame}",
            request.body_from,
            request.target,
            request.resource_type,
            request.initiator.kind,
            request.initiator.stack.len(),
        );
    }
    for gap in &recording.gaps {
        let _ = writeln!(out, "{:?}: {}", gap.kind, gap.why);
    }
    let completeness = &recording.completeness;
    let _ = writeln!(
        out,
        "finished {}; both {}, wire only {}, devtools only {}, not sent {}, browser's own {}; unexplained {:?}",
        completeness.finished,
        completeness.seen_by_both,
        completeness.wire_only,
        completeness.devtools_only,
        completeness.not_transmitted,
        completeness.browser_own,
        completeness.unexplained,
    );
    out
}

#[test]
fn a_whole_run_is_told_by_both_witnesses() {
    expect_file!["../fixtures/shop/whole.txt"].assert_eq(&table(&recorded(DEVTOOLS, Some(NETLOG))));
}

#[test]
fn without_a_wire_log_devtools_tells_what_it_can() {
    expect_file!["../fixtures/shop/devtools_only.txt"].assert_eq(&table(&recorded(DEVTOOLS, None)));
}

#[test]
fn the_same_logs_give_the_same_recording() {
    assert_eq!(recorded(DEVTOOLS, Some(NETLOG)), recorded(DEVTOOLS, Some(NETLOG)));
}

#[test]
fn what_a_text_answer_said_is_kept_decoded() {
    let recording = recorded(DEVTOOLS, Some(NETLOG));
    let script = recording.requests.iter().find(|request| request.url == "https://shop.example/lib.js").unwrap();
    let body = script.response.as_ref().unwrap().body.as_ref().unwrap();
    assert!(body.0.starts_with(b"/* library */"));
    let image = recording.requests.iter().find(|request| request.url.ends_with("/cached.gif")).unwrap();
    assert_eq!(image.response.as_ref().unwrap().body, None);
}

#[test]
fn logs_that_are_cut_anywhere_give_a_recording_that_says_so() {
    let whole = recorded(DEVTOOLS, Some(NETLOG));
    assert!(whole.completeness.finished);
    let cuts = 24;
    for cut in 0..cuts {
        let devtools = &DEVTOOLS.as_bytes()[..DEVTOOLS.len() * cut / cuts];
        let netlog = &NETLOG.as_bytes()[..NETLOG.len() * cut / cuts];
        for (devtools, netlog, kind) in [
            (devtools, NETLOG.as_bytes(), GapKind::RunIncomplete),
            (DEVTOOLS.as_bytes(), netlog, GapKind::LogDamaged),
            (devtools, netlog, GapKind::LogDamaged),
        ] {
            let recording = assemble(devtools, Some(netlog));
            assert!(!recording.completeness.finished, "cut {cut}");
            assert!(recording.gaps.iter().any(|gap| gap.kind == kind), "cut {cut}: {:?}", recording.gaps);
            let contradicted = recording.gaps.iter().filter(|gap| gap.kind == GapKind::WitnessesDisagree && gap.request.is_some()).count();
            assert_eq!(contradicted, 0, "cut {cut}: {:?}", recording.gaps);
        }
    }
}

/// What the first one numbered, the second one numbers again: neither may be taken for the other.
#[test]
fn a_network_service_that_ends_and_is_started_again_logs_to_the_same_file() {
    let whole = recorded(DEVTOOLS, Some(NETLOG));
    for part in 1..6 {
        let twice = [&NETLOG[..NETLOG.len() * part / 6], NETLOG].concat();
        let recording = recorded(DEVTOOLS, Some(&twice));
        assert!(!recording.completeness.finished, "the last of what the first one sent may be missing");
        assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::Crash), "{:?}", recording.gaps);
        // Where the first log is cut, a request may lack its bytes: both know of it, and nobody whether it left.
        let known_to_both =
            |request: &Request| request.witness == Witness::Both && request.may_have_left() && request.sender == Sender::Page;
        let both = recording.requests.iter().filter(known_to_both).count();
        assert_eq!(both, whole.completeness.seen_by_both, "part {part}");
        for request in recording.requests.iter().filter(|request| request.witness == Witness::Both) {
            let same = whole.requests.iter().filter(|other| other.url == request.url && other.method == request.method);
            assert!(same.into_iter().any(|other| other.body == request.body), "{} {}", request.method, request.url);
        }
    }
}

#[test]
fn damaged_lines_never_panic_and_are_counted() {
    let mangle = |text: &str, seed: usize| {
        let mut bytes = text.as_bytes().to_vec();
        let mut at = seed;
        while at < bytes.len() {
            bytes[at] ^= 1 << (at % 7);
            at += 4_999 + seed;
        }
        bytes
    };
    for seed in 1..8 {
        let recording = assemble(&mangle(DEVTOOLS, seed)[..], Some(&mangle(NETLOG, seed)[..]));
        assert!(!recording.completeness.finished);
        assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::LogDamaged));
    }
}

#[test]
fn a_reader_that_fails_ends_the_log() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let recording = assemble(BufReader::new(Failing), Some(BufReader::new(Failing)));
    assert!(!recording.completeness.finished && recording.requests.is_empty());
    assert!(recording.gaps.iter().any(|gap| gap.kind == GapKind::RunIncomplete));
}

#[test]
fn a_request_that_went_past_the_sinkhole_voids_the_claim() {
    let address = recorded(DEVTOOLS, Some(NETLOG)).requests.iter().find_map(|request| request.remote_address.clone()).unwrap();
    let unexplained = |sinkhole: &str| {
        let text = format!(
            "\"sinkhole\": {{\"hosts\": [\"tracker.example\"], \"all_third_parties\": false, \"address\": \"{sinkhole}\"}}, \"resolve\": ["
        );
        let devtools = DEVTOOLS.replacen("\"resolve\": [", &text, 1);
        let recording = recorded(&devtools, Some(NETLOG));
        assert!(recording.environment.sinkhole.is_some());
        recording.completeness.unexplained
    };
    let past = unexplained("127.0.0.1:1");
    assert!(!past.is_empty() && past.iter().all(|what| what.ends_with(&format!(" went to {address} and not to the sinkhole"))), "{past:?}");
    assert_eq!(unexplained(&address), Vec::<String>::new());
}
