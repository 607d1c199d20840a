use adblock::request::Request as Asked;
use pixelwitness_recording::Request;

use crate::party::host_of;

/// A request as rules are written for it: its sort, the page it was made under, and whether it went to a third party.
pub(super) fn of(request: &Request, host: &str, is_third_party: bool) -> Asked {
    let url = request.url.split('#').next().unwrap_or_default();
    let page = request.page_url.as_deref().and_then(host_of).unwrap_or_default();
    Asked::preparsed(url, host, &page, sort(request), is_third_party, &request.method)
}

/// The sort of request in the words of filter lists. DevTools knows it; where the wire log alone saw the request, what the browser told
/// the server of it has to do.
fn sort(request: &Request) -> &'static str {
    match request.resource_type.as_str() {
        "Document" if is_of_the_page(request) => "document",
        "Document" => "subdocument",
        "Stylesheet" => "stylesheet",
        "Image" => "image",
        "Media" | "TextTrack" => "media",
        "Font" => "font",
        "Script" => "script",
        "XHR" | "Fetch" | "EventSource" => "xmlhttprequest",
        "WebSocket" => "websocket",
        "Ping" => "ping",
        "CSPViolationReport" => "csp_report",
        "" => by_destination(request),
        _ => "other",
    }
}

/// Whether it opened the page that it was made under, not a frame in it.
fn is_of_the_page(request: &Request) -> bool {
    request.page_url.as_deref().and_then(|page| page.split('#').next()).is_none_or(|page| page == request.url)
}

fn by_destination(request: &Request) -> &'static str {
    match request.header("sec-fetch-dest").unwrap_or_default() {
        "document" => "document",
        "iframe" | "frame" | "fencedframe" => "subdocument",
        "style" => "stylesheet",
        "image" => "image",
        "audio" | "video" | "track" => "media",
        "font" => "font",
        "script" | "worker" | "sharedworker" | "serviceworker" | "audioworklet" | "paintworklet" => "script",
        "object" | "embed" => "object",
        "websocket" => "websocket",
        "report" => "csp_report",
        "empty" => "xmlhttprequest",
        _ => "other",
    }
}
