//! Logs of a browser that somebody else ran: one witness each, and no steps. Each page that is opened takes a step's place.

use std::collections::HashMap;
use std::io::BufRead;
use std::rc::Rc;

use pixelwitness_recording::{Body, Gap, GapKind, Header, HttpVersion, Outcome, Packed, Recording, Request, RequestId, StepRun};

use crate::devtools::{Devtools, Places, StepStart, Visit};
use crate::intern::Interner;
use crate::wire::{Ending, Wire, WireRequest};
use crate::{devtools, reconcile, wire};

/// What such a log gives.
#[derive(Debug, Default)]
pub struct Foreign {
    /// The requests, pages and gaps.
    pub recording: Recording,
    /// What wrote the log, as it names itself; empty where it does not.
    pub made_by: String,
    /// Whether it could be read to its end.
    pub whole: bool,
}

/// A frame of the DevTools protocol that was received from a browser.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its number in the log, 1 is the first.
    pub number: u64,
    /// Milliseconds since the Unix epoch when it was written down; 0 where the log does not say.
    pub at_ms: u64,
    /// The frame.
    pub json: String,
}

/// The one frame that pages are opened in, as far as a wire log tells.
const TOP: &str = "top";

/// Reads a NetLog of somebody else's browser, such as `chrome://net-export` writes.
///
/// It never fails: what cannot be read becomes a gap.
#[must_use]
pub fn of_netlog(log: impl BufRead) -> Foreign {
    let mut interner = Interner::default();
    let wire = wire::read(log, &mut interner);
    let navigations = navigations(&wire);
    let at_ms = |tick: u64| u64::try_from(i64::try_from(tick).unwrap_or(i64::MAX).saturating_add(wire.reading.offset_ms)).unwrap_or(0);
    let mut places = Places::default();
    let mut starts = Vec::new();
    let top: Rc<str> = interner.text(TOP);
    for (step, navigation) in navigations.iter().enumerate() {
        let url = wire.requests[navigation.last].url.as_ref();
        places.enter(&top, None, at_ms(navigation.at), Visit::Document(url), &mut interner);
        starts.push(StepStart { step, at_ms: at_ms(navigation.at) });
    }
    let (made_by, whole) = (wire.reading.made_by.clone(), wire.reading.whole);
    let lacks_bytes = !wire.has_bytes && !wire.requests.is_empty();
    let mut remarks = remarks(&wire);
    let devtools = Devtools { begins: true, ends: true, foreign: true, places, starts: starts.clone(), ..Devtools::default() };
    let mut recording = reconcile::reconcile(devtools, Some(wire));
    recording.steps = pages(&recording.requests, &starts, |request| request.page_url.as_ref() == Some(&request.url));
    if lacks_bytes {
        remarks.push(Gap { kind: GapKind::BodyUnavailable, why: without_bytes(&recording), request: None, step: None });
    }
    // What concerns the whole log comes first.
    recording.gaps.splice(0..0, remarks);
    Foreign { recording, made_by, whole }
}

/// Reads frames of the DevTools protocol that somebody else's program wrote down.
///
/// It never fails: what cannot be read becomes a gap.
#[must_use]
pub fn of_frames(frames: impl Iterator<Item = Frame>) -> Foreign {
    let mut interner = Interner::default();
    let devtools = devtools::read_frames(frames.map(|frame| (frame.number, frame.at_ms, frame.json)), &mut interner);
    drop(interner);
    let starts = devtools.starts.clone();
    let mut recording = reconcile::reconcile(devtools, None);
    let opens = |request: &Request| request.resource_type == "Document" && request.page_url.as_ref() == Some(&request.url);
    recording.steps = pages(&recording.requests, &starts, opens);
    Foreign { recording, made_by: String::new(), whole: true }
}

/// A page being opened: when, and the last hop of its redirects.
struct Navigation {
    at: u64,
    last: usize,
}

/// The pages that the log shows being opened. What never got an answer opened none.
fn navigations(wire: &Wire) -> Vec<Navigation> {
    let mut navigations: Vec<(i64, Navigation)> = Vec::new();
    for (at, request) in wire.requests.iter().enumerate().filter(|(_, request)| request.opens_page) {
        match navigations.iter_mut().find(|(source, _)| *source == request.source) {
            Some((_, navigation)) => navigation.last = at,
            None => navigations.push((request.source, Navigation { at: request.started, last: at })),
        }
    }
    let opened = |request: &WireRequest| request.response.is_some() || matches!(request.ending, Ending::Answered | Ending::Open);
    navigations.retain(|(_, navigation)| opened(&wire.requests[navigation.last]));
    navigations.into_iter().map(|(_, navigation)| navigation).collect()
}

/// Each start with the last hop of the request that opened its page.
fn pages(requests: &Packed<Request>, starts: &[StepStart], opens: impl Fn(&Request) -> bool) -> Vec<StepRun> {
    let mut end = 0;
    let mut first: HashMap<usize, (RequestId, String)> = HashMap::new();
    let mut hops: HashMap<RequestId, (RequestId, String)> = HashMap::new();
    for request in requests {
        end = end.max(request.sent_at_ms);
        // A later hop has a higher number, so following them ends.
        if let Some(before) = request.redirected_from.filter(|before| *before < request.id) {
            hops.entry(before).or_insert_with(|| (request.id, request.url.clone()));
        }
        if let Some(step) = request.step.filter(|_| opens(&request)) {
            first.entry(step).or_insert_with(|| (request.id, request.url.clone()));
        }
    }
    let mut steps = Vec::new();
    let mut before = String::new();
    for (index, start) in starts.iter().enumerate() {
        let Some((mut id, mut url)) = first.remove(&start.step) else { continue };
        while let Some((hop, address)) = hops.get(&id) {
            (id, url) = (*hop, address.clone());
        }
        steps.push(StepRun {
            step: start.step,
            what: format!("the page {url}"),
            started_at_ms: start.at_ms,
            ended_at_ms: starts.get(index + 1).map_or(end, |next| next.at_ms).max(start.at_ms),
            outcome: Outcome::Done,
            url_before: before.clone(),
            url_after: url.clone(),
            title_after: String::new(),
            element: None,
            input: None,
            screenshot_before: None,
            screenshot_after: None,
        });
        before = url;
    }
    steps
}

/// Which bodies a log without raw bytes lacks: those of pages are the ones that are counted as not seen.
fn without_bytes(recording: &Recording) -> String {
    let lacks = |request: &Request| request.may_have_left() && matches!(request.body, Body::Unavailable { .. });
    let of_pages = recording.completeness.bodies_unavailable;
    let of_all = recording.requests.iter().filter(lacks).count();
    let requests = if of_pages == 1 { "request" } else { "requests" };
    let of_browser = match of_all.saturating_sub(of_pages) {
        0 => String::new(),
        more => format!(" and of {more} of the browser's own"),
    };
    format!(
        "the NetLog was made without raw bytes: the bodies of {of_pages} {requests} of pages{of_browser}, and whatever went through WebSockets, are not in it (the \
         setting \u{201c}Include raw bytes\u{201d} keeps them)"
    )
}

/// What the log was made without, as far as it says.
fn remarks(wire: &Wire) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut say = |kind, why: String| gaps.push(Gap { kind, why, request: None, step: None });
    let headers = wire.headers.reader();
    let stripped = |request: &&WireRequest| {
        let is_stripped = |header: &Header| header.name.eq_ignore_ascii_case("cookie") && header.value.contains(" bytes were stripped]");
        headers.list(request.headers).iter().any(is_stripped)
    };
    let without_cookies = wire.requests.iter().filter(stripped).count();
    let is_default = matches!(wire.reading.mode.as_str(), "Default" | "HeavilyRedacted");
    if is_default || without_cookies > 0 {
        let why = format!(
            "the NetLog was made with private information stripped: cookies and credentials are not in it ({without_cookies} requests had cookies taken out)"
        );
        say(GapKind::LeftOut, why);
    }
    let quic = wire.requests.iter().filter(|request| request.version == HttpVersion::Http3).count();
    if quic > 0 {
        let why = format!("{quic} requests went over QUIC (HTTP/3): a NetLog has their headers and never their bodies");
        say(GapKind::Opaque, why);
    }
    gaps
}
