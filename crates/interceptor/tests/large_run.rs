//! A page that sends many requests is read into as many, and both witnesses agree on each.

#[path = "large/mod.rs"]
mod large;

use pixelwitness_interceptor::assemble;
use pixelwitness_recording::{HeaderSource, Transmission, Witness};

const REQUESTS: usize = 2_000;

#[test]
fn both_witnesses_agree_on_each_request_of_a_large_run() {
    let (mut netlog, mut devtools) = (Vec::new(), Vec::new());
    large::netlog(REQUESTS, &mut netlog).unwrap();
    large::devtools(REQUESTS, &mut devtools).unwrap();
    let recording = assemble(&devtools[..], Some(&netlog[..]));
    assert_eq!(recording.gaps, []);
    assert_eq!(recording.completeness.unexplained, Vec::<String>::new());
    assert_eq!((recording.requests.len(), recording.completeness.seen_by_both), (REQUESTS, REQUESTS));
    for request in &recording.requests {
        assert_eq!(
            (request.witness, request.headers_from, &request.transmission),
            (Witness::Both, HeaderSource::Wire, &Transmission::Sent)
        );
        assert!(!request.initiator.kind.is_empty() && request.step == Some(0), "{}", request.id);
    }
}
