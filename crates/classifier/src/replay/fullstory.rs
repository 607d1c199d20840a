use serde_json::Value;

use super::tally::Tally;
use crate::findings::RecordedWhat;

/// Items of one added piece of a page at the most: a few bytes can stand for many.
const MOST_ITEMS: usize = 200_000;

/// Adds what a bundle recorded: each event has a number for its kind, and arguments by position. The numbers are those of the recorder's own script.
pub(super) fn read(documents: &[Value], tally: &mut Tally) {
    documents.iter().flat_map(events).for_each(|event| done(event["Kind"].as_u64(), &event["Args"], tally));
}

/// Whether it is a bundle, be there something in it that a visitor did or not.
pub(super) fn is_bundle(document: &Value) -> bool {
    document["Evts"].is_array()
}

fn events(document: &Value) -> impl Iterator<Item = &Value> {
    document["Evts"].as_array().into_iter().flatten()
}

fn done(kind: Option<u64>, arguments: &Value, tally: &mut Tally) {
    let text = |index: usize| arguments[index].as_str();
    match kind {
        // Elements that were added, the whole page at first.
        Some(2) => {
            tally.count(RecordedWhat::PageChange, 1);
            texts(&arguments[2], tally);
        }
        // Elements that were removed, and attributes.
        Some(3 | 4) => tally.count(RecordedWhat::PageChange, 1),
        Some(6) => {
            tally.count(RecordedWhat::PageChange, 1);
            text(1).into_iter().for_each(|text| tally.text(RecordedWhat::PageText, text));
        }
        // The mouse, and a finger; the odd ones are curves of several places.
        Some(8 | 9 | 35 | 36) => tally.count(RecordedWhat::PointerMovement, 1),
        Some(10 | 11 | 64 | 65) => tally.count(RecordedWhat::Scroll, 1),
        Some(14) => tally.count(RecordedWhat::KeyPress, 1),
        Some(16) => tally.count(RecordedWhat::Click, 1),
        // Boxes that are ticked have no text.
        Some(18) => text(1).into_iter().for_each(|text| tally.text(RecordedWhat::TypedText, text)),
        // Base and sort of a document come before its address.
        Some(25) => text(2).into_iter().for_each(|address| tally.example(RecordedWhat::PageAddress, address)),
        Some(37) => text(0).into_iter().for_each(|address| tally.example(RecordedWhat::PageAddress, address)),
        Some(51) => tally.count(RecordedWhat::FormSent, 1),
        Some(59) => tally.count(RecordedWhat::Selection, 1),
        Some(84 | 85) => tally.count(RecordedWhat::Clipboard, 1),
        _ => {}
    }
}

/// Notes the texts of what was added: after `<#text` stands a text, after `:name` an attribute's value, between `[` and `]` what is inside of an element.
fn texts(stream: &Value, tally: &mut Tally) {
    let (mut element, mut around, mut before) = ("", Vec::new(), "");
    for item in items(stream) {
        let (is_text, is_value) = (before == "<#text", before.starts_with(':'));
        before = if is_text || is_value { "" } else { item };
        match item {
            _ if is_text && !matches!(around.last(), Some(&("<STYLE" | "<SCRIPT"))) => tally.text(RecordedWhat::PageText, item),
            _ if is_text || is_value => {}
            "[" => around.push(element),
            "]" => drop(around.pop()),
            _ if item.starts_with('<') => element = item,
            _ => {}
        }
    }
}

/// The items of a list in which a number stands for an item before it, by its place, and two numbers for a place and how many from there.
fn items(stream: &Value) -> Vec<&str> {
    let mut items: Vec<&str> = Vec::new();
    for item in stream.as_array().into_iter().flatten() {
        let (start, count) = match item {
            Value::String(text) => {
                items.push(text);
                continue;
            }
            Value::Number(place) => (place.as_u64(), Some(1)),
            _ => (item[0].as_u64(), item[1].as_u64()),
        };
        let range = || {
            let start = usize::try_from(start?).ok()?;
            let end = start.checked_add(usize::try_from(count?).ok()?)?;
            (end <= items.len() && items.len() + (end - start) <= MOST_ITEMS).then_some(start..end)
        };
        // Without it all places after it would be others.
        let Some(range) = range() else { break };
        items.extend_from_within(range);
    }
    items
}
