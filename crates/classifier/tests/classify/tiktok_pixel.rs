use expect_test::expect;

use crate::fixture::{check, check_leaks};

#[test]
fn a_search_is_read() {
    check(
        "tiktok_pixel/search.http",
        expect![[r#"
        tiktok_pixel Search (C0ABCDEFGHIJ)
          EventName  Json(/event)  event = Search
          Technical  Json(/event_id)  event_id = e-1
          Timestamp  Json(/timestamp)  timestamp = 2026-11-22T07:00:00Z
          Technical  Json(/context/ad/sdk_env)  context.ad.sdk_env = external
          BrowserId  Json(/context/user/anonymous_id)  context.user.anonymous_id = 01ABCDEF  -- cookie _ttp
          AccountId  Json(/context/pixel/code)  context.pixel.code = C0ABCDEFGHIJ
          PageUrl  Json(/context/page/url)  context.page.url = https://www.clinic.example/find?s=PrEP
          Referrer  Json(/context/page/referrer)  context.page.referrer = https://www.clinic.example/
          SdkVersion  Json(/context/library/name)  context.library.name = pixel.js
          SdkVersion  Json(/context/library/version)  context.library.version = 2.2.1
          SessionId  Json(/context/session_id)  context.session_id = s-1
          SearchTerm  Json(/properties/query)  properties.query = PrEP
          Content  Json(/properties/contents/0/content_name)  properties.contents.0.content_name = PrEP tablets
          Content  Json(/properties/contents/0/content_type)  properties.contents.0.content_type = product
          Value  Json(/properties/value)  properties.value = 1.5
          BrowserId  Cookie  _ttp = 2abc  -- one per browser
    "#]],
    );
}

#[test]
fn a_search_tells_tiktok_the_term_and_the_page() {
    check_leaks(
        "tiktok_pixel/search.http",
        expect![[r#"
        r1 ByteDance (TikTok) | BrowserId | context.user.anonymous_id = 01ABCDEF | JSON /context/user/anonymous_id 133..141 [JsonString] | tiktok_pixel context.user.anonymous_id
        r1 ByteDance (TikTok) | PageAddress | context.page.url = https://www.clinic.example/find?s=PrEP | JSON /context/page/url 191..229 [JsonString] | tiktok_pixel context.page.url
        r1 ByteDance (TikTok) | SearchTerm | context.page.url?s = PrEP | JSON /context/page/url 225..229 [JsonString, Url, Percent] | site searches call the searched text "s" in an address
        r1 ByteDance (TikTok) | Referrer | context.page.referrer = https://www.clinic.example/ | JSON /context/page/referrer 243..270 [JsonString] | tiktok_pixel context.page.referrer
        r1 ByteDance (TikTok) | SearchTerm | properties.query = PrEP | JSON /properties/query 364..368 [JsonString] | tiktok_pixel properties.query
        r1 ByteDance (TikTok) | PageMetadata | properties.contents.0.content_name = PrEP tablets | JSON /properties/contents/0/content_name 399..411 [JsonString] | tiktok_pixel properties.contents.*.content_name
        r1 ByteDance (TikTok) | BrowserId | _ttp = 2abc | cookie _ttp 5..9 [] | tiktok_pixel _ttp
    "#]],
    );
}

#[test]
fn a_click_is_read_into_its_element() {
    check(
        "tiktok_pixel/click.http",
        expect![[r#"
        tiktok_pixel Click (C0ABCDEFGHIJ)
          EventName  Json(/action)  action = Click
          Technical  Json(/context/ad/sdk_env)  context.ad.sdk_env = external
          BrowserId  Json(/context/user/anonymous_id)  context.user.anonymous_id = 01ABCDEF  -- cookie _ttp
          AccountId  Json(/context/pixel/code)  context.pixel.code = C0ABCDEFGHIJ
          PageUrl  Json(/context/page/url)  context.page.url = https://www.clinic.example/find?s=PrEP
          Referrer  Json(/context/page/referrer)  context.page.referrer = https://www.clinic.example/
          SdkVersion  Json(/context/library/name)  context.library.name = pixel.js
          SdkVersion  Json(/context/library/version)  context.library.version = 2.2.1
          SessionId  Json(/context/session_id)  context.session_id = s-1
          ButtonDetail  Json(/auto_collected_properties/trigger_element)  auto_collected_properties.trigger_element = {"tag":"button","attributes":{"class":"btn"},"inner_text":"Order a repeat\nprescription","xpath":"/html/body/button[1]"}  -- properties of the element that was clicked
          ButtonDetail  Json(/auto_collected_properties/trigger_element/tag)  auto_collected_properties.trigger_element.tag = button
          ButtonDetail  Json(/auto_collected_properties/trigger_element/attributes/class)  auto_collected_properties.trigger_element.attributes.class = btn
          ButtonText  Json(/auto_collected_properties/trigger_element/inner_text)  auto_collected_properties.trigger_element.inner_text = Order a repeat
        prescription
          ButtonDetail  Json(/auto_collected_properties/trigger_element/xpath)  auto_collected_properties.trigger_element.xpath = /html/body/button[1]
          FormFields  Json(/auto_collected_properties/form_details)  auto_collected_properties.form_details = [{"name":"nhs_number","type":"text"},{"name":"","id":"dob"}]  -- the fields of the form; their names, not their values
          FormFields  Json(/auto_collected_properties/form_details/0/name)  auto_collected_properties.form_details.0.name = nhs_number
          FormFields  Json(/auto_collected_properties/form_details/0/type)  auto_collected_properties.form_details.0.type = text
          FormFields  Json(/auto_collected_properties/form_details/1/name)  auto_collected_properties.form_details.1.name = 
          FormFields  Json(/auto_collected_properties/form_details/1/id)  auto_collected_properties.form_details.1.id = dob
    "#]],
    );
}

#[test]
fn a_click_tells_tiktok_the_button_and_the_form_fields() {
    check_leaks(
        "tiktok_pixel/click.http",
        expect![[r#"
        r1 ByteDance (TikTok) | BrowserId | context.user.anonymous_id = 01ABCDEF | JSON /context/user/anonymous_id 81..89 [JsonString] | tiktok_pixel context.user.anonymous_id
        r1 ByteDance (TikTok) | PageAddress | context.page.url = https://www.clinic.example/find?s=PrEP | JSON /context/page/url 139..177 [JsonString] | tiktok_pixel context.page.url
        r1 ByteDance (TikTok) | SearchTerm | context.page.url?s = PrEP | JSON /context/page/url 173..177 [JsonString, Url, Percent] | site searches call the searched text "s" in an address
        r1 ByteDance (TikTok) | Referrer | context.page.referrer = https://www.clinic.example/ | JSON /context/page/referrer 191..218 [JsonString] | tiktok_pixel context.page.referrer
        r1 ByteDance (TikTok) | ButtonText | auto_collected_properties.trigger_element.inner_text = Order a repeat
        prescription | JSON /auto_collected_properties/trigger_element/inner_text 395..423 [JsonString] | tiktok_pixel auto_collected_properties.trigger_element.inner_text
        r1 ByteDance (TikTok) | FormFields | auto_collected_properties.form_details = nhs_number, dob | JSON /auto_collected_properties/form_details 472..532 [] | tiktok_pixel auto_collected_properties.form_details
    "#]],
    );
}

#[test]
fn contact_details_from_form_fields_are_leaks() {
    check_leaks(
        "tiktok_pixel/enrich.http",
        expect![[r#"
        r1 ByteDance (TikTok) | Email | context.user.auto_email = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 | JSON /context/user/auto_email 81..145 [JsonString, Sha256[Trim, Lowercase]] | tiktok_pixel context.user.auto_email
        r1 ByteDance (TikTok) | Phone | context.user.auto_phone_number = ef03a7ae0c135a3e6bb6e0898460efc32a64aea33676b8b628bdc40ee1fe3dcc | JSON /context/user/auto_phone_number 168..232 [JsonString, Sha256[DigitsOnly]] | tiktok_pixel context.user.auto_phone_number
        r1 ByteDance (TikTok) | ContactDetail | context.user.city = Northmere | JSON /context/user/city 317..326 [JsonString] | tiktok_pixel context.user.city
        r1 ByteDance (TikTok) | PageAddress | context.page.url = https://www.clinic.example/find?s=PrEP | JSON /context/page/url 376..414 [JsonString] | tiktok_pixel context.page.url
        r1 ByteDance (TikTok) | SearchTerm | context.page.url?s = PrEP | JSON /context/page/url 410..414 [JsonString, Url, Percent] | site searches call the searched text "s" in an address
        r1 ByteDance (TikTok) | Referrer | context.page.referrer = https://www.clinic.example/ | JSON /context/page/referrer 428..455 [JsonString] | tiktok_pixel context.page.referrer
    "#]],
    );
}

#[test]
fn the_pages_metadata_is_read() {
    check_leaks(
        "tiktok_pixel/metadata.http",
        expect![[r#"
        r1 ByteDance (TikTok) | PageAddress | context.page.url = https://www.clinic.example/hiv/prep | JSON /context/page/url 47..82 [JsonString] | tiktok_pixel context.page.url
        r1 ByteDance (TikTok) | PageMetadata | auto_collected_properties.content_data = {"title":"PrEP","open_graph":"{\"og:title\":\"PrEP\"}"} | JSON /auto_collected_properties/content_data 130..185 [] | tiktok_pixel auto_collected_properties.content_data
        r1 ByteDance (TikTok) | PageTitle | auto_collected_properties.content_data.title = PrEP | JSON /auto_collected_properties/content_data/title 140..144 [JsonString] | tiktok_pixel auto_collected_properties.content_data.title
    "#]],
    );
}

#[test]
fn a_message_in_base64_is_read() {
    check(
        "tiktok_pixel/get.http",
        expect![[r#"
        tiktok_pixel Pageview (no account)
          Technical  Query  analytics_message = eyJldmVudCI6IlBhZ2V2aWV3IiwiY29udGV4dCI6eyJwYWdlIjp7InVybCI6Imh0dHBzOi8vd3d3LmNsaW5pYy5leGFtcGxlL8OpIn19fQ==  -- the event, as base64 of JSON
          EventName  Query(analytics_message)  event = Pageview
          PageUrl  Query(analytics_message)  context.page.url = https://www.clinic.example/é
    "#]],
    );
}

#[test]
fn a_list_of_events_is_read_one_by_one() {
    check(
        "tiktok_pixel/batch.http",
        expect![[r#"
        tiktok_pixel Pageview (no account)
          EventName  Json(/events/0/event)  event = Pageview
          PageUrl  Json(/context/page/url)  context.page.url = https://www.clinic.example/
        tiktok_pixel Search (no account)
          EventName  Json(/events/1/event)  event = Search
          SearchTerm  Json(/events/1/properties/query)  properties.query = prep
          PageUrl  Json(/context/page/url)  context.page.url = https://www.clinic.example/
    "#]],
    );
}

#[test]
fn the_loader_is_read() {
    check(
        "tiktok_pixel/loader.http",
        expect![[r#"
        tiktok_pixel - (C0ABCDEFGHIJ)
          AccountId  Query  sdkid = C0ABCDEFGHIJ
          Technical  Query  lib = ttq
    "#]],
    );
}
