//! What was once said wrongly, a table for each kind of mistake.

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, Doubt, classify};
use pixelwitness_recording::{CanaryKind, Capture, CaptureKind, Request};

use crate::recorded::{get, leaks, post, recording, with_canary, with_header};

fn check(requests: Vec<Request>, expected: Expect) {
    expected.assert_eq(&leaks(&classify(&recording(requests), &Definitions::built_in())));
}

fn meta(parameters: &str) -> Request {
    get(&format!("https://www.facebook.com/tr/?id=1&ev=PageView&{parameters}"))
}

/// The page that was visited is `https://www.clinic.example/hiv/prep`.
#[test]
fn a_name_that_json_ld_gives_a_thing_is_no_page_address() {
    let json_ld = |id: &str| get(&format!("https://t.unheard-of.example/c?ld=%5B%7B%22%40id%22%3A%22{id}%22%7D%5D"));
    check(
        vec![
            json_ld("https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep%23breadcrumb"),
            json_ld("https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep"),
            get("https://t.unheard-of.example/c?ld=%7B%22%40context%22%3A%22https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep%22%7D"),
            post("https://t.unheard-of.example/c", r#"{"itemid":"https://www.clinic.example/hiv/prep#product"}"#),
            post("https://t.unheard-of.example/c", r#"{"mainEntityOfPage":"https://www.clinic.example/hiv/prep"}"#),
        ],
        expect![[r#"
            r5 unheard-of.example | PageAddress | mainEntityOfPage = https://www.clinic.example/hiv/prep | JSON /mainEntityOfPage 21..56 [JsonString] | the value is the address of a page that was visited
        "#]],
    );
}

#[test]
fn a_template_and_a_button_are_no_search_terms() {
    check(
        vec![
            meta("dl=https%3A%2F%2Fwww.clinic.example%2F%3Fs%3D%7Bsearch_term_string%7D"),
            meta("dl=https%3A%2F%2Fwww.clinic.example%2F%3Fs%3Dpregnancy%26search%3DSearch"),
            meta("dl=https%3A%2F%2Fwww.clinic.example%2F%3Fq%3D%7B%7Bquery%7D%7D%26s%3D%2525s"),
            meta("dl=https%3A%2F%2Fwww.clinic.example%2F%3Fq%3Dhiv%26search%3DRechercher"),
        ],
        expect![[r#"
            r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/?s={search_term_string} | query dl 49..115 [Percent] | meta_pixel dl
            r2 Meta Platforms | PageAddress | dl = https://www.clinic.example/?s=pregnancy&search=Search | query dl 49..118 [Percent] | meta_pixel dl
            r2 Meta Platforms | SearchTerm | dl?s = pregnancy | query dl 91..100 [Percent, Url, Percent] | site searches call the searched text "s" in an address
            r3 Meta Platforms | PageAddress | dl = https://www.clinic.example/?q={{query}}&s=%25s | query dl 49..121 [Percent] | meta_pixel dl
            r4 Meta Platforms | PageAddress | dl = https://www.clinic.example/?q=hiv&search=Rechercher | query dl 49..116 [Percent] | meta_pixel dl
            r4 Meta Platforms | SearchTerm | dl?q = hiv | query dl 91..94 [Percent, Url, Percent] | site searches call the searched text "q" in an address
        "#]],
    );
}

#[test]
fn the_hash_of_nothing_much_is_nobodys() {
    let ph = |value: &str| meta(&format!("udff[ph]={value}"));
    check(
        vec![
            // SHA-256, MD5 and SHA-1 of "1", "true" and the empty text; then one that is somebody's.
            ph("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"),
            ph("c4ca4238a0b923820dcc509a6f75849b"),
            ph("5ffe533b830f08a0326348a9160afafc8ada44db"),
            ph("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ph("a8acc3a90a7b4e4dc65e93db9240ed26523050ef754d63b75b5161de76781436"),
        ],
        expect![[r#"
            r5 Meta Platforms | Phone | udff[ph] = a8acc3a90a7b4e4dc65e93db9240ed26523050ef754d63b75b5161de76781436 | query udff[ph] 55..119 [Percent, Sha256[DigitsOnly, NoLeadingZeros]] | meta_pixel udff[ph]
        "#]],
    );
}

#[test]
fn what_stands_for_a_value_is_none() {
    check(
        vec![
            with_header(meta("fbp=[fbp%20redacted]&ud[em]=REDACTED"), "cookie", "c_user=[c_user redacted]; datr=***; fr=MARKUP_REDACTED"),
            meta("fbp=fb.1.1796032800000.100000000000000001&dl=[url%20redacted]"),
            post(
                "https://api.segment.io/v1/i",
                r#"{"type":"identify","userId":"[uid redacted]","anonymousId":"{{ anonymous_id }}","traits":{"email":"[scrubbed]"}}"#,
            ),
            get("https://t.unheard-of.example/c?email=%25%25EMAIL%25%25&page=[removed]"),
        ],
        expect![[r#"
            r2 Meta Platforms | BrowserId | fbp = fb.1.1796032800000.100000000000000001 | query fbp 50..87 [Percent] | meta_pixel fbp
        "#]],
    );
}

#[test]
fn an_identifier_of_32_digits_is_no_hash_and_a_user_id_no_contact_detail() {
    check(
        vec![
            post("https://api.segment.io/v1/i", r#"{"type":"identify","userId":"0123456789abcdef0123456789abcdef","anonymousId":"a1"}"#),
            meta("ud[external_id]=u-9"),
            get("https://analytics.twitter.com/1/i/adsct?txn_id=o1&p_id=Twitter&p_user_id=0"),
            get("https://analytics.twitter.com/1/i/adsct?txn_id=o1&p_id=Lotame&p_user_id=ab12"),
        ],
        expect![[r#"
            r1 Twilio Segment | UserId | userId = 0123456789abcdef0123456789abcdef | JSON /userId 29..61 [JsonString] | segment userId
            r1 Twilio Segment | BrowserId | anonymousId = a1 | JSON /anonymousId 78..80 [JsonString] | segment anonymousId
            r2 Meta Platforms | UserId | ud[external_id] = u-9 | query ud[external_id] 62..65 [Percent] | meta_pixel ud[external_id]
            r4 X Corp | BrowserId | p_user_id = ab12 | query p_user_id 72..76 [Percent] | x_pixel p_user_id
        "#]],
    );
}

#[test]
fn what_a_parameter_means_may_hang_on_another() {
    let ga4 =
        |consent: &str| get(&format!("https://region1.google-analytics.com/g/collect?v=2&tid=G-ABC1234567{consent}&cid=7.1&en=page_view"));
    check(
        vec![
            ga4("&gcs=G100"),
            ga4("&gcs=G110"),
            ga4("&gcs=G101"),
            ga4("&gcs=G1--"),
            ga4(""),
            get("https://px.ads.linkedin.com/insight_tag_errors.gif?v=2&pid=1&error=x&href=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep"),
            get("https://px.ads.linkedin.com/collect?v=2&pid=1&href=https%3A%2F%2Fwww.elsewhere.example%2Fbook"),
        ],
        expect![[r#"
            r3 Google (Alphabet) | BrowserId | cid = 7.1 | query cid 81..84 [Percent] | google_analytics_4 cid
            r4 Google (Alphabet) | BrowserId | cid = 7.1 | query cid 81..84 [Percent] | google_analytics_4 cid
            r5 Google (Alphabet) | BrowserId | cid = 7.1 | query cid 72..75 [Percent] | google_analytics_4 cid
            r6 Microsoft (LinkedIn) | PageAddress | href = https://www.clinic.example/hiv/prep | query href 74..119 [Percent] | linkedin_insight href
        "#]],
    );
}

#[test]
fn a_collector_behind_the_sites_own_host_is_known_by_what_is_sent() {
    check(
        vec![
            get(
                "https://www.clinic.example/metrics/g/d/ccm/form-data/123456789?gcs=G111&gcd=13r3r3r3r5l1&em=tv.1~em.mPb3jdxWWgLQ4SUy1ZifPE0dSN7x43lxBDeNvkO8LLs",
            ),
            // base64 of /g/collect?v=2&tid=G-ABC1234567&cid=7.1&en=view&dl=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep
            get(
                "https://data.clinic.example/x9?q1=L2cvY29sbGVjdD92PTImdGlkPUctQUJDMTIzNDU2NyZjaWQ9Ny4xJmVuPXZpZXcmZGw9aHR0cHMlM0ElMkYlMkZ3d3cuY2xpbmljLmV4YW1wbGUlMkZoaXYlMkZwcmVw",
            ),
            // The same form, and nothing of any vendor's in it: base64 of /search?term=hiv
            get("https://data.clinic.example/x9?q1=L3NlYXJjaD90ZXJtPWhpdg%3D%3D"),
            get("https://www.clinic.example/shop/ccm/conversion/12?gcs=1"),
        ],
        expect![[r#"
            r1 clinic.example | Email | em.em = 98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb | query em 100..143 [Percent, Base64Url, RawDigest, Sha256[Trim, Lowercase]] | google_ads em.em
            r2 clinic.example | BrowserId | cid = 7.1 | query q1 82..86 [Percent, Base64, Percent] | google_analytics_4 cid
            r2 clinic.example | PageAddress | dl = https://www.clinic.example/hiv/prep | query q1 102..162 [Percent, Base64, Percent] | google_analytics_4 dl
        "#]],
    );
}

/// The hash of a part of a value does not tell the rest of it. Digests by `printf %s sw1a | sha256sum`.
#[test]
fn a_hash_of_a_part_is_told_as_that_part() {
    for (kind, value, hash, clear) in [
        (CanaryKind::Postcode, "SW1A 1AA", "e2d55ca6a6a67066c037ccdd2dfd04b3ea925bcb3682e8ea6098c9132d140c36", "SW1A"),
        (CanaryKind::Postcode, "SW1A 1AA", "949af780a19e6f6d4b99d7044743348dbbb7ab2245fe146863573b23d02c5890", "sw1a1"),
        (CanaryKind::Postcode, "SW1A 1AA", "830e1d4b9838bab1f5c2acdb23e0b502ff13a9832c4632e8d67a1d43d3b7f614", "SW1A 1AA"),
    ] {
        for request in [get(&format!("https://t.unheard-of.example/c?x={hash}")), meta(&format!("ud[zp]={hash}"))] {
            let found = classify(&with_canary(recording(vec![request]), kind, value), &Definitions::built_in());
            let told: Vec<_> = found.leaks.iter().filter_map(|leak| leak.clear_value).collect();
            assert_eq!(told, [clear], "{hash}");
        }
    }
}

/// Something was sent where a capture says that a value was taken out: what it was cannot be said not to have been sent.
#[test]
fn a_capture_that_was_cleaned_shows_no_absence() {
    let of = |fbp: &str, is_captured: bool| {
        let mut recording = with_canary(recording(vec![meta(&format!("fbp={fbp}"))]), CanaryKind::Email, "alex.morgan@post.example");
        if is_captured {
            let file = "clinic.har".to_owned();
            recording.completeness.captures.push(Capture {
                file,
                kind: CaptureKind::Har,
                made_by: String::new(),
                requests: 1,
                whole: true,
            });
        }
        let verdict = classify(&recording, &Definitions::built_in()).verdict;
        verdict.doubts.iter().any(|doubt| matches!(doubt, Doubt::ValuesTakenOut { count: 1 }) && doubt.forbids_absence())
    };
    for (fbp, is_captured, forbids) in [
        ("[fbp%20redacted]", true, true),
        ("MARKUP_REDACTED", true, true),
        ("[fbp%20redacted]", false, false),
        ("_removed_", true, false),
        ("fb.1.1796032800000.100000000000000001", true, false),
    ] {
        assert_eq!(of(fbp, is_captured), forbids, "{fbp}");
    }
}
