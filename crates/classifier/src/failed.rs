//! Requests that failed on the auditor's own network before a byte was written.

use pixelwitness_recording::{Gap, GapKind, RequestId};

use crate::recipients::Addressee;
use crate::{FailedHost, Party};

/// Counts a request that failed with those of its host.
pub(crate) fn add(failed: &mut Vec<FailedHost>, addressee: &Addressee, request: RequestId, why: &str) {
    let (host, party) = (addressee.host(), addressee.party);
    if let Some(known) = failed.iter_mut().find(|known| known.host == host && known.party == party) {
        known.count += 1;
        known.requests.push(request);
        return;
    }
    let error = error_in(why).to_owned();
    failed.push(FailedHost { host: host.to_owned(), recipient: addressee.id.clone(), party, error, count: 1, requests: vec![request] });
    failed.sort_by_key(|failed| failed.party);
}

/// Says of each third party what is not known of it for that, where the recording does not say so itself: who is one is a reading of it.
pub(crate) fn add_gaps(failed: &[FailedHost], gaps: &mut Vec<Gap>) {
    for one in failed.iter().filter(|failed| failed.party == Party::Third) {
        let tells_of_it =
            |gap: &Gap| gap.kind == GapKind::NetworkFailed && gap.request.is_some_and(|request| one.requests.contains(&request));
        if gaps.iter().any(tells_of_it) {
            continue;
        }
        let requests = if one.count == 1 { "request" } else { "requests" };
        let why = format!(
            "{} {requests} to {} failed on this network ({}): what would have been sent to it is not known",
            one.count, one.host, one.error
        );
        gaps.push(Gap { kind: GapKind::NetworkFailed, why, request: one.requests.first().copied(), step: None });
    }
}

/// The browser's word for what happened, in a sentence that may have more.
fn error_in(why: &str) -> &str {
    let is_error = |word: &&str| word.contains("ERR_") || word.starts_with("NS_ERROR_");
    why.split([' ', ',', '(', ')']).find(is_error).unwrap_or(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_word_is_taken_out_of_a_sentence() {
        for (why, error) in [
            ("failed before anything was written: net::ERR_NAME_NOT_RESOLVED", "net::ERR_NAME_NOT_RESOLVED"),
            ("NS_ERROR_UNKNOWN_HOST", "NS_ERROR_UNKNOWN_HOST"),
            ("ERR_CONNECTION_REFUSED (-102)", "ERR_CONNECTION_REFUSED"),
            ("the connection was cut", "the connection was cut"),
        ] {
            assert_eq!(error_in(why), error);
        }
    }
}
