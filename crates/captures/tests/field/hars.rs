//! More of each kind, as HARs.

use expect_test::expect;
use serde_json::{Value, json};

use crate::{check_har, document, entry, with};

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
            "a page that the browser had already, and its frame",
            vec![
                with(with(document(1, site, &[]), "/response/status", json!(304)), "/response/headers", json!([])),
                document(2, "https://frame.tracker.example/", &[]),
            ],
            expect![[r#"
                r1 GET https://www.clinic.example/hiv - page https://www.clinic.example/hiv
                r2 GET https://frame.tracker.example/ - page unknown
                gap NotTold: the capture does not say which page made 1 request: it was told by their Referer header or by what was opened last
                gap NotTold: whether the documents of frame.tracker.example were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts count as third parties, unless --first-party names them
                gap NotTold: it is not known which page made 1 request (--first-party SITE names the site)
            "#]],
        ),
        (
            "a frame whose page is not in the capture",
            vec![
                document(1, "https://frame.tracker.example/", &["Referer: https://www.clinic.example/"]),
                entry(2, "GET", "https://frame.tracker.example/c", &["Referer: https://frame.tracker.example/"]),
            ],
            expect![[r#"
                r1 GET https://frame.tracker.example/ - page unknown
                r2 GET https://frame.tracker.example/c - page unknown
                gap NotTold: whether the documents of frame.tracker.example were pages that were visited or frames in a page: the requests do not say (no Sec-Fetch-Dest header), so these hosts count as third parties, unless --first-party names them
                gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
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

/// HTTP Toolkit puts everything that a browser sent under one page.
#[test]
fn what_a_browser_asks_for_itself_opens_no_page() {
    let paged = |entry: Value| with(entry, "/pageref", json!("Firefox"));
    check_har(
        "HTTP Toolkit",
        &[
            paged(document(1, "http://detectportal.firefox.com/canonical.html", &[])),
            paged(document(
                2,
                "https://www.clinic.example/",
                &["Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: none"],
            )),
            paged(entry(3, "GET", "https://firefox.settings.services.mozilla.com/v1/", &["Sec-Fetch-Site: none", "Sec-Fetch-Mode: cors"])),
            paged(entry(4, "GET", "https://tracker.example/c", &["Referer: https://www.clinic.example/", "Sec-Fetch-Site: cross-site"])),
        ],
        expect![[r#"
            r1 GET http://detectportal.firefox.com/canonical.html - the browser's: the browser looks whether it is online (detectportal.firefox.com)
            r2 GET https://www.clinic.example/ - page https://www.clinic.example/
            r3 GET https://firefox.settings.services.mozilla.com/v1/ - the browser's: Firefox fetches its settings (firefox.settings.services.mozilla.com)
            r4 GET https://tracker.example/c - page https://www.clinic.example/
        "#]],
    );
}
