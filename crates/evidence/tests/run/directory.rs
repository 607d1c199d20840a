use std::fs;
use std::io::{self, BufRead as _, Read as _};
use std::os::unix::fs::symlink;
use std::path::Path;

use pixelwitness_evidence::{
    DEVTOOLS, DEVTOOLS_PLAIN, Error, FINDINGS, JOURNEY, MANIFEST, NETLOG, NETLOG_PLAIN, RECORDING, RunDirectory, SUMS,
};

use crate::support::{FINISHED, captured_run, compressed, facts, files, log, recording, sealed_run};

#[test]
fn a_directory_that_cannot_hold_a_new_run_says_why() {
    let parent = tempfile::tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    fs::create_dir(at("full")).unwrap();
    fs::write(at("full/notes.txt"), b"mine").unwrap();
    fs::write(at("file"), b"").unwrap();
    let shown = parent.path().display();
    for (path, message, help) in [
        (
            at("full"),
            format!("{shown}/full exists and is not empty"),
            "name a directory that does not exist yet, or move the earlier run away",
        ),
        (at("file"), format!("{shown}/file is not a directory"), "name a directory"),
        (at("file/run"), format!("{shown}/file is not a directory"), "name a directory"),
        (
            at("absent/run"),
            format!("{shown}/absent does not exist, so {shown}/absent/run cannot be made in it"),
            "make the directory above it first",
        ),
        // Nobody can make a directory there, root included.
        ("/proc/run".into(), "/proc/run cannot be written to".to_owned(), "name a directory below one that you may write to"),
    ] {
        let error = RunDirectory::create(&path).unwrap_err();
        assert_eq!((error.to_string(), error.help()), (message, Some(help)));
    }
    assert_eq!(fs::read(at("full/notes.txt")).unwrap(), b"mine");
}

#[test]
fn an_empty_directory_will_do_for_a_new_run() {
    let parent = tempfile::tempdir().unwrap();
    let run = RunDirectory::create(parent.path()).unwrap();
    assert!(run.path().join("screenshots").is_dir());
}

#[test]
fn what_is_no_run_cannot_be_opened() {
    let parent = tempfile::tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    fs::write(at("file"), b"").unwrap();
    fs::create_dir(at("linked")).unwrap();
    symlink(at("file"), at("linked").join(DEVTOOLS)).unwrap();
    let shown = parent.path().display();
    let not_a_run = |name: &str| format!("{shown}/{name} holds no DevTools log (devtools.jsonl.zst), so it is not the directory of a run");
    for (name, message) in [
        ("absent", format!("{shown}/absent does not exist")),
        ("file", format!("{shown}/file is not a directory")),
        ("file/run", format!("{shown}/file is not a directory")),
        ("empty", not_a_run("empty")),
        ("linked", not_a_run("linked")),
    ] {
        assert_eq!(RunDirectory::open(at(name)).unwrap_err().to_string(), message);
        assert_eq!(pixelwitness_evidence::verify(&at(name)).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_newer_or_altered_manifest_keeps_the_run_from_being_opened() {
    let (_parent, run) = sealed_run();
    let manifest = fs::read_to_string(run.path().join(MANIFEST)).unwrap();
    for (from, to, message) in [
        ("\"format\":1", "\"format\":2", "its manifest has format 2, and this pixelwitness reads formats up to 1"),
        ("0.1.0", "0.1.1", "its manifest.json was altered: it does not match its own digest"),
    ] {
        fs::write(run.path().join(MANIFEST), manifest.replace(from, to)).unwrap();
        assert_eq!(RunDirectory::open(run.path()).unwrap_err().to_string(), message);
        assert_eq!(run.seal(&facts(FINISHED)).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_name_that_is_not_that_of_a_file_of_the_run_is_refused() {
    let (_parent, mut run) = sealed_run();
    let before = files(run.path());
    for name in ["", "..", "../out", "/tmp/out", "screenshots/a.png", "a\0b", ".hidden", "a.tmp-b", DEVTOOLS, NETLOG, MANIFEST, SUMS] {
        assert!(matches!(run.write(name, b"x"), Err(Error::Name { .. })), "{name:?}");
    }
    assert_eq!(files(run.path()), before);
}

#[test]
fn a_file_is_written_anew_in_place() {
    let (_parent, mut run) = sealed_run();
    run.write(FINDINGS, b"again").unwrap();
    assert_eq!(run.read(FINDINGS).unwrap().unwrap(), b"again");
    assert_eq!(run.read("absent.json").unwrap(), None);
    assert!(run.journey().unwrap().unwrap().starts_with("name = \"search\""));
    fs::write(run.path().join(JOURNEY), b"\xff").unwrap();
    assert!(matches!(run.journey(), Err(Error::Read { .. })));
}

#[test]
fn a_recording_comes_back_and_its_bytes_are_always_the_same() {
    let (_parent, mut run) = sealed_run();
    let stored = fs::read(run.path().join(RECORDING)).unwrap();
    run.write_recording(&recording()).unwrap();
    assert_eq!(fs::read(run.path().join(RECORDING)).unwrap(), stored);
    assert_eq!(run.recording().unwrap(), recording());
    assert!(run.recording_is(&recording()).unwrap());
    let mut other = recording();
    other.completeness.finished ^= true;
    assert!(!run.recording_is(&other).unwrap());
}

#[test]
fn a_recording_that_is_not_whole_is_an_error() {
    let (_parent, run) = sealed_run();
    let path = run.path().join(RECORDING);
    let stored = fs::read(&path).unwrap();
    for length in 0..stored.len() {
        fs::write(&path, &stored[..length]).unwrap();
        assert!(matches!(run.recording(), Err(Error::Recording(_))), "cut at {length}");
        assert!(!matches!(run.recording_is(&recording()), Ok(true)), "cut at {length}");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(run.recording().unwrap_err().to_string(), "it has no recording.jsonl.zst");
}

#[test]
fn a_log_that_was_cut_off_gives_what_it_has_and_then_says_so() {
    let (_parent, run) = captured_run();
    let text = log(40);
    let stored = compressed(text.as_bytes());
    let mut longest = 0;
    for length in 1..stored.len() {
        fs::write(run.path().join(DEVTOOLS), &stored[..length]).unwrap();
        let mut read = Vec::new();
        let error = run.devtools().unwrap().read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {length}");
        assert!(text.as_bytes().starts_with(&read));
        assert!(read.len() >= longest, "a longer file gives no less");
        longest = read.len();
    }
    assert_eq!(longest, text.len(), "every flushed line is there before the stream is finished");
}

#[test]
fn a_log_may_lie_there_decompressed() {
    let (_parent, run) = captured_run();
    fs::remove_file(run.path().join(DEVTOOLS)).unwrap();
    fs::remove_file(run.path().join(NETLOG)).unwrap();
    assert!(matches!(run.devtools(), Err(Error::Missing { .. })));
    assert!(run.netlog().unwrap().is_none());
    fs::write(run.path().join(DEVTOOLS_PLAIN), log(3)).unwrap();
    fs::write(run.path().join(NETLOG_PLAIN), "{}\n").unwrap();
    let run = RunDirectory::open(run.path()).unwrap();
    assert_eq!(run.devtools().unwrap().lines().count(), 3);
    assert_eq!(run.netlog().unwrap().unwrap().lines().count(), 1);
    run.seal(&facts(FINISHED)).unwrap();
    assert_eq!(run.manifest().unwrap().unwrap().chain.unwrap().log, DEVTOOLS_PLAIN);
}

#[test]
fn a_picture_is_found_by_its_name_and_nothing_else_is() {
    let (parent, run) = sealed_run();
    fs::write(parent.path().join("secret.png"), b"secret").unwrap();
    symlink(parent.path().join("secret.png"), run.path().join("screenshots/link.png")).unwrap();
    assert!(run.screenshot("step-01-after.png").unwrap().unwrap().starts_with(b"\x89PNG"));
    for name in ["step-02-after.png", "../findings.json", "../../secret.png", "/etc/passwd", "link.png", "", ".", "a\0"] {
        assert_eq!(run.screenshot(name).unwrap(), None, "{name:?}");
    }
    fs::remove_dir_all(run.path().join("screenshots")).unwrap();
    symlink(parent.path(), run.path().join("screenshots")).unwrap();
    assert_eq!(run.screenshot("secret.png").unwrap(), None);
}

#[test]
fn what_a_crash_left_behind_does_not_keep_a_run_from_being_opened() {
    let (_parent, run) = captured_run();
    let left_over = ".findings.json.tmp-Ab12";
    fs::write(run.path().join(left_over), b"{\"form").unwrap();
    let mut run = RunDirectory::open(run.path()).unwrap();
    run.write(FINDINGS, b"{}").unwrap();
    run.seal(&facts(!FINISHED)).unwrap();
    let manifest = run.manifest().unwrap().unwrap();
    assert!(!manifest.finished);
    let paths: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [DEVTOOLS, FINDINGS, NETLOG, "screenshots/step-01-after.png"]);
    assert!(Path::new(run.path()).join(left_over).exists());
}
