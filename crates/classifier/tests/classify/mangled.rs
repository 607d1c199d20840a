//! Whatever a request is cut down to, mangled or spliced into, it is read, and every place that is named lies inside it.

use std::io::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pixelwitness_classifier::{Arena, Definitions, read_request};
use pixelwitness_recording::Request;

use crate::fixture;
use crate::numbers::Numbers;

/// Generated requests, those with overflows checked, which takes long, and those where time is short.
const ALL_GENERATED: usize = 10_000_000;
const CHECKED_GENERATED: usize = 400_000;
const FEW_GENERATED: usize = 40_000;

/// Of generated requests one in so many is classified; the others are decoded.
const CLASSIFIED: usize = 64;

/// Requests that are mangled in one way, where time is short. Every place of a short fixture is tried; of a long one as many as this,
/// evenly spread, and other ones for each way.
const FEW_PLACES: usize = 100;

/// Bytes of a generated body at the most: what grows is tested in `growth.rs`.
const MOST_BYTES: usize = 4_000;

/// Bytes that formats are made of, whole and broken.
const PARTS: &[&[u8]] = &[
    b"%",
    b"%2",
    b"%25",
    b"%7B%22a%22%3A1%7D",
    b"%zz",
    b"+",
    b"&",
    b"=",
    b"&&",
    b"?",
    b"#",
    b";",
    b"~",
    b":",
    b",",
    b"|",
    b"/",
    b".",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xc3\xa9",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"--",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{\"",
    b"[[[[[[[[",
    b"{\"a\":{\"b\":[1,",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"\\ud83d\\ude00",
    b"null",
    b"-",
    b"1e999",
    b"tv.1~em.",
    b"~pn.e1",
    b"G111",
    b"13r3t3l3m5",
    b"c.&a.&",
    b"&.a&.c",
    b"em=",
    b"cd[a]=",
    b"pr1=",
    b"\x1f\x8b\x08",
    b"x\x9c",
    b"H4sIAAAA",
    b"eyJhIjoxfQ",
    b"https://a.example/?q=x#",
    b"_removed_",
    b"_filteredParams",
    b"form-data; name=\"a\"",
    b"\"type\":\"a\"",
    b"\"length\":9999999999",
    b"a\xcc\x81",
    b"\xef\xbf\xbd",
];

#[test]
fn requests_cut_or_changed_anywhere_are_read() {
    let fixtures = fixture::all();
    side_by_side(fixtures.len(), |number| {
        let text = fixture::text(&fixtures[number].1);
        let stride = if all_wanted() { 1 } else { text.len().div_ceil(FEW_PLACES) };
        let places = |first: usize| (first.min(stride - 1)..text.len()).step_by(stride);
        let classified = |text: &[u8]| check_findings(fixture::parse(text));
        places(0).for_each(|at| classified(&text[..at]));
        places(1).for_each(|at| classified(&[&text[..at], "é".as_bytes(), &text[at + 1..]].concat()));
        places(2).for_each(|at| classified(&[&text[..at], &[0xff], &text[at + 1..]].concat()));
    });
}

#[test]
fn generated_requests_are_read() {
    let seeds: Vec<Request> = fixture::all().iter().map(|(_, name)| fixture::read(name)).collect();
    let definitions = Definitions::built_in();
    let count = match all_wanted() {
        true if cfg!(debug_assertions) => CHECKED_GENERATED,
        true => ALL_GENERATED,
        false => FEW_GENERATED,
    };
    let read = side_by_side(count, |number| {
        let request = generated(number, &seeds);
        let read = check_reading(&request, &definitions);
        if number.is_multiple_of(CLASSIFIED) {
            check_findings(request);
        }
        read
    });
    let read = read.into_iter().filter(|read| *read).count();
    assert!(read * 2 > count, "most of what is generated reaches a decoder: {read} of {count}");
}

/// Whether the tests that take long are wanted: `cargo xtask test --all`.
fn all_wanted() -> bool {
    std::env::var("PIXELWITNESS_TEST_ALL").is_ok_and(|value| !value.is_empty())
}

/// Does the same for each number, on as many threads as there are cores.
fn side_by_side<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let job = &job;
        let workers: Vec<_> =
            (0..threads).map(|first| scope.spawn(move || (first..count).step_by(threads).map(job).collect::<Vec<T>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn longest_carrier(request: &Request) -> usize {
    let headers = request.headers.iter().map(|header| header.value.len());
    headers.chain([request.url.len(), request.body.bytes().unwrap_or_default().len()]).max().unwrap()
}

fn check_reading(request: &Request, definitions: &Definitions) -> bool {
    let (arena, longest) = (Arena::default(), longest_carrier(request));
    let Some(reading) = read_request(request, definitions, &arena) else { return false };
    for field in reading.fields() {
        let place = field.place();
        assert!(place.start <= place.end && place.end <= longest, "{} {place:?} of {request:?}", field.name());
        assert!(field.value().len() <= 1 << 25, "{}", field.name());
    }
    true
}

fn check_findings(request: Request) {
    let longest = longest_carrier(&request);
    let findings = fixture::findings(request);
    let fields = findings.events.iter().flat_map(|event| event.fields).map(|field| field.location);
    for location in fields.chain(findings.leaks.iter().map(|leak| leak.location.clone())) {
        let range = location.range.unwrap();
        assert!(range.start <= range.end && range.end <= longest, "{location} {range:?}");
    }
}

/// Request number so and so, always the same one: a fixture with something of another in it, or with parts mangled, or wrapped.
fn generated(number: usize, seeds: &[Request]) -> Request {
    let mut numbers = Numbers(number as u64);
    let mut request = seeds[numbers.below(seeds.len())].clone();
    let mut body = request.body.bytes().unwrap_or_default().to_vec();
    for _ in 0..=numbers.below(4) {
        let other = &seeds[numbers.below(seeds.len())];
        match numbers.below(8) {
            0 => body = other.body.bytes().unwrap_or_default().to_vec(),
            1 => splice(&mut body, other.body.bytes().unwrap_or_default(), &mut numbers),
            2 => splice(&mut body, query(other), &mut numbers),
            3 => body = wrapped(&body, &mut numbers),
            4 => request.headers.clone_from(&other.headers),
            5 => change_query(&mut request, &mut numbers, |bytes, numbers| splice(bytes, query(other), numbers)),
            6 => change_query(&mut request, &mut numbers, mangle),
            _ => mangle(&mut body, &mut numbers),
        }
    }
    for header in &mut request.headers {
        if numbers.below(8) == 0 {
            let mut value = header.value.clone().into_bytes();
            mangle(&mut value, &mut numbers);
            header.value = String::from_utf8_lossy(&value).into_owned();
        }
    }
    body.truncate(MOST_BYTES);
    request.body = body.into();
    request
}

fn query(request: &Request) -> &[u8] {
    request.url.split_once('?').map_or(&[], |(_, query)| query.as_bytes())
}

/// Host and path are left alone most of the time, or nobody would read the rest.
fn change_query(request: &mut Request, numbers: &mut Numbers, change: impl Fn(&mut Vec<u8>, &mut Numbers)) {
    let path_end = request.url.find(['?', ';']).unwrap_or(request.url.len());
    let kept = if numbers.below(16) == 0 { "https://".len().min(path_end) } else { path_end };
    let mut changed = request.url.as_bytes()[kept..].to_vec();
    if changed.is_empty() {
        changed.push(b'?');
    }
    change(&mut changed, numbers);
    changed.truncate(MOST_BYTES);
    request.url = format!("{}{}", &request.url[..kept], String::from_utf8_lossy(&changed));
}

/// Takes a range out, puts one in twice, changes a byte, or puts in what formats are made of.
fn mangle(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let (one, other) = (numbers.below(bytes.len() + 1), numbers.below(bytes.len() + 1));
    let range = one.min(other)..one.max(other).min(one.min(other) + 200);
    match numbers.below(5) {
        0 => drop(bytes.drain(range)),
        1 => bytes.splice(one..one, bytes[range].to_vec()).for_each(drop),
        2 if one < bytes.len() => bytes[one] = numbers.next() as u8,
        _ => {
            let part = numbers.one_of(PARTS).repeat(1 + numbers.below(3));
            bytes.splice(one..one, part).for_each(drop);
        }
    }
}

fn splice(bytes: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let (at, from) = (numbers.below(bytes.len() + 1), numbers.below(other.len() + 1));
    let to = from + numbers.below(other.len() - from + 1);
    bytes.splice(at..at, other[from..to].iter().copied()).for_each(drop);
}

/// The whole or a value of it, in one more encoding.
fn wrapped(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let encoded = match numbers.below(6) {
        0 => STANDARD.encode(bytes).into_bytes(),
        1 => URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
        2 => bytes.iter().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect(),
        3 => serde_json::to_vec(&String::from_utf8_lossy(bytes)).unwrap(),
        4 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        _ => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    };
    let frames: [(&[u8], &[u8]); 6] =
        [(b"", b""), (b"data=", b"&v=1"), (b"{\"data\":", b"}"), (b"{\"data\":\"", b"\"}"), (b"[", b"]"), (b"en=a&em=", b"\nen=b")];
    let (before, after) = frames[numbers.below(frames.len())];
    [before, &encoded, after].concat()
}

/// What is generated has to be able to break something: here, a decoder that trusts its input.
#[test]
fn what_is_generated_would_break_a_decoder_that_trusts_it() {
    static SEEDS: LazyLock<Vec<Request>> = LazyLock::new(|| fixture::all().iter().map(|(_, name)| fixture::read(name)).collect());
    let bodies = (0..2_000).map(|number| generated(number, &SEEDS)).map(|request| request.body.bytes().unwrap_or_default().to_vec());
    let (mut no_text, mut no_escape, mut no_json) = (0, 0, 0);
    for body in bodies {
        no_text += usize::from(std::str::from_utf8(&body).is_err());
        no_escape += usize::from(body.ends_with(b"%") || body.windows(2).any(|two| two[0] == b'%' && !two[1].is_ascii_hexdigit()));
        no_json += usize::from(body.starts_with(b"{") && serde_json::from_slice::<serde_json::Value>(&body).is_err());
    }
    assert!(no_text > 50 && no_escape > 50 && no_json > 50, "{no_text} {no_escape} {no_json}");
}
