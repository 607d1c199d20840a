use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::deflated;
use crate::received::{Log, MessageKind, Received, ReceivedMessage, now_ms};
use crate::transports;

/// Whether the request asks for a WebSocket.
pub(super) fn is_upgrade(request: &Received) -> bool {
    request.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")) && request.header("sec-websocket-key").is_some()
}

/// Agrees to a WebSocket and serves it. `early` is what came after the request's head.
pub(super) async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, early: Vec<u8>, request: &Received, log: &Log) {
    let key = request.header("sec-websocket-key").unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let protocol = request.header("sec-websocket-protocol").map(|line| format!("Sec-WebSocket-Protocol: {line}\r\n")).unwrap_or_default();
    let packs = transports::packs_messages(request);
    let packing = if packs { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}{packing}\r\n"
    );
    if stream.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    if packs {
        deflated::serve(stream, early, request, log).await;
    } else {
        messages(stream, early, request, log).await;
    }
}

/// Logs every message and answers each text with a short one, until the client is done.
pub(super) async fn messages(stream: impl AsyncRead + AsyncWrite + Unpin, early: Vec<u8>, request: &Received, log: &Log) {
    let mut socket = WebSocketStream::from_partially_read(stream, early, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        let kind = match message {
            Message::Text(_) => MessageKind::Text,
            Message::Binary(_) => MessageKind::Binary,
            // Answered by the library, carry no data of the page.
            _ => continue,
        };
        log.add_message(ReceivedMessage {
            request: request.number,
            at_ms: now_ms(),
            host: request.host.clone(),
            target: request.target.clone(),
            kind,
            payload: message.into_data().to_vec(),
        });
        if kind == MessageKind::Text && socket.send(Message::text("ok")).await.is_err() {
            return;
        }
    }
}
