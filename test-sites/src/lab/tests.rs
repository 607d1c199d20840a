use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;

use super::Lab;
use crate::{MessageKind, Received, Version};

const HANDBOOK: &str = "handbook.northmere-trust.example";

async fn connect(lab: &Lab, host: &str, protocol: &str) -> TlsStream<TcpStream> {
    let stream = offer(lab, host, &[protocol]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()));
    stream
}

/// A TLS connection that trusts the lab's authority and nobody else.
async fn offer(lab: &Lab, host: &str, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(lab.authority_der().to_vec())).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(lab.address()).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await.unwrap()
}

/// Sends these bytes, ends the connection and returns all that came back.
async fn exchange(lab: &Lab, host: &str, bytes: &[u8]) -> String {
    let mut stream = connect(lab, host, "http/1.1").await;
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // The server may end without saying so.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn settled(lab: &Lab) -> Vec<Received> {
    assert!(lab.quiet(Duration::from_secs(10)).await, "every connection has ended");
    lab.received()
}

fn lines(request: &Received) -> Vec<(String, Vec<u8>)> {
    request.headers.iter().map(|line| (line.name.clone(), line.value.clone())).collect()
}

#[tokio::test]
async fn http1_requests_are_logged_byte_by_byte() {
    let lab = Lab::start().await.unwrap();
    let first = b"POST /tr/?a=%20b|c HTTP/1.1\r\nHost: www.facebook.com\r\nX-oDD: \xe9 y\r\ncookie: fr=1; datr=2\r\nContent-Length: 5\r\n\r\n\x00\xff\r\nz";
    let second =
        b"POST /tr HTTP/1.1\r\nHost: www.facebook.com:443\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nEnd: 1\r\n\r\n";
    let answers = exchange(&lab, "www.facebook.com", &[&first[..], &second[..]].concat()).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");

    let [one, two] = settled(&lab).await.try_into().unwrap();
    assert_eq!((one.method.as_str(), one.target.as_str(), one.host.as_str()), ("POST", "/tr/?a=%20b|c", "www.facebook.com"));
    let expected: [(&str, &[u8]); 4] =
        [("Host", b"www.facebook.com"), ("X-oDD", b"\xe9 y"), ("cookie", b"fr=1; datr=2"), ("Content-Length", b"5")];
    assert_eq!(lines(&one), expected.map(|(name, value)| (name.to_owned(), value.to_vec())));
    assert_eq!(one.cookie().as_deref(), Some("fr=1; datr=2"));
    assert_eq!(one.body, b"\x00\xff\r\nz");
    assert_eq!((one.tls, one.version, one.sni.as_deref(), one.cut), (true, Version::Http1, Some("www.facebook.com"), false));
    assert_eq!((two.body.as_slice(), two.host_name(), two.cut), (&b"abcde"[..], "www.facebook.com", false));
    assert_eq!((two.connection, two.number), (one.connection, one.number + 1));
}

#[tokio::test]
async fn http2_requests_are_logged_byte_by_byte() {
    let lab = Lab::start().await.unwrap();
    let (mut client, connection) = h2::client::handshake(connect(&lab, "www.facebook.com", "h2").await).await.unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::post("https://www.facebook.com/tr/?x=%C3%A9")
        .header("cookie", "fr=1")
        .header("cookie", "datr=2")
        .header("x-b", "b")
        .header("x-a", "a")
        .body(())
        .unwrap();
    let (response, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(b"\x00\xff"), false).unwrap();
    body.send_data(Bytes::from(vec![b'a'; 200_000]), true).unwrap();
    assert_eq!(response.await.unwrap().status(), 200);
    drop((client, body));
    driver.await.unwrap().unwrap();

    let [one] = settled(&lab).await.try_into().unwrap();
    assert_eq!((one.method.as_str(), one.target.as_str(), one.host.as_str()), ("POST", "/tr/?x=%C3%A9", "www.facebook.com"));
    let names: Vec<&str> = one.headers.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["cookie", "cookie", "x-b", "x-a"]);
    assert_eq!(one.cookie().as_deref(), Some("fr=1; datr=2"));
    assert_eq!(one.body, [&b"\x00\xff"[..], &[b'a'; 200_000]].concat());
    assert_eq!((one.tls, one.version, one.cut), (true, Version::Http2, false));
}

#[tokio::test]
async fn a_body_cut_short_is_logged_as_such() {
    let lab = Lab::start().await.unwrap();
    exchange(&lab, HANDBOOK, b"POST /a HTTP/1.1\r\nHost: x.test\r\nContent-Length: 10\r\n\r\nfour").await;
    exchange(&lab, HANDBOOK, b"POST /b HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc").await;
    for (path, is_reset) in [("c", true), ("d", false)] {
        let (mut client, connection) = h2::client::handshake(connect(&lab, HANDBOOK, "h2").await).await.unwrap();
        let driver = tokio::spawn(connection);
        let request = http::Request::post(format!("https://{HANDBOOK}/{path}")).body(()).unwrap();
        let (_response, mut body) = client.send_request(request, false).unwrap();
        body.send_data(Bytes::from_static(b"part"), false).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        if is_reset {
            body.send_reset(h2::Reason::CANCEL);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        // Without a reset, the connection just ends.
        driver.abort();
    }
    let requests = settled(&lab).await;
    let seen: Vec<(&str, &[u8], bool)> = requests.iter().map(|request| (request.target.as_str(), &request.body[..], request.cut)).collect();
    assert_eq!(seen, [("/a", &b"four"[..], true), ("/b", b"abc", true), ("/c", b"part", true), ("/d", b"part", true)]);
}

#[tokio::test]
async fn a_client_that_leaves_at_once_is_logged() {
    let lab = Lab::start().await.unwrap();
    let mut stream = connect(&lab, "www.google-analytics.com", "http/1.1").await;
    stream.write_all(b"POST /g/collect?v=2 HTTP/1.1\r\nHost: www.google-analytics.com\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let [one] = settled(&lab).await.try_into().unwrap();
    assert_eq!((one.body.as_slice(), one.cut), (&b"hi"[..], false));
}

#[tokio::test]
async fn any_name_has_a_certificate_and_the_authority_comes_with_it() {
    let lab = Lab::start().await.unwrap();
    for host in [HANDBOOK, "www.facebook.com", "never-heard-of.test"] {
        let stream = connect(&lab, host, "http/1.1").await;
        let chain = stream.get_ref().1.peer_certificates().unwrap();
        assert_eq!(chain.len(), 2, "{host}");
        assert_eq!(chain[1].as_ref(), lab.authority_der(), "{host}");
    }
    let alone = connect(&lab, "leaf-only.clinic.test", "http/1.1").await;
    assert_eq!(alone.get_ref().1.peer_certificates().unwrap().len(), 1);
}

#[tokio::test]
async fn a_browser_speaks_http2_to_most_hosts_and_http1_to_some() {
    let lab = Lab::start().await.unwrap();
    for (host, protocol) in
        [(HANDBOOK, "h2"), ("www.facebook.com", "h2"), ("analytics.tiktok.com", "http/1.1"), ("www.fennick-pharmacy.example", "http/1.1")]
    {
        let stream = offer(&lab, host, &["h2", "http/1.1"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()), "{host}");
    }
}

#[tokio::test]
async fn cleartext_is_served_on_the_same_port() {
    let lab = Lab::start().await.unwrap();
    let mut stream = TcpStream::connect(lab.address()).await.unwrap();
    let request = format!("GET /medicines HTTP/1.1\r\nHost: {HANDBOOK}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("<h1>Medicines A to Z</h1>"), "{answer}");
    let [one] = settled(&lab).await.try_into().unwrap();
    assert_eq!((one.tls, one.sni.as_deref(), one.path()), (false, None, "/medicines"));
}

#[tokio::test]
async fn websocket_messages_are_logged() {
    let lab = Lab::start().await.unwrap();
    let stream = connect(&lab, "ws.vendor.test", "http/1.1").await;
    let (mut socket, _) = tokio_tungstenite::client_async("wss://ws.vendor.test/live?a=1", stream).await.unwrap();
    socket.send(Message::text("typed ü")).await.unwrap();
    socket.send(Message::binary(vec![0, 255])).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("ok"));
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    drop(socket);

    let [opening] = settled(&lab).await.try_into().unwrap();
    assert_eq!((opening.target.as_str(), opening.header("upgrade").as_deref()), ("/live?a=1", Some("websocket")));
    let [text, bytes] = lab.messages().try_into().unwrap();
    assert_eq!((text.request, text.kind, text.payload.as_slice()), (opening.number, MessageKind::Text, "typed ü".as_bytes()));
    assert_eq!((bytes.host.as_str(), bytes.kind, bytes.payload.as_slice()), ("ws.vendor.test", MessageKind::Binary, &[0, 255][..]));
}

#[tokio::test]
async fn sites_and_vendors_answer_by_host() {
    let lab = Lab::start().await.unwrap();
    for (host, target, cookie, status, contains) in [
        (HANDBOOK, "/", "", "200 OK", "<h1>Patient handbook</h1>"),
        (HANDBOOK, "/base.css", "", "200 OK", "content-type: text/css"),
        (HANDBOOK, "/nothing", "", "404 Not Found", "Page not found"),
        (HANDBOOK, "/../journey.toml", "", "404 Not Found", "Page not found"),
        ("stranger.test", "/", "", "404 Not Found", "Page not found"),
        ("connect.facebook.net", "/en_US/fbevents.js", "", "200 OK", "SubscribedButtonClick"),
        (
            "connect.facebook.net",
            "/signals/config/482915530127704?v=1",
            "",
            "200 OK",
            r#"instance.optIn("482915530127704", "AutomaticMatching", true);"#,
        ),
        ("connect.facebook.net", "/signals/config/482915530127704", "", "200 OK", r#""selectedMatchKeys":["em","ph","fn","ln","zp","db"]"#),
        ("connect.facebook.net", "/signals/config/1%22);alert(1", "", "200 OK", r#"instance.configLoaded("1221");"#),
        ("www.facebook.com", "/tr/?id=1", "datr=1", "200 OK", "set-cookie: fr="),
        ("analytics.tiktok.com", "/i18n/pixel/events.js?sdkid=C", "", "200 OK", "set-cookie: _ttp="),
        ("www.googletagmanager.com", "/gtag/js?id=G-1", "", "200 OK", "view_search_results"),
        ("region1.google-analytics.com", "/g/collect?v=2", "", "204 No Content", "HTTP/1.1"),
        ("eu-assets.i.posthog.com", "/array/phc_1/config", "", "200 OK", r#""autocapture_opt_out":false"#),
        ("edge.adobedc.net", "/ee/v1/interact", "", "200 OK", "identity:result"),
        ("cdn.segment.com", "/v1/projects/1/settings", "", "200 OK", r#""integrations":{"Segment.io""#),
        ("api2.amplitude.com", "/2/httpapi", "", "200 OK", r#""code":200"#),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        let answer = exchange(&lab, host, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{host}{target}: {answer}");
        assert!(answer.contains(contains), "{host}{target}: {answer}");
    }
    for (host, target, cookie) in
        [("www.facebook.com", "/tr/", "datr=1; fr=2"), ("analytics.tiktok.com", "/i18n/pixel/events.js", "_ttp=1")]
    {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        let answer = exchange(&lab, host, request.as_bytes()).await;
        assert!(!answer.contains("set-cookie"), "a cookie is set once: {answer}");
    }
}

#[tokio::test]
async fn the_log_can_be_cleared_and_the_lab_stopped() {
    let lab = Lab::start().await.unwrap();
    exchange(&lab, HANDBOOK, format!("GET / HTTP/1.1\r\nHost: {HANDBOOK}\r\n\r\n").as_bytes()).await;
    assert_eq!(settled(&lab).await.len(), 1);
    lab.clear();
    assert_eq!(lab.received(), []);
    let address = lab.address();
    assert_eq!(lab.resolve_rule(), format!("*=127.0.0.1:{}", address.port()));
    let mut open = TcpStream::connect(address).await.unwrap();
    lab.stop().await;
    assert!(matches!(open.read(&mut [0]).await, Ok(0) | Err(_)), "open connections end with the lab");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn packed_messages_are_logged_unpacked() {
    let lab = Lab::start().await.unwrap();
    let mut stream = connect(&lab, "legacy.test", "http/1.1").await;
    let head = "GET /t?tag=x&deflate=1 HTTP/1.1\r\nHost: legacy.test\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut packing = flate2::Compress::new(flate2::Compression::default(), false);
    for text in ["again and again", "again and again"] {
        let mut packed = Vec::with_capacity(256);
        packing.compress_vec(text.as_bytes(), &mut packed, flate2::FlushCompress::Sync).unwrap();
        packed.truncate(packed.len() - 4);
        // Final, packed, text; masked with zeros.
        let frame = [&[0xc1, 0x80 | u8::try_from(packed.len()).unwrap(), 0, 0, 0, 0][..], &packed].concat();
        stream.write_all(&frame).await.unwrap();
    }
    stream.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(String::from_utf8_lossy(&answer).contains("permessage-deflate"));
    drop(stream);
    settled(&lab).await;
    let messages: Vec<Vec<u8>> = lab.messages().into_iter().map(|message| message.payload).collect();
    assert_eq!(messages, [b"again and again", b"again and again"]);
}

#[tokio::test]
async fn the_transports_answer_as_their_pages_need_it() {
    let lab = Lab::start().await.unwrap();
    for (host, target, contains) in [
        ("legacy.test", "/t?tag=a", "200 OK"),
        ("legacy.test", "/t?tag=a&as=gif&set=a%3D1%3B+Path%3D%2F", "set-cookie: a=1; Path=/"),
        ("legacy.test", "/hop?tag=a&status=307&to=https%3A%2F%2Ftracker.test%2Ft%3Ftag%3Db", "location: https://tracker.test/t?tag=b"),
        ("legacy.test", "/lab.js", "const tracker ="),
        ("legacy.test", "/calls", "<h1>What a script sends</h1>"),
        ("legacy.test", "/../src/lib.rs", "404 Not Found"),
        ("legacy.test", "/calls.toml", "404 Not Found"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://transports.example\r\n\r\n");
        let answer = exchange(&lab, host, request.as_bytes()).await;
        assert!(answer.contains(contains), "{host}{target}: {answer}");
        assert!(answer.contains("access-control-allow-origin: https://transports.example"), "{host}{target}: {answer}");
    }
}

#[tokio::test]
async fn a_page_fetched_ahead_names_its_links_early() {
    let lab = Lab::start().await.unwrap();
    let (mut client, connection) = h2::client::handshake(connect(&lab, "transports.example", "h2").await).await.unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::get("https://transports.example/ahead").body(()).unwrap();
    let (mut response, _) = client.send_request(request, true).unwrap();
    let early = std::future::poll_fn(|context| response.poll_informational(context)).await.unwrap().unwrap();
    assert_eq!(early.status(), 103);
    assert!(early.headers()["link"].to_str().unwrap().contains("tag=early-hint"));
    assert_eq!(response.await.unwrap().status(), 200);
    driver.abort();
}

#[tokio::test]
async fn a_host_without_tls_ends_a_handshake() {
    let lab = Lab::start().await.unwrap();
    let mut stream = TcpStream::connect(lab.address()).await.unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let connector = TlsConnector::from(Arc::new(config));
    assert!(connector.connect(ServerName::try_from("plain.example").unwrap(), &mut stream).await.is_err());
}

#[tokio::test]
async fn websocket_messages_over_http2_are_logged() {
    let lab = Lab::start().await.unwrap();
    let (mut client, connection) = h2::client::handshake(connect(&lab, "multiplexed.test", "h2").await).await.unwrap();
    let driver = tokio::spawn(connection);
    // The server's settings come with its first answer.
    let first = http::Request::get("https://multiplexed.test/t?tag=a").body(()).unwrap();
    assert_eq!(client.send_request(first, true).unwrap().0.await.unwrap().status(), 200);
    assert!(client.is_extended_connect_protocol_enabled());
    let mut request = http::Request::builder().method("CONNECT").uri("https://multiplexed.test/t?tag=b").body(()).unwrap();
    request.extensions_mut().insert(h2::ext::Protocol::from_static("websocket"));
    let (response, mut sending) = client.send_request(request, false).unwrap();
    let mut answer = response.await.unwrap();
    assert_eq!(answer.status(), 200);
    // A text of two letters and a close, both masked with zeros.
    sending.send_data(Bytes::from_static(b"\x81\x82\0\0\0\0hi\x88\x80\0\0\0\0"), true).unwrap();
    while answer.body_mut().data().await.is_some() {}
    drop((client, sending, answer));
    driver.await.unwrap().unwrap();
    let requests = settled(&lab).await;
    assert_eq!(requests[1].method, "CONNECT");
    let [message] = lab.messages().try_into().unwrap();
    assert_eq!((message.request, message.payload.as_slice()), (requests[1].number, &b"hi"[..]));
}
