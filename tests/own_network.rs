//! A page of the public internet must not reach this machine or its neighbours, unless the user allows it a network.

use std::net::UdpSocket;
use std::sync::Mutex;
use std::time::Duration;

use pixelwitness_recording::{GapKind, Recording, Request, Transmission};

use crate::support::server::{Server, html, redirect};
use crate::support::{Bench, Run, run};

/// Every way a page has to ask for something, aimed at this machine. It goes there itself once everything else has come to its end.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Scanner</title>
<img src="http://127.0.0.1:PORT/image"><iframe src="http://localhost:PORT/frame"></iframe><img src="http://[::1]:PORT6/six">
<link rel="stylesheet" href="http://[::ffff:127.0.0.1]:PORT/mapped"><link id="prefetch" rel="prefetch" href="http://127.0.0.1:PORT/prefetch">
<form id="form" method="post" action="http://127.0.0.1:PORT/form" target="inner"></form><iframe id="inner" name="inner"></iframe>
<script>
const ask = address => fetch(address, { mode: 'no-cors' }).catch(() => {});
const happens = (where, ...events) => new Promise(done => events.forEach(event => where.addEventListener(event, done)));
const socket = new WebSocket('ws://127.0.0.1:PORT/socket');
const script = "fetch('http://127.0.0.1:PORT/worker', { mode: 'no-cors' }).catch(() => {}).then(() => postMessage('over'))";
const worker = new Worker(URL.createObjectURL(new Blob([script])));
const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:UDP' }] });
peer.createDataChannel('x');
peer.createOffer().then(offer => peer.setLocalDescription(offer));
navigator.sendBeacon('http://127.0.0.1:PORT/beacon', 'x');
document.getElementById('form').submit();
const over = [
  happens(window, 'load'), happens(document.getElementById('prefetch'), 'load', 'error'), happens(document.getElementById('inner'), 'load'),
  happens(socket, 'close', 'open'), happens(worker, 'message'),
  ask('http://127.0.0.1:PORT/fetch'), ask('http://by-name.test:PORT/name'), ask('/redirect'),
];
const candidate = happens(peer, 'icecandidate');
if (location.pathname === '/stays') {
  candidate.then(() => document.body.append(Object.assign(document.createElement('p'), { id: 'candidate' })));
} else {
  // Datagrams that are held back are told of by nothing: they have a second.
  const second = new Promise(done => setTimeout(done, 1000));
  Promise.all([...over, Promise.race([candidate, second])]).then(() => { location = 'http://127.0.0.1:PORT/page'; });
}
</script></html>"#;

/// The paths of [`PAGE`], in the order of their names.
const TRIED: [&str; 13] =
    ["beacon", "fetch", "form", "frame", "image", "mapped", "name", "page", "prefetch", "redirected", "six", "socket", "worker"];

/// Servers on this machine, and a public page that tries to reach them.
struct Scan {
    bench: Bench,
    inside: Server,
    inside_6: Server,
    datagrams: UdpSocket,
    outside: Server,
}

impl Scan {
    fn new() -> Self {
        let inside = Server::start(|_| html("reached"));
        let inside_6 = Server::start_at("[::1]:0", |_, stream, _| std::io::Write::write_all(stream, html("reached").as_bytes()));
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        datagrams.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let port = inside.address.port().to_string();
        let udp = datagrams.local_addr().unwrap().port().to_string();
        let page = PAGE.replace("PORT6", &inside_6.address.port().to_string()).replace("PORT", &port).replace("UDP", &udp);
        let outside = Server::start(move |path| match path {
            "/redirect" => redirect(&format!("http://127.0.0.1:{port}/redirected")),
            _ => html(&page),
        });
        Self { bench: Bench::new(), inside, inside_6, datagrams, outside }
    }

    /// Visits the page, which counts as public.
    fn audit(&self, out: &str, arguments: &[&str]) -> Run {
        self.run(out, &[arguments, &["--dwell", "3", "http://public.test/"]].concat())
    }

    /// Visits the page from among its own, and waits until it has looked for other browsers.
    fn audit_from_inside(&self) {
        let journey = self.bench.path("own.toml");
        let steps = "name = \"own\"\n[[step]]\nvisit = \"http://public.test/stays\"\n[[step]]\nwait = { element = \"#candidate\" }\n";
        std::fs::write(&journey, steps).unwrap();
        let run_of = self.run("own", &["--journey", &journey.display().to_string()]);
        assert_eq!(run_of.ended.code, Some(0), "{:?}", run_of.ended);
    }

    fn run(&self, out: &str, arguments: &[&str]) -> Run {
        let mut command = crate::support::tool();
        command.args(["audit", "--quiet", "--resolve", &self.outside.rule("public.test")]);
        command.args(["--resolve", &format!("by-name.test={}", self.inside.address)]).args(arguments);
        Run { ended: run(command.arg("--out").arg(self.bench.path(out))), directory: self.bench.path(out) }
    }

    fn public(&self) -> [String; 2] {
        ["--treat-as-public".to_owned(), self.outside.address.to_string()]
    }

    fn a_datagram_came(&self) -> bool {
        self.datagrams.recv(&mut [0; 2048]).is_ok()
    }
}

#[test]
fn a_public_page_reaches_nothing_on_this_machine() {
    let scan = Scan::new();
    let [flag, address] = scan.public();
    let recording = scan.audit("public", &[&flag, &address]).recording();
    assert_eq!((scan.inside.asked(), scan.inside_6.asked()), (Vec::new(), Vec::new()), "nothing on this machine was reached");
    assert!(!scan.a_datagram_came(), "and no datagram came");
    for path in TRIED {
        assert_kept(&recording, &format!("/{path}"), "");
    }
    let held_back = recording.gaps.iter().find(|gap| gap.kind == GapKind::HeldBack).map(|gap| gap.why.as_str()).unwrap_or_default();
    assert!(held_back.contains("requests for the auditor's own network were held back"), "{:?}", recording.gaps);

    // The same page from loopback is among its own, so that this test can fail.
    scan.audit_from_inside();
    assert!(scan.inside.asked().len() >= 6, "{:?}", scan.inside.asked());
    assert!(scan.a_datagram_came());
}

#[test]
fn a_network_that_is_allowed_can_be_reached_and_no_other() {
    let scan = Scan::new();
    let [flag, address] = scan.public();
    let run_of = scan.audit("four", &[&flag, &address, "--allow-network", "127.0.0.0/8"]);
    assert!(run_of.ended.stderr.contains("warning: the pages visited can reach 127.0.0.0/8"), "{:?}", run_of.ended);
    let recording = run_of.recording();
    let asked = scan.inside.asked();
    for path in ["/beacon", "/fetch", "/image", "/name", "/redirected", "/page"] {
        assert!(asked.iter().any(|asked| asked == path), "{path} was not reached: {asked:?}");
        assert_eq!(request(&recording, path).transmission, Transmission::Sent, "{path}");
    }
    assert_eq!(scan.inside_6.asked(), Vec::<String>::new());
    assert_kept(&recording, "/six", "");
    assert_eq!(recording.environment.allowed_networks, ["127.0.0.0/8".parse().unwrap()]);
    let report = std::fs::read_to_string(run_of.directory.join("report.html")).unwrap();
    assert!(report.contains("Networks around this machine that pages may reach"));

    let scan = Scan::new();
    let [flag, address] = scan.public();
    scan.audit("six", &[&flag, &address, "--allow-network", "::1"]);
    assert_eq!((scan.inside.asked(), scan.inside_6.asked()), (Vec::new(), vec!["/six".to_owned()]));
}

/// Addresses at which nothing need be: whether something is there or not, the rule is what is told of.
#[test]
fn ranges_that_are_not_public_are_kept_whether_anything_is_there_or_not() {
    const FAR: [(&str, &str); 8] = [
        ("10.255.255.1", "10.255.255.1 is a private address"),
        ("172.31.255.1", "172.31.255.1 is a private address"),
        ("192.168.255.1", "192.168.255.1 is a private address"),
        ("169.254.169.254", "169.254.169.254 is a cloud's metadata address"),
        ("169.254.7.7", "169.254.7.7 is a link-local address"),
        ("100.64.7.7", "100.64.7.7 is an address of a carrier's own network"),
        ("[fd00:dead::7]", "fd00:dead::7 is a private address"),
        ("[fe80::7]", "fe80::7 is a link-local address"),
    ];
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let images: String = FAR.iter().map(|(host, _)| format!("<img src=\"http://{host}/far\">")).collect();
    let outside = Server::start(move |_| {
        html(&format!(
            "<!doctype html><title>Scanner</title>{images}<img src=\"http://{closed}/closed\">\
             <img src=\"http://router.localhost:{}/by-name\">",
            closed.port()
        ))
    });
    let bench = Bench::new();
    let mut command = crate::support::tool();
    command.args(["audit", "--quiet", "--dwell", "2", "--resolve", &outside.rule("public.test"), "--treat-as-public"]);
    let ended = run(command.arg(outside.address.to_string()).arg("--out").arg(bench.path("run")).arg("http://public.test/"));
    let recording = Run { ended, directory: bench.path("run") }.recording();
    for (host, what) in FAR {
        assert_kept(&recording, &format!("http://{host}/far"), what);
    }
    assert_kept(&recording, "/closed", "127.0.0.1 is a loopback address, which no public page may reach; no connection came about either");
    assert_kept(&recording, "/by-name", "is a loopback address, which no public page may reach; no connection came about either");
}

/// A name whose first answer is a public server and whose next is this machine.
#[test]
fn a_name_that_changes_its_address_gets_no_further() {
    let page = "<!doctype html><title>Rebinder</title><script>(async () => {
        const ask = path => fetch('http://rebind.localhost:PORT' + path, { mode: 'no-cors' }).catch(() => {});
        await ask('/first'); await ask('/change'); await ask('/second'); navigator.sendBeacon('/done', 'told');
    })()</script>";
    let inside = std::sync::Arc::new(Mutex::new(None::<Server>));
    let opened = std::sync::Arc::clone(&inside);
    let outside = Server::start_with(move |path, stream, address| {
        if path == "/change" {
            // From now on the name's first address is that of a server on this machine.
            let server = Server::start_at(&format!("[::1]:{}", address.port()), |_, stream, _| {
                std::io::Write::write_all(stream, html("reached").as_bytes())
            });
            opened.lock().unwrap().replace(server);
        }
        std::io::Write::write_all(stream, html(&page.replace("PORT", &address.port().to_string())).as_bytes())
    });
    let bench = Bench::new();
    let mut command = crate::support::tool();
    command.args(["audit", "--quiet", "--dwell", "3", "--resolve", &outside.rule("public.test"), "--treat-as-public"]);
    let ended = run(command.arg(outside.address.to_string()).arg("--out").arg(bench.path("run")).arg("http://public.test/"));
    let recording = Run { ended, directory: bench.path("run") }.recording();
    assert_eq!(request(&recording, "/first").transmission, Transmission::Sent);
    assert_kept(&recording, "/second", "");
    let inside = inside.lock().unwrap();
    assert_eq!(inside.as_ref().unwrap().asked(), Vec::<String>::new());
}

fn assert_kept(recording: &Recording, end: &str, words: &str) {
    let tried = request(recording, end);
    let is_kept = matches!(&tried.transmission, Transmission::NotSent { why, .. } if why.starts_with("kept from the auditor's own network") && why.contains(words));
    assert!(is_kept, "{end}: {:?}", tried.transmission);
}

fn request(recording: &Recording, end: &str) -> Request {
    let found = recording.requests.iter().find(|request| request.url.ends_with(end));
    found.unwrap_or_else(|| panic!("{end} is not recorded"))
}
