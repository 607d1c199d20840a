use std::collections::HashMap;

use crate::devtools::Traced;
use crate::wire::WireRequest;

/// A renderer notes a request before the network stack starts it; the clocks may round differently.
const EARLIER_MS: f64 = 6.0;
/// The network stack starts a request this long after its renderer noted it, and no later.
const LATER_MS: f64 = 10_000.0;

/// For each request of the wire log that DevTools did not announce, the entry of the trace that speaks of it.
///
/// An entry goes to one request, and with it to the hops of its redirects and to a preflight for it.
pub(super) fn traces(wire: &[WireRequest], is_announced: &[bool], traced: &[Traced]) -> Vec<Option<usize>> {
    let mut entries: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, entry) in traced.iter().enumerate() {
        entries.entry(&entry.url).or_default().push(at);
    }
    let mut taken = vec![false; traced.len()];
    let mut by_source: HashMap<i64, usize> = HashMap::new();
    let mut found = vec![None; wire.len()];
    for (at, request) in wire.iter().enumerate().filter(|(at, _)| !is_announced[*at]) {
        let is_preflight = &*request.method == "OPTIONS";
        let fits = |entry: &usize| {
            let since = request.started as f64 - traced[*entry].tick;
            (-EARLIER_MS..LATER_MS).contains(&since) && (is_preflight || (traced[*entry].method == request.method && !taken[*entry]))
        };
        let own = entries.get(&*request.url).and_then(|entries| entries.iter().copied().find(fits));
        found[at] = own.or_else(|| by_source.get(&request.source).copied());
        if let Some(own) = own.filter(|_| !is_preflight) {
            taken[own] = true;
            by_source.insert(request.source, own);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(method: &str, url: &str, started: u64, source: i64) -> WireRequest {
        WireRequest { method: method.into(), url: url.into(), started, source, ..WireRequest::blank() }
    }

    #[test]
    fn an_entry_goes_to_one_request_its_preflight_and_its_redirects() {
        let traced = [("POST", "https://t.example/a", 99.7), ("POST", "https://t.example/a", 120.2), ("GET", "https://t.example/b", 130.0)]
            .map(|(method, url, tick)| Traced { method: method.into(), url: url.into(), tick, ..Traced::blank() });
        let requests = [
            wire("OPTIONS", "https://t.example/a", 100, 1),
            wire("POST", "https://t.example/a", 101, 2),
            wire("POST", "https://t.example/a", 121, 3),
            wire("POST", "https://elsewhere.example/", 122, 3),
            wire("POST", "https://t.example/a", 123, 4),
            // DevTools announced this one.
            wire("GET", "https://t.example/b", 131, 5),
            // Long after.
            wire("GET", "https://t.example/b", 60_000, 6),
            wire("GET", "https://t.example/c", 132, 7),
        ];
        let announced = [false, false, false, false, false, true, false, false];
        assert_eq!(traces(&requests, &announced, &traced), [Some(0), Some(0), Some(1), Some(1), None, None, None, None]);
    }
}
