//! What holds for every definition.

use std::collections::BTreeSet;
use std::path::Path;

use pixelwitness_classifier::{Definitions, classify};

use crate::fixture;
use crate::recorded::{get, recording};

#[test]
fn the_built_in_definitions_are_those_of_the_folder_in_order_with_a_fixture_each() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(Definitions::built_in_files().collect::<Vec<_>>(), files);
    let with_fixture: BTreeSet<String> = fixture::all().into_iter().map(|(vendor, _)| format!("{vendor}.toml")).collect();
    assert_eq!(with_fixture, files.into_iter().collect());
}

#[test]
fn a_file_is_named_after_its_definition() {
    for file in Definitions::built_in_files() {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors").join(file)).unwrap();
        assert!(text.contains(&format!("\nid = \"{}\"\n", file.trim_end_matches(".toml"))), "{file}");
        assert!(text.starts_with("# "), "{file} begins with the wire format");
    }
}

#[test]
fn a_fixture_is_read_by_its_own_definition_alone() {
    for (vendor, name) in fixture::all() {
        let events = fixture::findings(fixture::read(&name)).events;
        assert!(!events.is_empty() && events.iter().all(|event| event.vendor == vendor), "{name}");
    }
}

/// The other definitions, tried without the one that the fixture belongs to.
#[test]
fn no_definition_matches_another_vendors_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors");
    for file in Definitions::built_in_files() {
        let mut alone = Definitions::default();
        alone.add(file, &std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        for (vendor, name) in fixture::all().iter().filter(|(vendor, _)| *vendor != file.trim_end_matches(".toml")) {
            let findings = classify(&recording(vec![fixture::read(name)]), &alone);
            assert_eq!(findings.events, [], "{file} reads a request of {vendor}: {name}");
        }
    }
}

/// Whatever a request is cut down to or mangled into, it is read, and every place that is named lies inside it.
#[test]
fn mangled_requests_are_read_without_a_panic() {
    for (_, name) in fixture::all() {
        let text = fixture::text(&name);
        for at in 0..text.len() {
            check_places(&text[..at]);
            check_places(&[&text[..at], "é".as_bytes(), &text[at + 1..]].concat());
            check_places(&[&text[..at], &[0xff], &text[at + 1..]].concat());
        }
    }
}

fn check_places(text: &[u8]) {
    let request = fixture::parse(text);
    let longest = [request.url.len(), request.body.bytes().unwrap_or_default().len()]
        .into_iter()
        .chain(request.headers.iter().map(|header| header.value.len()))
        .max();
    let findings = fixture::findings(request);
    let fields = findings.events.iter().flat_map(|event| &event.fields).map(|field| &field.location);
    for location in fields.chain(findings.leaks.iter().map(|leak| &leak.location)) {
        let range = location.range.unwrap();
        assert!(range.start <= range.end && Some(range.end) <= longest, "{location} {range:?}");
    }
}

const OWN: &str = r#"id = "own"
name = "Own Tag"
owner = "Own Ltd"
sources = ["https://own.example/docs"]

[[endpoint]]
host = "collect.own.example"
path = "/event/{account}"
body = ["json"]

[params]
account = "account-id"
"who.*" = { meaning = "hashed-email", hash = "sha256", normalise = ["trim"] }
"#;

#[test]
fn a_definition_can_be_added_and_overridden() {
    let request = || recording(vec![get("https://eu.collect.own.example/event/a-1?who.a=x")]);
    let mut definitions = Definitions::built_in();
    assert_eq!(classify(&request(), &definitions).unread.len(), 1);
    definitions.add("own.toml", OWN).unwrap();
    let findings = classify(&request(), &definitions);
    assert_eq!(findings.unread, []);
    assert_eq!(findings.events[0].account.as_deref(), Some("a-1"));
    assert_eq!(findings.recipients[0].id.0, "Own Ltd");
    definitions.add("own2.toml", &OWN.replace("Own Ltd", "Other Ltd")).unwrap();
    let findings = classify(&request(), &definitions);
    assert_eq!((findings.events.len(), findings.recipients[0].id.0.as_str()), (1, "Other Ltd"));
}

#[test]
fn a_wrong_definition_says_where_and_why() {
    for (from, to, message) in [
        ("\"account-id\"", "\"acount-id\"", "own.toml, line 12, column 11: unknown variant `acount-id`, expected one of `account-id`"),
        ("normalise =", "normalize =", "own.toml, line 13, column 56: unknown field `normalize`"),
        ("hash = \"sha256\", ", "", "own.toml, line 13, column 11: normalise is said of hashes only"),
        ("path = \"/event", "path = \"event", "own.toml, line 8, column 8: \"event/{account}\" is not a path"),
        (
            "host = \"collect.own.example\"",
            "host = \"https://own.example\"",
            "own.toml, line 7, column 8: \"https://own.example\" is not a host",
        ),
        ("body = [\"json\"]", "body = [\"yaml\"]", "own.toml, line 9, column 9: unknown variant `yaml`"),
        ("[[endpoint]]", "[[endpoints]]", "own.toml, line 6, column 3: unknown field `endpoints`"),
        ("[\"https://own.example/docs\"]", "[]", "own.toml, line 1, column 1: a definition needs an [[endpoint]], and sources"),
        ("id = \"own\"", "id = own", "own.toml, line 1, column 6: "),
    ] {
        let text = OWN.replace(from, to);
        assert_ne!(text, OWN);
        let error = Definitions::default().add("own.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}\nshould start with\n{message}");
    }
}
