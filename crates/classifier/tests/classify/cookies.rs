//! Cookies of a company: what they mean stands with one of its products, and holds on all of its hosts.

use expect_test::{Expect, expect};
use pixelwitness_classifier::Part;
use pixelwitness_recording::Request;

use crate::fixture::{self, findings};

#[test]
fn cookies_of_an_owner_are_known_to_all_of_its_products_on_its_hosts() {
    for (url, cookies, expected) in [
        (
            "https://fonts.googleapis.com/css2?family=Inter",
            "SID=g.a1; theme=dark",
            expect![[r#"
            SID = g.a1 PersonAccount
            theme = dark Unknown
        "#]],
        ),
        (
            "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.clinic.example%2F",
            "c_user=100000000000009; xs=7",
            expect![[r#"
            c_user = 100000000000009 PersonAccount
            xs = 7 SessionId
        "#]],
        ),
        (
            "https://ib.adnxs.com/getuid?https%3A%2F%2Fexample.org",
            "uuid2=4; MUID=0A",
            expect![[r#"
            uuid2 = 4 BrowserId
            MUID = 0A BrowserId
        "#]],
        ),
    ] {
        check(url, cookies, &expected);
    }
}

/// Many sites call their own session `SID`. Nobody's account is told by it.
#[test]
fn a_cookie_of_the_site_that_is_called_as_one_of_an_owner_is_the_sites() {
    check(
        "https://metrics.clinic.example/g/collect?v=2&tid=G-ABC123&en=page_view",
        "SID=77; _ga=GA1.1.2",
        &expect![[r#"
        SID = 77 Unknown
        _ga = GA1.1.2 BrowserId
    "#]],
    );
}

/// Whoever checks the claim has to find the cookie in the definition that it names.
#[test]
fn a_claim_names_the_definition_that_the_cookie_stands_in() {
    let leaks = findings(with_cookies("https://www.google.com/recaptcha/api2/anchor?k=6L", "SID=g.a1")).leaks;
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    assert_eq!(format!("{:?}", leaks.get(0).unwrap().basis), r#"[VendorField { vendor: "google_analytics_4", field: "SID" }]"#);
}

fn check(url: &str, cookies: &str, expected: &Expect) {
    let fields = findings(with_cookies(url, cookies)).events.into_iter().flat_map(|event| event.fields);
    let cookies = fields.filter(|field| field.location.part == Part::Cookie);
    let lines: String = cookies.map(|field| format!("{} = {} {:?}\n", field.name, field.value, field.meaning)).collect();
    expected.assert_eq(&lines);
}

fn with_cookies(url: &str, cookies: &str) -> Request {
    fixture::parse(format!("GET {url}\nCookie: {cookies}\n").as_bytes())
}
