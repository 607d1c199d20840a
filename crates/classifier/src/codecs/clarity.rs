use std::borrow::Cow;
use std::collections::HashMap;

use super::json::{self, Node, parameter};
use super::{Names, Parameter, beginning};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// Kinds of events whose values come in pairs of a key and a value: measures, properties of the page, variables.
const PAIRED: &[&str] = &["0", "1", "34"];

/// Clarity's arrays: `{"e":[…],"a":[[time,kind,…],…],"p":[[time,kind,…],…]}`.
///
/// `e` is the upload itself, by position: `e.4`. What follows the kind of an event is named after list and kind: `a.9.3`. Pairs are named
/// after their key: `a.1.3` is property 3.
pub(crate) fn parameters<'a>(piece: &Piece<'a>) -> Vec<Parameter<'a>> {
    let document = json::document(piece, Some(Encoding::JsonString));
    let kinds = kinds(&document.nodes);
    let keys = keys(&document.nodes, &kinds);
    let mut parameters = Vec::new();
    for node in document.nodes.into_iter().filter(|node| !node.path.is_empty() && !node.container) {
        let name = name(&node.path, &kinds, &keys);
        let parameter = parameter(node, 0, Names::Dots);
        parameters.push(match name {
            Some(name) => parameter.named(&name),
            None => parameter,
        });
    }
    if document.understood < piece.bytes.len() {
        parameters.push(Parameter::rest(Part::Body, piece.slice(document.understood..piece.bytes.len())));
    }
    parameters
}

/// A list and the number of an event in it.
type Place<'a> = (&'a str, &'a str);

fn kinds(nodes: &[Node<'_>]) -> HashMap<(String, String), String> {
    let mut kinds = HashMap::new();
    for node in nodes.iter().filter(|node| !node.container) {
        if let [list, event, position] = &node.path[..]
            && position == "1"
        {
            kinds.insert((list.to_string(), event.to_string()), beginning(&node.piece.text()).to_owned());
        }
    }
    kinds
}

/// The keys of events with pairs: those stand at even positions from 2 on.
fn keys(nodes: &[Node<'_>], kinds: &HashMap<(String, String), String>) -> HashMap<(String, String, usize), String> {
    let mut keys = HashMap::new();
    for node in nodes.iter().filter(|node| !node.container) {
        if let [list, event, position] = &node.path[..]
            && let Some(position) = position.parse::<usize>().ok().filter(|position| *position >= 2 && position % 2 == 0)
            && kind_of((list, event), kinds).is_some_and(|kind| PAIRED.contains(&kind))
        {
            keys.insert((list.to_string(), event.to_string(), position), beginning(&node.piece.text()).to_owned());
        }
    }
    keys
}

fn kind_of<'a>((list, event): Place<'_>, kinds: &'a HashMap<(String, String), String>) -> Option<&'a str> {
    kinds.get(&(list.to_owned(), event.to_owned())).map(String::as_str)
}

fn name(
    path: &[Cow<'_, str>],
    kinds: &HashMap<(String, String), String>,
    keys: &HashMap<(String, String, usize), String>,
) -> Option<String> {
    let [list, event, position, ..] = path else { return None };
    let kind = kind_of((list, event), kinds)?;
    let place = position.parse::<usize>().ok()?;
    Some(match place {
        0 => format!("{list}.time"),
        1 => format!("{list}.kind"),
        _ if !PAIRED.contains(&kind) => format!("{list}.{kind}.{position}"),
        _ if place % 2 == 0 => format!("{list}.key"),
        _ => {
            let key = keys.get(&(list.to_string(), event.to_string(), place - 1))?;
            format!("{list}.{kind}.{key}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_named_after_their_kind_and_pairs_after_their_key() {
        let text = br#"{"e":["0.8.70",1],"a":[[5,1,1,["https://clinic.example/"],3,["PrEP"]],[9,9,44,"Book"],[9,0,14,1280]],"p":[[1,5,"*T","PrEP"]]}"#;
        let found = parameters(&Piece::new(text, 0));
        let leaves: Vec<String> = found.iter().map(|one| format!("{}={}", one.name, one.piece.text())).collect();
        assert_eq!(
            leaves.join(" "),
            "e.0=0.8.70 e.1=1 a.time=5 a.kind=1 a.key=1 a.1.1=https://clinic.example/ a.key=3 a.1.3=PrEP a.time=9 a.kind=9 a.9.2=44 \
             a.9.3=Book a.time=9 a.kind=0 a.key=14 a.0.14=1280 p.time=1 p.kind=5 p.5.2=*T p.5.3=PrEP"
        );
    }

    #[test]
    fn a_long_key_over_many_values_is_no_bomb() {
        let text = format!(r#"{{"a":[[1,1,"{}",[{}]]]}}"#, "é".repeat(100_000), vec!["1"; 1_000].join(","));
        assert!(parameters(&Piece::new(text.as_bytes(), 0)).iter().all(|one| one.name.len() < 300));
    }

    #[test]
    fn other_documents_keep_their_names() {
        for (text, names) in [
            (&br#"{"a":1,"e":{"b":2}}"#[..], "a e.b"),
            (br#"{"a":[[1]]}"#, "a.0.0"),
            (br#"{"a":[[1,1,"x"],[1,34,"key"]]"#, "a.time a.kind a.key a.time a.kind a.key"),
            (b"[1", "0"),
        ] {
            let found = parameters(&Piece::new(text, 0));
            let leaves: Vec<&str> = found.iter().filter(|one| !one.name.is_empty()).map(|one| one.name).collect();
            assert_eq!(leaves.join(" "), names);
        }
    }
}
