use std::path::{Path, PathBuf};

use pixelwitness_classifier::Findings;
use pixelwitness_report::{schema, write_json};
use serde_json::Value;

use crate::example;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn stored(findings: &Findings) -> String {
    let mut text = Vec::new();
    write_json(findings, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_schema_in_docs_is_the_generated_one() {
    let path = docs("findings.schema.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, schema()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == schema(), "{} is out of date: run with UPDATE_EXPECT=1", path.display());
}

#[test]
fn findings_are_what_the_schema_says() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for example in [example::trust(), example::clean()] {
        let findings: Value = serde_json::from_str(&stored(&example.findings)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&findings).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    // A schema that everything satisfies would prove nothing.
    let mut findings: Value = serde_json::from_str(&stored(&example::trust().findings)).unwrap();
    findings["leaks"][0]["what"] = "a-rumour".into();
    assert!(!validator.is_valid(&findings));
}

#[test]
fn json_comes_back_and_is_the_same_each_time() {
    let findings = example::trust().findings;
    let text = stored(&findings);
    assert!(text.ends_with("}\n"));
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
    assert_eq!(stored(&serde_json::from_str(&text).unwrap()), text);
}

/// The document's example is one file in pieces: joined, the pieces are findings.
#[test]
fn the_example_in_the_document_is_findings_and_shows_every_part() {
    let document = std::fs::read_to_string(docs("findings.md")).unwrap();
    let pieces: Vec<&str> = document.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap().trim_end()).collect();
    let joined = format!("{{\n{}\n}}", pieces.join(",\n"));
    let shown: Value = serde_json::from_str(&joined).unwrap_or_else(|error| panic!("{error}:\n{joined}"));
    let findings: Findings = serde_json::from_value(shown.clone()).unwrap();
    assert_eq!(serde_json::to_value(&findings).unwrap(), shown, "the example has keys that findings do not have");
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let parts: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let missing: Vec<&&String> = parts.iter().filter(|part| shown.get(part.as_str()).is_none()).collect();
    assert_eq!(missing, Vec::<&&String>::new());
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&shown));
}
