use std::io::{Cursor, Write as _};

use expect_test::expect;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{case, check, table};

/// Four records, of which the second is the one that gets damaged.
fn records() -> [String; 4] {
    let record = |kind: &str, url: &str, block: &str| {
        let length = block.len();
        format!("WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n")
    };
    let post = |url: &str, body: &str| {
        let length = body.len();
        record("request", url, &format!("POST /c HTTP/1.1\r\nHost: collect.example\r\nContent-Length: {length}\r\n\r\n{body}"))
    };
    [
        record("warcinfo", "", "software: by hand\r\n"),
        post("https://collect.example/1", "email=maria%40example.org"),
        post("https://collect.example/2", "q=hiv+test"),
        record("request", "https://collect.example/3", "GET /3 HTTP/1.1\r\n\r\n"),
    ]
}

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// With a checksum; without one, damage may show nowhere.
pub(crate) fn zstd(text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The records with the second one's length another.
fn with_length(length: &str) -> Vec<u8> {
    let [info, first, rest @ ..] = records();
    let (before, after) = first.split_once("Content-Length: ").unwrap();
    let after = after.split_once("\r\n").unwrap().1;
    format!("{info}{before}Content-Length: {length}\r\n{after}{}", rest.concat()).into_bytes()
}

#[test]
fn what_follows_a_record_of_a_wrong_length_is_read() {
    check(
        with_length("101"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            the length that the WARC gives its record 2 is missing or wrong: that record was read up to where the next one begins
        "#]],
    );
    check(
        with_length("80"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40exa"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            8 bytes of the WARC, after its record 2, are no part of a record and were not read: the length of that record may be wrong
        "#]],
    );
    check(
        with_length("108"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            the length that the WARC gives its record 2 is missing or wrong: that record was read up to where the next one begins
        "#]],
    );
    check(
        with_length("200"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            the length that the WARC gives its record 2 is missing or wrong: that record was read up to where the next one begins
        "#]],
    );
    check(
        with_length("999999999999"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            the length that the WARC gives its record 2 is missing or wrong: that record was read up to where the next one begins
        "#]],
    );
    check(
        with_length("unknown"),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
            3: POST https://collect.example/2 "q=hiv+test"
            4: GET https://collect.example/3
            the length that the WARC gives its record 2 is missing or wrong: that record was read up to where the next one begins
        "#]],
    );
}

#[test]
fn what_stands_between_records_is_counted() {
    let [info, first, second, third] = records();
    check(
        [&info[..], "\r\nJUNK\r\n", &first, &second, "WARC is not\r\n\r\nmore of it\r\n\r\n", &third, "and more"].concat().into_bytes(),
        expect![[r#"
            2: POST https://collect.example/2 "q=hiv+test"
            3: GET https://collect.example/3
            190 bytes of the WARC, after its record 1, are no part of a record and were not read: the length of that record may be wrong
            25 bytes of the WARC, after its record 2, are no part of a record and were not read: the length of that record may be wrong
            8 bytes of the WARC, after its record 3, are no part of a record and were not read: the length of that record may be wrong
        "#]],
    );
    check(
        ["WARC/1.0\r\nbroken", &info, &first].concat().into_bytes(),
        expect![[r#"
            2: POST https://collect.example/1 "email=maria%40example.org"
        "#]],
    );
}

#[test]
fn what_follows_a_damaged_member_is_read() {
    for pack in [gzip, zstd] {
        let mut members = records().map(|record| pack(record.as_bytes()));
        let at = members[1].len() / 2;
        members[1][at..at + 20].fill(0xff);
        let begin = members[0].len();
        let told = table(&case(members.concat()));
        let damage = format!("{} bytes of the WARC are damaged, from byte {begin} on, in or after its record ", members[1].len());
        assert!(told.contains("POST https://collect.example/2 \"q=hiv+test\"") && told.contains("GET https://collect.example/3"), "{told}");
        assert!(told.contains(&damage) && !told.contains("not to the end"), "{damage}\n{told}");
        let cut = table(&case(members[..2].concat()));
        assert!(cut.ends_with("what follows is not known\nnot to the end\n"), "{cut}");
    }
}

/// As a ZIP file keeps it, with a checksum of its own over the whole.
#[test]
fn what_follows_a_damaged_member_in_a_wacz_is_read() {
    let members = records().map(|record| gzip(record.as_bytes()));
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("archive/data.warc.gz", stored).unwrap();
    zip.write_all(&members.concat()).unwrap();
    let mut file = zip.finish().unwrap().into_inner();
    let at = memchr::memmem::find(&file, &members[1]).unwrap() + members[1].len() / 2;
    file[at..at + 20].fill(0xff);
    check(
        file,
        expect![[r#"
        2: POST https://collect.example/2 "q=hiv+test"
        3: GET https://collect.example/3
        160 bytes of archive/data.warc.gz are damaged, from byte 109 on, in or after its record 1: what they held is not known, and what was taken from them may not be what was written; it was read on from the next record that begins after them
        archive/data.warc.gz does not have the checksum that the WACZ gives it: what was taken from it may not be what was written
    "#]],
    );
}

/// Whichever byte of a record is another, and whatever it is: the other records are as they were.
#[test]
fn a_damaged_member_costs_no_other() {
    for pack in [gzip, zstd] {
        let members = records().map(|record| pack(record.as_bytes()));
        let begin = members[0].len();
        for at in 0..members[1].len() {
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = members.concat();
                damaged[begin + at] ^= change;
                let told = table(&case(damaged));
                assert!(told.contains("POST https://collect.example/2 \"q=hiv+test\"\n"), "{at} {change}: {told}");
                assert!(told.contains("GET https://collect.example/3\n"), "{at} {change}: {told}");
            }
        }
    }
}

/// Each length leads to the end of the file, and each member begins others.
#[test]
fn no_archive_takes_for_ever() {
    let record = "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let wrong = case(record.repeat(20_000).into_bytes());
    assert!(wrong.gaps.len() < 30, "{}", wrong.gaps.len());
    let mut members = gzip(&zstd(record.repeat(10).as_bytes()));
    members.truncate(20);
    let begun = case([gzip(record.as_bytes()), members.repeat(20_000)].concat());
    assert!(begun.gaps.len() < 30, "{}", begun.gaps.len());
}
