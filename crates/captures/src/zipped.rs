//! A HAR in a ZIP file, with the bodies in files beside it, as Playwright packs it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use pixelwitness_recording::CaptureKind;
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

use crate::attached::{Attached, Handed, Kept};
use crate::case::Source;
use crate::kind;

/// How a ZIP file begins.
pub(crate) const BEGINS: &[u8] = b"PK\x03\x04";
/// The name that Playwright gives it.
const ITS_NAME: &str = "har.har";
/// Files that are looked into where none is called so.
const LOOKED_INTO: usize = 100;

/// The files of a ZIP file.
#[derive(Clone)]
pub(crate) struct Zipped<'a> {
    source: Shared<'a>,
    /// By the directory at its end, or else by where each file begins.
    directory: Option<ZipArchive<Shared<'a>>>,
    begins: HashMap<String, u64>,
    names: Vec<String>,
}

/// Whether a ZIP file holds a HAR.
pub(crate) fn holds_har(source: &mut dyn Source) -> bool {
    Zipped::open(source).har().is_some()
}

impl<'a> Zipped<'a> {
    /// Reads the directory; a file that was cut off has none, and is gone through from its beginning.
    pub(crate) fn open(source: &'a mut dyn Source) -> Self {
        let source = Shared { source: Rc::new(RefCell::new(source)), at: 0 };
        let directory = ZipArchive::new(source.clone()).ok();
        let mut zipped = Self { source, directory, begins: HashMap::new(), names: Vec::new() };
        match &zipped.directory {
            Some(directory) => zipped.names = directory.file_names().flatten().map(|name| name.into_owned()).collect(),
            None => zipped.go_through(),
        }
        zipped
    }

    fn go_through(&mut self) {
        loop {
            let begin = self.source.at;
            let Ok(Some(file)) = read_zipfile_from_stream(&mut self.source) else { return };
            let Ok(name) = file.name().map(|name| name.into_owned()) else { continue };
            if !self.begins.contains_key(&name) {
                self.names.push(name.clone());
                self.begins.insert(name, begin);
            }
        }
    }

    /// Whether it is whole, as far as its directory shows.
    pub(crate) fn is_whole(&self) -> bool {
        self.directory.is_some()
    }

    /// Which of its files is a HAR, by its content.
    pub(crate) fn har(&mut self) -> Option<String> {
        let mut names = self.names.clone();
        names.sort_by_key(|name| (name != ITS_NAME, !name.ends_with(".har")));
        names.into_iter().take(LOOKED_INTO).find(|name| self.is_har(name))
    }

    /// How many files beside it are called HARs, too.
    pub(crate) fn other_hars(&self, har: &str) -> usize {
        self.names.iter().filter(|name| name.ends_with(".har") && *name != har).count()
    }

    fn is_har(&mut self, name: &str) -> bool {
        self.with(name, |file| kind::of_head(&kind::head(BufReader::new(file))) == Some(CaptureKind::Har)).unwrap_or(false)
    }

    /// Hands over a file; nothing where there is none, or it cannot be opened.
    pub(crate) fn with<T>(&mut self, name: &str, take: impl FnOnce(&mut dyn Read) -> T) -> Option<T> {
        if let Some(directory) = &mut self.directory {
            return Some(take(&mut directory.by_name(name).ok()?));
        }
        let mut source = Shared { at: *self.begins.get(name)?, ..self.source.clone() };
        let mut file = read_zipfile_from_stream(&mut source).ok()??;
        Some(take(&mut file))
    }
}

/// A file is called exactly as the HAR names it: a name that leads elsewhere names nothing.
impl Attached for Zipped<'_> {
    fn hand_over(&mut self, name: &str, _: Kept, take: &mut dyn FnMut(&mut dyn Read)) -> Handed {
        self.with(name, take).map_or(Handed::Missing, |()| Handed::Over)
    }
}

/// Reads a source that others read, too, from a place of its own.
#[derive(Clone)]
struct Shared<'a> {
    source: Rc<RefCell<&'a mut dyn Source>>,
    at: u64,
}

impl Read for Shared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut source = self.source.borrow_mut();
        if source.stream_position()? != self.at {
            source.seek(SeekFrom::Start(self.at))?;
        }
        let read = source.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Shared<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut source = self.source.borrow_mut();
        self.at = match to {
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?,
            other => source.seek(other)?,
        };
        Ok(self.at)
    }
}
