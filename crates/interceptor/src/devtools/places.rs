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
    /// Every address it had, with the time it was committed (milliseconds since the Unix epoch, when the log was written).
    visits: Vec<(u64, Rc<str>)>,
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
            self.enter(&id, parent.clone(), attached.url, attached.at_ms, interner);
        }
        let frame = if is_frame { Some(Rc::clone(&id)) } else { parent };
        self.targets.insert(id, Target { kind, frame });
    }

    /// A frame has a parent or a new address.
    pub(crate) fn enter(&mut self, frame: &Rc<str>, parent: Option<Rc<str>>, url: &str, at_ms: u64, interner: &mut Interner) {
        let entry = self.frames.entry(Rc::clone(frame)).or_default();
        if parent.is_some() {
            entry.parent = parent;
        }
        if !url.is_empty() && entry.visits.last().is_none_or(|(_, last)| &**last != url) {
            entry.visits.push((at_ms, interner.text(url)));
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
        self.frames.get(frame)?.visits.last().map(|(_, url)| url)
    }

    /// Where the page is that the frame is part of.
    pub(crate) fn page_of(&self, frame: &str) -> Option<&Rc<str>> {
        self.url_of(self.top_of(frame)?)
    }

    pub(crate) fn is_top(&self, frame: &str) -> bool {
        self.frames.get(frame).is_none_or(|frame| frame.parent.is_none())
    }

    fn top_of<'a>(&'a self, frame: &'a str) -> Option<&'a str> {
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

    /// The page of this site at that time, where there is only one.
    pub(crate) fn page_at(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> Option<Rc<str>> {
        let tops = || self.frames.values().filter(|frame| frame.parent.is_none());
        if tops().any(|frame| frame.wavers(at_ms, &is_it)) {
            return None;
        }
        only(tops().filter_map(|frame| frame.latest(at_ms, &is_it)).map(|(_, url)| Rc::clone(url)))
    }

    /// Whether any page had such an address by then.
    pub(crate) fn was_visited(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> bool {
        self.frames.values().any(|frame| frame.parent.is_none() && frame.latest(at_ms, &is_it).is_some())
    }

    /// The frame of this origin at that time, where there is only one.
    pub(crate) fn frame_at(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> Option<(Rc<str>, Rc<str>)> {
        let found: Vec<_> = self.frames.iter().filter_map(|(id, frame)| Some((frame.latest(at_ms, &is_it)?, id))).collect();
        if found.iter().any(|(_, id)| self.frames[*id].wavers(at_ms, &is_it)) {
            return None;
        }
        // A frame that went away keeps its last address; the one that came last is the one that is there.
        let newest = found.iter().map(|((since, _), _)| *since).max()?;
        only(found.into_iter().filter(|((since, _), _)| *since == newest).map(|((_, url), id)| (Rc::clone(id), Rc::clone(url))))
    }
}

impl Frame {
    fn latest(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> Option<&(u64, Rc<str>)> {
        self.visits.iter().rev().find(|(since, url)| *since <= at_ms && is_it(url))
    }

    /// Whether it has only just gone from one such address to another: what is sent then may be the last word of either.
    fn wavers(&self, at_ms: u64, is_it: impl Fn(&str) -> bool) -> bool {
        const SETTLED_MS: u64 = 1_000;
        let mut places = self.visits.iter().rev().filter(|(since, url)| *since <= at_ms && is_it(url));
        let just_came = places.next().is_some_and(|(since, _)| at_ms - since < SETTLED_MS);
        just_came && places.next().is_some()
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
        places.enter(&top, None, "https://www.shop.example/", 1_000, &mut interner);
        let child = Attached { session: "s2", target: "child", kind: "iframe", url: "", parent_frame: Some("top"), at_ms: 1_100 };
        places.attach(&child, &mut interner);
        places.enter(&interner.text("child"), None, "https://ads.partner.example/frame", 1_200, &mut interner);
        places.enter(&top, None, "https://www.shop.example/next", 10_000, &mut interner);
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
    fn a_page_is_named_by_its_site_only_where_there_is_no_doubt() {
        let of_shop = |url: &str| url.contains("shop.example");
        for (at_ms, page) in [
            (500, None),
            (1_500, Some("https://www.shop.example/")),
            (9_999, Some("https://www.shop.example/")),
            (10_400, None),
            (11_500, Some("https://www.shop.example/next")),
        ] {
            assert_eq!(places().page_at(at_ms, of_shop).as_deref(), page, "at {at_ms}");
        }
        assert!(places().was_visited(10_400, of_shop) && !places().was_visited(500, of_shop));
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
