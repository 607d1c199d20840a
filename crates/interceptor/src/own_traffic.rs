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
    "aggregation_service_report",
    "auction_downloader",
    "auction_report_sender",
    "background_fetch_context",
    "blink_resource_loader",
    "conversion_measurement_report",
    "download_web_contents_frame",
    "early_hints_preload",
    "favicon_loader",
    "fedcm",
    "interest_group_update_fetcher",
    "navigation_url_loader",
    "payment_manifest_downloader",
    "renderer_initiated_download",
    "service_worker_navigation_preload",
    "service_worker_script_load",
    "service_worker_update_checker",
    "shared_storage_worklet_module_script_downloader",
    "speculation_rules_prefetch",
    "websocket_stream",
    "worker_script_load",
];

/// What Chromium asks to learn whether a network wants its user to sign in first. Where the answer is a page, it opens that page in a tab.
const PROBES: &[&str] = &["http://connectivitycheck.gstatic.com/generate_204", "http://www.gstatic.com/generate_204"];

/// Parts that act for the browser itself.
const ACTING_FOR_ITSELF: &[(&str, &str)] = &[
    ("accounts_image_fetcher", ACCOUNTS),
    ("affiliation_lookup_by_hash", "Chromium asks its maker which sites share a password"),
    ("autofill_query", "Chromium asks its maker how to fill in forms"),
    ("autofill_upload", "Chromium tells its maker how forms were filled in"),
    ("captive_portal_service", PORTAL),
    ("certificate_verifier_url_loader", "Chromium checks a certificate with the authority that issued it"),
    ("certificate_verifier_url_request", "Chromium checks a certificate with the authority that issued it"),
    ("chrome_search_suggest_service", "Chromium asks for search suggestions"),
    ("chrome_variations_service", "Chromium fetches its settings"),
    ("client_download_request", "Chromium asks about a download"),
    ("client_download_request_desktop", "Chromium asks about a download"),
    ("contextual_search_resolve", "Chromium asks for search suggestions"),
    ("credenential_avatar", ACCOUNTS),
    ("device_management_service", "Chromium asks for policies"),
    ("domain_reliability_report_upload", "Chromium tells its maker how well its sites were reached"),
    ("enterprise_safe_browsing_realtime_url_lookup", SAFE_BROWSING),
    ("extension_blacklist", "Chromium looks for updates of extensions"),
    ("extension_crx_fetcher", "Chromium looks for updates of extensions"),
    ("extension_manifest_fetcher", "Chromium looks for updates of extensions"),
    ("gaia_auth_check_connection_info", ACCOUNTS),
    ("gaia_auth_list_accounts", ACCOUNTS),
    ("gcm_checkin", "Chromium registers for messages"),
    ("gcm_registration", "Chromium registers for messages"),
    ("gcm_unregistration", "Chromium registers for messages"),
    ("geo_language_provider", "Chromium asks its maker where it is"),
    ("hintsfetcher_gethintsrequest", "Chromium fetches hints from its maker"),
    ("interest_feedv2_send", "Chromium fetches its new tab page"),
    ("intranet_redirect_detector", "Chromium tries whether this network answers for names that do not exist"),
    ("k_anonymity_service_get_token", "Chromium asks its maker for tokens"),
    ("lib_address_input", "Chromium fetches the forms of addresses"),
    ("logo_service", "Chromium fetches its new tab page"),
    ("lookup_single_password_leak", "Chromium asks its maker whether a password that was entered is known to have leaked"),
    ("metrics_report_ukm", "Chromium reports its use"),
    ("metrics_report_uma", "Chromium reports its use"),
    ("network_time_component", "Chromium asks its maker for the time"),
    ("omnibox_documentsuggest", "Chromium asks for search suggestions"),
    ("omnibox_navigation_observer", "Chromium tries whether a host of that name exists"),
    ("omnibox_suggest", "Chromium asks for search suggestions"),
    ("omnibox_suggest_deletion", "Chromium asks for search suggestions"),
    ("omnibox_zerosuggest", "Chromium asks for search suggestions"),
    ("one_google_bar_service", "Chromium fetches its new tab page"),
    ("optimization_guide_model", "Chromium fetches models from its maker"),
    ("optimization_guide_model_download", "Chromium fetches models from its maker"),
    ("password_protection_request", "Chromium asks its maker about a page on which a password was entered"),
    ("password_requirements_spec_fetch", "Chromium asks its maker what passwords a site wants"),
    ("payments_autofill", "Chromium asks its maker about payment cards"),
    ("payments_sync_cards", "Chromium asks its maker for payment cards"),
    ("permission_predictions", "Chromium asks its maker whether to ask for a permission"),
    ("popular_sites_fetch", "Chromium fetches its new tab page"),
    ("promo_service", "Chromium fetches its new tab page"),
    ("ranker_url_fetcher", "Chromium fetches models from its maker"),
    ("safe_browsing_client_side_phishing_detector", SAFE_BROWSING),
    ("safe_browsing_extended_reporting", SAFE_BROWSING),
    ("safe_browsing_feedback", SAFE_BROWSING),
    ("safe_browsing_hashprefix_realtime_lookup_ohttp", SAFE_BROWSING),
    ("safe_browsing_incident", SAFE_BROWSING),
    ("safe_browsing_ohttp_key_fetch", SAFE_BROWSING),
    ("safe_browsing_realtime_url_lookup", SAFE_BROWSING),
    ("safe_browsing_v4_get_hash", SAFE_BROWSING),
    ("safe_browsing_v4_update", SAFE_BROWSING),
    ("safety_check_update_connectivity", "Chromium looks for updates or the time"),
    ("sct_auditing", "Chromium reports certificates to its maker"),
    ("sct_auditing_hashdance", "Chromium reports certificates to its maker"),
    ("search_prefetch_service", "Chromium fetches a search ahead"),
    ("signed_in_profile_avatar", ACCOUNTS),
    ("spellcheck_hunspell_dictionary", "Chromium downloads a dictionary"),
    ("spellcheck_lookup", "Chromium asks its maker how text that was typed is spelt"),
    ("ssl_name_mismatch_lookup", "Chromium tries the name that a certificate is for"),
    ("supervised_user_classify_url", "Chromium asks its maker whether a page suits its user"),
    ("sync_http_bridge", "Chromium keeps its settings in step"),
    ("sync_stop_reporter", "Chromium keeps its settings in step"),
    ("tailored_security_service", SAFE_BROWSING),
    ("translate_url_fetcher", "Chromium prepares to translate a page"),
    ("update_client", "Chromium looks for updates of its components"),
    ("web_history_query", "Chromium keeps its settings in step"),
    ("web_history_service", "Chromium keeps its settings in step"),
    ("well_known_path_that_should_not_exist", "Chromium looks where a site lets passwords be changed"),
];

const ACCOUNTS: &str = "Chromium asks its maker which accounts are signed in";
const PORTAL: &str = "Chromium tries whether the network wants its user to sign in";
const SAFE_BROWSING: &str = "Chromium asks its maker about dangerous sites";

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
    ("chromekanonymity-pa.googleapis.com", "Chromium asks its maker for tokens"),
    ("chromesyncpasswords-pa.googleapis.com", "Chromium keeps its settings in step"),
    ("clientservices.googleapis.com", "Chromium fetches its settings"),
    ("connectivitycheck.gstatic.com", PORTAL),
    ("content-autofill.googleapis.com", "Chromium asks its maker how to fill in forms"),
    ("edgedl.me.gvt1.com", "Chromium downloads its components"),
    ("gvt1.com", "Chromium downloads its components"),
    ("mtalk.google.com", "Chromium waits for messages"),
    ("optimizationguide-pa.googleapis.com", "Chromium fetches hints or models from its maker"),
    ("passwordsleakcheck-pa.googleapis.com", "Chromium asks its maker whether a password that was entered is known to have leaked"),
    ("redirector.gvt1.com", "Chromium downloads its components"),
    ("safebrowsing.googleapis.com", "Chromium fetches lists of dangerous sites"),
    ("safebrowsing.google.com", "Chromium fetches lists of dangerous sites"),
    ("safebrowsingohttpgateway.googleapis.com", "Chromium fetches lists of dangerous sites"),
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
    if request.initiator.is_none() && is_probe(&request.url) {
        return Whose::Browser(format!("{PORTAL} ({host})"));
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

/// The rule for what a page sent that Chromium opened by itself: the one it takes for the page where a network wants its user to sign in.
pub(crate) fn of_a_portal(page_url: Option<&str>) -> Option<String> {
    let page = page_url.filter(|page| is_probe(page))?;
    Some(format!("Chromium opened {page} in a tab of its own, to let its user sign in to the network"))
}

fn is_probe(url: &str) -> bool {
    PROBES.contains(&url)
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
        for (name, number) in [
            ("blink_resource_loader", 101_845_102),
            ("autofill_query", 88_863_520),
            ("update_client", 54_845_618),
            ("captive_portal_service", 88_754_904),
        ] {
            assert_eq!(hash(name), number);
        }
    }

    #[test]
    fn no_two_parts_are_confused() {
        let parts: Vec<&str> = ACTING_FOR_PAGES.iter().copied().chain(ACTING_FOR_ITSELF.iter().map(|(part, _)| *part)).collect();
        let hashes: std::collections::HashSet<u32> = parts.iter().map(|part| hash(part)).collect();
        assert_eq!(hashes.len(), parts.len());
        assert!(!hashes.contains(&0), "0 is what a request without a statement has");
    }

    /// Chromium's own call and the page's to the same host, side by side.
    #[test]
    fn what_a_feature_of_the_browser_sends_on_a_users_action_is_not_the_pages() {
        let page = Some("https://shop.example");
        for (part, host) in [
            ("lookup_single_password_leak", "passwordsleakcheck-pa.googleapis.com"),
            ("autofill_query", "content-autofill.googleapis.com"),
            ("payments_sync_cards", "payments.google.com"),
            ("translate_url_fetcher", "translate.googleapis.com"),
            ("spellcheck_lookup", "www.googleapis.com"),
            ("omnibox_suggest", "www.google.com"),
            ("client_download_request", "sb-ssl.google.com"),
            ("safe_browsing_v4_get_hash", "safebrowsing.googleapis.com"),
            ("captive_portal_service", "connectivitycheck.gstatic.com"),
        ] {
            for (initiator, annotation, is_browsers) in [
                (None, hash(part), true),
                (page, hash("blink_resource_loader"), false),
                (None, hash("navigation_url_loader"), false),
                (page, 0, false),
            ] {
                let request = WireRequest { initiator: initiator.map(Into::into), annotation, ..WireRequest::blank() };
                let whose = super::whose(&request, host, true);
                assert_eq!(matches!(whose, Whose::Browser(_)), is_browsers, "{part} {host} {initiator:?} {annotation}");
            }
        }
    }

    #[test]
    fn a_page_that_a_network_is_taken_to_show_is_not_of_the_journey() {
        for (url, initiator, is_browsers) in [
            ("http://connectivitycheck.gstatic.com/generate_204", None, true),
            ("http://www.gstatic.com/generate_204", None, true),
            ("http://connectivitycheck.gstatic.com/generate_204", Some("https://shop.example"), false),
            ("http://connectivitycheck.gstatic.com/other", None, false),
        ] {
            let annotation = hash("navigation_url_loader");
            let request = WireRequest { initiator: initiator.map(Into::into), annotation, url: url.into(), ..WireRequest::blank() };
            let whose = super::whose(&request, "connectivitycheck.gstatic.com", false);
            assert_eq!(matches!(whose, Whose::Browser(_)), is_browsers, "{url} {initiator:?}");
        }
        assert!(of_a_portal(Some("http://connectivitycheck.gstatic.com/generate_204")).is_some());
        assert!(of_a_portal(Some("https://www.shop.example/")).or(of_a_portal(None)).is_none());
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
