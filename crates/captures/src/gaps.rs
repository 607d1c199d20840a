//! What captures of each kind never show.

use pixelwitness_recording::{CaptureKind, GapKind};

/// What is missing from every capture of this kind.
pub(crate) fn of_kind(kind: CaptureKind) -> Option<(GapKind, &'static str)> {
    let why = match kind {
        CaptureKind::Har => {
            "a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without \u{201c}preserve log\u{201d} may be missing"
        }
        CaptureKind::Netlog => {
            "a NetLog does not say which script made a request, nor what was clicked or typed; it holds every tab of the browser"
        }
        CaptureKind::Warc | CaptureKind::Wacz => {
            "web archives leave out beacons, pings, WebSockets and event streams, and often OPTIONS and HEAD requests: that one of these is not here does not show that it was not sent"
        }
        CaptureKind::Devtools => return None,
        CaptureKind::Table => {
            "a table of requests says nothing of WebSocket messages, and of what failed on the network it may hold as much as of what was sent"
        }
        CaptureKind::Crawl => {
            "a crawler's account has what its maker looked for: request headers and cookies are not in it, and other requests and bodies may be missing"
        }
        CaptureKind::Saz => {
            "a Fiddler archive holds what went through the proxy while it ran, of every program on the machine; which page made a request is told by headers alone"
        }
        CaptureKind::Urls => {
            "a list of addresses says neither whether a request was sent nor its method, headers, cookies or body; GET is assumed"
        }
    };
    Some((GapKind::NotTold, why))
}

/// What a case made of captures cannot show, whatever is in them.
pub(crate) const OUT_OF_SCOPE: &[&str] = &[
    "Whether the captures are genuine, whole and of the time they state: pixelwitness did not make them.",
    "What the browser sent and its maker's tool did not write down.",
    "Whether two captures show the same request: each is counted as it stands, and they are not reconciled with one another.",
    "What a recipient does with the data, and what servers pass on to other servers.",
    "What another browser, another device, another place or another visit would have sent.",
];

/// Why no cookie at all may be in a HAR.
pub(crate) fn no_cookies(creator: &str) -> String {
    let begins = "no request in the HAR has a cookie and no answer sets one";
    if creator.starts_with("WebInspector") {
        return format!(
            "{begins}: Chrome takes out cookies and credentials unless told to save \u{201c}with sensitive data\u{201d}, so identifiers in cookies and people who were logged in cannot be seen"
        );
    }
    format!("{begins}: they were taken out, or there were none; identifiers in cookies and people who were logged in cannot be seen")
}
