use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pixelwitness_recording::raw_log::{Line, Note, repair_surrogates};
use pixelwitness_recording::{
    Environment, Gap, GapKind, Header, Journey, Listening, LogLine, Lookup, MessageKind, RawLog, Resolver, StepRun,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::devtools::exchange::{Answer, BodyCopy, Exchange, Extra, Failure, Instead, SentMessage};
use crate::devtools::frames::{
    AttachedToTarget, Dialog, Envelope, ExtraInfo, FrameAttached, FrameNavigated, Headers, LedTo, LoadingFailed, NavigatedWithinDocument,
    PostData, PostDataEntry, Request, RequestId, RequestWillBeSent, Response, ResponseExtraInfo, ResponseReceived, TracingComplete,
    WebSocketCreated, WebSocketFrame, WebSocketHandshake, WindowOpen,
};
use crate::devtools::held_back::{HeldBack, Sort};
use crate::devtools::places::{Attached, Places, Visit};
use crate::devtools::trace::{Trace, Traced};
use crate::headers::{HeaderLists, ListId};
use crate::intern::Interner;
use crate::lines::{self, Lines};
use crate::wire::without_fragment;

/// What the DevTools log holds.
#[derive(Debug, Default)]
pub(crate) struct Devtools {
    pub(crate) journey: Journey,
    pub(crate) environment: Environment,
    pub(crate) steps: Vec<StepRun>,
    pub(crate) listened: Vec<Listening>,
    /// What the driver itself noted as missing.
    pub(crate) troubles: Vec<Gap>,
    pub(crate) starts: Vec<StepStart>,
    /// Names that the driver looked up itself, after the run.
    pub(crate) lookups: Vec<Lookup>,
    /// Names that it could not look up, and why.
    pub(crate) not_looked_up: Vec<(String, String)>,
    pub(crate) exchanges: Vec<Exchange>,
    /// Headers of the exchanges and of their answers.
    pub(crate) headers: HeaderLists,
    pub(crate) places: Places,
    /// What the browser's trace has beside the exchanges.
    pub(crate) traced: Vec<Traced>,
    /// Whether the browser had to drop a part of its trace.
    pub(crate) trace_lost: bool,
    /// What pages set about and did not get to do.
    pub(crate) held_back: HeldBack,
    /// Events of the browser.
    pub(crate) events: usize,
    /// Lines that cannot be read.
    pub(crate) damaged: usize,
    /// Whether the log starts as one does.
    pub(crate) begins: bool,
    /// Whether the run reached its end.
    pub(crate) ends: bool,
    /// Whether the browser was somebody else's: there are no steps, so each page that is opened begins one.
    pub(crate) foreign: bool,
}

/// When a step began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepStart {
    pub(crate) step: usize,
    pub(crate) at_ms: u64,
}

/// Reads the DevTools log. A read error ends it like a cut.
pub(crate) fn read(log: impl BufRead, interner: &mut Interner) -> Devtools {
    let mut fold = Fold::new(Devtools::default(), interner);
    let mut lines = Lines::of(log);
    let mut number = 0;
    while let Some(next) = lines.next() {
        number += 1;
        let lines::Line::Whole(text) = next else {
            fold.read.damaged += 1;
            continue;
        };
        let text = String::from_utf8_lossy(text.trim_ascii_end());
        match serde_json::from_str::<Line<'_>>(&text) {
            Ok(line) => fold.take(number, line),
            Err(_) => fold.read.damaged += 1,
        }
    }
    fold.finish()
}

/// Reads frames that somebody else's program wrote down, each with its number and the time it was written, where that is known.
pub(crate) fn read_frames(frames: impl Iterator<Item = (u64, u64, String)>, interner: &mut Interner) -> Devtools {
    let read = Devtools { begins: true, ends: true, foreign: true, ..Devtools::default() };
    let mut fold = Fold::new(read, interner);
    for (number, at_ms, json) in frames {
        match serde_json::from_str::<&RawValue>(&json) {
            // A command has both; an answer only a number, an event only a method.
            Ok(frame) if is_command(frame) => fold.commanded(frame),
            Ok(frame) => fold.received(frame, number, at_ms),
            Err(_) => fold.read.damaged += 1,
        }
    }
    fold.finish()
}

fn is_command(frame: &RawValue) -> bool {
    serde_json::from_str::<Envelope<'_>>(frame.get()).is_ok_and(|envelope| envelope.id.is_some() && envelope.method.is_some())
}

struct Fold<'i> {
    interner: &'i mut Interner,
    read: Devtools,
    /// Hops of each request identifier, in order.
    by_request: HashMap<Rc<str>, Vec<usize>>,
    /// The exchange whose body each command asked for.
    asked: HashMap<u64, usize>,
    /// Extra information of each request identifier that no hop has claimed yet.
    waiting: HashMap<Rc<str>, Vec<Waiting>>,
    trace: Trace,
    /// Documents that came from the public internet.
    public: HashSet<Rc<str>>,
}

struct Waiting {
    line: u64,
    extra: Extra,
}

/// Where and when a frame came.
#[derive(Clone, Copy)]
struct Context<'a> {
    line: u64,
    at_ms: u64,
    session: Option<&'a str>,
}

impl<'i> Fold<'i> {
    fn new(read: Devtools, interner: &'i mut Interner) -> Self {
        Self {
            interner,
            read,
            by_request: HashMap::new(),
            asked: HashMap::new(),
            waiting: HashMap::new(),
            trace: Trace::default(),
            public: HashSet::new(),
        }
    }
}

impl Fold<'_> {
    fn take(&mut self, number: u64, line: Line<'_>) {
        if let Some(note) = line.note {
            self.note(note, number, line.at_ms);
        }
        if let Some(frame) = line.received {
            self.received(frame, number, line.at_ms);
        }
        if let Some(frame) = line.sent {
            self.commanded(frame);
        }
    }

    fn note(&mut self, note: Note, number: u64, at_ms: u64) {
        match note {
            Note::RunBegins { journey, .. } => {
                self.read.begins = true;
                self.read.journey = *journey;
            }
            Note::BrowserReady(environment) => self.read.environment = *environment,
            Note::StepBegins { step } => self.read.starts.push(StepStart { step, at_ms }),
            Note::Listened(listening) => self.read.listened.push(listening),
            Note::StepEnds(step) => self.read.steps.push(*step),
            Note::Leaving => {}
            // The driver notes a crash the moment it is told of it.
            Note::Trouble(gap) if gap.kind == GapKind::Crash && gap.step.is_none() => {
                let step = self.step();
                self.read.troubles.push(Gap { step, ..gap });
            }
            Note::Trouble(gap) => self.read.troubles.push(gap),
            Note::LookedUp { host, aliases, addresses, servers } => self.read.lookups.push(Lookup {
                host,
                aliases,
                addresses,
                by: Resolver::Afterwards { servers },
                at_ms,
                log_line: LogLine { log: RawLog::Devtools, line: number },
            }),
            Note::NotLookedUp { host, why } => self.read.not_looked_up.push((host, why)),
            Note::RunEnds => self.read.ends = true,
        }
    }

    fn commanded(&mut self, frame: &RawValue) {
        let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(frame.get()) else { return };
        if envelope.method.as_deref() != Some("Network.getRequestPostData") {
            return;
        }
        let asked = envelope.params.and_then(parse::<RequestId>);
        if let (Some(id), Some(asked)) = (envelope.id, asked)
            && let Some(at) = self.find(&asked.request_id, envelope.session.as_deref())
        {
            let at = self.with_body(at);
            self.asked.insert(id, at);
        }
    }

    /// The hop that has a body to ask for: a redirect may have been announced in the meantime.
    fn with_body(&self, at: usize) -> usize {
        let hops = std::iter::successors(Some(at), |&at| self.read.exchanges[at].redirected_from);
        hops.into_iter().find(|&at| self.read.exchanges[at].body != BodyCopy::None).unwrap_or(at)
    }

    fn received(&mut self, frame: &RawValue, line: u64, at_ms: u64) {
        let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(frame.get()) else {
            self.read.damaged += 1;
            return;
        };
        if let Some(id) = envelope.id {
            self.answered(id, &envelope, line);
            return;
        }
        self.read.events += 1;
        let (Some(method), Some(params)) = (&envelope.method, envelope.params) else { return };
        let context = Context { line, at_ms, session: envelope.session.as_deref() };
        let understood = match &**method {
            "Network.requestWillBeSent" => with_repair(params, |event| self.will_be_sent(event, context)),
            "Network.requestWillBeSentExtraInfo" => with_repair(params, |event| self.extra_info(event, context)),
            "Network.responseReceived" => with_repair(params, |event| self.response(event, context)),
            "Network.responseReceivedExtraInfo" => with_repair(params, |event| self.answered_from(event, context)),
            "Network.requestServedFromCache" => with_repair(params, |event| self.served_from_memory(event, context)),
            "Network.loadingFailed" => with_repair(params, |event| self.failed(event, context)),
            "Network.webSocketCreated" => with_repair(params, |event| self.socket_created(event, context)),
            "Network.webSocketWillSendHandshakeRequest" | "Network.webSocketHandshakeResponseReceived" => {
                with_repair(params, |event| self.handshake(event, context))
            }
            "Network.webSocketFrameSent" => with_repair(params, |event| self.frame_sent(event, context)),
            "Target.attachedToTarget" => with_repair(params, |event| self.attached(&event, context)),
            "Page.javascriptDialogOpening" => with_repair(params, |event| self.dialog(&event)),
            "Page.windowOpen" => with_repair(params, |event: WindowOpen| {
                self.read.held_back.window(self.step(), &event.url, event.user_gesture);
            }),
            "Page.frameRequestedNavigation" => with_repair(params, |event: LedTo| {
                if is_for_another_program(&event.url) {
                    self.read.held_back.add(self.step(), Sort::Program, &event.url);
                }
            }),
            "Browser.downloadWillBegin" => with_repair(params, |event: LedTo| {
                self.read.held_back.add(self.step(), Sort::Download, &event.url);
            }),
            "Page.frameAttached" => with_repair(params, |event| self.frame_attached(event, context)),
            "Page.frameNavigated" => with_repair(params, |event| self.navigated(event, context)),
            "Tracing.dataCollected" => self.trace.collect(params, line, |request| self.by_request.contains_key(request), self.interner),
            "Tracing.tracingComplete" => with_repair(params, |event: TracingComplete| self.read.trace_lost |= event.data_loss_occurred),
            "Page.navigatedWithinDocument" => with_repair(params, |event| self.navigated_within(&event, context)),
            _ => true,
        };
        self.read.damaged += usize::from(!understood);
    }

    fn will_be_sent(&mut self, event: RequestWillBeSent, context: Context<'_>) {
        if !is_network(&event.request.url) {
            return;
        }
        let url = self.interner.text(without_fragment(&event.request.url));
        let request = self.interner.text(&event.request_id);
        let target = self.target(context);
        let tick = event.timestamp * 1000.0;
        let before = self.find_same_target(&request, &target);
        if let Some(before) = before {
            let hop = &mut self.read.exchanges[before];
            // A service worker is attached twice: the same announcement comes again.
            if event.redirect_response.is_none() && hop.url == url && *hop.method == *event.request.method && (hop.tick - tick).abs() < 1.0
            {
                hop.lines.push(context.line);
                return;
            }
        }
        let redirected_from = before.filter(|_| event.redirect_response.is_some());
        if let (Some(before), Some(response)) = (redirected_from, event.redirect_response) {
            self.read.exchanges[before].has_extra = event.redirect_has_extra_info;
            self.answer(before, response);
        }
        let frame = event.frame_id.as_deref().map(|id| self.interner.text(id)).or_else(|| self.read.places.frame_of(&target).cloned());
        let is_navigation = event.resource_type == "Document" && event.loader_id.as_deref() == Some(&*event.request_id);
        let places = &self.read.places;
        let frame_url = frame.as_deref().and_then(|frame| places.url_of(frame)).cloned();
        let opens_page = is_navigation && frame.as_deref().is_some_and(|frame| places.is_top(frame));
        let page_url = if opens_page { None } else { frame.as_deref().and_then(|frame| places.page_of(frame)).cloned() };
        let page_url = match page_url {
            Some(page) => Some(page),
            None if opens_page => Some(self.interner.text(without_fragment(&event.document_url))),
            None => None,
        };
        let target_kind = self.read.places.kind_of(&target);
        let body = self.announced_body(&event.request);
        if self.read.foreign && opens_page && redirected_from.is_none() {
            let step = self.read.starts.len();
            self.read.starts.push(StepStart { step, at_ms: wall_ms(event.wall_time, context) });
        }
        // Of a hop after the first, DevTools says that the parser made it, whoever made the first.
        let initiator = match redirected_from {
            Some(before) => Rc::clone(&self.read.exchanges[before].initiator),
            None => self.interner.text(event.initiator.as_deref().map_or("", RawValue::get)),
        };
        let exchange = Exchange {
            target,
            target_kind,
            lines: vec![context.line],
            step: self.step(),
            tick,
            wall_ms: wall_ms(event.wall_time, context),
            method: self.interner.text(&event.request.method),
            url,
            resource_type: self.interner.text(&event.resource_type),
            frame,
            frame_url,
            page_url,
            initiator,
            origin: origin(&event.request.headers).map(|origin| self.interner.text(origin)),
            provisional: self.headers(event.request.headers),
            body,
            has_extra: None,
            extra: None,
            answer: None,
            instead: None,
            failure: None,
            from_public: false,
            redirected_from,
            messages: Vec::new(),
        };
        self.add(request, exchange);
    }

    fn add(&mut self, request: Rc<str>, exchange: Exchange) {
        self.by_request.entry(request).or_default().push(self.read.exchanges.len());
        self.read.exchanges.push(exchange);
    }

    fn announced_body(&mut self, request: &Request) -> BodyCopy {
        let entries = request.post_data_entries.as_deref().and_then(joined);
        match (entries, &request.post_data) {
            (Some(bytes), _) if !bytes.is_empty() => BodyCopy::Partial(self.interner.body(bytes)),
            (_, Some(text)) => BodyCopy::Partial(self.interner.body(text.clone().into_bytes())),
            _ if request.has_post_data => BodyCopy::Announced,
            _ => BodyCopy::None,
        }
    }

    fn answered(&mut self, id: u64, envelope: &Envelope<'_>, line: u64) {
        let Some(at) = self.asked.remove(&id) else { return };
        if let Some(result) = envelope.result
            && let Some(data) = parse::<PostData>(result)
        {
            let bytes = if data.base64_encoded { STANDARD.decode(&data.post_data).ok() } else { Some(data.post_data.into_bytes()) };
            if let Some(bytes) = bytes {
                self.read.exchanges[at].lines.push(line);
                self.read.exchanges[at].body = BodyCopy::Exact(self.interner.body(bytes));
            }
            return;
        }
        #[derive(Deserialize)]
        struct Told {
            message: String,
        }
        let why = envelope.error.and_then(parse::<Told>).map_or_else(String::new, |told| told.message);
        let exchange = &mut self.read.exchanges[at];
        if exchange.body == BodyCopy::Announced {
            exchange.body = BodyCopy::Refused(self.interner.text(&why));
        }
    }

    fn extra_info(&mut self, event: ExtraInfo, context: Context<'_>) {
        let started = event.connect_timing.map(|timing| timing.request_time * 1000.0);
        let headers = self.headers(event.headers);
        let waiting = self.waiting.entry(self.interner.text(&event.request_id)).or_default();
        // The second session of a service worker tells it again.
        let known = waiting.iter().any(|other| started.is_some() && other.extra.started == started);
        if !known {
            waiting.push(Waiting { line: context.line, extra: Extra { headers, started } });
        }
    }

    fn response(&mut self, event: ResponseReceived, context: Context<'_>) {
        let Some(at) = self.find(&event.request_id, context.session) else { return };
        self.read.exchanges[at].has_extra = event.has_extra_info;
        self.answer(at, event.response);
    }

    /// Documents are of the public internet or not by the address they came from.
    fn answered_from(&mut self, event: ResponseExtraInfo, context: Context<'_>) {
        let Some(at) = self.find(&event.request_id, context.session) else { return };
        let exchange = &self.read.exchanges[at];
        if &*exchange.resource_type == "Document" && event.address_space == "Public" {
            self.public.insert(Rc::clone(&exchange.url));
        }
    }

    fn answer(&mut self, at: usize, response: Response) {
        let by_the_browser = answered_by_the_browser(&self.read.exchanges[at].url, &response);
        let headers = self.headers(response.headers);
        let remote = (!response.remote_ip.is_empty()).then(|| self.interner.text(&address(&response.remote_ip, response.remote_port)));
        let exchange = &mut self.read.exchanges[at];
        let instead = [
            (response.from_service_worker, Instead::ServiceWorker),
            (response.from_prefetch_cache, Instead::PrefetchCache),
            (response.from_disk_cache, Instead::DiskCache),
        ];
        let instead = instead.into_iter().find(|(is, _)| *is).map(|(_, instead)| instead);
        exchange.instead = exchange.instead.or(instead).or(by_the_browser);
        exchange.answer = Some(Answer {
            status: u16::try_from(response.status).unwrap_or(0),
            headers,
            connection: (response.connection_id >= 1.0).then_some(response.connection_id as i64),
            remote,
        });
    }

    fn served_from_memory(&mut self, event: RequestId, context: Context<'_>) {
        if let Some(at) = self.find(&event.request_id, context.session) {
            self.read.exchanges[at].instead = Some(Instead::MemoryCache);
        }
    }

    fn failed(&mut self, event: LoadingFailed, context: Context<'_>) {
        let Some(at) = self.find(&event.request_id, context.session) else { return };
        let error = match event.cors_error_status {
            Some(cors) if !cors.cors_error.is_empty() => format!("{} (CORS: {})", event.error_text, cors.cors_error),
            _ => event.error_text,
        };
        let blocked = event.blocked_reason.map(|reason| self.interner.text(&reason));
        self.read.exchanges[at].failure = Some(Failure { error: self.interner.text(&error), blocked });
    }

    fn socket_created(&mut self, event: WebSocketCreated, context: Context<'_>) {
        let request = self.interner.text(&event.request_id);
        let target = self.target(context);
        if self.find_same_target(&request, &target).is_some() {
            return;
        }
        let places = &self.read.places;
        let frame = places.frame_of(&target).cloned();
        let frame_url = frame.as_deref().and_then(|frame| places.url_of(frame)).cloned();
        let page_url = frame.as_deref().and_then(|frame| places.page_of(frame)).cloned();
        let tick = self.read.exchanges.last().map_or(0.0, |last| last.tick);
        let exchange = Exchange {
            target_kind: self.read.places.kind_of(&target),
            target,
            lines: vec![context.line],
            step: self.step(),
            tick,
            wall_ms: context.at_ms,
            method: self.interner.text("GET"),
            url: self.interner.text(without_fragment(&event.url)),
            resource_type: self.interner.text("WebSocket"),
            frame,
            frame_url,
            page_url,
            initiator: self.interner.text(event.initiator.as_deref().map_or("", RawValue::get)),
            provisional: None,
            origin: None,
            body: BodyCopy::None,
            has_extra: Some(false),
            extra: None,
            answer: None,
            instead: None,
            failure: None,
            from_public: false,
            redirected_from: None,
            messages: Vec::new(),
        };
        self.add(request, exchange);
    }

    fn handshake(&mut self, event: WebSocketHandshake, context: Context<'_>) {
        let Some(at) = self.find(&event.request_id, context.session) else { return };
        if let Some(request) = event.request {
            let origin = origin(&request.headers).map(|origin| self.interner.text(origin));
            let headers = self.headers(request.headers);
            let exchange = &mut self.read.exchanges[at];
            exchange.lines.push(context.line);
            exchange.tick = event.timestamp * 1000.0;
            exchange.wall_ms = event.wall_time.map_or(exchange.wall_ms, |time| wall_ms(time, context));
            exchange.provisional = headers;
            exchange.origin = origin;
        }
        if let Some(response) = event.response {
            self.answer(at, response);
        }
    }

    fn frame_sent(&mut self, event: WebSocketFrame, context: Context<'_>) {
        let Some(at) = self.find(&event.request_id, context.session) else { return };
        let kind = match event.response.opcode as u32 {
            1 => MessageKind::Text,
            2 => MessageKind::Binary,
            _ => return,
        };
        let payload = match kind {
            MessageKind::Text => Some(event.response.payload_data.into_bytes()),
            MessageKind::Binary => STANDARD.decode(&event.response.payload_data).ok(),
        };
        let Some(payload) = payload else { return };
        let payload = self.interner.body(payload);
        let after_ms = event.timestamp * 1000.0 - self.read.exchanges[at].tick;
        let message = SentMessage { kind, payload, line: context.line, after_ms, step: self.step() };
        let messages = &mut self.read.exchanges[at].messages;
        // A target that is attached twice tells it twice, at the same time.
        if messages.iter().rev().take(8).all(|other| other.after_ms != message.after_ms || other.payload != message.payload) {
            messages.push(message);
        }
    }

    fn attached(&mut self, event: &AttachedToTarget, context: Context<'_>) {
        let info = &event.target_info;
        let attached = Attached {
            session: &event.session_id,
            target: &info.target_id,
            kind: &info.kind,
            url: &info.url,
            parent_frame: info.parent_frame_id.as_deref(),
            at_ms: context.at_ms,
        };
        self.read.places.attach(&attached, self.interner);
        if info.kind == "page" && info.opener_id.is_some() {
            self.read.held_back.window_opened(self.step());
        }
    }

    fn dialog(&mut self, event: &Dialog) {
        let step = self.step();
        match event.kind.as_str() {
            "beforeunload" => self.read.held_back.add(step, Sort::Leaving, ""),
            kind => self.read.held_back.add(step, Sort::Dialog, &format!("{kind}: {:?}", event.message)),
        }
    }

    fn frame_attached(&mut self, event: FrameAttached, context: Context<'_>) {
        let parent = event.parent_frame_id.map(|id| self.interner.text(&id));
        let frame = self.interner.text(&event.frame_id);
        self.read.places.enter(&frame, parent, context.at_ms, Visit::None, self.interner);
    }

    fn navigated(&mut self, event: FrameNavigated, context: Context<'_>) {
        let parent = event.frame.parent_id.map(|id| self.interner.text(&id));
        let frame = self.interner.text(&event.frame.id);
        let url = event.frame.unreachable_url.unwrap_or(event.frame.url);
        self.read.places.enter(&frame, parent, context.at_ms, Visit::Document(without_fragment(&url)), self.interner);
    }

    fn navigated_within(&mut self, event: &NavigatedWithinDocument, context: Context<'_>) {
        let frame = self.interner.text(&event.frame_id);
        self.read.places.enter(&frame, None, context.at_ms, Visit::SameDocument(without_fragment(&event.url)), self.interner);
    }

    /// The latest hop of that identifier, preferably in this session's target: what concerns a worker's request is told to the page.
    fn find(&self, request: &str, session: Option<&str>) -> Option<usize> {
        let hops = self.by_request.get(request)?;
        let target = session.and_then(|session| self.read.places.target_of(session));
        let mine = hops.iter().rev().find(|&&at| Some(&self.read.exchanges[at].target) == target);
        mine.or(hops.last()).copied()
    }

    fn find_same_target(&self, request: &str, target: &Rc<str>) -> Option<usize> {
        self.by_request.get(request)?.iter().rev().find(|&&at| self.read.exchanges[at].target == *target).copied()
    }

    fn target(&mut self, context: Context<'_>) -> Rc<str> {
        let session = context.session.unwrap_or_default();
        match self.read.places.target_of(session) {
            Some(target) => Rc::clone(target),
            None => self.interner.text(session),
        }
    }

    fn step(&self) -> Option<usize> {
        self.read.starts.last().map(|start| start.step)
    }

    fn headers(&mut self, headers: Headers) -> Option<ListId> {
        let real = headers.into_iter().filter(|(name, _)| !name.starts_with(':'));
        self.read.headers.keep(real.map(|(name, value)| Header { name, value }).collect())
    }

    /// Extra information names a request, not a hop: hops that have some take theirs in order.
    fn finish(mut self) -> Devtools {
        for (request, waiting) in self.waiting {
            let Some(hops) = self.by_request.get(&request) else { continue };
            let mut hops =
                hops.iter().copied().filter(|&at| self.read.exchanges[at].has_extra != Some(false)).collect::<Vec<_>>().into_iter();
            for Waiting { line, extra } in waiting {
                let Some(at) = hops.next() else { break };
                self.read.exchanges[at].lines.push(line);
                self.read.exchanges[at].extra = Some(extra);
            }
        }
        self.read.traced = self.trace.requests(&self.read.places);
        for exchange in &mut self.read.exchanges {
            exchange.lines.sort_unstable();
            // A frame without an address of its own belongs with the page around it.
            let places = [&exchange.frame_url, &exchange.page_url].into_iter().flatten();
            exchange.from_public = places.into_iter().any(|place| self.public.contains(place));
        }
        self.read
    }
}

/// A redirect that Chromium made up: it says so in a header, and no machine answered.
fn answered_by_the_browser(url: &str, response: &Response) -> Option<Instead> {
    let header = |name: &str| response.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let reason = header("Non-Authoritative-Reason").filter(|_| response.remote_ip.is_empty() && response.connection_id < 1.0)?;
    let upgrades = !is_secure(url) && header("Location").is_some_and(is_secure);
    Some(match (upgrades, reason) {
        (true, "HttpsUpgrades") => Instead::HttpsUpgrade,
        (true, _) => Instead::Hsts,
        (false, _) => Instead::OwnRedirect,
    })
}

fn is_secure(url: &str) -> bool {
    url.starts_with("https:") || url.starts_with("wss:")
}

fn origin(headers: &Headers) -> Option<&str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("origin")).map(|(_, value)| value.as_str())
}

/// Reads an event and hands it on; one with lone surrogates is repaired first. False where it cannot be read.
fn with_repair<T: DeserializeOwned>(params: &RawValue, take: impl FnOnce(T)) -> bool {
    match parse(params) {
        Some(event) => {
            take(event);
            true
        }
        None => false,
    }
}

fn parse<T: DeserializeOwned>(json: &RawValue) -> Option<T> {
    serde_json::from_str(json.get()).or_else(|_| serde_json::from_str(&repair_surrogates(json.get()))).ok()
}

/// Whether an address means the network: `data:`, `blob:`, `about:` and the like stay inside the browser.
fn is_network(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "ws" | "wss"))
}

/// Whether an address is one that a browser hands to another program: mail, telephone, an app.
fn is_for_another_program(url: &str) -> bool {
    const OF_THE_BROWSER: [&str; 12] =
        ["http", "https", "ws", "wss", "about", "blob", "data", "javascript", "file", "filesystem", "chrome", "chrome-error"];
    url.split_once(':').is_some_and(|(scheme, _)| !OF_THE_BROWSER.contains(&scheme.to_ascii_lowercase().as_str()))
}

/// The body as DevTools' entries give it. A part that is a file has no bytes, and some parts are silently left out.
fn joined(entries: &[PostDataEntry]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(STANDARD.decode(entry.bytes.as_deref()?).ok()?);
    }
    Some(bytes)
}

fn address(host: &str, port: i64) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn wall_ms(seconds: f64, context: Context<'_>) -> u64 {
    if seconds > 0.0 { (seconds * 1000.0) as u64 } else { context.at_ms }
}
