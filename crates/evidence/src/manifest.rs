use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::layout::MANIFEST;

/// Version of `manifest.json`.
///
/// - 1: the first.
pub const FORMAT: u64 = 1;

/// What the caller knows of a run and its files do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestFacts {
    /// Version of the pixelwitness that seals.
    pub tool_version: String,
    /// Whether the run reached its end.
    pub finished: bool,
}

/// `manifest.json`: what a sealed run consists of. Stored as canonical JSON (RFC 8785).
///
/// All numbers are counts far below 2^53, the largest that canonical JSON keeps exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub format: u64,
    /// Version of the pixelwitness that sealed.
    pub tool_version: String,
    /// Whether the run reached its end.
    pub finished: bool,
    /// End of the DevTools log's hash chain, where there is such a log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainHead>,
    /// Every file of the run except the manifest itself and `SHA256SUMS`, by path.
    pub files: Vec<FileEntry>,
    /// SHA-256 of this document in its canonical form without this member. It tells a damaged manifest from a damaged `SHA256SUMS`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// One file of a sealed run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Path relative to the directory, `/` between its parts.
    pub path: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Where the hash chain of the DevTools log ended when the run was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainHead {
    /// The log's path.
    pub log: String,
    /// Lines that follow from each other, from the first on.
    pub lines: u64,
    /// SHA-256 of the last of them in hexadecimal.
    pub head: String,
}

/// Why bytes are not the manifest that a seal wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unsound {
    /// They may be one, in a format we do not know.
    Newer(u64),
    /// They are none, or are not as they were written. The text says how that shows.
    Altered(String),
}

impl Manifest {
    /// A manifest with its own digest in it.
    pub(crate) fn new(facts: &ManifestFacts, chain: Option<ChainHead>, files: Vec<FileEntry>) -> Self {
        let ManifestFacts { tool_version, finished } = facts.clone();
        let mut manifest = Self { format: FORMAT, tool_version, finished, chain, files, digest: String::new() };
        manifest.digest = manifest.own_digest();
        manifest
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("text, booleans and whole numbers always have a canonical form")
    }

    fn own_digest(&self) -> String {
        let without = Self { digest: String::new(), ..self.clone() };
        hex::encode(Sha256::digest(without.to_bytes()))
    }

    /// Reads a manifest and checks that not one byte of it differs from what was sealed.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unsound> {
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        let altered = |error: serde_json::Error| Unsound::Altered(format!("it is not a manifest ({error})"));
        // The format is read on its own: of a newer one we know no more than its number.
        match serde_json::from_slice::<Format>(bytes).map_err(altered)?.format {
            0 => return Err(Unsound::Altered("it has the format 0, which never was".to_owned())),
            1..=FORMAT => {}
            newer => return Err(Unsound::Newer(newer)),
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(altered)?;
        if manifest.to_bytes() != bytes {
            return Err(Unsound::Altered("it is not in canonical form".to_owned()));
        }
        if manifest.own_digest() != manifest.digest {
            return Err(Unsound::Altered("it does not match its own digest".to_owned()));
        }
        Ok(manifest)
    }

    /// The exact text of `SHA256SUMS`: nothing in it is more than this manifest, stored as these bytes, already says.
    pub(crate) fn sums(&self, manifest_bytes: &[u8]) -> String {
        let own = hex::encode(Sha256::digest(manifest_bytes));
        let mut lines: Vec<(&str, &str)> = self.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
        lines.push((MANIFEST, &own));
        lines.sort_unstable();
        lines.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect()
    }
}

impl FileEntry {
    /// Hashes a file.
    pub(crate) fn of(root: &Path, path: &str) -> io::Result<Self> {
        Self::of_file(&mut File::open(root.join(path))?, path)
    }

    /// Hashes a file and waits until its bytes are on the disk: what is vouched for has to outlast a power cut.
    pub(crate) fn of_synchronised(root: &Path, path: &str) -> io::Result<Self> {
        let mut file = File::open(root.join(path))?;
        file.sync_all()?;
        Self::of_file(&mut file, path)
    }

    fn of_file(file: &mut File, path: &str) -> io::Result<Self> {
        let mut hasher = Hashing { sha256: Sha256::new(), bytes: 0 };
        io::copy(file, &mut hasher)?;
        Ok(Self { path: path.to_owned(), bytes: hasher.bytes, sha256: hex::encode(hasher.sha256.finalize()) })
    }
}

/// A writer that keeps nothing but the digest and the count.
struct Hashing {
    sha256: Sha256,
    bytes: u64,
}

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sha256.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Manifest {
        let file = |path: &str| FileEntry { path: path.to_owned(), bytes: 3, sha256: "ab".repeat(32) };
        Manifest::new(
            &ManifestFacts { tool_version: "0.1.0".to_owned(), finished: true },
            Some(ChainHead { log: "devtools.jsonl.zst".to_owned(), lines: 2, head: "cd".repeat(32) }),
            vec![file("a"), file("screenshots/é \".png")],
        )
    }

    #[test]
    fn a_manifest_is_stored_in_canonical_form() {
        let manifest = example();
        let ab = "ab".repeat(32);
        let cd = "cd".repeat(32);
        let expected = format!(
            r#"{{"chain":{{"head":"{cd}","lines":2,"log":"devtools.jsonl.zst"}},"digest":"{}","files":[{{"bytes":3,"path":"a","sha256":"{ab}"}},{{"bytes":3,"path":"screenshots/é \".png","sha256":"{ab}"}}],"finished":true,"format":1,"tool_version":"0.1.0"}}"#,
            manifest.digest
        );
        assert_eq!(String::from_utf8(manifest.to_bytes()).unwrap(), expected);
        let without_digest = expected.replace(&format!(r#""digest":"{}","#, manifest.digest), "");
        assert_eq!(manifest.digest, hex::encode(Sha256::digest(without_digest)));
        assert_eq!(Manifest::read(expected.as_bytes()), Ok(manifest));
    }

    #[test]
    fn a_changed_manifest_says_how_that_shows() {
        let text = String::from_utf8(example().to_bytes()).unwrap();
        for (from, to, expected) in [
            ("\"format\":1", "\"format\":2", Unsound::Newer(2)),
            ("\"format\":1", "\"format\":0", Unsound::Altered("it has the format 0, which never was".to_owned())),
            ("\"finished\":true", "\"finished\":false", Unsound::Altered("it does not match its own digest".to_owned())),
            ("\"bytes\":3", "\"bytes\":4", Unsound::Altered("it does not match its own digest".to_owned())),
            ("\"lines\":2", "\"lines\":2e0", Unsound::Altered("it is not a manifest (invalid type: floating point `2.0`, expected u64 at line 1 column 95)".to_owned())),
            ("\"finished\":true", "\"finished\": true", Unsound::Altered("it is not in canonical form".to_owned())),
            (
                "\"finished\"",
                "\"finishes\"",
                Unsound::Altered(
                    "it is not a manifest (unknown field `finishes`, expected one of `format`, `tool_version`, `finished`, `chain`, `files`, `digest` at line 1 column 436)"
                        .to_owned(),
                ),
            ),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert_eq!(Manifest::read(changed.as_bytes()), Err(expected));
        }
    }
}
