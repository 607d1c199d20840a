//! What a script sends: every way to call, and every kind of body.

use super::super::row::{Content, Fate, Row, get, post, socket};
use Content::{Bytes, Gzip, Holds, Nothing, Pattern, Text, Zlib};

const FIRST: &str = "transports.example";
const PREFLIGHT: &str = "OPTIONS";
const FORM: Content = Holds(&[Text("name=\"field\"\r\n\r\nvälue\r\n")]);
const FORM_WITH_FILE: Content =
    Holds(&[Text("name=\"field\"\r\n\r\nvälue\r\n"), Text("filename=\"scan.bin\""), Text("\r\n\r\n"), Pattern(4000)]);
const PACKED: &str = "packed by the page";

pub(super) const CALLS: &[Row] = &[
    get("calls-page", "the page itself").at(FIRST),
    get("fetch-get", "`fetch`"),
    get("fetch-no-cookies", "`fetch` without credentials").without_cookie(),
    get("fetch-no-cors", "`fetch` in mode `no-cors`"),
    post("fetch-same-origin", Text("to myself"), "`fetch` to the page's own origin").at(FIRST),
    post("fetch-same-site", Text("to my sister"), "`fetch` to another host of the page's own site").at("static.transports.example"),
    get("fetch-long-address", "an address of 12,000 letters"),
    get("fetch-odd-address", "an address with letters that do not belong in one"),
    get("host-labels", "data hidden in the labels of a host name").at("6a616e65.2e646f65.labels.tracker.test").cookie("visitor=a1b2c3"),
    get("host-international", "a host name beyond ASCII").at("xn--bcher-kva.test"),
    post("fetch-text", Text("plain text"), "`fetch` of a text"),
    post("fetch-utf8", Text("Käse ☃ 日本"), "of a text beyond ASCII"),
    post("fetch-lone-surrogate", Text("a\u{fffd}b"), "of a text with half a character, which leaves as U+FFFD"),
    post("fetch-control-characters", Text("nul\0 tab\t bell\u{7} esc\u{1b}"), "of a text with control characters"),
    post("fetch-empty", Nothing, "of an empty text"),
    post("fetch-params", Text("a=1&b=%C3%BC+%26"), "of `URLSearchParams`"),
    post("fetch-array-buffer", Pattern(3000), "of an `ArrayBuffer`"),
    post("fetch-view", Pattern(700), "of a `DataView` on a part of a buffer"),
    post("fetch-typed-array", Pattern(600), "of a `Uint16Array`"),
    post("fetch-shared-view", Pattern(300), "of a `subarray`"),
    post("fetch-blob-text", Text("blob text"), "of a `Blob` of texts"),
    post("fetch-blob-bytes", Pattern(5000), "of a `Blob` of bytes"),
    post("fetch-blob-slice", Pattern(2500), "of a slice of a `Blob`"),
    post("fetch-file", Pattern(1234), "of a `File`"),
    post("fetch-form", FORM, "of `FormData`"),
    post("fetch-form-file", FORM_WITH_FILE, "of `FormData` with a file"),
    post("fetch-stream", Text("one two three"), "of a stream").methods(&[PREFLIGHT, "POST"]),
    post("fetch-gzip", Gzip(PACKED), "of what the page packed with gzip"),
    post("fetch-deflate", Zlib(PACKED), "of what the page packed with deflate"),
    post("fetch-brotli", Bytes(b"\x0b\x02\x80store\x03"), "of a brotli stream"),
    post("fetch-json", Text("{\"a\":1}"), "of JSON, which needs a preflight").methods(&[PREFLIGHT, "POST"]),
    post("fetch-put", Text("put it"), "`PUT`").methods(&[PREFLIGHT, "PUT"]),
    post("fetch-patch", Text("patch it"), "`PATCH`").methods(&[PREFLIGHT, "PATCH"]),
    get("fetch-delete", "`DELETE`").methods(&[PREFLIGHT, "DELETE"]),
    get("fetch-head", "`HEAD`").methods(&["HEAD"]),
    get("fetch-header", "data in a header of the page's own").methods(&[PREFLIGHT, "GET"]),
    post("fetch-request", Text("in a request"), "`fetch` of a `Request`"),
    post("fetch-keepalive", Text("kept alive"), "`fetch` with `keepalive`"),
    post("fetch-unread", Text("nobody reads the answer"), "a `fetch` whose answer nobody reads"),
    post("fetch-aborted", Text("taken back"), "a `fetch` that the page aborts after it was sent"),
    post("fetch-twice", Text("twins"), "the same request twice at once"),
    post("fetch-200k", Pattern(204_800), "200 KiB of bytes"),
    get("xhr-get", "`XMLHttpRequest`"),
    post("xhr-text", Text("xhr text"), "`XMLHttpRequest` of a text"),
    post("xhr-sync", Text("all must wait"), "a synchronous one"),
    post("xhr-bytes", Pattern(2000), "of bytes").methods(&["POST"]),
    post("xhr-blob", Pattern(2000), "of a `Blob`"),
    post("xhr-form", FORM_WITH_FILE, "of `FormData` with a file"),
    post("xhr-params", Text("q=a+b"), "of `URLSearchParams`"),
    post("xhr-document", Text("<a>b</a>"), "of an XML document").methods(&[PREFLIGHT, "POST"]),
    post("beacon-empty", Nothing, "`sendBeacon` of nothing"),
    post("beacon-text", Text("beacon text"), "`sendBeacon` of a text"),
    post("beacon-params", Text("b=c"), "of `URLSearchParams`"),
    post("beacon-blob", Text("beacon blob"), "of a `Blob`"),
    post("beacon-json", Text("{\"b\":1}"), "of a `Blob` of JSON, which needs a preflight").methods(&[PREFLIGHT, "POST"]),
    post("beacon-form", FORM, "of `FormData`"),
    post("beacon-bytes", Pattern(1500), "of bytes"),
    post("beacon-gzip", Gzip(PACKED), "of what the page packed with gzip"),
    post("beacon-60k", Pattern(60_000), "of almost as much as a beacon may carry"),
    get("new-image", "`new Image()`"),
    get("new-audio", "`new Audio()`"),
    get("dynamic-import", "`import()`").without_cookie(),
    get("script-inserted", "an inserted `<script>`"),
    get("css-inserted", "an inserted style sheet"),
    get("font-face", "`new FontFace()`").without_cookie(),
    get("style-property", "a picture set as a style"),
    get("canvas-image", "a picture for a canvas"),
    get("wasm-streaming", "`WebAssembly.compileStreaming`"),
    get("cache-add", "`Cache.add`"),
];

/// The same bodies over HTTP/1.1.
macro_rules! http1 {
    ($prefix:literal, $page:expr, $host:literal, $cookie:expr) => {
        &[
            $page,
            over(get(concat!($prefix, "get"), "`fetch`"), $host, $cookie),
            over(post(concat!($prefix, "text"), Text("plain text"), "`fetch` of a text"), $host, $cookie),
            over(post(concat!($prefix, "utf8"), Text("Käse ☃"), "of a text beyond ASCII"), $host, $cookie),
            over(post(concat!($prefix, "empty"), Nothing, "of an empty text"), $host, $cookie),
            over(post(concat!($prefix, "params"), Text("a=1&b=%C3%BC+%26"), "of `URLSearchParams`"), $host, $cookie),
            over(post(concat!($prefix, "bytes"), Pattern(3000), "of bytes"), $host, $cookie),
            over(post(concat!($prefix, "blob"), Pattern(5000), "of a `Blob`"), $host, $cookie),
            over(post(concat!($prefix, "file"), Pattern(1234), "of a `File`"), $host, $cookie),
            over(post(concat!($prefix, "form"), FORM_WITH_FILE, "of `FormData` with a file"), $host, $cookie),
            over(post(concat!($prefix, "gzip"), Gzip(PACKED), "of what the page packed with gzip"), $host, $cookie),
            over(post(concat!($prefix, "200k"), Pattern(204_800), "200 KiB of bytes"), $host, $cookie),
            over(post(concat!($prefix, "put"), Text("put it"), "`PUT` with its preflight"), $host, $cookie).methods(&[PREFLIGHT, "PUT"]),
            over(post(concat!($prefix, "keepalive"), Text("kept alive"), "`fetch` with `keepalive`"), $host, $cookie),
            over(post(concat!($prefix, "beacon"), Text("beacon text"), "`sendBeacon` of a text"), $host, $cookie),
            over(post(concat!($prefix, "beacon-blob"), Pattern(700), "`sendBeacon` of a `Blob`"), $host, $cookie),
            over(post(concat!($prefix, "xhr"), Text("xhr text"), "`XMLHttpRequest`"), $host, $cookie),
            over(get(concat!($prefix, "img"), "`new Image()`"), $host, $cookie),
            over(post(concat!($prefix, "redirect"), Text("carried along"), "a body that a redirect (307) carries along"), $host, $cookie),
            over(post(concat!($prefix, "redirected"), Text("carried along"), "where it is carried to"), $host, $cookie),
            over(socket(concat!($prefix, "websocket"), &[Text("over the old protocol")], "a WebSocket"), $host, $cookie),
            // The preflight arrives.
            Row {
                fate: Fate::Kept("Chromium streams a body over HTTP/2 and QUIC only: the preflight leaves, the request does not"),
                ..over(get(concat!($prefix, "stream"), "`fetch` of a stream"), $host, None).methods(&[PREFLIGHT])
            },
        ]
    };
}

const fn over(row: Row, host: &'static str, cookie: Option<&'static str>) -> Row {
    Row { host, cookie, ..row }
}

pub(super) const HTTP1: &[Row] = http1!("http1-", get("legacy-page", "the page itself").at(FIRST), "legacy.test", Some("visitor=g7h8i9"));

pub(super) const CLEARTEXT: &[Row] =
    http1!("cleartext-", get("cleartext-page", "the page itself").at("plain.example"), "cleartext.test", None);

pub(super) const LARGE: &[Row] = &[
    get("large-page", "the page itself").at(FIRST),
    post("large-bytes", Pattern(64 << 20), "64 MiB of bytes"),
    post("large-blob", Pattern(8 << 20), "a `Blob` of 8 MiB"),
    post("large-http1", Pattern(8 << 20), "8 MiB over HTTP/1.1").at("legacy.test").cookie("visitor=g7h8i9"),
    post("large-form", Holds(&[Text("filename=\"scan.bin\""), Text("\r\n\r\n"), Pattern(3 << 20)]), "a form with a file of 3 MiB"),
    post("large-stream", Content::Times("0123456789abcdef", 64 * 1024), "a stream of 1 MiB in 64 pieces").methods(&[PREFLIGHT, "POST"]),
    post("large-text", Content::Times("é", 1 << 20), "a text of 2 MiB beyond ASCII"),
];

pub(super) const SOCKETS: &[Row] = &[
    get("sockets-page", "the page itself").at(FIRST),
    socket("websocket-text", &[Text("first"), Text("zweite ☃"), Nothing], "WebSocket: texts, one of them empty"),
    socket("websocket-bytes", &[Pattern(3000), Pattern(70_000)], "an array and an `ArrayBuffer`"),
    socket("websocket-blob", &[Pattern(2500)], "a `Blob`"),
    socket("websocket-large", &[Pattern(900_000)], "a message of 900,000 bytes, which leaves in fragments"),
    socket("websocket-many", &NUMBERED, "200 messages"),
    socket(
        "websocket-packed",
        &[Text("again and again and again"), Text("again and again and again"), Pattern(3000)],
        "`permessage-deflate`, with a context that goes on from message to message",
    ),
    socket("websocket-protocol", &[Text("spoken")], "with a subprotocol"),
    socket("websocket-stream", &[Text("streamed")], "`WebSocketStream`"),
    get("websocket-http2-first", "what opens an HTTP/2 connection to a host that takes WebSockets over it").at("multiplexed.test"),
    Row {
        methods: &["CONNECT"],
        ..socket("websocket-http2", &[Text("within a stream"), Pattern(40_000)], "a WebSocket over HTTP/2").at("multiplexed.test")
    },
    get("websocket-unanswered", "one that the server refuses: its handshake has left all the same"),
    get("eventsource", "`EventSource`"),
    Row { fate: Fate::Datagrams, ..get("webrtc-stun", "WebRTC asks a STUN server: UDP to 127.0.0.1:3478").at("127.0.0.1:3478") },
    Row { fate: Fate::Datagrams, ..get("webrtc-turn", "WebRTC asks a TURN server: UDP to 127.0.0.1:3479").at("127.0.0.1:3479") },
];

const NUMBERED: [Content; 200] = {
    let mut messages = [Nothing; 200];
    let mut number = 0;
    while number < messages.len() {
        messages[number] = Content::Numbered(number);
        number += 1;
    }
    messages
};
