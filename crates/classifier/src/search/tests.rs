mod forms;

use std::io::Write as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use pixelwitness_recording::CanaryKind::{self, DateOfBirth, Email, FirstName, FullName, LastName, Phone, Postcode, SearchTerm, Text};
use pixelwitness_recording::{
    Body, Bytes, Header, HeaderSource, HttpVersion, Initiator, MessageKind, RequestId, Sender, SenderSource, TargetKind, Transmission,
    Witness,
};
use sha2::{Digest as _, Sha256};

use super::*;

fn canary(kind: CanaryKind, value: &str) -> Canary {
    Canary { name: "canary".to_owned(), kind, value: value.to_owned() }
}

fn request(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    Request {
        id: RequestId(1),
        step: None,
        sent_at_ms: 0,
        sender: Sender::Page,
        page_url: None,
        frame: None,
        target: TargetKind::Page,
        resource_type: String::new(),
        method: "POST".to_owned(),
        url: url.to_owned(),
        http_version: HttpVersion::Http2,
        headers: headers.iter().map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() }).collect(),
        headers_from: HeaderSource::Wire,
        body: Body::from(body.to_vec()),
        body_from: Witness::Both,
        initiator: Initiator::default(),
        sender_from: SenderSource::Devtools,
        top_site: None,
        redirected_from: None,
        response: None,
        remote_address: None,
        transmission: Transmission::Sent,
        witness: Witness::Both,
        log_lines: Vec::new(),
    }
}

/// Each hit as `place [encodings] value <the bytes it names>`, in one line.
fn shown(hits: &[Hit], carrier: &[u8]) -> String {
    let lines: Vec<String> = hits.iter().map(|hit| show(hit, carrier)).collect();
    lines.join(" | ")
}

fn show(hit: &Hit, carrier: &[u8]) -> String {
    let range = hit.location.range.unwrap();
    let named = &carrier[range.start..range.end];
    let named = match std::str::from_utf8(named) {
        _ if range.end - range.start == carrier.len() && carrier.len() > 40 => "all".to_owned(),
        Ok(text) if text.len() <= 60 => text.to_owned(),
        Ok(text) => format!("{} bytes", text.len()),
        Err(_) => "bytes".to_owned(),
    };
    let encodings: Vec<String> = hit.encodings.iter().map(encoding_in_short).collect();
    let value = if hit.value.len() >= 32 { &hit.value[..6] } else { &hit.value };
    format!("{} {encodings:?} {value} <{named}>", hit.location).replace('"', "")
}

fn encoding_in_short(encoding: &Encoding) -> String {
    format!("{encoding:?}").replace("normalised: ", "").replace(' ', "")
}

fn in_url(kind: CanaryKind, value: &str, rest: &str) -> String {
    let url = format!("https://t.example/{rest}");
    shown(&Needles::new(&[canary(kind, value)]).find(&request(&url, &[], b"")).hits, url.as_bytes())
}

fn in_body(kind: CanaryKind, value: &str, body: &[u8]) -> String {
    shown(&Needles::new(&[canary(kind, value)]).find(&request("https://t.example/", &[], body)).hits, body)
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_term_is_found_in_every_part_of_an_address() {
    for (value, rest, expected) in [
        ("hiv test", "hiv-test/", "path [] hiv-test <hiv-test>"),
        ("hiv test", "find?q=hiv+test", "query q [Percent] hiv test <hiv+test>"),
        ("hiv test", "find?q=HIV%20Test&x=1", "query q [Percent] HIV Test <HIV%20Test>"),
        ("hiv test", "find?q=hiv%252520test", "query q [Percent, Percent, Percent] hiv test <hiv%252520test>"),
        ("hiv test", "?a=1&q=an%20hiv%20%20test!", "query q [Percent] hiv  test <an%20hiv%20%20test!>"),
        ("hiv test", "?hiv_test=1", "query hiv_test [] hiv_test <hiv_test>"),
        ("hiv", "a/hiv/b", "path [] hiv <hiv>"),
        ("hiv", "?q=hiv;hiv", "query q [] hiv <hiv> | query q [] hiv <hiv>"),
        ("fièvre", "?q=fi%C3%A8vre", "query q [Percent] fièvre <fi%C3%A8vre>"),
        ("fièvre", "?q=FI%C3%88VRE", "query q [Percent] FIÈVRE <FI%C3%88VRE>"),
        (
            "hiv test",
            "?dl=https%3A%2F%2Fc.example%2F%3Fq%3Dhiv%2520test",
            "query dl [Percent, Url, Percent] hiv test <https%3A%2F%2Fc.example%2F%3Fq%3Dhiv%2520test>",
        ),
        (
            "hiv test",
            "?dl=https%3A%2F%2Fc.example%2F%3Fq%3Dhiv%2Btest",
            "query dl [Percent, Url, Percent] hiv test <https%3A%2F%2Fc.example%2F%3Fq%3Dhiv%2Btest>",
        ),
        (
            "hiv test",
            "?cd=%7B%22q%22%3A%22hiv%5Cu0020test%22%7D",
            "query cd [Percent, Json] hiv test <%7B%22q%22%3A%22hiv%5Cu0020test%22%7D>",
        ),
        ("hiv test", "?d=aGl2IHRlc3Q", "query d [Base64] hiv test <aGl2IHRlc3Q>"),
        ("hiv test", "?d=aGl2IHRlc3Q%3D", "query d [Base64] hiv test <aGl2IHRlc3Q>"),
        ("hiv", "?d=aGl2", "query d [Base64] hiv <aGl2>"),
        ("hiv", "?d=x.aGl2.x", ""),
        ("hiv test", "?d=v1~x/aGl2IHRlc3Q~2", "query d [Base64] hiv test <aGl2IHRlc3Q>"),
        ("hiv test", "?d=zaGl2IHRlc3Q~", "query d [Base64] hiv test <aGl2IHRlc3Q>"),
        ("hiv test", "?q=hiv%26%2332%3Btest", "query q [Percent, HtmlEntity] hiv test <hiv%26%2332%3Btest>"),
    ] {
        assert_eq!(in_url(SearchTerm, value, rest), expected, "{value} in {rest}");
    }
}

#[test]
fn a_term_is_found_in_host_headers_and_cookies() {
    let needles = Needles::new(&[canary(SearchTerm, "hiv test")]);
    let url = "https://hiv-test.clinic.example/";
    assert_eq!(shown(&needles.find(&request(url, &[], b"")).hits, url.as_bytes()), "host name [] hiv-test <hiv-test>");
    for (name, value, expected) in [
        ("Referer", "https://c.example/?q=hiv+test", "header referer [Url, Percent] hiv test <https://c.example/?q=hiv+test>"),
        ("X-Page", "the hiv test page", "header x-page [] hiv test <hiv test>"),
        ("Cookie", "a=1; last=hiv%20test; b=2", "cookie last [Percent] hiv test <hiv%20test>"),
        ("cookie", "a=1; hiv-test=1", "cookie [] hiv-test <hiv-test>"),
    ] {
        let hits = needles.find(&request("https://t.example/", &[(name, value)], b""));
        assert_eq!(shown(&hits.hits, value.as_bytes()), expected, "{name}: {value}");
    }
}

#[test]
fn a_term_is_found_in_every_sort_of_body() {
    let multipart = b"--b0und\r\nContent-Disposition: form-data; name=\"cd[search_string]\"\r\n\r\nhiv test\r\n--b0und--\r\n";
    let json = br#"{"event":"Search","properties":{"query":"hiv test"}}"#;
    let repetitive = format!("an hiv test{}", ", the clinic opens at nine".repeat(9));
    let inner = serde_json::to_string(&serde_json::json!({ "p": std::str::from_utf8(json).unwrap() })).unwrap();
    for (body, expected) in [
        (b"ev=Search&cd%5Bsearch_string%5D=hiv+test".to_vec(), "form cd[search_string] [Percent] hiv test <hiv+test>"),
        (
            b"en=page_view&dt=x\r\nen=search&ep.search_term=hiv%20test".to_vec(),
            "batch line 2:ep.search_term [Percent] hiv test <hiv%20test>",
        ),
        (multipart.to_vec(), "multipart cd[search_string] [] hiv test <hiv test>"),
        (json.to_vec(), "JSON /properties/query [] hiv test <hiv test>"),
        (json[..json.len() - 8].to_vec(), ""),
        (json[..json.len() - 3].to_vec(), "JSON /properties/query [] hiv test <hiv test>"),
        (br#"{"a":["\u0068iv\u0020test"]}"#.to_vec(), r"JSON /a/0 [JsonString] hiv test <\u0068iv\u0020test>"),
        (br#"{"hiv test":1}"#.to_vec(), "JSON /hiv test [] hiv test <hiv test>"),
        (inner.into_bytes(), "JSON /p [] hiv test <hiv test>"),
        (gzip(json), "JSON /properties/query [Gzip] hiv test <all>"),
        (zlib(json), "JSON /properties/query [Zlib] hiv test <all>"),
        (deflate(repetitive.as_bytes()), "body [Deflate] hiv test <all>"),
        (STANDARD.encode(gzip(json)).into_bytes(), "JSON /properties/query [Base64, Gzip] hiv test <all>"),
        (format!("data={}", STANDARD_NO_PAD.encode(json)).into_bytes(), "form data [Base64, Json] hiv test <70 bytes>"),
        ([b"\x00\x01\x0ahiv test\xff".to_vec()].concat(), "body [] hiv test <hiv test>"),
        ([&b"\x08\x01"[..], &gzip(b"an hiv test")].concat(), "body [Gzip] hiv test <bytes>"),
        (b"plain words: hiv test.".to_vec(), "body [] hiv test <hiv test>"),
    ] {
        assert_eq!(in_body(SearchTerm, "hiv test", &body), expected, "{}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn a_message_is_named_by_its_number() {
    let needles = Needles::new(&[canary(SearchTerm, "hiv test")]);
    let payload = br#"{"q":"hiv test"}"#;
    let message = Message {
        request: RequestId(1),
        step: None,
        sent_at_ms: 0,
        kind: MessageKind::Text,
        payload: Bytes(payload.to_vec()),
        witness: Witness::Both,
        log_lines: Vec::new(),
    };
    assert_eq!(shown(&needles.find_in_message(&message, 3).hits, payload), "WebSocket message 3 [] hiv test <hiv test>");
}

#[test]
fn each_kind_is_found_as_people_write_it() {
    for (kind, value, text, expected) in [
        (Email, "jo@clinic.example", "mail to Jo@Clinic.Example.", "Jo@Clinic.Example"),
        (Email, "jo.b+nhs@gmail.com", "to job@gmail.com", "job@gmail.com"),
        (Phone, "07700 900123", "tel 07700900123", "07700900123"),
        (Phone, "07700 900123", "+44 7700 900 123", "+44 7700 900 123"),
        (Phone, "07700 900123", "+44 (0)7700-900-123", "+44 (0)7700-900-123"),
        (Phone, "07700 900123", "00447700900123", "00447700900123"),
        (Phone, "07700 900123", "447700900123", "447700900123"),
        (Phone, "07700 900123", "n 7700900123,", "7700900123"),
        (Phone, "+447700900123", "07700 900123", "07700 900123"),
        (Phone, "07700 900123", "10 7700900123", "7700900123"),
        (FirstName, "Zoë", "ZOË came", "ZOË"),
        (LastName, "O'Neil", "Ms O\u{2019}Neil", "O\u{2019}Neil"),
        (LastName, "O'Neil", "ms oneil", "oneil"),
        (FullName, "Mary-Jane O'Neil", "mary-jane o'neil", "mary-jane o'neil"),
        (DateOfBirth, "1990-02-01", "born 1990-02-01T00:00", "1990-02-01"),
        (DateOfBirth, "1990-02-01", "born 01/02/1990", "01/02/1990"),
        (DateOfBirth, "1990-02-01", "born 19900201", "19900201"),
        (Postcode, "AB1 2CD", "in ab12cd", "ab12cd"),
        (Postcode, "AB12CD", "in AB1 2CD.", "AB1 2CD"),
        (SearchTerm, "std (test)", "page std-test", "std-test"),
        (Text, "quokkabilberries9", "xxquokkabilberries9yy", "quokkabilberries9"),
    ] {
        assert_eq!(in_body(kind, value, text.as_bytes()), format!("body [] {expected} <{expected}>"), "{value} in {text}");
    }
}

#[test]
fn what_only_looks_like_a_canary_is_not_claimed() {
    for (kind, value, text) in [
        (SearchTerm, "hiv", "the archive"),
        (SearchTerm, "hiv", "?q=hiv%C3%A9"),
        (SearchTerm, "hiv", r#"{"q":"hiv\u00e9"}"#),
        (SearchTerm, "hiv", "shivers"),
        (SearchTerm, "hi", "hi there"),
        (SearchTerm, "hiv test", "hivtest"),
        (SearchTerm, "hiv test", "hiv and test"),
        (Email, "jo@clinic.example", "mary.jo@clinic.example"),
        (Email, "jo@clinic.example", "jo@clinic.example.org"),
        (Email, "jo@clinic.example", "ajo@clinic.example"),
        (Phone, "07700 900123", "077009001234"),
        (Phone, "07700 900123", "1207700900123"),
        (Phone, "07700 900123", "id 900123"),
        (DateOfBirth, "1990-02-01", "1990-02"),
        (DateOfBirth, "1990-02-01", "1990-02-011"),
        (DateOfBirth, "1990-02-01", "x19900201f"),
        (Postcode, "AB1 2CD", "XAB1 2CDE"),
        (FirstName, "Ann", "annual"),
        // A mask fits many values, and a filtered parameter was not sent.
        (FirstName, "Ann", "cud[fn]=^**"),
        (Email, "jo@clinic.example", "ud[em]=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            SearchTerm,
            "hiv test",
            "dl=https%3A%2F%2Fc.example%2F%3Fq%3D_removed_%26_filteredParams%3D8e35c2cd3bf6641bdb0e2050b76932cbb2e6034a0ddacc1d9bea82a6ba57f7cf",
        ),
    ] {
        assert_eq!(in_body(kind, value, text.as_bytes()), "", "{value} in {text}");
        assert_eq!(in_url(kind, value, text), "", "{value} in {text}");
    }
}

#[test]
fn hashes_are_found_however_the_vendor_normalised_and_wrote_them() {
    for (kind, value, hashed, steps) in [
        (Email, "Jo@Clinic.Example", "jo@clinic.example", "[Lowercase]"),
        (Email, "jo@clinic.example", "jo@clinic.example", "[]"),
        (Email, "j.o+x@gmail.com", "jo@gmail.com", "[Trim,Lowercase,GmailLocalPart]"),
        (Phone, "07700 900123", "7700900123", "[NoLeadingZeros]"),
        (Phone, "07700 900123", "07700900123", "[NoSpaces]"),
        (Phone, "07700-900123", "07700900123", "[DigitsOnly]"),
        (Phone, "07700 900123", "447700900123", "[E164NoPlus]"),
        (Phone, "07700 900123", "+447700900123", "[E164]"),
        (FirstName, "Zoë", "zoë", "[Lowercase]"),
        (LastName, "O'Neil", "oneil", "[Lowercase,LettersAndDigits]"),
        (FullName, "Mary-Jane O'Neil", "maryjane", "[FirstWord,Lowercase,LettersAndDigits]"),
        (Postcode, "AB1 2CD", "ab1 2cd", "[Lowercase]"),
        (Postcode, "AB1 2CD", "ab12cd", "[Lowercase,NoSpaces]"),
        (DateOfBirth, "1990-02-01", "19900201", "[CompactDate]"),
    ] {
        let digest = Sha256::digest(hashed);
        let in_hex = hex::encode(digest);
        let start = &in_hex[..6];
        for (written, expected) in [
            (in_hex.clone(), format!("query ud [Sha256{{{steps}}}] {start} <64 bytes>")),
            (in_hex.to_uppercase(), format!("query ud [Sha256{{{steps}}}] {start} <64 bytes>")),
            (format!("{in_hex}.AQYCAQMA"), format!("query ud [Sha256{{{steps}}}] {start} <64 bytes>")),
            (format!("x{in_hex}0"), format!("query ud [Sha256{{{steps}}}] {start} <64 bytes>")),
        ] {
            assert_eq!(in_url(kind, value, &format!("?ud={written}")), expected, "{hashed}");
        }
        let written = URL_SAFE_NO_PAD.encode(digest);
        let found = in_url(kind, value, &format!("?em=tv.1~em.{written}~x"));
        assert!(found.ends_with(&format!("RawDigest, Sha256{{{steps}}}] {start} <{written}>")), "{found}");
        let written = STANDARD_NO_PAD.encode(digest);
        let found = in_body(kind, value, format!(r#"{{"e":"{written}="}}"#).as_bytes());
        assert_eq!(found, format!("JSON /e [Base64, RawDigest, Sha256{{{steps}}}] {start} <{written}>"));
        let raw = [b"\x0a\x20\xff", &digest[..], b"\x00"].concat();
        assert!(in_body(kind, value, &raw).contains(&format!("body [RawDigest, Sha256{{{steps}}}] {start} <")), "raw");
    }
}

#[test]
fn other_hashes_are_found_too() {
    let email = "jo@clinic.example";
    let md5 = hex::encode(md5::Md5::digest(email));
    for (written, chain) in [
        (md5.clone(), "[Md5{[]}]"),
        (hex::encode(sha1::Sha1::digest(email)), "[Sha1{[]}]"),
        (sha256(&md5), "[Sha256{[]}, Md5{[]}]"),
        (STANDARD.encode(sha256(email)), "[Base64, Sha256{[]}]"),
    ] {
        let found = in_url(Email, email, &format!("?h={written}"));
        assert!(found.starts_with(&format!("query h {chain} ")), "{found}");
        assert!(!found.contains('|'), "{found}");
    }
    assert_eq!(in_url(FirstName, "Jo", &format!("?h={}", sha256("jo"))), "");
}

#[test]
fn every_other_wrapping_is_undone() {
    let wide: Vec<u8> = "find hiv test".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zstd = zstd::encode_all(&b"find hiv test in the clinic near you"[..], 0).unwrap();
    // Its length is that of a letter, and so is the number of the field that follows.
    let message = [&b"\x0a\x61"[..], &"hiv test ".repeat(11).as_bytes()[..97], b"\x62\x01a\x10\x07"].concat();
    let packed = [&b"\x82\xa1a\xa8hiv test\xa1b"[..], &[0xcf, 0, 0, 1, 0x99, 0xc8, 0x2c, 0xc0, 0]].concat();
    let brotli = hex::decode(
        "1b6c001004d43965839f35a33fb470a6c61de34007951bec7cd265e6c12127786c2ba430e2defaa29789500f8518e73328bc1628f650019f21150f",
    )
    .unwrap();
    for (body, expected) in [
        (zstd.clone(), "body [Zstd] hiv test <bytes>"),
        (STANDARD.encode(&zstd).into_bytes(), "body [Base64, Zstd] hiv test <all>"),
        ([&b"\x01\x02"[..], &wide].concat(), "body [Utf16] hiv test <bytes>"),
        (message, "body [Protobuf] hiv test <hiv test>"),
        (packed, "body [Msgpack] hiv test <bytes>"),
        (brotli, "body [Brotli] hiv test <bytes>"),
        (b"v=6869762074657374".to_vec(), "form v [Base16] hiv test <6869762074657374>"),
        (b"v=NBUXMIDUMVZXI".to_vec(), "form v [Base32] hiv test <NBUXMIDUMVZXI>"),
        (b"v=JTvkj7Qkhud".to_vec(), "form v [Base58] hiv test <JTvkj7Qkhud>"),
        (br#"{"v":"hiv=20te=\nst"}"#.to_vec(), "JSON /v [JsonString, QuotedPrintable] hiv test <hiv=20te=\\nst>"),
        (b"v=BYSwbgBALgpgzlCBDAdgE2RAxgGxCkLIA".to_vec(), "form v [LzString] hiv test <BYSwbgBALgpgzlCBDAdgE2RAxgGxCkLIA>"),
    ] {
        let found = in_body(SearchTerm, "hiv test", &body);
        assert!(found.split(" | ").any(|hit| hit.starts_with(expected.split('<').next().unwrap())), "{found}\nis not\n{expected}");
    }
}

#[test]
fn every_other_digest_is_found() {
    for algorithm in algorithms::LONG {
        let digest = algorithms::digest(*algorithm, b"pat@clinic.example");
        for (body, writing) in [
            (format!("a={}", hex::encode(&digest)).into_bytes(), "[Digest"),
            (format!("a={}", hex::encode(&digest).to_uppercase()).into_bytes(), "[Digest"),
            ([&b"\xff"[..], &digest, b"\xfe"].concat(), "[RawDigest, Digest"),
        ] {
            let found = in_body(Email, " Pat@Clinic.example", &body);
            assert!(found.contains(&format!("{writing}{{algorithm:{algorithm:?}")), "{algorithm:?}: {found}");
        }
    }
    for (inner, outer) in [("sha1", "md5"), ("md5", "sha1"), ("sha256", "sha256")] {
        let hash = |name: &str, text: &str| match name {
            "sha1" => hex::encode(sha1::Sha1::digest(text)),
            "md5" => hex::encode(md5::Md5::digest(text)),
            _ => sha256(text),
        };
        let found = in_body(Email, "pat@clinic.example", hash(outer, &hash(inner, "pat@clinic.example")).as_bytes());
        assert!(found.to_lowercase().contains(&format!("[{outer}{{[]}}, {inner}{{[]}}]")), "{found}");
    }
}

/// A number of 32 bits is any of those looked for by chance, now and then. Two of two canaries are not.
#[test]
fn a_checksum_of_32_bits_never_stands_alone() {
    let canaries = [canary(Email, "pat@clinic.example"), canary(LastName, "Morgan")];
    let number = |algorithm, text: &str| u32::from_be_bytes(algorithms::digest(algorithm, text.as_bytes()).try_into().unwrap());
    let needles = Needles::new(&canaries);
    for algorithm in algorithms::SHORT {
        let (one, two) = (number(*algorithm, "pat@clinic.example"), number(*algorithm, "morgan"));
        let find = |body: &str| needles.find(&request("https://t.example/", &[], body.as_bytes())).hits.len();
        assert_eq!(find(&format!("a={one:08x}")), 0, "{algorithm:?}");
        assert_eq!(find(&format!("a={one}&b={one:08x}")), 0);
        assert_eq!(find(&format!("a={one:08x}&b={two:08x}")), 2);
        assert_eq!(find(&format!("a={one}&b={two}")), 2);
        assert_eq!(find(&format!("a={}&b={}", one.cast_signed(), two.cast_signed())), 2);
        assert_eq!(find(&format!("a=1{one:08x}&b={two:08x}")), 0, "part of a longer number");
    }
}

#[test]
fn what_is_not_looked_into_is_said() {
    let needles = Needles::new(&[canary(SearchTerm, "hiv test")]);
    let nested = |times: usize| (0..times).fold("find the hiv test now".to_owned(), |text, _| STANDARD.encode(text));
    let cut = |body: &[u8]| needles.find(&request("https://t.example/", &[], body)).cut_short;
    let form = |times| format!("a={}", nested(times)).into_bytes();
    assert!(!cut(&form(4)) && cut(&form(5)));
    assert!(!cut(b"a=1&b=hiv%20test") && !cut(br#"{"a":"\u0068iv"}"#));
    assert!(cut(&gzip(&vec![b' '; 9 << 20])));
    let large = format!("a={}", "hiv%20test%21 ".repeat(1 << 20));
    assert!(cut(format!("{large}&b={large}").as_bytes()));
}

fn everything() -> Vec<Canary> {
    vec![
        canary(SearchTerm, "hiv test"),
        canary(Email, "jo@clinic.example"),
        canary(Phone, "07700 900123"),
        canary(FullName, "Zoë O'Neil"),
        canary(DateOfBirth, "1990-02-01"),
        canary(Postcode, "AB1 2CD"),
    ]
}

#[test]
fn whatever_the_bytes_the_search_ends_and_its_ranges_hold() {
    let needles = Needles::new(&everything());
    let json = format!(r#"{{"a":"hiv\u0020test","b":[{{"é":"Zo\u00eb O'Neil &#64; {}"}}]}}"#, sha256("jo@clinic.example"));
    for body in [
        json.clone().into_bytes(),
        format!("q=hiv%2520test&p=%2B44+7700+900+123&d=01%2F02%2F1990&z={}", STANDARD.encode(&json)).into_bytes(),
        b"--b0\r\nContent-Disposition: form-data; name=\"p\"\r\n\r\nAB1 2CD\r\n--b0--\r\n".to_vec(),
        gzip(json.as_bytes()),
        zlib(json.as_bytes()),
    ] {
        let cut = (0..body.len()).map(|end| body[..end].to_vec());
        let mangled = (0..body.len()).flat_map(|at| {
            let body = &body;
            [&b"\xc3\xa9"[..], b"%", b"\\", b"\""].map(move |bytes| [&body[..at], bytes, &body[at + 1..]].concat())
        });
        for bytes in cut.chain(mangled) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let request = request(&format!("https://t.example/{text}"), &[("cookie", &text), ("referer", &text)], &bytes);
            let longest = request.url.len().max(text.len()).max(bytes.len());
            for hit in needles.find(&request).hits {
                let range = hit.location.range.unwrap();
                assert!(range.start < range.end && range.end <= longest, "{hit:?}");
            }
        }
    }
}

#[test]
fn bombs_and_endless_nesting_end_soon() {
    let needles = Needles::new(&everything());
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let nested = (0..40).fold("hiv test".to_owned(), |text, _| STANDARD.encode(text));
    let percent = format!("q=hiv%{}20test", "25".repeat(100_000));
    for body in [
        bomb.clone(),
        gzip(&bomb),
        nested.into_bytes(),
        percent.into_bytes(),
        "[".repeat(1 << 20).into_bytes(),
        "{\"a\":".repeat(1 << 18).into_bytes(),
        "hiv test ".repeat(1 << 16).into_bytes(),
        b"\x1f\x8b\x08".repeat(1 << 16),
        "\\u0068".repeat(1 << 16).into_bytes(),
        "&#".repeat(1 << 18).into_bytes(),
        "--a\r\n".repeat(1 << 14).into_bytes(),
    ] {
        let began = Instant::now();
        needles.find(&request("https://t.example/", &[], &body));
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}...", String::from_utf8_lossy(&body[..20]));
    }
}

/// Prints a measurement; `cargo test --release -p pixelwitness-classifier speed -- --nocapture`.
#[test]
fn speed_is_printed_for_requests_without_hits() {
    let needles = Needles::new(&everything());
    let words = "The clinic opens at nine and closes at five, please ring the bell. ".repeat(1 << 14);
    let json = format!("[{}]", vec![r#"{"event":"PageView","at":1763796721,"page":"/opening-hours","width":1280}"#; 1 << 13].join(","));
    let form = vec!["ev=PageView&dl=https%3A%2F%2Fclinic.example%2Fhours&sw=1280&it=1763796721"; 1 << 13].join("&");
    for (what, body) in [("plain text", words), ("JSON", json), ("form", form)] {
        let request = request("https://t.example/", &[], body.as_bytes());
        let began = Instant::now();
        assert_eq!(needles.find(&request).hits, []);
        let seconds = began.elapsed().as_secs_f64();
        println!("{what}: {:.0} MB/s", body.len() as f64 / 1e6 / seconds);
    }
}
