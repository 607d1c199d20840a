//! A request or an answer as text: a line, headers, an empty line, a body.

use pixelwitness_recording::Header;

use crate::part::header;

/// A request as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestText {
    pub(crate) method: String,
    /// Path and query, or a whole address.
    pub(crate) target: String,
    pub(crate) version: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Vec<u8>,
}

/// Reads a request. Line ends may be of either sort; the version may be missing.
pub(crate) fn request(bytes: &[u8]) -> Option<RequestText> {
    let (head, body) = split(bytes);
    let mut lines = lines(head);
    let first = lines.next()?;
    let mut words = first.split(' ').filter(|word| !word.is_empty());
    let (method, target) = (words.next()?, words.next()?);
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') {
        return None;
    }
    let version = words.next().unwrap_or_default().to_owned();
    let headers = headers(lines);
    let body = if is_chunked(&headers) { unchunked(body) } else { body.to_vec() };
    Some(RequestText { method: method.to_owned(), target: target.to_owned(), version, headers, body })
}

/// Status, headers and body of an answer.
pub(crate) fn response(bytes: &[u8]) -> Option<(u16, Vec<Header>, &[u8])> {
    let (head, body) = split(bytes);
    let mut lines = lines(head);
    let status = lines.next()?.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, headers(lines), body))
}

/// Head and body. Without an empty line everything is head.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let crlf = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = memchr::memmem::find(bytes, b"\n\n").map(|at| (at, at + 2));
    let first = match (crlf, lf) {
        (Some(crlf), Some(lf)) => Some(if crlf.0 < lf.0 { crlf } else { lf }),
        (crlf, lf) => crlf.or(lf),
    };
    first.map_or((bytes, &[]), |(end, start)| (&bytes[..end], &bytes[start..]))
}

fn lines(head: &[u8]) -> impl Iterator<Item = String> {
    // Bytes that are not UTF-8 are read as Latin-1, as everywhere.
    let text = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|&byte| char::from(byte)).collect(),
    };
    head.split(|byte| *byte == b'\n').map(move |line| text(line.strip_suffix(b"\r").unwrap_or(line))).collect::<Vec<_>>().into_iter()
}

fn headers(lines: impl Iterator<Item = String>) -> Vec<Header> {
    let pair =
        |line: String| line.split_once(':').filter(|(name, _)| !name.is_empty()).map(|(name, value)| header(name.trim(), value.trim()));
    lines.filter_map(pair).collect()
}

pub(crate) fn is_chunked(headers: &[Header]) -> bool {
    let is_it =
        |header: &Header| header.name.eq_ignore_ascii_case("transfer-encoding") && header.value.to_ascii_lowercase().contains("chunked");
    headers.iter().any(is_it)
}

/// A body without the lengths of its chunks; one that is no such body stays as it is.
pub(crate) fn unchunked(body: &[u8]) -> Vec<u8> {
    let mut joined = Vec::new();
    let mut rest = body;
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(rest) {
        let Some(chunk) = usize::try_from(length).ok().and_then(|length| rest.get(start..start.checked_add(length)?)) else { break };
        if chunk.is_empty() {
            return joined;
        }
        joined.extend_from_slice(chunk);
        rest = rest.get(start + chunk.len() + 2..).unwrap_or_default();
    }
    if joined.is_empty() { body.to_vec() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_with_either_line_end_and_with_chunks() {
        for (text, method, target, headers, body) in [
            ("POST /c?x HTTP/1.1\r\nHost: a.example\r\n\r\na=b", "POST", "/c?x", 1, "a=b"),
            ("GET https://a.example/\nAccept: */*\nX:y\n\n", "GET", "https://a.example/", 2, ""),
            ("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n2\r\n&c\r\n0\r\n\r\n", "POST", "/c", 1, "a=b&c"),
            ("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na=b", "POST", "/c", 1, "a=b"),
        ] {
            let read = request(text.as_bytes()).unwrap();
            let seen = (read.method.as_str(), read.target.as_str(), read.headers.len(), String::from_utf8(read.body).unwrap());
            assert_eq!(seen, (method, target, headers, body.to_owned()), "{text}");
        }
        for text in ["", "GET", "\u{0} /", "{\"a\": 1}"] {
            assert_eq!(request(text.as_bytes()), None, "{text}");
        }
    }
}
