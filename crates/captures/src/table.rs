//! Tables with a request a row: OpenWPM's `http_requests`, and what proxies and analysts export.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pixelwitness_recording::{Body, CaptureKind, GapKind, Header, HeaderSource, Request, Response, Sender, Transmission};
use serde_json::Value;

use crate::pages::{self, step};
use crate::part::{Part, absent_body, counted, header, told, without_fragment};
use crate::time::unix_ms;

/// What columns are called, in lower case, by what they hold. The first is OpenWPM's.
const URL: &[&str] = &["url", "request_url", "request url", "requesturl", "address", "uri", "request"];
const METHOD: &[&str] = &["method", "request_method", "request method", "http_method", "http method"];
const HEADERS: &[&str] = &["headers", "request_headers", "request headers", "requestheaders"];
const REFERRER: &[&str] = &["referrer", "referer"];
const PAGE: &[&str] = &["top_level_url", "page_url", "page url", "document_url", "page"];
const BODY: &[&str] = &["post_body", "request_body", "request body", "requestbody", "post_data", "postdata", "post data", "body"];
const RAW_BODY: &[&str] = &["post_body_raw"];
const STATUS: &[&str] = &["response_status", "status", "status_code", "status code"];
const TYPE: &[&str] = &["resource_type", "resource type", "type"];
const TIME: &[&str] = &["time_stamp", "timestamp", "started", "start_time", "time", "date"];

/// Columns by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(HashMap<String, usize>);

impl Columns {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().enumerate().map(|(at, name)| (name.trim().to_lowercase(), at)).collect())
    }

    fn at(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.0.get(*name)).copied()
    }

    pub(crate) fn has_address(&self) -> bool {
        self.at(URL).is_some()
    }

    /// Whether there is more than addresses, and what goes with any list of them.
    pub(crate) fn has_more(&self) -> bool {
        [METHOD, HEADERS, BODY, RAW_BODY].iter().any(|names| self.at(names).is_some())
    }

    fn is_openwpm(&self) -> bool {
        ["visit_id", "top_level_url", "request_id", "url"].iter().all(|name| self.0.contains_key(*name))
    }
}

/// What is read of a table, row by row.
pub(crate) struct Table {
    pub(crate) part: Part,
    columns: Columns,
    /// Numbers of the pages that rows name.
    pages: HashMap<String, usize>,
    rebuilt: usize,
    /// Bodies that were files, whose content nobody noted down.
    files: usize,
}

impl Table {
    pub(crate) fn new(columns: Columns) -> Self {
        let mut part = Part::new(CaptureKind::Table);
        if columns.is_openwpm() {
            part.made_by = "OpenWPM".to_owned();
        }
        Self { part, columns, pages: HashMap::new(), rebuilt: 0, files: 0 }
    }

    fn cell<'a>(&self, cells: &'a [String], names: &[&str]) -> &'a str {
        let cell = self.columns.at(names).and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        if matches!(cell, "undefined" | "null" | "NULL") { "" } else { cell }
    }

    pub(crate) fn address<'a>(&self, cells: &'a [String]) -> &'a str {
        self.cell(cells, URL)
    }

    /// The cells that tell which request of which visit a row is, in OpenWPM's tables.
    pub(crate) fn key(&self, cells: &[String]) -> String {
        ["browser_id", "visit_id", "request_id", "url"].map(|name| self.cell(cells, &[name])).join("\n")
    }

    /// Adds a request. Of its answer the table of requests says nothing, where `answer` is not given and no column has it.
    pub(crate) fn take(&mut self, cells: &[String], place: u64, answer: Option<Answer>) {
        let method = self.cell(cells, METHOD);
        let mut request = told(if method.is_empty() { "GET" } else { method }, self.address(cells), place);
        request.headers = headers(self.cell(cells, HEADERS));
        let referrer = self.cell(cells, REFERRER);
        if !referrer.is_empty() && request.header("referer").is_none() {
            request.headers.push(header("Referer", referrer));
        }
        request.headers_from = if request.headers.is_empty() { HeaderSource::Nobody } else { HeaderSource::Capture };
        request.resource_type = resource_type(self.cell(cells, TYPE)).to_owned();
        request.sent_at_ms = unix_ms(&self.cell(cells, TIME).replacen(' ', "T", 1));
        request.body = self.body(cells, &request);
        let status = self.cell(cells, STATUS).parse().ok().filter(|status| *status > 0);
        let answer = answer.or_else(|| status.map(|status| Answer::Status(status, Vec::new())));
        request.transmission = match &answer {
            Some(Answer::Status(..)) => Transmission::Sent,
            Some(Answer::None) => Transmission::Unknown { why: "OpenWPM noted down no answer to it".to_owned() },
            // OpenWPM notes a request down when its headers are about to be sent.
            None if self.columns.is_openwpm() => Transmission::Sent,
            None => Transmission::Unknown { why: "the table does not say so".to_owned() },
        };
        if let Some(Answer::Status(status, headers)) = answer {
            request.response = Some(Response { status, headers, body: None });
        }
        if self.is_browsers(cells) {
            request.sender = Sender::Browser { rule: "OpenWPM names neither a tab nor a page that made it".to_owned() };
        }
        self.put_under_its_page(&mut request, cells);
        self.part.push(request);
    }

    /// Requests of Firefox's own have no tab, no page, and nobody who triggered them.
    fn is_browsers(&self, cells: &[String]) -> bool {
        let origin = self.cell(cells, &["triggering_origin"]);
        let has_nobody = origin.is_empty() || origin == "[System Principal]";
        self.columns.is_openwpm() && self.cell(cells, &["tab_id"]) == "-1" && has_nobody && self.cell(cells, PAGE).is_empty()
    }

    fn put_under_its_page(&mut self, request: &mut Request, cells: &[String]) {
        let page = without_fragment(self.cell(cells, PAGE));
        if !page.starts_with("http") || request.sender != Sender::Page {
            return;
        }
        let at = match self.pages.get(page) {
            Some(at) => *at,
            None => {
                let at = self.part.steps.len();
                self.part.steps.push(step(at, page, "", (request.sent_at_ms, request.sent_at_ms)));
                self.pages.insert(page.to_owned(), at);
                at
            }
        };
        let run = &mut self.part.steps[at];
        run.ended_at_ms = run.ended_at_ms.max(request.sent_at_ms);
        (request.step, request.page_url) = (Some(at), Some(page.to_owned()));
    }

    fn body(&mut self, cells: &[String], request: &Request) -> Body {
        let raw = self.cell(cells, RAW_BODY);
        if !raw.is_empty() {
            let (bytes, files) = raw_body(raw);
            self.files += files;
            if !bytes.is_empty() {
                return bytes.into();
            }
        }
        let text = self.cell(cells, BODY);
        if !text.is_empty() {
            let form = form(text, request);
            self.rebuilt += usize::from(form.is_some());
            return form.unwrap_or_else(|| text.as_bytes().to_vec()).into();
        }
        let has_column = self.columns.at(BODY).or(self.columns.at(RAW_BODY)).is_some();
        absent_body(&request.method, None, if has_column { "the table does not have it" } else { "the table has no column for bodies" })
    }

    pub(crate) fn finish(mut self) -> Part {
        if self.rebuilt > 0 {
            let why = format!(
                "{} listed by parameters alone: names and values are those listed, the bytes between them are ours",
                counted(self.rebuilt, "body", "bodies")
            );
            self.part.say(GapKind::LeftOut, why);
        }
        if self.files > 0 {
            let why = format!("{} held files, whose content the table does not have", counted(self.files, "body", "bodies"));
            self.part.say(GapKind::BodyUnavailable, why);
        }
        if self.columns.at(HEADERS).is_none() {
            self.part.say(GapKind::LeftOut, "the table has no column for headers: cookies and what else headers tell cannot be seen");
        }
        pages::infer(&mut self.part);
        self.part.sort();
        self.part
    }
}

/// What is known of an answer.
pub(crate) enum Answer {
    Status(u16, Vec<Header>),
    /// There was none.
    None,
}

/// Headers as OpenWPM has them, a list of pairs as JSON; as an object; or as text, one a line.
pub(crate) fn headers(cell: &str) -> Vec<Header> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match serde_json::from_str(cell) {
        Ok(Value::Array(items)) => {
            let pair = |item: &Value| match item {
                Value::Array(pair) => Some(header(pair.first()?.as_str()?, &text(pair.get(1)?))),
                Value::Object(_) => Some(header(item.get("name")?.as_str()?, &text(item.get("value")?))),
                _ => None,
            };
            items.iter().filter_map(pair).collect()
        }
        Ok(Value::Object(members)) => members.iter().map(|(name, value)| header(name, &text(value))).collect(),
        _ => {
            let pair = |line: &str| line.split_once(':').map(|(name, value)| header(name.trim(), value.trim()));
            cell.lines().filter_map(pair).filter(|header| !header.name.is_empty()).collect()
        }
    }
}

/// What the network layer had of a body, as OpenWPM keeps it: pairs of a file's name and bytes in base64. How many are files?
fn raw_body(cell: &str) -> (Vec<u8>, usize) {
    let Ok(Value::Array(parts)) = serde_json::from_str(cell) else {
        return (STANDARD.decode(cell).unwrap_or_else(|_| cell.as_bytes().to_vec()), 0);
    };
    let files = parts.iter().filter(|part| part[0].as_str().is_some_and(|file| !file.is_empty())).count();
    let bytes = parts.iter().filter_map(|part| STANDARD.decode(part[1].as_str()?).ok());
    (bytes.flatten().collect(), files)
}

/// OpenWPM keeps a form as its fields, each with all of its values, as JSON.
fn form(text: &str, request: &Request) -> Option<Vec<u8>> {
    let kind = request.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") && !kind.starts_with("multipart/form-data") {
        return None;
    }
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return None };
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (name, value) in &fields {
        match value {
            Value::String(value) => pairs.push((name, value)),
            Value::Array(values) => pairs.extend(values.iter().filter_map(Value::as_str).map(|value| (name.as_str(), value))),
            _ => return None,
        }
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    Some(if kind.starts_with("multipart/") {
        let boundary =
            kind.split_once("boundary=").map_or("pixelwitness", |(_, rest)| rest.split(';').next().unwrap_or(rest).trim_matches('"'));
        let part = |(name, value): &(&str, &str)| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n", name.replace('"', "%22"))
        };
        (pairs.iter().map(part).collect::<String>() + &format!("--{boundary}--\r\n")).into_bytes()
    } else {
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&").into_bytes()
    })
}

/// DevTools' word for what Firefox's extensions call a resource.
fn resource_type(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "main_frame" | "sub_frame" | "document" => "Document",
        "xmlhttprequest" | "xhr" => "XHR",
        "fetch" => "Fetch",
        "beacon" | "ping" => "Ping",
        "image" | "imageset" => "Image",
        "script" => "Script",
        "stylesheet" => "Stylesheet",
        "font" => "Font",
        "media" => "Media",
        "websocket" => "WebSocket",
        "csp_report" => "CSPViolationReport",
        "" => "",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str, cells: &[&str]) -> Request {
        let mut table = Table::new(Columns::new(names.split(',').map(str::to_owned)));
        table.take(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>(), 2, None);
        let mut requests = Vec::new();
        table.finish().requests.for_each(|request| requests.push(request));
        requests.remove(0)
    }

    #[test]
    fn a_body_is_read_in_each_form_that_tables_keep_it() {
        let form = r#"[["Content-Type","application/x-www-form-urlencoded"]]"#;
        let multipart = r#"[["Content-Type","multipart/form-data; boundary=x"]]"#;
        for (column, headers, cell, body) in [
            ("post_body", "[]", r#"{"email":"a@b.example"}"#, r#"{"email":"a@b.example"}"#),
            ("post_body", form, r#"{"email":["a@b.example"],"q":["hiv test","x"]}"#, "email=a%40b%2Eexample&q=hiv%20test&q=x"),
            ("post_body", multipart, r#"{"q":["hiv"]}"#, "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nhiv\r\n--x--\r\n"),
            ("post_body", form, "email=a%40b.example", "email=a%40b.example"),
            ("post_body_raw", "[]", r#"[[null,"aGl2"],["","IQ=="]]"#, "hiv!"),
            ("post_body_raw", "[]", "aGl2IQ==", "hiv!"),
            ("Request Body", "", "q=hiv", "q=hiv"),
        ] {
            let request = read(&format!("url,method,headers,{column}"), &["https://t.example/c", "POST", headers, cell]);
            assert_eq!(request.body.bytes().map(String::from_utf8_lossy).as_deref(), Some(body), "{cell}");
        }
    }

    #[test]
    fn headers_are_read_in_each_form_that_tables_keep_them() {
        for cell in [r#"[["Cookie","a=b"]]"#, r#"{"Cookie":"a=b"}"#, r#"[{"name":"Cookie","value":"a=b"}]"#, "Accept: */*\nCookie: a=b"] {
            assert_eq!(read("url,headers", &["https://t.example/", cell]).header("cookie"), Some("a=b"), "{cell}");
        }
    }

    #[test]
    fn firefoxs_own_requests_have_no_tab_and_no_page() {
        let names = "url,visit_id,request_id,tab_id,top_level_url,triggering_origin";
        for (cells, is_own) in [
            (["https://a.example/", "1", "1", "-1", "", "[System Principal]"], true),
            (["https://a.example/", "1", "1", "-1", "undefined", "undefined"], true),
            // A service worker's has no tab, either.
            (["https://a.example/", "1", "1", "-1", "", "https://clinic.example"], false),
            (["https://a.example/", "1", "1", "1", "", ""], false),
        ] {
            assert_eq!(read(names, &cells).sender != Sender::Page, is_own, "{cells:?}");
        }
    }
}
