use serde_json::Value;

use super::tally::Tally;
use crate::findings::RecordedWhat;

/// Members that hold a page: as a tree of nodes in JSON, or as HTML.
const PAGES: &[&str] = &["page_content", "content", "html", "initial_dom"];

/// Elements whose text nobody sees.
const UNSEEN: &[&str] = &["script", "style", "noscript", "template", "title", "meta"];

/// Adds what a page's content or a message recorded. What happened is told by the names of members, each with one or a list.
pub(super) fn read(documents: &[Value], tally: &mut Tally) {
    documents.iter().for_each(|document| value(document, tally));
}

fn value(document: &Value, tally: &mut Tally) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| value(item, tally)),
        Value::Object(members)
            if members.contains_key("childNodes") || members.contains_key("children") || members.contains_key("nodeType") =>
        {
            node(document, tally);
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| member(name, value, tally)),
        _ => {}
    }
}

fn member(name: &str, value: &Value, tally: &mut Tally) {
    let count = value.as_array().map_or(1, Vec::len);
    match name {
        _ if PAGES.contains(&name) && value.is_string() => page(value.as_str().unwrap_or_default(), tally),
        "mouse_click" => tally.count(RecordedWhat::Click, count),
        "mouse_move" => tally.count(RecordedWhat::PointerMovement, count),
        "scroll" => tally.count(RecordedWhat::Scroll, count),
        "mutation" => tally.count(RecordedWhat::PageChange, count),
        "key_press" => keys(value, tally),
        _ => self::value(value, tally),
    }
}

/// A page is a tree of nodes in JSON, or HTML. Another text under such a name says how the page is shown, not what it says.
fn page(text: &str, tally: &mut Tally) {
    let text = text.trim_start();
    if text.starts_with('<') {
        shown(text, tally);
    } else if let Ok(tree) = serde_json::from_str::<Value>(text) {
        node(&tree, tally);
    }
}

/// The texts of a tree of nodes.
fn node(tree: &Value, tally: &mut Tally) {
    match tree {
        Value::Array(nodes) => nodes.iter().for_each(|one| node(one, tally)),
        Value::Object(members) => {
            let tag = members.get("tagName").or_else(|| members.get("nodeName")).and_then(Value::as_str).unwrap_or_default();
            if UNSEEN.iter().any(|unseen| tag.eq_ignore_ascii_case(unseen)) {
                return;
            }
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if name == "textContent" => tally.text(RecordedWhat::PageText, text),
                    _ => node(value, tally),
                }
            }
        }
        _ => {}
    }
}

/// The keys that were pressed: masked ones are asterisks.
fn keys(value: &Value, tally: &mut Tally) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, tally)),
        Value::Object(members) => {
            let pressed = ["text", "key"].iter().find_map(|name| members.get(*name).and_then(Value::as_str));
            pressed.into_iter().for_each(|key| tally.text(RecordedWhat::KeyPress, key));
        }
        Value::String(key) => tally.text(RecordedWhat::KeyPress, key),
        _ => {}
    }
}

/// The texts between the tags of a page, those of scripts and styles left out.
fn shown(page: &str, tally: &mut Tally) {
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
