//! HAR 1.2, as browsers, proxies and test tools write it.

mod base64;
mod beside;
mod body;
mod document;
mod entry;
mod messages;
mod page;
mod text;
mod workers;

use std::collections::{HashMap, HashSet};
use std::io::BufReader;

use pixelwitness_recording::raw_log::repair_surrogates;
use pixelwitness_recording::{CaptureKind, Gap, GapKind, RequestId, Sender, Transmission};
use serde_json::Value;

use crate::attached::{Files, Folder};
use crate::case::Source;
use crate::gaps;
use crate::json::{self, Limits, ORDINARY};
use crate::pages;
use crate::part::{Part, counted, id_at};
use crate::time::unix_ms;
use crate::unpack::{Failure, unpacked};
use crate::utf16::{WITHOUT_CHARACTERS, places_without_characters};
use crate::zipped::{self, Zipped};
pub use beside::files_beside;
use entry::{Entry, Told};
use page::Page;
use workers::{Worker, Workers};

/// An answer's body beyond this many bytes, as it is written, is not looked at.
const LARGEST_ANSWER: usize = 768 << 10;
/// All kept answers together.
const ALL_ANSWERS: usize = 16 << 20;
/// What is kept of one entry.
const LIMITS: Limits = Limits { close: LARGEST_ANSWER, member: b"response", ..ORDINARY };

/// Reads a HAR, one entry at a time: its answers may be larger than memory.
pub(crate) fn read(source: &mut dyn Source, folder: Folder<'_>) -> Part {
    if source.fill_buf().unwrap_or_default().starts_with(zipped::BEGINS) {
        return read_zipped(Zipped::open(source));
    }
    let mut har = Har::new(Files::new(Some(Box::new(folder))));
    let failure = Failure::default();
    document::read(failure.watched(unpacked(source)), &mut har);
    failure.say(&mut har.part, "the HAR");
    har.finish()
}

fn read_zipped(mut zip: Zipped<'_>) -> Part {
    let mut har = Har::new(Files::new(Some(Box::new(zip.clone()))));
    if !zip.is_whole() {
        har.part.stopped("the ZIP file has no directory at its end: its files were read one after the other, as far as they go");
    }
    let Some(name) = zip.har() else { return har.finish() };
    let others = zip.other_hars(&name);
    if others > 0 {
        let why = format!("only {name} was read of the ZIP file, which has {} more", counted(others, "HAR", "HARs"));
        har.part.say(GapKind::LeftOut, why);
    }
    let failure = Failure::default();
    zip.with(&name, |file| document::read(failure.watched(unpacked(BufReader::with_capacity(1 << 16, file))), &mut har));
    failure.say(&mut har.part, &format!("{name} in the ZIP file"));
    har.finish()
}

/// What was read so far.
struct Har<'a> {
    part: Part,
    files: Files<'a>,
    creator: String,
    browser: String,
    pages: Vec<Page>,
    /// Places of the requests of each page, by its identifier.
    of_page: HashMap<String, Vec<usize>>,
    /// Which of several HARs of one file is being read; 1 is the first.
    document: usize,
    entries: u64,
    /// The entry that the HAR breaks off in.
    begun: Option<Begun>,
    damaged: usize,
    answers: usize,
    /// Requests whose redirect leads to an address, so that the next one there is its next hop.
    leading_to: HashMap<String, RequestId>,
    workers: Workers,
    rebuilt: usize,
    held_as_values: usize,
    altered: usize,
    /// Requests of which nothing says whether they left.
    unanswered: usize,
    /// Requests that a service worker answered, and nothing says whether it sent them on.
    answered_by_workers: usize,
    without_method: usize,
    /// Places where bytes are no characters.
    without_characters: usize,
    cookies: usize,
    redacted: usize,
    /// Answers in files that could not be read.
    unread_answers: usize,
}

/// What is left of an entry that a HAR breaks off in.
enum Begun {
    /// Its method and address.
    Known(String),
    Lost,
}

impl<'a> Har<'a> {
    fn new(files: Files<'a>) -> Self {
        Self {
            part: Part::new(CaptureKind::Har),
            files,
            creator: String::new(),
            browser: String::new(),
            pages: Vec::new(),
            of_page: HashMap::new(),
            document: 0,
            entries: 0,
            begun: None,
            damaged: 0,
            answers: 0,
            leading_to: HashMap::new(),
            workers: Workers::default(),
            rebuilt: 0,
            held_as_values: 0,
            altered: 0,
            unanswered: 0,
            answered_by_workers: 0,
            without_method: 0,
            without_characters: 0,
            cookies: 0,
            redacted: 0,
            unread_answers: 0,
        }
    }

    /// Another HAR begins, whose pages and redirects are its own.
    fn next_document(&mut self) {
        self.document += 1;
        self.leading_to.clear();
        self.settle_workers();
    }

    fn settle_workers(&mut self) {
        let settled = std::mem::take(&mut self.workers).settle(&mut self.part.requests);
        self.answered_by_workers += settled.unknown;
        // Nothing is missing of what is another's double.
        let doubles: HashSet<RequestId> = settled.left_out.into_iter().map(id_at).collect();
        self.part.gaps.retain(|gap| gap.kind != GapKind::BodyUnavailable || gap.request.is_none_or(|id| !doubles.contains(&id)));
    }

    fn maker(&mut self, key: &str, bytes: &[u8]) {
        let value = self.value(bytes).unwrap_or_default();
        let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let text = format!("{} {}", said("name"), said("version")).trim().to_owned();
        let maker = if key == "creator" { &mut self.creator } else { &mut self.browser };
        if self.document == 1 || maker.is_empty() {
            *maker = text;
        }
    }

    fn page(&mut self, bytes: &[u8]) {
        let Some(value) = self.value(bytes) else { return };
        let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        self.pages.push(Page {
            id: self.page_id(said("id")),
            title: said("title").to_owned(),
            started_at_ms: unix_ms(said("startedDateTime")),
        });
    }

    /// A page's identifier is one in its own HAR.
    fn page_id(&self, id: &str) -> String {
        if self.document > 1 { format!("{} {id}", self.document) } else { id.to_owned() }
    }

    fn value(&mut self, bytes: &[u8]) -> Option<Value> {
        self.without_characters += places_without_characters(bytes);
        parsed(bytes)
    }

    fn entry(&mut self, bytes: &[u8]) {
        self.entries += 1;
        let value = self.value(bytes);
        match value.and_then(|value| Entry(&value).told(self.entries, &mut self.files)) {
            Some(told) => self.take(told),
            None => self.damaged += 1,
        }
    }

    /// An entry that breaks off. What stood in it may still be known.
    fn begun(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.entries += 1;
        let json::Begun { bytes, member } = json::closed(bytes);
        let value = self.value(&bytes);
        self.begun = match value.and_then(|value| Entry(&value).told_until(&member, self.entries, &mut self.files)) {
            Some(told) => {
                let request = format!("{} {}", told.request.method, told.request.url);
                self.take(told);
                Some(Begun::Known(request))
            }
            None => Some(Begun::Lost),
        };
    }

    fn take(&mut self, mut told: Told) {
        self.rebuilt += usize::from(told.rebuilt);
        self.held_as_values += usize::from(told.held_as_value);
        self.altered += usize::from(told.altered);
        self.unanswered += usize::from(
            told.worker == Worker::Silent
                && told.request.sender == Sender::Page
                && matches!(told.request.transmission, Transmission::Unknown { .. })
                && !told.is_cut,
        );
        self.without_method += usize::from(told.lacks_method);
        self.cookies += usize::from(told.has_cookies);
        self.redacted += usize::from(told.request.header("cookie").is_some_and(is_redacted));
        self.unread_answers += usize::from(told.lacks_answer);
        if let Some(body) = told.request.response.as_mut().map(|response| &mut response.body) {
            let size = body.as_ref().map_or(0, |bytes| bytes.0.len());
            match self.answers + size {
                total if total <= ALL_ANSWERS => self.answers = total,
                _ => *body = None,
            }
        }
        self.workers.take(self.part.requests.len(), &told);
        told.request.redirected_from = self.leading_to.remove(&told.request.url);
        let redirects_to = told.redirects_to;
        let unread = told.unread.map(|why| format!("{} {}: {why}; its parameters are listed", told.request.method, told.request.url));
        let id = self.part.push(told.request);
        if let Some(why) = unread {
            self.part.gaps.push(Gap { kind: GapKind::LeftOut, why, request: Some(id), step: None });
        }
        if let Some(why) = told.unseen {
            self.part.gaps.push(Gap { kind: GapKind::BodyUnavailable, why, request: Some(id), step: None });
        }
        if let Some(url) = redirects_to {
            self.leading_to.insert(url, id);
        }
        // A proxy puts what the browser sent for itself under the same page as the rest.
        let place = self.part.requests.len() - 1;
        if !self.part.requests.briefs[place].is_browsers {
            let page = self.page_id(&told.page);
            self.of_page.entry(page).or_default().push(place);
        }
        self.part.messages.extend(told.messages.into_iter().map(|message| pixelwitness_recording::Message { request: id, ..message }));
    }

    fn finish(mut self) -> Part {
        self.part.made_by = match (self.creator.as_str(), self.browser.as_str()) {
            (creator, "") => creator.to_owned(),
            ("", browser) => browser.to_owned(),
            (creator, browser) if creator == browser => creator.to_owned(),
            (creator, browser) => format!("{creator}, {browser}"),
        };
        self.settle_workers();
        self.set_pages();
        self.remarks();
        pages::infer(&mut self.part);
        self.part.sort();
        self.part
    }

    fn remarks(&mut self) {
        let requests = self.part.requests.len();
        if self.document > 1 {
            let why = format!(
                "whether the {} HARs that the file holds one after the other belong together: all were read, and their entries are counted through",
                self.document
            );
            self.part.say(GapKind::NotTold, why);
        }
        if self.damaged > 0 {
            self.part.say(
                GapKind::LogDamaged,
                format!(
                    "{} of {} of the HAR cannot be read",
                    self.damaged,
                    counted(usize::try_from(self.entries).unwrap_or(usize::MAX), "entry", "entries")
                ),
            );
        }
        if self.redacted > 0 {
            self.part.say(
                GapKind::LeftOut,
                format!(
                    "the HAR was cleaned: the cookies of {} were replaced by a word that says so",
                    counted(self.redacted, "request", "requests")
                ),
            );
        } else if requests > 0 && self.cookies == 0 {
            self.part.say(GapKind::LeftOut, gaps::no_cookies(&self.creator));
        }
        let remarks = [
            (
                self.rebuilt,
                ("body", "bodies"),
                "listed by parameters alone: names and values are those listed, the bytes between them are ours",
            ),
            (
                self.held_as_values,
                ("body", "bodies"),
                "held as a JSON value and not as text: names and values are those held, the bytes between them are ours",
            ),
            (
                self.altered,
                ("body", "bodies"),
                "not held byte for byte: of another length than the request says, with characters that stand for bytes which are no text, or \
                 not in the base64 that it is said to be in",
            ),
            (
                self.unread_answers,
                ("answer", "answers"),
                "in files that are missing, too large or not as they were: what they set up or declare is not known",
            ),
            (self.without_method, ("request", "requests"), "without a method: GET is assumed"),
            (self.without_characters, ("place", "places"), WITHOUT_CHARACTERS),
            (self.unanswered, ("request", "requests"), "without an answer: whether it was sent is not known"),
            (
                self.answered_by_workers,
                ("request", "requests"),
                "answered by a service worker: whether the worker sent it on, and what else it sent, is not in the HAR",
            ),
        ];
        for (count, (one, many), why) in remarks.into_iter().filter(|(count, ..)| *count > 0) {
            self.part.say(GapKind::LeftOut, format!("{} {why}", counted(count, one, many)));
        }
    }
}

/// An entry as a value; what JSON cannot hold is repaired first.
fn parsed(bytes: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(bytes);
    let repaired = || json::without_odd_numbers(&without_controls(&repair_surrogates(&text)));
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&repaired())).ok()
}

/// Some proxies write control characters into strings as they are.
fn without_controls(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn is_redacted(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["[redacted", "redacted]", "<redacted", "[sanitized", "=redacted"].iter().any(|mark| value.contains(mark)) || value == "redacted"
}
