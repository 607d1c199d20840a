//! Requests of a page that its service worker answered. What the worker sent on stands in the HAR as a request of its own, if it stands there.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use pixelwitness_recording::{Body, NotSentCause, Transmission};

use super::entry::Told;
use crate::requests::Requests;

/// A worker sends on what it was handed within moments; what it was handed may be noted down a little later.
const BEFORE_MS: u64 = 1_000;
const AFTER_MS: u64 = 10_000;

/// What an entry says of service workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Worker {
    /// Nothing.
    #[default]
    Silent,
    /// One answered it.
    Answered(AnsweredFrom),
    /// One sent it.
    Sent,
}

/// Where a service worker had its answer from, as Chrome says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnsweredFrom {
    Network,
    /// From a cache, or made up.
    Inside,
    NotSaid,
}

/// Entries that may be one request twice. There may be a million of them.
#[derive(Debug, Default)]
pub(super) struct Workers {
    seen: Vec<Seen>,
    /// Whether any entry says anything of a worker.
    is_any: bool,
}

#[derive(Debug)]
struct Seen {
    /// Hash of its method and address.
    request: u64,
    place: usize,
    sent_at_ms: u64,
    worker: Worker,
    has_remote: bool,
    has_body: bool,
}

impl Workers {
    pub(super) fn take(&mut self, place: usize, told: &Told) {
        let request = &told.request;
        self.is_any |= told.worker != Worker::Silent;
        let mut hasher = DefaultHasher::new();
        (&request.method, &request.url).hash(&mut hasher);
        self.seen.push(Seen {
            request: hasher.finish(),
            place,
            sent_at_ms: request.sent_at_ms,
            worker: told.worker,
            has_remote: request.remote_address.is_some(),
            has_body: matches!(request.body, Body::Bytes(_)),
        });
    }

    /// Counts what a page asked for and its worker sent as one request: the worker's, which left.
    pub(super) fn settle(mut self, requests: &mut Requests) -> Settled {
        let mut settled = Settled::default();
        if !self.is_any {
            return settled;
        }
        self.seen.sort_by_key(|one| (one.request, one.sent_at_ms, one.place));
        for seen in self.seen.chunk_by(|one, other| one.request == other.request) {
            let mut is_paired = vec![false; seen.len()];
            for (at, page) in seen.iter().enumerate().filter(|(_, one)| one.may_be_a_pages()) {
                match partner(seen, &is_paired, page) {
                    Some(other) => {
                        is_paired[at] = true;
                        is_paired[other] = true;
                        settled.left_out.push(count_one(page, &seen[other], requests));
                    }
                    None => settled.unknown += usize::from(page.worker == Worker::Answered(AnsweredFrom::NotSaid)),
                }
            }
        }
        settled
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Requests that a worker answered, and nothing says whether it sent them on.
    pub(super) unknown: usize,
    /// Places of those that are another's double.
    pub(super) left_out: Vec<usize>,
}

impl Seen {
    fn may_be_a_pages(&self) -> bool {
        match self.worker {
            Worker::Silent => !self.has_remote,
            Worker::Answered(_) => true,
            Worker::Sent => false,
        }
    }
}

/// The request of a worker that sent on what a page asked for: the nearest in time.
fn partner(seen: &[Seen], is_paired: &[bool], page: &Seen) -> Option<usize> {
    let may_be = |other: &Seen| match page.worker {
        Worker::Answered(AnsweredFrom::Inside) => false,
        Worker::Answered(_) => other.worker == Worker::Sent || other.worker == Worker::Silent && other.has_remote,
        _ => other.worker == Worker::Sent,
    };
    let is_near =
        |other: &Seen| other.sent_at_ms + BEFORE_MS >= page.sent_at_ms && other.sent_at_ms <= page.sent_at_ms.saturating_add(AFTER_MS);
    let free =
        seen.iter().enumerate().filter(|(at, other)| !is_paired[*at] && other.place != page.place && may_be(other) && is_near(other));
    free.min_by_key(|(_, other)| other.sent_at_ms.abs_diff(page.sent_at_ms)).map(|(at, _)| at)
}

fn count_one(page: &Seen, worker: &Seen, requests: &mut Requests) -> usize {
    // A HAR may have the body with the page's request alone.
    let (left_out, why) = if page.has_body && !worker.has_body {
        (worker.place, "a service worker sent it on for the page, whose request is listed with the body that it had")
    } else {
        (page.place, "answered by a service worker, whose own request for it is listed")
    };
    requests.set_transmission(left_out, inside(why));
    if left_out == worker.place {
        requests.set_transmission(page.place, Transmission::Sent);
    }
    left_out
}

fn inside(why: &str) -> Transmission {
    Transmission::NotSent { cause: NotSentCause::AnsweredInside, why: why.to_owned() }
}
