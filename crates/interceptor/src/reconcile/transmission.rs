use pixelwitness_recording::{HttpVersion, NotSentCause, Transmission};

use crate::devtools::Exchange;
use crate::own_network;
use crate::reconcile::{Context, WireLog};
use crate::wire::{Ending, WireRequest};

/// Whether a request left the browser. The wire log decides where it speaks of the request.
pub(crate) fn transmission(wire: Option<&WireRequest>, exchange: Option<&Exchange>, context: &Context) -> Transmission {
    let found = match (wire, exchange) {
        (Some(wire), exchange) => by_wire(wire, exchange, context),
        (None, Some(exchange)) => by_devtools(exchange, context),
        (None, None) => Transmission::Unknown { why: "no witness speaks of it".to_owned() },
    };
    let is_not_sent = matches!(found, Transmission::NotSent { .. });
    is_not_sent.then(|| kept(wire, exchange, context)).flatten().unwrap_or(found)
}

/// What was not sent because it was for the auditor's own network.
fn kept(wire: Option<&WireRequest>, exchange: Option<&Exchange>, context: &Context) -> Option<Transmission> {
    let url = wire.map(|wire| &wire.url).or(exchange.map(|exchange| &exchange.url))?;
    let by_wire = wire.and_then(|wire| match wire.ending {
        Ending::Failed(error) => context.errors.get(&error).map(String::as_str),
        _ => None,
    });
    let by_devtools = exchange.and_then(|exchange| exchange.failure.as_ref()).map(|failure| &*failure.error);
    // What stayed inside the browser was meant for nobody's network.
    if exchange.is_some_and(|exchange| exchange.instead.is_some() || exchange.stayed_inside()) {
        return None;
    }
    let error = by_wire.or(by_devtools).filter(|error| !error.is_empty());
    let remote = wire.and_then(|wire| wire.remote.as_deref());
    let from_public = exchange.is_some_and(|exchange| exchange.from_public);
    own_network::why_kept(url, error, remote, from_public, &context.allowed).map(not_sent)
}

fn by_wire(wire: &WireRequest, exchange: Option<&Exchange>, context: &Context) -> Transmission {
    let unanswered =
        || exchange.and_then(|exchange| exchange.failure.as_ref()).map(|failure| &*failure.error).filter(|error| !error.is_empty());
    match wire.ending {
        _ if wire.written.is_some() => Transmission::Sent,
        _ if wire.version == HttpVersion::Http3 && wire.sent.is_some() => Transmission::Sent,
        // Bytes that were left out, or went before the log began, are no sign that nothing was written.
        _ if context.foreign && wire.sent.is_some() && wire.response.is_some() => Transmission::Sent,
        _ if wire.sent.is_some() && (context.wire_log != WireLog::Whole || wire.ending == Ending::Answered) => {
            Transmission::Unknown { why: "it was handed over for writing, and the wire log lacks the bytes".to_owned() }
        }
        Ending::Failed(error) => {
            let name = context.errors.get(&error).cloned().unwrap_or_else(|| format!("error {error}"));
            not_sent(format!("failed before anything was written: {name}"))
        }
        Ending::Redirected => not_sent("redirected inside the browser".to_owned()),
        Ending::Answered => {
            let instead = exchange.and_then(|exchange| exchange.instead);
            not_sent(instead.map_or("answered from the cache", |instead| instead.words()).to_owned())
        }
        Ending::Open => match unanswered() {
            Some(error) => not_sent(format!("failed before anything was written: {error}")),
            None if context.wire_log == WireLog::Whole => not_sent("it was still waiting when the browser ended".to_owned()),
            None => Transmission::Unknown { why: "the wire log ends before it was written".to_owned() },
        },
    }
}

fn by_devtools(exchange: &Exchange, context: &Context) -> Transmission {
    if let Some(blocked) = exchange.failure.as_ref().and_then(|failure| failure.blocked.as_deref()) {
        return not_sent(format!("blocked: {blocked}"));
    }
    if let Some(instead) = exchange.instead {
        return not_sent(instead.words().to_owned());
    }
    let error = exchange.failure.as_ref().map(|failure| &*failure.error).unwrap_or_default();
    let whole = context.wire_log == WireLog::Whole;
    match (exchange.answer.is_some(), error) {
        (true, _) => Transmission::Sent,
        (false, error) if is_before_connecting(error) || (whole && !error.is_empty()) => {
            not_sent(format!("failed before anything was written: {error}"))
        }
        _ if whole => not_sent("announced, and the wire log shows that it was never written".to_owned()),
        _ => Transmission::Unknown {
            why: match context.wire_log {
                WireLog::Missing => "there is no wire log, and DevTools saw no answer".to_owned(),
                _ => "the wire log is cut off, and DevTools saw no answer".to_owned(),
            },
        },
    }
}

fn not_sent(why: String) -> Transmission {
    Transmission::NotSent { cause: NotSentCause::Other, why }
}

/// Errors that can only come before the first byte of a request.
fn is_before_connecting(error: &str) -> bool {
    const ERRORS: &[&str] = &[
        "net::ERR_NAME_NOT_RESOLVED",
        "net::ERR_NAME_RESOLUTION_FAILED",
        "net::ERR_CONNECTION_REFUSED",
        "net::ERR_CONNECTION_TIMED_OUT",
        "net::ERR_CONNECTION_FAILED",
        "net::ERR_ADDRESS_UNREACHABLE",
        "net::ERR_ADDRESS_INVALID",
        "net::ERR_INTERNET_DISCONNECTED",
        "net::ERR_PROXY_CONNECTION_FAILED",
        "net::ERR_UNSAFE_PORT",
        "net::ERR_UNKNOWN_URL_SCHEME",
        "net::ERR_INSUFFICIENT_RESOURCES",
        "net::ERR_BLOCKED_BY_CLIENT",
        "net::ERR_BLOCKED_BY_ADMINISTRATOR",
        "net::ERR_BLOCKED_BY_CSP",
    ];
    let error = error.split(' ').next().unwrap_or_default();
    ERRORS.contains(&error) || error.starts_with("net::ERR_CERT_") || error.starts_with("net::ERR_SSL_")
}
