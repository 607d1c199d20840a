//! Bodies that a HAR keeps in files of their own: in the ZIP file that it is in itself.

use std::io::Read;

use sha1::{Digest as _, Sha1};

/// The files that a HAR may name.
pub(crate) trait Attached {
    /// Hands over the content of the file that is called so; false where there is none.
    fn hand_over(&mut self, name: &str, take: &mut dyn FnMut(&mut dyn Read)) -> bool;
}

/// A request's body beyond this is left to its file: DevTools hands over no longer one.
pub(crate) const LARGEST: u64 = 64 << 20;
/// All files together, as they come out: one that a million requests name would be unpacked a million times.
const ALL: u64 = 1 << 30;

/// The files of one HAR.
pub(crate) struct Files<'a> {
    attached: Option<Box<dyn Attached + 'a>>,
    left: u64,
}

impl<'a> Files<'a> {
    /// Without any, the HAR came alone.
    pub(crate) fn new(attached: Option<Box<dyn Attached + 'a>>) -> Self {
        Self { attached, left: ALL }
    }

    /// The content of a file, or why there is none, as the end of the sentence "the body is not known: …".
    pub(crate) fn content(&mut self, name: &str, most: u64) -> Result<Vec<u8>, &'static str> {
        let Some(attached) = &mut self.attached else { return Err("the HAR keeps it in a file of its own") };
        let limit = most.min(self.left);
        let mut content = Vec::new();
        let mut failed = false;
        let is_there = attached.hand_over(name, &mut |file| failed = file.take(limit + 1).read_to_end(&mut content).is_err());
        let length = content.len() as u64;
        self.left -= limit.min(length);
        if !is_there {
            return Err("the file in which the HAR keeps it is missing");
        }
        if failed {
            return Err("the file in which the HAR keeps it is damaged");
        }
        if length > limit {
            return Err("the file in which the HAR keeps it is too large");
        }
        match digest_in(name) {
            Some(digest) if !digest.eq_ignore_ascii_case(&hex::encode(Sha1::digest(&content))) => {
                Err("the file in which the HAR keeps it was altered: its name says another SHA-1")
            }
            _ => Ok(content),
        }
    }
}

/// The SHA-1 that a file is named by: `62858916a5faca9f53ea688b1207352f3c1b8f7c.txt`.
fn digest_in(name: &str) -> Option<&str> {
    let name = file_name(name);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    (stem.len() == 40 && is_hex(stem)).then_some(stem)
}

/// Messages of a WebSocket grow, and are named by chance: `fe552634db3bc91e3010ede92bd14f5b.jsonl`.
pub(crate) fn is_messages(name: &str) -> bool {
    file_name(name).strip_suffix(".jsonl").is_some_and(|stem| stem.len() == 32 && is_hex(stem))
}

fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, name)| name)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
