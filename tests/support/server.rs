//! A server of one purpose: a function answers every request, as well or as badly as a test wants, and the paths are noted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves on a free port of loopback until the test's process ends. The function makes a whole HTTP/1.1 answer of a path.
    pub(crate) fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start_raw(move |path, stream| stream.write_all(answer(path).as_bytes()))
    }

    /// The same with a function that writes to the connection itself. An error ends the connection, and so does its return.
    pub(crate) fn start_raw(answer: impl Fn(&str, &mut &TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self::start_with(move |path, stream, _| answer(path, stream))
    }

    /// The same with a function that is told where the server is.
    pub(crate) fn start_with(answer: impl Fn(&str, &mut &TcpStream, SocketAddr) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer)
    }

    /// The same at an address of one's own.
    pub(crate) fn start_at(
        at: &str,
        answer: impl Fn(&str, &mut &TcpStream, SocketAddr) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(at).unwrap();
        let address = listener.local_addr().unwrap();
        let answer = move |path: &str, stream: &mut &TcpStream| answer(path, stream, address);
        let (answer, asked) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                std::thread::spawn(move || serve(&stream, &*answer, &noted));
            }
        });
        Self { address, asked }
    }

    /// The rule that leads a host name here.
    pub(crate) fn rule(&self, host: &str) -> String {
        format!("{host}={}", self.address)
    }

    /// Paths asked for so far, without their queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A page, as a whole answer.
pub(crate) fn html(page: &str) -> String {
    let length = page.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}")
}

/// A redirect, as a whole answer.
pub(crate) fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// The first byte of a TLS connection.
const TLS_HANDSHAKE: u8 = 22;

type Answer = dyn Fn(&str, &mut &TcpStream) -> std::io::Result<()>;

fn serve(mut stream: &TcpStream, answer: &Answer, asked: &Mutex<Vec<String>>) {
    let mut first = [0];
    // Whoever greets in TLS is hung up on at once.
    if stream.peek(&mut first).is_err() || first == [TLS_HANDSHAKE] {
        return;
    }
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let Some(first) = lines.next() else { return };
    lines.for_each(drop);
    let path = first.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    asked.lock().unwrap().push(path.to_owned());
    // The browser may hang up first.
    let _ = answer(path, &mut stream);
}
