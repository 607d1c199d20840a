use pixelwitness_recording::{Bytes, LogLine, Message, MessageKind, RawLog, RequestId, Witness};
use serde_json::Value;

use super::base64;
use crate::attached::{self, Files, Kept, is_messages};
use crate::part::counted;

/// Seconds since the Unix epoch are less than that for thirty centuries, and milliseconds have been more since 1973.
const MOST_SECONDS: f64 = 1e11;

/// The messages that a WebSocket sent, and why some are missing.
///
/// Chrome and mitmproxy list them in the entry; Playwright does, too, or keeps them where an answer's body would be, one a line.
pub(super) fn sent(entry: &Value, started_at_ms: u64, number: u64, files: &mut Files<'_>) -> (Vec<Message>, Option<String>) {
    let listed = entry.get("_webSocketMessages").and_then(Value::as_array);
    let mut messages: Vec<Message> = listed.into_iter().flatten().filter_map(|message| told(message, started_at_ms, number)).collect();
    let file = entry.pointer("/response/content/_file").and_then(Value::as_str).filter(|file| is_messages(file));
    let unseen = file.and_then(|file| match files.content(file, Kept::Messages, attached::LARGEST) {
        Ok(content) => {
            let lines = content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let read: Vec<Option<Value>> = lines.map(|line| serde_json::from_slice(line).ok()).collect();
            messages.extend(read.iter().flatten().filter_map(|message| told(message, started_at_ms, number)));
            let damaged = read.iter().filter(|line| line.is_none()).count();
            (damaged > 0).then(|| format!("{} cannot be read", counted(damaged, "WebSocket message", "WebSocket messages")))
        }
        Err(why) => Some(format!("what was sent over the WebSocket is not known: {why}")),
    });
    (messages, unseen)
}

fn told(message: &Value, started_at_ms: u64, number: u64) -> Option<Message> {
    if message.get("type").and_then(Value::as_str) != Some("send") {
        return None;
    }
    let data = message.get("data").and_then(Value::as_str)?;
    let (kind, payload) = match message.get("opcode").and_then(Value::as_i64).unwrap_or(1) {
        1 => (MessageKind::Text, data.as_bytes().to_vec()),
        2 => (MessageKind::Binary, base64::decode(data).unwrap_or_else(|| data.as_bytes().to_vec())),
        _ => return None,
    };
    let time = message.get("time").and_then(Value::as_f64).filter(|time| *time > 0.0);
    // Chrome counts seconds, Playwright milliseconds.
    let milliseconds = time.map(|time| if time < MOST_SECONDS { time * 1000.0 } else { time });
    Some(Message {
        request: RequestId(0),
        step: None,
        sent_at_ms: milliseconds.map_or(started_at_ms, |milliseconds| milliseconds as u64),
        kind,
        payload: Bytes(payload),
        witness: Witness::Capture,
        log_lines: vec![LogLine { log: RawLog::Capture(0), line: number }],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_of_a_message_are_read_in_any_spelling_of_base64() {
        for (data, payload) in [("+/8AaGl2IQ==", b"\xfb\xff\0hiv!".as_slice()), ("-_8AaGl2IQ", b"\xfb\xff\0hiv!"), ("not so!", b"not so!")]
        {
            let message = told(&json!({"type": "send", "opcode": 2, "data": data}), 0, 1).unwrap();
            assert_eq!((message.kind, message.payload.0.as_slice()), (MessageKind::Binary, payload), "{data}");
        }
    }
}
