use pixelwitness_classifier::{self as classifier, FORMAT, Findings};
use pixelwitness_evidence::{FINDINGS, RunDirectory};
use serde::Deserialize;

use crate::arguments::Report;
use crate::failure::{Failure, Verdict};
use crate::stages;

/// Shows the stored findings of a run and writes its report anew.
pub(crate) fn report(arguments: &Report) -> Result<Verdict, Failure> {
    let mut run = RunDirectory::open(&arguments.directory)?;
    let mut findings = stored_findings(&run)?;
    let recording = run.recording()?;
    if findings.verdict == classifier::Verdict::default() {
        // Those of an earlier version have none.
        findings.verdict = classifier::Verdict::of(&findings, &recording);
    }
    stages::write_report(&mut run, &recording, &findings)?;
    stages::show(&run, &recording, &findings, arguments.json)?;
    stages::verdict(&findings)
}

/// The findings as they were stored.
pub(crate) fn stored_findings(run: &RunDirectory) -> Result<Findings, Failure> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let again = "`pixelwitness classify` makes them again from the raw logs";
    let stored = || match run.reader(FINDINGS)? {
        Some(stored) => Ok(stored),
        None => Err(Failure::because(format!("{} has no {}", run.path().display(), FINDINGS), again)),
    };
    let damaged = |error| Failure::new(&format!("{} is damaged", FINDINGS), &error, again);
    let read = serde_json::from_reader(stored()?);
    if matches!(&read, Ok(Findings { format, .. }) if *format <= FORMAT) {
        return read.map_err(damaged);
    }
    // A later format may well be unreadable: its number says why.
    let Format { format } = serde_json::from_reader(stored()?).map_err(damaged)?;
    if format > FORMAT {
        return Err(Failure::because(
            format!("{} has format {format}, and this pixelwitness reads formats up to {FORMAT}", FINDINGS),
            "use the version of pixelwitness that wrote it, or a later one",
        ));
    }
    read.map_err(damaged)
}
