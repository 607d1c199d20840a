use std::io;
use std::path::{Path, PathBuf};

use pixelwitness_recording::ReadError;
use thiserror::Error;

use crate::layout::printable;
use crate::manifest::FORMAT;

/// Why the directory of a run could not be used.
///
/// Messages finish the sentence "cannot use the directory of the run: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A new run needs a directory of its own.
    #[error("{} exists and is not empty", shown(path))]
    NotEmpty {
        /// The directory asked for.
        path: PathBuf,
    },
    /// The directory above does not exist.
    #[error("{} does not exist, so {} cannot be made in it", shown(parent), shown(path))]
    ParentMissing {
        /// The directory asked for.
        path: PathBuf,
        /// The directory above it.
        parent: PathBuf,
    },
    /// It, or something above it, is no directory.
    #[error("{} is not a directory", shown(path))]
    NotADirectory {
        /// What is no directory.
        path: PathBuf,
    },
    /// Nothing can be made there.
    #[error("{} cannot be written to", shown(path))]
    NotWritable {
        /// The directory asked for.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// There is nothing of that name.
    #[error("{} does not exist", shown(path))]
    NotFound {
        /// The directory asked for.
        path: PathBuf,
    },
    /// The directory is not that of a run.
    #[error("{} holds no DevTools log (devtools.jsonl.zst) and no captures, so it is not the directory of a run", shown(path))]
    NotARun {
        /// The directory asked for.
        path: PathBuf,
    },
    /// It was sealed by a newer pixelwitness.
    #[error("its manifest has format {found}, and this pixelwitness reads formats up to {FORMAT}")]
    Newer {
        /// The format it has.
        found: u64,
    },
    /// Its manifest is not what a seal wrote.
    #[error("its manifest.json was altered: {}", printable(why))]
    ManifestAltered {
        /// How that shows.
        why: String,
    },
    /// A file of the run is not there.
    #[error("it has no {name}")]
    Missing {
        /// The file.
        name: String,
    },
    /// A name that no file of a run has.
    #[error("{name:?} cannot be the name of a file in it")]
    Name {
        /// The name.
        name: String,
    },
    /// The recording is damaged, cut off or newer.
    #[error("its recording cannot be read")]
    Recording(#[source] ReadError),
    /// The disk, or the user's share of it, is full.
    #[error("the disk is full: {} could not be written", shown(path))]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be written for another reason.
    #[error("{} could not be written", shown(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file could not be read.
    #[error("{} could not be read", shown(path))]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Error {
    /// What the user can do about it, as a sentence for a `help:` line.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotEmpty { .. } => Some("name a directory that does not exist yet, or move the earlier run away"),
            Self::ParentMissing { .. } => Some("make the directory above it first"),
            Self::NotADirectory { .. } => Some("name a directory"),
            Self::NotWritable { .. } => Some("name a directory below one that you may write to"),
            Self::NotFound { .. } | Self::NotARun { .. } => Some("name the directory that `pixelwitness audit` wrote"),
            Self::Newer { .. } | Self::Recording(ReadError::Newer { .. }) => {
                Some("use the version of pixelwitness that wrote it, or a later one")
            }
            Self::ManifestAltered { .. } => Some("`pixelwitness verify` names every altered file; restore the directory from a copy"),
            Self::Missing { .. } | Self::Recording(_) => Some("`pixelwitness classify` assembles the recording again from the raw logs"),
            Self::DiskFull { .. } => Some("free some space; what was captured so far is kept"),
            Self::Name { .. } | Self::Write { .. } | Self::Read { .. } => None,
        }
    }

    /// A full disk is told apart from all other reasons: the user can do something about it.
    pub(crate) fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            _ => Self::Write { path, source },
        }
    }

    pub(crate) fn reading(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
