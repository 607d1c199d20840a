//! Cookies, redirects, and what few pages use.

use super::super::row::{Content, Fate, Row, get, impossible, post};
use Content::{Pattern, Text};

const FIRST: &str = "transports.example";
const PARTNER: &str = "partner.test";
const PARTNER_COOKIE: &str = "visitor=d4e5f6";

const fn own(name: &'static str, what: &'static str) -> Row {
    get(name, what).at(FIRST)
}

pub(super) const COOKIES: &[Row] = &[
    own("redirect-page", "an address that leads to the page by a redirect"),
    own("cookies-page", "the page itself"),
    own("cookie-header-set", "an answer that sets a first-party cookie"),
    own("cookie-header-returned", "which comes back").cookie("own=1"),
    own("cookie-host-set", "one that sets `__Host-`, `HttpOnly`").cookie("own=1"),
    own("cookie-host-returned", "which comes back").cookie("__Host-own=2"),
    own("cookie-script-returned", "`document.cookie`").cookie("script=3"),
    own("cookie-store-returned", "`cookieStore`").cookie("store=4"),
    own("cookie-omitted", "cookies that the page leaves out"),
    get("cookie-domain-returned", "a cookie of the whole site, `SameSite=Strict`, on its other host")
        .at("static.transports.example")
        .cookie("sister=5"),
    own("cookie-beyond-ascii", "a cookie beyond ASCII").cookie("raw=é☃"),
    own("cookie-many", "7 KB of cookies").cookie("many39=xxxxx"),
    get("cookie-third-set", "an answer that sets a third-party cookie"),
    get("cookie-third-returned", "which comes back").cookie("third=1"),
    get("cookie-lax-set", "one that tries to set a third-party cookie with `SameSite=Lax`"),
    get("cookie-lax-kept", "which does not come back"),
    get("cookie-chips-set", "an answer that sets a partitioned cookie (CHIPS)").at(PARTNER).cookie(PARTNER_COOKIE),
    get("cookie-chips-returned", "which comes back").at(PARTNER).cookie("__Host-chips=1"),
    get("cookie-worker-set", "an answer to a worker that sets a cookie").at("worker.test"),
    get("cookie-worker-returned", "which comes back to the page").at("worker.test").cookie("worker=1"),
    get("redirect-1", "a chain of redirects across recipients, each setting a cookie: the first"),
    get("redirect-2", "the second, at another recipient").at(PARTNER).cookie(PARTNER_COOKIE),
    get("redirect-3", "its end, with the first one's cookie").cookie("hop1=1"),
    get("redirect-cookie-set", "a redirect that sets a cookie"),
    get("redirect-cookie-returned", "which comes back at once").cookie("between=1"),
    get("redirect-same", "a redirect to the same path"),
    post("redirect-301", Text("becomes a GET"), "a `POST` that 301 turns into a `GET`"),
    get("redirect-301-end", "that `GET`"),
    post("redirect-303", Text("becomes a GET"), "a `POST` that 303 turns into a `GET`"),
    get("redirect-303-end", "that `GET`"),
    post("redirect-307", Text("carried along"), "a body that 307 carries to another recipient"),
    post("redirect-307-end", Text("carried along"), "that other").at(PARTNER).cookie(PARTNER_COOKIE),
    post("redirect-308", Pattern(3300), "a `Blob` that 308 carries from HTTP/2 to HTTP/1.1"),
    post("redirect-308-end", Pattern(3300), "that end").at("legacy.test").cookie("visitor=g7h8i9"),
    post("redirect-put", Text("put along"), "a `PUT` that 307 carries along").methods(&["OPTIONS", "PUT"]),
    post("redirect-put-end", Text("put along"), "its end").methods(&["OPTIONS", "PUT"]),
    get("redirect-img", "a pixel that is sent on"),
    get("redirect-img-end", "to another recipient").at(PARTNER).cookie(PARTNER_COOKIE),
    post("redirect-beacon", Text("beacon carried along"), "a beacon that 307 carries along"),
    post("redirect-beacon-end", Text("beacon carried along"), "to another recipient").at(PARTNER).cookie(PARTNER_COOKIE),
    get("redirect-refused", "a redirect that the page refuses to follow"),
    Row {
        fate: Fate::Kept("the page asked for redirects to be errors"),
        ..get("redirect-refused-end", "where it would have led").at(PARTNER)
    },
    get("redirect-frame", "a frame that is sent on").at(PARTNER).cookie(PARTNER_COOKIE),
    get("redirect-frame-end", "to a third site").at("nested.test"),
];

const REMOVED: &str = "this Chromium no longer has it";
const NO_PERMISSION: &str = "it needs a permission that nobody grants in a headless browser";

pub(super) const RARITIES: &[Row] = &[
    own("rarities-page", "the page itself"),
    get("attribution-img", "a pixel that registers an attribution source"),
    impossible("attribution-source", "`attributionsrc`", REMOVED),
    get("attribution-fetch", "`fetch` with `attributionReporting`"),
    get("topics-frame", "`<iframe browsingtopics>`, without topics").at(PARTNER).cookie(PARTNER_COOKIE),
    get("topics-fetch", "`fetch` with `browsingTopics`, without topics"),
    get("shared-storage-img", "`<img sharedstoragewritable>`"),
    get("shared-storage-fetch", "`fetch` with `sharedStorageWritable`"),
    impossible("shared-storage-worklet", "a Shared Storage worklet", REMOVED).at(FIRST),
    impossible("private-aggregation", "Private Aggregation", REMOVED).at(FIRST),
    impossible("protected-audience", "joining an interest group", REMOVED).at(FIRST),
    impossible("protected-audience-auction", "an auction in the browser", REMOVED).at(FIRST),
    impossible("fenced-frame", "`<fencedframe>`", "a frame's address can only be had from APIs that this Chromium no longer has"),
    impossible("portal", "`<portal>`", REMOVED),
    Row { fate: Fate::Kept("the issuer's keys are unknown to this browser"), ..own("state-token", "Private State Token") },
    get("web-bundle", "`<script type=webbundle>`").without_cookie(),
    own("xslt", "an XML document with a style sheet"),
    own("xslt-sheet", "that style sheet"),
    get("fedcm", "Federated Credential Management: the provider's settings").at("identity.test"),
    get("fedcm-accounts", "the visitor's accounts, with the provider's cookies").at("identity.test"),
    get("payment-manifest", "a payment method's address").methods(&["HEAD"]).at("pay.test"),
    get("payment-manifest-file", "its manifest").at("pay.test"),
    post("background-fetch", Text("in the background"), "Background Fetch").at(FIRST),
    post("background-sync", Text("in the background"), "Background Sync"),
    impossible("periodic-sync", "Periodic Background Sync", NO_PERMISSION),
    impossible("push", "Push", NO_PERMISSION),
    impossible("notification-icon", "a notification's icon", NO_PERMISSION),
    impossible("media-artwork", "a picture of the media session", "nothing plays, and no place shows it"),
];

pub(super) const WEBTRANSPORT: &[Row] = &[
    own("webtransport-page", "the page itself"),
    Row {
        fate: Fate::Datagrams,
        ..get("webtransport", "WebTransport: QUIC is tried in spite of `--disable-quic`, by UDP to the host's address").at("127.0.0.1:")
    },
    impossible("http3", "requests over HTTP/3", "QUIC is switched off (`--disable-quic`), so that the bytes can be read")
        .at("tracker.test"),
    post("webtransport-after", Text("still there"), "a `fetch` afterwards"),
];

pub(super) const TURN_TCP: &[Row] = &[
    own("turn-tcp-page", "the page itself"),
    impossible(
        "webrtc-turn-tcp",
        "WebRTC asks a TURN server over TCP",
        "it ends Chromium's network service, and the wire log with it: the run makes no claim of completeness",
    ),
    post("turn-tcp-after", Text("still there"), "a `fetch` by the network service that is started in its place").without_cookie(),
];
