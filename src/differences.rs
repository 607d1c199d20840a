//! What one of two documents has and the other has not, for documents that need not fit into memory.

use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;

use serde::Deserialize as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Items of one side that are described; the rest are counted.
const MOST_DESCRIBED: usize = 10;

/// Characters of one value that are shown.
const MOST_CHARACTERS: usize = 120;

/// How a document is made of items.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// JSON Lines, each an object whose one key says what it is: `recording.jsonl`.
    Lines,
    /// One JSON object whose lists hold the items; another member is an item by itself: `findings.json`.
    Members,
}

/// What one of two documents has and the other has not. Each is taken for a bag of items, so that one that is new does not make all that
/// follow it differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// What is stored and does not come of it now.
    only_stored: Side,
    /// What comes of it now and is not stored.
    only_now: Side,
}

/// Items that one side alone has.
#[derive(Debug, Default, PartialEq, Eq)]
struct Side {
    count: usize,
    /// The first of them, in words.
    described: Vec<String>,
}

impl Differences {
    /// Compares two documents; the stored one is read twice. What is damaged in one ends it there.
    pub(crate) fn between(shape: Shape, stored: impl BufRead, now: impl BufRead, stored_again: impl BufRead) -> Self {
        let mut differences = Self::default();
        let mut counts: HashMap<[u8; 32], usize> = HashMap::new();
        items(shape, stored, &mut |kind, item| *counts.entry(key(kind, &item)).or_default() += 1);
        items(shape, now, &mut |kind, item| match counts.get_mut(&key(kind, &item)).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => differences.only_now.add(kind, &item),
        });
        items(shape, stored_again, &mut |kind, item| {
            if let Some(left) = counts.get_mut(&key(kind, &item)).filter(|left| **left > 0) {
                *left -= 1;
                differences.only_stored.add(kind, &item);
            }
        });
        differences
    }
}

impl Side {
    fn add(&mut self, kind: &str, item: &Value) {
        self.count += 1;
        if self.described.len() < MOST_DESCRIBED {
            self.described.push(describe(kind, item));
        }
    }

    fn write(&self, sign: char, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.described {
            writeln!(formatter, "  {sign} {line}")?;
        }
        match self.count - self.described.len() {
            0 => Ok(()),
            more => writeln!(formatter, "  {sign} {more} more"),
        }
    }
}

impl fmt::Display for Differences {
    /// A line for each item, `-` before what is stored alone and `+` before what comes of it now alone.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.only_stored.write('-', formatter)?;
        self.only_now.write('+', formatter)
    }
}

/// The same for the same item, however its members are ordered.
fn key(kind: &str, item: &Value) -> [u8; 32] {
    Sha256::digest(format!("{kind} {item}")).into()
}

/// An item in a few words: `leaks: page-address "https://clinic.example/" to Meta Platforms in request 12`.
fn describe(kind: &str, item: &Value) -> String {
    let text = |name: &str| item.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let named = [
        ("what", ""),
        ("kind", ""),
        ("name", ""),
        ("id", ""),
        ("value", ""),
        ("method", ""),
        ("url", ""),
        ("why", ""),
        ("recipient", "to "),
        ("request", "in request "),
    ];
    let parts: Vec<String> = named.iter().filter_map(|(name, before)| Some(format!("{before}{}", shortened(&text(name)?)))).collect();
    let what = if parts.is_empty() { shortened(&item.to_string()) } else { parts.join(" ") };
    format!("{kind}: {what}")
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let head: String = characters.by_ref().take(MOST_CHARACTERS).collect();
    if characters.next().is_some() { head + "…" } else { head }
}

fn items(shape: Shape, mut document: impl BufRead, each: &mut dyn FnMut(&str, Value)) {
    match shape {
        Shape::Members => {
            let mut members = serde_json::Deserializer::from_reader(&mut document);
            // What cannot be read ends the list of items; that the file is not as it should be shows in what is missing.
            let _ = members.deserialize_map(Members(each));
        }
        Shape::Lines => {
            for line in serde_json::Deserializer::from_reader(document).into_iter::<serde_json::Map<String, Value>>().map_while(Result::ok)
            {
                line.into_iter().for_each(|(kind, item)| each(&kind, item));
            }
        }
    }
}

/// Visits the members of an object.
struct Members<'a>(&'a mut dyn FnMut(&str, Value));

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(Member { name: &name, each: &mut *self.0 })?;
        }
        Ok(())
    }
}

/// Visits one member: the items of a list one by one, anything else as one item.
struct Member<'a> {
    name: &'a str,
    each: &'a mut dyn FnMut(&str, Value),
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            (self.each)(self.name, item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let item = Value::deserialize(MapAccessDeserializer::new(members))?;
        (self.each)(self.name, item);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.each)(self.name, text.into());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        (self.each)(self.name, number.into());
        Ok(())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        (self.each)(self.name, truth.into());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        (self.each)(self.name, Value::Null);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(shape: Shape, stored: &str, now: &str) -> String {
        Differences::between(shape, stored.as_bytes(), now.as_bytes(), stored.as_bytes()).to_string()
    }

    #[test]
    fn what_one_side_alone_has_is_told_in_a_line_each() {
        let findings = r#"{"format":1,"leaks":[{"what":"email","value":"a@b.example","recipient":"Meta","request":3},{"what":"phone","value":"1","recipient":"Meta","request":3}],"gaps":[],"none":null,"completeness":{"finished":true}}"#;
        for (now, expected) in [
            (findings.to_owned(), ""),
            (findings.replace(r#""what":"email","value":"a@b.example""#, r#""value":"a@b.example","what":"email""#), ""),
            (
                findings.replace("a@b.example", "c@d.example"),
                "  - leaks: email a@b.example to Meta in request 3\n  + leaks: email c@d.example to Meta in request 3\n",
            ),
            (findings.replace("[]", r#"[{"kind":"crash","why":"it went"}]"#), "  + gaps: crash it went\n"),
            (findings.replace("true", "false"), "  - completeness: {\"finished\":true}\n  + completeness: {\"finished\":false}\n"),
            (findings.replace("\"format\":1", "\"format\":2"), "  - format: 1\n  + format: 2\n"),
        ] {
            assert_eq!(differences(Shape::Members, findings, &now), expected);
        }
    }

    #[test]
    fn an_item_that_is_there_twice_counts_twice() {
        let request = |id: u32| format!("{{\"request\":{{\"id\":{id},\"method\":\"GET\",\"url\":\"https://a.example/\"}}}}\n");
        let (once, twice) = (request(1), request(1) + &request(1));
        assert_eq!(differences(Shape::Lines, &once, &twice), "  + request: 1 GET https://a.example/\n");
        assert_eq!(differences(Shape::Lines, &twice, &once), "  - request: 1 GET https://a.example/\n");
        let many: String = (0..30).map(request).collect();
        let told = differences(Shape::Lines, "", &many);
        assert!(told.lines().count() == MOST_DESCRIBED + 1 && told.ends_with("  + 20 more\n"), "{told}");
    }

    #[test]
    fn what_is_damaged_ends_where_it_is() {
        let whole = "{\"gaps\":[\"one\",\"two\"]}";
        for length in 0..whole.len() {
            let told = differences(Shape::Members, &whole[..length], whole);
            assert_eq!(told.lines().count(), 2 - usize::from(length >= 14) - usize::from(length >= 20), "{length}: {told}");
        }
    }
}
