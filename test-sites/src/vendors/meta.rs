use http::StatusCode;

use super::{has_cookie, readable, script};
use crate::answer::Answer;
use crate::received::Received;

pub(super) const HOSTS: &[&str] = &["connect.facebook.net", "www.facebook.com", "facebook.com"];

/// A transparent picture of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// How a pixel is set, as its owner would see it in the vendor's console.
struct Pixel {
    id: &'static str,
    features: &'static [&'static str],
    match_keys: &'static [&'static str],
    /// Parameters of addresses whose values are taken out before sending.
    unwanted: &'static [&'static str],
    /// Clicks and events on leaving go by `sendBeacon`. In the field the browser decides that, not the pixel.
    beacons: bool,
}

const EVERY_KEY: &[&str] = &["em", "ph", "fn", "ln", "zp", "db"];

const PIXELS: &[Pixel] = &[
    // 1, the handbook
    Pixel { id: "482915530127701", features: &["FirstPartyCookies", "PrivacySandbox"], match_keys: &[], unwanted: &[], beacons: false },
    // 2, the search
    Pixel { id: "482915530127702", features: &["FirstPartyCookies", "InferredEvents"], match_keys: &[], unwanted: &[], beacons: true },
    // 2b, the search whose term is taken out
    Pixel { id: "482915530127712", features: &["FirstPartyCookies", "UnwantedData"], match_keys: &[], unwanted: &["q"], beacons: false },
    // 3, the buttons
    Pixel { id: "482915530127703", features: &["FirstPartyCookies", "InferredEvents"], match_keys: &[], unwanted: &[], beacons: false },
    // 4, the contact form
    Pixel {
        id: "482915530127704",
        features: &["FirstPartyCookies", "InferredEvents", "AutomaticMatching"],
        match_keys: EVERY_KEY,
        unwanted: &[],
        beacons: false,
    },
    // 5, the children's pages, and the service they link to
    Pixel { id: "482915530127705", features: &["FirstPartyCookies", "InferredEvents"], match_keys: &[], unwanted: &[], beacons: true },
    Pixel { id: "482915530127715", features: &["FirstPartyCookies"], match_keys: &[], unwanted: &[], beacons: false },
    // 6, the gender identity service
    Pixel {
        id: "482915530127706",
        features: &["FirstPartyCookies", "Microdata", "PageMetadata"],
        match_keys: &[],
        unwanted: &[],
        beacons: false,
    },
    // 7, the pharmacy
    Pixel { id: "482915530127707", features: &["FirstPartyCookies"], match_keys: &[], unwanted: &[], beacons: false },
    // 8, the course
    Pixel { id: "482915530127708", features: &["FirstPartyCookies", "InferredEvents"], match_keys: &[], unwanted: &[], beacons: false },
    // 9, the banner
    Pixel {
        id: "482915530127709",
        features: &["FirstPartyCookies", "InferredEvents", "PrivacySandbox"],
        match_keys: &[],
        unwanted: &[],
        beacons: false,
    },
];

pub(super) fn answer(request: &Received) -> Option<Answer> {
    match (request.host_name(), request.path()) {
        ("connect.facebook.net", "/en_US/fbevents.js" | "/en_GB/fbevents.js") => script("fbevents.js"),
        ("connect.facebook.net", path) => path.strip_prefix("/signals/config/").map(config),
        (_, "/tr" | "/tr/") => Some(beacon(request)),
        (_, path) if path.starts_with("/privacy_sandbox/") => Some(Answer::of("image/gif", GIF)),
        _ => None,
    }
}

/// The settings script. A pixel nobody set up has no feature on.
fn config(id: &str) -> Answer {
    let id: String = id.chars().filter(char::is_ascii_digit).collect();
    let mut lines = vec!["(function (instance, config) {".to_owned()];
    if let Some(pixel) = PIXELS.iter().find(|pixel| pixel.id == id) {
        if !pixel.match_keys.is_empty() {
            let keys = pixel.match_keys.join(r#"",""#);
            lines.push(format!(r#"config.set("{id}", "automaticMatching", {{"selectedMatchKeys":["{keys}"]}});"#));
        }
        if !pixel.unwanted.is_empty() {
            let names = pixel.unwanted.join(r#"",""#);
            let keys = format!(r#"{{"PageView":{{"cd":[],"url":["{names}"]}}}}"#);
            lines.push(format!(r#"config.set("{id}", "unwantedData", {{"blacklisted_keys":{keys},"sensitive_keys":{{}}}});"#));
        }
        lines.extend(pixel.features.iter().map(|feature| format!(r#"instance.optIn("{id}", "{feature}", true);"#)));
        if pixel.beacons {
            lines.push(format!(r#"instance.sendBy("{id}", "SB");"#));
        }
    }
    lines.push(format!(r#"instance.configLoaded("{id}");"#));
    lines.push("})(fbq.instance, fbq.config);\n".to_owned());
    Answer::of("application/x-javascript; charset=utf-8", lines.join("\n")).with("cross-origin-resource-policy", "cross-origin")
}

/// Takes an event. A browser without `fr` is given one, once.
fn beacon(request: &Received) -> Answer {
    let answer = match request.method.as_str() {
        "GET" => Answer::of("image/gif", GIF),
        _ => Answer::of("text/plain", ""),
    };
    let mut answer = readable(answer, request);
    answer.status = StatusCode::OK;
    if has_cookie(request, "fr") {
        return answer;
    }
    let value = format!("0q{:x}.{:x}.AA.AAA.0.0", request.at_ms, request.number);
    answer.with("set-cookie", format!("fr={value}; Max-Age=7776000; Domain=.facebook.com; Path=/; Secure; HttpOnly; SameSite=None"))
}
