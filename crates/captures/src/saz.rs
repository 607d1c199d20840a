//! Fiddler's archives: a ZIP file with each session's request and answer as they were sent, in files of their own.

use std::io::{BufReader, Read as _};

use pixelwitness_recording::{Body, CaptureKind, GapKind, HeaderSource, HttpVersion, Response, Transmission};
use zip::ZipArchive;

use crate::case::Source;
use crate::http_text;
use crate::pages;
use crate::part::{Part, counted, told};
use crate::time::unix_ms;

/// A request is read so far.
const LARGEST_REQUEST: u64 = 64 << 20;
/// The head of an answer, and what of a page is looked at.
const LARGEST_ANSWER: u64 = 256 << 10;

/// Whether a ZIP file is one.
pub(crate) fn is_one(source: &mut dyn Source) -> bool {
    ZipArchive::new(source).is_ok_and(|zip| zip.file_names().flatten().any(|name| session(&name).is_some()))
}

/// Number of the session whose request is in this file.
fn session(name: &str) -> Option<u64> {
    let number = name.strip_prefix("raw/").or_else(|| name.strip_prefix("raw\\"))?.strip_suffix("_c.txt")?;
    number.parse().ok()
}

/// Reads an archive.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let mut part = Part::new(CaptureKind::Saz);
    part.made_by = "Fiddler".to_owned();
    let Ok(mut zip) = ZipArchive::new(source) else {
        part.stopped("the archive is cut off or damaged: nothing was read of it");
        return part;
    };
    let names: Vec<String> = zip.file_names().flatten().map(|name| name.into_owned()).collect();
    let mut sessions: Vec<(u64, String)> = names.iter().filter_map(|name| Some((session(name)?, name.clone()))).collect();
    sessions.sort();
    let (mut unread, mut sockets, mut locked) = (0, 0, 0);
    for (number, name) in sessions {
        let beside = |end: &str| format!("{}{end}", name.trim_end_matches("_c.txt"));
        let Some(text) = content(&mut zip, &name, LARGEST_REQUEST) else {
            locked += 1;
            continue;
        };
        let Some(read) = http_text::request(&text) else {
            unread += 1;
            continue;
        };
        // A tunnel is opened before what is sent through it, which has sessions of its own.
        if read.method == "CONNECT" {
            continue;
        }
        let host = read.headers.iter().find(|header| header.name.eq_ignore_ascii_case("host")).map(|header| header.value.clone());
        let url = match host {
            _ if read.target.contains("://") => read.target.clone(),
            Some(host) => format!("https://{host}{}", read.target),
            None => {
                unread += 1;
                continue;
            }
        };
        let mut request = told(&read.method, &url, number);
        request.headers = read.headers;
        request.headers_from = HeaderSource::Capture;
        request.http_version = if read.version.starts_with("HTTP/1") { HttpVersion::Http1 } else { HttpVersion::Unknown };
        request.body = Body::from(read.body);
        request.sent_at_ms = content(&mut zip, &beside("_m.xml"), LARGEST_ANSWER).map_or(0, |metadata| began(&metadata));
        let answer = content(&mut zip, &beside("_s.txt"), LARGEST_ANSWER);
        request.response = answer
            .as_deref()
            .and_then(http_text::response)
            .filter(|(status, ..)| *status > 0)
            .map(|(status, headers, _)| Response { status, headers, body: None });
        request.transmission = match request.response {
            Some(_) => Transmission::Sent,
            None => Transmission::Unknown { why: "the archive has no answer to it".to_owned() },
        };
        sockets += usize::from(names.contains(&beside("_w.txt")));
        part.push(request);
    }
    if locked > 0 {
        let why = format!(
            "{} cannot be unpacked: they are damaged, or the archive has a password; save it without one",
            counted(locked, "session", "sessions")
        );
        part.stopped(why);
    }
    if unread > 0 {
        part.say(GapKind::LogDamaged, format!("{} of the archive cannot be read", counted(unread, "session", "sessions")));
    }
    if sockets > 0 {
        let why = format!("what was sent over {} is in the archive and is not read", counted(sockets, "WebSocket", "WebSockets"));
        part.say(GapKind::BodyUnavailable, why);
    }
    pages::infer(&mut part);
    part.sort();
    part
}

fn content(zip: &mut ZipArchive<&mut dyn Source>, name: &str, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    BufReader::new(zip.by_name(name).ok()?).take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// When the client began to send, by the session's metadata.
fn began(metadata: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(metadata);
    let time = text.split_once("ClientBeginRequest=\"").and_then(|(_, rest)| rest.split('"').next());
    time.map_or(0, unix_ms)
}
