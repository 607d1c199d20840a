//! Where runs are written, what is left out when an audit goes on, and how a site is reached whose scheme nobody named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use pixelwitness_evidence::RunDirectory;

use crate::support::server::{Server, html};
use crate::support::{Bench, Ended, repository, run, tool};

const CLEAN: &str = "https://www.marlstone-practice.example/";

/// A server of plain HTTP, for `plain.test`.
fn plain_server() -> Server {
    Server::start(|_| html("<!doctype html><title>Plain</title><link rel=icon href='data:,'><p>Hello"))
}

fn audit(bench: &Bench, server: &Server, out: &str) -> Command {
    let mut command = bench.audit_command_mapping(out, &[&server.rule("plain.test")]);
    command.args(["--dwell", "0"]);
    command
}

/// Every file below a directory.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(self::files(&entry));
        } else {
            files.insert(entry.display().to_string(), fs::read(&entry).unwrap());
        }
    }
    files
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn notes(ended: &Ended) -> Vec<&str> {
    ended.stderr.lines().filter(|line| line.contains("note: ")).collect()
}

#[test]
fn a_site_whose_scheme_nobody_named_is_visited_by_http_where_https_cannot_be_reached() {
    let (bench, server) = (Bench::new(), plain_server());
    let ended = run(audit(&bench, &server, "run").arg("plain.test/welcome"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(server.asked(), ["/welcome"]);
    let [note] = notes(&ended)[..] else { panic!("one note: {ended:?}") };
    assert!(note.starts_with("note: https://plain.test/welcome could not be visited: "), "{note}");
    assert!(note.contains("it is tried over http (what was captured over https is in "), "{note}");

    // Both are whole runs, and the name of the one that counts says why it is not over https.
    for (out, name, visited) in [
        ("run", "http://plain.test/welcome (https could not be reached: ERR_", "visit http://plain.test/welcome"),
        ("run-over-https", "https://plain.test/welcome", "visit https://plain.test/welcome"),
    ] {
        assert_eq!(run(tool().arg("verify").arg(bench.path(out))).code, Some(0), "{out}");
        let journey = RunDirectory::open(bench.path(out)).unwrap().recording().unwrap().journey;
        assert!(journey.name.starts_with(name), "{}", journey.name);
        assert_eq!(journey.steps[0].to_string(), visited);
    }
    assert!(ended.stdout.contains("(https could not be reached: "), "{ended:?}");
}

#[test]
fn http_is_not_tried_where_https_works_was_asked_for_or_would_not_help() {
    let (bench, server) = (Bench::new(), plain_server());
    let nowhere = "no-such-host.invalid";
    let journey = "name = \"Somebody said https\"\n[[step]]\nvisit = \"https://plain.test/\"\n";
    fs::write(bench.path("https.toml"), journey).unwrap();
    let https = bench.path("https.toml");
    for (number, (arguments, code)) in [
        (["www.marlstone-practice.example/", "--quiet"], 0),
        ([nowhere, "--quiet"], 2),
        (["https://plain.test/", "--quiet"], 2),
        (["--journey", https.to_str().unwrap()], 2),
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("run-{number}");
        // The lab stands for every host that is not led elsewhere; this one is not to be there.
        let mut command = if arguments[0] == nowhere { tool() } else { audit(&bench, &server, &out) };
        if arguments[0] == nowhere {
            command.args(["audit", "--out", bench.path(&out).to_str().unwrap()]);
        }
        let ended = run(command.args(arguments.iter().filter(|word| **word != "--quiet")));
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert_eq!(notes(&ended), Vec::<&str>::new(), "{ended:?}");
        assert!(!bench.path(&format!("{out}-over-https")).exists());
    }
    assert_eq!(server.asked(), Vec::<String>::new(), "nothing was asked over http");
}

#[test]
fn a_journey_file_may_leave_out_the_scheme_too() {
    let (bench, server) = (Bench::new(), plain_server());
    fs::write(bench.path("plain.toml"), "name = \"Plain\"\n[[step]]\nvisit = \"plain.test/a\"\n[[step]]\nvisit = \"plain.test/b\"\n")
        .unwrap();
    let ended = run(audit(&bench, &server, "run").arg("--journey").arg(bench.path("plain.toml")));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(server.asked(), ["/a", "/b"]);
    let stored = fs::read_to_string(bench.path("run/journey.toml")).unwrap();
    assert!(stored.starts_with("name = \"Plain (https could not be reached: ERR_"), "{stored}");
}

#[test]
fn a_run_that_is_there_stays_as_it_is_and_the_new_one_goes_beside_it() {
    let (bench, server) = (Bench::new(), plain_server());
    let audit = || run(audit(&bench, &server, "run").arg("http://plain.test/"));
    let first = audit();
    assert_eq!((first.code, notes(&first).len()), (Some(0), 0), "{first:?}");
    let before = files(&bench.path("run"));
    for number in [2, 3] {
        let ended = audit();
        let (run, beside) = (bench.path("run").display().to_string(), bench.path(&format!("run-{number}")).display().to_string());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(notes(&ended), [format!("note: {run} is there already: this is written to {beside}")]);
        assert!(ended.stdout.contains(&format!("{beside}/report.html")), "{ended:?}");
    }
    assert!(files(&bench.path("run")) == before, "the first run was touched");

    // Several journeys go into a directory that is no run itself.
    let ended = run(self::audit(&bench, &server, "run").args(["http://plain.test/a", "http://plain.test/b"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(names(&bench.path("run-4")), ["plain.test", "plain.test-2"]);
    assert!(files(&bench.path("run")) == before, "the first run was touched");
}

#[test]
fn a_case_that_is_there_stays_as_it_is() {
    let temporary = tempfile::tempdir().unwrap();
    let case = temporary.path().join("case");
    let read = || run(tool().arg("read").arg(repository().join("crates/captures/fixtures/chrome.har")).arg("--out").arg(&case));
    let first = read();
    assert!(matches!(first.code, Some(0 | 1)) && notes(&first).is_empty(), "{first:?}");
    let before = files(&case);
    let second = read();
    assert_eq!((second.code, notes(&second).len()), (first.code, 1), "{second:?}");
    assert_eq!(names(temporary.path()), ["case", "case-2"]);
    assert!(files(&case) == before);
}

#[test]
fn an_audit_goes_on_with_what_is_not_done() {
    let (bench, server) = (Bench::new(), plain_server());
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    fs::write(bench.path("list.txt"), format!("{CLEAN}\nhttp://plain.test/a # plain\nhttp://closed.test/\n")).unwrap();
    fs::write(bench.path("other.txt"), format!("{CLEAN}\nhttp://plain.test/b\n")).unwrap();
    let audit = |list: &str, more: &[&str]| {
        let rules = [server.rule("plain.test"), format!("closed.test={nowhere}")];
        let mut command = bench.audit_command_mapping("runs", &rules.each_ref().map(String::as_str));
        command.args(["--dwell", "0", "--urls"]).arg(bench.path(list)).args(more);
        run(&mut command)
    };
    let done = |name: &str| format!("note: {} is done: its run is not made again", bench.path("runs").join(name).display());
    let elsewhere = |name: &str, other: &str| {
        let path = |name: &str| bench.path("runs").join(name).display().to_string();
        format!("note: {} is there already: this is written to {}", path(name), path(other))
    };
    let (clean, plain, closed) = ("www.marlstone-practice.example", "plain.test", "closed.test");

    let first = audit("list.txt", &[]);
    assert_eq!(first.code, Some(2), "{first:?}");
    assert_eq!(names(&bench.path("runs")), [closed, plain, clean]);
    let before = files(&bench.path("runs"));

    // Those that reached their end are not made again; the one that did not is, beside what it left.
    let second = audit("list.txt", &["--resume", "--json"]);
    assert_eq!(second.code, Some(2), "the third fails again: {second:?}");
    assert_eq!(notes(&second), [done(clean), done(plain), elsewhere(closed, "closed.test-2")]);
    let told: Vec<serde_json::Value> = serde_json::from_str(&second.stdout).unwrap();
    assert_eq!(told[0]["findings"]["journey"], CLEAN, "what was found in them counts: {told:?}");
    assert_eq!(server.asked(), ["/a"]);
    assert!(files(&bench.path("runs")).iter().filter(|(path, _)| before.contains_key(*path)).all(|(path, bytes)| before[path] == *bytes));

    // A run that was altered, or was of another journey, proves nothing. What was made instead counts from then on.
    fs::write(bench.path("runs").join(clean).join("findings.json"), "{}").unwrap();
    let third = audit("other.txt", &["--resume"]);
    assert_eq!(third.code, Some(0), "{third:?}");
    assert_eq!(notes(&third), [elsewhere(clean, &format!("{clean}-2")), elsewhere(plain, "plain.test-2")]);
    assert_eq!(server.asked(), ["/a", "/b"]);
    let fourth = audit("other.txt", &["--resume"]);
    assert_eq!(fourth.code, Some(0), "{fourth:?}");
    assert_eq!(notes(&fourth), [done(&format!("{clean}-2")), done("plain.test-2")]);
    assert_eq!(server.asked(), ["/a", "/b"]);
}
