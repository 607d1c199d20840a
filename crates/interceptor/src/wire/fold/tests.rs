use super::*;

const NONE: u8 = 0;
const BEGIN: u8 = 1;
const END: u8 = 2;

/// Event, phase, source and parameters; the place in the list is the time.
type Told<'a> = (&'a str, u8, i64, String);

fn wire(told: &[Told<'_>]) -> Wire {
    let mut names: Vec<&str> = told.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    names.dedup();
    let types: BTreeMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let types = serde_json::to_string(&types).unwrap();
    let mut log = format!(r#"{{"constants":{{"logEventTypes":{types},"timeTickOffset":1000}},"#) + "\n\"events\": [\n";
    for (tick, (name, phase, source, params)) in told.iter().enumerate() {
        let kind = names.binary_search(name).unwrap();
        let source = format!(r#""source":{{"id":{source},"start_time":"0","type":1}}"#);
        log += &format!("{{\"params\":{params},\"phase\":{phase},{source},\"time\":\"{tick}\",\"type\":{kind}}},\n");
    }
    read((log + "]}\n").as_bytes(), &mut Interner::default())
}

fn start(source: i64, url: &str) -> Told<'static> {
    let params = format!(r#"{{"method":"GET","url":"{url}","initiator":"not an origin","network_isolation_key":"null null"}}"#);
    ("URL_REQUEST_START_JOB", BEGIN, source, params)
}

fn bound(name: &'static str, source: i64, to: i64) -> Told<'static> {
    (name, NONE, source, format!(r#"{{"source_dependency":{{"id":{to},"type":0}}}}"#))
}

fn headers(source: i64, line: &str) -> Told<'static> {
    ("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", NONE, source, format!(r#"{{"headers":["Host: a.example","{line}"]}}"#))
}

fn written(socket: i64, bytes: &str) -> Told<'static> {
    ("SSL_SOCKET_BYTES_SENT", NONE, socket, format!(r#"{{"byte_count":1,"bytes":"{}"}}"#, STANDARD.encode(bytes)))
}

fn sending(request: i64, job: i64, socket: i64) -> [Told<'static>; 3] {
    let job_bound = bound("HTTP_STREAM_REQUEST_BOUND_TO_JOB", request, job);
    [bound("SOCKET_POOL_BOUND_TO_SOCKET", job, socket), job_bound, headers(request, "Cookie: a=b")]
}

const HEAD: &str = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n";

#[test]
fn a_request_sent_again_counts_as_often_as_it_was_written() {
    for (first_is_written, requests) in [(false, 1), (true, 2)] {
        let mut told = vec![start(1, "https://a.example/x")];
        told.extend(sending(1, 10, 20));
        told.extend(first_is_written.then(|| written(20, HEAD)));
        told.extend(sending(1, 11, 21));
        told.push(written(21, HEAD));
        let wire = wire(&told);
        assert_eq!(wire.requests.iter().filter(|request| request.written.is_some()).count(), requests, "{first_is_written}");
        assert_eq!((wire.requests.len(), wire.strays.len()), (requests, 0), "{first_is_written}");
    }
}

#[test]
fn a_stream_is_begun_when_its_headers_become_a_frame() {
    let framed = |stream: u32| {
        let params = format!(r#"{{"stream_id":{stream},"source_dependency":{{"id":10,"type":17}}}}"#);
        ("HTTP2_SESSION_SEND_HEADERS", NONE, 30, params)
    };
    let handed_over = ("HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS", NONE, 1, r#"{"headers":[":method: GET"]}"#.to_owned());
    // The session may be older than the log.
    for (session_known, became_frame) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut told = vec![start(1, "https://a.example/x"), bound("HTTP_STREAM_REQUEST_BOUND_TO_JOB", 1, 10), handed_over.clone()];
        told.extend(session_known.then(|| bound("HTTP2_SESSION_INITIALIZED", 30, 20)));
        told.extend(became_frame.then(|| framed(1)));
        told.push(("CANCELLED", NONE, 1, "{}".to_owned()));
        let request = wire(&told).requests.remove(0);
        assert_eq!((request.begun, request.sent.is_some(), request.ending), (became_frame, true, Ending::Cancelled));
    }
}

/// `own_network` tells by it what a request was kept from.
#[test]
fn a_request_that_failed_says_where_it_got_to() {
    let starts = |address: &str| ("TCP_CONNECT_JOB_CONNECTOR_CONNECT_START", NONE, 30, format!(r#"{{"address":"{address}"}}"#));
    let connected = ("TCP_CONNECT", END, 20, r#"{"remote_address":"127.0.0.1:80"}"#.to_owned());
    let refused = |addresses: &[&str]| -> Vec<Told<'_>> {
        addresses.iter().map(|address| starts(address)).chain([bound("SOCKET_POOL_BOUND_TO_CONNECT_JOB", 10, 30)]).collect()
    };
    for (got, reached) in [
        (vec![connected, bound("SOCKET_POOL_BOUND_TO_SOCKET", 10, 20)], Some("127.0.0.1:80")),
        (refused(&["[::1]:80", "127.0.0.1:80"]), Some("127.0.0.1:80")),
        (refused(&["203.0.113.9:80", "10.0.0.1:80"]), Some("203.0.113.9:80")),
        (refused(&[]), None),
    ] {
        let mut told = vec![start(1, "http://a.example/x")];
        told.extend(got);
        told.push(bound("HTTP_STREAM_REQUEST_BOUND_TO_JOB", 1, 10));
        told.push(("URL_REQUEST_START_JOB", END, 1, r#"{"net_error":-102}"#.to_owned()));
        assert_eq!(wire(&told).requests[0].remote.as_deref(), reached, "{told:?}");
    }
}

#[test]
fn what_never_reached_a_socket_says_how_it_ended() {
    let cancelled = |params: &str| ("CANCELLED", NONE, 1, params.to_owned());
    let alive_ends = |params: &str| ("REQUEST_ALIVE", END, 1, params.to_owned());
    let ends = |params: &str| vec![start(1, "https://a.example/x"), ("URL_REQUEST_START_JOB", END, 1, params.to_owned())];
    for (told, ending) in [
        (ends("{}"), Ending::Answered),
        (ends(r#"{"net_error":-105}"#), Ending::Failed(-105)),
        (vec![start(1, "https://a.example/x")], Ending::Open),
        (vec![start(1, "http://a.example/x"), start(1, "https://a.example/x")], Ending::Redirected),
        (vec![start(1, "https://a.example/x"), cancelled("{}"), alive_ends("{}")], Ending::Cancelled),
        (vec![start(1, "https://a.example/x"), cancelled("{}"), alive_ends(r#"{"net_error":-3}"#)], Ending::Cancelled),
        (
            vec![start(1, "https://a.example/x"), cancelled(r#"{"net_error":-202}"#), alive_ends(r#"{"net_error":-202}"#)],
            Ending::Failed(-202),
        ),
        ([ends("{}"), vec![cancelled("{}"), alive_ends("{}")]].concat(), Ending::Answered),
        ([ends(r#"{"net_error":-105}"#), vec![cancelled("{}")]].concat(), Ending::Failed(-105)),
    ] {
        let wire = wire(&told);
        assert_eq!((&wire.requests[0].ending, wire.requests[0].written.is_some()), (&ending, false), "{told:?}");
    }
}

#[test]
fn bytes_that_no_request_explains_are_named() {
    let mut told = vec![start(1, "https://a.example/x")];
    told.extend(sending(1, 10, 20));
    told.extend([written(20, HEAD), written(20, &HEAD.replace("/x", "/stray")), written(30, "PRI * HT"), written(31, "\u{1}\u{2}")]);
    let wire = wire(&told);
    assert_eq!(
        wire.strays,
        [
            "`GET /stray` to a.example was written and belongs to no request",
            "8 bytes written to an unknown address are no whole request",
            "2 bytes written to an unknown address are no HTTP request",
        ]
    );
}

#[test]
fn cleartext_is_read_and_ciphertext_is_not() {
    let raw = |socket, bytes: &[u8]| ("SOCKET_BYTES_SENT", NONE, socket, format!(r#"{{"bytes":"{}"}}"#, STANDARD.encode(bytes)));
    let mut told = vec![start(1, "http://a.example/x")];
    told.extend(sending(1, 10, 20));
    told.extend([raw(20, HEAD.as_bytes()), raw(40, b"\x16\x03\x01\x02\x00"), raw(40, b"\x17\x03\x03 ciphertext")]);
    let wire = wire(&told);
    assert!(wire.requests[0].written.as_ref().is_some_and(|carrier| carrier.complete));
    assert!(wire.strays.is_empty());
}

#[test]
fn header_lines_beyond_ascii_are_unescaped() {
    for (line, read) in [
        ("Cookie: caf%C3%A9", "Cookie: caf%C3%A9"),
        ("%ESCAPED:\u{200b} Cookie: caf%C3%A9", "Cookie: café"),
        ("%ESCAPED:\u{200b} Cookie: caf%E9", "Cookie: café"),
        ("%ESCAPED:\u{200b} Cookie: 100%25", "Cookie: 100%"),
    ] {
        assert_eq!(unescape(line), read);
    }
}

#[test]
fn datagrams_are_counted_by_address() {
    let wire = wire(&[
        ("UDP_CONNECT", BEGIN, 5, r#"{"address":"192.0.2.7:3478"}"#.to_owned()),
        ("UDP_BYTES_SENT", NONE, 5, r#"{"byte_count":20}"#.to_owned()),
        ("UDP_BYTES_SENT", NONE, 6, r#"{"byte_count":30,"address":"192.0.2.7:3478"}"#.to_owned()),
    ]);
    let udp = wire.udp["192.0.2.7:3478"];
    assert_eq!((udp.datagrams, udp.bytes), (2, 50));
}
