//! Ways in which a run goes wrong: in none does anything that is shown say that something was not observed.

use std::sync::LazyLock;

use pixelwitness_classifier::{Definitions, Findings, Outcome as Came, classify};
use pixelwitness_recording::{
    Bytes, Canary, CanaryKind, Capture, CaptureKind, Completeness, Gap, GapKind, Journey, Listening, NotSentCause, Outcome, Recording,
    Request, RequestId, Response, Sinkhole, Step, StepRun, Transmission, Type, Witness,
};
use pixelwitness_report::{ABSENCE_PHRASES, Explained, Files, Style, explanation, terminal, write_html, write_json};

use crate::example;

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(Definitions::built_in);

const SITE: &str = "https://www.clinic.example/hiv/testing";

/// A run, and what its terminal has to begin with where it has to lead with something.
struct Way {
    name: String,
    recording: Recording,
    leads_with: Option<String>,
}

fn way(name: impl Into<String>, recording: Recording) -> Way {
    Way { name: name.into(), recording, leads_with: None }
}

fn request(url: &str, step: usize) -> Request {
    Request { page_url: Some(SITE.to_owned()), transmission: Transmission::Sent, ..example::request("GET", url, step) }
}

fn page(step: usize) -> Request {
    Request {
        resource_type: "Document".to_owned(),
        response: Some(Response { status: 200, headers: Vec::new(), body: Some(Bytes(b"<title>HIV testing</title>".to_vec())) }),
        ..request(SITE, step)
    }
}

/// A request that tells nothing, to somebody whose definition reads it.
fn silent(step: usize) -> Request {
    request("https://fonts.gstatic.com/s/roboto/v1/a.woff2", step)
}

fn tells(step: usize) -> Request {
    request("https://www.facebook.com/tr/?id=1&ev=PageView&dl=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Ftesting&ts=1700000000000", step)
}

fn steps(count: usize) -> Vec<Step> {
    let typing = Step::Type(Type { into: "#q".to_owned(), text: None, canary: Some("term".to_owned()) });
    let all = [Step::Visit(SITE.to_owned()), typing, Step::Click("a.book".to_owned()), Step::Submit("#form".to_owned())];
    all.into_iter().take(count).collect()
}

fn run(step: usize, outcome: Outcome) -> StepRun {
    StepRun {
        step,
        what: format!("the thing to do {step}"),
        started_at_ms: 1_795_332_728_000,
        ended_at_ms: 1_795_332_733_000,
        outcome,
        url_before: SITE.to_owned(),
        url_after: SITE.to_owned(),
        title_after: "HIV testing".to_owned(),
        element: None,
        input: None,
        screenshot_before: None,
        screenshot_after: None,
    }
}

fn failed() -> Outcome {
    Outcome::Failed { why: "it could not be done".to_owned() }
}

/// A run of so many steps in which nothing went wrong and nothing was told.
fn well(count: usize) -> Recording {
    let listened = |step| Listening { step, url: SITE.to_owned(), listened_ms: 5000, settled: true };
    with_requests(
        Recording {
            journey: Journey {
                name: "Find a clinic".to_owned(),
                steps: steps(count),
                canaries: vec![Canary { name: "term".to_owned(), kind: CanaryKind::SearchTerm, value: "hiv test".to_owned() }],
                ..Journey::default()
            },
            steps: (0..count).map(|step| run(step, Outcome::Done)).collect(),
            completeness: Completeness {
                finished: true,
                seen_by_both: 2,
                listened: (0..count).map(listened).collect(),
                ..Completeness::default()
            },
            ..Recording::default()
        },
        vec![page(0), silent(0)],
    )
}

fn with_requests(recording: Recording, requests: Vec<Request>) -> Recording {
    let numbered = (1..).map(RequestId).zip(requests).map(|(id, request)| Request { id, ..request });
    Recording { requests: numbered.collect(), ..recording }
}

fn and_request(recording: Recording, request: Request) -> Recording {
    let requests = recording.requests.iter().chain([request]).collect();
    with_requests(recording, requests)
}

fn with_gap(mut recording: Recording, kind: GapKind, step: Option<usize>) -> Recording {
    recording.gaps.push(Gap { kind, why: "so it went".to_owned(), request: None, step });
    recording
}

fn unfinished(mut recording: Recording) -> Recording {
    recording.completeness.finished = false;
    recording
}

fn not_sent(cause: NotSentCause, error: &str) -> Transmission {
    Transmission::NotSent { cause, why: format!("failed before anything was written: net::{error}") }
}

/// Everything from this step on is missing; what was done up to there was seen.
fn without_steps_from(step: usize, recording: Recording) -> Recording {
    let mut recording = unfinished(recording);
    recording.steps.retain(|run| run.step < step);
    if step == 0 {
        recording = with_requests(recording, Vec::new());
    }
    recording
}

fn failed_at(step: usize, count: usize) -> Way {
    let mut recording = without_steps_from(step + 1, well(count));
    recording.steps[step].outcome = failed();
    if step == 0 {
        recording = with_requests(recording, Vec::new());
    }
    let recording = with_gap(recording, GapKind::RunIncomplete, Some(step));
    let reached = if step == 0 { "The site was not reached. " } else { "" };
    let leads_with = format!("{reached}Stopped at step {} of {count}: the thing to do {step}: it could not be done\n", step + 1);
    Way { leads_with: Some(leads_with), ..way(format!("step {} of {count} fails", step + 1), recording) }
}

fn interrupted_at(step: usize, count: usize) -> Way {
    let recording = with_gap(without_steps_from(step, well(count)), GapKind::RunIncomplete, None);
    let reached = if step == 0 { "The site was not reached. " } else { "" };
    let leads_with = format!("{reached}Stopped at step {} of {count}: so it went\n", step + 1);
    Way { leads_with: Some(leads_with), ..way(format!("interrupted in step {} of {count}", step + 1), recording) }
}

/// The step fails and a later visit is done all the same.
fn failed_before_a_visit(count: usize) -> Way {
    let mut recording = unfinished(well(count));
    recording.journey.steps.push(Step::Visit("https://www.clinic.example/contact".to_owned()));
    recording.steps[count - 1].outcome = failed();
    recording.steps.push(run(count, Outcome::Done));
    let recording = with_gap(recording, GapKind::RunIncomplete, Some(count - 1));
    let leads_with = format!("Step {count} of {} failed: the thing to do {}: it could not be done\n", count + 1, count - 1);
    Way { leads_with: Some(leads_with), ..way(format!("step {count} fails and a visit comes after it"), recording) }
}

const NETWORK_ERRORS: [&str; 14] = [
    "ERR_NAME_NOT_RESOLVED",
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_CONNECTION_CLOSED",
    "ERR_CONNECTION_TIMED_OUT",
    "ERR_CONNECTION_FAILED",
    "ERR_ADDRESS_UNREACHABLE",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_NETWORK_CHANGED",
    "ERR_PROXY_CONNECTION_FAILED",
    "ERR_TUNNEL_CONNECTION_FAILED",
    "ERR_SSL_PROTOCOL_ERROR",
    "ERR_CERT_AUTHORITY_INVALID",
    "ERR_DNS_TIMED_OUT",
];

fn third_party_fails(error: &str) -> Way {
    let lost = Request { transmission: not_sent(NotSentCause::NetworkFailure, error), ..request("https://connect.facebook.net/a.js", 0) };
    way(format!("a tracker fails with {error}"), and_request(well(2), lost))
}

fn site_fails(error: &str) -> Way {
    let lost = Request { transmission: not_sent(NotSentCause::NetworkFailure, error), response: None, ..page(0) };
    let way = failed_at(0, 2);
    Way { name: format!("the site fails with {error}"), recording: with_requests(way.recording, vec![lost]), ..way }
}

fn unknown(request: Request) -> Request {
    Request { transmission: Transmission::Unknown { why: "the wire log ends before it was written".to_owned() }, ..request }
}

fn turned_away(status: u16, header: Option<(&str, &str)>) -> Recording {
    let headers = header.into_iter().map(|(name, value)| example::header(name, value)).collect();
    with_requests(well(1), vec![Request { response: Some(Response { status, headers, body: None }), ..page(0) }])
}

fn captured(kind: CaptureKind, whole: bool, requests: Vec<Request>) -> Recording {
    let requests = requests.into_iter().map(|request| Request { witness: Witness::Capture, step: None, ..request });
    let capture = Capture { file: "clinic.har".to_owned(), kind, made_by: String::new(), requests: 2, whole };
    let completeness = Completeness { finished: whole, captures: vec![capture], ..Completeness::default() };
    let journey = Journey { steps: Vec::new(), ..well(1).journey };
    with_requests(Recording { journey, steps: Vec::new(), completeness, ..Recording::default() }, requests.collect())
}

fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for count in 1..=4 {
        ways.extend((0..count).flat_map(|step| [failed_at(step, count), interrupted_at(step, count)]));
        ways.extend((count > 1).then(|| failed_before_a_visit(count)));
    }
    ways.extend(NETWORK_ERRORS.map(third_party_fails));
    ways.extend(["ERR_NAME_NOT_RESOLVED", "ERR_CONNECTION_REFUSED", "ERR_CERT_AUTHORITY_INVALID", "ERR_TIMED_OUT"].map(site_fails));
    for kind in [GapKind::LogDamaged, GapKind::WitnessMissing, GapKind::WitnessesDisagree, GapKind::Crash] {
        ways.push(way(format!("a gap: {kind:?}"), with_gap(well(2), kind, None)));
    }
    let killed = with_gap(with_gap(unfinished(well(2)), GapKind::RunIncomplete, None), GapKind::LogDamaged, None);
    ways.push(way("the browser is killed after the last step", killed));
    ways.push(way("the tool is killed before anything is written", with_gap(without_steps_from(0, well(3)), GapKind::LogDamaged, None)));
    ways.push(way("it ends without a word", unfinished(well(1))));
    let mut differs = well(2);
    differs.completeness.unexplained.push("r2 differs".to_owned());
    ways.push(way("the witnesses differ", differs));
    ways.push(way("nobody knows whether a tracker was sent something", and_request(well(2), unknown(tells(0)))));
    ways.push(way("nobody knows whether a font was asked for", and_request(well(2), unknown(silent(0)))));
    ways.push(way("a refusal", turned_away(403, None)));
    ways.push(way("a challenge", turned_away(200, Some(("cf-mitigated", "challenge")))));
    ways.push(way("too many visits", turned_away(429, None)));
    let mut sinkhole = failed_at(1, 2);
    sinkhole.recording.environment.sinkhole = Sinkhole::new(&["*.gstatic.com".to_owned()], &[]).ok();
    ways.push(Way { name: "a sinkhole, and a step fails".to_owned(), ..sinkhole });
    ways.push(way("a HAR is cut off", captured(CaptureKind::Har, false, vec![page(0), silent(0)])));
    ways.push(way("a NetLog is cut off", captured(CaptureKind::Netlog, false, vec![page(0), silent(0)])));
    ways.push(way("a HAR has no answer", captured(CaptureKind::Har, true, vec![page(0), unknown(tells(0))])));
    let lost = Request { transmission: not_sent(NotSentCause::NetworkFailure, "ERR_NAME_NOT_RESOLVED"), ..tells(0) };
    ways.push(way("a HAR tells of a name that does not resolve", captured(CaptureKind::Har, true, vec![page(0), lost])));
    let nowhere = Request { page_url: None, top_site: None, ..silent(0) };
    ways.push(way("a HAR of nobody's page", captured(CaptureKind::Har, true, vec![nowhere])));
    ways
}

/// Everything that is shown of a recording.
struct Shown {
    findings: Findings,
    terminal: String,
    html: String,
    explanations: String,
    json: serde_json::Value,
}

fn shown(recording: &Recording) -> Shown {
    let findings = classify(recording, &DEFINITIONS);
    let style = Style { colour: false, width: 1000 };
    let (mut html, mut json) = (Vec::new(), Vec::new());
    write_html(&findings, recording, &|_| None, &mut html).unwrap();
    write_json(&findings, &mut json).unwrap();
    let html = String::from_utf8(html).unwrap().split_once("</style>").unwrap().1.to_owned();
    let vendors: Vec<_> = DEFINITIONS.vendors().collect();
    let explain =
        |request: Request| explanation(&Explained { request: &request, findings: &findings, parameters: &[], vendors: &vendors }, style);
    Shown {
        terminal: terminal(&findings, recording, &Files::default(), style),
        html,
        explanations: recording.requests.iter().map(explain).collect(),
        json: serde_json::from_slice(&json).unwrap(),
        findings,
    }
}

fn phrases_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    ABSENCE_PHRASES.iter().filter(|phrase| text.contains(**phrase)).copied().collect()
}

#[test]
fn whatever_goes_wrong_nothing_is_said_not_to_have_been_observed() {
    let ways = ways();
    assert!(ways.len() >= 40, "{}", ways.len());
    for Way { name, recording, leads_with } in &ways {
        // As it is, and where something was found beside: then nothing more is said to be absent. With another request the page would be known.
        let mut variants = vec![(recording.clone(), Came::Inconclusive)];
        if recording.requests.iter().all(|request| request.page_url.is_some()) {
            variants.push((and_request(recording.clone(), tells(0)), Came::Found));
        }
        for (recording, outcome) in variants {
            let shown = shown(&recording);
            assert_eq!(shown.findings.verdict.outcome, outcome, "{name}: {:?}", shown.findings.verdict);
            for (what, text) in [("terminal", &shown.terminal), ("report", &shown.html), ("explanation", &shown.explanations)] {
                assert_eq!(phrases_in(text), Vec::<&str>::new(), "{name}, {what}:\n{text}");
            }
            assert_ne!(shown.json["verdict"]["outcome"], "nothing-observed", "{name}");
            if let Some(leads_with) = leads_with {
                assert!(shown.terminal.starts_with(leads_with.as_str()), "{name}: {}", shown.terminal);
                assert!(shown.html.contains("<p class=\"stopped\">"), "{name}");
                let verdict = &shown.findings.verdict;
                let steps = if verdict.steps_planned == 1 { "step" } else { "steps" };
                let done = format!("{} of {} {steps}", verdict.steps_done, verdict.steps_planned);
                assert!(shown.terminal.contains(&done) && shown.html.contains(&done), "{name}: {done}");
            }
            // Nothing is said of recipients that do not exist.
            let is_nobody = shown.findings.recipients.is_empty();
            assert!(!is_nobody || !shown.terminal.contains("very recipient") && !shown.html.contains("very recipient"), "{name}");
            for failed in shown.findings.failed.iter().filter(|failed| failed.party == pixelwitness_classifier::Party::Third) {
                let said = format!("to {} failed on this network", failed.host);
                assert!(shown.terminal.contains(&said) && shown.html.contains(&said), "{name}: {said}");
            }
        }
    }
}

/// The test above would be passed by a report that says nothing at all.
#[test]
fn where_nothing_goes_wrong_it_is_said_what_was_not_observed() {
    for count in 1..=4 {
        let shown = shown(&well(count));
        assert_eq!(shown.findings.verdict.outcome, Came::NothingObserved, "{:?}", shown.findings.verdict);
        assert_eq!(shown.json["verdict"]["outcome"], "nothing-observed");
        for phrase in ["was recognised", "not seen leaving"] {
            let both = [&shown.terminal, &shown.html].map(|text| phrases_in(text).contains(&phrase) || count == 1);
            assert_eq!(both, [true, true], "{phrase}: {}", shown.terminal);
        }
        assert!(shown.explanations.contains("Nothing in it is recognised"));
        assert!(!shown.html.contains("class=\"stopped\""));
    }
    let datagrams = shown(&with_gap(with_requests(well(1), vec![page(0)]), GapKind::Opaque, None));
    let said = "No request was seen leaving for a third party within 5.0 s";
    assert!(datagrams.terminal.contains(said) && datagrams.terminal.contains("Not known: what the traffic held"), "{}", datagrams.terminal);
    assert!(!datagrams.terminal.contains("Nothing was seen") && !datagrams.html.contains("Nothing was seen"));
    let alone = shown(&with_requests(well(1), vec![page(0)]));
    assert!(alone.terminal.contains("Nothing was seen leaving for a third party within 5.0 s"), "{}", alone.terminal);
}

/// Words of absence stand in one file of this crate; in any other they would escape the verdict.
#[test]
fn sentences_of_absence_are_written_in_one_place() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut read = 0;
    for directory in [sources.clone(), sources.join("html"), sources.join("terminal")] {
        for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("absence.rs") {
                continue;
            }
            read += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                assert_eq!(phrases_in(line), Vec::<&str>::new(), "{}: {line}", path.display());
            }
        }
    }
    assert!(read > 20, "{read}");
}
