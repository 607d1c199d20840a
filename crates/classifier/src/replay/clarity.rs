use serde_json::Value;

use super::tally::Tally;
use crate::findings::RecordedWhat;

/// Adds what an upload recorded: `e` is about the upload, `a` is what was done, `p` the page. An event begins with its time and its kind.
pub(super) fn read(documents: &[Value], tally: &mut Tally) {
    documents.iter().for_each(|document| upload(document, tally));
}

fn upload(document: &Value, tally: &mut Tally) {
    let (Some(about), Some(done), Some(page)) = (document["e"].as_array(), document["a"].as_array(), document["p"].as_array()) else {
        return;
    };
    for event in done {
        action(event, tally);
    }
    for event in page {
        // 5 is the whole page, 6 a change of it, 43 a picture of it in the same words.
        if matches!(event[1].as_u64(), Some(5 | 6 | 43)) {
            texts(event, tally);
        }
    }
    if !tally.is_empty() {
        about.get(11).and_then(Value::as_str).into_iter().for_each(|address| tally.example(RecordedWhat::PageAddress, address));
    }
}

fn action(event: &Value, tally: &mut Tally) {
    match event[1].as_u64() {
        Some(9) => {
            let text = event[10].as_str().unwrap_or_default();
            tally.example(RecordedWhat::Click, &if text.is_empty() { String::new() } else { format!("“{text}”") });
        }
        Some(10) => tally.count(RecordedWhat::Scroll, 1),
        Some(12 | 15 | 19) => tally.count(RecordedWhat::PointerMovement, 1),
        Some(21) => tally.count(RecordedWhat::Selection, 1),
        // What a field holds comes after its node, and in a change after its type.
        Some(27) => event[3].as_str().into_iter().for_each(|text| tally.text(RecordedWhat::TypedText, text)),
        Some(42) => event[4].as_str().into_iter().for_each(|text| tally.text(RecordedWhat::TypedText, text)),
        Some(38) => tally.count(RecordedWhat::Clipboard, 1),
        Some(39) => tally.count(RecordedWhat::FormSent, 1),
        _ => {}
    }
}

/// After the tag of a text, `*T`, stands the text. Everything else is numbers, tags, and attributes as `name=value`.
fn texts(event: &Value, tally: &mut Tally) {
    let mut is_text = false;
    for item in event.as_array().into_iter().flatten().filter_map(Value::as_str) {
        if item == "*T" {
            is_text = true;
        } else if is_text && !is_tag(item) {
            tally.text(RecordedWhat::PageText, item);
            is_text = false;
        }
    }
}

/// Whether a string is an element's tag or an attribute of one, which can stand before a text.
fn is_tag(item: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    item.split_once('=').is_some_and(|(name, _)| is_name(name)) || (is_name(item) && !item.bytes().any(|byte| byte.is_ascii_lowercase()))
}
