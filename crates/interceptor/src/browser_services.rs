//! What browsers ask their makers for on their own behalf, by host and path. It holds for captures that were made elsewhere, too: those
//! have addresses and headers, and no word of the browser's about itself.

/// A service that browsers use for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserService {
    /// Its host. What begins with a dot stands for every host that ends so, what ends with one for every host that begins so.
    pub host: &'static str,
    /// How its path begins.
    pub path: &'static str,
    /// What its query holds; empty where that does not matter.
    pub query: &'static str,
    /// Whether pages use the same place: then only what says that no page made it is the browser's.
    pub shared: bool,
    /// What the browser wants there, in words.
    pub what: &'static str,
}

impl BrowserService {
    fn is_at(&self, host: &str, path: &str, query: &str) -> bool {
        let is_host = match (self.host.strip_prefix('.'), self.host.strip_suffix('.')) {
            (Some(end), _) => host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')),
            (_, Some(_)) => host.starts_with(self.host),
            _ => host == self.host,
        };
        is_host && path.starts_with(self.path) && (self.query.is_empty() || query.split('&').any(|pair| pair.starts_with(self.query)))
    }
}

/// The service that is at an address, if it is one.
#[must_use]
pub fn browser_service(address: &str) -> Option<&'static BrowserService> {
    let (_, rest) = address.split_once("://")?;
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next()?.split(':').next()?.trim_end_matches('.').to_ascii_lowercase();
    let (path, query) = after.split('#').next()?.split_once('?').unwrap_or((after, ""));
    let path = if path.is_empty() { "/" } else { path };
    SERVICES.iter().find(|service| service.is_at(&host, path, query))
}

const fn own(host: &'static str, path: &'static str, what: &'static str) -> BrowserService {
    BrowserService { host, path, query: "", shared: false, what }
}

/// A place that pages use, too, where a query that only the browser sends tells them apart, if there is one.
const fn shared(host: &'static str, path: &'static str, query: &'static str, what: &'static str) -> BrowserService {
    BrowserService { host, path, query, shared: query.is_empty(), what }
}

const ACCOUNTS: &str = "Chromium asks its maker which accounts are signed in";
const AUTOFILL: &str = "Chromium asks its maker how to fill in forms";
const COMPONENTS: &str = "Chromium downloads its components";
const FIREFOX_NEW_TAB: &str = "Firefox fetches what its new tab shows";
const FIREFOX_SETTINGS: &str = "Firefox fetches its settings";
const FIREFOX_UPDATES: &str = "Firefox looks for updates";
const PASSWORDS: &str = "Chromium asks its maker about a password";
const PORTAL: &str = "the browser looks whether it is online";
const SAFE_BROWSING: &str = "the browser asks about dangerous sites";
const SETTINGS: &str = "Chromium fetches its settings";
const SUGGESTIONS: &str = "Chromium asks its maker what the address bar should suggest";
const TELEMETRY: &str = "the browser reports how it is used";
const UPDATES: &str = "Chromium looks for updates of its components";
const EDGE: &str = "Edge contacts its maker";
const BRAVE: &str = "Brave contacts its maker";
const SAFARI: &str = "Safari contacts its maker";

/// Chromium's annotations of its own traffic, Mozilla's list of what Firefox connects to, and captures of browsers that had no page open.
#[rustfmt::skip]
const SERVICES: &[BrowserService] = &[
    // Chromium and Chrome.
    shared("accounts.google.com", "/ListAccounts", "source=ChromiumBrowser", ACCOUNTS),
    shared("accounts.google.com", "/ListAccounts", "", ACCOUNTS),
    own("android.clients.google.com", "/c2dm/", "Chromium registers for messages"),
    own("android.clients.google.com", "/checkin", "Chromium registers for messages"),
    own("mtalk.google.com", "/", "Chromium waits for messages"),
    own("clients1.google.com", "/tbproxy/", AUTOFILL),
    own("clients1.google.com", "/tools/", "Chromium contacts its maker"),
    own("clients2.google.com", "/time/", "Chromium asks its maker for the time"),
    own("clients2.google.com", "/service/update2", UPDATES),
    own("clients2.google.com", "/domainreliability/", TELEMETRY),
    own("clients2.googleusercontent.com", "/crx/", COMPONENTS),
    own("clients3.google.com", "/generate_204", PORTAL),
    own("clients4.google.com", "/chrome-", "Chromium synchronises with its maker"),
    own("clients4.google.com", "/uma", TELEMETRY),
    own("clients4.google.com", "/ukm", TELEMETRY),
    own("clientservices.googleapis.com", "/", SETTINGS),
    own("content-autofill.googleapis.com", "/", AUTOFILL),
    own("passwordsleakcheck-pa.googleapis.com", "/", PASSWORDS),
    own("chromesyncpasswords-pa.googleapis.com", "/", PASSWORDS),
    own("optimizationguide-pa.googleapis.com", "/", "Chromium fetches hints or models from its maker"),
    own("chromewebstore.googleapis.com", "/", "Chromium looks after its extensions"),
    shared("www.googleapis.com", "/affiliation/", "", PASSWORDS),
    shared("www.googleapis.com", "/chromewebstore/", "", "Chromium looks after its extensions"),
    own("update.googleapis.com", "/", UPDATES),
    own("edgedl.me.gvt1.com", "/", COMPONENTS),
    own("redirector.gvt1.com", "/", COMPONENTS),
    own(".gvt1.com", "/edgedl/", COMPONENTS),
    own(".gvt2.com", "/domainreliability/", TELEMETRY),
    own("dl.google.com", "/release2/", COMPONENTS),
    own("www.google.com", "/dl/release2/", COMPONENTS),
    own("safebrowsing.googleapis.com", "/", SAFE_BROWSING),
    own("safebrowsing.google.com", "/", SAFE_BROWSING),
    own("sb-ssl.google.com", "/", "Chromium asks about a download"),
    shared("www.google.", "/complete/search", "client=chrome", SUGGESTIONS),
    shared("www.google.", "/complete/search", "", SUGGESTIONS),
    shared("www.google.com", "/async/", "", "Chromium fetches what its new tab shows"),
    shared("www.google.com", "/searchdomaincheck", "", SETTINGS),
    shared("www.gstatic.com", "/chrome/", "", COMPONENTS),
    shared("www.gstatic.com", "/generate_204", "", PORTAL),
    own("connectivitycheck.gstatic.com", "/", PORTAL),
    shared("translate.googleapis.com", "/translate_a/l", "client=chrome", "Chromium asks which languages it can translate"),
    // Firefox.
    own("detectportal.firefox.com", "/", PORTAL),
    own("firefox.settings.services.mozilla.com", "/", FIREFOX_SETTINGS),
    own("firefox-settings-attachments.cdn.mozilla.net", "/", FIREFOX_SETTINGS),
    own("content-signature-2.cdn.mozilla.net", "/", FIREFOX_SETTINGS),
    own("normandy.cdn.mozilla.net", "/", FIREFOX_SETTINGS),
    own("classify-client.services.mozilla.com", "/", FIREFOX_SETTINGS),
    own("location.services.mozilla.com", "/", FIREFOX_SETTINGS),
    own("incoming.telemetry.mozilla.org", "/", TELEMETRY),
    own("push.services.mozilla.com", "/", "Firefox waits for messages"),
    own("shavar.services.mozilla.com", "/", SAFE_BROWSING),
    own("tracking-protection.cdn.mozilla.net", "/", SAFE_BROWSING),
    own("aus5.mozilla.org", "/", FIREFOX_UPDATES),
    own("services.addons.mozilla.org", "/", FIREFOX_UPDATES),
    own("versioncheck.addons.mozilla.org", "/", FIREFOX_UPDATES),
    own("versioncheck-bg.addons.mozilla.org", "/", FIREFOX_UPDATES),
    own("download-installer.cdn.mozilla.net", "/", FIREFOX_UPDATES),
    own("ciscobinary.openh264.org", "/", FIREFOX_UPDATES),
    own("contile.services.mozilla.com", "/", FIREFOX_NEW_TAB),
    own("merino.services.mozilla.com", "/", FIREFOX_NEW_TAB),
    own("ads.mozilla.org", "/", FIREFOX_NEW_TAB),
    own("spocs.getpocket.com", "/", FIREFOX_NEW_TAB),
    own("firefox-api-proxy.cdn.mozilla.net", "/", FIREFOX_NEW_TAB),
    own("token.services.mozilla.com", "/", "Firefox synchronises with its maker"),
    own(".sync.services.mozilla.com", "/", "Firefox synchronises with its maker"),
    own("mozilla.cloudflare-dns.com", "/dns-query", "Firefox looks up a name"),
    // Safari.
    own("captive.apple.com", "/", PORTAL),
    own("configuration.apple.com", "/", SAFARI),
    own(".smoot.apple.com", "/", "Safari asks its maker what the address bar should suggest"),
    own(".safebrowsing.apple", "/", SAFE_BROWSING),
    own("gsp-ssl.ls.apple.com", "/", SAFARI),
    own("mask-api.icloud.com", "/", SAFARI),
    // Edge and Windows.
    own("edge.microsoft.com", "/", EDGE),
    own("config.edge.skype.com", "/", EDGE),
    own("msedge.api.cdp.microsoft.com", "/", EDGE),
    own(".dl.delivery.mp.microsoft.com", "/", EDGE),
    own(".smartscreen.microsoft.com", "/", SAFE_BROWSING),
    own("www.msftconnecttest.com", "/", PORTAL),
    // Brave, Opera, Vivaldi.
    own("variations.brave.com", "/", BRAVE),
    own("go-updater.brave.com", "/", BRAVE),
    own("componentupdater.brave.com", "/", BRAVE),
    own("redirector.brave.com", "/", BRAVE),
    own("brave-core-ext.s3.brave.com", "/", BRAVE),
    own("p3a.brave.com", "/", BRAVE),
    own("p3a-json.brave.com", "/", BRAVE),
    own("safebrowsing.brave.com", "/", SAFE_BROWSING),
    own("autoupdate.geo.opera.com", "/", "Opera looks for updates"),
    own("update.vivaldi.com", "/", "Vivaldi looks for updates"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_its_host_and_its_path() {
        for (address, known) in [
            ("https://update.googleapis.com/service/update2/json?cup2key=16:abc", Some(false)),
            ("http://clients2.google.com/time/1/current?cup2key=8:abc", Some(false)),
            ("http://r3---sn-x.gvt1.com/edgedl/release2/chrome_component/x", Some(false)),
            ("https://www.google.co.uk/complete/search?client=chrome-omni&q=hiv", Some(false)),
            ("https://www.google.com/complete/search?client=hp&q=hiv", Some(true)),
            ("https://www.google.com/complete/search?client=firefox&q=hiv", Some(true)),
            ("https://www.gstatic.com/chrome/config/plugins_3/plugins_linux.json", Some(true)),
            ("https://detectportal.firefox.com/canonical.html", Some(false)),
            ("https://token.safebrowsing.apple/api/v1/request-token", Some(false)),
            ("https://www.gstatic.com/recaptcha/releases/x/recaptcha__en.js", None),
            ("https://www.google.com/pagead/1p-user-list/1/", None),
            ("https://clients2.google.com/collect?x=1", None),
            ("https://update.googleapis.com.evil.example/service/update2", None),
            ("https://evilgvt1.com/edgedl/x", None),
            ("not an address", None),
        ] {
            assert_eq!(browser_service(address).map(|service| service.shared), known, "{address}");
        }
    }

    /// A place that comes twice says once that pages use it, too, and otherwise what shows that none did.
    #[test]
    fn each_service_is_listed_once() {
        let mut listed: Vec<_> = SERVICES.iter().map(|service| (service.host, service.path, service.query)).collect();
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed.len(), SERVICES.len());
        assert!(SERVICES.iter().all(|service| service.path.starts_with('/') && !service.what.is_empty()));
    }
}
