use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use pixelwitness_recording::Call;
use pixelwitness_recording::raw_log::repair_surrogates;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::devtools::places::Places;
use crate::intern::Interner;
use crate::wire::without_fragment;

/// One request as the renderer that made it noted it in the browser's trace.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    /// Line of the log that has it.
    pub(crate) line: u64,
    /// When it was made, in milliseconds of the browser's own clock.
    pub(crate) tick: f64,
    pub(crate) method: Rc<str>,
    pub(crate) url: Rc<str>,
    pub(crate) frame: Rc<str>,
    /// The document in that frame, by the address it was opened with.
    pub(crate) document: Option<Rc<str>>,
    /// The same of the page that the frame is part of.
    pub(crate) page: Option<Rc<str>>,
    /// DevTools' word for what made it: `script`, `parser`, `other`.
    pub(crate) initiator: Rc<str>,
    pub(crate) calls: Vec<Call>,
    /// Number of the process that made it.
    pub(crate) process: i64,
}

/// What the trace holds of requests that DevTools did not announce.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    requests: Vec<Traced>,
    commits: HashMap<Rc<str>, Vec<Commit>>,
}

/// A document began in a frame.
#[derive(Debug)]
struct Commit {
    process: i64,
    tick: f64,
    url: Rc<str>,
}

#[derive(Deserialize)]
struct Collected<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    pid: i64,
    /// Microseconds.
    ts: f64,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Args<T> {
    data: T,
}

#[derive(Deserialize)]
struct CommitLoad {
    frame: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SendRequest {
    request_id: String,
    frame: Option<String>,
    url: String,
    request_method: Option<String>,
    initiator: Option<Initiator>,
    #[serde(default)]
    stack_trace: Vec<StackFrame>,
}

#[derive(Deserialize)]
struct Initiator {
    #[serde(rename = "type", default)]
    kind: String,
}

/// Lines and columns count from 1 here, and from 0 in the rest of DevTools.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StackFrame {
    #[serde(default)]
    function_name: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    line_number: u32,
    #[serde(default)]
    column_number: u32,
}

impl Traced {
    /// An entry that says nothing.
    #[cfg(test)]
    pub(crate) fn blank() -> Self {
        Self {
            line: 1,
            tick: 0.0,
            method: "GET".into(),
            url: "https://host.example/".into(),
            frame: "frame".into(),
            document: None,
            page: None,
            initiator: "".into(),
            calls: Vec::new(),
            process: 0,
        }
    }
}

impl Trace {
    /// Reads what one event hands over. False where it cannot be read.
    pub(crate) fn collect(&mut self, params: &RawValue, line: u64, is_announced: impl Fn(&str) -> bool, interner: &mut Interner) -> bool {
        let repaired;
        let entries = match serde_json::from_str::<Collected<'_>>(params.get()) {
            Ok(collected) => collected.value,
            Err(_) => {
                repaired = repair_surrogates(params.get());
                let Ok(collected) = serde_json::from_str::<Collected<'_>>(&repaired) else { return false };
                collected.value
            }
        };
        for entry in entries.iter().filter_map(|entry| serde_json::from_str::<Entry<'_>>(entry.get()).ok()) {
            match &*entry.name {
                "CommitLoad" => self.committed(&entry, interner),
                "ResourceSendRequest" => self.sent(&entry, line, &is_announced, interner),
                _ => {}
            }
        }
        true
    }

    fn committed(&mut self, entry: &Entry<'_>, interner: &mut Interner) {
        let Some(CommitLoad { frame, url }) = data(entry) else { return };
        let commit = Commit { process: entry.pid, tick: entry.ts / 1000.0, url: interner.text(without_fragment(&url)) };
        self.commits.entry(interner.text(&frame)).or_default().push(commit);
    }

    fn sent(&mut self, entry: &Entry<'_>, line: u64, is_announced: impl Fn(&str) -> bool, interner: &mut Interner) {
        let Some(sent) = data::<SendRequest>(entry) else { return };
        let Some(frame) = sent.frame.filter(|_| sent.url.starts_with("http") && !is_announced(&sent.request_id)) else { return };
        let call = |frame: StackFrame| Call {
            function: frame.function_name,
            url: frame.url,
            line: frame.line_number,
            column: frame.column_number,
        };
        self.requests.push(Traced {
            line,
            tick: entry.ts / 1000.0,
            method: interner.text(sent.request_method.as_deref().unwrap_or("GET")),
            url: interner.text(without_fragment(&sent.url)),
            frame: interner.text(&frame),
            document: None,
            page: None,
            initiator: interner.text(sent.initiator.as_ref().map_or("", |initiator| &initiator.kind)),
            calls: sent.stack_trace.into_iter().map(call).collect(),
            process: entry.pid,
        });
    }

    /// The requests in the order they were made, each with its document and its page.
    pub(crate) fn requests(mut self, places: &Places) -> Vec<Traced> {
        for commits in self.commits.values_mut() {
            commits.sort_by(|one, other| one.tick.total_cmp(&other.tick));
        }
        self.requests.sort_by(|one, other| one.tick.total_cmp(&other.tick));
        for request in &mut self.requests {
            // The document that is left and the one that comes may be in processes of their own, and overlap.
            let document = before(self.commits.get(&request.frame), request.tick, |commit| commit.process == request.process);
            let top = places.top_of(&request.frame).unwrap_or(&request.frame);
            let page = match document {
                // A frame goes with its page: the page is the one it was opened in.
                Some(document) if *top != *request.frame => before(self.commits.get(top), document.tick, |_| true),
                document => document,
            };
            request.page = page.map(|page| Rc::clone(&page.url));
            request.document = document.map(|document| Rc::clone(&document.url));
        }
        self.requests
    }
}

fn before(commits: Option<&Vec<Commit>>, tick: f64, is_it: impl Fn(&Commit) -> bool) -> Option<&Commit> {
    commits?.iter().rev().find(|commit| commit.tick <= tick && is_it(commit))
}

fn data<T: serde::de::DeserializeOwned>(entry: &Entry<'_>) -> Option<T> {
    serde_json::from_str::<Args<T>>(entry.args?.get()).ok().map(|args| args.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devtools::places::Visit;

    /// A shop's page with a partner's frame goes to its next page; two processes, and the frame's last word comes after the new page.
    const TRACE: &str = r#"{"value":[
        {"name":"CommitLoad","pid":1,"ts":1000000,"args":{"data":{"frame":"top","url":"https://shop.example/#start"}}},
        {"name":"CommitLoad","pid":2,"ts":1100000,"args":{"data":{"frame":"child","url":"https://partner.example/frame"}}},
        {"name":"CommitLoad","pid":1,"ts":5000000,"args":{"data":{"frame":"top","url":"https://shop.example/next"}}},
        {"name":"FunctionCall","pid":1,"ts":1,"args":"what is this"},
        {"name":"ResourceSendRequest","pid":1,"ts":1,"args":{"data":{"requestId":"1.4"}}},
        {"name":"ResourceSendRequest","pid":2,"ts":5000200,"args":{"data":{"requestId":"2.7","frame":"child","url":"https://t.example/late#x",
            "requestMethod":"POST","initiator":{"type":"script","fetchType":"beacon"},
            "stackTrace":[{"functionName":"bye","url":"https://partner.example/frame","lineNumber":7,"columnNumber":36}]}}},
        {"name":"ResourceSendRequest","pid":1,"ts":4999000,"args":{"data":{"requestId":"1.8","frame":"top","url":"https://t.example/bye","requestMethod":"POST"}}},
        {"name":"ResourceSendRequest","pid":1,"ts":5000100,"args":{"data":{"requestId":"1.9","frame":"top","url":"https://t.example/hello","requestMethod":"GET"}}},
        {"name":"ResourceSendRequest","pid":1,"ts":5000150,"args":{"data":{"requestId":"announced","frame":"top","url":"https://t.example/","requestMethod":"GET"}}},
        {"name":"ResourceSendRequest","pid":1,"ts":5000160,"args":{"data":{"requestId":"1.11","frame":"top","url":"data:,","requestMethod":"GET"}}}
    ]}"#;

    #[test]
    fn a_last_word_belongs_to_the_document_that_is_left() {
        let mut interner = Interner::default();
        let mut places = Places::default();
        let (top, child) = (interner.text("top"), interner.text("child"));
        places.enter(&top, None, 0, Visit::None, &mut interner);
        places.enter(&child, Some(top), 0, Visit::None, &mut interner);
        let mut trace = Trace::default();
        let read: Box<RawValue> = serde_json::from_str(TRACE).unwrap();
        assert!(trace.collect(&read, 9, |request| request == "announced", &mut interner));
        let told: Vec<String> = trace
            .requests(&places)
            .iter()
            .map(|request| {
                let calls: Vec<String> =
                    request.calls.iter().map(|call| format!("{}:{}:{}", call.function, call.line, call.column)).collect();
                let (document, page) = (request.document.as_deref().unwrap_or("-"), request.page.as_deref().unwrap_or("-"));
                format!("{} {} {document} under {page} {} {calls:?}", request.method, request.url, request.initiator)
            })
            .collect();
        assert_eq!(
            told,
            [
                "POST https://t.example/bye https://shop.example/ under https://shop.example/  []",
                "GET https://t.example/hello https://shop.example/next under https://shop.example/next  []",
                "POST https://t.example/late https://partner.example/frame under https://shop.example/ script [\"bye:7:36\"]",
            ]
        );
    }

    #[test]
    fn what_is_no_trace_is_refused() {
        let mut interner = Interner::default();
        for text in ["{}", "[]", r#"{"value":7}"#, "null"] {
            let params: Box<RawValue> = serde_json::from_str(text).unwrap();
            assert!(!Trace::default().collect(&params, 1, |_| false, &mut interner), "{text}");
        }
    }
}
