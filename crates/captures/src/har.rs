//! HAR 1.2, as browsers, proxies and test tools write it.

mod body;
mod entry;

use std::collections::HashMap;
use std::io::BufRead;

use pixelwitness_recording::raw_log::repair_surrogates;
use pixelwitness_recording::{CaptureKind, GapKind, Request, RequestId};
use serde_json::Value;

use crate::case::Source;
use crate::gaps;
use crate::json::{Cut, Document, Limits, ORDINARY};
use crate::pages::{self, step};
use crate::part::{Part, counted};
use crate::time::unix_ms;
use crate::unpack::unpacked;
use entry::Entry;

/// An answer's body beyond this many bytes, as it is written, is not looked at.
const LARGEST_ANSWER: usize = 768 << 10;
/// All kept answers together.
const ALL_ANSWERS: usize = 16 << 20;

/// Reads a HAR, one entry at a time: its answers may be larger than memory.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let mut har = Har { part: Part::new(CaptureKind::Har), ..Har::default() };
    let limits = Limits { close: LARGEST_ANSWER, member: b"response", ..ORDINARY };
    let mut document = Document::new(unpacked(source));
    let read = document.object(|document, key| if key == "log" { log(document, limits, &mut har) } else { skip(document) });
    if let Err(Cut { at, ended }) = read {
        let how = if ended { "ends" } else { "stops making sense" };
        har.part.stopped(format!("the HAR {how} after {at} bytes, in or after its entry {}: what follows is not known", har.entries + 1));
    }
    har.finish()
}

fn log<R: BufRead>(document: &mut Document<R>, limits: Limits, har: &mut Har) -> Result<(), Cut> {
    document.object(|document, key| match key {
        "entries" => document.array(limits, |bytes| har.entry(&bytes)),
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
#[derive(Default)]
struct Har {
    part: Part,
    creator: String,
    browser: String,
    pages: Vec<Page>,
    /// Page of each request, by its identifier.
    page_of: Vec<String>,
    entries: u64,
    damaged: usize,
    answers: usize,
    /// Requests whose redirect leads to an address, so that the next one there is its next hop.
    leading_to: HashMap<String, RequestId>,
    rebuilt: usize,
    altered: usize,
    cookies: usize,
}

struct Page {
    id: String,
    title: String,
    started_at_ms: u64,
}

impl Har {
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
        let Some(mut told) = Entry(&value).told(self.entries) else {
            self.damaged += 1;
            return;
        };
        self.rebuilt += usize::from(told.rebuilt);
        self.altered += usize::from(told.altered);
        self.cookies += usize::from(told.has_cookies);
        if let Some(body) = told.request.response.as_mut().map(|response| &mut response.body) {
            let size = body.as_ref().map_or(0, |bytes| bytes.0.len());
            match self.answers + size {
                total if total <= ALL_ANSWERS => self.answers = total,
                _ => *body = None,
            }
        }
        told.request.redirected_from = self.leading_to.remove(&told.request.url);
        let redirects_to = told.redirects_to;
        let id = self.part.push(told.request);
        if let Some(url) = redirects_to {
            self.leading_to.insert(url, id);
        }
        self.page_of.push(told.page);
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
        pages.retain(|page| self.page_of.contains(&page.id) || is_address(&page.title));
        pages.sort_by_key(|page| page.started_at_ms);
        for page in &pages {
            self.set_page(page);
        }
    }

    fn set_page(&mut self, page: &Page) {
        let of_page: Vec<usize> = (0..self.page_of.len()).filter(|at| self.page_of[*at] == page.id).collect();
        let document = of_page.iter().copied().find(|at| is_document(&self.part.requests[*at]));
        let url = match document {
            Some(at) => self.last_hop(at).url.clone(),
            None if is_address(&page.title) => crate::part::without_fragment(&page.title).into(),
            None => return,
        };
        let title = if is_address(&page.title) { "" } else { page.title.as_str() };
        self.part.steps.push(step(self.part.steps.len(), &url, title, (page.started_at_ms, page.started_at_ms)));
        let mut url = url;
        for at in of_page {
            let request = &self.part.requests[at];
            // Safari, and whoever keeps the log from page to page, puts everything under the first.
            if opens_another(request, &url) {
                url = request.url.clone();
                self.part.steps.push(step(self.part.steps.len(), &url, "", (request.sent_at_ms, request.sent_at_ms)));
            }
            let request = &mut self.part.requests[at];
            request.step = Some(self.part.steps.len() - 1);
            // A document's own address is its page, also where it leads on to another.
            request.page_url = Some(if document == Some(at) { request.url.clone() } else { url.clone() });
            if let Some(step) = self.part.steps.last_mut() {
                step.ended_at_ms = step.ended_at_ms.max(request.sent_at_ms);
            }
        }
    }

    fn last_hop(&self, at: usize) -> &Request {
        let mut last = &self.part.requests[at];
        while let Some(next) = self.part.requests.iter().find(|request| request.redirected_from == Some(last.id) && request.id > last.id) {
            last = next;
        }
        last
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
        let redacted = self.part.requests.iter().filter(|request| request.header("cookie").is_some_and(is_redacted)).count();
        if redacted > 0 {
            self.part.say(
                GapKind::LeftOut,
                format!(
                    "the HAR was cleaned: the cookies of {} were replaced by a word that says so",
                    counted(redacted, "request", "requests")
                ),
            );
        } else if requests > 0 && self.cookies == 0 {
            self.part.say(GapKind::LeftOut, gaps::no_cookies(&self.creator));
        }
        if self.rebuilt > 0 {
            let why = "listed by parameters alone: names and values are those listed, the bytes between them are ours";
            self.part.say(GapKind::LeftOut, format!("{} {why}", counted(self.rebuilt, "body", "bodies")));
        }
        if self.altered > 0 {
            let why = "of another length than the request says: the HAR does not hold it byte for byte";
            self.part.say(GapKind::LeftOut, format!("{} {why}", counted(self.altered, "body", "bodies")));
        }
    }
}

impl Default for Part {
    fn default() -> Self {
        Self::new(CaptureKind::Har)
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

fn is_document(request: &Request) -> bool {
    let destination = request.header("sec-fetch-dest");
    let is_html = |response: &pixelwitness_recording::Response| {
        response.headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type") && header.value.contains("html"))
    };
    match destination {
        Some(destination) => destination == "document",
        None => {
            request.resource_type.as_str() == "Document"
                || request.resource_type.is_empty() && request.response.as_ref().is_some_and(is_html)
        }
    }
}

/// Whether a request says itself that it opens a page, and it is not the one that is open.
fn opens_another(request: &Request, url: &str) -> bool {
    let redirects = request.response.as_ref().is_some_and(|response| (300..400).contains(&response.status) && response.status != 304);
    request.header("sec-fetch-dest") == Some("document") && !redirects && request.url.as_str() != url
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn is_redacted(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["[redacted", "redacted]", "<redacted", "[sanitized", "=redacted"].iter().any(|mark| value.contains(mark)) || value == "redacted"
}
