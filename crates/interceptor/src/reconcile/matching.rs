use std::collections::HashMap;

use crate::devtools::{BodyCopy, Exchange, Instead, host_and_scheme};
use crate::wire::{WireRequest, own_number};

/// The two clocks are one; the network service's own statement of when it began is this close to the wire log's.
const SAME_MOMENT_MS: f64 = 6.0;
/// A preflight is announced after it was sent, but not this much later.
const ANNOUNCED_LATE_MS: f64 = 5_000.0;
/// So many candidates are compared where neither witness says more than the address.
const CANDIDATES: usize = 64;

/// Method and address: what two accounts of one request must agree in.
type Key<'a> = (&'a str, &'a str);

/// For each announcement of DevTools the request of the wire log that it speaks of. No request is given to two.
///
/// Announcements with a moment or a redirect behind them choose first, so that the vague ones cannot take what is theirs.
pub(crate) fn pair(wire: &[WireRequest], exchanges: &[Exchange]) -> Vec<Option<usize>> {
    let mut alike: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for (at, request) in wire.iter().enumerate() {
        alike.entry((&request.method, &request.url)).or_default().push(at);
    }
    let mut free: HashMap<Key<'_>, Candidates> = alike
        .into_iter()
        .map(|(key, mut candidates)| {
            candidates.sort_by_key(|&at| (wire[at].started, at));
            (key, Candidates::of(candidates))
        })
        .collect();
    let mut pairs = vec![None; exchanges.len()];
    for strict in [true, false] {
        for (at, exchange) in exchanges.iter().enumerate() {
            if pairs[at].is_some() || exchange.stayed_inside() {
                continue;
            }
            let Some(candidates) = free.get_mut(&(&*exchange.method, &*exchange.url)) else { continue };
            let before = exchange.redirected_from.and_then(|before| pairs[before]);
            if let Some(place) = best(wire, candidates, exchange, before, strict) {
                pairs[at] = Some(candidates.take(place));
            }
        }
    }
    pairs
}

/// Requests of one method and address, by when they started. A page can send the same one a hundred thousand times.
struct Candidates {
    requests: Vec<usize>,
    /// For each place one that is not before it and not after the next free one.
    next: Vec<usize>,
}

impl Candidates {
    fn of(requests: Vec<usize>) -> Self {
        Self { next: (0..=requests.len()).collect(), requests }
    }

    /// The first place from here on that nobody took.
    fn free_from(&mut self, place: usize) -> usize {
        let mut free = place;
        while self.next[free] != free {
            free = self.next[free];
        }
        // Whoever comes by here next need not go the whole way again.
        let mut passed = place;
        while self.next[passed] != free {
            passed = std::mem::replace(&mut self.next[passed], free);
        }
        free
    }

    fn take(&mut self, place: usize) -> usize {
        self.next[place] = place + 1;
        self.requests[place]
    }
}

/// Place among the candidates of the one that fits best.
fn best(wire: &[WireRequest], candidates: &mut Candidates, exchange: &Exchange, before: Option<usize>, strict: bool) -> Option<usize> {
    let moment = exchange.extra.as_ref().and_then(|extra| extra.started);
    let (from, latest) = match moment {
        Some(moment) if strict => (moment - SAME_MOMENT_MS, moment + SAME_MOMENT_MS),
        _ if strict && before.is_none() => return None,
        _ => (exchange.tick - ANNOUNCED_LATE_MS, f64::INFINITY),
    };
    let mut place = candidates.requests.partition_point(|&at| (wire[at].started as f64) < from);
    let follows = |at: usize| before.is_some_and(|before| wire[at].redirected_from == Some(before));
    let mut best: Option<(i32, usize)> = None;
    for _ in 0..CANDIDATES {
        place = candidates.free_from(place);
        let Some(&at) = candidates.requests.get(place).filter(|at| wire[**at].started as f64 <= latest) else { break };
        let likeness = likeness(&wire[at], exchange, follows(at));
        // Of equals the first.
        if likeness > best.map_or(0, |(most, _)| most) {
            best = Some((likeness, place));
        }
        place += 1;
    }
    best.map(|(_, place)| place)
}

/// How well an announcement fits a request of the same method and address. Not above zero: it cannot be the same.
fn likeness(request: &WireRequest, exchange: &Exchange, follows: bool) -> i32 {
    let started = request.started as f64;
    let moment = exchange.extra.as_ref().and_then(|extra| extra.started);
    let apart = moment.map_or_else(|| (started - exchange.tick).abs() / 10.0, |moment| (started - moment).abs());
    let mut likeness = 10_000 - apart.min(9_000.0) as i32;
    if follows {
        likeness += 20_000;
    } else if request.redirected_from.is_some() && exchange.redirected_from.is_none() {
        likeness -= 2_000;
    }
    if let (Some(socket), Some(named)) = (request.socket, exchange.answer.as_ref().and_then(|answer| answer.connection)) {
        likeness += if own_number(socket) == named { 3_000 } else { -3_000 };
    }
    if let (Some(body), BodyCopy::Exact(copy)) = (request.body(), &exchange.body) {
        likeness += if body == &copy[..] { 2_000 } else { -2_000 };
    }
    if let (Some(initiator), Some(frame)) = (&request.initiator, &exchange.frame_url) {
        likeness += if host_and_scheme(initiator) == host_and_scheme(frame) { 500 } else { -500 };
    }
    if exchange.instead == Some(Instead::DiskCache) {
        likeness += if request.sent.is_none() { 1_500 } else { -1_500 };
    }
    likeness
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devtools::{Extra, Failure};

    fn wire(started: u64) -> WireRequest {
        WireRequest { started, sent: Some(started), ..WireRequest::blank() }
    }

    fn announced(tick: f64) -> Exchange {
        Exchange { tick, ..Exchange::blank() }
    }

    fn with_moment(tick: f64, started: f64) -> Exchange {
        Exchange { extra: Some(Extra { headers: None, started: Some(started) }), ..announced(tick) }
    }

    #[test]
    fn equal_requests_are_told_apart_by_their_moment() {
        let wire = [wire(100), wire(200), wire(300)];
        // The vague one comes first and would fit the first request as well.
        let exchanges = [announced(99.0), with_moment(98.0, 99.6), with_moment(97.0, 299.0)];
        assert_eq!(pair(&wire, &exchanges), [Some(1), Some(0), Some(2)]);
    }

    #[test]
    fn what_stayed_inside_takes_no_request() {
        let blocked = Failure { error: "".into(), blocked: Some("csp".into()) };
        let exchanges = [
            Exchange { instead: Some(Instead::ServiceWorker), ..announced(100.0) },
            Exchange { failure: Some(blocked), ..announced(100.0) },
            announced(101.0),
        ];
        assert_eq!(pair(&[wire(102)], &exchanges), [None, None, Some(0)]);
    }

    #[test]
    fn a_redirect_to_the_same_address_follows_its_hop() {
        let hops =
            [wire(100), WireRequest { redirected_from: Some(0), ..wire(105) }, WireRequest { redirected_from: Some(1), ..wire(110) }];
        let exchanges = [
            with_moment(99.0, 100.0),
            Exchange { redirected_from: Some(0), ..announced(104.0) },
            Exchange { redirected_from: Some(1), ..announced(109.0) },
        ];
        assert_eq!(pair(&hops, &exchanges), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn one_from_the_cache_is_not_the_one_that_was_sent() {
        let unsent = WireRequest { sent: None, ..wire(101) };
        let exchanges = [Exchange { instead: Some(Instead::DiskCache), ..announced(99.0) }, announced(99.0)];
        assert_eq!(pair(&[wire(100), unsent], &exchanges), [Some(1), Some(0)]);
    }

    #[test]
    fn another_method_address_or_hour_is_another_request() {
        for exchange in [
            Exchange { method: "POST".into(), ..announced(100.0) },
            Exchange { url: "https://host.example/other".into(), ..announced(100.0) },
            announced(60_000.0),
        ] {
            assert_eq!(pair(&[wire(100)], &[exchange]), [None]);
        }
    }
}
