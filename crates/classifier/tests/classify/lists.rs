//! What filter lists say of requests.

use std::fmt::Write as _;
use std::sync::LazyLock;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, Lists, classify, classify_with_lists};
use pixelwitness_recording::{NotSentCause, Request, Transmission};

use crate::recorded::{PAGE, get, post, recording, with_header};

/// Read once: odd addresses are many.
static BUILT_IN: LazyLock<Definitions> = LazyLock::new(Definitions::built_in);

const LIST: &str = "\
[Adblock Plus 2.0]
! Title: Watchers
! Version: 202611250900
! Last modified: 25 Nov 2026 09:00 UTC
! a comment
||counter.example^$third-party
/collect?*&uid=$ping
||adverts.example/pixel/$image,domain=clinic.example|shop.example
||maps.example^
@@||maps.example/tiles/$image
||strict.example^$important
@@||strict.example/ok^
||own.clinic.example/beacon
/[0-9]{6}\\.gif\\?u=/
clinic.example##.advert
||dead.example^$nonsense-option
||sockets.example^$websocket
||later.example^$xmlhttprequest
";

fn check(requests: Vec<Request>, expected: Expect) {
    expected.assert_eq(&said(&[("watchers.txt", LIST)], requests));
}

fn said(files: &[(&str, &str)], requests: Vec<Request>) -> String {
    let mut lists = Lists::default();
    files.iter().for_each(|(file, text)| lists.add(file, text.as_bytes()).unwrap());
    let recording = recording(requests);
    let findings = classify_with_lists(&recording, &BUILT_IN, &lists);
    let mut lines = String::new();
    for listing in &findings.listed {
        let name = findings.lists[listing.list].name();
        let ids: Vec<String> = listing.requests.iter().map(ToString::to_string).collect();
        let mut line = format!("{} {} | {name}, line {}: {}", ids.join(" "), listing.recipient, listing.rule.line, listing.rule.text);
        if let Some(exception) = &listing.exception {
            let _ = write!(line, " | except line {}: {}", exception.line, exception.text);
        }
        let _ = writeln!(lines, "{line}{}", if listing.important { " | important" } else { "" });
        assert_eq!(listing.is_listed(), listing.exception.is_none());
    }
    // They say who somebody is, and not what was told.
    let without = classify(&recording, &BUILT_IN);
    assert_eq!((&findings.leaks, &findings.recipients, &findings.unread), (&without.leaks, &without.recipients, &without.unread));
    lines
}

fn of_type(resource_type: &str, request: Request) -> Request {
    Request { resource_type: resource_type.to_owned(), ..request }
}

#[test]
fn a_match_cites_list_line_and_rule() {
    check(
        vec![
            of_type("Script", get("https://cdn.counter.example/t.js")),
            of_type("Ping", post("https://cdn.counter.example/e", "x")),
            of_type("Script", get("https://counter.example.elsewhere.example/t.js")),
            of_type("Image", get("https://img.elsewhere.example/123456.gif?u=1")),
            of_type("Image", get("https://img.elsewhere.example/1234.gif?u=1")),
        ],
        expect![[r#"
            r1 r2 counter.example | Watchers, line 6: ||counter.example^$third-party
            r4 elsewhere.example | Watchers, line 14: /[0-9]{6}\.gif\?u=/
        "#]],
    );
}

#[test]
fn sort_page_and_party_of_a_request_are_what_was_recorded() {
    let on = |page: &str, request: Request| Request { page_url: Some(page.to_owned()), ..request };
    let pixel = || of_type("Image", get("https://adverts.example/pixel/1"));
    check(
        vec![
            pixel(),
            of_type("Script", get("https://adverts.example/pixel/1")),
            on("https://quiet.example/", pixel()),
            on("https://www.shop.example/", pixel()),
            on("https://www.counter.example/", of_type("Image", get("https://cdn.counter.example/logo"))),
            of_type("Ping", get("https://a.elsewhere.example/collect?v=1&uid=2")),
            of_type("XHR", get("https://a.elsewhere.example/collect?v=1&uid=2")),
            of_type("", with_header(get("https://later.example/x"), "sec-fetch-dest", "empty")),
            of_type("", with_header(get("https://later.example/x"), "sec-fetch-dest", "image")),
            of_type("WebSocket", get("wss://sockets.example/live")),
            of_type("Image", get("https://own.clinic.example/beacon?x=1")),
        ],
        expect![[r#"
            r1 r4 adverts.example | Watchers, line 8: ||adverts.example/pixel/$image,domain=clinic.example|shop.example
            r6 elsewhere.example | Watchers, line 7: /collect?*&uid=$ping
            r8 later.example | Watchers, line 18: ||later.example^$xmlhttprequest
            r10 sockets.example | Watchers, line 17: ||sockets.example^$websocket
            r11 clinic.example | Watchers, line 13: ||own.clinic.example/beacon
        "#]],
    );
}

#[test]
fn exceptions_are_cited_and_important_rules_have_none() {
    check(
        vec![
            of_type("Image", get("https://maps.example/tiles/1.png")),
            of_type("Script", get("https://maps.example/tiles/1.js")),
            of_type("Image", get("https://maps.example/track.gif")),
            of_type("Image", get("https://strict.example/ok/1")),
        ],
        expect![[r#"
            r1 maps.example | Watchers, line 9: ||maps.example^ | except line 10: @@||maps.example/tiles/$image
            r2 r3 maps.example | Watchers, line 9: ||maps.example^
            r4 strict.example | Watchers, line 11: ||strict.example^$important | important
        "#]],
    );
}

#[test]
fn what_did_not_leave_is_not_looked_up() {
    let not_sent = Transmission::NotSent { cause: NotSentCause::Other, why: "blocked: csp".to_owned() };
    check(vec![Request { transmission: not_sent, ..of_type("Script", get("https://cdn.counter.example/t.js")) }], expect![""]);
}

#[test]
fn each_list_speaks_for_itself() {
    let other = "! Title: Others\n@@||counter.example^\n||maps.example^\n";
    let hosts = "# names\n0.0.0.0 counter.example\n0.0.0.0 maps.example # tiles\n";
    let requests = vec![of_type("Script", get("https://counter.example/t.js")), of_type("Image", get("https://maps.example/tiles/1.png"))];
    expect![[r#"
        r1 counter.example | Watchers, line 6: ||counter.example^$third-party
        r1 counter.example | names.txt, line 2: 0.0.0.0 counter.example
        r2 maps.example | Watchers, line 9: ||maps.example^ | except line 10: @@||maps.example/tiles/$image
        r2 maps.example | Others, line 3: ||maps.example^
        r2 maps.example | names.txt, line 3: 0.0.0.0 maps.example # tiles
    "#]]
    .assert_eq(&said(&[("watchers.txt", LIST), ("others.txt", other), ("names.txt", hosts)], requests));
}

#[test]
fn findings_name_the_lists_they_stand_on() {
    let mut lists = Lists::default();
    lists.add("watchers.txt", LIST.as_bytes()).unwrap();
    lists.add("plain.txt", b"! Title: %title%\r\n||a.example^\r\n").unwrap();
    let findings = classify_with_lists(&recording(Vec::new()), &BUILT_IN, &lists);
    expect![[r#"
        [
          {
            "file": "watchers.txt",
            "title": "Watchers",
            "version": "202611250900",
            "modified": "25 Nov 2026 09:00 UTC",
            "sha256": "b28edeeacb7c59860b5a2efe417d633397a31f0a0819519384a30163144b3410",
            "rules": 11,
            "unread": 1
          },
          {
            "file": "plain.txt",
            "sha256": "509e591ce66ea5ba37b996264d34169629df75ddac883193d18f5a346613539f",
            "rules": 1,
            "unread": 0
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&findings.lists).unwrap());
}

#[test]
fn what_is_no_list_says_so() {
    for (bytes, message) in [
        (&b"\x89PNG\r\n\x1a\n\0\0"[..], "it.txt is not a text file"),
        (b"||a.example^\n\0", "it.txt is not a text file"),
        (b"", "it.txt has no rule for requests"),
        (b"! Title: nothing\n\n", "it.txt has no rule for requests"),
        (b"404 Not Found: the list moved to /lists/new.txt\n", "it.txt has no rule for requests"),
        (b"Forbidden\n", "it.txt has no rule for requests"),
        (b"clinic.example##.advert\n", "it.txt has no rule for requests"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>||a.example^", "it.txt is a web page, not a list"),
    ] {
        assert_eq!(Lists::default().add("it.txt", bytes).unwrap_err().to_string(), message);
    }
}

/// Whatever stands in an address, a list has been asked about it and answered.
#[test]
fn odd_addresses_are_looked_up_like_others() {
    let long = format!("https://cdn.counter.example/{}", "a/%".repeat(22_000));
    let addresses =
        ["https://cdn.counter.example/é?\u{202e}=☃", "https://cdn.counter.example:8443/%00%ff", "https://cdn.counter.example", &long];
    for address in addresses {
        for resource_type in ["", "Image", "A new sort"] {
            for page in [None, Some(PAGE), Some("about:srcdoc"), Some("not an address")] {
                let request = Request { page_url: page.map(str::to_owned), ..of_type(resource_type, get(address)) };
                assert!(said(&[("watchers.txt", LIST)], vec![request]).starts_with("r1 counter.example | Watchers, line 6"), "{address}");
            }
        }
    }
}
