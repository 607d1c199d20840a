//! What the sinkhole says: empty and harmless, so that whoever sent something goes on.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode, Uri};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A transparent picture of one pixel.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;";

/// An empty object to whoever expects JSON, an empty block to whoever runs it.
const NOTHING: &[u8] = b"{}";

/// The body of an answer: all of it at once, or a stream of events that never comes.
#[derive(Debug)]
pub(super) enum Body {
    Whole(Option<Bytes>),
    Open,
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            // Whoever listens is told nothing until the connection ends.
            Self::Open => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(bytes) => hyper::body::SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Open => hyper::body::SizeHint::default(),
        }
    }
}

/// Answers a request by what the browser says it wants. Never sets a cookie and never redirects.
pub(super) fn answer(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
    if let Some(key) = socket_key(method, headers) {
        return socket(key, headers);
    }
    let (kind, bytes) = content(uri, headers);
    let is_stream = kind == "text/event-stream";
    let mut response = Response::new(match bytes {
        _ if method == Method::HEAD => Body::Whole(None),
        _ if is_stream => Body::Open,
        [] => Body::Whole(None),
        bytes => Body::Whole(Some(Bytes::from_static(bytes))),
    });
    if method == Method::OPTIONS {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = Body::Whole(None);
    } else {
        response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    }
    allow(headers, response.headers_mut());
    response
}

/// Permits whatever is asked, as a recipient does that wants the data.
fn allow(asked: &HeaderMap, answer: &mut HeaderMap) {
    let fixed = [
        // Nothing is remembered: each visit sends all its requests.
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("timing-allow-origin", "*"),
    ];
    for (name, value) in fixed {
        answer.insert(name, HeaderValue::from_static(value));
    }
    let copied = [
        ("origin", "access-control-allow-origin"),
        ("access-control-request-method", "access-control-allow-methods"),
        ("access-control-request-headers", "access-control-allow-headers"),
        ("access-control-request-private-network", "access-control-allow-private-network"),
    ];
    for (from, to) in copied {
        if let Some(value) = asked.get(from) {
            answer.insert(HeaderName::from_static(to), value.clone());
        }
    }
    match asked.get("origin") {
        Some(_) => answer.insert("access-control-allow-credentials", HeaderValue::from_static("true")),
        None => answer.insert("access-control-allow-origin", HeaderValue::from_static("*")),
    };
}

/// What an answer is and holds. Over cleartext the browser does not say what it wants, and the rest has to tell.
fn content(uri: &Uri, headers: &HeaderMap) -> (&'static str, &'static [u8]) {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accept = says("accept");
    match says("sec-fetch-dest") {
        "image" => ("image/gif", GIF),
        "script" | "worker" | "sharedworker" | "serviceworker" | "audioworklet" | "paintworklet" => ("text/javascript", b""),
        "style" => ("text/css", b""),
        "document" | "iframe" | "frame" | "embed" | "object" | "fencedframe" => ("text/html", b""),
        "manifest" => ("application/manifest+json", NOTHING),
        "font" => ("font/woff2", b""),
        "audio" | "video" | "track" => ("application/octet-stream", b""),
        _ if accept.starts_with("text/event-stream") => ("text/event-stream", b""),
        _ if accept.contains("application/json") => ("application/json", NOTHING),
        _ if accept.starts_with("text/css") => ("text/css", b""),
        _ if accept.starts_with("text/html") => ("text/html", b""),
        "" if accept.starts_with("image/") => ("image/gif", GIF),
        "" if uri.path().ends_with(".js") => ("text/javascript", b""),
        _ => ("text/javascript", NOTHING),
    }
}

/// The key of a request that asks for a WebSocket.
fn socket_key<'a>(method: &Method, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let upgrade = headers.get("upgrade").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    headers.get("sec-websocket-key").filter(|_| upgrade && method == Method::GET)
}

/// Agrees to a WebSocket, to the first of the protocols it may speak, and to no compression.
fn socket(key: &HeaderValue, headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::Whole(None));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert("connection", HeaderValue::from_static("Upgrade"));
    answer.insert("upgrade", HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::try_from(derive_accept_key(key.as_bytes())) {
        answer.insert("sec-websocket-accept", accept);
    }
    let protocols = headers.get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
    if let Some(first) = protocols.and_then(|all| HeaderValue::from_str(all.split(',').next()?.trim()).ok()) {
        answer.insert("sec-websocket-protocol", first);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, uri: &str, lines: &[(&'static str, &'static str)]) -> Response<Body> {
        let headers = lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        answer(&method, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn each_gets_something_empty_of_the_sort_it_wants() {
        for (method, uri, lines, status, kind, body) in [
            (Method::GET, "/tr?id=1", &[("sec-fetch-dest", "image")][..], 200, "image/gif", GIF),
            (Method::GET, "/sdk.js", &[("sec-fetch-dest", "script")], 200, "text/javascript", b""),
            (Method::GET, "/frame", &[("sec-fetch-dest", "iframe")], 200, "text/html", b""),
            (Method::POST, "/collect", &[("sec-fetch-dest", "empty"), ("accept", "*/*")], 200, "text/javascript", b"{}"),
            (Method::POST, "/v1", &[("sec-fetch-dest", "empty"), ("accept", "application/json")], 200, "application/json", b"{}"),
            (Method::GET, "/tr", &[("accept", "image/avif,image/webp,*/*;q=0.8")], 200, "image/gif", GIF),
            (Method::GET, "/a.js", &[("accept", "*/*")], 200, "text/javascript", b""),
            (Method::HEAD, "/tr", &[("sec-fetch-dest", "empty")], 200, "text/javascript", b""),
            (Method::OPTIONS, "/v1", &[], 204, "", b""),
        ] {
            let answer = ask(method, uri, lines);
            let found = answer.headers().get("content-type").map_or("", |value| value.to_str().unwrap());
            assert_eq!((answer.status().as_u16(), found), (status, kind), "{uri} {lines:?}");
            let Body::Whole(bytes) = answer.body() else { panic!("{uri} never ends") };
            assert_eq!(bytes.as_deref().unwrap_or_default(), body, "{uri} {lines:?}");
            assert!(!answer.headers().contains_key("set-cookie"));
        }
    }

    #[test]
    fn a_stream_of_events_stays_open() {
        let answer = ask(Method::GET, "/events", &[("sec-fetch-dest", "empty"), ("accept", "text/event-stream")]);
        assert!(matches!(answer.body(), Body::Open));
    }

    #[test]
    fn a_preflight_is_allowed_what_it_asks_for_with_credentials() {
        let asks = [
            ("origin", "https://clinic.example"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type,x-key"),
        ];
        let answer = ask(Method::OPTIONS, "/v1", &asks);
        for (name, value) in [
            ("access-control-allow-origin", "https://clinic.example"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-headers", "content-type,x-key"),
        ] {
            assert_eq!(answer.headers().get(name).unwrap(), value, "{name}");
        }
    }

    #[test]
    fn a_web_socket_is_accepted_with_the_first_protocol_and_no_compression() {
        let asks = [
            ("upgrade", "websocket"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "chat, superchat"),
            ("sec-websocket-extensions", "permessage-deflate"),
        ];
        let answer = ask(Method::GET, "/socket", &asks);
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        // The example of RFC 6455.
        assert_eq!(answer.headers().get("sec-websocket-accept").unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(answer.headers().get("sec-websocket-protocol").unwrap(), "chat");
        assert!(!answer.headers().contains_key("sec-websocket-extensions"));
    }
}
