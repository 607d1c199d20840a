use pixelwitness_interceptor::initiator;
use pixelwitness_recording::{
    Body, Bytes, Header, HeaderSource, HttpVersion, Message, NotSentCause, Request, Response, Sender, Transmission,
};
use serde_json::Value;
use url::Url;

use super::workers::{AnsweredFrom, Worker};
use super::{LARGEST_ANSWER, base64, body, messages};
use crate::attached::{Files, Kept, is_messages};
use crate::failure::{Failed, failed};
use crate::part::{header, told};
use crate::time::unix_ms;

/// One entry. Every member may be missing, or of another type than it should be.
pub(super) struct Entry<'a>(pub(super) &'a Value);

/// What an entry tells.
pub(super) struct Told {
    pub(super) request: Request,
    pub(super) messages: Vec<Message>,
    /// Why messages are missing, if any are.
    pub(super) unseen: Option<String>,
    /// Identifier of its page.
    pub(super) page: String,
    /// Where its answer leads to.
    pub(super) redirects_to: Option<String>,
    /// Whether its body was put together from its parameters.
    pub(super) rebuilt: bool,
    /// Whether its body was written anew from a JSON value.
    pub(super) held_as_value: bool,
    /// Why that had to be, although it is in a file.
    pub(super) unread: Option<String>,
    /// Whether its body cannot be what was sent, byte for byte.
    pub(super) altered: bool,
    /// Whether it shows a cookie, sent or set.
    pub(super) has_cookies: bool,
    /// Whether it does not say how.
    pub(super) lacks_method: bool,
    /// Whether it is the beginning of an entry, and no more.
    pub(super) is_cut: bool,
    /// What it says of service workers.
    pub(super) worker: Worker,
    /// Whether its answer is in a file that could not be read.
    pub(super) lacks_answer: bool,
}

impl Entry<'_> {
    /// Nothing, where there is not even an address.
    pub(super) fn told(&self, number: u64, files: &mut Files<'_>) -> Option<Told> {
        let url = self.text("/request/url");
        if url.is_empty() {
            return None;
        }
        let lacks_method = self.text("/request/method").is_empty();
        let method = if lacks_method { "GET" } else { self.text("/request/method") };
        let mut request = told(method, url, number);
        request.sent_at_ms = unix_ms(self.text("/startedDateTime"));
        request.http_version = version(self.text("/request/httpVersion"));
        request.headers = self.headers("/request");
        request.headers_from = HeaderSource::Capture;
        request.resource_type = resource_type(self.text("/_resourceType")).as_str().into();
        let mut lacks_answer = false;
        request.response = self.response(files, &mut lacks_answer);
        request.transmission = self.transmission();
        if self.flag("/_apiRequest") {
            request.sender = Sender::Browser { rule: "the test that made the HAR sent it, and no page did (_apiRequest)".to_owned() };
        }
        request.remote_address = self.remote();
        if let Some(told) = self.0.get("_initiator") {
            request.initiator = initiator(&told.to_string());
        }
        let (body, how) = body::body(&request, self.body_source(), self.number("/request/bodySize"), files);
        request.body = body;
        let sets_cookie =
            request.response.iter().flat_map(|response| &response.headers).any(|one| one.name.eq_ignore_ascii_case("set-cookie"));
        let has_cookies = request.header("cookie").is_some() || sets_cookie;
        let redirects_to = Some(self.text("/response/redirectURL")).filter(|url| !url.is_empty());
        let redirects_to = redirects_to.and_then(|to| Url::parse(&request.url).ok()?.join(to).ok()).map(String::from);
        let (messages, unseen) = messages::sent(self.0, request.sent_at_ms, number, files);
        let unseen = unseen.map(|why| format!("{url}: {why}"));
        let page = self.text("/pageref").to_owned();
        Some(Told {
            lacks_method,
            is_cut: false,
            request,
            messages,
            unseen,
            page,
            redirects_to,
            rebuilt: how.rebuilt,
            held_as_value: how.held_as_value,
            unread: how.unread,
            altered: how.altered,
            has_cookies,
            worker: self.worker(),
            lacks_answer,
        })
    }

    /// The same of an entry that breaks off in this member. What is not there may have been.
    pub(super) fn told_until(&self, member: &[u8], number: u64, files: &mut Files<'_>) -> Option<Told> {
        let mut told = self.told(number, files)?;
        told.is_cut = true;
        if member == b"request" {
            told.altered |= told.rebuilt;
            if matches!(told.request.body, Body::Empty | Body::Unavailable { .. }) {
                told.request.body = Body::Unavailable { why: "the HAR breaks off before it".to_owned() };
            }
        }
        if told.request.may_have_left() {
            told.request.transmission = Transmission::Unknown { why: "the HAR breaks off before it says so".to_owned() };
        }
        Some(told)
    }

    /// Where the body stands: the first of the members that tools use for it and that holds anything, and what is said of its absence.
    fn body_source(&self) -> body::Source<'_> {
        let members =
            ["/request/postData", "/request/_content", "/request/content", "/request/body", "/request/_body", "/request/postDataEntries"];
        let held = members.iter().filter_map(|member| self.0.pointer(member)).find(|value| body::holds_anything(value));
        body::Source { held: held.or_else(|| self.0.pointer("/request/postData")), left_out: self.text("/request/_requestBodyStatus") }
    }

    /// The files in which the HAR keeps what is read of this entry.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, Kept)> {
        let (body, answer) = (self.text("/request/postData/_file"), self.text("/response/content/_file"));
        let answer_kept = if is_messages(answer) { Kept::Messages } else { Kept::Answer };
        let is_read = |kept: Kept| match kept {
            Kept::Body => self.text("/request/postData/text").is_empty(),
            Kept::Answer => self.is_text() && self.text("/response/content/text").is_empty(),
            Kept::Messages => true,
        };
        [(body, Kept::Body), (answer, answer_kept)].into_iter().filter(move |(name, kept)| !name.is_empty() && is_read(*kept))
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Safari and Playwright have the port, too.
    fn remote(&self) -> Option<String> {
        let address = Some(self.text("/serverIPAddress")).filter(|address| !address.is_empty())?;
        let address = if address.contains(':') && !address.starts_with('[') { format!("[{address}]") } else { address.to_owned() };
        Some(self.number("/_serverPort").map_or_else(|| address.clone(), |port| format!("{address}:{port}")))
    }

    /// Some proxies write numbers as texts.
    fn number(&self, pointer: &str) -> Option<i64> {
        let value = self.0.pointer(pointer)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// Headers in the order listed. Cookies that are listed beside them and not among them are put into one line.
    fn headers(&self, side: &str) -> Vec<Header> {
        let pairs = |list: &str| -> Vec<(String, String)> {
            let items = self.0.pointer(&format!("{side}/{list}")).and_then(Value::as_array);
            let pair = |item: &Value| Some((item.get("name")?.as_str()?.to_owned(), plain(item.get("value")?)));
            items.into_iter().flatten().filter_map(pair).collect()
        };
        let mut headers: Vec<Header> =
            pairs("headers").iter().filter(|(name, _)| !name.starts_with(':')).map(|(name, value)| header(name, value)).collect();
        let cookies = pairs("cookies");
        if side == "/request" && !cookies.is_empty() && !headers.iter().any(|one| one.name.eq_ignore_ascii_case("cookie")) {
            let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.push(header("Cookie", &line.join("; ")));
        }
        headers
    }

    fn response(&self, files: &mut Files<'_>, lacks_answer: &mut bool) -> Option<Response> {
        let status = self.number("/response/status").and_then(|status| u16::try_from(status).ok())?;
        if status == 0 {
            return None;
        }
        let mut headers = self.headers("/response");
        let kind = self.text("/response/content/mimeType");
        if !kind.is_empty() && !headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type")) {
            headers.push(header("Content-Type", kind));
        }
        let answer = if self.is_text() { self.answer(files, lacks_answer) } else { None };
        let answer = answer.filter(|body| !body.is_empty());
        Some(Response { status, headers, body: answer.map(Bytes) })
    }

    /// Whether what came back is text, as far as it says.
    fn is_text(&self) -> bool {
        let kind = self.text("/response/content/mimeType").to_ascii_lowercase();
        ["text/", "javascript", "ecmascript", "json", "html", "xml"].iter().any(|word| kind.contains(word))
    }

    /// What came back, as text, in base64, or in a file of its own.
    fn answer(&self, files: &mut Files<'_>, lacks_answer: &mut bool) -> Option<Vec<u8>> {
        match (self.text("/response/content/text"), self.text("/response/content/_file")) {
            ("", "") => None,
            ("", file) if is_messages(file) => None,
            ("", file) => {
                let content = files.content(file, Kept::Answer, LARGEST_ANSWER as u64).ok();
                *lacks_answer = content.is_none();
                content
            }
            (text, _) if self.text("/response/content/encoding") == "base64" => base64::decode(text),
            (text, _) => Some(text.as_bytes().to_vec()),
        }
    }

    /// A browser lists what never left it, too: what its cache answered, what it held back.
    fn transmission(&self) -> Transmission {
        if let Some(inside) = self.answered_inside() {
            return Transmission::NotSent { cause: NotSentCause::AnsweredInside, why: inside.to_owned() };
        }
        match self.worker() {
            Worker::Answered(AnsweredFrom::Inside) => {
                return Transmission::NotSent { cause: NotSentCause::AnsweredInside, why: "answered by a service worker".to_owned() };
            }
            Worker::Answered(AnsweredFrom::NotSaid) => {
                return Transmission::Unknown {
                    why: "a service worker answered it, and the HAR does not say whether that sent it on".to_owned(),
                };
            }
            Worker::Answered(AnsweredFrom::Network) | Worker::Silent | Worker::Sent => {}
        }
        if self.flag("/_wasAborted") {
            return Transmission::NotSent { cause: NotSentCause::Blocked, why: "aborted by the test that made the HAR".to_owned() };
        }
        let error = ["/response/_error", "/response/_failureText"].iter().map(|at| self.text(at)).find(|error| !error.is_empty());
        let status = self.number("/response/status").unwrap_or(0);
        match (status, error) {
            (1.., _) => Transmission::Sent,
            (_, None) => Transmission::Unknown { why: "the HAR has no answer to it".to_owned() },
            (_, Some(error)) => match failed(error) {
                Failed::Before(cause) => Transmission::NotSent { cause, why: format!("failed before anything was written: {error}") },
                // What is looked at in an answer, and keeps the page from having it, comes after the answer.
                Failed::After => Transmission::Sent,
                Failed::Unknown => Transmission::Unknown { why: format!("the HAR has no answer to it: {error}") },
            },
        }
    }

    /// What in the browser answered it, if anything did.
    fn answered_inside(&self) -> Option<&'static str> {
        match self.text("/_fetchType") {
            "Memory Cache" => return Some("answered from the page's memory"),
            "Disk Cache" => return Some("answered from the cache"),
            _ => {}
        }
        match self.text("/_fromCache") {
            "memory" => return Some("answered from the page's memory"),
            "" => {}
            _ => return Some("answered from the cache"),
        }
        if self.text("/response/statusText") == "Internal Redirect" {
            return Some("redirected inside the browser");
        }
        self.flag("/_wasFulfilled").then_some("answered by the test that made the HAR")
    }

    /// What it says of service workers.
    fn worker(&self) -> Worker {
        if !self.text("/_serviceWorkerRef").is_empty() {
            return Worker::Sent;
        }
        if !self.flag("/response/_fetchedViaServiceWorker") && self.text("/_fetchType") != "Service Worker" {
            return Worker::Silent;
        }
        Worker::Answered(match self.text("/response/_serviceWorkerResponseSource") {
            "network" => AnsweredFrom::Network,
            "cache-storage" | "http-cache" | "fallback-code" => AnsweredFrom::Inside,
            _ => AnsweredFrom::NotSaid,
        })
    }

    fn flag(&self, pointer: &str) -> bool {
        self.0.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// Numbers and booleans stand in values, too.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn version(text: &str) -> HttpVersion {
    match text.to_ascii_lowercase().as_str() {
        "http/1.0" | "http/1.1" => HttpVersion::Http1,
        "h2" | "http/2" | "http/2.0" => HttpVersion::Http2,
        quic if quic.starts_with("h3") || quic.starts_with("http/3") => HttpVersion::Http3,
        _ => HttpVersion::Unknown,
    }
}

/// DevTools' word for a resource, where the capture uses its own spelling of it.
fn resource_type(word: &str) -> String {
    match word {
        "xhr" => "XHR".to_owned(),
        "websocket" => "WebSocket".to_owned(),
        "eventsource" => "EventSource".to_owned(),
        "cspviolationreport" | "csp-violation-report" => "CSPViolationReport".to_owned(),
        other => {
            let mut letters = other.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        }
    }
}
