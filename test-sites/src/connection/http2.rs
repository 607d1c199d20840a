use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::ext::Protocol;
use h2::server::SendResponse;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::{Peer, websocket};
use crate::answer::{Answer, answer, delay};
use crate::received::{HeaderLine, Log, Received, Version, now_ms};
use crate::transports;

/// Serves HTTP/2. Most hosts do not offer WebSockets over it, so that browsers open theirs over HTTP/1.1.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) {
    let mut settings = h2::server::Builder::new();
    if peer.sni.as_deref().is_some_and(|host| transports::SOCKETS_OVER_HTTP2.contains(&host)) {
        settings.enable_connect_protocol();
    }
    let Ok(mut connection) = settings.handshake(stream).await else { return };
    let peer = Arc::new(peer);
    let mut streams = JoinSet::new();
    while let Some(Ok((request, respond))) = connection.accept().await {
        streams.spawn(exchange(request, respond, Arc::clone(&peer)));
    }
    // The bodies still being read end now, cut; their requests are logged all the same.
    drop(connection);
    while streams.join_next().await.is_some() {}
}

async fn exchange(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, peer: Arc<Peer>) {
    let (head, mut body) = request.into_parts();
    let mut received = received(&head, &peer);
    if head.extensions.get::<Protocol>().is_some() {
        peer.open.log.add(received.clone());
        // What goes wrong with it concerns its client alone, which sees it.
        let _ = socket(body, respond, &received, &peer.open.log).await;
        return;
    }
    received.cut = read(&mut body, &mut received.body).await.is_err();
    peer.open.log.add(received.clone());
    tokio::time::sleep(delay(&received)).await;
    let answer = answer(&received);
    if let Some(hints) = early(&answer) {
        let _ = respond.send_informational(hints);
        tokio::time::sleep(UNTIL_ANSWER).await;
    }
    // A client that has gone needs no answer.
    let _: Result<(), h2::Error> = send(respond, answer, head.method == http::Method::HEAD);
}

/// Serves a WebSocket on a stream.
async fn socket(mut body: RecvStream, mut respond: SendResponse<Bytes>, request: &Received, log: &Log) -> Result<(), h2::Error> {
    let mut sending = respond.send_response(Response::new(()), false)?;
    let (near, far) = tokio::io::duplex(1 << 16);
    let (mut from_near, mut to_near) = tokio::io::split(far);
    let inbound = async {
        while let Some(Ok(data)) = body.data().await {
            let _ = body.flow_control().release_capacity(data.len());
            if to_near.write_all(&data).await.is_err() {
                break;
            }
        }
        // The other end sees an end and answers it.
        let _ = to_near.shutdown().await;
    };
    let outbound = async {
        let mut buffer = vec![0; 1 << 12];
        while let Ok(length @ 1..) = from_near.read(&mut buffer).await {
            if sending.send_data(Bytes::copy_from_slice(&buffer[..length]), false).is_err() {
                return;
            }
        }
        let _ = sending.send_data(Bytes::new(), true);
    };
    tokio::join!(inbound, outbound, websocket::messages(near, Vec::new(), request, log));
    Ok(())
}

fn received(head: &http::request::Parts, peer: &Peer) -> Received {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| HeaderLine {
        name: name.as_str().to_owned(),
        value: value.as_bytes().to_vec(),
    };
    Received {
        number: peer.open.log.next_request(),
        connection: peer.open.connection,
        at_ms: now_ms(),
        tls: peer.tls,
        version: Version::Http2,
        sni: peer.sni.clone(),
        host: head.uri.authority().map(ToString::to_string).unwrap_or_default(),
        method: head.method.to_string(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers.iter().map(line).collect(),
        body: Vec::new(),
        cut: false,
    }
}

/// Reads the body as far as it comes.
async fn read(stream: &mut RecvStream, body: &mut Vec<u8>) -> Result<(), h2::Error> {
    while let Some(data) = stream.data().await {
        let data = data?;
        body.extend_from_slice(&data);
        stream.flow_control().release_capacity(data.len())?;
    }
    Ok(())
}

fn send(mut respond: SendResponse<Bytes>, answer: Answer, head_only: bool) -> Result<(), h2::Error> {
    let mut response = Response::new(());
    *response.status_mut() = answer.status;
    for (name, value) in &answer.headers {
        if let Ok(value) = http::HeaderValue::try_from(value) {
            response.headers_mut().append(*name, value);
        }
    }
    let bodiless = head_only || answer.body.is_empty();
    let mut stream = respond.send_response(response, bodiless)?;
    if bodiless { Ok(()) } else { stream.send_data(answer.body.into(), true) }
}

/// What a server takes that names its links early and then thinks. A browser that has both at once does not look at the links.
const UNTIL_ANSWER: Duration = Duration::from_millis(200);

/// What the browser is told before the answer: links it may follow at once.
fn early(answer: &Answer) -> Option<Response<()>> {
    let links: Vec<http::HeaderValue> = answer.hints.iter().filter_map(|link| http::HeaderValue::try_from(link).ok()).collect();
    if links.is_empty() {
        return None;
    }
    let mut response = Response::new(());
    *response.status_mut() = http::StatusCode::EARLY_HINTS;
    for link in links {
        response.headers_mut().append(http::header::LINK, link);
    }
    Some(response)
}
