use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pixelwitness_recording::{CanaryKind, Journey, Step};
use sha2::{Digest as _, Sha256};

use super::{HOSTS, ROOT, SITES, Site, folder};
use crate::Told;

/// Hosts that are named in files without being asked for anything.
const NAMESPACES: &[&str] = &["schema.org", "www.w3.org"];

const WHATS: &[&str] = &[
    "page-address",
    "page-title",
    "referrer",
    "search-term",
    "button-text",
    "form-fields",
    "page-metadata",
    "email",
    "phone",
    "name",
    "date-of-birth",
    "postcode",
    "contact-detail",
    "typed-text",
    "chosen-option",
    "user-id",
    "browser-id",
    "person-account",
    "click-id",
];

const RECIPIENTS: &[&str] = &[
    "Adobe",
    "Amplitude",
    "ByteDance (TikTok)",
    "Datadog",
    "Functional Software (Sentry) or self-hosted",
    "Google (Alphabet)",
    "Meta Platforms",
    "Microsoft",
    "Mixpanel",
    "Piano Software",
    "Plausible Insights",
    "PostHog",
    "RudderStack",
    "Snowplow Analytics (or self-hosted)",
    "Twilio Segment",
];

fn journey(site: &Site) -> Journey {
    Journey::from_toml(site.journey).unwrap_or_else(|error| panic!("{}: {error}", site.name))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every file of the sites, of the vendors and of what calls real libraries, with its text.
fn texts() -> Vec<(PathBuf, String)> {
    let folders = ["sites", "vendors", "libraries/senders", "libraries/sites"].map(|name| Path::new(ROOT).join(name));
    let paths = folders.iter().flat_map(|folder| files(folder));
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_list_matches_the_folder() {
    let in_folder = |suffix: &str| {
        let paths = files(&Path::new(ROOT).join("sites"));
        paths.iter().filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(suffix)).count()
    };
    assert_eq!(in_folder("journey"), SITES.len());
    assert_eq!(in_folder("expected"), SITES.len());
    let names: Vec<&str> = SITES.iter().map(|site| site.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for site in SITES {
        for file in [site.journey, site.expected] {
            let is_there =
                texts().iter().any(|(path, text)| path.extension().is_some_and(|end| end == "toml" || end == "txt") && text == file);
            assert!(is_there, "{}", site.name);
        }
    }
    for (host, folder) in HOSTS {
        assert!(Path::new(ROOT).join("sites").join(folder).is_dir(), "{host}");
    }
}

#[test]
fn journeys_begin_on_their_host_and_use_elements_that_exist() {
    for site in SITES {
        let journey = journey(site);
        let Some(Step::Visit(start)) = journey.steps.first() else { panic!("{}", site.name) };
        assert!(start.starts_with(&format!("https://{}/", site.host)), "{}: {start}", site.name);
        let pages: String = files(&folder(site.host).unwrap()).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        for step in &journey.steps {
            let selector = match step {
                Step::Click(selector) | Step::Submit(selector) => selector,
                Step::Type(typing) => &typing.into,
                Step::Visit(address) => {
                    let path = address.strip_prefix(&format!("https://{}", site.host)).unwrap();
                    let name = path.trim_matches('/');
                    let root = folder(site.host).unwrap();
                    assert!(
                        root.join(format!("{name}.html")).exists() || root.join(name).join("index.html").exists(),
                        "{}: {address}",
                        site.name
                    );
                    continue;
                }
                _ => continue,
            };
            if let Some(id) = selector.strip_prefix('#') {
                assert!(pages.contains(&format!(r#"id="{id}""#)), "{}: {selector}", site.name);
            }
        }
    }
}

#[test]
fn expected_findings_are_well_formed() {
    for site in SITES {
        let lines: Vec<&str> = site.expected.lines().collect();
        assert!(lines.is_sorted(), "{} is sorted", site.name);
        assert_eq!(lines.iter().collect::<BTreeSet<_>>().len(), lines.len(), "{} has each line once", site.name);
        let journey = journey(site);
        let steps = journey.steps.len();
        for line in lines {
            let Told { recipient, what, name, value, step } = Told::from_line(line).unwrap();
            assert!(RECIPIENTS.contains(&recipient.as_str()) || recipient.ends_with(".example"), "{line}");
            assert!(WHATS.contains(&what.as_str()), "{line}");
            assert!(!name.is_empty() && !value.is_empty(), "{line}");
            assert!(step < steps, "{line}");
            // What the journey brings is known, and one script calls the site's own user the browser.
            let is_known = journey.cookies.iter().any(|cookie| cookie.value == value) || value == "patient-20417";
            if what == "browser-id" && !is_known {
                assert_eq!(value, "<any>", "{line}");
            }
        }
    }
}

#[test]
fn who_learns_something_is_as_the_issue_says() {
    for (name, recipients) in [
        ("01-hiv-handbook", &["Meta Platforms"][..]),
        ("02-site-search", &["Google (Alphabet)", "Meta Platforms"]),
        ("02b-filtered-search", &["Meta Platforms"]),
        ("03-surgery-buttons", &["ByteDance (TikTok)", "Meta Platforms"]),
        ("04-contact-form", &["ByteDance (TikTok)", "Google (Alphabet)", "Meta Platforms"]),
        ("04-contact-form-sent", &["ByteDance (TikTok)", "Google (Alphabet)", "Meta Platforms"]),
        ("05-under-18s", &["Google (Alphabet)", "Meta Platforms", "safeharbour-text.example"]),
        ("06-gender-identity", &["ByteDance (TikTok)", "Meta Platforms"]),
        ("07-pharmacy-basket", &["ByteDance (TikTok)", "Meta Platforms"]),
        ("08-counselling-course", &["Google (Alphabet)", "Meta Platforms"]),
        ("09-cookie-banner", &["ByteDance (TikTok)", "Google (Alphabet)", "Meta Platforms"]),
        ("10-clean", &[]),
        ("10b-own-analytics", &[]),
        ("11-libraries-audience", &["Adobe", "Microsoft", "Piano Software", "Plausible Insights"]),
        ("11-libraries-monitoring", &["Datadog", "Functional Software (Sentry) or self-hosted"]),
        ("11-libraries-pipelines", &["RudderStack", "Snowplow Analytics (or self-hosted)", "Twilio Segment"]),
        ("11-libraries-products", &["Amplitude", "Mixpanel", "PostHog"]),
    ] {
        let site = SITES.iter().find(|site| site.name == name).unwrap();
        let found: BTreeSet<String> = site.told().into_iter().map(|line| line.recipient).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), recipients, "{name}");
    }
}

#[test]
fn a_term_that_is_taken_out_before_sending_is_not_expected() {
    let site = SITES.iter().find(|site| site.name == "02b-filtered-search").unwrap();
    let name: String = Sha256::digest("q").iter().map(|byte| format!("{byte:02x}")).collect();
    let addresses = site.told().into_iter().filter(|line| line.value.ends_with(&format!("/search?q=_removed_&_filteredParams={name}")));
    assert_eq!(addresses.map(|line| line.name).collect::<Vec<_>>(), ["dl", "rl"]);
    for line in site.told() {
        assert!(line.what != "search-term" && !line.value.contains("itching"), "{line}");
    }
}

/// The expected hashes, made again here from what the journeys type.
#[test]
fn expected_hashes_are_those_of_what_was_typed() {
    let mut hashes = 0;
    for site in SITES {
        let journey = journey(site);
        for line in site.told() {
            let Told { recipient, what, name, value, .. } = &line;
            if value.len() != 64 || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            let typed = |kind| journey.canaries.iter().find(|canary| canary.kind == kind).map(|canary| canary.value.as_str());
            let word = |index: usize| typed(CanaryKind::FullName).and_then(|name| name.split(' ').nth(index));
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            // The site's own identifier of its user, which no journey types.
            if (recipient.as_str(), name.as_str()) == ("Microsoft", "a.34.userId") {
                let hash: String = Sha256::digest("patient-20417").iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(*value, hash, "{line}");
                continue;
            }
            let phone = digits(typed(CanaryKind::Phone).unwrap());
            let national = phone.trim_start_matches('0');
            let clear = match (recipient.as_str(), what.as_str(), name.as_str()) {
                (_, "email", _) => typed(CanaryKind::Email).unwrap().to_owned(),
                ("Meta Platforms", "phone", "udff[ph]") => national.to_owned(),
                ("Meta Platforms", "phone", "ud[ph]") => format!("44{national}"),
                ("ByteDance (TikTok)", "phone", "context.user.auto_phone_number") => phone,
                ("ByteDance (TikTok)", "phone", "context.user.phone_number") => format!("+44{national}"),
                (_, "name", "ud[fn]" | "udff[fn]") => typed(CanaryKind::FirstName).or(word(0)).unwrap().to_owned(),
                (_, "name", "ud[ln]" | "udff[ln]") => typed(CanaryKind::LastName).or(word(1)).unwrap().to_owned(),
                (_, "postcode", "udff[zp]") => typed(CanaryKind::Postcode).unwrap().to_owned(),
                (_, "date-of-birth", "udff[db]") => digits(typed(CanaryKind::DateOfBirth).unwrap()),
                _ => panic!("an unknown hash: {line}"),
            };
            let hash: String = Sha256::digest(clear.to_lowercase()).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(*value, hash, "{line}");
            hashes += 1;
        }
    }
    assert!(hashes >= 15, "{hashes}");
}

#[test]
fn every_host_is_invented_or_a_vendor_that_is_played_here() {
    let mut seen = BTreeSet::new();
    for (path, text) in texts() {
        for rest in text.split("://").skip(1) {
            let is_user = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let rest = rest.split_once('@').filter(|(user, _)| is_user(user)).map_or(rest, |(_, rest)| rest);
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '.').unwrap_or(rest.len());
            let host = rest[..end].to_owned();
            // A host that a script puts together is covered by the table it is taken from.
            if host.is_empty() {
                continue;
            }
            let is_known = crate::plays(&host) || NAMESPACES.contains(&host.as_str());
            assert!(is_known, "{}: {host}", path.display());
            seen.insert(host);
        }
    }
    for (host, _) in HOSTS {
        assert!(host.ends_with(".example") || host.ends_with(".test"), "{host}");
    }
    assert!(seen.len() > 15, "{seen:?}");
}

#[test]
fn every_telephone_number_is_in_the_range_kept_for_drama() {
    let mut found = 0;
    for (path, text) in texts() {
        for run in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ' ') {
            let letters: Vec<&str> = run.split(' ').collect();
            for start in 0..letters.len() {
                let number: String =
                    letters[start..].iter().take_while(|word| word.bytes().all(|byte| byte.is_ascii_digit())).copied().collect();
                let is_number = number.len() == 11 && number.starts_with('0') || number.len() == 12 && number.starts_with("44");
                if is_number {
                    assert!(number.starts_with("07700900") || number.starts_with("447700900"), "{}: {number}", path.display());
                    found += 1;
                }
            }
        }
    }
    assert!(found >= 4, "{found}");
}

#[test]
fn mailboxes_are_on_invented_hosts() {
    for (path, text) in texts() {
        for (before, after) in text.match_indices('@').map(|(at, _)| (&text[..at], &text[at + 1..])) {
            let is_mailbox = before.ends_with(|letter: char| letter.is_ascii_alphanumeric());
            let host: String = after.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-.".contains(*letter)).collect();
            if is_mailbox && host.contains('.') {
                assert!(host.ends_with(".example") || host.ends_with(".test"), "{}: {host}", path.display());
            }
        }
    }
}

#[test]
fn the_libraries_named_in_the_readme_are_those_that_are_installed() {
    let read = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let package: serde_json::Value = serde_json::from_str(&read("libraries/package.json")).unwrap();
    let installed: BTreeSet<(String, String)> = package["dependencies"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, version)| (name.clone(), version.as_str().unwrap().to_owned()))
        .collect();
    let rows = read("README.md")
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .collect::<Vec<_>>();
    let named: BTreeSet<(String, String)> =
        rows.iter().filter(|cells| cells[1] != "package").map(|cells| (cells[1].clone(), cells[2].clone())).collect();
    assert_eq!(named, installed);
}
