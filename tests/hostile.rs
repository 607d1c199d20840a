//! Pages that misbehave, each followed by a good one in the same run: the run ends, the trouble is named, and the good page is in the
//! recording with what it sent.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use pixelwitness_recording::{Outcome, Recording, Transmission};

use crate::support::server::{Server, html, redirect};
use crate::support::{Bench, Run, run, tool};

/// What is known to have happened after a page.
enum Trouble {
    /// The visit failed, for a reason that has these words.
    Failed(&'static str),
    /// The visit was done, and a gap has these words.
    Gap(&'static str),
    /// The visit was done. It may never have fallen silent.
    None,
}

#[test]
fn servers_that_misbehave_cost_nothing_but_their_page() {
    check(&[
        ("resets", Trouble::Failed("the server closed the connection without an answer")),
        // Bytes without a head count as HTTP/0.9, and those as a file.
        ("speaks-nonsense", Trouble::Failed("is a download, not a page")),
        ("redirects-to-itself", Trouble::Failed("it redirects in a circle")),
        ("downloads", Trouble::Failed("is a download, not a page")),
        ("html-without-end", Trouble::None),
        ("a-byte-a-second", Trouble::None),
        ("wrong-type", Trouble::None),
    ]);
}

#[test]
fn a_server_that_never_answers_is_waited_for_and_left() {
    check(&[("never-answers", Trouble::Failed("did not answer within 30 s"))]);
}

#[test]
fn scripts_that_misbehave_cost_nothing_but_their_page() {
    check(&[
        ("dialogs", Trouble::Gap("the page opened a dialog (alert), which was dismissed: \"first\"")),
        ("will-not-be-left", Trouble::None),
        ("redirects-by-script", Trouble::None),
        ("opens-popups", Trouble::None),
        ("external-protocols", Trouble::None),
        ("asks-for-permissions", Trouble::None),
        ("pings-for-ever", Trouble::None),
        ("downloads-by-link", Trouble::Gap("a download of")),
    ]);
}

#[test]
fn a_page_that_hangs_costs_nothing_but_itself() {
    check(&[("busy-loop", Trouble::None)]);
}

/// Visits each page of a group, each followed by a good one, in one run.
fn check(group: &[(&str, Trouble)]) {
    let bench = Bench::new();
    let server = Server::start_raw(answer);
    let mut journey = "name = \"hostile\"\n[browser]\ndwell_ms = 1500\n".to_owned();
    for (name, _) in group {
        journey
            .push_str(&format!("[[step]]\nvisit = \"http://hostile.test/{name}\"\n[[step]]\nvisit = \"http://good.test/after-{name}\"\n"));
    }
    let file = bench.path("journey.toml");
    std::fs::write(&file, journey).unwrap();
    let mut command = tool();
    command.args(["audit", "--quiet", "--journey"]).arg(&file).arg("--out").arg(bench.path("run"));
    command.args(["--resolve", &server.rule("*")]);
    let of = Run { ended: run(&mut command), directory: bench.path("run") };

    let failures = group.iter().any(|(_, trouble)| matches!(trouble, Trouble::Failed(_)));
    assert_eq!(of.ended.code, Some(if failures { 2 } else { 0 }), "{:?}", of.ended);
    let recording = of.recording();
    for (index, (name, trouble)) in group.iter().enumerate() {
        let visit = recording.steps.iter().find(|step| step.step == 2 * index).unwrap_or_else(|| panic!("{name} was not visited"));
        match trouble {
            Trouble::Failed(words) => {
                assert!(matches!(&visit.outcome, Outcome::Failed { why } if why.contains(words)), "{name}: {visit:?}")
            }
            Trouble::Gap(words) => assert!(recording.gaps.iter().any(|gap| gap.why.contains(words)), "{name}: {:?}", recording.gaps),
            Trouble::None => assert_eq!(visit.outcome, Outcome::Done, "{name}"),
        }
        the_good_page_is_there(&recording, index, name);
    }
}

fn the_good_page_is_there(recording: &Recording, index: usize, name: &str) {
    let step = recording.steps.iter().find(|step| step.step == 2 * index + 1).unwrap_or_else(|| panic!("nothing came after {name}"));
    assert_eq!(step.outcome, Outcome::Done, "after {name}");
    for (path, body) in [(format!("/after-{name}"), ""), (format!("/beacon-after-{name}"), "told")] {
        let sent = recording.requests.iter().find(|request| request.url == format!("http://good.test{path}"));
        let sent = sent.unwrap_or_else(|| panic!("{path} is not in the recording"));
        assert_eq!((sent.body.bytes(), &sent.transmission), (Some(body.as_bytes()), &Transmission::Sent), "{path}");
    }
}

fn answer(path: &str, stream: &mut &TcpStream) -> io::Result<()> {
    if let Some(name) = path.strip_prefix("/after-") {
        let page = format!("<!doctype html><title>Good</title><script>navigator.sendBeacon('/beacon-after-{name}', 'told')</script>");
        return stream.write_all(html(&page).as_bytes());
    }
    match path {
        "/resets" => Ok(()),
        "/never-answers" => {
            sleep(Duration::from_secs(120));
            Ok(())
        }
        "/speaks-nonsense" => stream.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n\0\0\0"),
        "/redirects-to-itself" => stream.write_all(redirect("/redirects-to-itself").as_bytes()),
        "/downloads" | "/file" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfile")
        }
        "/html-without-end" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html><title>Endless</title>")?;
            loop {
                stream.write_all(&b"<p>and so on".repeat(20))?;
                sleep(Duration::from_millis(20));
            }
        }
        "/a-byte-a-second" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html><title>Slow</title>")?;
            loop {
                stream.write_all(b"x")?;
                sleep(Duration::from_secs(1));
            }
        }
        "/wrong-type" => stream.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nX-Odd: \x01\x02\xff\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot gzip!",
        ),
        path => match SCRIPTS.iter().find(|(name, _)| path == format!("/{name}")) {
            Some((_, script)) => stream.write_all(html(&format!("<!doctype html><title>Hostile</title><body><script>{script}</script>")).as_bytes()),
            None => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        },
    }
}

const SCRIPTS: [(&str, &str); 9] = [
    ("dialogs", "alert('first'); for (let n = 0; n < 20; n++) { alert(n); confirm(n); prompt(n); }"),
    ("will-not-be-left", "addEventListener('beforeunload', event => { event.preventDefault(); event.returnValue = 'stay'; });"),
    ("redirects-by-script", "setTimeout(() => { location = '/redirects-by-script?' + Math.random(); }, 50);"),
    ("opens-popups", "for (let n = 0; n < 20; n++) open('/popup?' + n); setInterval(() => open('/popup'), 50);"),
    (
        "external-protocols",
        "for (const to of ['mailto:a@b.example', 'tel:07700900001', 'custom-scheme:x']) { const link = document.createElement('a'); link.href = to; link.click(); }",
    ),
    (
        "asks-for-permissions",
        "Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => {}); navigator.mediaDevices?.getUserMedia({ video: true }).catch(() => {}); print();",
    ),
    ("pings-for-ever", "setInterval(() => fetch('/ping', { method: 'POST', body: 'x' }), 50);"),
    (
        "downloads-by-link",
        "const link = document.createElement('a'); link.href = '/file'; link.download = 'f'; document.body.append(link); link.click();",
    ),
    ("busy-loop", "setTimeout(() => { for (;;); }, 200);"),
];
