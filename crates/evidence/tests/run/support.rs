//! A small made-up run, and the verbs the tests use on it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use pixelwitness_evidence::{DEVTOOLS, FINDINGS, JOURNEY, ManifestFacts, NETLOG, REPORT, RunDirectory, verify};
use pixelwitness_recording::raw_log::FIRST_PREV;
use pixelwitness_recording::{Completeness, Gap, GapKind, Journey, Recording};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) const FINISHED: bool = true;

/// A finished, sealed run. It lives as long as the returned value does.
pub(crate) fn sealed_run() -> (TempDir, RunDirectory) {
    let (parent, mut run) = captured_run();
    run.write(JOURNEY, b"name = \"search\"\n[[step]]\nvisit = \"https://clinic.example/\"\n").unwrap();
    run.write_recording(&recording()).unwrap();
    run.write(FINDINGS, b"{\"format\":1}").unwrap();
    run.write(REPORT, b"<!doctype html><title>search</title>").unwrap();
    run.seal(&facts(FINISHED)).unwrap();
    (parent, run)
}

/// What the driver leaves when it is killed: raw logs and pictures.
pub(crate) fn captured_run() -> (TempDir, RunDirectory) {
    let parent = tempfile::tempdir().unwrap();
    let run = RunDirectory::create(parent.path().join("run")).unwrap();
    fs::write(run.path().join(DEVTOOLS), compressed(log(5).as_bytes())).unwrap();
    fs::write(run.path().join(NETLOG), compressed(b"{\"constants\":{},\n\"events\":[\n]}\n")).unwrap();
    fs::write(run.path().join("screenshots/step-01-after.png"), b"\x89PNG\r\n\x1a\n not really").unwrap();
    (parent, run)
}

pub(crate) fn facts(finished: bool) -> ManifestFacts {
    ManifestFacts { tool_version: "0.1.0".to_owned(), finished }
}

pub(crate) fn recording() -> Recording {
    Recording {
        journey: Journey::visit("https://clinic.example/").unwrap(),
        gaps: vec![Gap { kind: GapKind::Crash, why: "the page crashed".to_owned(), request: None, step: Some(0) }],
        completeness: Completeness { finished: true, ..Completeness::default() },
        ..Recording::default()
    }
}

/// A DevTools log of that many lines.
pub(crate) fn log(lines: usize) -> String {
    let mut prev = FIRST_PREV.to_owned();
    let mut text = String::new();
    for seq in 0..lines {
        let line =
            format!(r#"{{"seq":{seq},"at_ms":{},"prev":"{prev}","in":{{"method":"Network.dataReceived"}}}}"#, 1_795_000_000_000 + seq);
        prev = hex::encode(Sha256::digest(&line));
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Compressed as the driver does it: flushed line by line, so that a killed process leaves what it wrote.
pub(crate) fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        encoder.write_all(line).unwrap();
        encoder.flush().unwrap();
    }
    encoder.finish().unwrap()
}

/// Every file of a directory, sorted, with its bytes.
pub(crate) fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for directory in ["", "screenshots/"] {
        for entry in fs::read_dir(root.join(directory)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                files.push((format!("{directory}{}", entry.file_name().to_str().unwrap()), fs::read(entry.path()).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The paths that a verification complains about, sorted, each once.
pub(crate) fn named(root: &Path) -> Vec<String> {
    let mut paths: Vec<String> = verify(root).unwrap().problems.iter().map(|problem| problem.path().to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// What a verification says, one problem a line.
pub(crate) fn said(root: &Path) -> String {
    let verification = verify(root).unwrap();
    let problems = verification.problems.iter().map(|problem| format!("{problem}\n"));
    [format!("{}\n", verification.seal)].into_iter().chain(problems).chain(verification.chain.map(|chain| format!("{chain}\n"))).collect()
}
