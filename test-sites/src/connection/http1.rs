use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Peer, websocket};
use crate::answer::{Answer, answer, delay};
use crate::received::{HeaderLine, Received, Version, now_ms};
use crate::transports;

const LONGEST_HEAD: usize = 256 * 1024;
const MOST_HEADERS: usize = 256;

/// Serves HTTP/1.1, one request after another.
///
/// Written by hand, because the log wants what libraries take away: the capitals and order of the header lines, and the part of
/// a body that arrived before its client went away.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, peer: &Peer) {
    let mut reader = Reader { stream, buffer: Vec::new() };
    while let Some(mut request) = reader.head(peer).await {
        if websocket::is_upgrade(&request) && !transports::refuses_websocket(&request) {
            peer.open.log.add(request.clone());
            let Reader { stream, buffer } = reader;
            websocket::serve(stream, buffer, &request, &peer.open.log).await;
            return;
        }
        request.cut = reader.body(&mut request).await.is_err();
        peer.open.log.add(request.clone());
        let last = request.cut || request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let head_only = request.method == "HEAD";
        tokio::time::sleep(delay(&request)).await;
        if reader.stream.write_all(&encode(&answer(&request), head_only)).await.is_err() || last {
            break;
        }
    }
}

struct Reader<Stream> {
    stream: Stream,
    /// Received and not yet taken.
    buffer: Vec<u8>,
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> Reader<Stream> {
    /// The next request without its body; none once the client has gone or talks something else.
    async fn head(&mut self, peer: &Peer) -> Option<Received> {
        loop {
            if let Some((length, request)) = parse(&self.buffer, peer).ok()? {
                self.buffer.drain(..length);
                return Some(request);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return None;
            }
            self.more().await.ok()?;
        }
    }

    /// Reads the body into the request, as far as it comes.
    async fn body(&mut self, request: &mut Received) -> io::Result<()> {
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return self.chunks(&mut request.body).await;
        }
        let length = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        self.bytes(length, &mut request.body).await
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
            if size == 0 {
                break;
            }
            self.bytes(size, body).await?;
            self.line().await?;
        }
        // Trailers, up to the empty line.
        while !self.line().await?.is_empty() {}
        Ok(())
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..end + 2);
                return Ok(line);
            }
            self.more().await?;
        }
    }

    async fn bytes(&mut self, mut length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let taken = length.min(self.buffer.len());
            body.extend(self.buffer.drain(..taken));
            length -= taken;
            if length == 0 {
                return Ok(());
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The head at the start of the buffer and its length, once it is complete.
fn parse(buffer: &[u8], peer: &Peer) -> Result<Option<(usize, Received)>, httparse::Error> {
    let mut lines = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(length) = parsed.parse(buffer)? else { return Ok(None) };
    let line = |line: &httparse::Header<'_>| HeaderLine { name: line.name.to_owned(), value: line.value.to_vec() };
    let mut request = Received {
        number: peer.open.log.next_request(),
        connection: peer.open.connection,
        at_ms: now_ms(),
        tls: peer.tls,
        version: Version::Http1,
        sni: peer.sni.clone(),
        host: String::new(),
        method: parsed.method.unwrap_or_default().to_owned(),
        target: parsed.path.unwrap_or_default().to_owned(),
        headers: parsed.headers.iter().map(line).collect(),
        body: Vec::new(),
        cut: false,
    };
    request.host = request.header("host").unwrap_or_default();
    Ok(Some((length, request)))
}

fn encode(answer: &Answer, head_only: bool) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if answer.status != http::StatusCode::NO_CONTENT {
        bytes.extend_from_slice(format!("content-length: {}\r\n", answer.body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if !head_only {
        bytes.extend_from_slice(&answer.body);
    }
    bytes
}
