use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _};
use std::path::{Path, PathBuf};

use pixelwitness_recording::Recording;

use crate::comparison::is_written_by;
use crate::layout::{DEVTOOLS, DEVTOOLS_PLAIN, JOURNEY, MANIFEST, NETLOG, NETLOG_PLAIN, RECORDING, SCREENSHOTS, SUMS, is_plain_name};
use crate::log::{self, LogReader};
use crate::manifest::{Manifest, Unsound};
use crate::replace::{replace, synchronise};
use crate::{Error, captures, chain};

/// zstd's own default: a higher level costs several times the processor time for a few percent.
const RECORDING_LEVEL: i32 = 3;

/// Files that are not written through [`RunDirectory::write`]: the driver streams the raw logs, and a seal is made by sealing.
const NOT_REPLACED: [&str; 6] = [DEVTOOLS, DEVTOOLS_PLAIN, NETLOG, NETLOG_PLAIN, MANIFEST, SUMS];

/// The directory of one run.
#[derive(Clone, Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// What was written through this value. Sealing again vouches anew for these files and no others.
    pub(crate) written: BTreeSet<String>,
}

impl RunDirectory {
    /// Makes the directory of a new run, and `screenshots` in it.
    ///
    /// # Errors
    ///
    /// It exists and is not empty, is no directory, cannot be written to, or there is no directory to make it in.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        if let Err(error) = fs::create_dir(&path) {
            check_is_empty(&path, error)?;
        }
        let made = fs::create_dir(path.join(SCREENSHOTS)).and_then(|()| synchronise(&path)).and_then(|()| synchronise(parent(&path)));
        match made {
            Ok(()) => Ok(Self { path, written: BTreeSet::new() }),
            Err(source) => Err(not_writable(path, source)),
        }
    }

    /// Opens the directory of an earlier run, whether it was finished and sealed or not. Temporary files that a crash left are ignored.
    ///
    /// # Errors
    ///
    /// It is not the directory of a run, was sealed by a newer pixelwitness, or its manifest was altered.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        check_is_directory(&path)?;
        if log::find(&path, [DEVTOOLS, DEVTOOLS_PLAIN]).is_none() && !captures::are_in(&path) {
            return Err(Error::NotARun { path });
        }
        let run = Self { path, written: BTreeSet::new() };
        run.manifest()?;
        Ok(run)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file of the run, whole or not at all, and waits until it is on the disk. An earlier file of that name is replaced.
    ///
    /// # Errors
    ///
    /// The name is not that of such a file, the disk is full, or the file cannot be written.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.write_with(name, |out| out.write_all(bytes))
    }

    /// The same for what is written piece by piece.
    ///
    /// # Errors
    ///
    /// The name is not that of such a file, the disk is full, or the file cannot be written.
    pub fn write_with(&mut self, name: &str, fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Error> {
        if !is_plain_name(name) || NOT_REPLACED.contains(&name) {
            return Err(Error::Name { name: name.to_owned() });
        }
        replace(&self.path, name, fill)?;
        self.written.insert(name.to_owned());
        Ok(())
    }

    /// Reads a file of the run, if it has one of that name.
    ///
    /// # Errors
    ///
    /// The name is not that of a file of a run, or the file cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        if !is_plain_name(name) {
            return Err(Error::Name { name: name.to_owned() });
        }
        read_regular(&self.path.join(name))
    }

    /// The same for a file that should not be in memory as a whole.
    ///
    /// # Errors
    ///
    /// The name is not that of a file of a run, or the file cannot be opened.
    pub fn reader(&self, name: &str) -> Result<Option<BufReader<File>>, Error> {
        if !is_plain_name(name) {
            return Err(Error::Name { name: name.to_owned() });
        }
        open_regular(&self.path.join(name))
    }

    /// The journey as it was given, if it is there.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not text.
    pub fn journey(&self) -> Result<Option<String>, Error> {
        let not_text = |error| Error::reading(&self.path.join(JOURNEY), io::Error::new(io::ErrorKind::InvalidData, error));
        self.read(JOURNEY)?.map(String::from_utf8).transpose().map_err(not_text)
    }

    /// The DevTools log, decompressed while it is read.
    ///
    /// # Errors
    ///
    /// It is not there or cannot be opened.
    pub fn devtools(&self) -> Result<LogReader, Error> {
        let path = self.devtools_path().ok_or_else(|| Error::Missing { name: DEVTOOLS.to_owned() })?;
        log::open(&path)
    }

    /// Chromium's NetLog, decompressed while it is read; a browser that was killed at once leaves none.
    ///
    /// # Errors
    ///
    /// It is there and cannot be opened.
    pub fn netlog(&self) -> Result<Option<LogReader>, Error> {
        log::find(&self.path, [NETLOG, NETLOG_PLAIN]).map(|path| log::open(&path)).transpose()
    }

    /// Stores a recording. The same recording gives the same bytes.
    ///
    /// # Errors
    ///
    /// The disk is full, or the file cannot be written.
    pub fn write_recording(&mut self, recording: &Recording) -> Result<(), Error> {
        self.write_with(RECORDING, |out| {
            let mut encoder = zstd::Encoder::new(out, RECORDING_LEVEL)?;
            encoder.include_checksum(true)?;
            let mut buffered = BufWriter::with_capacity(1 << 16, encoder);
            recording.write(&mut buffered)?;
            buffered.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.flush()
        })
    }

    /// The stored recording.
    ///
    /// # Errors
    ///
    /// It is not there, cannot be read, is damaged or cut off, or was written by a newer pixelwitness.
    pub fn recording(&self) -> Result<Recording, Error> {
        Recording::read(self.recording_lines()?).map_err(Error::Recording)
    }

    /// Whether the stored recording is this one, byte for byte.
    ///
    /// # Errors
    ///
    /// It is not there or cannot be read to its end.
    pub fn recording_is(&self, recording: &Recording) -> Result<bool, Error> {
        let read = is_written_by(self.recording_lines()?, |out| recording.write(BufWriter::with_capacity(1 << 16, out)));
        read.map_err(|error| Error::reading(&self.path.join(RECORDING), error))
    }

    /// Whether a file of the run holds what `fill` writes; one that is not there does not.
    ///
    /// # Errors
    ///
    /// The name is not that of a file of a run, or the file cannot be read.
    pub fn holds(&self, name: &str, fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<bool, Error> {
        let Some(stored) = self.reader(name)? else { return Ok(false) };
        is_written_by(stored, fill).map_err(|error| Error::reading(&self.path.join(name), error))
    }

    /// A picture, if the run has it. The name may come from a recording that somebody else made: one that leads out of the directory
    /// of pictures names none.
    ///
    /// # Errors
    ///
    /// The picture is there and cannot be read.
    pub fn screenshot(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let pictures = self.path.join(SCREENSHOTS);
        let is_directory = fs::symlink_metadata(&pictures).is_ok_and(|metadata| metadata.is_dir());
        if is_directory && is_plain_name(name) { read_regular(&pictures.join(name)) } else { Ok(None) }
    }

    /// The manifest of the last seal; an unfinished run has none.
    ///
    /// # Errors
    ///
    /// It cannot be read, was altered, or was written by a newer pixelwitness.
    pub fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let Some(bytes) = read_regular(&self.path.join(MANIFEST))? else { return Ok(None) };
        match Manifest::read(&bytes) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(Unsound::Newer(found)) => Err(Error::Newer { found }),
            Err(Unsound::Altered(why)) => Err(Error::ManifestAltered { why }),
        }
    }

    /// How far the hash chain of the DevTools log holds.
    ///
    /// # Errors
    ///
    /// The log is not there or cannot be opened.
    pub fn chain(&self) -> Result<chain::Chain, Error> {
        Ok(chain::follow(self.devtools()?))
    }

    pub(crate) fn devtools_path(&self) -> Option<PathBuf> {
        log::find(&self.path, [DEVTOOLS, DEVTOOLS_PLAIN])
    }

    /// The lines of the stored recording, decompressed while they are read.
    ///
    /// # Errors
    ///
    /// It is not there or cannot be opened.
    pub fn recording_lines(&self) -> Result<LogReader, Error> {
        let path = self.path.join(RECORDING);
        if log::is_regular(&path) { log::open(&path) } else { Err(Error::Missing { name: RECORDING.to_owned() }) }
    }
}

/// Why a directory could not be made; an empty one that is there already will do.
fn check_is_empty(path: &Path, error: io::Error) -> Result<(), Error> {
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::NotEmpty { path: path.to_owned() }),
        Err(_) if path.exists() && !path.is_dir() => Err(Error::NotADirectory { path: path.to_owned() }),
        Err(_) if parent(path).is_dir() => Err(not_writable(path.to_owned(), error)),
        Err(_) if parent(path).exists() => Err(Error::NotADirectory { path: parent(path).to_owned() }),
        Err(_) => Err(Error::ParentMissing { path: path.to_owned(), parent: parent(path).to_owned() }),
    }
}

fn not_writable(path: PathBuf, source: io::Error) -> Error {
    match Error::writing(&path, source) {
        Error::Write { path, source } => Error::NotWritable { path, source },
        disk_full => disk_full,
    }
}

/// The directory above; of a bare name that is the one we are in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

pub(crate) fn check_is_directory(path: &Path) -> Result<(), Error> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(Error::NotADirectory { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Error::NotADirectory { path: parent(path).to_owned() }),
        Err(error) => Err(Error::reading(path, error)),
    }
}

/// A file's bytes, if there is a regular file of that name.
pub(crate) fn read_regular(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let Some(mut file) = open_regular(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| Error::reading(path, error))?;
    Ok(Some(bytes))
}

/// Opens a file, if it is there and no link, directory or pipe.
fn open_regular(path: &Path) -> Result<Option<BufReader<File>>, Error> {
    if !log::is_regular(path) {
        return Ok(None);
    }
    File::open(path).map(|file| Some(BufReader::new(file))).map_err(|error| Error::reading(path, error))
}
