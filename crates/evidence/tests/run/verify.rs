use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use pixelwitness_evidence::{ChainEnd, DEVTOOLS, FINDINGS, MANIFEST, NETLOG, Problem, REPORT, RunDirectory, SUMS, Seal, verify};

use crate::support::{FINISHED, captured_run, compressed, facts, files, log, named, said, sealed_run};

#[test]
fn an_untouched_run_is_intact() {
    let (_parent, run) = sealed_run();
    let verification = verify(run.path()).unwrap();
    assert!(verification.is_intact(), "{verification:?}");
    assert_eq!(verification.files_as_sealed, 7);
    assert_eq!(said(run.path()), "sealed by pixelwitness 0.1.0\nall 5 lines of the DevTools log follow from each other\n");
}

#[test]
fn sealing_twice_gives_the_same_bytes() {
    let (_parent, run) = sealed_run();
    let before = files(run.path());
    RunDirectory::open(run.path()).unwrap().seal(&facts(FINISHED)).unwrap();
    assert_eq!(files(run.path()), before);
}

#[test]
fn a_flipped_bit_anywhere_is_named_with_its_file_and_no_other() {
    let (_parent, run) = sealed_run();
    for (path, bytes) in files(run.path()) {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x20] {
                let mut flipped = bytes.clone();
                flipped[at] ^= mask;
                fs::write(run.path().join(&path), &flipped).unwrap();
                assert_eq!(named(run.path()), [path.as_str()], "byte {at} of {path} flipped by {mask:#x}");
            }
        }
        fs::write(run.path().join(&path), &bytes).unwrap();
    }
    assert!(verify(run.path()).unwrap().is_intact());
}

#[test]
fn a_file_cut_or_lengthened_anywhere_is_named() {
    let (_parent, run) = sealed_run();
    for (path, bytes) in files(run.path()) {
        for length in 0..bytes.len() {
            fs::write(run.path().join(&path), &bytes[..length]).unwrap();
            assert_eq!(named(run.path()), [path.as_str()], "{path} cut at {length}");
        }
        for more in [&b"\n"[..], b" ", b"\0"] {
            fs::write(run.path().join(&path), [&bytes, more].concat()).unwrap();
            assert_eq!(named(run.path()), [path.as_str()], "{path} with {more:?} after it");
        }
        fs::write(run.path().join(&path), &bytes).unwrap();
    }
}

#[test]
fn two_altered_files_are_both_named() {
    let (_parent, run) = sealed_run();
    let all = files(run.path());
    for (first, first_bytes) in &all {
        for (second, second_bytes) in all.iter().filter(|(second, _)| second > first) {
            for (path, bytes) in [(first, first_bytes), (second, second_bytes)] {
                let mut flipped = bytes.clone();
                flipped[7] ^= 1;
                fs::write(run.path().join(path), flipped).unwrap();
            }
            assert_eq!(named(run.path()), [first.as_str(), second.as_str()]);
            fs::write(run.path().join(first), first_bytes).unwrap();
            fs::write(run.path().join(second), second_bytes).unwrap();
        }
    }
}

#[test]
fn every_way_to_change_a_directory_is_told_in_words() {
    type Change = fn(&Path);
    let intact = "sealed by pixelwitness 0.1.0\n";
    let whole = "all 5 lines of the DevTools log follow from each other\n";
    let sums_alone = "manifest.json cannot be relied upon: the files were checked against SHA256SUMS alone\n";
    let cases: [(Change, String); 17] = [
        (
            |run| fs::write(run.join("screenshots/step-01-after.png"), b"other").unwrap(),
            format!(
                "{intact}screenshots/step-01-after.png was altered: its SHA-256 was \
                 a6dc2665b313bca8768aa38dfea8698260a3f0e852cbca17c6c4ef85a170ba5d when it was sealed and is \
                 d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa now\n{whole}"
            ),
        ),
        (|run| fs::remove_file(run.join(REPORT)).unwrap(), format!("{intact}report.html is missing\n{whole}")),
        (|run| fs::write(run.join("notes.txt"), b"").unwrap(), format!("{intact}notes.txt was added after the run was sealed\n{whole}")),
        (
            |run| fs::write(run.join("a\u{1b}[2J\n.txt"), b"").unwrap(),
            format!("{intact}a\\u{{1b}}[2J\\u{{a}}.txt was added after the run was sealed\n{whole}"),
        ),
        (
            |run| {
                fs::create_dir_all(run.join("screenshots/deep/er")).unwrap();
                fs::write(run.join("screenshots/deep/er/x"), b"").unwrap();
            },
            format!("{intact}screenshots/deep/er/x was added after the run was sealed\n{whole}"),
        ),
        (
            |run| fs::rename(run.join(FINDINGS), run.join("Findings.json")).unwrap(),
            format!("{intact}Findings.json was added after the run was sealed\nfindings.json is missing\n{whole}"),
        ),
        (
            |run| fs::write(run.join(".report.html.tmp-x1"), b"<").unwrap(),
            format!(
                "{intact}.report.html.tmp-x1 is a temporary file that an interrupted write left behind; it is not part of the run\n{whole}"
            ),
        ),
        (
            |run| {
                fs::rename(run.join(REPORT), run.with_extension("html")).unwrap();
                symlink(run.with_extension("html"), run.join(REPORT)).unwrap();
            },
            format!("{intact}report.html is neither a file nor a directory; it was not opened\n{whole}"),
        ),
        (
            |run| drop(UnixListener::bind(run.join("socket")).unwrap()),
            format!("{intact}socket is neither a file nor a directory; it was not opened\n{whole}"),
        ),
        (|run| fs::remove_file(run.join(DEVTOOLS)).unwrap(), format!("{intact}devtools.jsonl.zst is missing\n")),
        (|run| fs::remove_file(run.join(SUMS)).unwrap(), format!("{intact}SHA256SUMS is missing\n{whole}")),
        (|run| fs::remove_file(run.join(MANIFEST)).unwrap(), format!("{sums_alone}manifest.json is missing\n{whole}")),
        (
            |run| {
                fs::remove_file(run.join(SUMS)).unwrap();
                edit(&run.join(MANIFEST), "0.1.0", "0.2.0");
            },
            format!(
                "manifest.json cannot be relied upon and there is no SHA256SUMS: no file could be checked\n\
                 manifest.json was altered: it does not match its own digest\nSHA256SUMS is missing\n{whole}"
            ),
        ),
        (
            |run| edit(&run.join(MANIFEST), "\"finished\":true", "\"finished\":false"),
            format!("{sums_alone}manifest.json was altered: it does not match its own digest\n{whole}"),
        ),
        (
            |run| edit(&run.join(MANIFEST), "\"format\":1", "\"format\":3"),
            format!("{sums_alone}manifest.json was altered: it has the format 3, and SHA256SUMS has another digest for it\n{whole}"),
        ),
        (
            |run| edit(&run.join(SUMS), "  findings.json", "  findings.jsom"),
            format!("{intact}SHA256SUMS was altered: line 2 is not the one that manifest.json calls for\n{whole}"),
        ),
        (
            |run| {
                edit(&run.join(SUMS), "  findings.json\n", " *findings.json\n");
                edit(&run.join(MANIFEST), "0.1.0", "0.2.0");
            },
            format!(
                "{sums_alone}manifest.json was altered: it does not match its own digest\n\
                 SHA256SUMS was altered: line 2 is not a digest and a path\nfindings.json was added after the run was sealed\n{whole}"
            ),
        ),
    ];
    for (change, expected) in cases {
        let (_parent, run) = sealed_run();
        change(run.path());
        assert_eq!(said(run.path()), expected);
        assert!(!verify(run.path()).unwrap().is_intact());
    }
}

#[test]
fn an_altered_devtools_log_says_at_which_line() {
    type Change = fn(&str) -> String;
    let cases: [(Change, Option<&str>); 5] = [
        (
            |log| log.replacen("dataReceived", "dataDeceived", 1),
            Some(
                "line 2 of devtools.jsonl.zst does not follow from the line before: the hash it gives for the line before is not that line's",
            ),
        ),
        (
            |log| log.lines().filter(|line| !line.contains("\"seq\":3")).map(|line| format!("{line}\n")).collect(),
            Some("line 4 of devtools.jsonl.zst does not follow from the line before: it has the number 4 and should have 3"),
        ),
        (
            |log| log.lines().take(4).map(|line| format!("{line}\n")).collect(),
            Some("devtools.jsonl.zst had 5 lines when it was sealed; 4 now follow from each other, or the last one differs"),
        ),
        (
            // No line after the last one holds its hash, but the manifest does.
            |log| log.replace("1795000000004", "1795000000009"),
            Some("devtools.jsonl.zst had 5 lines when it was sealed; 5 now follow from each other, or the last one differs"),
        ),
        (|log| log.to_owned(), None),
    ];
    for (change, expected) in cases {
        let (_parent, run) = sealed_run();
        fs::write(run.path().join(DEVTOOLS), zstd::encode_all(change(&log(5)).as_bytes(), 9).unwrap()).unwrap();
        let problems = verify(run.path()).unwrap().problems;
        assert!(matches!(&problems[0], Problem::Altered { path, .. } if path == DEVTOOLS));
        assert_eq!(problems.get(1).map(ToString::to_string).as_deref(), expected);
    }
}

#[test]
fn a_killed_run_says_that_it_is_unfinished_and_how_far_its_log_goes() {
    let (_parent, run) = captured_run();
    let stored = compressed(log(5).as_bytes());
    fs::write(run.path().join(DEVTOOLS), &stored[..stored.len() - 40]).unwrap();
    let verification = verify(run.path()).unwrap();
    assert_eq!((&verification.seal, verification.problems.len(), verification.is_intact()), (&Seal::Absent, 0, false));
    assert_eq!(verification.chain.unwrap().end, ChainEnd::CutOff);
    assert_eq!(
        said(run.path()),
        "unfinished: no manifest, so no file could be checked\n\
         the first 4 lines of the DevTools log follow from each other; the log was cut off after them\n"
    );

    run.seal(&facts(!FINISHED)).unwrap();
    assert!(verify(run.path()).unwrap().is_intact(), "what a killed run left can be sealed as it is");
    assert!(said(run.path()).starts_with("sealed by pixelwitness 0.1.0 as a run that did not reach its end\n"));
}

#[test]
fn a_newer_manifest_is_an_error_and_not_an_alteration() {
    let (_parent, run) = sealed_run();
    edit(&run.path().join(MANIFEST), "\"format\":1", "\"format\":2");
    fs::remove_file(run.path().join(SUMS)).unwrap();
    assert!(Command::new("sh").current_dir(run.path()).args(["-c", "sha256sum manifest.json > SHA256SUMS"]).status().unwrap().success());
    let error = verify(run.path()).unwrap_err();
    assert_eq!(error.to_string(), "its manifest has format 2, and this pixelwitness reads formats up to 1");
    assert_eq!(error.help(), Some("use the version of pixelwitness that wrote it, or a later one"));
}

#[test]
fn sealing_again_vouches_for_what_was_written_and_covers_nothing_up() {
    let (_parent, run) = sealed_run();
    fs::write(run.path().join(NETLOG), b"altered").unwrap();
    fs::write(run.path().join("notes.txt"), b"added").unwrap();
    fs::remove_file(run.path().join("screenshots/step-01-after.png")).unwrap();
    let mut run = RunDirectory::open(run.path()).unwrap();
    run.write(FINDINGS, b"{\"format\":1,\"leaks\":[]}").unwrap();
    run.write("findings.csv", b"recipient\n").unwrap();
    assert_eq!(named(run.path()), ["findings.csv", FINDINGS, NETLOG, "notes.txt", "screenshots/step-01-after.png"]);
    run.seal(&facts(FINISHED)).unwrap();
    assert_eq!(named(run.path()), [NETLOG, "notes.txt", "screenshots/step-01-after.png"]);
}

#[test]
fn a_manifest_whose_digest_was_made_to_fit_is_still_named() {
    use sha2::{Digest as _, Sha256};
    let (_parent, run) = sealed_run();
    let manifest = run.manifest().unwrap().unwrap();
    let old = manifest.digest.clone();
    let text = fs::read_to_string(run.path().join(MANIFEST)).unwrap().replace("\"bytes\":12,", "\"bytes\":13,");
    let without = text.replace(&format!("\"digest\":\"{old}\","), "");
    assert_ne!(without.len(), text.len());
    fs::write(run.path().join(MANIFEST), text.replace(&old, &hex::encode(Sha256::digest(&without)))).unwrap();
    assert_eq!(
        said(run.path()),
        "sealed by pixelwitness 0.1.0\n\
         SHA256SUMS was altered: line 4 is not the one that manifest.json calls for\n\
         manifest.json was altered: it says that findings.json has 13 bytes, and it has 12\n\
         all 5 lines of the DevTools log follow from each other\n"
    );
}

#[test]
fn sha256sum_needs_nothing_of_ours() {
    let (_parent, run) = sealed_run();
    let check = || Command::new("sha256sum").current_dir(run.path()).args(["--check", "--strict", "--quiet", SUMS]).output().unwrap();
    let output = check();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let listed = fs::read_to_string(run.path().join(SUMS)).unwrap();
    let expected: Vec<String> = files(run.path()).into_iter().map(|(path, _)| path).filter(|path| path != SUMS).collect();
    assert_eq!(listed.lines().map(|line| &line[66..]).collect::<Vec<_>>(), expected);

    fs::write(run.path().join(FINDINGS), b"{\"format\":9}").unwrap();
    let output = check();
    assert!(!output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "findings.json: FAILED\n");
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    let edited = text.replacen(from, to, 1);
    assert_ne!(edited, text, "{from} is in {}", path.display());
    fs::write(path, edited).unwrap();
}
