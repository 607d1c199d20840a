//! What the files of a run are called, and which of a directory's files count.

use std::fs;
use std::io;
use std::path::Path;

/// The journey as it was given, TOML.
pub const JOURNEY: &str = "journey.toml";
/// Every frame of the DevTools connection, written while the run goes on.
pub const DEVTOOLS: &str = "devtools.jsonl.zst";
/// The DevTools log where somebody decompressed it.
pub const DEVTOOLS_PLAIN: &str = "devtools.jsonl";
/// Chromium's log of its network stack, written while the run goes on.
pub const NETLOG: &str = "netlog.json.zst";
/// The NetLog where somebody decompressed it.
pub const NETLOG_PLAIN: &str = "netlog.json";
/// What was assembled from both logs.
pub const RECORDING: &str = "recording.jsonl.zst";
/// What was read out of the recording.
pub const FINDINGS: &str = "findings.json";
/// The findings for people.
pub const REPORT: &str = "report.html";
/// The directory of pictures.
pub const SCREENSHOTS: &str = "screenshots";
/// The directory of captures that were made elsewhere, byte for byte.
pub const CAPTURES: &str = "captures";
/// The list of all files with their digests.
pub const MANIFEST: &str = "manifest.json";
/// The same list for `sha256sum -c`, and the manifest's own digest.
pub const SUMS: &str = "SHA256SUMS";

/// Stands in the name of a file that is being written. A crash leaves such a file behind.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Whether a name can be that of a file in a run: one path component without control characters, separators, a leading dot or the
/// mark of a temporary file.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && !name.contains(char::is_control)
        && !name.contains(TEMPORARY)
}

/// A path as text that is safe to print: control characters and backslashes are escaped.
///
/// A directory that somebody else sealed may hold any name, and a terminal obeys some of them.
#[must_use]
pub fn printable(path: &str) -> String {
    path.chars()
        .flat_map(|character| match character {
            '\\' => character.escape_default().collect::<Vec<_>>(),
            _ if character.is_control() || is_bidi_control(character) => character.escape_unicode().collect(),
            _ => vec![character],
        })
        .collect()
}

/// Characters that make a terminal show a name in another order than it has.
fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One thing found in a directory.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Path relative to the directory, `/` between its parts.
    pub(crate) path: String,
    pub(crate) kind: FoundKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FoundKind {
    /// A regular file with a name that a manifest can list.
    File,
    /// A temporary file that a crash left behind.
    LeftOver,
    /// A regular file with a name that is not UTF-8 or that `sha256sum` would write in another way.
    Unnameable,
    /// A link, a pipe, a socket or a device. It is never opened: it may lead out of the directory, or block.
    NotAFile,
}

/// Everything in the directory and below that is not itself a directory, sorted by path. Links are not followed.
pub(crate) fn files_of(root: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut pending = vec![(root.to_owned(), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            let file_type = entry.file_type()?;
            if file_type.is_dir() {
                pending.push((entry.path(), format!("{path}/")));
                continue;
            }
            let kind = match name.to_str() {
                _ if !file_type.is_file() => FoundKind::NotAFile,
                _ if path.contains(TEMPORARY) => FoundKind::LeftOver,
                Some(_) if !path.contains(['\\', char::REPLACEMENT_CHARACTER]) && !path.contains(char::is_control) => FoundKind::File,
                _ => FoundKind::Unnameable,
            };
            found.push(Found { path, kind });
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_name_a_file_of_a_run() {
        for name in ["findings.json", "step-01-after.png", "Bericht für Ärzte.html"] {
            assert!(is_plain_name(name), "{name:?}");
        }
        for name in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "../a",
            "/etc/passwd",
            "a\\b",
            "a\0b",
            "a\nb",
            "findings.json.tmp-x",
            "x".repeat(201).as_str(),
        ] {
            assert!(!is_plain_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_hostile_name_cannot_steer_the_terminal() {
        for (name, shown) in
            [("a.png", "a.png"), ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"), ("a\nb\\n", "a\\u{a}b\\\\n"), ("\u{202e}gnp", "\\u{202e}gnp"), ("é", "é")]
        {
            assert_eq!(printable(name), shown);
        }
    }
}
