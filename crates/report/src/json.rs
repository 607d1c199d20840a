use std::io::{self, Write};

use pixelwitness_classifier::Findings;
use serde::Serialize;

/// `findings.json`: the findings as they are, in the order of their fields. The same findings give the same bytes.
///
/// # Errors
///
/// The writer fails.
pub fn write_json(findings: &Findings, out: impl Write) -> io::Result<()> {
    pretty(findings, out)
}

/// The JSON Schema of what [`write_json`] writes, as `docs/findings.schema.json` holds it.
#[must_use]
pub fn schema() -> String {
    let mut text = Vec::new();
    pretty(&schemars::schema_for!(Findings), &mut text).expect("memory takes all that is written to it");
    String::from_utf8(text).expect("JSON is text")
}

fn pretty(value: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")
}
