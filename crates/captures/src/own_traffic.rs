//! What a browser sent on its own behalf, in captures that hold everything that left a machine or a profile.

use pixelwitness_interceptor::browser_service;
use pixelwitness_recording::{Request, Sender};

/// What the addresses of a browser's extensions and own pages begin with.
const OWN_PAGES: &[&str] = &[
    "chrome-extension://",
    "moz-extension://",
    "safari-web-extension://",
    "extension://",
    "chrome://",
    "chrome-untrusted://",
    "chrome-search://",
    "devtools://",
    "edge://",
    "about:newtab",
];

/// Sets a request aside where no page can have made it. Each names the rule.
///
/// A `Referer`, a script or an answer to where the request comes from (`Sec-Fetch-Site`) shows a page, and then nothing is set aside.
pub(crate) fn set_aside(request: &mut Request) {
    if request.sender == Sender::Page
        && let Some(rule) = rule(request)
    {
        request.sender = Sender::Browser { rule };
    }
}

fn rule(request: &Request) -> Option<String> {
    if let Some(page) = own_page(request) {
        return Some(format!("an extension or a page of the browser itself made it ({page})"));
    }
    let site = request.header("sec-fetch-site");
    let is_made_by_page = request.header("referer").is_some_and(|referer| !referer.is_empty())
        || matches!(site, Some("same-origin" | "same-site" | "cross-site"))
        || request.initiator.url.is_some()
        || !request.initiator.stack.is_empty();
    if is_made_by_page || opens_a_page(request) {
        return None;
    }
    let is_ocsp = |value: Option<&str>| value.is_some_and(|kind| kind.starts_with("application/ocsp-re"));
    let answered = request.response.iter().flat_map(|answer| &answer.headers).find(|one| one.name.eq_ignore_ascii_case("content-type"));
    if is_ocsp(request.header("content-type")) || is_ocsp(answered.map(|header| header.value.as_str())) {
        return Some("the browser asks whether a certificate is still valid".to_owned());
    }
    let says_that_no_page_did = site == Some("none");
    if let Some(service) = browser_service(&request.url).filter(|service| !service.shared || says_that_no_page_did) {
        let host = crate::requests::host(&request.url).unwrap_or_default();
        return Some(format!("{} ({host})", service.what));
    }
    let is_report = request.header("content-type").is_some_and(|kind| kind.contains("report"));
    let is_socket = request.url.starts_with("ws") || request.header("sec-fetch-mode") == Some("websocket");
    (says_that_no_page_did && !is_report && !is_socket)
        .then(|| "its Sec-Fetch-Site header is “none” and it opens no page: the browser or an extension made it".to_owned())
}

/// Its sender, where that is the browser's own page or an extension.
fn own_page(request: &Request) -> Option<&str> {
    let is_own = |address: &str| OWN_PAGES.iter().any(|begin| address.starts_with(begin));
    let stack = &request.initiator.stack;
    // An extension may wrap what a page calls: then the page's script stands below it.
    let caller = stack.first().filter(|_| stack.iter().all(|call| is_own(&call.url))).map(|call| call.url.as_str());
    let named = [request.header("origin"), request.header("referer"), request.initiator.url.as_deref(), caller].into_iter().flatten();
    named.into_iter().find(|address| is_own(address))
}

/// What else than a script's own request it is for. A page that is opened by hand comes from nowhere, too.
fn opens_a_page(request: &Request) -> bool {
    request.header("sec-fetch-mode") == Some("navigate")
        || request.header("sec-fetch-dest").is_some_and(|destination| destination != "empty" && destination != "image")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part::{header, told};

    #[test]
    fn only_what_no_page_can_have_made_is_the_browsers() {
        let none = [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "empty")];
        let navigation = [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
        let referer = [("Referer", "https://www.clinic.example/")];
        for (address, headers, is_own) in [
            ("https://update.googleapis.com/service/update2/json", &[][..], true),
            ("https://update.googleapis.com/service/update2/json", &referer, false),
            ("https://update.googleapis.com/service/update2/json", &[("Sec-Fetch-Site", "cross-site")], false),
            ("https://www.google.com/complete/search?client=chrome-omni&q=clinic", &[], true),
            ("https://www.google.com/complete/search?client=hp&q=hiv", &[], false),
            ("https://www.google.com/complete/search?client=hp&q=hiv", &none, true),
            ("https://firefox.settings.services.mozilla.com/v1/", &none, true),
            ("https://api.adblocker.example/lists", &none, true),
            ("https://api.adblocker.example/lists", &[("Origin", "moz-extension://2f3d")], true),
            ("https://ocsp.ca.example/x", &[("Content-Type", "application/ocsp-request")], true),
            ("https://www.clinic.example/", &navigation, false),
            ("https://www.google.com/", &navigation, false),
            ("https://reports.example/r", &[("Sec-Fetch-Site", "none"), ("Content-Type", "application/reports+json")], false),
            ("https://collect.example/c", &[], false),
        ] {
            let mut request = told("GET", address, 1);
            request.headers = headers.iter().map(|(name, value)| header(name, value)).collect();
            set_aside(&mut request);
            assert_eq!(request.sender != Sender::Page, is_own, "{address} {headers:?}");
        }
    }
}
