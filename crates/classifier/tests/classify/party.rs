//! Who received requests, and as what.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, classify};
use pixelwitness_recording::{Body, NotSentCause, Request, RequestId, Sender, Sinkhole, Transmission};

use crate::recorded::{get, post, recording, with_header, with_message};

#[test]
fn recipients_are_grouped_by_owner_and_else_by_domain() {
    check(
        vec![
            get("https://www.clinic.example/hiv/prep"),
            get("https://fonts.elsewhere.example/a.woff2"),
            get("https://connect.facebook.net/en_US/fbevents.js"),
            get("https://www.facebook.com/tr/?id=1&ev=PageView"),
            get("https://www.facebook.com/images/like.png?href=x"),
            get("https://cdn.elsewhere.example/b.js?v=12"),
            get("https://static.clinic.example/c.css"),
            post("http://192.0.2.7/x", "12345"),
            get("https://localhost/x"),
        ],
        expect![[r#"
            sites clinic.example
            Third elsewhere.example | elsewhere.example is not clinic.example | [] | fonts.elsewhere.example cdn.elsewhere.example | r2 r6
            Third Meta Platforms | facebook.net is not clinic.example | ["Meta Pixel"] | connect.facebook.net www.facebook.com | r3 r4 r5
            Third 192.0.2.7 | 192.0.2.7 is not clinic.example | [] | 192.0.2.7 | r8
            Third localhost | localhost is not clinic.example | [] | localhost | r9
            First clinic.example | clinic.example is the page's own site | [] | www.clinic.example static.clinic.example | r1 r7
            unread r2 elsewhere.example GET https://fonts.elsewhere.example/a.woff2 (0 bytes)
            unread r5 Meta Platforms GET https://www.facebook.com/images/like.png (6 bytes)
            unread r6 elsewhere.example GET https://cdn.elsewhere.example/b.js (4 bytes)
            unread r8 192.0.2.7 POST http://192.0.2.7/x (5 bytes)
            unread r9 localhost GET https://localhost/x (0 bytes)
        "#]],
    );
}

#[test]
fn what_the_sinkhole_answered_was_received_by_nobody() {
    let sinkhole = Sinkhole { address: "127.0.0.1:9".to_owned(), ..Sinkhole::new(&["*.facebook.com".to_owned()], &[]).unwrap() };
    let at = |address: &str, request: Request| Request { remote_address: Some(address.to_owned()), ..request };
    let mut recording = recording(vec![
        at("192.0.2.1:443", get("https://connect.facebook.net/en_US/fbevents.js")),
        at("127.0.0.1:9", get("https://www.facebook.com/tr/?id=1&ev=PageView&dl=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep")),
        // The browser disobeyed.
        at("192.0.2.2:443", get("https://www.facebook.com/tr/?id=1&ev=PageView")),
        get("https://facebook.com/unknown-address"),
    ]);
    recording.environment.sinkhole = Some(sinkhole);
    let findings = classify(&recording, &Definitions::built_in());
    assert_eq!(findings.sinkhole, recording.environment.sinkhole);
    let recipients: Vec<(&str, bool, Vec<u32>)> = findings
        .recipients
        .iter()
        .map(|one| (one.id.0.as_str(), one.sinkhole, one.requests.iter().map(|request| request.0).collect()))
        .collect();
    assert_eq!(recipients, [("Meta Platforms", false, vec![1, 3]), ("Meta Platforms (sinkhole)", true, vec![2, 4])]);
    assert!(findings.leaks.iter().all(|leak| leak.recipient.0 == "Meta Platforms (sinkhole)") && !findings.leaks.is_empty());
}

#[test]
fn what_did_not_leave_was_received_by_nobody() {
    let not_sent = Transmission::NotSent { cause: NotSentCause::Other, why: "blocked: csp".to_owned() };
    let failed = |error: &str| Transmission::NotSent { cause: NotSentCause::NetworkFailure, why: format!("failed: net::{error}") };
    let unknown = Transmission::Unknown { why: "the wire log is cut off".to_owned() };
    check(
        vec![
            Request { transmission: not_sent.clone(), ..get("https://www.facebook.com/tr/?id=1&ev=A&dl=https://www.clinic.example/a") },
            Request { transmission: not_sent, ..get("https://unknown.example/x") },
            Request { transmission: unknown, ..get("https://www.facebook.com/tr/?id=1&ev=B") },
            Request { transmission: failed("ERR_NAME_NOT_RESOLVED"), ..get("https://connect.facebook.net/a.js") },
            Request { transmission: failed("ERR_CONNECTION_REFUSED"), ..get("https://img.clinic.example/a.png") },
            Request { transmission: failed("ERR_NAME_NOT_RESOLVED"), ..get("https://connect.facebook.net/b.js") },
            Request { sender: Sender::Browser { rule: "accounts".to_owned() }, ..get("https://accounts.google.com/ListAccounts") },
        ],
        expect![[r#"
            sites clinic.example
            may have been sent r3 Third Meta Platforms www.facebook.com: the wire log is cut off; B
            failed Third connect.facebook.net: 2 × net::ERR_NAME_NOT_RESOLVED, Meta Platforms
            failed First img.clinic.example: 1 × net::ERR_CONNECTION_REFUSED, clinic.example
        "#]],
    );
}

#[test]
fn a_third_party_stays_one_when_its_own_pages_are_visited() {
    let other = |request: Request| Request { page_url: Some("https://other.example/".to_owned()), ..request };
    check(
        vec![
            get("https://other.example/help"),
            other(get("https://other.example/style.css")),
            other(get("https://www.clinic.example/logo.png")),
            Request { page_url: None, ..get("https://worker.other.example/x") },
            Request { page_url: None, ..get("https://third.example/x") },
        ],
        expect![[r#"
            sites clinic.example, other.example
            Third other.example | other.example is not clinic.example | [] | other.example worker.other.example | r1 r2 r4
            Third clinic.example | clinic.example is not other.example | [] | www.clinic.example | r3
            Third third.example | third.example is none of the sites visited | [] | third.example | r5
            unread r1 other.example GET https://other.example/help (0 bytes)
            unread r3 clinic.example GET https://www.clinic.example/logo.png (0 bytes)
            unread r5 third.example GET https://third.example/x (0 bytes)
        "#]],
    );
}

#[test]
fn addresses_without_a_host_reach_nobody() {
    check(
        vec![get("data:text/plain,x"), get("blob:https://www.clinic.example/1"), get("not an address"), get("")],
        expect![[r#"
        sites clinic.example
    "#]],
    );
}

#[test]
fn what_stands_in_messages_nobody_reads_is_counted() {
    let recording = with_message(recording(vec![get("wss://chat.elsewhere.example/socket?room=1")]), 1, "0123456789");
    let findings = classify(&recording, &Definitions::built_in());
    let unread = findings.unread.get(0).unwrap();
    assert_eq!((unread.endpoint.as_str(), unread.bytes), ("GET wss://chat.elsewhere.example/socket", 16));
}

#[test]
fn a_body_nobody_saw_is_a_gap() {
    let unseen = Body::Unavailable { why: "it was streamed".to_owned() };
    let recording = recording(vec![Request { body: unseen, ..post("https://www.facebook.com/tr/", "") }]);
    let findings = classify(&recording, &Definitions::built_in());
    assert_eq!(findings.gaps[0].why, "the body of r1 is unavailable: it was streamed");
    assert_eq!(findings.events.len(), 1);
}

#[test]
fn a_page_that_leads_elsewhere_tells_the_next_one_of_itself() {
    let opened = "https://other.example/help";
    let navigation =
        with_header(Request { page_url: Some(opened.to_owned()), ..get(opened) }, "Referer", "https://www.clinic.example/hiv/prep");
    check(
        vec![get("https://www.clinic.example/hiv/prep"), navigation],
        expect![[r#"
            sites clinic.example, other.example
            Third other.example | other.example is not clinic.example, whose page led there | [] | other.example | r2
            First clinic.example | clinic.example is the page's own site | [] | www.clinic.example | r1
            unread r2 other.example GET https://other.example/help (0 bytes)
        "#]],
    );
}

/// Recipients, then what is unread. Each third-party request belongs to one recipient.
fn check(requests: Vec<Request>, expected: Expect) {
    let findings = classify(&recording(requests), &Definitions::built_in());
    let mut table = format!("sites {}\n", findings.sites.join(", "));
    let mut seen: Vec<&RequestId> = Vec::new();
    for one in &findings.recipients {
        let requests: Vec<String> = one.requests.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            table,
            "{:?} {} | {} | {:?} | {} | {}",
            one.party,
            one.id,
            one.why,
            one.vendors,
            one.hosts.join(" "),
            requests.join(" ")
        );
        seen.extend(&one.requests);
    }
    for one in &findings.unread {
        let _ = writeln!(table, "unread {} {} {} ({} bytes)", one.request, one.recipient, one.endpoint, one.bytes);
    }
    for one in &findings.may_have_been_sent {
        let events: Vec<String> = one.events.into_iter().filter_map(|event| event.name).collect();
        let (request, party, recipient, host, why) = (one.request, one.party, one.recipient, one.host, one.why);
        let _ = writeln!(table, "may have been sent {request} {party:?} {recipient} {host}: {why}; {}", events.join(" "));
    }
    for one in &findings.failed {
        let _ = writeln!(table, "failed {:?} {}: {} × {}, {}", one.party, one.host, one.count, one.error, one.recipient);
    }
    expected.assert_eq(&table);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), findings.recipients.iter().map(|one| one.requests.len()).sum::<usize>());
}
