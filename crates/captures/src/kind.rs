use std::io::{BufRead, Read as _, SeekFrom};

use pixelwitness_recording::CaptureKind;

use crate::case::Source;
use crate::{crawl, database, saz, unpack, urls, wacz, zipped};

/// The kinds of capture in words, for whoever brought something else.
pub const KINDS: &str = "HAR 1.2 (also in a ZIP file, as Playwright packs it), a NetLog (chrome://net-export), WARC or WACZ, a DevTools protocol log (JSON or JSON Lines), \
                         OpenWPM's database or its table http_requests, tracker-radar-collector's and Blacklight's JSON, a Fiddler archive (SAZ), or a list of addresses (one a \
                         line, or CSV with a column url)";

/// Bytes that are looked at.
const LOOKED_AT: u64 = 64 << 10;

/// Says what a file is by its content; its name counts for nothing. Afterwards the source stands at its beginning again.
pub fn recognise(source: &mut dyn Source) -> Option<CaptureKind> {
    let kind = look(source);
    source.seek(SeekFrom::Start(0)).ok()?;
    kind
}

fn look(source: &mut dyn Source) -> Option<CaptureKind> {
    if source.fill_buf().ok()?.starts_with(zipped::BEGINS) {
        if let Some(kind) = wacz::kind(source) {
            return Some(kind);
        }
        source.seek(SeekFrom::Start(0)).ok()?;
        if saz::is_one(source) {
            return Some(CaptureKind::Saz);
        }
        source.seek(SeekFrom::Start(0)).ok()?;
        return zipped::holds_har(source).then_some(CaptureKind::Har);
    }
    of_head(&head(source))
}

/// The beginning of a file that may be compressed. What is cut off or damaged further on still has one.
pub(crate) fn head(source: impl BufRead) -> Vec<u8> {
    let mut head = Vec::new();
    let _ = unpack::unpacked(source).take(LOOKED_AT).read_to_end(&mut head);
    head
}

/// What begins so.
pub(crate) fn of_head(head: &[u8]) -> Option<CaptureKind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"WARC/") {
        return Some(CaptureKind::Warc);
    }
    if head.starts_with(database::BEGINS) {
        // Its tables are named at its beginning.
        return memchr::memmem::find(head, b"http_requests").map(|_| CaptureKind::Table);
    }
    let text = String::from_utf8_lossy(head);
    let folded: String = text.chars().take(4096).filter(|character| !character.is_whitespace()).collect();
    match folded.as_bytes() {
        [b'{', ..] if folded.starts_with("{\"constants\":") => Some(CaptureKind::Netlog),
        [b'{', ..] if folded.starts_with("{\"log\":{") => Some(CaptureKind::Har),
        [b'{', ..] if crawl::is_one(&folded) => Some(CaptureKind::Crawl),
        [b'{' | b'[', ..] => is_protocol(&folded).then_some(CaptureKind::Devtools),
        _ if text.lines().take(50).any(|line| line.contains("RECV {\"")) => Some(CaptureKind::Devtools),
        _ => urls::kind(&text),
    }
}

/// An object a line or an array of objects, in which events have a domain and a name: `"method":"Network.requestWillBeSent"`.
fn is_protocol(folded: &str) -> bool {
    let is_ours = folded.starts_with("{\"seq\":") && folded.contains("\"prev\":");
    let names = ["\"method\":\"", "\\\"method\\\":\\\""];
    let is_event = |at: usize, name: &str| {
        let rest = &folded[at + name.len()..];
        let word = rest.split(['"', '\\']).next().unwrap_or_default();
        word.split_once('.').is_some_and(|(domain, event)| {
            domain.starts_with(|first: char| first.is_ascii_uppercase()) && event.starts_with(|first: char| first.is_ascii_lowercase())
        })
    };
    is_ours || names.iter().any(|name| folded.match_indices(name).any(|(at, name)| is_event(at, name)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_capture_is_known_by_its_content() {
        for (content, kind) in [
            ("\u{feff}{ \"log\" : { \"version\": \"1.2\"", Some(CaptureKind::Har)),
            ("{\"constants\":{\"logEventTypes\"", Some(CaptureKind::Netlog)),
            ("WARC/1.0\r\nWARC-Type: warcinfo", Some(CaptureKind::Warc)),
            ("{\"seq\":0,\"at_ms\":1,\"prev\":\"00\",\"note\":", Some(CaptureKind::Devtools)),
            ("{\"method\":\"Page.frameNavigated\",\"params\":{}}", Some(CaptureKind::Devtools)),
            (
                "[\n{\"level\": \"INFO\", \"message\": \"{\\\"message\\\":{\\\"method\\\":\\\"Network.dataReceived\\\"",
                Some(CaptureKind::Devtools),
            ),
            ("pw:protocol \u{25c0} RECV {\"method\":\"Page.x\"}", Some(CaptureKind::Devtools)),
            ("# seen on Tuesday\n\nhttps://clinic.example/\n", Some(CaptureKind::Urls)),
            ("time,url\n1,https://clinic.example/\n", Some(CaptureKind::Urls)),
            ("id,url,method,headers,post_body\n1,https://clinic.example/,GET,[],\n", Some(CaptureKind::Table)),
            ("{ \"initialUrl\": \"https://a.example/\", \"finalUrl\": \"https://a.example/\", \"data\": {}}", Some(CaptureKind::Crawl)),
            (
                "{\"message\":{\"type\":\"TrackingRequest\",\"url\":\"https://t.example/\",\"stack\":[]},\"level\":\"warn\"}",
                Some(CaptureKind::Crawl),
            ),
            ("{\n  \"title\": \"Blacklight Inspection\",\n  \"uri_ins\": \"https://a.example\"}", Some(CaptureKind::Crawl)),
            ("SQLite format 3\u{0} CREATE TABLE http_requests", Some(CaptureKind::Table)),
            ("SQLite format 3\u{0} CREATE TABLE moz_places", None),
            ("{\"method\":\"GET\",\"url\":\"https://clinic.example/\"}", None),
            ("{\"name\":\"a package\"}", None),
            ("Dear Sir or Madam,\nhttps is a protocol", None),
            ("", None),
            ("\u{0}\u{1}", None),
        ] {
            assert_eq!(recognise(&mut Cursor::new(content.as_bytes().to_vec())), kind, "{content}");
        }
    }
}
