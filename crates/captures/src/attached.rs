//! Bodies that a HAR keeps in files of their own: in the ZIP file that it is in itself, or in the folder that it lies in.

use std::io::Read;

use sha1::{Digest as _, Sha1};

/// Opens a file in the folder of a capture, by its bare name. Nothing where there is no such file.
pub type Folder<'a> = Box<dyn FnMut(&str) -> Option<Box<dyn Read>> + 'a>;

/// What a HAR keeps in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Body,
    Answer,
    /// What a WebSocket sent and received.
    Messages,
}

/// The files that a HAR may name.
pub(crate) trait Attached {
    /// Hands over the content of the file that is called so.
    fn hand_over(&mut self, name: &str, kept: Kept, take: &mut dyn FnMut(&mut dyn Read)) -> Handed;
}

/// What became of a file that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    Over,
    Missing,
    /// Its name is none that such a file can have: it was not looked for.
    Misnamed,
}

/// A folder may hold anything, and a HAR may name anything: only what is called as such files are is looked for.
impl Attached for Folder<'_> {
    fn hand_over(&mut self, name: &str, kept: Kept, take: &mut dyn FnMut(&mut dyn Read)) -> Handed {
        if !may_lie_beside(name, kept) {
            return Handed::Misnamed;
        }
        let Some(mut file) = self(name) else { return Handed::Missing };
        take(&mut *file);
        Handed::Over
    }
}

/// A request's body beyond this is left to its file: DevTools hands over no longer one.
pub(crate) const LARGEST: u64 = 64 << 20;
/// All files together, as they come out: one that a million requests name would be unpacked a million times.
const ALL: u64 = 1 << 30;
/// Letters of a file's name that a gap repeats.
const SHOWN: usize = 100;

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

    /// The content of a file in which the HAR keeps this, or why there is none, as the end of the sentence "the body is not known: …".
    pub(crate) fn content(&mut self, name: &str, kept: Kept, most: u64) -> Result<Vec<u8>, String> {
        let limit = most.min(self.left);
        let mut content = Vec::new();
        let mut failed = false;
        let mut take = |file: &mut dyn Read| failed = file.take(limit + 1).read_to_end(&mut content).is_err();
        let handed = self.attached.as_mut().map_or(Handed::Missing, |attached| attached.hand_over(name, kept, &mut take));
        let length = content.len() as u64;
        self.left -= limit.min(length);
        let how = match handed {
            Handed::Missing => "is missing",
            Handed::Misnamed => "was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it",
            Handed::Over if failed => "is damaged",
            Handed::Over if length > limit => "is too large",
            Handed::Over if !is_as_named(name, &content) => "was altered: its name says another SHA-1",
            Handed::Over => return Ok(content),
        };
        let this = match kept {
            Kept::Body => "it",
            Kept::Answer => "an answer",
            Kept::Messages => "its messages",
        };
        let name: String = name.chars().take(SHOWN).collect();
        Err(format!("the file {name}, in which the HAR keeps {this}, {how}"))
    }
}

/// Whether a file beside a HAR can be one of its own: Playwright calls a body by its SHA-1 and what sort of file it is
/// (`62858916a5faca9f53ea688b1207352f3c1b8f7c.txt`), and the messages of a WebSocket by chance.
pub(crate) fn may_lie_beside(name: &str, kept: Kept) -> bool {
    let is_body = |(stem, extension): (&str, &str)| {
        is_digits(stem, 40) && matches!(extension.len(), 1..=16) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match kept {
        Kept::Messages => !name.contains('/') && is_messages(name),
        Kept::Body | Kept::Answer => name.split_once('.').is_some_and(is_body),
    }
}

/// Messages of a WebSocket grow, and are named by chance: `fe552634db3bc91e3010ede92bd14f5b.jsonl`.
pub(crate) fn is_messages(name: &str) -> bool {
    file_name(name).strip_suffix(".jsonl").is_some_and(|stem| is_digits(stem, 32))
}

/// Whether the content has the SHA-1 that its file is named by, where it is named by one.
fn is_as_named(name: &str, content: &[u8]) -> bool {
    let name = file_name(name);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    !is_digits(stem, 40) || stem.eq_ignore_ascii_case(&hex::encode(Sha1::digest(content)))
}

fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, name)| name)
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

    #[test]
    fn only_what_playwright_calls_a_file_is_looked_for_beside_a_har() {
        let messages = "fe552634db3bc91e3010ede92bd14f5b.jsonl";
        let body = Kept::Body;
        for (name, kept, looked_for) in [
            (format!("{ABC}.txt"), body, true),
            (format!("{}.webmanifest", ABC.to_uppercase()), body, true),
            (messages.to_owned(), Kept::Messages, true),
            (messages.to_owned(), body, false),
            (messages.to_owned(), Kept::Answer, false),
            (format!("{ABC}.txt"), Kept::Answer, true),
            (format!("{ABC}.txt"), Kept::Messages, false),
            (ABC.to_owned(), body, false),
            (format!("{ABC}."), body, false),
            (format!("{ABC}.tar.gz"), body, false),
            (format!("{ABC}.{}", "x".repeat(17)), body, false),
            (format!("{ABC}.tx\0t"), body, false),
            (format!("0{ABC}.txt"), body, false),
            (format!("{}.txt", &ABC[1..]), body, false),
            (format!("resources/{ABC}.txt"), body, false),
            (format!("../{ABC}.txt"), body, false),
            (format!("..\\{ABC}.txt"), body, false),
            (format!("/{messages}"), Kept::Messages, false),
            (format!("{}.jsonl", "x".repeat(32)), Kept::Messages, false),
            ("session.har".to_owned(), body, false),
            (".".to_owned(), body, false),
            (String::new(), body, false),
        ] {
            assert_eq!(may_lie_beside(&name, kept), looked_for, "{name:?}");
            let mut asked = Vec::new();
            {
                let folder: Folder<'_> = Box::new(|name| {
                    asked.push(name.to_owned());
                    None
                });
                assert!(Files::new(Some(Box::new(folder))).content(&name, kept, LARGEST).is_err());
            }
            assert_eq!(asked.is_empty(), !looked_for, "{name:?} was asked for");
        }
    }

    #[test]
    fn what_a_file_beside_a_har_holds_is_held_against_its_name() {
        let (body, messages) = (format!("{ABC}.txt"), "fe552634db3bc91e3010ede92bd14f5b.jsonl");
        for (name, kept, content, most, read) in [
            (body.as_str(), Kept::Body, "abc", 3, Ok(b"abc".to_vec())),
            (&body, Kept::Body, "abd", 3, Err(format!("the file {body}, in which the HAR keeps it, was altered: its name says another SHA-1"))),
            (&body, Kept::Body, "abc", 2, Err(format!("the file {body}, in which the HAR keeps it, is too large"))),
            (messages, Kept::Messages, "{}\n", 3, Ok(b"{}\n".to_vec())),
            (
                "x.txt",
                Kept::Body,
                "abc",
                3,
                Err("the file x.txt, in which the HAR keeps it, was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it".into()),
            ),
        ] {
            let folder: Folder<'_> = Box::new(|_| Some(Box::new(std::io::Cursor::new(content.to_owned()))));
            assert_eq!(Files::new(Some(Box::new(folder))).content(name, kept, most), read, "{name} {content}");
        }
    }
}
