use pixelwitness_recording::net_error::{self, Stage};
use pixelwitness_recording::{HttpVersion, NotSentCause, Transmission};

use crate::devtools::{Exchange, Failure, Instead};
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

/// What was not sent because it was for the auditor's own network, or because a name led there.
fn kept(wire: Option<&WireRequest>, exchange: Option<&Exchange>, context: &Context) -> Option<Transmission> {
    let url = wire.map(|wire| &wire.url).or(exchange.map(|exchange| &exchange.url))?;
    let by_wire = wire.and_then(|wire| match wire.ending {
        Ending::Failed(error) => context.errors.get(&error).map(String::as_str),
        _ => None,
    });
    let by_devtools = exchange.and_then(|exchange| exchange.failure.as_ref()).map(|failure| &*failure.error);
    // What stayed inside the browser was meant for nobody's network, and what was given up tells nothing of it.
    let is_cancelled = wire.is_some_and(|wire| wire.ending == Ending::Cancelled);
    if is_cancelled || exchange.is_some_and(|exchange| exchange.instead.is_some() || exchange.stayed_inside()) {
        return None;
    }
    let error = by_wire.or(by_devtools).filter(|error| !error.is_empty());
    let remote = wire.and_then(|wire| wire.remote.as_deref());
    let from_public = exchange.is_some_and(|exchange| exchange.from_public);
    let kept = own_network::why_kept(url, error, remote, from_public, &context.allowed)?;
    let cause = if kept.by_name { NotSentCause::NetworkFailure } else { NotSentCause::HeldBack };
    Some(not_sent(cause, kept.why))
}

fn by_wire(wire: &WireRequest, exchange: Option<&Exchange>, context: &Context) -> Transmission {
    let failure = exchange.and_then(|exchange| exchange.failure.as_ref()).filter(|failure| !failure.error.is_empty());
    // An answer that came over the network shows that the request did, whether or not its bytes are in the log.
    if wire.written.is_some() || (wire.sent.is_some() && wire.response.is_some()) {
        return Transmission::Sent;
    }
    if may_have_been_written(wire, context) {
        return handed_over(wire, context);
    }
    match wire.ending {
        Ending::Failed(error) => failed_on_the_wire(error, exchange, context),
        Ending::Redirected => {
            answered_inside(exchange.and_then(|exchange| exchange.instead).map_or("redirected inside the browser", Instead::words))
        }
        Ending::Answered => {
            answered_inside(exchange.and_then(|exchange| exchange.instead).map_or("answered from the cache", Instead::words))
        }
        Ending::Cancelled => not_sent(NotSentCause::Cancelled, "cancelled before a byte was written".to_owned()),
        Ending::Open => match failure {
            Some(failure) => failed(failure.cause_if_unsent(), &failure.error),
            None if context.wire_log == WireLog::Whole => {
                not_sent(NotSentCause::Cancelled, "it was still waiting when the browser ended".to_owned())
            }
            None => Transmission::Unknown { why: "the wire log ends before it was written".to_owned() },
        },
    }
}

/// Whether a request without bytes in the log may have been written all the same.
///
/// On HTTP/2 a request becomes a frame just before it is written, and the log says so. On HTTP/1 its bytes are written, and logged, the
/// moment it is handed over: where the log has bytes, and can be read, those that are not in it were not written.
fn may_have_been_written(wire: &WireRequest, context: &Context) -> bool {
    let log_is_silent = context.wire_log == WireLog::Whole
        && match wire.version {
            HttpVersion::Http2 => !wire.begun,
            HttpVersion::Http1 => !wire.begun && context.has_bytes && !context.foreign,
            _ => false,
        };
    wire.sent.is_some() && (!log_is_silent || wire.ending == Ending::Answered)
}

/// A request that was handed over for writing, and of which the log has no bytes: its error may tell.
fn handed_over(wire: &WireRequest, context: &Context) -> Transmission {
    let error = match wire.ending {
        Ending::Failed(error) => name_of(error, context),
        _ => String::new(),
    };
    match net_error::stage(&error) {
        Stage::BeforeSending(cause) => failed(cause, &error),
        Stage::AfterSending => Transmission::Sent,
        Stage::Unknown => Transmission::Unknown { why: "it was handed over for writing, and the wire log lacks the bytes".to_owned() },
    }
}

fn failed_on_the_wire(error: i64, exchange: Option<&Exchange>, context: &Context) -> Transmission {
    let error = name_of(error, context);
    if exchange.and_then(|exchange| exchange.instead) == Some(Instead::OwnRedirect) {
        let why = format!("failed before anything was written: {error}; the browser went on to another address by itself");
        return not_sent(NotSentCause::AnsweredInside, why);
    }
    failed(net_error::cause_if_unsent(&error, None), &error)
}

fn by_devtools(exchange: &Exchange, context: &Context) -> Transmission {
    let whole = context.wire_log == WireLog::Whole;
    match exchange.instead {
        // It goes back to http where https failed, and also where https was answered with an error.
        Some(Instead::OwnRedirect) if !whole && exchange.url.starts_with("https:") => {
            return Transmission::Unknown {
                why: "the browser went on to another address by itself, and DevTools does not say why".to_owned(),
            };
        }
        Some(instead) => return answered_inside(instead.words()),
        None => {}
    }
    let failure = exchange.failure.as_ref();
    match (exchange.answer.is_some(), failure.map(Failure::stage)) {
        (true, _) => Transmission::Sent,
        (false, Some(Stage::BeforeSending(cause))) => not_sent(cause, before_sending(failure)),
        (false, Some(Stage::AfterSending)) if !whole => Transmission::Sent,
        (false, Some(_)) if whole => not_sent(failure.map(Failure::cause_if_unsent).unwrap_or_default(), before_sending(failure)),
        (false, None) if whole => {
            not_sent(NotSentCause::Cancelled, "announced, and the wire log shows that it was never written".to_owned())
        }
        _ => Transmission::Unknown {
            why: match context.wire_log {
                WireLog::Missing => "there is no wire log, and DevTools saw no answer".to_owned(),
                _ => "the wire log is cut off, and DevTools saw no answer".to_owned(),
            },
        },
    }
}

fn before_sending(failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) if failure.blocked.is_some() => failure.words(),
        failure => format!("failed before anything was written: {}", failure.map(Failure::words).unwrap_or_default()),
    }
}

fn name_of(error: i64, context: &Context) -> String {
    context.errors.get(&error).cloned().unwrap_or_else(|| format!("error {error}"))
}

fn failed(cause: NotSentCause, error: &str) -> Transmission {
    not_sent(cause, format!("failed before anything was written: {error}"))
}

fn answered_inside(words: &str) -> Transmission {
    not_sent(NotSentCause::AnsweredInside, words.to_owned())
}

fn not_sent(cause: NotSentCause, why: String) -> Transmission {
    Transmission::NotSent { cause, why }
}
