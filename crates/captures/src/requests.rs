//! The requests of one capture, of which there may be hundreds of thousands.

use std::collections::HashMap;

use pixelwitness_recording::{Header, Packed, Request, RequestId, Response, Sender, Transmission};
use url::Url;

use crate::part::without_fragment;

/// Requests are packed as they come. What has to be known of all of them at once, to say which page each is of, stands in a brief.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    packed: Packed<Request>,
    pub(crate) briefs: Vec<Brief>,
    /// Addresses of those that may open a page, or that another led to.
    addresses: HashMap<usize, Box<str>>,
    /// What `Referer` headers say, and the addresses of pages: once each.
    texts: Texts,
    /// Whether they left, of those where others of the capture tell it.
    transmissions: HashMap<usize, Transmission>,
    /// Places in the order they were sent, where that is another.
    order: Vec<usize>,
}

/// What is known of a request at any time.
#[derive(Debug)]
pub(crate) struct Brief {
    pub(crate) sent_at_ms: u64,
    pub(crate) redirected_from: Option<RequestId>,
    pub(crate) step: Option<usize>,
    page: Page,
    referer: Option<u32>,
    /// Whether the browser made it for itself: no page did.
    pub(crate) is_browsers: bool,
    pub(crate) facts: Facts,
}

/// The page that a request was made under.
#[derive(Clone, Copy, Debug)]
enum Page {
    Unknown,
    /// It came with the request.
    Told,
    /// The request opens it.
    Own,
    Named(u32),
}

/// What tells whether a request opens a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// What it says that it is for.
    destination: Option<Destination>,
    /// Browsers say what a request is for over connections that nobody can read along, and over others not.
    is_plain: bool,
    is_called_document: bool,
    is_called_nothing: bool,
    is_redirect: bool,
    is_answered_in_html: bool,
    /// It asked for HTML and got it, if only to hear that what the browser has is still right.
    is_asked_for: bool,
    /// Its `Referer` header names another host.
    refers_elsewhere: bool,
}

/// What a request says that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Document,
    Frame,
    Other,
}

/// Whether a request opens a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Page,
    /// It fills a frame of a page.
    Frame,
    /// It is for a document, and nothing says whether that was a page or a frame of one.
    Unclear {
        refers_elsewhere: bool,
    },
    Nothing,
}

impl Brief {
    pub(crate) fn has_page(&self) -> bool {
        self.is_browsers || !matches!(self.page, Page::Unknown)
    }

    pub(crate) fn has_destination(&self) -> bool {
        !self.is_browsers && self.facts.destination.is_some()
    }
}

impl Facts {
    fn of(request: &Request) -> Self {
        let is_answered = |test: fn(&Response) -> bool| request.response.as_ref().is_some_and(test);
        let asked = request.header("accept").is_some_and(|accept| accept.trim_start().starts_with("text/html"));
        let asked = asked && is_answered(|response| response.status == 304 || is_html(response));
        Self {
            destination: request.header("sec-fetch-dest").map(|destination| match destination {
                "document" => Destination::Document,
                "iframe" | "frame" | "fencedframe" | "embed" | "object" => Destination::Frame,
                _ => Destination::Other,
            }),
            is_plain: request.url.starts_with("http://"),
            is_called_document: request.resource_type == "Document",
            is_called_nothing: request.resource_type.is_empty(),
            is_redirect: is_answered(|response| (300..400).contains(&response.status) && response.status != 304),
            is_answered_in_html: is_answered(is_html),
            is_asked_for: asked,
            refers_elsewhere: request.header("referer").is_some_and(|referer| !referer.is_empty() && host(referer) != host(&request.url)),
        }
    }

    /// Whether it is for a document, a redirect to one included.
    pub(crate) fn is_document(self) -> bool {
        match self.destination {
            Some(destination) => destination == Destination::Document,
            None => self.is_called_document || self.is_called_nothing && self.is_answered_in_html,
        }
    }

    /// Whether it says itself that it opens a page.
    pub(crate) fn says_that_it_opens(self) -> bool {
        self.destination == Some(Destination::Document) && !self.is_redirect
    }

    /// Whether it opens a page as far as can be told, where others of the capture say what they are for or not.
    pub(crate) fn opening(self, others_say: bool) -> Opening {
        let is_silent = self.destination.is_none() && (!others_say || self.is_plain);
        match self.destination {
            _ if self.is_redirect => Opening::Nothing,
            Some(Destination::Document) => Opening::Page,
            Some(Destination::Frame) => Opening::Frame,
            _ if is_silent && (self.is_called_document || self.is_asked_for) => {
                Opening::Unclear { refers_elsewhere: self.refers_elsewhere }
            }
            _ => Opening::Nothing,
        }
    }

    fn may_open(self) -> bool {
        self.is_document() || self.is_called_document || self.is_asked_for || self.destination == Some(Destination::Frame)
    }
}

fn is_html(response: &Response) -> bool {
    let is_html = |header: &Header| header.name.eq_ignore_ascii_case("content-type") && header.value.contains("html");
    response.headers.iter().any(is_html)
}

pub(crate) fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

impl Requests {
    pub(crate) fn len(&self) -> usize {
        self.briefs.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.briefs.is_empty()
    }

    /// Adds a request at the end.
    pub(crate) fn push(&mut self, request: Request) {
        let facts = Facts::of(&request);
        if facts.may_open() || request.redirected_from.is_some() {
            self.addresses.insert(self.briefs.len(), request.url.as_str().into());
        }
        self.briefs.push(Brief {
            sent_at_ms: request.sent_at_ms,
            redirected_from: request.redirected_from,
            step: request.step,
            page: if request.page_url.is_some() { Page::Told } else { Page::Unknown },
            is_browsers: request.sender != Sender::Page,
            referer: request.header("referer").map(|referer| self.texts.number(without_fragment(referer))),
            facts,
        });
        self.packed.push(request);
    }

    /// The address of a request that may open a page, or that another led to.
    pub(crate) fn address(&self, place: usize) -> &str {
        self.addresses.get(&place).map_or("", |address| address)
    }

    pub(crate) fn referer(&self, place: usize) -> Option<&str> {
        self.briefs[place].referer.map(|number| self.texts.text(number))
    }

    /// Says whether a request left, where that is known only now.
    pub(crate) fn set_transmission(&mut self, place: usize, transmission: Transmission) {
        self.transmissions.insert(place, transmission);
    }

    /// Puts a request under a step and its page.
    pub(crate) fn put_under(&mut self, place: usize, step: usize, page_url: &str) {
        let page = Page::Named(self.texts.number(page_url));
        let brief = &mut self.briefs[place];
        (brief.step, brief.page) = (Some(step), page);
    }

    /// Puts a request under a step, and under no page: which one it was is not known.
    pub(crate) fn put_under_no_page(&mut self, place: usize, step: usize) {
        self.briefs[place].step = Some(step);
    }

    /// Puts a request under a step, and the page that it opens itself.
    pub(crate) fn put_under_itself(&mut self, place: usize, step: usize) {
        let brief = &mut self.briefs[place];
        (brief.step, brief.page) = (Some(step), Page::Own);
    }

    /// Puts the requests in the order they were sent, where the capture says when; of those at one time the first told stays first.
    /// Hands back the new number of each, where there is one.
    pub(crate) fn sort(&mut self) -> Option<Vec<RequestId>> {
        // The last may be what is left of one that breaks off before its time.
        let timed = self.briefs.len() - usize::from(self.briefs.last().is_some_and(|last| last.sent_at_ms == 0));
        let known = &self.briefs[..timed];
        if known.iter().any(|brief| brief.sent_at_ms == 0) || known.is_sorted_by_key(|brief| brief.sent_at_ms) {
            return None;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order[..timed].sort_by_key(|place| self.briefs[*place].sent_at_ms);
        let mut numbers = vec![RequestId(0); self.len()];
        for (number, place) in (1..).zip(&order) {
            numbers[*place] = RequestId(number);
        }
        for brief in &mut self.briefs {
            brief.redirected_from = brief.redirected_from.map(|id| renumbered(&numbers, id));
        }
        self.order = order;
        Some(numbers)
    }

    /// Hands over every request, numbered in its order, and with its page.
    pub(crate) fn for_each(self, mut take: impl FnMut(Request)) {
        let Self { packed, briefs, texts, mut transmissions, order, .. } = self;
        let mut number = 0;
        let mut finished = |mut request: Request, place: usize| {
            number += 1;
            let brief = &briefs[place];
            if let Some(transmission) = transmissions.remove(&place) {
                request.transmission = transmission;
            }
            request.id = RequestId(number);
            request.redirected_from = brief.redirected_from;
            request.step = brief.step;
            match brief.page {
                Page::Unknown | Page::Told => {}
                Page::Own => request.page_url = Some(request.url.clone()),
                Page::Named(page) => request.page_url = Some(texts.text(page).to_owned()),
            }
            take(request);
        };
        if order.is_empty() {
            packed.into_iter().enumerate().for_each(|(place, request)| finished(request, place));
            return;
        }
        let mut cursor = packed.cursor();
        for place in order {
            let request = cursor.get(place).expect("every place in the order is one of a request");
            finished(request, place);
        }
    }
}

/// The number that a request has after sorting.
pub(crate) fn renumbered(numbers: &[RequestId], id: RequestId) -> RequestId {
    let place = usize::try_from(id.0).ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| numbers.get(place)).copied().unwrap_or(id)
}

/// Texts that many have in common, by number.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Texts {
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        usize::try_from(number).ok().and_then(|number| self.texts.get(number)).map_or("", |text| text)
    }
}
