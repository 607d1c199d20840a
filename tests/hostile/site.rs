//! The server of `test-sites/hostile`: its pages, and answers that no page can give.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use crate::support::processes::kill_under;
use crate::support::repository;
use crate::support::server::{Server, html, redirect};

/// Serves all hosts of a run. `cut` is what a page may ask for, too.
pub(super) fn start(cut: impl Fn() + Send + Sync + 'static) -> Server {
    Server::start_with(move |path, stream, address| match path {
        "/kill-renderer" => {
            kill_under(&format!("*={address}"), "renderer");
            Ok(())
        }
        "/kill-gpu" => {
            kill_under(&format!("*={address}"), "gpu-process");
            stream.write_all(html("killed").as_bytes())
        }
        "/cut" => {
            cut();
            Ok(())
        }
        path => answer(path, stream),
    })
}

fn answer(path: &str, stream: &mut &TcpStream) -> io::Result<()> {
    if let Some(name) = path.strip_prefix("/after-") {
        return stream.write_all(page(&format!("after-{name}"), "").as_bytes());
    }
    match path {
        "/closes" => Ok(()),
        "/resets" => reset(stream),
        "/never-answers" => {
            sleep(Duration::from_secs(120));
            Ok(())
        }
        "/speaks-nonsense" => stream.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n\0\0\0"),
        "/sends-half-a-head" => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        "/redirects-to-itself" => stream.write_all(redirect("/redirects-to-itself").as_bytes()),
        "/downloads" | "/file" => {
            head(stream, "200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 4")?;
            stream.write_all(b"file")
        }
        "/html-without-end" => {
            head(stream, "200 OK\r\nContent-Type: text/html")?;
            stream.write_all(page_start("html-without-end").as_bytes())?;
            without_end(stream, &b"<p>and so on".repeat(20), Duration::from_millis(20))
        }
        "/a-byte-a-second" => {
            head(stream, "200 OK\r\nContent-Type: text/html")?;
            stream.write_all(page_start("a-byte-a-second").as_bytes())?;
            without_end(stream, b"x", Duration::from_secs(1))
        }
        "/endless" => {
            head(stream, "200 OK\r\nContent-Type: application/octet-stream")?;
            without_end(stream, &vec![b'x'; 1 << 16], Duration::ZERO)
        }
        "/large" => {
            head(stream, &format!("200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}", 100 << 20))?;
            (0..100).try_for_each(|_| stream.write_all(&vec![b'x'; 1 << 20]))
        }
        "/wrong-type" => {
            head(stream, "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nX-Odd: \x01\x02\u{7f}\r\nContent-Length: 9")?;
            stream.write_all(b"not gzip!")
        }
        "/odd-header" => {
            head(stream, "200 \x01\x02\r\nX-Odd: \x01\x1b[31m\x7f\r\nSet-Cookie: odd=\x02\x03\r\nContent-Length: 2")?;
            stream.write_all(b"ok")
        }
        "/challenge" => {
            head(stream, "403 Forbidden\r\nContent-Type: text/html\r\nServer: cloudflare\r\nCF-Mitigated: challenge")?;
            stream.write_all(page_start("challenge").as_bytes())
        }
        path => file(path, stream),
    }
}

/// A page or script of `test-sites/hostile`.
fn file(path: &str, stream: &mut &TcpStream) -> io::Result<()> {
    let name = path.trim_start_matches('/');
    let folder = repository().join("test-sites/hostile");
    if let Ok(script) = std::fs::read_to_string(folder.join(name)) {
        head(stream, &format!("200 OK\r\nContent-Type: text/javascript\r\nContent-Length: {}", script.len()))?;
        return stream.write_all(script.as_bytes());
    }
    match std::fs::read_to_string(folder.join(format!("{name}.html"))) {
        Ok(source) => stream.write_all(page(name, &source).as_bytes()),
        Err(_) => head(stream, "404 Not Found\r\nContent-Length: 0"),
    }
}

/// A page that first tells of itself: what was sent before the trouble has to be in the recording.
fn page(name: &str, source: &str) -> String {
    html(&format!("{}{source}", page_start(name)))
}

fn page_start(name: &str) -> String {
    format!("<!doctype html><html lang=\"en\"><title>{name}</title><script>navigator.sendBeacon('/beacon-{name}', 'told');</script>")
}

/// Has the connection end with a reset.
fn reset(stream: &TcpStream) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    let same = stream.try_clone()?;
    same.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(same)?.set_zero_linger()
}

fn head(stream: &mut &TcpStream, lines: &str) -> io::Result<()> {
    stream.write_all(format!("HTTP/1.1 {lines}\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Until the browser hangs up.
fn without_end(stream: &mut &TcpStream, piece: &[u8], pause: Duration) -> io::Result<()> {
    loop {
        stream.write_all(piece)?;
        sleep(pause);
    }
}
