//! When a request is sent: on leaving, on a timer, ahead of time, by the browser in the page's name.

use super::super::row::{Content, Fate, Row, get, impossible, post};
use Content::{Holds, Text};

const FIRST: &str = "transports.example";
const REPORTS: &str = "reports.test";

/// What is sent while one page of the journey is left: by the page, by its frames, and by the browser when all is over.
macro_rules! left {
    ($page:literal, $step:literal) => {
        [
            post(concat!("leaving-", $page, "-visibility"), Text("visibility"), "`visibilitychange`").step($step),
            post(concat!("leaving-", $page, "-beforeunload"), Text("beforeunload"), "`beforeunload`").step($step),
            post(concat!("leaving-", $page, "-pagehide"), Text("pagehide"), "`pagehide`: a beacon").step($step),
            post(concat!("leaving-", $page, "-pagehide-keepalive"), Text("kept alive"), "a `fetch` with `keepalive`").step($step),
            get(concat!("leaving-", $page, "-pagehide-img"), "a picture").step($step),
            post(concat!("leaving-", $page, "-unload"), Text("unload"), "`unload`").step($step),
            post(concat!("leaving-", $page, "-fetch-later"), Text("on leaving"), "`fetchLater`, sent on leaving").step($step),
            post(concat!("leaving-", $page, "-same-frame-pagehide"), FRAME_PAGEHIDE, "`pagehide` of a frame of the same origin")
                .step($step),
            post(concat!("leaving-", $page, "-same-frame-keepalive"), Text("kept alive"), "its `fetch`").step($step),
            post(concat!("leaving-", $page, "-same-frame-unload"), FRAME_UNLOAD, "its `unload`").step($step),
            post(concat!("leaving-", $page, "-sister-frame-pagehide"), FRAME_PAGEHIDE, "`pagehide` of a frame of the same site")
                .step($step),
            post(concat!("leaving-", $page, "-sister-frame-keepalive"), Text("kept alive"), "its `fetch`").step($step),
            post(concat!("leaving-", $page, "-sister-frame-unload"), FRAME_UNLOAD, "its `unload`").step($step),
            post(concat!("leaving-", $page, "-cross-frame-pagehide"), FRAME_PAGEHIDE, "`pagehide` of a frame of another site").step($step),
            post(concat!("leaving-", $page, "-cross-frame-keepalive"), Text("kept alive"), "its `fetch`").step($step),
            post(concat!("leaving-", $page, "-cross-frame-unload"), FRAME_UNLOAD, "its `unload`").step($step),
        ]
    };
}

const FRAME_PAGEHIDE: Content = Text("pagehide of a frame");
const FRAME_UNLOAD: Content = Text("unload of a frame");

pub(super) const LEAVING: &[Row] = &[
    get("leaving-page", "the page itself").at(FIRST),
    post("a-ping", Text("PING"), "`<a ping>`").step(1),
    get("leaving-link", "the link itself").at(FIRST).step(1),
    post("leaving-1-fetch-later-soon", Text("after a second"), "`fetchLater` with a limit of a second"),
    post("leaving-2-last-beacon", Text("last-beacon"), "a beacon in the moment before a script goes elsewhere").step(2),
    post("leaving-2-last-keepalive", Text("last word"), "a `fetch` with `keepalive` in that moment").step(2),
    impossible("leaving-3-freeze", "`freeze`", "a page is frozen after minutes in the background, and the journey is over by then"),
];

/// By a link.
pub(super) const LEFT_BY_LINK: &[Row] = &left!("1", 1);
/// By a script.
pub(super) const LEFT_BY_SCRIPT: &[Row] = &left!("2", 2);
/// When the journey is over.
pub(super) const LEFT_AT_THE_END: &[Row] = &left!("3", 2);

pub(super) const TIMERS: &[Row] = &[
    get("timers-page", "the page itself").at(FIRST),
    post("timer-1", Text("after 1 ms"), "after 1 ms"),
    post("timer-1000", Text("after 1000 ms"), "after 1 s"),
    post("timer-2500", Text("after 2500 ms"), "after 2.5 s"),
    get("timer-img", "a picture after 2.5 s"),
    post("timer-4000", Text("after 4000 ms"), "after 4 s"),
    post("timer-10000", Text("after 10000 ms"), "after 10 s, with a dwell of 12 s"),
    post("timer-idle", Text("when idle"), "`requestIdleCallback`"),
    post("timer-frame", Text("with the next picture"), "`requestAnimationFrame`"),
    post("timer-load", Text("when loaded"), "`load`"),
];

pub(super) const ENDLESS: &[Row] =
    &[get("endless-page", "the page itself").at(FIRST), post("endless", Text("again"), "a beacon every 250 ms that never stops")];

const BY_POLICY: &str = "the page's own Content-Security-Policy forbids it";

/// A report that the browser sends to another origin, after asking.
const fn report(name: &'static str, body: Content, what: &'static str) -> Row {
    post(name, body, what).at(REPORTS).methods(&["OPTIONS", "POST"])
}

pub(super) const REPORTED: &[Row] = &[
    get("reports-page", "the page itself").at(FIRST),
    get("csp-blocked", "a picture").kept(BY_POLICY).at("blocked.test"),
    post("csp-blocked-fetch", Text("may not leave"), "a `fetch`").kept(BY_POLICY).at("blocked.test"),
    post("csp-blocked-beacon", Text("may not leave"), "a beacon").kept(BY_POLICY).at("blocked.test"),
    get("csp-blocked-frame", "a frame").kept(BY_POLICY).at("blocked.test"),
    post("csp-report-uri", Holds(&[Text("{\"csp-report\":{"), Text("blocked.test")]), "`report-uri`").at(REPORTS),
    report("csp-report-to", Holds(&[Text("csp-violation")]), "`report-to`"),
    get("nel-policy", "a picture whose answer asks for network error logging"),
    get("nel-trigger", "a `fetch` that is reported then"),
    get("reports-deprecated", "a synchronous request, which is deprecated").at(FIRST),
    report("report-network-error", Holds(&[Text("\"type\":\"network-error\"")]), "network error logging"),
    report("report-default", Holds(&[Text("\"type\":\"")]), "a deprecation or an intervention"),
    report("report-permissions-policy", Holds(&[Text("permissions-policy-violation")]), "a violation of `Permissions-Policy-Report-Only`"),
    report("report-coep", Holds(&[Text("\"type\":\"coep\"")]), "a violation of `Cross-Origin-Embedder-Policy-Report-Only`"),
    impossible(
        "report-coop",
        "a violation of `Cross-Origin-Opener-Policy-Report-Only`",
        "it takes a popup, and Chromium blocks those that nobody clicked for",
    )
    .at(REPORTS),
    impossible("report-crash", "a crash report", "a page that crashes ends the run").at(REPORTS),
    get("not-shared", "a picture that its server does not share"),
];

pub(super) const AHEAD: &[Row] = &[
    get("ahead-page", "the page itself").at(FIRST),
    get("early-hint", "a preload in 103 Early Hints, before the page has come"),
    get("link-prefetch-document", "`<link rel=prefetch as=document>`").at("partner.test").cookie("visitor=d4e5f6"),
    get("link-prerender", "`<link rel=prerender>`").at(FIRST),
    get("compression-dictionary", "`<link rel=compression-dictionary>`").at(FIRST),
    get("speculation-prefetch", "speculation rules: prefetch of the same origin").at(FIRST),
    get("speculation-prefetch-cross-site", "prefetch of another site").at("fresh.test"),
    Row {
        fate: Fate::Kept("Chromium does not prefetch across sites where the visitor has cookies"),
        ..get("speculation-prefetch-known", "prefetch of a site that knows the visitor").at("partner.test")
    },
    impossible(
        "speculation-prefetch-anonymous",
        "prefetch through a proxy that hides the visitor",
        "the proxy is the browser maker's and Chromium has none",
    )
    .at("fresh.test"),
    get("speculation-prerender", "speculation rules: prerender").at(FIRST),
    Row {
        fate: Fate::Kept(
            "Chromium renders nothing ahead while DevTools is attached to a page (`PrerenderingDisabledByDevTools`): the document is fetched and not run",
        ),
        ..post("speculation-prerender-fetch", Text("before anybody looks"), "a `fetch` of the page rendered ahead").at(FIRST)
    },
    impossible("preconnect", "`<link rel=preconnect>`", "it opens a connection and asks for nothing").at("preconnected.test"),
    impossible("dns-prefetch", "`<link rel=dns-prefetch>`", "it looks a name up and asks for nothing").at("looked-up.test"),
];
