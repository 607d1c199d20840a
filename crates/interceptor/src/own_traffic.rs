//! Chromium contacts its maker on its own behalf, even when asked not to. Those requests are set aside by rule, and each names its rule.

use crate::wire::WireRequest;

/// Whose request the wire log shows, where DevTools did not announce it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A page made it.
    Page,
    /// The browser made it for itself.
    Browser(String),
    /// Neither a page nor a rule claims it.
    Nobody,
}

/// Parts of Chromium that act for pages, by the names it gives them in its own source.
const ACTING_FOR_PAGES: &[&str] = &[
    "blink_resource_loader",
    "navigation_url_loader",
    "websocket_stream",
    "worker_script_load",
    "favicon_loader",
    "service_worker_script_load",
    "service_worker_update_checker",
];

/// Parts that act for the browser itself.
const ACTING_FOR_ITSELF: &[(&str, &str)] = &[
    ("autofill_query", "Chromium asks its maker how to fill in forms"),
    ("autofill_upload", "Chromium tells its maker how a form was filled in"),
    ("captive_portal_service", "Chromium asks its maker whether the network wants a login"),
    ("client_download_request", "Chromium asks its maker about a download"),
    ("client_download_request_desktop", "Chromium asks its maker about a download"),
    ("domain_reliability_report_upload", "Chromium tells its maker how well its sites are reached"),
    ("gaia_auth_list_accounts", "Chromium asks its maker which accounts are signed in"),
    ("hintsfetcher_gethintsrequest", "Chromium fetches hints about a page from its maker"),
    ("lib_address_input", "Chromium asks its maker what addresses look like in a country"),
    ("lookup_single_password_leak", "Chromium asks its maker whether a password is known to be leaked"),
    ("network_time_component", "Chromium asks its maker for the time"),
    ("optimization_guide_model", "Chromium fetches models from its maker"),
    ("optimization_guide_model_download", "Chromium fetches models from its maker"),
    ("password_protection_request", "Chromium asks its maker about a page that takes passwords"),
    ("password_requirements_spec_fetch", "Chromium asks its maker which passwords a site takes"),
    ("payments_autofill", "Chromium asks its maker about a card"),
    ("payments_sync_cards", "Chromium asks its maker about a card"),
    ("permission_predictions", "Chromium asks its maker how to ask for a permission"),
    ("ranker_url_fetcher", "Chromium fetches models from its maker"),
    ("safe_browsing_client_side_phishing_detector", "Chromium asks its maker about a page"),
    ("safe_browsing_extended_reporting", "Chromium tells its maker about a page"),
    ("safe_browsing_hashprefix_realtime_lookup_ohttp", "Chromium asks its maker about an address"),
    ("safe_browsing_ohttp_key_fetch", "Chromium asks its maker about an address"),
    ("safe_browsing_realtime_url_lookup", "Chromium asks its maker about an address"),
    ("safe_browsing_v4_get_hash", "Chromium asks its maker about an address"),
    ("safe_browsing_v4_update", "Chromium fetches lists of dangerous sites"),
    ("spellcheck_hunspell_dictionary", "Chromium downloads a dictionary"),
    ("spellcheck_lookup", "Chromium asks its maker how words are spelt"),
    ("ssl_name_mismatch_lookup", "Chromium looks for the host that a certificate is for"),
    ("sync_http_bridge", "Chromium exchanges the user's settings with its maker"),
    ("translate_url_fetcher", "Chromium asks its maker about languages"),
    ("update_client", "Chromium looks for updates of its components"),
];

/// What the origins of a browser's extensions and own pages begin with.
const OWN_ORIGINS: &[&str] = &["chrome-extension://", "chrome://", "chrome-untrusted://", "chrome-search://", "devtools://", "edge://"];

/// Hosts of the browser's maker and what the browser itself wants there. Pages call hosts of the same company: the host alone never decides.
const OWN_HOSTS: &[(&str, &str)] = &[
    ("accounts.google.com", "Chromium asks its maker which accounts are signed in"),
    ("android.clients.google.com", "Chromium registers for messages"),
    ("clients1.google.com", "Chromium contacts its maker"),
    ("clients2.google.com", "Chromium looks for updates or the time"),
    ("clients3.google.com", "Chromium contacts its maker"),
    ("clients4.google.com", "Chromium contacts its maker"),
    ("clientservices.googleapis.com", "Chromium fetches its settings"),
    ("connectivitycheck.gstatic.com", "Chromium asks its maker whether the network wants a login"),
    ("content-autofill.googleapis.com", "Chromium asks its maker how to fill in forms"),
    ("edgedl.me.gvt1.com", "Chromium downloads its components"),
    ("gvt1.com", "Chromium downloads its components"),
    ("mtalk.google.com", "Chromium waits for messages"),
    ("optimizationguide-pa.googleapis.com", "Chromium fetches hints or models from its maker"),
    ("passwordsleakcheck-pa.googleapis.com", "Chromium asks its maker whether a password is known to be leaked"),
    ("redirector.gvt1.com", "Chromium downloads its components"),
    ("safebrowsing.googleapis.com", "Chromium fetches lists of dangerous sites"),
    ("safebrowsing.google.com", "Chromium fetches lists of dangerous sites"),
    ("sb-ssl.google.com", "Chromium asks about a download"),
    ("update.googleapis.com", "Chromium looks for updates of its components"),
    ("www.gstatic.com", "Chromium fetches its components"),
];

/// Reads whose request it is from what Chromium's network stack says of it.
///
/// A request that carries an initiator origin was made by a page. So was one of a part that acts for pages. Only then do the rules for
/// the browser's own traffic come in, and what remains belongs to a page if it is kept apart under a page's site.
pub(crate) fn whose(request: &WireRequest, host: &str, site_was_visited: bool) -> Whose {
    if let Some(origin) = request.initiator.as_deref().filter(|origin| OWN_ORIGINS.iter().any(|own| origin.starts_with(own))) {
        return Whose::Browser(format!("an extension or a page of the browser itself made it ({origin})"));
    }
    if request.initiator.is_some() || ACTING_FOR_PAGES.iter().any(|part| hash(part) == request.annotation) {
        return Whose::Page;
    }
    if let Some((part, what)) = ACTING_FOR_ITSELF.iter().find(|(part, _)| hash(part) == request.annotation) {
        return Whose::Browser(format!("{what} ({part}, {host})"));
    }
    let own = |known: &str| host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    if let Some((_, what)) = OWN_HOSTS.iter().find(|(known, _)| own(known)) {
        return Whose::Browser(format!("{what} ({host})"));
    }
    if site_was_visited { Whose::Page } else { Whose::Nobody }
}

/// Chromium writes the hash of a part's name, not the name.
const fn hash(name: &str) -> u32 {
    const MODULUS: u64 = 138_003_713;
    let bytes = name.as_bytes();
    let mut hash = 0;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash * 31 + bytes[at] as u64) % MODULUS;
        at += 1;
    }
    hash as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hash_to_the_numbers_chromium_writes() {
        for (name, number) in [("blink_resource_loader", 101_845_102), ("autofill_query", 88_863_520), ("update_client", 54_845_618)] {
            assert_eq!(hash(name), number);
        }
    }

    #[test]
    fn a_page_that_calls_the_browsers_maker_keeps_its_request() {
        let page = Some("https://shop.example");
        for (initiator, annotation, host, visited, whose) in [
            (page, hash("blink_resource_loader"), "accounts.google.com", true, "page"),
            (page, 0, "content-autofill.googleapis.com", true, "page"),
            (Some("chrome-extension://abcdefghijklmnop"), hash("blink_resource_loader"), "api.example", true, "browser"),
            (None, hash("navigation_url_loader"), "accounts.google.com", false, "page"),
            (None, hash("autofill_query"), "content-autofill.googleapis.com", true, "browser"),
            (None, 0, "clients2.google.com", false, "browser"),
            (None, 0, "r3---sn-x.gvt1.com", false, "browser"),
            (None, hash("update_client"), "mirror.example", false, "browser"),
            (None, 0, "evilgvt1.com", false, "nobody"),
            (None, 0, "reports.example", true, "page"),
            (None, 0, "reports.example", false, "nobody"),
        ] {
            let request = WireRequest { initiator: initiator.map(Into::into), annotation, ..WireRequest::blank() };
            let read = match super::whose(&request, host, visited) {
                Whose::Page => "page",
                Whose::Browser(_) => "browser",
                Whose::Nobody => "nobody",
            };
            assert_eq!(read, whose, "{host} {initiator:?} {annotation}");
        }
    }
}
