//! Work grows with a request and no faster, and nothing that a request unpacks to is without bound.
//!
//! Work is counted, not timed: the bytes that decoding keeps, and those of every field that comes out.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pixelwitness_classifier::{Arena, Definitions, classify, read_request};
use pixelwitness_recording::{Header, Request};

use crate::fixture;
use crate::recorded::{get, post, recording};

/// How often something is repeated, and how much more often then.
const TIMES: usize = 40;
const MORE: usize = 8;

/// Bytes that come out of one request at the most, whatever is in it: a few documents of the size that a decompressor stops at.
const MOST_BYTES_OUT: usize = 160 << 20;

/// Bytes that decoding a request keeps, and bytes of its fields.
fn work(request: &Request, definitions: &Definitions) -> (usize, usize) {
    let arena = Arena::default();
    let Some(reading) = read_request(request, definitions, &arena) else { return (0, 0) };
    let fields = reading.fields().map(|field| field.name().len() + field.value().len() + field.encodings() * size_of::<usize>() + 1);
    let out = fields.sum();
    (arena.bytes(), out)
}

fn repeated(request: &Request, part: &[u8], times: usize) -> [Request; 2] {
    let text = String::from_utf8_lossy(part).repeat(times);
    let mark = if request.url.contains('?') { "&" } else { "?" };
    let in_query = Request { url: format!("{}{mark}{text}", request.url), ..request.clone() };
    let body = [request.body.bytes().unwrap_or_default(), text.as_bytes()].concat();
    [in_query, Request { body: body.into(), ..request.clone() }]
}

/// Every fixture, with its own query, its own body, and what formats are made of at its end, over and over.
#[test]
fn a_request_that_is_eight_times_as_long_is_at_most_eight_times_the_work() {
    let definitions = Definitions::built_in();
    let mut read = 0;
    for (_, name) in fixture::all() {
        let request = fixture::read(&name);
        let query = request.url.split_once('?').map_or("", |(_, query)| query).to_owned() + "&";
        let body = request.body.bytes().unwrap_or_default().to_vec();
        let own = [query.as_bytes(), body.as_slice()];
        let parts: [&[u8]; 14] =
            [b"&a%20b=%7B", b"%25", b"{\"a\":", b"[", b"\\u0061", b",{}", b"\n", b"\r\n--", b";a=", b"~em.", b"c.&", b":", b"=", b"\n{}\n"];
        for part in own.into_iter().chain(parts) {
            for (once, more) in repeated(&request, part, TIMES).iter().zip(&repeated(&request, part, TIMES * MORE)) {
                let ((kept, out), (more_kept, more_out)) = (work(once, &definitions), work(more, &definitions));
                // What is kept is kept in chunks, each twice as large as the one before.
                let allowed = |once: usize| once * MORE * 2 + (16 << 10);
                assert!(
                    more_kept <= allowed(kept) * 2,
                    "{name} {:?}: {kept}, then {more_kept} bytes kept",
                    part.escape_ascii().to_string()
                );
                assert!(more_out <= allowed(out), "{name} {:?}: {out}, then {more_out} bytes out", part.escape_ascii().to_string());
                read += usize::from(more_out > 0);
            }
        }
    }
    assert!(read > 1_000, "{read} are read");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One request for each way to nest and to unpack that a definition can ask for.
fn bombs() -> Vec<(&'static str, Request)> {
    let zeros = vec![b'0'; 64 << 20];
    let document = [&b"{\"event\":\""[..], &zeros, b"\"}"].concat();
    let packed = STANDARD.encode(gzip(&document));
    let documents = format!("data={}&", packed.replace('+', "%2B")).repeat(8);
    let percent = (0..12).fold("a=b".to_owned(), |text, _| text.replace('%', "%25").replace('=', "%3D").replace('&', "%26") + "&a=b");
    let json = (0..12).fold("1".to_owned(), |text, _| format!("{{\"a\":{}}}", serde_json::to_string(&text).unwrap()));
    let with = |name: &str, body: Vec<u8>| Request { body: body.into(), ..fixture::read(name) };
    vec![
        ("gzip of a JSON body", with("posthog/packed.http", gzip(&document))),
        ("zlib of a JSON body", with("posthog/packed.http", zlib(&document))),
        ("zlib that is cut", with("posthog/packed.http", zlib(&document)[..40_000].to_vec())),
        ("gzip in gzip", with("posthog/packed.http", gzip(&gzip(&document)))),
        ("gzip members in a row", with("posthog/packed.http", gzip(&zeros[..8 << 20]).repeat(20))),
        ("base64 of gzip of JSON", with("linkedin_insight/click.http", packed.clone().into_bytes())),
        ("several documents in parameters", with("mixpanel/track.http", documents.into_bytes())),
        ("a query in a query in a query", post("https://www.facebook.com/tr/", &percent)),
        ("JSON in JSON in JSON", post("https://analytics.tiktok.com/api/v2/pixel", &json)),
        ("brackets", post("https://analytics.tiktok.com/api/v2/pixel", &"[{\"a\":".repeat(200_000))),
        (
            "members of one long name",
            post("https://analytics.tiktok.com/api/v2/pixel", &format!("{{\"{}\":[{}1]}}", "a".repeat(1 << 20), "1,".repeat(20_000))),
        ),
        ("blocks in blocks", get(&format!("https://metrics.clinic.example/b/ss/a/1/x?AQB=1&{}v=1&AQE=1", "a.&".repeat(200_000)))),
    ]
}

#[test]
fn what_a_request_unpacks_to_has_a_bound() {
    let definitions = Definitions::built_in();
    for (name, request) in bombs() {
        let (kept, out) = work(&request, &definitions);
        assert!(kept <= MOST_BYTES_OUT * 2 && out <= MOST_BYTES_OUT, "{name}: {kept} bytes kept, {out} bytes out");
    }
}

/// A page that fills a request with thousands of addresses does not make the claims about them dear.
#[test]
fn thousands_of_claims_about_one_request_are_told_apart() {
    let pairs: String = (0..10_000).map(|number| format!("&dl=https://www.clinic.example/{number}")).collect();
    let request = post("https://www.facebook.com/tr/", &format!("id=1&ev=PageView{pairs}"));
    let findings = classify(&recording(vec![request]), &Definitions::built_in());
    assert!(findings.leaks.len() > 9_990, "{}", findings.leaks.len());
}

#[test]
fn a_header_of_thousands_of_cookies_is_read_once() {
    let cookies = "datr=Ab12; ".repeat(20_000);
    let mut request = get("https://www.facebook.com/tr/?id=1&ev=PageView");
    request.headers.push(Header { name: "cookie".to_owned(), value: cookies });
    let (_, out) = work(&request, &Definitions::built_in());
    assert!(out < 20_000 * 64, "{out}");
}

/// What nobody reads is opened as far as it goes, and however it is nested and repeated, that comes to an end.
#[test]
fn what_is_looked_for_in_a_request_that_nobody_reads_has_a_bound() {
    let page = crate::recorded::PAGE;
    let in_base64 = |text: &str| STANDARD.encode(text);
    let json = |text: &str| serde_json::json!({ "a": text }).to_string();
    let nested = (0..12).fold(page.to_owned(), |text, _| in_base64(&json(&text)));
    let tree = (0..3).fold(page.to_owned(), |text, _| in_base64(&serde_json::json!(vec![text; 20]).to_string()));
    let body = |text: String| post("https://t.unheard-of.example/c", &text);
    for (name, request, most) in [
        ("documents in base64 in documents", body(nested), 0),
        ("a tree of documents in base64", body(format!("a={tree}")), 8_000),
        ("percent signs", body(format!("a={}", "%25".repeat(300_000))), 0),
        ("records", body("42[\"a\"]\u{1e}".repeat(100_000)), 0),
        ("records that are no documents", body(format!("42[\"a\"]{}", "\u{1e}a=1&".repeat(100_000))), 0),
        ("brackets", body("[{\"a\":".repeat(200_000)), 0),
        ("segments", get(&format!("https://t.unheard-of.example/{}", "maria@mail/".repeat(100_000))), 0),
        ("addresses", body((0..10_000).map(|number| format!("&u{number}={page}")).collect()), 10_000),
    ] {
        let leaks = classify(&recording(vec![request]), &Definitions::built_in()).leaks.len();
        assert!(leaks <= most && (most == 0 || leaks * 2 > most), "{name}: {leaks}");
    }
}
