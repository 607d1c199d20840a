use std::fmt::Write as _;

use pixelwitness_classifier::FilterList;
use pixelwitness_evidence::{FINDINGS, RECORDING, RunDirectory, Seal, Verification};

use crate::arguments::Verify;
use crate::differences::Differences;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::reproduce::{Reproduction, reproduce};
use crate::stages::Knowledge;

/// Answers three questions, each by itself: are the bytes those that were sealed, who vouches for them, and do the raw logs still give what
/// is said of them. The exit status follows the first alone: newer definitions read an untouched run differently, and it is untouched.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.vendors.as_deref(), arguments.lists.as_deref())?;
    let checked = pixelwitness_evidence::verify(&arguments.directory)?;
    output::write(&integrity(&checked))?;
    output::write("Authenticity: not known. Nobody signed this run, and no authority vouches for its time.\n")?;
    // What follows from altered logs says nothing of the run.
    let reproduction = match checked.is_intact() {
        true => reproduction(&reproduce(&RunDirectory::open(&arguments.directory)?, &knowledge)?),
        false => "Reproduction: not tried, as the files are not known to be those that were sealed.\n".to_owned(),
    };
    output::write(&reproduction)?;
    Ok(Verdict::of(!checked.is_intact()))
}

fn reproduction(reproduction: &Reproduction) -> String {
    let Reproduction { recording, findings, lists_not_given } = reproduction;
    if recording.is_none() && findings.is_none() {
        return format!("Reproduction: the same. The raw logs give {RECORDING} again, and that gives {FINDINGS}, byte for byte.\n");
    }
    let mut text =
        "Reproduction: different. What this version, its definitions and the lists given read in the raw logs is not what is stored \
                    (- stored alone, + read now alone):\n"
            .to_owned();
    let mut tell = |file: &str, differences: &Option<Differences>| {
        let _ = match differences {
            Some(differences) => write!(text, "{file}:\n{differences}"),
            None => writeln!(text, "{file}: the same"),
        };
    };
    tell(RECORDING, recording);
    tell(FINDINGS, findings);
    for FilterList { file, sha256, .. } in lists_not_given {
        let _ = writeln!(text, "the findings stand on the filter list {file} with the SHA-256 {sha256}, which was not given: see --lists");
    }
    text
}

fn integrity(checked: &Verification) -> String {
    let mut text = format!("Integrity: {}.\n", if checked.is_intact() { "intact" } else { "NOT intact" });
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
