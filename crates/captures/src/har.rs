//! HAR 1.2, as browsers, proxies and test tools write it.

mod base64;
mod beside;
mod body;
mod entry;
mod messages;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use pixelwitness_recording::raw_log::repair_surrogates;
use pixelwitness_recording::{CaptureKind, Gap, GapKind, RequestId, Transmission};
use serde_json::Value;

use crate::attached::{Files, Folder};
use crate::case::Source;
use crate::gaps;
use crate::json::{Cut, Document, Limits, ORDINARY};
use crate::pages::{self, step};
use crate::part::{Part, counted};
use crate::time::unix_ms;
use crate::unpack::unpacked;
use crate::zipped::{self, Zipped};
pub use beside::files_beside;
use entry::Entry;

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
    document(unpacked(source), &mut har);
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
    zip.with(&name, |file| document(unpacked(BufReader::with_capacity(1 << 16, file)), &mut har));
    har.finish()
}

fn document(reader: impl BufRead, har: &mut Har<'_>) {
    let mut document = Document::new(reader);
    let read = document.object(|document, key| if key == "log" { log(document, har) } else { skip(document) });
    if let Err(Cut { at, ended }) = read {
        let how = if ended { "ends" } else { "stops making sense" };
        har.part.stopped(format!("the HAR {how} after {at} bytes, in or after its entry {}: what follows is not known", har.entries + 1));
    }
}

fn log<R: BufRead>(document: &mut Document<R>, har: &mut Har<'_>) -> Result<(), Cut> {
    document.object(|document, key| match key {
        "entries" => document.array(LIMITS, |bytes| har.entry(&bytes)),
        "pages" => document.array(ORDINARY, |bytes| har.page(&bytes)),
        "creator" | "browser" => {
            let mut bytes = Vec::new();
            document.value(&mut bytes, ORDINARY)?;
            har.maker(key, &bytes);
            Ok(())
        }
        _ => skip(document),
    })
}

fn skip<R: BufRead>(document: &mut Document<R>) -> Result<(), Cut> {
    // Nothing of it is kept: every string is beyond its limit.
    document.value(&mut Vec::new(), Limits { close: 0, member: b"", other: 0 })
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
    entries: u64,
    damaged: usize,
    answers: usize,
    /// Requests whose redirect leads to an address, so that the next one there is its next hop.
    leading_to: HashMap<String, RequestId>,
    rebuilt: usize,
    altered: usize,
    /// Requests of which nothing says whether they left.
    unanswered: usize,
    cookies: usize,
    redacted: usize,
    /// Answers in files that could not be read.
    unread_answers: usize,
}

struct Page {
    id: String,
    title: String,
    started_at_ms: u64,
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
            entries: 0,
            damaged: 0,
            answers: 0,
            leading_to: HashMap::new(),
            rebuilt: 0,
            altered: 0,
            unanswered: 0,
            cookies: 0,
            redacted: 0,
            unread_answers: 0,
        }
    }

    fn maker(&mut self, key: &str, bytes: &[u8]) {
        let value = parsed(bytes).unwrap_or_default();
        let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let text = format!("{} {}", said("name"), said("version")).trim().to_owned();
        if key == "creator" {
            self.creator = text;
        } else {
            self.browser = text;
        }
    }

    fn page(&mut self, bytes: &[u8]) {
        let Some(value) = parsed(bytes) else { return };
        let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        self.pages.push(Page {
            id: said("id").to_owned(),
            title: said("title").to_owned(),
            started_at_ms: unix_ms(said("startedDateTime")),
        });
    }

    fn entry(&mut self, bytes: &[u8]) {
        self.entries += 1;
        let Some(value) = parsed(bytes) else {
            self.damaged += 1;
            return;
        };
        let Some(mut told) = Entry(&value).told(self.entries, &mut self.files) else {
            self.damaged += 1;
            return;
        };
        self.rebuilt += usize::from(told.rebuilt);
        self.altered += usize::from(told.altered);
        self.unanswered += usize::from(matches!(told.request.transmission, Transmission::Unknown { .. }));
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
        self.of_page.entry(told.page).or_default().push(self.part.requests.len() - 1);
        self.part.messages.extend(told.messages.into_iter().map(|message| pixelwitness_recording::Message { request: id, ..message }));
    }

    fn finish(mut self) -> Part {
        self.part.made_by = match (self.creator.as_str(), self.browser.as_str()) {
            (creator, "") => creator.to_owned(),
            ("", browser) => browser.to_owned(),
            (creator, browser) if creator == browser => creator.to_owned(),
            (creator, browser) => format!("{creator}, {browser}"),
        };
        self.set_pages();
        self.remarks();
        pages::infer(&mut self.part);
        self.part.sort();
        self.part
    }

    /// A HAR has a page's title and time. Its address is that of the document that the page's entries begin with.
    fn set_pages(&mut self) {
        let mut pages = std::mem::take(&mut self.pages);
        pages.retain(|page| self.of_page.contains_key(&page.id) || is_address(&page.title));
        pages.sort_by_key(|page| page.started_at_ms);
        let briefs = self.part.requests.briefs.iter().enumerate();
        let next: HashMap<RequestId, usize> = briefs.rev().filter_map(|(at, brief)| Some((brief.redirected_from?, at))).collect();
        for page in &pages {
            // Of two pages with one identifier, the first has its requests.
            let of_page = self.of_page.remove(&page.id).unwrap_or_default();
            self.set_page(page, &of_page, &next);
        }
    }

    fn set_page(&mut self, page: &Page, of_page: &[usize], next: &HashMap<RequestId, usize>) {
        let Part { requests, steps, .. } = &mut self.part;
        let document = of_page.iter().copied().find(|at| requests.briefs[*at].facts.is_document());
        let mut url = match document {
            Some(at) => requests.address(last_hop(at, next)).to_owned(),
            None if is_address(&page.title) => crate::part::without_fragment(&page.title).to_owned(),
            None => return,
        };
        let title = if is_address(&page.title) { "" } else { page.title.as_str() };
        steps.push(step(steps.len(), &url, title, (page.started_at_ms, page.started_at_ms)));
        for &at in of_page {
            let (facts, sent_at_ms) = (requests.briefs[at].facts, requests.briefs[at].sent_at_ms);
            // Safari, and whoever keeps the log from page to page, puts everything under the first.
            if facts.says_that_it_opens() && requests.address(at) != url {
                url = requests.address(at).to_owned();
                steps.push(step(steps.len(), &url, "", (sent_at_ms, sent_at_ms)));
            }
            // A document's own address is its page, also where it leads on to another.
            match document == Some(at) {
                true => requests.put_under_itself(at, steps.len() - 1),
                false => requests.put_under(at, steps.len() - 1, &url),
            }
            if let Some(step) = steps.last_mut() {
                step.ended_at_ms = step.ended_at_ms.max(sent_at_ms);
            }
        }
    }

    fn remarks(&mut self) {
        let requests = self.part.requests.len();
        if self.damaged > 0 {
            self.part.whole = false;
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
            (self.unanswered, ("request", "requests"), "without an answer: whether it was sent is not known"),
        ];
        for (count, (one, many), why) in remarks.into_iter().filter(|(count, ..)| *count > 0) {
            self.part.say(GapKind::LeftOut, format!("{} {why}", counted(count, one, many)));
        }
    }
}

/// An entry as a value; what JSON cannot hold is repaired first.
fn parsed(bytes: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&without_controls(&repair_surrogates(&text)))).ok()
}

/// Some proxies write control characters into strings as they are.
fn without_controls(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Where the redirects of a request lead in the end. Each hop stands behind the one before.
fn last_hop(at: usize, next: &HashMap<RequestId, usize>) -> usize {
    let mut last = at;
    let number = |at: usize| RequestId(u32::try_from(at + 1).unwrap_or(u32::MAX));
    while let Some(&to) = next.get(&number(last)).filter(|to| **to > last) {
        last = to;
    }
    last
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn is_redacted(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["[redacted", "redacted]", "<redacted", "[sanitized", "=redacted"].iter().any(|mark| value.contains(mark)) || value == "redacted"
}
