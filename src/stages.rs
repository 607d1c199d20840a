//! The stages after capture, each reading what the one before wrote.

use std::fs;
use std::path::Path;

use pixelwitness_captures as captures;
use pixelwitness_classifier::{Definitions, Findings, classify};
use pixelwitness_evidence::{FINDINGS, JOURNEY, ManifestFacts, REPORT, RunDirectory};
use pixelwitness_interceptor::assemble;
use pixelwitness_recording::{Journey, Recording};
use pixelwitness_report::{Files, html, json, terminal};

use crate::failure::{Failure, Verdict};
use crate::output;

/// The built-in definitions and those of a directory, in the order of their names.
pub(crate) fn definitions(directory: Option<&Path>) -> Result<Definitions, Failure> {
    let mut definitions = Definitions::built_in();
    let Some(directory) = directory else { return Ok(definitions) };
    let unreadable = |path: &Path, error: &dyn std::error::Error| {
        Failure::new(
            &format!("cannot read {}", path.display()),
            error,
            "--vendors takes a directory with *.toml files (docs/adding-a-vendor.md)",
        )
    };
    let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    let mut paths: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(Failure::because(
            format!("{} has no vendor definition", directory.display()),
            "--vendors takes a directory with *.toml files (docs/adding-a-vendor.md)",
        ));
    }
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        definitions.add(&path.display().to_string(), &text).map_err(|error| {
            Failure::new("cannot use the vendor definition", &error, "docs/adding-a-vendor.md has the words a definition may use")
        })?;
    }
    Ok(definitions)
}

/// Assembles the raw logs into a recording and stores it.
pub(crate) fn record(run: &mut RunDirectory) -> Result<Recording, Failure> {
    let recording = assembled(run)?;
    run.write_recording(&recording)?;
    Ok(recording)
}

/// What the raw logs give.
pub(crate) fn assembled(run: &RunDirectory) -> Result<Recording, Failure> {
    let captures = run.captures()?;
    if captures.is_empty() {
        return Ok(assemble(run.devtools()?, run.netlog()?));
    }
    let files = captures.into_iter().map(|capture| captures::File { name: capture.name, source: Box::new(capture.file) });
    Ok(captures::read(case(run)?, files.collect()))
}

/// What a case made of captures was told: its name, what to look for, which sites are first party.
fn case(run: &RunDirectory) -> Result<Journey, Failure> {
    let text = run.journey()?.unwrap_or_default();
    Journey::of_case(&text).map_err(|error| {
        Failure::new(
            &format!("cannot use {JOURNEY} of the case"),
            &error,
            "it is one of the case's own files; `pixelwitness read` writes it",
        )
    })
}

/// Classifies a recording, writes findings and report, and seals the directory.
pub(crate) fn conclude(run: &mut RunDirectory, recording: &Recording, definitions: &Definitions) -> Result<Findings, Failure> {
    let findings = classify(recording, definitions);
    run.write(FINDINGS, json(&findings).as_bytes())?;
    write_report(run, recording, &findings)?;
    Ok(findings)
}

/// Writes the report and seals the directory.
pub(crate) fn write_report(run: &mut RunDirectory, recording: &Recording, findings: &Findings) -> Result<(), Failure> {
    let page = html(findings, recording, &|name| run.screenshot(name).ok().flatten());
    run.write(REPORT, page.as_bytes())?;
    run.seal(&ManifestFacts { tool_version: env!("CARGO_PKG_VERSION").to_owned(), finished: recording.completeness.finished })?;
    Ok(())
}

/// Prints the findings.
pub(crate) fn show(run: &RunDirectory, recording: &Recording, findings: &Findings, as_json: bool) -> Result<Verdict, Failure> {
    let text = if as_json {
        json(findings)
    } else {
        let files = Files {
            directory: run.path().display().to_string(),
            report: Some(run.path().join(REPORT).display().to_string()),
            findings: Some(run.path().join(FINDINGS).display().to_string()),
        };
        terminal(findings, recording, &files, output::style())
    };
    output::write(&text)?;
    Ok(Verdict::of(!findings.leaks.is_empty()))
}
