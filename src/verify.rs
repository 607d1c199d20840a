use std::fmt::Write as _;

use pixelwitness_classifier::{FilterList, Findings};
use pixelwitness_evidence::{FINDINGS, RECORDING, RunDirectory, Seal, Verification};
use pixelwitness_report::write_json;
use serde::Deserialize;

use crate::arguments::Verify;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::stages::{self, Knowledge};

/// Hashes everything again, assembles the raw logs again, and compares.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.vendors.as_deref(), arguments.lists.as_deref())?;
    let checked = pixelwitness_evidence::verify(&arguments.directory)?;
    let mut text = on_the_seal(&checked);
    let mut differs = !checked.is_intact();
    // A recording can be told from its logs only where both are as they were written.
    if checked.is_intact() {
        let run = RunDirectory::open(&arguments.directory)?;
        let recording = stages::assembled(&run)?;
        let same_recording = run.recording_is(&recording)?;
        let findings = knowledge.read(&recording);
        let same_findings = run.holds(FINDINGS, |out| write_json(&findings, out))?;
        for (same, what, from) in [
            (same_recording, RECORDING, "the raw logs, assembled again"),
            (same_findings, FINDINGS, "the recording, classified again by this version, its definitions and the lists given"),
        ] {
            let verdict = if same { "is what comes of" } else { "is NOT what comes of" };
            let _ = writeln!(text, "{what} {verdict} {from}");
            differs |= !same;
        }
        if !same_findings {
            text.push_str(&lists_not_given(&run, &findings)?);
        }
    }
    let _ = writeln!(text, "{}", if differs { "NOT verified" } else { "verified" });
    output::write(&text)?;
    Ok(Verdict::of(differs))
}

/// The filter lists that the stored findings stand on and that are not among those given: without them nothing can be the same.
fn lists_not_given(run: &RunDirectory, now: &Findings) -> Result<String, Failure> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Stored {
        lists: Vec<FilterList>,
    }
    let stored: Stored = run.reader(FINDINGS)?.and_then(|stored| serde_json::from_reader(stored).ok()).unwrap_or_default();
    let missing = stored.lists.iter().filter(|list| now.lists.iter().all(|given| given.sha256 != list.sha256));
    let line = |list: &FilterList| {
        format!("the findings stand on the filter list {} with the SHA-256 {}, which was not given: see --lists\n", list.file, list.sha256)
    };
    Ok(missing.map(line).collect())
}

fn on_the_seal(checked: &Verification) -> String {
    let mut text = String::new();
    let _ = match &checked.seal {
        Seal::Sound { tool_version, finished } => writeln!(
            text,
            "sealed by pixelwitness {tool_version}; {} files are as they were sealed; the run {}",
            checked.files_as_sealed,
            if *finished { "reached its end" } else { "did not reach its end" }
        ),
        Seal::SumsAlone => {
            writeln!(text, "the manifest is missing or altered; SHA256SUMS alone vouches for {} files", checked.files_as_sealed)
        }
        Seal::Broken => writeln!(text, "neither the manifest nor SHA256SUMS can be relied upon"),
        Seal::Absent => writeln!(text, "unfinished: the run was never sealed, there is no manifest"),
    };
    if let Some(chain) = &checked.chain {
        let _ = writeln!(text, "the hash chain of the DevTools log holds for {} lines", chain.lines);
    }
    for problem in &checked.problems {
        let _ = writeln!(text, "{}", problem);
    }
    text
}
