use flate2::read::{GzDecoder, ZlibDecoder};

/// The tracker: another site than the pages', over HTTP/2.
pub(super) const TRACKER: &str = "tracker.test";

/// What the visitor's browser has of the tracker's before the journey begins.
const TRACKER_COOKIE: &str = "visitor=a1b2c3";

/// One way that a page has to send something, with what the server must receive. Its requests carry its name: `?tag=<name>`.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Methods of the requests it makes, in order, a preflight's included. Each may come more than once.
    pub methods: &'static [&'static str],
    /// Host they go to.
    pub host: &'static str,
    /// Body of the request with the last method.
    pub body: Content,
    /// Messages sent over the WebSocket it opens, in order.
    pub messages: &'static [Content],
    /// A cookie that the request with the last method brings.
    pub cookie: Option<&'static str>,
    /// Step of its journey that it belongs to (0 is the first).
    pub step: usize,
    /// What it is.
    pub what: &'static str,
    /// Whether it arrives.
    pub fate: Fate,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server receives it.
    Arrives,
    /// The page asks for it and the browser does not send it, for this reason. The recording must not say otherwise.
    Kept(&'static str),
    /// This Chromium cannot do it, for this reason. The page tries; the server receives nothing.
    Impossible(&'static str),
    /// It leaves in datagrams: the recording names address and count, and cannot show more.
    Datagrams,
}

/// A body or a message, as a rule where the bytes differ from run to run.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// No byte.
    Nothing,
    /// This text in UTF-8.
    Text(&'static str),
    /// These bytes.
    Bytes(&'static [u8]),
    /// So many bytes of the pattern that `lab.js` makes.
    Pattern(usize),
    /// A text, so many times over.
    Times(&'static str, usize),
    /// Messages numbered from 0: `message 7`.
    Numbered(usize),
    /// These pieces, in this order, among other bytes: what a form is packed into.
    Holds(&'static [Content]),
    /// What unpacks to this text.
    Gzip(&'static str),
    /// What unpacks to this text.
    Zlib(&'static str),
}

impl Content {
    /// Whether these bytes are as they should be.
    #[must_use]
    pub fn fits(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Holds(pieces) => holds(bytes, pieces),
            Self::Gzip(text) => unpacked(GzDecoder::new(bytes)).as_deref() == Some(text.as_bytes()),
            Self::Zlib(text) => unpacked(ZlibDecoder::new(bytes)).as_deref() == Some(text.as_bytes()),
            exact => exact.bytes() == bytes,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Nothing | Self::Holds(_) => Vec::new(),
            Self::Text(text) | Self::Gzip(text) | Self::Zlib(text) => text.as_bytes().to_vec(),
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Pattern(length) => pattern(*length),
            Self::Times(text, times) => text.repeat(*times).into_bytes(),
            Self::Numbered(number) => format!("message {number}").into_bytes(),
        }
    }
}

fn holds(bytes: &[u8], pieces: &[Content]) -> bool {
    let mut rest = bytes;
    pieces.iter().all(|piece| {
        let piece = piece.bytes();
        let found = rest.windows(piece.len()).position(|window| window == piece);
        found.is_some_and(|at| {
            rest = &rest[at + piece.len()..];
            true
        })
    })
}

fn unpacked(mut packed: impl std::io::Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    packed.read_to_end(&mut bytes).ok().map(|_| bytes)
}

/// The bytes that `lab.js` makes.
#[expect(clippy::cast_possible_truncation, reason = "the low byte is meant")]
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + (at >> 8) * 7 + (at >> 16)) as u8).collect()
}

/// A `GET` at the tracker, with the visitor's cookie.
pub(super) const fn get(name: &'static str, what: &'static str) -> Row {
    Row {
        name,
        methods: &["GET"],
        host: TRACKER,
        body: Content::Nothing,
        messages: &[],
        cookie: Some(TRACKER_COOKIE),
        step: 0,
        what,
        fate: Fate::Arrives,
    }
}

/// A `POST` at the tracker, with the visitor's cookie.
pub(super) const fn post(name: &'static str, body: Content, what: &'static str) -> Row {
    Row { methods: &["POST"], body, ..get(name, what) }
}

/// A WebSocket to the tracker.
pub(super) const fn socket(name: &'static str, messages: &'static [Content], what: &'static str) -> Row {
    Row { messages, ..get(name, what) }
}

/// What this Chromium cannot do.
pub(super) const fn impossible(name: &'static str, what: &'static str, why: &'static str) -> Row {
    Row { fate: Fate::Impossible(why), cookie: None, ..get(name, what) }
}

impl Row {
    /// The same at another host, where the visitor has no cookie yet.
    pub(super) const fn at(mut self, host: &'static str) -> Self {
        self.host = host;
        self.cookie = None;
        self
    }

    pub(super) const fn cookie(mut self, cookie: &'static str) -> Self {
        self.cookie = Some(cookie);
        self
    }

    pub(super) const fn without_cookie(mut self) -> Self {
        self.cookie = None;
        self
    }

    pub(super) const fn methods(mut self, methods: &'static [&'static str]) -> Self {
        self.methods = methods;
        self
    }

    pub(super) const fn step(mut self, step: usize) -> Self {
        self.step = step;
        self
    }

    pub(super) const fn kept(mut self, why: &'static str) -> Self {
        self.fate = Fate::Kept(why);
        self.cookie = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_takes_what_it_means_and_nothing_else() {
        let form = Content::Holds(&[Content::Text("name=\"a\""), Content::Pattern(5)]);
        for (content, bytes, fits) in [
            (Content::Nothing, &b""[..], true),
            (Content::Nothing, b"x", false),
            (Content::Text("ü"), "ü".as_bytes(), true),
            (Content::Text("ü"), b"\xfc", false),
            (Content::Pattern(3), &[0, 31, 62], true),
            (Content::Pattern(3), &[0, 31, 63], false),
            (Content::Times("ab", 2), b"abab", true),
            (Content::Numbered(7), b"message 7", true),
            (form, &[&b"--x name=\"a\"\r\n"[..], &[0, 31, 62, 93, 124], b"\r\n--"].concat(), true),
            (form, &[&[0, 31, 62, 93, 124], &b"name=\"a\""[..]].concat(), false),
            (Content::Zlib("packed by the page"), b"not packed", false),
        ] {
            assert_eq!(content.fits(bytes), fits, "{content:?}");
        }
    }

    #[test]
    fn the_pattern_has_every_byte_and_repeats_late() {
        let bytes = pattern(1 << 17);
        assert!((0..=255).all(|byte| bytes[..256].contains(&byte)));
        assert_ne!(bytes[..256], bytes[256..512]);
        assert_ne!(bytes[..1 << 16], bytes[1 << 16..]);
    }
}
