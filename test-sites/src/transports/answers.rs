use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use http::StatusCode;
use url::form_urlencoded;

use crate::answer::Answer;
use crate::received::Received;
use crate::sites::ROOT;

/// First parties, and hosts that pages send to. A subdomain is played with its domain.
const HOSTS: &[&str] = &[
    "transports.example",
    "plain.example",
    "tracker.test",
    "partner.test",
    "nested.test",
    "worker.test",
    "legacy.test",
    "multiplexed.test",
    "cleartext.test",
    "reports.test",
    "fresh.test",
    "identity.test",
    "pay.test",
    "xn--bcher-kva.test",
];

/// Hosts that speak HTTP/1.1 alone.
pub(crate) const HTTP1_ONLY: &[&str] = &["legacy.test"];

/// Hosts that take WebSockets over HTTP/2.
pub(crate) const SOCKETS_OVER_HTTP2: &[&str] = &["multiplexed.test"];

/// Hosts that do not speak TLS: a browser tries it first and then does without.
pub(crate) const CLEARTEXT_ONLY: &[&str] = &["plain.example", "cleartext.test"];

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// A module of WebAssembly with nothing in it.
const WASM: &[u8] = b"\0asm\x01\0\0\0";
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="shape"><rect width="9" height="9"/></g></svg>"#;
const FEDCM: &str = r#"{"accounts_endpoint":"/t?tag=fedcm-accounts&as=json","client_metadata_endpoint":"/t?tag=fedcm-client&as=json","id_assertion_endpoint":"/t?tag=fedcm-assertion&as=json","login_url":"/t?tag=fedcm-login&as=html"}"#;
const XSLT: &str = r#"<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/t?tag=xslt-sheet&amp;as=sheet"?><a/>"#;
const SHEET: &str = r#"<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><p>styled</p></xsl:template></xsl:stylesheet>"#;

/// What a page says beside its content, by path.
const PAGE_HEADERS: &[(&str, &[(&str, &str)])] = &[
    (
        "/reports",
        &[
            (
                "reporting-endpoints",
                concat!(
                    r#"csp="https://reports.test/t?tag=csp-report-to", "#,
                    r#"default="https://reports.test/t?tag=report-default", "#,
                    r#"policy="https://reports.test/t?tag=report-permissions-policy", "#,
                    r#"coop="https://reports.test/t?tag=report-coop", "#,
                    r#"coep="https://reports.test/t?tag=report-coep""#,
                ),
            ),
            (
                "content-security-policy",
                concat!(
                    "default-src 'self' 'unsafe-inline' https://tracker.test; img-src 'self' https://tracker.test; ",
                    "report-uri https://reports.test/t?tag=csp-report-uri",
                ),
            ),
            ("content-security-policy-report-only", "img-src 'self'; report-to csp"),
            ("permissions-policy-report-only", "geolocation=();report-to=policy"),
            ("cross-origin-opener-policy-report-only", r#"same-origin; report-to="coop""#),
            ("cross-origin-embedder-policy-report-only", r#"require-corp; report-to="coep""#),
        ],
    ),
    ("/service-worker.js", &[("service-worker-allowed", "/")]),
    ("/prerendered", &[("supports-loading-mode", "credentialed-prerender")]),
];

/// Links that the server names before it answers, by path.
const EARLY_HINTS: &[(&str, &str)] = &[("/ahead", "<https://tracker.test/t?tag=early-hint&as=gif>; rel=preload; as=image")];

pub(crate) fn plays(host: &str) -> bool {
    HOSTS.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}

/// The answer of a host of the transports lab; none where it is not one's.
pub(crate) fn answer(request: &Received) -> Option<Answer> {
    if !plays(request.host_name()) {
        return None;
    }
    let query = Query::of(request);
    let answer = match request.path() {
        _ if request.method == "OPTIONS" => preflight(request),
        "/t" => content(&query),
        "/hop" => hop(&query),
        "/.well-known/web-identity" => {
            Answer::of("application/json", r#"{"provider_urls":["https://identity.test/t?tag=fedcm&as=fedcm"]}"#)
        }
        path => file(path),
    };
    let answer = with_cookie(answer, &query);
    Some(if query.get("corp") == "none" { answer } else { readable(answer, request) })
}

/// How long the answer is held back.
pub(crate) fn delay_ms(request: &Received) -> u64 {
    Query::of(request).get("wait").parse().unwrap_or(0).min(10_000)
}

/// Whether the host takes a WebSocket here.
pub(crate) fn refuses_websocket(request: &Received) -> bool {
    plays(request.host_name()) && !Query::of(request).get("refuse").is_empty()
}

/// Whether messages are packed on this WebSocket.
pub(crate) fn packs_messages(request: &Received) -> bool {
    plays(request.host_name()) && !Query::of(request).get("deflate").is_empty()
}

struct Query<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Query<'a> {
    fn of(request: &'a Received) -> Self {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// The parameter's value; empty where it is not there.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value)
    }
}

fn preflight(request: &Received) -> Answer {
    let mut answer = Answer::new(StatusCode::NO_CONTENT);
    for (asked, allowed) in [
        ("access-control-request-method", "access-control-allow-methods"),
        ("access-control-request-headers", "access-control-allow-headers"),
    ] {
        if let Some(value) = request.header(asked) {
            answer = answer.with(allowed, value);
        }
    }
    answer
}

fn content(query: &Query<'_>) -> Answer {
    match query.get("as") {
        "gif" => Answer::of("image/gif", GIF),
        "svg" => Answer::of("image/svg+xml", SVG),
        "css" => Answer::of("text/css", "/* nothing */"),
        "js" => Answer::of("text/javascript", "// nothing\n"),
        "html" => Answer::of("text/html; charset=utf-8", "<!doctype html><title>A page</title><p>A page"),
        "json" => Answer::of("application/json", "{}"),
        "manifest" => Answer::of("application/manifest+json", r#"{"name":"Lab","start_url":"/"}"#),
        "font" => Answer::of("font/woff2", "no font"),
        "video" => Answer::of("video/mp4", "no film"),
        "audio" => Answer::of("audio/wav", "no sound"),
        "vtt" => Answer::of("text/vtt", "WEBVTT\n"),
        "wasm" => Answer::of("application/wasm", WASM),
        // One message, and then an hour's patience before the browser asks again.
        "events" => Answer::of("text/event-stream", "retry: 3600000\ndata: one\n\n"),
        "download" => Answer::of("application/octet-stream", "a file").with("content-disposition", "attachment; filename=lab.bin"),
        "dictionary" => Answer::of("text/plain", "a dictionary").with("use-as-dictionary", r#"match="/t?*""#),
        "xslt" => Answer::of("application/xml", XSLT),
        "sheet" => Answer::of("application/xslt+xml", SHEET),
        "fedcm" => Answer::of("application/json", FEDCM),
        "attribution" => Answer::of("image/gif", GIF)
            .with("attribution-reporting-register-source", r#"{"source_event_id":"1","destination":"https://transports.example"}"#),
        "payment" => Answer::of("text/plain", "").with("link", r#"</t?tag=payment-manifest-file&as=json>; rel="payment-method-manifest""#),
        "nel" => Answer::of("image/gif", GIF)
            .with("report-to", r#"{"group":"nel","max_age":600,"endpoints":[{"url":"https://reports.test/t?tag=report-network-error"}]}"#)
            .with("nel", r#"{"report_to":"nel","max_age":600,"success_fraction":1.0,"failure_fraction":1.0}"#),
        _ => Answer::of("text/plain", "received"),
    }
}

/// Sends the browser on.
fn hop(query: &Query<'_>) -> Answer {
    let status = query.get("status").parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    Answer::new(status.unwrap_or(StatusCode::FOUND)).with("location", query.get("to"))
}

/// A file of the lab's folder: `/calls` is `calls.html`.
fn file(path: &str) -> Answer {
    let name = path.trim_start_matches('/');
    let is_plain = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter));
    let name = if name.contains('.') { name.to_owned() } else { format!("{name}.html") };
    let kind = match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "",
    };
    let read = std::fs::read(Path::new(ROOT).join("transports").join(&name));
    let (true, false, Ok(body)) = (is_plain, kind.is_empty(), read) else {
        let mut missing = Answer::of("text/plain", "nothing here");
        missing.status = StatusCode::NOT_FOUND;
        return missing;
    };
    let mut answer = Answer::of(kind, body);
    for (_, headers) in PAGE_HEADERS.iter().filter(|(page, _)| *page == path) {
        answer.headers.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
    }
    answer.hints = EARLY_HINTS.iter().filter(|(page, _)| *page == path).map(|(_, link)| (*link).to_owned()).collect();
    answer
}

fn with_cookie(answer: Answer, query: &Query<'_>) -> Answer {
    match query.get("set") {
        "" => answer,
        cookie => answer.with("set-cookie", cookie),
    }
}

/// Lets every page read the answer and embed it.
fn readable(answer: Answer, request: &Received) -> Answer {
    let answer = answer.with("cross-origin-resource-policy", "cross-origin");
    match request.header("origin") {
        Some(origin) => answer.with("access-control-allow-origin", origin).with("access-control-allow-credentials", "true"),
        None => answer,
    }
}
