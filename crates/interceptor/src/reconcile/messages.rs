use std::rc::Rc;

use pixelwitness_recording::{Bytes, GapKind, Message, MessageKind, Request, Witness};

use crate::devtools::SentMessage;
use crate::reconcile::{Context, Remarks, WireLog, devtools_line, netlog_line};
use crate::wire::{self, Carrier, WireMessage};

/// So many messages of DevTools are looked through for the one that was written next.
const AHEAD: usize = 64;

/// The messages sent over one WebSocket, as written, each held against what DevTools announced.
pub(crate) fn messages(
    request: &Request,
    carrier: Option<&Carrier>,
    announced: Vec<SentMessage>,
    context: &Context,
    remarks: &mut Remarks,
) -> Vec<Message> {
    let (written, troubles) = carrier.map(wire::messages).unwrap_or_default();
    for trouble in troubles {
        remarks.gap(GapKind::BodyUnavailable, request, format!("{}: {trouble}", request.url));
    }
    let mut announced = announced.into_iter().map(Some).collect::<Vec<_>>();
    let mut messages = Vec::with_capacity(written.len());
    let mut next = 0;
    for message in written {
        let found = announced.iter().enumerate().skip(next).take(AHEAD).find(|(_, other)| is_same(other.as_ref(), &message));
        let twin = found.map(|(at, _)| at).and_then(|at| {
            next = at + 1;
            announced[at].take()
        });
        messages.push(from_wire(request, message, twin, context));
    }
    let unwritten = announced.into_iter().flatten().collect::<Vec<_>>();
    if !unwritten.is_empty() && context.wire_log == WireLog::Whole && carrier.is_some() {
        let why = format!("{}: DevTools announced {} WebSocket messages that were not written", request.url, unwritten.len());
        remarks.unexplained.push(format!("{}: {why}", request.id));
        remarks.gap(GapKind::WitnessesDisagree, request, why);
    }
    if unwritten.iter().any(is_untold) {
        let why = format!("{}: DevTools does not tell what a binary WebSocket message held", request.url);
        remarks.gap(GapKind::BodyUnavailable, request, why);
    }
    messages.extend(unwritten.into_iter().map(|message| from_devtools(request, message)));
    messages
}

fn is_same(announced: Option<&SentMessage>, written: &WireMessage) -> bool {
    announced.is_some_and(|message| message.kind == written.kind && (*message.payload == written.payload || is_untold(message)))
}

/// DevTools announces a `Blob` that is sent over a WebSocket as an empty message.
fn is_untold(message: &SentMessage) -> bool {
    message.kind == MessageKind::Binary && message.payload.is_empty()
}

fn from_wire(request: &Request, message: WireMessage, twin: Option<SentMessage>, context: &Context) -> Message {
    let sent_at_ms = context.unix_ms(message.at.tick);
    let mut log_lines = vec![netlog_line(message.at.line)];
    log_lines.extend(twin.as_ref().map(|twin| devtools_line(twin.line)));
    log_lines.sort_unstable();
    Message {
        request: request.id,
        step: twin.as_ref().map_or_else(|| context.step_at(sent_at_ms), |twin| twin.step),
        sent_at_ms,
        kind: message.kind,
        payload: Bytes(message.payload),
        witness: if twin.is_some() { Witness::Both } else { Witness::WireOnly },
        log_lines,
    }
}

fn from_devtools(request: &Request, message: SentMessage) -> Message {
    Message {
        request: request.id,
        step: message.step,
        sent_at_ms: request.sent_at_ms.saturating_add(message.after_ms.max(0.0) as u64),
        kind: message.kind,
        payload: Bytes(Rc::try_unwrap(message.payload).unwrap_or_else(|shared| (*shared).clone())),
        witness: Witness::DevtoolsOnly,
        log_lines: vec![devtools_line(message.line)],
    }
}
