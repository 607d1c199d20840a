//! Pages that send more than anybody could read, and what nobody can read: all of it is in the recording, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use pixelwitness_recording::{GapKind, Outcome, Recording, Transmission};

use super::ledger::{Entry, Ledger};
use super::{audit_journey, site, told};
use crate::support::{Bench, Run, all_wanted};

/// To each of four hosts a browser opens six.
const CONNECTIONS: usize = 24;

/// A page that is at it for as long as it takes: each step listens twenty seconds longer to one that does not fall silent, and goes on at
/// once where it does.
#[test]
fn a_hundred_thousand_requests_are_all_in_the_recording() {
    if !all_wanted() {
        return;
    }
    const COUNT: usize = 100_000;
    let (received, run_of, _bench) = audit(COUNT, 40);
    let recording = run_of.recording();
    assert_eq!(run_of.ended.code, Some(0), "{:?}", run_of.ended);
    let different = received.iter().map(|entry| &entry.body).collect::<BTreeSet<_>>().len();
    assert_eq!(different, COUNT, "{} were received", received.len());
    same(&recording, &received, 0);
    told(&recording, "http://hostile.test/beacon-many-requests");
    told(&recording, "http://good.test/beacon-after-many-requests");
    holds_what_it_claims(&recording);
    // It did not fall silent, in steps that are named, and was silent in the end: nothing is open. A slow browser may keep its trace.
    let is_known = |kind: GapKind| matches!(kind, GapKind::NeverSettled | GapKind::NotTold);
    assert!(recording.gaps.iter().all(|gap| is_known(gap.kind)), "{:?}", recording.gaps);
    assert_eq!(recording.completeness.listened.iter().rev().map(|one| one.settled).take(2).collect::<Vec<_>>(), [true, true]);
}

/// The same page with more to send than it is given time for.
#[test]
fn a_page_that_is_left_in_the_middle_of_its_requests_has_all_it_sent_in_the_recording() {
    let (received, run_of, _bench) = audit(10_000_000, 0);
    let recording = run_of.recording();
    assert_eq!(run_of.ended.code, Some(0), "{:?}", run_of.ended);
    assert!(!received.is_empty());
    let is_told = |step| recording.gaps.iter().any(|gap| gap.step == Some(step) && gap.why.starts_with("the page had not fallen silent"));
    assert!(is_told(0), "{:?}", recording.gaps);
    same(&recording, &received, CONNECTIONS);
    told(&recording, "http://hostile.test/beacon-many-requests");
    told(&recording, "http://good.test/beacon-after-many-requests");
    holds_what_it_claims(&recording);
}

/// Bodies that are no JSON, no gzip and no form, whatever their headers say, to somebody whose requests are read.
#[test]
fn bodies_that_are_not_what_they_say_are_in_the_recording_as_they_were_sent() {
    let (bench, site, ledger) = (Bench::new(), site::start(|| ()), Ledger::start());
    let steps = "[[step]]\nvisit = \"http://hostile.test/odd-bodies\"\n[[step]]\nwait = { element = \"#sent\" }\n\
                 [[step]]\nvisit = \"http://good.test/after-odd-bodies\"\n";
    let run_of = audit_journey(&bench, &site, steps, &["--resolve", &ledger.rule("*.posthog.com")]);
    assert_eq!(run_of.ended.code, Some(1), "{:?}", run_of.ended);
    let recording = run_of.recording();
    let entries = ledger.entries();
    let posted = entries.iter().filter(|entry| !entry.body.is_empty()).count();
    assert_eq!(posted, 8, "{entries:?}");
    same(&recording, &entries, 0);
    told(&recording, "http://good.test/beacon-after-odd-bodies");
    holds_what_it_claims(&recording);
    let findings = run_of.findings();
    assert!(
        findings.recipients.iter().any(|recipient| recipient.hosts.iter().any(|host| host == "us.i.posthog.com")),
        "{:?}",
        findings.recipients
    );
    // One of them tells of the page before it breaks off, and is read as far as it goes.
    let told: Vec<String> = findings.leaks.iter().map(|leak| leak.value).collect();
    assert_eq!(told, ["http://hostile.test/odd-bodies"], "{:?}", findings.leaks);
}

/// Visits the page, waits for so many steps, and visits a good one. What was received, and the run.
fn audit(count: usize, waits: usize) -> (Vec<Entry>, Run, Bench) {
    let (bench, site, ledger) = (Bench::new(), site::start(|| ()), Ledger::start());
    let visit = format!("[[step]]\nvisit = \"http://hostile.test/many-requests?count={count}&hosts=4&lanes=48\"\n");
    let waiting = "[[step]]\nwait = { ms = 1 }\n".repeat(waits);
    let steps = format!("{visit}{waiting}[[step]]\nvisit = \"http://good.test/after-many-requests\"\n");
    let run_of = audit_journey(&bench, &site, &steps, &["--resolve", &ledger.rule("*.many.test")]);
    (ledger.entries(), run_of, bench)
}

/// Every request that was received was recorded as sent, with the same body and as often. What is recorded beside that was on its way
/// when the page was left: one for each of the connections a browser opens.
fn same(recording: &Recording, received: &[Entry], connections: usize) {
    let hosts: BTreeSet<&str> = received.iter().filter_map(|entry| host(&entry.url)).collect();
    let mut recorded: BTreeMap<Entry, usize> = BTreeMap::new();
    for request in &recording.requests {
        if request.transmission == Transmission::Sent && host(&request.url).is_some_and(|host| hosts.contains(host)) {
            let body = request.body.bytes().unwrap_or_default().to_vec();
            *recorded.entry(Entry { url: request.url, body }).or_default() += 1;
        }
    }
    for entry in received {
        let times = recorded.get_mut(entry).filter(|times| **times > 0);
        *times.unwrap_or_else(|| panic!("{entry:?} was received and is not recorded")) -= 1;
    }
    let beside: Vec<(Entry, usize)> = recorded.into_iter().filter(|(_, times)| *times > 0).collect();
    assert!(beside.len() <= connections, "recorded and not received: {beside:?}");
}

fn host(url: &str) -> Option<&str> {
    url.split('/').nth(2)
}

fn holds_what_it_claims(recording: &Recording) {
    let completeness = &recording.completeness;
    assert!(completeness.finished, "{completeness:?}");
    assert_eq!((completeness.unexplained.as_slice(), completeness.bodies_unavailable), (&[][..], 0), "{completeness:?}");
    assert!(recording.steps.iter().all(|step| step.outcome == Outcome::Done), "{:?}", recording.steps);
}
