//! What leaks, what does not, and how we know.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, Encoding, Meaning, classify};
use pixelwitness_recording::{CanaryKind, NotSentCause, Recording, Request, Transmission};

use crate::recorded::{PAGE, get, leaks, post, recording, with_answer, with_canary, with_header, with_message};

fn check(recording: &Recording, expected: Expect) {
    expected.assert_eq(&leaks(&classify(recording, &Definitions::built_in())));
}

#[test]
fn a_canary_in_a_field_of_a_definition_is_one_claim_with_both_grounds() {
    let request = get(
        "https://www.facebook.com/tr/?id=1&ev=Search&dl=https%3A%2F%2Fwww.clinic.example%2Ffind%3Fq%3Dhiv%2520test&cd[search_string]=hiv+test&cd[x]=HIV%20test&cd[content_name]=About%20hiv%20test",
    );
    check(
        &with_canary(recording(vec![request]), CanaryKind::SearchTerm, "hiv test"),
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/find?q=hiv%20test | query dl 47..105 [Percent] | meta_pixel dl
        r1 Meta Platforms | SearchTerm | dl?q = hiv test | query dl 93..105 [Percent, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Meta Platforms | SearchTerm | cd[search_string] = hiv test | query cd[search_string] 124..132 [Percent] | canary search-term, meta_pixel cd[search_string]
        r1 Meta Platforms | PageMetadata | cd[content_name] = About hiv test | query cd[content_name] 167..185 [Percent] | meta_pixel cd[content_name]
        r1 Meta Platforms | SearchTerm | cd[x] = HIV test | query cd[x] 139..149 [Percent] | canary search-term
        r1 Meta Platforms | SearchTerm | cd[content_name] = hiv test | query cd[content_name] 167..185 [Percent] | canary search-term
    "#]],
    );
}

/// Which names a site gives is no vendor's to say: the same holds for all of them.
#[test]
fn a_property_that_the_site_named_after_contact_data_is_contact_data() {
    let requests = vec![
        get(
            "https://www.facebook.com/tr/?id=1&ev=Lead&cd[first_name]=Maria&cd[email]=yes&cd[mobileNumber]=07700%20900123&cd[phone]=iPhone",
        ),
        get(
            "https://www.google-analytics.com/g/collect?v=2&tid=G-1&en=sign_up&ep.post_code=SW1A%201AA&up.dateOfBirth=1980-02-29&ep.name=Chair",
        ),
    ];
    check(
        &recording(requests),
        expect![[r#"
            r1 Meta Platforms | Name | cd[first_name] = Maria | query cd[first_name] 57..62 [Percent] | the property is the site's own, and by its name it is a person's name
            r1 Meta Platforms | Phone | cd[mobileNumber] = 07700 900123 | query cd[mobileNumber] 94..108 [Percent] | the property is the site's own, and by its name it is a telephone number
            r2 Google (Alphabet) | Postcode | ep.post_code = SW1A 1AA | query ep.post_code 79..89 [Percent] | the property is the site's own, and by its name it is a postcode
            r2 Google (Alphabet) | DateOfBirth | up.dateOfBirth = 1980-02-29 | query up.dateOfBirth 105..115 [Percent] | the property is the site's own, and by its name it is a date of birth
        "#]],
    );
}

#[test]
fn a_canary_explains_a_hash() {
    let meta = post(
        "https://www.facebook.com/tr/",
        "id=1&ev=Lead&ud[em]=5d49bab7ac1fc5b7dc7e9ee90ea0a2d5a2e1af7fe2ecc43f96b1e3d3b6f4c9ce&udff[em]=EMAIL&ud[external_id]=EMAIL&udff[ph]=PHONE",
    );
    let google = post("https://www.google-analytics.com/g/collect?v=2&tid=G-1&en=form_submit&em=tv.1~em.TOKEN", "");
    let tiktok =
        post("https://analytics.tiktok.com/api/v2/pixel", r#"{"event":"EnrichAM","context":{"user":{"auto_phone_number":"ZEROPHONE"}}}"#);
    let requests = [meta, google, tiktok].map(filled);
    let with_email = with_canary(recording(requests.to_vec()), CanaryKind::Email, "pat@clinic.example");
    check(
        &with_canary(with_email, CanaryKind::Phone, "07700 900123"),
        expect![[r#"
            r1 Meta Platforms | Email | ud[em] = 5d49bab7ac1fc5b7dc7e9ee90ea0a2d5a2e1af7fe2ecc43f96b1e3d3b6f4c9ce | form ud[em] 20..84 [Percent, Sha256[Trim, Lowercase]] | meta_pixel ud[em]
            r1 Meta Platforms | Email | udff[em] = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 (pat@clinic.example) | form udff[em] 94..158 [Percent, Sha256[]] | canary email, meta_pixel udff[em]
            r1 Meta Platforms | Email | ud[external_id] = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 (pat@clinic.example) | form ud[external_id] 175..239 [Percent, Sha256[]] | canary email, meta_pixel ud[external_id]
            r1 Meta Platforms | Phone | udff[ph] = 17164f7cb1909b65e812895d10d70785982ade377c79c8824dc02c0a1237674d (07700 900123) | form udff[ph] 249..313 [Percent, Sha256[NoLeadingZeros]] | canary phone, meta_pixel udff[ph]
            r2 Google (Alphabet) | Email | em.em = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 (pat@clinic.example) | query em 81..124 [Percent, Base64Url, RawDigest, Sha256[]] | canary email, google_analytics_4 em.em
            r3 ByteDance (TikTok) | Phone | context.user.auto_phone_number = ef03a7ae0c135a3e6bb6e0898460efc32a64aea33676b8b628bdc40ee1fe3dcc (07700 900123) | JSON /context/user/auto_phone_number 60..124 [JsonString, Sha256[NoSpaces]] | canary phone, tiktok_pixel context.user.auto_phone_number
        "#]],
    );
}

/// The digests are of the canaries above; `openssl dgst -sha256` gives the same.
fn filled(mut request: Request) -> Request {
    for (word, digest) in [
        ("EMAIL", "0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0"),
        ("ZEROPHONE", "ef03a7ae0c135a3e6bb6e0898460efc32a64aea33676b8b628bdc40ee1fe3dcc"),
        ("PHONE", "17164f7cb1909b65e812895d10d70785982ade377c79c8824dc02c0a1237674d"),
        ("TOKEN", "BEg1GkIcPL2-CNrDBfTig2moe-XGjsnsX4KbNFKKgNA"),
    ] {
        request.url = request.url.replace(word, digest);
        let body = String::from_utf8(request.body.bytes().unwrap_or_default().to_vec()).unwrap();
        request.body = body.replace(word, digest).into_bytes().into();
    }
    request
}

#[test]
fn a_canary_leaks_to_third_parties_that_nobody_reads_and_not_to_the_site() {
    let requests = vec![
        get("https://www.clinic.example/find?q=hiv+test"),
        get("https://elsewhere.example/log?x=hiv+test"),
        post("https://elsewhere.example/log", r#"{"a":["hiv test"]}"#),
        Request {
            transmission: Transmission::NotSent { cause: NotSentCause::Other, why: "blocked: csp".to_owned() },
            ..get("https://elsewhere.example/log?x=hiv+test")
        },
    ];
    check(
        &with_canary(recording(requests), CanaryKind::SearchTerm, "hiv test"),
        expect![[r#"
        r2 elsewhere.example | SearchTerm | x = hiv test | query x 32..40 [Percent] | canary search-term
        r3 elsewhere.example | SearchTerm | /a/0 = hiv test | JSON /a/0 7..15 [] | canary search-term
    "#]],
    );
}

#[test]
fn messages_are_searched() {
    let recording = recording(vec![get("wss://chat.elsewhere.example/socket"), get("wss://www.clinic.example/socket")]);
    let sent = with_message(with_message(recording, 1, r#"{"type":"hello"}"#), 1, r#"{"typed":"Pat Example"}"#);
    check(
        &with_canary(with_message(sent, 2, r#"{"typed":"Pat Example"}"#), CanaryKind::FullName, "Pat Example"),
        expect![[r#"
            r1 elsewhere.example | Name | WebSocket message 2 = Pat Example | WebSocket message 2 10..21 [] | canary full-name
        "#]],
    );
}

#[test]
fn messages_are_read() {
    let sent = with_message(
        recording(vec![get("wss://analytics.tiktok.com/api/v2/pixel")]),
        1,
        r#"{"event":"Search","properties":{"query":"prep"},"context":{"page":{"url":"https://www.clinic.example/find?q=prep"}}}"#,
    );
    check(
        &sent,
        expect![[r#"
        r1 ByteDance (TikTok) | SearchTerm | properties.query = prep | WebSocket message 1 41..45 [JsonString] | tiktok_pixel properties.query
        r1 ByteDance (TikTok) | PageAddress | context.page.url = https://www.clinic.example/find?q=prep | WebSocket message 1 74..112 [JsonString] | tiktok_pixel context.page.url
        r1 ByteDance (TikTok) | SearchTerm | context.page.url?q = prep | WebSocket message 1 108..112 [JsonString, Url, Percent] | site searches call the searched text "q" in an address
    "#]],
    );
}

#[test]
fn a_referer_that_names_more_than_the_site_is_a_leak() {
    let to_third = |referer: &str| with_header(get("https://elsewhere.example/a.js"), "Referer", referer);
    let requests = vec![
        to_third("https://www.clinic.example/find?q=prep&fbclid=Iw123"),
        to_third("https://www.clinic.example/"),
        to_third("https://frame.widget.example/embed/abc"),
        with_header(get("https://www.clinic.example/a.css"), "Referer", PAGE),
        with_header(get("https://www.facebook.com/tr/?id=1&ev=PageView"), "referer", PAGE),
    ];
    check(
        &recording(requests),
        expect![[r#"
        r1 elsewhere.example | PageAddress | Referer = https://www.clinic.example/find?q=prep&fbclid=Iw123 | header referer 0..51 [] | a Referer header that names more than the site
        r1 elsewhere.example | SearchTerm | Referer?q = prep | header referer 34..38 [Url, Percent] | site searches call the searched text "q" in an address
        r1 elsewhere.example | ClickId | Referer?fbclid = Iw123 | header referer 46..51 [Url, Percent] | fbclid in an address is the identifier of a click on an advertisement of Meta Platforms
        r5 Meta Platforms | PageAddress | Referer = https://www.clinic.example/hiv/prep | header referer 0..35 [] | a Referer header that names more than the site
    "#]],
    );
}

#[test]
fn cookies_of_an_owner_are_known_on_requests_nobody_reads() {
    let requests = vec![
        with_header(get("https://www.facebook.com/images/like.png"), "Cookie", "c_user=100000000000009; other=1"),
        with_header(get("https://elsewhere.example/x"), "Cookie", "c_user=5; fr=1"),
        with_header(get("https://www.clinic.example/x"), "Cookie", "_fbp=fb.1.2.3"),
    ];
    check(
        &recording(requests),
        expect![[r#"
            r1 Meta Platforms | PersonAccount | c_user = 100000000000009 | cookie c_user 7..22 [] | meta_pixel c_user
        "#]],
    );
}

#[test]
fn what_proves_nothing_is_no_leak() {
    let requests = vec![
        get(
            "https://www.facebook.com/tr/?id=1&ev=PageView&dl=&rl=undefined&cd[search_string]=&cd[formFeatures]=[]&cd[OpenGraph]={}&ud[em]=undefined",
        ),
        get("https://www.facebook.com/tr/?id=1&ev=PageView&cud[em]=***%40******.***&ncud[ph]=%23%23%23%23&cd[value]=20&sw=1280"),
        get("https://www.facebook.com/tr/?id=1&ev=PageView&dl=https%3A%2F%2Fwww.clinic.example%2F%3Fs%3D12"),
    ];
    check(
        &recording(requests),
        expect![[r#"
        r3 Meta Platforms | PageAddress | dl = https://www.clinic.example/?s=12 | query dl 49..93 [Percent] | meta_pixel dl
    "#]],
    );
}

#[test]
fn a_mask_proves_no_canary() {
    let request =
        get("https://www.facebook.com/tr/?id=1&ev=Lead&cudff[fn]=^**&ncudff[fn]=***&cudff[ph]=%23%23%23%23%23%20%23%23%23%23%23%23");
    let with_name = with_canary(recording(vec![request]), CanaryKind::FirstName, "Pat");
    check(&with_canary(with_name, CanaryKind::Phone, "07700 900123"), expect![[""]]);
}

#[test]
fn a_contact_detail_in_place_of_its_hash_is_shown_in_the_clear() {
    check(
        &recording(vec![get("https://www.facebook.com/tr/?id=1&ev=Lead&ud[em]=pat%40clinic.example")]),
        expect![[r#"
        r1 Meta Platforms | Email | ud[em] = pat@clinic.example | query ud[em] 49..69 [Percent] | meta_pixel ud[em]
    "#]],
    );
}

#[test]
fn a_copy_names_the_event_it_is_a_copy_of() {
    let query = |name: &str, ts: &str| format!("id=1&ev={name}&dl=https%3A%2F%2Fwww.clinic.example%2F&ts={ts}");
    let event = |name: &str, ts: &str| get(&format!("https://www.facebook.com/tr/?{}&rqm=GET", query(name, ts)));
    let copy = |name: &str, ts: &str| {
        get(&format!("https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?{}&rqm=FGET", query(name, ts)))
    };
    let without_time = get("https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=1&ev=PageView");
    let requests = vec![
        event("PageView", "1"),
        copy("PageView", "1"),
        event("PageView", "2"),
        copy("PageView", "2"),
        copy("PageView", "3"),
        event("PageView", "1"),
        copy("Lead", "4"),
        event("Lead", "4"),
        get("https://www.facebook.com/tr/?id=1&ev=PageView"),
        without_time,
    ];
    let findings = classify(&recording(requests), &Definitions::built_in());
    let mut table = String::new();
    for event in &findings.events {
        let of = event.copy_of.map_or("an event of its own".to_owned(), |original| format!("a copy of {original}"));
        let _ = writeln!(table, "{} {} is {of}", event.request, event.name.as_deref().unwrap_or("-"));
    }
    expect![[r#"
        r1 PageView is an event of its own
        r2 PageView is a copy of r1
        r3 PageView is an event of its own
        r4 PageView is a copy of r3
        r5 PageView is an event of its own
        r6 PageView is an event of its own
        r7 Lead is a copy of r8
        r8 Lead is an event of its own
        r9 PageView is an event of its own
        r10 PageView is an event of its own
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_an_answer_declares_is_told_apart_from_what_leaves() {
    let script = r#"fbq.registerPlugin("1",{__fbEventsPlugin:1,plugin:function(fbq,instance,config){
        config.set("123", "automaticMatching", {"selectedMatchKeys":["em","ph","zp"]});
        config.set("123", "batching", {"batchWaitTimeMs":10});
        config.set("123", "unwantedData", {"blacklisted_keys":{"PageView":{"cd":[],"url":["lastName","nhs"]}},"sensitive_keys":{}});
        instance.optIn("123", "InferredEvents", true);instance.optIn("123", "AutomaticMatching", false);
        fbq.set("opt", x, true);}});"#;
    let config = with_answer(get("https://connect.facebook.net/signals/config/123?v=2"), script);
    let cached = Request {
        transmission: Transmission::NotSent { cause: NotSentCause::Other, why: "answered from the cache".to_owned() },
        ..config.clone()
    };
    let library = with_answer(get("https://connect.facebook.net/en_US/fbevents.js"), script);
    let other = with_answer(get("https://elsewhere.example/signals/config/123"), script);
    let findings = classify(&recording(vec![cached, config, library, other]), &Definitions::built_in());
    let mut table = String::new();
    for one in &findings.declared {
        let note = one.note.as_deref().unwrap_or("-");
        let _ = writeln!(
            table,
            "{} {} {} {} = {} ({note})",
            one.request,
            one.vendor,
            one.account.as_deref().unwrap_or("-"),
            one.setting,
            one.value
        );
    }
    expect![[r#"
        r1 meta_pixel 123 automaticMatching.selectedMatchKeys = em, ph, zp (which contact details it is set to lift (em e-mail, ph phone, fn/ln names, zp postcode, db date of birth, ge gender, ct town, st county))
        r1 meta_pixel 123 unwantedData.blacklisted_keys.PageView.url = lastName, nhs (names it is set to take out: Meta has met them in what this pixel sent)
        r1 meta_pixel 123 InferredEvents = on (sends clicks on buttons with their text, without any code of the site's)
        r1 meta_pixel 123 AutomaticMatching = off (-)
        r2 meta_pixel 123 automaticMatching.selectedMatchKeys = em, ph, zp (which contact details it is set to lift (em e-mail, ph phone, fn/ln names, zp postcode, db date of birth, ge gender, ct town, st county))
        r2 meta_pixel 123 unwantedData.blacklisted_keys.PageView.url = lastName, nhs (names it is set to take out: Meta has met them in what this pixel sent)
        r2 meta_pixel 123 InferredEvents = on (sends clicks on buttons with their text, without any code of the site's)
        r2 meta_pixel 123 AutomaticMatching = off (-)
    "#]].assert_eq(&table);
    assert!(findings.leaks.is_empty(), "{:?}", findings.leaks);
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let requests: Vec<Request> = crate::fixture::all().iter().map(|(_, name)| crate::fixture::read(name)).collect();
    let recording = with_canary(recording(requests), CanaryKind::Email, "pat@clinic.example");
    let written = || serde_json::to_string(&classify(&recording, &Definitions::built_in())).unwrap();
    assert_eq!(written(), written());
    assert!(written().contains("pat@clinic.example"));
}

#[test]
fn a_compressed_body_is_read_and_its_place_is_the_whole() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, br#"{"event":"Search","properties":{"query":"prep"}}"#).unwrap();
    let packed = encoder.finish().unwrap();
    let length = packed.len();
    let request = Request { body: packed.into(), ..post("https://analytics.tiktok.com/api/v2/pixel", "") };
    let findings = classify(&recording(vec![request]), &Definitions::built_in());
    let leak = &findings.leaks.get(0).unwrap();
    assert_eq!((leak.value.as_str(), leak.location.range.unwrap().start, leak.location.range.unwrap().end), ("prep", 0, length));
    assert_eq!(leak.encodings, [Encoding::Gzip, Encoding::JsonString]);
}

#[test]
fn what_cannot_be_taken_apart_comes_out_whole() {
    for (url, body, name, value) in [
        ("https://analytics.tiktok.com/api/v2/pixel", "\u{1}\u{2}prep", "", "\u{1}\u{2}prep"),
        ("https://analytics.tiktok.com/api/v2/pixel", r#"{"event":"Search","x":prep"#, "", r#"prep"#),
        ("https://www.facebook.com/tr/", "no pairs here", "", "no pairs here"),
        ("https://www.facebook.com/tr/?unheard%20of=1", "", "unheard of", "1"),
    ] {
        let findings = classify(&recording(vec![post(url, body)]), &Definitions::built_in());
        let last = findings.events.get(0).unwrap().fields.pop().unwrap();
        assert_eq!((last.name.as_str(), last.value.as_str(), last.meaning), (name, value, Meaning::Unknown));
    }
}

#[test]
fn a_tracker_on_its_own_site_is_not_told_to_somebody_else() {
    let own = Request {
        page_url: Some("https://analytics.clinic.example/".to_owned()),
        ..get("https://www.clinic.example/collect?dl=%2Fhiv&q=hiv+test")
    };
    let like_a_pixel = get("https://www.clinic.example/tr?id=abc&ev=PageView&dl=x&ts=1");
    let like_analytics = get("https://www.clinic.example/g/collect?v=1&tid=UA-1&dl=x");
    let recording = with_canary(recording(vec![own, like_a_pixel, like_analytics]), CanaryKind::SearchTerm, "hiv test");
    let findings = classify(&recording, &Definitions::built_in());
    assert_eq!((findings.leaks.len(), findings.events.len(), findings.unread.len()), (0, 0, 0));
}

/// 5,000 lines that share 1,000 parameters are no five million fields.
#[test]
fn a_batch_that_multiplies_ends() {
    let query = "x=1&".repeat(1_000);
    let request = post(&format!("https://www.google-analytics.com/g/collect?{query}"), &"en=a\n".repeat(5_000));
    let findings = classify(&recording(vec![request]), &Definitions::built_in());
    assert_eq!(findings.events.len(), 5_000);
    let fields: usize = findings.events.iter().map(|event| event.fields.len()).sum();
    assert_eq!(fields, 5_000 + 100 * 1_000);
}

#[test]
fn cookies_in_several_headers_are_told_apart() {
    let request = with_header(get("https://www.facebook.com/tr/?id=1&ev=PageView"), "cookie", "datr=Ab12");
    check(
        &recording(vec![with_header(with_header(request, "cookie", "c_user=100000000000009"), "cookie", "  fr ; empty=")]),
        expect![[r#"
            r1 Meta Platforms | BrowserId | datr = Ab12 | cookie datr 5..9 [] | meta_pixel datr
            r1 Meta Platforms | PersonAccount | c_user = 100000000000009 | cookie c_user 7..22 [] | meta_pixel c_user
        "#]],
    );
}

/// Nobody wrote a definition for this recipient, and it learns the page all the same.
#[test]
fn the_address_of_a_visited_page_is_a_claim_in_whatever_nobody_reads() {
    let json = r#"{"page":{"url":"https://www.clinic.example/hiv/prep?q=hiv+test#top"},"image":"https://www.clinic.example/prep.png"}"#;
    let requests = vec![
        get("https://t.unheard-of.example/c?n=1&where=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep%2F&w=640"),
        post("https://t.unheard-of.example/c", json),
        // Another page of the site that nobody opened, a picture, the site alone.
        get("https://t.unheard-of.example/c?where=https%3A%2F%2Fwww.clinic.example%2Fhiv"),
        get("https://t.unheard-of.example/c?where=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep.png"),
        get("https://t.unheard-of.example/c?where=https%3A%2F%2Fwww.clinic.example%2F"),
        // What the site is told about itself.
        get("https://api.clinic.example/c?where=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep"),
        // A parameter that the recipient's definition does not have.
        get("https://www.facebook.com/tr/?id=1&ev=PageView&novel=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep"),
    ];
    check(
        &recording(requests),
        expect![[r#"
            r1 unheard-of.example | PageAddress | where = https://www.clinic.example/hiv/prep/ | query where 41..89 [Percent] | the value is the address of a page that was visited
            r2 unheard-of.example | PageAddress | page.url = https://www.clinic.example/hiv/prep?q=hiv+test#top | JSON /page/url 16..66 [JsonString] | the value is the address of a page that was visited
            r2 unheard-of.example | SearchTerm | page.url?q = hiv test | JSON /page/url 54..62 [JsonString, Url, Percent] | site searches call the searched text "q" in an address
            r7 Meta Platforms | PageAddress | novel = https://www.clinic.example/hiv/prep | query novel 52..97 [Percent] | the value is the address of a page that was visited
        "#]],
    );
}
