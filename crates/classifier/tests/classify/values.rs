//! What a value tells by itself, in whatever request it stands, and what it does not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, classify};
use pixelwitness_recording::{CanaryKind, Recording, Request, Step};

use crate::recorded::{PAGE, get, leaks, post, recording, step, with_answer, with_canary, with_header, with_message};

fn check(recording: &Recording, expected: Expect) {
    expected.assert_eq(&leaks(&classify(recording, &Definitions::built_in())));
}

/// A run that ended on a page with a title.
fn with_page(mut recording: Recording, address: &str, title: &str) -> Recording {
    recording.steps.push(step(recording.steps.len(), address, title));
    recording
}

fn to_nobody_known(query: &str) -> Request {
    get(&format!("https://t.unheard-of.example/c?{query}"))
}

#[test]
fn a_message_to_somebody_whom_no_definition_reads_tells_the_page_it_names() {
    let mut sent = recording(vec![get("wss://chat.unheard-of.example/socket"), get("wss://www.clinic.example/socket")]);
    let in_base64 = format!("page={}", STANDARD.encode(PAGE));
    for text in [
        r#"{"type":"open","page":{"url":"https://www.clinic.example/hiv/prep","of":7}}"#,
        r#"42/chat,7["open",{"where":"https://www.clinic.example/hiv/prep?q=hiv+test"}]"#,
        r#"["{\"room\":\"/hiv/prep\"}"]"#,
        "SUBSCRIBE\nid:1\n\n{\"mail\":\"maria@mail.example\"}\0",
        "{\"type\":1,\"arguments\":[\"https://www.clinic.example/hiv/prep\"]}\u{1e}{\"type\":6}\u{1e}",
        "a=1&u=https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep",
        "https://www.clinic.example/hiv/prep?step=1",
        &in_base64,
        r#"{"page":"https://www.clinic.example/hiv"}"#,
        "see https://www.clinic.example/hiv/prep",
        "ping",
        "",
    ] {
        sent = with_message(sent, 1, text);
    }
    // The site's own.
    sent = with_message(sent, 2, r#"{"page":"https://www.clinic.example/hiv/prep"}"#);
    check(
        &sent,
        expect![[r#"
            r1 unheard-of.example | PageAddress | page.url = https://www.clinic.example/hiv/prep | WebSocket message 1 30..65 [JsonString] | the value is the address of a page that was visited
            r1 unheard-of.example | PageAddress | 1.where = https://www.clinic.example/hiv/prep?q=hiv+test | WebSocket message 2 27..73 [JsonString] | the value is the address of a page that was visited
            r1 unheard-of.example | SearchTerm | 1.where?q = hiv test | WebSocket message 2 65..73 [JsonString, Url, Percent] | site searches call the searched text "q" in an address
            r1 unheard-of.example | PageAddress | 0.room = /hiv/prep | WebSocket message 3 14..23 [JsonString, Json] | the value equals the path of a page that was visited
            r1 unheard-of.example | Email | mail = maria@mail.example | WebSocket message 4 25..43 [JsonString] | the value has the shape of an e-mail address; it does not tell whose
            r1 unheard-of.example | PageAddress | arguments.0 = https://www.clinic.example/hiv/prep | WebSocket message 5 24..59 [JsonString] | the value is the address of a page that was visited
            r1 unheard-of.example | PageAddress | u = https://www.clinic.example/hiv/prep | WebSocket message 6 6..51 [Percent] | the value is the address of a page that was visited
            r1 unheard-of.example | PageAddress | WebSocket message 7 = https://www.clinic.example/hiv/prep?step=1 | WebSocket message 7 0..42 [] | the value is the address of a page that was visited
            r1 unheard-of.example | PageAddress | page = https://www.clinic.example/hiv/prep | WebSocket message 8 5..53 [Percent, Base64] | the value is the address of a page that was visited
        "#]],
    );
}

#[test]
fn a_message_that_a_known_party_writes_otherwise_than_its_definition_says_is_looked_into() {
    let socket = get("wss://analytics.tiktok.com/api/v2/pixel");
    check(
        &with_message(recording(vec![socket]), 1, r#"42["hit",{"u":"https://www.clinic.example/hiv/prep"}]"#),
        expect![[r#"
            r1 ByteDance (TikTok) | PageAddress | 1.u = https://www.clinic.example/hiv/prep | WebSocket message 1 15..50 [JsonString] | the value is the address of a page that was visited
        "#]],
    );
}

#[test]
fn a_page_that_is_wrapped_in_a_value_is_found_there() {
    let json = format!(r#"{{"u":"{PAGE}"}}"#);
    let requests = vec![
        to_nobody_known(&format!("x={}", STANDARD.encode(PAGE).replace('=', "%3D"))),
        to_nobody_known(&format!("x={}", URL_SAFE_NO_PAD.encode(format!("{PAGE}?q=prep~~")))),
        to_nobody_known(&format!("x={}", URL_SAFE_NO_PAD.encode(&json))),
        to_nobody_known("x=https%253A%252F%252Fwww.clinic.example%252Fhiv%252Fprep"),
        to_nobody_known(&format!("x={}", URL_SAFE_NO_PAD.encode(STANDARD.encode(PAGE)))),
        post("https://t.unheard-of.example/d", &STANDARD.encode(&json)),
        post("https://t.unheard-of.example/d", &format!("{PAGE}?q=prep")),
        post("https://t.unheard-of.example/d", "{\n  \"u\": \"https://www.clinic.example/hiv/prep\"\n}"),
        get(&format!("https://www.facebook.com/tr/?id=1&ev=PageView&novel={}", URL_SAFE_NO_PAD.encode(PAGE))),
        // Nothing in it, or too deep.
        to_nobody_known("x=0123456789abcdef0123456789abcdef&y=conversion&z=aHR0cHM6Ly93"),
        to_nobody_known(&format!("x={}", (0..6).fold(PAGE.to_owned(), |text, _| URL_SAFE_NO_PAD.encode(text)))),
    ];
    check(
        &recording(requests),
        expect![[r#"
            r1 unheard-of.example | PageAddress | x = https://www.clinic.example/hiv/prep | query x 33..83 [Percent, Base64] | the value is the address of a page that was visited
            r2 unheard-of.example | PageAddress | x = https://www.clinic.example/hiv/prep?q=prep~~ | query x 33..92 [Percent, Base64Url] | the value is the address of a page that was visited
            r2 unheard-of.example | SearchTerm | x?q = prep~~ | query x 83..92 [Percent, Base64Url, Url, Percent] | site searches call the searched text "q" in an address
            r3 unheard-of.example | PageAddress | x.u = https://www.clinic.example/hiv/prep | query x 41..87 [Percent, Base64, Json] | the value is the address of a page that was visited
            r4 unheard-of.example | PageAddress | x = https://www.clinic.example/hiv/prep | query x 33..88 [Percent, Percent] | the value is the address of a page that was visited
            r5 unheard-of.example | PageAddress | x = https://www.clinic.example/hiv/prep | query x 33..97 [Percent, Base64, Base64] | the value is the address of a page that was visited
            r6 unheard-of.example | PageAddress | u = https://www.clinic.example/hiv/prep | JSON /u 8..54 [Base64, JsonString] | the value is the address of a page that was visited
            r7 unheard-of.example | PageAddress | body = https://www.clinic.example/hiv/prep?q=prep | body 0..42 [] | the value is the address of a page that was visited
            r7 unheard-of.example | SearchTerm | body?q = prep | body 38..42 [Url, Percent] | site searches call the searched text "q" in an address
            r8 unheard-of.example | PageAddress | u = https://www.clinic.example/hiv/prep | JSON /u 10..45 [JsonString] | the value is the address of a page that was visited
            r9 Meta Platforms | PageAddress | novel = https://www.clinic.example/hiv/prep | query novel 52..99 [Percent, Base64] | the value is the address of a page that was visited
        "#]],
    );
}

#[test]
fn a_page_is_found_where_it_is_no_parameter() {
    let requests = vec![
        get("https://t.unheard-of.example/hit/https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep/1"),
        get(&format!("https://t.unheard-of.example/hit/{}", URL_SAFE_NO_PAD.encode(format!(r#"{{"u":"{PAGE}"}}"#)))),
        get("https://t.unheard-of.example/hit/https://www.clinic.example/hiv/prep?q=hiv+test"),
        get("https://t.unheard-of.example/hit?https://www.clinic.example/hiv/prep"),
        get("https://t.unheard-of.example/hit?https%3A%2F%2Fwww.clinic.example%2Fhiv%2Fprep"),
        get("https://t.unheard-of.example/people/maria%40mail.example"),
        with_header(to_nobody_known("a=1"), "X-Page-Path", "/hiv/prep"),
        with_header(get("https://www.facebook.com/tr/?id=1&ev=PageView"), "X-Page", PAGE),
        with_header(to_nobody_known("a=1"), "Origin", "https://www.clinic.example"),
        with_header(get("https://api.clinic.example/hit"), "X-Page", PAGE),
        get("https://cdn.unheard-of.example/npm/lodash@4.17.21/logo@2x.png"),
    ];
    check(
        &recording(requests),
        expect![[r#"
            r1 unheard-of.example | PageAddress | path = https://www.clinic.example/hiv/prep | path 33..78 [Percent] | the value is the address of a page that was visited
            r2 unheard-of.example | PageAddress | u = https://www.clinic.example/hiv/prep | path 41..87 [Percent, Base64, Json] | the value is the address of a page that was visited
            r3 unheard-of.example | PageAddress | path = https://www.clinic.example/hiv/prep?q=hiv+test | path 33..79 [] | the value is the address of a page that was visited
            r3 unheard-of.example | SearchTerm | path?q = hiv test | path 71..79 [Url, Percent] | site searches call the searched text "q" in an address
            r4 unheard-of.example | PageAddress | query = https://www.clinic.example/hiv/prep | query 33..68 [Percent] | the value is the address of a page that was visited
            r5 unheard-of.example | PageAddress | query = https://www.clinic.example/hiv/prep | query 33..78 [Percent] | the value is the address of a page that was visited
            r6 unheard-of.example | Email | path = maria@mail.example | path 36..56 [Percent] | the value has the shape of an e-mail address; it does not tell whose
            r7 unheard-of.example | PageAddress | X-Page-Path = /hiv/prep | header x-page-path 0..9 [] | the value equals the path of a page that was visited
            r8 Meta Platforms | PageAddress | X-Page = https://www.clinic.example/hiv/prep | header x-page 0..35 [] | the value is the address of a page that was visited
        "#]],
    );
}

#[test]
fn the_path_or_the_title_of_a_visited_page_is_a_claim_where_it_is_a_whole_value() {
    let requests = vec![
        to_nobody_known("p=%2Fhiv%2Fprep&h=www.clinic.example&t=PrEP%3A+is+it+for+me%3F"),
        to_nobody_known("p=www.clinic.example%2Fhiv%2Fprep"),
        to_nobody_known("p=%2Fbook%2Fvisit%3Fq%3Dhiv%2Btest"),
        post("https://t.unheard-of.example/c", r#"{"page":{"path":"/hiv/prep/","title":"PrEP: is it for me?"}}"#),
        get("https://www.facebook.com/tr/?id=1&ev=PageView&cd[novel]=%2Fhiv%2Fprep"),
        // Another page, a part, another case, a word.
        to_nobody_known("p=%2Fhiv&q=hiv%2Fprep&r=%2FHIV%2FPrEP&s=%2Fhiv%2Fprep%2Fx&t=prep&u=%2F&v=Home"),
        // The request's own path is not told by a parameter.
        get("https://t.unheard-of.example/hiv/prep?again=%2Fhiv%2Fprep"),
        // What the site is told about itself.
        get("https://api.clinic.example/c?p=%2Fhiv%2Fprep"),
    ];
    let run = with_page(recording(requests), PAGE, "PrEP: is it for me?");
    let run = with_page(run, "https://www.clinic.example/book/visit?q=hiv+test", "Home");
    check(
        &run,
        expect![[r#"
        r1 unheard-of.example | PageAddress | p = /hiv/prep | query p 33..46 [Percent] | the value equals the path of a page that was visited
        r1 unheard-of.example | PageTitle | t = PrEP: is it for me? | query t 70..93 [Percent] | the value equals the title of a page that was visited
        r2 unheard-of.example | PageAddress | p = www.clinic.example/hiv/prep | query p 33..64 [Percent] | the value is the address of a page that was visited, without its scheme
        r3 unheard-of.example | PageAddress | p = /book/visit?q=hiv+test | query p 33..65 [Percent] | the value equals the path and query of a page that was visited
        r3 unheard-of.example | SearchTerm | p?q = hiv test | query p 55..65 [Percent, Url, Percent] | site searches call the searched text "q" in an address
        r4 unheard-of.example | PageAddress | page.path = /hiv/prep/ | JSON /page/path 17..27 [JsonString] | the value equals the path of a page that was visited
        r4 unheard-of.example | PageTitle | page.title = PrEP: is it for me? | JSON /page/title 38..57 [JsonString] | the value equals the title of a page that was visited
        r5 Meta Platforms | PageAddress | cd[novel] = /hiv/prep | query cd[novel] 56..69 [Percent] | the value equals the path of a page that was visited
    "#]],
    );
}

/// Its address, its path and its title are the recipient's own.
#[test]
fn a_page_that_was_opened_tells_its_own_site_nothing_of_itself() {
    let own = "https://pay.elsewhere.example/checkout/start";
    let led_here = Request {
        page_url: Some(own.to_owned()),
        ..with_header(
            get(
                "https://pay.elsewhere.example/login?next=%2Fcheckout%2Fstart&u=https%3A%2F%2Fpay.elsewhere.example%2Fcheckout%2Fstart&t=Pay+for+the+visit",
            ),
            "Referer",
            "https://www.clinic.example/",
        )
    };
    let from_the_clinic = get(
        "https://pay.elsewhere.example/w.js?for=%2Fcheckout%2Fstart&u=https%3A%2F%2Fpay.elsewhere.example%2Fcheckout%2Fstart&t=Pay+for+the+visit&m=help%40elsewhere.example",
    );
    let to_another = get("https://t.unheard-of.example/c?p=%2Fcheckout%2Fstart&t=Pay+for+the+visit");
    check(
        &with_page(recording(vec![led_here, from_the_clinic, to_another]), own, "Pay for the visit"),
        expect![[r#"
        r3 unheard-of.example | PageAddress | p = /checkout/start | query p 33..52 [Percent] | the value equals the path of a page that was visited
        r3 unheard-of.example | PageTitle | t = Pay for the visit | query t 55..72 [Percent] | the value equals the title of a page that was visited
    "#]],
    );
}

#[test]
fn an_address_by_its_shape_is_told_without_saying_whose_it_is() {
    let requests = vec![
        to_nobody_known("email=maria%40mail.example"),
        post("https://t.unheard-of.example/c", r#"{"who":{"mail":"Maria@Mail.Example"},"code":"bWFyaWFAbWFpbC5leGFtcGxl"}"#),
        get("https://ad.doubleclick.net/activity;src=1;type=a;cat=b;u2=maria%40mail.example;ord=1"),
        get(
            "https://clinic.sc.omtrdc.net/b/ss/clinic/1/JS-2.22.0/s1?AQB=1&g=https%3A%2F%2Fwww.clinic.example%2F&v5=maria%40mail.example&AQE=1",
        ),
        get(
            "https://www.google-analytics.com/g/collect?v=2&tid=G-1&en=sign_up&cid=1.2&ep.contact=maria%40mail.example&uid=maria%40mail.example",
        ),
        get("https://www.facebook.com/tr/?id=1&ev=Lead&dl=https%3A%2F%2Fwww.clinic.example%2Fthanks%3Femail%3Dmaria%2540mail.example"),
        with_header(to_nobody_known("a=1"), "Referer", "https://www.clinic.example/thanks?to=maria%40mail.example"),
        // The site's own and the recipient's own, pictures, packages, keys, a sentence, an address in an address.
        to_nobody_known("from=info%40clinic.example&to=pat%40www.clinic.example&by=help%40unheard-of.example"),
        to_nobody_known(
            "a=logo%402x.png&b=lodash%404.17.21&c=0123456789abcdef0123456789abcdef%40o1.ingest.sentry.io&d=write+to+maria%40mail.example",
        ),
        to_nobody_known("a=https%3A%2F%2Fmaria%40mail.example%2F&b=mailto%3Amaria%40mail.example&c=%40maria"),
        get("https://www.clinic.example/thanks?email=maria%40mail.example"),
    ];
    check(
        &recording(requests),
        expect![[r#"
        r1 unheard-of.example | Email | email = maria@mail.example | query email 37..57 [Percent] | the value has the shape of an e-mail address; it does not tell whose
        r2 unheard-of.example | Email | who.mail = Maria@Mail.Example | JSON /who/mail 16..34 [JsonString] | the value has the shape of an e-mail address; it does not tell whose
        r2 unheard-of.example | Email | code = maria@mail.example | JSON /code 45..69 [JsonString, Base64] | the value has the shape of an e-mail address; it does not tell whose
        r3 Google (Alphabet) | Email | u2 = maria@mail.example | path u2 58..78 [Percent] | the value has the shape of an e-mail address; it does not tell whose
        r4 Adobe | PageAddress | g = https://www.clinic.example/ | query g 64..99 [Percent] | adobe_analytics g
        r4 Adobe | Email | v5 = maria@mail.example | query v5 103..123 [Percent] | the value has the shape of an e-mail address; it does not tell whose
        r5 Google (Alphabet) | BrowserId | cid = 1.2 | query cid 70..73 [Percent] | google_analytics_4 cid
        r5 Google (Alphabet) | Email | ep.contact = maria@mail.example | query ep.contact 85..105 [Percent] | the value has the shape of an e-mail address; it does not tell whose
        r5 Google (Alphabet) | Email | uid = maria@mail.example | query uid 110..130 [Percent] | google_analytics_4 uid, the value has the shape of an e-mail address; it does not tell whose
        r6 Meta Platforms | PageAddress | dl = https://www.clinic.example/thanks?email=maria%40mail.example | query dl 45..119 [Percent] | meta_pixel dl
        r6 Meta Platforms | Email | dl?email = maria@mail.example | query dl 97..119 [Percent, Url, Percent] | the value has the shape of an e-mail address; it does not tell whose
        r7 unheard-of.example | PageAddress | Referer = https://www.clinic.example/thanks?to=maria%40mail.example | header referer 0..57 [] | a Referer header that names more than the site
        r7 unheard-of.example | Email | Referer?to = maria@mail.example | header referer 37..57 [Url, Percent] | the value has the shape of an e-mail address; it does not tell whose
    "#]],
    );
}

#[test]
fn an_address_that_the_journey_typed_is_known_by_both() {
    let with = |recording| with_canary(recording, CanaryKind::Email, "maria@mail.example");
    let requests = vec![to_nobody_known("email=maria%40mail.example"), to_nobody_known("email=other%40mail.example")];
    check(
        &with(recording(requests)),
        expect![[r#"
        r1 unheard-of.example | Email | email = maria@mail.example | query email 37..57 [Percent] | canary email, the value has the shape of an e-mail address; it does not tell whose
        r2 unheard-of.example | Email | email = other@mail.example | query email 37..57 [Percent] | the value has the shape of an e-mail address; it does not tell whose
    "#]],
    );
}

/// A capture made elsewhere often has no title but that in the page's own source.
#[test]
fn the_title_in_the_source_of_a_page_is_known() {
    let opened = |body: &str| Request { resource_type: "Document".to_owned(), ..with_answer(get(PAGE), body) };
    let told = to_nobody_known("t=PrEP+%26+you%3A+what+it+is&u=Of+a+frame+or+picture");
    let frame = Request {
        page_url: Some(PAGE.to_owned()),
        ..with_answer(get("https://www.clinic.example/frame"), "<title>Of a frame or picture</title>")
    };
    let source = "<html><title>PrEP &amp; you: what it is</title><svg><title>Of a frame or picture</title></svg>";
    check(
        &recording(vec![opened(source), frame, told]),
        expect![[r#"
        r3 unheard-of.example | PageTitle | t = PrEP & you: what it is | query t 33..59 [Percent] | the value equals the title of a page that was visited
    "#]],
    );
}

/// A site of several pages in one journey: the page is known by the address at the end of a step, too.
#[test]
fn a_page_that_a_script_opened_is_known_by_the_steps() {
    let run = recording(vec![to_nobody_known("u=https%3A%2F%2Fwww.clinic.example%2Fbook%2Fvisit")]);
    check(
        &with_page(run, "https://www.clinic.example/book/visit", ""),
        expect![[r#"
        r1 unheard-of.example | PageAddress | u = https://www.clinic.example/book/visit | query u 33..80 [Percent] | the value is the address of a page that was visited
    "#]],
    );
    let mut by_name = recording(vec![to_nobody_known("p=%2Fbook%2Fvisit")]);
    by_name.journey.steps.push(Step::Visit("https://www.clinic.example/book/visit".to_owned()));
    check(
        &by_name,
        expect![[r#"
        r1 unheard-of.example | PageAddress | p = /book/visit | query p 33..48 [Percent] | the value equals the path of a page that was visited
    "#]],
    );
}
