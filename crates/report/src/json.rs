use pixelwitness_classifier::Findings;
use serde::Serialize;

/// `findings.json`: the findings as they are, in the order of their fields. The same findings give the same bytes.
#[must_use]
pub fn json(findings: &Findings) -> String {
    pretty(findings)
}

/// The JSON Schema of [`json`], as `docs/findings.schema.json` holds it.
#[must_use]
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Findings))
}

pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("findings and schemas have text keys and no failing serialiser");
    text.push('\n');
    text
}
