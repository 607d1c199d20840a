use std::collections::BTreeMap;

use crate::findings::{Masking, Recorded, RecordedWhat};
use crate::placeholder;

/// Examples of each sort at the most, and characters of each.
const MOST_EXAMPLES: usize = 3;
const MOST_CHARACTERS: usize = 160;

/// What recorders put in place of letters that they mask.
const MASKS: &[char] = &['*', '•', '●', '▪', '▫', '█'];

/// Counts what was recorded.
#[derive(Default)]
pub(super) struct Tally {
    sorts: BTreeMap<RecordedWhat, Sort>,
}

#[derive(Default)]
struct Sort {
    count: usize,
    masked: usize,
    clear: usize,
    examples: Vec<String>,
}

impl Tally {
    pub(super) fn is_empty(&self) -> bool {
        self.sorts.is_empty()
    }

    /// So many of one sort, of which nothing more is told.
    pub(super) fn count(&mut self, what: RecordedWhat, count: usize) {
        if count > 0 {
            self.sorts.entry(what).or_default().count += count;
        }
    }

    /// One of a sort, and what it was of.
    pub(super) fn example(&mut self, what: RecordedWhat, example: &str) {
        let sort = self.sorts.entry(what).or_default();
        sort.count += 1;
        sort.keep(example);
    }

    /// A text of the page or of the visitor, masked or not.
    pub(super) fn text(&mut self, what: RecordedWhat, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let sort = self.sorts.entry(what).or_default();
        sort.count += 1;
        // What somebody took out of the capture was sent, masked or not: nothing can be said of that.
        if placeholder::is_one(text) && !is_masked(text) {
            return;
        }
        if is_masked(text) {
            sort.masked += 1;
        } else {
            sort.clear += 1;
            sort.keep(text);
        }
    }

    pub(super) fn recorded(self) -> Vec<Recorded> {
        let masking = |sort: &Sort| match (sort.masked, sort.clear) {
            (0, 0) => None,
            (_, 0) => Some(Masking::Masked),
            (0, _) => Some(Masking::Clear),
            _ => Some(Masking::Partly),
        };
        let recorded =
            |(what, sort): (RecordedWhat, Sort)| Recorded { what, count: sort.count, masking: masking(&sort), examples: sort.examples };
        self.sorts.into_iter().map(recorded).collect()
    }
}

impl Sort {
    /// The longest are kept, the longest first: they say most.
    fn keep(&mut self, example: &str) {
        if placeholder::is_one(example) {
            return;
        }
        let example: String = example.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_CHARACTERS).collect();
        if example.is_empty() || self.examples.contains(&example) {
            return;
        }
        let length = |text: &String| text.chars().count();
        let at = self.examples.iter().position(|other| length(other) < length(&example)).unwrap_or(self.examples.len());
        self.examples.insert(at, example);
        self.examples.truncate(MOST_EXAMPLES);
    }
}

/// Whether every letter and digit was replaced: nothing is left but masks, white space and punctuation. Some write `x` for each.
pub(super) fn is_masked(text: &str) -> bool {
    let has_mask = text.contains(MASKS);
    let letters: Vec<char> = text.chars().filter(|character| character.is_alphanumeric()).collect();
    (has_mask && letters.is_empty()) || (letters.len() >= 3 && letters.iter().all(|letter| *letter == 'x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_masks_alone_is_masked() {
        for (text, masked) in [
            ("****", true),
            ("*** ****", true),
            ("••••@••••", true),
            ("▪▪▪ ▫▫", true),
            ("xxxx xx", true),
            ("hiv test", false),
            ("x", false),
            ("5 * 3", false),
            ("!", false),
            ("", false),
        ] {
            assert_eq!(is_masked(text), masked, "{text}");
        }
    }
}
