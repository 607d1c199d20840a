use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, Read as _};

use pixelwitness_interceptor::Frame;
use pixelwitness_recording::GapKind;
use pixelwitness_recording::raw_log::repair_surrogates;
use serde_json::{Value, json};

use crate::json::{Document, ORDINARY};
use crate::part::{Part, counted};
use crate::utf16::{WITHOUT_CHARACTERS, places_without_characters};

/// A longer line is no frame.
const LONGEST_LINE: u64 = 256 << 20;

/// The frames of a log, whatever they are wrapped in.
///
/// Logs of other tools seldom have `Page` events. Where one lacks them, a frame is made known by the first request in it.
pub(super) struct Frames<R> {
    log: Log<R>,
    number: u64,
    unread: usize,
    first_unread: u64,
    last_unread: u64,
    without_characters: usize,
    ready: VecDeque<Frame>,
    known: HashSet<String>,
    top: Option<String>,
    stopped: Option<String>,
}

enum Log<R> {
    Lines(R),
    /// An array, which is read before the first frame is handed on.
    Array(VecDeque<Vec<u8>>),
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(mut reader: R) -> Self {
        let begins_array = reader.fill_buf().unwrap_or_default().trim_ascii_start().first() == Some(&b'[');
        let mut stopped = None;
        let log = if begins_array {
            let mut items = VecDeque::new();
            let mut document = Document::new(reader);
            let read = document.array(ORDINARY, |bytes| items.push_back(bytes));
            document.goes_on();
            match (read, document.rest()) {
                (Err(cut), _) => {
                    let how = if cut.ended { "ends" } else { "stops making sense" };
                    stopped = Some(format!("the log {how} after {} bytes and {} messages: what follows is not known", cut.at, items.len()));
                }
                (Ok(()), 0) => {}
                (Ok(()), more) => stopped = Some(format!("{more} bytes after the end of the log are none of it and were not read")),
            }
            Log::Array(items)
        } else {
            Log::Lines(reader)
        };
        Self {
            log,
            number: 0,
            unread: 0,
            first_unread: 0,
            last_unread: 0,
            without_characters: 0,
            ready: VecDeque::new(),
            known: HashSet::new(),
            top: None,
            stopped,
        }
    }

    /// Says what in it was no message, and why it was not read to its end, if it was not.
    pub(super) fn say(self, part: &mut Part) {
        // A log that is cut off ends in what is no message.
        let is_cut = self.unread > 0 && self.last_unread == self.number;
        if self.unread > 0 {
            part.whole &= !is_cut;
            let why = format!(
                "{} of the log cannot be read, the first of them number {}",
                counted(self.unread, "message", "messages"),
                self.first_unread
            );
            part.say(GapKind::LogDamaged, why);
        }
        if self.without_characters > 0 {
            part.say(GapKind::LeftOut, format!("{} {WITHOUT_CHARACTERS}", counted(self.without_characters, "place", "places")));
        }
        if let Some(why) = self.stopped {
            part.stopped(why);
        }
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        match &mut self.log {
            Log::Array(items) => items.pop_front(),
            Log::Lines(reader) => {
                let mut line = Vec::new();
                match reader.take(LONGEST_LINE).read_until(b'\n', &mut line) {
                    Ok(1..) => Some(line),
                    Ok(_) => None,
                    Err(error) => {
                        self.stopped = Some(format!("the log cannot be read after its message {}: {error}", self.number));
                        None
                    }
                }
            }
        }
    }

    /// A frame with whatever has to be known before it.
    fn take(&mut self, message: Value, at_ms: u64) {
        let announce = if message["method"] == "Page.frameNavigated" || message["method"] == "Page.frameAttached" {
            let id = message["params"]["frame"]["id"].as_str().or(message["params"]["frameId"].as_str()).unwrap_or_default().to_owned();
            self.top.get_or_insert_with(|| id.clone());
            self.known.insert(id);
            None
        } else if message["method"] == "Network.requestWillBeSent" {
            self.unknown_frame(&message["params"])
        } else {
            None
        };
        for json in announce.into_iter().chain([message]) {
            self.ready.push_back(Frame { number: self.number, at_ms, json: json.to_string() });
        }
    }

    fn unknown_frame(&mut self, params: &Value) -> Option<Value> {
        let id = params["frameId"].as_str().filter(|id| !id.is_empty())?;
        if !self.known.insert(id.to_owned()) {
            return None;
        }
        let url = params["documentURL"].as_str().unwrap_or_default();
        // A frame in the page is filled by the page; a page of its own is opened by somebody.
        let by_the_page = params["initiator"]["type"].as_str().is_some_and(|kind| kind != "other");
        let top = self.top.get_or_insert_with(|| id.to_owned());
        let mut frame = json!({ "id": id, "url": url });
        if top != id && by_the_page {
            frame["parentId"] = json!(top);
        }
        Some(json!({ "method": "Page.frameNavigated", "params": { "frame": frame } }))
    }
}

impl<R: BufRead> Iterator for Frames<R> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            let bytes = self.bytes()?;
            self.number += 1;
            self.without_characters += places_without_characters(&bytes);
            let text = String::from_utf8_lossy(&bytes);
            // Playwright's own log has words before the frame: `pw:protocol ◀ RECV {…}`.
            let text = text.find(['{', '[']).map_or("", |at| text[at..].trim().trim_end_matches(','));
            if text.is_empty() {
                continue;
            }
            match parsed(text) {
                Some(value) => {
                    if let Some((message, at_ms)) = unwrapped(value) {
                        self.take(message, at_ms);
                    }
                }
                None => {
                    self.unread += 1;
                    self.first_unread = if self.first_unread == 0 { self.number } else { self.first_unread };
                    self.last_unread = self.number;
                }
            }
        }
    }
}

/// The value that a text begins with: Playwright writes a time after it.
fn parsed(text: &str) -> Option<Value> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok();
    first(text).or_else(|| first(&repair_surrogates(text)))
}

/// The frame itself and when it was written down. ChromeDriver packs it into a text, others into a member.
fn unwrapped(value: Value) -> Option<(Value, u64)> {
    let at_ms = ["timestamp", "at_ms", "time"].iter().find_map(|key| value.get(*key)?.as_f64()).map_or(0, |ms| ms as u64);
    let mut value = value;
    for _ in 0..4 {
        if value.get("method").is_some_and(Value::is_string) || value.get("id").is_some() && value.get("result").is_some() {
            return Some((value, at_ms));
        }
        let inner = ["message", "payload", "data", "frame", "in"].iter().find_map(|key| value.get(*key)).cloned()?;
        value = match inner {
            Value::String(text) => parsed(&text)?,
            other => other,
        };
    }
    None
}
