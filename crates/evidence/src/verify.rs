use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::chain::{Chain, ChainEnd, follow};
use crate::directory::{check_is_directory, read_regular};
use crate::layout::{DEVTOOLS, DEVTOOLS_PLAIN, Found, FoundKind, MANIFEST, SUMS, files_of, printable};
use crate::manifest::{ChainHead, FileEntry, Manifest, Unsound};
use crate::{Error, captures, log};

/// What checking the directory of a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// What vouches for the files.
    pub seal: Seal,
    /// Files whose bytes are those that were sealed, the manifest and `SHA256SUMS` not counted.
    pub files_as_sealed: usize,
    /// How far the hash chain of the DevTools log holds, where there is such a log.
    pub chain: Option<Chain>,
    /// Everything that is not as it was sealed.
    pub problems: Vec<Problem>,
}

impl Verification {
    /// Whether the run was sealed and nothing changed since.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        matches!(self.seal, Seal::Sound { .. }) && self.problems.is_empty()
    }
}

/// What vouches for the files of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The manifest, which is as it was written.
    Sound {
        /// Version of the pixelwitness that sealed.
        tool_version: String,
        /// Whether the run reached its end.
        finished: bool,
    },
    /// `SHA256SUMS` alone: the manifest is missing or altered.
    SumsAlone,
    /// Nothing: the manifest is altered and there is no `SHA256SUMS`.
    Broken,
    /// Nothing: the run was never sealed.
    Absent,
}

/// One thing that is not as it was sealed. Paths are relative to the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A file's bytes are not the ones that were sealed.
    Altered {
        /// The file.
        path: String,
        /// SHA-256 it should have, in hexadecimal.
        expected: String,
        /// SHA-256 it has, in hexadecimal.
        found: String,
    },
    /// `manifest.json` or `SHA256SUMS` is not what a seal wrote, or contradicts what it vouches for.
    ListAltered {
        /// Which of the two.
        path: String,
        /// How that shows.
        why: String,
    },
    /// A sealed file is not there.
    Missing {
        /// The file.
        path: String,
    },
    /// A file was added since.
    Unlisted {
        /// The file.
        path: String,
    },
    /// A temporary file is there, such as a crash leaves behind.
    LeftOver {
        /// The file.
        path: String,
    },
    /// Something that is neither a file nor a directory. It was not opened.
    NotAFile {
        /// Its path.
        path: String,
    },
    /// A file could not be read, so nothing can be said of it.
    Unreadable {
        /// The file.
        path: String,
        /// The system's words for it.
        why: String,
    },
    /// A line of the DevTools log does not follow from the one before.
    ChainBroken {
        /// The log.
        path: String,
        /// The first such line of the decompressed log (1 is the first).
        line: u64,
        /// How that shows.
        why: String,
    },
    /// The DevTools log ends elsewhere than when it was sealed.
    ChainEndsElsewhere {
        /// The log.
        path: String,
        /// Lines that were sealed.
        expected_lines: u64,
        /// Lines that follow from each other now.
        found_lines: u64,
    },
}

impl Problem {
    /// The file it concerns.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Altered { path, .. }
            | Self::ListAltered { path, .. }
            | Self::Missing { path }
            | Self::Unlisted { path }
            | Self::LeftOver { path }
            | Self::NotAFile { path }
            | Self::Unreadable { path, .. }
            | Self::ChainBroken { path, .. }
            | Self::ChainEndsElsewhere { path, .. } => path,
        }
    }
}

/// Checks every byte of a run's directory against its manifest and `SHA256SUMS`, and the hash chain of its DevTools log.
///
/// Whether the recording is what the raw logs give is for the caller to check: this crate cannot assemble one.
///
/// # Errors
///
/// There is no such directory, it is not that of a run, or a newer pixelwitness sealed it. What is wrong *in* it is no error.
pub fn verify(path: &Path) -> Result<Verification, Error> {
    check_is_directory(path)?;
    let lists = Lists::read(path)?;
    let log = log::find(path, [DEVTOOLS, DEVTOOLS_PLAIN]);
    if log.is_none() && !captures::are_in(path) && lists.manifest_bytes.is_none() && lists.sums_bytes.is_none() {
        return Err(Error::NotARun { path: path.to_owned() });
    }
    let mut problems = Vec::new();
    let mut files_as_sealed = 0;
    let (seal, manifest) = lists.judge(&mut problems)?;
    if matches!(seal, Seal::Sound { .. } | Seal::SumsAlone) {
        let found = files_of(path).map_err(|error| Error::reading(path, error))?;
        files_as_sealed = compare(path, found, &lists.vouched(&seal, manifest.as_ref()), &mut problems);
    }
    let chain = log.as_deref().map(log::open).transpose()?.map(follow);
    if let (Some(chain), Some(log)) = (&chain, &log) {
        let log = log.file_name().unwrap_or_default().to_string_lossy();
        problems.extend(chain_problem(chain, &log, manifest.and_then(|manifest| manifest.chain)));
    }
    Ok(Verification { seal, files_as_sealed, chain, problems })
}

/// The two lists of a directory as they stand on the disk.
struct Lists {
    manifest_bytes: Option<Vec<u8>>,
    sums_bytes: Option<Vec<u8>>,
    /// Path and digest of each line of `SHA256SUMS` that is one.
    sums: HashMap<String, String>,
    first_bad_line: Option<usize>,
}

impl Lists {
    fn read(root: &Path) -> Result<Self, Error> {
        let manifest_bytes = read_regular(&root.join(MANIFEST))?;
        let sums_bytes = read_regular(&root.join(SUMS))?;
        let mut sums = HashMap::new();
        let mut first_bad_line = None;
        let text = String::from_utf8_lossy(sums_bytes.as_deref().unwrap_or_default());
        for (index, line) in text.split_terminator('\n').enumerate() {
            match line.split_once("  ").filter(|(sha256, _)| is_sha256(sha256)) {
                Some((sha256, path)) => _ = sums.insert(path.to_owned(), sha256.to_owned()),
                None => _ = first_bad_line.get_or_insert(index + 1),
            }
        }
        Ok(Self { manifest_bytes, sums_bytes, sums, first_bad_line })
    }

    /// Says which of the two lists can be relied upon. The manifest's own digest decides: where it holds, every byte of `SHA256SUMS`
    /// can be derived from the manifest; where it does not, `SHA256SUMS` is all there is.
    fn judge(&self, problems: &mut Vec<Problem>) -> Result<(Seal, Option<Manifest>), Error> {
        let Some(bytes) = &self.manifest_bytes else {
            let Some(_) = self.sums_bytes else { return Ok((Seal::Absent, None)) };
            problems.push(Problem::Missing { path: MANIFEST.to_owned() });
            return Ok((self.sums_alone(problems), None));
        };
        match Manifest::read(bytes) {
            Ok(manifest) => {
                problems.extend(self.sums_problem(&manifest.sums(bytes)));
                Ok((Seal::Sound { tool_version: manifest.tool_version.clone(), finished: manifest.finished }, Some(manifest)))
            }
            // Only a number that `SHA256SUMS` does not contradict is believed: it may be one flipped bit.
            Err(Unsound::Newer(found)) if self.sums_bytes.is_none() || self.vouch_for_manifest(bytes) => Err(Error::Newer { found }),
            Err(Unsound::Newer(found)) => {
                problems.push(list_altered(MANIFEST, format!("it has the format {found}, and SHA256SUMS has another digest for it")));
                Ok((self.sums_alone(problems), None))
            }
            Err(Unsound::Altered(why)) => {
                problems.push(list_altered(MANIFEST, why));
                Ok((self.sums_alone(problems), None))
            }
        }
    }

    fn vouch_for_manifest(&self, bytes: &[u8]) -> bool {
        self.sums.get(MANIFEST).is_some_and(|sha256| *sha256 == hex::encode(Sha256::digest(bytes)))
    }

    fn sums_alone(&self, problems: &mut Vec<Problem>) -> Seal {
        if self.sums_bytes.is_none() {
            problems.push(Problem::Missing { path: SUMS.to_owned() });
            return Seal::Broken;
        }
        problems.extend(self.first_bad_line.map(|line| list_altered(SUMS, format!("line {line} is not a digest and a path"))));
        Seal::SumsAlone
    }

    fn sums_problem(&self, expected: &str) -> Option<Problem> {
        let Some(found) = &self.sums_bytes else { return Some(Problem::Missing { path: SUMS.to_owned() }) };
        if found == expected.as_bytes() {
            return None;
        }
        let lines = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (found, expected) = (lines(found), lines(expected.as_bytes()));
        let same = found.iter().zip(&expected).take_while(|(found, expected)| found == expected).count();
        Some(list_altered(SUMS, format!("line {} is not the one that manifest.json calls for", same + 1)))
    }

    /// What the list that is relied upon says of each file.
    fn vouched(&self, seal: &Seal, manifest: Option<&Manifest>) -> Vouched<'_> {
        let files = manifest.map(|manifest| manifest.files.as_slice()).unwrap_or_default();
        let lengths = files.iter().map(|file| (file.path.clone(), file.bytes)).collect();
        let (name, digests, other_name, other) = match seal {
            Seal::Sound { .. } => {
                let digests = files.iter().map(|file| (file.path.clone(), file.sha256.clone())).collect();
                (MANIFEST, digests, SUMS, &self.sums_bytes)
            }
            _ => {
                let of_files = self.sums.iter().filter(|(path, _)| *path != MANIFEST);
                let digests = of_files.map(|(path, sha256)| (path.clone(), sha256.clone())).collect();
                (SUMS, digests, MANIFEST, &self.manifest_bytes)
            }
        };
        Vouched { name, digests, lengths, other_name, other_bytes: other.as_deref().unwrap_or_default() }
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn list_altered(path: &str, why: String) -> Problem {
    Problem::ListAltered { path: path.to_owned(), why }
}

/// What the lists say of the files.
struct Vouched<'a> {
    /// The list that is relied upon.
    name: &'static str,
    digests: BTreeMap<String, String>,
    lengths: HashMap<String, u64>,
    /// The other one, as a second opinion. It may be damaged, so its bytes are searched and not parsed.
    other_name: &'static str,
    other_bytes: &'a [u8],
}

/// Compares what is in the directory with what was sealed; returns how many files are as they were.
fn compare(root: &Path, found: Vec<Found>, vouched: &Vouched<'_>, problems: &mut Vec<Problem>) -> usize {
    let mut as_sealed = 0;
    let mut seen = Vec::new();
    for Found { path, kind } in found {
        let is_list = path == MANIFEST || path == SUMS;
        match (kind, vouched.digests.get(&path)) {
            (FoundKind::NotAFile, _) => problems.push(Problem::NotAFile { path: path.clone() }),
            (FoundKind::File, _) if is_list => {}
            (FoundKind::LeftOver, None) => problems.push(Problem::LeftOver { path: path.clone() }),
            (_, None) => problems.push(Problem::Unlisted { path: path.clone() }),
            (_, Some(expected)) => match FileEntry::of(root, &path) {
                Ok(entry) => match file_problem(entry, expected, vouched) {
                    Some(problem) => problems.push(problem),
                    None => as_sealed += 1,
                },
                Err(error) => problems.push(Problem::Unreadable { path: path.clone(), why: error.to_string() }),
            },
        }
        seen.push(path);
    }
    // `seen` is sorted because `files_of` sorts.
    let missing = vouched.digests.keys().filter(|path| seen.binary_search(path).is_err());
    problems.extend(missing.map(|path| Problem::Missing { path: path.clone() }));
    as_sealed
}

fn file_problem(entry: FileEntry, expected: &str, vouched: &Vouched<'_>) -> Option<Problem> {
    let FileEntry { path, bytes, sha256: found } = entry;
    if found != expected {
        let other_agrees = vouched.other_bytes.windows(found.len()).any(|bytes| bytes == found.as_bytes());
        return Some(match other_agrees {
            true => list_altered(vouched.name, format!("it has another digest for {} than the file and {}", path, vouched.other_name)),
            false => Problem::Altered { path, expected: expected.to_owned(), found },
        });
    }
    let listed = vouched.lengths.get(&path).copied().filter(|listed| *listed != bytes)?;
    Some(list_altered(MANIFEST, format!("it says that {path} has {listed} bytes, and it has {bytes}")))
}

fn chain_problem(chain: &Chain, log: &str, sealed: Option<ChainHead>) -> Option<Problem> {
    if let ChainEnd::Broken { line, why } = &chain.end {
        return Some(Problem::ChainBroken { path: log.to_owned(), line: *line, why: why.clone() });
    }
    let sealed = sealed.filter(|sealed| sealed.lines != chain.lines || sealed.head != chain.head)?;
    Some(Problem::ChainEndsElsewhere { path: log.to_owned(), expected_lines: sealed.lines, found_lines: chain.lines })
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = printable(self.path());
        match self {
            Self::Altered { expected, found, .. } => {
                write!(formatter, "{path} was altered: its SHA-256 was {expected} when it was sealed and is {found} now")
            }
            Self::ListAltered { why, .. } => write!(formatter, "{path} was altered: {}", printable(why)),
            Self::Missing { .. } => write!(formatter, "{path} is missing"),
            Self::Unlisted { .. } => write!(formatter, "{path} was added after the run was sealed"),
            Self::LeftOver { .. } => {
                write!(formatter, "{path} is a temporary file that an interrupted write left behind; it is not part of the run")
            }
            Self::NotAFile { .. } => write!(formatter, "{path} is neither a file nor a directory; it was not opened"),
            Self::Unreadable { why, .. } => write!(formatter, "{path} could not be read ({why}), so nothing can be said of it"),
            Self::ChainBroken { line, why, .. } => {
                write!(formatter, "line {line} of {path} does not follow from the line before: {}", printable(why))
            }
            Self::ChainEndsElsewhere { expected_lines, found_lines, .. } => {
                write!(
                    formatter,
                    "{path} had {expected_lines} lines when it was sealed; {found_lines} now follow from each other, or the last one differs"
                )
            }
        }
    }
}

impl fmt::Display for Seal {
    /// A sentence without its full stop.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sound { tool_version, finished: true } => write!(formatter, "sealed by pixelwitness {}", printable(tool_version)),
            Self::Sound { tool_version, finished: false } => {
                write!(formatter, "sealed by pixelwitness {} as a run that did not reach its end", printable(tool_version))
            }
            Self::SumsAlone => formatter.write_str("manifest.json cannot be relied upon: the files were checked against SHA256SUMS alone"),
            Self::Broken => formatter.write_str("manifest.json cannot be relied upon and there is no SHA256SUMS: no file could be checked"),
            Self::Absent => formatter.write_str("unfinished: no manifest, so no file could be checked"),
        }
    }
}

impl fmt::Display for Chain {
    /// A sentence without its full stop.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines;
        match &self.end {
            ChainEnd::Whole => write!(formatter, "all {lines} lines of the DevTools log follow from each other"),
            ChainEnd::CutOff => {
                write!(formatter, "the first {lines} lines of the DevTools log follow from each other; the log was cut off after them")
            }
            ChainEnd::Broken { line, .. } => {
                write!(formatter, "the first {lines} lines of the DevTools log follow from each other; line {line} does not follow")
            }
        }
    }
}
