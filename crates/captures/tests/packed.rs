//! Captures in which several files are packed into one, or records are compressed one by one.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails, and so do the verbs it uses")]

use std::io::{Cursor, Read, Write as _};
use std::path::Path;

use expect_test::expect;
use pixelwitness_captures::{File, files_beside, read, recognise};
use pixelwitness_recording::{Body, CaptureKind, GapKind, Journey, Recording};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

fn case(bytes: Vec<u8>) -> Recording {
    beside(bytes, &[])
}

/// A capture with other files in its folder.
fn beside(bytes: Vec<u8>, files: &[(&str, &[u8])]) -> Recording {
    let open = |name: &str| {
        let (_, content) = files.iter().find(|(other, _)| *other == name)?;
        Some(Box::new(Cursor::new(content.to_vec())) as Box<dyn Read>)
    };
    read(Journey::default(), vec![File { name: "capture".to_owned(), source: Box::new(Cursor::new(bytes)), folder: Box::new(open) }])
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// One POST for each pair of a file's name and the members that stand beside it.
fn har(posts: &[(&str, &str)]) -> Vec<u8> {
    let entry = |(number, (file, more)): (usize, &(&str, &str))| {
        let data = format!(r#"{{"mimeType":"text/plain","text":"","_file":"{file}"{more}}}"#);
        let request = format!(r#"{{"method":"POST","url":"https://collect.example/{number}","headers":[],"postData":{data}}}"#);
        format!(r#"{{"request":{request},"response":{{"status":200}}}}"#)
    };
    let entries: Vec<String> = posts.iter().enumerate().map(entry).collect();
    format!(r#"{{"log":{{"creator":{{"name":"Playwright","version":"1.65.1"}},"entries":[{}]}}}}"#, entries.join(",")).into_bytes()
}

/// Bodies and messages of the requests, and what is said to be missing.
fn told(recording: &Recording) -> String {
    let request = |request: pixelwitness_recording::Request| {
        let body = match request.body {
            Body::Empty => "nothing".to_owned(),
            Body::Bytes(bytes) if bytes.0.len() > 100 => format!("{} bytes", bytes.0.len()),
            Body::Bytes(bytes) => format!("{:?}", bytes.0.escape_ascii().to_string()),
            Body::Unavailable { why } => why,
        };
        let answer = request.response.and_then(|response| response.body).map_or(0, |body| body.0.len());
        format!("{} {} at {}: {body}; answer {answer}\n", request.method, request.url, request.sent_at_ms)
    };
    let message = |message: pixelwitness_recording::Message| {
        format!("message of {} at {}: {:?}\n", message.request, message.sent_at_ms, message.payload.0.escape_ascii().to_string())
    };
    let gaps = recording
        .gaps
        .iter()
        .filter(|gap| gap.request.is_none() || gap.kind == GapKind::LeftOut)
        .map(|gap| format!("{:?}: {}\n", gap.kind, gap.why));
    recording.requests.iter().map(request).chain(recording.messages.iter().map(message)).chain(gaps).collect()
}

/// Made with Playwright 1.65.1 and Chromium 156: `recordHar: { path: 'playwright.zip' }`.
#[test]
fn playwright_packs_bodies_and_messages_beside_the_har() {
    let whole = fixture("playwright.zip");
    assert_eq!(recognise(&mut Cursor::new(whole.clone())), Some(CaptureKind::Har));
    expect![[r#"
        GET http://www.clinic.example/find?q=hiv+test at 1795629730936: nothing; answer 1310
        POST http://collect.example/c at 1795629730973: "email=maria%40example.org"; answer 0
        POST http://collect.example/bin at 1795629731020: the HAR does not have it; answer 0
        POST http://collect.example/json at 1795629731114: "{\\\"search\\\":\\\"hiv test\\\",\\\"city\\\":\\\"Z\\xc3\\xbcrich\\\"}"; answer 0
        POST http://collect.example/form at 1795629731170: the HAR does not have it; answer 0
        POST http://collect.example/large at 1795629731190: 200000 bytes; answer 0
        POST http://collect.example/beacon at 1795629731214: "phone=07700 900123"; answer 0
        GET ws://chat.example/ws at 1795629731218: nothing; answer 0
        message of r8 at 1795629731233: "hello maria"
        message of r8 at 1795629731233: "\\x01\\x02\\xff"
        NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]].assert_eq(&told(&case(whole)));
}

#[test]
fn a_body_that_the_zip_does_not_hold_as_named_is_a_gap() {
    let (abc, hi) = ("a9993e364706816aba3e25717850c26c9cd0d89d.txt", "c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat");
    let log = har(&[
        (abc, ""),
        (hi, r#","params":[{"name":"a","value":"b c"}]"#),
        ("../../../../etc/passwd", ""),
        ("/etc/passwd", ""),
        ("har.har", ""),
        ("0000000000000000000000000000000000000000.txt", ""),
        (&format!("resources/{abc}"), ""),
    ]);
    let (passwd, other) = ("../../../../etc/passwd", "0000000000000000000000000000000000000000.txt");
    let zip = zipped(&[(abc, b"abc"), ("har.har", &log), (passwd, b"in the ZIP"), (other, b"altered")]);
    expect![[r#"
        POST https://collect.example/0 at 0: "abc"; answer 0
        POST https://collect.example/1 at 0: "a=b%20c"; answer 0
        POST https://collect.example/2 at 0: "in the ZIP"; answer 0
        POST https://collect.example/3 at 0: the file /etc/passwd, in which the HAR keeps it, is missing; answer 0
        POST https://collect.example/4 at 0: 1463 bytes; answer 0
        POST https://collect.example/5 at 0: the file 0000000000000000000000000000000000000000.txt, in which the HAR keeps it, was altered: its name says another SHA-1; answer 0
        POST https://collect.example/6 at 0: the file resources/a9993e364706816aba3e25717850c26c9cd0d89d.txt, in which the HAR keeps it, is missing; answer 0
        LeftOut: POST https://collect.example/1: the file c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat, in which the HAR keeps it, is missing; its parameters are listed
        LeftOut: no request in the HAR has a cookie and no answer sets one: they were taken out, or there were none; identifiers in cookies and people who were logged in cannot be seen
        LeftOut: 1 body listed by parameters alone: names and values are those listed, the bytes between them are ours
        NotTold: it is not known which page made 7 requests (--first-party SITE names the site)
        NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]].assert_eq(&told(&case(zip)));
}

/// As Playwright 1.65.1 writes them: `recordHar: { path: 'clinic.har', content: 'attach' }`.
#[test]
fn bodies_and_messages_are_read_from_the_folder_of_a_har() {
    let (abc, hi) = ("a9993e364706816aba3e25717850c26c9cd0d89d.txt", "c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat");
    let (html, png, lost) = (format!("{}.html", &abc[..40]), format!("{}.png", &hi[..40]), format!("{}.js", "0".repeat(40)));
    let messages = "fe552634db3bc91e3010ede92bd14f5b.jsonl";
    let answer = |kind: &str, file: &str| {
        format!(
            r#"{{"request":{{"method":"GET","url":"https://collect.example/{kind}","headers":[]}},
            "response":{{"status":200,"content":{{"mimeType":"{kind}","_file":"{file}"}}}}}}"#
        )
    };
    let answers = [answer("text/html", &html), answer("image/png", &png), answer("x-unknown", messages), answer("text/javascript", &lost)];
    let posts = har(&[
        (abc, ""),
        (hi, ""),
        (hi, r#","params":[{"name":"a","value":"b c"}]"#),
        ("session.har", ""),
        (&format!("../{abc}"), ""),
        (&html, ""),
    ]);
    let log = format!("{},{}]}}}}", String::from_utf8(posts).unwrap().strip_suffix("]}}").unwrap(), answers.join(",")).into_bytes();

    let needed: String = files_beside(&mut Cursor::new(log.clone())).into_iter().map(|name| name + "\n").collect();
    expect![[r#"
        0000000000000000000000000000000000000000.js
        a9993e364706816aba3e25717850c26c9cd0d89d.html
        a9993e364706816aba3e25717850c26c9cd0d89d.txt
        c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat
        fe552634db3bc91e3010ede92bd14f5b.jsonl
    "#]]
    .assert_eq(&needed);

    let line = br#"{"type":"send","time":1795629731233,"opcode":1,"data":"hello maria"}"#;
    let folder: &[(&str, &[u8])] =
        &[(abc, b"abc"), (&html, b"altered"), (messages, line), ("session.har", b"another's"), ("../a.txt", b"out")];
    expect![[r#"
        POST https://collect.example/0 at 0: "abc"; answer 0
        POST https://collect.example/1 at 0: the file c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat, in which the HAR keeps it, is missing; answer 0
        POST https://collect.example/2 at 0: "a=b%20c"; answer 0
        POST https://collect.example/3 at 0: the file session.har, in which the HAR keeps it, was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it; answer 0
        POST https://collect.example/4 at 0: the file ../a9993e364706816aba3e25717850c26c9cd0d89d.txt, in which the HAR keeps it, was not looked for: it is not in the HAR's own folder, or not called as Playwright calls it; answer 0
        POST https://collect.example/5 at 0: the file a9993e364706816aba3e25717850c26c9cd0d89d.html, in which the HAR keeps it, was altered: its name says another SHA-1; answer 0
        GET https://collect.example/text/html at 0: nothing; answer 0
        GET https://collect.example/image/png at 0: nothing; answer 0
        GET https://collect.example/x-unknown at 0: nothing; answer 0
        GET https://collect.example/text/javascript at 0: nothing; answer 0
        message of r9 at 1795629731233: "hello maria"
        LeftOut: POST https://collect.example/2: the file c22b5f9178342609428d6f51b2c5af4c0bde6a42.dat, in which the HAR keeps it, is missing; its parameters are listed
        LeftOut: no request in the HAR has a cookie and no answer sets one: they were taken out, or there were none; identifiers in cookies and people who were logged in cannot be seen
        LeftOut: 1 body listed by parameters alone: names and values are those listed, the bytes between them are ours
        LeftOut: 2 answers in files that are missing, too large or not as they were: what they set up or declare is not known
        NotTold: it is not known which page made 10 requests (--first-party SITE names the site)
        NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]].assert_eq(&told(&beside(log, folder)));
}

#[test]
fn a_har_in_a_zip_is_known_by_its_content() {
    let log = har(&[]);
    for (files, kind) in [
        (&[("har.har", &log[..])][..], Some(CaptureKind::Har)),
        (&[("notes.txt", b"hello"), ("clinic/session.har", &log)], Some(CaptureKind::Har)),
        (&[("session.json", &log)], Some(CaptureKind::Har)),
        (&[("har.har", b"hello")], None),
        (&[("har.har", b"WARC/1.0\r\n")], None),
        (&[], None),
    ] {
        assert_eq!(recognise(&mut Cursor::new(zipped(files))), kind, "{files:?}");
    }
    let several = case(zipped(&[("har.har", &har(&[("x", "")])), ("b.har", &log), ("c.har", &log)]));
    assert_eq!(several.requests.len(), 1);
    assert!(told(&several).contains("LeftOut: only har.har was read of the ZIP file, which has 2 HARs more"), "{}", told(&several));
}

/// Sixty-five mebibytes of zeros in 64 KiB, named by a hundred requests.
#[test]
fn a_bomb_in_a_zip_is_not_unpacked() {
    let zeros = vec![0; 65 << 20];
    let log = har(&[("zeros.bin", ""); 100]);
    let bomb = zipped(&[("har.har", &log), ("zeros.bin", &zeros)]);
    assert!(bomb.len() < 200 << 10, "{}", bomb.len());
    let recording = case(bomb);
    let large = Body::Unavailable { why: "the file zeros.bin, in which the HAR keeps it, is too large".to_owned() };
    assert!(recording.requests.len() == 100 && recording.requests.iter().all(|request| request.body == large));
}

#[test]
fn a_zip_that_is_cut_off_is_read_as_far_as_it_goes() {
    let abc = "a9993e364706816aba3e25717850c26c9cd0d89d.txt";
    let log = har(&[(abc, ""), ("3ea1b7aae888de10d8c1c6433a9d9d43d1a05cd4.txt", "")]);
    let whole = zipped(&[("har.har", &log), (abc, b"abc"), ("3ea1b7aae888de10d8c1c6433a9d9d43d1a05cd4.txt", b"cut off")]);
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    let told = told(&case(whole[..directory - 3].to_vec()));
    expect![[r#"
        POST https://collect.example/0 at 0: "abc"; answer 0
        POST https://collect.example/1 at 0: the file 3ea1b7aae888de10d8c1c6433a9d9d43d1a05cd4.txt, in which the HAR keeps it, is damaged; answer 0
        LogDamaged: the ZIP file has no directory at its end: its files were read one after the other, as far as they go
        LeftOut: no request in the HAR has a cookie and no answer sets one: they were taken out, or there were none; identifiers in cookies and people who were logged in cannot be seen
        NotTold: it is not known which page made 2 requests (--first-party SITE names the site)
        NotTold: a HAR holds what the list in its maker's window held: what was sent before the list was opened, by other tabs, or on leaving a page without “preserve log” may be missing
    "#]].assert_eq(&told);
}

/// The records of a WARC, each a frame of its own, as wget-at and browsertrix write them.
fn frames(dictionary: Option<&[u8]>) -> Vec<u8> {
    let warc = fixture("warcio.warc");
    let mut starts: Vec<usize> = memchr::memmem::find_iter(&warc, b"WARC/1.0\r\n").collect();
    starts.push(warc.len());
    let mut file = Vec::new();
    for record in starts.windows(2) {
        let mut packer = zstd::bulk::Compressor::with_dictionary(3, dictionary.unwrap_or_default()).unwrap();
        file.extend(packer.compress(&warc[record[0]..record[1]]).unwrap());
    }
    file
}

fn with_dictionary(frame: &[u8], records: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len()).unwrap().to_le_bytes();
    [&0x184D_2A5D_u32.to_le_bytes()[..], &length, frame, records].concat()
}

/// Trained, as real ones are.
fn dictionary() -> Vec<u8> {
    let sample =
        |number: u32| format!("WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: https://{number}.example/\r\n\r\nGET /{number} HTTP/1.1");
    zstd::dict::from_samples(&(0..2_000).map(sample).collect::<Vec<_>>(), 4096).unwrap()
}

#[test]
fn a_warc_in_zstd_is_read_with_its_dictionary_and_without() {
    let plain = case(fixture("warcio.warc"));
    let trained = dictionary();
    let records = frames(Some(&trained));
    let packed = zstd::encode_all(&trained[..], 19).unwrap();
    for file in [frames(None), with_dictionary(&trained, &records), with_dictionary(&packed, &records)] {
        assert_eq!(recognise(&mut Cursor::new(file.clone())), Some(CaptureKind::Warc));
        let read = case(file);
        assert_eq!((&read.requests, &read.gaps), (&plain.requests, &plain.gaps));
        assert!(read.completeness.captures[0].whole);
    }
    let other = [&b"a dictionary of bytes, as they are "[..], &records].concat();
    assert_eq!(recognise(&mut Cursor::new(with_dictionary(b"a dictionary that was not used", &other))), None, "nothing of it can be read");
}

#[test]
fn a_damaged_warc_in_zstd_is_read_as_far_as_it_goes() {
    let trained = dictionary();
    let whole = with_dictionary(&trained, &frames(Some(&trained)));
    let (mut most, mut least) = (0, usize::MAX);
    for at in 0..whole.len() {
        let mut mangled = whole.clone();
        mangled.splice(at..=at, *b"\xc3\xa9");
        for bytes in [whole[..at].to_vec(), mangled] {
            let recording = case(bytes);
            (most, least) = (most.max(recording.requests.len()), least.min(recording.requests.len()));
        }
    }
    assert_eq!((least, most), (0, 3));
    let cut = case(whole[..whole.len() - 40].to_vec());
    assert!(!cut.completeness.captures[0].whole && !cut.requests.is_empty(), "{:?}", cut.gaps);
}

/// The dictionary's frame says four gigabytes, or unpacks to one.
#[test]
fn a_dictionary_takes_no_more_memory_than_dictionaries_have() {
    let bomb = zstd::encode_all(&vec![0; 17 << 20][..], 3).unwrap();
    let mut endless = with_dictionary(b"\x28\xb5\x2f\xfd", b"");
    endless[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    for file in [with_dictionary(&bomb, &frames(None)), endless] {
        assert_eq!(recognise(&mut Cursor::new(file)), None);
    }
}
