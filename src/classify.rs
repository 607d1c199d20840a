use pixelwitness_evidence::RunDirectory;

use crate::arguments::Classify;
use crate::failure::{Failure, Verdict};
use crate::stages::{self, Knowledge};

/// Assembles the raw logs of a run again and reads them, finished or not.
pub(crate) fn classify(arguments: &Classify) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.brought.vendors.as_deref(), arguments.brought.lists.as_deref())?;
    let mut run = RunDirectory::open(&arguments.directory)?;
    let recording = stages::record(&mut run)?;
    let findings = stages::conclude(&mut run, &recording, &knowledge)?;
    stages::show(&run, &recording, &findings, arguments.json)?;
    stages::verdict(&findings)
}
