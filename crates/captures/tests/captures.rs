//! Captures as their producers write them, and what is made of them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use pixelwitness_captures::{File, files_beside, read};
use pixelwitness_recording::{Body, Journey, LogLine, RawLog, Recording, Transmission};

/// What one capture or several give, as a table.
fn check(files: &[&str], expected: Expect) {
    expected.assert_eq(&table(&recorded(files)));
}

fn recorded(files: &[&str]) -> Recording {
    case(files.iter().map(|name| ((*name).to_owned(), std::fs::read(fixtures().join(name)).unwrap())).collect())
}

fn case(files: Vec<(String, Vec<u8>)>) -> Recording {
    let file = |(name, bytes)| File { name, source: Box::new(Cursor::new(bytes)), folder: Box::new(|_| None) };
    read(Journey::default(), files.into_iter().map(file).collect())
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn table(recording: &Recording) -> String {
    let mut table = String::new();
    for capture in &recording.completeness.captures {
        let whole = if capture.whole { "" } else { ", cut" };
        let _ = writeln!(table, "{} {:?} by {:?}{whole}", capture.file, capture.kind, capture.made_by);
    }
    for step in &recording.steps {
        let _ = writeln!(table, "page {} {} {:?}", step.step, step.url_after, step.title_after);
    }
    for request in &recording.requests {
        let place = match request.log_lines.first() {
            Some(LogLine { log: RawLog::Capture(capture), line }) => format!("{capture}:{line}"),
            other => format!("{other:?}"),
        };
        let from = request.redirected_from.map(|id| format!(" from {id}")).unwrap_or_default();
        let step = request.step.map_or("-".to_owned(), |step| step.to_string());
        let url: String = request.url.chars().take(70).collect();
        let _ = writeln!(table, "{} {place} page {step}{from} {} {url}", request.id, request.method);
        let facts = [
            request.header("cookie").map(|cookie| format!("cookie {cookie}")),
            match &request.body {
                Body::Empty => None,
                Body::Bytes(bytes) => Some(format!("body {:?}", String::from_utf8_lossy(&bytes.0))),
                Body::Unavailable { why } => Some(format!("no body: {why}")),
            },
            match &request.transmission {
                Transmission::Sent => None,
                Transmission::NotSent { why, .. } => Some(format!("not sent: {why}")),
                Transmission::Unknown { why } => Some(format!("unknown: {why}")),
            },
            request.response.as_ref().map(|response| format!("status {}", response.status)),
        ];
        for fact in facts.iter().flatten() {
            let _ = writeln!(table, "    {fact}");
        }
    }
    for message in &recording.messages {
        let payload = String::from_utf8_lossy(&message.payload.0).into_owned();
        let _ = writeln!(table, "message of {} at {} page {:?}: {payload:?}", message.request, message.sent_at_ms, message.step);
    }
    for gap in &recording.gaps {
        let request = gap.request.map(|id| format!(" {id}")).unwrap_or_default();
        let _ = writeln!(table, "gap {:?}{request}: {}", gap.kind, gap.why);
    }
    table
}

#[test]
fn chrome_lists_what_its_cache_answered_and_what_never_left() {
    check(
        &["chrome.har"],
        expect![[r#"
        chrome.har Har by "WebInspector 537.36"
        page 0 https://www.clinic.example/hiv/testing ""
        r1 1:1 page 0 GET http://www.clinic.example/hiv/testing
            not sent: redirected inside the browser
            status 307
        r2 1:2 page 0 from r1 GET https://www.clinic.example/hiv/testing
            cookie session=a1b2
            status 200
        r3 1:3 page 0 GET https://www.clinic.example/site.css
            not sent: answered from the cache
            status 200
        r4 1:4 page 0 GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
            cookie datr=xyz; c_user=100000000000001
            status 200
        r5 1:5 page 0 POST https://beacon.example/c
            no body: the HAR does not have it, and it had 34 bytes
            status 204
        r6 1:6 page 0 GET https://ads.example/a.js
            not sent: failed before anything was written: net::ERR_BLOCKED_BY_CLIENT
        r7 1:7 page 0 GET wss://chat.example/ws
            status 101
        message of r7 at 1795600800500 page Some(0): "{\"typed\":\"maria@example.org\"}"
        message of r7 at 1795600800700 page Some(0): "\0\u{1}\u{2}"
        gap BodyUnavailable r5: POST https://beacon.example/c: the HAR does not have it, and it had 34 bytes
        gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]],
    );
}

#[test]
fn cookies_that_chrome_took_out_are_missed() {
    check(
        &["chrome-sanitised.har"],
        expect![[r#"
            chrome-sanitised.har Har by "WebInspector 537.36"
            page 0 https://www.clinic.example/ ""
            r1 1:1 page 0 POST https://collect.example/v1
                body "binary � body"
                status 200
            gap LeftOut: no request in the HAR has a cookie and no answer sets one: Chrome takes out cookies and credentials unless told to save “with sensitive data”, so identifiers in cookies and people who were logged in cannot be seen
            gap LeftOut: 1 body not held byte for byte: of another length than the request says, with characters that stand for bytes which are no text, or not in the base64 that it is said to be in
            gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
        "#]],
    );
}

#[test]
fn firefox_names_pages_by_their_titles() {
    check(
        &["firefox.har"],
        expect![[r#"
        firefox.har Har by "Firefox 140.0"
        page 0 https://www.clinic.example/find?q=hiv+test "Find a clinic"
        r1 1:1 page 0 GET https://www.clinic.example/find?q=hiv+test
            cookie sid=1
            status 200
        r2 1:2 page 0 POST https://collect.example/form
            body "email=maria%40example.org&a"
            status 302
        r3 1:3 page 0 from r2 GET https://collect.example/done
            status 200
        gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]],
    );
}

#[test]
fn a_log_kept_from_page_to_page_has_them_all_under_the_first() {
    let entry = |url: &str, destination: &str| {
        let headers = format!(r#"[{{"name":"Sec-Fetch-Dest","value":"{destination}"}}]"#);
        format!(r#"{{"pageref":"page_0","request":{{"method":"GET","url":"{url}","headers":{headers}}},"response":{{"status":200}}}}"#)
    };
    let entries = [
        entry("https://www.clinic.example/", "document"),
        entry("https://cdn.example/a.js", "script"),
        entry("https://frame.example/", "iframe"),
        entry("https://booking.example/", "document"),
        entry("https://booking.example/b.js", "script"),
    ];
    let page = r#"[{"id":"page_0","title":"https://booking.example/","startedDateTime":"2026-11-25T10:00:00Z"}]"#;
    let har = format!(r#"{{"log":{{"pages":{page},"entries":[{}]}}}}"#, entries.join(","));
    let recording = case(vec![("safari.har".to_owned(), har.into_bytes())]);
    let under: Vec<(Option<usize>, String)> =
        recording.requests.iter().map(|request| (request.step, request.page_url.unwrap_or_default())).collect();
    let (clinic, booking) = ((Some(0), "https://www.clinic.example/".to_owned()), (Some(1), "https://booking.example/".to_owned()));
    assert_eq!(under, [clinic.clone(), clinic.clone(), clinic, booking.clone(), booking]);
}

#[test]
fn safari_keeps_cookies_apart_and_says_what_its_cache_answered() {
    check(
        &["safari.har"],
        expect![[r#"
        safari.har Har by "WebKit Web Inspector 1.0"
        page 0 https://www.clinic.example/ ""
        r1 1:1 page 0 GET https://www.clinic.example/
            cookie sid=7
            status 200
        r2 1:2 page 0 GET https://www.clinic.example/logo.png
            not sent: answered from the page's memory
            status 200
        r3 1:3 page 0 POST https://collect.example/b
            no body: the HAR does not have it
            status 204
        gap BodyUnavailable r3: POST https://collect.example/b: the HAR does not have it
        gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]],
    );
}

#[test]
fn playwright_keeps_large_bodies_in_other_files() {
    check(
        &["playwright.har"],
        expect![[r#"
            playwright.har Har by "Playwright 1.56.0, chromium 141.0.7390.37"
            page 0 https://www.clinic.example/ "Clinic"
            r1 1:1 page 0 GET https://www.clinic.example/
                status 200
            r2 1:2 page 0 POST https://collect.example/batch
                cookie uid=9
                body "{\"e\":\"page_view\",\"n\":1}"
                unknown: the HAR has no answer to it: net::ERR_ABORTED
            r3 1:3 page 0 POST https://collect.example/large
                no body: the file def.bin, in which the HAR keeps it, was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it, and it had 70000 bytes
                status 200
            gap BodyUnavailable r3: POST https://collect.example/large: the file def.bin, in which the HAR keeps it, was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it, and it had 70000 bytes
            gap LeftOut: 1 answer in files that are missing, too large or not as they were: what they set up or declare is not known
            gap LeftOut: 1 request without an answer: whether it was sent is not known
            gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
        "#]],
    );
}

#[test]
fn pages_of_a_proxy_are_told_by_its_headers() {
    check(
        &["mitmproxy.har"],
        expect![[r#"
            mitmproxy.har Har by "mitmproxy 12.1.1"
            page 0 https://www.clinic.example/book ""
            page 1 https://www.clinic.example/thanks ""
            r1 1:1 page 0 GET https://www.clinic.example/book
                status 200
            r2 1:2 page 0 POST https://collect.example/c
                cookie uid=5
                body "phone=07700+900123&a=b"
                unknown: the HAR has no answer to it: Connection killed.
            r3 1:3 page 1 GET https://www.clinic.example/thanks
                status 200
            r4 1:4 page 1 GET https://chat.example/ws
                status 101
            message of r4 at 1795600801400 page Some(1): "hello"
            gap LeftOut: 1 request without an answer: whether it was sent is not known
            gap NotTold: the capture does not say which page made 4 requests: it was told by their Referer header or by what was opened last
            gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
        "#]],
    );
}

#[test]
fn bodies_that_are_only_listed_are_put_together() {
    check(
        &["charles.har"],
        expect![[r#"
            charles.har Har by "Charles Proxy 5.0"
            r1 1:1 page - POST https://collect.example/form
                cookie u=[redacted]
                body "full%20name=Maria%20Beispiel&q=a%20b"
                status 200
            r2 1:2 page - POST https://collect.example/upload
                body "--xyz\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"rash.jpg\"\r\n\r\n\r\n--xyz\r\nContent-Disposition: form-data; name=\"postcode\"\r\n\r\nSW1A 2AA\r\n--xyz--\r\n"
                status 200
            gap LogDamaged: 1 of 3 entries of the HAR cannot be read
            gap LeftOut: the HAR was cleaned: the cookies of 1 request were replaced by a word that says so
            gap LeftOut: 2 bodies listed by parameters alone: names and values are those listed, the bytes between them are ours
            gap NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
            gap NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
        "#]],
    );
}

#[test]
fn a_log_of_the_protocol_has_frames_without_their_events() {
    check(
        &["puppeteer.jsonl"],
        expect![[r#"
        puppeteer.jsonl Devtools by ""
        page 0 https://www.clinic.example/ ""
        r1 1:1 page 0 GET https://www.clinic.example/
            cookie sid=1
            status 200
        r2 1:4 page 0 GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
            status 200
        r3 1:6 page 0 GET https://frame.example/ad
            unknown: there is no wire log, and DevTools saw no answer
        r4 1:7 page 0 POST https://collect.example/c
            body "email=maria%40example.org"
            unknown: there is no wire log, and DevTools saw no answer
        gap WitnessMissing: there is no wire log: cookies and bodies are only what DevTools tells
        gap BodyUnavailable r4: POST https://collect.example/c: the body may lack files, which DevTools leaves out
    "#]],
    );
}

#[test]
fn drivers_wrap_the_same_frames_in_their_own_logs() {
    let plain = recorded(&["puppeteer.jsonl"]);
    let told = |recording: &Recording| -> Vec<(String, Option<String>, Body)> {
        let request = |request: pixelwitness_recording::Request| {
            (request.url.to_string(), request.page_url.as_ref().map(ToString::to_string), request.body.clone())
        };
        recording.requests.iter().map(request).collect()
    };
    assert_eq!(told(&recorded(&["chromedriver.json"])), told(&plain));
    assert_eq!(told(&recorded(&["playwright-protocol.log"])), told(&plain)[..2]);
}

#[test]
fn our_own_logs_are_read_with_their_steps() {
    let log = std::fs::read(fixtures().join("../../interceptor/fixtures/shop/devtools.jsonl")).unwrap();
    let plain = case(vec![("devtools.jsonl".to_owned(), log.clone())]);
    let packed = case(vec![("devtools.jsonl.zst".to_owned(), zstd::encode_all(&log[..], 3).unwrap())]);
    assert_eq!(plain.requests, packed.requests);
    assert!(plain.steps.len() > 1 && plain.requests.len() > 10, "{} steps", plain.steps.len());
    assert!(plain.requests.iter().all(|request| request.log_lines.iter().all(|line| line.log == RawLog::Capture(1))));
}

#[test]
fn a_netlog_alone_has_its_pages_by_their_navigations() {
    let log = std::fs::read(fixtures().join("../../interceptor/fixtures/shop/netlog.json")).unwrap();
    let recording = case(vec![("netlog.json".to_owned(), log)]);
    let pages: Vec<&str> = recording.steps.iter().map(|step| step.url_after.as_str()).collect();
    let first = recording.requests.iter().filter(|request| request.step.is_some()).take(6);
    let first: String = first.map(|one| format!("{:?} {} under {:?}\n", one.step, one.url, one.page_url.as_deref())).collect();
    expect![[r#"
        [
            "https://shop.example/",
            "http://plain.example/",
            "http://plain.example/submit",
        ]
        Some(0) https://shop.example/ under Some("https://shop.example/")
        Some(0) https://shop.example/s.css under Some("https://shop.example/")
        Some(0) https://shop.example/s.css?2 under Some("https://shop.example/")
        Some(0) https://shop.example/lib.js under Some("https://shop.example/")
        Some(0) https://tracker.example/pixel.js under Some("https://shop.example/")
        Some(0) https://tracker.example/r302?n=1 under Some("https://shop.example/")
    "#]]
    .assert_eq(&format!("{pages:#?}\n{first}"));
}

#[test]
fn archives_have_requests_with_their_bodies() {
    check(
        &["warcio.warc"],
        expect![[r#"
        warcio.warc Warc by "warcio 1.8.1"
        page 0 https://www.clinic.example/hiv/testing ""
        r1 1:3 page 0 GET https://www.clinic.example/hiv/testing
            cookie sid=1
            status 200
        r2 1:5 page 0 GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
            status 200
        r3 1:7 page 0 POST https://collect.example/c
            body "email=maria%40example.org"
            status 204
        gap NotTold: the capture does not say which page made 3 requests: it was told by their Referer header or by what was opened last
        gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
    "#]],
    );
}

#[test]
fn a_crawlers_archive_says_which_page_a_request_is_of() {
    check(
        &["crawler.warc.gz"],
        expect![[r#"
            crawler.warc.gz Warc by "Browsertrix-Crawler 1.8.2 (with warcio.js 2.4.4)"
            page 0 https://www.clinic.example/ ""
            r1 1:3 page 0 GET https://www.clinic.example/
                status 200
            r2 1:5 page 0 POST https://collect.example/c
                body "maria@example.org"
                status 200
            r3 1:6 page 0 GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
                no body: the archive has no request record
                status 200
            gap BodyUnavailable: 1 answer without a request record: the address is known, the method (GET is assumed), headers and body are not
            gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
        "#]],
    );
}

#[test]
fn a_packed_archive_has_titles() {
    check(
        &["crawler.wacz"],
        expect![[r#"
            crawler.wacz Wacz by "Browsertrix-Crawler 1.8.2 (with warcio.js 2.4.4)"
            page 0 https://www.clinic.example/ "Clinic"
            r1 1:3 page 0 GET https://www.clinic.example/
                status 200
            r2 1:5 page 0 POST https://collect.example/c
                body "maria@example.org"
                status 200
            r3 1:6 page 0 GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
                no body: the archive has no request record
                status 200
            gap BodyUnavailable: 1 answer without a request record: the address is known, the method (GET is assumed), headers and body are not
            gap NotTold: web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent
        "#]],
    );
}

#[test]
fn several_captures_make_one_case() {
    check(
        &["urls.txt", "urls.csv", "mitmproxy.har"],
        expect![[r#"
            urls.txt Urls by ""
            urls.csv Urls by ""
            mitmproxy.har Har by "mitmproxy 12.1.1"
            page 0 https://www.clinic.example/book ""
            page 1 https://www.clinic.example/thanks ""
            r1 1:3 page - GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
                no body: a list of addresses has no bodies
                unknown: a list of addresses does not say so
            r2 1:4 page - GET https://www.clinic.example/hiv/testing
                no body: a list of addresses has no bodies
                unknown: a list of addresses does not say so
            r3 2:2 page - GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
                no body: a list of addresses has no bodies
                unknown: a list of addresses does not say so
            r4 2:3 page - GET https://collect.example/c?q=hiv%20test
                no body: a list of addresses has no bodies
                unknown: a list of addresses does not say so
            r5 3:1 page 0 GET https://www.clinic.example/book
                status 200
            r6 3:2 page 0 POST https://collect.example/c
                cookie uid=5
                body "phone=07700+900123&a=b"
                unknown: the HAR has no answer to it: Connection killed.
            r7 3:3 page 1 GET https://www.clinic.example/thanks
                status 200
            r8 3:4 page 1 GET https://chat.example/ws
                status 101
            message of r8 at 1795600801400 page Some(1): "hello"
            gap BodyUnavailable: urls.txt: no body is in a list of addresses
            gap LogDamaged: urls.txt: no web address in 1 line, the first of them line 5
            gap NotTold: urls.txt: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
            gap BodyUnavailable: urls.csv: no body is in a list of addresses
            gap NotTold: urls.csv: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
            gap LeftOut: mitmproxy.har: 1 request without an answer: whether it was sent is not known
            gap NotTold: mitmproxy.har: the capture does not say which page made 4 requests: it was told by their Referer header or by what was opened last
            gap NotTold: mitmproxy.har: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
        "#]],
    );
}

#[test]
fn a_file_that_was_given_twice_is_read_once() {
    check(
        &["urls.csv", "urls.txt", "urls.csv"],
        expect![[r#"
        urls.csv Urls by ""
        urls.txt Urls by ""
        urls.csv Urls by ""
        r1 1:2 page - GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
            no body: a list of addresses has no bodies
            unknown: a list of addresses does not say so
        r2 1:3 page - GET https://collect.example/c?q=hiv%20test
            no body: a list of addresses has no bodies
            unknown: a list of addresses does not say so
        r3 2:3 page - GET https://www.facebook.com/tr/?id=482915530127701&ev=PageView&dl=https%3
            no body: a list of addresses has no bodies
            unknown: a list of addresses does not say so
        r4 2:4 page - GET https://www.clinic.example/hiv/testing
            no body: a list of addresses has no bodies
            unknown: a list of addresses does not say so
        gap BodyUnavailable: urls.csv: no body is in a list of addresses
        gap NotTold: urls.csv: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
        gap BodyUnavailable: urls.txt: no body is in a list of addresses
        gap LogDamaged: urls.txt: no web address in 1 line, the first of them line 5
        gap NotTold: urls.txt: a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed
        gap LeftOut: urls.csv: byte for byte the same file as urls.csv (number 1 of the captures): its requests are listed there, once
    "#]],
    );
}

#[test]
fn damaged_captures_are_read_as_far_as_they_go() {
    let cut = |name: &str, bytes: usize| -> String {
        let whole = std::fs::read(fixtures().join(name)).unwrap();
        let recording = case(vec![(name.to_owned(), whole[..whole.len() - bytes].to_vec())]);
        let gap = recording.gaps.iter().find(|gap| format!("{:?}", gap.kind) == "LogDamaged").map(|gap| gap.why.clone());
        format!("{name}: {} requests; {}\n", recording.requests.len(), gap.unwrap_or_default())
    };
    let files = [
        ("chrome.har", 400),
        ("mitmproxy.har", 3),
        ("puppeteer.jsonl", 30),
        ("chromedriver.json", 30),
        ("warcio.warc", 200),
        ("crawler.warc.gz", 500),
        ("crawler.wacz", 100),
    ];
    let read: String = files.iter().map(|(name, bytes)| cut(name, *bytes)).collect();
    expect![[r#"
        chrome.har: 7 requests; the HAR ends after 6331 bytes, in the middle of its entry 7 (GET wss://chat.example/ws): whether that request was sent, what else the entry held and what follows is not known
        mitmproxy.har: 4 requests; the HAR ends after 4218 bytes, after its entry 4: what follows is not known
        puppeteer.jsonl: 3 requests; 1 message of the log cannot be read, the first of them number 7
        chromedriver.json: 3 requests; the log ends after 3316 bytes and 6 messages: what follows is not known
        warcio.warc: 3 requests; the WARC ends in the middle of a record, after its record 6: what follows is not known
        crawler.warc.gz: 2 requests; the WARC ends in the middle of a record, after its record 5: what follows is not known
        crawler.wacz: 3 requests; the WACZ has no directory at its end: its files were read one after the other, as far as they go
    "#]]
    .assert_eq(&read);
}

#[test]
fn one_damaged_entry_costs_no_other() {
    let text = std::fs::read_to_string(fixtures().join("mitmproxy.har")).unwrap();
    let broken = text.replacen("\"method\": \"POST\"", "\"method\": POST", 1).replacen("book\"", "bo\\ud800ok\"", 1);
    let recording = case(vec![("x.har".to_owned(), broken.into_bytes())]);
    let urls: Vec<String> = recording.requests.iter().map(|request| request.url).collect();
    assert_eq!(urls, ["https://www.clinic.example/bo\u{fffd}ok", "https://www.clinic.example/thanks", "https://chat.example/ws"]);
    assert!(recording.gaps.iter().any(|gap| gap.why == "1 of 4 entries of the HAR cannot be read"), "{:?}", recording.gaps);
}

/// Cut at each byte, and each byte made an é; with fewer of the long ones unless everything is asked for.
#[test]
fn no_damage_is_too_much() {
    let mut tried = 0;
    for path in std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let whole = std::fs::read(&path).unwrap();
        let all = std::env::var("PIXELWITNESS_TEST_ALL").is_ok_and(|value| !value.is_empty());
        let step = if all || whole.len() < 1000 { 1 } else { 7 };
        for at in (0..whole.len()).step_by(step) {
            let mut mangled = whole.clone();
            mangled.splice(at..=at, *b"\xc3\xa9");
            for bytes in [whole[..at].to_vec(), mangled] {
                tried += 1;
                let _ = files_beside(&mut Cursor::new(bytes.clone()));
                let recording = case(vec![(name.clone(), bytes)]);
                assert!(recording.requests.iter().zip(1..).all(|(request, number)| request.id.0 == number), "{name} at {at}");
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn no_log_is_too_damaged() {
    for name in ["netlog.json", "devtools.jsonl"] {
        let whole = std::fs::read(fixtures().join("../../interceptor/fixtures/shop").join(name)).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 30) {
            let mut mangled = whole.clone();
            mangled.splice(at..=at, *b"\xc3\xa9");
            for bytes in [whole[..at].to_vec(), mangled] {
                let recording = case(vec![(name.to_owned(), bytes)]);
                assert!(recording.requests.iter().zip(1..).all(|(request, number)| request.id.0 == number), "{name} at {at}");
            }
        }
    }
}

#[test]
fn a_log_that_is_cut_off_says_so() {
    let whole = std::fs::read(fixtures().join("../../interceptor/fixtures/shop/netlog.json")).unwrap();
    let read = |bytes: &[u8]| case(vec![("netlog.json".to_owned(), bytes.to_vec())]);
    let (all, half) = (read(&whole), read(&whole[..whole.len() / 2]));
    assert!(all.completeness.finished && !half.completeness.finished && !half.completeness.captures[0].whole);
    assert!(!half.requests.is_empty() && half.requests.len() < all.requests.len());
    assert!(half.gaps.iter().any(|gap| gap.why == "the NetLog lacks its end"), "{:?}", half.gaps);
}
