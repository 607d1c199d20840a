//! Whoever is in the sinkhole is never contacted, and what would have been sent to them is recorded all the same.

use std::collections::BTreeSet;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::{Recording, Request, Transmission};
use pixelwitness_test_sites::{Fate, Row, Told, Transports, transports};
use serde_json::Value;

use crate::journeys::{site, told};
use crate::support::server::{Server, html, redirect};
use crate::support::{Bench, Run, all_wanted, run, tool};

/// The sites of the transports' own pages.
const OWN: [&str; 2] = ["transports.example", "plain.example"];

/// What the fast tests try of the transports.
const FAST: [&str; 9] = ["ahead", "calls", "frames", "leaving", "legacy", "page", "popups", "sockets", "workers"];

/// Parts of the names of rows that come about only where a recipient answers: its page in a frame or a popup, its redirect, its header.
///
/// Chromium lets the connection of a prefetch to another site go (`ERR_SOCKET_NOT_CONNECTED`) where the machine is busy. Then nothing is about to be
/// sent, and the run says so; that the prefetch is recorded where it leaves is held by `cargo xtask completeness`.
const NEEDS_AN_ANSWER: [&str; 9] = [
    "-frame",
    "-popup-",
    "redirect",
    "report-network-error",
    "report-coep",
    "websocket-http2",
    "fedcm-accounts",
    "payment-manifest-file",
    "speculation-prefetch-cross-site",
];

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
    // They hang up on the browser: that nothing was seen leaving shows nothing.
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stdout.contains("requests to tracker.test failed on this network"), "{ended:?}");
    assert!(forbidden.calls() > 10, "{} calls", forbidden.calls());
}

#[test]
fn what_was_about_to_be_sent_is_found_as_if_it_had_been_received() {
    let bench = Bench::new();
    let site = site("01-hiv-handbook");
    fs::write(bench.path("journey.toml"), site.journey).unwrap();
    // The loader comes from another host, and it is contacted.
    let mut audit = bench.audit_command("run");
    let ended = run(audit.arg("--journey").arg(bench.path("journey.toml")).args(["--sinkhole", "www.facebook.com"]));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let found = Run { ended, directory: bench.path("run") };

    let hosts: BTreeSet<String> = bench.received().iter().map(|one| one.host_name().to_owned()).collect();
    assert!(hosts.contains("connect.facebook.net") && !hosts.contains("www.facebook.com"), "{hosts:?}");
    let findings = found.findings();
    let in_the_sinkhole = told(&findings);
    assert!(in_the_sinkhole.iter().all(|one| one.recipient == "Meta Platforms (sinkhole)"), "{in_the_sinkhole:?}");
    let as_received: Vec<Told> = in_the_sinkhole.into_iter().map(|one| Told { recipient: "Meta Platforms".to_owned(), ..one }).collect();
    assert_eq!(site.differences(&as_received), Vec::<String>::new());
    for (recipient, is_sinkhole) in [("Meta Platforms", false), ("Meta Platforms (sinkhole)", true)] {
        let recipient = findings.recipients.iter().find(|one| one.id.0 == recipient).unwrap();
        assert_eq!(recipient.sinkhole, is_sinkhole);
    }

    let report = fs::read_to_string(found.directory.join("report.html")).unwrap();
    for text in [&found.ended.stdout.replace('\n', " ").replace("  ", ""), &report] {
        assert!(text.contains("This was a sinkhole run."), "{text}");
        assert!(text.contains("(sinkhole)") && text.contains("was about to receive"), "{text}");
        assert!(!text.contains("(sinkhole) received") && !text.contains("(sinkhole)</bdi> received"), "{text}");
    }
    for command in ["verify", "classify"] {
        let again = run(tool().arg(command).arg(&found.directory));
        assert!(matches!((command, again.code), ("verify", Some(0)) | ("classify", Some(1))), "{again:?}");
        assert!(command != "verify" || again.is_reproduced(), "{again:?}");
    }
}

#[test]
fn a_redirect_to_another_site_is_not_followed_and_is_said() {
    let bench = Bench::new();
    let moved = Server::start(|_| redirect("https://moved.test/"));
    let mut audit = tool();
    audit.args(["audit", "--quiet", "--dwell", "0", "--resolve", &moved.rule("*")]).arg("--out").arg(bench.path("run"));
    let ended = run(audit.args(["--sinkhole", "all-third-parties", "http://old.test/"]));
    let found = Run { ended, directory: bench.path("run") };
    let gaps = found.recording().gaps;
    assert!(gaps.iter().any(|gap| gap.why == "the page https://moved.test/ was not shown: the sinkhole answered in its place"), "{gaps:?}");
    assert!(moved.asked().iter().all(|path| path == "/" || path == "/favicon.ico"), "{:?}", moved.asked());
}

/// The sinkhole's port counts as on the internet. Nothing else on this machine does.
#[test]
fn a_public_page_reaches_the_sinkhole_and_nothing_else_on_this_machine() {
    let bench = Bench::new();
    let inside = Server::start(|_| html("reached"));
    let port = inside.address.port();
    let page = format!(
        "<!doctype html><title>x</title><img src='http://inside.test:{port}/image'><img src='http://tracker.test/image'>\
         <script>navigator.sendBeacon('http://inside.test:{port}/beacon', 'x'); navigator.sendBeacon('http://tracker.test/beacon', 'x')</script>"
    );
    let outside = Server::start(move |_| html(&page));
    let mut audit = tool();
    audit.args(["audit", "--quiet", "--dwell", "1", "--resolve", &outside.rule("public.test")]).arg("--out").arg(bench.path("run"));
    audit.args(["--resolve", &inside.rule("inside.test"), "--treat-as-public", &outside.address.to_string()]);
    let ended = run(audit.args(["--sinkhole", "tracker.test", "http://public.test/"]));
    let recording = Run { ended, directory: bench.path("run") }.recording();
    assert_eq!(inside.asked(), Vec::<String>::new());
    for (url, is_sent) in [
        ("http://tracker.test/image".to_owned(), true),
        ("http://tracker.test/beacon".to_owned(), true),
        (format!("http://inside.test:{port}/image"), false),
        (format!("http://inside.test:{port}/beacon"), false),
    ] {
        let request = recording.requests.iter().find(|request| request.url == url && request.method != "OPTIONS");
        let request = request.unwrap_or_else(|| panic!("{url} is not recorded"));
        assert_eq!(request.transmission == Transmission::Sent, is_sent, "{request:?}");
    }
}

#[test]
fn a_page_cannot_get_past_the_sinkhole_by_datagrams() {
    let bench = Bench::new();
    let port = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    let page = format!(
        "<!doctype html><title>x</title><script>\
         const peer = new RTCPeerConnection({{ iceServers: [{{ urls: 'stun:{address}' }}] }});\
         peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer));</script>"
    );
    let site = Server::start(move |_| html(&page));
    let datagrams = |out: &str, more: &[&str]| {
        let mut audit = tool();
        audit.args(["audit", "--quiet", "--dwell", "2", "--resolve", &site.rule("own.test")]).arg("--out").arg(bench.path(out));
        run(audit.args(more).arg("http://own.test/"));
        let mut buffer = [0; 2048];
        port.set_nonblocking(true).unwrap();
        std::iter::from_fn(|| port.recv(&mut buffer).ok()).count()
    };
    assert_eq!(datagrams("sinkhole", &["--sinkhole", "tracker.test"]), 0);
    assert!(datagrams("without", &[]) > 0);
}

fn is_own(host: &str) -> bool {
    OWN.iter().any(|own| host == *own || host.ends_with(&format!(".{own}")))
}

/// Rows whose request to others is not in the recording as sent, with its body and with the cookie that the visitor brought.
fn not_recorded(lab: &Transports, recording: &Recording) -> Vec<String> {
    let sent: Vec<Request> = recording.requests.iter().filter(|request| request.transmission == Transmission::Sent).collect();
    let is_there = |row: &Row| {
        let tag = format!("tag={}", row.name);
        let named = |request: &&Request| request.url.split(['?', '&']).any(|part| part == tag);
        let method = row.methods.last().copied().unwrap_or_default();
        // Other cookies are set by the recipient's answer.
        let brought = row.cookie.filter(|cookie| cookie.starts_with("visitor=")).unwrap_or_default();
        sent.iter().filter(named).any(|request| {
            request.method == method
                && request.body.bytes().is_some_and(|bytes| row.body.fits(bytes))
                && request.header("cookie").unwrap_or_default().contains(brought)
        })
    };
    let needs_no_answer = |row: &&Row| !NEEDS_AN_ANSWER.iter().any(|part| row.name.contains(part));
    let rows = lab.rows().filter(|row| row.fate == Fate::Arrives && !is_own(row.host)).filter(needs_no_answer);
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
