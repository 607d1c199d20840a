use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use pixelwitness_recording::GapKind;

use crate::case;

/// The number of requests, what is said of damage, and whether the end was reached.
fn check(bytes: Vec<u8>, expected: Expect) {
    let recording = case(bytes);
    let gaps = recording.gaps.iter().filter(|gap| matches!(gap.kind, GapKind::LogDamaged | GapKind::LeftOut));
    let said: String = gaps.map(|gap| gap.why.clone() + "\n").collect();
    let end = if recording.completeness.captures[0].whole { "to the end" } else { "not to the end" };
    expected.assert_eq(&format!("{} requests, {end}\n{said}", recording.requests.len()));
}

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn one_damaged_line_is_not_the_end_of_a_log() {
    let log = fixture("fixtures/puppeteer.jsonl");
    check(
        log.clone().into_bytes(),
        expect![[r#"
        4 requests, to the end
    "#]],
    );
    check(
        log.replacen("Page", "Pa\"ge", 1).replacen("{", "{\"", 1).into_bytes(),
        expect![[r#"
        2 requests, to the end
        2 messages of the log cannot be read, the first of them number 1
    "#]],
    );
    check(
        log.as_bytes()[..log.len() - 30].to_vec(),
        expect![[r#"
        3 requests, not to the end
        1 message of the log cannot be read, the first of them number 7
    "#]],
    );
    let mut latin = log.replacen("maria", "mar#a", 1).into_bytes();
    latin.iter_mut().filter(|byte| **byte == b'#').for_each(|byte| *byte = 0xed);
    check(
        latin,
        expect![[r#"
        4 requests, to the end
        1 place whose bytes are no characters: what stood there is not known, and is shown as �
    "#]],
    );
    let array = fixture("fixtures/chromedriver.json");
    check(
        format!("{array}\n\njunk").into_bytes(),
        expect![[r#"
        4 requests, not to the end
        4 bytes after the end of the log are none of it and were not read
    "#]],
    );
}

#[test]
fn one_damaged_line_is_not_the_end_of_a_netlog() {
    let log = fixture("../interceptor/fixtures/shop/netlog.json");
    let lines: Vec<&str> = log.lines().collect();
    let middle = lines.len() / 2;
    let damaged: Vec<&str> = lines.iter().enumerate().map(|(at, line)| if at == middle { "{\"par" } else { line }).collect();
    check(
        damaged.join("\n").into_bytes(),
        expect![[r#"
            93 requests, to the end
            1 line of the NetLog cannot be read
        "#]],
    );
    check(
        lines[..middle].join("\n").into_bytes(),
        expect![[r#"
        50 requests, not to the end
        the NetLog lacks its end
    "#]],
    );
}
