//! Whether a request left, by the words that a browser has for its failure.

use pixelwitness_recording::NotSentCause;
use pixelwitness_recording::net_error::{self, Stage};

/// When a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Before a byte of it was written.
    Before(NotSentCause),
    /// After the answer came: the recipient has it.
    After,
    /// Nobody can say.
    Unknown,
}

use Failed::{After, Before, Unknown};
use NotSentCause::{Blocked, NetworkFailure};

/// What Firefox calls failures, by how they begin. What is not listed may come at any time.
const FIREFOX: &[(&str, Failed)] = &[
    ("NS_ERROR_UNKNOWN_HOST", Before(NetworkFailure)),
    ("NS_ERROR_UNKNOWN_PROXY_HOST", Before(NetworkFailure)),
    ("NS_ERROR_CONNECTION_REFUSED", Before(NetworkFailure)),
    ("NS_ERROR_PROXY_CONNECTION_REFUSED", Before(NetworkFailure)),
    ("NS_ERROR_DNS_LOOKUP_QUEUE_FULL", Before(NetworkFailure)),
    ("NS_ERROR_OFFLINE", Before(NetworkFailure)),
    ("SEC_ERROR_", Before(NetworkFailure)),
    ("MOZILLA_PKIX_ERROR_", Before(NetworkFailure)),
    ("SSL_ERROR_BAD_CERT_DOMAIN", Before(NetworkFailure)),
    ("NS_ERROR_PORT_ACCESS_NOT_ALLOWED", Before(Blocked)),
    ("NS_ERROR_TRACKING_URI", Before(Blocked)),
    ("NS_ERROR_SOCIALTRACKING_URI", Before(Blocked)),
    ("NS_ERROR_FINGERPRINTING_URI", Before(Blocked)),
    ("NS_ERROR_CRYPTOMINING_URI", Before(Blocked)),
    ("NS_ERROR_MALWARE_URI", Before(Blocked)),
    ("NS_ERROR_PHISHING_URI", Before(Blocked)),
    ("NS_ERROR_UNWANTED_URI", Before(Blocked)),
    ("NS_ERROR_HARMFUL_URI", Before(Blocked)),
    ("NS_ERROR_CONTENT_BLOCKED", Before(Blocked)),
];

/// Words of WebKit's messages, in lower case, on macOS and on Linux.
const WEBKIT: &[(&str, Failed)] = &[
    ("specified hostname could not be found", Before(NetworkFailure)),
    ("could not resolve host", Before(NetworkFailure)),
    ("couldn't resolve host", Before(NetworkFailure)),
    ("error resolving", Before(NetworkFailure)),
    ("name or service not known", Before(NetworkFailure)),
    ("could not connect to the server", Before(NetworkFailure)),
    ("could not connect to server", Before(NetworkFailure)),
    ("connection refused", Before(NetworkFailure)),
    ("internet connection appears to be offline", Before(NetworkFailure)),
    ("certificate for this server is invalid", Before(NetworkFailure)),
    ("unacceptable tls certificate", Before(NetworkFailure)),
    ("secure connection to the server cannot be made", Before(NetworkFailure)),
    ("blocked by content blocker", Before(Blocked)),
    ("blocked by content security policy", Before(Blocked)),
    ("blocked by web inspector", Before(Blocked)),
    ("not allowed to use restricted network port", Before(Blocked)),
    ("access-control-allow-origin", Unknown),
    ("cross-origin-resource-policy", After),
];

/// Reads a browser's words for the failure of a request.
pub(crate) fn failed(error: &str) -> Failed {
    if error.starts_with("net::") {
        return of_chromium(error);
    }
    if let Some((_, failed)) = FIREFOX.iter().find(|(name, _)| error.starts_with(name)) {
        return *failed;
    }
    let lower = error.to_lowercase();
    WEBKIT.iter().find(|(words, _)| lower.contains(words)).map_or(Unknown, |(_, failed)| *failed)
}

fn of_chromium(error: &str) -> Failed {
    match net_error::stage(error) {
        Stage::BeforeSending(cause) => Before(cause),
        Stage::AfterSending => After,
        Stage::Unknown => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_stopped_before_it_left_was_never_sent() {
        for (error, read) in [
            ("net::ERR_BLOCKED_BY_ORB", After),
            ("net::ERR_BLOCKED_BY_RESPONSE", After),
            ("net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin", After),
            ("net::ERR_BLOCKED_BY_CLIENT", Before(Blocked)),
            ("net::ERR_NAME_NOT_RESOLVED", Before(NetworkFailure)),
            ("net::ERR_CERT_AUTHORITY_INVALID", Before(NetworkFailure)),
            ("net::ERR_EMPTY_RESPONSE", After),
            ("net::ERR_INVALID_URL", Before(NotSentCause::Other)),
            ("net::ERR_CONNECTION_RESET", Unknown),
            ("net::ERR_ABORTED", Unknown),
            ("net::ERR_OF_NEXT_YEAR", Unknown),
            ("NS_ERROR_UNKNOWN_HOST", Before(NetworkFailure)),
            ("NS_BINDING_ABORTED", Unknown),
            ("NS_ERROR_NET_RESET", Unknown),
            ("SEC_ERROR_UNKNOWN_ISSUER", Before(NetworkFailure)),
            ("A server with the specified hostname could not be found.", Before(NetworkFailure)),
            ("Could not connect to the server.", Before(NetworkFailure)),
            ("Load request cancelled", Unknown),
            ("The request timed out.", Unknown),
            (
                "Cancelled load to https://a.example/ because it violates the resource's Cross-Origin-Resource-Policy response header.",
                After,
            ),
            ("", Unknown),
        ] {
            assert_eq!(failed(error), read, "{error}");
        }
    }
}
