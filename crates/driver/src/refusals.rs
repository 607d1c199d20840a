//! What pages asked for permission to do. DevTools has no event for that; the browser keeps its refusals in the profile.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Chromium's number for "no".
const BLOCKED: u64 = 2;

/// Settings that are refused without having been asked for, or that no page asks for.
const NOT_ASKED_FOR: [&str; 2] = ["local_network", "loopback_network"];

/// Each origin that asked and was refused, with what it asked for in Chromium's own words.
///
/// Headless, Chromium refuses at once what it would ask a person, and notes that for each site in the profile's preferences.
pub(crate) fn refusals(preferences: &str) -> BTreeMap<String, Vec<String>> {
    let Preferences { profile: Profile { content_settings: Settings { exceptions } } } =
        serde_json::from_str(preferences).unwrap_or_default();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (what, sites) in exceptions {
        let Some(sites) = sites.as_object().filter(|_| !NOT_ASKED_FOR.iter().any(|not| what.starts_with(not))) else { continue };
        for (site, decision) in sites {
            if decision.get("setting").and_then(Value::as_u64) == Some(BLOCKED) {
                let origin = site.split(',').next().unwrap_or_default().to_owned();
                refused.entry(origin).or_default().push(what.replace('_', " "));
            }
        }
    }
    refused
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Preferences {
    profile: Profile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    content_settings: Settings,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    exceptions: BTreeMap<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_and_refused_is_read_from_the_profile() {
        let preferences = r#"{"profile":{"content_settings":{"exceptions":{
            "geolocation":{"http://a.test:80,*":{"last_modified":"1","setting":2}},
            "has_migrated_local_network_access":true,
            "loopback_network":{"http://a.test:80,*":{"setting":2}},
            "midi_sysex":{"http://a.test:80,*":{"setting":2},"https://b.test:443,*":{"setting":1}},
            "site_engagement":{"http://a.test:80,*":{"setting":{"rawScore":3.0}}}}}}}"#;
        let refused = refusals(preferences);
        assert_eq!(
            refused.into_iter().collect::<Vec<_>>(),
            [("http://a.test:80".to_owned(), vec!["geolocation".to_owned(), "midi sysex".to_owned()])]
        );
        for preferences in ["", "{", "{}", r#"{"profile":{"content_settings":{"exceptions":[]}}}"#] {
            assert!(refusals(preferences).is_empty(), "{preferences}");
        }
    }
}
