//! What became of each value that was looked for: exactly one of five answers.

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, Findings, classify};
use pixelwitness_recording::{
    CanaryKind, Capture, CaptureKind, Completeness, Gap, GapKind, Input, InputKind, LogLine, NotSentCause, Outcome, RawLog, Recording,
    Request, Step, StepRun, Transmission, Type, Witness,
};

use crate::recorded::{PAGE, get, leaks, post, recording, step, with_canary, with_message};

const EMAIL: &str = "alex.morgan@post.example";

fn sought(findings: &Findings) -> String {
    let one = |sought: &pixelwitness_classifier::Sought| {
        let who = sought.sent_to.iter().map(|sent| {
            let requests: Vec<String> = sent.requests.iter().map(ToString::to_string).collect();
            format!("; {:?} {} {:?} {}", sent.party, sent.recipient, sent.manner, requests.join(" "))
        });
        let asked = sought.asked.as_ref().map(|asked| format!(" (asked: {asked})")).unwrap_or_default();
        format!("{}{asked}: {:?}{}\n", sought.value, sought.answer, who.collect::<String>())
    };
    findings.sought.iter().map(one).collect()
}

fn check(recording: &Recording, expected: Expect) {
    expected.assert_eq(&sought(&classify(recording, &Definitions::built_in())));
}

/// A journey that types the e-mail address in its second step and sends the form in its third.
fn journey(requests: Vec<Request>) -> Recording {
    let mut recording = with_canary(recording(requests), CanaryKind::Email, EMAIL);
    let typing = Type { into: "#mail".to_owned(), text: None, canary: Some("email".to_owned()) };
    recording.journey.steps = vec![Step::Visit(PAGE.to_owned()), Step::Type(typing), Step::Submit("#form".to_owned())];
    recording.steps = (0..3).map(|index| step(index, PAGE, "")).collect();
    recording.completeness.finished = true;
    recording
}

fn unknown(request: Request) -> Request {
    Request { transmission: Transmission::Unknown { why: "the wire log ends before it was written".to_owned() }, ..request }
}

fn to_site() -> Request {
    post("https://api.clinic.example/subscribe", &format!("{{\"mail\":\"{EMAIL}\"}}"))
}

fn to_third() -> Request {
    get(&format!("https://collect.tracker.example/c?e={EMAIL}"))
}

#[test]
fn each_value_has_exactly_one_answer() {
    check(
        &journey(vec![get(PAGE)]),
        expect![[r#"
        alex.morgan@post.example: NotObserved
    "#]],
    );
    check(
        &journey(vec![to_site()]),
        expect![[r#"
        alex.morgan@post.example: SentToSiteOnly; First clinic.example Whole r1
    "#]],
    );
    check(
        &journey(vec![to_site(), to_third(), to_third()]),
        expect![[r#"
        alex.morgan@post.example: SentToThirdParty; Third tracker.example Whole r2 r3; First clinic.example Whole r1
    "#]],
    );
    check(
        &journey(vec![unknown(to_third())]),
        expect![[r#"
        alex.morgan@post.example: MayHaveBeenSent; Third tracker.example Uncertain r1
    "#]],
    );
    // To the site it was sent; that it was sent to nobody else is not known.
    check(
        &journey(vec![unknown(to_third()), to_site()]),
        expect![[r#"
        alex.morgan@post.example: MayHaveBeenSent; Third tracker.example Uncertain r1; First clinic.example Whole r2
    "#]],
    );
    check(
        &journey(vec![unknown(to_site())]),
        expect![[r#"
        alex.morgan@post.example: MayHaveBeenSent; First clinic.example Uncertain r1
    "#]],
    );
    let not_sent = Transmission::NotSent { cause: NotSentCause::Blocked, why: "blocked: csp".to_owned() };
    check(
        &journey(vec![Request { transmission: not_sent, ..to_third() }]),
        expect![[r#"
        alex.morgan@post.example: NotObserved
    "#]],
    );
}

#[test]
fn what_goes_to_the_site_in_any_way_was_sent_to_the_site() {
    let in_header = crate::recorded::with_header(get("https://www.clinic.example/x"), "X-Mail", EMAIL);
    let encoded = get("https://www.clinic.example/x?d=YWxleC5tb3JnYW5AcG9zdC5leGFtcGxl");
    check(
        &journey(vec![in_header, encoded]),
        expect![[r#"
        alex.morgan@post.example: SentToSiteOnly; First clinic.example Whole r1 r2
    "#]],
    );
    check(
        &with_message(journey(vec![get("wss://ws.clinic.example/")]), 1, EMAIL),
        expect![[r#"
        alex.morgan@post.example: SentToSiteOnly; First clinic.example Whole r1
    "#]],
    );
    // Software of the site's own that a definition reads makes no claim, and was sent it all the same.
    let own_matomo =
        get(&format!("https://www.clinic.example/matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fwww.clinic.example%2F&uid={EMAIL}"));
    let findings = classify(&journey(vec![own_matomo.clone()]), &Definitions::built_in());
    assert_eq!(leaks(&findings), "");
    check(
        &journey(vec![own_matomo]),
        expect![[r#"
        alex.morgan@post.example: SentToSiteOnly; First clinic.example Whole r1
    "#]],
    );
}

#[test]
fn what_no_step_typed_was_never_typed() {
    let failed = || Outcome::Failed { why: "the field holds something else".to_owned() };
    let with_outcome = |outcome: Outcome, held: Option<&str>| {
        let mut recording = journey(vec![get(PAGE)]);
        recording.steps.truncate(2);
        let input = Input {
            kind: InputKind::Typed,
            canary: Some("email".to_owned()),
            asked: EMAIL.to_owned(),
            held: held.map(str::to_owned),
            label: None,
        };
        recording.steps[1] = StepRun { outcome, input: Some(input), ..step(1, PAGE, "") };
        recording
    };
    // The step failed before it typed.
    check(
        &with_outcome(failed(), None),
        expect![[r#"
        alex.morgan@post.example: NeverTyped
    "#]],
    );
    // The field made something else of it.
    check(
        &with_outcome(failed(), Some("alex.morgan@po")),
        expect![[r#"
        alex.morgan@po (asked: alex.morgan@post.example): NeverTyped
    "#]],
    );
    // It was typed, and the page crashed after that.
    check(
        &with_outcome(failed(), Some(EMAIL)),
        expect![[r#"
        alex.morgan@post.example: NotObserved
    "#]],
    );
    // Left out, or not come to.
    let mut left_out = journey(vec![get(PAGE)]);
    left_out.steps.truncate(1);
    check(
        &left_out,
        expect![[r#"
        alex.morgan@post.example: NeverTyped
    "#]],
    );
    // What was seen was sent, whatever the step says.
    let mut seen = journey(vec![to_third()]);
    seen.steps.truncate(1);
    check(
        &seen,
        expect![[r#"
        alex.morgan@post.example: SentToThirdParty; Third tracker.example Whole r1
    "#]],
    );
    // A part of an address that is visited is typed by no key.
    let mut visited = with_canary(recording(vec![get(PAGE)]), CanaryKind::SearchTerm, "hiv test");
    visited.journey.steps.push(Step::Visit("https://www.clinic.example/find?q=hiv+test&a=b".to_owned()));
    visited.steps = vec![step(0, PAGE, ""), step(1, PAGE, "")];
    check(
        &visited,
        expect![[r#"
        hiv test: NotObserved
    "#]],
    );
    // No step has it.
    check(
        &Recording { steps: vec![step(0, PAGE, "")], ..with_canary(recording(vec![get(PAGE)]), CanaryKind::Text, "anything") },
        expect![[r#"
        anything: NeverTyped
    "#]],
    );
}

fn captured(kind: CaptureKind, request: Request) -> Recording {
    let capture = Capture { file: "a".to_owned(), kind, made_by: String::new(), requests: 1, whole: true };
    let completeness = Completeness { finished: true, captures: vec![capture], ..Completeness::default() };
    let at = LogLine { log: RawLog::Capture(1), line: 1 };
    let mut recording = recording(vec![Request { witness: Witness::Capture, log_lines: vec![at], ..request }]);
    recording.journey.steps.clear();
    with_canary(Recording { completeness, ..recording }, CanaryKind::Email, EMAIL)
}

/// Beside captures somebody says that it was typed. A list of addresses says that they were asked for; no other capture says so of a request
/// that it has no answer to.
#[test]
fn of_captures_each_kind_says_what_it_can() {
    check(
        &captured(CaptureKind::Har, get(PAGE)),
        expect![[r#"
        alex.morgan@post.example: NotObserved
    "#]],
    );
    for kind in [CaptureKind::Har, CaptureKind::Warc, CaptureKind::Wacz] {
        let findings = classify(&captured(kind, unknown(to_third())), &Definitions::built_in());
        assert_eq!(sought(&findings), "alex.morgan@post.example: MayHaveBeenSent; Third tracker.example Uncertain r1\n");
        assert_eq!((findings.leaks.len(), findings.recipients.len(), findings.may_have_been_sent.len()), (0, 0, 1));
    }
    let listed = classify(&captured(CaptureKind::Urls, unknown(to_third())), &Definitions::built_in());
    assert_eq!(sought(&listed), "alex.morgan@post.example: SentToThirdParty; Third tracker.example Whole r1\n");
    assert_eq!((listed.leaks.len(), listed.may_have_been_sent.len()), (1, 0));
    // One request that is given by hand.
    let mut by_hand = captured(CaptureKind::Har, unknown(to_third()));
    by_hand.completeness = Completeness::default();
    assert_eq!(classify(&by_hand, &Definitions::built_in()).leaks.len(), 1);
}

/// Every definition that something names has its name beside it.
#[test]
fn products_are_called_what_their_definitions_call_them() {
    let findings = classify(
        &recording(vec![
            get("https://px.ads.linkedin.com/collect?pid=1&url=https%3A%2F%2Fwww.clinic.example%2Fhiv&fmt=gif"),
            get("https://region1.google-analytics.com/g/collect?v=2&tid=G-1&cid=1.2&en=page_view&dl=https%3A%2F%2Fwww.clinic.example%2Fa"),
            get("https://bat.bing.com/action/0?ti=1&Ver=2&evt=pageLoad&p=https%3A%2F%2Fwww.clinic.example%2Fa"),
            unknown(get("https://www.facebook.com/tr/?id=1&ev=PageView&dl=https%3A%2F%2Fwww.clinic.example%2Fa&ts=1700000000000")),
        ]),
        &Definitions::built_in(),
    );
    let names: Vec<String> = findings.vendors.iter().map(|vendor| format!("{}: {} of {}", vendor.id, vendor.name, vendor.owner)).collect();
    expect![[r#"
        google_analytics_4: Google Analytics 4 of Google (Alphabet)
        linkedin_insight: LinkedIn Insight Tag of Microsoft (LinkedIn)
        meta_pixel: Meta Pixel of Meta Platforms
        microsoft_uet: Microsoft Advertising UET (Bing) of Microsoft"#]]
    .assert_eq(&names.join("\n"));
    let of_events = findings.events.iter().map(|event| event.vendor);
    assert!(of_events.into_iter().all(|id| findings.vendors.iter().any(|vendor| vendor.id == id)));
}

/// A step that no record has, where the log is cut: what was told is still found, and the doubt is there.
#[test]
fn a_cut_log_is_a_doubt_beside_what_was_found() {
    let mut recording = journey(vec![to_third()]);
    recording.steps.truncate(2);
    recording.completeness.finished = false;
    recording.gaps.push(Gap { kind: GapKind::LogDamaged, why: "the DevTools log lacks its end".to_owned(), request: None, step: None });
    let verdict = classify(&recording, &Definitions::built_in()).verdict;
    expect!["Verdict { outcome: Found, steps_done: 2, steps_planned: 3, doubts: [StoppedAt { step: 2 }, Interrupted, LogsNotWhole] }"]
        .assert_eq(&format!("{verdict:?}"));
}
