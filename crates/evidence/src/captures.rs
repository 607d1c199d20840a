use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use crate::folder::Folder;
use crate::layout::{CAPTURES, TEMPORARY, is_plain_name};
use crate::replace::{replace, synchronise};
use crate::{Error, RunDirectory, log};

/// Large enough that a capture of a gigabyte is not read in crumbs.
const BUFFER_BYTES: usize = 1 << 17;

/// Stands behind a capture's name in that of the folder with the files that lay beside it. No capture is called so: each number is given once.
const BESIDE: &str = ".files";

/// A capture that was made elsewhere, as a case keeps it.
#[derive(Debug)]
pub struct StoredCapture {
    /// Its name as it was given, without what cannot stand in a file's name.
    pub name: String,
    /// Its bytes.
    pub file: BufReader<File>,
    /// Where the files are that lay beside it.
    pub folder: Folder,
}

/// Whether a directory is that of a case made of captures.
pub(crate) fn are_in(path: &Path) -> bool {
    let captures = path.join(CAPTURES);
    let is_directory = fs::symlink_metadata(&captures).is_ok_and(|metadata| metadata.is_dir());
    is_directory && fs::read_dir(captures).is_ok_and(|mut entries| entries.next().is_some())
}

impl RunDirectory {
    /// Copies a capture into the case, byte for byte, whole or not at all. Its number keeps the order and two of one name apart.
    /// `files_beside` says of the copy which files it needs of those that lie beside it: they come along, as far as they are there.
    ///
    /// # Errors
    ///
    /// It cannot be read, the disk is full, or a copy cannot be written.
    pub fn add_capture(
        &self,
        number: usize,
        source: &Path,
        files_beside: impl FnOnce(&mut BufReader<File>) -> BTreeSet<String>,
    ) -> Result<(), Error> {
        let captures = self.path().join(CAPTURES);
        if !captures.is_dir() {
            fs::create_dir(&captures).and_then(|()| synchronise(self.path())).map_err(|error| Error::writing(&captures, error))?;
        }
        let mut from = File::open(source).map_err(|error| Error::reading(source, error))?;
        let name = format!("{number:02}-{}", stored_name(source));
        replace(&captures, &name, |out| io::copy(&mut from, out).map(|_| ()))?;
        let copy = captures.join(&name);
        let mut copied = File::open(&copy).map(buffered).map_err(|error| Error::reading(&copy, error))?;
        add_files(&captures, &format!("{name}{BESIDE}"), source, &files_beside(&mut copied))
    }

    /// The captures of the case, in their order; a run of our own has none.
    ///
    /// # Errors
    ///
    /// One cannot be opened.
    pub fn captures(&self) -> Result<Vec<StoredCapture>, Error> {
        let captures = self.path().join(CAPTURES);
        if !are_in(self.path()) {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&captures).map_err(|error| Error::reading(&captures, error))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut numbered: Vec<(usize, String)> = names.filter(|name| !name.contains(TEMPORARY)).filter_map(numbered).collect();
        numbered.sort();
        let mut stored = Vec::new();
        for (_, name) in numbered {
            let path = captures.join(&name);
            // A link may lead out of the directory, and opening a pipe may never return.
            if log::is_regular(&path) {
                let file = File::open(&path).map_err(|error| Error::reading(&path, error))?;
                let folder = Folder::at(&captures.join(format!("{name}{BESIDE}")));
                let name = name.split_once('-').map_or_else(|| name.clone(), |(_, given)| given.to_owned());
                stored.push(StoredCapture { name, file: buffered(file), folder });
            }
        }
        Ok(stored)
    }
}

/// Copies files that lie beside a capture into a folder of their own. One that is missing stays so.
fn add_files(captures: &Path, folder: &str, source: &Path, names: &BTreeSet<String>) -> Result<(), Error> {
    let (from, to) = (Folder::around(source), captures.join(folder));
    for name in names {
        let file = from.open(name).map_err(|error| Error::reading(&source.with_file_name(name), error))?;
        let Some(mut file) = file else { continue };
        if !to.is_dir() {
            fs::create_dir(&to).and_then(|()| synchronise(captures)).map_err(|error| Error::writing(&to, error))?;
        }
        replace(&to, name, |out| io::copy(&mut file, out).map(|_| ()))?;
    }
    Ok(())
}

fn buffered(file: File) -> BufReader<File> {
    BufReader::with_capacity(BUFFER_BYTES, file)
}

fn numbered(name: String) -> Option<(usize, String)> {
    let number = name.split_once('-')?.0.parse().ok()?;
    Some((number, name))
}

/// A file's own name as far as it can be one in a run.
fn stored_name(source: &Path) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let kept = |character: char| if character.is_control() || "/\\\u{fffd}".contains(character) { '_' } else { character };
    let name: String = name.chars().map(kept).take(100).collect();
    let name = name.trim_start_matches('.').to_owned();
    if is_plain_name(&name) { name } else { "capture".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn captures_are_kept_byte_for_byte_and_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let mut run = RunDirectory::create(directory.path().join("case")).unwrap();
        assert!(run.captures().unwrap().is_empty());
        for (number, (name, bytes)) in
            [("b.har", &b"\xff\0b"[..]), ("a.har", b"a"), ("b.har", b"again"), (".hidden\n", b"h")].iter().enumerate()
        {
            let source = directory.path().join(format!("{number}")).join(name);
            fs::create_dir(source.parent().unwrap()).unwrap();
            fs::write(&source, bytes).unwrap();
            run.add_capture(number + 1, &source, |_| BTreeSet::new()).unwrap();
        }
        run.write("findings.json", b"{}").unwrap();
        let run = RunDirectory::open(run.path()).unwrap();
        let mut seen = Vec::new();
        for StoredCapture { name, mut file, .. } in run.captures().unwrap() {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            seen.push((name, bytes));
        }
        let expected: Vec<(String, Vec<u8>)> = [("b.har", &b"\xff\0b"[..]), ("a.har", b"a"), ("b.har", b"again"), ("hidden_", b"h")]
            .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
            .into();
        assert_eq!(seen, expected);
        let error = run.add_capture(9, &directory.path().join("none"), |_| BTreeSet::new()).unwrap_err().to_string();
        assert!(error.contains("none could not be read"), "{error}");
    }
}
