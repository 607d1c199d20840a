use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use pixelwitness_recording::{Canary, CanaryKind};

use super::accents;
use super::decode;
use super::normalise::{self, Date, Number};
use crate::Normalisation::{GmailDots, GmailLocalPart, LocalPart, NoAccents, NoPlusPart};

/// The canaries' values in the forms that people and scripts write them in the clear.
pub(super) struct Plain {
    /// Finds a fixed piece of each needle; the needle itself then looks at what stands around it.
    anchors: Option<AhoCorasick>,
    /// The needle of each anchor.
    needle_of_anchor: Vec<usize>,
    needles: Vec<Needle>,
}

struct Needle {
    canary: usize,
    shape: Shape,
}

enum Shape {
    Words { words: Vec<String>, may_touch: bool, edges: Edges },
    Number(Number),
}

/// What must not stand right beside a needle.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    /// Letters and digits.
    Word,
    /// What could belong to a longer e-mail address.
    Address,
    /// Digits.
    Digits,
    /// Anything may: the needle is too long to stand in another word by chance.
    Free,
}

/// A value that stands in some bytes.
pub(super) struct Found {
    pub(super) canary: usize,
    pub(super) range: Range<usize>,
}

/// A text of so many letters and digits does not stand inside another by chance.
const LONG: usize = 16;

/// `hiv  -  test` is still one term; words farther apart are not.
const WIDEST_GAP: usize = 8;

impl Plain {
    pub(super) fn new(canaries: &[Canary]) -> Self {
        let mut needles: Vec<Needle> = Vec::new();
        for (canary, shape) in
            canaries.iter().enumerate().flat_map(|(index, canary)| shapes(canary).into_iter().map(move |shape| (index, shape)))
        {
            needles.push(Needle { canary, shape });
        }
        let mut anchors = Vec::new();
        let mut needle_of_anchor = Vec::new();
        for (index, needle) in needles.iter().enumerate() {
            for anchor in needle.shape.anchors() {
                anchors.push(anchor);
                needle_of_anchor.push(index);
            }
        }
        let anchors = (!anchors.is_empty()).then(|| build(&anchors)).flatten();
        Self { anchors, needle_of_anchor, needles }
    }

    /// Every place where a canary stands in the clear. `plus_is_space`: a `+` between words belongs to an encoding not yet undone.
    pub(super) fn find(&self, bytes: &[u8], plus_is_space: bool, found: &mut Vec<Found>) {
        let Some(anchors) = &self.anchors else { return };
        for anchor in anchors.find_overlapping_iter(bytes) {
            let needle = &self.needles[self.needle_of_anchor[anchor.pattern().as_usize()]];
            let range = match &needle.shape {
                Shape::Words { words, may_touch, edges } => words_at(bytes, anchor.start(), words, *may_touch, *edges),
                Shape::Number(number) => number_before(bytes, anchor.end(), number),
            };
            let Some(range) = range else { continue };
            if !(plus_is_space && bytes[range.start + 1..range.end].contains(&b'+')) {
                found.push(Found { canary: needle.canary, range });
            }
        }
    }
}

/// `None` for more text than an automaton holds, which no journey has.
fn build(anchors: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(anchors).ok()
}

fn shapes(canary: &Canary) -> Vec<Shape> {
    let value = canary.value.trim();
    let shapes = match canary.kind {
        CanaryKind::Email => email_shapes(value),
        CanaryKind::Phone => Number::read(value).map(|number| vec![Shape::Number(number)]).unwrap_or_else(|| text_shapes(value)),
        CanaryKind::DateOfBirth => Date::read(value).map(|date| date_shapes(&date)).unwrap_or_else(|| text_shapes(value)),
        CanaryKind::Postcode => postcode_shapes(value),
        CanaryKind::FirstName | CanaryKind::LastName | CanaryKind::FullName => {
            writings(value).iter().flat_map(|value| [text_shapes(value), bare_name(value)].concat()).collect()
        }
        CanaryKind::SearchTerm | CanaryKind::Text => writings(value).iter().flat_map(|value| text_shapes(value)).collect(),
    };
    shapes.into_iter().filter(|shape| !shape.is_too_short()).collect()
}

/// A text as it is, and without accents where it has some.
fn writings(value: &str) -> Vec<String> {
    let plain = accents::removed(value);
    let has_accents = plain != value;
    [value.to_owned()].into_iter().chain(has_accents.then_some(plain)).collect()
}

fn email_shapes(value: &str) -> Vec<Shape> {
    let mut addresses = vec![value.to_owned()];
    for steps in [&[GmailDots][..], &[GmailLocalPart], &[NoPlusPart], &[LocalPart], &[NoAccents], &[LocalPart, NoAccents]] {
        let address = normalise::normalised(value, steps);
        addresses.extend(address.filter(|address| !addresses.iter().any(|known| known.eq_ignore_ascii_case(address))));
    }
    addresses.into_iter().map(|address| Shape::Words { words: vec![address], may_touch: false, edges: Edges::Address }).collect()
}

/// The words as they are, and the letters and digits among them as an address has them: `hiv (test)` becomes `hiv-test`.
fn text_shapes(value: &str) -> Vec<Shape> {
    let as_typed: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
    let bare: Vec<String> =
        value.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let mut writings = vec![as_typed];
    if writings[0] != bare && bare.len() > 1 {
        writings.push(bare);
    }
    writings.into_iter().map(|words| Shape::Words { edges: edges_for(&words), words, may_touch: false }).collect()
}

fn edges_for(words: &[String]) -> Edges {
    if alphanumerics(words) < LONG { Edges::Word } else { Edges::Free }
}

fn alphanumerics(words: &[String]) -> usize {
    words.iter().flat_map(|word| word.chars()).filter(|character| character.is_alphanumeric()).count()
}

/// A name as vendors write it: without apostrophes and hyphens.
fn bare_name(value: &str) -> Vec<Shape> {
    let bare = |word: &str| word.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let words: Vec<String> = value.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.join(" ") == value {
        return Vec::new();
    }
    vec![Shape::Words { edges: edges_for(&words), words, may_touch: false }]
}

/// A British postcode ends in three characters that may stand apart.
fn postcode_shapes(value: &str) -> Vec<Shape> {
    let characters: Vec<char> = value.chars().filter(|character| !character.is_whitespace()).collect();
    let words = match characters.split_at_checked(characters.len().saturating_sub(3)) {
        Some((outward, inward)) if outward.len() >= 2 => vec![outward.iter().collect(), inward.iter().collect()],
        _ => vec![characters.iter().collect()],
    };
    let shape = |words| Shape::Words { words, may_touch: true, edges: Edges::Word };
    // An American one has a hyphen.
    let bare: String = characters.iter().filter(|character| character.is_alphanumeric()).collect();
    let without_hyphen = (bare.len() < characters.len()).then(|| shape(vec![bare]));
    [shape(words)].into_iter().chain(without_hyphen).collect()
}

fn date_shapes(Date { year, month, day }: &Date) -> Vec<Shape> {
    let mut dates = Vec::new();
    for separator in ['-', '/', '.'] {
        dates.push(format!("{year}{separator}{month}{separator}{day}"));
        dates.push(format!("{day}{separator}{month}{separator}{year}"));
        dates.push(format!("{month}{separator}{day}{separator}{year}"));
        let (month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
        dates.push(format!("{year}{separator}{month}{separator}{day}"));
        dates.push(format!("{day}{separator}{month}{separator}{year}"));
        dates.push(format!("{month}{separator}{day}{separator}{year}"));
    }
    dates.sort();
    dates.dedup();
    let whole = |date, edges| Shape::Words { words: vec![date], may_touch: false, edges };
    let numbers = [format!("{year}{month}{day}"), format!("{day}{month}{year}"), format!("{month}{day}{year}")];
    let numbers = numbers.into_iter().map(|number| whole(number, Edges::Word));
    dates.into_iter().map(|date| whole(date, Edges::Digits)).chain(numbers).collect()
}

impl Clone for Shape {
    fn clone(&self) -> Self {
        match self {
            Self::Words { words, may_touch, edges } => Self::Words { words: words.clone(), may_touch: *may_touch, edges: *edges },
            Self::Number(Number { country, national }) => Self::Number(Number { country, national: national.clone() }),
        }
    }
}

impl Shape {
    fn is_too_short(&self) -> bool {
        match self {
            Self::Words { words, .. } => super::is_too_short(&words.concat()),
            Self::Number(number) => super::is_too_short(&number.national),
        }
    }

    /// The automaton minds no case in ASCII; other letters it has to be told of in both.
    fn anchors(&self) -> Vec<String> {
        match self {
            Self::Words { words, .. } => {
                let word = words.first().cloned().unwrap_or_default();
                let mut anchors = vec![word.to_lowercase()];
                for other in [word.to_uppercase(), word.replace('\'', "\u{2019}"), word] {
                    if !anchors.iter().any(|anchor| anchor.eq_ignore_ascii_case(&other)) {
                        anchors.push(other);
                    }
                }
                anchors
            }
            // Spaces may stand anywhere in a number, but nobody sets off its last digit.
            Self::Number(number) => vec![number.national[number.national.len() - 2..].to_owned()],
        }
    }
}

fn words_at(bytes: &[u8], start: usize, words: &[String], may_touch: bool, edges: Edges) -> Option<Range<usize>> {
    if !edges.allow_before(bytes, start) {
        return None;
    }
    let mut at = start;
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            let gap = gap_length(&bytes[at..]);
            if gap > WIDEST_GAP || (gap == 0 && !may_touch) {
                return None;
            }
            at += gap;
        }
        at += word_length(&bytes[at..], word)?;
    }
    edges.allow_after(bytes, at).then_some(start..at)
}

/// How many bytes at the start of these read as the word, whatever the case and the form of the apostrophe.
fn word_length(bytes: &[u8], word: &str) -> Option<usize> {
    let mut at = 0;
    for expected in word.chars() {
        let found = first_character(&bytes[at..])?;
        let same = found == expected || straight(found).to_lowercase().eq(straight(expected).to_lowercase());
        if !same {
            return None;
        }
        at += found.len_utf8();
    }
    Some(at)
}

fn straight(character: char) -> char {
    if matches!(character, '\u{2019}' | '\u{2018}') { '\'' } else { character }
}

fn gap_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(character) = first_character(&bytes[at..])
        && at <= WIDEST_GAP
        && (character.is_whitespace() || matches!(character, '+' | '-' | '_'))
    {
        at += character.len_utf8();
    }
    at
}

fn first_character(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0..0x80 => return Some(char::from(bytes[0])),
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

fn last_character(bytes: &[u8]) -> Option<char> {
    let tail = &bytes[bytes.len().saturating_sub(4)..];
    let start = tail.iter().rposition(|byte| byte & 0xc0 != 0x80)?;
    first_character(&tail[start..])
}

impl Edges {
    fn allow_before(self, bytes: &[u8], start: usize) -> bool {
        let before = &bytes[..start];
        let Some(character) = last_character(before) else { return true };
        let touches = match self {
            Self::Free => false,
            Self::Word => character.is_alphanumeric(),
            Self::Address => character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '+' | '%'),
            Self::Digits => character.is_ascii_digit(),
        };
        !touches && (self == Self::Free || !ends_with_escape(before))
    }

    fn allow_after(self, bytes: &[u8], end: usize) -> bool {
        let after = &bytes[end..];
        let Some(character) = first_character(after) else { return true };
        let touches = match self {
            Self::Free => false,
            Self::Word => character.is_alphanumeric(),
            // A full stop ends a sentence as well as a label.
            Self::Address => character.is_alphanumeric() || (matches!(character, '.' | '-' | '_') && starts_label(&after[1..])),
            Self::Digits => character.is_ascii_digit(),
        };
        !touches && (self == Self::Free || !starts_with_escape(after))
    }
}

fn starts_label(bytes: &[u8]) -> bool {
    first_character(bytes).is_some_and(char::is_alphanumeric)
}

/// What an escape beside a needle hides is not known before it is undone: the decoded text decides whether the needle stands alone.
fn starts_with_escape(bytes: &[u8]) -> bool {
    decode::percent_escape(bytes, 0).is_some() || (bytes.starts_with(b"\\u") && decode::json_escape(bytes, 0).is_some())
}

fn ends_with_escape(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && decode::percent_escape(bytes, bytes.len() - 3).is_some()
}

/// The number that ends here, with whatever country code and leading zero stand before it.
fn number_before(bytes: &[u8], end: usize, number: &Number) -> Option<Range<usize>> {
    if bytes.get(end).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut start = end;
    for digit in number.national.bytes().rev() {
        if start != end {
            start = before_gap(bytes, start);
        }
        start = start.checked_sub(1).filter(|at| bytes[*at] == digit)?;
    }
    let stands_alone = |start: &usize| !bytes[..*start].last().is_some_and(u8::is_ascii_digit) && !ends_with_escape(&bytes[..*start]);
    [before_prefix(bytes, start, number.country), start].into_iter().find(stands_alone).map(|start| start..end)
}

/// At most two characters may part the digits of a number: `) `, ` (`, `-`.
fn before_gap(bytes: &[u8], end: usize) -> usize {
    let gap = bytes[..end].iter().rev().take(2).take_while(|byte| b" -.()/+\xa0\xc2".contains(byte)).count();
    end - gap
}

/// Takes in a leading zero, a country code, and `+` or `00` before that.
fn before_prefix(bytes: &[u8], start: usize, country: &str) -> usize {
    let mut start = start;
    let zero = before_gap(bytes, start);
    // Of a number whose country code is not told apart nothing stands before it but a plus, or `00`.
    if !country.is_empty() && bytes[..zero].ends_with(b"0") {
        start = zero - 1;
    }
    let code = before_gap(bytes, start);
    if !country.is_empty()
        && bytes[..code].ends_with(country.as_bytes())
        && !bytes[..code - country.len()].last().is_some_and(u8::is_ascii_digit)
    {
        start = code - country.len();
    } else if !country.is_empty() && bytes[..code].ends_with(format!("00{country}").as_bytes()) {
        return code - country.len() - 2;
    }
    let double_zero = bytes[..start].ends_with(b"00") && !bytes[..start - 2].last().is_some_and(u8::is_ascii_digit);
    match () {
        () if bytes[..start].ends_with(b"+") => start - 1,
        () if country.is_empty() && double_zero => start - 2,
        () => start,
    }
}
