//! What a person can get wrong: one clear sentence, a `help:` line, exit status 2.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use pixelwitness_recording::Recording;

use crate::support::server::{Server, html};
use crate::support::{Bench, Ended, run, tool};

const CLEAN: &str = "https://www.marlstone-practice.example/";

#[test]
fn what_cannot_be_visited_is_said() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let bench = Bench::new();
    for (number, (address, trusted, sentence)) in [
        ("https://no-such-host.invalid/", false, "its host name is unknown"),
        (closed.as_str(), false, "the connection was refused"),
        (CLEAN, false, "its TLS certificate is not valid"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("run-{number}");
        let mut command = if trusted { bench.audit_command(&out) } else { tool() };
        if !trusted {
            command.arg("audit").arg("--quiet").arg("--out").arg(bench.path(&out));
            if address == CLEAN {
                command.args(["--resolve", &bench.resolve_rule()]);
            }
        }
        let ended = run(command.arg(address));
        says(&ended, &format!("step 1 failed: {address} could not be visited: {sentence}"));
        assert!(bench.path(&out).join("findings.json").exists(), "what was captured is kept");
    }
}

#[test]
fn a_certificate_that_no_trusted_authority_made_is_said_with_what_to_do() {
    let (bench, other) = (Bench::new(), Bench::new());
    let mut command = tool();
    command.arg("audit").arg("--quiet").arg("--out").arg(bench.path("run")).args(["--resolve", &bench.resolve_rule(), CLEAN]);
    let ended = run(command.arg("--trust").arg(other.path("authority.pem")));
    says(
        &ended,
        &format!("step 1 failed: {CLEAN} could not be visited: its TLS certificate is not valid: no authority known here vouches"),
    );
    assert!(
        ended.stderr.contains("help: the authority of --trust is believed only where the server sends its certificate along"),
        "{ended:?}"
    );
}

#[test]
fn words_that_are_not_understood_are_said() {
    let bench = Bench::new();
    fs::write(bench.path("wrong.toml"), "name = \"x\"\n\n[[step]]\nvisitt = \"https://clinic.example/\"\n").unwrap();
    fs::write(bench.path("no.pem"), "no certificate").unwrap();
    fs::create_dir(bench.path("vendors")).unwrap();
    fs::write(bench.path("vendors/x.toml"), "id = 3\n").unwrap();
    fs::create_dir(bench.path("full")).unwrap();
    fs::write(bench.path("full/a-file"), "kept").unwrap();
    let (wrong, pem, vendors, full) = (bench.path("wrong.toml"), bench.path("no.pem"), bench.path("vendors"), bench.path("full"));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (wrong, pem, vendors, full) = (text(&wrong), text(&pem), text(&vendors), text(&full));
    fs::write(bench.path("list.txt"), "https://clinic.example/\n").unwrap();
    fs::write(bench.path("no-step.toml"), "name = \"x\"\n").unwrap();
    fs::write(bench.path("not-text"), b"a.example\n\xff\n").unwrap();
    fs::write(bench.path("empty"), "").unwrap();
    fs::create_dir_all(bench.path("newer/screenshots")).unwrap();
    fs::write(bench.path("newer/devtools.jsonl"), "").unwrap();
    fs::write(bench.path("newer/manifest.json"), "{\"format\":99}").unwrap();
    let [list, no_step, not_text, empty, newer] =
        ["list.txt", "no-step.toml", "not-text", "empty", "newer"].map(|name| text(&bench.path(name)));
    for (arguments, sentence) in [
        (
            vec!["audit", "clinic"],
            "\"clinic\" is not a web address: it has neither a scheme (https://) nor the host name of a site".to_owned(),
        ),
        (vec!["audit", "www clinic.example"], "\"www clinic.example\" is not a web address: it has a space in it".to_owned()),
        (vec!["audit", "search.toml"], "\"search.toml\" is not a web address: it looks like a journey file".to_owned()),
        (vec!["audit", ""], "\"\" is not a web address: it names no host".to_owned()),
        (
            vec!["audit", "ftp://clinic.example/"],
            "\"ftp://clinic.example/\" is not a web address: pages are visited by http and https, not ftp".to_owned(),
        ),
        (vec!["audit"], "the following required arguments were not provided: <URL>".to_owned()),
        (vec!["audit", CLEAN, "--colour"], "unexpected argument '--colour' found".to_owned()),
        (
            vec!["audit", CLEAN, "--dwell", "long"],
            "invalid value 'long' for '--dwell <SECONDS>': it takes a number of seconds from 0 to 3600".to_owned(),
        ),
        (
            vec!["audit", CLEAN, "--allow-network", "10.20.3.4/16"],
            "invalid value '10.20.3.4/16' for '--allow-network <CIDR>': 10.20.3.4/16 names one address in a network; the network itself is \
             10.20.0.0/16"
                .to_owned(),
        ),
        (
            vec!["audit", CLEAN, "--deadline", "0"],
            "invalid value '0' for '--deadline <SECONDS>': it takes a number of seconds from 1 to 86400".to_owned(),
        ),
        (vec!["audit", CLEAN, "--resolve", "x"], "cannot run the journey: \"x\" is not of the form PATTERN=ADDRESS:PORT".to_owned()),
        (vec!["audit", CLEAN, "--trust", &pem], format!("cannot run the journey: {pem} is not a certificate in PEM form: ")),
        (
            vec!["audit", CLEAN, "--trust", "/no/such/file"],
            "cannot run the journey: /no/such/file could not be read: No such file or directory".to_owned(),
        ),
        (vec!["audit", CLEAN, "--vendors", &vendors], format!("cannot use the vendor definition: {vendors}/x.toml, line 1, column 6: ")),
        (vec!["audit", CLEAN, "--lists", "/no/such/lists"], "cannot read /no/such/lists: No such file or directory".to_owned()),
        (vec!["audit", "--journey", "/no/such/file"], "cannot read the journey /no/such/file: No such file or directory".to_owned()),
        (
            vec!["audit", "--journey", &wrong],
            format!("cannot use the journey {wrong}: line 4, column 1: step 1: `visitt` is no action; did you mean `visit`?"),
        ),
        (vec!["audit", "--journey", &no_step], format!("cannot use the journey {no_step}: line 1, column 1: it has no step")),
        (vec!["audit", "--journey", &not_text], format!("cannot read the journey {not_text}: stream did not contain valid UTF-8")),
        (vec!["audit", "--urls", "/no/such/file"], "cannot read the addresses of /no/such/file: No such file or directory".to_owned()),
        (vec!["audit", "--urls", &full], format!("cannot read the addresses of {full}: Is a directory")),
        (vec!["audit", "--urls", &empty], format!("{empty} holds no address")),
        (vec!["audit", "--urls", "-"], "the standard input holds no address".to_owned()),
        (vec!["audit", "--urls", &not_text], format!("{not_text}, line 2: this is not text in UTF-8")),
        (vec!["audit", CLEAN, "--resume"], "the following required arguments were not provided: --out <DIR>".to_owned()),
        (
            vec!["audit", CLEAN, "--browser", "/no/such/browser"],
            "cannot run the journey: /no/such/browser cannot be started: No such file or directory".to_owned(),
        ),
        (
            vec!["audit", CLEAN, "--browser", "/bin/ls"],
            "cannot run the journey: /bin/ls is not Chromium or Chrome: asked for its version it said \"ls ".to_owned(),
        ),
        (vec!["audit", CLEAN, "--browser", "/bin/false"], "cannot run the journey: /bin/false is not Chromium or Chrome".to_owned()),
        (vec!["audit", CLEAN, "--out", &full], format!("cannot use the directory of the run: {full} exists and is not empty")),
        (vec!["audit", CLEAN, "--out", "/proc/run"], "cannot use the directory of the run: /proc/run cannot be written to".to_owned()),
        (
            vec!["audit", CLEAN, "--out", "/no/such/place/run"],
            "cannot use the directory of the run: /no/such/place does not exist".to_owned(),
        ),
        (vec!["audit", CLEAN, "--sinkhole", "*"], "cannot use the sinkhole: \"*\" is every host, the site itself among them".to_owned()),
        (
            vec!["audit", CLEAN, "--sinkhole", "https://a.example/"],
            "cannot use the sinkhole: \"https://a.example/\" is neither a host name nor an address".to_owned(),
        ),
        (vec!["audit", CLEAN, "--sinkhole", ","], "cannot use the sinkhole: the list names nobody".to_owned()),
        (vec!["audit", CLEAN, "--sinkhole", "@/no/such/file"], "cannot read the list of recipients /no/such/file: No such file".to_owned()),
        (
            vec!["audit", CLEAN, "--sinkhole", "*.marlstone-practice.example"],
            "cannot use the sinkhole: the journey visits www.marlstone-practice.example: with a sinkhole".to_owned(),
        ),
        (
            vec!["audit", CLEAN, "--sinkhole", "all-third-parties", "--resolve", "www.marlstone-practice.example=127.0.0.1:1"],
            "cannot run the journey: *.marlstone-practice.example is to be looked up as ever and www.marlstone-practice.example=127"
                .to_owned(),
        ),
        (
            vec!["audit", CLEAN, "--sinkhole-except", "a.example"],
            "the following required arguments were not provided: --sinkhole".to_owned(),
        ),
        (vec!["audit", CLEAN, "--jobs", "0"], "invalid value '0' for '--jobs <N>'".to_owned()),
        (vec!["audit", "--journey", &full], format!("{full} holds no journey")),
        (vec!["audit", CLEAN, CLEAN, "--out", &full], format!("cannot use the directory {full}: it exists and is not empty")),
        (vec!["classify", "/no/such/run"], "cannot use the directory of the run: /no/such/run does not exist".to_owned()),
        (vec!["read"], "the following required arguments were not provided: <FILE>...".to_owned()),
        (vec!["read", "/no/such/file"], "cannot read /no/such/file: No such file or directory".to_owned()),
        (vec!["read", &full], format!("{full} is a directory")),
        (vec!["read", "/dev/null"], "/dev/null is no file that can be read twice".to_owned()),
        (vec!["read", &wrong], format!("{wrong} is no capture of a known kind")),
        (vec!["read", &list, "--canary", "shoe=9"], "\"shoe\" is no kind of value; there are search-term, email".to_owned()),
        (vec!["read", &list, "--canary", "email"], "it takes KIND=VALUE".to_owned()),
        (vec!["read", &list, "--canary", "text=ab"], "the canary \"text\" has fewer than three letters or digits".to_owned()),
        (vec!["read", &list, "--canary", "email=maria"], "the canary \"email\" is no e-mail address: \"maria\" has no @".to_owned()),
        (
            vec!["read", &list, "--canary", "date-of-birth=04/10/1979"],
            "the canary \"date-of-birth\" is no date of birth: \"04/10/1979\" is not of the form YYYY-MM-DD".to_owned(),
        ),
        (
            vec!["read", &list, "--canary", "date-of-birth=9999-01-01"],
            "the canary \"date-of-birth\" is no date of birth: 9999-01-01 is in the future".to_owned(),
        ),
        (
            vec!["explain", "https://a.example/", "--canary", "phone=unlisted"],
            "the canary \"phone\" is no telephone number: \"unlisted\" has no digit".to_owned(),
        ),
        (vec!["read", &empty], format!("{empty} is empty")),
        (vec!["read", &list, "--first-party", "a b"], "it takes a host name such as www.clinic.example".to_owned()),
        (
            vec!["read", &list, "--journey", &wrong],
            format!("cannot use the journey {wrong}: line 4, column 1: step 1: `visitt` is no action; did you mean `visit`?"),
        ),
        (vec!["read", &list, "--journey", &full], format!("cannot read the journey {full}: Is a directory")),
        (vec!["read", &list, "--out", "/proc/case"], "cannot use the directory of the run: /proc/case cannot be written to".to_owned()),
        (vec!["read", &list, "--out", &full], format!("cannot use the directory of the run: {full} exists and is not empty")),
        (vec!["explain", "clinic"], "cannot explain the request: it is neither a web address".to_owned()),
        (vec!["explain", "ftp://clinic.example/"], "\"ftp://clinic.example/\" is not a web address".to_owned()),
        (vec!["explain"], "cannot explain the request: nothing was given".to_owned()),
        (vec!["verify", &full], format!("cannot use the directory of the run: {full} holds no DevTools log")),
        (vec!["report", &full], format!("cannot use the directory of the run: {full} holds no DevTools log")),
        (vec!["verify", &list], format!("cannot use the directory of the run: {list} is not a directory")),
        (vec!["verify", "/no/such/run"], "cannot use the directory of the run: /no/such/run does not exist".to_owned()),
        (vec!["verify", &newer], "cannot use the directory of the run: its manifest has format 99, and this".to_owned()),
        (vec!["report", &newer], "cannot use the directory of the run: its manifest has format 99, and this".to_owned()),
        (vec!["classify", &newer], "cannot use the directory of the run: its manifest has format 99, and this".to_owned()),
        (vec!["verify"], "the following required arguments were not provided: <DIRECTORY>".to_owned()),
        (vec!["completions", "tcsh"], "invalid value 'tcsh' for '<SHELL>'".to_owned()),
        (vec!["man", "--out", "/proc/pages"], "cannot write the manual pages to /proc/pages: No such file or directory".to_owned()),
        (vec!["man", "frobnicate"], "unrecognized subcommand 'frobnicate'".to_owned()),
        (vec!["help", "frobnicate"], "unrecognized subcommand 'frobnicate'".to_owned()),
        (vec!["frobnicate"], "unrecognized subcommand 'frobnicate'".to_owned()),
        (vec![], "no command was given".to_owned()),
    ] {
        says(&run(tool().args(&arguments)), &sentence);
    }
    assert_eq!(fs::read_dir(&full).unwrap().count(), 1, "nothing was written beside what was there");
}

#[test]
fn all_that_is_wrong_with_all_that_is_to_be_run_is_said_at_once() {
    let bench = Bench::new();
    let file = |name: &str, text: &str| {
        fs::write(bench.path(name), text).unwrap();
        bench.path(name).to_str().unwrap().to_owned()
    };
    let born = "[[canary]]\nname = \"born\"\nkind = \"date-of-birth\"\nvalue = \"1979-02-30\"\n";
    let one = file("one.toml", &format!("name = \"x\"\n{born}[[step]]\nvisit = \"a.example\"\nclick = \"#q\"\n"));
    let two = file("two.toml", "nam = \"x\"\n[[step]]\nvisit = \"nowhere\"\n");
    let list = file("list.txt", "# two surgeries\nwww.a.example\n\nmaria@post.example # hers\nnowhere\n");
    let journeys = run(tool().args(["audit", "--journey", &one, "--journey", &two, "--journey", "/no/such/file"]));
    says_all(
        &journeys,
        &[
            &format!(
                "cannot use the journey {one}: line 5, column 9: the canary \"born\" is no date of birth: 1979-02-30 is not in the calendar"
            ),
            &format!("cannot use the journey {one}: line 8, column 1: step 1 has two actions, `visit` and `click`: a step has one"),
            &format!("cannot use the journey {two}: line 1, column 1: a journey has no key `nam`; did you mean `name`?"),
            &format!("cannot use the journey {two}: line 1, column 1: a journey needs the key `name`"),
            &format!("cannot use the journey {two}: line 3, column 9: step 1: \"nowhere\" is not a web address: "),
            "cannot read the journey /no/such/file: No such file or directory",
        ],
    );
    says_all(
        &run(tool().args(["audit", "clinic", "--urls", &list])),
        &[
            "\"clinic\" is not a web address: ",
            &format!("{list}, line 4: \"maria@post.example\" is not a web address: it looks like an e-mail address"),
            &format!("{list}, line 5: \"nowhere\" is not a web address: "),
        ],
    );
}

#[test]
fn all_that_is_wrong_with_all_captures_and_values_is_said_at_once() {
    let bench = Bench::new();
    fs::write(bench.path("empty"), "").unwrap();
    fs::write(bench.path("prose"), "no capture\n").unwrap();
    fs::write(bench.path("list"), "https://a.example/\n").unwrap();
    let mut files = tool();
    files.arg("read").args(["empty", "prose", "list", "missing"].map(|name| bench.path(name)));
    let [empty, prose, missing] = ["empty", "prose", "missing"].map(|name| bench.path(name).display().to_string());
    says_all(
        &run(&mut files),
        &[&format!("{empty} is empty"), &format!("{prose} is no capture of a known kind"), &format!("cannot read {missing}: No such file")],
    );
    let mut values = tool();
    values.arg("read").arg(bench.path("list")).args(["--canary", "email=maria", "--canary", "text=abc", "--canary", "email=olga"]);
    says_all(
        &run(&mut values),
        &[
            "the canary \"email\" is no e-mail address: \"maria\" has no @",
            "the canary \"email 2\" is no e-mail address: \"olga\" has no @",
        ],
    );
}

#[test]
fn what_cannot_be_written_or_understood_at_the_rim_is_said() {
    use std::os::unix::ffi::OsStrExt as _;
    let in_shell = |script: &str| run(Command::new("sh").args(["-c", script, "sh"]).arg(env!("CARGO_BIN_EXE_pixelwitness")));
    for command in ["schema", "help audit", "man", "--version", "completions bash", "explain https://a.example/"] {
        says(&in_shell(&format!("\"$1\" {command} >/dev/full")), "cannot write to the standard output: No space left on device");
    }
    says(&in_shell("\"$1\" explain <&-"), "cannot explain the request: nothing was given");
    says(&in_shell("\"$1\" audit --urls - <&-"), "the standard input holds no address");
    let not_text = std::ffi::OsStr::from_bytes(b"https://a.example/\xff");
    for command in ["audit", "explain"] {
        says(&run(tool().arg(command).arg(not_text)), "invalid UTF-8 was detected in one or more arguments");
    }
    says(&run(tool().arg("verify").arg(std::ffi::OsStr::from_bytes(b"/no/such/\xff"))), "cannot use the directory of the run: /no/such/");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for arguments in [&["schema"][..], &["help", "audit"], &["man", "audit"]] {
        let mut child = tool().args(arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_machine_without_a_browser_is_told_how_to_get_one() {
    for arguments in [vec!["audit", CLEAN], vec!["doctor"]] {
        let ended = run(tool().args(arguments).env("PATH", "/no/such/path").env_remove("CHROME"));
        says(&ended, "cannot run the journey: no Chromium or Chrome was found on this machine");
        assert!(ended.stderr.contains("apt-get install chromium"), "{ended:?}");
    }
}

#[test]
fn the_doctor_finds_the_browser_and_starts_it() {
    let ended = run(tool().arg("doctor"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("browser: /") && ended.stdout.ends_with("ready\n"), "{ended:?}");
}

#[test]
fn a_selector_has_to_match_one_element_that_can_be_acted_on() {
    let bench = Bench::new();
    for (number, (step, sentence)) in [
        ("click = \"#no-such-thing\"", "#no-such-thing matches nothing on the page"),
        ("click = \"a\"", "a matches "),
        ("click = \"a[\"", "a[ is not a valid CSS selector"),
        ("click = \"text=No such words\"", "text=No such words matches nothing on the page"),
        ("click = \"title\"", "title is not visible"),
        ("submit = \"body\"", "body is a <body>, not a <form>"),
    ]
    .into_iter()
    .enumerate()
    {
        let journey = format!("name = \"x\"\n[browser]\ndwell_ms = 0\n[[step]]\nvisit = \"{CLEAN}\"\n[[step]]\n{step}\n");
        let ended = bench.audit(&journey, &format!("run-{number}")).ended;
        says(&ended, &format!("step 2 failed: {sentence}"));
    }
}

#[test]
fn a_disk_that_fills_up_is_said_and_what_was_written_is_kept() {
    let bench = Bench::new();
    let disk = bench.path("disk");
    fs::create_dir(&disk).unwrap();
    // A file system of its own that holds less than a run writes, in a mount namespace that ends with the command.
    let script = "mount -t tmpfs -o size=64k tmpfs \"$1\" && shift && \"$@\"; code=$?; ls -l \"$OUT\"; exit $code";
    let mut audit = bench.audit_command("disk/run");
    audit.arg("https://handbook.northmere-trust.example/medicines/hiv/biktarvy-tablets");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(&disk).arg(audit.get_program()).args(audit.get_args());
    let ended = run(command.env("OUT", bench.path("disk/run")));
    says(&ended, "the disk is full");
    assert!(ended.stdout.contains("devtools.jsonl.zst") && ended.stdout.contains("netlog.json.zst"), "{ended:?}");
}

#[test]
fn stored_files_that_are_newer_or_cut_off_are_said() {
    let bench = Bench::new();
    let directory = bench.audit(&format!("name = \"x\"\n[browser]\ndwell_ms = 0\n[[step]]\nvisit = \"{CLEAN}\"\n"), "run").directory;
    let recording = directory.join("recording.jsonl.zst");
    let (whole, findings) = (fs::read(&recording).unwrap(), fs::read(directory.join("findings.json")).unwrap());
    let report = |bytes: &[u8]| {
        fs::write(&recording, bytes).unwrap();
        run(tool().arg("report").arg(&directory))
    };
    let newer = zstd::encode_all(&b"{\"recording\":{\"format\":99}}\n"[..], 0).unwrap();
    says(
        &report(&newer),
        "cannot use the directory of the run: its recording cannot be read: it has format 99, and this pixelwitness reads formats up to 2",
    );
    says(&report(&whole[..whole.len() / 2]), "cannot use the directory of the run: its recording cannot be read: ");
    fs::write(&recording, &whole).unwrap();
    let newer = String::from_utf8(findings.clone()).unwrap().replacen("\"format\": 1", "\"format\": 99", 1);
    fs::write(directory.join("findings.json"), newer).unwrap();
    says(&run(tool().arg("report").arg(&directory)), "findings.json has format 99, and this pixelwitness reads formats up to 1");
    fs::write(directory.join("findings.json"), &findings[..findings.len() / 2]).unwrap();
    says(&run(tool().arg("report").arg(&directory)), "findings.json is damaged");
    fs::write(directory.join("findings.json"), findings).unwrap();

    // Raw logs that are cut off are read as far as they go, and the altered file is named.
    let log = directory.join("devtools.jsonl.zst");
    let bytes = fs::read(&log).unwrap();
    fs::write(&log, &bytes[..bytes.len() / 2]).unwrap();
    let verified = run(tool().arg("verify").arg(&directory));
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.stdout.contains("devtools.jsonl.zst") && verified.is_altered(), "{verified:?}");
    let classified = run(tool().arg("classify").arg(&directory));
    // Nothing was found in half a log, and that is no absence.
    says(&classified, "nothing was found, and this run cannot show that nothing is sent: ");
    assert!(classified.stdout.starts_with("Stopped at step 1 of 1: "), "{classified:?}");
    let stored = zstd::decode_all(&fs::read(&recording).unwrap()[..]).unwrap();
    assert!(!Recording::read(&stored[..]).unwrap().completeness.finished);
}

#[test]
fn a_definition_of_ones_own_reads_what_nobody_read() {
    const OWN: &str = r#"
id = "own"
name = "Own Counter"
owner = "Own Company"
purpose = "analytics"
confidence = "seen"
sources = ["https://counter.test/docs"]

[[endpoint]]
host = "counter.test"
path = "/in"
body = ["query"]

[params]
term = "search-term"
"#;
    let bench = Bench::new();
    let page = "<!doctype html><title>Search</title><script>new Image().src = 'https://counter.test/in?term=chilblains'</script>";
    let server = Server::start(move |_| html(page));
    let mut command = bench.audit_command_mapping("run", &[&server.rule("searching.test")]);
    let audited = run(command.args(["--dwell", "2", "http://searching.test/"]));
    assert_eq!(audited.code, Some(0), "{audited:?}");
    assert!(audited.stdout.contains("Unread: 1 request to third parties that no definition reads: counter.test."), "{audited:?}");

    fs::create_dir(bench.path("vendors")).unwrap();
    fs::write(bench.path("vendors/own.toml"), OWN).unwrap();
    let with_own = |command: &str| run(tool().arg(command).arg(bench.path("run")).arg("--vendors").arg(bench.path("vendors")));
    let classified = with_own("classify");
    assert_eq!(classified.code, Some(1), "{classified:?}");
    assert!(
        classified.stdout.contains("Own Company received through Own Counter (counter.test):\n  the search term “chilblains”"),
        "{classified:?}"
    );
    let verified = with_own("verify");
    assert!(verified.is_reproduced(), "{verified:?}");
    let without = run(tool().arg("verify").arg(bench.path("run")));
    assert_eq!(without.code, Some(0), "the run is untouched, whoever reads it: {without:?}");
    assert!(without.stdout.starts_with("Integrity: intact.\n") && without.stdout.contains("Reproduction: different."), "{without:?}");
    assert!(without.stdout.contains("  - leaks: search-term term chilblains to Own Company in request "), "{without:?}");
    assert!(without.stdout.contains("recording.jsonl.zst: the same\n"), "{without:?}");
}

#[test]
fn a_filter_list_says_who_is_known_and_the_findings_stand_on_it() {
    let bench = Bench::new();
    let page = "<!doctype html><title>Page</title><script>new Image().src = 'https://counter.test/in?n=1'</script>";
    let server = Server::start(move |_| html(page));
    let lists = bench.path("lists");
    fs::create_dir(&lists).unwrap();
    fs::write(lists.join("watchers.txt"), "! Title: Watchers\n||counter.test^$third-party\n").unwrap();
    fs::write(lists.join("README"), "not a list").unwrap();
    let mut command = bench.audit_command_mapping("run", &[&server.rule("reading.test")]);
    let audited = run(command.args(["--dwell", "2", "http://reading.test/", "--lists"]).arg(&lists));
    assert_eq!(audited.code, Some(0), "a listing is no leak: {audited:?}");
    assert!(audited.stdout.contains("counter.test is listed in Watchers, line 2: ||counter.test^$third-party (1 request)"), "{audited:?}");
    assert!(audited.stdout.contains("List: Watchers names 1 of 1 third party."), "{audited:?}");

    let verify = |with: bool| {
        let mut command = tool();
        command.arg("verify").arg(bench.path("run"));
        if with {
            command.arg("--lists").arg(&lists);
        }
        run(&mut command)
    };
    assert!(verify(true).is_reproduced());
    let without = verify(false);
    assert!(without.code == Some(0) && !without.is_reproduced(), "{without:?}");
    assert!(without.stdout.contains("the findings stand on the filter list watchers.txt with the SHA-256 "), "{without:?}");
    fs::write(lists.join("watchers.txt"), "! Title: Watchers\n||counter.test^$third-party\n\n").unwrap();
    assert!(!verify(true).is_reproduced(), "another file is another list");

    for (content, sentence) in [
        (&b"<!doctype html><title>404</title>"[..], "cannot use the filter list: watchers.txt is a web page, not a list"),
        (b"||a.test^\n\0", "cannot use the filter list: watchers.txt is not a text file"),
        (b"", "cannot use the filter list: watchers.txt has no rule for requests"),
    ] {
        fs::write(lists.join("watchers.txt"), content).unwrap();
        says(&run(tool().arg("classify").arg(bench.path("run")).arg("--lists").arg(&lists)), sentence);
    }
    fs::remove_file(lists.join("watchers.txt")).unwrap();
    says(&verify(true), &format!("{} has no filter list", lists.display()));
}

#[test]
fn a_flipped_byte_in_any_file_of_a_run_is_named() {
    let bench = Bench::new();
    let directory = bench.audit(&format!("name = \"x\"\n[browser]\ndwell_ms = 0\n[[step]]\nvisit = \"{CLEAN}\"\n"), "run").directory;
    let files: Vec<_> = [&directory, &directory.join("screenshots")]
        .into_iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap().flatten().map(|entry| entry.path()))
        .filter(|path| path.is_file())
        .collect();
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        let whole = fs::read(&file).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&file, flipped).unwrap();
            let verified = run(tool().arg("verify").arg(&directory));
            assert_eq!(verified.code, Some(1), "{} at {at}: {verified:?}", file.display());
            let name = file.strip_prefix(&directory).unwrap().to_str().unwrap();
            assert!(verified.stdout.contains(name) && verified.is_altered(), "{name} at {at}: {verified:?}");
        }
        fs::write(&file, whole).unwrap();
    }
    assert!(run(tool().arg("verify").arg(&directory)).is_reproduced());
}

#[test]
fn help_completions_manual_and_schema_are_printed() {
    for (arguments, holds) in [
        (vec!["--help"], "Exit status:\n  0  nothing was found\n  1  something was found"),
        (vec!["audit", "--help"], "--third-party-cookies"),
        (vec!["--version"], "pixelwitness "),
        (vec!["completions", "bash"], "_pixelwitness"),
        (vec!["completions", "zsh"], "#compdef pixelwitness"),
        (vec!["man"], ".TH pixelwitness"),
        (vec!["schema"], "\"$schema\""),
    ] {
        let ended = run(tool().args(&arguments));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains(holds) && ended.stderr.is_empty(), "{arguments:?}: {ended:?}");
    }
}

/// One sentence that starts so, one `help:` line, exit status 2.
fn says(ended: &Ended, sentence: &str) {
    says_all(ended, &[sentence]);
}

/// The same for several sentences, each on a line.
fn says_all(ended: &Ended, sentences: &[&str]) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let Some((help, said)) = lines.split_last() else { panic!("something is said: {ended:?}") };
    assert_eq!(said.len(), sentences.len(), "a line for each and one of help: {ended:#?}");
    for (said, sentence) in said.iter().zip(sentences) {
        assert!(said.starts_with("error: ") && said.contains(sentence), "{said}\nshould say\n{sentence}");
    }
    assert!(help.starts_with("help: ") && help.len() > 12, "{help}");
}
