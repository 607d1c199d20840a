use std::sync::Arc;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::Peer;
use crate::answer::{Answer, answer};
use crate::received::{HeaderLine, Received, Version, now_ms};

/// Serves HTTP/2. WebSockets over it are not offered, so that browsers open theirs over HTTP/1.1.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let peer = Arc::new(peer);
    let mut streams = JoinSet::new();
    while let Some(Ok((request, respond))) = connection.accept().await {
        streams.spawn(exchange(request, respond, Arc::clone(&peer)));
    }
    // The bodies still being read end now, cut; their requests are logged all the same.
    drop(connection);
    while streams.join_next().await.is_some() {}
}

async fn exchange(request: Request<RecvStream>, respond: SendResponse<Bytes>, peer: Arc<Peer>) {
    let (head, mut body) = request.into_parts();
    let mut received = received(&head, &peer);
    received.cut = read(&mut body, &mut received.body).await.is_err();
    peer.open.log.add(received.clone());
    // A client that has gone needs no answer.
    let _: Result<(), h2::Error> = send(respond, answer(&received), head.method == http::Method::HEAD);
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
