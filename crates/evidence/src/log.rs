use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::Error;

/// A stored log, decompressed while it is read.
///
/// Where the file was cut off, it gives all that could be decompressed and then an error of the kind
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof); where its bytes are damaged, an error of another kind.
pub type LogReader = Box<dyn BufRead + Send>;

/// Large enough that a NetLog of some hundred megabytes is not read in crumbs.
const BUFFER_BYTES: usize = 1 << 17;

/// The first of these names that is a file of the directory.
pub(crate) fn find(directory: &Path, names: [&str; 2]) -> Option<PathBuf> {
    names.into_iter().map(|name| directory.join(name)).find(|path| is_regular(path))
}

/// Whether the path is a regular file itself: a link may lead out of the directory, and opening a pipe may never return.
pub(crate) fn is_regular(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Opens a log, compressed if its name ends in `.zst`.
pub(crate) fn open(path: &Path) -> Result<LogReader, Error> {
    try_open(path).map_err(|error| Error::reading(path, error))
}

fn try_open(path: &Path) -> io::Result<LogReader> {
    let file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "zst") {
        let decoder = zstd::Decoder::new(file)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, file)))
}
