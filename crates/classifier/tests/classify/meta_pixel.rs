use expect_test::expect;

use crate::fixture::{check, check_leaks};

#[test]
fn a_search_is_read_with_its_cookies() {
    check(
        "meta_pixel/search.http",
        expect![[r#"
        meta_pixel Search (100000000000001)
          AccountId  Query  id = 100000000000001
          EventName  Query  ev = Search
          PageUrl  Query  dl = https://www.clinic.example/find?q=hiv%20test&page=2
          Referrer  Query  rl = https://www.clinic.example/
          Device  Query  if = false
          Timestamp  Query  ts = 1760000000000
          SearchTerm  Query  cd[search_string] = hiv test
          BrowserId  Query  fbp = fb.1.1760000000000.1234567890  -- first-party cookie _fbp: one per browser and site
          Technical  Query  rqm = GET  -- how it was sent: GET, FGET, SB (beacon), formPOST
          BrowserId  Cookie  datr = Ab12  -- one per browser, on every site that loads something of Facebook's
          BrowserId  Cookie  sb = Cd34  -- one per browser
          PersonAccount  Cookie  c_user = 100000000000009  -- number of the Facebook account that is logged in
          SessionId  Cookie  xs = 1%3Aabc  -- secret of a logged-in person's session
          BrowserId  Cookie  fr = 0Ef56.xyz  -- advertising: browser and, if logged in, account, encrypted
          Unknown  Cookie  unheard = of
    "#]],
    );
}

#[test]
fn a_search_tells_meta_the_term_the_page_and_who_is_logged_in() {
    check_leaks(
        "meta_pixel/search.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/find?q=hiv%20test&page=2 | query dl 61..130 [Percent] | meta_pixel dl
        r1 Meta Platforms | SearchTerm | dl?q = hiv test | query dl 107..119 [Percent, Url, Percent] | site searches call the searched text "q" in an address
        r1 Meta Platforms | Referrer | rl = https://www.clinic.example/ | query rl 134..169 [Percent] | meta_pixel rl
        r1 Meta Platforms | SearchTerm | cd[search_string] = hiv test | query cd[search_string] 218..226 [Percent] | meta_pixel cd[search_string]
        r1 Meta Platforms | BrowserId | fbp = fb.1.1760000000000.1234567890 | query fbp 231..260 [Percent] | meta_pixel fbp
        r1 Meta Platforms | BrowserId | datr = Ab12 | cookie datr 5..9 [] | meta_pixel datr
        r1 Meta Platforms | BrowserId | sb = Cd34 | cookie sb 14..18 [] | meta_pixel sb
        r1 Meta Platforms | PersonAccount | c_user = 100000000000009 | cookie c_user 27..42 [] | meta_pixel c_user
        r1 Meta Platforms | BrowserId | fr = 0Ef56.xyz | cookie fr 59..68 [] | meta_pixel fr
    "#]],
    );
}

#[test]
fn a_click_is_read_into_its_features() {
    check(
        "meta_pixel/button_click.http",
        expect![[r#"
        meta_pixel SubscribedButtonClick (100000000000001)
          AccountId  Form  id = 100000000000001
          EventName  Form  ev = SubscribedButtonClick
          PageUrl  Form  dl = https://www.clinic.example/hiv/prep
          ButtonDetail  Form  cd[buttonFeatures] = {"classList":"btn btn-primary","destination":"https://www.clinic.example/book","id":"","innerText":"Book an appointment","numChildButtons":0,"tag":"a","type":null}  -- properties of the element that was clicked
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].classList = btn btn-primary
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].destination = https://www.clinic.example/book
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].id = 
          ButtonText  Form(cd[buttonFeatures])  cd[buttonFeatures].innerText = Book an appointment
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].numChildButtons = 0
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].tag = a
          ButtonDetail  Form(cd[buttonFeatures])  cd[buttonFeatures].type = null
          ButtonText  Form  cd[buttonText] = Book an appointment
          FormFields  Form  cd[formFeatures] = [{"id":"n","name":"full_name","tag":"input","inputType":"text"},{"id":"em","name":"","tag":"input","inputType":"email"},{"id":"","name":"","placeholder":"Postcode","tag":"input"},{"id":"go","name":"full_name","tag":"button"}]  -- the fields of the form around the button; their names, not their values
          FormFields  Form(cd[formFeatures])  cd[formFeatures].0.id = n
          FormFields  Form(cd[formFeatures])  cd[formFeatures].0.name = full_name
          FormFields  Form(cd[formFeatures])  cd[formFeatures].0.tag = input
          FormFields  Form(cd[formFeatures])  cd[formFeatures].0.inputType = text
          FormFields  Form(cd[formFeatures])  cd[formFeatures].1.id = em
          FormFields  Form(cd[formFeatures])  cd[formFeatures].1.name = 
          FormFields  Form(cd[formFeatures])  cd[formFeatures].1.tag = input
          FormFields  Form(cd[formFeatures])  cd[formFeatures].1.inputType = email
          FormFields  Form(cd[formFeatures])  cd[formFeatures].2.id = 
          FormFields  Form(cd[formFeatures])  cd[formFeatures].2.name = 
          FormFields  Form(cd[formFeatures])  cd[formFeatures].2.placeholder = Postcode
          FormFields  Form(cd[formFeatures])  cd[formFeatures].2.tag = input
          FormFields  Form(cd[formFeatures])  cd[formFeatures].3.id = go
          FormFields  Form(cd[formFeatures])  cd[formFeatures].3.name = full_name
          FormFields  Form(cd[formFeatures])  cd[formFeatures].3.tag = button
          PageMetadata  Form  cd[pageFeatures] = {"title":"PrEP – Northmere Clinic"}
          PageTitle  Form(cd[pageFeatures])  cd[pageFeatures].title = PrEP – Northmere Clinic
          Technical  Form  es = automatic  -- automatic: no code of the site's made this event
          Technical  Form  rqm = formPOST  -- how it was sent: GET, FGET, SB (beacon), formPOST
    "#]],
    );
}

#[test]
fn a_click_tells_meta_the_button_and_the_form_around_it() {
    check_leaks(
        "meta_pixel/button_click.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/hiv/prep | form dl 47..92 [Percent] | meta_pixel dl
        r1 Meta Platforms | ButtonText | cd[buttonFeatures].innerText = Book an appointment | form cd[buttonFeatures] 272..295 [Percent, Json] | meta_pixel cd[buttonFeatures].innerText
        r1 Meta Platforms | ButtonText | cd[buttonText] = Book an appointment | form cd[buttonText] 391..414 [Percent] | meta_pixel cd[buttonText]
        r1 Meta Platforms | FormFields | cd[formFeatures] = full_name, em, Postcode | form cd[formFeatures] 436..859 [Percent] | meta_pixel cd[formFeatures]
        r1 Meta Platforms | PageTitle | cd[pageFeatures].title = PrEP – Northmere Clinic | form cd[pageFeatures] 901..938 [Percent, Json] | meta_pixel cd[pageFeatures].title
    "#]],
    );
}

#[test]
fn contact_details_from_form_fields_are_read() {
    check(
        "meta_pixel/form_matching.http",
        expect![[r#"
        meta_pixel SubscribedButtonClick (100000000000001)
          AccountId  Multipart  id = 100000000000001
          EventName  Multipart  ev = SubscribedButtonClick
          PageUrl  Multipart  dl = https://www.clinic.example/contact
          ButtonText  Multipart  cd[buttonText] = Send
          HashedEmail  Multipart  udff[em] = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0  -- lifted from a form field by the script
          HashedPhone  Multipart  udff[ph] = 17164f7cb1909b65e812895d10d70785982ade377c79c8824dc02c0a1237674d  -- lifted from a form field by the script
          HashedFirstName  Multipart  udff[fn] = eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c  -- lifted from a form field by the script; the hash of the word undefined: it tells nothing
          HashedPostcode  Multipart  udff[zp] = 124aaa0924c04dc4d9c76e00cdeb4707a93fe9d05c7f5ddffa0474faa221c4d4  -- lifted from a form field by the script
          ShapeMask  Multipart  cudff[em] = ***@******.*******  -- mask of a form field's value: it proves no value
          ShapeMask  Multipart  ncudff[ph] = ##########  -- mask of a form field's normalised value: it proves no value
          Technical  Multipart  rqm = SB  -- how it was sent: GET, FGET, SB (beacon), formPOST
    "#]],
    );
}

#[test]
fn hashes_are_leaks_and_masks_and_junk_are_not() {
    check_leaks(
        "meta_pixel/form_matching.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/contact | multipart dl 277..311 [] | meta_pixel dl
        r1 Meta Platforms | ButtonText | cd[buttonText] = Send | multipart cd[buttonText] 404..408 [] | meta_pixel cd[buttonText]
        r1 Meta Platforms | Email | udff[em] = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 | multipart udff[em] 495..559 [Sha256[Trim, Lowercase]] | meta_pixel udff[em]
        r1 Meta Platforms | Phone | udff[ph] = 17164f7cb1909b65e812895d10d70785982ade377c79c8824dc02c0a1237674d | multipart udff[ph] 646..710 [Sha256[DigitsOnly, NoLeadingZeros]] | meta_pixel udff[ph]
        r1 Meta Platforms | Postcode | udff[zp] = 124aaa0924c04dc4d9c76e00cdeb4707a93fe9d05c7f5ddffa0474faa221c4d4 | multipart udff[zp] 948..1012 [Sha256[Trim, Lowercase]] | meta_pixel udff[zp]
    "#]],
    );
}

#[test]
fn a_json_body_is_read_under_the_names_of_a_form() {
    check(
        "meta_pixel/json_body.http",
        expect![[r#"
        meta_pixel Search (100000000000001)
          AccountId  Json(/id)  id = 100000000000001
          EventName  Json(/ev)  ev = Search
          PageUrl  Json(/dl)  dl = https://www.clinic.example/find
          SearchTerm  Json(/cd/search_string)  cd[search_string] = café "prep"
          Unknown  Json(/cd/nested/a/0)  cd[nested].a.0 = 1
          Unknown  Json(/new)  new = true
    "#]],
    );
}

#[test]
fn the_pages_metadata_is_read() {
    check_leaks(
        "meta_pixel/metadata.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/ | query dl 64..99 [Percent] | meta_pixel dl
        r1 Meta Platforms | PageMetadata | cd[Meta] = {"title":"Gender service","meta:description":"Care for young people"} | query cd[Meta] 130..235 [Percent] | meta_pixel cd[Meta]
        r1 Meta Platforms | PageTitle | cd[Meta].title = Gender service | query cd[Meta] 150..166 [Percent, Json] | meta_pixel cd[Meta].title
        r1 Meta Platforms | PageMetadata | cd[OpenGraph] = {"og:title":"Your gender clinic","og:type":"website"} | query cd[OpenGraph] 250..337 [Percent] | meta_pixel cd[OpenGraph]
        r1 Meta Platforms | PageMetadata | cd[JSON-LD] = [{"@type":"MedicalClinic","name":"Northmere Gender Service"}] | query cd[JSON-LD] 372..469 [Percent] | meta_pixel cd[JSON-LD]
        r1 Meta Platforms | PageTitle | pmd[title] = Gender service | query pmd[title] 481..497 [Percent] | meta_pixel pmd[title]
        r1 Meta Platforms | ClickId | fbc = fb.1.1760000000000.IwAR0abc | query fbc 502..529 [Percent] | meta_pixel fbc
    "#]],
    );
}

#[test]
fn what_was_taken_out_of_an_address_is_noted() {
    check(
        "meta_pixel/removed.http",
        expect![[r#"
        meta_pixel PageView (100000000000001)
          AccountId  Query  id = 100000000000001
          EventName  Query  ev = PageView
          PageUrl  Query  dl = https://www.clinic.example/find?q=_removed_&_filteredParams=8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf  -- what these parameters held was taken out by the script and not sent: q
          Referrer  Query  rl = https://www.clinic.example/find?q=prep
    "#]],
    );
}

#[test]
fn what_was_taken_out_of_an_address_was_not_sent() {
    check_leaks(
        "meta_pixel/removed.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | dl = https://www.clinic.example/find?q=_removed_&_filteredParams=8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf | query dl 63..203 [Percent] | meta_pixel dl
        r1 Meta Platforms | Referrer | rl = https://www.clinic.example/find?q=prep | query rl 207..257 [Percent] | meta_pixel rl
        r1 Meta Platforms | SearchTerm | rl?q = prep | query rl 253..257 [Percent, Url, Percent] | site searches call the searched text "q" in an address
    "#]],
    );
}

#[test]
fn the_request_for_settings_is_read() {
    check(
        "meta_pixel/config.http",
        expect![[r#"
        meta_pixel - (100000000000001)
          AccountId  Path  id = 100000000000001
          SdkVersion  Query  v = 2.9.324
          SdkVersion  Query  r = stable
          PageUrl  Query  domain = www.clinic.example  -- host name of the site that asks for its settings
    "#]],
    );
}

#[test]
fn events_meant_for_servers_are_read_one_by_one() {
    check_leaks(
        "meta_pixel/conversions.http",
        expect![[r#"
        r1 Meta Platforms | PageAddress | event_source_url = https://www.clinic.example/contact | JSON /data/0/event_source_url 50..84 [JsonString] | meta_pixel event_source_url
        r1 Meta Platforms | Email | user_data.em.0 = 0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0 | JSON /data/0/user_data/em/0 106..170 [JsonString, Sha256[Trim, Lowercase]] | meta_pixel user_data.em.*
        r1 Meta Platforms | BrowserId | user_data.fbp = fb.1.1.2 | JSON /data/0/user_data/fbp 180..188 [JsonString] | meta_pixel user_data.fbp
        r1 Meta Platforms | SearchTerm | custom_data.search_string = prep | JSON /data/1/custom_data/search_string 247..251 [JsonString] | meta_pixel custom_data.search_string
    "#]],
    );
}

#[test]
fn the_copy_for_the_privacy_sandbox_is_read() {
    check(
        "meta_pixel/privacy_sandbox.http",
        expect![[r#"
        meta_pixel PageView (100000000000001)
          Technical  Path  registry = pixel
          AccountId  Query  id = 100000000000001
          EventName  Query  ev = PageView
          PageUrl  Query  dl = https://www.clinic.example/hiv/prep
          Timestamp  Query  ts = 1760000000000
          Technical  Query  rqm = FGET  -- how it was sent: GET, FGET, SB (beacon), formPOST
    "#]],
    );
}
