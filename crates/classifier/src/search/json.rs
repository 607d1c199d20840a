use std::ops::Range;

use super::decode;

/// The strings, keys and numbers of a JSON document, whether or not the document is well formed.
///
/// Nothing is refused: a document that was cut off still has the leaves before the cut.
#[derive(Default)]
pub(super) struct Document {
    nodes: Vec<Node>,
    /// In the order they stand.
    pub(super) leaves: Vec<Leaf>,
}

/// A key, or a value that has no parts.
pub(super) struct Leaf {
    /// Its bytes, without quotation marks and with escapes.
    pub(super) range: Range<usize>,
    /// The node it is the key or the value of.
    pub(super) node: usize,
}

struct Node {
    parent: Option<usize>,
    step: Step,
}

#[derive(Clone)]
enum Step {
    Root,
    Member(Range<usize>),
    Item(usize),
}

struct Open {
    node: Option<usize>,
    is_object: bool,
    items: usize,
    key: Option<Range<usize>>,
}

/// Deeper than this a leaf is named after its ancestor at this depth; a stranger could make names that outgrow the document.
const DEPTH: usize = 64;

/// Whether the bytes begin as a JSON object or array does.
pub(super) fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Reads a document, or several after one another.
pub(super) fn read(bytes: &[u8]) -> Document {
    let mut document = Document::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                let node = document.node_for_value(&open);
                open.push(Open { node, is_object: bytes[at] == b'{', items: 0, key: None });
                at += 1;
            }
            b'}' | b']' => {
                open.pop();
                at += 1;
            }
            b',' => {
                if let Some(inner) = open.last_mut() {
                    inner.items += 1;
                    inner.key = None;
                }
                at += 1;
            }
            b'"' => {
                let end = string_end(bytes, at + 1);
                document.string(at + 1..end, &mut open);
                at = end + 1;
            }
            b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            _ => {
                let length = bytes[at..].iter().position(|byte| b",:]}\" \t\r\n".contains(byte)).unwrap_or(bytes.len() - at);
                document.leaf(at..at + length, &open);
                at += length;
            }
        }
    }
    document
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += step;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

impl Document {
    fn string(&mut self, range: Range<usize>, open: &mut [Open]) {
        if let Some(inner) = open.last_mut()
            && inner.is_object
            && inner.key.is_none()
        {
            inner.key = Some(range.clone());
        }
        self.leaf(range, open);
    }

    fn leaf(&mut self, range: Range<usize>, open: &[Open]) {
        if let Some(node) = self.node_for_value(open) {
            self.leaves.push(Leaf { range, node });
        }
    }

    fn node_for_value(&mut self, open: &[Open]) -> Option<usize> {
        let (parent, step) = match open.last() {
            None => (None, Step::Root),
            Some(inner) if open.len() > DEPTH => return inner.node,
            Some(Open { node, is_object: true, key: Some(key), .. }) => (*node, Step::Member(key.clone())),
            Some(Open { node, items, .. }) => (*node, Step::Item(*items)),
        };
        self.nodes.push(Node { parent, step });
        Some(self.nodes.len() - 1)
    }

    /// The JSON pointer of a leaf.
    pub(super) fn pointer(&self, leaf: &Leaf, bytes: &[u8]) -> String {
        let mut steps = Vec::new();
        let mut next = self.nodes.get(leaf.node);
        while let Some(node) = next {
            match &node.step {
                Step::Root => {}
                Step::Member(key) => steps.push(key_text(bytes.get(key.clone()).unwrap_or_default())),
                Step::Item(index) => steps.push(index.to_string()),
            }
            next = node.parent.and_then(|parent| self.nodes.get(parent));
        }
        steps.iter().rev().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
    }
}

fn key_text(key: &[u8]) -> String {
    let decoded = decode::json_string(key);
    String::from_utf8_lossy(decoded.as_ref().map_or(key, |decoded| &decoded.bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<String> {
        let document = read(text.as_bytes());
        document.leaves.iter().map(|leaf| format!("{} {}", document.pointer(leaf, text.as_bytes()), &text[leaf.range.clone()])).collect()
    }

    #[test]
    fn leaves_come_with_their_pointers_from_whole_and_broken_documents() {
        for (text, expected) in [
            (r#"{"a":{"b/c":["x",{"d":7}]}}"#, &["/a a", "/a/b~1c b/c", "/a/b~1c/0 x", "/a/b~1c/1/d d", "/a/b~1c/1/d 7"][..]),
            (r#"{"a":"x","b":tr"#, &["/a a", "/a x", "/b b", "/b tr"]),
            (r#"{"a":"x\"y"#, &["/a a", r#"/a x\"y"#]),
            ("{\"a\":1}\n{\"b\":2}", &["/a a", "/a 1", "/b b", "/b 2"]),
            (r#"]]}{"\u0061":[,,"x"]"#, &[r"/a \u0061", "/a/2 x"]),
            (r#""alone""#, &[" alone"]),
            ("\"\\", &[" \\"]),
        ] {
            assert_eq!(leaves(text), expected, "{text}");
        }
    }

    #[test]
    fn a_document_nested_without_end_is_read_in_good_time() {
        let text = format!("{}\"x\"", "[".repeat(300_000));
        let leaves = leaves(&text);
        assert_eq!(leaves.len(), 1);
        assert_eq!(leaves[0].matches('/').count(), DEPTH);
    }
}
