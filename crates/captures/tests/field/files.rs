//! The files themselves.

use expect_test::expect;

use crate::check_file;

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
