//! Requests that failed on the auditor's own network before a byte was written.

use pixelwitness_recording::RequestId;

use crate::FailedHost;
use crate::recipients::Addressee;

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
