//! Addresses of the ordinary web, made up from its own words. No definition has any business with them.

use pixelwitness_classifier::{Definitions, classify};
use pixelwitness_recording::Request;

use crate::numbers::Numbers;
use crate::recorded::{get, post, recording, step};

const ADDRESSES: usize = 10_000;

/// Sites, and the places on vendors' own sites where people go to read.
const HOSTS: &[&str] = &[
    "www.clinic.example",
    "clinic.example",
    "api.clinic.example",
    "shop.pharmacy.example",
    "cdn.assets.example",
    "static.council.example",
    "video.school.example",
    "maps.town.example",
    "login.bank.example",
    "blog.writer.test",
    "media.news.test",
    "192.0.2.7",
];

const FOLDERS: &[&str] = &[
    "",
    "a",
    "api",
    "api/v1",
    "api/v2",
    "v1",
    "v2",
    "assets",
    "static",
    "wp-content/uploads/2026/11",
    "wp-json/wp/v2",
    "js",
    "css",
    "img",
    "media",
    "fonts",
    "public",
    "dist",
    "_next/static/chunks",
    "health",
    "conditions/hiv",
    "news",
    "events",
    "services",
    "search",
    "account",
    "basket",
    "watch",
    "track-my-order",
    "i",
    "s",
    "e",
    "b",
    "t",
    "p",
    "g",
    "user",
    "users/42",
    "graphql",
    "cgi-bin",
    "content/dam",
    "rest",
    "ajax",
    "data",
    "stats",
    "analytics-reports",
    "collections",
    "batch-jobs",
    "session",
    "embed",
    "widgets",
];

const FILES: &[&str] = &[
    "",
    "index.html",
    "index.php",
    "main.js",
    "app.4f2a.js",
    "vendor.js",
    "style.css",
    "logo.svg",
    "photo.jpg",
    "pixel.gif",
    "1.gif",
    "favicon.ico",
    "search",
    "find",
    "results",
    "event",
    "events",
    "collect",
    "track",
    "hit",
    "log",
    "batch",
    "page",
    "pageview",
    "identify",
    "config.json",
    "settings",
    "manifest.json",
    "graphql",
    "login",
    "logout",
    "contact",
    "book",
    "appointments",
    "prep",
    "video.mp4",
    "font.woff2",
    "feed.xml",
    "sitemap.xml",
    "action/0",
    "tr",
    "rp",
    "i",
    "e",
    "s",
    "j.php",
    "v.gif",
    "ping",
    "sync",
    "id",
    "init",
    "p",
    "t",
    "action.php",
    "form-data",
    "conversion",
    "activity",
    "sst",
    "image.aspx",
    "rum",
    "tp2",
    "record",
    "engage",
    "decide",
    "flags",
    "envelope",
    "interact",
];

/// Names that many have for many things, and values that say nothing by themselves.
const PARAMETERS: &[&str] = &[
    "q=hiv+test",
    "s=prep",
    "page=2",
    "id=42",
    "id=1234567890",
    "ev=open-day",
    "e=1",
    "e=pv",
    "en=home",
    "v=1",
    "v=2",
    "v=3",
    "t=1760000000",
    "ts=1760000000000",
    "tid=5",
    "tid=UA",
    "cid=6",
    "sid=7",
    "uid=8",
    "dl=report.pdf",
    "dt=2026-11-22",
    "rec=0",
    "idsite=clinic",
    "aid=web",
    "p=2",
    "tv=1",
    "ver=6.8.1",
    "lang=en-GB",
    "utm_source=newsletter",
    "callback=jQuery123",
    "_=1760000000000",
    "url=https%3A%2F%2Fwww.clinic.example%2F",
    "w=640",
    "token=abc",
    "user=7",
    "event=open-day",
    "type=visit",
    "name=Tom",
    "a=1",
    "u=2",
    "account_id=7",
    "n=Autumn",
    "siteId=1",
    "data=x",
    "key=AIza",
    "sdkid=none",
    "writeKey",
    "fmt=webp",
    "id=7&ev=open-day&dl=https%3A%2F%2Fwww.clinic.example%2F",
    "idsite=1&rec=0&url=https%3A%2F%2Fwww.clinic.example%2F&r=1",
    "AQB=1",
];

const BODIES: &[&str] = &[
    "",
    "name=Pat&message=Hello",
    "data=x",
    "q=hiv+test&page=2",
    r#"{"query":"{ clinics { name } }"}"#,
    r#"{"event":"booked","page":"/book","title":"Book"}"#,
    r#"{"events":[{"type":"click","id":7}]}"#,
    r#"{"name":"Pat","url":"https://www.clinic.example/","e":[1,2],"a":[]}"#,
    r#"[{"id":1},{"id":2}]"#,
    "aGVsbG8gd29ybGQ=",
    r#"{"messageId":"m","anonymousId":"a","type":"track","context":{"library":{"name":"own","version":"1"}}}"#,
    r#"{"schema":"iglu:com.acme/visit/jsonschema/1-0-0","data":[{"e":"pv","p":"web","tv":"1"}]}"#,
    r#"{"context":{"pixel":{"code":"x"},"page":{"url":"https://www.clinic.example/"},"library":{"name":"own"}}}"#,
    "{\"level\":\"info\"}\n{\"level\":\"warn\"}",
];

/// Parameters that look like an e-mail address or a page, and are none, or the site's own.
const LOOKALIKES: &[&str] = &[
    "src=logo%402x.png",
    "pkg=lodash%404.17.21",
    "module=%40own%2Fwidgets%40latest",
    "dsn=0123456789abcdef0123456789abcdef%40o1.ingest.sentry.io",
    "geo=%4051.5%2C-0.1%2C15z",
    "from=info%40clinic.example",
    "handle=%40clinic",
    "path=%2F",
    "path=%2Fen",
    "path=%2Fapi%2Fv1",
    "base=%2Fwp-content%2Fuploads",
    "title=Home",
    "state=eyJhIjoxLCJiIjoiL2VuIn0",
    "nonce=c2Vzc2lvbg",
    "hash=0123456789abcdef0123456789abcdef",
];

/// What was visited: the set has the names and words of these pages in other places.
const PAGES: &[(&str, &str)] = &[
    ("https://www.clinic.example/", "The Clinic at the Harbour"),
    ("https://www.clinic.example/en", "Home"),
    ("https://www.clinic.example/search?q=hiv+test", "What we found"),
    ("https://www.clinic.example/health/appointments", "Book an appointment"),
    ("https://www.clinic.example/conditions/hiv/prep", "PrEP: is it for me?"),
];

#[test]
fn no_definition_reads_an_ordinary_request() {
    let definitions = Definitions::built_in();
    let requests: Vec<Request> = (0..ADDRESSES).map(ordinary).collect();
    let addresses: Vec<String> = requests.iter().map(|request| format!("{} {}", request.method, request.url)).collect();
    let different: std::collections::BTreeSet<&String> = addresses.iter().collect();
    assert!(different.len() > ADDRESSES * 9 / 10, "the control set repeats itself: {}", different.len());
    let findings = classify(&recording(requests), &definitions);
    assert!(findings.events.is_empty());
    for recipient in findings.recipients {
        assert_eq!((recipient.vendors.as_slice(), recipient.owner), (&[][..], None), "{}", recipient.id);
    }
}

/// To know what a value is by itself takes more than that it could be it.
#[test]
fn nothing_is_claimed_of_an_ordinary_request() {
    let with_lookalikes = |number: usize| {
        let (request, mut numbers) = (ordinary(number), Numbers(number as u64 + 7));
        let query = (0..3).map(|_| numbers.one_of(LOOKALIKES)).collect::<Vec<_>>().join("&");
        let mark = if request.url.contains('?') { '&' } else { '?' };
        Request { url: format!("{}{mark}{query}", request.url), ..request }
    };
    let mut recording = recording((0..ADDRESSES).map(with_lookalikes).collect());
    recording.steps = PAGES.iter().enumerate().map(|(index, (address, title))| step(index, address, title)).collect();
    let findings = classify(&recording, &Definitions::built_in());
    assert!(findings.unread.len() > ADDRESSES / 2, "{}", findings.unread.len());
    assert_eq!(crate::recorded::leaks(&findings), "");
}

/// Where people go to read on the sites of vendors themselves: those are the owner's, and no product of it is told anything.
const VENDORS_OWN: &[&str] = &[
    "https://www.facebook.com/clinic.example/posts/1",
    "https://www.instagram.com/clinic.example/",
    "https://www.tiktok.com/@clinic/video/1",
    "https://www.google.com/search?q=hiv+test",
    "https://www.google.co.uk/maps/place/Clinic",
    "https://www.youtube.com/watch?v=aBcDeFgHiJk",
    "https://www.linkedin.com/in/pat-example/",
    "https://x.com/clinic/status/1",
    "https://t.co/aBcDeF",
    "https://www.pinterest.com/pin/1/",
    "https://www.reddit.com/r/hiv/comments/1/x/",
    "https://www.snapchat.com/add/clinic",
    "https://www.bing.com/search?q=hiv+test",
    "https://www.hotjar.com/pricing/",
    "https://www.hubspot.com/products/marketing?hubs_content=x",
    "https://mixpanel.com/pricing/",
    "https://posthog.com/docs",
    "https://eu.posthog.com/project/1/insights",
    "https://yandex.ru/search/?text=hiv",
    "https://vimeo.com/123456789",
    "https://open.spotify.com/episode/1",
    "https://www.zendesk.com/pricing/",
    "https://docs.stripe.com/api",
    "https://www.trustpilot.com/review/clinic.example",
    "https://vk.com/clinic",
    "https://e.mail.ru/inbox/",
    "https://www.baidu.com/s?wd=hiv",
    "https://sentry.io/organizations/clinic/issues/1/",
    "https://nextdoor.co.uk/news_feed/",
    "https://www.quora.com/What-is-PrEP",
];

#[test]
fn reading_a_vendors_own_pages_is_no_event() {
    let definitions = Definitions::built_in();
    for address in VENDORS_OWN {
        let findings = classify(&recording(vec![get(address)]), &definitions);
        assert!(findings.events.is_empty(), "{address}");
        assert!(findings.recipients.iter().all(|recipient| recipient.owner.is_some() && recipient.vendors.is_empty()), "{address}");
    }
}

/// Request number so and so, always the same one.
fn ordinary(number: usize) -> Request {
    let mut numbers = Numbers(number as u64);
    let (host, folder, file) = (numbers.one_of(HOSTS), numbers.one_of(FOLDERS), numbers.one_of(FILES));
    let path = [folder, file].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
    let query = (0..numbers.below(6)).map(|_| numbers.one_of(PARAMETERS)).collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    let address = format!("https://{host}/{path}{mark}{query}");
    if numbers.below(3) == 0 { post(&address, numbers.one_of(BODIES)) } else { get(&address) }
}

/// A definition that trusts the path alone, or the path and common names, would read requests of the set.
#[test]
fn the_ordinary_requests_include_what_a_careless_definition_would_read() {
    for (path, requires, least) in [
        ("/**/tr", r#"["id=#"]"#, 1),
        ("/**/collect", r#"["v=2"]"#, 1),
        ("/**/collect", r#"["tid"]"#, 1),
        ("/**/event", "[]", 50),
        ("/**/i", r#"["e"]"#, 5),
        ("/**/batch", "[]", 50),
        ("/**/*.gif", r#"["p"]"#, 5),
    ] {
        let careless = format!(
            "id = \"own\"\nname = \"Own\"\nowner = \"Own Ltd\"\npurpose = \"analytics\"\nconfidence = \"seen\"\nsources = [\"x\"]\n\
             [[endpoint]]\nhost = \"*\"\npath = {path:?}\nbody = [\"json\", \"form\"]\nrequires = {requires}\n"
        );
        let mut definitions = Definitions::default();
        definitions.add("own.toml", &careless).unwrap();
        let read = classify(&recording((0..ADDRESSES).map(ordinary).collect()), &definitions).events.len();
        assert!(read >= least, "{path} {requires}: {read}");
    }
}
