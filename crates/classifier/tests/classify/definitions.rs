//! What holds for every definition.

use std::collections::BTreeSet;
use std::path::Path;

use pixelwitness_classifier::{Arena, Definitions, classify, read_request};
use pixelwitness_recording::{CanaryKind, Request};

use crate::fixture;
use crate::recorded::{get, leaks, recording, with_canary};

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
        let findings = fixture::findings(fixture::read(&name));
        assert!(findings.events.iter().all(|event| event.vendor == vendor), "{name}");
        // What only fetches a script may say nothing: then it has a recipient and no event.
        let known = findings.recipients.iter().any(|recipient| !recipient.vendors.is_empty());
        assert!(known && findings.unread.is_empty(), "{name} is read by nobody");
    }
}

/// The other definitions, tried without the one that the fixture belongs to.
#[test]
fn no_definition_matches_another_vendors_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors");
    let fixtures: Vec<(String, String, Request)> =
        fixture::all().into_iter().map(|(vendor, name)| (vendor, name.clone(), fixture::read(&name))).collect();
    for file in Definitions::built_in_files() {
        let mut alone = Definitions::default();
        alone.add(file, &std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        for (vendor, name, request) in fixtures.iter().filter(|(vendor, ..)| *vendor != file.trim_end_matches(".toml")) {
            assert!(read_request(request, &alone, &Arena::default()).is_none(), "{file} reads a request of {vendor}: {name}");
        }
    }
}

const OWN: &str = r#"id = "own"
name = "Own Tag"
owner = "Own Ltd"
purpose = "analytics"
confidence = "seen"
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
    assert!(findings.unread.is_empty());
    assert_eq!(findings.events.get(0).unwrap().account.as_deref(), Some("a-1"));
    assert_eq!(findings.recipients[0].id.0, "Own Ltd");
    definitions.add("own2.toml", &OWN.replace("Own Ltd", "Other Ltd")).unwrap();
    let findings = classify(&request(), &definitions);
    assert_eq!((findings.events.len(), findings.recipients[0].id.0.as_str()), (1, "Other Ltd"));
}

#[test]
fn a_wrong_definition_says_where_and_why() {
    for (from, to, message) in [
        ("\"account-id\"", "\"acount-id\"", "own.toml, line 14, column 11: unknown variant `acount-id`, expected one of `account-id`"),
        ("normalise =", "normalize =", "own.toml, line 15, column 56: unknown field `normalize`"),
        ("hash = \"sha256\", ", "", "own.toml, line 15, column 11: normalise is said of hashes only"),
        ("path = \"/event", "path = \"event", "own.toml, line 10, column 8: \"event/{account}\" is not a path"),
        (
            "host = \"collect.own.example\"",
            "host = \"https://own.example\"",
            "own.toml, line 9, column 8: \"https://own.example\" is not a host",
        ),
        ("body = [\"json\"]", "body = [\"yaml\"]", "own.toml, line 11, column 9: unknown variant `yaml`"),
        ("[[endpoint]]", "[[endpoints]]", "own.toml, line 8, column 3: unknown field `endpoints`"),
        ("[\"https://own.example/docs\"]", "[]", "own.toml, line 1, column 1: a definition needs an [[endpoint]], and sources"),
        ("id = \"own\"", "id = own", "own.toml, line 1, column 6: "),
    ] {
        let text = OWN.replace(from, to);
        assert_ne!(text, OWN);
        let error = Definitions::default().add("own.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}\nshould start with\n{message}");
    }
}

/// Its words, as they stand in the file.
#[test]
fn every_definition_says_what_it_is_for_and_how_well_it_is_known() {
    let vendors: Vec<_> = Definitions::built_in().vendors().collect();
    assert_eq!(vendors.len(), Definitions::built_in_files().count());
    for vendor in vendors {
        assert!(!vendor.name.is_empty() && !vendor.owner.is_empty(), "{}", vendor.id);
        assert!(vendor.entity.is_some_and(|entity| !entity.is_empty()), "{} has no legal entity", vendor.id);
        assert!(vendor.sources.iter().any(|source| source.starts_with("https://")), "{} has no source that can be looked up", vendor.id);
    }
}

const RECALLED: &str = r#"id = "own"
name = "Own Tag"
owner = "Own Ltd"
purpose = "advertising"
confidence = "recalled"
sources = ["recalled"]

[[endpoint]]
host = ["a.own.example", "b.own.example"]
path = ["/event", "/events/{account}"]

[params]
account = "account-id"
kind = { meaning = "event-name", fallback = true }
name = "event-name"
page = "page-url"
who = { meaning = "hashed-email", hash = "sha256", normalise = ["trim"] }
browser = { meaning = "browser-id", confidence = "seen", unless = ["none"] }
"#;

/// A recalled parameter is shown as recalled and carries no claim, but for an address of the site, which speaks for itself, and for what
/// the journey typed.
#[test]
fn what_is_recalled_is_shown_and_claims_nothing() {
    let mut definitions = Definitions::default();
    definitions.add("own.toml", RECALLED).unwrap();
    let tell = |query: &str, canary: &str| {
        let recording = recording(vec![get(&format!("https://b.own.example/events/a-1?{query}"))]);
        let findings = classify(&with_canary(recording, CanaryKind::Email, canary), &definitions);
        let fields = findings.events.get(0).unwrap().fields;
        let notes = fields.iter().map(|field| format!("{}: {}", field.name, field.note.clone().unwrap_or_default()));
        (notes.collect::<Vec<_>>().join(", "), leaks(&findings))
    };
    let hash = "0448351a421c3cbdbe08dac305f4e28369a87be5c68ec9ec5f829b34528a80d0";
    let (notes, told) = tell(&format!("who={hash}&page=https://elsewhere.example/x&browser=b-1"), "nobody@clinic.example");
    let recalled = "meaning recalled, not confirmed";
    assert_eq!(notes, format!("account: {recalled}, who: {recalled}, page: {recalled}, browser: "));
    assert_eq!(told, "r1 Own Ltd | BrowserId | browser = b-1 | query browser 143..146 [Percent] | own browser\n");
    let (_, told) = tell(&format!("who={hash}&page=https://www.clinic.example/find?q%3Dprep&browser=none"), "pat.morgan@clinic.example");
    assert!(told.contains("PageAddress | page = https://www.clinic.example/find?q=prep | query page"), "{told}");
    assert!(told.contains("| the value is the address of a page of the site\n"), "{told}");
    assert!(told.contains("SearchTerm | page?q = prep"), "{told}");
    assert!(!told.contains("own "), "no claim names a parameter that is recalled, or a value that tells nothing: {told}");
}

#[test]
fn an_endpoint_can_have_several_hosts_and_paths() {
    let mut definitions = Definitions::default();
    definitions.add("own.toml", RECALLED).unwrap();
    for (address, name) in [
        ("https://a.own.example/event?kind=k&name=n", Some("n")),
        ("https://b.own.example/events/a-1?kind=k", Some("k")),
        ("https://b.own.example/events/a-1", None),
    ] {
        let findings = classify(&recording(vec![get(address)]), &definitions);
        assert_eq!(findings.events.get(0).unwrap().name.as_deref(), name, "{address}");
    }
    for address in ["https://c.own.example/event", "https://a.own.example/events"] {
        assert_eq!(classify(&recording(vec![get(address)]), &definitions).unread.len(), 1, "{address}");
    }
}

/// What a site's own software tells the site is no claim; the same to somebody else is.
#[test]
fn software_that_sites_run_themselves_tells_only_others() {
    let matomo = |host: &str| get(&format!("https://{host}/matomo.php?idsite=1&rec=1&url=https://www.clinic.example/hiv/prep&_id=1a2b"));
    let findings = classify(&recording(vec![matomo("stats.clinic.example"), matomo("stats.elsewhere.example")]), &Definitions::built_in());
    assert_eq!(findings.events.iter().map(|event| event.request.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(findings.leaks.iter().map(|leak| leak.request.0).collect::<Vec<_>>(), [2, 2]);
}
