//! Genuine requests of the trackers' own libraries, read with what the visitor typed for canaries.

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, classify};
use pixelwitness_recording::CanaryKind;

use crate::fixture;
use crate::recorded::{leaks, recording, request, with_canary, with_header};

/// What one fixture tells of what was typed, and of nothing else.
fn check(fixture: &str, expected: Expect) {
    let mut recording = recording(vec![fixture::read(fixture)]);
    for (kind, value) in [
        (CanaryKind::SearchTerm, "genital warts"),
        (CanaryKind::FullName, "Isolde Marchbanks"),
        (CanaryKind::Email, "isolde.marchbanks@post.example"),
        (CanaryKind::Phone, "07700 900187"),
    ] {
        recording = with_canary(recording, kind, value);
    }
    let all = leaks(&classify(&recording, &Definitions::built_in()));
    let typed: String = all.lines().filter(|line| line.contains("canary ")).flat_map(|line| [line, "\n"]).collect();
    expected.assert_eq(&typed);
}

#[test]
fn values_in_one_packed_body_are_claimed_each_under_its_own_name() {
    check(
        "posthog/real-flags.http",
        expect![[r#"
        r1 PostHog | Name | person_properties.name = Isolde Marchbanks | JSON /person_properties/name 0..340 [Gzip, JsonString] | canary full-name, posthog person_properties.name
        r1 PostHog | Email | person_properties.email = isolde.marchbanks@post.example | JSON /person_properties/email 0..340 [Gzip, JsonString] | canary email, posthog person_properties.email
        r1 PostHog | Phone | person_properties.phone = 07700 900187 | JSON /person_properties/phone 0..340 [Gzip, JsonString] | canary phone, posthog person_properties.phone
    "#]],
    );
    check(
        "microsoft_clarity/real-page.http",
        expect![[r#"
        r1 Microsoft | SearchTerm | e.11?q = genital warts | JSON /e/11 0..707 [Gzip, JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Microsoft | SearchTerm | a.1.1?q = genital warts | JSON /a/1/5/0 0..707 [Gzip, JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Microsoft | SearchTerm | a.34.searched for = genital warts | JSON /a/0/3/0 0..707 [Gzip, JsonString] | canary search-term
    "#]],
    );
}

#[test]
fn a_form_of_json_names_the_value_that_holds_the_term_and_not_the_whole() {
    check(
        "mixpanel/real-search.http",
        expect![[r#"
        r1 Mixpanel | SearchTerm | properties.$current_url?q = genital warts | form data 313..328 [Percent, JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Mixpanel | SearchTerm | properties.current_url_search?q = genital warts | form data 928..943 [Percent, JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Mixpanel | SearchTerm | properties.$current_url?q = genital warts | form data 1381..1396 [Percent, JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Mixpanel | SearchTerm | properties.term = genital warts | form data 1746..1759 [Percent, JsonString] | canary search-term
    "#]],
    );
}

#[test]
fn what_was_typed_is_found_in_the_genuine_events_of_every_library() {
    check(
        "amplitude/real-form.http",
        expect![[r#"
        r1 Amplitude | Name | user_properties.$set.name = Isolde Marchbanks | JSON /events/1/user_properties/$set/name 907..924 [JsonString] | canary full-name, amplitude user_properties.$set.name
        r1 Amplitude | Email | user_properties.$set.email = isolde.marchbanks@post.example | JSON /events/1/user_properties/$set/email 935..965 [JsonString] | canary email, amplitude user_properties.$set.email
        r1 Amplitude | Phone | user_properties.$set.phone = 07700 900187 | JSON /events/1/user_properties/$set/phone 976..988 [JsonString] | canary phone, amplitude user_properties.$set.phone
    "#]],
    );
    check(
        "snowplow/real-form.http",
        expect![[r#"
            r1 Snowplow Analytics (or self-hosted) | SearchTerm | refr?q = genital warts | JSON /data/0/refr 299..312 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
            r1 Snowplow Analytics (or self-hosted) | Email | ue_pr.data.data.value = isolde.marchbanks@post.example | JSON /data/0/ue_pr 674..704 [JsonString, Json] | canary email, snowplow ue_pr.data.data.value, the value has the shape of an e-mail address; it does not tell whose
            r1 Snowplow Analytics (or self-hosted) | SearchTerm | refr?q = genital warts | JSON /data/1/refr 1501..1514 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
            r1 Snowplow Analytics (or self-hosted) | Name | ue_pr.data.data.elements.0.value = Isolde Marchbanks | JSON /data/1/ue_pr 1859..1876 [JsonString, Json] | canary full-name, snowplow ue_pr.data.data.elements.*.value
            r1 Snowplow Analytics (or self-hosted) | Email | ue_pr.data.data.elements.1.value = isolde.marchbanks@post.example | JSON /data/1/ue_pr 1953..1983 [JsonString, Json] | canary email, snowplow ue_pr.data.data.elements.*.value, the value has the shape of an e-mail address; it does not tell whose
            r1 Snowplow Analytics (or self-hosted) | Phone | ue_pr.data.data.elements.2.value = 07700 900187 | JSON /data/1/ue_pr 2061..2073 [JsonString, Json] | canary phone, snowplow ue_pr.data.data.elements.*.value
        "#]],
    );
    check(
        "segment/real-batch.http",
        expect![[r#"
        r1 Twilio Segment | SearchTerm | properties.referrer?q = genital warts | JSON /batch/0/properties/referrer 245..258 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Twilio Segment | SearchTerm | context.page.referrer?q = genital warts | JSON /batch/0/context/page/referrer 500..513 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Twilio Segment | Name | traits.name = Isolde Marchbanks | JSON /batch/1/traits/name 1051..1068 [JsonString] | canary full-name, segment traits.name
        r1 Twilio Segment | Email | traits.email = isolde.marchbanks@post.example | JSON /batch/1/traits/email 1079..1109 [JsonString] | canary email, segment traits.email
        r1 Twilio Segment | Phone | traits.phone = 07700 900187 | JSON /batch/1/traits/phone 1120..1132 [JsonString] | canary phone, segment traits.phone
        r1 Twilio Segment | SearchTerm | context.page.referrer?q = genital warts | JSON /batch/1/context/page/referrer 1240..1253 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
    "#]],
    );
    check(
        "rudderstack/real-beacon.http",
        expect![[r#"
        r1 RudderStack | Name | context.traits.name = Isolde Marchbanks | JSON /batch/0/context/traits/name 83..100 [JsonString] | canary full-name, rudderstack context.traits.name
        r1 RudderStack | Email | context.traits.email = isolde.marchbanks@post.example | JSON /batch/0/context/traits/email 111..141 [JsonString] | canary email, rudderstack context.traits.email
        r1 RudderStack | Phone | context.traits.phone = 07700 900187 | JSON /batch/0/context/traits/phone 152..164 [JsonString] | canary phone, rudderstack context.traits.phone
        r1 RudderStack | SearchTerm | context.page.referrer?q = genital warts | JSON /batch/0/context/page/referrer 509..522 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
    "#]],
    );
    check(
        "plausible/real-search.http",
        expect![[r#"
        r1 Plausible Insights | SearchTerm | u?q = genital warts | JSON /u 77..90 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Plausible Insights | SearchTerm | p.term = genital warts | JSON /p/term 185..198 [JsonString] | canary search-term
    "#]],
    );
    check(
        "piano_analytics/real-search.http",
        expect![[r#"
        r1 Piano Software | SearchTerm | data.ise_keyword = genital warts | JSON /events/0/data/ise_keyword 75..88 [JsonString] | canary search-term, piano_analytics data.ise_keyword
    "#]],
    );
    check(
        "adobe_web_sdk/real-identity.http",
        expect![[r#"
        r1 Adobe | SearchTerm | xdm.web.webReferrer.URL?q = genital warts | JSON /events/0/xdm/web/webReferrer/URL 180..193 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Adobe | Email | xdm.identityMap.Email.0.id = isolde.marchbanks@post.example | JSON /events/0/xdm/identityMap/Email/0/id 449..479 [JsonString] | canary email, adobe_web_sdk xdm.identityMap.Email.*.id
        r1 Adobe | Phone | xdm.identityMap.Phone.0.id = 07700 900187 | JSON /events/0/xdm/identityMap/Phone/0/id 499..511 [JsonString] | canary phone, adobe_web_sdk xdm.identityMap.Phone.*.id
    "#]],
    );
    check(
        "datadog_rum/real-user.http",
        expect![[r#"
        r1 Datadog | SearchTerm | view.referrer?q = genital warts | batch line 1:/view/referrer 270..283 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Datadog | Name | usr.name = Isolde Marchbanks | batch line 1:/usr/name 404..421 [JsonString] | canary full-name, datadog_rum usr.name
        r1 Datadog | Email | usr.email = isolde.marchbanks@post.example | batch line 1:/usr/email 432..462 [JsonString] | canary email, datadog_rum usr.email
    "#]],
    );
    check(
        "sentry/real-fault.http",
        expect![[r#"
        r1 Functional Software (Sentry) or self-hosted | SearchTerm | event.request.headers.Referer?q = genital warts | batch line 3:/request/headers/Referer 957..970 [JsonString, Url, Percent] | canary search-term, site searches call the searched text "q" in an address
        r1 Functional Software (Sentry) or self-hosted | Name | event.user.username = Isolde Marchbanks | batch line 3:/user/username 1419..1436 [JsonString] | canary full-name, sentry event.user.username
        r1 Functional Software (Sentry) or self-hosted | Email | event.user.email = isolde.marchbanks@post.example | batch line 3:/user/email 1447..1477 [JsonString] | canary email, sentry event.user.email
    "#]],
    );
}

#[test]
fn what_a_page_fetched_is_not_taken_for_the_page() {
    let findings = fixture::findings(fixture::read("sentry/real-spans.http"));
    let addresses = findings.leaks.iter().filter(|leak| leak.name.ends_with("url.full")).map(|leak| (leak.name, leak.value));
    let page = "https://monitoring.saltmarsh-clinic.example/search?q=genital+warts";
    assert_eq!(addresses.collect::<Vec<_>>(), [("span.pageload.url.full".to_owned(), page.to_owned())]);
}

#[test]
fn the_name_that_a_site_gives_an_action_is_no_text_of_a_button() {
    let findings = fixture::findings(fixture::read("datadog_rum/real-actions.http"));
    let fields = findings.events.iter().flat_map(|event| event.fields);
    let named: Vec<String> = fields.filter(|field| field.name == "action.target.name").map(|field| field.value).collect();
    assert_eq!(named, ["search made", "Remind me of this page"]);
    let buttons = findings.leaks.iter().filter(|leak| leak.name == "action.target.name");
    assert_eq!(buttons.map(|leak| leak.value).collect::<Vec<_>>(), ["Remind me of this page"]);
}

#[test]
fn an_identifier_is_the_users_where_the_event_says_so() {
    let told = |fixture: &str, name: &str| {
        let findings = fixture::findings(fixture::read(fixture));
        findings.leaks.iter().find(|leak| leak.name == name).map(|leak| format!("{:?} {}", leak.what, leak.value))
    };
    assert_eq!(told("posthog/real-identify.http", "properties.distinct_id").as_deref(), Some("UserId patient-20417"));
    assert_eq!(told("mixpanel/real-engage.http", "$distinct_id").as_deref(), Some("UserId patient-20417"));
    assert!(told("posthog/real-page.http", "properties.distinct_id").unwrap().starts_with("BrowserId"));
}

/// A browser asks before it sends for a script what a page may not send by itself.
#[test]
fn a_question_that_says_nothing_is_not_listed_as_unread() {
    let ask = |address: &str| with_header(request("OPTIONS", address), "access-control-request-method", "POST");
    let unread = |request| fixture::findings(request).unread.len();
    assert_eq!(unread(ask("https://api2.amplitude.com/2/httpapi")), 0);
    assert_eq!(unread(ask("https://api2.amplitude.com/2/httpapi?page=genital+warts")), 1);
    assert_eq!(unread(request("OPTIONS", "https://api2.amplitude.com/2/httpapi")), 1);
}
