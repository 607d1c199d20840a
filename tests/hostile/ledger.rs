//! A server that keeps its connections and writes down every request whole, so that there may be very many.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

pub(super) struct Ledger {
    pub(super) address: SocketAddr,
    entries: Arc<Mutex<Vec<Entry>>>,
}

/// A request as it was received.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) url: String,
    pub(super) body: Vec<u8>,
}

impl Ledger {
    /// Serves on a free port of loopback until the test's process ends.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let entries = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&entries);
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                spawn(move || {
                    // The browser hangs up when it likes.
                    let _ = serve(&stream, &noted);
                });
            }
        });
        Self { address, entries }
    }

    /// The rule that leads a host name here.
    pub(super) fn rule(&self, host: &str) -> String {
        format!("{host}={}", self.address)
    }

    /// What was received so far, in the order of the addresses.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries = self.entries.lock().unwrap().clone();
        entries.sort();
        entries
    }
}

/// Also to a browser that first asks whether a page of another origin may send this.
const ANSWER: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\nContent-Length: 0\r\n\r\n";

fn serve(mut stream: &TcpStream, noted: &Mutex<Vec<Entry>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(entry) = read(&mut reader)? {
        // Before it is answered: what the page knows to have arrived is in the ledger.
        noted.lock().unwrap().push(entry);
        stream.write_all(ANSWER.as_bytes())?;
    }
    Ok(())
}

/// The next request of a connection.
fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Entry>> {
    let (mut path, mut host, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            _ if path.is_empty() => path = line.split(' ').nth(1).unwrap_or_default().to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("host") => host = value.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Entry { url: format!("http://{host}{path}"), body }))
}
