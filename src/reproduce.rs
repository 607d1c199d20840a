//! Whether what a run says follows from its raw logs, and what reads differently where it does not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _, SeekFrom};

use pixelwitness_classifier::{FilterList, Findings};
use pixelwitness_evidence::{FINDINGS, RunDirectory};
use pixelwitness_report::write_json;
use serde::Deserialize;

use crate::differences::{Differences, Shape};
use crate::failure::Failure;
use crate::stages::{self, Knowledge};

/// What reading a run again gives, held against what is stored.
#[derive(Debug, Default)]
pub(crate) struct Reproduction {
    /// How the stored recording differs from what the raw logs give now.
    pub(crate) recording: Option<Differences>,
    /// How the stored findings differ from what that recording gives now.
    pub(crate) findings: Option<Differences>,
    /// Filter lists that the stored findings stand on and that were not given now.
    pub(crate) lists_not_given: Vec<FilterList>,
}

/// Assembles the raw logs of a run again, classifies them again, and compares both with what is stored.
pub(crate) fn reproduce(run: &RunDirectory, knowledge: &Knowledge) -> Result<Reproduction, Failure> {
    let recording = stages::assembled(run)?;
    let findings = knowledge.read(&recording);
    let mut reproduction = Reproduction::default();
    if !run.recording_is(&recording)? {
        let stored = || run.recording_lines().map_err(Failure::from);
        reproduction.recording = Some(differences(Shape::Lines, stored, |out| recording.write(out))?);
    }
    if !run.holds(FINDINGS, |out| write_json(&findings, out))? {
        let nothing = || Box::new(io::empty()) as Box<dyn BufRead>;
        let stored = || Ok(run.reader(FINDINGS)?.map_or_else(nothing, |file| Box::new(file)));
        reproduction.findings = Some(differences(Shape::Members, stored, |out| write_json(&findings, out))?);
        reproduction.lists_not_given = lists_not_given(run, &findings)?;
    }
    Ok(reproduction)
}

/// Compares what is stored with what would be written now, which goes to a file that nobody else sees: it may be larger than memory.
fn differences<R: BufRead>(
    shape: Shape,
    stored: impl Fn() -> Result<R, Failure>,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<Differences, Failure> {
    let scratch = || -> io::Result<File> {
        let mut out = io::BufWriter::new(tempfile::tempfile()?);
        fill(&mut out)?;
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    };
    let no_room = |error| Failure::new("cannot write a temporary file", &error, "make room in the directory that TMPDIR names");
    let now = BufReader::new(scratch().map_err(no_room)?);
    Ok(Differences::between(shape, stored()?, now, stored()?))
}

/// The filter lists that the stored findings stand on and that are not among those given: without them nothing can be the same.
fn lists_not_given(run: &RunDirectory, now: &Findings) -> Result<Vec<FilterList>, Failure> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Stored {
        lists: Vec<FilterList>,
    }
    let stored: Stored = run.reader(FINDINGS)?.and_then(|stored| serde_json::from_reader(stored).ok()).unwrap_or_default();
    Ok(stored.lists.into_iter().filter(|list| now.lists.iter().all(|given| given.sha256 != list.sha256)).collect())
}
