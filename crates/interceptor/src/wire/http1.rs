use crate::wire::carrier::{Carrier, Moment};

/// A head longer than this is none.
const LONGEST_HEAD: usize = 1 << 20;

/// Reads the requests that were written to one connection, one after the other, from pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct Http1 {
    state: State,
    /// The requests in the order they were written.
    pub(crate) requests: Vec<Http1Request>,
    /// Bytes that are no HTTP/1 request.
    pub(crate) unread: usize,
}

/// One request of a connection.
#[derive(Debug, Default)]
pub(crate) struct Http1Request {
    /// Method and target as written: `POST /collect?v=2`.
    pub(crate) line: String,
    /// The `Host` header.
    pub(crate) host: String,
    /// What it carried.
    pub(crate) carrier: Carrier,
}

#[derive(Debug)]
enum State {
    /// Between requests or in a head that is not whole yet.
    Head(Vec<u8>),
    /// This many bytes of the body are to come.
    Body(u64),
    /// In the line that says how long the next chunk is.
    ChunkSize(Vec<u8>),
    /// This many bytes of the chunk are to come, its line end included.
    Chunk(u64),
    /// In the lines after the last chunk.
    Trailer(Vec<u8>),
    /// The browser asked to go on in another protocol; the next two bytes tell whether the server agreed.
    Asked(Vec<u8>),
    /// Another protocol took over.
    Upgraded,
    /// The bytes are no HTTP/1.
    Lost,
}

impl Default for State {
    fn default() -> Self {
        Self::Head(Vec::new())
    }
}

impl Http1 {
    pub(crate) fn feed(&mut self, mut bytes: &[u8], at: Moment) {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Head(_) => self.head(bytes, at),
                State::Body(_) => self.body(bytes, at),
                State::ChunkSize(_) => self.chunk_size(bytes),
                State::Chunk(_) => self.chunk(bytes, at),
                State::Trailer(_) => self.trailer(bytes),
                State::Asked(_) => self.asked(bytes, at),
                State::Upgraded => self.rest(bytes, at),
                State::Lost => {
                    self.unread += bytes.len();
                    bytes.len()
                }
            };
            bytes = &bytes[taken.min(bytes.len())..];
        }
    }

    /// Bytes of a head that never ended.
    pub(crate) fn pending(&self) -> usize {
        match &self.state {
            State::Head(head) => head.len(),
            _ => 0,
        }
    }

    fn head(&mut self, bytes: &[u8], at: Moment) -> usize {
        let State::Head(head) = &mut self.state else { return 0 };
        if head.is_empty() {
            self.requests.push(Http1Request { carrier: Carrier::starting_at(at), ..Http1Request::default() });
        }
        let (taken, whole) = take_until(head, bytes, b"\r\n\r\n");
        // A head is one or is none, in however many pieces it comes.
        if head.len() > LONGEST_HEAD || !could_be_a_method(head) {
            self.lose();
        } else if whole {
            let head = std::mem::take(head);
            self.begin(&head);
        }
        taken
    }

    fn begin(&mut self, head: &[u8]) {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let Some(line) = lines.next().and_then(request_line) else {
            self.state = State::Head(head.to_vec());
            self.lose();
            return;
        };
        let header = |name: &str| {
            text.split("\r\n").skip(1).find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        let chunked = header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        let upgrade = header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
        let line = line.to_owned();
        let host = header("host").unwrap_or_default();
        let Some(request) = self.requests.last_mut() else { return };
        (request.line, request.host) = (line, host);
        self.state = match (upgrade, chunked, length) {
            (true, ..) => State::Asked(Vec::new()),
            (_, true, _) => State::ChunkSize(Vec::new()),
            (_, _, 0) => State::Head(Vec::new()),
            _ => State::Body(length),
        };
        request.carrier.complete = upgrade || (!chunked && length == 0);
    }

    fn body(&mut self, bytes: &[u8], at: Moment) -> usize {
        let State::Body(left) = &mut self.state else { return 0 };
        let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        *left -= taken as u64;
        let ended = *left == 0;
        self.append(&bytes[..taken], at);
        if ended {
            self.end();
        }
        taken
    }

    fn chunk_size(&mut self, bytes: &[u8]) -> usize {
        let State::ChunkSize(line) = &mut self.state else { return 0 };
        let (taken, whole) = take_until(line, bytes, b"\r\n");
        if line.len() > LONGEST_HEAD {
            self.lose();
        } else if whole {
            let digits = line.split(|byte| matches!(byte, b';' | b'\r' | b' ')).next().unwrap_or_default();
            let size = std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 16).ok());
            match size {
                Some(0) => self.state = State::Trailer(Vec::new()),
                Some(size) if size < u64::MAX - 2 => self.state = State::Chunk(size + 2),
                _ => self.lose(),
            }
        }
        taken
    }

    fn chunk(&mut self, bytes: &[u8], at: Moment) -> usize {
        let State::Chunk(left) = &mut self.state else { return 0 };
        let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        let data = taken.min(usize::try_from(left.saturating_sub(2)).unwrap_or(usize::MAX));
        *left -= taken as u64;
        if *left == 0 {
            self.state = State::ChunkSize(Vec::new());
        }
        self.append(&bytes[..data], at);
        taken
    }

    fn trailer(&mut self, bytes: &[u8]) -> usize {
        let State::Trailer(line) = &mut self.state else { return 0 };
        let (taken, whole) = take_until(line, bytes, b"\r\n");
        if line.len() > LONGEST_HEAD {
            self.lose();
        } else if whole && line.len() == 2 {
            self.end();
        } else if whole {
            line.clear();
        }
        taken
    }

    /// A WebSocket frame of a browser has its mask bit set in the second byte; no HTTP method has such a letter.
    fn asked(&mut self, bytes: &[u8], at: Moment) -> usize {
        let State::Asked(seen) = &mut self.state else { return 0 };
        seen.push(bytes[0]);
        if seen.len() < 2 {
            return 1;
        }
        let seen = std::mem::take(seen);
        if seen[1] & 0x80 != 0 {
            self.state = State::Upgraded;
            self.append(&seen, at);
        } else {
            self.state = State::default();
            self.feed(&seen, at);
        }
        1
    }

    fn rest(&mut self, bytes: &[u8], at: Moment) -> usize {
        self.append(bytes, at);
        bytes.len()
    }

    fn append(&mut self, bytes: &[u8], at: Moment) {
        if let Some(request) = self.requests.last_mut() {
            request.carrier.append(bytes, at);
        }
    }

    fn end(&mut self) {
        if let Some(request) = self.requests.last_mut() {
            request.carrier.complete = true;
        }
        self.state = State::default();
    }

    fn lose(&mut self) {
        if let State::Head(head) = &self.state {
            self.unread += head.len();
            self.requests.pop();
        }
        self.state = State::Lost;
    }
}

/// Moves bytes over until the collected ones end as asked. Returns how many, and whether they do.
fn take_until(collected: &mut Vec<u8>, bytes: &[u8], end: &[u8]) -> (usize, bool) {
    // The end may have begun in the piece before.
    let begun = collected.len().min(end.len() - 1);
    let joint = [&collected[collected.len() - begun..], &bytes[..bytes.len().min(end.len() - 1)]].concat();
    let found = match memchr::memmem::find(&joint, end) {
        Some(at) => Some(at + end.len() - begun),
        None => memchr::memmem::find(bytes, end).map(|at| at + end.len()),
    };
    let taken = found.unwrap_or(bytes.len());
    collected.extend_from_slice(&bytes[..taken]);
    (taken, found.is_some())
}

fn could_be_a_method(head: &[u8]) -> bool {
    head.iter().take(16).take_while(|&&byte| byte != b' ').all(|byte| byte.is_ascii_graphic())
}

/// Method and target of `POST /collect HTTP/1.1`.
fn request_line(line: &str) -> Option<&str> {
    let (request, version) = line.rsplit_once(' ')?;
    (version.starts_with("HTTP/1.") && request.contains(' ')).then_some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String, bool)> {
        let mut reader = Http1::default();
        for (index, piece) in pieces.iter().enumerate() {
            reader.feed(piece, Moment { line: index as u64 + 1, tick: 0 });
        }
        let shown =
            |request: Http1Request| (request.line, String::from_utf8_lossy(&request.carrier.body).into_owned(), request.carrier.complete);
        reader.requests.into_iter().map(shown).collect()
    }

    const PIPELINE: &[u8] = b"POST /a HTTP/1.1\r\nHost: t.example\r\nContent-Length: 3\r\n\r\nabc\
        GET /b HTTP/1.1\r\nHost: t.example\r\n\r\n\
        POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nwxyz\r\n2\r\n\r\n\r\n0\r\nA: b\r\n\r\n\
        GET /d HTTP/1.1\r\n\r\n";

    #[test]
    fn requests_of_one_connection_come_out_in_order_however_they_are_cut() {
        let whole = read(&[PIPELINE]);
        let expected = [("POST /a", "abc"), ("GET /b", ""), ("POST /c", "wxyz\r\n"), ("GET /d", "")];
        assert_eq!(whole, expected.map(|(line, body)| (line.to_owned(), body.to_owned(), true)));
        for cut in 0..PIPELINE.len() {
            assert_eq!(read(&[&PIPELINE[..cut], &PIPELINE[cut..]]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = PIPELINE.chunks(1).collect();
        assert_eq!(read(&bytes), whole);
    }

    #[test]
    fn what_is_cut_off_or_mangled_never_panics_and_is_never_called_complete() {
        for end in 0..PIPELINE.len() {
            let seen = read(&[&PIPELINE[..end]]);
            assert!(seen.iter().filter(|(.., complete)| *complete).count() <= 4);
            assert!(seen.iter().all(|(line, body, complete)| !complete || line != "POST /a" || body == "abc"), "{end}");
        }
        for at in 0..PIPELINE.len() {
            for bit in 0..8 {
                let mut mangled = PIPELINE.to_vec();
                mangled[at] ^= 1 << bit;
                read(&[&mangled]);
            }
        }
    }

    #[test]
    fn what_is_no_http_is_counted() {
        for (bytes, unread, requests) in [
            (&b"\x16\x03\x01\x00\x05hello"[..], 10, 0),
            (b"GET /x HTTP/2.0\r\n\r\nmore", 23, 0),
            (b"P\x0fST /x HTTP/1.1\r\n\r\n", 20, 0),
            (b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nmore", 4, 1),
        ] {
            for cut in 0..bytes.len() {
                let mut reader = Http1::default();
                reader.feed(&bytes[..cut], Moment::default());
                reader.feed(&bytes[cut..], Moment::default());
                let read = (reader.unread + reader.pending(), reader.requests.len());
                assert_eq!(read, (unread, requests), "{} cut at {cut}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn an_upgrade_is_one_only_when_frames_follow() {
        let ask = "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
        let agreed = [ask.as_bytes(), b"\x81", b"\x82\0\0\0\0hi"];
        assert_eq!(read(&agreed).len(), 1);
        let refused = [ask.as_bytes(), b"G", b"ET /next HTTP/1.1\r\n\r\n"];
        assert_eq!(read(&refused).last().unwrap().0, "GET /next");
    }
}
