//! What every fixture says: one table a vendor, in `expected/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use pixelwitness_classifier::{Findings, Meaning, Recorded, Replay};

use crate::fixture;
use crate::recorded;

#[test]
fn every_fixture_is_read_as_its_vendors_table_says() {
    for (vendor, names) in by_vendor() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/classify/expected").join(format!("{vendor}.txt"));
        let mut table = String::new();
        for name in names {
            let _ = write!(table, "== {name}\n{}", shown(&fixture::findings(fixture::read(&name))));
        }
        expect_file![path].assert_eq(&table);
    }
}

/// A table for a vendor that is gone would be kept and mean nothing.
#[test]
fn every_table_has_its_vendor() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/classify/expected");
    let mut tables: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    tables.sort();
    assert_eq!(tables, by_vendor().keys().map(|vendor| format!("{vendor}.txt")).collect::<Vec<_>>());
}

/// A parameter that a fixture has and its definition does not know is a hole in the definition.
#[test]
fn few_parameters_of_the_fixtures_are_unknown() {
    let (mut all, mut unknown) = (0, Vec::new());
    for (_, name) in fixture::all() {
        for field in fixture::findings(fixture::read(&name)).events.into_iter().flat_map(|event| event.fields) {
            all += 1;
            if field.meaning == Meaning::Unknown {
                unknown.push(format!("{name} {} = {}", field.name, field.value));
            }
        }
    }
    assert!(unknown.len() * 50 <= all, "{} of {all}:\n{}", unknown.len(), unknown.join("\n"));
}

fn by_vendor() -> BTreeMap<String, Vec<String>> {
    let mut vendors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (vendor, name) in fixture::all() {
        vendors.entry(vendor).or_default().push(name);
    }
    vendors
}

/// What was read, and after it what leaked.
fn shown(findings: &Findings) -> String {
    let leaks = recorded::leaks(findings);
    let leaks: String = leaks.lines().fold(String::new(), |mut lines, line| {
        let _ = writeln!(lines, "> {line}");
        lines
    });
    fixture::table(&findings.events) + &leaks + &replays(findings)
}

/// What session replays recorded, one line each.
fn replays(findings: &Findings) -> String {
    let recorded = |one: &Recorded| {
        let masking = one.masking.map(|masking| format!(" {masking:?}")).unwrap_or_default();
        format!(" {:?} {}{masking} {:?};", one.what, one.count, one.examples)
    };
    let line = |replay: Replay| {
        let format = replay.format.as_deref().unwrap_or("format not known");
        format!("* {} bytes recorded, {format}:{}\n", replay.bytes, replay.recorded.iter().map(recorded).collect::<String>())
    };
    findings.replays.iter().map(line).collect()
}
