//! A value that is sent while it is typed, in pieces.

use expect_test::expect;
use pixelwitness_classifier::{Definitions, Findings, Manner, classify};
use pixelwitness_recording::{Bytes, CanaryKind, Message, MessageKind, Recording, Request, RequestId, Step, StepRun, Type, Witness};

use crate::recorded::{PAGE, get, leaks, post, recording, step, with_canary};

/// When the step that types begins.
const BEGAN: u64 = 5_000;

/// A visit, and a step that types a value of this kind; requests are sent one after the other from when it began.
fn typing(kind: CanaryKind, value: &str, requests: Vec<Request>) -> Recording {
    let sent = (BEGAN..).zip(requests).map(|(sent_at_ms, request)| Request { sent_at_ms, step: Some(1), ..request });
    let mut recording = with_canary(recording(sent.collect()), kind, value);
    let name = recording.journey.canaries[0].name.clone();
    recording.journey.steps =
        vec![Step::Visit(PAGE.to_owned()), Step::Type(Type { into: "#q".to_owned(), text: None, canary: Some(name) })];
    let second = StepRun { started_at_ms: BEGAN, ended_at_ms: BEGAN + 5_000, ..step(1, PAGE, "") };
    recording.steps = vec![step(0, PAGE, ""), second];
    recording.completeness.finished = true;
    recording
}

fn read(recording: &Recording) -> Findings {
    classify(recording, &Definitions::built_in())
}

fn manners(findings: &Findings) -> Vec<(Manner, usize)> {
    findings.sought[0].sent_to.iter().map(|sent| (sent.manner, sent.requests.len())).collect()
}

fn suggestions(parts: &[&str]) -> Vec<Request> {
    parts.iter().map(|part| get(&format!("https://suggest.tracker.example/complete?q={}&n=10", part.replace(' ', "+")))).collect()
}

fn key_presses(keys: &str) -> Vec<Request> {
    let body = |key: char| format!(r#"{{"events":[{{"type":"keydown","key":"{key}"}}]}}"#);
    keys.chars().map(|key| post("https://keys.tracker.example/log", &body(key))).collect()
}

#[test]
fn an_autocomplete_that_sends_each_beginning_is_found() {
    let findings = read(&typing(CanaryKind::SearchTerm, "hiv test", suggestions(&["h", "hi", "hiv", "hiv", "hiv t", "hiv tes"])));
    expect![[r#"
        r6 tracker.example | SearchTerm | q = hiv tes | query q 43..50 [Percent] | typed search-term r1 r2 r3 r5 r6
    "#]]
    .assert_eq(&leaks(&findings));
    assert_eq!(manners(&findings), [(Manner::WhileTyping, 5)]);
    // Keys that were struck in quick succession are one request.
    let findings =
        read(&typing(CanaryKind::Email, "alex.morgan@post.example", suggestions(&["al", "alex.", "ALEX.MORGAN", "alex.morgan@po"])));
    expect![[r#"
        r4 tracker.example | Email | q = alex.morgan@po | query q 43..57 [Percent] | typed email r1 r2 r3 r4
    "#]]
    .assert_eq(&leaks(&findings));
    // The last of them is the whole: one claim.
    let findings = read(&typing(CanaryKind::SearchTerm, "hiv test", suggestions(&["hi", "hiv", "hiv te", "hiv test"])));
    expect![[r#"
        r4 tracker.example | SearchTerm | q = hiv test | query q 43..51 [Percent] | canary search-term, typed search-term r1 r2 r3 r4
    "#]]
    .assert_eq(&leaks(&findings));
    assert_eq!(manners(&findings), [(Manner::Whole, 1), (Manner::WhileTyping, 4)]);
}

#[test]
fn keys_that_are_sent_one_by_one_are_found() {
    let findings = read(&typing(CanaryKind::SearchTerm, "hiv test", key_presses("hiv test")));
    expect![[r#"
        r8 tracker.example | SearchTerm | events.0.key = hiv test | JSON /events/0/key 36..37 [JsonString] | typed search-term r1 r2 r3 r5 r6 r7 r8
    "#]].assert_eq(&leaks(&findings));
    assert_eq!(manners(&findings), [(Manner::WhileTyping, 7)]);
    // In one request, with keys that are no characters between them.
    let keys = ["Shift", "H", "i", "v", "Tab", "t", "e", "s", "t", "Enter"].map(|key| format!(r#"{{"t":1,"k":"{key}"}}"#));
    let batch = post("https://keys.tracker.example/log", &format!("[{}]", keys.join(",")));
    let findings = read(&typing(CanaryKind::SearchTerm, "hiv test", vec![batch]));
    expect![[r#"
        r1 tracker.example | SearchTerm | 8.k = hiv test | JSON /8/k 147..148 [JsonString] | typed search-term r1
    "#]]
    .assert_eq(&leaks(&findings));
}

#[test]
fn messages_over_a_connection_count_too() {
    let mut recording = typing(CanaryKind::LastName, "Morgan", vec![get("wss://socket.tracker.example/")]);
    for (at, text) in (BEGAN..).zip(["M", "Mo", "Mor", "Morg", "Morga"]) {
        recording.messages.push(Message {
            request: RequestId(1),
            step: Some(1),
            sent_at_ms: at,
            kind: MessageKind::Text,
            payload: Bytes(format!(r#"{{"field":"surname","value":"{text}"}}"#).into_bytes()),
            witness: Witness::Both,
            log_lines: Vec::new(),
        });
    }
    expect![[r#"
        r1 tracker.example | Name | value = Morga | WebSocket message 5 28..33 [JsonString] | typed last-name r1
    "#]]
    .assert_eq(&leaks(&read(&recording)));
}

#[test]
fn what_the_site_is_sent_while_typing_is_no_claim() {
    let to_site = |part: &&str| get(&format!("https://www.clinic.example/suggest?q={part}"));
    let findings = read(&typing(CanaryKind::SearchTerm, "herpes", ["h", "he", "her", "herp", "herpe"].iter().map(to_site).collect()));
    assert_eq!(leaks(&findings), "");
    assert_eq!(manners(&findings), [(Manner::WhileTyping, 5)]);
}

/// Each of these looks a little like it.
#[test]
fn what_only_looks_like_typing_is_not_claimed() {
    let numbers = |values: &[&str]| values.iter().map(|value| get(&format!("https://t.tracker.example/c?n={value}"))).collect::<Vec<_>>();
    let two_hosts = |parts: [&str; 5]| {
        (0..).zip(parts).map(|(index, part)| get(&format!("https://h{}.tracker{}.example/c?q={part}", index % 2, index % 2))).collect()
    };
    let names =
        |parts: [&str; 5]| (0..).zip(parts).map(|(index, part)| get(&format!("https://t.tracker.example/c?q{index}={part}"))).collect();
    let letters = |text: &str| text.chars().map(|key| get(&format!("https://t.tracker.example/c?k={key}"))).collect::<Vec<_>>();
    for (what, kind, value, requests) in [
        ("three beginnings", CanaryKind::SearchTerm, "hiv test", suggestions(&["h", "hi", "hiv te"])),
        ("short ones", CanaryKind::SearchTerm, "hiv test", suggestions(&["h", "hi", "hiv", "hiv "])),
        ("another word", CanaryKind::SearchTerm, "hiv test", suggestions(&["h", "hi", "hil", "hill", "hills"])),
        ("shorter each time", CanaryKind::SearchTerm, "hiv test", suggestions(&["hiv tes", "hiv te", "hiv t", "hiv"])),
        ("the same again", CanaryKind::SearchTerm, "hiv test", suggestions(&["hiv t", "hiv t", "hiv t", "hiv t", "hiv t"])),
        ("two recipients", CanaryKind::SearchTerm, "herpes", two_hosts(["h", "he", "her", "herp", "herpe"])),
        ("several names", CanaryKind::SearchTerm, "herpes", names(["h", "he", "her", "herp", "herpe"])),
        ("a counter", CanaryKind::Postcode, "12345", letters("12345")),
        ("digits that grow", CanaryKind::Postcode, "12345", numbers(&["1", "12", "123", "1234"])),
        ("pages", CanaryKind::Text, "23456789", letters("123456789")),
        ("a flag", CanaryKind::Text, "11111111", letters("1111111111")),
        ("a clock", CanaryKind::Phone, "17000000", numbers(&["1700000000000", "1700000000100", "1700000000200", "1700000000300"])),
        ("letters in another order", CanaryKind::SearchTerm, "herpes", letters("rehpes")),
        ("letters with others between them", CanaryKind::SearchTerm, "herpes", letters("hexrpxes")),
        ("too short a word", CanaryKind::SearchTerm, "test", letters("test")),
    ] {
        let findings = read(&typing(kind, value, requests));
        assert_eq!(leaks(&findings), "", "{what}");
        assert!(findings.sought[0].sent_to.is_empty(), "{what}");
    }
    // Before the step began.
    let mut early = typing(CanaryKind::SearchTerm, "hiv test", suggestions(&["h", "hi", "hiv", "hiv t", "hiv te"]));
    early.steps[1].started_at_ms = BEGAN + 3;
    assert_eq!(leaks(&read(&early)), "");
}
