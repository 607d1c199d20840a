//! Who is behind a domain that no definition knows.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, OwnerBasis, classify};
use pixelwitness_recording::{Request, Sender};

use crate::recorded::{get, recording};

fn check(requests: Vec<Request>, expected: Expect) {
    let findings = classify(&recording(requests), &Definitions::built_in());
    let mut lines = String::new();
    for recipient in &findings.recipients {
        let owner = recipient.owner.as_deref().unwrap_or("-");
        let _ = writeln!(lines, "{:?} {} | owner {owner} | {}", recipient.party, recipient.id, recipient.why);
        for known in findings.owners.iter().filter(|known| known.recipient == recipient.id) {
            let country = known.country.as_deref().unwrap_or("-");
            let basis = match &known.basis {
                OwnerBasis::Documented { .. } => "documented".to_owned(),
                OwnerBasis::Agreed { register, name } => format!("as {name} in {register}"),
                OwnerBasis::Recalled => "recalled".to_owned(),
                OwnerBasis::Definition { .. } => "defined".to_owned(),
            };
            let _ = writeln!(lines, "  {} belongs to {} ({country}), {:?}, {basis}", known.domain, known.owner, known.purpose);
        }
    }
    assert!(findings.owners.iter().all(|owner| findings.recipients.iter().any(|recipient| recipient.id == owner.recipient)));
    expected.assert_eq(&lines);
}

#[test]
fn an_owner_names_the_recipient_unless_it_is_only_recalled() {
    check(
        vec![
            get("https://cdn.cookielaw.org/scripttemplates/otSDKStub.js"),
            get("https://geolocation.onetrust.com/cookieconsentpub/v1/geo/location"),
            get("https://sync.search.spotxchange.com/partner?id=1"),
            get("https://x.bidswitch.net/sync?ssp=1"),
            get("https://pdx-col.eum-appdynamics.com/eumcollector"),
            get("https://cdn.unheard-of.test/app.js"),
        ],
        expect![[r#"
            Third OneTrust | owner OneTrust | cookielaw.org is not clinic.example
              cookielaw.org belongs to OneTrust (US), Consent, documented
              onetrust.com belongs to OneTrust (US), Consent, documented
            Third spotxchange.com | owner - | spotxchange.com is not clinic.example
              spotxchange.com belongs to Magnite (US), Advertising, recalled
            Third Criteo at bidswitch.net | owner Criteo | bidswitch.net is not clinic.example
              bidswitch.net belongs to Criteo (FR), Advertising, as Criteo in @ghostery/trackerdb 1.0.945
            Third AppDynamics at eum-appdynamics.com | owner AppDynamics | eum-appdynamics.com is not clinic.example
              eum-appdynamics.com belongs to AppDynamics (Cisco) (US), Monitoring, as AppDynamics in third-party-web 0.30.0
            Third unheard-of.test | owner - | unheard-of.test is not clinic.example
        "#]],
    );
}

#[test]
fn domains_that_only_a_register_ties_together_stay_recipients_of_their_own() {
    let on = |request: Request| Request { page_url: Some("https://www.brightcove.com/".to_owned()), ..request };
    check(
        vec![
            on(get("https://www.brightcove.com/")),
            on(get("https://vjs.zencdn.net/x.js")),
            on(get("https://players.brightcove.net/x.js")),
            on(get("https://edge.brightcove.net/y.js")),
        ],
        expect![[r#"
            Third Brightcove at zencdn.net | owner Brightcove | zencdn.net is not brightcove.com
              zencdn.net belongs to Brightcove (US), Media, as Brightcove in third-party-web 0.30.0
            Third Brightcove at brightcove.net | owner Brightcove | brightcove.net is not brightcove.com
              brightcove.net belongs to Brightcove (US), Media, as Brightcove in third-party-web 0.30.0
            First Brightcove at brightcove.com | owner Brightcove | brightcove.com is the page's own site
        "#]],
    );
}

#[test]
fn what_an_owner_hands_out_to_others_is_not_one_recipient() {
    check(
        vec![
            get("https://d1a2b3.cloudfront.net/app.js"),
            get("https://d9z8y7.cloudfront.net/app.js"),
            get("https://d9z8y7.cloudfront.net/style.css"),
        ],
        expect![[r#"
            Third Amazon at d1a2b3.cloudfront.net | owner Amazon | d1a2b3.cloudfront.net is not clinic.example
              cloudfront.net belongs to Amazon (US), Delivery, documented
            Third Amazon at d9z8y7.cloudfront.net | owner Amazon | d9z8y7.cloudfront.net is not clinic.example
              cloudfront.net belongs to Amazon (US), Delivery, documented
        "#]],
    );
}

#[test]
fn a_definition_knows_better_than_the_table() {
    check(
        vec![get("https://static.hotjar.com/c/hotjar-1.js"), get("https://www.facebook.com/tr/?id=1&ev=PageView")],
        expect![[r#"
        Third Contentsquare (Hotjar) | owner Contentsquare (Hotjar) | hotjar.com is not clinic.example
        Third Meta Platforms | owner Meta Platforms | facebook.com is not clinic.example
    "#]],
    );
}

#[test]
fn two_domains_of_one_organisation_are_said_to_be_so() {
    let on = |page: &str, request: Request| Request { page_url: Some(page.to_owned()), ..request };
    check(
        vec![
            on("https://www.whatsapp.com/", get("https://www.whatsapp.com/")),
            on("https://www.whatsapp.com/", get("https://static.cdninstagram.com/x.js")),
            on("https://www.whatsapp.com/", get("https://cdn.cookielaw.org/x.js")),
        ],
        expect![[r#"
            Third Meta Platforms | owner Meta Platforms | cdninstagram.com is not whatsapp.com; cdninstagram.com and whatsapp.com belong to Meta Platforms
            Third OneTrust | owner OneTrust | cookielaw.org is not whatsapp.com
              cookielaw.org belongs to OneTrust (US), Consent, documented
        "#]],
    );
}

#[test]
fn the_browsers_own_recipients_and_the_site_itself_are_no_third_parties() {
    check(
        vec![
            get("https://www.clinic.example/"),
            Request { sender: Sender::Browser { rule: "updates".to_owned() }, ..get("https://update.googleapis.com/x") },
        ],
        expect![[r#"
            First clinic.example | owner - | clinic.example is the page's own site
        "#]],
    );
}
