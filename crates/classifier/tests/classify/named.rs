//! Requests of vendors that had no definition once: each comes out under the product's name, with its event and what it tells.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, classify};
use pixelwitness_recording::Request;

use crate::recorded::{get, post, recording};

/// Who received a request through which product, the event, and what it tells, a line each.
fn check(request: Request, expected: &Expect) {
    let findings = classify(&recording(vec![request]), &Definitions::built_in());
    let mut lines = String::new();
    for recipient in &findings.recipients {
        let _ = writeln!(lines, "{} through {}", recipient.id, recipient.vendors.join(", "));
    }
    for event in &findings.events {
        let _ = writeln!(lines, "  event {} of {}", event.name.as_deref().unwrap_or("-"), event.account.as_deref().unwrap_or("-"));
    }
    for leak in &findings.leaks {
        let _ = writeln!(lines, "  {:?} {}", leak.what, leak.value);
    }
    assert!(findings.unread.is_empty(), "{lines}");
    expected.assert_eq(&lines);
}

#[test]
fn openai_receives_the_hash_of_an_address_and_the_page_with_no_canary_given() {
    check(
        post(
            "https://bzr.openai.com/v1/sdk/events?pid=Px0000000000000000demo&st=oaiq-web&sv=0.1.32",
            r#"{"obref":"00000000","events":[{"type":"lead_created","id":"1","source_url":"https://www.clinic.example/hiv/testing","user":{"em":"98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb"}}]}"#,
        ),
        &expect![[r#"
            OpenAI through OpenAI Ads
              event lead_created of Px0000000000000000demo
              PageAddress https://www.clinic.example/hiv/testing
              Email 98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb
        "#]],
    );
}

/// Its script sent the path alone for years, and now sends the whole address: both are the page's.
#[test]
fn umami_receives_the_page_and_its_search_term_from_a_path() {
    for (url, expected) in [
        (
            "/hiv/testing?q=prep",
            expect![[r#"
            Umami Software through Umami
              event book of 3b5e2c7a-1111-4a2b-8c3d-000000000001
              PageTitle HIV testing
              PageAddress /hiv/testing?q=prep
              SearchTerm prep
        "#]],
        ),
        (
            "https://www.clinic.example/hiv/testing?q=prep",
            expect![[r#"
            Umami Software through Umami
              event book of 3b5e2c7a-1111-4a2b-8c3d-000000000001
              PageTitle HIV testing
              PageAddress https://www.clinic.example/hiv/testing?q=prep
              SearchTerm prep
        "#]],
        ),
        (
            "/?s=genital+warts",
            expect![[r#"
            Umami Software through Umami
              event book of 3b5e2c7a-1111-4a2b-8c3d-000000000001
              PageTitle HIV testing
              PageAddress /?s=genital+warts
              SearchTerm genital warts
        "#]],
        ),
        (
            "/hiv/testing",
            expect![[r#"
            Umami Software through Umami
              event book of 3b5e2c7a-1111-4a2b-8c3d-000000000001
              PageTitle HIV testing
              PageAddress /hiv/testing
        "#]],
        ),
    ] {
        let body = format!(
            r#"{{"type":"event","payload":{{"website":"3b5e2c7a-1111-4a2b-8c3d-000000000001","hostname":"www.clinic.example","title":"HIV testing","url":"{url}","name":"book"}}}}"#
        );
        check(post("https://cloud.umami.is/api/send", &body), &expected);
    }
}

#[test]
fn fathom_receives_the_page_by_its_path() {
    check(
        get("https://cdn.usefathom.com/?h=https%3A%2F%2Fwww.clinic.example&p=%2Fhiv%2Ftesting&r=&sid=ABCDEF&qs=%7B%7D"),
        &expect![[r#"
        Fathom Analytics through Fathom
          event - of ABCDEF
          PageAddress /hiv/testing
    "#]],
    );
}

#[test]
fn mparticle_receives_an_e_mail_address_in_the_clear() {
    check(
        post(
            "https://identity.mparticle.com/v1/identify",
            r#"{"known_identities":{"email":"alex.morgan@post.example","device_application_stamp":"9c1f"}}"#,
        ),
        &expect![[r#"
            mParticle (Rokt) through mParticle
              event identify of -
              Email alex.morgan@post.example
              BrowserId 9c1f
        "#]],
    );
}

#[test]
fn stackadapt_receives_the_page_and_its_title_of_a_front_page_too() {
    for (page, title, expected) in [
        (
            "https%3A%2F%2Fwww.clinic.example%2Fhiv%2Ftesting",
            "HIV%20testing",
            expect![[r#"
            StackAdapt through StackAdapt
              event - of Sx00000000000000000000
              PageAddress https://www.clinic.example/hiv/testing
              PageTitle HIV testing
        "#]],
        ),
        (
            "https%3A%2F%2Fwww.hiv-clinic.org%2F",
            "HIV%20clinic",
            expect![[r#"
            StackAdapt through StackAdapt
              event - of Sx00000000000000000000
              PageAddress https://www.hiv-clinic.org/
              PageTitle HIV clinic
        "#]],
        ),
    ] {
        let address = format!("https://tags.srv.stackadapt.com/saq_pxl?uid=Sx00000000000000000000&is_js=true&landing_url={page}&t={title}");
        check(get(&address), &expected);
    }
}

#[test]
fn adroll_receives_the_page() {
    check(
        get(
            "https://d.adroll.com/pixel/AAAAAAAAAAAAAAAAAAAAAA/BBBBBBBBBBBBBBBBBBBBB?arrfrr=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Ftesting&pv=1",
        ),
        &expect![[r#"
            NextRoll through AdRoll
              event - of AAAAAAAAAAAAAAAAAAAAAA
              PageAddress https://www.clinic.example/hiv/testing
        "#]],
    );
}

/// Its library is Segment's and names itself so: its own hosts tell the two apart.
#[test]
fn what_goes_to_customer_io_is_not_segments() {
    let body = r#"{"type":"track","event":"Search","properties":{"query":"prep"},"userId":null,"anonymousId":"27c8904f","messageId":"ajs-next-1","writeKey":"wk1","context":{"page":{"url":"https://www.clinic.example/find"},"library":{"name":"analytics.js","version":"npm:next-0.5.11"}}}"#;
    check(
        post("https://cdp.customer.io/v1/t", body),
        &expect![[r#"
        Customer.io through Customer.io
          event Search of wk1
          SearchTerm prep
          BrowserId 27c8904f
          PageAddress https://www.clinic.example/find
    "#]],
    );
}

/// Nothing in the words of such a request is the software's: a site's own service may use them all.
#[test]
fn a_sites_own_service_with_the_paths_of_analytics_is_none() {
    let definitions = Definitions::built_in();
    for (address, body) in [
        ("https://api.clinic.example/api/send", r#"{"type":"event","payload":{"website":"www.clinic.example","url":"/book"}}"#),
        ("https://api.clinic.example/api/track", r#"{"type":"order","site_id":7,"hostname":"a"}"#),
        ("https://api.clinic.example/log", r#"{"pid":"7","level":"info","message":"booked"}"#),
        ("https://api.clinic.example/track", r#"{"type":"track","payload":{"name":"parcel","properties":{"id":7}}}"#),
        ("https://api.clinic.example/api/v1/identities", r#"{"identifier":"u-9","traits":{"plan":"trial"}}"#),
        ("https://api.clinic.example/collect", r#"{"meta":{"page":{"url":"https://www.clinic.example/"}},"events":[]}"#),
        ("https://api.clinic.example/i?app_key=7&device_id=8", ""),
        ("https://api.clinic.example/ahoy/visits", r#"{"ship":"Ahoy"}"#),
        ("https://api.clinic.example/intake/v2/rum/events", "{\"metadata\":{\"service\":{\"name\":\"a\"}}}\n"),
    ] {
        let findings = classify(&recording(vec![post(address, body)]), &definitions);
        assert!(findings.events.is_empty() && findings.recipients.iter().all(|one| one.vendors.is_empty()), "{address}");
    }
}
