//! The stages after capture, each reading what the one before wrote.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use pixelwitness_captures as captures;
use pixelwitness_classifier::{Definitions, Doubt, Findings, Lists, Outcome, classify_with_lists};
use pixelwitness_evidence::{FINDINGS, JOURNEY, ManifestFacts, REPORT, RunDirectory, StoredCapture};
use pixelwitness_interceptor::assemble;
use pixelwitness_recording::{Journey, Recording};
use pixelwitness_report::{Files, terminal, write_html, write_json};

use crate::failure::{Failure, Verdict};
use crate::output;

/// By what a recording is read.
pub(crate) struct Knowledge {
    pub(crate) definitions: Definitions,
    lists: Lists,
}

impl Knowledge {
    /// What comes with pixelwitness, and what the user brings.
    pub(crate) fn of(vendors: Option<&Path>, lists: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self { definitions: definitions(vendors)?, lists: filter_lists(lists)? })
    }

    pub(crate) fn read(&self, recording: &Recording) -> Findings {
        classify_with_lists(recording, &self.definitions, &self.lists)
    }
}

/// The built-in definitions and those of a directory, in the order of their names.
fn definitions(directory: Option<&Path>) -> Result<Definitions, Failure> {
    const TAKES: &str = "--vendors takes a directory with *.toml files (docs/adding-a-vendor.md)";
    let mut definitions = Definitions::built_in();
    for path in files(directory, "toml", "vendor definition", TAKES)? {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error, TAKES))?;
        definitions.add(&path.display().to_string(), &text).map_err(|error| {
            Failure::new("cannot use the vendor definition", &error, "docs/adding-a-vendor.md has the words a definition may use")
        })?;
    }
    Ok(definitions)
}

/// The filter lists of a directory, in the order of their names.
fn filter_lists(directory: Option<&Path>) -> Result<Lists, Failure> {
    const TAKES: &str = "--lists takes a directory with filter lists as *.txt files (docs/lists.md)";
    let mut lists = Lists::default();
    for path in files(directory, "txt", "filter list", TAKES)? {
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error, TAKES))?;
        // The directory is not part of the name: the findings are the same wherever a list lies.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        lists.add(&name, &bytes).map_err(|error| {
            Failure::new("cannot use the filter list", &error, "get the list anew, or take the file out (docs/lists.md)")
        })?;
    }
    Ok(lists)
}

/// Files of a directory that end so, sorted; none where there is no directory.
fn files(directory: Option<&Path>, end: &str, what: &str, takes: &str) -> Result<Vec<PathBuf>, Failure> {
    let Some(directory) = directory else { return Ok(Vec::new()) };
    let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, &error, takes))?;
    let mut paths: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|own| own == end)).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(Failure::because(format!("{} has no {what}", directory.display()), takes));
    }
    Ok(paths)
}

fn unreadable(path: &Path, error: &dyn std::error::Error, takes: &str) -> Failure {
    Failure::new(&format!("cannot read {}", path.display()), error, takes)
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
    let files = captures.into_iter().map(|StoredCapture { name, file, folder }| {
        // One that is there and cannot be opened is as good as none.
        let open = move |name: &str| folder.open(name).ok().flatten().map(|file| Box::new(file) as Box<dyn Read>);
        captures::File { name, source: Box::new(file), folder: Box::new(open) }
    });
    Ok(captures::read(case(run)?, files.collect()))
}

/// What a case made of captures was told: its name, what to look for, which sites are first party.
fn case(run: &RunDirectory) -> Result<Journey, Failure> {
    let text = run.journey()?.unwrap_or_default();
    // What was asked for then is not judged again.
    toml::from_str(&text).map_err(|error| {
        Failure::new(
            &format!("cannot use {JOURNEY} of the case"),
            &error,
            "it is one of the case's own files; `pixelwitness read` writes it",
        )
    })
}

/// Classifies a recording, writes findings and report, and seals the directory.
pub(crate) fn conclude(run: &mut RunDirectory, recording: &Recording, knowledge: &Knowledge) -> Result<Findings, Failure> {
    let findings = knowledge.read(recording);
    run.write_with(FINDINGS, |out| write_json(&findings, out))?;
    write_report(run, recording, &findings)?;
    Ok(findings)
}

/// Writes the report and seals the directory.
pub(crate) fn write_report(run: &mut RunDirectory, recording: &Recording, findings: &Findings) -> Result<(), Failure> {
    let pictures = run.clone();
    let picture = |name: &str| pictures.screenshot(name).ok().flatten();
    run.write_with(REPORT, |out| write_html(findings, recording, &picture, out))?;
    run.seal(&ManifestFacts { tool_version: env!("CARGO_PKG_VERSION").to_owned(), finished: recording.completeness.finished })?;
    Ok(())
}

/// Prints the findings.
pub(crate) fn show(run: &RunDirectory, recording: &Recording, findings: &Findings, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::write_with(|out| write_json(findings, out));
    }
    output::write(&text(run, recording, findings))
}

/// The findings, for a person.
pub(crate) fn text(run: &RunDirectory, recording: &Recording, findings: &Findings) -> String {
    let files = Files {
        directory: run.path().display().to_string(),
        report: Some(run.path().join(REPORT).display().to_string()),
        findings: Some(run.path().join(FINDINGS).display().to_string()),
    };
    terminal(findings, recording, &files, output::style())
}

/// Whether something was found. A run that did not get to see the site is no clean one, and neither is one whose silence may not be read as
/// absence.
pub(crate) fn verdict(findings: &Findings) -> Result<Verdict, Failure> {
    if let Some(blocked) = findings.blocked.first() {
        return Err(Failure::because(
            format!("this was not the site: {} was answered with {}", blocked.url, blocked.who),
            "what was seen is in the run; try from another connection, or a journey with the user agent and cookies of somebody who was let in",
        ));
    }
    match findings.verdict.outcome {
        Outcome::Found => Ok(Verdict::Found),
        Outcome::NothingObserved => Ok(Verdict::NothingFound),
        Outcome::Inconclusive => Err(inconclusive(findings)),
    }
}

/// Why nothing was found, and why that says nothing.
fn inconclusive(findings: &Findings) -> Failure {
    let why = pixelwitness_report::inconclusive(findings).unwrap_or_default().replacen("This", "this", 1);
    let help = match findings.verdict.doubts.iter().find(|doubt| doubt.forbids_absence()) {
        Some(Doubt::NetworkFailed { .. }) => {
            "run it where nothing filters names and connections: no blocking DNS, proxy or hosts file; docs/methodology.md says why"
        }
        Some(Doubt::TransmissionUnknown { .. }) => "what may have been sent is in the report; a capture with the answers in it would say",
        Some(Doubt::SiteUnknown) => "say whose page it was with --first-party SITE",
        _ if !findings.completeness.captures.is_empty() => "the report says what is missing; a whole capture would say more",
        _ => "what was seen is in the run; run it again",
    };
    Failure::because(format!("nothing was found, and {}", why.trim_end_matches('.')), help)
}
