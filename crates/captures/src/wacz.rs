//! WACZ: a ZIP file with WARC files and a list of pages.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use pixelwitness_recording::{CaptureKind, GapKind};
use serde_json::Value;
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

use crate::case::Source;
use crate::part::Part;
use crate::time::unix_ms;
use crate::warc::members::members;
use crate::warc::{Archive, Page};

/// Pages beyond that are left to the archive.
const MOST_PAGES: usize = 100_000;

/// Whether a ZIP file is a web archive. One that was cut off shows it by its first files.
pub(crate) fn kind(mut source: &mut dyn Source) -> Option<CaptureKind> {
    let is_archive = |name: &str| is_warc(name) || name == "datapackage.json" || is_pages(name);
    match ZipArchive::new(&mut source) {
        Ok(archive) => archive.file_names().flatten().any(|name| is_archive(&name)).then_some(CaptureKind::Wacz),
        Err(_) => {
            source.seek(std::io::SeekFrom::Start(0)).ok()?;
            let file = read_zipfile_from_stream(&mut source).ok()??;
            is_archive(&file.name().ok()?).then_some(CaptureKind::Wacz)
        }
    }
}

/// Reads a WACZ: its pages first, then its WARC files by their names.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let mut archive = Archive::new(CaptureKind::Wacz);
    let mut pages = Vec::new();
    if !by_directory(source, &mut archive, &mut pages) {
        archive.part.stopped("the WACZ has no directory at its end: its files were read one after the other, as far as they go");
        if source.seek(std::io::SeekFrom::Start(0)).is_ok() {
            one_after_the_other(source, &mut archive, &mut pages);
        }
    }
    archive.finish(&pages)
}

fn by_directory(source: &mut dyn Source, archive: &mut Archive, pages: &mut Vec<Page>) -> bool {
    let Ok(mut zip) = ZipArchive::new(source) else { return false };
    let mut names: Vec<String> = zip.file_names().flatten().map(|name| name.into_owned()).collect();
    names.sort();
    for name in names.iter().filter(|name| is_pages(name)) {
        match zip.by_name(name) {
            Ok(file) => take_pages(BufReader::new(file), pages),
            Err(_) => archive.part.stopped(format!("{name} in the WACZ cannot be read")),
        }
    }
    for name in names.iter().filter(|name| is_warc(name)) {
        match zip.by_name(name) {
            Ok(file) => {
                let size = file.size();
                records(file, size, name, archive);
            }
            Err(_) => archive.part.stopped(format!("{name} in the WACZ cannot be read")),
        }
    }
    if !names.iter().any(|name| is_warc(name)) {
        archive.part.say(GapKind::LogDamaged, "the WACZ holds no WARC file");
    }
    true
}

fn one_after_the_other(mut source: &mut dyn Source, archive: &mut Archive, pages: &mut Vec<Page>) {
    while let Ok(Some(file)) = read_zipfile_from_stream(&mut source) {
        let name = file.name().map(|name| name.into_owned()).unwrap_or_default();
        if is_pages(&name) {
            take_pages(BufReader::new(file), pages);
        } else if is_warc(&name) {
            let size = file.size();
            records(file, size, &name, archive);
        }
    }
}

fn records(file: impl Read, size: u64, name: &str, archive: &mut Archive) {
    let is_altered = Cell::new(false);
    let file = Content { file, left: size, is_altered: &is_altered };
    archive.records(members(BufReader::new(file)), name);
    if is_altered.get() {
        let why = format!("{name} does not have the checksum that the WACZ gives it: what was taken from it may not be what was written");
        archive.part.say(GapKind::LogDamaged, why);
    }
}

/// A file of the archive. An error behind its last byte says that its checksum is another, and costs none of its bytes.
struct Content<'a, R> {
    file: R,
    left: u64,
    is_altered: &'a Cell<bool>,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.read(buffer) {
            Err(_) if self.left == 0 => {
                self.is_altered.set(true);
                Ok(0)
            }
            read => {
                self.left = self.left.saturating_sub(read.as_ref().map_or(0, |read| *read as u64));
                read
            }
        }
    }
}

fn is_warc(name: &str) -> bool {
    name.starts_with("archive/") && [".warc", ".warc.gz", ".warc.zst"].iter().any(|end| name.ends_with(end))
}

fn is_pages(name: &str) -> bool {
    name.starts_with("pages/") && name.ends_with(".jsonl")
}

/// One page a line, after a line about the list.
fn take_pages(reader: impl BufRead, pages: &mut Vec<Page>) {
    for line in reader.lines().map_while(Result::ok) {
        let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
        let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        if said("url").is_empty() || pages.len() >= MOST_PAGES {
            continue;
        }
        // A time is written as text, or as a number of milliseconds.
        let at_ms = value.get("ts").and_then(Value::as_u64).unwrap_or_else(|| unix_ms(said("ts")));
        pages.push(Page { id: said("id").to_owned(), url: said("url").to_owned(), title: said("title").to_owned(), at_ms });
    }
}
