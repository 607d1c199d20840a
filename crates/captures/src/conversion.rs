//! Files that hold requests and are not read, and how to make of each one that is.

use crate::case::Source;
use crate::{database, kind};

/// What a file is, and the commands that make a capture of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// What it is, as the end of a sentence: `a packet capture`.
    pub what: &'static str,
    /// What to do, with `FILE` where its path goes.
    pub help: &'static str,
}

const MITMPROXY: Conversion = Conversion {
    what: "a file of mitmproxy's flows",
    help: "mitmproxy itself makes a HAR of it: mitmdump -nr FILE --set hardump=FILE.har (mitmproxy 10.1 or later), then read FILE.har",
};
const PARQUET: Conversion = Conversion {
    what: "a Parquet file",
    help: "make a CSV file of it, and read that: duckdb -c \"COPY (FROM 'FILE') TO 'FILE.csv' (HEADER)\"; of OpenWPM's crawls the table http_requests",
};
const PACKETS: Conversion = Conversion {
    what: "a packet capture, which holds what was sent encrypted",
    help: "with the keys that the browser wrote (SSLKEYLOGFILE), make a HAR of it: editcap --inject-secrets tls,KEYS FILE FILE.pcapng && pcapng_to_har -i FILE.pcapng -o FILE.har \
           (Wireshark, and pip install pcapng-utils), then read FILE.har",
};
const CHARLES: Conversion = Conversion {
    what: "a session of Charles",
    help: "open it in Charles, choose File, Export Session, HTTP Archive (.har), and read that",
};
const PROXYMAN: Conversion =
    Conversion { what: "a session of Proxyman", help: "open it in Proxyman, choose File, Export, HAR, and read that" };
const BURP: Conversion = Conversion {
    what: "a file of Burp Suite's items",
    help: "it cannot be converted as a whole: record the visit again with mitmproxy, or copy single requests as text into pixelwitness explain",
};
const DATABASE: Conversion = Conversion {
    what: "an SQLite database without OpenWPM's table http_requests",
    help: "of a table with a request a row make a CSV file with a column url, and read that: sqlite3 -header -csv FILE 'SELECT * FROM TABLE' > FILE.csv",
};
const RESPONSE_HAR: Conversion = Conversion {
    what: "entries of a HAR without the HAR around them",
    help: "put them into one, and read that: jq '{log: {version: \"1.2\", entries: .}}' FILE > FILE.har",
};

/// What a file is that is none of the captures that are read, where it is known. Afterwards the source stands at its beginning again.
pub fn conversion(source: &mut dyn Source) -> Option<Conversion> {
    let raw: Vec<u8> = source.fill_buf().ok()?.iter().take(16).copied().collect();
    let head = kind::head(&mut *source);
    source.seek(std::io::SeekFrom::Start(0)).ok()?;
    of_head(&raw, &head)
}

fn of_head(raw: &[u8], head: &[u8]) -> Option<Conversion> {
    const PCAP: &[&[u8]] = &[b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a"];
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    let starts_in_digits = head.iter().position(|byte| !byte.is_ascii_digit()).is_some_and(|at| at > 0 && head[at] == b':');
    let folded: String = String::from_utf8_lossy(head).chars().take(4096).filter(|character| !character.is_whitespace()).collect();
    match () {
        () if raw.starts_with(b"PAR1") => Some(PARQUET),
        () if PCAP.iter().any(|magic| head.starts_with(magic)) => Some(PACKETS),
        () if head.starts_with(database::BEGINS) => Some(DATABASE),
        () if starts_in_digits && (has("4:http;") || has(":request;") || has(":client_conn;")) => Some(MITMPROXY),
        () if raw.starts_with(b"PK") && (has("-meta.json")) => Some(CHARLES),
        () if head.starts_with(b"\xac\xed") && has("charles") || has("<charles-session") => Some(CHARLES),
        () if folded.starts_with("[{\"status\":\"") && folded.contains("\"protocolVersion\":") => Some(CHARLES),
        () if has("proxyman") => Some(PROXYMAN),
        () if has("burpVersion=") => Some(BURP),
        () if folded.starts_with("[{") && folded.contains("\"request\":{") && folded.contains("\"url\":") => Some(RESPONSE_HAR),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_converted_is_known_by_its_content() {
        for (content, what) in [
            (b"5:1:x;2000:9:websocket;0:~8:response;1200:6:reason;2:OK,".as_slice(), None),
            (b"1911:9:websocket;0:~8:response;0:~7:request;342:4:path;1:/,", Some(MITMPROXY)),
            (b"PAR1\x15\x04\x15", Some(PARQUET)),
            (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", Some(PACKETS)),
            (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", Some(PACKETS)),
            (b"\xac\xed\0\x05sr\0\x1ccom.xk72.charles.model.Session", Some(CHARLES)),
            (b"<?xml version='1.0'?><charles-session>", Some(CHARLES)),
            (b"[{\"status\": \"COMPLETE\", \"method\": \"GET\", \"protocolVersion\": \"HTTP/1.1\"}]", Some(CHARLES)),
            (b"<?xml version=\"1.0\"?><items burpVersion=\"2024.1\">", Some(BURP)),
            (b"SQLite format 3\0 CREATE TABLE moz_places", Some(DATABASE)),
            (b"[{\"request\": {\"method\": \"GET\", \"url\": \"https://a.example/\"}}]", Some(RESPONSE_HAR)),
            (b"Dear Sir or Madam,", None),
            (b"", None),
        ] {
            assert_eq!(of_head(content, content), what, "{:?}", String::from_utf8_lossy(content));
        }
    }
}
