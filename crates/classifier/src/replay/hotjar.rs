use serde_json::Value;

use super::tally::Tally;
use crate::findings::RecordedWhat;

/// Members that hold the page: its HTML in older scripts, its nodes as JSON in today's.
const PAGES: &[&str] = &["page_content", "content", "html"];

/// Adds what a page's content or a message recorded. What happened is told by the names of members, each with one or a list.
pub(super) fn read(documents: &[Value], tally: &mut Tally) {
    documents.iter().for_each(|document| value(document, tally));
}

fn value(document: &Value, tally: &mut Tally) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| value(item, tally)),
        Value::Object(_) if is_node(document) => node(document, false, tally),
        Value::Object(members) => members.iter().for_each(|(name, value)| member(name, value, tally)),
        _ => {}
    }
}

fn member(name: &str, value: &Value, tally: &mut Tally) {
    let count = value.as_array().map_or(1, Vec::len);
    match name {
        // A page as JSON in a string is a document by itself, and what has no tag is no page: `width=device-width` is of a `meta` element.
        _ if PAGES.contains(&name) && value.is_string() => shown(value.as_str().unwrap_or_default(), tally),
        "attributes" => {}
        "mouse_click" => tally.count(RecordedWhat::Click, count),
        "mouse_move" => tally.count(RecordedWhat::PointerMovement, count),
        "scroll" => tally.count(RecordedWhat::Scroll, count),
        "mutation" => {
            tally.count(RecordedWhat::PageChange, count);
            self::value(value, tally);
        }
        "key_press" => keys(value, tally),
        _ => self::value(value, tally),
    }
}

/// Whether it is a node of a page: an element, a text, or the document itself.
fn is_node(value: &Value) -> bool {
    value["nodeType"].is_u64() || value["tagName"].is_string() || value["textContent"].is_string()
}

/// The texts of a node and of those inside of it, those of scripts and styles left out.
fn node(node: &Value, is_hidden: bool, tally: &mut Tally) {
    // 3 is a text; a comment has 8.
    let is_text = node["nodeType"].as_u64().is_none_or(|kind| kind == 3);
    if let Some(text) = node["textContent"].as_str().filter(|_| is_text && !is_hidden) {
        tally.text(RecordedWhat::PageText, text);
    }
    let tag = node["tagName"].as_str().unwrap_or_default();
    let is_hidden = is_hidden || ["script", "style", "noscript"].iter().any(|hidden| tag.eq_ignore_ascii_case(hidden));
    for child in node["childNodes"].as_array().into_iter().flatten() {
        self::node(child, is_hidden, tally);
    }
}

/// The keys that were pressed, in `text`, and in `key` in older scripts: masked ones are asterisks.
fn keys(value: &Value, tally: &mut Tally) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, tally)),
        Value::Object(members) => {
            let text = members.get("text").or_else(|| members.get("key")).and_then(Value::as_str);
            text.into_iter().for_each(|key| tally.text(RecordedWhat::KeyPress, key));
        }
        Value::String(key) => tally.text(RecordedWhat::KeyPress, key),
        _ => {}
    }
}

/// The texts between the tags of a page, those of scripts and styles left out.
fn shown(page: &str, tally: &mut Tally) {
    if !page.trim_start().starts_with('<') {
        return;
    }
    let mut rest = page;
    let mut hidden = false;
    while !rest.is_empty() {
        let (text, after) = rest.split_once('<').unwrap_or((rest, ""));
        if !hidden {
            tally.text(RecordedWhat::PageText, text);
        }
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let tag = tag.to_ascii_lowercase();
        hidden = tag.starts_with("script") || tag.starts_with("style");
        rest = after;
    }
}
