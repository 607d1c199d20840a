use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use pixelwitness_recording::TargetKind;

use crate::intern::Interner;

/// Targets, frames and where they have been: what tells the page and the frame behind a request.
#[derive(Debug, Default)]
pub(crate) struct Places {
    targets: HashMap<Rc<str>, Target>,
    /// Target of each session.
    sessions: HashMap<Rc<str>, Rc<str>>,
    frames: BTreeMap<Rc<str>, Frame>,
}

#[derive(Debug)]
struct Target {
    kind: TargetKind,
    /// The frame of a frame target is the target itself; that of a worker is its creator.
    frame: Option<Rc<str>>,
}

#[derive(Debug, Default)]
struct Frame {
    parent: Option<Rc<str>>,
    /// Every address it had, in order.
    visits: Vec<Stay>,
}

#[derive(Debug)]
struct Stay {
    /// When the log says so, in milliseconds since the Unix epoch.
    since_ms: u64,
    url: Rc<str>,
    /// Whether a document came with it; else the one that was there changed its address.
    is_document: bool,
}

/// What is told of where a frame is.
#[derive(Clone, Copy)]
pub(crate) enum Visit<'a> {
    /// Nothing yet.
    None,
    /// A document came.
    Document(&'a str),
    /// The document that is there has another address now.
    SameDocument(&'a str),
}

/// A target as it is announced.
pub(crate) struct Attached<'a> {
    pub(crate) session: &'a str,
    pub(crate) target: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) url: &'a str,
    pub(crate) parent_frame: Option<&'a str>,
    pub(crate) at_ms: u64,
}

impl Places {
    pub(crate) fn attach(&mut self, attached: &Attached<'_>, interner: &mut Interner) {
        let id = interner.text(attached.target);
        self.sessions.insert(interner.text(attached.session), Rc::clone(&id));
        let parent = attached.parent_frame.map(|frame| interner.text(frame));
        let kind = target_kind(attached.kind);
        let is_frame = matches!(kind, TargetKind::Page | TargetKind::Frame);
        if is_frame {
            self.enter(&id, parent.clone(), attached.at_ms, Visit::Document(attached.url), interner);
        }
        let frame = if is_frame { Some(Rc::clone(&id)) } else { parent };
        self.targets.insert(id, Target { kind, frame });
    }

    /// A frame has a parent or a new address.
    pub(crate) fn enter(&mut self, frame: &Rc<str>, parent: Option<Rc<str>>, at_ms: u64, visit: Visit<'_>, interner: &mut Interner) {
        let entry = self.frames.entry(Rc::clone(frame)).or_default();
        if parent.is_some() {
            entry.parent = parent;
        }
        let (Visit::Document(url) | Visit::SameDocument(url)) = visit else { return };
        if !url.is_empty() && entry.visits.last().is_none_or(|last| &*last.url != url) {
            let is_document = matches!(visit, Visit::Document(_));
            entry.visits.push(Stay { since_ms: at_ms, url: interner.text(url), is_document });
        }
    }

    pub(crate) fn targets(&self) -> usize {
        self.targets.len()
    }

    pub(crate) fn target_of(&self, session: &str) -> Option<&Rc<str>> {
        self.sessions.get(session)
    }

    pub(crate) fn kind_of(&self, target: &str) -> TargetKind {
        self.targets.get(target).map_or(TargetKind::Other, |target| target.kind)
    }

    /// The frame behind a target's requests.
    pub(crate) fn frame_of(&self, target: &str) -> Option<&Rc<str>> {
        self.targets.get(target)?.frame.as_ref()
    }

    /// Where the frame is.
    pub(crate) fn url_of(&self, frame: &str) -> Option<&Rc<str>> {
        self.frames.get(frame)?.visits.last().map(|stay| &stay.url)
    }

    /// Where the page is that the frame is part of.
    pub(crate) fn page_of(&self, frame: &str) -> Option<&Rc<str>> {
        self.url_of(self.top_of(frame)?)
    }

    pub(crate) fn is_top(&self, frame: &str) -> bool {
        self.frames.get(frame).is_none_or(|frame| frame.parent.is_none())
    }

    /// The frame of the page that a frame is part of.
    pub(crate) fn top_of<'a>(&'a self, frame: &'a str) -> Option<&'a str> {
        let mut at = frame;
        // A page cannot nest frames without end; a mangled log could.
        for _ in 0..64 {
            match self.frames.get(at)?.parent.as_deref() {
                Some(parent) => at = parent,
                None => return Some(at),
            }
        }
        None
    }

    /// The one page of this site until then. Where there were two, what is sent late may be the last word of either.
    pub(crate) fn page_until(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> Option<Rc<str>> {
        let tops = self.frames.values().filter(|frame| frame.parent.is_none());
        only(tops.flat_map(|frame| frame.until(at_ms, &is_it)).map(Rc::clone))
    }

    /// Whether any page had such an address by then.
    pub(crate) fn was_visited(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> bool {
        self.frames.values().any(|frame| frame.parent.is_none() && frame.until(at_ms, &is_it).next().is_some())
    }

    /// The one frame of this origin until then, with its address.
    pub(crate) fn frame_until(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> Option<(Rc<str>, Rc<str>)> {
        let frames = self.frames.iter();
        only(frames.flat_map(|(id, frame)| frame.until(at_ms, &is_it).map(|url| (Rc::clone(id), Rc::clone(url)))))
    }

    /// The address by then of the document that was opened in this frame with that one.
    pub(crate) fn address_of(&self, frame: &str, opened: &Rc<str>, at_ms: u64) -> Rc<str> {
        let stays = self.frames.get(frame).map_or(&[][..], |frame| &frame.visits);
        let came = stays.iter().rposition(|stay| stay.is_document && stay.url == *opened && stay.since_ms <= at_ms);
        let changes = came.map_or(&[][..], |came| &stays[came + 1..]).iter().take_while(|stay| !stay.is_document && stay.since_ms <= at_ms);
        changes.last().map_or_else(|| Rc::clone(opened), |stay| Rc::clone(&stay.url))
    }
}

impl Frame {
    /// The addresses it had until then that are such.
    fn until(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> impl Iterator<Item = &Rc<str>> {
        self.visits.iter().filter(move |stay| stay.since_ms <= at_ms && is_it(&stay.url)).map(|stay| &stay.url)
    }
}

fn only<T: PartialEq>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

fn target_kind(kind: &str) -> TargetKind {
    match kind {
        "page" => TargetKind::Page,
        "iframe" | "fencedframe" => TargetKind::Frame,
        "worker" => TargetKind::Worker,
        "shared_worker" => TargetKind::SharedWorker,
        "service_worker" => TargetKind::ServiceWorker,
        worklet if worklet.contains("worklet") => TargetKind::Worklet,
        _ => TargetKind::Other,
    }
}

/// `("shop.example", "https")` of `https://shop.example:8443/find`.
pub(crate) fn host_and_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ' ']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    Some((host, scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shop's page with a partner's frame in it; after ten seconds the shop's next page.
    fn places() -> Places {
        let mut interner = Interner::default();
        let mut places = Places::default();
        let attached = Attached { session: "s1", target: "top", kind: "page", url: "about:blank", parent_frame: None, at_ms: 0 };
        places.attach(&attached, &mut interner);
        let top = interner.text("top");
        places.enter(&top, None, 1_000, Visit::Document("https://www.shop.example/"), &mut interner);
        let child = Attached { session: "s2", target: "child", kind: "iframe", url: "", parent_frame: Some("top"), at_ms: 1_100 };
        places.attach(&child, &mut interner);
        places.enter(&interner.text("child"), None, 1_200, Visit::Document("https://ads.partner.example/frame"), &mut interner);
        places.enter(&top, None, 5_000, Visit::SameDocument("https://www.shop.example/#/basket"), &mut interner);
        places.enter(&top, None, 10_000, Visit::Document("https://www.shop.example/next"), &mut interner);
        places
    }

    #[test]
    fn a_frame_knows_its_page() {
        let places = places();
        assert_eq!(places.page_of("child").unwrap().as_ref(), "https://www.shop.example/next");
        assert_eq!(places.kind_of(places.target_of("s2").unwrap()), TargetKind::Frame);
        assert!(places.is_top("top") && !places.is_top("child"));
    }

    #[test]
    fn a_page_is_named_by_its_site_only_where_there_was_no_other() {
        let of_shop = |url: &str| url.contains("shop.example");
        for (at_ms, page) in [(500, None), (1_500, Some("https://www.shop.example/")), (5_500, None), (11_500, None)] {
            assert_eq!(places().page_until(at_ms, of_shop).as_deref(), page, "at {at_ms}");
        }
        assert!(places().was_visited(10_400, of_shop) && !places().was_visited(500, of_shop));
    }

    #[test]
    fn a_document_may_change_its_address() {
        let opened: Rc<str> = "https://www.shop.example/".into();
        for (at_ms, address) in [
            (1_500, "https://www.shop.example/"),
            (5_500, "https://www.shop.example/#/basket"),
            // Another document is there by now; this one's last word comes late.
            (10_100, "https://www.shop.example/#/basket"),
        ] {
            assert_eq!(&*places().address_of("top", &opened, at_ms), address, "at {at_ms}");
        }
        assert_eq!(&*places().address_of("unknown", &opened, 1_500), "https://www.shop.example/");
    }

    #[test]
    fn hosts_are_read_without_ports_and_users() {
        for (url, read) in [
            ("https://shop.example:8443/find?a=b", Some(("shop.example", "https"))),
            ("http://user:pw@shop.example", Some(("shop.example", "http"))),
            ("https://[2001:db8::1]:443/", Some(("[2001:db8::1]", "https"))),
            ("about:blank", None),
        ] {
            assert_eq!(host_and_scheme(url), read, "{url}");
        }
    }
}
