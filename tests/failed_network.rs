//! A network that filters is no clean site.

use pixelwitness_classifier::{Doubt, Outcome, Party};

use crate::support::server::{Server, html};
use crate::support::{Bench, Run, run};

const PAGE: &str = "<!doctype html><title>Clinic</title><link rel=icon href='data:,'><h1>Clinic</h1>\
    <img src='http://pixel.tracker.test/a.gif?page=hiv'><script src='http://scripts.tracker.test/b.js'></script>\
    <script>fetch('http://pixel.tracker.test/c', {mode: 'no-cors'}).catch(() => {})</script>";

/// Visits the page with these names led astray.
fn visit(bench: &Bench, out: &str, rules: &[&str], address: &str) -> Run {
    let mut command = bench.audit_command_mapping(out, rules);
    Run { ended: run(command.args(["--dwell", "2", address])), directory: bench.path(out) }
}

/// What was printed, in one line.
fn unwrapped(of: &Run) -> String {
    of.ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn trackers_that_this_network_keeps_from_answering_are_no_absence() {
    let bench = Bench::new();
    let server = Server::start(|_| html(PAGE));
    // Nobody listens where the trackers are led.
    let refused = ["pixel.tracker.test=127.0.0.1:1", "scripts.tracker.test=127.0.0.1:1"];
    let of = visit(&bench, "refused", &[&server.rule("clinic.test"), refused[0], refused[1]], "http://clinic.test/hiv");
    assert_eq!(of.ended.code, Some(2), "{:?}", of.ended);
    let said = "2 requests to pixel.tracker.test failed on this network: this run cannot show that nothing is sent";
    let stdout = unwrapped(&of);
    assert!(stdout.contains(said) && !stdout.contains("seen leaving"), "{:?}", of.ended);
    assert!(of.ended.stderr.starts_with("error: nothing was found, and this run cannot show that nothing is sent: "), "{:?}", of.ended);
    let findings = of.findings();
    assert_eq!(findings.verdict.outcome, Outcome::Inconclusive);
    let failed: Vec<(&str, usize, Party)> = findings.failed.iter().map(|one| (one.host.as_str(), one.count, one.party)).collect();
    assert_eq!(failed, [("pixel.tracker.test", 2, Party::Third), ("scripts.tracker.test", 1, Party::Third)]);
    assert!(findings.gaps.iter().filter(|gap| gap.kind == pixelwitness_recording::GapKind::NetworkFailed).count() == 2);
}

#[test]
fn a_site_that_is_not_reached_is_what_is_said_first() {
    let bench = Bench::new();
    let of = visit(&bench, "none", &["clinic.test=127.0.0.1:1"], "http://clinic.test/hiv");
    assert_eq!(of.ended.code, Some(2), "{:?}", of.ended);
    let stdout = unwrapped(&of);
    assert!(stdout.starts_with("The site was not reached. Stopped at step 1 of 1: visit http://clinic.test/hiv: "), "{:?}", of.ended);
    for phrase in ["seen leaving", "very recipient", "recognised"] {
        assert!(!stdout.contains(phrase), "{phrase}: {:?}", of.ended);
    }
    assert!(of.findings().verdict.doubts.contains(&Doubt::SiteNotReached { step: 0 }), "{:?}", of.findings().verdict);
}
