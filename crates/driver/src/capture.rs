//! What is done the moment the browser reports something: new targets are watched before their first line of script runs, bodies are
//! asked for while the browser still has them, and nothing a page opens can hold the run up.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use chromiumoxide::cdp::browser_protocol::network::{EnableParams as NetworkEnable, GetRequestPostDataParams, RequestId};
use chromiumoxide::cdp::browser_protocol::page::{EnableParams as PageEnable, HandleJavaScriptDialogParams};
use chromiumoxide::cdp::browser_protocol::target::SetAutoAttachParams;
use chromiumoxide::cdp::js_protocol::runtime::RunIfWaitingForDebuggerParams;
use pixelwitness_recording::raw_log::Note;
use pixelwitness_recording::{Gap, GapKind};
use serde::Deserialize;

use crate::connection::{Frame, Prepared};
use crate::names::Hosts;

/// Largest request body that the announcement itself brings. Bytes take up to six characters each there, and Chromium drops what
/// grows too long: of a body of 64 MiB, the whole announcement. Larger ones are handed over in base64 when they are asked for.
const MAX_POST_DATA: i64 = 1 << 20;

/// Requests that run longer than this do not count as traffic that has yet to end.
const LONG_RUNNING: Duration = Duration::from_secs(10);

/// What the browser was seen to do so far: as much as is needed to drive it.
pub(crate) struct Watched {
    /// The socket is closed.
    pub(crate) closed: bool,
    pub(crate) trace: Trace,
    targets: HashMap<String, Target>,
    /// Targets attached so far, those that are gone included.
    attached: usize,
    in_flight: HashMap<(String, String), InFlight>,
    last_traffic: Instant,
    /// Bytes of answers since the step began, unpacked.
    received: u64,
    loading: HashSet<String>,
    crashed: HashSet<String>,
    pub(crate) hosts: Hosts,
}

/// How much the browser has handed over of its trace.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trace {
    pub(crate) pieces: usize,
    pub(crate) is_complete: bool,
}

struct Target {
    id: String,
    kind: String,
    opener: Option<String>,
    /// Order of attachment.
    number: usize,
}

struct InFlight {
    since: Instant,
    /// The document that made it.
    loader: String,
    endless: bool,
}

/// What is to be sent and noted in answer to an event.
#[derive(Default)]
pub(crate) struct FollowUp {
    pub(crate) commands: Vec<Prepared>,
    pub(crate) notes: Vec<Note>,
}

impl FollowUp {
    fn note(kind: GapKind, why: String) -> Self {
        Self { commands: Vec::new(), notes: vec![Note::Trouble(Gap { kind, why, request: None, step: None })] }
    }
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            closed: false,
            trace: Trace::default(),
            targets: HashMap::new(),
            attached: 0,
            in_flight: HashMap::new(),
            last_traffic: Instant::now(),
            received: 0,
            loading: HashSet::new(),
            crashed: HashSet::new(),
            hosts: Hosts::default(),
        }
    }
}

impl Watched {
    /// The session of a page that is attached.
    pub(crate) fn session_of_page(&self, target: &str) -> Option<String> {
        self.targets.iter().find(|(_, known)| known.kind == "page" && known.id == target).map(|(session, _)| session.clone())
    }

    /// The newest page that this page opened, with its session.
    pub(crate) fn opened_by(&self, target: &str) -> Option<(String, String)> {
        let opened = self.targets.iter().filter(|(_, known)| known.kind == "page" && known.opener.as_deref() == Some(target));
        opened.max_by_key(|(_, known)| known.number).map(|(session, known)| (known.id.clone(), session.clone()))
    }

    /// Every page, in order of attachment: target and session.
    pub(crate) fn pages(&self) -> Vec<(String, String)> {
        let mut pages: Vec<_> = self.targets.iter().filter(|(_, known)| known.kind == "page").collect();
        pages.sort_by_key(|(_, known)| known.number);
        pages.into_iter().map(|(session, known)| (known.id.clone(), session.clone())).collect()
    }

    /// Every frame that has a process of its own: target and session.
    pub(crate) fn frames(&self) -> Vec<(String, String)> {
        let frames = self.targets.iter().filter(|(_, known)| known.kind == "iframe");
        frames.map(|(session, known)| (known.id.clone(), session.clone())).collect()
    }

    pub(crate) fn is_loading(&self, target: &str) -> bool {
        self.loading.contains(target)
    }

    pub(crate) fn has_crashed(&self, target: &str) -> bool {
        self.crashed.contains(target)
    }

    /// Whether nothing that will end soon is under way.
    ///
    /// A hint, never a condition of success: a `fetch` whose answer nobody reads never ends by DevTools' account.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.values().all(|request| request.endless || request.since.elapsed() > LONG_RUNNING)
    }

    /// Time since the last request began or ended.
    pub(crate) fn silent_for(&self) -> Duration {
        self.last_traffic.elapsed()
    }

    /// Whether every page is there and nothing has begun or ended for so long.
    pub(crate) fn is_silent(&self, silence: Duration) -> bool {
        let is_loading = |(target, _): &(String, String)| self.is_loading(target);
        !self.pages().iter().any(is_loading) && self.is_idle() && self.silent_for() >= silence
    }

    /// Counts the silence and what is received from now on.
    pub(crate) fn begin_step(&mut self) {
        self.last_traffic = Instant::now();
        self.received = 0;
    }

    /// Bytes of answers since the step began, unpacked.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    pub(crate) fn on_event(&mut self, frame: &Frame<'_>) -> FollowUp {
        let session = frame.session.as_deref();
        let Some(method) = frame.method.as_deref() else { return FollowUp::default() };
        match method {
            "Tracing.tracingComplete" => {
                self.trace.is_complete = true;
                None
            }
            "Tracing.dataCollected" => {
                self.trace.pieces += 1;
                None
            }
            "Target.attachedToTarget" => read(frame).map(|event| self.attached(event)),
            "Target.detachedFromTarget" => read(frame).map(|event: Detached| self.detached(&event.session)),
            "Target.targetCrashed" => read(frame).map(|event| self.target_crashed(event)),
            "Network.requestWillBeSent" => read(frame).map(|event| self.request_will_be_sent(session, event)),
            "Network.loadingFinished" | "Network.loadingFailed" => read(frame).map(|event: RequestEnds| self.request_ends(session, event)),
            "Page.frameStartedLoading" => read(frame).map(|event: FrameLoading| {
                self.loading.insert(event.frame);
                FollowUp::default()
            }),
            "Page.frameStoppedLoading" => read(frame).map(|event: FrameLoading| {
                self.loading.remove(&event.frame);
                FollowUp::default()
            }),
            "Page.frameNavigated" => read(frame).map(|event| self.frame_navigated(session, &event)),
            "Page.javascriptDialogOpening" => read(frame).map(|event| dialog_opening(session, &event)),
            "Network.dataReceived" => read(frame).map(|event: DataReceived| {
                self.received += event.bytes;
                FollowUp::default()
            }),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// Everything in one burst, with nothing awaited: it is in force before the target runs on.
    fn attached(&mut self, event: Attached) -> FollowUp {
        let Attached { session, target } = event;
        let mut commands = vec![Prepared::new(Some(&session), &network_enable())];
        if matches!(target.kind.as_str(), "page" | "iframe") {
            commands.push(Prepared::new(Some(&session), &PageEnable::default()));
        }
        commands.push(Prepared::new(Some(&session), &auto_attach()));
        commands.push(Prepared::new(Some(&session), &RunIfWaitingForDebuggerParams::default()));
        self.attached += 1;
        self.targets.insert(session, Target { id: target.id, kind: target.kind, opener: target.opener, number: self.attached });
        FollowUp { commands, notes: Vec::new() }
    }

    fn detached(&mut self, session: &str) -> FollowUp {
        self.in_flight.retain(|(of, _), _| of != session);
        if let Some(target) = self.targets.remove(session) {
            self.loading.remove(&target.id);
        }
        FollowUp::default()
    }

    fn target_crashed(&mut self, event: Crashed) -> FollowUp {
        let kind = self.targets.values().find(|target| target.id == event.target).map_or("target", |target| target.kind.as_str());
        let why = format!("a {kind} crashed ({}, code {}): what it would have sent afterwards was not seen", event.status, event.code);
        self.crashed.insert(event.target);
        FollowUp::note(GapKind::Crash, why)
    }

    fn request_will_be_sent(&mut self, session: Option<&str>, event: RequestWillBeSent) -> FollowUp {
        self.last_traffic = Instant::now();
        self.hosts.contact(&event.request.url);
        let mut follow_up = FollowUp::default();
        if event.request.has_body {
            // Always asked for: the entries in the event lack the parts that are blobs and files.
            let ask = GetRequestPostDataParams::new(RequestId::new(event.request_id.clone()));
            follow_up.commands.push(Prepared::new(session, &ask));
        }
        let endless = matches!(event.kind.as_deref(), Some("WebSocket" | "EventSource" | "Media"));
        let in_flight = InFlight { since: Instant::now(), loader: event.loader, endless };
        self.in_flight.insert((session.unwrap_or_default().to_owned(), event.request_id), in_flight);
        follow_up
    }

    /// What the document before still had under way is never reported to have ended.
    fn frame_navigated(&mut self, session: Option<&str>, event: &FrameNavigated) -> FollowUp {
        if event.frame.parent.is_none() {
            self.hosts.visit(&event.frame.url);
            self.in_flight.retain(|(of, _), request| Some(of.as_str()) != session || request.loader == event.frame.loader);
        }
        FollowUp::default()
    }

    fn request_ends(&mut self, session: Option<&str>, event: RequestEnds) -> FollowUp {
        self.last_traffic = Instant::now();
        let key = (session.unwrap_or_default().to_owned(), event.request_id);
        if self.in_flight.remove(&key).is_none() && is_loader(&key.1) {
            // The document of a frame in another process and the script of a worker end on the session of what they became.
            self.in_flight.retain(|(_, request), _| *request != key.1);
        }
        FollowUp::default()
    }
}

/// Whether a request identifier is that of a document or a worker. Those are unique; others count up in each process.
fn is_loader(request: &str) -> bool {
    !request.contains('.')
}

/// A dialog stops the page until somebody answers. A visitor in a hurry says no, and leaves when asked whether to leave.
fn dialog_opening(session: Option<&str>, event: &Dialog) -> FollowUp {
    let leaving = event.kind == "beforeunload";
    FollowUp { commands: vec![Prepared::new(session, &HandleJavaScriptDialogParams::new(leaving))], notes: Vec::new() }
}

pub(crate) fn network_enable() -> NetworkEnable {
    NetworkEnable::builder().max_post_data_size(MAX_POST_DATA).max_total_buffer_size(256 << 20).max_resource_buffer_size(64 << 20).build()
}

fn auto_attach() -> SetAutoAttachParams {
    SetAutoAttachParams { auto_attach: true, wait_for_debugger_on_start: true, flatten: Some(true), filter: None }
}

/// An event's own data, where it is what we know; what is not understood is in the log all the same.
fn read<'a, T: Deserialize<'a>>(frame: &Frame<'a>) -> Option<T> {
    // Lone surrogates in a field we do not read would make serde_json refuse the rest only if it decoded them: skipped fields are not.
    serde_json::from_str(frame.params?.get()).ok()
}

#[derive(Deserialize)]
struct Attached {
    #[serde(rename = "sessionId")]
    session: String,
    #[serde(rename = "targetInfo")]
    target: TargetInfo,
}

#[derive(Deserialize)]
struct TargetInfo {
    #[serde(rename = "targetId")]
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "openerId")]
    opener: Option<String>,
}

#[derive(Deserialize)]
struct Detached {
    #[serde(rename = "sessionId")]
    session: String,
}

#[derive(Deserialize)]
struct Crashed {
    #[serde(rename = "targetId")]
    target: String,
    status: String,
    #[serde(rename = "errorCode")]
    code: i64,
}

#[derive(Deserialize)]
struct RequestWillBeSent {
    #[serde(rename = "requestId")]
    request_id: String,
    #[serde(rename = "loaderId", default)]
    loader: String,
    request: AnnouncedRequest,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct AnnouncedRequest {
    #[serde(rename = "hasPostData", default)]
    has_body: bool,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct RequestEnds {
    #[serde(rename = "requestId")]
    request_id: String,
}

#[derive(Deserialize)]
struct FrameLoading {
    #[serde(rename = "frameId")]
    frame: String,
}

#[derive(Deserialize)]
struct FrameNavigated {
    frame: NavigatedFrame,
}

#[derive(Deserialize)]
struct NavigatedFrame {
    #[serde(rename = "parentId")]
    parent: Option<String>,
    #[serde(rename = "loaderId")]
    loader: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct Dialog {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct DataReceived {
    #[serde(rename = "dataLength", default)]
    bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands over an event of a session.
    fn see(watched: &mut Watched, session: &str, method: &str, params: &str) {
        let text = format!(r#"{{"sessionId":"{session}","method":"{method}","params":{params}}}"#);
        watched.on_event(&serde_json::from_str(&text).unwrap());
    }

    #[test]
    fn a_frame_of_another_process_ends_its_document_on_a_session_of_its_own() {
        for (request, idle) in [("5D8C0FFEE0", true), ("1194.39", false)] {
            let mut watched = Watched::default();
            let sent = format!(r#"{{"requestId":"{request}","request":{{"url":"https://ads.example/"}},"type":"Document"}}"#);
            see(&mut watched, "page", "Network.requestWillBeSent", &sent);
            assert!(!watched.is_idle());
            see(&mut watched, "frame", "Network.loadingFinished", &format!(r#"{{"requestId":"{request}"}}"#));
            assert_eq!(watched.is_idle(), idle, "{request}");
            see(&mut watched, "page", "Network.loadingFinished", &format!(r#"{{"requestId":"{request}"}}"#));
            assert!(watched.is_idle(), "{request}");
        }
    }

    #[test]
    fn the_newest_page_is_known_after_others_have_gone() {
        let mut watched = Watched::default();
        let mut attach = |page: &str, opener: &str| {
            let target = format!(r#"{{"targetId":"{page}","type":"page","openerId":"{opener}"}}"#);
            see(&mut watched, "", "Target.attachedToTarget", &format!(r#"{{"sessionId":"s-{page}","targetInfo":{target}}}"#));
            if page == "second" {
                see(&mut watched, "", "Target.detachedFromTarget", r#"{"sessionId":"s-first"}"#);
            }
        };
        for (page, opener) in [("first", ""), ("second", ""), ("third", "second"), ("fourth", "second")] {
            attach(page, opener);
        }
        let order: Vec<String> = watched.pages().into_iter().map(|(page, _)| page).collect();
        assert_eq!(order, ["second", "third", "fourth"]);
        assert_eq!(watched.opened_by("second"), Some(("fourth".to_owned(), "s-fourth".to_owned())));
    }
}
