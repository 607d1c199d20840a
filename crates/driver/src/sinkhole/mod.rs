//! The server that answers in place of recipients who must not be contacted.
//!
//! It drains what it is sent, answers something empty and keeps nothing: what was sent is in the browser's own logs.

mod answer;
mod rules;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use answer::{Body, answer};
pub(crate) use rules::rules;

/// The first byte of a TLS connection: a record that holds a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// A head longer than this is refused, as servers do. Cookies and addresses of trackers are far below.
const LONGEST_HEAD: u32 = 4 << 20;
const MOST_HEADERS: usize = 1000;

/// A WebSocket message longer than this ends its connection: it is held while it comes in.
const LONGEST_MESSAGE: usize = 256 << 20;

/// The running server. It ends, with every connection, when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// SHA-256 of its throw-away public key in base64, for the browser to trust.
    pub(crate) key_pin: String,
    task: JoinHandle<()>,
}

impl Server {
    /// Makes a key that is never stored, takes a free port of loopback and serves.
    pub(crate) async fn start() -> io::Result<Self> {
        let (tls, key_pin) = identity()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, key_pin, task: tokio::spawn(accept(listener, tls)) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One certificate for all names: the browser trusts its key and does not compare names.
fn identity() -> io::Result<(TlsAcceptor, String)> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::new(vec!["sinkhole.invalid".to_owned()]).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "pixelwitness sinkhole: not the recipient");
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let pin = STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
    Ok((TlsAcceptor::from(Arc::new(config)), pin))
}

async fn accept(listener: TcpListener, tls: TlsAcceptor) {
    // Dropped with this future, the set ends the connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, tls.clone()))),
                // Out of file descriptors, or a client that left at once: both pass.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection to its end. What goes wrong with it concerns the browser alone, which sees it and logs it.
async fn connection(stream: TcpStream, tls: TlsAcceptor) {
    // Names are mapped whatever the port, so TLS and cleartext come to one.
    let mut first = [0];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    let _ = stream.set_nodelay(true);
    if first != [TLS_HANDSHAKE] {
        serve(stream).await;
    } else if let Ok(stream) = tls.accept(stream).await {
        serve(stream).await;
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().max_headers(MOST_HEADERS).max_buf_size(LONGEST_HEAD as usize).header_read_timeout(None);
    builder.http2().max_header_list_size(LONGEST_HEAD).max_concurrent_streams(None);
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service_fn(exchange)).await;
}

async fn exchange(mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let answer = answer(request.method(), request.uri(), request.headers());
    if answer.status() == hyper::StatusCode::SWITCHING_PROTOCOLS {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrade.await {
                drain_messages(TokioIo::new(upgraded)).await;
            }
        });
        return Ok(answer);
    }
    // A body is read to its end before the answer, or the browser would stop sending it.
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    Ok(answer)
}

/// Takes every message of a WebSocket, answers pings and the end, and says nothing.
async fn drain_messages(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let limits = WebSocketConfig::default().max_message_size(Some(LONGEST_MESSAGE)).max_frame_size(Some(LONGEST_MESSAGE));
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
    while let Some(Ok(_)) = socket.next().await {}
}
