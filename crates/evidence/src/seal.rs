use std::collections::BTreeMap;

use crate::layout::{FoundKind, MANIFEST, SCREENSHOTS, SUMS, files_of};
use crate::manifest::{ChainHead, FileEntry, Manifest, ManifestFacts};
use crate::replace::{replace, synchronise};
use crate::{Error, RunDirectory};

impl RunDirectory {
    /// Writes `manifest.json` and `SHA256SUMS`: from here on every byte of the run is vouched for.
    ///
    /// The first seal vouches for every file there is. A later one vouches anew only for what was written through this value; every other
    /// file keeps the digest of the earlier seal, so that classifying a run again cannot cover up that its raw logs were altered.
    ///
    /// # Errors
    ///
    /// A file cannot be read, the earlier manifest was altered, the disk is full, or the two files cannot be written.
    pub fn seal(&self, facts: &ManifestFacts) -> Result<(), Error> {
        let (chain, files) = match self.manifest()? {
            Some(earlier) => {
                let renewed = self.written.iter().map(String::as_str);
                (earlier.chain, self.with_renewed(earlier.files, renewed)?)
            }
            None => (self.chain_head()?, self.all_files()?),
        };
        let manifest = Manifest::new(facts, chain, files);
        let bytes = manifest.to_bytes();
        replace(self.path(), MANIFEST, |out| out.write_all(&bytes))?;
        replace(self.path(), SUMS, |out| out.write_all(manifest.sums(&bytes).as_bytes()))
    }

    fn with_renewed<'a>(&self, earlier: Vec<FileEntry>, renewed: impl Iterator<Item = &'a str>) -> Result<Vec<FileEntry>, Error> {
        let mut files: BTreeMap<String, FileEntry> = earlier.into_iter().map(|file| (file.path.clone(), file)).collect();
        for path in renewed {
            files.insert(path.to_owned(), self.entry(path)?);
        }
        Ok(files.into_values().collect())
    }

    /// What is no regular file, or a crash's left-over, is not part of a run; [`verify`](crate::verify) names it.
    fn all_files(&self) -> Result<Vec<FileEntry>, Error> {
        let pictures = self.path().join(SCREENSHOTS);
        if pictures.is_dir() {
            synchronise(&pictures).map_err(|error| Error::reading(&pictures, error))?;
        }
        let found = files_of(self.path()).map_err(|error| Error::reading(self.path(), error))?;
        let is_of_the_run = |path: &str| path != MANIFEST && path != SUMS;
        let paths = found.iter().filter(|file| file.kind == FoundKind::File && is_of_the_run(&file.path));
        paths.map(|file| self.entry(&file.path)).collect()
    }

    fn entry(&self, path: &str) -> Result<FileEntry, Error> {
        FileEntry::of_synchronised(self.path(), path).map_err(|error| Error::reading(&self.path().join(path), error))
    }

    fn chain_head(&self) -> Result<Option<ChainHead>, Error> {
        let Some(path) = self.devtools_path() else { return Ok(None) };
        let log = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let chain = self.chain()?;
        Ok(Some(ChainHead { log, lines: chain.lines, head: chain.head }))
    }
}
