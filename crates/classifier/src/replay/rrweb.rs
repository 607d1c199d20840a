use std::collections::HashMap;

use serde_json::Value;

use super::tally::Tally;
use crate::findings::RecordedWhat;

/// Adds what the events in these documents recorded. An event has a number for its type, a time, and data.
///
/// Types: 2 is the whole page, 3 a change or something done, 4 says where. Sources of 3: 0 is a change of the page, 1 and 6 movement of the
/// pointer or a finger, 2 the mouse, 3 scrolling, 5 a field's value, 14 a selection.
pub(super) fn read(documents: &[Value], tally: &mut Tally) {
    let mut nodes = HashMap::new();
    for document in documents {
        each_event(document, &mut |kind, data| event(kind, data, &mut nodes, tally));
    }
}

/// Calls back for each event in a document, wherever it stands.
fn each_event<'a>(value: &'a Value, found: &mut impl FnMut(u64, &'a Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_event(item, found)),
        Value::Object(members) => {
            let kind = members.get("type").and_then(Value::as_u64).filter(|kind| *kind <= 9);
            match (kind, members.get("timestamp"), members.get("data")) {
                (Some(kind), Some(Value::Number(_)), Some(data)) => found(kind, data),
                _ => members.values().for_each(|member| each_event(member, found)),
            }
        }
        _ => {}
    }
}

/// What an element is called in a report: its tag and its text.
#[derive(Clone, Default)]
struct Element {
    tag: String,
    text: String,
}

fn event(kind: u64, data: &Value, nodes: &mut HashMap<u64, Element>, tally: &mut Tally) {
    match kind {
        2 => node(&data["node"], None, nodes, tally),
        3 => done(data, nodes, tally),
        4 => data["href"].as_str().into_iter().for_each(|address| tally.example(RecordedWhat::PageAddress, address)),
        _ => {}
    }
}

/// Notes the texts of a node and of those inside it, and what each element is called.
fn node(node: &Value, parent: Option<u64>, nodes: &mut HashMap<u64, Element>, tally: &mut Tally) {
    let id = node["id"].as_u64();
    if let Some(text) = node["textContent"].as_str() {
        let is_of_no_page = node["isStyle"] == Value::Bool(true)
            || parent.and_then(|parent| nodes.get(&parent)).is_some_and(|parent| matches!(parent.tag.as_str(), "script" | "style"));
        // Of nodes with text 3 is one that the page shows; a comment has another number.
        if node["type"].as_u64() == Some(3) && !is_of_no_page {
            tally.text(RecordedWhat::PageText, text);
            if let Some(element) = parent.and_then(|parent| nodes.get_mut(&parent)) {
                element.text = format!("{} {}", element.text, text.trim()).trim().to_owned();
            }
        }
    }
    if let (Some(id), Some(tag)) = (id, node["tagName"].as_str()) {
        nodes.insert(id, Element { tag: tag.to_ascii_lowercase(), text: String::new() });
    }
    for child in node["childNodes"].as_array().into_iter().flatten() {
        self::node(child, id.or(parent), nodes, tally);
    }
}

fn done(data: &Value, nodes: &mut HashMap<u64, Element>, tally: &mut Tally) {
    let length = |name: &str| data[name].as_array().map_or(0, Vec::len);
    match data["source"].as_u64() {
        Some(0) => {
            tally.count(
                RecordedWhat::PageChange,
                usize::from(length("adds") + length("texts") + length("removes") + length("attributes") > 0),
            );
            for added in data["adds"].as_array().into_iter().flatten() {
                node(&added["node"], added["parentId"].as_u64(), nodes, tally);
            }
            for changed in data["texts"].as_array().into_iter().flatten() {
                changed["value"].as_str().into_iter().for_each(|text| tally.text(RecordedWhat::PageText, text));
            }
        }
        Some(1 | 6) => tally.count(RecordedWhat::PointerMovement, length("positions").max(1)),
        // 2 is a click, 4 two of them; others are parts of one, or the focus.
        Some(2) if matches!(data["type"].as_u64(), Some(2 | 4)) => tally.example(RecordedWhat::Click, &called(data["id"].as_u64(), nodes)),
        Some(3) => tally.count(RecordedWhat::Scroll, 1),
        Some(5) => data["text"].as_str().into_iter().for_each(|text| tally.text(RecordedWhat::TypedText, text)),
        Some(14) => tally.count(RecordedWhat::Selection, 1),
        _ => {}
    }
}

/// `button “Book”`; nothing where the page was recorded elsewhere.
fn called(id: Option<u64>, nodes: &HashMap<u64, Element>) -> String {
    let Some(element) = id.and_then(|id| nodes.get(&id)) else { return String::new() };
    if element.text.is_empty() { element.tag.clone() } else { format!("{} “{}”", element.tag, element.text) }
}
