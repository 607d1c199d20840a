//! One request at the prompt.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ended, repository, run, tool};

const PIXEL: &str = "https://www.facebook.com/tr/?id=482915530127701&ev=Search&dl=https%3A%2F%2Fclinic.example%2Ffind%3Fq%3Dhiv%2Btest&\
                     cd[search_string]=hiv%20test&fbp=fb.1.1700000000000.123456789&zz=1";

/// The program with a text on its standard input.
fn piped(text: impl AsRef<[u8]>, arguments: &[&str]) -> Ended {
    let mut command = tool();
    command.arg("explain").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_ref()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), stdout: text(ended.stdout), stderr: text(ended.stderr) }
}

#[test]
fn the_same_request_says_the_same_however_it_was_copied() {
    let claims = |ended: &Ended| ended.stdout.split_once("What it tells").map(|(_, claims)| claims.to_owned()).unwrap_or_default();
    let plain = run(tool().args(["explain", PIXEL]));
    assert!(claims(&plain).contains("the search term \u{201c}hiv test\u{201d}"), "{plain:?}");
    let (address, query) = PIXEL.split_once('?').unwrap();
    for text in [
        PIXEL.to_owned(),
        format!("curl '{PIXEL}' \\\n  -H 'accept: */*' --compressed"),
        format!("fetch({PIXEL:?}, {{\"method\":\"GET\",\"body\":null}});"),
        format!("GET {PIXEL}\nAccept: */*\n"),
        format!("POST {address}\nContent-Type: application/x-www-form-urlencoded\n\n{query}\n"),
    ] {
        let ended = piped(&text, &["-"]);
        assert_eq!((ended.code, claims(&ended)), (Some(1), claims(&plain)), "{text}\n{ended:?}");
    }
}

/// As Chrome's “Copy all as cURL” joins them.
#[test]
fn each_of_several_requests_is_explained_under_its_number() {
    let text = fs::read_to_string(repository().join("crates/captures/fixtures/field/copy-all-as-curl.txt")).unwrap();
    let ended = piped(&text, &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let (summary, each) = ended.stdout.split_once("\n\n--- Request 1 of 2 ---\n").unwrap();
    let (first, second) = each.split_once("\n--- Request 2 of 2 ---\n").unwrap();
    assert_eq!(summary, "2 requests were read. One of them tells something: number 2.");
    assert!(first.starts_with("GET https://cdn.shop.example/app.js\n") && !first.contains("What it tells"), "{first}");
    assert!(second.contains("the page address https://www.clinic.example/hiv/testing"), "{second}");
    let parsed: Value = serde_json::from_str(&piped(&text, &["--json"]).stdout).unwrap();
    assert_eq!(parsed.as_array().map(Vec::len), Some(2));
    assert_eq!(parsed[1]["request"]["url"].as_str().map(|url| url.starts_with("https://www.facebook.com/tr/")), Some(true));
}

#[test]
fn what_nobody_reads_is_shown_as_it_stands() {
    let text = "curl https://unknown.example/x?a=%7B%22b%22%3A1%7D -d 'mail=maria%40example.org' -b 'uid=7'";
    let ended = piped(text, &["--canary", "email=maria@example.org", "--first-party", "clinic.example"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for line in [
        "No definition reads this request. Its parameters as they stand:",
        "  a = {\"b\":1}  unknown",
        "  a.b = 1  unknown",
        "  mail = maria@example.org  unknown [form body, percent-encoding]",
        "  uid = 7  unknown [cookie]",
        "  the e-mail address \u{201c}maria@example.org\u{201d}",
    ] {
        assert!(folded(&ended.stdout).contains(&folded(line)), "{line}\n{}", ended.stdout);
    }
    let nothing = piped("https://unknown.example/", &[]);
    assert_eq!(nothing.code, Some(0));
    assert!(nothing.stdout.contains("No definition reads this request. It has no parameters.\n\nNothing"), "{nothing:?}");
}

#[test]
fn a_script_that_a_definition_knows_is_not_called_unknown() {
    let ended = piped("https://www.redditstatic.com/ads/pixel.js", &[]);
    let text = folded(&ended.stdout);
    for line in ["Reddit Pixel of Reddit", "Its address is known, and says nothing by itself. It has no parameters."] {
        assert!(text.contains(&folded(line)), "{line}\n{}", ended.stdout);
    }
}

/// A compressed body is no text. What was copied ends in a line break or does not, and it is sent in lines of either sort.
#[test]
fn a_body_of_any_bytes_is_read() {
    let body: Vec<u8> = std::fs::read(repository().join("crates/classifier/fixtures/posthog/packed.http")).unwrap();
    let start = body.windows(2).position(|two| two == [0x1f, 0x8b]).unwrap();
    let packed = body[start..].strip_suffix(b"\n").unwrap_or(&body[start..]);
    let address = "POST https://eu.i.posthog.com/e/?ip=0";
    for (head, after) in [
        (format!("{address}\nContent-Type: text/plain\n\n"), ""),
        (format!("{address} HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n"), ""),
        (format!("{address}\nContent-Length: {}\n\n", packed.len()), "\n"),
    ] {
        let ended = piped([head.as_bytes(), packed, after.as_bytes()].concat(), &[]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(folded(&ended.stdout).contains("the page addresses https://www.clinic.example/find?q=hiv+test"), "{}", ended.stdout);
    }
    let neither = piped([b"curl https://t.example/ -d '", packed].concat(), &[]);
    assert_eq!((neither.code, neither.stderr.contains("it is not text")), (Some(2), true), "{neither:?}");
}

#[test]
fn a_recording_of_the_visit_says_what_was_recorded() {
    let typed = "POST https://k.clarity.ms/collect\nContent-Type: application/json\n\n\
                 {\"e\":[\"0.7.59\",1,120,500,\"abc123\",\"u1\",\"s1\",1,0,0,0,\"https://www.clinic.example/hiv\"],\"a\":[[1,27,5,\"prep tablets\",1]],\"p\":[]}\n";
    let ended = piped(typed, &[]);
    let text = ended.stdout.split_once("What it tells:").unwrap().1;
    let expected = "the page address https://www.clinic.example/hiv the browser identifier e.5 \
                    It is a part of a recording of the visit through Microsoft Clarity, of 125 bytes: \
                    1 page address: https://www.clinic.example/hiv \
                    1 value of a field, as typed, in the clear: \u{201c}prep tablets\u{201d}";
    assert_eq!(folded(text), folded(expected));
    let document: Value = serde_json::from_str(&piped(typed, &["--json"]).stdout).unwrap();
    assert_eq!(document["replays"][0]["vendor"], "microsoft_clarity");
}

/// The request alone does not say that this was the site that was visited.
#[test]
fn a_referer_is_pointed_out_where_no_site_is_known() {
    let asked = |referer: &str, arguments: &[&str]| {
        let ended = piped(format!("GET https://t.tracker.example/a.gif\nReferer: {referer}\n"), arguments);
        folded(ended.stdout.split_once("It has no parameters.").unwrap().1)
    };
    let nothing = "Nothing in it is recognised as telling about a visitor.";
    for (referer, arguments, expected) in [
        (
            "https://www.clinic.example:8443/find?q=hiv+test",
            &[][..],
            format!("{nothing} Its Referer header names a page: with --first-party www.clinic.example, that counts as what it tells."),
        ),
        ("https://www.clinic.example/", &[], nothing.to_owned()),
        ("not an address", &[], nothing.to_owned()),
        ("https://www.clinic.example/find", &["--first-party", "other.example"], nothing.to_owned()),
        (
            "https://www.clinic.example/find",
            &["--first-party", "www.clinic.example"],
            "What it tells: the page address https://www.clinic.example/find".to_owned(),
        ),
    ] {
        assert_eq!(asked(referer, arguments), expected, "{referer} {arguments:?}");
    }
}

#[test]
fn programs_get_json_and_people_colours() {
    let ended = run(tool().args(["explain", "--json", PIXEL]));
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &document["read"], &document["events"][0]["name"]), (Some(1), &Value::Bool(true), &Value::from("Search")));
    assert_eq!(document["vendors"][0]["id"], "meta_pixel");
    let unread = piped("https://unknown.example/?a=b", &["--json"]);
    let document: Value = serde_json::from_str(&unread.stdout).unwrap();
    assert_eq!((&document["read"], &document["parameters"][0]["value"]), (&Value::Bool(false), &Value::from("b")));

    let coloured =
        |arguments: &[&str]| run(tool().arg("explain").args(arguments).arg(PIXEL).env("NO_COLOR", "1")).stdout.contains('\u{1b}');
    assert_eq!([coloured(&[]), coloured(&["--color", "always"]), coloured(&["--color", "never"])], [false, true, false]);
}

#[test]
fn a_definition_of_ones_own_is_used() {
    let own = "id = \"own\"\nname = \"Own\"\nowner = \"Own Company\"\npurpose = \"analytics\"\nconfidence = \"seen\"\nsources = [\"https://c.test/\"]\n\
               [[endpoint]]\nhost = \"c.test\"\npath = \"/in\"\nbody = [\"query\"]\n[params]\nterm = \"search-term\"\n";
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("own.toml"), own).unwrap();
    let ended = piped("https://c.test/in?term=chilblains", &["--vendors", directory.path().to_str().unwrap()]);
    assert!(
        ended.stdout.contains("Own of Own Company: analytics") && ended.stdout.contains("the search term \u{201c}chilblains\u{201d}"),
        "{ended:?}"
    );
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
