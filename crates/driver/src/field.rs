//! A field of a page: what it is, what it holds, and whether that is what was asked for.

use serde::Deserialize;

use crate::page::{Object, Page};

const FIELD: &str = include_str!("field.js");

/// The deepest element that has the focus, into open shadow trees and frames of the same origin.
const FOCUSED: &str = "(() => {
  let element = document.activeElement;
  for (;;) {
    let inner = null;
    try { inner = element?.shadowRoot?.activeElement ?? element?.contentDocument?.activeElement; } catch {}
    if (!inner) return element;
    element = inner;
  }
})()";

/// A field as it is at a moment.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Field {
    /// The `type` of an `<input>`, the tag of anything else.
    pub(crate) kind: String,
    pub(crate) way: Way,
    /// Why nothing can be typed into it: "is disabled".
    pub(crate) refuses: Option<String>,
    /// What it holds, as a form would send it; of an editor its text.
    pub(crate) holds: String,
    /// What was asked for as such a field writes it, empty where it cannot hold it. `None` of fields that take any text.
    pub(crate) canonical: Option<String>,
    pub(crate) has_focus: bool,
    pub(crate) is_connected: bool,
    /// Its `maxlength`.
    pub(crate) longest: Option<usize>,
}

/// The ways of putting something into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// Key by key.
    Keys,
    /// Part by part: day, month, year.
    Parts,
    /// A slider, by its arrow keys.
    Slider,
    /// A colour, for which there is nothing to type into.
    Colour,
    /// No field itself: what a click on it gives the focus to.
    Within,
}

impl Field {
    pub(crate) async fn read(page: &Page, object: &Object, asked: &str) -> Option<Self> {
        page.call_on(object, FIELD, asked).await
    }

    /// The field that has the focus.
    pub(crate) async fn focused(page: &Page, asked: &str) -> Option<(Object, Self)> {
        let object = page.object(FOCUSED).await?;
        let field = Self::read(page, &object, asked).await?;
        Some((object, field))
    }

    pub(crate) fn holds_what_was_asked(&self, asked: &str) -> bool {
        match &self.canonical {
            Some(canonical) if self.way == Way::Parts => trim_seconds(canonical) == trim_seconds(&self.holds),
            Some(_) if self.way == Way::Colour => self.holds.eq_ignore_ascii_case(asked),
            Some(_) => number(&self.holds).is_some_and(|held| number(asked) == Some(held)),
            None => is_rewritten(&self.kind, asked, &self.holds),
        }
    }
}

/// Whether a value that a page may have rewritten is still the one that was asked for: the same letters and digits in the same order.
fn is_rewritten(kind: &str, asked: &str, held: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    match kind {
        _ if asked == held => true,
        // Every character of a secret counts.
        "password" => false,
        // A dot or a hyphen makes another mailbox or page.
        _ if matches!(kind, "email" | "url") || asked.contains('@') => asked.trim().to_lowercase() == held.trim().to_lowercase(),
        // Another number: 1.5 and 15.
        _ if asked.contains(['.', ',']) && number(&asked.replace(',', ".")).is_some_and(|asked| !is_close(asked, held)) => false,
        _ => !letters(asked).is_empty() && letters(asked) == letters(held),
    }
}

/// Whether a text is this number, written with a point or a comma.
fn is_close(asked: f64, held: &str) -> bool {
    number(&held.trim().replace(',', ".")) == Some(asked)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A time without seconds that are none: `14:30:00` is `14:30`.
fn trim_seconds(value: &str) -> &str {
    let value = value.strip_suffix(".000").unwrap_or(value);
    if value.matches(':').count() == 2 { value.strip_suffix(":00").unwrap_or(value) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_was_rewritten_keeps_its_letters_and_digits_in_their_order() {
        for (kind, asked, held, is_the_same) in [
            ("tel", "07700 900731", "(07700) 900-731", true),
            ("tel", "07700 900731", "+44 7700 900731", false),
            ("tel", "07700 900731", "07700 90073", false),
            ("text", "sw1a 1aa", "SW1A1AA", true),
            ("text", "sw1a 1aa", "SW1A 1A", false),
            ("text", "1979-10-04", "1979-04-10", false),
            ("text", "1979-10-04", "1979/10/04", true),
            ("text", "ottoline", "", false),
            ("text", "", "", true),
            ("text", "", "before", false),
            ("text", "!?", "", false),
            ("text", "!?", "!?", true),
            ("text", "1.5", "15", false),
            ("text", "1.5", "1,5", true),
            ("email", "a.b@post.example", "A.B@post.example", true),
            ("email", "a.b@post.example", "ab@post.example", false),
            ("text", "a.b@post.example", "ab@post.example", false),
            ("password", "Secret-1", "secret-1", false),
            ("password", "Secret-1", "Secret-1", true),
            ("textarea", "one\ntwo", "one\ntwo", true),
            ("textarea", "before", "before after", false),
            ("search", "größe", "GRÖSSE", false),
            ("search", "größe", "Größe", true),
        ] {
            assert_eq!(is_rewritten(kind, asked, held), is_the_same, "{kind}: {asked:?} {held:?}");
        }
    }

    #[test]
    fn fields_with_values_of_their_own_sort_are_compared_as_such() {
        let field = |kind: &str, way: Way, canonical: &str, holds: &str| Field {
            kind: kind.to_owned(),
            way,
            refuses: None,
            holds: holds.to_owned(),
            canonical: Some(canonical.to_owned()),
            has_focus: true,
            is_connected: true,
            longest: None,
        };
        for (kind, way, asked, canonical, holds, is_the_same) in [
            ("date", Way::Parts, "1979-10-04", "1979-10-04", "1979-04-10", false),
            ("date", Way::Parts, "1979-10-04", "1979-10-04", "1979-10-04", true),
            ("time", Way::Parts, "14:30", "14:30", "14:30:00", true),
            ("time", Way::Parts, "14:30", "14:30", "02:30", false),
            ("time", Way::Parts, "14:30:15", "14:30:15", "14:30", false),
            ("time", Way::Parts, "14:00", "14:00", "14", false),
            ("datetime-local", Way::Parts, "1979-10-04 14:30", "1979-10-04T14:30", "1979-10-04T14:30", true),
            ("range", Way::Slider, "50", "50", "50.0", true),
            ("range", Way::Slider, "50", "50", "51", false),
            ("number", Way::Keys, "1.5", "1.5", "15", false),
            ("number", Way::Keys, "7", "7", "", false),
            ("color", Way::Colour, "#AABBCC", "#aabbcc", "#aabbcc", true),
            ("color", Way::Colour, "#aabbcc", "#aabbcc", "#000000", false),
        ] {
            assert_eq!(field(kind, way, canonical, holds).holds_what_was_asked(asked), is_the_same, "{kind}: {asked:?} {holds:?}");
        }
    }
}
