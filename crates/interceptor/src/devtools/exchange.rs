use std::rc::Rc;

use pixelwitness_recording::net_error::{self, Stage};
use pixelwitness_recording::{MessageKind, NotSentCause, TargetKind};

use crate::headers::ListId;

/// One request as DevTools announced it. Each hop of a redirect is one.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Target that announced it.
    pub(crate) target: Rc<str>,
    pub(crate) target_kind: TargetKind,
    /// Lines of the log that speak of it, the announcement first.
    pub(crate) lines: Vec<u64>,
    pub(crate) step: Option<usize>,
    /// When it was announced, in milliseconds of the browser's own clock: the one the wire log uses.
    pub(crate) tick: f64,
    /// The same since the Unix epoch.
    pub(crate) wall_ms: u64,
    pub(crate) method: Rc<str>,
    pub(crate) url: Rc<str>,
    pub(crate) resource_type: Rc<str>,
    pub(crate) frame: Option<Rc<str>>,
    pub(crate) frame_url: Option<Rc<str>>,
    pub(crate) page_url: Option<Rc<str>>,
    /// The initiator as JSON.
    pub(crate) initiator: Rc<str>,
    pub(crate) provisional: Option<ListId>,
    /// The `Origin` header among them.
    pub(crate) origin: Option<Rc<str>>,
    pub(crate) body: BodyCopy,
    /// Whether extra information is announced for it; not known before the answer.
    pub(crate) has_extra: Option<bool>,
    pub(crate) extra: Option<Extra>,
    pub(crate) answer: Option<Answer>,
    /// Answered without the network.
    pub(crate) instead: Option<Instead>,
    pub(crate) failure: Option<Failure>,
    /// Whether the page or frame that made it lies on the public internet.
    pub(crate) from_public: bool,
    /// Place of the hop whose redirect led here.
    pub(crate) redirected_from: Option<usize>,
    /// Messages sent, where it opened a WebSocket.
    pub(crate) messages: Vec<SentMessage>,
}

impl Exchange {
    /// An announcement that says nothing.
    #[cfg(test)]
    pub(crate) fn blank() -> Self {
        Self {
            target: "target".into(),
            target_kind: TargetKind::Page,
            lines: vec![1],
            step: None,
            tick: 0.0,
            wall_ms: 0,
            method: "GET".into(),
            url: "https://host.example/".into(),
            resource_type: "Fetch".into(),
            frame: None,
            frame_url: None,
            page_url: None,
            initiator: "".into(),
            provisional: None,
            origin: None,
            body: BodyCopy::None,
            has_extra: None,
            extra: None,
            answer: None,
            instead: None,
            failure: None,
            from_public: false,
            redirected_from: None,
            messages: Vec::new(),
        }
    }

    /// Whether DevTools itself says that it did not go out, so that it cannot be the one the wire log shows.
    pub(crate) fn stayed_inside(&self) -> bool {
        matches!(self.instead, Some(Instead::ServiceWorker | Instead::MemoryCache | Instead::HttpsUpgrade))
            || self.failure.as_ref().is_some_and(|failure| failure.blocked.is_some() && matches!(failure.stage(), Stage::BeforeSending(_)))
    }
}

/// DevTools' copy of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum BodyCopy {
    /// No body was announced.
    #[default]
    None,
    /// One was announced and never handed over.
    Announced,
    /// It was announced, and asking for it failed.
    Refused(Rc<str>),
    /// Byte for byte.
    Exact(Rc<Vec<u8>>),
    /// With parts missing (files, blobs) or bytes replaced: good enough to read, not to compare.
    Partial(Rc<Vec<u8>>),
}

/// What the network service told DevTools of the request as sent.
#[derive(Debug)]
pub(crate) struct Extra {
    pub(crate) headers: Option<ListId>,
    /// When the network stack started it, in milliseconds of the browser's own clock.
    pub(crate) started: Option<f64>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Option<ListId>,
    /// The wire log's number of the socket.
    pub(crate) connection: Option<i64>,
    pub(crate) remote: Option<Rc<str>>,
}

/// What answered in the network's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    MemoryCache,
    DiskCache,
    PrefetchCache,
    ServiceWorker,
    /// Chromium opens a page over https although http was asked for, before the network stack hears of it.
    HttpsUpgrade,
    /// The network stack goes on to https by itself: the host is known to want it.
    Hsts,
    /// Chromium goes on to another address by itself, or back to http where https did not come about.
    OwnRedirect,
}

impl Instead {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::MemoryCache => "answered from the page's memory",
            Self::DiskCache => "answered from the cache",
            Self::PrefetchCache => "answered from what was fetched ahead",
            Self::ServiceWorker => "answered by a service worker",
            Self::HttpsUpgrade | Self::Hsts => "upgraded to https inside the browser",
            Self::OwnRedirect => "redirected inside the browser",
        }
    }
}

/// Why there was no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Rc<str>,
    pub(crate) blocked: Option<Rc<str>>,
}

impl Failure {
    /// When it came, as far as it says.
    pub(crate) fn stage(&self) -> Stage {
        net_error::stage_of_failure(&self.error, self.blocked.as_deref())
    }

    /// What sort of reason it is, of a request that is known not to have been sent.
    pub(crate) fn cause_if_unsent(&self) -> NotSentCause {
        net_error::cause_if_unsent(&self.error, self.blocked.as_deref())
    }

    /// Chromium's words for it.
    pub(crate) fn words(&self) -> String {
        match self.blocked.as_deref() {
            Some(blocked) => format!("blocked: {blocked}"),
            None => self.error.as_ref().to_owned(),
        }
    }
}

/// A WebSocket message that DevTools saw being sent.
#[derive(Debug)]
pub(crate) struct SentMessage {
    pub(crate) kind: MessageKind,
    pub(crate) payload: Rc<Vec<u8>>,
    pub(crate) line: u64,
    /// Milliseconds after the handshake.
    pub(crate) after_ms: f64,
    pub(crate) step: Option<usize>,
}
