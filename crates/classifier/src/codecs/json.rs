use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use smallvec::SmallVec;

use super::{Content, JsonShape, MOST_PARAMETERS, Parameter};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// Nesting at the most; what lies deeper comes out in one piece.
const MOST_DEPTH: usize = 32;
/// Levels at which a container comes out as a whole, too.
const MOST_NAMED_DEPTH: usize = 4;
/// Bytes of a member's name that are kept, so that a long name over many leaves is no bomb.
const MOST_NAME: usize = 200;

/// How the members of a JSON body are named in a definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Names {
    /// `context.page.url`
    #[default]
    Dots,
    /// `cd[search_string]`, as the same vendor's forms have it.
    Brackets,
}

/// Names and numbers from the top of a JSON document down to a value.
pub(crate) type Path<'a> = SmallVec<[Cow<'a, str>; 4]>;

/// One value of a JSON document.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) path: Path<'a>,
    pub(crate) piece: Piece<'a>,
    pub(crate) container: bool,
}

/// A JSON document taken apart.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// Containers before what they hold.
    pub(crate) nodes: Vec<Node<'a>>,
    /// First byte that was not understood; the document's length where it was understood to its end.
    pub(crate) understood: usize,
    /// Whether it is JSON from its first byte to its last.
    pub(crate) complete: bool,
}

/// Whether these bytes begin as an object or an array does.
pub(crate) fn looks_like_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['))
}

/// The parameters of a JSON body.
pub(crate) fn content<'a>(piece: &Piece<'a>, shape: JsonShape<'_>) -> Content<'a> {
    arranged(document(piece, Some(Encoding::JsonString)), piece, shape)
}

/// The values of something that is a JSON document from its first byte to its last; a text alone has no name.
pub(crate) fn parameters<'a>(piece: &Piece<'a>) -> Option<Vec<Parameter<'a>>> {
    if !looks_like_json(piece.bytes) && !piece.bytes.starts_with(b"\"") {
        return None;
    }
    let document = document(piece, Some(Encoding::JsonString));
    let is_said = |node: &Node<'_>| !(node.container && node.path.is_empty());
    document.complete.then(|| document.nodes.into_iter().filter(is_said).map(|node| parameter(node, 0, Names::Dots)).collect())
}

/// The values of a document, those of each event of a batch together.
pub(super) fn arranged<'a>(document: Document<'a>, piece: &Piece<'a>, shape: JsonShape<'_>) -> Content<'a> {
    let mut content = Content::default();
    let mut batch: Option<Path<'a>> = None;
    for node in document.nodes {
        let depth = batch_depth(&node.path, shape.batch);
        match depth {
            Some(depth) => {
                let key = &node.path[..depth];
                if batch.as_deref() != Some(key) {
                    batch = Some(key.into());
                    content.events.push(Vec::new());
                }
                if node.path.len() > depth {
                    let event = content.events.last_mut().expect("an event was pushed with the first key");
                    event.push(parameter(node, depth, shape.names));
                }
            }
            None if node.path.is_empty() => {}
            None => content.shared.push(parameter(node, 0, shape.names)),
        }
    }
    if document.understood < piece.bytes.len() {
        content.shared.push(Parameter::rest(Part::Body, piece.slice(document.understood..piece.bytes.len())));
    }
    content
}

/// How many path segments name the event of a list of events: one in a bare list, two in a member that holds the list.
fn batch_depth(path: &[Cow<'_, str>], batch: &[String]) -> Option<usize> {
    let is_index = |segment: Option<&Cow<'_, str>>| segment.is_some_and(|segment| segment.bytes().all(|byte| byte.is_ascii_digit()));
    match path.first() {
        Some(first) if batch.iter().any(|list| list == first) && is_index(path.get(1)) => Some(2),
        first if is_index(first) => Some(1),
        _ => None,
    }
}

pub(super) fn parameter(node: Node<'_>, from: usize, names: Names) -> Parameter<'_> {
    let place: String = node.path.iter().map(|segment| format!("/{}", segment.replace('~', "~0").replace('/', "~1"))).collect();
    let name = name(&node.path[from.min(node.path.len())..], names);
    Parameter {
        name: node.piece.kept(&name),
        part: Part::Json,
        place: Some(node.piece.kept(&place)),
        piece: node.piece,
        container: node.container,
    }
}

fn name(path: &[Cow<'_, str>], names: Names) -> String {
    match (names, path) {
        (Names::Brackets, [first, second, rest @ ..]) => {
            let rest: String = rest.iter().map(|segment| format!(".{segment}")).collect();
            format!("{first}[{second}]{rest}")
        }
        _ => path.join("."),
    }
}

/// Takes a JSON document apart. Text in it is said to be wrapped in `layer`, where that is not said of the whole.
pub(crate) fn document<'a>(piece: &Piece<'a>, layer: Option<Encoding>) -> Document<'a> {
    let mut scanner = Scanner { piece, layer, at: 0, path: Path::new(), nodes: Vec::new() };
    scanner.white_space();
    let value = scanner.value();
    if value.is_some() {
        scanner.white_space();
    }
    let complete = value.is_some() && scanner.at == piece.bytes.len();
    Document { nodes: scanner.nodes, understood: scanner.at, complete }
}

struct Scanner<'p, 'a> {
    piece: &'p Piece<'a>,
    layer: Option<Encoding>,
    at: usize,
    path: Path<'a>,
    nodes: Vec<Node<'a>>,
}

impl<'a> Scanner<'_, 'a> {
    fn value(&mut self) -> Option<()> {
        if self.nodes.len() >= MOST_PARAMETERS {
            return None;
        }
        match self.peek()? {
            b'{' => self.container(b'}', Self::member),
            b'[' => self.container(b']', |scanner, index| {
                scanner.path.push(number(index));
                scanner.value()
            }),
            b'"' => {
                let range = self.string()?;
                let mut piece = unescape(self.piece.slice(range));
                if let Some(layer) = &self.layer {
                    piece = piece.inside(layer.clone());
                }
                self.push(piece, false);
                Some(())
            }
            _ => self.literal(),
        }
    }

    fn container(&mut self, close: u8, item: impl Fn(&mut Self, usize) -> Option<()>) -> Option<()> {
        if self.path.len() >= MOST_DEPTH {
            return None;
        }
        let (start, node, depth) = (self.at, self.nodes.len(), self.path.len());
        // Its end is not known yet, and its text is copied only once it is.
        self.push(self.piece.slice(0..0), true);
        self.at += 1;
        self.white_space();
        if self.peek()? == close {
            self.at += 1;
        } else {
            for index in 0.. {
                let understood = self.at;
                let read = item(self, index);
                self.path.truncate(depth);
                if read.is_none() {
                    // What the item itself understood came out; the rest begins where it stopped.
                    self.at = self.at.max(understood);
                    return None;
                }
                self.white_space();
                match self.peek()? {
                    b',' => self.at += 1,
                    byte if byte == close => {
                        self.at += 1;
                        break;
                    }
                    _ => return None,
                }
                self.white_space();
            }
        }
        // Text of containers in containers is copied once a level, so only for the levels that definitions name.
        if depth <= MOST_NAMED_DEPTH {
            self.nodes[node].piece = self.piece.slice(start..self.at);
        }
        Some(())
    }

    fn member(&mut self, _index: usize) -> Option<()> {
        let range = self.string()?;
        let mut name = unescape(self.piece.slice(range)).text();
        if name.len() > MOST_NAME {
            name = format!("{}…", &name[..name.floor_char_boundary(MOST_NAME)]).into();
        }
        self.white_space();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.white_space();
        self.path.push(name);
        self.value()
    }

    fn literal(&mut self) -> Option<()> {
        let rest = &self.piece.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')).count();
        let known = matches!(&rest[..length], b"true" | b"false" | b"null");
        if length == 0 || !(known || rest[0] == b'-' || rest[0].is_ascii_digit()) {
            return None;
        }
        let piece = self.piece.slice(self.at..self.at + length);
        self.at += length;
        self.push(piece, false);
        Some(())
    }

    /// Reads a string and gives the range between its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.piece.bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(start..at)
    }

    fn push(&mut self, piece: Piece<'a>, container: bool) {
        self.nodes.push(Node { path: self.path.clone(), piece, container });
    }

    fn peek(&self) -> Option<u8> {
        self.piece.bytes.get(self.at).copied()
    }

    fn white_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
}

fn number(index: usize) -> Cow<'static, str> {
    const FIRST: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    FIRST.get(index).map_or_else(|| Cow::Owned(index.to_string()), |number| Cow::Borrowed(*number))
}

/// Undoes a JSON string's escapes. An escape that is none stands for itself, half a surrogate pair for U+FFFD.
fn unescape(piece: Piece<'_>) -> Piece<'_> {
    let source = piece.bytes;
    if memchr::memchr(b'\\', source).is_none() {
        return piece;
    }
    let (mut bytes, mut starts) = (Vec::with_capacity(source.len()), Vec::with_capacity(source.len() + 1));
    let mut at = 0;
    while at < source.len() {
        let (text, length) = character(&source[at..]);
        let mut buffer = [0; 4];
        let written: &[u8] = match text {
            Some(character) => character.encode_utf8(&mut buffer).as_bytes(),
            None => &source[at..at + length],
        };
        starts.extend(std::iter::repeat_n(at, written.len()));
        bytes.extend_from_slice(written);
        at += length;
    }
    piece.decoded(bytes, starts, source.len())
}

/// The character that an escape stands for, if there is one here, and the bytes it takes.
fn character(source: &[u8]) -> (Option<char>, usize) {
    let [b'\\', letter, rest @ ..] = source else { return (None, 1) };
    let simple = match letter {
        b'"' | b'\\' | b'/' => char::from(*letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn unicode(digits: &[u8]) -> (Option<char>, usize) {
    let Some(first) = code_unit(digits) else { return (None, 1) };
    let second = digits.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(code_unit);
    if let (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) = (first, second) {
        let pair = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(pair), 12);
    }
    (Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)), 6)
}

fn code_unit(digits: &[u8]) -> Option<u32> {
    let digits = digits.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> (Vec<String>, usize, bool) {
        let piece = Piece::new(text.as_bytes(), 0);
        let document = document(&piece, Some(Encoding::JsonString));
        let leaf = |node: &Node<'_>| {
            let place = node.piece.place();
            format!("{}={} {}..{}", node.path.join("."), node.piece.text(), place.start, place.end)
        };
        (document.nodes.iter().filter(|node| !node.container).map(leaf).collect(), document.understood, document.complete)
    }

    #[test]
    fn every_leaf_comes_out_with_its_place() {
        for (text, expected, understood, complete) in [
            (r#"{"a":{"b":["x",1.5]},"c":null}"#, vec!["a.b.0=x 12..13", "a.b.1=1.5 15..18", "c=null 25..29"], 30, true),
            (r#" {"a":"\u0068\ud83d\ude00\n\q"} "#, vec!["a=h😀\n\\q 7..29"], 32, true),
            (r#"{"a":"\ud83d"}"#, vec!["a=\u{fffd} 6..12"], 14, true),
            (r#"{"a":1,"b":"cut"#, vec!["a=1 5..6"], 11, false),
            (r#"{"a":1}x"#, vec!["a=1 5..6"], 7, false),
            (r#"{"a":undefined}"#, vec![], 5, false),
            ("[]", vec![], 2, true),
            ("", vec![], 0, false),
        ] {
            assert_eq!(leaves(text), (expected.into_iter().map(str::to_owned).collect(), understood, complete), "{text}");
        }
    }

    #[test]
    fn a_container_is_its_text() {
        let piece = Piece::new(br#"{"a":[1,{"b":2}]}"#, 0);
        let nodes = document(&piece, Some(Encoding::JsonString)).nodes;
        let texts: Vec<String> = nodes.iter().filter(|node| node.container).map(|node| node.piece.text().into_owned()).collect();
        assert_eq!(texts, [r#"{"a":[1,{"b":2}]}"#, r#"[1,{"b":2}]"#, r#"{"b":2}"#]);
    }

    #[test]
    fn deep_nesting_long_names_and_many_leaves_end() {
        let deep = "[".repeat(100_000);
        assert_eq!(leaves(&deep), (vec![], MOST_DEPTH, false));
        let many = format!("[{}]", vec!["1"; 50_000].join(","));
        assert_eq!(leaves(&many).0.len(), MOST_PARAMETERS - 1);
        let long = format!("{{\"{}\":1}}", "é".repeat(1_000));
        assert!(leaves(&long).0[0].len() < 2 * MOST_NAME);
    }
}
