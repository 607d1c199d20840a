//! WARC 1.0 and 1.1: request records, and answers that stand without one.

pub(crate) mod members;
mod record;
mod replay;

use std::collections::{HashMap, VecDeque};

use pixelwitness_recording::{Body, Bytes, CaptureKind, GapKind, Header, HeaderSource, HttpVersion, Request, Response, Transmission};

use crate::case::Source;
use crate::part::{Part, absent_body, counted, told};
use crate::time::unix_ms;
use crate::{http_text, pages};
use members::{Resume, members};
use record::{Damage, Next, Record, Records};

/// Reads a WARC, compressed or not.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let mut archive = Archive::new(CaptureKind::Warc);
    archive.records(members(source), "the WARC");
    archive.finish(&[])
}

/// A page that the archive names, and the identifier its records have.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) at_ms: u64,
}

/// What one or several WARC files hold.
pub(crate) struct Archive {
    pub(crate) part: Part,
    /// Records so far, of all files.
    place: u64,
    /// Each with the identifier of its page.
    requests: Vec<(Request, String)>,
    /// The place of each request by the identifiers of its records.
    by_record: HashMap<String, usize>,
    /// Answers that are yet to find their request.
    answers: Vec<Answer>,
    pages: Vec<Page>,
    answers_kept: usize,
    others: usize,
}

struct Answer {
    place: u64,
    record: String,
    concurrent: Vec<String>,
    url: String,
    page: String,
    at_ms: u64,
    address: Option<String>,
    response: Option<Response>,
}

/// Damaged places that are told one by one.
const DAMAGES_TOLD: usize = 20;
/// All kept answers together.
const ALL_ANSWERS: usize = 16 << 20;

impl Archive {
    pub(crate) fn new(kind: CaptureKind) -> Self {
        Self {
            part: Part::new(kind),
            place: 0,
            requests: Vec::new(),
            by_record: HashMap::new(),
            answers: Vec::new(),
            pages: Vec::new(),
            answers_kept: 0,
            others: 0,
        }
    }

    /// Takes the records of one file, as far as it goes.
    pub(crate) fn records(&mut self, reader: Box<dyn Resume + '_>, name: &str) {
        let mut records = Records::new(reader);
        let mut damages = 0;
        loop {
            match records.next() {
                Next::Record(record) => {
                    self.place += 1;
                    self.take(record);
                }
                Next::Damage(damage) => {
                    damages += 1;
                    if damages <= DAMAGES_TOLD {
                        self.part.say(GapKind::LogDamaged, told_damage(&damage, name, self.place));
                    }
                }
                Next::End => break,
                Next::Cut(why) => {
                    self.part.stopped(format!("{name} {why} after its record {}: what follows is not known", self.place));
                    break;
                }
            }
        }
        if let Some(more @ 1..) = damages.checked_sub(DAMAGES_TOLD) {
            self.part.say(GapKind::LogDamaged, format!("{name} is damaged in {} more", counted(more, "place", "places")));
        }
    }

    fn take(&mut self, record: Record) {
        let url = record.url();
        match record.header("warc-type") {
            "warcinfo" => self.info(&record),
            "request" if is_web(&url) => self.request(&record, &url),
            "response" | "revisit" if is_web(&url) => self.answer(record, url),
            "resource" => {
                if let Some(page) = url.strip_prefix("urn:pageinfo:").filter(|page| is_web(page)) {
                    self.pages.push(Page {
                        id: record.header("warc-page-id").to_owned(),
                        url: page.to_owned(),
                        title: String::new(),
                        at_ms: unix_ms(record.header("warc-date")),
                    });
                }
                self.others += usize::from(is_web(&url));
            }
            _ => {}
        }
    }

    fn info(&mut self, record: &Record) {
        let text = String::from_utf8_lossy(&record.block);
        let software = text.lines().find_map(|line| line.strip_prefix("software:")).map(str::trim);
        if let Some(software) = software.filter(|_| self.part.made_by.is_empty()) {
            self.part.made_by = software.to_owned();
        }
    }

    fn request(&mut self, record: &Record, url: &str) {
        let (url, wrapped) = unwrapped(url);
        let text = http_text::request(&record.block);
        let method = text.as_ref().map_or_else(|| wrapped.unwrap_or("GET").to_owned(), |text| text.method.clone());
        let mut request = told(&method, url, self.place);
        request.sent_at_ms = unix_ms(record.header("warc-date"));
        request.remote_address = Some(record.header("warc-ip-address").to_owned()).filter(|address| !address.is_empty());
        request.resource_type = capitalised(record.header("warc-resource-type")).as_str().into();
        request.http_version = version(record.header("warc-protocol"));
        match text {
            Some(text) => {
                request.headers = text.headers;
                request.headers_from = HeaderSource::Capture;
                let announced = crate::part::content_length(&request);
                request.body = match text.body.is_empty() {
                    true => absent_body(&method, announced, "the archive does not have it"),
                    false => text.body.into(),
                };
                if record.truncated {
                    self.part.say(GapKind::BodyUnavailable, format!("record {}: the body of {method} {url} is not whole", self.place));
                }
            }
            None => request.body = Body::Unavailable { why: "the request record cannot be read".to_owned() },
        }
        let at = self.requests.len();
        self.requests.push((request, record.header("warc-page-id").to_owned()));
        self.by_record.insert(record.header("warc-record-id").to_owned(), at);
        for other in record.all("warc-concurrent-to") {
            self.by_record.insert(other.to_owned(), at);
        }
    }

    fn answer(&mut self, record: Record, url: String) {
        let response = http_text::response(&record.block).map(|(status, headers, body)| {
            let keep = is_text(&headers) && !record.truncated && self.answers_kept + body.len() <= ALL_ANSWERS && !body.is_empty();
            self.answers_kept += if keep { body.len() } else { 0 };
            let body = keep.then(|| Bytes(decoded(body, &headers)));
            Response { status, headers, body }
        });
        self.answers.push(Answer {
            place: self.place,
            record: record.header("warc-record-id").to_owned(),
            concurrent: record.all("warc-concurrent-to").map(str::to_owned).collect(),
            page: record.header("warc-page-id").to_owned(),
            at_ms: unix_ms(record.header("warc-date")),
            address: Some(record.header("warc-ip-address").to_owned()).filter(|address| !address.is_empty()),
            url,
            response,
        });
    }

    /// Joins answers and requests, and puts both under their pages.
    pub(crate) fn finish(mut self, pages: &[Page]) -> Part {
        let mut alone = 0;
        let mut of_address: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (at, (request, _)) in self.requests.iter().enumerate() {
            of_address.entry(request.url.clone()).or_default().push_back(at);
        }
        for answer in std::mem::take(&mut self.answers) {
            let named = std::iter::once(&answer.record).chain(&answer.concurrent).find_map(|record| self.by_record.get(record)).copied();
            let unanswered = || {
                let places = of_address.get_mut(unwrapped(&answer.url).0)?;
                std::iter::from_fn(|| places.pop_front()).find(|at| self.requests[*at].0.response.is_none())
            };
            match named.or_else(unanswered) {
                Some(at) => {
                    let response = &mut self.requests[at].0.response;
                    *response = response.take().or(answer.response);
                }
                None => {
                    alone += 1;
                    self.alone(answer);
                }
            }
        }
        if alone > 0 {
            let why = format!(
                "{} without a request record: the address is known, the method (GET is assumed), headers and body are not",
                counted(alone, "answer", "answers")
            );
            self.part.say(GapKind::BodyUnavailable, why);
        }
        if self.others > 0 {
            self.part
                .say(GapKind::NotTold, format!("no request is told by {}", counted(self.others, "resource record", "resource records")));
        }
        self.set_pages(pages);
        for (request, _) in std::mem::take(&mut self.requests) {
            self.part.push(request);
        }
        pages::infer(&mut self.part);
        self.part.sort();
        self.part
    }

    fn alone(&mut self, answer: Answer) {
        let (url, method) = unwrapped(&answer.url);
        let mut request = told(method.unwrap_or("GET"), url, answer.place);
        request.sent_at_ms = answer.at_ms;
        request.remote_address = answer.address;
        request.response = answer.response;
        request.transmission = Transmission::Sent;
        request.body = Body::Unavailable { why: "the archive has no request record".to_owned() };
        self.requests.push((request, answer.page));
    }

    fn set_pages(&mut self, named: &[Page]) {
        let mut pages: Vec<Page> = named.to_vec();
        for page in &self.pages {
            if !pages.iter().any(|other| other.id == page.id && !page.id.is_empty()) {
                pages.push(page.clone());
            }
        }
        pages.retain(|page| is_web(&page.url));
        pages.sort_by_key(|page| page.at_ms);
        let numbers: HashMap<&str, usize> =
            pages.iter().enumerate().filter(|(_, page)| !page.id.is_empty()).map(|(at, page)| (page.id.as_str(), at)).collect();
        let mut times: Vec<Option<(u64, u64)>> = vec![None; pages.len()];
        for (request, id) in &mut self.requests {
            let Some(&at) = numbers.get(id.as_str()) else { continue };
            request.step = Some(at);
            request.page_url = Some(crate::part::without_fragment(&pages[at].url).into());
            let (from, to) = times[at].unwrap_or((request.sent_at_ms, request.sent_at_ms));
            times[at] = Some((from.min(request.sent_at_ms), to.max(request.sent_at_ms)));
        }
        let step = |(at, page): (usize, &Page)| {
            let title = if page.title == page.url { "" } else { page.title.as_str() };
            pages::step(at, crate::part::without_fragment(&page.url), title, times[at].unwrap_or((page.at_ms, page.at_ms)))
        };
        self.part.steps = pages.iter().enumerate().map(step).collect();
    }
}

fn told_damage(damage: &Damage, name: &str, place: u64) -> String {
    match damage {
        Damage::Packed(bytes) => format!(
            "{} bytes of {name} are damaged, from byte {} on, in or after its record {place}: what they held is not known, and what was taken from them may not be \
             what was written; it was read on from the next record that begins after them",
            bytes.end - bytes.start,
            bytes.start
        ),
        Damage::Length(unread) => {
            let unread = if *unread > 0 { format!(", and {unread} bytes after it were not read") } else { String::new() };
            format!(
                "the length that {name} gives its record {place} is missing or wrong: that record was read up to where the next one begins{unread}"
            )
        }
        Damage::Stray(bytes) => {
            format!(
                "{bytes} bytes of {name}, after its record {place}, are no part of a record and were not read: the length of that record may be wrong"
            )
        }
    }
}

fn is_web(url: &str) -> bool {
    ["http://", "https://", "ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Archivers keep a POST under the address of a GET that no browser asked for: `…?__wb_method=POST&…`.
fn unwrapped(url: &str) -> (&str, Option<&str>) {
    let Some(at) = url.find("__wb_method=") else { return (url, None) };
    let method = url[at + "__wb_method=".len()..].split('&').next().filter(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()));
    (url[..at].trim_end_matches(['?', '&']), method)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match word {
        "xhr" => "XHR".to_owned(),
        "websocket" => "WebSocket".to_owned(),
        _ => letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default(),
    }
}

fn version(text: &str) -> HttpVersion {
    match text.split(',').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "http/1.0" | "http/1.1" => HttpVersion::Http1,
        "h2" | "http/2" => HttpVersion::Http2,
        "h3" | "http/3" => HttpVersion::Http3,
        _ => HttpVersion::Unknown,
    }
}

fn is_text(headers: &[Header]) -> bool {
    let kind =
        headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type")).map(|header| header.value.to_ascii_lowercase());
    kind.is_some_and(|kind| ["text/", "javascript", "ecmascript", "json", "html", "xml"].iter().any(|word| kind.contains(word)))
}

/// Many archives keep an answer as it was sent, compressed.
fn decoded(body: &[u8], headers: &[Header]) -> Vec<u8> {
    let is_gzip = headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-encoding") && header.value.contains("gzip"));
    if !is_gzip || !body.starts_with(b"\x1f\x8b") {
        return body.to_vec();
    }
    let (bytes, _) = crate::unpack::bounded(flate2::read::MultiGzDecoder::new(body), 512 << 10);
    bytes
}
