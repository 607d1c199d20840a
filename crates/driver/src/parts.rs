//! Fields with parts (day, month, year, hour): which parts one has, in which order, is read from the browser's own insides of the field,
//! since it depends on the browser's language and on nothing that a page can see.

use serde::Deserialize;
use serde_json::Value;

use crate::connection::CallError;
use crate::field::Field;
use crate::keys::Key;
use crate::page::{Object, Page};
use crate::png_outline::Rectangle;

/// A part as it stands in the field.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// `month`, `ampm`
    name: String,
    /// The node's number in DevTools.
    node: i64,
}

/// A part's own account of itself.
#[derive(Debug, Deserialize)]
struct PartState {
    is_disabled: bool,
    now: Option<i64>,
    least: i64,
    most: i64,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

const PART: &str = "(part) => {
  const number = (name) => Number(part.getAttribute(name));
  const { left, top, width, height } = part.getBoundingClientRect();
  return {
    is_disabled: part.hasAttribute('disabled') || part.getAttribute('aria-readonly') === 'true',
    now: part.hasAttribute('aria-valuenow') ? number('aria-valuenow') : null,
    least: number('aria-valuemin'),
    most: number('aria-valuemax'),
    left, top, width, height,
  };
}";

const FOCUS: &str = "(element) => (element.focus(), true)";

/// Empties the field and fills in its parts in the order they stand in, key by key. A part that does not take the keys is left: what came
/// of it is read from the field.
pub(crate) async fn fill_in(page: &Page, object: &Object, field: &Field) -> Result<(), CallError> {
    let Some(described) = page.describe(object).await else { return Ok(()) };
    let wanted = Wanted::of(&field.kind, field.canonical.as_deref().unwrap_or_default());
    let mut parts = Vec::new();
    for part in parts_of(&described) {
        let Some(node) = page.node(part.node).await else { return Ok(()) };
        parts.push((part, node));
    }
    if let Some((_, first)) = parts.first()
        && let Some(state) = page.call_on::<PartState>(first, PART, ()).await
    {
        // On the first part itself, wherever the field's width puts it.
        page.click(Rectangle { left: state.left, top: state.top, width: state.width, height: state.height }).await?;
    }
    if !field.holds.is_empty() {
        for (_, node) in &parts {
            focus(page, node).await;
            page.press(&Key::backspace()).await?;
        }
    }
    let has_halves = parts.iter().any(|(part, _)| part.name == "ampm");
    for (part, node) in &parts {
        focus(page, node).await;
        let Some(state) = page.call_on::<PartState>(node, PART, ()).await else { return Ok(()) };
        let Some(number) = wanted.number(&part.name, &state, has_halves).filter(|_| !state.is_disabled) else { continue };
        if part.name == "ampm" {
            // From an empty part, up is the morning and down the afternoon: no other time comes about on the way.
            page.press(&if number == 1 { Key::up() } else { Key::down() }).await?;
        } else if !(field.kind == "month" && part.name == "month") {
            for digit in digits(&part.name, number).chars() {
                page.type_character(digit).await?;
            }
        }
        let mut before = None;
        // Months that are written out take no digits.
        for presses in 0..=state.most - state.least {
            let now = page.call_on::<PartState>(node, PART, ()).await.and_then(|state| state.now);
            if now == Some(number) || part.name == "year" || (presses > 0 && now == before) {
                break;
            }
            before = now;
            page.press(&Key::up()).await?;
        }
    }
    Ok(())
}

async fn focus(page: &Page, node: &Object) {
    let _: Option<bool> = page.call_on(node, FOCUS, ()).await;
}

fn digits(part: &str, number: i64) -> String {
    match part {
        "year" => format!("{number:04}"),
        "millisecond" => format!("{number:03}"),
        _ => format!("{number:02}"),
    }
}

/// The parts of a field, in their order.
fn parts_of(described: &Value) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut nodes = vec![&described["node"]];
    while let Some(node) = nodes.pop() {
        let attributes = node["attributes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let name = attributes.chunks(2).find_map(|pair| match pair {
            [name, value] if name == "pseudo" => value.as_str()?.strip_prefix("-webkit-datetime-edit-")?.strip_suffix("-field"),
            _ => None,
        });
        if let (Some(name), Some(node)) = (name, node["backendNodeId"].as_i64()) {
            parts.push(Part { name: name.to_owned(), node });
        }
        let inner = |key: &str| node[key].as_array().map(Vec::as_slice).unwrap_or_default().iter().rev();
        nodes.extend(inner("children"));
        nodes.extend(inner("shadowRoots"));
    }
    parts
}

/// What is to stand in the parts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    week: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    millisecond: Option<i64>,
}

impl Wanted {
    /// Reads a value as such a field writes it: `1979-10-04T14:30`, `1979-W40`, `14:30:15.250`
    fn of(kind: &str, value: &str) -> Self {
        let number = |text: Option<&str>| text?.trim_start_matches('W').parse().ok();
        let (date, time) = match kind {
            "time" => ("", value),
            _ => value.split_once(['T', ' ']).unwrap_or((value, "")),
        };
        let mut date = date.split('-');
        let (year, second, day) = (number(date.next()), number(date.next()), number(date.next()));
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let mut time = time.split(':');
        let is_week = kind == "week";
        Self {
            year,
            month: second.filter(|_| !is_week),
            week: second.filter(|_| is_week),
            day,
            hour: number(time.next()),
            minute: number(time.next()),
            // A part for seconds has to be filled in, whether the value names them or not.
            second: number(time.next()).or(Some(0)),
            millisecond: number(Some(&format!("{fraction:0<3}"))),
        }
    }

    /// The number of a part, which counts the hours as it does itself.
    fn number(&self, part: &str, state: &PartState, has_halves: bool) -> Option<i64> {
        match part {
            "year" => self.year,
            "month" => self.month,
            "day" => self.day,
            "week" => self.week,
            "hour" => self.hour.map(|hour| {
                let hour = if has_halves { hour % 12 } else { hour };
                // Counted from 1, midnight and noon are the last.
                if hour < state.least { state.most } else { hour }
            }),
            "minute" => self.minute,
            "second" => self.second,
            "millisecond" => self.millisecond,
            "ampm" => self.hour.map(|hour| if hour < 12 { state.least } else { state.most }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(least: i64, most: i64) -> PartState {
        PartState { is_disabled: false, now: None, least, most, left: 0.0, top: 0.0, width: 0.0, height: 0.0 }
    }

    #[test]
    fn a_value_is_split_into_what_the_parts_show() {
        for (kind, value, parts) in [
            ("date", "1979-10-04", vec![("year", Some(1979)), ("month", Some(10)), ("day", Some(4)), ("week", None), ("hour", None)]),
            ("month", "0987-02", vec![("year", Some(987)), ("month", Some(2)), ("day", None)]),
            ("week", "1979-W07", vec![("year", Some(1979)), ("week", Some(7)), ("month", None)]),
            ("time", "14:05", vec![("hour", Some(14)), ("minute", Some(5)), ("second", Some(0)), ("year", None)]),
            ("time", "14:05:09.25", vec![("second", Some(9)), ("millisecond", Some(250))]),
            ("datetime-local", "1979-10-04T23:59", vec![("day", Some(4)), ("hour", Some(23)), ("minute", Some(59))]),
        ] {
            let wanted = Wanted::of(kind, value);
            for (part, number) in parts {
                assert_eq!(wanted.number(part, &state(0, 59), false), number, "{kind} {value}: {part}");
            }
        }
    }

    #[test]
    fn hours_are_counted_as_the_field_counts_them() {
        for (value, least, most, has_halves, hour) in [
            ("00:30", 1, 12, true, 12),
            ("12:30", 1, 12, true, 12),
            ("13:30", 1, 12, true, 1),
            ("12:30", 0, 11, true, 0),
            ("00:30", 0, 23, false, 0),
            ("00:30", 1, 24, false, 24),
            ("23:30", 0, 23, false, 23),
        ] {
            assert_eq!(Wanted::of("time", value).number("hour", &state(least, most), has_halves), Some(hour), "{value} {least} {most}");
        }
        for (value, half) in [("00:00", 1), ("11:59", 1), ("12:00", 2), ("23:59", 2)] {
            assert_eq!(Wanted::of("time", value).number("ampm", &state(1, 2), true), Some(half), "{value}");
        }
    }

    #[test]
    fn parts_are_found_in_the_order_they_stand_in() {
        let part = |name: &str, node: i64| serde_json::json!({ "backendNodeId": node, "attributes": ["pseudo", name] });
        let described = serde_json::json!({ "node": {
            "attributes": ["id", "born", "type", "date"],
            "shadowRoots": [{ "children": [
                { "children": [part("-webkit-datetime-edit-month-field", 7), part("-webkit-datetime-edit-text", 8), part("-webkit-datetime-edit-day-field", 9)] },
                part("-webkit-datetime-edit-year-field", 10),
                part("-webkit-calendar-picker-indicator", 11),
            ] }],
        } });
        let parts: Vec<(String, i64)> = parts_of(&described).into_iter().map(|part| (part.name, part.node)).collect();
        assert_eq!(parts, [("month".to_owned(), 7), ("day".to_owned(), 9), ("year".to_owned(), 10)]);
        assert_eq!(parts_of(&serde_json::json!({})), []);
    }
}
