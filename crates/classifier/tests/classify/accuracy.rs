//! How many parameters of the fixtures are decoded with the right meaning. What is right stands in `truth/`, not in the definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use pixelwitness_classifier::{Definitions, Meaning};
use serde::Deserialize;

use crate::fixture;

/// Vendors whose format is described to the end: few of their parameters may be unknown.
const DEEP: &[&str] = &[
    "adobe_analytics",
    "adobe_web_sdk",
    "amplitude",
    "criteo",
    "floodlight",
    "fullstory",
    "google_ads",
    "google_analytics_4",
    "hotjar",
    "hubspot",
    "linkedin_insight",
    "matomo",
    "meta_pixel",
    "microsoft_clarity",
    "microsoft_uet",
    "mixpanel",
    "pinterest_tag",
    "posthog",
    "reddit_pixel",
    "segment",
    "snap_pixel",
    "snowplow",
    "tiktok_pixel",
    "universal_analytics",
    "x_pixel",
    "yandex_metrica",
];

/// Of a hundred parameters of the deep vendors' fixtures, at the most.
const MOST_UNKNOWN: usize = 2;

/// Meanings that are right, by the parameter's name, in the three ways in which they were found out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Truth {
    #[serde(default)]
    noted: BTreeMap<String, Words>,
    #[serde(default)]
    judged: BTreeMap<String, Words>,
    #[serde(default)]
    refined: BTreeMap<String, Words>,
}

/// One word, or several of which any is right.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(Meaning),
    Several(Vec<Meaning>),
}

impl Truth {
    fn of(vendor: &str) -> Self {
        let path = folder().join(format!("{vendor}.toml"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn entries(&self) -> impl Iterator<Item = (&String, &Words)> {
        [&self.noted, &self.judged, &self.refined].into_iter().flatten()
    }

    /// The name it stands under, and what is right of it.
    fn find(&self, name: &str) -> Option<(String, &[Meaning])> {
        let without_positions = without_positions(name);
        let named = |wanted: &str| self.entries().find(|(name, _)| *name == wanted).map(|(name, words)| (name.clone(), words.as_slice()));
        named(name).or_else(|| named(&without_positions))
    }
}

impl Words {
    fn as_slice(&self) -> &[Meaning] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

/// `contents.0.name` is `contents.#.name`: which one of a list it is makes no difference.
fn without_positions(name: &str) -> String {
    let is_number = |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let rest = rest.map(|rest| rest.split('.').map(|segment| if is_number(segment) { "#" } else { segment }));
    [first].into_iter().chain(rest.into_iter().flatten()).collect::<Vec<_>>().join(".")
}

#[derive(Default)]
struct Count {
    right: usize,
    wrong: usize,
    unknown: usize,
}

/// Each vendor's parameters, those that are wrong, and those of which the truth is not written down.
fn counted() -> (BTreeMap<String, Count>, Vec<String>, Vec<String>) {
    let (mut counts, mut wrong, mut missing) = (BTreeMap::<String, Count>::new(), Vec::new(), Vec::new());
    let truths: BTreeMap<String, Truth> = fixture::all().into_iter().map(|(vendor, _)| (vendor.clone(), Truth::of(&vendor))).collect();
    for (vendor, fixture) in fixture::all() {
        let count = counts.entry(vendor.clone()).or_default();
        for field in fixture::findings(fixture::read(&fixture)).events.into_iter().flat_map(|event| event.fields) {
            match truths[&vendor].find(&field.name) {
                None => missing.push(format!("{fixture} {}", field.name)),
                Some(_) if field.meaning == Meaning::Unknown => count.unknown += 1,
                Some((_, right)) if right.contains(&field.meaning) => count.right += 1,
                Some((_, right)) => {
                    count.wrong += 1;
                    wrong.push(format!("{fixture} {} = {}: {:?}, not {right:?}", field.name, field.value, field.meaning));
                }
            }
        }
    }
    (counts, wrong, missing)
}

#[test]
fn no_parameter_of_a_fixture_is_decoded_with_a_wrong_meaning() {
    let (counts, wrong, missing) = counted();
    assert!(missing.is_empty(), "what these mean stands in no truth file:\n{}", missing.join("\n"));
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let mut table = String::from("vendor\tright\twrong\tunknown\n");
    for (vendor, count) in &counts {
        let _ = writeln!(table, "{vendor}\t{}\t{}\t{}", count.right, count.wrong, count.unknown);
    }
    expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/classify/accuracy.tsv")].assert_eq(&table);
}

#[test]
fn few_parameters_of_the_deep_vendors_are_unknown() {
    let (counts, ..) = counted();
    let deep: Vec<&Count> = DEEP.iter().map(|vendor| &counts[*vendor]).collect();
    let all: usize = deep.iter().map(|count| count.right + count.wrong + count.unknown).sum();
    let unknown: usize = deep.iter().map(|count| count.unknown).sum();
    assert!(unknown * 100 <= MOST_UNKNOWN * all, "{unknown} of {all}");
}

#[test]
fn each_vendor_has_a_truth_file_and_each_line_of_it_a_fixture() {
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, Definitions::built_in_files().map(str::to_owned).collect());
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let truths: BTreeMap<String, Truth> = fixture::all().into_iter().map(|(vendor, _)| (vendor.clone(), Truth::of(&vendor))).collect();
    for (vendor, fixture) in fixture::all() {
        let fields = fixture::findings(fixture::read(&fixture)).events.into_iter().flat_map(|event| event.fields);
        let names = fields.filter_map(|field| truths[&vendor].find(&field.name)).map(|(name, _)| name);
        used.entry(vendor.clone()).or_default().extend(names);
    }
    for (vendor, truth) in &truths {
        let idle: Vec<&String> = truth.entries().map(|(name, _)| name).filter(|name| !used[vendor].contains(*name)).collect();
        assert!(idle.is_empty(), "{vendor}: no fixture has {idle:?}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("truth")
}
