use std::io::{Cursor, Write as _};

use expect_test::expect;

use crate::{case, check, table};

/// One entry a line, as Chrome writes them: the time stands behind the answer.
fn har(entries: &[&str]) -> String {
    format!(r#"{{"log":{{"creator":{{"name":"WebInspector","version":"537.36"}},"pages":[],"entries":[{}]}}}}"#, entries.join(","))
}

fn get(number: u32) -> String {
    let request =
        format!(r#"{{"method":"GET","url":"https://www.clinic.example/{number}","headers":[{{"name":"Cookie","value":"sid=1"}}]}}"#);
    format!(r#"{{"request":{request},"response":{{"status":200}},"startedDateTime":"2026-11-25T10:00:0{number}Z"}}"#)
}

const POST: &str = r#"{"_priority":"High","request":{"method":"POST","url":"https://collect.example/c","headers":[{"name":"Referer","value":"https://www.clinic.example/2"}],"postData":{"mimeType":"text/plain","text":"q=hiv","params":[]},"bodySize":5},"response":{"status":200,"content":{}},"startedDateTime":"2026-11-25T10:00:03Z"}"#;

/// The POST is the last of three entries, and the HAR ends behind these words of it.
fn cut_behind(words: &str) -> Vec<u8> {
    let whole = har(&[&get(2), &get(1), POST]);
    let end = whole.rfind(words).unwrap() + words.len();
    whole.as_bytes()[..end].to_vec()
}

#[test]
fn an_entry_that_a_har_breaks_off_in_is_read_as_far_as_it_goes() {
    check(
        cut_behind("entries\":["),
        expect![[r#"
        the HAR ends after 83 bytes, before its first entry: what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("\"_priority\":"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        the HAR ends after 454 bytes, in the middle of its entry 3, before an address: that request is lost, and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("https://collect.exam"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        the HAR ends after 515 bytes, in the middle of its entry 3, before an address: that request is lost, and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("https://collect.example/c\""),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c the HAR breaks off before it unknown: the HAR breaks off before it says so
        the HAR ends after 521 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("\"text\":\"q=h"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c the HAR breaks off before it unknown: the HAR breaks off before it says so
        the HAR ends after 639 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("\"text\":\"q=hiv\""),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv" unknown: the HAR breaks off before it says so
        the HAR ends after 642 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("\"bodySize\":5}"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv" unknown: the HAR breaks off before it says so
        the HAR ends after 669 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("\"status\":200,"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv" unknown: the HAR breaks off before it says so
        the HAR ends after 695 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("10:00:03Z\""),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv" unknown: the HAR breaks off before it says so
        the HAR ends after 749 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("10:00:03Z\"}"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv"
        the HAR ends after 750 bytes, after its entry 3: what follows is not known
        not to the end
    "#]],
    );
    check(
        cut_behind("10:00:03Z\"}]"),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: GET https://www.clinic.example/2
        3: POST https://collect.example/c "q=hiv"
        the HAR ends after 751 bytes, after its entry 3: what follows is not known
        not to the end
    "#]],
    );
}

#[test]
fn a_har_that_stops_making_sense_is_read_up_to_there() {
    let broken = har(&[&get(1), POST, &get(2)]).replace("\"bodySize\":5", "\"bodySize\"?5");
    check(
        broken.into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
        2: POST https://collect.example/c "q=hiv" unknown: the HAR breaks off before it says so
        the HAR stops making sense after 487 bytes, in the middle of its entry 2 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        not to the end
    "#]],
    );
}

#[test]
fn what_stands_behind_a_har_is_read_if_it_is_one_and_counted_if_not() {
    let (first, second) = (har(&[&get(1)]), har(&[&get(1), POST]));
    check(
        format!("{first}\n{second}\n").into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
        2: GET https://www.clinic.example/1
        3: POST https://collect.example/c "q=hiv"
        whether the 2 HARs that the file holds one after the other belong together: all were read, and their entries are counted through
    "#]],
    );
    check(
        format!("{first}\n{}", &second[..second.len() - 200]).into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
        2: GET https://www.clinic.example/1
        3: POST https://collect.example/c the HAR breaks off before it unknown: the HAR breaks off before it says so
        the HAR ends after 639 bytes, in the middle of its entry 3 (POST https://collect.example/c): whether that request was sent, what else the entry held and what follows is not known
        whether the 2 HARs that the file holds one after the other belong together: all were read, and their entries are counted through
        not to the end
    "#]],
    );
    check(
        format!("{first}\n\ntrailing junk").into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
        13 bytes after the end of the HAR, from byte 266 on, are none of it and were not read
        not to the end
    "#]],
    );
    check(
        format!("{first}{{\"other\":1}}").into_bytes(),
        expect![[r#"
            1: GET https://www.clinic.example/1
            11 bytes after the end of the HAR, from byte 264 on, are none of it and were not read
            not to the end
        "#]],
    );
    check(
        format!("{first}{{not even JSON").into_bytes(),
        expect![[r#"
            1: GET https://www.clinic.example/1
            the HAR stops making sense after 269 bytes, after its entry 1: what follows is not known
            not to the end
        "#]],
    );
    check(
        format!("{first}\0\0\0").into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
        3 bytes after the end of the HAR, from byte 264 on, are none of it and were not read
        not to the end
    "#]],
    );
    check(
        format!("{first}\r\n \t").into_bytes(),
        expect![[r#"
        1: GET https://www.clinic.example/1
    "#]],
    );
}

#[test]
fn pages_of_hars_in_one_file_are_kept_apart() {
    let har = |site: &str| {
        let page = format!(r#"{{"id":"page_1","title":"https://{site}/","startedDateTime":"2026-11-25T10:00:00Z"}}"#);
        let entry = format!(
            r#"{{"pageref":"page_1","request":{{"method":"GET","url":"https://cdn.example/{site}.js"}},"response":{{"status":200}}}}"#
        );
        format!(r#"{{"log":{{"pages":[{page}],"entries":[{entry}]}}}}"#)
    };
    let recording = case((har("clinic.example") + &har("booking.example")).into_bytes());
    let pages: Vec<_> = recording.requests.iter().map(|request| request.page_url.unwrap_or_default()).collect();
    assert_eq!(pages, ["https://clinic.example/", "https://booking.example/"]);
}

#[test]
fn one_odd_member_costs_no_entry() {
    let odd = POST.replace("\"bodySize\":5", "\"bodySize\":1e999,\"time\":NaN");
    let nameless = get(1).replace("\"method\":\"GET\",", "");
    let garbage = get(2).replace("200", "POST");
    check(
        har(&[&odd, &nameless, &garbage, "{}"]).into_bytes(),
        expect![[r#"
        2: GET https://www.clinic.example/1
        1: POST https://collect.example/c "q=hiv"
        2 of 4 entries of the HAR cannot be read
        1 request without a method: GET is assumed
    "#]],
    );
}

#[test]
fn bytes_that_are_no_characters_are_counted() {
    let mut latin: Vec<u8> = har(&[&get(1), &POST.replace("hiv", "caf#")]).into_bytes();
    latin.iter_mut().filter(|byte| **byte == b'#').for_each(|byte| *byte = 0xe9);
    check(
        latin,
        expect![[r#"
            1: GET https://www.clinic.example/1
            2: POST https://collect.example/c "q=caf\\xef\\xbf\\xbd"
            1 body not held byte for byte: of another length than the request says, with characters that stand for bytes which are no text, or not in the base64 that it is said to be in
            1 place whose bytes are no characters: what stood there is not known, and is shown as �
        "#]],
    );
}

#[test]
fn a_har_or_a_list_in_utf_16_is_read_like_any_other() {
    let list = "https://www.clinic.example/1\r\nhttps://collect.example/c?q=Z\u{fc}rich\r\n".to_owned();
    for text in [har(&[&get(1), &POST.replace("hiv", "Z\u{fc}rich \u{1f600}")]), list] {
        let units: Vec<u16> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).collect();
        let plain = case(text.into_bytes());
        assert_eq!(plain.requests.len(), 2);
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let read = case(units.iter().copied().flat_map(order).collect());
            assert_eq!((&read.requests, &read.gaps), (&plain.requests, &plain.gaps));
        }
    }
}

#[test]
fn a_har_in_a_zip_is_held_against_its_checksum() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("har.har", stored).unwrap();
    zip.write_all(har(&[POST]).as_bytes()).unwrap();
    let whole = zip.finish().unwrap().into_inner();
    check(
        whole.clone(),
        expect![[r#"
        1: POST https://collect.example/c "q=hiv"
    "#]],
    );
    let mut altered = whole;
    let at = memchr::memmem::find(&altered, b"q=hiv").unwrap() + 2;
    altered[at..at + 3].copy_from_slice(b"flu");
    check(
        altered,
        expect![[r#"
            1: POST https://collect.example/c "q=flu"
            har.har in the ZIP file is damaged, or was altered since it was compressed: what was taken from it may not be what was written
        "#]],
    );
}

/// Wherever it is cut, the entries before are there, and the report says that it was.
#[test]
fn no_cut_is_silent() {
    let whole = har(&[&get(1), &get(2), POST]);
    for end in whole.find("entries").unwrap()..whole.len() {
        let told = table(&case(whole.as_bytes()[..end].to_vec()));
        let before = [get(1), get(2)].iter().filter(|entry| whole.find(entry.as_str()).unwrap() + entry.len() <= end).count();
        let there = told.matches("GET https://www.clinic.example/").count();
        assert!(there >= before && told.contains(&format!("the HAR ends after {end} bytes, ")), "{end}: {told}");
    }
}
