//! Which names the browser maps where. Of several `MAP` rules the first that fits wins; an `EXCLUDE` beats them all.

use std::net::IpAddr;

use pixelwitness_recording::Sinkhole;

use crate::{Error, ResolveRule};

/// The browser's `--host-resolver-rules`: whom the sinkhole takes goes to `address`; for all others the user's own rules hold.
///
/// A name that no rule maps is looked up as ever, and for a pattern the browser can be told so by `EXCLUDE` alone. Where some names below
/// a kept one are mapped and others are not, both cannot be had, and that is an error: nobody is contacted by mistake.
pub(crate) fn rules(sinkhole: &Sinkhole, address: &str, resolve: &[ResolveRule]) -> Result<String, Error> {
    let mut rules = Rules { resolve, all: Vec::new(), excluded: Vec::new() };
    for pattern in &sinkhole.except {
        rules.keep(pattern)?;
    }
    for pattern in sinkhole.hosts.iter().flat_map(|pattern| spellings(pattern)) {
        rules.map(&pattern, address);
    }
    for site in &sinkhole.own_sites {
        rules.keep(&format!("*.{site}"))?;
    }
    if sinkhole.all_third_parties {
        rules.map("*", address);
    } else {
        resolve.iter().for_each(|rule| rules.map(&rule.pattern, &rule.address));
    }
    rules.finish(sinkhole)
}

struct Rules<'a> {
    resolve: &'a [ResolveRule],
    all: Vec<String>,
    /// Patterns that begin with `*.`, whose names are looked up as ever.
    excluded: Vec<String>,
}

impl Rules<'_> {
    fn map(&mut self, pattern: &str, address: &str) {
        self.all.push(format!("MAP {pattern} {address}"));
    }

    /// Leads what fits the pattern where it would go without a sinkhole.
    fn keep(&mut self, pattern: &str) -> Result<(), Error> {
        for pattern in spellings(pattern) {
            let overlaps: Vec<(&ResolveRule, Overlap)> =
                self.resolve.iter().map(|rule| (rule, overlap(&rule.pattern.to_ascii_lowercase(), &pattern))).collect();
            let mut is_covered = false;
            for (rule, overlap) in overlaps {
                match overlap {
                    Overlap::None => {}
                    Overlap::Part if pattern.starts_with('*') => self.map(&rule.pattern, &rule.address),
                    Overlap::Whole => {
                        self.map(&pattern, &rule.address);
                        is_covered = true;
                        break;
                    }
                    _ => return Err(Error::SinkholeRules { kept: pattern, other: rule.to_string() }),
                }
            }
            match pattern.starts_with('*') {
                _ if is_covered => {}
                true => self.excluded.push(pattern),
                // Mapped to itself, it is looked up as ever.
                false if pattern.contains(':') => self.map(&pattern, &format!("[{pattern}]")),
                false => self.map(&pattern, &pattern),
            }
        }
        Ok(())
    }

    fn finish(self, sinkhole: &Sinkhole) -> Result<String, Error> {
        for excluded in &self.excluded {
            let suffix = excluded.trim_start_matches('*');
            let mapped = self.resolve.iter().find(|rule| overlap(&rule.pattern.to_ascii_lowercase(), excluded) != Overlap::None);
            // A final dot may hide that it is the same name.
            let named = sinkhole.hosts.iter().find(|host| host.ends_with(suffix.trim_end_matches('.')));
            if let Some(other) = mapped.map(ToString::to_string).or(named.cloned()) {
                return Err(Error::SinkholeRules { kept: excluded.clone(), other });
            }
        }
        let excluded = self.excluded.iter().map(|pattern| format!("EXCLUDE {pattern}"));
        Ok(self.all.iter().cloned().chain(excluded).collect::<Vec<_>>().join(", "))
    }
}

/// The forms in which a browser may hold a host that fits. A final dot changes nothing but the name, and `*.host` is `host` too.
fn spellings(pattern: &str) -> Vec<String> {
    let bare = pattern.trim_start_matches("*.");
    let mut spellings = vec![bare.to_owned()];
    if bare != pattern {
        spellings.push(pattern.to_owned());
    }
    if bare.parse::<IpAddr>().is_err() {
        spellings.extend(spellings.clone().into_iter().map(|name| format!("{name}.")));
    }
    spellings
}

/// How much of what fits a kept name is mapped by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    None,
    /// All that the rule maps is kept, and not all that is kept is mapped.
    Part,
    Whole,
    /// The rule's stars stand where that cannot be told apart.
    Unclear,
}

/// `rule` may have any number of stars, `kept` none, or one at its start.
fn overlap(rule: &str, kept: &str) -> Overlap {
    let (rule_has_star, rule_end) = rule.rsplit_once('*').map_or((false, rule), |(_, end)| (true, end));
    let is_simple = rule.matches('*').count() == usize::from(rule.starts_with('*'));
    let Some(kept_end) = kept.strip_prefix('*') else {
        return match rule {
            _ if rule == kept || rule_has_star && is_simple && kept.ends_with(rule_end) => Overlap::Whole,
            _ if is_simple || !kept.ends_with(rule_end) => Overlap::None,
            _ => Overlap::Unclear,
        };
    };
    match rule {
        _ if rule_has_star && is_simple && kept_end.ends_with(rule_end) => Overlap::Whole,
        _ if rule_end.ends_with(kept_end) => Overlap::Part,
        _ if rule_has_star && kept_end.ends_with(rule_end) => Overlap::Unclear,
        _ => Overlap::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(entries: &[&str], except: &[&str], own: &[&str], resolve: &[&str]) -> Result<Vec<String>, Error> {
        let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect::<Vec<String>>();
        let sinkhole = Sinkhole { own_sites: owned(own), ..Sinkhole::new(&owned(entries), &owned(except)).unwrap() };
        let resolve: Vec<ResolveRule> = resolve.iter().map(|rule| rule.parse().unwrap()).collect();
        // The spellings with a final dot go along and are left out here.
        let rules = rules(&sinkhole, "SINK", &resolve)?;
        Ok(rules.split(", ").filter(|rule| !rule.contains(". ") && !rule.ends_with('.')).map(str::to_owned).collect())
    }

    #[test]
    fn named_recipients_come_before_the_users_own_rules() {
        assert_eq!(
            written(&["www.facebook.com", "*.tiktok.com"], &[], &[], &["a.example=127.0.0.1:1", "*=127.0.0.1:2"]).unwrap(),
            ["MAP www.facebook.com SINK", "MAP tiktok.com SINK", "MAP *.tiktok.com SINK", "MAP a.example 127.0.0.1:1", "MAP * 127.0.0.1:2"]
        );
    }

    #[test]
    fn a_name_with_a_final_dot_does_not_get_away() {
        let sinkhole = Sinkhole::new(&["*.tiktok.com".to_owned(), "192.0.2.1".to_owned()], &[]).unwrap();
        assert_eq!(
            rules(&sinkhole, "SINK", &[]).unwrap(),
            "MAP tiktok.com SINK, MAP *.tiktok.com SINK, MAP tiktok.com. SINK, MAP *.tiktok.com. SINK, MAP 192.0.2.1 SINK"
        );
    }

    #[test]
    fn all_third_parties_leave_the_own_sites_where_they_were() {
        let all = |resolve: &[&str]| written(&["all-third-parties"], &[], &["clinic.example"], resolve).unwrap();
        assert_eq!(all(&[]), ["MAP clinic.example clinic.example", "MAP * SINK", "EXCLUDE *.clinic.example"]);
        assert_eq!(all(&["*=127.0.0.1:2"]), ["MAP clinic.example 127.0.0.1:2", "MAP *.clinic.example 127.0.0.1:2", "MAP * SINK"]);
        assert_eq!(
            all(&["www.clinic.example=127.0.0.1:1", "*clinic.example=127.0.0.1:2"]),
            ["MAP clinic.example 127.0.0.1:2", "MAP www.clinic.example 127.0.0.1:1", "MAP *.clinic.example 127.0.0.1:2", "MAP * SINK"]
        );
        assert_eq!(all(&["other.example=127.0.0.1:1"]), all(&[]));
    }

    #[test]
    fn an_exception_is_contacted_where_it_is() {
        let all = |resolve: &[&str]| written(&["all-third-parties"], &["cdn.example"], &["clinic.example"], resolve).unwrap();
        assert_eq!(all(&[])[0], "MAP cdn.example cdn.example");
        assert_eq!(all(&["*=127.0.0.1:2"])[0], "MAP cdn.example 127.0.0.1:2");
        assert_eq!(
            written(&["*.facebook.com"], &["connect.facebook.net"], &[], &[]).unwrap()[0],
            "MAP connect.facebook.net connect.facebook.net"
        );
    }

    #[test]
    fn an_address_is_kept_as_the_browser_writes_it() {
        let kept = written(&["all-third-parties"], &["[2001:db8::7]", "192.0.2.1"], &[], &[]).unwrap();
        assert_eq!(kept, ["MAP 2001:db8::7 [2001:db8::7]", "MAP 192.0.2.1 192.0.2.1", "MAP * SINK"]);
    }

    #[test]
    fn what_cannot_be_told_to_the_browser_is_refused() {
        for (entries, resolve) in [
            (&["all-third-parties"][..], &["www.clinic.example=127.0.0.1:1"][..]),
            (&["all-third-parties"], &["*.a.clinic.example=127.0.0.1:1"]),
            (&["all-third-parties"], &["w*.clinic.example=127.0.0.1:1"]),
            (&["all-third-parties"], &["w*=127.0.0.1:1"]),
            (&["all-third-parties", "metrics.clinic.example"], &[]),
            (&["all-third-parties", "metrics.clinic.example"], &["*clinic.example=127.0.0.1:1"]),
        ] {
            let refused = written(entries, &[], &["clinic.example"], resolve);
            assert!(matches!(refused, Err(Error::SinkholeRules { .. })), "{entries:?} {resolve:?} {refused:?}");
        }
        let named = &["all-third-parties", "metrics.clinic.example"];
        assert_eq!(written(named, &[], &["clinic.example"], &["*=127.0.0.1:1"]).unwrap()[0], "MAP metrics.clinic.example SINK");
    }
}
