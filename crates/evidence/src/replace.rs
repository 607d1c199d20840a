use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::Error;
use crate::layout::TEMPORARY;

/// Puts a file in place whole or not at all: after a crash there is the old file or the new one, never a part of either.
///
/// The directory is synchronised as well, since a rename lives in it.
pub(crate) fn replace(directory: &Path, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    try_replace(directory, name, fill).map_err(|error| Error::writing(&directory.join(name), error))
}

fn try_replace(directory: &Path, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut temporary = tempfile::Builder::new()
        .prefix(&format!(".{name}{TEMPORARY}"))
        // What the user's umask allows, as for any file; the default would shut everybody else out.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(directory)?;
    let mut buffered = BufWriter::new(temporary.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    temporary.as_file().sync_all()?;
    temporary.persist(directory.join(name)).map_err(|error| error.error)?;
    synchronise(directory)
}

/// Makes the names in a directory last.
pub(crate) fn synchronise(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_full_disk_is_named_and_leaves_the_old_file_alone() {
        let directory = tempfile::tempdir().unwrap();
        replace(directory.path(), "findings.json", |out| out.write_all(b"old")).unwrap();
        let error = replace(directory.path(), "findings.json", |out| {
            out.write_all(b"half of the new")?;
            // The kernel's own full disk.
            File::options().write(true).open("/dev/full")?.write_all(b"x")
        })
        .unwrap_err();
        assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("the disk is full: {}/findings.json could not be written", directory.path().display()));
        assert_eq!(error.help(), Some("free some space; what was captured so far is kept"));
        assert_eq!(fs::read(directory.path().join("findings.json")).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "the half-written file is gone");
    }

    #[test]
    fn another_failure_is_not_called_a_full_disk() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("report.html")).unwrap();
        let error = replace(directory.path(), "report.html", |out| out.write_all(b"new")).unwrap_err();
        assert!(matches!(error, Error::Write { .. }), "{error:?}");
    }

    #[test]
    fn others_may_read_what_the_umask_lets_them_read() {
        let directory = tempfile::tempdir().unwrap();
        replace(directory.path(), "a", |out| out.write_all(b"a")).unwrap();
        let ordinary = directory.path().join("b");
        fs::write(&ordinary, b"b").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory.path().join("a")), mode(&ordinary));
    }
}
