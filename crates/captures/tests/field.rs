//! Captures as people met them in the field, that were read wrongly once: one of each kind, and what is right.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use expect_test::{Expect, expect};
use pixelwitness_captures::{File, read};
use pixelwitness_recording::{Body, Journey, Recording, Sender, Transmission};
use serde_json::{Value, json};

/// What is read of a file in `fixtures/field`: whose request each is, of which page, whether it left, what it carried.
fn check_file(name: &str, expected: Expect) {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field").join(name)).unwrap();
    expected.assert_eq(&table(&recorded(name, bytes)));
}

/// The same of a HAR with these entries.
fn check_har(creator: &str, entries: &[Value], expected: Expect) {
    expected.assert_eq(&table(&recorded("test.har", har(creator, entries))));
}

fn har(creator: &str, entries: &[Value]) -> Vec<u8> {
    json!({"log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": entries}}).to_string().into_bytes()
}

fn recorded(name: &str, bytes: Vec<u8>) -> Recording {
    let file = File { name: name.to_owned(), source: Box::new(Cursor::new(bytes)), folder: Box::new(|_| None) };
    read(Journey::default(), vec![file])
}

/// An entry at a second, answered with 200, with headers as `name: value`.
fn entry(second: u32, method: &str, url: &str, headers: &[&str]) -> Value {
    let pair = |line: &&str| {
        let (name, value) = line.split_once(": ").unwrap();
        json!({"name": name, "value": value})
    };
    json!({
        "startedDateTime": format!("2026-11-30T10:00:{second:02}.000Z"),
        "request": {"method": method, "url": url, "headers": headers.iter().map(pair).collect::<Vec<_>>()},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "text/plain"}},
    })
}

/// A document that was asked for as one, and came as one.
fn document(second: u32, url: &str, headers: &[&str]) -> Value {
    let mut entry = entry(second, "GET", url, &[&["Accept: text/html,*/*"], headers].concat());
    entry["response"]["headers"] = json!([{"name": "Content-Type", "value": "text/html"}]);
    entry
}

fn with(mut entry: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    entry.pointer_mut(parent).unwrap()[name] = value;
    entry
}

fn table(recording: &Recording) -> String {
    let mut table = String::new();
    for request in &recording.requests {
        let url = request.url.split('?').next().unwrap_or_default();
        let whose = match &request.sender {
            Sender::Browser { rule } => format!("the browser's: {rule}"),
            Sender::Page => format!("page {}", request.page_url.as_deref().unwrap_or("unknown")),
        };
        let _ = writeln!(table, "{} {} {url} - {whose}", request.id, request.method);
        match &request.transmission {
            Transmission::Sent => {}
            Transmission::NotSent { cause, why } => _ = writeln!(table, "    not sent, {cause:?}: {why}"),
            Transmission::Unknown { why } => _ = writeln!(table, "    unknown: {why}"),
        }
        match &request.body {
            Body::Empty => {}
            Body::Bytes(bytes) => _ = writeln!(table, "    body {}", shown(&bytes.0)),
            Body::Unavailable { why } => _ = writeln!(table, "    no body: {why}"),
        }
        for name in ["cookie", "referer"] {
            if let Some(value) =
                request.header(name).filter(|_| name == "cookie" || recording.completeness.captures[0].kind.place() == "row")
            {
                let _ = writeln!(table, "    {name} {value}");
            }
        }
    }
    for gap in recording.gaps.iter().filter(|gap| !gap.why.starts_with("a HAR holds") && !gap.why.starts_with("no request in the HAR")) {
        let _ = writeln!(table, "gap {:?}: {}", gap.kind, gap.why);
    }
    table
}

fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{} bytes, {}", bytes.len(), bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

#[test]
fn the_har_of_a_canary_sent_to_the_sites_own_host() {
    check_file(
        "canary-sent-to-the-sites-own-host.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://www.clinic.example/api/collect - page https://www.clinic.example/hiv/testing
            body email=alex.morgan%40post.example&u=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Ftesting
    "#]],
    );
}

#[test]
fn gzip_held_one_byte_a_character() {
    check_file(
        "chrome-har-gzip-body-as-latin1.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://eu.i.posthog.com/e/ - page https://www.clinic.example/hiv/testing
            body 150 bytes, 1f8b0800
    "#]],
    );
}

#[test]
fn an_answer_that_the_browser_discarded() {
    check_file(
        "har-answer-blocked-by-orb.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 GET https://pixel.tracker.example/px.gif - page https://www.clinic.example/hiv/testing
    "#]],
    );
}

#[test]
fn a_body_that_is_an_object() {
    check_file(
        "har-postdata-text-is-an-object.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://collect.beacon.example/e - page https://www.clinic.example/hiv/testing
            body {"email":"alex.morgan@post.example","event":"page_view","url":"https://www.clinic.example/hiv/testing"}
        gap LeftOut: 1 body held as a JSON value and not as text: names and values are those held, the bytes between them are ours
    "#]],
    );
}

#[test]
fn values_that_a_sanitizer_took_out() {
    check_file(
        "har-sanitizer-placeholders.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 GET https://www.facebook.com/tr/ - page https://www.clinic.example/hiv/testing
            cookie datr=[datr redacted]; c_user=[c_user redacted]
        r3 GET https://www.google-analytics.com/g/collect - page https://www.clinic.example/hiv/testing
        gap LeftOut: the HAR was cleaned: the cookies of 1 request were replaced by a word that says so
    "#]],
    );
}

#[test]
fn http_toolkits_own_member_for_a_body() {
    check_file(
        "httptoolkit-content.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://eu.i.posthog.com/e/ - page https://www.clinic.example/hiv/testing
            body 150 bytes, 1f8b0800
    "#]],
    );
}

#[test]
fn a_request_that_a_service_worker_sent_on() {
    check_file(
        "playwright-service-worker-once.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://region1.google-analytics.com/g/collect - page https://www.clinic.example/hiv/testing
            not sent, AnsweredInside: answered by a service worker, whose own request for it is listed
            no body: the HAR does not have it
        r3 POST https://region1.google-analytics.com/g/collect - page https://www.clinic.example/hiv/testing
            no body: the HAR does not have it
        gap BodyUnavailable: POST https://region1.google-analytics.com/g/collect?v=2&tid=G-ABC1234567&_p=123&_s=1&cid=111.222&sid=1&en=page_view&dl=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Ftesting: the HAR does not have it
        gap NotTold: the capture does not say which page made 1 request: it was told by their Referer header or by what was opened last
    "#]],
    );
}

#[test]
fn the_browsers_own_requests_in_a_proxys_har() {
    check_file(
        "proxy-har-browsers-own-requests.har",
        expect![[r#"
        r1 GET http://clients2.google.com/time/1/current - the browser's: Chromium asks its maker for the time (clients2.google.com)
        r2 POST https://update.googleapis.com/service/update2/json - the browser's: Chromium looks for updates of its components (update.googleapis.com)
            body {"request":{"@os":"linux","@updater":"chrome","protocol":"3.1"}}
        r3 GET https://www.google.com/complete/search - the browser's: Chromium asks its maker what the address bar should suggest (www.google.com)
        r4 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        gap NotTold: the capture does not say which page made 1 request: it was told by their Referer header or by what was opened last
    "#]],
    );
}

#[test]
fn a_frame_that_a_proxy_cannot_tell_from_a_page() {
    check_file(
        "proxy-har-frame-is-not-a-page.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 GET https://widget.tracker.example/frame.html - page unknown
        r3 POST https://collect.tracker.example/c - page unknown
            body mail=alex.morgan@post.example&page=https://www.clinic.example/hiv/testing
        gap NotTold: the capture does not say which page made 1 request: it was told by their Referer header or by what was opened last
        gap NotTold: whether the documents of widget.tracker.example were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts count as third parties, unless --first-party names them
        gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
    "#]],
    );
}

#[test]
fn vendors_that_had_no_definition() {
    check_file(
        "vendors-without-a-definition.har",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://bzr.openai.com/v1/sdk/events - page https://www.clinic.example/hiv/testing
            body {"obref": "00000000", "events": [{"type": "lead_created", "id": "1", "source_url": "https://www.clinic.example/hiv/testing", "user": {"em": "98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb"}}]}
        r3 POST https://cloud.umami.is/api/send - page https://www.clinic.example/hiv/testing
            body {"type": "event", "payload": {"website": "3b5e2c7a-1111-4a2b-8c3d-000000000001", "hostname": "www.clinic.example", "title": "HIV testing", "url": "/hiv/testing?q=prep", "name": "book"}}
        r4 GET https://cdn.usefathom.com/ - page https://www.clinic.example/hiv/testing
        r5 POST https://identity.mparticle.com/v1/identify - page https://www.clinic.example/hiv/testing
            body {"known_identities": {"email": "alex.morgan@post.example", "device_application_stamp": "9c1f"}}
        r6 GET https://tags.srv.stackadapt.com/saq_pxl - page https://www.clinic.example/hiv/testing
        r7 GET https://d.adroll.com/pixel/AAAAAAAAAAAAAAAAAAAAAA/BBBBBBBBBBBBBBBBBBBBB - page https://www.clinic.example/hiv/testing
    "#]],
    );
}

/// Answers that are looked at and kept from the page come after the request.
#[test]
fn what_came_after_the_answer_was_sent_and_what_came_before_it_was_not() {
    let failed = |second: u32, member: &str, error: &str| {
        let entry = entry(second, "GET", &format!("https://tracker.example/{second}"), &["Referer: https://www.clinic.example/"]);
        with(with(entry, "/response/status", json!(0)), &format!("/response/{member}"), json!(error))
    };
    check_har(
        "various",
        &[
            failed(1, "_failureText", "net::ERR_BLOCKED_BY_ORB"),
            failed(2, "_error", "net::ERR_BLOCKED_BY_RESPONSE.NotSameSite"),
            failed(3, "_error", "net::ERR_BLOCKED_BY_CLIENT"),
            failed(4, "_error", "net::ERR_NAME_NOT_RESOLVED"),
            failed(5, "_error", "net::ERR_ABORTED"),
            failed(6, "_failureText", "NS_ERROR_CONNECTION_REFUSED"),
            failed(7, "_failureText", "NS_ERROR_TRACKING_URI"),
            failed(8, "_failureText", "NS_BINDING_ABORTED"),
            failed(9, "_error", "A server with the specified hostname could not be found."),
            failed(10, "_error", "Load request cancelled"),
        ],
        expect![[r#"
            r1 GET https://tracker.example/1 - page unknown
            r2 GET https://tracker.example/2 - page unknown
            r3 GET https://tracker.example/3 - page unknown
                not sent, Blocked: failed before anything was written: net::ERR_BLOCKED_BY_CLIENT
            r4 GET https://tracker.example/4 - page unknown
                not sent, NetworkFailure: failed before anything was written: net::ERR_NAME_NOT_RESOLVED
            r5 GET https://tracker.example/5 - page unknown
                unknown: the HAR has no answer to it: net::ERR_ABORTED
            r6 GET https://tracker.example/6 - page unknown
                not sent, NetworkFailure: failed before anything was written: NS_ERROR_CONNECTION_REFUSED
            r7 GET https://tracker.example/7 - page unknown
                not sent, Blocked: failed before anything was written: NS_ERROR_TRACKING_URI
            r8 GET https://tracker.example/8 - page unknown
                unknown: the HAR has no answer to it: NS_BINDING_ABORTED
            r9 GET https://tracker.example/9 - page unknown
                not sent, NetworkFailure: failed before anything was written: A server with the specified hostname could not be found.
            r10 GET https://tracker.example/10 - page unknown
                unknown: the HAR has no answer to it: Load request cancelled
            gap LeftOut: 3 requests without an answer: whether it was sent is not known
            gap NotTold: it is not known which page made 10 requests (--first-party SITE names the site)
        "#]],
    );
}

/// Playwright's own requests, and what its tests answered or aborted.
#[test]
fn what_a_test_did_is_not_what_a_page_sent() {
    let url = "https://tracker.example/c";
    check_har(
        "Playwright",
        &[
            with(entry(1, "GET", url, &[]), "/_wasFulfilled", json!(true)),
            with(with(entry(2, "GET", url, &[]), "/_wasAborted", json!(true)), "/response/status", json!(-1)),
            with(entry(3, "GET", url, &[]), "/_apiRequest", json!(true)),
            with(entry(4, "GET", url, &[]), "/_wasContinued", json!(true)),
        ],
        expect![[r#"
            r1 GET https://tracker.example/c - page unknown
                not sent, AnsweredInside: answered by the test that made the HAR
            r2 GET https://tracker.example/c - page unknown
                not sent, Blocked: aborted by the test that made the HAR
            r3 GET https://tracker.example/c - the browser's: the test that made the HAR sent it, and no page did (_apiRequest)
            r4 GET https://tracker.example/c - page unknown
            gap NotTold: it is not known which page made 3 requests (--first-party SITE names the site)
        "#]],
    );
}

#[test]
fn a_service_workers_request_and_the_pages_are_one() {
    let url = "https://tracker.example/c";
    let via_worker = |second: u32, url: &str| with(entry(second, "GET", url, &[]), "/response/_fetchedViaServiceWorker", json!(true));
    let source = |entry: Value, source: &str| with(entry, "/response/_serviceWorkerResponseSource", json!(source));
    let post = |entry: Value| with(with(entry, "/request/method", json!("POST")), "/request/postData", json!({"text": "a=1"}));
    check_har(
        "WebInspector",
        &[
            // Chrome lists both; the worker's has an address.
            source(via_worker(1, url), "network"),
            with(entry(1, "GET", url, &[]), "/serverIPAddress", json!("192.0.2.1")),
            // Chrome lists the page's alone.
            source(via_worker(20, "https://tracker.example/network"), "network"),
            source(via_worker(21, "https://tracker.example/cache"), "cache-storage"),
            via_worker(22, "https://tracker.example/older-chrome"),
            // The page's alone has the body.
            post(entry(30, "POST", "https://tracker.example/body", &[])),
            with(entry(30, "POST", "https://tracker.example/body", &[]), "/_serviceWorkerRef", json!("worker@1")),
            // Twice by the page, once each by the worker.
            entry(40, "GET", "https://tracker.example/twice", &[]),
            with(entry(40, "GET", "https://tracker.example/twice", &[]), "/_serviceWorkerRef", json!("worker@1")),
            entry(41, "GET", "https://tracker.example/twice", &[]),
            with(entry(41, "GET", "https://tracker.example/twice", &[]), "/_serviceWorkerRef", json!("worker@1")),
            // The worker sent it long after, and of its own accord.
            entry(42, "GET", "https://tracker.example/later", &[]),
            with(entry(58, "GET", "https://tracker.example/later", &[]), "/_serviceWorkerRef", json!("worker@1")),
            // Both left: the page's has an address, too.
            with(entry(50, "GET", "https://tracker.example/both", &[]), "/serverIPAddress", json!("192.0.2.1")),
            with(entry(50, "GET", "https://tracker.example/both", &[]), "/_serviceWorkerRef", json!("worker@1")),
        ],
        expect![[r#"
            r1 GET https://tracker.example/c - page unknown
                not sent, AnsweredInside: answered by a service worker, whose own request for it is listed
            r2 GET https://tracker.example/c - page unknown
            r3 GET https://tracker.example/network - page unknown
            r4 GET https://tracker.example/cache - page unknown
                not sent, AnsweredInside: answered by a service worker
            r5 GET https://tracker.example/older-chrome - page unknown
                unknown: a service worker answered it, and the HAR does not say whether that sent it on
            r6 POST https://tracker.example/body - page unknown
                body a=1
            r7 POST https://tracker.example/body - page unknown
                not sent, AnsweredInside: a service worker sent it on for the page, whose request is listed with the body that it had
                no body: the HAR does not have it
            r8 GET https://tracker.example/twice - page unknown
                not sent, AnsweredInside: answered by a service worker, whose own request for it is listed
            r9 GET https://tracker.example/twice - page unknown
            r10 GET https://tracker.example/twice - page unknown
                not sent, AnsweredInside: answered by a service worker, whose own request for it is listed
            r11 GET https://tracker.example/twice - page unknown
            r12 GET https://tracker.example/later - page unknown
            r13 GET https://tracker.example/both - page unknown
            r14 GET https://tracker.example/both - page unknown
            r15 GET https://tracker.example/later - page unknown
            gap LeftOut: 1 request answered by a service worker: whether the worker sent it on, and what else it sent, is not in the HAR
            gap NotTold: it is not known which page made 15 requests (--first-party SITE names the site)
        "#]],
    );
}

/// Whoever cannot be told from a page is no first party, and whoever says what a request is for is believed.
#[test]
fn pages_and_frames_in_captures_of_proxies() {
    let site = "https://www.clinic.example/hiv";
    for (case, entries, expected) in [
        (
            "a frame with a Referer, and no other header",
            vec![
                document(1, site, &[]),
                document(2, "https://frame.tracker.example/", &["Referer: https://www.clinic.example/"]),
                entry(3, "GET", "https://frame.tracker.example/c", &["Referer: https://frame.tracker.example/"]),
                entry(4, "GET", "https://www.clinic.example/a.css", &["Referer: https://www.clinic.example/hiv"]),
            ],
            expect![[r#"
                r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r2 GET https://frame.tracker.example/ - page unknown
                r3 GET https://frame.tracker.example/c - page unknown
                r4 GET https://www.clinic.example/a.css - page https://www.clinic.example/hiv
                gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
                gap NotTold: whether the documents of frame.tracker.example were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts count as third parties, unless --first-party names them
                gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            "#]],
        ),
        (
            "a page over http among requests that say what they are for",
            vec![
                document(1, "http://www.clinic.example/hiv", &[]),
                entry(2, "GET", "https://tracker.example/c", &["Sec-Fetch-Dest: image", "Sec-Fetch-Site: cross-site"]),
            ],
            expect![[r#"
                r1 GET http://www.clinic.example/hiv - page http://www.clinic.example/hiv
                r2 GET https://tracker.example/c - page http://www.clinic.example/hiv
                gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
            "#]],
        ),
        (
            "a site that was visited, and is then a frame of another",
            vec![
                document(1, "https://social.example/", &["Sec-Fetch-Dest: document"]),
                document(2, site, &["Sec-Fetch-Dest: document"]),
                document(3, "https://social.example/like", &["Sec-Fetch-Dest: iframe", "Referer: https://www.clinic.example/"]),
                entry(4, "GET", "https://social.example/c", &["Sec-Fetch-Dest: empty", "Referer: https://social.example/like"]),
            ],
            expect![[r#"
                r1 GET https://social.example/ - page https://social.example/
                r2 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r3 GET https://social.example/like - page https://www.clinic.example/hiv
                r4 GET https://social.example/c - page https://www.clinic.example/hiv
                gap NotTold: the capture does not say which page made 4 requests: it was told by their Referer header or by what was opened last
            "#]],
        ),
        (
            "another page of the same host",
            vec![document(1, site, &[]), document(2, "https://www.clinic.example/book", &[])],
            expect![[r#"
                r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r2 GET https://www.clinic.example/book - page https://www.clinic.example/book
                gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
            "#]],
        ),
    ] {
        println!("{case}");
        check_har("a proxy", &entries, expected);
    }
}

/// The same rules in every kind of capture.
#[test]
fn the_browsers_own_traffic_is_set_aside_in_lists_archives_and_logs() {
    let list = b"https://www.clinic.example/\nhttps://update.googleapis.com/service/update2/json?cup2key=1\nhttps://www.google.com/complete/search?client=chrome-omni&q=hiv\nhttps://www.google.com/complete/search?client=hp&q=hiv\n";
    let request = "GET /v1/tiles HTTP/1.1\r\nHost: contile.services.mozilla.com\r\n\r\n";
    let archive = format!(
        "WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: https://contile.services.mozilla.com/v1/tiles\r\nWARC-Date: 2026-11-30T10:00:00Z\r\nContent-Length: {}\r\n\r\n{request}\r\n\r\n",
        request.len()
    );
    let log = json!([{"method": "Network.requestWillBeSent", "params": {"requestId": "1", "documentURL": "", "timestamp": 1.0, "wallTime": 1.0, "initiator": {"type": "other"},
        "request": {"url": "https://update.googleapis.com/service/update2", "method": "POST", "headers": {}}}}]);
    for (name, bytes, expected) in [
        (
            "list.txt",
            list.to_vec(),
            expect![[r#"
            r1 GET https://www.clinic.example/ - page unknown
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r2 GET https://update.googleapis.com/service/update2/json - the browser's: Chromium looks for updates of its components (update.googleapis.com)
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r3 GET https://www.google.com/complete/search - the browser's: Chromium asks its maker what the address bar should suggest (www.google.com)
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            r4 GET https://www.google.com/complete/search - page unknown
                unknown: a list of addresses does not say so
                no body: a list of addresses has no bodies
            gap BodyUnavailable: no body is in a list of addresses
            gap NotTold: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
        "#]],
        ),
        (
            "archive.warc",
            archive.into_bytes(),
            expect![[r#"
            r1 GET https://contile.services.mozilla.com/v1/tiles - the browser's: Firefox fetches what its new tab shows (contile.services.mozilla.com)
            gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
        "#]],
        ),
        (
            "log.json",
            log.to_string().into_bytes(),
            expect![[r#"
            r1 POST https://update.googleapis.com/service/update2 - the browser's: Chromium looks for updates of its components (update.googleapis.com)
                unknown: there is no wire log, and DevTools saw no answer
                no body: DevTools announces no body for it, and streamed bodies are never announced
            gap WitnessMissing: there is no wire log: cookies and bodies are only what DevTools tells
            gap BodyUnavailable: POST https://update.googleapis.com/service/update2: DevTools announces no body for it, and streamed bodies are never announced
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, bytes)));
    }
}

#[test]
fn openwpms_table_of_requests() {
    check_file(
        "openwpm-http_requests.txt",
        expect![[r#"
        r1 GET https://www.clinic.example/hiv/testing - page https://www.clinic.example/hiv/testing
        r2 POST https://collect.beacon.example/e - page https://www.clinic.example/hiv/testing
            body {"email": "alex.morgan@post.example"}
            cookie uid=5
            referer https://www.clinic.example/hiv/testing
        r3 GET https://www.facebook.com/tr/ - page https://www.clinic.example/hiv/testing
            cookie c_user=100000000000001
            referer https://www.clinic.example/hiv/testing
        gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
    "#]],
    );
}

/// A quoted cell may go on over several lines, and a body may be in either of OpenWPM's columns.
#[test]
fn tables_that_others_export() {
    let openwpm = "url,top_level_url,visit_id,request_id,browser_id,tab_id,triggering_origin,method,headers,resource_type,post_body,post_body_raw,time_stamp\n\
                   https://t.example/c,https://www.clinic.example/,1,2,1,1,https://www.clinic.example,POST,\"[[\"\"Cookie\"\",\"\"uid=5\"\"]]\",beacon,\"a\nb,\"\"c\"\"\",,2026-11-30 10:00:00\n\
                   https://t.example/r,https://www.clinic.example/,1,3,1,1,https://www.clinic.example,POST,[],xmlhttprequest,,\"[[null,\"\"aGl2IQ==\"\"]]\",2026-11-30 10:00:01\n\
                   https://firefox.settings.services.mozilla.com/v1/,,1,4,1,-1,,GET,[],xmlhttprequest,,,2026-11-30 10:00:02\n";
    let proxy = "Time;Method;Request URL;Status;Request Body\n2026-11-30T10:00:00Z;POST;https://t.example/c;204;q=hiv\n2026-11-30T10:00:01Z;POST;https://t.example/d;;\n";
    let methods = "url\tmethod\nhttps://t.example/c\tPOST\nno address\tGET\n";
    for (name, text, expected) in [
        (
            "openwpm.csv",
            openwpm,
            expect![[r#"
            r1 POST https://t.example/c - page https://www.clinic.example/
                body a
            b,"c"
                cookie uid=5
            r2 POST https://t.example/r - page https://www.clinic.example/
                body hiv!
            r3 GET https://firefox.settings.services.mozilla.com/v1/ - the browser's: OpenWPM names neither a tab nor a page that made it
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
        (
            "proxy.csv",
            proxy,
            expect![[r#"
            r1 POST https://t.example/c - page unknown
                body q=hiv
            r2 POST https://t.example/d - page unknown
                unknown: the table does not say so
                no body: the table does not have it
            gap LeftOut: the table has no column for headers: cookies and what else headers tell cannot be seen
            gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
        (
            "methods.tsv",
            methods,
            expect![[r#"
            r1 POST https://t.example/c - page unknown
                unknown: the table does not say so
                no body: the table has no column for bodies
            gap LogDamaged: no web address in 1 line, the first of them line 3
            gap LeftOut: the table has no column for headers: cookies and what else headers tell cannot be seen
            gap NotTold: it is not known which page made 1 request (--first-party SITE names the site)
            gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, text.as_bytes().to_vec())));
    }
}

/// As OpenWPM's own schema has it, its changes beside it or not.
#[test]
fn openwpms_database() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("crawl-data.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE site_visits (visit_id INTEGER PRIMARY KEY, browser_id INTEGER NOT NULL, site_url VARCHAR(500) NOT NULL);
             CREATE TABLE http_requests (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, tab_id INTEGER, url TEXT, top_level_url TEXT,
                 method TEXT, referrer TEXT, headers TEXT, request_id INTEGER, triggering_origin TEXT, resource_type TEXT, post_body TEXT, post_body_raw TEXT, time_stamp DATETIME);
             CREATE TABLE http_responses (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, url TEXT, request_id INTEGER, response_status INTEGER, headers TEXT);
             CREATE TABLE http_redirects (id INTEGER PRIMARY KEY AUTOINCREMENT, browser_id INTEGER, visit_id INTEGER, old_request_url TEXT, old_request_id TEXT, response_status INTEGER,
                 headers TEXT);
             INSERT INTO http_requests VALUES
                 (1, 1, 7, 1, 'https://www.clinic.example/hiv', 'https://www.clinic.example/hiv', 'GET', '', '[]', 1, '', 'main_frame', NULL, NULL, '2026-11-30T10:00:00.000Z'),
                 (2, 1, 7, 1, 'https://t.example/c', 'https://www.clinic.example/hiv', 'POST', 'https://www.clinic.example/', '[[\"Cookie\",\"uid=5\"]]', 2,
                     'https://www.clinic.example', 'beacon', NULL, '[[null,\"bWFpbD1h\"]]', '2026-11-30T10:00:01.000Z'),
                 (3, 1, 7, 1, 'https://r.example/', 'https://www.clinic.example/hiv', 'GET', '', '[]', 3, 'https://www.clinic.example', 'image', NULL, NULL, '2026-11-30T10:00:02.000Z'),
                 (4, 1, 7, 1, 'https://lost.example/', 'https://www.clinic.example/hiv', 'GET', '', '[]', 4, 'https://www.clinic.example', 'image', NULL, NULL, '2026-11-30T10:00:03.000Z');
             INSERT INTO http_responses VALUES (1, 1, 7, 'https://www.clinic.example/hiv', 1, 200, '[[\"Content-Type\",\"text/html\"]]'), (2, 1, 7, 'https://t.example/c', 2, 204, '[]');
             INSERT INTO http_redirects VALUES (1, 1, 7, 'https://r.example/', '3', 302, '[]');",
        )
        .unwrap();
    drop(database);
    let bytes = std::fs::read(&path).unwrap();
    expect![[r#"
        r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
        r2 POST https://t.example/c - page https://www.clinic.example/hiv
            body mail=a
            cookie uid=5
            referer https://www.clinic.example/
        r3 GET https://r.example/ - page https://www.clinic.example/hiv
        r4 GET https://lost.example/ - page https://www.clinic.example/hiv
            unknown: OpenWPM noted down no answer to it
        gap NotTold: a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent
    "#]].assert_eq(&table(&recorded("crawl-data.sqlite", bytes.clone())));
    // One that keeps its changes beside it says so, and one that is cut off is read as far as that goes.
    let mut beside = bytes.clone();
    beside[18..20].fill(2);
    let recording = recorded("crawl-data.sqlite", beside);
    assert!(recording.requests.len() == 4 && recording.gaps.iter().any(|gap| gap.why.contains("-wal")), "{:?}", recording.gaps);
    for at in (0..bytes.len()).step_by(97) {
        let mut mangled = bytes.clone();
        mangled.splice(at..=at, *b"\xc3\xa9");
        for bytes in [bytes[..at].to_vec(), mangled] {
            let _ = recorded("crawl-data.sqlite", bytes);
        }
    }
}

#[test]
fn the_accounts_of_crawlers() {
    let crawled = json!({"cookies": [], "requests": [
        {"url": "https://www.clinic.example/hiv", "method": "GET", "type": "Document", "status": 200, "responseHeaders": {"content-type": "text/html"}, "initiators": []},
        {"url": "https://t.example/c", "method": "POST", "type": "Ping", "status": 204, "remoteIPAddress": "192.0.2.1", "initiators": ["https://www.clinic.example/hiv"]},
        {"url": "https://orb.example/", "method": "GET", "type": "Image", "failureReason": "net::ERR_BLOCKED_BY_ORB"},
        {"url": "https://dns.example/", "method": "GET", "type": "Image", "failureReason": "net::ERR_NAME_NOT_RESOLVED"},
        {"url": "wss://t.example/ws", "type": "WebSocket"}]});
    let collector = format!(
        "{{\n \"initialUrl\": \"http://www.clinic.example/\", \"finalUrl\": \"https://www.clinic.example/hiv\", \"timeout\": false, \"testStarted\": 1795600800000, \"data\": {crawled}}}"
    );
    let tracking = json!({"type": "TrackingRequest", "url": "https://t.example/tr?id=1", "stack": [{"fileName": "https://www.clinic.example/", "source": "x"}], "data": {"query": {"id": 1}, "body": {}, "filter": "||t.example^", "listName": "easyprivacy.txt"}});
    let posted = json!({"type": "TrackingRequest", "url": "https://t.example/c", "stack": [], "data": {"query": {}, "body": {"email": "a@b.example"}, "filter": "", "listName": ""}});
    let typed = json!({"type": "KeyLogging", "url": "https://www.clinic.example/", "stack": [], "data": {"filter": ["a@b.example"], "post_data": "{\"email\": \"a@b.example\"}", "post_request_url": "https://t.example/c"}});
    let other = json!({"type": "AddEventListener", "url": "https://www.clinic.example/", "stack": [], "data": {"name": "keyup"}});
    let line = |event: &Value| json!({"message": event, "level": "warn", "timestamp": "2026-11-30T10:00:00.000Z"}).to_string();
    let events: String = [&other, &tracking, &posted, &typed].iter().map(|event| line(event) + "\n").collect();
    let inspection = format!(
        "{{\"title\": \"Blacklight Inspection\", \"uri_ins\": \"https://clinic.example\", \"uri_dest\": \"https://www.clinic.example/\", \"start_time\": \"2026-11-30T10:00:00.000Z\", \
         \"hosts\": {{\"requests\": {{\"first_party\": [], \"third_party\": [\"t.example\", \"u.example\"]}}}}, \"reports\": {}}}",
        json!({"third_party_trackers": [tracking], "key_logging": {"https://t.example/k.js": [typed]}, "cookies": []})
    );
    for (name, text, expected) in [
        (
            "collector.json",
            collector,
            expect![[r#"
                r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r2 POST https://t.example/c - page https://www.clinic.example/hiv
                    no body: tracker-radar-collector keeps no bodies
                r3 GET https://orb.example/ - page https://www.clinic.example/hiv
                r4 GET https://dns.example/ - page https://www.clinic.example/hiv
                    not sent, NetworkFailure: failed before anything was written: net::ERR_NAME_NOT_RESOLVED
                r5 GET wss://t.example/ws - page https://www.clinic.example/hiv
                    unknown: the crawler noted down no answer to it
                gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
            "#]],
        ),
        (
            "inspection-log.ndjson",
            events,
            expect![[r#"
            r1 GET https://t.example/tr - page unknown
                unknown: Blacklight notes a request down before it is sent
                no body: Blacklight notes down no body for it, nor its method: GET is assumed
            r2 POST https://t.example/c - page unknown
                unknown: Blacklight notes a request down before it is sent
                body {"email":"a@b.example"}
            gap LeftOut: requests that are on none of Blacklight's lists, and all headers: they are in its requests.har, which lies beside this file
            gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
        "#]],
        ),
        (
            "inspection.json",
            inspection,
            expect![[r#"
            r1 POST https://t.example/c - page https://www.clinic.example/
                unknown: Blacklight notes a request down before it is sent
                body {"email": "a@b.example"}
            r2 GET https://t.example/tr - page https://www.clinic.example/
                unknown: Blacklight notes a request down before it is sent
                no body: Blacklight notes down no body for it, nor its method: GET is assumed
            gap LeftOut: requests that are on none of Blacklight's lists, and all headers: they are in its requests.har, which lies beside this file
            gap NotTold: what was sent to 2 hosts: the inspection has their names and no requests of them
            gap NotTold: a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing
        "#]],
        ),
    ] {
        expected.assert_eq(&table(&recorded(name, text.into_bytes())));
    }
}

#[test]
fn fiddlers_archive() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", ""),
        ("raw/1_c.txt", "CONNECT t.example:443 HTTP/1.1\r\nHost: t.example:443\r\n\r\n"),
        ("raw/2_c.txt", "GET https://www.clinic.example/hiv HTTP/1.1\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\n\r\n"),
        ("raw/2_s.txt", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>"),
        (
            "raw/2_m.xml",
            "<Session><SessionTimers ClientConnected=\"2026-11-30T10:00:00Z\" ClientBeginRequest=\"2026-11-30T11:00:00.5+01:00\"/></Session>",
        ),
        (
            "raw/3_c.txt",
            "POST https://t.example/c HTTP/1.1\r\nReferer: https://www.clinic.example/\r\nTransfer-Encoding: chunked\r\nCookie: uid=5\r\n\r\n3\r\na=b\r\n0\r\n\r\n",
        ),
        ("raw/4_c.txt", "POST https://update.googleapis.com/service/update2 HTTP/1.1\r\n\r\n{}"),
        ("raw/5_c.txt", "\u{0}\u{1}"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, content.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    expect![[r#"
        r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
        r2 POST https://t.example/c - page https://www.clinic.example/hiv
            unknown: the archive has no answer to it
            body a=b
            cookie uid=5
        r3 POST https://update.googleapis.com/service/update2 - the browser's: Chromium looks for updates of its components (update.googleapis.com)
            unknown: the archive has no answer to it
            body {}
        gap LogDamaged: 1 session of the archive cannot be read
        gap NotTold: the capture does not say which page made 2 requests: it was told by their Referer header or by what was opened last
        gap NotTold: a Fiddler archive holds what went through the proxy while it ran, of every program on the machine; which page made a request is told by headers alone
    "#]].assert_eq(&table(&recorded("clinic.saz", bytes)));
}
