//! The raw log `devtools.jsonl`: every frame of the DevTools connection as it came, and the driver's own notes.
//!
//! One JSON object a line:
//!
//! ```json
//! {"seq":7,"at_ms":1795000000123,"prev":"<SHA-256 of the line before, in hexadecimal>","in":{…the frame…}}
//! ```
//!
//! `in` is a frame from the browser, `out` a command to it, `note` a [`Note`] of the driver. `seq` starts at 0, `at_ms` counts
//! from the Unix epoch. The hash is over the bytes of the line before without its line feed; the first line has 64 zeros.
//! A frame is stored byte for byte: it may hold lone surrogates, which [`repair_surrogates`] makes readable.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Environment, Gap, Journey, Listening, StepRun};

/// What stands for the hash before the first line.
pub const FIRST_PREV: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line, borrowed from its bytes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line<'a> {
    /// Number of the line, 0 is the first.
    pub seq: u64,
    /// Milliseconds since the Unix epoch when the tool wrote or read it.
    pub at_ms: u64,
    /// SHA-256 of the line before, in hexadecimal.
    #[serde(borrow)]
    pub prev: Cow<'a, str>,
    /// A frame from the browser.
    #[serde(borrow, default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub received: Option<&'a RawValue>,
    /// A command to the browser.
    #[serde(borrow, default, rename = "out", skip_serializing_if = "Option::is_none")]
    pub sent: Option<&'a RawValue>,
    /// A note of the driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// What the driver says of the run itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// Always the first line.
    RunBegins {
        /// Format of the raw log and the recording, [`crate::FORMAT`].
        format: u32,
        /// What is about to be done.
        journey: Box<Journey>,
    },
    /// The browser is up and its settings were read back.
    BrowserReady(Box<Environment>),
    /// A step begins: what is sent from here on belongs to it.
    StepBegins {
        /// Place in the journey (0 is the first).
        step: usize,
    },
    /// A page was listened to.
    Listened(Listening),
    /// A step ended.
    StepEnds(Box<StepRun>),
    /// The page is being left, so that its beacons on leaving go out. They belong to the last step.
    Leaving,
    /// Something went wrong or was held back.
    Trouble(Gap),
    /// A host name was looked up after the run.
    LookedUp {
        /// The name.
        host: String,
        /// The names it is an alias of, each of the one before.
        aliases: Vec<String>,
        /// Addresses it leads to.
        addresses: Vec<String>,
        /// Addresses of the name servers that were asked.
        servers: Vec<String>,
    },
    /// The browser has ended by itself and its logs are whole.
    RunEnds,
}

/// Makes a frame with lone UTF-16 surrogates readable: each becomes U+FFFD.
///
/// Chromium writes binary `postData` as a JSON string with unpaired `\udXXX` escapes, which `serde_json` refuses; the exact bytes
/// are in `postDataEntries`.
#[must_use]
pub fn repair_surrogates(frame: &str) -> String {
    let bytes = frame.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (keep, step): (&[u8], usize) = match escape_at(bytes, at) {
            None if bytes[at] == b'\\' => (&bytes[at..bytes.len().min(at + 2)], 2),
            None => (&bytes[at..=at], 1),
            Some(0xd800..=0xdbff) if matches!(escape_at(bytes, at + 6), Some(0xdc00..=0xdfff)) => (&bytes[at..at + 12], 12),
            Some(0xd800..=0xdfff) => (b"\\ufffd", 6),
            Some(_) => (&bytes[at..at + 6], 6),
        };
        out.extend_from_slice(keep);
        at += step;
    }
    String::from_utf8(out).expect("only whole ASCII escapes were replaced in valid UTF-8")
}

/// The code unit of a `\uXXXX` escape that starts here.
fn escape_at(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if !escape.starts_with(b"\\u") {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_become_readable_and_pairs_stay() {
        for (frame, repaired) in [
            (r#""a\ud83d\ude00b""#, r#""a\ud83d\ude00b""#),
            (r#""a\ud83db""#, r#""a\ufffdb""#),
            (r#""\udc00""#, r#""\ufffd""#),
            (r#""\ud800\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            (r#""\\ud800 é""#, r#""\\ud800 é""#),
            (r#""\ud8"#, r#""\ud8"#),
        ] {
            assert_eq!(repair_surrogates(frame), repaired);
        }
    }

    #[test]
    fn a_line_keeps_its_frame_byte_for_byte() {
        let text = r#"{"seq":3,"at_ms":9,"prev":"00","in":{"x":"\ud800","y": 1}}"#;
        let line: Line<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(line.received.unwrap().get(), r#"{"x":"\ud800","y": 1}"#);
        assert_eq!(serde_json::to_string(&line).unwrap(), text);
    }
}
