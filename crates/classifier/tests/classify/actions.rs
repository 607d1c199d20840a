//! What was chosen, checked or clicked counts as typed, where it stands as a whole value and the step caused it.

use expect_test::expect;
use pixelwitness_classifier::{Answer, Definitions, Findings, classify};
use pixelwitness_recording::{CanaryKind, Element, Input, InputKind, Outcome, Recording, Request, Select, Step, StepRun};

use crate::recorded::{PAGE, get, leaks, post, recording, step, with_canary, with_header, with_message};

/// When the step that chooses, checks or clicks begins.
const BEGAN: u64 = 5_000;

fn at(sent_at_ms: u64, request: Request) -> Request {
    Request { sent_at_ms, step: Some(usize::from(sent_at_ms >= BEGAN)), ..request }
}

fn after(request: Request) -> Request {
    at(BEGAN + 100, request)
}

fn input(kind: InputKind, asked: &str, held: Option<&str>, label: Option<&str>) -> Input {
    Input { kind, canary: None, asked: asked.to_owned(), held: held.map(str::to_owned), label: label.map(str::to_owned) }
}

/// A visit, and a step that puts this into the page.
fn journey(input: Option<Input>, element: Option<&str>, requests: Vec<Request>) -> Recording {
    let mut recording = recording(requests);
    let is_click = input.as_ref().is_none_or(|input| input.kind != InputKind::Chosen);
    let select = Select { list: "#clinic".to_owned(), option: "c-17".to_owned() };
    let action = if is_click { Step::Click("#x".to_owned()) } else { Step::Select(select) };
    recording.journey.steps = vec![Step::Visit(PAGE.to_owned()), action];
    let element = element.map(|text| Element { selector: "#x".to_owned(), tag: "a".to_owned(), text: text.to_owned() });
    let second = StepRun { started_at_ms: BEGAN, ended_at_ms: BEGAN + 5_000, input, element, ..step(1, PAGE, "HIV clinic") };
    recording.steps = vec![step(0, PAGE, "Find a clinic"), second];
    recording.completeness.finished = true;
    recording
}

fn read(recording: &Recording) -> Findings {
    classify(recording, &Definitions::built_in())
}

fn answers(findings: &Findings) -> Vec<(String, Answer)> {
    findings.sought.iter().map(|one| (format!("{}: {}", one.name, one.value), one.answer)).collect()
}

fn chosen(requests: Vec<Request>) -> Recording {
    journey(Some(input(InputKind::Chosen, "c-17", Some("c-17-sexual-health"), Some("Sexual health clinic"))), None, requests)
}

#[test]
fn an_option_is_found_by_what_is_read_and_by_what_is_sent() {
    let findings = read(&chosen(vec![
        after(get("https://collect.tracker.example/c?clinic=c-17-sexual-health&l=Sexual+Health%20clinic")),
        after(post("https://collect.tracker.example/c", r#"{"form":{"options":["Sexual health clinic"]}}"#)),
        after(get(
            "https://collect.tracker.example/c?d=%7B%22o%22%3A%22c-17-sexual-health%22%7D&p=https%3A%2F%2Fx.test%2F%3Fc%3Dc-17-sexual-health",
        )),
        after(with_header(get("https://collect.tracker.example/c"), "Cookie", "last=Sexual%20health%20clinic")),
        after(with_header(
            get("https://collect.tracker.example/c"),
            "Referer",
            "https://www.clinic.example/hiv/prep?clinic=c-17-sexual-health",
        )),
        after(get("https://www.clinic.example/find?clinic=c-17-sexual-health")),
    ]));
    expect![[r#"
        r1 tracker.example | ChosenOption | clinic = c-17-sexual-health | query clinic 41..59 [Percent] | action step 2, as it is sent
        r1 tracker.example | ChosenOption | l = Sexual Health clinic | query l 62..84 [Percent] | action step 2
        r2 tracker.example | ChosenOption | /form/options/0 = Sexual health clinic | JSON /form/options/0 21..41 [JsonString] | action step 2
        r3 tracker.example | ChosenOption | d = c-17-sexual-health | query d 52..70 [Percent, Json] | action step 2, as it is sent
        r3 tracker.example | ChosenOption | p = c-17-sexual-health | query p 109..127 [Percent, Url, Percent] | action step 2, as it is sent
        r4 tracker.example | ChosenOption | last = Sexual health clinic | cookie last 5..29 [Percent] | action step 2
        r5 tracker.example | PageAddress | Referer = https://www.clinic.example/hiv/prep?clinic=c-17-sexual-health | header referer 0..61 [] | a Referer header that names more than the site
        r5 tracker.example | ChosenOption | Referer = c-17-sexual-health | header referer 43..61 [Url, Percent] | action step 2, as it is sent
    "#]].assert_eq(&leaks(&findings));
    assert!(findings.sought.iter().all(|one| one.answer == Answer::SentToThirdParty && one.steps == [1]), "{:?}", findings.sought);
}

#[test]
fn a_label_and_a_text_that_was_clicked_are_found() {
    let checked = || Some(input(InputKind::Checked, "on", Some("on"), Some("I have symptoms")));
    let request = || after(get("https://collect.tracker.example/c?a=I+have+symptoms&b=Book+an+HIV+test"));
    let findings = read(&journey(checked(), None, vec![request()]));
    expect![[r#"
        r1 tracker.example | ChosenOption | a = I have symptoms | query a 36..51 [Percent] | action step 2
    "#]]
    .assert_eq(&leaks(&findings));
    let clicked = || Some(input(InputKind::Clicked, "Book an HIV test", Some("Book an HIV test"), Some("Book an HIV test")));
    for recording in [journey(clicked(), None, vec![request()]), journey(None, Some("Book an HIV test"), vec![request()])] {
        expect![[r#"
            r1 tracker.example | ButtonText | b = Book an HIV test | query b 54..70 [Percent] | action step 2
        "#]]
        .assert_eq(&leaks(&read(&recording)));
    }
    let message =
        with_message(journey(clicked(), None, vec![after(get("wss://socket.tracker.example/"))]), 1, r#"{"b":"Book an HIV test"}"#);
    let mut late = message.clone();
    let sent = (&message.messages).into_iter().next().unwrap();
    late.messages = pixelwitness_recording::Packed::default();
    late.messages.push(pixelwitness_recording::Message { sent_at_ms: BEGAN, ..sent });
    assert_eq!((leaks(&read(&message)), leaks(&read(&late)).lines().count()), (String::new(), 1));
}

/// A definition's claim of the same bytes and what the journey did there are one.
#[test]
fn a_button_that_a_definition_reads_is_one_claim() {
    let request = get("https://www.facebook.com/tr/?id=1&ev=SubscribedButtonClick&cd[buttonText]=Book%20an%20HIV%20test&ts=1700000000000");
    let clicked = Some(input(InputKind::Clicked, "Book an HIV test", None, Some("Book an HIV test")));
    expect![[r#"
        r1 Meta Platforms | ButtonText | cd[buttonText] = Book an HIV test | query cd[buttonText] 74..96 [Percent] | meta_pixel cd[buttonText], action step 2
    "#]].assert_eq(&leaks(&read(&journey(clicked, None, vec![after(request)]))));
}

#[test]
fn the_site_alone_and_nobody_are_answers_too() {
    let own = after(get("https://www.clinic.example/find?clinic=Sexual+health+clinic"));
    assert_eq!(
        answers(&read(&chosen(vec![own]))),
        [
            ("step 2: Sexual health clinic".to_owned(), Answer::SentToSiteOnly),
            ("step 2, as it is sent: c-17-sexual-health".to_owned(), Answer::NotObserved)
        ]
    );
}

/// None of these shows that the step told anything.
#[test]
fn what_only_looks_like_it_is_not_claimed() {
    let requests = [
        // Inside of other text.
        after(get("https://collect.tracker.example/c?t=Find+a+Sexual+health+clinic")),
        after(post("https://collect.tracker.example/c", "all options: Sexual health clinic, Other clinic")),
        after(get("https://collect.tracker.example/c?list=Sexual+health+clinic,Eye+clinic")),
        after(get("https://collect.tracker.example/sexual-health-clinic/")),
        // Written otherwise.
        after(get("https://collect.tracker.example/c?x=sexual-health-clinic")),
        // Before the step.
        at(BEGAN - 1, get("https://collect.tracker.example/c?x=Sexual+health+clinic")),
    ];
    for request in requests {
        let findings = read(&chosen(vec![request.clone()]));
        assert_eq!(leaks(&findings), "", "{}", request.url);
        let of_the_label = findings.sought.iter().find(|one| one.value == "Sexual health clinic");
        // It is not said to be absent either where it is there.
        assert!(
            of_the_label.is_none() || request.url.contains("x=sexual") || request.sent_at_ms < BEGAN,
            "{}: {of_the_label:?}",
            request.url
        );
    }
    // Sent to the same recipient before and after.
    let same = |ms| at(ms, get("https://collect.tracker.example/c?x=Sexual+health+clinic"));
    assert_eq!(leaks(&read(&chosen(vec![same(BEGAN - 1), same(BEGAN + 1)]))), "");
    let other = at(BEGAN - 1, get("https://other.example/c?x=Sexual+health+clinic"));
    assert_eq!(leaks(&read(&chosen(vec![other, same(BEGAN + 1)]))).lines().count(), 1);
}

/// What is clicked is often called what an event, a page or a setting is called.
#[test]
fn ordinary_words_are_no_choice() {
    for (text, request) in [
        ("Search", "https://www.facebook.com/tr/?id=1&ev=Search&ts=1700000000000"),
        ("Contact", "https://collect.tracker.example/c?x=Contact"),
        ("Donate", "https://www.facebook.com/tr/?id=1&ev=Donate&ts=1700000000000"),
        ("Donate", "https://collect.tracker.example/c?event=donate"),
        ("Schedule", "https://collect.tracker.example/c?data%5Bevent_name%5D=Schedule"),
        ("Français", "https://collect.tracker.example/c?lang=fran%C3%A7ais"),
        ("HIV", "https://collect.tracker.example/c?x=HIV"),
        ("true", "https://collect.tracker.example/c?x=true"),
        ("Accept all", "https://consent.tracker.example/c?x=accept+all"),
        ("12", "https://collect.tracker.example/c?page=12"),
        ("HIV clinic", "https://collect.tracker.example/c?x=HIV+clinic"),
        ("HIV clinic", "https://region1.google-analytics.com/g/collect?v=2&tid=G-1&cid=1.2&en=page_view&dt=HIV+clinic"),
        ("Cardiology", "https://region1.google-analytics.com/g/collect?v=2&tid=G-1&cid=1.2&en=page_view&dt=Cardiology"),
    ] {
        let clicked = Some(input(InputKind::Clicked, text, Some(text), Some(text)));
        let found = leaks(&read(&journey(clicked, None, vec![after(get(request))])));
        assert!(!found.contains("ButtonText"), "{text}: {found}");
    }
}

#[test]
fn what_was_not_put_into_the_page_is_not_looked_for() {
    let request = || after(get("https://collect.tracker.example/c?x=Sexual+health+clinic&y=c-17-sexual-health"));
    let failed = |held: Option<&str>| {
        let mut recording = journey(Some(input(InputKind::Chosen, "Sexual health clinic", held, None)), None, vec![request()]);
        recording.steps[1].outcome = Outcome::Failed { why: "the list holds something else".to_owned() };
        read(&recording)
    };
    assert_eq!(answers(&failed(None)), []);
    // What the list holds is what was chosen, whatever was asked for.
    assert_eq!(answers(&failed(Some("c-17-sexual-health"))), [("step 2: c-17-sexual-health".to_owned(), Answer::SentToThirdParty)]);
    // A canary that is chosen is looked for as one.
    let by_name = Input { canary: Some("search-term".to_owned()), ..input(InputKind::Chosen, "hiv test", Some("hiv test"), None) };
    let recording = with_canary(
        journey(Some(by_name), None, vec![after(get("https://collect.tracker.example/c?x=an+hiv+test"))]),
        CanaryKind::SearchTerm,
        "hiv test",
    );
    let findings = read(&recording);
    assert_eq!((findings.sought.len(), findings.leaks.len()), (1, 1));
}

/// The field may make something else of what was typed.
#[test]
fn what_a_field_held_is_what_is_looked_for() {
    let typed = Input {
        kind: InputKind::Typed,
        canary: Some("date-of-birth".to_owned()),
        ..input(InputKind::Typed, "1979-10-04", Some("1979-04-10"), None)
    };
    let mut recording = with_canary(
        journey(Some(typed), None, vec![after(get("https://collect.tracker.example/c?dob=1979-04-10&other=1979-10-04"))]),
        CanaryKind::DateOfBirth,
        "1979-10-04",
    );
    recording.journey.steps[1] =
        Step::Type(pixelwitness_recording::Type { into: "#d".to_owned(), text: None, canary: Some("date-of-birth".to_owned()) });
    expect![[r#"
        r1 tracker.example | DateOfBirth | dob = 1979-04-10 | query dob 38..48 [] | canary date-of-birth
        r1 tracker.example | DateOfBirth | other = 1979-10-04 | query other 55..65 [] | canary date-of-birth
    "#]]
    .assert_eq(&leaks(&read(&recording)));
}

/// A hash is of the whole of a value.
#[test]
fn a_hash_of_what_was_chosen_counts() {
    // printf 'sexual health clinic' | openssl dgst -sha256
    let digest = "e7f158265847dc1e4e69901f8c899908e733bf34e845ed166168cba0dfd127d2";
    let request = |ms| at(ms, get(&format!("https://collect.tracker.example/c?h={digest}")));
    expect![[r#"
        r1 tracker.example | ChosenOption | h = e7f158265847dc1e4e69901f8c899908e733bf34e845ed166168cba0dfd127d2 (Sexual health clinic) | query h 36..100 [Sha256[Lowercase]] | action step 2
    "#]].assert_eq(&leaks(&read(&chosen(vec![request(BEGAN)]))));
    assert_eq!(leaks(&read(&chosen(vec![request(BEGAN - 1)]))), "");
}
