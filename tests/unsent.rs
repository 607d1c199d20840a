//! What a browser sets about and does not send, or sends and does not read: the recording says what the server received.

use std::collections::BTreeMap;

use pixelwitness_recording::{GapKind, NotSentCause, Recording, Request, Sender, Transmission};
use pixelwitness_test_sites::Received;

use crate::support::server::{Server, html};
use crate::support::{Bench, Run, run, tool};

/// A name under a public suffix: Chromium does to those what it does to no `.example`.
const WITH_TLS: &str = "www.secure-bench.org";
const WITHOUT_TLS: &str = "www.plain-bench.org";

/// Workers that ask for something and close at once. Whether the request is written before it is given up is chance.
const CLOSING_WORKERS: &str = r#"<!doctype html><html lang="en"><title>Workers</title><link rel="icon" href="data:,"><script>
const over = new Promise(done => addEventListener('load', done)).then(async () => {
  await fetch('https://tracker.test/t?tag=first', { mode: 'no-cors' }).catch(() => {});
  for (let at = 0; at < 24; at++) {
    const script = `fetch('https://tracker.test/t?tag=worker-${at}', { mode: 'no-cors' }); close();`;
    new Worker(URL.createObjectURL(new Blob([script])));
    await new Promise(done => setTimeout(done, 40));
  }
});
</script></html>"#;

fn audit(bench: &Bench, out: &str, visits: &[&str], rules: &[&str], more: &[&str]) -> Run {
    let journey = bench.path(&format!("{out}.toml"));
    let steps: String = visits.iter().map(|visit| format!("[[step]]\nvisit = \"{visit}\"\n")).collect();
    std::fs::write(&journey, format!("name = \"{out}\"\n[browser]\ndwell_ms = 1500\n{steps}")).unwrap();
    let ended = run(bench.audit_command_mapping(out, rules).args(more).arg("--journey").arg(journey));
    Run { ended, directory: bench.path(out) }
}

/// Addresses with how often each was sent, or received.
fn count(addresses: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    addresses.for_each(|address| *counted.entry(address).or_default() += 1);
    counted
}

fn sent_to(recording: &Recording, host: &str) -> BTreeMap<String, usize> {
    let of_host = |request: &Request| request.url.split('/').nth(2) == Some(host);
    let sent = recording.requests.iter().filter(|request| of_host(request) && request.transmission == Transmission::Sent);
    count(sent.map(|request| request.url))
}

fn received_by(received: &[Received], host: &str) -> BTreeMap<String, usize> {
    let scheme = |tls: bool| if tls { "https" } else { "http" };
    let of_host = received.iter().filter(|one| one.host == host);
    count(of_host.map(|one| format!("{}://{host}{}", scheme(one.tls), one.target)))
}

#[test]
fn a_request_that_a_closing_worker_takes_back_is_sent_or_not_as_the_server_says() {
    let bench = Bench::new();
    let page = Server::start(|_| html(CLOSING_WORKERS));
    let run_of = audit(&bench, "workers", &["http://workers.test/"], &[&page.rule("workers.test")], &["--dwell", "3"]);
    let recording = run_of.recording();
    let announced = recording.requests.iter().filter(|request| request.url.contains("tag=worker-")).count();
    assert_eq!(announced, 24, "{:?}", run_of.ended);
    assert_eq!(sent_to(&recording, "tracker.test"), received_by(&bench.received(), "tracker.test"));
    let unknown = recording.requests.iter().filter(|request| matches!(request.transmission, Transmission::Unknown { .. }));
    assert_eq!((unknown.count(), recording.completeness.transmission_unknown), (0, 0));
    assert_eq!(recording.completeness.unexplained, Vec::<String>::new());
}

#[test]
fn an_address_that_the_browser_upgrades_by_itself_was_not_sent() {
    let bench = Bench::new();
    let plain = Server::start(|_| html("<!doctype html><title>Plain</title><link rel=\"icon\" href=\"data:,\"><p>Plain"));
    let visits = [WITH_TLS, WITHOUT_TLS].map(|host| format!("http://{host}/"));
    let visits = visits.each_ref().map(String::as_str);
    let run_of = audit(&bench, "upgrade", &visits, &[&plain.rule(WITHOUT_TLS)], &[]);
    let recording = run_of.recording();
    assert_eq!(recording.completeness.unexplained, Vec::<String>::new(), "{:?}", run_of.ended);
    assert_eq!(sent_to(&recording, WITH_TLS), received_by(&bench.received(), WITH_TLS));
    assert_eq!(sent_to(&recording, WITHOUT_TLS), BTreeMap::from([(visits[1].to_owned(), 1)]));
    for visit in visits {
        let is_upgrade = |request: &Request| match &request.transmission {
            Transmission::NotSent { cause: NotSentCause::AnsweredInside, why } => why == "upgraded to https inside the browser",
            _ => false,
        };
        assert_eq!(recording.requests.iter().filter(|request| request.url == visit && is_upgrade(request)).count(), 1, "{visit}");
    }
    assert!(recording.gaps.iter().all(|gap| gap.kind != GapKind::NetworkFailed), "the sites were reached: {:?}", recording.gaps);
}

#[test]
fn a_certificate_error_lays_nothing_to_the_page_and_is_no_difference() {
    let bench = Bench::new();
    let address = format!("https://{WITH_TLS}/");
    let mut command = tool();
    command.args(["audit", "--quiet", "--resolve", &bench.resolve_rule(), "--out"]).arg(bench.path("certificate")).arg(&address);
    let run_of = Run { ended: run(&mut command), directory: bench.path("certificate") };
    assert_eq!(run_of.ended.code, Some(2), "{:?}", run_of.ended);
    let recording = run_of.recording();
    assert_eq!(recording.completeness.unexplained, Vec::<String>::new());
    let of_pages: Vec<String> =
        recording.requests.iter().filter(|request| request.sender == Sender::Page).map(|request| request.url).collect();
    assert_eq!(of_pages, [address]);
    let gap = recording.gaps.iter().find(|gap| gap.kind == GapKind::NetworkFailed).map(|gap| gap.why.as_str()).unwrap_or_default();
    assert!(gap.starts_with("1 request to www.secure-bench.org failed on this network (net::ERR_CERT_"), "{:?}", recording.gaps);
}
