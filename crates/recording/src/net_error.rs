//! When a request failed: before a byte of it could be sent, or after it was.
//!
//! Chromium names its network errors in `net/base/net_error_list.h`; DevTools adds why a request was blocked and what CORS objected to.
//! An error is listed as coming before the request only where it can come at no other time, and likewise after it. The rest leave it
//! open: a connection that is reset may be reset before the request or in the middle of the answer.

use crate::NotSentCause;

/// What an error says of whether its request was sent.
///
/// An answer that was seen, and a byte that was seen written, say more than any error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No byte of the request can have been sent, for a reason of this sort.
    BeforeSending(NotSentCause),
    /// The request was sent: what is wrong is the answer, or that there was none.
    AfterSending,
    /// It comes at either time, or the error is not known.
    Unknown,
}

/// When this error of Chromium comes: `net::ERR_NAME_NOT_RESOLVED` or `ERR_NAME_NOT_RESOLVED`, whatever follows.
///
/// What follows may name an error of CORS, `net::ERR_FAILED (CORS: MissingAllowOriginHeader)`, which then decides.
#[must_use]
pub fn stage(error: &str) -> Stage {
    let cors = error.split_once("(CORS: ").map(|(_, rest)| word(rest));
    if let Some(known) = cors.map(stage_of_cors_error).filter(|stage| *stage != Stage::Unknown) {
        return known;
    }
    let error = error.trim_start();
    let error = error.strip_prefix("net::").unwrap_or(error);
    error.strip_prefix("ERR_").map_or(Stage::Unknown, |name| stage_of_name(word(name)))
}

/// When a request is blocked for this reason, one of DevTools' `Network.BlockedReason`.
#[must_use]
pub fn stage_of_blocked_reason(reason: &str) -> Stage {
    match reason {
        "csp" | "mixed-content" | "origin" | "inspector" | "subresource-filter" => Stage::BeforeSending(NotSentCause::Blocked),
        "integrity" | "content-type" | "xss-auditor" | "sri-message-signature-mismatch" => Stage::AfterSending,
        // Cross-origin policies of the answer, or of the page, held against the answer.
        _ if ["coep-", "coop-", "corp-"].iter().any(|policy| reason.starts_with(policy)) => Stage::AfterSending,
        // `other` is also what DevTools says where it was told nothing.
        _ => Stage::Unknown,
    }
}

/// When CORS objects, by one of DevTools' `Network.CorsError`.
///
/// What is wrong with the answer to a preflight keeps the request itself from being sent. The preflight is a request of its own.
#[must_use]
pub fn stage_of_cors_error(error: &str) -> Stage {
    match error {
        "DisallowedByMode"
        | "CorsDisabledScheme"
        | "InvalidAllowMethodsPreflightResponse"
        | "InvalidAllowHeadersPreflightResponse"
        | "MethodDisallowedByPreflightResponse"
        | "HeaderDisallowedByPreflightResponse"
        | "InsecurePrivateNetwork"
        | "InvalidPrivateNetworkAccess"
        | "UnexpectedPrivateNetworkAccess"
        | "PrivateNetworkAccessPermissionUnavailable"
        | "PrivateNetworkAccessPermissionDenied"
        | "InsecureLocalNetwork"
        | "InvalidLocalNetworkAccess"
        | "LocalNetworkAccessPermissionDenied" => Stage::BeforeSending(NotSentCause::Blocked),
        _ if error.starts_with("Preflight") => Stage::BeforeSending(NotSentCause::Blocked),
        "InvalidResponse"
        | "WildcardOriginNotAllowed"
        | "MissingAllowOriginHeader"
        | "MultipleAllowOriginValues"
        | "InvalidAllowOriginValue"
        | "AllowOriginMismatch"
        | "InvalidAllowCredentials"
        | "RedirectContainsCredentials" => Stage::AfterSending,
        _ => Stage::Unknown,
    }
}

/// When a request failed, by all that DevTools says of it: the reason it was blocked for, where there is one, and the error.
#[must_use]
pub fn stage_of_failure(error: &str, blocked_reason: Option<&str>) -> Stage {
    match blocked_reason.map_or(Stage::Unknown, stage_of_blocked_reason) {
        Stage::Unknown => stage(error),
        known => known,
    }
}

/// What sort of reason kept a request that is known not to have been sent, by the error it failed with.
///
/// Where the error itself does not say when it comes, it is still one of the network, or of a page that gave the request up.
#[must_use]
pub fn cause_if_unsent(error: &str, blocked_reason: Option<&str>) -> NotSentCause {
    let name = error.trim_start();
    let name = name.strip_prefix("net::").unwrap_or(name);
    let name = word(name.strip_prefix("ERR_").unwrap_or_default());
    let is_of_connections = ["CONNECTION_", "SSL_", "TLS", "QUIC_", "HTTP2_", "SPDY_", "CERT_"].iter().any(|kind| name.starts_with(kind));
    match (stage_of_failure(error, blocked_reason), name) {
        (Stage::BeforeSending(cause), _) => cause,
        (_, "ABORTED" | "CONTEXT_SHUT_DOWN") => NotSentCause::Cancelled,
        (_, "TIMED_OUT" | "NETWORK_CHANGED" | "NETWORK_IO_SUSPENDED" | "NETWORK_ACCESS_REVOKED" | "EMPTY_RESPONSE" | "ACCESS_DENIED") => {
            NotSentCause::NetworkFailure
        }
        // `SOCKET_NOT_CONNECTED` is not among them: the browser let a connection go, or has no proxy to prefetch through. No network that
        // filters does that.
        _ if is_of_connections => NotSentCause::NetworkFailure,
        _ => NotSentCause::Other,
    }
}

fn word(text: &str) -> &str {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').next().unwrap_or_default()
}

fn stage_of_name(name: &str) -> Stage {
    const LISTS: &[(&[&str], Stage)] = &[
        (NETWORK_FAILURES, Stage::BeforeSending(NotSentCause::NetworkFailure)),
        (BLOCKED, Stage::BeforeSending(NotSentCause::Blocked)),
        (ANSWERED_INSIDE, Stage::BeforeSending(NotSentCause::AnsweredInside)),
        (NO_REQUEST, Stage::BeforeSending(NotSentCause::Other)),
        (AFTER_SENDING, Stage::AfterSending),
    ];
    LISTS.iter().find(|(names, _)| names.contains(&name)).map_or(Stage::Unknown, |(_, stage)| *stage)
}

/// Looking up the name, connecting, asking a proxy for a tunnel, the TLS handshake.
///
/// Errors of TLS that also come on a connection in use (`SSL_PROTOCOL_ERROR`, alerts, client certificates) are not among them.
const NETWORK_FAILURES: &[&str] = &[
    "CONNECTION_REFUSED",
    "CONNECTION_FAILED",
    "CONNECTION_TIMED_OUT",
    "NAME_NOT_RESOLVED",
    "NAME_RESOLUTION_FAILED",
    "HOST_RESOLVER_QUEUE_TOO_LARGE",
    "ICANN_NAME_COLLISION",
    "INTERNET_DISCONNECTED",
    "ADDRESS_INVALID",
    "ADDRESS_UNREACHABLE",
    "ADDRESS_IN_USE",
    "NETWORK_ACCESS_DENIED",
    "DNS_MALFORMED_RESPONSE",
    "DNS_SERVER_REQUIRES_TCP",
    "DNS_SERVER_FAILED",
    "DNS_TIMED_OUT",
    "DNS_CACHE_MISS",
    "DNS_SEARCH_EMPTY",
    "DNS_SORT_ERROR",
    "DNS_HTTP_FAILED",
    "DNS_SECURE_RESOLVER_HOSTNAME_RESOLUTION_FAILED",
    "DNS_NAME_HTTPS_ONLY",
    "DNS_REQUEST_CANCELLED",
    "DNS_NO_MATCHING_SUPPORTED_ALPN",
    "DNS_SECURE_PROBE_RECORD_INVALID",
    "DNS_CACHE_INVALIDATION_IN_PROGRESS",
    "DNS_FORMAT_ERROR",
    "DNS_SERVER_FAILURE",
    "DNS_NOT_IMPLEMENTED",
    "DNS_REFUSED",
    "DNS_OTHER_FAILURE",
    "DNS_DIRECT_ONLY",
    "TUNNEL_CONNECTION_FAILED",
    "HTTPS_PROXY_TUNNEL_RESPONSE",
    "PROXY_AUTH_UNSUPPORTED",
    "PROXY_AUTH_REQUESTED",
    "PROXY_AUTH_REQUESTED_WITH_NO_CONNECTION",
    "PROXY_CONNECTION_FAILED",
    "PROXY_CERTIFICATE_INVALID",
    "PROXY_HTTP_1_1_REQUIRED",
    "PROXY_UNABLE_TO_CONNECT_TO_DESTINATION",
    "PROXY_DELEGATE_CANCELED_CONNECT_REQUEST",
    "PROXY_DELEGATE_CANCELED_CONNECT_RESPONSE",
    "UNABLE_TO_REUSE_CONNECTION_FOR_PROXY_AUTH",
    "MANDATORY_PROXY_CONFIGURATION_FAILED",
    "NO_SUPPORTED_PROXIES",
    "PAC_SCRIPT_FAILED",
    "PAC_SCRIPT_TERMINATED",
    "PAC_NOT_IN_DHCP",
    "SOCKS_CONNECTION_FAILED",
    "SOCKS_CONNECTION_HOST_UNREACHABLE",
    "HTTP2_INADEQUATE_TRANSPORT_SECURITY",
    "SSL_VERSION_OR_CIPHER_MISMATCH",
    "SSL_PINNED_KEY_NOT_IN_CERT_CHAIN",
    "SSL_UNRECOGNIZED_NAME_ALERT",
    "SSL_SERVER_CERT_BAD_FORMAT",
    "SSL_OBSOLETE_CIPHER",
    "SSL_KEY_USAGE_INCOMPATIBLE",
    "SSL_WEAK_SERVER_EPHEMERAL_DH_KEY",
    "SSL_VERSION_INTERFERENCE",
    "TLS13_DOWNGRADE_DETECTED",
    "INVALID_ECH_CONFIG_LIST",
    "ECH_NOT_NEGOTIATED",
    "ECH_FALLBACK_CERTIFICATE_INVALID",
    "CERT_COMMON_NAME_INVALID",
    "CERT_DATE_INVALID",
    "CERT_AUTHORITY_INVALID",
    "CERT_CONTAINS_ERRORS",
    "CERT_NO_REVOCATION_MECHANISM",
    "CERT_UNABLE_TO_CHECK_REVOCATION",
    "CERT_REVOKED",
    "CERT_INVALID",
    "CERT_WEAK_SIGNATURE_ALGORITHM",
    "CERT_NON_UNIQUE_NAME",
    "CERT_WEAK_KEY",
    "CERT_NAME_CONSTRAINT_VIOLATION",
    "CERT_VALIDITY_TOO_LONG",
    "CERT_SYMANTEC_LEGACY",
    "CERT_KNOWN_INTERCEPTION_BLOCKED",
    "CERT_SELF_SIGNED_LOCAL_NETWORK",
    "CERTIFICATE_TRANSPARENCY_REQUIRED",
];

/// The browser, its administrator, an extension or the site forbids the request.
///
/// `BLOCKED_BY_CLIENT` is what extensions make of a request. One that waits for the answer before it blocks gives the same error; then an
/// answer was seen.
const BLOCKED: &[&str] = &[
    "BLOCKED_BY_CLIENT",
    "BLOCKED_BY_ADMINISTRATOR",
    "BLOCKED_IN_INCOGNITO_BY_ADMINISTRATOR",
    "BLOCKED_ENROLLMENT_CHECK_PENDING",
    "BLOCKED_BY_CSP",
    "BLOCKED_BY_FINGERPRINTING_PROTECTION",
    "BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS",
    "BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS",
    "CACHED_IP_ADDRESS_SPACE_BLOCKED_BY_LOCAL_NETWORK_ACCESS_POLICY",
    "CACHED_IP_ADDRESS_SPACE_BLOCKED_BY_PRIVATE_NETWORK_ACCESS_POLICY",
    "INCONSISTENT_IP_ADDRESS_SPACE",
    "LOCAL_NETWORK_PERMISSION_MISSING",
    "CLEARTEXT_NOT_PERMITTED",
    "STRICT_ECH_REQUIRED",
    "TEMPORARILY_THROTTLED",
    "UNSAFE_PORT",
    "DISALLOWED_URL_SCHEME",
    "WS_THROTTLE_QUEUE_TOO_LARGE",
];

const ANSWERED_INSIDE: &[&str] = &["TRUST_TOKEN_OPERATION_SUCCESS_WITHOUT_SENDING_REQUEST"];

/// There was nothing to send, only a cache was asked, or the request wants a protocol that the server does not speak: Chromium streams a
/// body over HTTP/2 and QUIC alone.
const NO_REQUEST: &[&str] =
    &["INVALID_URL", "UNKNOWN_URL_SCHEME", "CACHE_MISS", "PRECONNECT_MAX_SOCKET_LIMIT", "ALPN_NEGOTIATION_FAILED", "H2_OR_QUIC_REQUIRED"];

/// The answer was discarded, cannot be read, or did not come although the request was there to be answered.
const AFTER_SENDING: &[&str] = &[
    "BLOCKED_BY_RESPONSE",
    "BLOCKED_BY_ORB",
    "BLOCKED_BY_XSS_AUDITOR",
    "UPLOAD_STREAM_REWIND_NOT_SUPPORTED",
    "WS_PROTOCOL_ERROR",
    "WS_UPGRADE",
    "INVALID_REDIRECT",
    "TOO_MANY_REDIRECTS",
    "UNSAFE_REDIRECT",
    "INVALID_RESPONSE",
    "INVALID_CHUNKED_ENCODING",
    "UNEXPECTED_PROXY_AUTH",
    "EMPTY_RESPONSE",
    "RESPONSE_HEADERS_TOO_BIG",
    "CONTENT_DECODING_FAILED",
    "CONTENT_DECODING_INIT_FAILED",
    "RESPONSE_BODY_TOO_BIG_TO_DRAIN",
    "RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH",
    "RESPONSE_HEADERS_MULTIPLE_CONTENT_DISPOSITION",
    "RESPONSE_HEADERS_MULTIPLE_LOCATION",
    "RESPONSE_HEADERS_TRUNCATED",
    "INCOMPLETE_HTTP2_HEADERS",
    "INCOMPLETE_SPDY_HEADERS",
    "HTTP2_SERVER_REFUSED_STREAM",
    "SPDY_SERVER_REFUSED_STREAM",
    "HTTP2_RST_STREAM_NO_ERROR_RECEIVED",
    "CONTENT_LENGTH_MISMATCH",
    "INCOMPLETE_CHUNKED_ENCODING",
    "HTTP_1_1_REQUIRED",
    "INVALID_HTTP_RESPONSE",
    "HTTP_RESPONSE_CODE_FAILURE",
    "ZSTD_WINDOW_SIZE_TOO_BIG",
    "DICTIONARY_LOAD_FAILED",
    "UNEXPECTED_CONTENT_DICTIONARY_HEADER",
    "INVALID_SIGNED_EXCHANGE",
    "INVALID_WEB_BUNDLE",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Every error of Chromium 156 in the order of its numbers, as its NetLog lists them, each with when it comes.
    const CHROMIUM_156: &str = include_str!("../fixtures/net_errors.txt");

    fn shown(stage: Stage) -> &'static str {
        match stage {
            Stage::BeforeSending(NotSentCause::NetworkFailure) => "before, network failure",
            Stage::BeforeSending(NotSentCause::Blocked) => "before, blocked",
            Stage::BeforeSending(NotSentCause::AnsweredInside) => "before, answered inside",
            Stage::BeforeSending(_) => "before, other",
            Stage::AfterSending => "after",
            Stage::Unknown => "unknown",
        }
    }

    #[test]
    fn every_error_of_chromium_has_its_place() {
        let listed: Vec<(&str, &str)> = CHROMIUM_156.lines().filter_map(|line| line.split_once(": ")).collect();
        assert_eq!(listed.len(), 249);
        for (error, expected) in listed {
            assert_eq!(shown(stage(error)), expected, "{error}");
            assert_eq!(shown(stage(&format!("net::{error}"))), expected, "{error}");
            assert_eq!(shown(stage(&format!("net::{error} at https://shop.example/"))), expected, "{error}");
            assert_eq!(shown(stage(&format!("net::{error}X"))), "unknown", "{error}");
        }
    }

    #[test]
    fn no_error_stands_in_two_lists() {
        let mut seen = HashSet::new();
        for name in [NETWORK_FAILURES, BLOCKED, ANSWERED_INSIDE, NO_REQUEST, AFTER_SENDING].concat() {
            assert!(seen.insert(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_error_is_unknown() {
        for error in ["", "net::", "ERR_", "net::ERR_", "canceled", "NAME_NOT_RESOLVED", "net::ERR_NO_SUCH_ERROR", "NS_ERROR_UNKNOWN_HOST"]
        {
            assert_eq!(stage(error), Stage::Unknown, "{error}");
        }
    }

    #[test]
    fn every_blocked_reason_has_its_place() {
        for (reason, expected) in [
            ("other", "unknown"),
            ("csp", "before, blocked"),
            ("mixed-content", "before, blocked"),
            ("origin", "before, blocked"),
            ("inspector", "before, blocked"),
            ("integrity", "after"),
            ("subresource-filter", "before, blocked"),
            ("content-type", "after"),
            ("coep-frame-resource-needs-coep-header", "after"),
            ("coop-sandboxed-iframe-cannot-navigate-to-coop-page", "after"),
            ("corp-not-same-origin", "after"),
            ("corp-not-same-origin-after-defaulted-to-same-origin-by-coep", "after"),
            ("corp-not-same-origin-after-defaulted-to-same-origin-by-dip", "after"),
            ("corp-not-same-origin-after-defaulted-to-same-origin-by-coep-and-dip", "after"),
            ("corp-not-same-site", "after"),
            ("sri-message-signature-mismatch", "after"),
            ("a-reason-that-is-new", "unknown"),
        ] {
            assert_eq!(shown(stage_of_blocked_reason(reason)), expected, "{reason}");
        }
    }

    #[test]
    fn a_preflight_that_fails_keeps_the_request_and_an_answer_that_fails_does_not() {
        for (error, expected) in [
            ("DisallowedByMode", "before, blocked"),
            ("PreflightInvalidStatus", "before, blocked"),
            ("PreflightMissingAllowOriginHeader", "before, blocked"),
            ("HeaderDisallowedByPreflightResponse", "before, blocked"),
            ("LocalNetworkAccessPermissionDenied", "before, blocked"),
            ("MissingAllowOriginHeader", "after"),
            ("AllowOriginMismatch", "after"),
            ("InvalidAllowCredentials", "after"),
            ("RedirectContainsCredentials", "after"),
            ("NoCorsRedirectModeNotFollow", "unknown"),
        ] {
            assert_eq!(shown(stage_of_cors_error(error)), expected, "{error}");
            assert_eq!(shown(stage(&format!("net::ERR_FAILED (CORS: {error})"))), expected, "{error}");
        }
    }

    #[test]
    fn what_is_known_not_to_have_been_sent_has_a_cause() {
        for (error, cause) in [
            ("net::ERR_CONNECTION_RESET", NotSentCause::NetworkFailure),
            ("net::ERR_SSL_PROTOCOL_ERROR", NotSentCause::NetworkFailure),
            ("net::ERR_TIMED_OUT", NotSentCause::NetworkFailure),
            ("net::ERR_NAME_NOT_RESOLVED", NotSentCause::NetworkFailure),
            ("net::ERR_ABORTED", NotSentCause::Cancelled),
            ("net::ERR_BLOCKED_BY_CLIENT", NotSentCause::Blocked),
            ("net::ERR_FAILED (CORS: PreflightInvalidStatus)", NotSentCause::Blocked),
            ("net::ERR_SOCKET_NOT_CONNECTED", NotSentCause::Other),
            ("net::ERR_FAILED", NotSentCause::Other),
            ("", NotSentCause::Other),
        ] {
            assert_eq!(cause_if_unsent(error, None), cause, "{error}");
        }
        assert_eq!(cause_if_unsent("net::ERR_FAILED", Some("mixed-content")), NotSentCause::Blocked);
    }

    #[test]
    fn the_reason_for_blocking_says_more_than_the_error() {
        for (error, reason, expected) in [
            ("net::ERR_BLOCKED_BY_RESPONSE", Some("corp-not-same-site"), "after"),
            ("net::ERR_BLOCKED_BY_RESPONSE", Some("other"), "after"),
            ("net::ERR_BLOCKED_BY_CLIENT", Some("other"), "before, blocked"),
            ("net::ERR_ABORTED", Some("csp"), "before, blocked"),
            ("", Some("mixed-content"), "before, blocked"),
            ("net::ERR_ABORTED", None, "unknown"),
            ("net::ERR_CONNECTION_REFUSED", None, "before, network failure"),
        ] {
            assert_eq!(shown(stage_of_failure(error, reason)), expected, "{error} {reason:?}");
        }
    }
}
