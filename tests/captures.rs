//! Captures that were made elsewhere, as whole cases.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::{Body, GapKind, Recording, Sender};
use serde_json::Value;

use crate::support::server::{Server, html};
use crate::support::{all_wanted, repository, run, tool};

fn fixture(name: &str) -> PathBuf {
    repository().join("crates/captures/fixtures").join(name)
}

fn read(directory: &Path, files: &[PathBuf], more: &[&str]) -> crate::support::Ended {
    run(tool().arg("read").args(files).arg("--out").arg(directory).args(more))
}

fn recording(directory: &Path) -> Recording {
    RunDirectory::open(directory).unwrap().recording().unwrap()
}

#[test]
fn a_case_of_captures_is_sealed_and_verified_and_read_again() {
    let temporary = tempfile::tempdir().unwrap();
    let case = temporary.path().join("case");
    let files = [fixture("chrome.har"), fixture("urls.txt")];
    let made = read(&case, &files, &["--canary", "email=maria@example.org"]);
    assert_eq!(made.code, Some(1), "{made:?}");
    for sentence in [
        "What left the browser: chrome.har, urls.txt\n1 page on clinic.example; read from chrome.har (HAR by WebInspector 537.36), urls.txt",
        "the page address https://www.clinic.example/hiv/testing",
        "the identifier of a person's account 100000000000001 (c_user): somebody was logged in there",
        "chat.example received (chat.example):\n  the e-mail address \u{201c}maria@example.org\u{201d}",
        "Completeness: 9 requests in 2 captures:",
        "No claim of completeness is made: what is shown was captured elsewhere, not by pixelwitness, and not all of it could be read.",
    ] {
        assert!(folded(&made.stdout).contains(&folded(sentence)), "{sentence}\n{}", made.stdout);
    }
    for (stored, given) in ["01-chrome.har", "02-urls.txt"].iter().zip(&files) {
        assert_eq!(
            fs::read(case.join("captures").join(stored)).unwrap(),
            fs::read(given).unwrap(),
            "the evidence is the file, byte for byte"
        );
    }
    let page = fs::read_to_string(case.join("report.html")).unwrap();
    for words in ["pixelwitness ran no browser here", "chrome.har entry 4", "urls.txt line 3", "a capture made elsewhere"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(
        !page.contains("One fresh browser ran the journey") && !page.contains("Third-party cookies"),
        "nothing is said of a browser of ours"
    );

    let findings = fs::read(case.join("findings.json")).unwrap();
    for command in ["classify", "report"] {
        let again = run(tool().arg(command).arg(&case));
        assert_eq!((again.code, &again.stdout), (Some(1), &made.stdout), "{command}");
        assert_eq!(fs::read(case.join("findings.json")).unwrap(), findings, "{command}");
    }
    let verified = run(tool().arg("verify").arg(&case));
    assert!(verified.is_reproduced(), "{verified:?}");

    let stored = case.join("captures/01-chrome.har");
    let changed = fs::read_to_string(&stored).unwrap().replacen("maria@", "mario@", 1);
    fs::write(&stored, changed).unwrap();
    let verified = run(tool().arg("verify").arg(&case));
    assert!(verified.code == Some(1) && verified.stdout.contains("captures/01-chrome.har was altered"), "{verified:?}");
}

#[test]
fn files_beside_a_har_come_along_and_are_sealed() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("recorded");
    fs::create_dir(&folder).unwrap();
    let post = |file: &str| {
        format!(
            r#"{{"request":{{"method":"POST","url":"https://collect.example/c","headers":[],"postData":{{"mimeType":"text/plain","text":"","_file":"{file}"}}}},
            "response":{{"status":200}}}}"#
        )
    };
    // The SHA-1 of the body, of "nowhere", "elsewhere" and "not named".
    let there = "ff0d7afd6cba27ed0ea803630ad90c957ac29eae.txt";
    let missing = "916001a3bfa343d010b9fde88ef915507f6f6205.txt";
    let linked = "8baf1a8505b71286dc5ae8e3d10fc8de1aa368ca.txt";
    let unnamed = "93cde15e8516abc35615f392f4ca3f6d2ee4f7b9.txt";
    let entries = [there, missing, linked].map(post).join(",");
    fs::write(folder.join("clinic.har"), format!(r#"{{"log":{{"creator":{{"name":"Playwright"}},"entries":[{entries}]}}}}"#)).unwrap();
    fs::write(folder.join(there), "email=maria@example.org").unwrap();
    fs::write(folder.join(unnamed), "not named").unwrap();
    fs::write(temporary.path().join("elsewhere"), "elsewhere").unwrap();
    std::os::unix::fs::symlink(temporary.path().join("elsewhere"), folder.join(linked)).unwrap();

    let case = temporary.path().join("case");
    let more = ["--canary", "email=maria@example.org", "--first-party", "clinic.example"];
    let made = read(&case, &[folder.join("clinic.har")], &more);
    assert!(made.code == Some(1) && made.stdout.contains("the e-mail address \u{201c}maria@example.org\u{201d}"), "{made:?}");
    let missed = |name: &str| format!("the file {name}, in which the HAR keeps it, is missing");
    let said = folded(&made.stdout);
    assert!(said.contains(&missed(missing)) && said.contains(&missed(linked)), "{}", made.stdout);
    let kept = case.join("captures/01-clinic.har.files");
    let names: Vec<_> = fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [there], "what is named and there, and no link");

    fs::remove_dir_all(&folder).unwrap();
    let again = run(tool().arg("classify").arg(&case));
    assert_eq!((again.code, &again.stdout), (Some(1), &made.stdout), "the case stands by itself");
    let verify = || run(tool().arg("verify").arg(&case));
    assert!(verify().is_reproduced(), "{:?}", verify());
    let altered = format!("captures/01-clinic.har.files/{there} was altered");
    fs::write(kept.join(there), "email=mario@example.org").unwrap();
    assert!(verify().code == Some(1) && verify().stdout.contains(&altered), "{:?}", verify());
    fs::write(kept.join(there), "email=maria@example.org").unwrap();
    assert!(verify().is_reproduced());
    fs::write(kept.join(missing), "nowhere").unwrap();
    assert!(verify().code == Some(1) && verify().stdout.contains(missing), "what was added since: {:?}", verify());
}

/// Saved twice, a capture shows nothing that was sent twice.
#[test]
fn a_copy_of_a_capture_is_kept_and_not_counted() {
    let temporary = tempfile::tempdir().unwrap();
    let copy = temporary.path().join("chrome (1).har");
    fs::copy(fixture("chrome.har"), &copy).unwrap();
    let (one, two) = (temporary.path().join("one"), temporary.path().join("two"));
    let made = [read(&one, &[fixture("chrome.har")], &[]), read(&two, &[fixture("chrome.har"), copy], &[])];
    assert_eq!([made[0].code, made[1].code], [Some(1), Some(1)], "{made:?}");
    assert_eq!(recording(&one).requests, recording(&two).requests);
    assert!(folded(&made[1].stdout).contains("chrome (1).har: byte for byte the same file as chrome.har"), "{}", made[1].stdout);
    assert!(two.join("captures/02-chrome (1).har").exists(), "what was handed over is kept");
    assert!(run(tool().arg("verify").arg(&two)).is_reproduced());
}

#[test]
fn a_site_that_is_named_is_first_party() {
    let temporary = tempfile::tempdir().unwrap();
    let list = temporary.path().join("list");
    fs::write(&list, "https://www.clinic.example/hiv\nhttps://collect.example/?dl=https://www.clinic.example/hiv\n").unwrap();
    let named = ["--first-party", "www.clinic.example"];
    for (case, more, pages) in [("without", &[][..], "no page is known"), ("with", &named, "no page of clinic.example is known")] {
        let made = read(&temporary.path().join(case), std::slice::from_ref(&list), more);
        assert!(made.stdout.contains(&format!("{pages}; read from list (list of addresses)")), "{made:?}");
        assert_eq!(made.stdout.contains("1 request to third parties"), !more.is_empty(), "{made:?}");
        assert_eq!(made.stdout.contains("Whose page this was is not known"), more.is_empty(), "{made:?}");
    }
}

/// A page that tells a tracker where it is, and then loads enough for the log to be written out.
const PAGE: &str = "<!doctype html><title>Testing</title><script>
    const request = new XMLHttpRequest();
    request.open('POST', 'http://collect.test/c', false);
    try { request.send('email=maria%40example.org'); } catch {}
</script>";

#[test]
fn a_persons_own_netlog_is_read_as_far_as_it_was_allowed_to_be_written() {
    let images: String = (0..40).map(|number| format!("<img src=\"/{number}.png\">")).collect();
    let page = format!("{PAGE}{images}");
    let server = Server::start(move |path| match path {
        "/" => html(&page).replacen("\r\n", "\r\nSet-Cookie: sid=secret-cookie\r\n", 1),
        _ => "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    });
    let temporary = tempfile::tempdir().unwrap();
    for (mode, cookies, bytes) in [("Default", false, false), ("IncludeSensitive", true, false), ("Everything", true, true)] {
        let log = temporary.path().join(format!("{mode}.json"));
        net_export(&log, mode, &server, temporary.path());
        let case = temporary.path().join(mode);
        let made = read(&case, &[log], &["--canary", "email=maria@example.org"]);
        let recording = recording(&case);
        let capture = &recording.completeness.captures[0];
        assert!(capture.made_by.starts_with("Chromium ") || capture.made_by.contains("Chrom"), "{capture:?}");
        let pages: Vec<&str> = recording.steps.iter().map(|step| step.url_after.as_str()).collect();
        assert_eq!(pages, ["http://clinic.test/"], "{mode}");
        let of =
            |url: &str| recording.requests.iter().find(|request| request.url.as_str() == url && request.sender == Sender::Page).unwrap();
        let sent = of("http://collect.test/c");
        assert_eq!((sent.method.as_str(), sent.page_url.as_deref()), ("POST", Some("http://clinic.test/")), "{mode}");
        assert_eq!(matches!(sent.body, Body::Bytes(_)), bytes, "{mode}: {:?}", sent.body);
        assert_eq!(of("http://clinic.test/0.png").header("cookie") == Some("sid=secret-cookie"), cookies, "{mode}");
        let gap = |kind| recording.gaps.iter().any(|gap| gap.kind == kind && gap.request.is_none());
        assert_eq!((gap(GapKind::LeftOut), gap(GapKind::BodyUnavailable)), (!cookies, !bytes), "{mode}: {:?}", recording.gaps);
        assert!(gap(GapKind::NotTold), "{mode}");
        let bodies = format!("the bodies of {} request", recording.completeness.bodies_unavailable);
        assert_eq!(recording.gaps.iter().any(|gap| gap.why.contains(&bodies)), !bytes, "{mode}: {bodies}, {:?}", recording.gaps);
        assert_eq!(made.code, Some(i32::from(bytes)), "{mode}: {made:?}");
        assert_eq!(made.stdout.contains("maria@example.org\u{201d}"), bytes, "{mode}: {made:?}");
    }
}

/// What `chrome://net-export` does, from the command line. The browser is stopped as soon as the page is there, so the log lacks its end.
fn net_export(log: &Path, mode: &str, server: &Server, directory: &Path) {
    let ended = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"])
        .arg(format!("--user-data-dir={}", directory.join(format!("profile-{mode}")).display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("--net-log-capture-mode={mode}"))
        .arg(format!("--host-resolver-rules=MAP * {}", server.address))
        .arg("http://clinic.test/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&ended.stdout).contains("Testing"), "{ended:?}");
}

/// Held by the system: more than that cannot be had, whatever is in the file.
#[test]
fn a_har_that_is_larger_than_memory_is_read_within_300_mib() {
    let answers = if all_wanted() { 5_000 } else { 350 };
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("large.har");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    let body = "x".repeat(200_000);
    file.write_all(br#"{"log":{"version":"1.2","creator":{"name":"Firefox","version":"140.0"},"entries":["#).unwrap();
    for number in 0..answers {
        let comma = if number == 0 { "" } else { "," };
        // One answer alone is a fifth of what may be used.
        let long = if number == 7 { body.repeat(300) } else { String::new() };
        write!(
            file,
            r#"{comma}{{"startedDateTime":"2026-11-25T10:00:00.{:03}Z","request":{{"method":"POST","url":"https://collect.example/c?n={number}","headers":[{{"name":"Content-Type","value":"text/plain"}}],"bodySize":3,"postData":{{"mimeType":"text/plain","text":"a=b"}}}},"response":{{"status":200,"headers":[],"content":{{"mimeType":"text/html","text":"{body}{long}"}}}}}}"#,
            number % 1000
        )
        .unwrap();
    }
    file.write_all(b"]}}").unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
    let size = fs::metadata(&path).unwrap().len();
    assert!(size > if all_wanted() { 1_000_000_000 } else { 128_000_000 }, "{size}");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 307200 && exec \"$0\" \"$@\""]).arg(env!("CARGO_BIN_EXE_pixelwitness"));
    let case = temporary.path().join("case");
    let made = run(command.arg("read").arg(&path).arg("--out").arg(&case).args(["--first-party", "clinic.example"]));
    assert_eq!(made.code, Some(0), "{made:?}");
    let recording = recording(&case);
    assert_eq!((recording.requests.len(), recording.completeness.captures[0].whole), (answers, true));
    assert!(recording.requests.iter().all(|request| request.body == Body::from(b"a=b".to_vec())));
}

/// Whom a case says that anything was received by, each with its party, and whether the e-mail address was.
fn received(name: &str) -> (Option<i32>, Vec<(String, String)>, Vec<String>) {
    let temporary = tempfile::tempdir().unwrap();
    let case = temporary.path().join("case");
    let made = read(&case, &[fixture("field").join(name)], &["--canary", "email=alex.morgan@post.example"]);
    let findings: Value = serde_json::from_slice(&fs::read(case.join("findings.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let recipients = findings["recipients"].as_array().unwrap();
    let parties = recipients.iter().map(|recipient| (text(&recipient["id"]), text(&recipient["party"]))).collect();
    let leaks = findings["leaks"].as_array().unwrap().iter().filter(|leak| leak.to_string().contains("alex.morgan@post.example"));
    let mut told: Vec<String> = leaks.map(|leak| text(&leak["recipient"])).collect();
    told.sort();
    told.dedup();
    (made.code, parties, told)
}

/// Captures as people met them in the field, as far as reading them decides what is said.
#[test]
fn captures_of_the_field_tell_who_received_what() {
    let third = |id: &str| (id.to_owned(), "third".to_owned());
    for (name, told) in [
        ("har-answer-blocked-by-orb.har", "tracker.example"),
        ("har-postdata-text-is-an-object.har", "beacon.example"),
        ("proxy-har-frame-is-not-a-page.har", "tracker.example"),
        ("openwpm-http_requests.txt", "beacon.example"),
    ] {
        let (code, parties, recipients) = received(name);
        assert_eq!((code, &recipients[..]), (Some(1), &[told.to_owned()][..]), "{name}");
        assert!(parties.contains(&third(told)), "{name} {parties:?}");
    }
    for name in ["chrome-har-gzip-body-as-latin1.har", "httptoolkit-content.har"] {
        let (code, _, recipients) = received(name);
        assert!(code == Some(1) && recipients.len() == 1, "{name} {recipients:?}");
    }
    let (_, parties, _) = received("proxy-har-browsers-own-requests.har");
    assert!(!parties.iter().any(|(_, party)| party == "third"), "{parties:?}");
}

#[test]
fn a_file_that_can_be_converted_is_refused_with_the_command() {
    let temporary = tempfile::tempdir().unwrap();
    for (name, content, words) in [
        (
            "a.mitm",
            b"1688:9:websocket;0:~8:response;0:~7:request;273:4:path;5:/path".as_slice(),
            "mitmdump -nr FILE --set hardump=FILE.har",
        ),
        ("a.parquet", b"PAR1\x15\x04", "duckdb -c \"COPY (FROM 'FILE') TO 'FILE.csv' (HEADER)\""),
        ("a.pcapng", b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "pcapng_to_har -i FILE.pcapng -o FILE.har"),
    ] {
        let file = temporary.path().join(name);
        fs::write(&file, content).unwrap();
        let case = temporary.path().join("case");
        let made = read(&case, std::slice::from_ref(&file), &[]);
        assert!(made.code == Some(2) && !case.exists(), "{made:?}");
        let words = words.replace("FILE", file.to_str().unwrap());
        assert!(folded(&made.stderr).contains(&folded(&words)), "{words}\n{}", made.stderr);
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
