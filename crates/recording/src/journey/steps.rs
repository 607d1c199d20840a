//! The steps of a journey file.

use std::ops::Range;

use toml::de::DeValue;

use super::reader::{ANY, Part, Reader, entry, instead, kind_of};

/// What a step may be, in the order of `docs/journeys.md`.
const ACTIONS: &[&str] = &["visit", "click", "type", "select", "submit", "scroll", "wait"];

/// Keys that stand inside an action and are written beside it by mistake.
const INSIDE: &[(&[&str], &str)] = &[
    (&["into", "text", "canary"], "type = { into = …, text = … }"),
    (&["in", "option"], "select = { in = …, option = … }"),
    (&["ms"], "wait = { ms = … }"),
    (&["element"], "wait = { element = … } or scroll = { element = … }"),
];

/// Checks one step. Where it is to be done, with the names of the canaries there are.
pub(super) fn check(reader: &mut Reader<'_>, step: &Part<'_>, index: usize, canaries: Option<&[String]>) {
    let mut actions: Vec<(Range<usize>, &str)> = Vec::new();
    for key in step.table.keys() {
        let word = key.get_ref().as_ref();
        if ACTIONS.contains(&word) {
            actions.push((key.span(), word));
        } else {
            reader.wrong(&key.span(), unknown(step, word));
        }
    }
    actions.sort_by_key(|(span, _)| span.start);
    match &actions[..] {
        [] if step.table.is_empty() => {
            reader.wrong(&step.span, format!("{} has no action: it takes one of {}", step.name, ACTIONS.join(", ")))
        }
        [] => {}
        [(_, action)] => {
            if index == 0 && canaries.is_some() && *action != "visit" {
                let why = "the first step has to be a `visit`, so that there is a page";
                reader.wrong(&step.span, format!("step 1 is a `{action}`: {why}"));
            }
        }
        [_, (second, _), ..] => {
            let names: Vec<String> = actions.iter().map(|(_, action)| format!("`{action}`")).collect();
            let (last, first) = names.split_last().map_or(("", &[][..]), |(last, first)| (last.as_str(), first));
            let count = match actions.len() {
                2 => "two".to_owned(),
                3 => "three".to_owned(),
                count => count.to_string(),
            };
            reader.wrong(second, format!("{} has {count} actions, {} and {last}: a step has one", step.name, first.join(", ")));
        }
    }
    for (_, action) in &actions {
        if let Some((span, value)) = entry(step.table, action) {
            check_action(reader, step, action, &span, value, canaries);
        }
    }
}

fn unknown(step: &Part<'_>, word: &str) -> String {
    match INSIDE.iter().find(|(keys, _)| keys.contains(&word)) {
        Some((_, whole)) => format!("{}: `{word}` is no action; it stands within one, as in {whole}", step.name),
        None => format!("{}: `{word}` is no action; {}", step.name, instead(word, ACTIONS, "there are")),
    }
}

fn check_action(
    reader: &mut Reader<'_>,
    step: &Part<'_>,
    action: &str,
    span: &Range<usize>,
    value: &DeValue<'_>,
    canaries: Option<&[String]>,
) {
    let name = &step.name;
    match (action, value) {
        ("visit", DeValue::String(address)) => reader.address(step, span, address),
        ("click" | "submit", DeValue::String(selector)) => check_selector(reader, step, action, span, selector),
        ("visit" | "click" | "submit", other) => {
            let takes = if action == "visit" { "an address" } else { "a selector" };
            reader.wrong(span, format!("{name}: `{action}` takes {takes}, text in quotes, not {}", kind_of(other)));
        }
        ("type", DeValue::Table(table)) => check_typing(reader, &within(step, action, table, span), canaries),
        ("select", DeValue::Table(table)) => {
            let part = within(step, action, table, span);
            reader.keys(&part, &["in", "option"], &["in", "option"]);
            selector_of(reader, &part, "in");
            reader.text_of(&part, "option");
        }
        ("scroll", DeValue::String(to)) if to == "bottom" || to == "top" => {}
        ("scroll", DeValue::String(to)) => {
            reader.wrong(span, format!("{name}: `scroll` takes \"bottom\", \"top\" or {{ element = … }}, not {to:?}"));
        }
        ("scroll", DeValue::Table(table)) => {
            let part = within(step, action, table, span);
            reader.keys(&part, &["element"], &["element"]);
            selector_of(reader, &part, "element");
        }
        ("wait", DeValue::Table(table)) => {
            let part = within(step, action, table, span);
            reader.keys(&part, &["ms", "element"], &[]);
            if entry(table, "ms").is_some() == entry(table, "element").is_some() {
                reader.wrong(span, format!("{name}: a wait step needs either ms or element"));
            }
            reader.number_of(&part, "ms", 0..=ANY);
            selector_of(reader, &part, "element");
        }
        (_, other) => {
            let takes = match action {
                "type" => "{ into = …, text = … } or { into = …, canary = … }",
                "select" => "{ in = …, option = … }",
                "scroll" => "\"bottom\", \"top\" or { element = … }",
                _ => "{ ms = … } or { element = … }",
            };
            reader.wrong(span, format!("{name}: `{action}` takes {takes}, not {}", kind_of(other)));
        }
    }
}

fn check_typing(reader: &mut Reader<'_>, part: &Part<'_>, canaries: Option<&[String]>) {
    reader.keys(part, &["into", "text", "canary"], &["into"]);
    selector_of(reader, part, "into");
    let text = reader.text_of(part, "text");
    let canary = reader.text_of(part, "canary");
    let step = part.name.split(" of ").last().unwrap_or_default();
    if entry(part.table, "text").is_some() == entry(part.table, "canary").is_some() {
        let both = if text.is_some() { ", not both" } else { "" };
        reader.wrong(&part.span, format!("{step}: a type step needs either text or canary{both}"));
    } else if let (Some((span, name)), Some(canaries)) = (canary, canaries)
        && canaries.iter().all(|other| other != name)
    {
        let known: Vec<&str> = canaries.iter().map(String::as_str).collect();
        let instead = if known.is_empty() { "there is none".to_owned() } else { instead(name, &known, "there are") };
        reader.wrong(&span, format!("{step}: no [[canary]] is called {name:?}; {instead}"));
    }
}

fn within<'t>(step: &Part<'t>, action: &str, table: &'t toml::de::DeTable<'t>, span: &Range<usize>) -> Part<'t> {
    Part { name: format!("`{action}` of {}", step.name), table, span: span.clone() }
}

fn selector_of(reader: &mut Reader<'_>, part: &Part<'_>, key: &str) {
    if let Some((span, selector)) = reader.text_of(part, key) {
        check_selector(reader, part, key, &span, selector);
    }
}

fn check_selector(reader: &mut Reader<'_>, part: &Part<'_>, key: &str, span: &Range<usize>, selector: &str) {
    if selector.trim().is_empty() {
        reader.wrong(span, format!("{}: the selector of `{key}` is empty", part.name));
    }
}
