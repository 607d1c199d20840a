use expect_test::expect;

use crate::fixture::{check, check_leaks};

#[test]
fn a_page_view_is_read_with_its_consent() {
    check(
        "google_analytics_4/page_view.http",
        expect![[r#"
        google_analytics_4 page_view (G-ABC123)
          SdkVersion  Query  v = 2
          AccountId  Query  tid = G-ABC123
          SdkVersion  Query  gtm = 45je
          SessionId  Query  _p = 1
          Consent  Query  gcs = G101  -- consent as the page reported it: advertising storage denied, analytics storage granted
          BrowserId  Query  cid = 111.222  -- cookie _ga: one per browser and site
          Device  Query  ul = en-gb
          Device  Query  sr = 1280x900
          PageUrl  Query  dl = https://www.clinic.example/find?query=hiv+test
          Referrer  Query  dr = https://www.clinic.example/
          PageTitle  Query  dt = Search – Clinic
          SessionId  Query  sid = 333
          EventName  Query  en = page_view
          Technical  Query  _ee = 1
    "#]],
    );
}

#[test]
fn a_page_view_tells_google_the_page_and_what_was_searched_for() {
    check_leaks(
        "google_analytics_4/page_view.http",
        expect![[r#"
        r1 Google (Alphabet) | BrowserId | cid = 111.222 | query cid 91..98 [Percent] | google_analytics_4 cid
        r1 Google (Alphabet) | PageAddress | dl = https://www.clinic.example/find?query=hiv+test | query dl 123..183 [Percent] | google_analytics_4 dl
        r1 Google (Alphabet) | SearchTerm | dl?query = hiv test | query dl 173..183 [Percent, Url, Percent] | site searches call the searched text "query" in an address
        r1 Google (Alphabet) | Referrer | dr = https://www.clinic.example/ | query dr 187..222 [Percent] | google_analytics_4 dr
        r1 Google (Alphabet) | PageTitle | dt = Search – Clinic | query dt 226..253 [Percent] | google_analytics_4 dt
    "#]],
    );
}

#[test]
fn each_line_of_a_batch_is_an_event_with_what_all_share() {
    check(
        "google_analytics_4/batch.http",
        expect![[r#"
        google_analytics_4 view_search_results (G-ABC123)
          EventName  BatchLine(1:en)  en = view_search_results
          SearchTerm  BatchLine(1:ep.search_term)  ep.search_term = hiv test
          Timestamp  BatchLine(1:_et)  _et = 5
          SdkVersion  Query  v = 2
          AccountId  Query  tid = G-ABC123
          SdkVersion  Query  gtm = 45je
          SessionId  Query  _p = 1
          Consent  Query  gcs = G101  -- consent as the page reported it: advertising storage denied, analytics storage granted
          BrowserId  Query  cid = 111.222  -- cookie _ga: one per browser and site
          Device  Query  ul = en-gb
          Device  Query  sr = 1280x900
          PageUrl  Query  dl = https://www.clinic.example/find?query=hiv+test
          Referrer  Query  dr = https://www.clinic.example/
          PageTitle  Query  dt = Search – Clinic
          SessionId  Query  sid = 333
        google_analytics_4 form_start (G-ABC123)
          EventName  BatchLine(2:en)  en = form_start
          FormFields  BatchLine(2:ep.form_id)  ep.form_id = contact
          FormFields  BatchLine(2:ep.first_field_name)  ep.first_field_name = nhs_number
          FormFields  BatchLine(2:epn.first_field_position)  epn.first_field_position = 1
          CustomData  BatchLine(2:upn.visits)  upn.visits = 3
          SdkVersion  Query  v = 2
          AccountId  Query  tid = G-ABC123
          SdkVersion  Query  gtm = 45je
          SessionId  Query  _p = 1
          Consent  Query  gcs = G101  -- consent as the page reported it: advertising storage denied, analytics storage granted
          BrowserId  Query  cid = 111.222  -- cookie _ga: one per browser and site
          Device  Query  ul = en-gb
          Device  Query  sr = 1280x900
          PageUrl  Query  dl = https://www.clinic.example/find?query=hiv+test
          Referrer  Query  dr = https://www.clinic.example/
          PageTitle  Query  dt = Search – Clinic
          SessionId  Query  sid = 333
        google_analytics_4 click (G-ABC123)
          EventName  BatchLine(3:en)  en = click
          ButtonText  BatchLine(3:ep.link_text)  ep.link_text = Book
          PageUrl  BatchLine(3:dl)  dl = https://www.clinic.example/other
          SdkVersion  Query  v = 2
          AccountId  Query  tid = G-ABC123
          SdkVersion  Query  gtm = 45je
          SessionId  Query  _p = 1
          Consent  Query  gcs = G101  -- consent as the page reported it: advertising storage denied, analytics storage granted
          BrowserId  Query  cid = 111.222  -- cookie _ga: one per browser and site
          Device  Query  ul = en-gb
          Device  Query  sr = 1280x900
          PageUrl  Query  dl = https://www.clinic.example/find?query=hiv+test
          Referrer  Query  dr = https://www.clinic.example/
          PageTitle  Query  dt = Search – Clinic
          SessionId  Query  sid = 333
    "#]],
    );
}

#[test]
fn what_a_batch_shares_is_told_once() {
    check_leaks(
        "google_analytics_4/batch.http",
        expect![[r#"
        r1 Google (Alphabet) | SearchTerm | ep.search_term = hiv test | batch line 1:ep.search_term 38..48 [Percent] | google_analytics_4 ep.search_term
        r1 Google (Alphabet) | BrowserId | cid = 111.222 | query cid 91..98 [Percent] | google_analytics_4 cid
        r1 Google (Alphabet) | PageAddress | dl = https://www.clinic.example/find?query=hiv+test | query dl 123..183 [Percent] | google_analytics_4 dl
        r1 Google (Alphabet) | SearchTerm | dl?query = hiv test | query dl 173..183 [Percent, Url, Percent] | site searches call the searched text "query" in an address
        r1 Google (Alphabet) | Referrer | dr = https://www.clinic.example/ | query dr 187..222 [Percent] | google_analytics_4 dr
        r1 Google (Alphabet) | PageTitle | dt = Search – Clinic | query dt 226..253 [Percent] | google_analytics_4 dt
        r1 Google (Alphabet) | FormFields | ep.form_id = contact | batch line 2:ep.form_id 80..87 [Percent] | google_analytics_4 ep.form_id
        r1 Google (Alphabet) | FormFields | ep.first_field_name = nhs_number | batch line 2:ep.first_field_name 108..118 [Percent] | google_analytics_4 ep.first_field_name
        r1 Google (Alphabet) | ButtonText | ep.link_text = Book | batch line 3:ep.link_text 181..185 [Percent] | google_analytics_4 ep.link_text
        r1 Google (Alphabet) | PageAddress | dl = https://www.clinic.example/other | batch line 3:dl 189..229 [Percent] | google_analytics_4 dl
    "#]],
    );
}

#[test]
fn data_about_a_person_is_read() {
    check(
        "google_analytics_4/user_data.http",
        expect![[r#"
        google_analytics_4 form_submit (G-ABC123)
          SdkVersion  Query  v = 2
          AccountId  Query  tid = G-ABC123
          BrowserId  Query  cid = 111.222  -- cookie _ga: one per browser and site
          EventName  Query  en = form_submit
          HashedDetail  Query  em = tv.1~em.BEg1GkIcPL2-CNrDBfTig2moe-XGjsnsX4KbNFKKgNA~pn.e1~fn0.aNdT8FWxoVs5SZ_bvobWFPmG0OUOYoF7OOhrIKCTX4I~pc0.ZZ1 1ZZ~co0.GB  -- data about a person; its items follow
          HashedEmail  Query(em)  em.em = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0
          HashedPhone  Query(em)  em.pn = e1  -- an error code: there was no usable value
          HashedFirstName  Query(em)  em.fn0 = 68d753f055b1a15b39499fdbbe86d614f986d0e50e62817b38e86b20a0935f82
          PlainContact  Query(em)  em.pc0 = ZZ1 1ZZ
          PlainContact  Query(em)  em.co0 = GB  -- country
          Content  Query  pr1 = id7~nmPrEP tablets  -- a product: id, nm name, ca category, pr price, parted by ~
          UserId  Query  uid = u-9  -- the site's own identifier of its user
    "#]],
    );
}

#[test]
fn data_about_a_person_is_a_leak_and_an_error_code_is_not() {
    check_leaks(
        "google_analytics_4/user_data.http",
        expect![[r#"
            r1 Google (Alphabet) | BrowserId | cid = 111.222 | query cid 64..71 [Percent] | google_analytics_4 cid
            r1 Google (Alphabet) | Email | em.em = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 | query em 98..141 [Percent, Base64Url, RawDigest, Sha256[Trim, Lowercase]] | google_analytics_4 em.em
            r1 Google (Alphabet) | Name | em.fn0 = 68d753f055b1a15b39499fdbbe86d614f986d0e50e62817b38e86b20a0935f82 | query em 152..195 [Percent, Base64Url, RawDigest, Sha256[Trim, Lowercase]] | google_analytics_4 em.fn#
            r1 Google (Alphabet) | Postcode | em.pc0 = ZZ1 1ZZ | query em 200..209 [Percent] | google_analytics_4 em.pc#
            r1 Google (Alphabet) | ContactDetail | em.co0 = GB | query em 214..216 [Percent] | google_analytics_4 em.co#
            r1 Google (Alphabet) | PageMetadata | pr1 = id7~nmPrEP tablets | query pr1 221..241 [Percent] | google_analytics_4 pr#
            r1 Google (Alphabet) | UserId | uid = u-9 | query uid 246..249 [Percent] | google_analytics_4 uid
        "#]],
    );
}

#[test]
fn a_beacon_through_a_host_of_the_sites_own_is_known_by_its_payload() {
    check_leaks(
        "google_analytics_4/proxied.http",
        expect![[r#"
        r1 clinic.example | BrowserId | cid = 111.222 | query cid 64..71 [Percent] | google_analytics_4 cid
        r1 clinic.example | PageAddress | dl = https://www.clinic.example/hiv | query dl 75..113 [Percent] | google_analytics_4 dl
    "#]],
    );
}

#[test]
fn the_loader_is_read() {
    check(
        "google_analytics_4/loader.http",
        expect![[r#"
        google_analytics_4 - (G-ABC123)
          AccountId  Query  id = G-ABC123
          Technical  Query  l = dataLayer
    "#]],
    );
}

#[test]
fn the_side_ping_for_audiences_is_read() {
    check_leaks(
        "google_analytics_4/audiences.http",
        expect![[r#"
        r1 Google (Alphabet) | BrowserId | cid = 111.222 | query cid 68..75 [Percent] | google_analytics_4 cid
    "#]],
    );
}
