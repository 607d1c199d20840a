mod deflated;
mod http1;
mod http2;
mod websocket;

use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use crate::authority::TlsConfigs;
use crate::received::Open;
use crate::transports;

/// The first byte of a TLS connection: a record that holds a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Hosts that do not offer HTTP/2, so that a browser speaks both protocols here: one vendor, one site.
const HTTP1_ONLY: &[&str] = &["analytics.tiktok.com", "www.fennick-pharmacy.example"];

/// Over what a request comes.
struct Peer {
    open: Open,
    tls: bool,
    sni: Option<String>,
}

/// Serves one connection to its end. What goes wrong with it concerns its client alone, which sees it.
pub(crate) async fn serve(stream: TcpStream, tls: TlsConfigs, open: Open) {
    let mut first = [0];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    // Answers are small, and a test waits for each.
    let _ = stream.set_nodelay(true);
    if first != [TLS_HANDSHAKE] {
        http1::serve(stream, &Peer { open, tls: false, sni: None }).await;
        return;
    }
    let Ok(start) = LazyConfigAcceptor::new(Acceptor::default(), stream).await else { return };
    let hello = start.client_hello();
    let is_one_of = |hosts: &[&str]| hello.server_name().is_some_and(|host| hosts.contains(&host));
    if is_one_of(transports::CLEARTEXT_ONLY) {
        return;
    }
    let is_http1_only = is_one_of(HTTP1_ONLY) || is_one_of(transports::HTTP1_ONLY);
    let config = if is_http1_only { tls.http1_only } else { tls.both };
    let Ok(stream) = start.into_stream(config).await else { return };
    let session = stream.get_ref().1;
    let peer = Peer { open, tls: true, sni: session.server_name().map(str::to_owned) };
    if session.alpn_protocol() == Some(b"h2") {
        http2::serve(stream, peer).await;
    } else {
        http1::serve(stream, &peer).await;
    }
}
